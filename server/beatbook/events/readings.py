"""Readings: who looked at a record or took it out, when and what for, as the log of events tells it (T19, DP2)."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from ..models import Attachment, Device, Event, Person, Role

# What is a reading, and how it is said.
LOOKED = {
    "submission.viewed": "Opened",
    "submission.fetched": "Fetched ahead in the review queue",
    "attachment.opened": "Original photo downloaded",
    "attachment.uncovered": "Original photo looked at, uncovered",
    "notice.shown": "Notice shown",
    "notice.stated": "Statement shown",
    "patrol.viewed": "Patrol opened",
    "patrol.photo-viewed": "Pupils' photo looked at",
    "tasking.viewed": "Tasking item opened",
    "case.viewed": "Case opened",
    "report.letter-shown": "Letter to the reporter shown",
    "quarantine.opened": "Kept-aside bytes opened",
    "paper.viewed": "Pack or minutes about persons looked at",
    "list.viewed": "List with names opened",
    "subject.read": "Looked at to answer somebody who asked what is held about them",
}
LEFT = {
    "submission.exported": "Photos taken out",
    "submission.bundled": "Taken out as a whole case",
    "records.exported": "Records taken out",
    "paper.given": "Pack or minutes handed to an agency",
    "list.downloaded": "List downloaded",
    "log.taken-out": "The log of events taken out",
}


@dataclass(frozen=True)
class Reading:
    """One person who did one thing, once or several times in a row."""

    seq: int
    at: datetime  # the last time
    actor: str
    subject: str
    words: str
    why: str | None
    reference: str | None  # of a case or letter
    emergency: int | None
    times: int = 1


@dataclass(frozen=True)
class Who:
    name: str
    role: Role | None


def of_record(session: Session, instance_id: str) -> list[Reading]:
    """Everything of one record, newest first; the same by the same person in a row is one."""
    listed = select(Attachment.sha256).where(Attachment.instance_id == instance_id)
    subjects = [instance_id, *session.exec(listed).all()]
    query = select(Event).where(col(Event.subject).in_(subjects), col(Event.kind).in_({**LOOKED, **LEFT}))
    return list(together(session.exec(query.order_by(col(Event.seq).desc())).all()))


def find(
    session: Session,
    kinds: Sequence[str],
    *,
    actor: str | None = None,
    before: int | None = None,
    limit: int,
) -> list[Reading]:
    """Everything of these kinds, newest first, each by itself.

    Kind by kind, because the index of kinds gives each in its order: asked for together, a million would be sorted.
    """
    query = select(Event).order_by(col(Event.seq).desc()).limit(limit)
    if actor is not None:
        query = query.where(Event.actor == actor)
    if before is not None:
        query = query.where(col(Event.seq) < before)
    found = [event for kind in kinds for event in session.exec(query.where(Event.kind == kind))]
    return [reading_of(event) for event in sorted(found, key=lambda event: event.seq, reverse=True)[:limit]]


def people_of(session: Session, found: Sequence[Reading]) -> dict[str, Who]:
    """Who the actors are."""
    ids = [reading.actor.partition(":")[2] for reading in found]
    persons = session.exec(select(Person).where(col(Person.id).in_(ids)))
    devices = session.exec(select(Device).where(col(Device.id).in_(ids)))
    return {f"person:{one.id}": Who(one.name, one.role) for one in persons} | {
        f"device:{one.id}": Who(one.name, one.role) for one in devices
    }


def together(found: Sequence[Event]) -> Iterator[Reading]:
    last: Reading | None = None
    for event in found:
        this = reading_of(event)
        if last and (last.actor, last.words, last.why, last.emergency) == (
            this.actor, this.words, this.why, this.emergency,
        ):  # fmt: skip
            last = replace(last, times=last.times + 1)
            continue
        if last:
            yield last
        last = this
    if last:
        yield last


def reading_of(event: Event) -> Reading:
    told = json.loads(event.data)
    return Reading(
        seq=event.seq,
        at=event.at,
        actor=event.actor,
        subject=event.subject,
        words={**LOOKED, **LEFT}[event.kind],
        why=told.get("why"),
        reference=told.get("reference"),
        emergency=told.get("emergency"),
    )
