"""Lines: the plain table as SQLite makes it, for a million records.

Python takes a third of a millisecond for a record, and for a million nobody waits that long. So where no answers are
asked for, SQLite writes a row's cells as `cells.line` would have, and Python only puts them together. A record of which
that cannot be sure (one that was corrected or erased in part, or that says something odd) is left to `table`.
"""

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from sqlalchemy import Row, TextClause, text
from sqlmodel import Session, select

from .. import cells, listings
from ..forms import Forms
from ..listings import Wanted
from ..models import Device
from .marking import OFFICIAL, SENSITIVE

BATCH = 2000  # records read at a time
UNKNOWN, PERSONAL = "Answers: their form is not known here", "Personal answers"
NOTHING = "[]"  # as the database keeps an empty list


class About(NamedTuple):
    """What the lines of one version of a form have in common, as cells."""

    named: str  # `Form` and `Version`
    title: str | None  # for those that would name somebody
    marking: str
    left_out: tuple[str, str]  # when nothing personal was answered, and when something was


def made(
    session: Session,
    forms: Forms,
    wanted: Wanted,
    one_by_one: Callable[[list[int]], dict[int, str]],
    passed: Callable[[int], None],
) -> Iterator[str]:
    """The lines of the records of a filter, many at a time.

    `one_by_one` makes those of some numbers, `passed` hears of how many.
    """
    devices = {key: cell(name) for key, name in session.exec(select(Device.id, Device.name))}
    about = cache(lambda form_id, version: about_of(forms, form_id, version))
    before: int | None = None
    while numbers := listings.find_numbers(session, wanted, before=before, limit=BATCH):
        before = numbers[-1]
        rows = session.connection().execute(query(), {"numbers": json.dumps(numbers)}).all()
        odd = [seq for seq, is_odd, *_ in rows if is_odd]
        found = {row[0]: line(row, about, devices) for row in rows if not row[1]}
        found |= one_by_one(odd) if odd else {}
        yield "".join([found[seq] for seq in numbers if seq in found])
        passed(len(numbers))


def line(row: Row, about: Callable[[str, str], "About"], devices: dict[str, str]) -> str:
    _, _, named, form, version, title, times, device, place, north, east, near, flags, warnings, told = row
    of_form = about(form, version)
    title = title if of_form.title is None else of_form.title
    checks = "," if flags == warnings == NOTHING else f"{listed(flags, 'label')},{listed(warnings, 'detail')}"
    return (
        f"{named},{of_form.named},{title},{times},{devices.get(device, '')},"
        f"{place},{number(north)},{number(east)},{number(near)},{checks},,"
        f"{of_form.marking},{of_form.left_out[told]}\r\n"
    )


def about_of(forms: Forms, form_id: str, version: str) -> About:
    form = forms.find(form_id, version)
    if form is None:
        unknown = cell(UNKNOWN)
        return About(f"{cell(form_id)},{cell(version)}", None, SENSITIVE, (unknown, unknown))
    title = cell(form.title) if form.names_somebody else None
    named = f"{cell(form.title)},{cell(version)}"
    return About(named, title, SENSITIVE if form.is_sensitive else OFFICIAL, ("", cell(PERSONAL)))


def cell(value: object) -> str:
    return cells.line([value, ""]).removesuffix(",\r\n")


def listed(kept: str, name: str) -> str:
    return "" if kept == NOTHING else cell("; ".join(one[name] for one in json.loads(kept)))


def number(value: float | None) -> str:
    return "" if value is None else str(value)


# In SQLite's words ------------------------------------------------------------------------------------------------


@cache
def query() -> TextClause:
    """Every record with its cells, in no order."""
    return text(
        f"""
        SELECT s.seq, {odd("s.title")} OR {odd("s.place")}
            OR EXISTS (SELECT 1 FROM correction WHERE correction.instance_id = s.instance_id)
            OR EXISTS (SELECT 1 FROM redaction WHERE redaction.subject = s.instance_id),
            s.instance_id, s.form_id, s.form_version, {quoted("s.title")},
            s.review_state || ',' || {moment("s.captured_at")} || ',' || {moment("s.received_at")}, s.device_id,
            {quoted("s.place")}, s.latitude, s.longitude, s.accuracy, s.flags, s.warnings, l.personal
        FROM json_each(:numbers) AS wanted
        CROSS JOIN submission AS s ON s.seq = wanted.value CROSS JOIN listing AS l ON l.seq = wanted.value
        """  # noqa: S608  nothing of it comes from outside
    )


def quoted(column: str) -> str:
    """A text as a cell, in quotation marks where it needs them."""
    marked = f"""'"' || replace({column}, '"', '""') || '"'"""
    return f"CASE WHEN {column} GLOB {MARKS} THEN {marked} ELSE coalesce({column}, '') END"


def odd(column: str) -> str:
    """What a spreadsheet might run, which `cells.safe` decides, and what ends a text for SQLite."""
    return f"coalesce({column} GLOB {RUNS} OR instr({column}, char(0)) > 0, 0)"


MARKS = "('*[,\"' || char(10) || char(13) || ']*')"
RUNS = "('[=+@' || char(9) || char(13) || '-]*')"


def moment(column: str) -> str:
    """As ISO 8601 to the second; SQLite keeps UTC."""
    return f"coalesce(substr({column}, 1, 10) || 'T' || substr({column}, 12, 8) || '+00:00', '')"
