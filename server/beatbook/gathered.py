"""Gathered: what each record of the last weeks adds to its place, kept by the writer for the rule of hotspots.py.

A place is a school, a row of huts or a park where the record says so, and otherwise a square of 100 m. Which one it is
hangs on the lists of the forms, so `renew` reads the last weeks anew when the server starts, when a list or a setting
has changed, and each day. It also lets go of what is older than any setting asks for.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlmodel import Session, col, delete, func, select

from . import grid
from .database import Database
from .forms import Forms
from .models import Gathered, Listing, ReviewState, Submission, insert

VISIT, TICKET = "gate_visit", "mock_ticket"
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
OFFENSIVE = "hotspot.graffiti_offensive"

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
    OFFENSIVE:                     4,
    "hotspot.notice":              1,
    "hotspot.hut_damage":          3,
    "hotspot.gate_markings":       2,
    "hotspot.gate_near_miss":      4,
    "hotspot.red_ticket":        0.5,
    "hotspot.concern":             1,
}
# fmt: on
TOGETHER = 500  # records read anew in one transaction; more would keep deliveries waiting
MOST_TIMES = 1_000_000  # that one record counts; what a device says is not always a number of people


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


# Kept by the writer ---------------------------------------------------------------------------------------------


def put(
    session: Session,
    submission: Submission,
    state: ReviewState,
    given: Mapping[str, Any],
    forms: Forms,
    zone: ZoneInfo,
) -> None:
    """Gather a submission that is listed, in the state in which it is there."""
    if submission.form_id in THEMES:
        names = names_of(forms, side_on(forms, submission.received_at.astimezone(zone).date()))
        insert(session, *rows_of(submission, state, given, names, zone))


def changed(session: Session, seq: int, before: ReviewState, now: ReviewState) -> None:
    """A submission has another state."""
    if (before in NO_LONGER) != (now in NO_LONGER):
        session.exec(update(Gathered).where(col(Gathered.seq) == seq).values(counts=now not in NO_LONGER))


def forget(session: Session, seq: int) -> None:
    session.exec(delete(Gathered).where(col(Gathered.seq) == seq))


def renew(database: Database, forms: Forms, *, now: datetime, zone: ZoneInfo) -> int:
    """Gather the last weeks by the lists and settings as they stand now. Returns how many records that changes.

    In several transactions; what comes meanwhile is gathered when it comes.
    """
    today = now.astimezone(zone).date()
    since, names = since_ever(forms, today), names_of(forms, side_on(forms, today))
    with database.reading() as session:
        numbers = numbers_since(session, since)
        newest = session.exec(select(func.max(Submission.seq))).one() or 0
        first = numbers[0] if numbers else newest + 1
        is_old = session.exec(select(Gathered.seq).where(col(Gathered.seq) < first).limit(1)).first()

    def let_go(session: Session) -> None:
        session.exec(delete(Gathered).where(col(Gathered.seq) < first))

    if is_old is not None:
        database.write(let_go)
    parts = (numbers[start : start + TOGETHER] for start in range(0, len(numbers), TOGETHER))
    return sum(database.write(lambda session, part=part: read_anew(session, part, names, zone)) for part in parts)


def read_anew(session: Session, numbers: Sequence[int], names: "Names", zone: ZoneInfo) -> int:
    expected, count = in_fact(session, numbers, names, zone), 0
    known = kept(session, numbers)
    for seq in numbers:
        if expected.get(seq, []) != known.get(seq, []):
            forget(session, seq)
            insert(session, *(Gathered(**row) for row in expected.get(seq, [])))
            count += 1
    return count


# What should be there, and what is; both are compared by `renew`, and by `verify` ---------------------------------


def since_ever(forms: Forms, today: date) -> date:
    """The first day of receipt that the rule looks at, or will look at by a setting that is already known."""
    said = [row.value for row in forms.settings.of("hotspot.days")]
    days = [int(one) for one in said if one.isdecimal()]
    return today - timedelta(days=max([int(USUAL["hotspot.days"]), *days]) - 1)


def numbers_since(session: Session, since: date) -> list[int]:
    """Of every record that may be gathered and that came on a day or later."""
    day, seq = col(Listing.day), col(Listing.seq)
    first = session.exec(select(Listing.seq).where(day >= since.isoformat()).order_by(day, seq).limit(1)).first()
    if first is None:
        return []
    themes = col(Listing.form_id).in_(THEMES)
    return list(session.exec(select(Listing.seq).where(seq >= first, themes).order_by(seq)))


def in_fact(
    session: Session, numbers: Sequence[int], names: "Names", zone: ZoneInfo
) -> dict[int, list[dict[str, Any]]]:
    """What some records say, read anew from their answers; nothing for those that say nothing that counts."""
    query = select(Submission).where(col(Submission.seq).in_(numbers))
    read = (
        (one.seq, rows_of(one, one.review_state, answers_of(one), names, zone))
        for one in session.exec(query.execution_options(yield_per=TOGETHER))
    )
    return {seq: [row.model_dump() for row in rows] for seq, rows in read if rows}


def kept(session: Session, numbers: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    rows = session.exec(select(Gathered).where(col(Gathered.seq).in_(numbers)))
    for row in sorted(rows, key=lambda row: (row.place, row.weight)):  # each database has an order of its own
        found.setdefault(row.seq, []).append(row.model_dump())
    return found


def answers_of(submission: Submission) -> Mapping[str, Any]:
    envelope = json.loads(submission.payload)
    given = envelope.get("answers") if isinstance(envelope, dict) else None
    return given if isinstance(given, dict) else {}


# Of one record --------------------------------------------------------------------------------------------------


def rows_of(
    submission: Submission, state: ReviewState, given: Mapping[str, Any], names: "Names", zone: ZoneInfo
) -> list[Gathered]:
    """One for each place and reason. A clock that is ahead makes no record younger than its receipt."""
    points: dict[tuple[str, str], int] = {}
    for point in points_of(submission.form_id, given):
        place = names.place_of(submission, given) if point.said is None else names.said(point.said)
        if place is not None:
            points[place.key, point.weight] = points.get((place.key, point.weight), 0) + point.times
    at = min(submission.captured_at or submission.received_at, submission.received_at)
    rows, places = [], set[str]()
    for (place, weight), times in sorted(points.items()):
        rows.append(
            Gathered(
                place=place,
                day=at.astimezone(zone).date().isoformat(),
                seq=submission.seq,
                weight=weight,
                form_id=submission.form_id,
                times=min(times, MOST_TIMES),
                records=int(place not in places),
                counts=state not in NO_LONGER,
            )
        )
        places.add(place)
    return rows


def points_of(form_id: str, given: Mapping[str, Any]) -> Iterator[Point]:
    if form_id == "asb":
        yield Point("hotspot.asb")
        if SERIOUS & set(texts(given.get("qualifiers"))):
            yield Point("hotspot.asb_serious")
    elif form_id == "graffiti":
        yield Point("hotspot.graffiti" if given.get("offensive") in HARMLESS else OFFENSIVE)
    elif form_id == "litter" and given.get("outcome") in ("fpn", "warning"):
        yield Point("hotspot.notice")
    elif form_id == "hut_damage":
        yield Point("hotspot.hut_damage")
    elif form_id == VISIT:
        if whole(given.get("c_skc")):
            yield Point("hotspot.gate_markings")
        if whole(given.get("near_miss")):
            yield Point("hotspot.gate_near_miss")
    elif form_id == TICKET and given.get("result") == "red" and given.get("spoiled") != "yes":
        yield Point("hotspot.red_ticket")
    elif form_id == "event_log":
        concerns = given.get("concerns")
        for heard in concerns if isinstance(concerns, list) else ():
            if isinstance(heard, dict):
                where = heard.get("theme_place")
                said = where if isinstance(where, str) and where.strip() else None
                yield Point("hotspot.concern", whole(heard.get("theme_count")) or 1, said)


def weight_of(forms: Forms, name: str, today: date) -> float:
    value = forms.settings.value(name, today)
    return float(value) if isinstance(value, (int, float)) else float(USUAL[name])


def side_on(forms: Forms, day: date) -> int:
    """Of the squares by which records are grouped that name no known place."""
    side = int(weight_of(forms, "hotspot.cell_m", day))
    return side if side in grid.SIDES else int(USUAL["hotspot.cell_m"])


def whole(raw: object) -> int:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) and raw >= 0 else 0


def texts(given: object) -> list[str]:
    return [one for one in given if isinstance(one, str)] if isinstance(given, list) else []


# Places ---------------------------------------------------------------------------------------------------------

SQUARE, WORDS = "square", "words"
LONGEST_PLACE = 200  # characters of a place by its words, which is more than a form lets anybody write


class Names:
    """Which known place a record means, by what it says or where it was."""

    def __init__(self, forms: Forms, side: int) -> None:
        self._side = side
        lists = {name: forms.lists.get(name, ()) for name in ("schools", "school_places", "hut_rows", "parks")}
        self._labels = {(name, row["name"]): row["label"] for name, rows in lists.items() for row in rows}
        self._spots = {row["name"]: row.get("school", "") for row in lists["school_places"]}
        said = [(label.casefold(), key) for key, label in self._labels.items() if key[0] != "school_places"]
        self._said = sorted(said, reverse=True)  # of two that begin alike the longer first
        self.known: Callable[[str], Place | None] = lru_cache(maxsize=10_000)(self._known)

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
        words = " ".join(text.casefold().split())[:LONGEST_PLACE].replace("\0", "")
        return self.known(text) or (Place(WORDS, words) if words else None)

    def words(self, place: Place) -> str:
        square = grid.read_square(place.name) if place.kind == SQUARE else None
        if square is not None:
            return f"Square {square.words}"
        return self._labels.get((place.kind, place.name)) or place.name.capitalize()

    def _known(self, text: str) -> Place | None:
        """The place whose name the words begin with."""
        words = " ".join(text.casefold().split())
        return next((Place(*key) for label, key in self._said if words.startswith(label)), None)


@lru_cache(maxsize=4)
def names_of(forms: Forms, side: int) -> Names:
    return Names(forms, side)
