"""The database: engines from a URL, the pragmas that make SQLite durable, and the one thread that writes.

Deliveries that arrive together share one transaction (group commit): a thread takes what waits, does it job by job
behind savepoints, commits once and only then answers all. Measured against a session per request this is several times
the rate, and the slowest answers are 40 times faster, because SQLite's writers otherwise wait by sleeping.
"""

import asyncio
import errno
import queue
import sqlite3
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

import structlog
from sqlalchemy import Connection, Engine, event, inspect
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, create_engine

from .blobs import Blobs, Incoming
from .problems import Problem, ServerFull, StorageFault

log = structlog.get_logger()

MIGRATIONS = Path(__file__).parent / "migrations"
GROUP = 64  # jobs that share a commit at most; more would only make the first of them wait
LOOK = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"  # one moment for a whole reading, as SQLite has it
READERS = 4  # connections that read; more threads than cores take turns at the interpreter
T = TypeVar("T")


class FromNewer(ValueError):
    """A newer Beatbook has had this database. What its tables mean is not known here."""

    def __init__(self) -> None:
        super().__init__("This data folder belongs to a newer Beatbook. Install that again; nothing was changed.")


class Database:
    """Two engines on one database: `write` takes the write lock when it begins, `read` cannot write at all."""

    def __init__(self, url: str, *, blobs: Blobs) -> None:
        self.url = url
        self.write_engine = open_engine(url, writes=True)
        self.read_engine = open_engine(url, writes=False)
        self.writer = Writer(self.write_engine, blobs)

    @contextmanager
    def reading(self) -> Generator[Session]:
        with Session(self.read_engine, info={"seen": {}}) as session:  # see `listings.once`
            yield session

    def write(self, job: Callable[[Session], T]) -> T:
        """Do `job` in the writer's thread and wait for its commit."""
        return self.writer.take(job).result()

    def write_last(self, job: Callable[[Session], T]) -> T:
        """The same for a job that removes files. The files of other jobs are put in place before any of their group is
        done, so it comes after all of them and finds their rows.
        """
        return self.writer.take(job, last=True).result()

    async def write_soon(self, job: Callable[[Session], T], files: Sequence[Incoming] = ()) -> T:
        """The same for the event loop. `files` are durable, under their names, before `job` runs."""
        return await asyncio.wrap_future(self.writer.take(job, files))

    def close(self) -> None:
        self.writer.stop()
        self.write_engine.dispose()
        self.read_engine.dispose()


def open_engine(url: str, *, writes: bool) -> Engine:
    pool = {"pool_size": 1, "max_overflow": 0} if writes else {"pool_size": READERS, "max_overflow": 0}
    engine = create_engine(url, hide_parameters=True, **pool)  # or an error would repeat what could not be stored
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: prepare_sqlite(connection, writes=writes))
        begin = "BEGIN IMMEDIATE" if writes else "BEGIN"
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    elif not writes:
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(LOOK))
    return engine


def prepare_sqlite(connection: Any, *, writes: bool) -> None:
    connection.isolation_level = None  # we begin transactions ourselves; the driver would do it too late
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",  # NORMAL lost every one of 60 acknowledged records in a simulated power cut
        "foreign_keys = ON",
        "busy_timeout = 5000",  # ms; `beatbook invite` writes beside a running server
        "trusted_schema = OFF",
        "cell_size_check = ON",
        "secure_delete = ON",  # what was erased is overwritten, not only forgotten
        *([] if writes else ["query_only = ON"]),
    ):
        connection.execute(f"PRAGMA {pragma}")


def migrate(url: str) -> None:
    """Bring the schema to the newest version, all steps in one transaction. Errors: FromNewer, DBAPIError."""
    engine = open_engine(url, writes=True)
    try:
        with engine.begin() as connection:
            if not is_current(connection):
                upgrade(connection)
    finally:
        engine.dispose()


def is_current(connection: Connection) -> bool:
    """Whether the newest migration was run. Saves importing Alembic at nearly every start, 0.3 s of it."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    newest = max(path.name for path in (MIGRATIONS / "versions").glob("*.py")).partition("_")[0]
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == newest


def upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:  # a revision that none of ours is
        raise FromNewer from error


class Note(Protocol):
    """Where each commit is noted, outside the database. Neither may raise."""

    def position(self, session: Session) -> Any: ...
    def write(self, position: Any) -> None: ...


@dataclass
class Job:
    do: Callable[[Session], Any]
    files: Sequence[Incoming]
    last: bool = False  # of its group
    done: Future = field(default_factory=Future)


class Writer:
    """The one thread that writes. It starts with the first job."""

    def __init__(self, engine: Engine, blobs: Blobs) -> None:
        self.engine = engine
        self.blobs = blobs
        self.note: Note | None = None
        self.bell: Callable[[], None] = lambda: None  # rung after each commit; must not raise
        self.about: dict[str, Any] = {}  # what every job finds in the `info` of its session
        self.faulty = False  # an fsync failed: what the disk says can no longer be believed until a restart
        self.jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self.thread: threading.Thread | None = None
        self.starting = threading.Lock()

    def take(self, do: Callable[[Session], Any], files: Sequence[Incoming] = (), *, last: bool = False) -> Future:
        with self.starting:
            if self.thread is None:
                self.thread = threading.Thread(target=self.run, name="writer", daemon=True)
                self.thread.start()
        job = Job(do, files, last)
        self.jobs.put(job)
        return job.done

    def stop(self) -> None:
        if self.thread is not None:
            self.jobs.put(None)
            self.thread.join()

    def run(self) -> None:
        while True:
            group = self.next_group()
            jobs = [job for job in group if job is not None]
            if jobs:
                self.do(jobs)
            if len(jobs) < len(group):
                return

    def next_group(self) -> list[Job | None]:
        """Whatever waits, at least one job. None asks to stop."""
        group = [self.jobs.get()]
        while len(group) < GROUP and group[-1] is not None and not group[-1].last:
            try:
                group.append(self.jobs.get_nowait())
            except queue.Empty:
                break
        return group

    def do(self, jobs: list[Job]) -> None:
        """Files first, then one transaction, then the answers: never an answer before its commit."""
        answers: list[tuple[Job, Any, BaseException | None]] = []
        try:
            if self.faulty:
                raise StorageFault
            self.blobs.put_many([incoming for job in jobs for incoming in job.files])
            with Session(self.engine, expire_on_commit=False, info=self.about) as session, session.begin():
                for job in jobs:
                    answers.append((job, *self.attempt(session, job)))
                position = self.note.position(session) if self.note else None
            if self.note:
                self.note.write(position)
            self.bell()
        except BaseException as error:  # noqa: BLE001  whatever it is, those who wait must be told
            problem = self.problem_of(error)
            for job in jobs:
                job.done.set_exception(problem)
            return
        for job, result, error in answers:
            if error is None:
                job.done.set_result(result)
            else:
                job.done.set_exception(error)

    def attempt(self, session: Session, job: Job) -> tuple[Any, BaseException | None]:
        """One job behind a savepoint, so that its failure takes nobody else's work back."""
        try:
            with session.begin_nested():
                return job.do(session), None
        except Problem as problem:
            return None, problem
        except Exception as error:
            if is_storage_error(error) or has_lost_its_transaction(session):
                raise
            log.exception("write failed")
            return None, error

    def problem_of(self, error: BaseException) -> BaseException:
        if isinstance(error, Problem):
            return error
        if is_full(error):
            log.error("storage full")
            return ServerFull()
        if is_storage_error(error):
            self.faulty = True
            log.error("storage fault: read-only until restarted", error=str(error))
            return StorageFault()
        if sqlite_code(error) is not None:  # see has_lost_its_transaction
            log.error("storage full, as far as can be told", error=str(error))
            return ServerFull()
        log.error("write group failed", exc_info=error)
        return error


def disk_problem(error: OSError) -> Problem:
    """What to say when a file could not be written."""
    log.error("a file could not be written", error=str(error))
    return ServerFull() if is_full(error) else StorageFault()


def is_full(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return sqlite_code(error) == sqlite3.SQLITE_FULL


def is_storage_error(error: BaseException) -> bool:
    """A disk that fails, as opposed to a mistake of ours."""
    if isinstance(error, OSError):
        return True
    return sqlite_code(error) in (
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
    )


def has_lost_its_transaction(session: Session) -> bool:
    """Whether SQLite has rolled back by itself, as it may when the disk is full: nothing of the group may go on then.

    The full-text index hides the disk's error behind one of its own, so the error alone does not tell.
    """
    connection = session.connection().connection.dbapi_connection
    return isinstance(connection, sqlite3.Connection) and not connection.in_transaction


def sqlite_code(error: BaseException) -> int | None:
    """SQLite's primary result code behind an error, if any."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
