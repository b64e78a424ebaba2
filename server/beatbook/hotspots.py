"""Hotspots: the places where records gather, by one rule, each with the reasons why it is one.

Every record of the last four weeks has a weight; a place whose weights come to enough, from enough records on enough
days, is a candidate, for a single bad evening is no hotspot. Weights and bounds are dated settings (`hotspot.…`), so
that a council tunes them and reads why. Nobody is named: a hotspot is a place, never a list of people. What pupils
record counts only where an officer has counted at that gate as well (MT17). What each record adds to which place is
kept by the writer, see gathered.py; here the database only sums it up, however many records there are.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import case
from sqlmodel import Session, col, func, select

from . import gathered, grid, tasking
from .forms import Forms
from .gathered import SQUARE, THEMES, TICKET, USUAL, VISIT, Names, Place, weight_of
from .models import Gathered, ItemKind, Person, Submission, TaskingItem
from .problems import NotFound
from .tasking import ENDED, Raising

MOST_SAID = 8  # references in what is drafted, and records that are shown; the list of records has them all
RED_TICKET = "hotspot.red_ticket"
# fmt: off
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


@dataclass(frozen=True)
class Reason:
    words: str  # "3 reports of anti-social behaviour"
    score: float


class Record(NamedTuple):
    """What is said of a record, without its content."""

    instance_id: str
    form_id: str
    title: str
    captured_at: datetime | None
    received_at: datetime


@dataclass(frozen=True)
class Candidate:
    key: str
    name: str
    square: grid.Square | None
    score: float
    days: int
    reasons: list[Reason]
    themes: list[str]
    records: list["Record"]  # the newest; without those of pupils
    older: int  # how many more there are of these
    number: int  # of records, with those of pupils
    item: TaskingItem | None  # that the group has about it already


@dataclass(frozen=True)
class Candidates:
    """The highest scores first."""

    number: int  # of all of them
    shown: list[Candidate]


# The rule -------------------------------------------------------------------------------------------------------


class Sum(NamedTuple):
    """What came together at one place, as far as it counts."""

    place: str
    score: float
    records: int
    of_pupils: int  # of these
    days: int
    is_visited: bool  # whether an officer has counted there


def candidates(
    session: Session, forms: Forms, *, now: datetime, zone: ZoneInfo, after: int = 0, most: int = 1000,
    key: str | None = None,
) -> Candidates:  # fmt: skip
    """`most` of them, `after` some that score higher; only the one of a place that `key` names."""
    today = now.astimezone(zone).date()
    weights = {name: weight_of(forms, name, today) for name in USUAL}
    since = today - timedelta(days=int(weights["hotspot.days"]) - 1)
    names = gathered.names_of(forms, gathered.side_on(forms, today))
    found = [one for one in sums(session, weights, since) if key in (None, one.place)]
    found.sort(key=lambda one: (-one.score, one.place))
    return Candidates(len(found), described(session, found[after : after + most], names, weights, since))


def sums(session: Session, weights: Mapping[str, float], since: date) -> list[Sum]:
    """Of every place that is a candidate by the rule."""
    points = {name: float(weights[name]) for name in REASONS}
    of_row = Gathered.times * case(points, value=col(Gathered.weight), else_=0.0)
    is_ticket, is_visit = col(Gathered.form_id) == TICKET, col(Gathered.form_id) == VISIT
    by_day = (
        sa.select(
            col(Gathered.place),
            func.sum(of_row).label("score"),
            func.sum(case((is_ticket, of_row), else_=0.0)).label("of_tickets"),
            func.sum(Gathered.records).label("records"),
            func.sum(case((is_ticket, Gathered.records), else_=0)).label("tickets"),
            func.sum(case((is_visit, 1), else_=0)).label("visits"),
        )
        .where(col(Gathered.counts), col(Gathered.day) >= since.isoformat())
        .group_by(col(Gathered.place), col(Gathered.day))  # in the order of the table, so nothing is sorted
        .subquery()
    )
    day = by_day.c
    whole = sa.select(
        day.place,
        func.sum(day.score).label("score"),
        func.sum(day.of_tickets).label("of_tickets"),
        func.sum(day.records).label("records"),
        func.sum(day.tickets).label("tickets"),
        func.count().label("days"),
        func.sum(case((day.records > day.tickets, 1), else_=0)).label("days_of_others"),
        func.sum(day.visits).label("visits"),
    ).group_by(day.place)
    enough = func.sum(day.score) >= weights["hotspot.score"]
    rows = session.connection().execute(whole.having(enough, func.sum(day.records) >= weights["hotspot.records"]))
    found = [
        Sum(row.place, row.score, row.records, row.tickets, row.days, True)
        if row.visits
        else Sum(  # MT17: no officer has counted there
            row.place, row.score - row.of_tickets, row.records - row.tickets, 0, row.days_of_others, False
        )
        for row in rows
    ]
    return [
        one
        for one in found
        if one.score >= weights["hotspot.score"]
        and one.records >= weights["hotspot.records"]
        and one.days >= weights["hotspot.least_days"]
    ]


def described(
    session: Session, found: Sequence[Sum], names: Names, weights: Mapping[str, float], since: date
) -> list[Candidate]:
    """With their reasons and their newest records."""
    if not found:
        return []
    here = [
        col(Gathered.place).in_([one.place for one in found]),
        col(Gathered.counts),
        col(Gathered.day) >= since.isoformat(),
    ]
    reasons, themes = defaultdict[str, list[tuple[str, int]]](list), defaultdict[str, set[str]](set)
    key = (col(Gathered.place), col(Gathered.weight), col(Gathered.form_id))
    for place, weight, form_id, times in session.connection().execute(
        select(*key, func.sum(Gathered.times)).where(*here).group_by(*key)
    ):
        reasons[place].append((weight, times))
        themes[place].add(form_id)
    records = newest_of_each(session, here)
    open_items = {item.title: item for item in tasking.items(session) if item.state not in ENDED}
    return [
        Candidate(
            key=one.place,
            name=words_of(one.place, names),
            square=square_of(one.place),
            score=one.score,
            days=one.days,
            reasons=reasons_of(reasons[one.place], weights, one.is_visited),
            themes=sorted({THEMES[form_id] for form_id in themes[one.place] if one.is_visited or form_id != TICKET}),
            records=records[one.place],
            older=one.records - one.of_pupils - len(records[one.place]),
            number=one.records,
            item=open_items.get(title_of(words_of(one.place, names))),
        )
        for one in found
    ]


def reasons_of(found: Sequence[tuple[str, int]], weights: Mapping[str, float], is_visited: bool) -> list[Reason]:
    """What adds most first."""
    counted = sorted((one for one in found if is_visited or one[0] != RED_TICKET), key=lambda one: -one[1])
    reasons = [Reason(f"{times} {REASONS[name][times > 1]}", times * weights[name]) for name, times in counted]
    return sorted(reasons, key=lambda reason: -reason.score)


def newest_of_each(session: Session, here: Sequence[Any]) -> dict[str, list[Record]]:
    """The newest records of each place, without those of pupils."""
    place, seq = col(Gathered.place), col(Gathered.seq)
    rank = func.row_number().over(partition_by=place, order_by=seq.desc()).label("rank")
    own = select(place, seq, rank).where(*here, col(Gathered.form_id) != TICKET, col(Gathered.records) == 1).subquery()
    columns = [getattr(Submission, name) for name in Record._fields]
    query = sa.select(own.c.place, *columns).join(own, own.c.seq == col(Submission.seq))
    query = query.where(own.c.rank <= MOST_SAID).order_by(own.c.place, own.c.rank)
    found = defaultdict[str, list[Record]](list)
    for place_key, *record in session.connection().execute(query):
        found[place_key].append(Record(*record))
    return found


def words_of(key: str, names: Names) -> str:
    return names.words(Place(*key.split(":", 1)))


def square_of(key: str) -> grid.Square | None:
    place = Place(*key.split(":", 1))
    return grid.read_square(place.name) if place.kind == SQUARE else None


# To the tasking group -------------------------------------------------------------------------------------------


def raise_item(
    session: Session, forms: Forms, key: str, *, person: Person, now: datetime, zone: ZoneInfo
) -> TaskingItem:
    """Puts a candidate to the group, with its evidence drafted; the item that it has already, if there is one.

    Errors: NotFound for what is no candidate any more.
    """
    found = next(iter(candidates(session, forms, now=now, zone=zone, key=key).shown), None)
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
    last = [record.instance_id.replace("-", "")[-6:].upper() for record in found.records]
    references = ", ".join(f"{one[:3]} {one[3:]}" for one in last)
    more = found.older
    return (
        f"{found.number} records on {found.days} days within {days:g} days score {found.score:g}: {reasons}. "
        f"References: {references}{f' and {more} more' if more else ''}."
    )[: tasking.LONGEST_TEXT]
