"""The world a harness works in: a prepared data folder, servers that start in a tenth of a second, and the audit.

Servers are children of one nursery process that has everything imported (`faults.planted`), so that a thousand of them
can be started and killed in minutes. They are real processes with real sockets all the same.
"""

import hashlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from running import free_port

import bootstrap
from beatbook import people, verification
from beatbook.models import Role
from beatbook.office import open_office
from beatbook.settings import Settings

from .history import Seen

STARTS_WITHIN = 60.0  # seconds, on a machine where much else runs
STOPS_WITHIN = 30.0
PHONES = 8


class Trouble(Exception):
    """A harness could not do its work: neither a fault found nor a promise kept."""


class Unavailable(Exception):
    """This machine does not let the harness work. Its text says what is missing."""

    def __init__(self, why: str, *, installable: bool = False) -> None:
        self.installable = installable
        super().__init__(why)


@dataclass(frozen=True)
class Enrolment:
    name: str
    token: str
    server_id: str


@dataclass(frozen=True)
class Folder:
    """A data folder with phones that are enrolled already."""

    data: Path
    phones: tuple[Enrolment, ...]
    codes: tuple[str, ...]  # enrolment codes that nobody has used

    def copy_to(self, data: Path) -> "Folder":
        shutil.copytree(self.data, data)
        return Folder(data, self.phones, self.codes)


def prepare(data: Path, *, codes: int = 20) -> Folder:
    """Make a folder as a first start does, enrol some phones, close it."""
    office = open_office(Settings(data=data))
    try:
        now = office.clock()

        def invite(name: str) -> str:
            return office.database.write(
                lambda session: people.invite(session, Role.OFFICER, name, minutes=60 * 24 * 900, now=now).code
            )

        def enrol(name: str) -> Enrolment:
            code = invite(name)
            token = office.database.write(lambda session: people.enrol(session, code, now=now).token)
            return Enrolment(name, token, office.server_id)

        phones = tuple(enrol(f"Phone {number}") for number in range(PHONES))
        return Folder(data, phones, tuple(invite(f"Spare {number}") for number in range(codes)))
    finally:
        office.close()


# Servers --------------------------------------------------------------------------------------------------------


class Nursery:
    """One process with Beatbook imported; servers are forked from it."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None

    def bear(self, order: dict[str, Any]) -> int:
        """Start a server. Returns its process id."""
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "faults.planted", "nursery"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=environment(),
            )
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def close(self) -> None:
        if self.process is not None:
            self.process.communicate(timeout=STOPS_WITHIN)
            self.process = None


NURSERY = Nursery()


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": bootstrap.MODULES_OF_TESTS, "BEATBOOK_LOG_LEVEL": "ERROR"}


@dataclass
class Server:
    """A real server on a port of its own, with a fault planted in it or without."""

    folder: Folder
    fault: str | None = None
    settings: dict[str, str] = field(default_factory=dict)  # BEATBOOK_… without the prefix, in lower case
    previews: bool = False  # they cost half of the machine and are not what is tried here
    port: int = field(default_factory=free_port)
    preload: dict[str, str] = field(default_factory=dict)  # environment that needs a program of its own
    process: int = 0
    child: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.folder.data

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.data.with_name(f"{self.data.name}-{self.port}.log")

    def start(self) -> "Server":
        self.process = self.bear(["--port", str(self.port)])
        until = time.monotonic() + STARTS_WITHIN
        while not self.answers():
            if not self.lives():
                raise Trouble(f"the server stopped at once: {self.said()}")
            if time.monotonic() > until:
                raise Trouble(f"the server did not start: {self.said()}")
            time.sleep(0.01)
        return self

    def bear(self, arguments: list[str]) -> int:
        order = {
            "arguments": ["--data", str(self.data), *arguments],
            "environment": {f"BEATBOOK_{name.upper()}": value for name, value in self.settings.items()},
            "fault": self.fault,
            "previews": self.previews,
            "log": str(self.log),
            "note": str(self.writer_note),
        }
        if not self.preload:
            return NURSERY.bear(order)
        self.child = subprocess.Popen(
            [sys.executable, "-P", "-m", "faults.planted", "one", json.dumps(order)],
            env={**environment(), **self.preload},
        )
        return self.child.pid

    def run(self, *arguments: str, wait: float = 120.0) -> str:
        """One command of `python3 server`, in a process of its own, beside a running server or alone."""
        elsewhere = Server(self.folder, self.fault, self.settings, port=0)
        process = elsewhere.bear(list(arguments))
        until = time.monotonic() + wait
        while is_alive(process):
            if time.monotonic() > until:
                raise Trouble(f"{arguments[0]} did not end: {elsewhere.said()}")
            time.sleep(0.01)
        return elsewhere.said()

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as line:
                line.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
                return b" 200 " in line.recv(100)
        except OSError:
            return False

    def lives(self) -> bool:
        return bool(self.process) and (self.child.poll() is None if self.child else is_alive(self.process))

    def said(self) -> str:
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""

    @property
    def writer_note(self) -> Path:
        """Where the server leaves the number of the thread that writes."""
        return self.data.with_name(f"{self.data.name}-{self.port}.writer")

    def stop(self) -> None:
        """Ask it to stop, as Ctrl+C does."""
        self.end(signal.SIGINT)

    def kill(self) -> None:
        self.end(signal.SIGKILL)

    def end(self, how: signal.Signals) -> None:
        if self.lives():
            with suppress(ProcessLookupError):
                os.kill(self.process, how)
        until = time.monotonic() + STOPS_WITHIN
        while self.lives():
            if time.monotonic() > until:
                os.kill(self.process, signal.SIGKILL)
                raise Trouble("the server did not stop")
            time.sleep(0.002)
        self.process, self.child = 0, None

    def check(self, phone: Enrolment, **asked: Any) -> Any:
        headers = {"authorization": f"Bearer {phone.token}"}
        return httpx2.post(f"{self.url}/api/sync/check", json=asked, headers=headers, timeout=30)


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def serving(folder: Folder, fault: str | None = None, **more: Any) -> Generator[Server]:
    server = Server(folder, fault, **more)
    try:
        yield server.start()
    finally:
        server.kill()


# The audit ------------------------------------------------------------------------------------------------------


def read(data: Path) -> dict[str, Seen]:
    """Every record that is there, counted and checked by means of our own, not the product's."""
    with closing(sqlite3.connect(f"file:{data / 'beatbook.db'}?mode=ro", uri=True, timeout=30)) as database:
        payloads = [row[0] for row in database.execute("SELECT payload FROM submission ORDER BY seq")]
        held = dict(database.execute("SELECT sha256, size FROM blob"))
    digests: dict[str, str] = {}
    counts: Counter[str] = Counter()
    whole: dict[str, bool] = {}
    for payload in payloads:
        record = json.loads(payload)
        instance_id = record["instanceId"]
        counts[instance_id] += 1
        digests.setdefault(instance_id, hashlib.sha256(payload).hexdigest())
        whole[instance_id] = all(
            one["sha256"] in held and is_intact(data, one["sha256"], one["size"]) for one in record["attachments"]
        )
    return {one: Seen(counts[one], digests[one], whole[one]) for one in digests}


def kept_aside(data: Path) -> int:
    with closing(sqlite3.connect(f"file:{data / 'beatbook.db'}?mode=ro", uri=True, timeout=30)) as database:
        return database.execute("SELECT count(*) FROM quarantine").fetchone()[0]


def is_intact(data: Path, sha256: str, size: int) -> bool:
    path = data / "blobs" / sha256[:2] / sha256
    if not path.is_file():
        return False
    content = path.read_bytes()
    return len(content) == size and hashlib.sha256(content).hexdigest() == sha256


def leftovers(data: Path) -> int:
    """Temporary files. There may be some only while something arrives."""
    return len(list((data / "blobs" / "incoming").iterdir()))


def faults_of(data: Path) -> list[str]:
    """What `verify` finds: the chain, every digest, every attachment, the database's own check."""
    return [str(fault) for fault in verification.verify_folder(Settings(data=data))]
