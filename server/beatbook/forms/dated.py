"""Dated settings: amounts, ranges, clocks and telephone numbers that law or the council changes on a date.

`settings.csv` beside the forms has the columns name, value, from and source. In force is the newest value whose `from`
is not after the record's date, so an old record reads the same for ever: a value is never altered, a new one follows
it. An empty `from` means always. `setting('fpn.litter.full')` in a form asks here, and on the phone in
pwa/src/forms/settings.ts.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from .expressions import number, words
from .retention import RETENTION

COLUMNS = ("name", "value", "from", "source")
ALWAYS = date.min


class Dated(NamedTuple):
    """One value of a setting and the day from which it counts."""

    name: str
    value: str
    since: date
    source: str

    def to_wire(self) -> dict[str, object]:
        """A number goes out as one, so that the phone counts with it as we do."""
        return {"name": self.name, "value": plain(self.value), "from": "" if self.since == ALWAYS else str(self.since)}


class DatedSettings:
    """Every value that any setting has had, will have or has: `settings.value("fpn.litter.full", on)`."""

    def __init__(self, rows: Iterable[Dated] = ()) -> None:
        self._values: dict[str, list[Dated]] = {}
        for row in sorted(rows, key=lambda row: row.since):
            self._values.setdefault(row.name, []).append(row)

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._values))

    def of(self, name: str) -> list[Dated]:
        """Its values, oldest first."""
        return self._values.get(name, [])

    def in_force(self, name: str, on: date) -> Dated | None:
        return next((row for row in reversed(self.of(name)) if row.since <= on), None)

    def value(self, name: str, on: date) -> str | float | None:
        """What `setting()` answers; nothing for a name that is not known, or not yet."""
        row = self.in_force(name, on)
        return plain(row.value) if row else None

    def rows(self) -> list[Dated]:
        return [row for name in self.names() for row in self.of(name)]


SCHOOL_YEAR_ENDS = "school.year_ends"  # a month and a day
LAST_DAY = "08-31"  # of a school year, where the council has not said otherwise


def school_year(settings: DatedSettings, on: date) -> tuple[date, date]:
    """The first and the last day of the school year in which a day lies."""
    month, day = map(int, str(settings.value(SCHOOL_YEAR_ENDS, on) or LAST_DAY).split("-"))
    this = date(on.year, month, day)
    before = this if this < on else date(on.year - 1, month, day)
    return before + timedelta(days=1), date(before.year + 1, month, day)


def unlawful(settings: DatedSettings) -> Iterator[tuple[date, str]]:
    """What the law does not allow of penalties, of children and of keeping, and the day from which it would be so."""
    for row in settings.rows():
        if row.name.startswith("retention.") and (sentence := _unlawful_period(row)):
            yield row.since, sentence
        if row.name == SCHOOL_YEAR_ENDS and not _is_day_of_every_year(row.value):
            yield row.since, f"{row.name}: a month and a day that every year has, such as {LAST_DAY}"
    days = sorted({row.since for row in settings.rows() if row.name.startswith(("fpn.", "age."))})
    kinds = [name.split(".")[1] for name in settings.names() if name.startswith("fpn.") and name.endswith(".full")]
    for day in days:
        for kind in kinds:
            yield from ((day, sentence) for sentence in _unlawful_penalty(settings, kind, day))
        if (days_free := _amount(settings, "fpn.no_proceedings_days", day)) is not None and days_free < 14:
            yield day, "fpn.no_proceedings_days: no proceedings for 14 days, by law"
        changed = settings.value("age.policy", day) not in (None, "refer")
        if changed and not settings.value("age.policy.legal_reference", day):
            yield day, "age.policy: a policy other than refer needs age.policy.legal_reference, the legal sign-off"


def _unlawful_penalty(settings: DatedSettings, kind: str, day: date) -> Iterator[str]:
    full, least, most, ceiling, discount, floor, early, late, free = (
        _amount(settings, name, day)
        for name in (
            f"fpn.{kind}.full",
            f"fpn.{kind}.range_min",
            f"fpn.{kind}.range_max",
            f"fpn.{kind}.max",
            f"fpn.{kind}.discount",
            f"fpn.{kind}.discount_floor",
            f"fpn.{kind}.discount_days",
            f"fpn.{kind}.full_days",
            "fpn.no_proceedings_days",
        )
    )
    if full is None:
        return
    if least is not None and full < least:
        yield f"fpn.{kind}.full: {words(full)} is less than the least that the law allows, {words(least)}"
    for top in (most, ceiling):
        if top is not None and full > top:
            yield f"fpn.{kind}.full: {words(full)} is more than the law allows, {words(top)}"
    if discount is not None and discount >= full:
        yield f"fpn.{kind}.discount: {words(discount)} is not less than the full amount, {words(full)}"
    if discount is not None and floor is not None and discount < floor:
        yield f"fpn.{kind}.discount: {words(discount)} is less than the least that the law allows, {words(floor)}"
    if kind in ("pspo", "cpn") and early is not None and early >= 14:
        yield f"fpn.{kind}.discount_days: fewer than 14 days, by law"
    if late is not None and free is not None and late < free:
        yield f"fpn.{kind}.full_days: not fewer than the {words(free)} days without proceedings"


def _unlawful_period(row: Dated) -> str | None:
    """DP12: a period has an end, and one that is not further off than its class allows."""
    _, kind, unit = [*row.name.split("."), "", ""][:3]
    most = RETENTION[kind].most(unit) if kind in RETENTION else None
    if most is None:
        return f"{row.name}: no record is kept by this; it is retention, a class and years, days or photo_days"
    value = plain(row.value)
    if not isinstance(value, int) or not 1 <= value <= most:
        return f"{row.name}: a whole number from 1 to {most}; nothing is kept for ever"
    return None


def _is_day_of_every_year(value: str) -> bool:
    try:
        return date.fromisoformat(f"2027-{value}").strftime("%m-%d") == value
    except ValueError:
        return False


def _amount(settings: DatedSettings, name: str, day: date) -> float | None:
    value = settings.value(name, day)
    return None if value is None or isinstance(value, str) else value


def plain(value: str) -> str | float:
    """A number where the text is one as we would write it; 01227 266 719 and 007 are no numbers."""
    count = number(value)
    if not value or words(count) != value:
        return value
    return int(count) if count == int(count) else count


def read_settings(path: Path) -> list[Dated]:
    """Errors: ValueError with a sentence that names the line; OSError. A folder without the file has no settings."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, restkey="", strict=True)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise ValueError(f"the columns are {', '.join(COLUMNS)}")
        found: dict[tuple[str, date], Dated] = {}
        for row in reader:
            line = f"line {reader.line_num}"
            if "" in row or None in row.values():
                raise ValueError(f"{line} does not have as many columns as the first")
            dated = dated_of(row, line)
            if (dated.name, dated.since) in found:
                raise ValueError(f"{line}: {dated.name} has a value from that day already")
            found[dated.name, dated.since] = dated
    return list(found.values())


def dated_of(row: Mapping[str, str], line: str) -> Dated:
    """Errors: ValueError, beginning with `line`."""
    name, since = row["name"].strip(), row["from"].strip()
    if not name or set(name) - set("abcdefghijklmnopqrstuvwxyz0123456789._"):
        raise ValueError(f"{line}: a name has a to z, 0 to 9, dots and _ only, such as fpn.litter.full")
    try:
        return Dated(name, row["value"].strip(), date.fromisoformat(since) if since else ALWAYS, row["source"].strip())
    except ValueError:
        raise ValueError(f"{line}: {since} is not a date such as 2027-04-01") from None
