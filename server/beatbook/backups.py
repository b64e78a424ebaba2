"""Backups: a copy of the database, of every photo it names and of the keys phones seal to, verified before it counts.

`safe_seq` is the newest event that a verified backup covers: devices keep what they sent until it is covered. It is
read at the start of the backup, so that what arrives meanwhile does not count, and published only at its end. A record
whose photos are still on their way is not covered, nor is what came after it: a device lets go of both together. The
same holds of one with a photo that is damaged here: the backup takes along all the rest, says which, and does not pass.
"""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Set
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, create_engine, select

from . import erased, events, parcels, submissions
from .blobs import CHUNK, FileBlobs, digest_of_file, make_folders, sync_file, sync_folder
from .database import Database, migrate
from .events import head, seal
from .forms import Forms, load
from .models import Attachment, Blob, Ledger, PreviewState, Submission
from .office import PUT_ASIDE, Office
from .settings import Settings

DATABASE, BLOBS, MANIFEST = "beatbook.db", "blobs", "manifest.json"
PARTIAL, RESTORING, RESTORED = f"{DATABASE}.partial", "restoring.db", "restored.db"
NEXT_MANIFEST = f"{MANIFEST}.partial"
DAMAGED = "damaged"  # in the manifest: what the backup names and lacks; none in an older one
FORMAT = 1
NAMED = 10  # damaged photos; of more their number is said
GRACE = timedelta(days=14)  # promise 6: after it a device lets go of what is complete, so nothing is held back longer
Tell = Callable[[str], None]


class CannotBackUp(Exception):
    """Its text says why, for the person at the terminal."""


def back_up(office: Office, to: Path, tell: Tell) -> None:
    """Make or refresh a backup in the folder `to`.

    Errors: OSError; CannotBackUp, also when photos are damaged here: then it holds everything else.
    """
    if office.database.write_engine.dialect.name != "sqlite":
        raise CannotBackUp("With PostgreSQL use pg_dump for the database and copy the folder of the photos.")
    make_folders(to)
    with office.database.reading() as session:
        safe_seq = submissions.state_of(session).seq
    copy_database(office.settings, to / PARTIAL)
    names = names_in(to / PARTIAL)
    keys = list(office.parcel_keys.known.values())
    parcels.Keys(to / parcels.FOLDER).keep(keys)
    copies = FileBlobs(to / BLOBS)
    damaged = set(copy_blobs(office.blobs, copies, names, tell))
    check_copy(to, safe_seq)
    covered = covered_by(to / PARTIAL, safe_seq, damaged, now=office.clock())
    put_in_place(to, {**manifest_of(office, to / PARTIAL, safe_seq), DAMAGED: sorted(damaged)})
    office.database.write(lambda session: publish(session, covered, now=office.clock()))
    erased.merge(office.settings.data, to)
    office.parcel_keys.note_backup(key.id for key in keys)
    dropped = sum(copies.remove(name) for name in sorted(set(copies.names()) - set(names)))
    if dropped:
        tell(f"{dropped} erased here since the last backup, and now in the backup too")
    if damaged:
        raise CannotBackUp(lacking(to / DATABASE, damaged))
    tell(f"Backed up and verified up to event {safe_seq}, in {to.resolve()}.")


def restore(settings: Settings, source: Path, tell: Tell, now: datetime | None = None) -> None:
    """Put a backup in the place of the data folder's database. What stood there before is kept beside it.

    Its history is shorter than what devices may have seen, so a new epoch begins and they offer again what is missing.
    Errors: CannotBackUp, OSError.
    """
    manifest = read_manifest(source)
    make_folders(settings.data)
    blobs, copies = FileBlobs(settings.blob_folder), FileBlobs(source / BLOBS)
    lost = bring_blobs(copies, blobs, names_in(source / DATABASE), tell)
    manifest[DAMAGED] = sorted({*lost, *manifest.get(DAMAGED, ())})
    bring_keys(settings.data, source)
    erased.merge(source, settings.data)
    said, forms = list(erased.lines(settings.data)), load(settings.forms)
    files = make_ready(
        source / DATABASE, settings.data / RESTORING, blobs, manifest, said, forms, now=now or datetime.now(UTC)
    )
    for name in files:
        blobs.remove(name)
    (settings.data / RESTORING).replace(settings.data / RESTORED)
    sync_folder(settings.data)
    finish_restore(settings.data, tell)
    tell(f"Restored up to event {manifest['seq']}. Devices will offer again whatever is newer.")


def finish_restore(data: Path, tell: Tell) -> None:
    """Put a database that is ready in place. The next start does so too, after a power cut in the middle of it:
    without a database it would begin an empty Beatbook, which no phone knows. One that was not ready goes.
    """
    drop(data / RESTORING)
    if (data / RESTORED).exists():
        put_aside(data, tell)
        (data / RESTORED).replace(data / DATABASE)
        sync_folder(data)


# Backing up -----------------------------------------------------------------------------------------------------


def copy_database(settings: Settings, target: Path) -> None:
    """A whole copy from one moment, while others write. Errors: CannotBackUp, with nothing of it left behind."""
    assert settings.database_file is not None
    drop(target)
    try:
        with closing(sqlite3.connect(settings.database_file)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.OperationalError as error:
        drop(target)
        raise CannotBackUp(f"The copy cannot be written: {error}. Is there room in {target.parent}?") from error
    sync_file(target)


def drop(database: Path) -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)


def names_in(database: Path) -> list[str]:
    """Every file that a database names: originals, previews, thumbnails."""
    engine = create_engine(f"sqlite:///{database}")
    with Session(engine) as session:
        rows = session.exec(select(Blob.sha256, Blob.preview_sha256, Blob.thumbnail_sha256, Blob.preview)).all()
    engine.dispose()
    made = ((row if row[3] is PreviewState.MADE else row[:1]) for row in rows)  # others are named and not there yet
    return sorted({name for row in made for name in row[:3] if name})


def copy_blobs(source: FileBlobs, target: FileBlobs, names: list[str], tell: Tell) -> list[str]:
    """Copy all that is not there, or has rotted there, and read every copy back. Answers those that are damaged in the
    source too. Errors: CannotBackUp when a new copy cannot be read back.
    """
    damaged: list[str] = []
    for done, name in enumerate(names, 1):
        if not is_sound(target, name):
            if not copy_blob(source, target, name):
                damaged.append(name)
            elif not is_sound(target, name):
                raise CannotBackUp(f"The copy of photo {name} does not match its name.")
        if done % 500 == 0 or done == len(names):
            tell(f"{done} of {len(names)} photos and previews")
    return damaged


def is_sound(blobs: FileBlobs, name: str) -> bool:
    try:
        return digest_of_file(blobs.path(name)) == name
    except OSError:
        return False


def copy_blob(source: FileBlobs, target: FileBlobs, name: str) -> bool:
    """Whether it was sound in the source, and is copied now. Errors: OSError when it cannot be written."""
    incoming = target.receive()
    try:
        for chunk in chunks_of(source, name):
            incoming.add(chunk)
        if incoming.sha256 != name:
            return False
        target.put_many([incoming])
    except Unreadable:
        return False
    finally:
        incoming.drop()
    return True


class Unreadable(Exception):
    """A file of the source is missing, or its disk fails."""


def chunks_of(source: FileBlobs, name: str) -> Iterator[bytes]:
    """Errors: Unreadable."""
    try:
        with source.open(name) as file:
            while chunk := file.read(CHUNK):
                yield chunk
    except OSError as error:
        raise Unreadable from error


def check_copy(folder: Path, seq: int) -> None:
    """A backup counts when its database can be read back whole. Errors: CannotBackUp."""
    engine = create_engine(f"sqlite:///{folder / PARTIAL}")
    with Session(engine) as session:
        sound = [row[0] for row in session.connection().execute(text("PRAGMA integrity_check"))] == ["ok"]
        fault = next(events.verify(session), None)
        covered = session.exec(select(Ledger)).one().seq >= seq
    engine.dispose()
    if not sound or fault or not covered:
        raise CannotBackUp(f"The copy does not verify: {fault or 'the database is damaged'}.")


def covered_by(database: Path, seq: int, damaged: Set[str], *, now: datetime) -> int:
    engine = create_engine(f"sqlite:///{database}")
    try:
        with Session(engine) as session:
            return covered(session, whole_until(session, seq, damaged), now=now)
    finally:
        engine.dispose()


def covered(session: Session, seq: int, *, now: datetime) -> int:
    """The newest event, up to `seq`, before which every record is here with all its photos."""
    waiting = session.exec(select(Submission.seq, Submission.received_at).where(col(Submission.complete).is_(False)))
    return min([seq, *(waiting_seq - 1 for waiting_seq, received_at in waiting if now - received_at <= GRACE)])


def whole_until(session: Session, seq: int, damaged: Set[str]) -> int:
    """The newest event, up to `seq`, before which no record lists a photo that the backup lacks.

    However long ago it came: a phone that still has it may have the only sound copy. Previews can be made again.
    """
    if not damaged:
        return seq
    listed = select(Attachment.sha256, Submission.seq).join(Submission).order_by(col(Submission.seq))
    return min([seq, *islice((number - 1 for sha256, number in session.exec(listed) if sha256 in damaged), 1)])


def lacking(database: Path, damaged: Set[str]) -> str:
    """Which photos are damaged, and of which records, for the person at the terminal."""
    engine = create_engine(f"sqlite:///{database}")
    with Session(engine) as session:
        found = [f"{what} of {owner_of(session, sha256)}" for sha256, what in damaged_photos(session, damaged)]
    engine.dispose()
    named = "; ".join([*found[:NAMED], *([f"and {len(found) - NAMED} more"] if len(found) > NAMED else [])])
    return (
        f"Damaged or missing here, and so not in this backup: {named}. Everything else is in it. Until that is mended, "
        "phones keep such a record and all that came after it. Bringing in a file in which a phone exported such a "
        "photo puts it back."
    )


def damaged_photos(session: Session, damaged: Set[str]) -> Iterator[tuple[str, str]]:
    for sha256, *previews in session.exec(select(Blob.sha256, Blob.preview_sha256, Blob.thumbnail_sha256)):
        if sha256 in damaged:
            yield sha256, f"photo {sha256}"
        elif not damaged.isdisjoint(previews):
            yield sha256, f"a preview of photo {sha256}"


def owner_of(session: Session, sha256: str) -> str:
    found = session.exec(select(Attachment.instance_id).where(Attachment.sha256 == sha256).distinct()).all()
    return f"record {' and '.join(sorted(found))}" if found else "no record"


def manifest_of(office: Office, database: Path, safe_seq: int) -> dict[str, Any]:
    with office.database.reading() as session:
        ledger = submissions.state_of(session)
    return {
        "format": FORMAT,
        "serverId": ledger.server_id,
        "epoch": ledger.epoch,
        "seq": safe_seq,
        "database": digest_of_file(database),
        "madeAt": events.instant(office.clock()),
    }


def put_in_place(folder: Path, manifest: dict[str, Any]) -> None:
    """Replace the backup before this one. Stopped between any two steps, there is one that `read_manifest` finds."""
    next_manifest = folder / NEXT_MANIFEST
    next_manifest.write_text(json.dumps(manifest, indent=1))
    sync_file(next_manifest)
    sync_folder(folder)
    (folder / PARTIAL).replace(folder / DATABASE)
    sync_folder(folder)
    next_manifest.replace(folder / MANIFEST)
    sync_folder(folder)


def publish(session: Session, safe_seq: int, *, now: datetime) -> None:
    ledger = events.ledger(session)
    ledger.safe_seq = max(ledger.safe_seq, safe_seq)
    session.add(ledger)
    events.append(session, "backup.verified", ledger.server_id, actor="server", now=now, data={"safeSeq": safe_seq})


def uncovered_since(session: Session) -> datetime | None:
    """When the oldest record came that no verified backup holds."""
    after = select(Submission.received_at).where(Submission.seq > submissions.state_of(session).safe_seq)
    return session.exec(after.order_by(col(Submission.seq)).limit(1)).first()


# Restoring ------------------------------------------------------------------------------------------------------


def read_manifest(source: Path) -> dict[str, Any]:
    """The manifest of the database that is there. Errors: CannotBackUp."""
    try:
        present = digest_of_file(source / DATABASE)
        manifests = [
            json.loads(path.read_text()) for name in (MANIFEST, NEXT_MANIFEST) if (path := source / name).exists()
        ]
        if any(manifest["format"] != FORMAT for manifest in manifests):
            raise CannotBackUp("This backup was made by a newer Beatbook.")
        for manifest in manifests:
            if manifest["database"] == present:
                return manifest
    except (OSError, ValueError, KeyError) as error:
        raise CannotBackUp(f"{source} holds no backup of Beatbook.") from error
    if not manifests:
        raise CannotBackUp(f"{source} holds no backup of Beatbook.")
    raise CannotBackUp(f"{source / DATABASE} is not as it was backed up. Nothing was changed.")


def make_ready(
    source: Path,
    target: Path,
    blobs: FileBlobs,
    manifest: dict[str, Any],
    said: list[erased.Line],
    forms: Forms,
    *,
    now: datetime,
) -> list[str]:
    """A copy that begins an epoch of its own, before it takes the place of what is there.

    What has been erased since is erased in it too. Answers the files of that, which no other photo has.
    """
    drop(target)
    shutil.copyfile(source, target)
    url = f"sqlite:///{target.resolve()}"
    migrate(url)
    database = Database(url, blobs=blobs)
    try:
        database.write(lambda session: after_restore(session, manifest, now=now))
        files = database.write(lambda session: erased.again(session, forms, said, now=now))
    finally:
        database.close()
    sync_file(target)
    kept = set(names_in(target))
    return [name for name in files if name not in kept]


def bring_blobs(source: FileBlobs, target: FileBlobs, names: list[str], tell: Tell) -> list[str]:
    """A photo that rotted in the backup costs itself and not the rest: whoever restores has nothing better. Answers
    what was lost so.
    """
    lost = [name for name in names if not target.has(name) and not copy_blob(source, target, name)]
    if lost:
        tell(f"{len(lost)} of {len(names)} photos and previews are missing in the backup or damaged. The rest is here.")
        tell("verify names them. Bringing in a file in which a phone exported such a photo puts it back.")
    return lost


def bring_keys(data: Path, source: Path) -> None:
    """Keys are added and never replaced: phones hold what was sealed to either."""
    keys = parcels.Keys(source / parcels.FOLDER).known.values()
    kept = parcels.Keys(data / parcels.FOLDER)
    kept.keep(keys)
    kept.note_backup(key.id for key in keys)


def put_aside(data: Path, tell: Tell) -> None:
    """Keep what is there: a restore may be a mistake. What only the old database may have beside it goes first."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    seal.take_off(data / DATABASE)
    head.forget(data)
    for suffix in ("-wal", "-shm", ""):
        present = data / (DATABASE + suffix)
        if present.exists():
            present.rename(data / f"{PUT_ASIDE}{stamp}.db{suffix}")
            tell(f"What was there is kept for 30 days, as {PUT_ASIDE}{stamp}.db{suffix}.")


def after_restore(session: Session, manifest: dict[str, Any], *, now: datetime) -> None:
    events.begin_epoch(session, "restored from a backup", now=now)
    ledger = events.ledger(session)
    ledger.safe_seq = covered(session, whole_until(session, manifest["seq"], set(manifest.get(DAMAGED, ()))), now=now)
    session.add(ledger)
