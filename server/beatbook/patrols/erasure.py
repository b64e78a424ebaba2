"""Erasure: what of a patrol goes by itself, and when.

Colour and kind of a vehicle go the day after the patrol (MT18): they help to find the paper ticket again, and after
that they only describe somebody's car. A photo goes when nobody has looked at it for 14 days, and 30 days after it came
in any case (MT12). The counts stay, and so does all of a ticket that is on hold.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from .. import keeping, redactions
from ..models import Patrol, PupilPhoto, Redaction, ReviewState, Submission
from . import photos
from .patrol import standing_of, steps_of
from .tickets import TICKET

VEHICLE = ("vehicle_kind", "vehicle_colour")
DAY_AFTER = timedelta(days=1)
UNREVIEWED, APPROVED = timedelta(days=14), timedelta(days=30)


def erase_due(session: Session, *, now: datetime) -> list[str]:
    """Erase what is due. Answers the files to sweep when this is committed."""
    for ticket in tickets_with_vehicles(session, now):
        redactions.redact_answers(session, ticket.instance_id, VEHICLE, why="the day after the patrol", now=now)
    files: list[str] = []
    for photo, why in photos_due(session, now):
        files += photos.erase(session, photo, why=why, now=now)
    return files


def tickets_with_vehicles(session: Session, now: datetime) -> Iterator[Submission]:
    rows = session.exec(
        select(Submission)
        .join(Redaction, col(Redaction.subject) == Submission.instance_id, isouter=True)
        .where(
            Submission.form_id == TICKET,
            col(Submission.captured_at) < now - DAY_AFTER,
            col(Redaction.subject).is_(None),
        )
    )
    over: dict[str, bool] = {}
    held = keeping.held(session)
    for ticket in rows:
        patrol_id = str(ticket.patrol_id)
        if patrol_id not in over:
            over[patrol_id] = is_over(session, patrol_id, now)
        if (
            over[patrol_id]
            and ticket.instance_id not in held
            and not set(VEHICLE).isdisjoint(json.loads(ticket.payload)["answers"])
        ):
            yield ticket


def is_over(session: Session, patrol_id: str, now: datetime) -> bool:
    patrol = session.get(Patrol, patrol_id)
    steps = steps_of(session, [patrol_id])[patrol_id]
    return patrol is None or standing_of(patrol, steps, now).ended_at <= now - DAY_AFTER


def photos_due(session: Session, now: datetime) -> Iterator[tuple[PupilPhoto, str]]:
    held = keeping.held(session)
    for photo in session.exec(select(PupilPhoto).where(col(PupilPhoto.state).in_((photos.PENDING, photos.OK)))).all():
        if photo.instance_id in held:
            continue
        ticket = session.get(Submission, photo.instance_id)
        if photo.received_at <= now - APPROVED:
            yield photo, "30 days after it came"
        elif photo.state == photos.PENDING and photo.received_at <= now - UNREVIEWED:
            yield photo, "nobody looked at it in 14 days"
        elif ticket is not None and ticket.review_state is ReviewState.REJECTED:
            yield photo, "its ticket was removed"
