"""Server: the real app in this process, its data folder, its backups, and what is truly in all of them.

It is called as ASGI, without sockets: the machine must decide about every byte that arrives, and a real process with
real connections (see `faults.kills`) makes a tenth of the steps in the same time. Durability is not the question here,
so the folder lies in memory where there is a file system for that. Neither is concurrency: what the app hands to other
threads is done at once in this one, which also makes every play repeatable.
"""

import asyncio
import shutil
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from anyio import to_thread

from beatbook import backups, people, submissions
from beatbook.app import create_app
from beatbook.blobs import FileBlobs, digest_of_file
from beatbook.database import Database, Job
from beatbook.forms import load
from beatbook.models import Device, Person, ReviewState, Role
from beatbook.office import Office, open_office
from beatbook.settings import Settings

BEGAN = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
FORM = """form_id = "find"
version = "1"
title = "Find"
audience = ["officer"]
regime = "uk_gdpr"
retention = "graffiti"
withdrawn = {withdrawn}

[[field]]
name = "what"
type = "text"
label = "What is it?"

[[field]]
name = "photos"
type = "image"
label = "Photos"
max = 4
"""


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Kept:
    """One record on the server, or in a copy of it."""

    digest: str
    payload: bytes
    receipt: tuple[Any, ...]
    complete: bool
    whole: bool  # every photo it lists is there, byte for byte
    reviews: tuple[str, ...]


@dataclass(frozen=True)
class Backup:
    folder: Path
    whole: frozenset[str]  # what it truly brings back, photos and all


class Quiet:
    """No previews: they are not part of the protocol, and a child process would be."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def wake(self) -> None: ...


@dataclass
class Server:
    folder: Path
    loop: asyncio.AbstractEventLoop
    now: datetime = BEGAN
    office: Office = field(init=False)
    app: Any = field(init=False)
    supervisor: Person = field(init=False)
    backups: list[Backup] = field(default_factory=list)
    copies: list[Path] = field(default_factory=list)
    swaps: int = 0  # histories put in place behind the server's back
    epochs: list[str] = field(default_factory=list)

    @classmethod
    def prepare(cls, folder: Path) -> None:
        """Make a data folder once; every play begins with a copy of it."""
        write_form(folder, withdrawn=False)
        with closing(asyncio.new_event_loop()) as loop:
            server = cls(folder, loop)
            server.open()
            server.close()

    @cached_property
    def settings(self) -> Settings:
        folder = self.folder
        return Settings(data=folder / "data", forms=folder / "forms", allowed_hosts="testserver")

    def lock_phones(self, wanted: bool) -> None:
        """Whether phones lock themselves and seal what is finished."""
        self.settings = self.office.settings = self.settings.model_copy(update={"app_lock": wanted})

    def open(self) -> None:
        self.office = open_office(self.settings, lambda: self.now)
        self.office.previews = Quiet()  # ty: ignore[invalid-assignment]
        write_at_once(self.office.database)
        self.app = create_app(self.office)
        self.supervisor = self.office.database.write(self.find_supervisor)
        self.epochs.append(self.epoch)

    def close(self) -> None:
        self.office.close()

    def find_supervisor(self, session: Any) -> Person:
        found = session.exec(backups.select(Person)).first()
        return found or people.add_person(session, "Kerry B", Role.SUPERVISOR, now=self.now)

    @property
    def epoch(self) -> str:
        with self.office.database.reading() as session:
            return submissions.state_of(session).epoch

    # The network brings a request

    def ask(
        self, method: str, path: str, headers: dict[str, str], body: bytes, *, arriving: int | None = None
    ) -> Answer:
        """The answer to a request of which only so many bytes arrive before the connection ends."""
        with reading_at_once():
            return self.loop.run_until_complete(self.answer(method, path, headers, body, arriving))

    async def answer(
        self, method: str, path: str, headers: dict[str, str], body: bytes, arriving: int | None
    ) -> Answer:
        where, _, query = path.partition("?")
        sent = {"host": "testserver", "content-length": str(len(body)), **headers}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": where,
            "raw_path": where.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
            "server": ("testserver", 80),
            "client": ("203.0.113.5", 50000),
        }
        arrives = body if arriving is None else body[:arriving]
        coming = [{"type": "http.request", "body": arrives, "more_body": arriving is not None}]
        answer = Answer(0, {}, b"")

        async def receive() -> dict[str, Any]:
            return coming.pop() if coming else {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            else:
                answer.body += message.get("body", b"")

        await self.app(scope, receive, send)
        return answer

    # What people do at the office

    def invite(self, name: str) -> str:
        return self.office.database.write(
            lambda session: people.invite(session, Role.OFFICER, name, minutes=60, now=self.now).code
        )

    def retire(self, device_id: str) -> None:
        def retire(session: Any) -> None:
            device = session.get(Device, device_id)
            if device is not None and device.retired_at is None:
                people.retire(session, device, now=self.now, actor="server")

        self.office.database.write(retire)

    def review(self, instance_id: str, state: ReviewState) -> None:
        self.office.database.write(
            lambda session: submissions.review(
                session, instance_id, state, person=self.supervisor, now=self.now, reason="too_dark"
            )
        )

    def withdraw_form(self, withdrawn: bool) -> None:
        write_form(self.folder, withdrawn=withdrawn)
        self.office.forms = load(self.folder / "forms")

    def back_up(self, meanwhile: Any) -> None:
        """A backup; `meanwhile` happens after its copy of the database was made."""
        folder = self.folder / f"backup-{len(self.backups)}"
        with meanwhile_copying(meanwhile):
            backups.back_up(self.office, folder, lambda text: None)
        whole = {instance_id for instance_id, kept in read_kept(folder).items() if kept.whole}
        self.backups.append(Backup(folder, frozenset(whole)))

    def restore(self, backup: Backup) -> None:
        self.close()
        backups.restore(self.settings, backup.folder, lambda text: None, now=self.now)
        self.open()

    def copy(self) -> None:
        """A copy of the whole machine, as a host that runs virtual machines makes it."""
        target = self.folder / f"copy-{len(self.copies)}"
        self.close()
        shutil.copytree(self.folder / "data", target)
        self.open()
        self.copies.append(target)

    def swap(self, copy: Path) -> None:
        """An older copy stands in place of the data folder, and nobody says so."""
        self.close()
        shutil.rmtree(self.folder / "data")
        shutil.copytree(copy, self.folder / "data")
        self.swaps += 1
        self.open()

    def kept(self) -> dict[str, Kept]:
        return read_kept(self.folder / "data")


def write_form(folder: Path, *, withdrawn: bool) -> None:
    (folder / "forms").mkdir(parents=True, exist_ok=True)
    (folder / "forms" / "find.toml").write_text(FORM.format(withdrawn=str(withdrawn).lower()))


def write_at_once(database: Database) -> None:
    """In this thread instead of the writer's, a group of one each time."""
    writer = database.writer
    writer.stop()
    writer.thread = None

    def take(do: Any, files: Any = (), *, last: bool = False) -> Any:
        job = Job(do, files, last)
        writer.do([job])
        return job.done

    writer.take = take


@contextmanager
def reading_at_once() -> Generator[None]:
    """Starlette's thread pool is this thread."""
    run_sync = to_thread.run_sync

    async def run_here(work: Any, *given: Any, **more: Any) -> Any:
        return work(*given)

    to_thread.run_sync = run_here  # ty: ignore[invalid-assignment]
    try:
        yield
    finally:
        to_thread.run_sync = run_sync


@contextmanager
def meanwhile_copying(happens: Any) -> Generator[None]:
    copy_database = backups.copy_database

    def copy_and_go_on(*given: Any) -> None:
        copy_database(*given)
        happens()

    backups.copy_database = copy_and_go_on  # ty: ignore[invalid-assignment]
    try:
        yield
    finally:
        backups.copy_database = copy_database


def read_kept(folder: Path) -> dict[str, Kept]:
    """Every record in a data folder or a backup, read past the app."""
    blobs = FileBlobs(folder / "blobs")
    with closing(sqlite3.connect(folder / "beatbook.db")) as connection:
        rows = connection.execute(
            "SELECT instance_id, digest, payload, epoch, seq, chain, complete FROM submission"
        ).fetchall()
        listed: dict[str, list[tuple[str, int]]] = {}
        for instance_id, sha256, size in connection.execute("SELECT instance_id, sha256, size FROM attachment"):
            listed.setdefault(instance_id, []).append((sha256, size))
        held = dict(connection.execute("SELECT sha256, size FROM blob").fetchall())
        reviews: dict[str, list[str]] = {}
        for instance_id, state in connection.execute("SELECT instance_id, state FROM review ORDER BY seq"):
            reviews.setdefault(instance_id, []).append(state)
    sound = {name for name in held if blobs.has(name) and digest_of_file(blobs.path(name)) == name}
    return {
        instance_id: Kept(
            digest,
            bytes(payload),
            (instance_id, digest, epoch, seq, chain),
            bool(complete),
            all(held.get(name) == size and name in sound for name, size in listed.get(instance_id, [])),
            tuple(reviews.get(instance_id, [])),
        )
        for instance_id, digest, payload, epoch, seq, chain, complete in rows
    }


def days(count: float) -> timedelta:
    return timedelta(days=count)
