"""Office: what every handler has at hand, made once when the server starts."""

import shutil
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import structlog
from sqlmodel import Session

from . import attachments, events, seal
from .blobs import FileBlobs
from .database import Database, migrate
from .forms import Forms, load
from .previews import Failed, Made, Previewer
from .problems import ServerFull
from .settings import Settings
from .tries import Tries

log = structlog.get_logger()


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Office:
    settings: Settings
    database: Database
    blobs: FileBlobs
    forms: Forms
    clock: Callable[[], datetime]
    server_id: str
    tries: Tries
    previews: Previewer = field(init=False)

    def __post_init__(self) -> None:
        self.previews = Previewer(self.waiting_previews, self.save_previews)

    def refuse_full(self) -> None:
        """Errors: ServerFull, while there is still room to finish what is being written."""
        if shutil.disk_usage(self.settings.data).free < self.settings.min_free_bytes:
            raise ServerFull

    def open(self) -> None:
        """Begin what goes on in the background."""
        self.blobs.sweep()
        self.previews.start()

    def close(self) -> None:
        self.previews.stop()
        self.database.close()
        if self.settings.database_file:
            seal.put_on(self.settings.database_file)

    def waiting_previews(self) -> list[tuple[str, Path]]:
        with self.database.reading() as session:
            return [(sha256, self.blobs.path(sha256)) for sha256 in attachments.waiting_previews(session)]

    def save_previews(self, sha256: str, outcome: Made | Failed) -> None:
        files = (
            [attachments.incoming_of(self.blobs, data) for data in (outcome.preview, outcome.thumbnail)]
            if isinstance(outcome, Made)
            else [None, None]
        )

        def save(session: Session) -> None:
            attachments.save_previews(session, sha256, *files)

        self.database.writer.take(save, [file for file in files if file]).result()


def open_office(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Office:
    """Open the data folder: make what is missing, bring the schema up to date, read the forms.

    Errors: forms.FormError for a form that is wrong, OSError for a folder that cannot be written.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    forms = load(settings.forms)
    blobs = FileBlobs(settings.blob_folder)
    changed = settings.database_file is not None and seal.is_broken(settings.database_file)
    migrate(settings.resolved_database_url)
    database = Database(settings.resolved_database_url, blobs=blobs)
    server_id = database.write(lambda session: begin(session, changed, now=clock()))
    if settings.database_file:
        seal.take_off(settings.database_file)
    return Office(settings, database, blobs, forms, clock, server_id, Tries(settings.tries_per_minute))


def begin(session: Session, changed: bool, *, now: datetime) -> str:
    """The server's own name. A file that others changed may have lost history: that is said, and a new epoch begun."""
    if changed:
        log.error("the database file was changed while Beatbook had it closed; run verify")
        events.append(session, "database.changed-outside", "database", actor="server", now=now)
        events.begin_epoch(session, "the database file was changed while it was closed", now=now)
    return events.ledger(session).server_id


@contextmanager
def hold(data: Path) -> Generator[None]:
    """Keep a data folder to one server, or one restore, at a time. The system lets go when the process ends.

    Errors: ValueError, with a sentence, while another one has it.
    """
    with (data / ".held").open("a") as file:
        try:
            lock(file.fileno())
        except OSError as error:
            raise ValueError(f"Another Beatbook is running on {data.resolve()}. Stop it first.") from error
        yield


def lock(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
