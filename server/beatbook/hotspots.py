"""Hotspots: the places where records gather, by one rule, each with the reasons why it is one.

Every record of the last four weeks has a weight; a place whose weights come to enough, from enough records on enough
days, is a candidate, for a single bad evening is no hotspot. Weights and bounds are dated settings (`hotspot.…`), so
that a council tunes them and reads why. A place is a school, a row of huts or a park where the record says so, and
otherwise a square of 100 m. Nobody is named: a hotspot is a place, never a list of people. What pupils record counts
only where an officer has counted at that gate as well (MT17).
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.orm import QueryableAttribute, load_only
from sqlmodel import Session, col, select

from . import grid, listings, schools, submissions, tasking
from .forms import Forms
from .models import ItemKind, Listing, Person, ReviewState, Submission, TaskingItem
from .problems import NotFound
from .tasking import ENDED, Raising

VISIT, TICKET = schools.VISIT, schools.TICKET
MOST_READ = 5000  # records of the window, the newest; a district makes a tenth of that
MOST_SAID = 8  # references in what is drafted; the list of records has them all
THEMES = {
    VISIT: "school parking",
    TICKET: "school parking",
    "litter": "litter",
    "graffiti": "graffiti",
    "asb": "anti-social behaviour",
    "hut_damage": "beach huts",
    "event_log": "concerns",
}
NO_LONGER = (ReviewState.REJECTED, ReviewState.EDITED)  # not accepted, or mended by a newer record
SERIOUS = frozenset({"hate", "weapon", "domestic"})
HARMLESS = ("no", "", None)  # of what graffiti may be offensive about

# What counts for what, unless a setting of that name says otherwise.
# fmt: off
USUAL = {
    "hotspot.days":               28,
    "hotspot.score":               8,
    "hotspot.records":             3,
    "hotspot.least_days":          2,
    "hotspot.cell_m":            100,
    "hotspot.asb":                 3,
    "hotspot.asb_serious":         3,
    "hotspot.graffiti":            2,
    "hotspot.graffiti_offensive":  4,
    "hotspot.notice":              1,
    "hotspot.hut_damage":          3,
    "hotspot.gate_markings":       2,
    "hotspot.gate_near_miss":      4,
    "hotspot.red_ticket":        0.5,
    "hotspot.concern":             1,
}
REASONS = {  # as one and as several of them
    "hotspot.asb":                ("report of anti-social behaviour", "reports of anti-social behaviour"),
    "hotspot.asb_serious":        ("with hate, a weapon or violence at home",) * 2,
    "hotspot.graffiti":           ("graffiti",) * 2,
    "hotspot.graffiti_offensive": ("offensive graffiti",) * 2,
    "hotspot.notice":             ("litter notice or warning", "litter notices or warnings"),
    "hotspot.hut_damage":         ("damaged hut reported", "reports of damaged huts"),
    "hotspot.gate_markings":      ("count with cars on the zig-zags", "counts with cars on the zig-zags"),
    "hotspot.gate_near_miss":     ("count with a near miss", "counts with a near miss"),
    "hotspot.red_ticket":         ("red mock ticket", "red mock tickets"),
    "hotspot.concern":            ("concern heard at an event", "concerns heard at events"),
}
# fmt: on


class Place(NamedTuple):
    """What records are grouped by: a known place by its list and name, or a square."""

    kind: str
    name: str

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.name}"


class Point(NamedTuple):
    """What one record adds to its place, and why: the name of a weight."""

    weight: str
    times: int = 1
    said: str | None = None  # the place, where it is another than the record's


@dataclass
class Gathered:
    """What came together at one place."""

    records: dict[int, Submission] = field(default_factory=dict)  # by number, newest first
    points: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Reason:
    words: str  # "3 reports of anti-social behaviour"
    score: float


@dataclass(frozen=True)
class Candidate:
    key: str
    name: str
    square: grid.Square | None
    score: float
    days: int
    reasons: list[Reason]
    themes: list[str]
    records: list[Submission]  # newest first; without those of pupils
    number: int  # of records, with those of pupils
    item: TaskingItem | None  # that the group has about it already


# The rule -------------------------------------------------------------------------------------------------------


def candidates(session: Session, forms: Forms, *, now: datetime, zone: ZoneInfo) -> list[Candidate]:
    """The highest score first."""
    today = now.astimezone(zone).date()
    weights = {name: weight_of(forms, name, today) for name in USUAL}
    since = today - timedelta(days=int(weights["hotspot.days"]) - 1)
    gathered: dict[Place, Gathered] = {}
    names = Names(forms, int(weights["hotspot.cell_m"]))
    for record in recent(session, since):
        given = submissions.answers_of(record)
        day = (record.captured_at or record.received_at).astimezone(zone).date()
        for point in points_of(record.form_id, given) if day >= since else ():
            place = names.place_of(record, given) if point.said is None else names.said(point.said)
            if place is not None:
                here = gathered.setdefault(place, Gathered())
                here.records[record.seq] = record
                here.points[point.weight] += point.times
    open_items = {item.title: item for item in tasking.items(session) if item.state not in ENDED}
    found = [candidate(place, here, names, weights, open_items, zone) for place, here in gathered.items()]
    return sorted((one for one in found if one is not None), key=lambda one: (-one.score, one.name))


def candidate(
    place: Place, here: Gathered, names: "Names", weights: Mapping[str, float], items: Mapping[str, TaskingItem],
    zone: ZoneInfo,
) -> Candidate | None:  # fmt: skip
    """None for a place that is not one by the rule."""
    records, points = list(here.records.values()), here.points
    if not any(record.form_id == VISIT for record in records):  # MT17: no officer has counted there
        records = [record for record in records if record.form_id != TICKET]
        points = Counter({name: times for name, times in points.items() if name != "hotspot.red_ticket"})
    days = {(record.captured_at or record.received_at).astimezone(zone).date() for record in records}
    score = sum(times * weights[name] for name, times in points.items())
    enough = (
        score >= weights["hotspot.score"]
        and len(records) >= weights["hotspot.records"]
        and len(days) >= weights["hotspot.least_days"]
    )
    if not enough:
        return None
    reasons = [
        Reason(f"{times} {REASONS[name][times > 1]}", times * weights[name]) for name, times in points.most_common()
    ]
    return Candidate(
        key=place.key,
        name=names.words(place),
        square=grid.read_square(place.name) if place.kind == SQUARE else None,
        score=score,
        days=len(days),
        reasons=sorted(reasons, key=lambda reason: -reason.score),
        themes=sorted({THEMES[record.form_id] for record in records}),
        records=[record for record in records if record.form_id != TICKET],
        number=len(records),
        item=items.get(title_of(names.words(place))),
    )


def points_of(form_id: str, given: Mapping[str, Any]) -> Iterator[Point]:
    if form_id == "asb":
        yield Point("hotspot.asb")
        if SERIOUS & set(texts(given.get("qualifiers"))):
            yield Point("hotspot.asb_serious")
    elif form_id == "graffiti":
        harmless = given.get("offensive") in HARMLESS
        yield Point("hotspot.graffiti" if harmless else "hotspot.graffiti_offensive")
    elif form_id == "litter" and given.get("outcome") in ("fpn", "warning"):
        yield Point("hotspot.notice")
    elif form_id == "hut_damage":
        yield Point("hotspot.hut_damage")
    elif form_id == VISIT:
        if schools.whole(given.get("c_skc")):
            yield Point("hotspot.gate_markings")
        if schools.whole(given.get("near_miss")):
            yield Point("hotspot.gate_near_miss")
    elif form_id == TICKET and given.get("result") == "red" and given.get("spoiled") != "yes":
        yield Point("hotspot.red_ticket")
    elif form_id == "event_log":
        concerns = given.get("concerns")
        for heard in concerns if isinstance(concerns, list) else ():
            if isinstance(heard, dict):
                where = heard.get("theme_place")
                said = where if isinstance(where, str) and where.strip() else None
                yield Point("hotspot.concern", schools.whole(heard.get("theme_count")) or 1, said)


def recent(session: Session, since: date, forms: Collection[str] = tuple(THEMES)) -> list[Submission]:
    """What came of some forms since, newest first. The narrow rows say which, before one of the wide ones is read."""
    numbers = (
        select(Listing.seq)
        .where(col(Listing.seq) >= (listings.first_since(session, since) or 0))
        .where(col(Listing.form_id).in_(forms), col(Listing.state).not_in(NO_LONGER))
        .order_by(col(Listing.seq).desc())
        .limit(MOST_READ)
        .subquery()
    )
    query = select(Submission).join(numbers, numbers.c.seq == col(Submission.seq)).options(load_only(*READ))
    return sorted(session.exec(query), key=lambda one: -one.seq)


READ: list[QueryableAttribute[Any]] = [
    getattr(Submission, name)
    for name in (
        *("seq", "instance_id", "form_id", "payload", "title", "place"),
        *("latitude", "longitude", "captured_at", "received_at"),
    )
]


def weight_of(forms: Forms, name: str, today: date) -> float:
    value = forms.settings.value(name, today)
    return float(value) if isinstance(value, (int, float)) else float(USUAL[name])


# Places ---------------------------------------------------------------------------------------------------------

SQUARE, WORDS = "square", "words"


class Names:
    """Which known place a record means, by what it says or where it was."""

    def __init__(self, forms: Forms, side: int) -> None:
        self._side = side if side in grid.SIDES else int(USUAL["hotspot.cell_m"])
        lists = {name: forms.lists.get(name, ()) for name in ("schools", "school_places", "hut_rows", "parks")}
        self._labels = {(name, row["name"]): row["label"] for name, rows in lists.items() for row in rows}
        self._spots = {row["name"]: row.get("school", "") for row in lists["school_places"]}
        said = [(label.casefold(), key) for key, label in self._labels.items() if key[0] != "school_places"]
        self._said = sorted(said, reverse=True)  # of two that begin alike the longer first

    def place_of(self, record: Submission, given: Mapping[str, Any]) -> Place | None:
        school = given.get("school_id") or self._spots.get(str(given.get("spot")))
        for kind, name in (("schools", school), ("hut_rows", given.get("hut_row"))):
            if (kind, str(name)) in self._labels:
                return Place(kind, str(name))
        known = self.known(record.place or "")
        if known is not None:
            return known
        if record.latitude is not None and record.longitude is not None:
            square = grid.square_of(record.latitude, record.longitude, self._side)
            if square is not None:
                return Place(SQUARE, str(square))
        return self.said(record.place or "")

    def said(self, text: str) -> Place | None:
        """Words alone: a known place, or just what was said."""
        words = " ".join(text.casefold().split())
        return self.known(text) or (Place(WORDS, words) if words else None)

    def known(self, text: str) -> Place | None:
        """The place whose name the words begin with."""
        words = " ".join(text.casefold().split())
        return next((Place(*key) for label, key in self._said if words.startswith(label)), None)

    def words(self, place: Place) -> str:
        square = grid.read_square(place.name) if place.kind == SQUARE else None
        if square is not None:
            return f"Square {square.words}"
        return self._labels.get((place.kind, place.name)) or place.name.capitalize()


# To the tasking group -------------------------------------------------------------------------------------------


def raise_item(
    session: Session, forms: Forms, key: str, *, person: Person, now: datetime, zone: ZoneInfo
) -> TaskingItem:
    """Puts a candidate to the group, with its evidence drafted; the item that it has already, if there is one.

    Errors: NotFound for what is no candidate any more.
    """
    found = next((one for one in candidates(session, forms, now=now, zone=zone) if one.key == key), None)
    if found is None:
        raise NotFound
    if found.item is not None:
        return found.item
    raising = Raising(
        kind=ItemKind.PLACE,
        title=title_of(found.name),
        problem=problem_of(found, weight_of(forms, "hotspot.days", now.astimezone(zone).date()), zone),
        outcome_wanted="Fewer records here, so that it is no hotspot by the same rule",
        measure=f"Score under {weight_of(forms, 'hotspot.score', now.astimezone(zone).date()):g}; "
        f"it was {found.score:g}",
        place=found.name,
        about=found.records[0].instance_id if found.records else None,
    )
    return tasking.raise_item(session, raising, person=person, now=now)


def title_of(name: str) -> str:
    return f"Hotspot: {name}"[: tasking.LONGEST_TITLE]


def problem_of(found: Candidate, days: float, zone: ZoneInfo) -> str:
    """What the group reads: the rule's reasons, and the records behind them by what is said over a radio."""
    reasons = ", ".join(f"{reason.words} ({reason.score:g})" for reason in found.reasons)
    last = [record.instance_id.replace("-", "")[-6:].upper() for record in found.records[:MOST_SAID]]
    references = ", ".join(f"{one[:3]} {one[3:]}" for one in last)
    more = len(found.records) - len(last)
    return (
        f"{found.number} records on {found.days} days within {days:g} days score {found.score:g}: {reasons}. "
        f"References: {references}{f' and {more} more' if more else ''}."
    )[: tasking.LONGEST_TEXT]


# Helpers --------------------------------------------------------------------------------------------------------


def texts(given: object) -> list[str]:
    return [one for one in given if isinstance(one, str)] if isinstance(given, list) else []
