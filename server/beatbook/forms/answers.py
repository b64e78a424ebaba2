"""Answers: what one record says, read through its form: what counts, what is odd, its title, its facts in words.

The phone's twin is pwa/src/forms/answers.ts; both pass every case of tests/cases/answers.json. Nothing here raises,
whatever JSON a device sent: an officer's record is never refused for its content.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeGuard

from . import sketch
from .expressions import MOST_ROWS, Context, Expression, is_blank, moment, value_of, words
from .form import Field, Flag, Form
from .pictures import PICTURES, about_name, odd_about, rows_about

Lists = Mapping[str, Sequence[Mapping[str, object]]]

LONGEST_TITLE = 120  # characters: two lines on a phone
LONGEST_SHOWN = 500  # characters of an answer that no form explains
LAST = "last()"  # as a default: what this device answered the time before
MOST_WRONG = 3  # wrong choices of one answer that are named


class Finding(NamedTuple):
    field: str  # its path: "police_ref", or "people/0/name" in a repeat
    code: str  # required, type, choice, range, length or constraint
    message: str  # a sentence for the person


class Fact(NamedTuple):
    field: str  # its path, as in Finding
    label: str
    words: str
    kind: str  # text, number, money, date, choice, photo, place or other


class Option(NamedTuple):
    name: str
    label: str
    columns: Mapping[str, object]


def cleaned(form: Form, answers: object, context: Context) -> dict[str, object]:
    """The answers that count: to questions that are asked, with what is calculated. Keys unknown to the form stay."""
    return _settled(form, answers, context).answers


def problems(form: Form, answers: object, context: Context) -> list[Finding]:
    """What a person should look at again, in the form's order; keys unknown to the form are no problem."""
    settled = _settled(form, answers, context)
    return [finding for asked in settled.asked for finding in _findings(asked, settled)]


def is_relevant(form: Form, answers: object, path: str, context: Context) -> bool:
    """Whether a question is asked, given the other answers: "police_ref", or "people/0/name"."""
    return any(asked.path == path for asked in _settled(form, answers, context).asked)


def title(form: Form, answers: object, context: Context) -> str:
    """The record's own name, by the form's instance_name; the form's title when that says nothing."""
    if form.instance_name is None:
        return form.title
    settled = _settled(form, answers, context)
    named = words(Expression.parse(form.instance_name).evaluate(settled.context))
    one_line = re.sub(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+", " ", named)
    without_gaps = re.sub(r"(, )+", ", ", one_line).strip(" ,;:-")  # what is not answered yet leaves nothing behind
    return _shortened(without_gaps, LONGEST_TITLE) or form.title


def flags(form: Form, answers: object, context: Context) -> list[Flag]:
    """What the form wants the office to look at first."""
    settled = _settled(form, answers, context)
    return [flag for flag in form.flags if Expression.parse(flag.when).holds(settled.context)]


def facts(form: Form, answers: object, lists: Lists) -> list[Fact]:
    """Every answer in the form's own words, in the form's order; then what the form does not know, as it was sent."""
    return list(_facts(form.fields, answers if isinstance(answers, Mapping) else {}, lists, "", ""))


def is_personal(form: Form, given: Mapping[str, object]) -> bool:
    """Whether something is answered that tells who somebody is or how they are, also inside a repeat."""
    return any(not is_blank(_answer_of(given, field)) for field in form.personal)


def is_told(field: Field) -> bool:
    """Whether its answer is a fact for people, and no step on the way to another, which only machines want to know."""
    return bool(field.label) and not _looks(field, "working")


def holds(form: Form, expression: str, answers: object, context: Context) -> bool:
    """Whether an expression of the form holds for a record."""
    settled = _settled(form, answers, context)
    return Expression.parse(expression).holds(settled.context)


def regime(form: Form, answers: object, context: Context) -> str:
    """Under which law a record is kept; a suspect moves one to law enforcement (DPA 2018 Part 3)."""
    if form.part_3_when is not None and holds(form, form.part_3_when, answers, context):
        return "le_part3"
    return form.regime


def says(form: Form, expression: str, answers: object, context: Context) -> str:
    """What an expression of the form says of a record."""
    settled = _settled(form, answers, context)
    return words(Expression.parse(expression).evaluate(settled.context))


def words_of(form: Form, name: str, answers: Mapping[str, object], lists: Lists) -> str:
    """One answer in words, also of a question that has no label; nothing when it was not given."""
    field, raw = form.field(name), answers.get(name)
    if field is None or is_blank(raw):
        return ""
    return _in_words(field, raw, lists) if fits(field, raw) else _as_sent(raw)


def choices_of(field: Field, context: Context) -> list[Option]:
    """The choices on offer, after choice_filter; `context` holds the lists and the answers so far."""
    return [option for option in _options(field, context.lists) if _offered(field, option, context)]


def defaults(form: Form, context: Context, last: Mapping[str, object] | None = None) -> dict[str, object]:
    """The answers a new record begins with; `last` holds what this device answered the time before."""
    return dict(_defaults(form.fields, context, last or {}))


def fits(field: Field, raw: object) -> bool:
    """Whether an answer is of its field's type; whether it is a good one, choices, min, max and constraint say."""
    match field.type:
        case "text" | "select_one":
            return isinstance(raw, str)
        case "integer" | "counter":
            return _is_number(raw) and raw == math.trunc(raw)
        case "decimal":
            return _is_number(raw)
        case "date" | "time" | "dateTime":
            when = moment(raw) if isinstance(raw, str) else None
            return when is not None and when.kind == field.type
        case "select_multiple" | "image" | "signature" | "drawing":
            return isinstance(raw, list) and all(isinstance(item, str) for item in raw)
        case "geopoint":
            return isinstance(raw, Mapping) and _degrees(raw, "latitude", 90) and _degrees(raw, "longitude", 180)
        case "sketch":
            return sketch.is_one(raw)
        case "repeat":
            return isinstance(raw, list) and all(isinstance(row, Mapping) for row in raw)
    return isinstance(raw, str | int | float)


# What a record begins with


def _defaults(fields: Sequence[Field], context: Context, last: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for field in fields:
        if field.type == "group":
            yield from _defaults(field.fields, context, last)
        elif field.type == "repeat" and field.min and not field.appearance:
            yield field.name, [dict(_defaults(field.fields, context, {})) for _ in range(int(field.min))]
        elif field.default == LAST:
            if _is_still_good(field, last.get(field.name), context):
                yield field.name, last[field.name]
        elif field.type in ("date", "time", "dateTime") and field.default is not None:
            now = words(Expression.parse("now()").evaluate(context))
            yield field.name, {"date": now[:10], "time": now[11:16], "dateTime": now}[field.type]
        elif field.default is not None:
            yield field.name, field.default


def _is_still_good(field: Field, raw: object, context: Context) -> bool:
    """Whether an answer of an earlier record can be given again: its choice may have gone meanwhile."""
    if is_blank(raw) or not fits(field, raw):
        return False
    if not field.choices and (field.from_list is None or field.from_list not in context.lists):
        return True
    offered = {option.name for option in _options(field, context.lists) if not _is_withdrawn(option, context)}
    return all(code in offered for code in (raw if isinstance(raw, list) else [raw]))


# What counts


class _Asked(NamedTuple):
    field: Field
    path: str
    rows: tuple[str | int, ...]  # the rows it stands in, as Context.path
    answer: object
    about: Sequence[Mapping[str, object]] = ()  # what is said of each of its pictures


@dataclass(frozen=True)
class _Settled:
    answers: dict[str, object]
    asked: list[_Asked]
    context: Context


def _settled(form: Form, answers: object, context: Context) -> _Settled:
    """Drop and calculate again until nothing changes: an answer that is dropped may make another question fall away."""
    given = answers if isinstance(answers, Mapping) else {}
    seen: Mapping[str, object] = given
    context = _with_labels(form, context)
    for _ in range(
        len(form.fields_flat()) + 2
    ):  # no circles, so the longest chain has as many links as there are fields
        asked: list[_Asked] = []
        looking = replace(context, answers=seen, homes=form.homes, path=())
        counted = _counted(form.fields, given, looking, "", asked)
        if counted == seen:
            break
        seen = counted
    return _Settled(counted, asked, replace(context, answers=counted, homes=form.homes, path=()))


def _counted(
    fields: Sequence[Field], given: Mapping[str, object], context: Context, prefix: str, asked: list[_Asked]
) -> dict[str, object]:
    counted = _asked_here(fields, given, context, prefix, asked)
    known = set(_names_here(fields))
    return counted | {key: value for key, value in given.items() if key not in known}


def _asked_here(
    fields: Sequence[Field], given: Mapping[str, object], context: Context, prefix: str, asked: list[_Asked]
) -> dict[str, object]:
    counted: dict[str, object] = {}
    for field in fields:
        if field.relevant is not None and not Expression.parse(field.relevant).holds(context):
            continue
        path, raw = prefix + field.name, given.get(field.name)
        if field.calculate is not None:
            raw = Expression.parse(field.calculate).evaluate(replace(context, this=raw))
        about = rows_about(given.get(about_name(field.name)), raw) if field.type in PICTURES else []
        asked.append(_Asked(field, path, context.path, raw, about))
        if field.type == "group":
            counted |= _asked_here(field.fields, given, context, prefix, asked)
        elif field.type == "repeat" and isinstance(raw, list):
            rows = [
                _counted_row(field, row, number, context, path, asked) for number, row in enumerate(raw[:MOST_ROWS])
            ]
            counted |= {field.name: rows + raw[MOST_ROWS:]} if raw else {}
        elif not is_blank(raw):
            counted |= {field.name: raw, **({about_name(field.name): about} if about else {})}
    return counted


def _counted_row(repeat: Field, row: object, number: int, context: Context, path: str, asked: list[_Asked]) -> object:
    if not isinstance(row, Mapping):
        return row
    inside = replace(context, path=(*context.path, repeat.name, number))
    return _counted(repeat.fields, row, inside, f"{path}/{number}/", asked)


def _names_here(fields: Sequence[Field]) -> Iterator[str]:
    """The keys of one record or row: groups only arrange the page, so what is in them stands beside the rest."""
    for field in fields:
        yield field.name
        if field.type == "group":
            yield from _names_here(field.fields)
        elif field.type in PICTURES:
            yield about_name(field.name)


def _with_labels(form: Form, context: Context) -> Context:
    def label(name: str, code: str) -> str:
        field = form.field(name)
        return _label(field, code, context.lists) if field else code

    return replace(context, label=label)


# What is missing or odd


def _findings(asked: _Asked, settled: _Settled) -> Iterator[Finding]:
    field, raw = asked.field, asked.answer
    if field.type in ("note", "group", "calculate"):
        return
    here = replace(settled.context, path=asked.rows, this=raw)
    if is_blank(raw):
        required = Expression.parse(field.required).holds(here) if isinstance(field.required, str) else field.required
        if required:
            yield Finding(
                asked.path,
                "required",
                field.required_message or f"{_REQUIRED.get(field.type, 'Answer this')}: {field.label}",
            )
        return
    if not fits(field, raw):
        yield Finding(asked.path, "type", f"{_WANTED[field.type]}: {field.label}")
        return
    yield from _choice_findings(asked, here)
    if field.type in PICTURES and isinstance(raw, list):
        for code, message in odd_about(field, raw, asked.about):
            yield Finding(asked.path, code, message)
    if out_of_range := _range_words(field, raw):
        yield Finding(asked.path, "range", f"{out_of_range}: {field.label}")
    if field.max_length is not None and isinstance(raw, str) and len(raw) > field.max_length:
        message = f"Use {field.max_length} characters or fewer, this has {len(raw)}: {field.label}"
        yield Finding(asked.path, "length", message)
    if field.constraint is not None and not Expression.parse(field.constraint).holds(here):
        yield Finding(asked.path, "constraint", field.constraint_message or f"Check this answer: {field.label}")


_REQUIRED = {
    "image": "Add a photo",
    "signature": "Sign here",
    "drawing": "Draw this",
    "sketch": "Draw this",
    "repeat": "Add at least one",
}
_WANTED = {
    "text": "Write this in words",
    "integer": "Give a whole number",
    "counter": "Give a whole number",
    "decimal": "Give a number",
    "date": "Give a date",
    "time": "Give a time",
    "dateTime": "Give a date and time",
    "select_one": "Choose one",
    "select_multiple": "Choose from the list",
    "image": "Add a photo",
    "signature": "Sign here",
    "drawing": "Draw this",
    "sketch": "Draw this with the pens and stickers",
    "geopoint": "Give a place on the map",
    "repeat": "Add these one by one",
}
_AMONG = {
    "image": "photos",
    "signature": "signatures",
    "drawing": "drawings",
    "select_multiple": "choices",
    "repeat": "entries",
}


def _choice_findings(asked: _Asked, context: Context) -> Iterator[Finding]:
    field = asked.field
    if field.type not in ("select_one", "select_multiple"):
        return
    if field.from_list is not None and field.from_list not in context.lists:
        return  # this device or server has not got the list, so it cannot say
    given = asked.answer if isinstance(asked.answer, list) else [asked.answer]
    named = (option for option in _options(field, context.lists) if option.name in given)
    offered = {option.name for option in named if _offered(field, option, context)}
    for code in [code for code in given if code not in offered][:MOST_WRONG]:
        message = f"“{_shortened(words(value_of(code)), 40)}” is not one of the choices: {field.label}"
        yield Finding(asked.path, "choice", message)


def _range_words(field: Field, raw: object) -> str:
    size: float = 0
    if isinstance(raw, list):
        size = len(raw)
    elif _is_number(raw):
        size = raw
    least = -math.inf if field.min is None else field.min
    most = math.inf if field.max is None else field.max
    if field.type == "repeat":
        most = min(most, MOST_ROWS)
    if least <= size <= most:
        return ""
    if among := _AMONG.get(field.type):
        return f"Add at least {words(least)} {among}" if size < least else f"Keep to {words(most)} {among}"
    if field.min is None:
        return f"Give a number up to {words(most)}"
    return f"Give a number from {words(least)} {'up' if field.max is None else f'to {words(most)}'}"


# In words


def _facts(
    fields: Sequence[Field], answers: Mapping[str, object], lists: Lists, prefix: str, of: str
) -> Iterator[Fact]:
    yield from _known_facts(fields, answers, lists, prefix, of)
    known = set(_names_here(fields))
    for key, raw in answers.items():
        if key not in known and not is_blank(raw):
            yield Fact(prefix + str(key), of + _shortened(str(key), 60), _as_sent(raw), "other")


def _known_facts(
    fields: Sequence[Field], answers: Mapping[str, object], lists: Lists, prefix: str, of: str
) -> Iterator[Fact]:
    for field in fields:
        raw = answers.get(field.name)
        path, label = prefix + field.name, of + field.label
        if field.type == "group":
            yield from _known_facts(field.fields, answers, lists, prefix, of)
        elif is_blank(raw) or not is_told(field):
            continue
        elif not fits(field, raw):
            yield Fact(path, label, _as_sent(raw), "other")
        elif field.type == "repeat" and isinstance(raw, list):
            yield from _row_facts(field, raw[:MOST_ROWS], lists, path, label)
        else:
            yield Fact(path, label, _in_words(field, raw, lists), _kind(field))


def _row_facts(
    repeat: Field, rows: Sequence[Mapping[str, object]], lists: Lists, path: str, label: str
) -> Iterator[Fact]:
    """Row by row. Those of a grid or of stops are called by what they are about, and what is fine is said in one."""
    if not (_looks(repeat, "grid") or _looks(repeat, "stops")):
        for number, row in enumerate(rows):
            yield from _facts(repeat.fields, row, lists, f"{path}/{number}/", f"{label} {number + 1}, ")
        return
    which = repeat.fields[0]
    names = [_row_name(which, row, lists) or f"{label} {number + 1}" for number, row in enumerate(rows)]
    fine = [_is_fine(repeat, row) for row in rows]
    if any(fine):
        said = ", ".join(name for name, is_fine in zip(names, fine, strict=True) if is_fine)
        yield Fact(path, f"{label}, {repeat.fields[1].choices[0].label}: {sum(fine)}", said, "choice")
    for number, row in enumerate(rows):
        if not fine[number]:
            rest = {key: raw for key, raw in row.items() if key != which.name}
            yield from _facts(repeat.fields[1:], rest, lists, f"{path}/{number}/", f"{names[number]}, ")


def _row_name(which: Field, row: Mapping[str, object], lists: Lists) -> str:
    raw = row.get(which.name)
    return _in_words(which, raw, lists) if isinstance(raw, str) and not is_blank(raw) else ""


def _is_fine(repeat: Field, row: Mapping[str, object]) -> bool:
    """Nothing was said of it but that it is as the first choice says."""
    which, how, *others = repeat.fields
    if not _looks(repeat, "grid") or not how.choices or row.get(how.name) != how.choices[0].name:
        return False
    counted = {field.name for field in others if field.type == "calculate"}
    return row.keys() <= {which.name, how.name, *counted}


def _kind(field: Field) -> str:
    if _is_money(field):
        return "money"
    kinds = {"integer": "number", "decimal": "number", "counter": "number", "geopoint": "place"}
    kinds |= dict.fromkeys(("date", "time", "dateTime"), "date")
    kinds |= dict.fromkeys(("select_one", "select_multiple"), "choice")
    kinds |= dict.fromkeys(("image", "signature", "drawing"), "photo")
    return "choice" if field.choices and field.type not in PICTURES else kinds.get(field.type, "text")


def _in_words(field: Field, raw: object, lists: Lists) -> str:
    if _is_money(field) and _is_number(raw):
        return _pounds(raw)
    if (field.choices or field.from_list is not None) and field.type not in PICTURES:
        codes = raw[:MOST_ROWS] if isinstance(raw, list) else [raw]
        return ", ".join(_label(field, words(value_of(code)), lists) for code in codes)
    if isinstance(raw, bool):
        return "Yes" if raw else "No"
    if field.type == "sketch":
        return "A drawing"
    if isinstance(raw, Mapping):
        return _place(raw)
    if isinstance(raw, list):
        what = {"signature": "signature", "drawing": "drawing"}.get(field.type, "photo")
        return f"{len(raw)} {what}{'' if len(raw) == 1 else 's'}"
    text = words(value_of(raw))
    return _when(text) if field.type in ("date", "time", "dateTime") or _looks(field, "day") else text


def _when(text: str) -> str:
    when = moment(text)
    if when is None:
        return text
    minutes = when.wall // 60_000
    clock = f"{minutes // 60 % 24:02}:{minutes % 60:02}"
    if when.kind == "time":
        return clock
    day = when.day()
    date = f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"
    return date if when.kind == "date" else f"{date} {clock}"


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _is_money(field: Field) -> bool:
    return _looks(field, "money")


def _looks(field: Field, word: str) -> bool:
    return word in (field.appearance or "").split()


def _pounds(amount: float) -> str:
    pence = math.floor(abs(amount) * 100 + 0.5) if abs(amount) < 1e12 else 0
    if not pence and amount:
        return words(float(amount))  # too much, or too little, to be money
    whole = re.sub(r"\B(?=([0-9]{3})+$)", ",", str(pence // 100))
    return f"{'-' if amount < 0 else ''}£{whole}{f'.{pence % 100:02}' if pence % 100 else ''}"


def _place(raw: Mapping[str, object]) -> str:
    position = ", ".join(f"{_float(raw.get(part)):.5f}" for part in ("latitude", "longitude"))
    accuracy = raw.get("accuracy")
    return f"{position} (about {_float(accuracy):.0f} m)" if _is_number(accuracy) else position


def _label(field: Field, code: str, lists: Lists) -> str:
    return next((option.label for option in _options(field, lists) if option.name == code), code)


def _options(field: Field, lists: Lists) -> Iterator[Option]:
    for choice in field.choices:
        yield Option(choice.name, choice.label, {"name": choice.name, "label": choice.label, **choice.columns})
    for row in lists.get(field.from_list, ()) if field.from_list is not None else ():
        yield Option(str(row.get("name", "")), str(row.get("label", "")), row)


def _offered(field: Field, option: Option, context: Context) -> bool:
    if _is_withdrawn(option, context):
        return False
    if field.choice_filter is None:
        return True
    return Expression.parse(field.choice_filter).holds(replace(context, columns=option.columns))


def _is_withdrawn(option: Option, context: Context) -> bool:
    """A row of a list that was given up before this record was captured: it can be read, but no longer chosen."""
    if is_blank(option.columns.get("withdrawn")):
        return False
    return not Expression.parse("now() < withdrawn").holds(replace(context, columns=option.columns))


def _as_sent(raw: object) -> str:
    try:
        plain = isinstance(raw, str | bool) or _is_number(raw)
        text = words(value_of(raw)) if plain else json.dumps(raw, ensure_ascii=False, separators=(",", ":"))
    except (RecursionError, ValueError):
        text = "…"
    return _shortened(text, LONGEST_SHOWN)


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _is_number(raw: object) -> TypeGuard[float]:
    return isinstance(raw, int | float) and not isinstance(raw, bool) and math.isfinite(_float(raw))


def _degrees(raw: Mapping[str, object], name: str, most: int) -> bool:
    degrees = raw.get(name)
    return _is_number(degrees) and abs(_float(degrees)) <= most


def _float(raw: object) -> float:
    number = value_of(raw)
    return number if isinstance(number, float) else 0.0


def _answer_of(given: Mapping[str, object], field: Field) -> object:
    """The answer; of a question inside a repeat any of its answers."""
    if field.name in given:
        return given[field.name]
    within = (row for rows in given.values() if isinstance(rows, list) for row in rows if isinstance(row, dict))
    return next((row[field.name] for row in within if not is_blank(row.get(field.name))), None)
