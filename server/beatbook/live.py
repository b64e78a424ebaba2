"""Live: tells open pages of the desk that something came, so that nobody reloads.

A bell and no feed: the writer rings after each commit, one task reads the few numbers that every page shows, once for
all of them, and each open stream gets them when they have changed. What the numbers mean a page asks for itself, under
its own filter and its own rights.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress

from sqlmodel import col, func, select

from . import listings
from .database import Database
from .models import Listing
from .people import emergencies

GAP = 0.5  # seconds between two readings, however often the bell rings
STILL = 20.0  # seconds without news after which a stream says something, before a proxy thinks it dead
MOST = 200  # streams; a desk with more open pages than that reloads
LASTS = 600.0  # seconds of one stream; its browser opens another, and is asked anew who it is

News = dict[str, int]


class Live:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.streams: set[asyncio.Queue[News | None]] = set()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.rung = asyncio.Event()
        self.watching: asyncio.Task[None] | None = None

    def start(self) -> None:
        """In the event loop that the streams will run in."""
        self.loop = asyncio.get_running_loop()
        self.rung = asyncio.Event()
        self.watching = self.loop.create_task(self.watch())

    def stop(self) -> None:
        """End every stream, so that the server need not wait for browsers to leave. More than once does no harm."""
        if self.watching is not None:
            self.watching.cancel()
        self.loop = None
        for stream in self.streams:
            tell(stream, None)

    def ring(self) -> None:
        """From the writer's thread, after a commit."""
        loop = self.loop
        if loop is not None and self.streams:
            with suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(self.rung.set)

    async def watch(self) -> None:
        told = await asyncio.to_thread(self.read)
        while True:
            await self.rung.wait()
            self.rung.clear()
            news = await asyncio.to_thread(self.read)
            if news != told:
                told = news
                for stream in self.streams:
                    tell(stream, news)
            await asyncio.sleep(GAP)

    def read(self) -> News:
        with self.database.reading() as session:
            newest = session.exec(select(func.max(col(Listing.seq)))).one() or 0
            return {"newest": newest, "waiting": listings.waiting(session), "emergencies": emergencies.waiting(session)}

    @property
    def is_full(self) -> bool:
        return len(self.streams) >= MOST or self.loop is None

    async def stream(self) -> AsyncIterator[str]:
        """Server-sent events: how things stand now, then each change."""
        stream: asyncio.Queue[News | None] = asyncio.Queue(maxsize=1)
        self.streams.add(stream)
        ends = asyncio.get_running_loop().time() + LASTS
        try:
            yield event(await asyncio.to_thread(self.read))
            while asyncio.get_running_loop().time() < ends:
                try:
                    news = await asyncio.wait_for(stream.get(), STILL)
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                if news is None:
                    return
                yield event(news)
        finally:
            self.streams.discard(stream)


def tell(stream: asyncio.Queue[News | None], news: News | None) -> None:
    """Only the newest counts: who has not read the one before does not need it."""
    with suppress(asyncio.QueueEmpty):
        stream.get_nowait()
    stream.put_nowait(news)


def event(news: News) -> str:
    return f"data: {json.dumps(news)}\n\n"
