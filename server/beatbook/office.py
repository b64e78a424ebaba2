"""Office: what every handler has at hand, made once when the server starts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from .blobs import FileBlobs
from .database import Database, migrate
from .forms import Forms, load
from .settings import Settings


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Office:
    settings: Settings
    database: Database
    blobs: FileBlobs
    forms: Forms
    clock: Callable[[], datetime] = field(default=utc_now)

    def close(self) -> None:
        self.database.close()


def open_office(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Office:
    """Open the data folder: make what is missing, bring the schema up to date, read the forms.

    Errors: forms.FormError for a form that is wrong, OSError for a folder that cannot be written.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    forms = load(settings.forms)
    blobs = FileBlobs(settings.blob_folder)
    migrate(settings.resolved_database_url)
    return Office(settings, Database(settings.resolved_database_url, blobs=blobs), blobs, forms, clock)
