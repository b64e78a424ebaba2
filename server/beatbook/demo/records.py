"""Records as the district's phones would have frozen them: answers, places, times, photos, and what came of each.

Everything follows from the number of a record, so the same district comes out every time; only the times depend on
when the demonstration begins.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from .. import __version__
from ..forms import Context, Form, Forms, answers
from ..models import ReviewState, Role
from . import district, pictures
from .district import Spot, Thing

RECORDS = 300
DAYS = 60
WAITING = 25  # the newest, nobody has looked at them yet
GRAFFITI_PICTURES, LITTER_PICTURES = 26, 22
LONDON = ZoneInfo("Europe/London")


class Oddity(StrEnum):
    """What is unusual about a few of them, so that every state of the desk can be seen."""

    CLOCK = "clock"  # the phone's clock is three hours fast
    NO_FIX = "no fix"  # the receiver said 0,0
    GAP = "gap"  # a required answer is missing
    NEWER_FORM = "newer form"  # made with a version that is not here yet
    PHOTO_MISSING = "photo missing"  # its second photo has not arrived
    NO_SIGNAL = "no signal"  # delivered hours later


ODDITIES = {  # counted from the newest
    2: Oddity.PHOTO_MISSING,
    5: Oddity.CLOCK,
    8: Oddity.GAP,
    11: Oddity.NO_FIX,
    14: Oddity.NO_SIGNAL,
    17: Oddity.NEWER_FORM,
    33: Oddity.GAP,
    47: Oddity.CLOCK,
    61: Oddity.NO_SIGNAL,
    90: Oddity.NO_FIX,
}
SENT_BACK = (26, 28, 31, 36, 42, 55)  # counted from the newest
NOT_ACCEPTED = (30, 64, 128, 190)
MENDED = {29: 70, 20: 40}  # a better one, and which one it replaces


@dataclass(frozen=True)
class Picture:
    scene: str
    what: str  # the word that is sprayed, or the litter that lies there
    data: bytes
    sha256: str


@dataclass(frozen=True)
class Decision:
    at: datetime
    state: ReviewState
    reviewer: str
    reason: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Made:
    """A record, whose it is, when it came in, the photos that came with it, and what was decided."""

    device: Thing
    payload: bytes
    received_at: datetime
    photos: tuple[Picture, ...]
    decisions: tuple[Decision, ...]
    warned: bool = False
    instance_id: str = field(default="")


def draw(tell: Any = None) -> list[Picture]:
    """The photos of the district."""
    chance = Random("photos")  # noqa: S311 an example, not a secret
    graffiti = [(scene, chance.choice(district.TAGS)) for scene in spread(list(pictures.GRAFFITI), GRAFFITI_PICTURES)]
    litter = [(scene, chance.choice(list(pictures.LITTER))) for scene in spread(list(pictures.GROUNDS), LITTER_PICTURES)]
    return [picture(scene, number, what) for number, (scene, what) in enumerate([*graffiti, *litter])]


def picture(scene: str, number: int, what: str) -> Picture:
    data = pictures.photo(scene, number, what)
    return Picture(scene, what, data, hashlib.sha256(data).hexdigest())


def spread(names: list[str], count: int) -> list[str]:
    return [names[number % len(names)] for number in range(count)]
