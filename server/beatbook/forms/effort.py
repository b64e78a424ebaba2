"""Effort: what a form asks of a thumb and of a reader, for those who write it."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from .answers import choices_of, cleaned, defaults, is_relevant
from .expressions import Context, Expression, is_blank
from .form import Field, Form, Forms
from .pictures import asks_of_people

LONG_LIST = 12  # choices; more are searched instead of scrolled, as on the phone (select.tsx)
READING_AGE = 10  # of officers' forms: plain enough to be read walking
PUPILS_READING_AGE = 8
LONG_LABEL = 14  # words


@dataclass(frozen=True)
class Effort:
    """The shortest way from the tile on the home screen to Finish."""

    taps: int
    typed: int  # answers that must be typed
    asked: int  # questions that way leads past and must be answered


def effort(form: Form, forms: Forms, now: datetime) -> Effort:
    """Found as a person in a hurry would: of each question the answer that asks for least afterwards."""
    context = Context(now=now, lists=forms.lists, settings=forms.settings.value)
    given = defaults(form, context)
    taps, typed, asked = 2, 0, 0  # the form's tile, and Finish
    while (field := _next_question(form, given, context)) is not None:
        asked += 1
        taps += _taps(field, len(choices_of(field, replace(context, answers=given))))
        typed += field.type in ("text", "integer", "decimal")
        given = given | {field.name: _easiest(form, field, given, context)}
    return Effort(taps, typed, asked)


def questions(form: Form) -> int:
    """How many questions there are in all, whatever is answered."""
    return sum(1 for field in form.fields_flat() if field.type not in ("group", "note", "calculate", "repeat"))


def reading_age(texts: list[str]) -> int | None:
    """Flesch and Kincaid's grade and five years, for texts of one sentence each or more; None for nothing to read."""
    words = [word for text in texts for word in _WORD.findall(text)]
    sentences = sum(max(1, len(re.findall(r"[.!?:]+(?:\s|$)", text))) for text in texts if _WORD.search(text))
    if not words or not sentences:
        return None
    grade = 0.39 * len(words) / sentences + 11.8 * sum(map(_syllables, words)) / len(words) - 15.59
    return max(5, math.floor(grade + 5 + 0.5))


def texts_of(form: Form) -> list[str]:
    """Everything that is read on the phone."""
    return [text for field in form.fields_flat() for text in _texts(field)]


def long_labels(form: Form) -> list[str]:
    return [field.label for field in form.fields_flat() if len(_WORD.findall(field.label)) > LONG_LABEL]


# The shortest way


def _next_question(form: Form, given: Mapping[str, object], context: Context) -> Field | None:
    counted = cleaned(form, given, context)
    for field in form.fields_flat():
        if form.homes[field.name] or field.name in given or not is_blank(counted.get(field.name)):
            continue
        if field.type not in ("group", "note", "calculate") and _is_required(form, field, counted, context):
            return field
    return None


def _is_required(form: Form, field: Field, given: Mapping[str, object], context: Context) -> bool:
    if not field.required or not is_relevant(form, given, field.name, context):
        return False
    if isinstance(field.required, str):
        return Expression.parse(field.required).holds(replace(context, answers=given, homes=form.homes))
    return True


def _easiest(form: Form, field: Field, given: Mapping[str, object], context: Context) -> object:
    """One answer, tried out on how much it leaves to ask."""
    match field.type:
        case "select_one" | "select_multiple":
            names = [option.name for option in choices_of(field, replace(context, answers=given))][:LONG_LIST]
            tried = [[name] if field.type == "select_multiple" else name for name in names] or ["?"]
            return min(tried, key=lambda answer: _left(form, {**given, field.name: answer}, context))
        case "integer" | "decimal" | "counter":
            return field.min if field.min is not None else 1
        case "date":
            return context.today().isoformat()
        case "time":
            return "12:00"
        case "dateTime":
            return context.now.isoformat(timespec="seconds")
        case "image" | "signature" | "drawing":
            return ["0" * 64] * max(1, int(field.min or 1))
        case "geopoint":
            return {"latitude": 51.28, "longitude": 1.08}
        case "repeat":
            return [{}] * max(1, int(field.min or 1))
    return "as it was"


def _left(form: Form, given: Mapping[str, object], context: Context) -> int:
    counted = cleaned(form, given, context)
    return sum(
        1
        for field in form.fields_flat()
        if not form.homes[field.name]
        and field.type not in ("group", "note", "calculate")
        and is_blank(counted.get(field.name))
        and _is_required(form, field, counted, context)
    )


def _taps(field: Field, choices: int) -> int:
    """A tap on the question where it takes one, and one for each thing that is then given."""
    match field.type:
        case "image":
            asks = 1 if asks_of_people(field) else 0
            return (2 + asks) * max(1, int(field.min or 1))  # the camera and its shutter; nobody can be recognised
        case "select_one" | "select_multiple":
            wanted = max(1, int(field.min or 1)) if field.type == "select_multiple" else 1
            return wanted + (1 if choices > LONG_LIST else 0)
        case "signature" | "drawing" | "repeat":
            return 2
    return 1


# Reading


_WORD = re.compile(r"[A-Za-z][A-Za-z'\u2019-]*")


def _texts(field: Field) -> Iterator[str]:
    yield from (text for text in (field.label, field.hint) if text)
    yield from (choice.label for choice in field.choices)


def _syllables(word: str) -> int:
    """Near enough for English: groups of vowels, but for a silent e at the end."""
    groups = len(re.findall(r"[aeiouy]+", word.lower()))
    silent = word.lower().endswith("e") and not word.lower().endswith(("le", "ee")) and groups > 1
    return max(1, groups - silent)
