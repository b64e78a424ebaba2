"""Tasking: what is put to the tasking group, and who does what about it by when.

An item is raised from any record, in the field (the form `tasking_item`) or at the desk. Every action has exactly one
lead agency, one named owner and one date (rule NT6); that it is late follows from the date, nobody has to say it.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, func, select

from . import events
from .envelope import Envelope
from .models import ItemKind, ItemState, Person, Progress, Submission, TaskingAction, TaskingItem
from .problems import BadRequest, NotFound

FORM = "tasking_item"
RAISED, CHANGED = "tasking.raised", "tasking.changed"
ACTION_MADE, ACTION_CHANGED = "action.made", "action.changed"
ERASED, ACTION_ERASED, ERASED_TITLE = "tasking.erased", "action.erased", "Erased"
PERSONAL = frozenset({ItemKind.VICTIM, ItemKind.OFFENDER})  # whose page is OFFICIAL-SENSITIVE
ENDED = frozenset({ItemState.CLOSED, ItemState.MOVED})
SETTLED = frozenset({Progress.DONE, Progress.DROPPED})
LEAST_ACTION, LONGEST_ACTION = 5, 200
LONGEST_TITLE, LONGEST_TEXT = 120, 2000


@dataclass(frozen=True)
class Raising:
    """An item as somebody wants it raised."""

    kind: ItemKind
    title: str
    problem: str
    outcome_wanted: str
    measure: str | None = None
    place: str | None = None
    about: str | None = None


@dataclass(frozen=True)
class Ordering:
    """An action as the group wants it."""

    what: str
    lead_agency: str
    owner: str
    due: date
    support: str | None = None


# Items ----------------------------------------------------------------------------------------------------------


def raise_item(session: Session, raising: Raising, *, person: Person, now: datetime) -> TaskingItem:
    """Errors: BadRequest for one that does not say what the problem is or what good looks like."""
    if not (raising.title and raising.problem and raising.outcome_wanted):
        raise BadRequest
    return add(session, raising, actor=f"person:{person.id}", now=now)


def received(session: Session, submission: Submission, read: Envelope, *, now: datetime) -> None:
    """A submission has come: one that raises an item makes it, one that mends such a one mends the item."""
    if read.form_id != FORM:
        return
    raising, mended = raising_of(read, submission), of_source(session, read.replaces)
    actor = f"device:{submission.device_id}"
    if mended is None:
        add(session, raising, actor=actor, now=now, source_id=submission.instance_id)
        return
    for name, value in vars(raising).items():
        setattr(mended, name, value)
    mended.source_id = submission.instance_id
    note(session, mended, CHANGED, actor=actor, now=now)


def decide(
    session: Session, item_id: str, state: ItemState, *, person: Person, now: datetime, why: str | None = None
) -> TaskingItem:
    """Take it up, watch it, close it or move it on, which needs a reason. Errors: NotFound, BadRequest."""
    item, why = get(session, item_id), tidy(why)
    if state in ENDED and why is None:
        raise BadRequest
    item.state, item.state_note, item.state_at = state, why, now
    return note(session, item, CHANGED, actor=f"person:{person.id}", now=now)


def erase(session: Session, item: TaskingItem, *, now: datetime) -> None:
    """Take the words out of an item and of its actions. Kinds, states, agencies and dates stay."""
    item.title, item.problem, item.outcome_wanted = ERASED_TITLE, "", ""
    item.measure = item.place = item.state_note = None
    note(session, item, ERASED, actor="server", now=now)
    for action in session.exec(select(TaskingAction).where(TaskingAction.item_id == item.id)).all():
        action.what, action.owner, action.support, action.result = ERASED_TITLE, "", None, None
        session.add(action)
        data = {"row": events.digest_of(sealed(action))}
        events.append(session, ACTION_ERASED, reference(action.number), actor="server", now=now, data=data)


def get(session: Session, item_id: str) -> TaskingItem:
    """Errors: NotFound."""
    item = session.get(TaskingItem, item_id)
    if item is None:
        raise NotFound
    return item


def items(session: Session) -> list[TaskingItem]:
    """Every item, raised last first."""
    return list(session.exec(select(TaskingItem).order_by(col(TaskingItem.raised_at).desc())))


def about(session: Session, instance_id: str) -> list[TaskingItem]:
    """What was raised from a record, or by it."""
    query = select(TaskingItem).where(
        (col(TaskingItem.about) == instance_id) | (col(TaskingItem.source_id) == instance_id)
    )
    return list(session.exec(query.order_by(col(TaskingItem.raised_at))))


# Actions --------------------------------------------------------------------------------------------------------


def order(session: Session, item_id: str, ordering: Ordering, *, person: Person, now: datetime) -> TaskingAction:
    """Errors: NotFound; BadRequest, for NT6 leaves no action without lead agency, owner and date."""
    item = get(session, item_id)
    if not (LEAST_ACTION <= len(ordering.what) <= LONGEST_ACTION and ordering.lead_agency and ordering.owner):
        raise BadRequest
    action = TaskingAction(
        number=(session.exec(select(func.max(TaskingAction.number))).one() or 0) + 1,
        item_id=item.id,
        **vars(ordering),
        progress=Progress.NOT_STARTED,
        made_at=now,
        made_by=person.id,
        changed_at=now,
    )
    note_action(session, action, ACTION_MADE, person=person, now=now)
    if item.state is ItemState.NEW:
        item.state, item.state_at = ItemState.LIVE, now
        note(session, item, CHANGED, actor=f"person:{person.id}", now=now)
    return action


def progress(
    session: Session, number: int, state: Progress, *, person: Person, now: datetime, result: str | None = None
) -> TaskingAction:
    """Errors: NotFound; BadRequest when it is done without a result, or dropped without a reason."""
    action, result = get_action(session, number), tidy(result)
    if state in SETTLED and result is None:
        raise BadRequest
    action.progress, action.result, action.changed_at = state, result, now
    return note_action(session, action, ACTION_CHANGED, person=person, now=now)


def get_action(session: Session, number: int) -> TaskingAction:
    """Errors: NotFound."""
    action = session.get(TaskingAction, number)
    if action is None:
        raise NotFound
    return action


def actions(session: Session, item_id: str | None = None) -> list[TaskingAction]:
    """Of one item or of all, what is due first first."""
    query = select(TaskingAction).order_by(col(TaskingAction.due), col(TaskingAction.number))
    return list(session.exec(query if item_id is None else query.where(TaskingAction.item_id == item_id)))


def late(session: Session, today: date) -> list[TaskingAction]:
    return [action for action in actions(session) if is_late(action, today)]


def is_late(action: TaskingAction, today: date) -> bool:
    return action.progress not in SETTLED and action.due < today


def reference(number: int) -> str:
    """As it is called in the meeting and on a phone: NTG-141."""
    return f"NTG-{number}"


def number_of(reference: str) -> int | None:
    number = reference.removeprefix("NTG-")
    return int(number) if number != reference and number.isascii() and number.isdigit() and len(number) < 9 else None


# Helpers --------------------------------------------------------------------------------------------------------


def add(session: Session, raising: Raising, *, actor: str, now: datetime, source_id: str | None = None) -> TaskingItem:
    item = TaskingItem(
        id=str(uuid.uuid4()),
        **vars(raising),
        source_id=source_id,
        raised_by=actor,
        raised_at=now,
        state=ItemState.NEW,
        state_at=now,
    )
    return note(session, item, RAISED, actor=actor, now=now)


def raising_of(read: Envelope, submission: Submission) -> Raising:
    """From a device's answers, which may lack what the form asks: an officer's record is never refused."""
    kind = read.answers.get("kind")
    return Raising(
        kind=ItemKind(kind) if kind in list(ItemKind) else ItemKind.PLACE,
        title=text(read, "title", LONGEST_TITLE) or submission.title,
        problem=text(read, "problem", LONGEST_TEXT) or submission.title,
        outcome_wanted=text(read, "outcome_wanted", LONGEST_TEXT) or "",
        measure=text(read, "measure", LONGEST_TEXT),
        place=submission.place,
        about=read.about_id,
    )


def text(read: Envelope, name: str, longest: int) -> str | None:
    given = read.answers.get(name)
    return given.strip()[:longest] or None if isinstance(given, str) else None


def of_source(session: Session, source_id: str | None) -> TaskingItem | None:
    if source_id is None:
        return None
    return session.exec(select(TaskingItem).where(TaskingItem.source_id == source_id)).first()


def tidy(given: str | None) -> str | None:
    return (given or "").strip()[:LONGEST_TEXT] or None


def note(session: Session, item: TaskingItem, kind: str, *, actor: str, now: datetime) -> TaskingItem:
    events.append(session, kind, item.id, actor=actor, now=now, data={"row": events.digest_of(sealed(item))})
    session.add(item)
    return item


def note_action(session: Session, action: TaskingAction, kind: str, *, person: Person, now: datetime) -> TaskingAction:
    row = events.digest_of(sealed(action))
    events.append(session, kind, reference(action.number), actor=f"person:{person.id}", now=now, data={"row": row})
    session.add(action)
    return action


def sealed(row: TaskingItem | TaskingAction) -> dict[str, Any]:
    return events.seal_of(row)
