"""Sequences: numbers that a device gives its records without gaps, such as the entries of a pocket notebook.

The device gives them, so that it can with no signal. The server tells a device whose storage was cleared where it had
got to, and finds what is missing between the numbers that came.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from .forms import Form, Forms
from .models import Submission
from .numbers import gaps_in


@dataclass(frozen=True)
class Numbered:
    """A record and the number its device gave it."""

    number: int
    submission: Submission
    answers: dict[str, Any]


@dataclass(frozen=True)
class Book:
    title: str
    count: int
    highest: int
    missing: tuple[tuple[int, int], ...]


def of_device(session: Session, device_id: str, forms: Forms) -> dict[str, int]:
    """The highest number of each sequence that a device has sent: {"notebook.entry_no": 12}."""
    highest: dict[str, int] = {}
    for form in forms:
        for name in fields_of(form):
            given = [entry.number for entry in entries(session, form.form_id, name, device_id)]
            if given:
                highest[f"{form.form_id}.{name}"] = max(given)
    return highest


def entries(session: Session, form_id: str, name: str, device_id: str) -> list[Numbered]:
    """The numbered records of a device, in the order of their numbers."""
    query = select(Submission).where(Submission.form_id == form_id, Submission.device_id == device_id)
    found = (numbered(row, name) for row in session.exec(query.order_by(col(Submission.seq))))
    return sorted((entry for entry in found if entry), key=lambda entry: entry.number)


def books_of(session: Session, device_id: str, forms: Forms) -> list[Book]:
    """What a device has numbered, and what never came of it."""
    books = []
    for form in forms:
        for name in fields_of(form):
            given = [entry.number for entry in entries(session, form.form_id, name, device_id)]
            if given:
                books.append(Book(form.title, len(given), max(given), gaps_in(given)))
    return books


def fields_of(form: Form) -> Iterator[str]:
    return (field.name for field in form.fields_flat() if "sequence" in (field.appearance or "").split())


def numbered(row: Submission, name: str) -> Numbered | None:
    """None where a device sent something else than a number; the desk shows such a record like any other."""
    try:
        answers = json.loads(row.payload or b"{}").get("answers", {})
    except (ValueError, AttributeError):
        return None
    number = answers.get(name) if isinstance(answers, dict) else None
    return Numbered(number, row, answers) if isinstance(number, int) and not isinstance(number, bool) else None
