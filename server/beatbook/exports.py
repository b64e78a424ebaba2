"""Exports: records as a table that spreadsheets and other systems read, row by row, whatever their number."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from . import cells, events, submissions
from .forms import Field, Form, Forms
from .forms.answers import Lists, facts, words_of
from .forms.expressions import is_blank
from .models import Device, Submission

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
)
DATED = ("date", "time", "dateTime")


def records(session: Session, forms: Forms, chosen: dict[str, Any]) -> Iterator[str]:
    """The records of a filter as CSV, newest first; with one form chosen its answers too, a column each."""
    fields = fields_of(forms, chosen.get("form_id"))
    header = [*HEADER, *(field.label or field.name for field in fields)]
    return cells.lines(header, rows(session, forms, fields, chosen))


def note(session: Session, chosen: dict[str, Any], *, actor: str, now: datetime) -> None:
    """An export leaves this system: that is written down, with what was asked for and not what was in it."""
    asked = {name: str(value) for name, value in chosen.items() if value is not None}
    events.append(session, "records.exported", "records", actor=actor, now=now, data=asked)


def fields_of(forms: Forms, form_id: str | None) -> list[Field]:
    """The columns of a form: those of its newest version, then what older ones asked."""
    if form_id is None:
        return []
    newest = forms.newest(form_id)
    found: dict[str, Field] = {}
    for form in sorted(forms.versions(form_id).values(), key=lambda form: form is not newest):
        for field in form.fields_flat():
            if field.type not in ("group", "note") and not form.homes[field.name]:
                found.setdefault(field.name, field)
    return list(found.values())


def rows(session: Session, forms: Forms, fields: Sequence[Field], chosen: dict[str, Any]) -> Iterator[list[object]]:
    names = dict(session.exec(select(Device.id, Device.name)).all())
    before: int | None = None
    while found := submissions.find(session, **chosen, before=before, limit=BATCH):
        for submission in found:
            yield row_of(submission, forms, fields, names.get(submission.device_id, ""))
            session.expunge(submission)  # or a long export would hold every record it has passed
        before = found[-1].seq


def row_of(submission: Submission, forms: Forms, fields: Sequence[Field], device: str) -> list[object]:
    form = forms.find(submission.form_id, submission.form_version)
    given = submissions.answers_of(submission)
    return [
        submission.instance_id,
        form.title if form else submission.form_id,
        submission.form_version,
        submission.title,
        submission.review_state.value,
        iso(submission.captured_at),
        iso(submission.received_at),
        device,
        submission.place,
        submission.latitude,
        submission.longitude,
        submission.accuracy,
        "; ".join(flag["label"] for flag in submission.flags),
        "; ".join(warning["detail"] for warning in submission.warnings),
        *(cell_of(form, field, given, forms.lists) for field in fields),
    ]


def cell_of(form: Form | None, field: Field, given: dict[str, Any], lists: Lists) -> object:
    """Numbers and dates as machines read them, choices in words, the rows of a repeat one after the other."""
    raw = given.get(field.name)
    if is_blank(raw):
        return ""
    if form is None or form.field(field.name) is None:
        return str(raw)
    if field.type in DATED or (isinstance(raw, int | float) and not isinstance(raw, bool)):
        return raw
    if field.type == "repeat":
        return "; ".join(f"{fact.label}: {fact.words}" for fact in facts(form, {field.name: raw}, lists))
    return words_of(form, field.name, given, lists)


def iso(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""
