"""Remarks: what supervisors say about a record beside deciding: a comment, a flag for the manager, a link to a double.

Nothing is taken back by changing it: a flag is settled by another remark.
"""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from .. import events, listings
from ..models import Person, Remark
from ..problems import NotFound, WordsMissing
from . import records

COMMENT, FLAG, SETTLED, DUPLICATE = "comment", "flag", "settled", "duplicate"
KINDS = {
    COMMENT: "submission.commented",
    FLAG: "submission.flagged",
    SETTLED: "submission.settled",
    DUPLICATE: "submission.linked",
}
LONGEST = 1000  # characters; more belongs in a conversation


def add(
    session: Session,
    instance_id: str,
    kind: str,
    words: str,
    *,
    person: Person,
    now: datetime,
    other_id: str | None = None,
) -> Remark:
    """Errors: NotFound; WordsMissing for a comment that says nothing."""
    submission, words = records.get(session, instance_id), " ".join(words.split())[:LONGEST]
    if kind == COMMENT and not words:
        raise WordsMissing
    if kind == DUPLICATE and (other_id is None or other_id == instance_id):
        raise NotFound
    if other_id is not None:
        records.get(session, other_id)
    row = Remark(seq=0, instance_id=instance_id, kind=kind, words=words, other_id=other_id, person_id=person.id, at=now)
    data = {"row": events.digest_of(sealed(row))}
    said = events.append(session, KINDS[kind], instance_id, actor=f"person:{person.id}", now=now, data=data)
    row.seq = said.seq
    session.add(row)
    if kind in (FLAG, SETTLED):
        listings.set_flag(session, submission.seq, listings.MANAGER, kind == FLAG)
    return row


def of(session: Session, instance_id: str) -> list[tuple[Remark, Person]]:
    """Oldest first."""
    query = select(Remark, Person).join(Person).where(Remark.instance_id == instance_id).order_by(col(Remark.seq))
    return [(remark, person) for remark, person in session.exec(query)]


def sealed(row: Remark) -> dict[str, Any]:
    return events.seal_of(row, {"seq"})
