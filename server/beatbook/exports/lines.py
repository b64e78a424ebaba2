"""Lines: the plain table as SQLite makes it, for a million records.

Python takes a third of a millisecond for a record, and for a million nobody waits that long. So where no answers are
asked for, SQLite quotes and guards a row's cells as `cells.line` would have. A record of which it cannot be sure (one
that was corrected or erased in part, or that says something odd) is left to `table`.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlmodel import Session, select

from .. import cells, listings
from ..forms import Field, Form, Forms
from ..listings import Wanted
from ..models import Device
from .marking import OFFICIAL, SENSITIVE

BATCH = 2000  # records read at a time
NOTHING, ANSWERED, UNSURE = 0, 1, 2  # of what is personal


class About(NamedTuple):
    """What the lines of one version of a form have in common, as cells."""

    named: str  # `Form` and `Version`
    title: str | None  # for those that would name somebody
    marking: str
    left_out: tuple[str, str]  # when nothing personal was answered, and when something was


class Found(NamedTuple):
    """A record as SQLite tells it. The texts are cells, or several of them."""

    seq: int
    instance_id: str
    form_id: str
    form_version: str
    device_id: str
    title: str
    times: str  # with the state before them
    place: str
    latitude: float | None
    longitude: float | None
    accuracy: float | None
    checks: str  # the flags, and what is to be checked
    personal: int
    is_odd: int


def made(
    session: Session, forms: Forms, wanted: Wanted, one_by_one: Callable[[list[int]], dict[int, str]]
) -> Iterator[str]:
    """The lines of a filter's records, many at a time. `one_by_one` makes those of some numbers."""
    devices = {key: cell(name) for key, name in session.exec(select(Device.id, Device.name))}
    asked, given = query(forms)
    known: dict[tuple[str, str], About] = {}
    before: int | None = None
    while numbers := listings.find_numbers(session, wanted, before=before, limit=BATCH):
        before = numbers[-1]
        rows = session.connection().execute(asked, given | {"numbers": json.dumps(numbers)})
        found = [Found(*row) for row in rows]
        odd = [one.seq for one in found if one.is_odd or one.personal == UNSURE]
        apart = one_by_one(odd) if odd else {}
        for one in found:
            key = (one.form_id, one.form_version)
            if key not in known:
                known[key] = about(forms, *key)
        yield "".join(
            apart[one.seq]
            if one.seq in apart
            else line(one, known[one.form_id, one.form_version], devices.get(one.device_id, ""))
            for one in found
        )


def line(one: Found, about: About, device: str) -> str:
    title = one.title if about.title is None else about.title
    latitude, longitude, accuracy = ("" if each is None else each for each in one[8:11])
    return (
        f"{one.instance_id},{about.named},{title},{one.times},{device},{one.place},{latitude},{longitude},{accuracy},"
        f"{one.checks},,{about.marking},{about.left_out[one.personal]}\r\n"
    )


def about(forms: Forms, form_id: str, version: str) -> About:
    form = forms.find(form_id, version)
    if form is None:
        unknown = cell(UNKNOWN)
        return About(f"{cell(form_id)},{cell(version)}", None, SENSITIVE, (unknown, unknown))
    title = cell(form.title) if form.names_somebody else None
    named = f"{cell(form.title)},{cell(version)}"
    return About(named, title, SENSITIVE if form.is_sensitive else OFFICIAL, ("", cell(PERSONAL)))


UNKNOWN, PERSONAL = "Answers: their form is not known here", "Personal answers"


def cell(value: object) -> str:
    return cells.line([value, ""]).removesuffix(",\r\n")


# In SQLite's words ------------------------------------------------------------------------------------------------


def query(forms: Forms) -> tuple[Any, dict[str, str]]:
    told, given = personal(forms)
    titled, placed = quoted("said.title"), quoted("said.place")
    return text(
        f"""
        SELECT said.seq, said.instance_id, said.form_id, said.form_version, said.device_id, {titled},
            said.review_state || ',' || {moment("said.captured_at")} || ',' || {moment("said.received_at")},
            {placed}, said.latitude, said.longitude, said.accuracy,
            {quoted("said.flagged")} || ',' || {quoted("said.checked")}, {told}, {odd()}
        FROM (
            SELECT submission.*, CAST(submission.payload AS TEXT) AS frozen,
                {listed("submission.flags", "label")} AS flagged, {listed("submission.warnings", "detail")} AS checked,
                wanted.key AS place_in_line
            FROM json_each(:numbers) AS wanted JOIN submission ON submission.seq = wanted.value
        ) AS said ORDER BY said.place_in_line
        """  # noqa: S608  nothing of it comes from outside
    ), given


def quoted(column: str) -> str:
    """A text as a cell: guarded against being run, and in quotation marks where it needs them."""
    guarded = f"CASE WHEN {column} GLOB {RUNS} THEN '''' || {column} ELSE {column} END"
    return f"""CASE WHEN {column} IS NULL THEN ''
        WHEN {column} GLOB {MARKS} THEN '"' || replace({guarded}, '"', '""') || '"' ELSE {guarded} END"""


RUNS = "'[=+@' || char(9) || char(13) || '-]*'"
MARKS = "'*[,\"' || char(10) || char(13) || ']*'"


def moment(column: str) -> str:
    """As ISO 8601 to the second; SQLite keeps UTC."""
    written = f"substr({column}, 1, 10) || 'T' || substr({column}, 12, 8) || '+00:00'"
    return f"CASE WHEN {column} IS NULL THEN '' ELSE {written} END"


def listed(column: str, name: str) -> str:
    each = f"(SELECT group_concat(json_extract(value, '$.{name}'), '; ') FROM json_each({column}))"  # noqa: S608
    return f"CASE WHEN {column} = '[]' THEN '' ELSE {each} END"


def odd() -> str:
    """What only Python knows for sure: a minus before what may be a number, and characters that end a text."""
    texts = ("said.title", "said.place", "said.flagged", "said.checked")
    minus = " OR ".join(f"coalesce({one}, '') GLOB '-*'" for one in texts)
    ends = " OR ".join(f"instr({one}, char(0)) > 0" for one in texts)
    changed = "EXISTS (SELECT 1 FROM correction WHERE correction.instance_id = said.instance_id)"
    erased = "EXISTS (SELECT 1 FROM redaction WHERE redaction.subject = said.instance_id)"
    return f"coalesce({minus} OR {ends} OR {changed} OR {erased}, 0)"


def personal(forms: Forms) -> tuple[str, dict[str, str]]:
    """Whether something personal was answered, by the questions of each form's version."""
    cases, given = [], {}
    for number, form in enumerate(every(forms)):
        given |= {f"form_{number}": form.form_id, f"version_{number}": form.version}
        tests = [answered(form, field) for field in form.personal]
        is_it = f"said.form_id = :form_{number} AND said.form_version = :version_{number}"
        cases.append(f"WHEN {is_it} THEN {worst(tests)}")
    return (f"CASE {' '.join(cases)} ELSE {NOTHING} END" if cases else f"{NOTHING}"), given


def every(forms: Forms) -> list[Form]:
    """Every version of every form that asks something personal."""
    versions = (one for form in forms for one in forms.versions(form.form_id).values())
    return [one for one in versions if one.personal]


def worst(tests: Sequence[str]) -> str:
    """Answered when one of them is; unsure when one is and none is answered."""
    found = tests[0] if len(tests) == 1 else f"max({', '.join(tests)})"
    return f"CASE {found} WHEN 2 THEN {ANSWERED} WHEN 1 THEN {UNSURE} ELSE {NOTHING} END"


def answered(form: Form, field: Field) -> str:
    """2 when it is, 1 when only Python can tell: an escaped name, or one that stands somewhere else."""
    name, path = f'"{field.name}"', f"'$.answers.{field.name}'"
    escaped = "WHEN instr(said.frozen, '\\u') > 0 THEN 1"
    if form.homes[field.name]:
        return f"CASE WHEN instr(said.frozen, '{name}') > 0 THEN 1 {escaped} ELSE 0 END"
    blanks = "' ' || char(9) || char(10) || char(13) || char(160)"  # see forms.expressions.is_blank
    return f"""CASE WHEN instr(said.frozen, '{name}') = 0 THEN CASE {escaped} ELSE 0 END
        ELSE CASE json_type(said.frozen, {path}) WHEN 'null' THEN 0
        WHEN 'text' THEN 2 * (trim(json_extract(said.frozen, {path}), {blanks}) <> '')
        WHEN 'array' THEN 2 * (json_array_length(said.frozen, {path}) > 0)
        ELSE CASE WHEN json_type(said.frozen, {path}) IS NULL THEN 1 ELSE 2 END END END"""
