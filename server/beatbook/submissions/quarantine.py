"""Quarantine: bytes that could not become a submission, kept aside until somebody has looked."""

import hashlib
import json
import uuid
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from .. import envelope as envelopes
from .. import events, redactions
from ..forms import Forms
from ..models import Device, Person, Quarantine, Role
from ..problems import DeviceRevoked, IdReused, JsonShape, NoteMissing, NotFound, NotJson, Problem
from ..settings import Settings
from .arrival import Received, receive


def keep_aside(
    session: Session, payload: bytes, device: Device, problem: Problem, *, now: datetime, actor: str | None = None
) -> None:
    """Put bytes that could not become a submission into quarantine, once for the same bytes and reason."""
    digest = hashlib.sha256(payload).hexdigest()
    known = session.exec(
        select(Quarantine).where(
            Quarantine.digest == digest, Quarantine.slug == problem.slug, Quarantine.device_id == device.id
        )
    ).first()
    if known is not None:
        return
    kept = Quarantine(
        id=str(uuid.uuid4()),
        received_at=now,
        device_id=device.id,
        instance_id=envelopes.guess_id(payload),
        digest=digest,
        payload=payload,
        slug=problem.slug,
        detail=problem.detail,
    )
    session.add(kept)
    events.append(
        session,
        "quarantine.kept",
        kept.id,
        actor=actor or f"device:{device.id}",
        now=now,
        data={"digest": digest, "problem": problem.slug, "row": events.digest_of(sealed_aside(kept))},
    )


def aside(session: Session, *, resolved: bool) -> list[tuple[Quarantine, Device]]:
    """What was kept aside and waits for somebody to look, or was looked at; newest first."""
    looked_at = col(Quarantine.resolved_at).is_not(None) if resolved else col(Quarantine.resolved_at).is_(None)
    query = select(Quarantine, Device).join(Device).where(looked_at).order_by(col(Quarantine.received_at).desc())
    return [(kept, device) for kept, device in session.exec(query.limit(MOST_ASIDE))]


def count_aside(session: Session) -> int:
    waiting = select(func.count()).select_from(Quarantine).where(col(Quarantine.resolved_at).is_(None))
    return session.exec(waiting).one()


def get_aside(session: Session, kept_id: str) -> Quarantine:
    """Errors: NotFound."""
    kept = session.get(Quarantine, kept_id)
    if kept is None:
        raise NotFound
    return kept


def resolve_aside(session: Session, kept_id: str, note: str, *, person: Person, now: datetime) -> None:
    """Somebody has looked and says what came of it. The bytes stay. Errors: NotFound, NoteMissing."""
    kept, note = get_aside(session, kept_id), " ".join(note.split())[:1000]
    if not note:
        raise NoteMissing
    kept.resolved_by = person.id
    note_outcome(session, kept, note, actor=f"person:{person.id}", now=now)


def settle_aside(session: Session, kept_id: str, note: str, *, now: datetime) -> None:
    """Nobody need look any more. Errors: NotFound."""
    note_outcome(session, get_aside(session, kept_id), note, actor="server", now=now)


def note_outcome(session: Session, kept: Quarantine, note: str, *, actor: str, now: datetime) -> None:
    kept.resolved_at, kept.note = now, note
    session.add(kept)
    row = events.digest_of(sealed_outcome(kept))
    events.append(session, LOOKED_AT, kept.id, actor=actor, now=now, data={"row": row})


def erase_aside(session: Session, kept: Quarantine, *, now: datetime) -> None:
    """Take the bytes away, and what came of them in words.

    Their digest stays, so they are not kept a second time, and their counter, so that no number seems to be missing.
    """
    stub = {"counter": envelopes.guess_counter(kept.payload), "redacted": [redactions.EVERYTHING]}
    kept.payload, kept.instance_id, kept.note = json.dumps(stub).encode(), None, ""
    kept.resolved_at = kept.resolved_at or now
    session.add(kept)
    data = {"row": events.digest_of(sealed_erased(kept))}
    events.append(session, ASIDE_ERASED, kept.id, actor="server", now=now, data=data)


def take_in(
    session: Session, kept_id: str, *, person: Person, now: datetime, forms: Forms, settings: Settings
) -> Received:
    """Somebody has decided that what came from a stolen or retired device is a record like any other.

    Errors: NotFound, and what `receive` refuses; then it stays aside.
    """
    kept = get_aside(session, kept_id)
    device = session.get(Device, kept.device_id)
    if device is None or not may_take_in(kept) or device.role is Role.PUPIL:
        raise NotFound
    received = receive(session, kept.payload, device, now=now, forms=forms, settings=settings)
    actor = f"person:{person.id}"
    events.append(session, "submission.taken-in", received.submission.instance_id, actor=actor, now=now)
    resolve_aside(session, kept_id, TAKEN_IN, person=person, now=now)
    return received


def may_take_in(kept: Quarantine) -> bool:
    """Only because of the device that it came from was it kept aside."""
    return kept.slug == DeviceRevoked.slug and kept.resolved_at is None


TAKEN_IN = "Taken in as a record"
MOST_ASIDE = 200  # shown at once; when these are dealt with the next appear
LOOKED_AT, ASIDE_ERASED = "quarantine.looked-at", "quarantine.erased"


# Problems after which the bytes are worth keeping for a person to look at.
KEPT_ASIDE = (IdReused, NotJson, JsonShape)


def sealed_aside(kept: Quarantine) -> dict[str, Any]:
    return events.seal_of(kept, {"payload", "resolved_at", "resolved_by", "note"})


def sealed_outcome(kept: Quarantine) -> dict[str, Any]:
    assert kept.resolved_at is not None
    return {"at": events.instant(kept.resolved_at), "by": kept.resolved_by, "note": kept.note}


def sealed_erased(kept: Quarantine) -> dict[str, Any]:
    return {**events.seal_of(kept, {"payload"}), "payload": hashlib.sha256(kept.payload).hexdigest()}
