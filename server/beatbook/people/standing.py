"""Standing: how a device stands with the desk, what it is told to do about it, and what it said that it did.

A device may be new, in use, locked, leaving, lost, stolen or gone; each change is a step with who and why, and can be
taken back. What a device has to do about it is an *order*. An order is proven with a key that only this server and the
device have (the digest of its token), so that no other that answers in our name can make a phone clear itself.

Clearing takes two steps. The device hands over what it has, then asks whether it may clear itself; the yes is proven
for that very question. From there on there is no way back. Once it is empty it says so.
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from .. import events
from ..models import Device, DeviceStep, Person, Role, Standing
from ..problems import NothingOrdered, TooLateToFind, WhyMissing
from .columns import digest
from .devices import nothing_left, retire

OUT_OF_HAND = frozenset({Standing.LOST, Standing.STOLEN})
ORDERED = {
    Standing.LOCKED: "lock",
    Standing.LEAVING: "leave",  # in its person's hands, who may finish what is begun
    Standing.LOST: "clear",
    Standing.STOLEN: "clear",
    Standing.CLEARING: "clear",
}
CLEARS = frozenset({Standing.LEAVING, Standing.LOST, Standing.STOLEN, Standing.CLEARING})
SETTLED = frozenset({Standing.NEW, Standing.IN_USE, Standing.LOCKED})
KINDS = {standing: f"device.stands-{standing.value.replace('_', '-')}" for standing in Standing}
MOST_WORDS = 300  # of a reason
COUNTED = ("records", "photos", "drafts", "left", "unread")  # what a device says of its clearing, in numbers
MOST_COUNTED = 1_000_000


@dataclass(frozen=True)
class Order:
    """What a device has to do, and the proof that we say so."""

    id: int
    do: str  # lock, leave or clear
    why: Standing
    proof: str

    def to_wire(self) -> dict[str, Any]:
        return {"id": self.id, "do": self.do, "why": self.why, "proof": self.proof}


# At the desk ----------------------------------------------------------------------------------------------------


def change(
    session: Session, device: Device, standing: Standing, why: str | None, *, person: Person, now: datetime
) -> None:
    """Somebody at the desk decides how a device stands from now on.

    Errors: WhyMissing where others will ask why; TooLateToFind once it was told that it may clear itself.
    """
    why = " ".join((why or "").split())[:MOST_WORDS] or None
    if device.standing in (Standing.CLEARING, Standing.CLEARED) or device.retired_at is not None:
        raise TooLateToFind
    if standing in OUT_OF_HAND and why is None:
        raise WhyMissing
    if standing is device.standing:
        return
    take(session, device, standing, by=f"person:{person.id}", now=now, why=why)


def steps_of(session: Session, device_id: str) -> list[DeviceStep]:
    """Newest first."""
    found = select(DeviceStep).where(DeviceStep.device_id == device_id).order_by(col(DeviceStep.seq).desc())
    return list(session.exec(found))


def set_up_anew(session: Session, token: str, device_id: str, name: str, *, now: datetime) -> None:
    """A phone that was `device_id`, as its token shows, has become another device. Its unsent work goes under that."""
    before = session.get(Device, device_id)
    if before is None or before.token_digest != digest(token) or before.standing not in SETTLED:
        return
    take(session, before, Standing.GONE, by=f"device:{before.id}", now=now, why=f"Set up anew as {name}")
    nothing_left(session, before.id)


# From the device ------------------------------------------------------------------------------------------------


def order_of(session: Session, device: Device, server_id: str) -> Order | None:
    """What a device is told at each contact until it has done it."""
    if device.standing not in ORDERED:
        return None
    step, why = newest(session, device.id), reason_of(session, device)
    proof = proof_of(device, "order", server_id, device.id, step.seq, why)
    return Order(step.seq, ORDERED[device.standing], why, proof)


def may_clear(
    session: Session, device: Device, nonce: str, told: Mapping[str, Any], server_id: str, *, now: datetime
) -> str:
    """A device has handed over what it has and asks whether it may clear itself. Returns the proof of the yes.

    Errors: NothingOrdered, when it was found again meanwhile.
    """
    if device.standing not in CLEARS:
        raise NothingOrdered
    why = reason_of(session, device)
    if device.standing is not Standing.CLEARING:
        by = f"device:{device.id}"
        take(session, device, Standing.CLEARING, by=by, now=now, told={**counted(told), "because": why})
    return proof_of(device, "clear", server_id, device.id, nonce)


def cleared(session: Session, device: Device, *, now: datetime) -> None:
    """A device says that it is empty now. Errors: NothingOrdered."""
    if device.standing is Standing.CLEARED:
        return
    if device.standing is not Standing.CLEARING:
        raise NothingOrdered
    why = newest(session, device.id).told
    take(session, device, Standing.CLEARED, by=f"device:{device.id}", now=now, told=why)
    retire(session, device, now=now, actor=f"device:{device.id}")
    nothing_left(session, device.id)


def hands_over(device: Device) -> bool:
    """Whether a device brings what is neither finished nor accepted. What is not to be known of a child stays there."""
    return device.standing in CLEARS and device.role is not Role.PUPIL


# Steps ----------------------------------------------------------------------------------------------------------


def take(
    session: Session,
    device: Device,
    standing: Standing,
    *,
    by: str,
    now: datetime,
    why: str | None = None,
    told: Mapping[str, Any] | None = None,
) -> None:
    step = DeviceStep(seq=0, device_id=device.id, standing=standing, why=why, by=by, told=dict(told or {}), at=now)
    row = events.digest_of(sealed(step))
    step.seq = events.append(session, KINDS[standing], device.id, actor=by, now=now, data={"row": row}).seq
    device.standing = standing
    session.add(step)
    session.add(device)
    session.flush()


def newest(session: Session, device_id: str) -> DeviceStep:
    """Errors: NothingOrdered when the desk has never said anything about the device."""
    found = select(DeviceStep).where(DeviceStep.device_id == device_id).order_by(col(DeviceStep.seq).desc())
    step = session.exec(found.limit(1)).first()
    if step is None:
        raise NothingOrdered
    return step


def reason_of(session: Session, device: Device) -> Standing:
    """Why it clears itself, also while it does."""
    if device.standing is not Standing.CLEARING:
        return device.standing
    return Standing(newest(session, device.id).told.get("because", Standing.LOST))


def counted(told: Mapping[str, Any]) -> dict[str, int]:
    """How much was handed over, and what could not be, as far as it says so in numbers."""
    found = {name: told.get(name) for name in COUNTED}
    return {
        name: min(number, MOST_COUNTED)
        for name, number in found.items()
        if isinstance(number, int) and not isinstance(number, bool) and number >= 0
    }


def proof_of(device: Device, *said: Any) -> str:
    text = "\n".join(["beatbook", *(str(one) for one in said)])
    return hmac.new(bytes.fromhex(device.token_digest), text.encode(), hashlib.sha256).hexdigest()


def sealed(step: DeviceStep) -> dict[str, Any]:
    return events.seal_of(step, apart={"seq"})


def stands(session: Session, device: Device, first: str) -> bool:
    """Whether a device's row says what its steps have led to, for `verify`. `first` is how it stood when it came."""
    step = session.exec(
        select(DeviceStep).where(DeviceStep.device_id == device.id).order_by(col(DeviceStep.seq).desc()).limit(1)
    ).first()
    return device.standing == (step.standing if step else first)


def all_steps(session: Session) -> Iterator[DeviceStep]:
    return iter(session.exec(select(DeviceStep).order_by(col(DeviceStep.seq))))
