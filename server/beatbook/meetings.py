"""Meetings of the tasking group, each fortnight: planned, sent round, held, minuted, agreed, released and closed.

Three rules hold here whatever the page shows. Nobody reads about a person until everybody in the room has signed
confidentiality for this meeting (NT1). What was said about a person is released only when a share says who was told
(NT2). Agreed minutes never change: a correction is an item of the next meeting (NT7).
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from . import agencies, events, papers, shares, tasking
from .forms import Forms
from .models import (
    AgendaItem,
    Attendance,
    ItemKind,
    ItemState,
    Meeting,
    MeetingState,
    Person,
    Presence,
    Share,
    TaskingItem,
)
from .papers import HERE, Spot
from .problems import (
    BadRequest,
    MeetingMoved,
    MeetingNotOpen,
    MeetingNotReady,
    MeetingNumberTaken,
    MinutesAgreed,
    NotFound,
    NotSigned,
)
from .tasking import Raising

PLANNED, CHANGED, MOVED, TAKEN, ERASED = (
    "meeting.planned", "meeting.changed", "meeting.moved", "meeting.item-taken", "meeting.erased",
)  # fmt: skip
EVERY = timedelta(days=14)
BEGINS = 10  # o'clock, for the first one that is planned here
ERASED_TEXT = "Erased"
LONGEST_NAME, LONGEST_TEXT = 80, 2000
CORRECTION = "Correction to the minutes of {}"

_S = MeetingState
MOVES: dict[MeetingState, tuple[MeetingState, ...]] = {
    _S.PLANNED: (_S.PACK_SENT,),
    _S.PACK_SENT: (_S.OPEN,),
    _S.OPEN: (_S.MINUTES_DRAFT, _S.PACK_SENT),  # the second is the way back from a press too many
    _S.MINUTES_DRAFT: (_S.MINUTES_AGREED, _S.OPEN),
    _S.MINUTES_AGREED: (_S.RELEASED,),
    _S.RELEASED: (_S.CLOSED,),
    _S.CLOSED: (),
}
TO_COME = (_S.PLANNED, _S.PACK_SENT)
MINUTED = (_S.OPEN, _S.MINUTES_DRAFT)  # while what was said can be written down
WRITABLE = (*TO_COME, *MINUTED)
HANDED_OUT = (_S.RELEASED, _S.CLOSED)
ON_AGENDA = {  # 4 referrals, in the order in which the group takes them; 5 what is coming
    ItemKind.VICTIM: 4, ItemKind.OFFENDER: 4, ItemKind.PLACE: 4, ItemKind.THEME: 4, ItemKind.EVENT: 5,
}  # fmt: skip
STANDING = (ItemState.NEW, ItemState.LIVE, ItemState.MONITORING)


@dataclass(frozen=True)
class Planning:
    """A meeting as somebody wants it called."""

    number: str
    held_at: datetime
    chair: str
    minuter: str
    place: str | None = None


@dataclass(frozen=True)
class Attending:
    """What was entered about one person who is invited."""

    presence: Presence
    signed: bool


# Planning -------------------------------------------------------------------------------------------------------


def plan(session: Session, forms: Forms, planning: Planning, *, person: Person, now: datetime) -> Meeting:
    """Everybody of the register is invited, and everything that is open stands on the agenda.

    Errors: BadRequest without chair and minuter; MeetingNumberTaken.
    """
    if not (planning.number and planning.chair and planning.minuter):
        raise BadRequest
    if session.get(Meeting, planning.number) is not None:
        raise MeetingNumberTaken
    meeting = Meeting(
        id=planning.number,
        held_at=planning.held_at,
        place=planning.place,
        chair=planning.chair,
        minuter=planning.minuter,
        state=MeetingState.PLANNED,
        state_at=now,
        made_at=now,
        made_by=person.id,
    )
    session.add(meeting)
    session.flush()
    people = [(one.name, rep) for one in agencies.sitting(forms) for rep in one.representatives]
    for position, (agency, rep) in enumerate(people, 1):
        session.add(seat(meeting, position, agency, rep.name, rep.role))
    standing = [item for item in tasking.items(session) if item.state in STANDING]
    order = list(ON_AGENDA)
    standing.sort(key=lambda item: (order.index(item.kind), item.raised_at))
    for position, item in enumerate(standing, 1):
        session.add(AgendaItem(meeting_id=meeting.id, item_id=item.id, position=position))
    return note(session, meeting, PLANNED, person=person, now=now)


def replan(session: Session, meeting_id: str, planning: Planning, *, person: Person, now: datetime) -> Meeting:
    """Another time, place, chair or minuter. Errors: NotFound, BadRequest, MinutesAgreed."""
    meeting = to_write(session, meeting_id)
    if not (planning.chair and planning.minuter):
        raise BadRequest
    meeting.held_at, meeting.place = planning.held_at, planning.place
    meeting.chair, meeting.minuter = planning.chair, planning.minuter
    return note(session, meeting, CHANGED, person=person, now=now)


def next_after(session: Session, now: datetime, zone: ZoneInfo) -> tuple[str, datetime]:
    """The number and the time that a new meeting is proposed for: what the last one agreed, or a fortnight after it."""
    last = newest(session)
    if last is None:
        proposed = now.astimezone(zone).replace(hour=BEGINS, minute=0, second=0, microsecond=0) + EVERY
    else:
        proposed = (last.next_at or last.held_at + EVERY).astimezone(zone)
    while proposed <= now:
        proposed += EVERY
    return number_in(session, proposed.year, proposed.isocalendar().week), proposed


def number_in(session: Session, year: int, week: int) -> str:
    """NTG-2026-19. The first one that is entered here goes by the fortnight: the group has met before."""
    begin = f"NTG-{year}-"
    taken = session.exec(select(Meeting.id).where(col(Meeting.id).startswith(begin))).all()
    numbers = [int(end) for one in taken if (end := one.removeprefix(begin)).isdigit()]
    return f"{begin}{max(numbers) + 1 if numbers else max(1, week // 2)}"


# Who is here ----------------------------------------------------------------------------------------------------


def attend(
    session: Session, meeting_id: str, entered: Mapping[str, Attending], *, person: Person, now: datetime
) -> Meeting:
    """Who came, and who has signed. Errors: NotFound, MinutesAgreed."""
    meeting = to_write(session, meeting_id)
    for one in papers.seats_of(session, meeting.id):
        if one.id in entered:
            said = entered[one.id]
            one.presence = said.presence
            one.signed_at = (one.signed_at or now) if said.signed else None
            session.add(one)
    return note(session, meeting, CHANGED, person=person, now=now)


def invite(
    session: Session, meeting_id: str, agency: str, name: str, role: str, *, person: Person, now: datetime
) -> Meeting:
    """One more at the table. Errors: NotFound, BadRequest, MinutesAgreed."""
    meeting = to_write(session, meeting_id)
    if not (agency and name):
        raise BadRequest
    position = max((one.position for one in papers.seats_of(session, meeting.id)), default=0) + 1
    session.add(seat(meeting, position, agency, name, role))
    return note(session, meeting, CHANGED, person=person, now=now)


def here(session: Session, meeting_id: str) -> list[Attendance]:
    return [one for one in papers.seats_of(session, meeting_id) if one.presence in HERE]


def unsigned(session: Session, meeting_id: str) -> list[Attendance]:
    """Who is in the room and has not signed confidentiality for this meeting."""
    return [one for one in here(session, meeting_id) if one.signed_at is None]


def refuse_unsigned(session: Session, forms: Forms, meeting_id: str, item: TaskingItem) -> None:
    """NT1. Errors: NotSigned, which names who has not; MeetingNotOpen before anybody could have."""
    if item.kind not in tasking.PERSONAL:
        return
    if get(session, meeting_id).state in TO_COME:
        raise MeetingNotOpen
    known, missing = agencies.register(forms), unsigned(session, meeting_id)
    if missing or not here(session, meeting_id):
        raise NotSigned([f"{one.person} ({agencies.label(known, one.agency)})" for one in missing])


def refuse_in_the_room(session: Session, forms: Forms, item: TaskingItem) -> None:
    """NT1, from elsewhere: the item's own page is on the same projector. Errors: NotSigned."""
    query = select(Meeting.id).join(AgendaItem).where(AgendaItem.item_id == item.id)
    for meeting_id in session.exec(query.where(Meeting.state == MeetingState.OPEN)):
        refuse_unsigned(session, forms, meeting_id, item)


# What is taken --------------------------------------------------------------------------------------------------


def put_on(session: Session, meeting_id: str, item_id: str, *, person: Person, now: datetime) -> Meeting:
    """One more item. Errors: NotFound, MinutesAgreed."""
    meeting, item = to_write(session, meeting_id), tasking.get(session, item_id)
    if session.get(AgendaItem, (meeting.id, item.id)) is None:
        agenda = papers.agenda_of(session, meeting.id)
        position = max((row.position for row, _ in agenda), default=0) + 1
        session.add(AgendaItem(meeting_id=meeting.id, item_id=item.id, position=position))
    return note(session, meeting, CHANGED, person=person, now=now)


def take_off(session: Session, meeting_id: str, item_id: str, *, person: Person, now: datetime) -> Meeting:
    """Not this time. Errors: NotFound, MinutesAgreed; BadRequest for what was taken already."""
    meeting, row = to_write(session, meeting_id), on_agenda(session, meeting_id, item_id)
    if row.taken_at is not None or any(one.item_id == item_id for one in shares.of_meeting(session, meeting_id)):
        raise BadRequest
    session.delete(row)
    session.flush()
    for position, (other, _) in enumerate(papers.agenda_of(session, meeting.id), 1):
        other.position = position
        session.add(other)
    return note(session, meeting, CHANGED, person=person, now=now)


def take(
    session: Session, forms: Forms, meeting_id: str, item_id: str, said: str, decided: str, *, person: Person,
    now: datetime,
) -> Meeting:  # fmt: skip
    """What was said about an item, and what was decided. Errors: NotFound, MinutesAgreed, MeetingNotOpen, NotSigned."""
    meeting, row = to_minute(session, meeting_id), on_agenda(session, meeting_id, item_id)
    item = tasking.get(session, item_id)
    refuse_unsigned(session, forms, meeting_id, item)
    row.said, row.decided = said[:LONGEST_TEXT], decided[:LONGEST_TEXT]
    row.taken_at = row.taken_at or now
    session.add(row)
    return note(session, meeting, TAKEN, person=person, now=now)


def write(session: Session, meeting_id: str, notes: Mapping[str, Any], *, person: Person, now: datetime) -> Meeting:
    """Whether the last minutes were agreed, what was said about hotspots and plans, and when the next meeting is.

    Errors: NotFound, MinutesAgreed, MeetingNotOpen.
    """
    meeting = to_minute(session, meeting_id)
    for name in NOTES & notes.keys():
        value = notes[name]
        setattr(meeting, name, value[:LONGEST_TEXT] if isinstance(value, str) else value)
    return note(session, meeting, CHANGED, person=person, now=now)


NOTES = frozenset({"previous_ok", "hotspots_said", "plans_said", "next_at"})


def correct(session: Session, meeting_id: str, what: str, *, person: Person, now: datetime) -> TaskingItem:
    """NT7: what is wrong in agreed minutes becomes an item, on the agenda of the next meeting if there is one.

    Errors: NotFound, BadRequest without words, MeetingMoved while the minutes can still be changed.
    """
    meeting = get(session, meeting_id)
    if meeting.state in WRITABLE:
        raise MeetingMoved
    title = CORRECTION.format(meeting.id)
    raising = Raising(ItemKind.THEME, title, what.strip()[:LONGEST_TEXT], "The record says what was said and decided")
    item = tasking.raise_item(session, raising, person=person, now=now)
    session.flush()
    query = select(Meeting).where(col(Meeting.held_at) > meeting.held_at, col(Meeting.state).in_(WRITABLE))
    following = session.exec(query.order_by(col(Meeting.held_at)).limit(1)).first()
    if following is not None:
        put_on(session, following.id, item.id, person=person, now=now)
    return item


# From step to step ----------------------------------------------------------------------------------------------


def move(
    session: Session, forms: Forms, meeting_id: str, to: MeetingState, *, person: Person, now: datetime,
    own: str | None = None, spots: Sequence[Spot] = (),
) -> Meeting:  # fmt: skip
    """To the next step, or back from a press too many. `own` is the agency that keeps this desk.

    Errors: NotFound; MeetingMoved when that may not follow; MeetingNotReady, which says what is lacking.
    """
    meeting = get(session, meeting_id)
    if to not in MOVES[meeting.state]:
        raise MeetingMoved
    if lacking := lacks(session, forms, meeting, to, own):
        raise MeetingNotReady(lacking)
    if to is MeetingState.PACK_SENT and meeting.state is MeetingState.PLANNED:
        meeting.hotspots = [asdict(one) for one in spots]
    elif to is MeetingState.OPEN:
        meeting.opened_at = meeting.opened_at or now
        meeting.next_at = meeting.next_at or meeting.held_at + EVERY
    elif to is MeetingState.MINUTES_AGREED:
        meeting.minutes = papers.frozen(papers.whole(session, forms, meeting, papers.spots_of(meeting, ()), now=now))
    meeting.state, meeting.state_at = to, now
    return note(session, meeting, MOVED, person=person, now=now, state=to.value)


def lacks(session: Session, forms: Forms, meeting: Meeting, to: MeetingState, own: str | None) -> list[str]:
    """What has to be done before that step, in sentences without their full stop."""
    if meeting.state is MeetingState.OPEN and to is MeetingState.PACK_SENT:
        begun = any(row.taken_at for row, _ in papers.agenda_of(session, meeting.id))
        return ["Items were taken already, so this meeting was held"] if begun else []
    if to is MeetingState.PACK_SENT:
        return [] if papers.given(session, meeting.id) else ["Hand over a pack first, or the agencies come unprepared"]
    if to is MeetingState.MINUTES_DRAFT:
        return [
            sentence
            for is_lacking, sentence in (
                (not here(session, meeting.id), "Say who was here"),
                (meeting.previous_ok is None, "Say whether the last minutes were agreed"),
                (meeting.next_at is None, "Say when the next meeting is"),
            )
            if is_lacking
        ]
    if to in (MeetingState.MINUTES_AGREED, MeetingState.RELEASED):
        known = agencies.register(forms)
        return [
            f"Item {row.position} is about a person, and {agencies.label(known, agency)} was here: write the share down"
            for row, _, agency in papers.uncovered(session, meeting, own)
        ]
    return []


# Finding --------------------------------------------------------------------------------------------------------


def get(session: Session, meeting_id: str) -> Meeting:
    """Errors: NotFound."""
    meeting = session.get(Meeting, meeting_id)
    if meeting is None:
        raise NotFound
    return meeting


def every(session: Session) -> list[Meeting]:
    """The newest first."""
    return list(session.exec(select(Meeting).order_by(col(Meeting.held_at).desc())))


def newest(session: Session) -> Meeting | None:
    return session.exec(select(Meeting).order_by(col(Meeting.held_at).desc()).limit(1)).first()


def before(session: Session, meeting: Meeting) -> Meeting | None:
    query = select(Meeting).where(col(Meeting.held_at) < meeting.held_at)
    return session.exec(query.order_by(col(Meeting.held_at).desc()).limit(1)).first()


def said_before(session: Session, meeting: Meeting, item_id: str) -> list[tuple[Meeting, AgendaItem]]:
    """What earlier meetings wrote down about an item, the newest first."""
    query = select(Meeting, AgendaItem).join(AgendaItem)
    query = query.where(AgendaItem.item_id == item_id, col(Meeting.held_at) < meeting.held_at)
    return list(session.exec(query.order_by(col(Meeting.held_at).desc())))


def on_agenda(session: Session, meeting_id: str, item_id: str) -> AgendaItem:
    """Errors: NotFound."""
    row = session.get(AgendaItem, (meeting_id, item_id))
    if row is None:
        raise NotFound
    return row


# Erasing --------------------------------------------------------------------------------------------------------


def erase(session: Session, meeting: Meeting, *, now: datetime) -> None:
    """Take the words and names out of a meeting and of its shares. Number, agencies, states and dates stay."""
    meeting.chair = meeting.minuter = ERASED_TEXT
    meeting.place, meeting.minutes, meeting.hotspots = None, None, None
    meeting.hotspots_said = meeting.plans_said = ""
    for one in papers.seats_of(session, meeting.id):
        one.person, one.role = ERASED_TEXT, ""
        session.add(one)
    for row, _ in papers.agenda_of(session, meeting.id):
        row.said = row.decided = ""
        session.add(row)
    for share in shares.of_meeting(session, meeting.id):
        shares.erase(session, share, now=now)
    seal(session, meeting, ERASED, actor="server", now=now)


def erase_item(session: Session, item: TaskingItem, *, now: datetime) -> None:
    """Take the words out of an item, also those that meetings and shares wrote down about it."""
    tasking.erase(session, item, now=now)
    session.flush()
    for share in session.exec(select(Share).where(Share.item_id == item.id)).all():
        shares.erase(session, share, now=now)
    for row in session.exec(select(AgendaItem).where(AgendaItem.item_id == item.id)).all():
        row.said = row.decided = ""
        session.add(row)
        meeting = get(session, row.meeting_id)
        if meeting.minutes is not None:
            meeting.minutes = papers.without(meeting.minutes, item.id)
        seal(session, meeting, ERASED, actor="server", now=now)


# Helpers --------------------------------------------------------------------------------------------------------


def to_write(session: Session, meeting_id: str) -> Meeting:
    """Errors: NotFound, MinutesAgreed."""
    meeting = get(session, meeting_id)
    if meeting.state not in WRITABLE:
        raise MinutesAgreed
    return meeting


def to_minute(session: Session, meeting_id: str) -> Meeting:
    """Errors: NotFound, MinutesAgreed, MeetingNotOpen."""
    meeting = to_write(session, meeting_id)
    if meeting.state not in MINUTED:
        raise MeetingNotOpen
    return meeting


def seat(meeting: Meeting, position: int, agency: str, name: str, role: str) -> Attendance:
    return Attendance(
        id=str(uuid.uuid4()),
        meeting_id=meeting.id,
        position=position,
        agency=agency,
        person=name[:LONGEST_NAME],
        role=role[:LONGEST_NAME],
    )


def note(session: Session, meeting: Meeting, kind: str, *, person: Person, now: datetime, **more: str) -> Meeting:
    return seal(session, meeting, kind, actor=f"person:{person.id}", now=now, **more)


def seal(session: Session, meeting: Meeting, kind: str, *, actor: str, now: datetime, **more: str) -> Meeting:
    session.add(meeting)
    session.flush()
    data = {**more, "row": events.digest_of(sealed(session, meeting))}
    events.append(session, kind, meeting.id, actor=actor, now=now, data=data)
    return meeting


def sealed(session: Session, meeting: Meeting) -> dict[str, Any]:
    """The meeting with everybody who was invited and everything on its agenda: one word about all of it."""
    rows: Iterable[Any] = session.exec(
        select(AgendaItem).where(AgendaItem.meeting_id == meeting.id).order_by(col(AgendaItem.item_id))
    )
    seats = session.exec(select(Attendance).where(Attendance.meeting_id == meeting.id).order_by(col(Attendance.id)))
    return {
        "meeting": events.seal_of(meeting),
        "seats": [events.seal_of(one) for one in seats],
        "agenda": [events.seal_of(one) for one in rows],
    }
