"""Table: the records of a filter row by row, whatever their number, each with what was left out of it."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from .. import cells, listings, submissions
from ..forms import Field, Form, Forms, answers
from ..forms.answers import Fact, Lists, facts, words_of
from ..forms.expressions import is_blank
from ..listings import Wanted
from ..models import Device, Redaction, Submission
from ..submissions import corrections
from . import lines
from .marking import OFFICIAL, SENSITIVE, Asked

BATCH = 500  # records read at a time
HEADER = (
    "Reference",
    "Form",
    "Version",
    "Title",
    "State",
    "Captured",
    "Received",
    "Device",
    "Place",
    "Latitude",
    "Longitude",
    "Accuracy (m)",
    "Flags",
    "To check",
    "Corrected",
    "Marking",
    "Left out",
)
LATITUDE, LONGITUDE = HEADER.index("Latitude"), HEADER.index("Longitude")
DATED = ("date", "time", "dateTime")
NUMBERS = ("integer", "decimal", "counter")
HOLDERS = ("group", "note")
Row = list[object]
Passed = Callable[[int], None]


def uncounted(number: int) -> None:
    """For whoever does not want to know how far it is."""


def records(
    session: Session, forms: Forms, wanted: Wanted, asked: Asked | None = None, passed: Passed = uncounted
) -> Iterator[str]:
    """The records of a filter as CSV, newest first; with one form chosen its answers too, a column each.

    `passed` hears of records that are in it, some at a time.
    """
    asked = asked or Asked()
    fields = fields_of(forms, wanted.form_id, asked)
    if fields or asked.personal:
        found = rows(session, forms, fields, wanted, asked, passed)
        yield from together(cells.lines(header_of(fields), (plain(row) for row in found)))
        return

    def one_by_one(numbers: list[int]) -> dict[int, str]:
        some = list(session.exec(select(Submission).where(col(Submission.seq).in_(numbers))))
        made = rows_of(session, forms, fields, some, asked)
        return {one.seq: cells.line(plain(row)) for one, row in zip(some, made, strict=True)}

    yield from cells.lines(header_of(fields), ())
    yield from lines.made(session, forms, wanted, one_by_one, passed)


def together(some: Iterator[str]) -> Iterator[str]:
    """Lines by the hundred, for each piece that is sent costs about as much as ten of them."""
    while piece := "".join(itertools.islice(some, BATCH)):
        yield piece


def plain(row: Row) -> list[object]:
    return [cell.isoformat(timespec="seconds") if isinstance(cell, datetime) else cell for cell in row]


def header_of(fields: Sequence[Field]) -> list[str]:
    return [*HEADER, *(field.label or field.name for field in fields)]


def numbers_of(fields: Sequence[Field]) -> set[int]:
    """The places of the columns that hold numbers."""
    return {len(HEADER) + place for place, field in enumerate(fields) if field.type in NUMBERS}


def fields_of(forms: Forms, form_id: str | None, asked: Asked) -> list[Field]:
    """The columns of a form: those of its newest version, then what older ones asked. What any version calls personal
    is so in all of them."""
    if form_id is None:
        return []
    newest = forms.newest(form_id)
    found: dict[str, Field] = {}
    personal: set[str] = set()
    for form in sorted(forms.versions(form_id).values(), key=lambda form: form is not newest):
        for field in form.fields_flat():
            if field.type not in HOLDERS and not form.homes[field.name]:
                found.setdefault(field.name, field)
                personal |= {field.name} if field.personal else set()
    return [field for field in found.values() if asked.personal or field.name not in personal]


def rows(
    session: Session,
    forms: Forms,
    fields: Sequence[Field],
    wanted: Wanted,
    asked: Asked,
    passed: Passed = uncounted,
) -> Iterator[Row]:
    """What stands in a cell is a text, a number or a moment; each format writes these its own way."""
    for found in batches(session, wanted, passed):
        yield from rows_of(session, forms, fields, found, asked)


def rows_of(
    session: Session, forms: Forms, fields: Sequence[Field], found: Sequence[Submission], asked: Asked
) -> Iterator[Row]:
    ids = [submission.instance_id for submission in found]
    devices = {submission.device_id for submission in found}
    names = dict(session.exec(select(Device.id, Device.name).where(col(Device.id).in_(devices))).all())
    corrected, erased = corrections.newest_of_many(session, ids), erased_of(session, ids)
    for submission in found:
        yield row_of(
            submission,
            forms,
            fields,
            asked,
            device=names.get(submission.device_id, ""),
            corrected=corrected.get(submission.instance_id, {}),
            erased=erased.get(submission.instance_id, ""),
        )


def batches(session: Session, wanted: Wanted, passed: Passed = uncounted) -> Iterator[list[Submission]]:
    """The records of a filter, some at a time."""
    before: int | None = None
    while found := listings.find(session, wanted, before=before, limit=BATCH):
        before = found[-1].seq
        yield found
        passed(len(found))
        session.expunge_all()  # or a long export would hold every record it has passed


def row_of(
    submission: Submission,
    forms: Forms,
    fields: Sequence[Field],
    asked: Asked,
    *,
    device: str,
    corrected: dict[str, Any],
    erased: str,
) -> Row:
    form = forms.find(submission.form_id, submission.form_version)
    given = submissions.answers_of(submission) | corrected
    return [
        submission.instance_id,
        form.title if form else submission.form_id,
        submission.form_version,
        title_of(submission, form, asked),
        submission.review_state.value,
        submission.captured_at,
        submission.received_at,
        device,
        submission.place,
        submission.latitude,
        submission.longitude,
        submission.accuracy,
        "; ".join(flag["label"] for flag in submission.flags),
        "; ".join(warning["detail"] for warning in submission.warnings),
        "; ".join(label_of(form, name) for name in corrected if is_open(form, name, asked)),
        SENSITIVE if asked.personal or form is None or form.is_sensitive else OFFICIAL,
        "; ".join(left_out(form, given, asked, erased)),
        *(cell_of(form, field, given, forms.lists, asked) for field in fields),
    ]


def title_of(submission: Submission, form: Form | None, asked: Asked) -> str:
    return form.title if form and not asked.personal and form.names_somebody else submission.title


def left_out(form: Form | None, given: dict[str, Any], asked: Asked, erased: str) -> Iterator[str]:
    if form is None:
        yield lines.UNKNOWN
    elif not asked.personal and answers.is_personal(form, given):
        yield lines.PERSONAL
    if erased:
        yield f"Erased: {', '.join(label_of(form, name) for name in erased.split())}"


def cell_of(form: Form | None, field: Field, given: dict[str, Any], lists: Lists, asked: Asked) -> object:
    """Numbers and dates as machines read them, choices in words, the rows of a repeat one after the other."""
    raw = given.get(field.name)
    if is_blank(raw):
        return ""
    if form is None or form.field(field.name) is None:
        return str(raw)
    if field.type in DATED or (isinstance(raw, int | float) and not isinstance(raw, bool)):
        return raw
    if field.type == "repeat":
        return "; ".join(f"{fact.label}: {fact.words}" for fact in open_facts(form, {field.name: raw}, lists, asked))
    return words_of(form, field.name, given, lists)


def open_facts(form: Form, given: dict[str, Any], lists: Lists, asked: Asked) -> Iterable[Fact]:
    return (fact for fact in facts(form, given, lists) if is_open(form, fact.field, asked))


def is_open(form: Form | None, path: str, asked: Asked) -> bool:
    """Whether an answer may be told. One that the form does not know may be anybody's name."""
    field = form.field(path.rpartition("/")[2]) if form else None
    return asked.personal or (field is not None and not field.personal)


def label_of(form: Form | None, name: str) -> str:
    return (field.label if form and (field := form.field(name)) else "") or name


def erased_of(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """The names of the answers that were erased, by record."""
    return dict(session.exec(select(Redaction.subject, Redaction.what).where(col(Redaction.subject).in_(ids))).all())


def iso(cell: object) -> object:
    return cell.isoformat(timespec="seconds") if isinstance(cell, datetime) else cell
