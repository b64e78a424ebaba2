"""Nav: the places of the desk, in the order in which they stand on every page, and what waits in each.

A new page adds its line to `PLACES` and sets `place` in its template. Nothing else needs to know.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session

from .. import listings, people, saved
from ..models import Person
from ..people import May, emergencies


@dataclass(frozen=True)
class Place:
    name: str  # what a template sets as `place` to be shown as here
    label: str
    address: str
    may: May  # who sees it
    key: str  # after G
    count: Callable[[Session], int] | None = None
    counted: str = "waiting"  # what the number means, for those who only hear it


# fmt: off
PLACES = (
    Place("briefing", "Briefing", "/desk/briefing", May.READ_RECORDS, "b"),
    Place("review",   "Review",   "/desk/review",   May.REVIEW,       "r", listings.waiting),
    Place("records",  "Records",  "/desk/records",  May.READ_RECORDS, "l"),
    Place("map",      "Map",      "/desk/map",      May.READ_RECORDS, "m"),
    Place("patrols",  "Patrols",  "/desk/patrols",  May.READ_RECORDS, "p"),
    Place("notices",  "Notices",  "/desk/notices",  May.READ_RECORDS, "n"),
    Place("cases",    "Cases",    "/desk/cases",    May.READ_RECORDS, "c"),
    Place("tasks",    "Tasks",    "/desk/tasks",    May.READ_RECORDS, "t"),
    Place("tasking",  "Tasking",  "/desk/tasking",  May.READ_RECORDS, "g"),
    Place("dashboard", "Dashboard", "/desk/dashboard", May.READ_RECORDS, "v"),
    Place("advice",   "Advice",   "/desk/advice",   May.READ_RECORDS, "a"),
    Place("devices",  "Devices",  "/desk/devices",  May.READ_RECORDS, "d"),
    Place("schools",  "Schools",  "/desk/schools",  May.SCHOOLS,      "s"),
    Place("lists",    "Lists",    "/desk/lists",    May.READ_RECORDS, "i"),
    Place("retention", "Keeping", "/desk/retention", May.SEE_KEEPING, "k"),
    Place("audit",    "Audit",    "/desk/audit",    May.AUDIT,        "u", emergencies.waiting, "emergencies"),
)
# fmt: on


@dataclass(frozen=True)
class Shown:
    """A place as one person sees it now."""

    place: Place
    count: int | None = None


def read(session: Session, person: Person) -> list[Shown]:
    """The places that this person may go to, then the filters that are pinned for them."""
    places = [
        Shown(place, place.count(session) if place.count else None)
        for place in PLACES
        if people.may(person.role, place.may)
    ]
    pinned = [one for one in saved.of(session, person) if one.pinned]
    return places + [
        Shown(Place(one.id, one.name, f"/desk/records?{one.query}", May.READ_RECORDS, str(number)))
        for number, one in enumerate(pinned[:MOST_PINNED], 1)
    ]


MOST_PINNED = 9  # one key each
