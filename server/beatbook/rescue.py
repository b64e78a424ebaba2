"""Rescue: bring in what a phone exported because it could not send it.

The file is a ZIP that has been through pockets, mail and other programs, so nothing about it is believed: not the names
in it, not its order, not what it says of itself. What counts are the bytes. A record is kept through
`submissions.receive` exactly as if its device had sent it, a photo is what its SHA-256 says, and bringing in the same
file again changes nothing.

The records stand under the device that the file names, when that device is known here: they are that officer's records,
its numbers then have no gap, and outcomes reach that phone. It need not be in use any more: the phone that broke is why
there is a file. When it is not known they stand under "Imported by" and the name of who brought them in. Either
way the log says who that was.
"""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, BinaryIO

from sqlmodel import Session

from . import attachments, events, parcels, people, photos, submissions
from .blobs import CHUNK, Incoming, sha256_of
from .database import disk_problem
from .envelope import SHA256, guess_id
from .models import Device, Person, Role
from .office import Office
from .problems import (
    FileRefused,
    FileTooLarge,
    ParcelDamaged,
    ParcelUnopened,
    PhotoNotAgreed,
    PhotoTooLarge,
    Problem,
    RecordDamaged,
    SubmissionTooLarge,
)

FORMAT = 1
MANIFEST = "manifest.json"
MOST_ENTRIES = 8000  # 1,300 records with five photos each
MOST_READ = CHUNK  # bytes of one read; the list of contents is read in one, so this bounds it too
MOST_MANIFEST = 4 * 1024 * 1024
PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1  # flag of an entry
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


class Outcome(StrEnum):
    BROUGHT_IN = "brought in"
    HERE = "here already"
    ASIDE = "kept aside"
    NOT_TAKEN = "not taken"


@dataclass(frozen=True)
class Fate:
    """What became of one record of the file."""

    outcome: Outcome
    instance_id: str | None
    title: str = ""
    why: str | None = None  # a sentence
    missing: int = 0  # photos that are not here afterwards either


@dataclass
class Brought:
    """What became of a file."""

    sha256: str
    device: Device
    is_known: bool  # whether the file named a device that we know
    records: list[Fate] = field(default_factory=list)
    photos_new: int = 0
    photos_here: int = 0
    troubles: list[str] = field(default_factory=list)  # photos that could not be taken: a sentence each

    def count(self, outcome: Outcome) -> int:
        return sum(1 for fate in self.records if fate.outcome is outcome)


@dataclass(frozen=True)
class Manifest:
    """What the phone wrote down of its file."""

    device_id: str
    records: dict[str, str | None]  # digest of each record's bytes, and its number
    photos: frozenset[str]


def bring_in(office: Office, file: BinaryIO, person: Person, *, now: datetime) -> Brought:
    """Take everything out of an exported file that can be taken.

    Errors: FileRefused and FileTooLarge, with nothing changed; ServerFull, StorageFault.
    """
    office.refuse_full()
    sha256 = digest_of(file)
    with opened(file) as archive:
        entries = entries_of(archive, most=office.settings.max_body)
        manifest = manifest_of(archive, entries)
        device, is_known = office.database.write(lambda session: device_for(session, manifest, person, now=now))
        hand = Hand(office, person, now, manifest, Brought(sha256, device, is_known))
        for entry in entries:
            if is_record(archive, entry):
                hand.take_record(archive, entry)
        for entry in entries:
            if not is_record(archive, entry):
                hand.take_photo(archive, entry)
    office.previews.wake()
    return hand.finish()


class Hand:
    """Takes one file's records and photos out, one after another."""

    def __init__(self, office: Office, person: Person, now: datetime, manifest: Manifest, brought: Brought) -> None:
        self.office = office
        self.person = person
        self.now = now
        self.manifest = manifest
        self.brought = brought
        self.met: set[str] = set()  # digests of records that the file does hold

    def take_record(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
        most = self.office.settings.max_submission
        try:
            payload = b"".join(pieces(archive, entry, most + parcels.OVERHEAD, SubmissionTooLarge))
            if parcels.is_parcel(payload):
                payload = self.office.parcel_keys.open(payload, name="submission")
            if len(payload) > most:
                raise SubmissionTooLarge
        except (*BROKEN, ParcelDamaged):
            return None  # `finish` names it among those that the file does not hold whole
        except ParcelUnopened as problem:
            self.met.add(parcels.digest_in(payload))
            return self.set_aside(payload, problem)
        except SubmissionTooLarge as problem:
            self.met.add(digest_of_entry(archive, entry))
            return self.note(Outcome.NOT_TAKEN, None, why=problem.detail)
        digest = hashlib.sha256(payload).hexdigest()
        if digest in self.met:
            return None
        self.met.add(digest)
        if digest not in self.manifest.records:
            return self.set_aside(payload, RecordDamaged())
        try:
            received = self.write(lambda session: self.receive(session, payload))
        except Problem as problem:
            if isinstance(problem, submissions.KEPT_ASIDE):
                return self.set_aside(payload, problem)
            if problem.status >= 500:
                raise
            return self.note(Outcome.NOT_TAKEN, guess_id(payload), why=problem.detail)
        outcome = Outcome.HERE if received.again else Outcome.BROUGHT_IN
        return self.note(outcome, received.submission.instance_id, received.submission.title, received.detail)

    def receive(self, session: Session, payload: bytes) -> submissions.Received:
        office = self.office
        received = submissions.receive(
            session, payload, self.brought.device, now=self.now, forms=office.forms, settings=office.settings
        )
        if not received.again:
            events.append(
                session,
                "submission.imported",
                received.submission.instance_id,
                actor=f"person:{self.person.id}",
                now=self.now,
                data={"file": self.brought.sha256},
            )
        return received

    def set_aside(self, payload: bytes, problem: Problem) -> None:
        is_pupils = self.brought.device.role == Role.PUPIL  # what may not be known of a child is not kept aside either
        if not is_pupils:
            self.write(
                lambda session: submissions.keep_aside(
                    session, payload, self.brought.device, problem, now=self.now, actor=f"person:{self.person.id}"
                )
            )
        self.note(Outcome.NOT_TAKEN if is_pupils else Outcome.ASIDE, guess_id(payload), why=problem.detail)

    def refuse_unexpected(self, photo: Incoming) -> None:
        """Errors: PhotoNotAgreed."""
        with self.office.database.reading() as session:
            if not attachments.is_expected(session, photo.sha256, self.brought.device):
                raise PhotoNotAgreed

    def take_photo(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
        """The same checks as a photo that arrives from a phone; and it must belong to something."""
        office, most = self.office, self.office.settings.max_attachment
        photo = office.blobs.receive()
        try:
            for piece in self.open_pieces(pieces(archive, entry, most + parcels.OVERHEAD, PhotoTooLarge)):
                photo.add(piece)
            if photo.size > most:
                raise PhotoTooLarge
            if photo.sha256 not in self.manifest.photos:
                self.brought.troubles.append(STRAY)
                return
            self.refuse_unexpected(photo)
            office.refuse_photos_when_short()
            inspected = photos.inspect(photo.head, photo.path, max_pixels=office.settings.max_pixels)
            again = self.write(
                lambda session: attachments.receive(session, photo, inspected, self.brought.device, now=self.now), photo
            )
        except BROKEN:
            self.brought.troubles.append(STRAY)
        except OSError as error:
            raise disk_problem(error) from error
        except Problem as problem:
            if problem.status >= 500:
                raise
            self.brought.troubles.append(problem.detail)
        else:
            self.brought.photos_here += again
            self.brought.photos_new += not again
        finally:
            photo.drop()

    def open_pieces(self, given: Iterator[bytes]) -> Iterator[bytes]:
        """Opened, if a phone had sealed them. Errors: ParcelDamaged, ParcelUnopened."""
        first = next(given, b"")
        if parcels.is_parcel(first):
            yield self.office.parcel_keys.open(first + b"".join(given), name="attachment")
        else:
            yield first
            yield from given

    def finish(self) -> Brought:
        """What is missing is said as it stands after the photos; what the file promised and did not hold, too."""
        for digest, instance_id in self.manifest.records.items():
            if digest not in self.met:
                self.note(Outcome.NOT_TAKEN, instance_id, why=ABSENT)
        brought = self.brought
        with self.office.database.reading() as session:
            brought.records = [self.with_missing(session, fate) for fate in brought.records]
        self.write(lambda session: self.log(session))
        return brought

    def with_missing(self, session: Session, fate: Fate) -> Fate:
        if fate.instance_id is None or fate.outcome not in (Outcome.BROUGHT_IN, Outcome.HERE):
            return fate
        return replace(fate, missing=len(submissions.missing(session, fate.instance_id)))

    def log(self, session: Session) -> None:
        events.append(
            session,
            "file.imported",
            self.brought.sha256,
            actor=f"person:{self.person.id}",
            now=self.now,
            data={
                "device": self.brought.device.id,
                "photos": self.brought.photos_new,
                **{outcome.name.lower(): self.brought.count(outcome) for outcome in Outcome},
            },
        )

    def note(self, outcome: Outcome, instance_id: str | None, title: str = "", why: str | None = None) -> None:
        self.brought.records.append(Fate(outcome, instance_id, title, why))

    def write(self, job: Callable[[Session], Any], *files: Incoming) -> Any:
        return self.office.database.writer.take(job, files).result()


STRAY = "A photo is damaged, or belongs to no record of this file."
ABSENT = "The file lists it, and does not hold it whole."


# The file -------------------------------------------------------------------------------------------------------


class Measured:
    """A file of which nobody reads more than MOST_READ at once: a forged list of contents could fill the memory."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(size if 0 <= size <= MOST_READ else MOST_READ + 1)
        if len(data) > MOST_READ:
            raise FileTooLarge
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        return self.file.tell()

    def seekable(self) -> bool:
        return True


def digest_of(file: BinaryIO) -> str:
    file.seek(0)
    return sha256_of(iter(lambda: file.read(CHUNK), b""))


@contextmanager
def opened(file: BinaryIO) -> Generator[zipfile.ZipFile]:
    """Errors: FileRefused, FileTooLarge."""
    try:
        archive = zipfile.ZipFile(Measured(file))
    except (*BROKEN, OSError) as error:
        raise FileRefused from error
    with archive:
        yield archive


def entries_of(archive: zipfile.ZipFile, *, most: int) -> list[zipfile.ZipInfo]:
    """What lies in it. An entry never gives more bytes than it says, so the sum of what they say is the limit.

    Errors: FileRefused, FileTooLarge.
    """
    entries = [entry for entry in archive.infolist() if not entry.is_dir() and not is_of_macos(entry.filename)]
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > most:
        raise FileTooLarge
    if any(entry.compress_type not in PLAIN or entry.flag_bits & ENCRYPTED for entry in entries):
        raise FileRefused
    return entries


def is_of_macos(name: str) -> bool:
    """What a Mac adds when somebody unpacks the file and packs it again."""
    return name.startswith("__MACOSX/") or base(name) == ".DS_Store"


def base(name: str) -> str:
    return name.rsplit("/", 1)[-1]


def manifest_of(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Manifest:
    """Takes the manifest out of the entries. Errors: FileRefused."""
    found = next((entry for entry in entries if base(entry.filename) == MANIFEST), None)
    if found is None:
        raise FileRefused
    entries.remove(found)
    try:
        said = json.loads(b"".join(pieces(archive, found, MOST_MANIFEST, FileTooLarge)))
    except (*BROKEN, RecursionError) as error:
        raise FileRefused from error
    if not isinstance(said, dict) or said.get("format") != FORMAT or not isinstance(said.get("records"), list):
        raise FileRefused
    listed = [row for row in said["records"] if isinstance(row, dict)]
    photos_of = [row["photos"] for row in listed if isinstance(row.get("photos"), list)]
    return Manifest(
        device_id=said["deviceId"] if isinstance(said.get("deviceId"), str) else "",
        records={row["digest"]: id_of(row) for row in listed if is_sha256(row.get("digest"))},
        photos=frozenset(sha256 for sha256s in photos_of for sha256 in sha256s if is_sha256(sha256)),
    )


def id_of(row: dict[str, Any]) -> str | None:
    return guess_id(json.dumps({"instanceId": row.get("instanceId")}).encode())


def is_sha256(value: Any) -> bool:
    return isinstance(value, str) and SHA256.fullmatch(value) is not None


def is_record(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    """By its first bytes, whatever it is called; only of what is damaged the name is all there is."""
    try:
        with archive.open(entry) as file:
            head = file.read(parcels.LONGEST_HEAD)
            return head[:1] == b"{" or (parcels.is_parcel(head) and parcels.name_in(head) == "submission")
    except (*BROKEN, ParcelDamaged):
        return entry.filename.endswith(".json")


def digest_of_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    with archive.open(entry) as file:
        return sha256_of(iter(lambda: file.read(CHUNK), b""))


def pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int, too_large: type[Problem]) -> Iterator[bytes]:
    """The bytes of an entry. Errors: `too_large`, and those of BROKEN."""
    if entry.file_size > most:
        raise too_large
    with archive.open(entry) as file:
        while piece := file.read(CHUNK):
            yield piece


def device_for(session: Session, manifest: Manifest, person: Person, *, now: datetime) -> tuple[Device, bool]:
    """Whose records these are, and whether the file named somebody we know."""
    known = session.get(Device, manifest.device_id)
    if known is not None and not people.is_importing(known):
        return known, True
    return people.importing_device(session, person, now=now), False
