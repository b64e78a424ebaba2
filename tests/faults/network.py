"""Network (H6): phones deliver through a proxy that fails most connections by a seeded plan.

It refuses, cuts a request anywhere, loses the answer, cuts the answer, plays the sign-in page of a hotel's Wi-Fi (200,
HTML) and dawdles. What is tried here is the phone as much as the server: one that believes the hotel loses records.
"""

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from .harness import PHOTOS, Outcome, broken_part, records_of
from .history import History, judge
from .phone import Phone
from .world import Folder, Server, faults_of, kept_aside, leftovers, read

FINDS = {
    "no-unique-check": "duplicated",
    "receipt-changes": "receipts changed",
    "never-missing": "lack a photo",
    "cut-part-taken": "quarantine",
    "phone-takes-any-200-for-a-receipt": "lost",
    "phone-does-not-send-what-is-missing": "lack a photo",
}
SHORT, PLANTED, LONG = 48, 60, 2000  # records
PLAN = {"refuse": 10, "cut request": 15, "lose answer": 15, "cut answer": 10, "portal": 5, "slow": 5, "pass": 40}
PORTAL = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 58\r\nConnection: close\r\n\r\n"
    b"<!doctype html><title>Free Wi-Fi</title>Accept the terms."
    b" "
)
SENDERS = 6
BATCH = 10  # records captured at once on each phone


def run(template: Folder, folder: Path, size: int, fault: str | None = None, seed: int = 1) -> Outcome:
    server_fault, broken = broken_part(fault)
    dice, history = random.Random(seed), History()
    server = Server(template.copy_to(folder / "data"), server_fault).start()
    with proxy(server.port, seed) as network:
        fleet = [Phone(enrolment, network.port, history, broken, seed) for enrolment in server.folder.phones[:SENDERS]]
        each = -(-size // len(fleet))
        work = [[records_of(dice, min(BATCH, each - done), PHOTOS) for done in range(0, each, BATCH)] for _ in fleet]
        stuck: list[str] = []
        patience = 25 if fault else 120

        def go(phone: Phone, batches: list) -> None:
            for batch in batches:
                phone.capture(*batch)
                if not phone.sync_until_done(patience, pause=0.01):
                    stuck.append(phone.enrolment.name)
                    return

        threads = [threading.Thread(target=go, args=one, daemon=True) for one in zip(fleet, work, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    left = leftovers(server.data)
    server.stop()
    history.read("audit", read(server.data))
    outcome = Outcome.of(judge(history.lines), records=each * len(fleet), connections=network.met.total())
    outcome.figures["connections_failed"] = network.met.total() - network.met["pass"]
    outcome.blame(len(stuck), "phones could not deliver in the end")
    outcome.blame(left, "temporary files were left")
    outcome.blame(sum(bool(item.aside) for phone in fleet for item in phone.items.values()), "records were set aside")
    outcome.blame(sum(not item.is_delivered for phone in fleet for item in phone.items.values()), "were not delivered")
    outcome.blame(sum(line["does"] == "receipt-changed" for line in history.lines), "receipts changed")
    assert outcome.verdict is not None
    expected = {record.instance_id for batches in work for batch in batches for record in batch}
    outcome.blame(len(expected - set(outcome.verdict.stable) - set(outcome.verdict.lost)), "records never arrived")
    outcome.blame(kept_aside(server.data), "records were put into quarantine, though none was malformed")
    incomplete = [one for one, seen in read(server.data).items() if not seen.whole]
    outcome.blame(len(incomplete), "records lack a photo in the end")
    outcome.wrong += faults_of(server.data)
    return outcome


class Proxy:
    def __init__(self, server_port: int, seed: int) -> None:
        self.server_port = server_port
        self.dice = random.Random(seed)
        self.met: Counter[str] = Counter()
        self.port = 0
        self.stop = asyncio.Event()

    async def serve(self, ready: threading.Event) -> None:
        server = await asyncio.start_server(self.carry, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        async with server:
            await self.stop.wait()
        under_way = asyncio.all_tasks() - {asyncio.current_task()}
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fate = self.dice.choices(list(PLAN), list(PLAN.values()))[0]
        self.met[fate] += 1
        with suppress(OSError, asyncio.IncompleteReadError):
            await asyncio.wait_for(self.meet(fate, reader, writer), 60)
        writer.transport.abort()

    async def meet(self, fate: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if fate == "refuse":
            return
        request = await self.whole(reader)
        if fate == "portal":
            writer.write(PORTAL)
            await writer.drain()
            return
        if fate == "cut request":
            request = request[: self.dice.randrange(1, len(request))]
        answer = await self.ask(request, slowly=fate == "slow", whole=fate != "cut request")
        if fate in ("cut request", "lose answer"):
            return
        if fate == "cut answer":
            answer = answer[: self.dice.randrange(0, len(answer))]
        writer.write(answer)
        await writer.drain()
        if fate != "cut answer":
            writer.close()
            await writer.wait_closed()

    async def whole(self, reader: asyncio.StreamReader) -> bytes:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1]) for line in head.splitlines() if line.lower().startswith(b"content-length:")
        )
        return head + await reader.readexactly(length)

    async def ask(self, request: bytes, *, slowly: bool, whole: bool) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server_port)
        try:
            if slowly:
                for start in range(0, len(request), 4096):
                    writer.write(request[start : start + 4096])
                    await asyncio.sleep(0.005)
            else:
                writer.write(request)
            await writer.drain()
            if not whole:
                await asyncio.sleep(self.dice.uniform(0, 0.1))  # a link that breaks lets some of it be read first
                return b""
            return await reader.read(-1)
        finally:
            writer.close()


@contextmanager
def proxy(server_port: int, seed: int) -> Generator[Proxy]:
    ready, made = threading.Event(), list[Proxy]()
    loop = asyncio.new_event_loop()

    def serve() -> None:
        asyncio.set_event_loop(loop)
        made.append(Proxy(server_port, seed))
        loop.run_until_complete(made[0].serve(ready))
        loop.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield made[0]
    finally:
        loop.call_soon_threadsafe(made[0].stop.set)
        thread.join(10)
