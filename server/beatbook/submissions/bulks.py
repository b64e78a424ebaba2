"""Bulks: one decision about many records at once, and ten minutes to take it back.

Each record gets a decision of its own, exactly as if it had been opened, so that a bulk is no second way to change
anything. Fixed penalties are left out: nobody is asked for money because of a tick in a list.
"""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from .. import events
from ..database import Database
from ..forms import Forms
from ..models import Event, Person, Review, ReviewState, Submission
from ..problems import NotFound, ReasonMissing, UndoTooLate
from . import reviews

MOST = 1000  # records of one bulk; more than anybody has looked at
TOGETHER = 50  # decisions of one transaction, so that deliveries need not wait for all of them
UNDO_FOR = timedelta(minutes=10)
KIND, UNDONE = "bulk.reviewed", "bulk.undone"


@dataclass(frozen=True)
class Bulk:
    """What one bulk did."""

    id: str
    state: ReviewState
    done: int
    penalties: int  # left out
    others: int  # left out: decided so already, mended by a newer record, or of a form not known here


def review(
    database: Database,
    instance_ids: Sequence[str],
    state: ReviewState,
    *,
    person: Person,
    now: datetime,
    forms: Forms,
    reason: str | None = None,
    note: str | None = None,
) -> Bulk:
    """Decide about many, in several transactions. Errors: ReasonMissing, with nothing changed."""
    if not reviews.is_explained(state, reason, note):
        raise ReasonMissing
    bulk_id, left_out, decided = str(uuid.uuid4()), {"penalties": 0, "others": 0}, []

    def some(session: Session, ids: Sequence[str]) -> None:
        for instance_id in ids:
            submission = session.get(Submission, instance_id)
            if submission is None or submission.held or submission.review_state in (state, ReviewState.EDITED):
                left_out["others"] += 1
            elif reviews.is_penalty(session, submission, forms):
                left_out["penalties"] += 1
            else:
                decision = reviews.review(session, instance_id, state, person=person, now=now, reason=reason, note=note)
                decided.append(decision.seq)

    def finish(session: Session) -> None:
        data = {"state": state, "done": len(decided), "seqs": decided, **left_out}
        events.append(session, KIND, bulk_id, actor=f"person:{person.id}", now=now, data=data)

    wanted = list(dict.fromkeys(instance_ids))[:MOST]
    for start in range(0, len(wanted), TOGETHER):
        database.write(lambda session, ids=wanted[start : start + TOGETHER]: some(session, ids))
    database.write(finish)
    return Bulk(bulk_id, state, len(decided), left_out["penalties"], left_out["others"])


def find(session: Session, bulk_id: str) -> Bulk:
    """Errors: NotFound."""
    said = json.loads(event_of(session, bulk_id).data)
    return Bulk(bulk_id, ReviewState(said["state"]), said["done"], said["penalties"], said["others"])


def can_undo(session: Session, bulk_id: str, *, person: Person, now: datetime) -> bool:
    happened = events.history_of(session, bulk_id)
    if not happened or any(event.kind == UNDONE for event in happened):
        return False
    first = happened[0]
    return first.actor == f"person:{person.id}" and now - first.at <= UNDO_FOR


def undo(database: Database, bulk_id: str, *, person: Person, now: datetime) -> int:
    """Take a bulk back. What somebody decided since stays. Returns how many were taken back.

    Errors: NotFound, UndoTooLate.
    """
    with database.reading() as session:
        seqs = json.loads(event_of(session, bulk_id).data)["seqs"]
        if not can_undo(session, bulk_id, person=person, now=now):
            raise UndoTooLate
    done = 0

    def some(session: Session, seqs: Sequence[int]) -> None:
        nonlocal done
        for decision in session.exec(select(Review).where(col(Review.seq).in_(seqs))).all():
            newest, _ = reviews.reviews_of(session, decision.instance_id)[-1]
            if newest.seq == decision.seq:
                reviews.take_back(session, decision.instance_id, person=person, now=now)
                done += 1

    for start in range(0, len(seqs), TOGETHER):
        database.write(lambda session, part=seqs[start : start + TOGETHER]: some(session, part))
    actor = f"person:{person.id}"
    database.write(lambda session: events.append(session, UNDONE, bulk_id, actor=actor, now=now, data={"done": done}))
    return done


def event_of(session: Session, bulk_id: str) -> Event:
    event = session.exec(select(Event).where(Event.subject == bulk_id, Event.kind == KIND)).first()
    if event is None:
        raise NotFound
    return event
