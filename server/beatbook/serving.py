"""Serving: uvicorn with the deadlines it lacks, and the lines that a person sees at the start."""

import asyncio
import gc
import sys
from collections import Counter
from contextlib import suppress
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from . import __version__, people, web_app
from .models import Purpose, Role
from .office import Office

KEEP_ALIVE_SECONDS = 20  # between two requests of one connection; a phone's batches follow within a second
CONNECTIONS = 512  # above it 503; thirty tablets open six each at most
ADMINISTRATOR_MINUTES = 24 * 60


class Protocol(HttpToolsProtocol):
    """Drops a connection whose headers are not finished in time: 150 half-open ones would otherwise stay for ever.

    And those of one address that would leave too few to others.
    """

    header_seconds = 10.0
    most_of_one_address = 256
    addresses: Counter[str] = Counter()  # connections that are open now

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.awaiting: asyncio.TimerHandle | None = None
        self.address = self.client[0] if self.client else ""
        self.addresses[self.address] += 1
        if self.addresses[self.address] > self.most_of_one_address:
            transport.close()
        else:
            self.await_headers()

    def data_received(self, data: bytes) -> None:
        if self.awaiting is None and (self.cycle is None or self.cycle.response_complete):
            self.await_headers()
        super().data_received(data)

    def on_headers_complete(self) -> None:
        self.stop_awaiting()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self.stop_awaiting()
        self.addresses[self.address] -= 1
        if not self.addresses[self.address]:
            del self.addresses[self.address]
        super().connection_lost(exc)

    def await_headers(self) -> None:
        self.awaiting = self.loop.call_later(self.header_seconds, self.transport.close)

    def stop_awaiting(self) -> None:
        if self.awaiting is not None:
            self.awaiting.cancel()
            self.awaiting = None


class Server(uvicorn.Server):
    """Ends the desk's live streams when told to stop; uvicorn would wait for them for ever."""

    async def shutdown(self, sockets: list[Any] | None = None) -> None:
        office: Office = self.config.app.state.office  # ty: ignore[missing-attribute]
        office.live.stop()
        await super().shutdown(sockets)


def serve(app: Starlette, office: Office) -> int:
    """Serve until told to stop. Returns the exit code."""
    settings = office.settings
    Protocol.header_seconds = settings.header_seconds
    Protocol.most_of_one_address = settings.connections_per_address
    server = Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            http=Protocol,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            limit_concurrency=CONNECTIONS,
            ssl_certfile=settings.tls_cert,
            ssl_keyfile=settings.tls_key,
        )
    )
    gc.freeze()  # what stands for good is not looked at again each time that memory is tidied
    with suppress(KeyboardInterrupt):  # uvicorn passes Ctrl+C on when it is done
        server.run()
    say("\nStopped. Everything is kept.")
    return 0 if server.started else 1


def greet(office: Office, links: list[tuple[str, str]]) -> None:
    """Say what this is, where it listens and what to open first."""
    settings = office.settings
    say(f"\nBeatbook {__version__}, the pocket book of {settings.council}'s {settings.unit}.\n")
    say(f"  Listening on      {settings.link}/")
    say(f"  The desk          {settings.link}/desk/")
    say(f"  Data folder       {settings.data.resolve()}")
    for what, url in links:
        say(f"  {what:<17} {url}")
    if why := web_app.why_missing():
        say(f"\n  The app for phones is missing. {why}")
    if not is_local(settings.host) and not settings.is_https:
        say(
            "\n  Listening beyond this machine without HTTPS: phones will not work offline there. Give --tls-cert and"
            "\n  --tls-key, or put a server such as Caddy in front (server/deploy/Caddyfile) and set"
            "\n  BEATBOOK_PUBLIC_URL."
        )
    say("\n  Stop with Ctrl+C.\n")


def administrator_link(office: Office) -> list[tuple[str, str]]:
    """A one-time link for the first administrator, as long as there is none."""

    def make(session: Any) -> people.Invited | None:
        if people.has_administrator(session):
            return None
        return people.invite(
            session,
            Role.ADMIN,
            "First administrator",
            minutes=ADMINISTRATOR_MINUTES,
            now=office.clock(),
            purpose=Purpose.ADMINISTRATOR,
        )

    invited = office.database.write(make)
    return (
        [("Begin here", f"{invited.url(office.settings.link)}   (once, makes the first administrator)")]
        if invited
        else []
    )


def is_local(host: str) -> bool:
    return host in ("127.0.0.1", "::1", "localhost")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
