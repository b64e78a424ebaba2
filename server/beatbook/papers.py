"""Papers: the pack before a meeting of the tasking group and the minutes after it, as each agency may see them.

An item about a person is in an agency's paper only when its agreement is current (NT4) and a share with a gateway says
that it may know (NT2). Everybody else reads that there was such an item, and nothing of it. The paper for everybody
names nobody at all.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from . import agencies, events, shares, tasking
from .agencies import Agency
from .forms import Forms
from .hotspots import Candidate
from .models import AgendaItem, Attendance, Event, Meeting, Presence, TaskingAction, TaskingItem

PACK, MINUTES = "pack", "minutes"
EVERYBODY = "everybody"  # in an agency's place: the minutes that name nobody
GIVEN, VIEWED, ITEM_GIVEN = "paper.given", "paper.viewed", "tasking.given"
FILE, BY_HAND = "file", "paper"  # how it was handed over
MOST_HOTSPOTS = 10
HERE = (Presence.IN_PERSON, Presence.ONLINE)


@dataclass(frozen=True)
class Seat:
    """Somebody at the table. The paper for everybody has the agency alone."""

    agency: str
    person: str
    role: str
    presence: str
    signed: bool


@dataclass(frozen=True)
class Spot:
    name: str
    score: str
    reasons: str


@dataclass(frozen=True)
class Item:
    id: str
    number: int  # on the agenda
    kind: str
    title: str
    problem: str
    outcome_wanted: str
    measure: str
    place: str
    state: str
    said: str = ""
    decided: str = ""
    taken: bool = False
    withheld: bool = False

    @property
    def is_personal(self) -> bool:
        return self.kind in tasking.PERSONAL


@dataclass(frozen=True)
class Action:
    reference: str
    item_id: str
    item: int | None  # its number on the agenda, if it is there
    about_person: bool
    what: str
    lead: str
    owner: str
    due: str
    progress: str
    result: str
    withheld: bool = False


@dataclass(frozen=True)
class Shared:
    number: int
    item_id: str
    item: int | None
    from_agency: str
    to_agencies: tuple[str, ...]
    summary: str
    gateway: str | None  # None when it was depersonalised
    purpose: str
    basis: str | None
    decided_by: str
    destroy_by: str


@dataclass(frozen=True)
class Paper:
    """A meeting in words, whole or as one agency may see it. Kept as it is once the minutes are agreed."""

    meeting: str
    held_at: str
    place: str
    chair: str
    minuter: str
    previous_ok: bool | None
    seats: tuple[Seat, ...]
    last: tuple[Action, ...]
    hotspots: tuple[Spot, ...]
    hotspots_said: str
    items: tuple[Item, ...]
    plans_said: str
    actions: tuple[Action, ...]
    shares: tuple[Shared, ...]
    next_at: str | None
    counts: Mapping[str, int] = field(default_factory=dict)  # of shares by gateway, for the paper for everybody

    @property
    def is_sensitive(self) -> bool:
        """Whether somebody's own matter is in it."""
        return any(item.is_personal and not item.withheld for item in self.items)


@dataclass(frozen=True)
class Given:
    """That a paper was handed over."""

    paper: str
    agency: str
    at: datetime
    actor: str
    how: str
    marking: str
    digest: str


# The whole ------------------------------------------------------------------------------------------------------


def whole(session: Session, forms: Forms, meeting: Meeting, spots: Sequence[Spot], *, now: datetime) -> Paper:
    """Everything of a meeting, as it stands, or as it was agreed."""
    if meeting.minutes is not None:
        return thawed(meeting.minutes)
    known = agencies.register(forms)
    agenda = agenda_of(session, meeting.id)
    numbers = {row.item_id: row.position for row, _ in agenda}
    opened = meeting.opened_at or max(now, meeting.held_at)
    last, new = actions_of(session, meeting, opened)
    kinds = {item.id: item for item in session.exec(select(TaskingItem))}

    def line(action: TaskingAction) -> Action:
        about = kinds[action.item_id].kind in tasking.PERSONAL
        return Action(
            reference=tasking.reference(action.number),
            item_id=action.item_id,
            item=numbers.get(action.item_id),
            about_person=about,
            what=action.what,
            lead=action.lead_agency,
            owner=action.owner,
            due=str(action.due),
            progress=action.progress.value,
            result=action.result or "",
        )

    return Paper(
        meeting=meeting.id,
        held_at=events.instant(meeting.held_at),
        place=meeting.place or "",
        chair=meeting.chair,
        minuter=meeting.minuter,
        previous_ok=meeting.previous_ok,
        seats=tuple(
            Seat(agencies.label(known, one.agency), one.person, one.role, one.presence.value, one.signed_at is not None)
            for one in seats_of(session, meeting.id)
        ),
        last=tuple(map(line, last)),
        hotspots=tuple(spots),
        hotspots_said=meeting.hotspots_said,
        items=tuple(item_line(row, item) for row, item in agenda),
        plans_said=meeting.plans_said,
        actions=tuple(map(line, new)),
        shares=tuple(
            Shared(
                number=share.number,
                item_id=share.item_id,
                item=numbers.get(share.item_id),
                from_agency=agencies.label(known, share.from_agency),
                to_agencies=tuple(agencies.label(known, one) for one in share.to_agencies),
                summary=share.summary,
                gateway=share.gateway.value if share.gateway else None,
                purpose=share.purpose,
                basis=share.basis.value if share.basis else None,
                decided_by=share.decided_by,
                destroy_by=str(share.destroy_by),
            )
            for share in shares.of_meeting(session, meeting.id)
        ),
        next_at=events.instant(meeting.next_at) if meeting.next_at else None,
    )


def item_line(row: AgendaItem, item: TaskingItem) -> Item:
    return Item(
        id=item.id,
        number=row.position,
        kind=item.kind.value,
        title=item.title,
        problem=item.problem,
        outcome_wanted=item.outcome_wanted,
        measure=item.measure or "",
        place=item.place or "",
        state=item.state.value,
        said=row.said,
        decided=row.decided,
        taken=row.taken_at is not None,
    )


def agenda_of(session: Session, meeting_id: str) -> list[tuple[AgendaItem, TaskingItem]]:
    query = select(AgendaItem, TaskingItem).join(TaskingItem).where(AgendaItem.meeting_id == meeting_id)
    return list(session.exec(query.order_by(col(AgendaItem.position))))


def seats_of(session: Session, meeting_id: str) -> list[Attendance]:
    query = select(Attendance).where(Attendance.meeting_id == meeting_id)
    return list(session.exec(query.order_by(col(Attendance.position))))


def actions_of(session: Session, meeting: Meeting, opened: datetime) -> tuple[list[TaskingAction], list[TaskingAction]]:
    """Those from before that were still to do, or were settled since the last meeting; and those made at this one."""
    before = select(Meeting.held_at).where(col(Meeting.held_at) < meeting.held_at)
    since = session.exec(before.order_by(col(Meeting.held_at).desc()).limit(1)).first()
    found = tasking.actions(session)
    last = [
        one
        for one in found
        if one.made_at < opened and (one.progress not in tasking.SETTLED or since is None or one.changed_at >= since)
    ]
    return last, [one for one in found if meeting.opened_at is not None and one.made_at >= meeting.opened_at]


def spots_of(meeting: Meeting, found: Sequence[Candidate]) -> list[Spot]:
    """As they stood when the pack went out; before that, as they stand."""
    if meeting.hotspots is not None:
        return [Spot(**told) for told in meeting.hotspots]
    return [
        Spot(one.name, f"{one.score:g}", ", ".join(reason.words for reason in one.reasons))
        for one in found[:MOST_HOTSPOTS]
    ]


def thawed(told: Mapping[str, Any]) -> Paper:
    """Minutes as they were agreed."""
    return Paper(
        **{name: value for name, value in told.items() if name not in ROWS},
        **{name: tuple(kind(**tupled(row)) for row in told[name]) for name, kind in ROWS.items()},
    )


def frozen(paper: Paper) -> dict[str, Any]:
    return asdict(paper)


def without(told: Mapping[str, Any], item_id: str) -> dict[str, Any]:
    """Agreed minutes from which one item was erased: its words go, that it was there stays."""
    paper = thawed(told)
    return frozen(
        replace(
            paper,
            items=tuple(withheld(one) if one.id == item_id else one for one in paper.items),
            last=tuple(blank(one) if one.item_id == item_id else one for one in paper.last),
            actions=tuple(blank(one) if one.item_id == item_id else one for one in paper.actions),
            shares=tuple(
                replace(one, summary="", purpose="", decided_by="") if one.item_id == item_id else one
                for one in paper.shares
            ),
        )
    )


ROWS: dict[str, Any] = {
    "seats": Seat, "last": Action, "hotspots": Spot, "items": Item, "actions": Action, "shares": Shared,
}  # fmt: skip


def tupled(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}


# As an agency may see it ----------------------------------------------------------------------------------------


def for_agency(session: Session, paper: Paper, agency: Agency, *, own: str | None, on: date) -> Paper:
    """NT4: without a current agreement no item about a person. NT2: with one, those that a share opens to it."""
    if agency.name == own:
        return paper
    opened = shares.open_to(session, agency.name, on) if agency.has_agreement(on) else set()
    return replace(
        paper,
        items=tuple(item if not item.is_personal or item.id in opened else withheld(item) for item in paper.items),
        last=tuple(action_for(action, opened) for action in paper.last),
        actions=tuple(action_for(action, opened) for action in paper.actions),
        shares=tuple(
            replace(share, purpose="", decided_by="", to_agencies=(agency.label,))
            for share in paper.shares
            if agency.label in share.to_agencies
        ),
    )


def for_everybody(paper: Paper) -> Paper:
    """The minutes without personal data: agencies and places, and nobody's name."""
    here = [seat for seat in paper.seats if seat.presence in HERE]
    counts: dict[str, int] = {}
    for share in paper.shares:
        counts[share.gateway or ""] = counts.get(share.gateway or "", 0) + 1
    return replace(
        paper,
        chair="",
        minuter="",
        seats=tuple(Seat(name, "", "", Presence.IN_PERSON, True) for name in dict.fromkeys(s.agency for s in here)),
        items=tuple(withheld(item) if item.is_personal else item for item in paper.items),
        last=tuple(replace(action_for(action, set()), owner="") for action in paper.last),
        actions=tuple(replace(action_for(action, set()), owner="") for action in paper.actions),
        shares=(),
        counts=counts,
    )


def closed(paper: Paper) -> Paper:
    """As it stands on a screen in a room in which not everybody has signed."""
    return replace(
        paper,
        items=tuple(withheld(item) if item.is_personal else item for item in paper.items),
        last=tuple(action_for(action, set()) for action in paper.last),
        actions=tuple(action_for(action, set()) for action in paper.actions),
        shares=tuple(replace(share, summary="", purpose="") for share in paper.shares),
    )


def withheld(item: Item) -> Item:
    """That there was such an item stays. Which state it is in would already tell something about somebody."""
    return Item(item.id, item.number, item.kind, "", "", "", "", "", "", taken=item.taken, withheld=True)


def action_for(action: Action, opened: set[str]) -> Action:
    return action if not action.about_person or action.item_id in opened else blank(action)


def blank(action: Action) -> Action:
    return replace(action, what="", owner="", result="", withheld=True)


def left_out(paper: Paper) -> list[Item]:
    return [item for item in paper.items if item.withheld]


def uncovered(session: Session, meeting: Meeting, own: str | None) -> list[tuple[AgendaItem, TaskingItem, str]]:
    """NT2: what was said about a person with an agency in the room, and no share says so."""
    here = dict.fromkeys(one.agency for one in seats_of(session, meeting.id) if one.presence in HERE)
    told = {
        (share.item_id, agency)
        for share in shares.of_meeting(session, meeting.id)
        for agency in (*share.to_agencies, share.from_agency)
    }
    return [
        (row, item, agency)
        for row, item in agenda_of(session, meeting.id)
        if item.kind in tasking.PERSONAL and row.taken_at is not None
        for agency in here
        if agency != own and (item.id, agency) not in told
    ]


# Handing over ---------------------------------------------------------------------------------------------------


def give(
    session: Session, paper: Paper, which: str, agency: str, *, how: str, marking: str, digest: str, actor: str,
    now: datetime,
) -> None:  # fmt: skip
    """Who was given which paper when is in the log, and in the history of each person's item that was in it."""
    data = {"paper": which, "agency": agency, "how": how, "marking": marking, "digest": digest}
    events.append(session, GIVEN, paper.meeting, actor=actor, now=now, data=data)
    for item in paper.items:
        if item.is_personal and not item.withheld:
            told = {"meeting": paper.meeting, "agency": agency}
            events.append(session, ITEM_GIVEN, item.id, actor=actor, now=now, data=told)


def given(session: Session, meeting_id: str) -> list[Given]:
    """Newest first."""
    query = select(Event).where(Event.subject == meeting_id, Event.kind == GIVEN).order_by(col(Event.seq).desc())
    return [given_of(event) for event in session.exec(query)]


def given_of(event: Event) -> Given:
    told = json.loads(event.data)
    return Given(told["paper"], told["agency"], event.at, event.actor, told["how"], told["marking"], told["digest"])
