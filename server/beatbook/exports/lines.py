"""Lines: the plain table as SQLite makes it, for a million records.

Python takes a third of a millisecond for a record, and for a million nobody waits that long. So where no answers are
asked for, SQLite writes a row's cells as `cells.line` would have, and Python only puts them together. A record of which
that cannot be sure (one that was corrected or erased in part, or that says something odd) is left to `table`.
"""

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from sqlalchemy import Row, Select, literal_column, select, union
from sqlmodel import Session, col

from .. import cells, listings
from ..forms import Forms
from ..listings import Wanted
from ..models import Correction, Device, Listing, Redaction, Submission
from .marking import OFFICIAL, SENSITIVE

BATCH = 2000  # records read at a time
UNKNOWN, PERSONAL = "Answers: their form is not known here", "Personal answers"
DEVICES = select(col(Device.id), col(Device.name))
CHANGED = union(select(col(Correction.instance_id)), select(col(Redaction.subject)))
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
    devices = {key: cell(name) for key, name in session.connection().execute(DEVICES)}
    about = cache(lambda form_id, version: about_of(forms, form_id, version))
    changed = {key for (key,) in session.connection().execute(CHANGED)}
    before: int | None = None
    while rows := session.connection().execute(query(session, wanted, before)).all():
        before = rows[-1][0]
        odd = {row[0] for row in rows if row[1] or row[2] in changed}
        apart = one_by_one([*odd]) if odd else {}
        yield "".join([apart.get(row[0], "") if row[0] in odd else line(row, about, devices) for row in rows])
        passed(len(rows))


def line(row: Row, about: Callable[[str, str], "About"], devices: dict[str, str]) -> str:
    _, _, named, form, version, title, times, device, place, north, east, near, flags, warnings, told = row
    of_form = about(form, version)
    title = title if of_form.title is None else of_form.title
    checks = "," if flags == warnings == NOTHING else f"{listed(flags, 'label')},{listed(warnings, 'detail')}"
    where = ",,," if north is None else f"{north},{east},{'' if near is None else near},"
    return (
        f"{named},{of_form.named},{title},{times},{devices.get(device, '')},{place},{where}{checks},,"
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


# In SQLite's words ------------------------------------------------------------------------------------------------


def query(session: Session, wanted: Wanted, before: int | None, most: int = BATCH) -> Select:
    """A batch of records with their cells, in the order of the list, which the join keeps."""
    batch = listings.page(session, wanted, Listing.seq, Listing.personal, before=before, limit=most).subquery("batch")
    both = batch.join(Submission, col(Submission.seq) == batch.c.seq)
    return select(*map(literal_column, ("batch.seq", *told(), "batch.personal"))).select_from(both)


@cache
def told() -> tuple[str, ...]:
    return (
        f"{odd('submission.title')} OR {odd('submission.place')}",
        "submission.instance_id",
        "submission.form_id",
        "submission.form_version",
        quoted("submission.title"),
        f"""submission.review_state || ',' || {moment("submission.captured_at")}
            || ',' || {moment("submission.received_at")}""",
        "submission.device_id",
        quoted("submission.place"),
        "submission.latitude",
        "submission.longitude",
        "submission.accuracy",
        "submission.flags",
        "submission.warnings",
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
