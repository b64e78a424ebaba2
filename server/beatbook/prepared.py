"""Prepared: files that are made before they are fetched, so that somebody sees how far they are and can stop them.

They lie in a folder of their own, are only for whoever asked for them, and go after an hour, with the server's next
start at the latest: what was taken out is not stored here a second time. A file that could not be finished is deleted,
for half a list looks like a whole one.
"""

import errno
import os
import secrets
import shutil
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

import structlog

from .problems import NotFound

log = structlog.get_logger()

KEPT = timedelta(hours=1)
AT_ONCE = 2  # more would take turns at the same disk
MOST = 100  # files and records of files; nobody looks for the hundredth
LOOK_EVERY = 8 * 1024 * 1024  # bytes after which the room that is left is looked at again

FULL = (errno.ENOSPC, errno.EDQUOT)
NO_ROOM = "There is too little room on the server."
FAULT = "The server made a mistake. It is in the server’s log."


class State(StrEnum):
    WAITING = "waiting"
    MAKING = "making"
    READY = "ready"
    STOPPED = "stopped"
    FAILED = "failed"


class Stopped(Exception):
    """Somebody does not want it any more."""


class NoRoom(Exception):
    """The rest of the disk belongs to what phones send."""


@dataclass
class Job:
    """One file while it is made, and until it goes."""

    owner: str  # the id of a person
    name: str
    media_type: str
    total: int | None  # of records; None where there are too many to count while somebody waits
    back: str  # where it was asked for
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    state: State = State.WAITING
    done: int = 0  # records
    size: int = 0  # bytes
    goes_at: datetime | None = None
    why: str = ""  # it failed
    stopping: threading.Event = field(default_factory=threading.Event)
    result: Future[None] | None = None

    @property
    def is_over(self) -> bool:
        return self.state in (State.READY, State.STOPPED, State.FAILED)

    def passed(self, number: int) -> None:
        """So many more records are in it. Errors: Stopped."""
        self.done += number
        if self.stopping.is_set():
            raise Stopped


Chunks = Generator[str | bytes, None, None]


class Prepared:
    def __init__(self, folder: Path, clock: Callable[[], datetime], least_free: int) -> None:
        self.folder = folder
        self.clock = clock
        self.least_free = least_free
        self.jobs: dict[str, Job] = {}
        self.lock = threading.Lock()
        self.workers = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="prepared")

    def open(self) -> None:
        """Nobody can fetch what an earlier run has left."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def close(self) -> None:
        for job in list(self.jobs.values()):
            job.stopping.set()
        self.workers.shutdown()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, job: Job, make: Callable[[Job], Chunks]) -> Job:
        self.tidy()
        with self.lock:
            self.jobs[job.id] = job
            job.result = self.workers.submit(self._run, job, make)
        return job

    def wait_for(self, job: Job, seconds: float) -> None:
        """A little: most are made at once."""
        if job.result is not None:
            wait([job.result], timeout=seconds)

    def get(self, job_id: str, owner: str) -> Job:
        """Errors: NotFound, also for somebody else's."""
        self.tidy()
        job = self.jobs.get(job_id)
        if job is None or job.owner != owner:
            raise NotFound
        return job

    def path(self, job: Job) -> Path:
        """Errors: NotFound for what is not ready, or not any more."""
        if job.state is not State.READY:
            raise NotFound
        return self.folder / job.id

    def of(self, owner: str) -> list[Job]:
        """Somebody's files, newest first."""
        self.tidy()
        return [job for job in reversed(self.jobs.values()) if job.owner == owner]

    def tidy(self) -> None:
        """Delete what is over its time."""
        now = self.clock()
        with self.lock:
            over = [job for job in self.jobs.values() if job.goes_at and job.goes_at <= now]
            over += [job for job in self.jobs.values() if job.is_over and job not in over][:-MOST]
            for job in over:
                (self.folder / job.id).unlink(missing_ok=True)
                del self.jobs[job.id]

    def _run(self, job: Job, make: Callable[[Job], Chunks]) -> None:
        state = State.FAILED
        try:
            job.passed(0)
            job.state = State.MAKING
            self._write(job, make)
            state = State.READY
        except Stopped:
            state = State.STOPPED
        except Exception as error:
            is_full = isinstance(error, NoRoom) or (isinstance(error, OSError) and error.errno in FULL)
            job.why = NO_ROOM if is_full else FAULT
            log.exception("an export broke off", file=job.name, records=job.done)
        if state is not State.READY:
            (self.folder / job.id).unlink(missing_ok=True)
        job.goes_at = self.clock() + KEPT
        job.state = state

    def _write(self, job: Job, make: Callable[[Job], Chunks]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        looked_at = -LOOK_EVERY
        with open(self.folder / job.id, "xb", opener=private) as file, closing(make(job)) as chunks:
            for chunk in chunks:
                job.size += file.write(chunk.encode() if isinstance(chunk, str) else chunk)
                job.passed(0)
                if job.size - looked_at >= LOOK_EVERY:
                    looked_at = job.size
                    if shutil.disk_usage(self.folder).free < self.least_free:
                        raise NoRoom


def private(path: str, flags: int) -> int:
    """For nobody else on this machine."""
    return os.open(path, flags, 0o600)
