"""Keeping: what people decide about how long a record stays: a legal hold, or an erasure before its date.

The same holds for a task, an item or a meeting of the tasking group, a case, and what was kept aside. Under a hold
nothing of it is erased. Before its date it goes only when one person asks with a reason and another agrees. Nothing is
taken back by changing it: a hold is lifted by another row, and each row stays.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from . import events
from .models import Case, Keeping, Meeting, Person, Quarantine, Submission, Task, TaskingItem
from .problems import NobodyAsked, NotFound, OnHold, SecondPerson, WordsMissing

HOLD, RELEASE, ASK, AGREE, DECLINE = "hold", "release", "ask", "agree", "decline"
KINDS = {
    HOLD: "submission.hold-placed",
    RELEASE: "submission.hold-lifted",
    ASK: "submission.erasure-asked",
    AGREE: "submission.erasure-agreed",
    DECLINE: "submission.erasure-declined",
}
KEPT = (Submission, Task, TaskingItem, Meeting, Case, Quarantine)  # what a hold, or two people, may be about
LONGEST = 500  # characters


@dataclass(frozen=True)
class Standing:
    """How a record stands: what holds it, and who wants it erased."""

    hold: Keeping | None = None
    asked: Keeping | None = None


def decide(session: Session, instance_id: str, kind: str, words: str, *, person: Person, now: datetime) -> Keeping:
    """Errors: NotFound; WordsMissing without a reason; OnHold; NobodyAsked; SecondPerson for one's own request."""
    if all(session.get(table, instance_id) is None for table in KEPT):
        raise NotFound
    words, stands = " ".join(words.split())[:LONGEST], standing(session, instance_id)
    if not words and kind != AGREE:
        raise WordsMissing
    check(stands, kind, person)
    row = Keeping(seq=0, instance_id=instance_id, kind=kind, words=words, person_id=person.id, at=now)
    data = {"row": events.digest_of(sealed(row))}
    row.seq = events.append(session, KINDS[kind], instance_id, actor=f"person:{person.id}", now=now, data=data).seq
    session.add(row)
    session.flush()
    return row


def check(stands: Standing, kind: str, person: Person) -> None:
    """What may follow what. Errors: OnHold, NobodyAsked, SecondPerson."""
    if kind in (HOLD, ASK, AGREE) and stands.hold is not None:
        raise OnHold
    if (kind == RELEASE and stands.hold is None) or (kind in (AGREE, DECLINE) and stands.asked is None):
        raise NobodyAsked
    if kind == AGREE and stands.asked is not None and stands.asked.person_id == person.id:
        raise SecondPerson


def standing(session: Session, instance_id: str) -> Standing:
    return standings(of(session, instance_id)).get(instance_id, Standing())


def of(session: Session, instance_id: str) -> list[Keeping]:
    """Oldest first."""
    return list(session.exec(select(Keeping).where(Keeping.instance_id == instance_id).order_by(col(Keeping.seq))))


def everywhere(session: Session) -> dict[str, Standing]:
    """Every record that is held or about which somebody asked."""
    found = standings(list(session.exec(select(Keeping).order_by(col(Keeping.seq)))))
    return {instance_id: stands for instance_id, stands in found.items() if stands != Standing()}


def held(session: Session) -> set[str]:
    return {instance_id for instance_id, stands in everywhere(session).items() if stands.hold is not None}


def standings(rows: list[Keeping]) -> dict[str, Standing]:
    """What the rows of records come to; a hold answers whoever asked."""
    found: dict[str, Standing] = {}
    for row in rows:
        before = found.get(row.instance_id, Standing())
        found[row.instance_id] = {
            HOLD: Standing(hold=row),
            RELEASE: Standing(),
            ASK: Standing(hold=before.hold, asked=row),
        }.get(row.kind, Standing(hold=before.hold))
    return found


def sealed(row: Keeping) -> dict[str, Any]:
    return events.seal_of(row, {"seq"})
