"""Shares: one entry for each disclosure at or after a meeting of the tasking group: who told whom about what, and why.

An entry says of what kind it was and never repeats it. Section 115 of the Crime and Disorder Act 1998 gives a power to
disclose to named authorities and to nobody else, so each entry has its own gateway (NT2, NT3). Whoever received
something destroys it by a date; who has not said that they did stands in a list.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, func, select

from . import agencies, events
from .agencies import Agency
from .forms import Forms
from .models import AgendaItem, Attendance, Basis, Gateway, Meeting, Person, Share
from .problems import BadRequest, NotFound, ShareRefused

MADE, DESTROYED, ERASED, ERASED_TEXT = "share.made", "share.destroyed", "share.erased", "Erased"
KEPT_MONTHS = 6  # what was received is destroyed by then, unless another day was agreed
LONGEST_SUMMARY, LONGEST_TEXT = 200, 2000


@dataclass(frozen=True)
class Sharing:
    """A disclosure as somebody wants it written down."""

    item_id: str
    from_agency: str
    to_agencies: tuple[str, ...]
    summary: str
    depersonalised: bool
    gateway: Gateway | None
    purpose: str
    basis: Basis | None
    decided_by: str
    destroy_by: date | None


@dataclass(frozen=True)
class Due:
    """What one agency should have destroyed by now and has not said that it did."""

    share: Share
    agency: str


def record(
    session: Session, forms: Forms, meeting: Meeting, sharing: Sharing, *, person: Person, now: datetime
) -> Share:
    """Errors: ShareRefused, with a sentence for each part that is not as NT2 and NT3 ask."""
    if wrong := faults(session, forms, meeting, sharing):
        raise ShareRefused(wrong)
    assert sharing.destroy_by is not None
    free = sharing.depersonalised
    share = Share(
        number=(session.exec(select(func.max(Share.number))).one() or 0) + 1,
        meeting_id=meeting.id,
        item_id=sharing.item_id,
        at=now,
        from_agency=sharing.from_agency,
        to_agencies=list(sharing.to_agencies),
        summary=sharing.summary[:LONGEST_SUMMARY],
        depersonalised=free,
        gateway=None if free else sharing.gateway,
        purpose=sharing.purpose[:LONGEST_TEXT],
        basis=None if free else sharing.basis,
        decided_by=sharing.decided_by[:LONGEST_SUMMARY],
        destroy_by=sharing.destroy_by,
        made_by=person.id,
    )
    return note(session, share, MADE, actor=f"person:{person.id}", now=now)


def faults(session: Session, forms: Forms, meeting: Meeting, sharing: Sharing) -> dict[str, str]:
    """What is wrong with an entry, by its part, in sentences."""
    register, wrong = agencies.register(forms), {name: ASKED[name] for name in ASKED if not getattr(sharing, name)}
    invited = set(session.exec(select(Attendance.agency).where(Attendance.meeting_id == meeting.id)))
    on_agenda = session.get(AgendaItem, (meeting.id, sharing.item_id)) if sharing.item_id else None
    if sharing.item_id and on_agenda is None:
        wrong["item_id"] = "Choose an item of this meeting"
    if sharing.from_agency and sharing.from_agency not in register:
        wrong["from_agency"] = ASKED["from_agency"]
    if sharing.from_agency in sharing.to_agencies:
        wrong["to_agencies"] = "Nobody discloses to themselves: choose other agencies"
    elif strangers := [one for one in sharing.to_agencies if one not in invited]:
        names = words(agencies.label(register, one) for one in strangers)
        wrong["to_agencies"] = f"{names}: neither here nor named to get a pack of this meeting"
    if not sharing.depersonalised:
        wrong |= gateway_faults([register[one] for one in sharing.to_agencies if one in register], sharing)
    if sharing.destroy_by is not None and sharing.destroy_by < meeting.held_at.date():
        wrong["destroy_by"] = "Choose a day after the meeting"
    return wrong


def gateway_faults(recipients: Sequence[Agency], sharing: Sharing) -> dict[str, str]:
    """NT2: a gateway and a basis. NT3: section 115 is open to relevant authorities alone."""
    wrong: dict[str, str] = {}
    if sharing.gateway is None:
        wrong["gateway"] = "Choose the law that lets it be shared, or say that it was depersonalised"
    if sharing.basis is None:
        wrong["basis"] = "Choose what data protection law it rests on"
    if sharing.gateway is Gateway.S115 and (others := [one.label for one in recipients if not one.relevant_authority]):
        wrong["gateway"] = (
            f"Section 115 does not cover {words(others)}: not a relevant authority. "
            "Choose another gateway, or write a share of its own"
        )
    return wrong


def get(session: Session, number: int) -> Share:
    """Errors: NotFound."""
    share = session.get(Share, number)
    if share is None:
        raise NotFound
    return share


def of_meeting(session: Session, meeting_id: str) -> list[Share]:
    return list(session.exec(select(Share).where(Share.meeting_id == meeting_id).order_by(col(Share.number))))


def every(session: Session, most: int) -> list[Share]:
    """The newest first."""
    return list(session.exec(select(Share).order_by(col(Share.number).desc()).limit(most)))


def open_to(session: Session, agency: str, on: date) -> set[str]:
    """The items about which it was given more than figures, and may still hold that."""
    query = select(Share).where(Share.depersonalised == False, col(Share.destroy_by) >= on)  # noqa: E712
    return {share.item_id for share in session.exec(query) if agency in share.to_agencies}


# Destroying -----------------------------------------------------------------------------------------------------


def overdue(session: Session, on: date) -> list[Due]:
    """Whose day has passed, the longest ago first. Figures may stay."""
    query = select(Share).where(col(Share.destroy_by) <= on, Share.depersonalised == False)  # noqa: E712
    found = session.exec(query.order_by(col(Share.destroy_by), col(Share.number)))
    return [Due(share, agency) for share in found for agency in share.to_agencies if agency not in share.destroyed]


def destroyed(session: Session, number: int, agency: str, *, on: date, person: Person, now: datetime) -> Share:
    """An agency says that it no longer has what it was given. Errors: NotFound, BadRequest."""
    share = get(session, number)
    if agency not in share.to_agencies:
        raise BadRequest
    share.destroyed = {**share.destroyed, agency: str(on)}
    return note(session, share, DESTROYED, actor=f"person:{person.id}", now=now)


def still(session: Session, number: int, agency: str, *, person: Person, now: datetime) -> Share:
    """Takes that back. Errors: NotFound."""
    share = get(session, number)
    share.destroyed = {one: day for one, day in share.destroyed.items() if one != agency}
    return note(session, share, DESTROYED, actor=f"person:{person.id}", now=now)


def erase(session: Session, share: Share, *, now: datetime) -> None:
    """Take its words out. Who, to whom, by which gateway and when stays."""
    share.summary, share.purpose, share.decided_by = ERASED_TEXT, "", ""
    note(session, share, ERASED, actor="server", now=now)


# Helpers --------------------------------------------------------------------------------------------------------


def half_a_year_after(on: date) -> date:
    """The same day six months on, or the last of that month."""
    year, month = divmod(on.month - 1 + KEPT_MONTHS, 12)
    for day in range(on.day, 27, -1):
        try:
            return date(on.year + year, month + 1, day)
        except ValueError:
            continue
    return date(on.year + year, month + 1, on.day)


def words(names: Iterable[str]) -> str:
    """A, B and C."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def subject_of(share: Share) -> str:
    return f"share:{share.number}"


def note(session: Session, share: Share, kind: str, *, actor: str, now: datetime) -> Share:
    data = {"row": events.digest_of(sealed(share))}
    events.append(session, kind, subject_of(share), actor=actor, now=now, data=data)
    session.add(share)
    session.flush()
    return share


def sealed(share: Share) -> dict[str, Any]:
    return events.seal_of(share)


ASKED = {
    "item_id": "Choose what it is about",
    "from_agency": "Choose who disclosed it",
    "to_agencies": "Choose who received it",
    "summary": "Say of what kind it was, such as: home address",
    "purpose": "Say why it was necessary",
    "decided_by": "Name who decided it",
    "destroy_by": "Enter the day by which it is to be destroyed",
}
