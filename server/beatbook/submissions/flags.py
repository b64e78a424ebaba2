"""Flags: what the office looks at first, decided from a record's answers as it arrives, with the form version it names.

They stay with the submission and under its seal, whatever becomes of the form. Urgent ones reach the devices of the
roles that the form names, as alerts. A number that must be given once (FN8) is compared here too.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from .. import events
from ..envelope import Envelope, Warning
from ..forms import Context, Form, Forms, answers
from ..models import CarriedNumber, Device, RaisedFlag, ReviewState, Submission, insert

URGENT, CHECK = "urgent", "check"
DUPLICATE, DUPLICATE_LABEL = "duplicate-number", "Number used twice"
FROM_LOST = "device-lost"
OURS = {  # raised by the office itself, whatever the form
    DUPLICATE: DUPLICATE_LABEL,
    "same-occasion": "Same person, offence and place within two hours",
    "notice-differs": "A notice that differs from the schedule",
    "notice-incomplete": "A notice that lacks what the law wants",
    FROM_LOST: "Came from a phone that was marked as lost",
    "warning-unknown": "A protection notice without a known warning",
}
ALERT_DAYS = 14  # a device is told of what is newer; older things are the office's
MOST_ALERTS = 50
MOST_STEPS = 20  # of mending a record again and again


def decide(form: Form, given: dict[str, Any], context: Context) -> list[dict[str, Any]]:
    """The flags of a submission, as its row keeps them."""
    raised = answers.flags(form, given, context)
    return [{"name": one.name, "label": one.label, "level": one.level, "to": list(one.to)} for one in raised]


def compare_numbers(session: Session, submission: Submission, form: Form, read: Envelope) -> list[CarriedNumber]:
    """The numbers a submission carries. One that another record has already earns a warning and a flag, no more."""
    carried = numbers_of(submission, form, read)
    for one in carried:
        if not is_taken(session, one, submission):
            continue
        field = form.field(one.field)
        detail = f"Saved. Another record has this number too: {field.label if field else one.field}."
        submission.warnings = [*submission.warnings, Warning(DUPLICATE, detail, one.field).to_wire()]
        if DUPLICATE not in [flag["name"] for flag in submission.flags]:
            label = {"name": DUPLICATE, "label": DUPLICATE_LABEL, "level": CHECK, "to": []}
            submission.flags = [*submission.flags, label]
    return carried


def raise_for(submission: Submission, warnings: list[Warning]) -> None:
    """What the office found about a notice is filtered for like what a form flags."""
    known = {flag["name"] for flag in submission.flags}
    codes = dict.fromkeys(warning.code for warning in warnings if warning.code in OURS)
    raised = [{"name": code, "label": OURS[code], "level": CHECK, "to": []} for code in codes if code not in known]
    submission.flags = [*submission.flags, *raised]


def rows_of(submission: Submission) -> list[RaisedFlag]:
    return [
        RaisedFlag(
            instance_id=submission.instance_id,
            name=flag["name"],
            level=flag["level"],
            roles="".join(f",{role}" for role in flag["to"]) + ",",
            seq=submission.seq,
        )
        for flag in submission.flags
    ]


def keep(session: Session, submission: Submission, carried: list[CarriedNumber]) -> None:
    """Once the submission's own row is written."""
    insert(session, *rows_of(submission))
    insert(session, *carried)


def counts(session: Session) -> dict[str, int]:
    """How many records carry each flag."""
    return dict(session.exec(select(RaisedFlag.name, func.count()).group_by(RaisedFlag.name)).all())


def labels(forms: Forms) -> dict[str, str]:
    """What each flag is called now; a record keeps the words it was flagged with."""
    return OURS | {flag.name: flag.label for form in forms for flag in form.flags}


def carries(name: str) -> ColumnElement[bool]:
    """A condition for queries of submissions."""
    return col(Submission.instance_id).in_(select(RaisedFlag.instance_id).where(RaisedFlag.name == name))


def alerts(session: Session, device: Device, *, now: datetime) -> list[dict[str, Any]]:
    """Urgent flags of other devices' records that this device's role is told of, newest first."""
    found = session.exec(
        select(RaisedFlag, Submission)
        .join(Submission)
        .where(
            RaisedFlag.level == URGENT,
            col(RaisedFlag.roles).contains(f",{device.role},"),
            Submission.device_id != device.id,
            Submission.received_at >= now - timedelta(days=ALERT_DAYS),
            col(Submission.review_state).not_in([ReviewState.REJECTED, ReviewState.EDITED]),
        )
        .order_by(col(RaisedFlag.seq).desc(), col(RaisedFlag.name))
        .limit(MOST_ALERTS)
    )
    return [
        {
            "instanceId": submission.instance_id,
            "formId": submission.form_id,
            "flag": label_of(submission, flag.name),
            "title": submission.title,
            "place": submission.place,
            "receivedAt": events.instant(submission.received_at),
        }
        for flag, submission in found
    ]


def label_of(submission: Submission, name: str) -> str:
    return next((flag["label"] for flag in submission.flags if flag["name"] == name), name)


# Numbers that are given once


def numbers_of(submission: Submission, form: Form, read: Envelope) -> list[CarriedNumber]:
    """As a person compares them: without regard to case and spaces."""
    carried: list[CarriedNumber] = []
    for field in form.fields_flat():
        given = read.answers.get(field.name)
        number = "".join(given.split()).upper() if field.unique and isinstance(given, str) else ""
        if number:
            carried.append(
                CarriedNumber(
                    form_id=form.form_id, field=field.name, number=number[:200], instance_id=submission.instance_id
                )
            )
    return carried


def is_taken(session: Session, carried: CarriedNumber, submission: Submission) -> bool:
    """Whether another record has the number; one that was mended, and what mended it, are one record."""
    others = session.exec(
        select(CarriedNumber.instance_id).where(
            CarriedNumber.form_id == carried.form_id,
            CarriedNumber.field == carried.field,
            CarriedNumber.number == carried.number,
        )
    ).all()
    own = origin(session, submission.instance_id, submission.replaces)
    return any(origin(session, other) != own for other in others)


def origin(session: Session, instance_id: str, replaces: str | None = None) -> str:
    """The first of the records that mended one another."""
    for _ in range(MOST_STEPS):
        if replaces is None:
            older = session.get(Submission, instance_id)
            replaces = older.replaces if older else None
        if replaces is None:
            break
        instance_id, replaces = replaces, None
    return instance_id
