"""Unlisted: photos that are here and that no record lists.

One came before its record, or what listed it was kept aside and is erased by now. It waits 30 days for a record. While
its device has numbers that did not come, or something of it could not be opened yet, that record may still be on its
way: then it waits as long as a record whose form is not known. It leaves no redaction, for should its record come after
all, the photo is asked for again.
"""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from sqlmodel import Session, col, delete, or_, select

from . import events, numbers, people, redactions, retention
from .blobs import FileBlobs
from .database import Database
from .forms import Forms
from .forms.expressions import london
from .models import (
    Attachment,
    Blob,
    Contact,
    Correction,
    Device,
    Event,
    PupilPhoto,
    Quarantine,
    Redaction,
)
from .numbers import Fate
from .problems import ParcelUnopened
from .retention import Term

CLASS, PHOTO = "unlisted_photo", "photo"
LET_GO = "attachment.let-go"
NOT_COMING = frozenset({Fate.DISCARDED, Fate.BEFORE})
NAMED = re.compile(rb"[0-9a-f]{64}")


def terms(session: Session, forms: Forms, on: date) -> Iterator[Term]:
    """Of every one, the oldest first."""
    found = unlisted(session)
    if not found:
        return
    periods = retention.classes(forms, on)
    waited_for = waiting_devices(session, {blob.device_id for blob in found})
    for blob in found:
        period = periods[retention.UNKNOWN if blob.device_id in waited_for else CLASS]
        came = london(blob.received_at).date()
        until = retention.end_of(period.counted_from, {period.counted_from: came}, period.years, period.days)
        assert until is not None
        yield Term(f"{PHOTO}:{blob.sha256}", CLASS, until, None, held=False)


def erase_due(database: Database, blobs: FileBlobs, forms: Forms, *, now: datetime) -> None:
    """Let go of what has waited long enough, first in the database, then the files."""
    today = london(now).date()

    def due(session: Session) -> list[str]:
        return [term.instance_id.partition(":")[2] for term in terms(session, forms, today) if term.is_due(today)]

    def let_go_of(session: Session, part: Sequence[str]) -> None:
        for sha256 in set(due(session)).intersection(part):  # a record that lists it may have come meanwhile
            let_go(session, sha256, now=now)

    with database.reading() as session:
        found = due(session)
    for start in range(0, len(found), retention.TOGETHER):
        database.write(lambda session, part=found[start : start + retention.TOGETHER]: let_go_of(session, part))
    sweep(database, blobs)


def let_go(session: Session, sha256: str, *, now: datetime) -> None:
    files = redactions.files_of(session, sha256)
    session.exec(delete(Blob).where(col(Blob.sha256) == sha256))
    events.append(session, LET_GO, sha256, actor="server", now=now, data={"files": files})


def sweep(database: Database, blobs: FileBlobs) -> None:
    """Remove the files of all that was let go, also those that a stop left behind.

    The same photo may be coming again at this moment, its file in its place and its row not yet: so this closes a group
    of the writer, and finds the row of every photo whose file is there.
    """
    with database.reading() as session:
        told = session.exec(select(Event.data).where(Event.kind == LET_GO)).all()
    left = {name for data in told for name in json.loads(data)["files"] if blobs.has(name)}
    if left:
        database.write_last(lambda session: redactions.sweep(session, blobs, sorted(left)))


# Which they are ---------------------------------------------------------------------------------------------------


def unlisted(session: Session) -> list[Blob]:
    """The oldest first. No record, pupils' photo, correction or erasure names them, nor what was kept aside."""
    pupils = select(PupilPhoto.sha256).where(col(PupilPhoto.sha256) == Blob.sha256)
    covered = select(PupilPhoto.shown).where(col(PupilPhoto.shown).is_not(None))
    query = select(Blob).where(
        ~select(Attachment.sha256).where(col(Attachment.sha256) == Blob.sha256).exists(),
        ~select(Redaction.subject).where(col(Redaction.subject) == Blob.sha256).exists(),
        ~pupils.exists(),
        col(Blob.sha256).not_in(covered),
    )
    found = list(session.exec(query.order_by(col(Blob.received_at))))
    aside = named_aside(session) if found else set()
    return [blob for blob in found if blob.sha256 not in aside and not is_in_a_correction(session, blob.sha256)]


def named_aside(session: Session) -> set[str]:
    """What the bytes name that were kept aside, also those that somebody has looked at: they are still here."""
    payloads = session.exec(select(Quarantine.payload).where(Quarantine.slug != ParcelUnopened.slug))
    return {name.decode() for payload in payloads for name in NAMED.findall(payload)}


def is_in_a_correction(session: Session, sha256: str) -> bool:
    named = or_(col(Correction.before).contains(sha256), col(Correction.after).contains(sha256))
    return session.exec(select(Correction.seq).where(named).limit(1)).first() is not None


def waiting_devices(session: Session, device_ids: set[str]) -> set[str]:
    """The devices of which a record may still come that has not: a number is missing, or a parcel waits for its key."""
    unopened = select(Quarantine.device_id).where(
        Quarantine.slug == ParcelUnopened.slug, col(Quarantine.resolved_at).is_(None)
    )
    waiting = set(session.exec(unopened)) & device_ids
    query = select(Device, Contact).join(Contact, isouter=True).where(col(Device.id).in_(device_ids - waiting))
    for device, contact in session.exec(query).all():
        if people.is_importing(device):  # numbers of many phones meet there, so gaps mean nothing
            continue
        runs = numbers.runs(numbers.of(session, device.id), numbers.account_of(contact))
        if any(run.fate not in NOT_COMING for run in runs):
            waiting.add(device.id)
    return waiting
