"""Emergencies: somebody whose role may not read a record opens it all the same, with a reason, for half an hour.

It stands in the log before anything is shown and before everybody who audits at once, and a second person says
afterwards whether it was right. Nothing is taken back by changing it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, func, select

from .. import events
from ..models import Attachment, Emergency, EmergencyReview, Person, Submission
from ..problems import NobodyAsked, NotFound, OwnEmergency, WordsMissing

OPENED, REVIEWED = "submission.emergency", "submission.emergency-reviewed"
LASTS = timedelta(minutes=30)
SHORTEST, LONGEST = 10, 500  # characters of a reason


@dataclass(frozen=True)
class Case:
    """One emergency, who had it, and what came of it."""

    emergency: Emergency
    person: Person
    review: EmergencyReview | None
    reviewer: Person | None


def begin(session: Session, instance_id: str, reason: str, *, person: Person, now: datetime) -> Emergency:
    """Errors: NotFound; WordsMissing for a reason that says nothing."""
    if session.get(Submission, instance_id) is None:
        raise NotFound
    row = Emergency(
        seq=0, instance_id=instance_id, person_id=person.id, reason=words_of(reason), at=now, until=now + LASTS
    )
    return keep(session, row, OPENED, instance_id, person, now)


def standing(session: Session, person_id: str, instance_id: str, *, now: datetime) -> Emergency | None:
    """Whether a record is open to somebody in an emergency now."""
    return session.exec(open_to(person_id, now).where(Emergency.instance_id == instance_id)).first()


def opens_photo(session: Session, person_id: str, sha256: str, *, now: datetime) -> bool:
    mine = open_to(person_id, now).join(Attachment, col(Attachment.instance_id) == col(Emergency.instance_id))
    return session.exec(mine.where(Attachment.sha256 == sha256)).first() is not None


def open_to(person_id: str, now: datetime) -> Any:
    wanted = select(Emergency).where(Emergency.person_id == person_id, Emergency.until > now)
    return wanted.order_by(col(Emergency.seq).desc())


def review(session: Session, seq: int, was_right: bool, words: str, *, person: Person, now: datetime) -> None:
    """Errors: NotFound; OwnEmergency; NobodyAsked when somebody has done it; WordsMissing."""
    emergency = session.get(Emergency, seq)
    if emergency is None:
        raise NotFound
    if emergency.person_id == person.id:
        raise OwnEmergency
    if session.exec(select(EmergencyReview).where(EmergencyReview.emergency == seq)).first() is not None:
        raise NobodyAsked
    row = EmergencyReview(
        seq=0,
        emergency=seq,
        instance_id=emergency.instance_id,
        was_right=was_right,
        words=words_of(words),
        person_id=person.id,
        at=now,
    )
    keep(session, row, REVIEWED, row.instance_id, person, now)


def waiting(session: Session) -> int:
    """How many nobody has looked into yet."""
    looked_into = select(EmergencyReview.emergency)
    query = select(func.count()).select_from(Emergency).where(col(Emergency.seq).not_in(looked_into))
    return session.exec(query).one()


def cases(session: Session, *, limit: int) -> list[Case]:
    """Those that wait first, then the newest."""
    found = session.exec(
        select(Emergency, Person, EmergencyReview)
        .join(Person, col(Person.id) == col(Emergency.person_id))
        .join(EmergencyReview, col(EmergencyReview.emergency) == col(Emergency.seq), isouter=True)
        .order_by(col(EmergencyReview.seq).is_not(None), col(Emergency.seq).desc())
        .limit(limit)
    )
    return [
        Case(emergency, person, review, session.get(Person, review.person_id) if review else None)
        for emergency, person, review in found
    ]


def said(session: Session, instance_id: str) -> dict[int, str]:
    """The words of each event about a record, which the log itself does not hold."""
    mine = session.exec(select(Emergency).where(Emergency.instance_id == instance_id))
    theirs = session.exec(select(EmergencyReview).where(EmergencyReview.instance_id == instance_id))
    return {row.seq: row.reason for row in mine} | {row.seq: row.words for row in theirs}


def keep(session: Session, row: Any, kind: str, instance_id: str, person: Person, now: datetime) -> Any:
    data = {"row": events.digest_of(sealed(row))}
    row.seq = events.append(session, kind, instance_id, actor=f"person:{person.id}", now=now, data=data).seq
    session.add(row)
    session.flush()
    return row


def words_of(text: str) -> str:
    """Errors: WordsMissing."""
    words = " ".join(text.split())[:LONGEST]
    if len(words) < SHORTEST:
        raise WordsMissing
    return words


def sealed(row: Emergency | EmergencyReview) -> dict[str, Any]:
    return events.seal_of(row, {"seq"})
