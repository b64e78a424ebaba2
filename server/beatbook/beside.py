"""Beside: how long what is kept beside records stays: tasks, items and meetings of the tasking group, cases, bytes kept
aside, saved filters, and what stood in lists before.

The same rules as for records (retention.py): a class with a default, a council's own period, holds, two people before
the date, and a stub that the log seals. A hold on a record holds what was made of it too.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from . import cases, keeping, meetings, redactions, reference, retention, saved, shares, submissions, tasks
from .database import Database
from .forms import Forms
from .forms.expressions import london
from .forms.retention import Retention
from .models import (
    Case,
    CaseEntry,
    Keeping,
    Meeting,
    Person,
    Quarantine,
    Redaction,
    SavedFilter,
    Task,
    TaskingAction,
    TaskingItem,
    TaskOrigin,
)
from .problems import NotFound, OnHold, Redacted
from .retention import Term

TASK, ITEM, MEETING, CASE, ASIDE, FILTER, HISTORY = (
    "task", "item", "meeting", "case", "aside", "filter", "list_history",
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """One kind of thing that is kept beside records."""

    table: Any
    erase: Callable[..., None]
    title: Callable[[Any], str]
    address: str  # the page on which it stands
    by_hand: bool = True  # whether people may hold it, or erase it before its date


KINDS = {
    TASK: Kind(Task, tasks.erase, lambda row: row.title, "/desk/tasks/{}"),
    ITEM: Kind(TaskingItem, meetings.erase_item, lambda row: row.title, "/desk/tasking/{}"),
    MEETING: Kind(Meeting, meetings.erase, lambda row: row.id, "/desk/meetings/{}"),
    CASE: Kind(Case, cases.erase, lambda row: row.title, "/desk/cases/{}"),
    ASIDE: Kind(Quarantine, submissions.erase_aside, lambda row: row.detail, "/desk/kept-aside"),
    FILTER: Kind(SavedFilter, saved.erase, lambda row: row.name, "/desk/records", by_hand=False),
}


# Dates ------------------------------------------------------------------------------------------------------------


def terms(session: Session, forms: Forms, on: date) -> Iterator[Term]:
    """Of everything that has not been erased yet."""
    periods, held = retention.classes(forms, on), keeping.held(session)
    gone = set(session.exec(select(Redaction.subject).where(col(Redaction.kind).in_(list(KINDS)))))
    for kind, known in KINDS.items():
        for row in session.exec(select(known.table).execution_options(yield_per=retention.LOOKED_AT)):
            if f"{kind}:{row.id}" not in gone:
                yield term(session, kind, row, periods, held)


def term_of(session: Session, forms: Forms, kind: str, key: str, on: date) -> Term:
    """Errors: NotFound."""
    return term(session, kind, get(session, kind, key), retention.classes(forms, on), keeping.held(session))


def term(session: Session, kind: str, row: Any, periods: dict[str, Retention], held: set[str]) -> Term:
    named, start = CLASSES[kind](session, row)
    period = periods[named]
    until = retention.end_of(period.counted_from, {period.counted_from: start}, period.years, period.days)
    assert until is not None
    return Term(f"{kind}:{row.id}", named, until, None, not held.isdisjoint({row.id, *made_of(session, kind, row)}))


def class_of_task(session: Session, task: Task) -> tuple[str, date]:
    named = "tasking" if task.origin is TaskOrigin.NTG_ACTION else "task"
    return named, london(max(task.state_at, min(task.ends_at, task.state_at + retention.WRONG_CLOCK))).date()


def class_of_item(session: Session, item: TaskingItem) -> tuple[str, date]:
    """From the last thing that happened to it or to one of its actions."""
    changed = session.exec(select(TaskingAction.changed_at).where(TaskingAction.item_id == item.id))
    return "tasking", london(max([item.state_at, item.raised_at, *changed])).date()


def class_of_meeting(session: Session, meeting: Meeting) -> tuple[str, date]:
    """From the last thing that happened to it, or to an item about which something was shared there."""
    shared = [session.get_one(TaskingItem, one.item_id) for one in shares.of_meeting(session, meeting.id)]
    days = [class_of_item(session, item)[1] for item in shared]
    return "tasking", max([london(max(meeting.state_at, meeting.held_at)).date(), *days])


def class_of_case(session: Session, case: Case) -> tuple[str, date]:
    """From the last thing that happened in it: one that nobody ever closes goes too."""
    return retention.IN_CASE, london(case.changed_at).date()


def class_of_aside(session: Session, kept: Quarantine) -> tuple[str, date]:
    """What nobody has looked at may be somebody's only evidence: as long as a record whose form is not known."""
    if kept.resolved_at is None:
        return retention.UNKNOWN, london(kept.received_at).date()
    return "aside", london(kept.resolved_at).date()


def class_of_filter(session: Session, row: SavedFilter) -> tuple[str, date]:
    owner = session.get(Person, row.person_id)
    over = row.ended_at or (owner.ended_at if owner else None)
    return ("removed_filter", london(over).date()) if over else ("saved_filter", london(row.created_at).date())


CLASSES: dict[str, Callable[[Session, Any], tuple[str, date]]] = {
    TASK: class_of_task,
    ITEM: class_of_item,
    MEETING: class_of_meeting,
    CASE: class_of_case,
    ASIDE: class_of_aside,
    FILTER: class_of_filter,
}


def made_of(session: Session, kind: str, row: Any) -> set[str]:
    """The records that it came of, whose hold holds it too."""
    if kind == CASE:
        joined = select(CaseEntry.instance_id).where(CaseEntry.case_id == row.id)
        return {one for one in session.exec(joined) if one}
    found = {TASK: ("about",), ITEM: ("about", "source_id"), ASIDE: ("instance_id",)}.get(kind, ())
    return {value for name in found if (value := getattr(row, name))}


# Erasing ----------------------------------------------------------------------------------------------------------


def erase_due(database: Database, forms: Forms, *, now: datetime) -> bool:
    """In several transactions, so that deliveries need not wait for all of it. Answers whether lists lost something."""
    today = london(now).date()
    with database.reading() as session:
        due = [one.instance_id for one in terms(session, forms, today) if one.is_due(today)]

    def some(session: Session, part: Sequence[str]) -> None:
        for subject in part:
            kind, _, key = subject.partition(":")
            found = term_of(session, forms, kind, key, today)  # something may have happened meanwhile
            if found.is_due(today) and session.get(Redaction, subject) is None:
                label = retention.classes(forms, today)[found.kind].label
                erase(session, kind, key, why=f"{label}: its time was over", now=now)

    for start in range(0, len(due), retention.TOGETHER):
        database.write(lambda session, part=due[start : start + retention.TOGETHER]: some(session, part))
    return database.write(lambda session: forget_lists(session, forms, now=now)) > 0


def forget_lists(session: Session, forms: Forms, *, now: datetime) -> int:
    period = retention.classes(forms, london(now).date())[HISTORY]
    before = now.replace(year=now.year - period.years, day=min(now.day, 28))
    return reference.forget(session, forms.infos, before, now=now)


def erase(session: Session, kind: str, key: str, *, why: str, now: datetime) -> None:
    """Errors: NotFound."""
    KINDS[kind].erase(session, get(session, kind, key), now=now)
    redactions.redact_beside(session, kind, key, why=why, now=now)


# Before its date --------------------------------------------------------------------------------------------------


def decide(session: Session, kind: str, key: str, what: str, words: str, *, person: Person, now: datetime) -> Keeping:
    """A hold, lifting it, asking for an erasure, agreeing or declining. One who agrees erases.

    Errors: NotFound, Redacted, WordsMissing, OnHold, NobodyAsked, SecondPerson.
    """
    row = get(session, kind, key)
    if not KINDS[kind].by_hand:
        raise NotFound
    if session.get(Redaction, f"{kind}:{key}") is not None:
        raise Redacted
    if what in (keeping.ASK, keeping.AGREE) and not keeping.held(session).isdisjoint(made_of(session, kind, row)):
        raise OnHold
    decided = keeping.decide(session, key, what, words, person=person, now=now)
    if what == keeping.AGREE:
        erase(session, kind, key, why="before its time: one person asked, another agreed", now=now)
    return decided


def get(session: Session, kind: str, key: str) -> Any:
    """Errors: NotFound."""
    row = session.get(KINDS[kind].table, key) if kind in KINDS else None
    if row is None:
        raise NotFound
    return row
