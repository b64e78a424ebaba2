"""Table: the records of a filter row by row, whatever their number, each with what was left out of it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from .. import cells, corrections, listings, submissions
from ..forms import Field, Form, Forms
from ..forms.answers import Fact, Lists, facts, words_of
from ..forms.expressions import is_blank
from ..listings import Wanted
from ..models import Device, Redaction, Submission
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
    plain = ([iso(cell) for cell in row] for row in rows(session, forms, fields, wanted, asked, passed))
    return cells.lines(header_of(fields), plain)


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
    names = dict(session.exec(select(Device.id, Device.name)).all())
    for found in batches(session, wanted, passed):
        ids = [submission.instance_id for submission in found]
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
        yield "Answers: their form is not known here"
    elif not asked.personal and any(not is_blank(one_of(given, one)) for one in form.personal):
        yield "Personal answers"
    if erased:
        yield f"Erased: {', '.join(label_of(form, name) for name in erased.split())}"


def one_of(given: dict[str, Any], field: Field) -> object:
    """The answer; of a question inside a repeat any of its answers."""
    if field.name in given:
        return given[field.name]
    within = (row for rows in given.values() if isinstance(rows, list) for row in rows if isinstance(row, dict))
    return next((row[field.name] for row in within if not is_blank(row.get(field.name))), None)


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
