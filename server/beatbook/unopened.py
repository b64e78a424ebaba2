"""Unopened: parcels that came while their key was not here; they are opened as soon as it is.

They wait among what was kept aside. A key comes back with a backup that is restored, or by a person's hand.
"""

from datetime import datetime

import structlog
from sqlmodel import Session, col, select

from . import attachments, people, photos, submissions
from .blobs import FileBlobs
from .database import Database, disk_problem
from .forms import Forms
from .models import Device, Quarantine
from .parcels import Keys, name_in
from .problems import DeviceRevoked, ParcelUnopened, Problem
from .settings import Settings

log = structlog.get_logger()

OPENED = "Opened by itself when its key was here again."


def open_again(
    database: Database, blobs: FileBlobs, keys: Keys, *, now: datetime, forms: Forms, settings: Settings
) -> int:
    """Take in what can be opened now, as if it had come today. Returns how many; the others go on waiting."""
    with database.reading() as session:
        found = waiting(session)
    count = 0
    for kept, device in found:
        try:
            name = name_in(kept.payload)
            content = keys.open(kept.payload, name=name)
            if name == "submission":
                take_record(database, content, kept, device, now=now, forms=forms, settings=settings)
            else:
                take_photo(database, blobs, content, kept, device, now=now, settings=settings)
        except ParcelUnopened:
            continue
        except Problem as problem:
            log.warning("a parcel was opened and is not taken", kept=kept.id, problem=problem.slug)
            continue
        count += 1
    return count


def waiting(session: Session) -> list[tuple[Quarantine, Device]]:
    """Oldest first."""
    query = select(Quarantine, Device).join(Device)
    query = query.where(Quarantine.slug == ParcelUnopened.slug, col(Quarantine.resolved_at).is_(None))
    return [(kept, device) for kept, device in session.exec(query.order_by(col(Quarantine.received_at)))]


def take_record(
    database: Database,
    payload: bytes,
    kept: Quarantine,
    device: Device,
    *,
    now: datetime,
    forms: Forms,
    settings: Settings,
) -> None:
    def take(session: Session) -> None:
        if people.is_cut_off(device):  # whether it becomes a record is for a person to say
            submissions.keep_aside(session, payload, device, DeviceRevoked(), now=now)
        else:
            submissions.receive(session, payload, device, now=now, forms=forms, settings=settings)
        submissions.settle_aside(session, kept.id, OPENED, now=now)

    database.write(take)


def take_photo(
    database: Database,
    blobs: FileBlobs,
    content: bytes,
    kept: Quarantine,
    device: Device,
    *,
    now: datetime,
    settings: Settings,
) -> None:
    try:
        photo = attachments.incoming_of(blobs, content)
    except OSError as error:  # it waits on, and the start does not wait for it
        raise disk_problem(error) from error

    def take(session: Session) -> None:
        attachments.receive(session, photo, inspected, device, now=now)
        submissions.settle_aside(session, kept.id, OPENED, now=now)

    try:
        inspected = photos.inspect(photo.head, photo.path, max_pixels=settings.max_pixels)
        database.writer.take(take, [photo]).result()
    finally:
        photo.drop()
