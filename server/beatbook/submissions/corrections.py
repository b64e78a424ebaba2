"""Corrections: an answer put right at the desk, with the reason. What the device signed off is never changed.

Each correction keeps what stood there before and what stands there now, and both stay readable for good.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from .. import events, listings
from ..forms import Field, Form, Forms, answers
from ..forms.expressions import Context
from ..models import Correction, Person, Submission
from ..problems import CorrectionWrong, NoteMissing, NotFound
from . import records

KIND = "submission.corrected"
LONGEST_REASON = 500  # characters
PLAIN = ("text", "integer", "decimal", "date", "time", "dateTime", "select_one", "select_multiple", "counter")


@dataclass(frozen=True)
class Change:
    """A correction in the words of the form."""

    row: Correction
    person: Person
    label: str
    before: str
    after: str


def correctable(form: Form) -> list[Field]:
    """Answers that one box can hold. Photos, places and what is calculated or repeated stay as the officer had them."""
    return [one for one in form.fields_flat() if one.type in PLAIN and not form.homes[one.name] and not one.read_only]


def correct(
    session: Session,
    instance_id: str,
    name: str,
    given: Sequence[str],
    reason: str,
    *,
    person: Person,
    now: datetime,
    forms: Forms,
) -> Correction:
    """Errors: NotFound; NoteMissing without a reason; CorrectionWrong, with the form's own sentence."""
    submission, reason = records.get(session, instance_id), " ".join(reason.split())[:LONGEST_REASON]
    form = forms.find(submission.form_id, submission.form_version)
    field = next((one for one in correctable(form) if one.name == name), None) if form else None
    if form is None or field is None:
        raise NotFound
    if not reason:
        raise NoteMissing
    before = answers_of(session, submission)
    after = {**before, name: value_of(field, given)}
    check(form, field, after, submission, forms)
    row = Correction(
        seq=0,
        instance_id=instance_id,
        field=name,
        before=events.canonical(before.get(name)),
        after=events.canonical(after[name]),
        reason=reason,
        person_id=person.id,
        at=now,
    )
    data = {"field": name, "row": events.digest_of(sealed(row))}
    row.seq = events.append(session, KIND, instance_id, actor=f"person:{person.id}", now=now, data=data).seq
    session.add(row)
    listings.put_words(session, submission, listings.said(form, after, forms))
    return row


def answers_of(session: Session, submission: Submission) -> dict[str, Any]:
    """The answers as they stand now: the officer's, with every correction in its place."""
    corrected = {row.field: json.loads(row.after) for row in rows_of(session, submission.instance_id)}
    return records.answers_of(submission) | corrected


def newest_of_many(session: Session, instance_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What was put right in some records, with one query: by record, then by question."""
    found: dict[str, dict[str, Any]] = {}
    query = select(Correction).where(col(Correction.instance_id).in_(instance_ids)).order_by(col(Correction.seq))
    for row in session.exec(query):
        found.setdefault(row.instance_id, {})[row.field] = json.loads(row.after)
    return found


def of(session: Session, submission: Submission, form: Form | None, forms: Forms) -> list[Change]:
    """Oldest first."""
    query = select(Correction, Person).join(Person).where(Correction.instance_id == submission.instance_id)
    return [
        Change(
            row,
            person,
            label=(field.label if form and (field := form.field(row.field)) else "") or row.field,
            before=said(form, row.field, row.before, forms),
            after=said(form, row.field, row.after, forms),
        )
        for row, person in session.exec(query.order_by(col(Correction.seq)))
    ]


def sealed(row: Correction) -> dict[str, Any]:
    return events.seal_of(row, {"seq"})


# Helpers ----------------------------------------------------------------------------------------------------------


def rows_of(session: Session, instance_id: str) -> list[Correction]:
    query = select(Correction).where(Correction.instance_id == instance_id).order_by(col(Correction.seq))
    return list(session.exec(query))


def value_of(field: Field, given: Sequence[str]) -> Any:
    """What was typed or ticked, as the answer that a device would have sent. Errors: CorrectionWrong."""
    if field.type == "select_multiple":
        return [one for one in given if one]
    typed = " ".join(given).strip()
    if not typed:
        return None
    try:
        return {"integer": int, "counter": int, "decimal": float}.get(field.type, str)(typed)
    except ValueError as error:
        raise CorrectionWrong(said="This should be a number.") from error


def check(form: Form, field: Field, given: dict[str, Any], submission: Submission, forms: Forms) -> None:
    """The form's own rules hold at the desk too. Errors: CorrectionWrong."""
    context = Context(answers=given, now=submission.captured_at or submission.received_at, lists=forms.lists)
    wrong = [found.message for found in answers.problems(form, given, context) if found.field == field.name]
    if wrong:
        raise CorrectionWrong(said=wrong[0])


def said(form: Form | None, name: str, value: str, forms: Forms) -> str:
    raw = json.loads(value)
    if raw is None or raw == []:
        return "Nothing"
    found = answers.facts(form, {name: raw}, forms.lists) if form else []
    return next((fact.words for fact in found if fact.field == name), value)
