"""News: what of patrols a device is told with /down."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from .. import events
from ..models import Device, Patrol, Role
from ..settings import Settings
from .keys import known_keys
from .patrol import LEADERS, LEAST_ADULTS, Lists, standing_of, steps_of
from .photos import pending
from .tickets import count_all, summary

SHOWN = timedelta(days=2)  # how long a phone is told of the patrols it opened
RELEASED_AT_MOST = 50


def down_for(session: Session, device: Device, settings: Settings, lists: Lists, *, now: datetime) -> dict[str, Any]:
    """For a tablet the keys that patrols are signed with; for an adult's phone its own patrols and the rules."""
    if device.role == Role.PUPIL:
        return {"patrolKeys": known_keys(session)}
    if device.role not in LEADERS:
        return {}
    news: dict[str, Any] = {
        "patrolRules": {"pupilsPerAdult": settings.pupils_per_adult, "leastAdults": LEAST_ADULTS},
        "patrols": own_patrols(session, device, now),
    }
    if device.role == Role.SCHOOL:
        news["patrolSummaries"] = released(session, now)
    return news


def own_patrols(session: Session, device: Device, now: datetime) -> list[dict[str, Any]]:
    query = select(Patrol).where(Patrol.opened_by == f"device:{device.id}", col(Patrol.opened_at) > now - SHOWN)
    patrols = session.exec(query.order_by(col(Patrol.opened_at).desc())).all()
    ids = [patrol.id for patrol in patrols]
    counted, steps, photos = count_all(session, ids), steps_of(session, ids), pending(session, ids)
    return [
        {
            "patrolId": patrol.id,
            "state": standing_of(patrol, steps[patrol.id], now).state,
            "counts": counted[patrol.id].to_wire(),
            "cross": [
                {"at": events.instant(one.at) if one.at else None, "spot": one.spot, "team": one.team}
                for one in counted[patrol.id].cross
            ],
            "photosPending": sum(photo.patrol_id == patrol.id for photo in photos),
        }
        for patrol in patrols
    ]


def released(session: Session, now: datetime) -> list[dict[str, Any]]:
    """By school, the counts of the patrols that a supervisor released. Schools are told apart by their code alone."""
    patrols = session.exec(select(Patrol).order_by(col(Patrol.opened_at).desc()).limit(RELEASED_AT_MOST * 4)).all()
    steps = steps_of(session, [patrol.id for patrol in patrols])
    free = [one for one in patrols if standing_of(one, steps[one.id], now).released_at][:RELEASED_AT_MOST]
    counted = count_all(session, [patrol.id for patrol in free])
    schools = sorted({patrol.school for patrol in free})
    return [
        {"school": school, **summary((one, counted[one.id]) for one in free if one.school == school)}
        for school in schools
    ]
