"""Surroundings: other records made close to one."""

from dataclasses import dataclass
from math import cos, hypot, radians

from sqlmodel import Session, col, select

from .. import listings
from ..models import Submission

NEAR = 50.0  # metres
METRES_OF_DEGREE = 111_320.0  # of latitude
MOST_MEASURED = 500  # the newest; a bin that was photographed more often than that has a history of its own


@dataclass(frozen=True)
class Nearby:
    submission: Submission
    metres: int


def nearby(session: Session, submission: Submission, *, metres: float = NEAR, most: int = 12) -> list[Nearby]:
    """Other records made close to this one, nearest first."""
    if submission.latitude is None or submission.longitude is None:
        return []
    around = listings.numbers_around(session, submission.latitude, submission.longitude, metres, most=MOST_MEASURED)
    rows = session.exec(
        select(Submission.instance_id, Submission.latitude, Submission.longitude)
        .where(col(Submission.seq).in_(around))
        .where(Submission.instance_id != submission.instance_id)
    )
    here, found = (submission.latitude, submission.longitude), []
    for instance_id, there_latitude, there_longitude in rows:
        far = distance(here, (there_latitude or 0.0, there_longitude or 0.0))
        if far <= metres:
            found.append((far, instance_id))
    near = sorted(found)[:most]
    known = session.exec(select(Submission).where(col(Submission.instance_id).in_([one for _, one in near])))
    by_id = {one.instance_id: one for one in known}
    return [Nearby(by_id[instance_id], round(far)) for far, instance_id in near]


def distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres between two positions that are close to each other; over a few hundred metres the earth is flat."""
    north = (one[0] - other[0]) * METRES_OF_DEGREE
    east = (one[1] - other[1]) * METRES_OF_DEGREE * cos(radians(one[0]))
    return hypot(north, east)
