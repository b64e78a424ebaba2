"""Devices: enrolled with a code, known by a token, and how we last heard of each."""

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from .. import events
from ..models import Contact, Device, Invitation, Person, Role, Standing
from ..problems import DeviceRevoked, SignIn
from .columns import digest, school_of
from .invitations import look_at, tidy_code


@dataclass(frozen=True)
class Enrolled:
    device: Device
    token: str


def enrol(session: Session, code: str, *, now: datetime, attempt: str = "") -> Enrolled:
    """Turn a code into a device with a token of its own. A code works once.

    On a bad network the code may be used and the answer lost. A phone that names its `attempt`, a secret it made
    beforehand, may therefore ask again until the code is too old: it gets the same device with a new token.

    Errors: CodeUnknown, CodeUsed, CodeExpired.
    """
    again = lost_answer(session, code, attempt, now=now)
    if again is not None:
        return again
    invitation = look_at(session, code, now=now)
    token = secrets.token_urlsafe(32)
    device = Device(
        id=str(uuid.uuid4()),
        name=invitation.name,
        role=invitation.role,
        token_digest=digest(token),
        enrolled_at=now,
        school_id=invitation.school_id,
        standing=Standing.NEW if invitation.confirm else Standing.IN_USE,
    )
    invitation.used_at, invitation.made_id = now, device.id
    invitation.attempt = digest(attempt) if attempt else None
    session.add(invitation)
    session.add(device)
    note_enrolment(session, device, actor=f"device:{device.id}", now=now)
    return Enrolled(device, token)


def lost_answer(session: Session, code: str, attempt: str, *, now: datetime) -> Enrolled | None:
    """The device that this very attempt has made already. The token that went astray opens nothing any more."""
    invitation = session.get(Invitation, digest(tidy_code(code))) if attempt else None
    if invitation is None or invitation.attempt != digest(attempt) or invitation.expires_at <= now:
        return None
    device = session.get(Device, invitation.made_id)
    if device is None or device.retired_at is not None or device.standing not in (Standing.NEW, Standing.IN_USE):
        return None
    token = secrets.token_urlsafe(32)
    device.token_digest = digest(token)
    session.add(device)
    row = events.digest_of(sealed_device(device))
    events.append(session, REPEATED, device.id, actor=f"device:{device.id}", now=now, data={"row": row})
    return Enrolled(device, token)


REPEATED = "device.enrolled-again"


def device_of(session: Session, token: str) -> Device:
    """The device a token belongs to.

    Errors: SignIn when there is none. A retired device is returned: what it sends is kept aside, see `is_cut_off`.
    """
    device = session.exec(select(Device).where(Device.token_digest == digest(token))).first() if token else None
    if device is None:
        raise SignIn
    return device


def is_cut_off(device: Device) -> bool:
    """Whether nothing of a device is taken as a record any more: what it still sends is kept aside."""
    return device.retired_at is not None or device.standing in (Standing.STOLEN, Standing.GONE)


def refuse_reading(device: Device) -> None:
    """A device that is out of its person's hands learns nothing; it may still deliver. Errors: DeviceRevoked."""
    if is_cut_off(device) or device.standing in (Standing.LOST, Standing.CLEARING):
        raise DeviceRevoked


def retire(session: Session, device: Device, *, now: datetime, actor: str) -> None:
    """From now on the server refuses the device; it keeps what it holds."""
    device.retired_at = now
    session.add(device)
    events.append(session, "device.retired", device.id, actor=actor, now=now)


def note_contact(
    session: Session,
    device_id: str,
    report: Mapping[str, Any],
    *,
    now: datetime,
    account: dict[str, Any] | None = None,
) -> None:
    """Keep what a device said of itself: unsent work, storage, app version, clock, its numbers without a receipt.

    That its storage was cleared stays until somebody has looked, for unsent records may be lost: see `wipe_seen`.
    """
    contact = session.get(Contact, device_id) or Contact(device_id=device_id, seen_at=now)
    contact.seen_at = now
    if report:
        contact.report = dict(report)
    if "clock" in report:
        contact.report["skew"] = skew_of(report["clock"], now)
    if account is not None:
        contact.account = account
    if report.get("wiped") is True and contact.wiped_at is None:
        contact.wiped_at = now
        events.append(session, "device.wiped", device_id, actor=f"device:{device_id}", now=now)
    session.add(contact)


def nothing_left(session: Session, device_id: str) -> None:
    """A device has cleared itself: what it said before of unsent work is true no more."""
    contact = session.get(Contact, device_id)
    if contact is not None:
        contact.report, contact.account = {**contact.report, "unsent": 0, "oldestUnsentAt": None}, None
        session.add(contact)


def skew_of(clock: Any, now: datetime) -> int | None:
    """How many seconds a device's clock is behind ours; less than 0 when it is ahead."""
    try:
        moment = datetime.fromisoformat(clock)
        return round((now - moment).total_seconds()) if moment.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        return None


def wipe_seen(session: Session, device_id: str, *, now: datetime, actor: str) -> None:
    """Somebody has looked into it that a device's storage was cleared."""
    contact = session.get(Contact, device_id)
    if contact is not None and contact.wiped_at is not None:
        contact.wiped_at = None
        session.add(contact)
        events.append(session, "device.wipe-seen", device_id, actor=actor, now=now)


def importing_device(session: Session, person: Person, *, now: datetime) -> Device:
    """The device under which a person's imports stand when the device that made a record is not known here.

    Its token is no SHA-256, so nothing can ever sign in with it; it is retired from the start.
    """
    token = f"import:{person.id}"
    known = session.exec(select(Device).where(Device.token_digest == token)).first()
    if known is not None:
        return known
    actor = f"person:{person.id}"
    device = Device(
        id=str(uuid.uuid4()),
        name=f"Imported by {person.name}"[:80],
        role=Role.OFFICER,
        token_digest=token,
        enrolled_at=now,
    )
    session.add(device)
    note_enrolment(session, device, actor=actor, now=now)
    session.flush()
    retire(session, device, now=now, actor=actor)
    return device


def is_importing(device: Device) -> bool:
    return device.token_digest.startswith("import:")


def note_enrolment(session: Session, device: Device, *, actor: str, now: datetime) -> None:
    events.append(
        session,
        "device.enrolled",
        device.id,
        actor=actor,
        now=now,
        data={
            "role": device.role,
            "row": events.digest_of(sealed_device(device)),
            **({"standing": device.standing} if device.standing is not Standing.IN_USE else {}),
        },
    )


def devices(session: Session) -> list[tuple[Device, Contact | None]]:
    rows = session.exec(select(Device, Contact).join(Contact, isouter=True).order_by(col(Device.name)))
    return [(device, contact) for device, contact in rows]


def sealed_device(device: Device) -> dict[str, Any]:
    """What of a device may never change, as its event's digest seals it."""
    return {
        "id": device.id,
        "name": device.name,
        "role": device.role,
        "token": device.token_digest,
        "at": events.instant(device.enrolled_at),
        **school_of(device.school_id),
    }
