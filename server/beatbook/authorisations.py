"""Authorisations: who carries a device, which offences they may give notices for, and the code in their numbers.

A device is told all three as dated settings of its own (`officer.name`, `authorised.LIT`), so that a form asks for them
as it asks for an amount, and the server asks again with the same words when the record arrives.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, func, select

from . import events
from .forms.dated import ALWAYS, Dated
from .models import Authorisation, Device, Holder, Pad, Person, Role
from .problems import OfficersOnly, StepIncomplete

OFFENCES = {
    "LIT": "Littering",
    "LITC": "Littering, cigarette end",
    "GRA": "Graffiti",
    "PSPO": "Breach of a public spaces order",
    "CPN": "Community protection notice",
}
NAMES = {**OFFENCES, "CPW": "Community protection warning"}  # a warning needs no paper
LONGEST_TERM = timedelta(days=3 * 366)  # a paper that authorises for longer has been forgotten


# Numbers -------------------------------------------------------------------------------------------------------


def code_for(session: Session, device: Device, claimed: str, *, now: datetime) -> str:
    """The code with which a device makes numbers of notices; a new one unless it knows its own.

    A device that has forgotten its code has forgotten which numbers it made, so it never gets the old code back.
    """
    newest = session.exec(select(Pad).where(Pad.device_id == device.id).order_by(col(Pad.code).desc())).first()
    if newest is not None and claimed == words_of(newest.code):
        return claimed
    pad = Pad(code=(session.exec(select(func.max(Pad.code))).one() or 0) + 1, device_id=device.id, given_at=now)
    session.add(pad)
    row = events.digest_of(sealed_pad(pad))
    data = {"code": pad.code, "row": row}
    events.append(session, "device.coded", device.id, actor=f"device:{device.id}", now=now, data=data)
    return words_of(pad.code)


def codes_of(session: Session, device_id: str) -> list[str]:
    """Every code it has had, oldest first."""
    found = session.exec(select(Pad.code).where(Pad.device_id == device_id).order_by(col(Pad.code)))
    return [words_of(code) for code in found]


def words_of(code: int) -> str:
    return f"{code:02}"


# Who carries it, and what they may do ---------------------------------------------------------------------------


def hand_to(session: Session, device: Device, name: str, number: str, *, person: Person, now: datetime) -> Holder:
    """From today another officer carries a device. What the one before was authorised for ends.

    Errors: StepIncomplete.
    """
    name, number = " ".join(name.split())[:80], " ".join(number.split())[:20]
    if not name or not number:
        raise StepIncomplete
    before = holder_of(session, device.id)
    holder = Holder(seq=0, device_id=device.id, name=name, number=number, since=now.date(), person_id=person.id, at=now)
    seal(session, "device.handed", holder, device, person, now)
    if before is not None and (before.name, before.number) != (name, number):
        for one in current(session, device.id):
            withdraw(session, device, one.offence, person=person, now=now)
    return holder


def authorise(
    session: Session,
    device: Device,
    offence: str,
    reference: str,
    starts_on: date,
    ends_on: date,
    *,
    person: Person,
    now: datetime,
) -> Authorisation:
    """Errors: OfficersOnly; StepIncomplete for an unknown offence, no reference, no days or more than LONGEST_TERM."""
    if device.role is not Role.OFFICER:
        raise OfficersOnly
    reference = " ".join(reference.split())[:60]
    if offence not in OFFENCES or not reference or not starts_on <= ends_on <= starts_on + LONGEST_TERM:
        raise StepIncomplete
    if holder_of(session, device.id) is None:
        raise StepIncomplete
    given = Authorisation(
        seq=0,
        device_id=device.id,
        offence=offence,
        reference=reference,
        starts_on=starts_on,
        ends_on=ends_on,
        person_id=person.id,
        at=now,
    )
    seal(session, "device.authorised", given, device, person, now)
    return given


def withdraw(session: Session, device: Device, offence: str, *, person: Person, now: datetime) -> None:
    """From today it counts no more. What it allowed before stays allowed."""
    for one in current(session, device.id):
        if one.offence == offence:
            last = now.date() - timedelta(days=1)
            ended = Authorisation(
                seq=0,
                device_id=device.id,
                offence=offence,
                reference=one.reference,
                starts_on=one.starts_on,
                ends_on=last,
                person_id=person.id,
                at=now,
            )
            seal(session, "device.unauthorised", ended, device, person, now)


def holder_of(session: Session, device_id: str) -> Holder | None:
    return session.exec(select(Holder).where(Holder.device_id == device_id).order_by(col(Holder.seq).desc())).first()


def holder_at(session: Session, device_id: str, moment: datetime) -> Holder | None:
    """Who carried it then."""
    found = select(Holder).where(Holder.device_id == device_id, Holder.at <= moment)
    return session.exec(found.order_by(col(Holder.seq).desc()).limit(1)).first()


def current(session: Session, device_id: str) -> list[Authorisation]:
    """The newest paper of each offence, withdrawn ones left out."""
    found = session.exec(
        select(Authorisation).where(Authorisation.device_id == device_id).order_by(col(Authorisation.seq))
    )
    newest = {one.offence: one for one in found}
    return [one for one in newest.values() if one.starts_on <= one.ends_on]


def told_to(session: Session, device_id: str, council: str) -> list[Dated]:
    """What a device is told of itself, as dated settings."""
    told = [Dated("council.name", council, ALWAYS, "BEATBOOK_COUNCIL")]
    for holder in session.exec(select(Holder).where(Holder.device_id == device_id).order_by(col(Holder.seq))):
        told += [
            Dated("officer.name", holder.name, holder.since, "device page"),
            Dated("officer.number", holder.number, holder.since, "device page"),
        ]
    for one in current(session, device_id):
        name = f"authorised.{one.offence}"
        told += [
            Dated(name, one.reference, one.starts_on, one.reference),
            Dated(name, "", one.ends_on + timedelta(days=1), one.reference),
        ]
    return told


def seal(session: Session, kind: str, row: Any, device: Device, person: Person, now: datetime) -> None:
    data = {"row": events.digest_of(sealed(row))}
    row.seq = events.append(session, kind, device.id, actor=f"person:{person.id}", now=now, data=data).seq
    session.add(row)
    session.flush()


def sealed(row: Holder | Authorisation) -> dict[str, Any]:
    values = row.model_dump(exclude={"seq"})
    return {name: plain(value) for name, value in values.items()}


def sealed_pad(pad: Pad) -> dict[str, Any]:
    return {"code": pad.code, "device": pad.device_id, "at": events.instant(pad.given_at)}


def plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return events.instant(value)
    return value.isoformat() if isinstance(value, date) else value


def rows(session: Session) -> Iterator[tuple[str, Holder | Authorisation]]:
    """Every row that an event seals, with what it is called, for `verify`."""
    for holder in session.exec(select(Holder).order_by(col(Holder.seq))):
        yield f"holder {holder.seq}", holder
    for one in session.exec(select(Authorisation).order_by(col(Authorisation.seq))):
        yield f"authorisation {one.seq}", one
