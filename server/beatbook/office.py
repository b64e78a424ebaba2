"""Office: what every handler has at hand, made once when the server starts."""

import shutil
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from sqlmodel import Session, col, select

from . import (
    advice,
    attachments,
    basemap,
    beside,
    erased,
    events,
    gathered,
    listings,
    offered,
    parcels,
    patrols,
    redactions,
    reference,
    retention,
    unlisted,
    unopened,
)
from .advice import Cards
from .blobs import FileBlobs, Incoming, make_folders
from .database import Database, migrate
from .events import seal, stamps
from .events.head import Head
from .forms import Forms, load
from .housekeeping import Housekeeper
from .huts import LastChecks
from .live import Live
from .models import Event, Role
from .people import identities
from .people.keys import Asked
from .people.openid import Provider
from .people.tries import PASSWORDS, Accounts, Addresses, Tries
from .photos.previews import Failed, Made, Previewer
from .prepared import Prepared
from .presence import Presence
from .problems import ServerFull
from .quota import Quota
from .retention import RAN
from .settings import Settings
from .subjects import requests
from .submissions import held

log = structlog.get_logger()


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Office:
    settings: Settings
    database: Database
    blobs: FileBlobs
    pack: Forms  # as the files of the forms folder say
    forms: Forms  # with what the desk has changed of its lists and settings
    cards: Cards
    clock: Callable[[], datetime]
    server_id: str
    tries: Tries
    quota: Quota
    parcel_keys: parcels.Keys
    accounts: Accounts = field(default_factory=Accounts)
    passwords: Addresses = field(default_factory=lambda: Addresses(PASSWORDS))
    asked: Asked = field(default_factory=Asked)
    huts: LastChecks = field(default_factory=LastChecks)
    presence: Presence = field(default_factory=Presence)
    prepared: Prepared = field(init=False)
    council: Provider | None = field(init=False)  # the council's own sign-in, if there is one
    roles: tuple[tuple[str, Role], ...] = field(init=False)  # of its groups
    previews: Previewer = field(init=False)
    live: Live = field(init=False)
    housekeeping: Housekeeper = field(init=False)
    forecast: tuple[datetime, retention.Forecast] | None = None  # what the desk last counted, and when
    gathered_on: date | None = None  # the day on which that was last done for hotspots, see `gather`
    kept_on: date | None = None  # the day on which what every record is kept for was last looked at

    def __post_init__(self) -> None:
        self.council = Provider(self.settings) if self.settings.oidc_issuer else None
        self.roles = identities.roles_of(self.settings)
        self.live = Live(self.database)
        self.database.writer.bell = self.live.ring
        self.prepared = Prepared(self.settings.data / "prepared", self.clock, self.settings.min_free_bytes)
        self.previews = Previewer(self.waiting_previews, self.save_previews)
        self.housekeeping = Housekeeper(lambda: self.keep_house(self.clock()))

    def refuse_full(self) -> None:
        """Errors: ServerFull, while there is still room to finish what is being written."""
        if shutil.disk_usage(self.settings.data).free < self.settings.min_free_bytes:
            raise ServerFull

    def refuse_photos_when_short(self) -> None:
        """Errors: ServerFull. Photos wait sooner than records, so that they leave room for those."""
        if shutil.disk_usage(self.settings.blob_folder).free < self.settings.min_free_bytes_photos:
            raise ServerFull

    def read_reference(self) -> None:
        """After the desk has changed a list or a setting."""
        with self.database.reading() as session:
            self.forms = reference.overlaid(session, self.pack)
        self.gather(self.clock())

    def gather(self, now: datetime) -> None:
        """What the records of the last weeks say of their places, by the lists and settings as they stand."""
        zone = ZoneInfo(self.settings.time_zone)
        gathered.renew(self.database, self.forms, now=now, zone=zone)
        self.gathered_on = now.astimezone(zone).date()

    def open(self) -> None:
        """Begin what goes on in the background."""
        self.blobs.sweep()
        offered.compare(self.settings.data, self.pack)
        self.database.write(
            lambda session: held.read(session, now=self.clock(), forms=self.forms, settings=self.settings)
        )
        self.prepared.open()
        self.open_parcels()
        self.previews.start()
        self.live.start()
        self.housekeeping.start()

    def open_parcels(self) -> None:
        """Those that came while their key was not here."""
        opened = unopened.open_again(
            self.database,
            self.blobs,
            self.parcel_keys,
            now=self.clock(),
            forms=self.forms,
            settings=self.settings,
        )
        if opened:
            log.info("opened what phones had sealed to a key that is here again", parcels=opened)

    def close(self) -> None:
        self.housekeeping.stop()
        self.live.stop()
        self.prepared.close()
        self.previews.stop()
        self.database.close()
        if self.settings.database_file:
            seal.put_on(self.settings.database_file)

    def keep_house(self, now: datetime) -> None:
        self.parcel_keys.renew(now, self.settings.parcel_key_days)
        self.prepared.tidy()
        if self.gathered_on != now.astimezone(ZoneInfo(self.settings.time_zone)).date():
            self.gather(now)
        self.erase_due(now)
        stamps.stamp(self.database, self.settings, now=now)

    def erase_due(self, now: datetime) -> None:
        """Erase what is due, first in the database, then the files. What a stop leaves, the next hour takes."""

        def erase(session: Session) -> list[str]:
            files = patrols.erase_due(session, now=now)
            requests.forget_old(session, now=now)
            attachments.wait_no_longer(session, now=now)
            return files

        self.sweep(self.database.write(erase))
        if self.clock_is_in_doubt():
            return
        if self.kept_on != now.date():  # that looks at every record, and what is due is due from the start of a day
            self.erase_over(now)
            self.kept_on = now.date()

    def clock_is_in_doubt(self) -> bool:
        """Whether the clock has jumped since anybody said at the desk that what is due may go."""
        query = select(Event.kind).where(col(Event.kind).in_((JUMPED, RAN))).order_by(col(Event.seq).desc()).limit(1)
        with self.database.reading() as session:
            return session.exec(query).first() == JUMPED

    def erase_over(self, now: datetime) -> None:
        """Erase the records and photos whose time is over."""
        self.sweep(retention.erase_due(self.database, self.forms, now=now))
        unlisted.erase_due(self.database, self.blobs, self.forms, now=now)
        if beside.erase_due(self.database, self.forms, now=now):
            self.read_reference()
        self.note_erased()
        self.forget_put_aside(now)
        self.forecast = None

    def sweep(self, files: list[str]) -> None:
        with self.database.reading() as session:
            redactions.sweep(session, self.blobs, files)
        self.note_erased()

    def note_erased(self) -> None:
        """Beside the database, so that an older one put in its place does not bring back what was erased."""
        with self.database.reading() as session:
            erased.keep(self.settings.data, session)

    def forget_put_aside(self, now: datetime) -> None:
        """A database that a restore put aside holds what has been erased since, so it does not stay either."""
        for file in self.settings.data.glob(f"{PUT_ASIDE}*"):
            if datetime.fromtimestamp(file.stat().st_mtime, UTC) < now - PUT_ASIDE_KEPT:
                file.unlink()

    def waiting_previews(self) -> list[tuple[str, Path]]:
        with self.database.reading() as session:
            return [(sha256, self.blobs.path(sha256)) for sha256 in attachments.waiting_previews(session)]

    def save_previews(self, sha256: str, outcome: Made | Failed) -> None:
        files: list[Incoming] = []
        try:
            if isinstance(outcome, Made):
                files += (attachments.incoming_of(self.blobs, data) for data in (outcome.preview, outcome.thumbnail))
            preview, thumbnail = files or (None, None)
            # Their names are known before there are files of those names: whoever erases the photo meanwhile then
            # knows them too, and no stop in between leaves a file that nobody would ever look for.
            named = self.database.write(lambda session: attachments.name_previews(session, sha256, preview, thumbnail))
            if not named:  # none could be made, or the photo was erased meanwhile: nothing of it reaches the store
                return
            still_here = self.database.writer.take(
                lambda session: attachments.save_previews(session, sha256), files
            ).result()
            if not still_here:
                self.sweep([])
        finally:
            for file in files:
                file.drop()


def open_office(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Office:
    """Open the data folder: make what is missing, bring the schema up to date, read forms and advice.

    Errors: forms.FormError, advice.CardError for a file that is wrong, OSError for a folder that cannot be written.
    """
    make_folders(settings.data)
    stamps.check(settings)
    cards = advice.load(settings.advice)
    pack = advice.with_cards(load(settings.forms), cards)
    try:
        basemap.at(settings.pmtiles)
    except basemap.NotAMap as problem:  # no reason not to start: nobody needs a map
        log.error("the map file is not offered to phones", why=str(problem))
    blobs = FileBlobs(settings.blob_folder)
    changed = settings.database_file is not None and seal.is_broken(settings.database_file)
    if settings.database_file and not changed:
        seal.take_off(settings.database_file)  # what follows changes the file, and may be stopped half way
    migrate(settings.resolved_database_url)
    database, head = Database(settings.resolved_database_url, blobs=blobs), Head(settings.data)
    database.writer.note = head
    server_id = database.write(lambda session: begin(session, changed, head, now=clock()))
    if settings.database_file:
        seal.take_off(settings.database_file)
    database.writer.about["zone"] = ZoneInfo(settings.time_zone)
    tries, quota = Tries(settings.tries_per_minute), Quota(settings.max_device_bytes_a_day)
    parcel_keys = parcels.Keys(settings.data / parcels.FOLDER)
    parcel_keys.renew(clock(), settings.parcel_key_days)
    office = Office(settings, database, blobs, pack, pack, cards, clock, server_id, tries, quota, parcel_keys)
    office.read_reference()
    if caught_up := listings.catch_up(database, office.forms):
        log.info("listed records that came before there were lists", records=caught_up)
    return office


def begin(session: Session, changed: bool, head: Head, *, now: datetime) -> str:
    """The server's own name. A file that others changed may have lost history: that is said, and a new epoch begun."""
    if changed:
        log.error("the database file was changed while Beatbook had it closed; run verify")
        events.append(session, "database.changed-outside", "database", actor="server", now=now)
        events.begin_epoch(session, "the database file was changed while it was closed", now=now)
    elif head.is_ahead_of(session):
        log.error("the database is older than it was; devices are asked for what it lost")
        events.begin_epoch(session, "the database is older than the note beside it", now=now)
    note_jump(session, now=now)
    return events.ledger(session).server_id


def note_jump(session: Session, *, now: datetime) -> None:
    """A clock that is suddenly a month on is more likely wrong than the server was off so long.

    Records are then not erased by themselves, for that could not be taken back, until somebody at the desk has looked.
    """
    newest = session.exec(select(Event.at).order_by(col(Event.seq).desc()).limit(1)).first()
    if newest is not None and now - newest > LONGEST_OFF:
        log.error("the clock is far ahead of the last event; nothing is erased by itself until somebody has looked")
        events.append(session, JUMPED, "clock", actor="server", now=now)


JUMPED = "clock.jumped"
PUT_ASIDE, PUT_ASIDE_KEPT = "before-restore-", timedelta(days=30)
LONGEST_OFF = timedelta(days=31)  # a server that is off longer is rare, and then a person presses one button


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
