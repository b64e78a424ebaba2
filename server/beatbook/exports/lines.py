"""Lines: the plain table of a million records, for which nobody reads their answers.

To read a record with its answers takes Python a tenth of a millisecond, and for a million nobody waits that long. So
where none are asked for, what the database keeps of a record goes from its cursor into a line, as `cells.line` would
write it. A record that was corrected, or erased in part, is left to `table`: only its answers tell what its line says.

A line takes five microseconds, where SQLite's shell takes three, so little things count in the loop: a column costs a
tenth of one, a row as SQLAlchemy makes it one and a half, and cells that SQLite makes more than those made here.
"""

import json
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, Text, cast, func, select, union
from sqlmodel import Session, col

from .. import cells, listings
from ..forms import Forms
from ..listings import Wanted
from ..models import Correction, Device, Listing, Redaction, Submission
from .marking import OFFICIAL, SENSITIVE

BATCH = 5000  # records read at a time; to make the query for them costs as much as a hundred
UNKNOWN, PERSONAL = "Answers: their form is not known here", "Personal answers"
DEVICES = select(col(Device.id), col(Device.name))
CHANGED = union(select(col(Correction.instance_id)), select(col(Redaction.subject)))
NOTHING = "[]"  # as the database keeps an empty list


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
    known, before = Known(session, forms), None
    while True:
        some: list[str] = []
        apart: dict[int, int] = {}  # where those stand, by their numbers, that are made one by one
        with session.connection().execute(query(session, wanted, before, BATCH)) as result:
            rows: Any = result.cursor
            for row in rows:
                before = row[0]
                if row[1] in known.changed:
                    apart[before] = len(some)
                some.append(line(row, known))
        if not some:
            return
        for number, better in one_by_one([*apart]).items() if apart else ():
            some[apart[number]] = better
        yield "".join(some)
        passed(len(some))


class Known:
    """What is read once for all lines."""

    def __init__(self, session: Session, forms: Forms) -> None:
        connection = session.connection()
        self.devices = {key: cell(name) for key, name in connection.execute(DEVICES)}
        self.changed = {key for (key,) in connection.execute(CHANGED)}
        self.about = cache(lambda form_id, version: about_of(forms, form_id, version))
        self.checks = lru_cache(maxsize=BATCH)(checks_of)


class About(NamedTuple):
    """What the lines of one version of a form have in common, as cells."""

    named: str  # `Form` and `Version`
    title: str | None  # for those that would name somebody
    ends: tuple[str, str]  # from `Corrected` on: when nothing personal was answered, and when something was


def line(row: Any, known: Known) -> str:
    _, key, form, version, title, state, captured, received, device, place, north, east, near, flags, to_check, told = (
        row
    )
    named, instead, ends = known.about(form, version)
    return (
        f"{key},{named},{cell(title) if instead is None else instead},{state},"
        f"{f'{captured[:10]}T{captured[11:19]}+00:00' if captured else ''},{received[:10]}T{received[11:19]}+00:00,"
        f"{known.devices.get(device, '')},{cell(place) if place else ''},"
        f"{'' if north is None else north},{'' if east is None else east},{'' if near is None else near},"
        f"{',' if flags == to_check == NOTHING else known.checks(flags, to_check)},{ends[told]}"
    )


def about_of(forms: Forms, form_id: str, version: str) -> About:
    form = forms.find(form_id, version)
    if form is None:
        end = f",{SENSITIVE},{cell(UNKNOWN)}\r\n"
        return About(f"{cell(form_id)},{cell(version)}", None, (end, end))
    title = cell(form.title) if form.names_somebody else None
    marking = SENSITIVE if form.is_sensitive else OFFICIAL
    ends = (f",{marking},\r\n", f",{marking},{cell(PERSONAL)}\r\n")
    return About(f"{cell(form.title)},{cell(version)}", title, ends)


def checks_of(flags: str, warnings: str) -> str:
    return f"{listed(flags, 'label')},{listed(warnings, 'detail')}"


def listed(kept: str, name: str) -> str:
    return cell("; ".join(one[name] for one in json.loads(kept)))


def cell(text: str) -> str:
    """A text as `cells.line` writes it, in a tenth of the time."""
    if text.startswith(cells.RUNS):
        text = cells.safe(text)
    if '"' in text:
        text = text.replace('"', '""')
    elif not ("," in text or "\n" in text or "\r" in text):
        return text
    return f'"{text}"'


def query(session: Session, wanted: Wanted, before: int | None, most: int) -> Select:
    """A batch of records as the database keeps them, in the order of the list."""
    of_list = (Listing.seq, Listing.captured, Listing.personal)
    batch = listings.page(session, wanted, *of_list, before=before, limit=most).subquery("batch")
    chosen = select(
        batch.c.seq,
        col(Submission.instance_id),
        col(Submission.form_id),
        col(Submission.form_version),
        col(Submission.title),
        col(Submission.review_state),
        moment(session, col(Submission.captured_at)),
        moment(session, col(Submission.received_at)),
        col(Submission.device_id),
        col(Submission.place),
        col(Submission.latitude),
        col(Submission.longitude),
        col(Submission.accuracy),
        cast(col(Submission.flags), Text),
        cast(col(Submission.warnings), Text),
        batch.c.personal,
    ).select_from(batch.join(Submission, col(Submission.seq) == batch.c.seq))
    if not listings.is_postgres(session):
        return chosen  # SQLite's join keeps the order; told of it, it would sort once more
    return chosen.order_by((batch.c.captured if wanted.by_capture else batch.c.seq).desc())


def moment(session: Session, column: Any) -> Any:
    """In UTC, as text that begins with day and time to the second; SQLite keeps it so."""
    if not listings.is_postgres(session):
        return column
    return func.to_char(func.timezone("UTC", column), "YYYY-MM-DD HH24:MI:SS")
