"""Classroom: what a class sends from its room, where nothing may say who or where anybody is (MT1 to MT3)."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from .. import patrols
from ..envelope import Envelope
from ..forms import Field, Form, Forms, answers
from ..forms.expressions import Context
from ..models import Device, Patrol, Role
from ..patrols.tickets import is_built_as_ours
from ..problems import PatrolUnknown, PupilContent, PupilPlace, UnknownForm

IN_CLASS = frozenset({"ticket_design", "wow_tally"})  # what a pupils' tablet sends from its room, with no patrol open


def check_in_class(
    session: Session, read: Envelope, payload: bytes, form: Form | None, forms: Forms, *, now: datetime
) -> None:
    """MT1 to MT3: what a class sends from its room never has a place, nor anything that could hold a name.

    Whatever the form does not ask, or not in that way, is refused. Errors: PupilPlace, UnknownForm, PupilContent;
    PatrolUnknown while the patrol whose grown-up looked has not come.
    """
    if read.has_location:
        raise PupilPlace
    if form is None:
        raise UnknownForm
    context = Context(answers=read.answers, now=read.captured_at or now, lists=forms.lists)
    asked_only = is_built_as_ours(json.loads(payload)) and not holds_more(form.fields, read.answers)
    if read.attachments or not asked_only or answers.problems(form, read.answers, context):
        raise PupilContent
    if read.patrol_id is not None and session.get(Patrol, read.patrol_id) is None:
        raise PatrolUnknown


def was_looked_at(session: Session, read: Envelope, device: Device, *, now: datetime) -> bool:
    """Whether a grown-up approved a picture where it was drawn: on a school's own device, or on a pupils' tablet with
    the PIN of a patrol of that school, which opens only while the patrol does.
    """
    if read.answers.get("adult_ok") != "yes":
        return False
    if device.role == Role.SCHOOL:
        return device.school_id in (None, read.answers.get("school"))
    patrol = session.get(Patrol, read.patrol_id) if read.patrol_id else None
    return (
        device.role == Role.PUPIL
        and patrol is not None
        and patrol.school == read.answers.get("school")
        and patrols.is_inside(session, patrol, read.captured_at, device, now)
    )


def holds_more(fields: Sequence[Field], given: dict[str, Any]) -> bool:
    """Whether there are answers to what was never asked, also within the rows of a repeat."""
    if given.keys() - {field.name for field in fields}:
        return True
    rows = [(field, row) for field in fields if field.type == "repeat" for row in given.get(field.name) or []]
    return any(not isinstance(row, dict) or holds_more(field.fields, row) for field, row in rows)
