"""Backups: a copy of the database and of every photo it names, verified before it counts; and the way back.

`safe_seq` is the newest event that a verified backup covers: devices keep what they sent until it is covered. It is
read at the start of the backup, so that what arrives meanwhile does not count, and published only at its end. A record
whose photos are still on their way is not covered, nor is what came after it: a device lets go of both together.
"""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, create_engine, select

from . import events, seal, submissions
from .blobs import FileBlobs, digest_of_file
from .models import Blob, Ledger, Submission
from .office import Office
from .settings import Settings

DATABASE, BLOBS, MANIFEST = "beatbook.db", "blobs", "manifest.json"
FORMAT = 1
GRACE = timedelta(days=14)  # promise 6: after it a device lets go whatever is covered, so nothing is held back longer
Tell = Callable[[str], None]


class CannotBackUp(Exception):
    """Its text says why, for the person at the terminal."""


def back_up(office: Office, to: Path, tell: Tell) -> None:
    """Make or refresh a backup in the folder `to`.

    Errors: CannotBackUp, OSError.
    """
    if office.database.write_engine.dialect.name != "sqlite":
        raise CannotBackUp("With PostgreSQL use pg_dump for the database and copy the folder of the photos.")
    to.mkdir(parents=True, exist_ok=True)
    with office.database.reading() as session:
        safe_seq = submissions.state_of(session).seq
    copy_database(office.settings, to / DATABASE)
    names = names_in(to / DATABASE)
    copies = FileBlobs(to / BLOBS)
    for done, name in enumerate(names, 1):
        copy_blob(office.blobs, copies, name)
        if done % 500 == 0 or done == len(names):
            tell(f"{done} of {len(names)} photos and previews")
    check_copy(to, safe_seq)
    write_manifest(to, office, safe_seq)
    whole = covered_by(to, safe_seq, now=office.clock())
    office.database.write(lambda session: publish(session, whole, now=office.clock()))
    tell(f"Backed up and verified up to event {safe_seq}, in {to.resolve()}.")


def restore(settings: Settings, source: Path, tell: Tell, now: datetime | None = None) -> None:
    """Put a backup in the place of the data folder's database. What stood there before is kept beside it.

    Its history is shorter than what devices may have seen, so a new epoch begins and they offer again what is missing.
    Errors: CannotBackUp, OSError.
    """
    manifest = read_manifest(source)
    if digest_of_file(source / DATABASE) != manifest["database"]:
        raise CannotBackUp(f"{source / DATABASE} is not as it was backed up. Nothing was changed.")
    settings.data.mkdir(parents=True, exist_ok=True)
    put_aside(settings.data, tell)
    blobs, copies = FileBlobs(settings.blob_folder), FileBlobs(source / BLOBS)
    for name in names_in(source / DATABASE):
        copy_blob(copies, blobs, name)
    seal.take_off(settings.data / DATABASE)
    shutil.copyfile(source / DATABASE, settings.data / DATABASE)
    from .office import open_office

    office = open_office(settings)
    try:
        office.database.write(lambda session: after_restore(session, manifest, now=now or datetime.now(UTC)))
    finally:
        office.close()
    tell(f"Restored up to event {manifest['seq']}. Devices will offer again whatever is newer.")


# Backing up -----------------------------------------------------------------------------------------------------


def copy_database(settings: Settings, target: Path) -> None:
    """A whole copy from one moment, while others write."""
    assert settings.database_file is not None
    partial = target.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    with closing(sqlite3.connect(settings.database_file)) as connection:
        connection.execute("VACUUM INTO ?", (str(partial),))
    partial.replace(target)


def names_in(database: Path) -> list[str]:
    """Every file that a database names: originals, previews, thumbnails."""
    engine = create_engine(f"sqlite:///{database}")
    with Session(engine) as session:
        rows = session.exec(select(Blob.sha256, Blob.preview_sha256, Blob.thumbnail_sha256)).all()
    engine.dispose()
    return sorted({name for row in rows for name in row if name})


def copy_blob(source: FileBlobs, target: FileBlobs, name: str) -> None:
    """Copy one, unless it is there. Errors: CannotBackUp when the copy does not match its name."""
    if target.has(name):
        return
    incoming = target.receive()
    try:
        with source.open(name) as file:
            while chunk := file.read(1024 * 1024):
                incoming.add(chunk)
        if incoming.sha256 != name:
            raise CannotBackUp(f"Photo {name} is damaged. Run verify.")
        target.put_many([incoming])
    finally:
        incoming.drop()


def check_copy(folder: Path, seq: int) -> None:
    """A backup counts when it can be read back whole. Errors: CannotBackUp."""
    engine = create_engine(f"sqlite:///{folder / DATABASE}")
    with Session(engine) as session:
        sound = [row[0] for row in session.connection().execute(text("PRAGMA integrity_check"))] == ["ok"]
        fault = next(events.verify(session), None)
        covered = session.exec(select(Ledger)).one().seq >= seq
    engine.dispose()
    if not sound or fault or not covered:
        raise CannotBackUp(f"The copy does not verify: {fault or 'the database is damaged'}.")
    for name in names_in(folder / DATABASE):
        if digest_of_file(FileBlobs(folder / BLOBS).path(name)) != name:
            raise CannotBackUp(f"The copy of photo {name} does not match its name.")


def write_manifest(folder: Path, office: Office, safe_seq: int) -> None:
    with office.database.reading() as session:
        head = submissions.state_of(session)
    manifest = {
        "format": FORMAT,
        "serverId": head.server_id,
        "epoch": head.epoch,
        "seq": safe_seq,
        "database": digest_of_file(folder / DATABASE),
        "madeAt": events.instant(office.clock()),
    }
    partial = folder / f"{MANIFEST}.partial"
    partial.write_text(json.dumps(manifest, indent=1))
    partial.replace(folder / MANIFEST)


def covered_by(folder: Path, seq: int, *, now: datetime) -> int:
    engine = create_engine(f"sqlite:///{folder / DATABASE}")
    with Session(engine) as session:
        whole = covered(session, seq, now=now)
    engine.dispose()
    return whole


def covered(session: Session, seq: int, *, now: datetime) -> int:
    """The newest event, up to `seq`, before which every record is here with all its photos."""
    waiting = session.exec(select(Submission).where(col(Submission.complete).is_(False)))
    return min([seq, *(record.seq - 1 for record in waiting if now - record.received_at <= GRACE)])


def publish(session: Session, safe_seq: int, *, now: datetime) -> None:
    head = events.ledger(session)
    head.safe_seq = max(head.safe_seq, safe_seq)
    session.add(head)
    events.append(session, "backup.verified", head.server_id, actor="server", now=now, data={"safeSeq": safe_seq})


# Restoring ------------------------------------------------------------------------------------------------------


def read_manifest(source: Path) -> dict[str, Any]:
    """Errors: CannotBackUp."""
    try:
        manifest = json.loads((source / MANIFEST).read_text())
        if manifest["format"] != FORMAT:
            raise CannotBackUp("This backup was made by a newer Beatbook.")
        return manifest
    except (OSError, ValueError, KeyError) as error:
        raise CannotBackUp(f"{source} holds no backup of Beatbook.") from error


def put_aside(data: Path, tell: Tell) -> None:
    """Keep what is there: a restore may be a mistake."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    for suffix in ("", "-wal", "-shm"):
        present = data / (DATABASE + suffix)
        if present.exists():
            present.rename(data / f"before-restore-{stamp}.db{suffix}")
            tell(f"What was there is kept as before-restore-{stamp}.db{suffix}.")


def after_restore(session: Session, manifest: dict[str, Any], *, now: datetime) -> None:
    events.begin_epoch(session, "restored from a backup", now=now)
    head = events.ledger(session)
    head.safe_seq = covered(session, manifest["seq"], now=now)
    session.add(head)
