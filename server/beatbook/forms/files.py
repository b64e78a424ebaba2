"""Form files: reads a folder of TOML forms and CSV lists; refuses what is wrong with file, field, column and a hint."""

import csv
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

from .answers import fits
from .expressions import Expression, ExpressionError, Reference
from .form import Choice, Field, Form, Forms, ListRow
from .retention import RETENTION

ROLES = ("officer", "parking", "pupil", "school", "volunteer", "foreshore", "supervisor", "partner", "auditor")
REGIMES = ("uk_gdpr", "le_part3")


class FormError(ValueError):
    """`graffiti.toml: field police_ref, relevant: unknown field ${offens}. Did you mean ${offensive}?`"""

    def __init__(self, file: str, field: str, column: str, message: str, hint: str = "") -> None:
        self.file, self.field, self.column, self.message, self.hint = file, field, column, message, hint
        where = ", ".join(part for part in (f"field {field}" if field else "", column) if part)
        super().__init__(f"{file}: {where + ': ' if where else ''}{message}.{' ' + hint if hint else ''}")


def load(folder: Path) -> Forms:
    """Read every form of a folder, its old versions and its lists. Errors: FormError, OSError."""
    lists = {path.stem: _list(path) for path in sorted((folder / "lists").glob("*.csv"))}
    forms: dict[tuple[str, str], Form] = {}
    for path in [*sorted(folder.glob("*.toml")), *sorted((folder / "old").glob("*.toml"))]:
        name = path.relative_to(folder).as_posix()
        form = form_from(_toml(path, name), name, lists)
        expected = f"{form.form_id}.toml" if path.parent == folder else f"{form.form_id}-{form.version}.toml"
        if path.name != expected:
            raise FormError(name, "", "form_id", f"this file should be called {expected}")
        if (form.form_id, form.version) in forms:
            raise FormError(name, "", "version", f"version {form.version} of {form.form_id} is there twice")
        forms[form.form_id, form.version] = form
    return Forms(list(forms.values()), lists)


def form_from(source: Mapping[str, object], file: str, lists: Mapping[str, Sequence[ListRow]] | None = None) -> Form:
    """A form from the tables of its file, checked. Errors: FormError."""
    return _Reading(file, lists or {}).form(source)


def _toml(path: Path, name: str) -> Mapping[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FormError(name, "", "", f"this is not TOML: {error}") from error


def _list(path: Path) -> list[ListRow]:
    name = f"lists/{path.name}"
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, restkey="", strict=True)
        if list(reader.fieldnames or ())[:2] != ["name", "label"]:
            raise FormError(name, "", "", "the first columns of a list are name and label")
        rows: list[ListRow] = list(reader)
    seen: set[str] = set()
    for number, row in enumerate(rows, start=2):
        if "" in row or None in row.values():
            raise FormError(name, "", "", f"line {number} does not have as many columns as the first")
        if not _CHOICE_NAME.fullmatch(row["name"]) or not row["label"].strip():
            raise FormError(name, "", "", f"line {number} needs a name without spaces and a label")
        if row["name"] in seen:
            raise FormError(name, "", "", f"line {number}: {row['name']} is there twice")
        seen.add(row["name"])
    return rows


_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]*")
_CHOICE_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_ICON = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

_FORM_KEYS: dict[str, tuple[type, ...]] = {
    "form_id": (str,),
    "version": (str,),
    "title": (str,),
    "audience": (list,),
    "regime": (str,),
    "retention": (str,),
    "instance_name": (str,),
    "icon": (str,),
    "hint": (str,),
    "summary": (list,),
    "withdrawn": (bool,),
    "field": (list,),
}
_NEEDED = ("form_id", "version", "title", "audience", "regime", "retention", "field")

_SELECTS = ("select_one", "select_multiple")
_NUMBERS = ("integer", "decimal", "counter")
_TIMES = ("date", "time", "dateTime")
_PICTURES = ("image", "signature", "drawing")
_ASKED = ("text", *_NUMBERS, *_TIMES, *_SELECTS, "geopoint", *_PICTURES, "sketch")
_HOLDERS = ("group", "repeat")
_TYPES = (*_ASKED, "note", "calculate", *_HOLDERS)

# Each key of a field: what its value is, and the types that may have it.
_FIELD_KEYS: dict[str, tuple[tuple[type, ...], tuple[str, ...]]] = {
    "name": ((str,), _TYPES),
    "type": ((str,), _TYPES),
    "label": ((str,), _TYPES),
    "hint": ((str,), _TYPES),
    "required": ((bool, str), (*_ASKED, "repeat")),
    "required_message": ((str,), (*_ASKED, "repeat")),
    "relevant": ((str,), _TYPES),
    "constraint": ((str,), _ASKED),
    "constraint_message": ((str,), _ASKED),
    "calculate": ((str,), ("calculate",)),
    "default": ((str, int, float, bool, list), ("text", *_NUMBERS, *_TIMES, *_SELECTS)),
    "appearance": ((str,), (*_ASKED, "group", "calculate")),
    "choices": ((list,), (*_SELECTS, "calculate")),
    "from": ((str,), _SELECTS),
    "choice_filter": ((str,), _SELECTS),
    "read_only": ((bool,), _ASKED),
    "min": ((int, float), (*_NUMBERS, *_PICTURES, "select_multiple", "repeat")),
    "max": ((int, float), (*_NUMBERS, *_PICTURES, "select_multiple", "repeat")),
    "max_length": ((int,), ("text",)),
    "original": ((bool,), ("image",)),
    "field": ((list,), _HOLDERS),
}
_APPEARANCES: dict[str, tuple[str, ...]] = {
    "tiles": _SELECTS,
    "chips": _SELECTS,
    "likert": ("select_one",),
    "minimal": _SELECTS,
    "numbers": ("integer", "decimal", "text"),
    "money": ("integer", "decimal", "calculate"),
    "multiline": ("text",),
    "capitals": ("text",),
    "now": _TIMES,
    "camera": ("image",),
    "collapsed": ("group",),
}
_CLOCK_DEFAULTS = {"date": ("today()", "now()"), "time": ("now()",), "dateTime": ("now()",)}
_FOR_PUPILS = "Pupils never type, sign or point at a map."
_KINDS: dict[type, str] = {
    str: "text in quotes",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
}


class _Reading:
    """One form file being read; it knows where it is, so that every refusal can say so."""

    def __init__(self, file: str, lists: Mapping[str, Sequence[ListRow]]) -> None:
        self.file = file
        self.lists = lists

    def form(self, source: Mapping[str, object]) -> Form:
        self.check_keys("", source, _FORM_KEYS)
        for key in _NEEDED:
            if not source.get(key):
                self.refuse("", key, "this is missing")
        fields = self.fields(source["field"], "")
        form = Form(
            form_id=self.text(source, "form_id"),
            version=self.text(source, "version"),
            title=self.text(source, "title"),
            audience=self.texts(source, "audience"),
            regime=self.text(source, "regime"),
            retention=self.text(source, "retention"),
            fields=fields,
            instance_name=_optional(source, "instance_name"),
            icon=_optional(source, "icon"),
            hint=_optional(source, "hint"),
            summary=self.texts(source, "summary"),
            withdrawn=source.get("withdrawn") is True,
        )
        self.check_form(form)
        return form

    def fields(self, source: object, within: str) -> tuple[Field, ...]:
        if not isinstance(source, list) or not all(isinstance(item, Mapping) for item in source):
            self.refuse(within, "field", "write each question as a [[field]] table")
        return tuple(self.field(item, f"{within} {number}".strip()) for number, item in enumerate(source, start=1))

    def field(self, source: Mapping[str, object], place: str) -> Field:
        name = source.get("name")
        if not isinstance(name, str) or not _FIELD_NAME.fullmatch(name):
            self.refuse(place, "name", "a field needs a name of a to z, 0 to 9 and _, starting with a letter")
        kind = source.get("type")
        if not isinstance(kind, str) or kind not in _TYPES:
            self.refuse(name, "type", f"unknown type {kind}", _meant(str(kind), _TYPES))
        self.check_keys(name, source, {key: types for key, (types, _) in _FIELD_KEYS.items()})
        for key in source:
            if kind not in _FIELD_KEYS[key][1]:
                self.refuse(name, key, f"a field of type {kind} has no {key}")
        holds = kind in _HOLDERS
        return Field(
            name=name,
            type=kind,
            label=_optional(source, "label") or "",
            hint=_optional(source, "hint"),
            required=required if isinstance(required := source.get("required", False), str) else required is True,
            required_message=_optional(source, "required_message"),
            relevant=_optional(source, "relevant"),
            constraint=_optional(source, "constraint"),
            constraint_message=_optional(source, "constraint_message"),
            calculate=_optional(source, "calculate"),
            default=source.get("default"),
            appearance=_optional(source, "appearance"),
            choices=self.choices(source.get("choices", []), name),
            from_list=_optional(source, "from"),
            choice_filter=_optional(source, "choice_filter"),
            read_only=source.get("read_only") is True,
            min=_number(source, "min"),
            max=_number(source, "max"),
            max_length=length if isinstance(length := source.get("max_length"), int) else None,
            original=source.get("original") is True,
            fields=self.fields(source.get("field", []), name) if holds else (),
        )

    def choices(self, source: object, field: str) -> tuple[Choice, ...]:
        choices: list[Choice] = []
        for number, item in enumerate(source if isinstance(source, list) else [], start=1):
            place = f"choice {number}"
            if not isinstance(item, Mapping):
                self.refuse(field, "choices", f'{place} should read {{ name = "…", label = "…" }}')
            name, label, icon = item.get("name"), item.get("label"), item.get("icon")
            if not isinstance(name, str) or not _CHOICE_NAME.fullmatch(name):
                self.refuse(field, "choices", f"{place} needs a name without spaces")
            if not isinstance(label, str) or not label.strip():
                self.refuse(field, "choices", f"{place}, {name}, needs a label")
            if icon is not None and not (isinstance(icon, str) and _ICON.fullmatch(icon)):
                self.refuse(field, "choices", f"{place}, {name}: an icon is a name such as trash-2")
            if name in [choice.name for choice in choices]:
                self.refuse(field, "choices", f"{name} is there twice")
            columns = {key: value for key, value in item.items() if key not in ("name", "label", "icon")}
            choices.append(Choice(name, label, icon, columns))
        return tuple(choices)

    # Checks of the whole form

    def check_form(self, form: Form) -> None:
        self.check_word("form_id", form.form_id, _FIELD_NAME)
        self.check_word("version", form.version, _CHOICE_NAME)
        self.check_icon("", form.icon)
        for role in form.audience:
            self.check_known("", "audience", role, ROLES)
        self.check_known("", "regime", form.regime, REGIMES)
        self.check_known("", "retention", form.retention, tuple(RETENTION))
        names = [field.name for field in form.fields_flat()]
        for name in names:
            if names.count(name) > 1:
                self.refuse(name, "name", "this name is there twice")
        for name in form.summary:
            self.check_known("", "summary", name, tuple(names))
        for field in form.fields_flat():
            self.check_field(form, field)
        self.check_expression(form, None, "instance_name", form.instance_name)
        self.check_circles(form)

    def check_field(self, form: Form, field: Field) -> None:
        if not field.label and field.type != "calculate" and field.type != "group":
            self.refuse(field.name, "label", "this is missing")
        if field.type in _SELECTS and bool(field.choices) == bool(field.from_list):
            self.refuse(field.name, "choices", "a choice needs either choices or from (the name of a list)")
        if field.from_list is not None:
            self.check_known(field.name, "from", field.from_list, tuple(self.lists))
        if field.type == "calculate" and field.calculate is None:
            self.refuse(field.name, "calculate", "this is missing")
        if field.type in _HOLDERS and not field.fields:
            self.refuse(field.name, "field", f"a {field.type} needs [[field.field]] tables")
        for word in (field.appearance or "").split():
            self.check_known(field.name, "appearance", word, tuple(_APPEARANCES))
            if field.type not in _APPEARANCES[word]:
                self.refuse(field.name, "appearance", f"{word} does not go with {field.type}")
        if field.min is not None and field.max is not None and field.min > field.max:
            self.refuse(field.name, "min", "min is more than max")
        if "pupil" in form.audience and field.type in ("text", "geopoint", "signature"):
            self.refuse(field.name, "type", f"a form for pupils may not have {field.type}", _FOR_PUPILS)
        self.check_default(field)
        self.check_expressions(form, field)

    def check_default(self, field: Field) -> None:
        if field.default is None:
            return
        if clocks := _CLOCK_DEFAULTS.get(field.type):
            if field.default not in clocks:
                self.refuse(field.name, "default", f"the default of a {field.type} is {' or '.join(clocks)}")
            return
        if not fits(field, field.default):
            self.refuse(field.name, "default", f"this is not a {field.type}")
        if field.choices:
            for name in field.default if isinstance(field.default, list) else [field.default]:
                self.check_known(field.name, "default", str(name), tuple(choice.name for choice in field.choices))

    def check_expressions(self, form: Form, field: Field) -> None:
        self.check_expression(form, field, "relevant", field.relevant)
        self.check_expression(form, field, "required", field.required if isinstance(field.required, str) else None)
        self.check_expression(form, field, "constraint", field.constraint)
        self.check_expression(form, field, "calculate", field.calculate)
        self.check_expression(form, field, "choice_filter", field.choice_filter)

    def check_expression(self, form: Form, field: Field | None, column: str, text: str | None) -> None:
        if text is None:
            return
        place = field.name if field else ""
        try:
            expression = Expression.parse(text)
        except ExpressionError as error:
            self.refuse(place, column, f"{error.message} at character {error.column}", error.hint)
        for mention in expression.mentions:
            self.check_mention(form, place, column, mention)
        if expression.uses_this and column != "constraint":
            self.refuse(place, column, "only a constraint can say . for its own answer", "Write ${name}.")
        for name, at in expression.columns:
            known = self.list_columns(field) if field and column == "choice_filter" else None
            if known is None:
                hint = f"Did you mean ${{{name}}}?" if form.field(name) else "Put text in quotes."
                self.refuse(place, column, f"unexpected {name} at character {at}", hint)
            elif name not in known:
                self.refuse(place, column, f"the choices have no column {name}", _meant(name, known))

    def check_mention(self, form: Form, place: str, column: str, mention: Reference) -> None:
        named = form.field(mention.name)
        if named is None:
            names = [field.name for field in form.fields_flat()]
            close = get_close_matches(mention.name, names, 1)
            hint = f"Did you mean ${{{close[0]}}}?" if close else ""
            self.refuse(place, column, f"unknown field ${{{mention.name}}}", hint)
        if mention.choice:
            if named.type not in _SELECTS:
                self.refuse(place, column, f"${{{named.name}}} has no choices")
            return
        if named.type in ("note", "group") or (named.type == "repeat" and not mention.every):
            hint = "Count its rows with count()." if named.type == "repeat" else ""
            self.refuse(place, column, f"${{{named.name}}} is a {named.type} and has no answer", hint)
        home, here = form.homes[named.name], form.homes[place] if place else ()
        if not mention.every and home != here[: len(home)]:
            self.refuse(place, column, f"${{{named.name}}} has many answers", "Use sum() or count().")

    def check_circles(self, form: Form) -> None:
        """Whether a question is asked may not hang on itself, by whatever way."""
        needs = {field.name: set(_needs(field)) for field in form.fields_flat()}
        for outer in form.fields_flat():
            for inner in outer.fields:
                needs[inner.name].add(outer.name)
        settled: set[str] = set()
        for name in needs:
            self.follow(name, needs, (), settled)

    def follow(self, name: str, needs: Mapping[str, set[str]], way: tuple[str, ...], settled: set[str]) -> None:
        if name in way:
            self.refuse(name, "relevant", f"this goes in a circle: {', '.join((*way[way.index(name) :], name))}")
        if name not in settled:
            for need in sorted(needs[name]):
                self.follow(need, needs, (*way, name), settled)
            settled.add(name)

    def list_columns(self, field: Field) -> tuple[str, ...]:
        if field.from_list is not None:
            return tuple(next(iter(self.lists[field.from_list]), {}))
        return ("name", "label", *(key for choice in field.choices for key in choice.columns))

    # Small checks

    def check_keys(self, field: str, source: Mapping[str, object], known: Mapping[str, tuple[type, ...]]) -> None:
        for key, value in source.items():
            if key not in known:
                self.refuse(field, key, "unknown key", _meant(key, tuple(known)))
            if not isinstance(value, known[key]) or (isinstance(value, bool) and bool not in known[key]):
                self.refuse(
                    field, key, f"this should be {' or '.join(dict.fromkeys(_KINDS[kind] for kind in known[key]))}"
                )

    def check_known(self, field: str, column: str, word: str, known: tuple[str, ...]) -> None:
        if word not in known:
            self.refuse(field, column, f"unknown {column} {word}", _meant(word, known))

    def check_word(self, column: str, word: str, pattern: re.Pattern[str]) -> None:
        if not pattern.fullmatch(word):
            self.refuse("", column, "use letters, digits and _ only")

    def check_icon(self, field: str, icon: str | None) -> None:
        if icon is not None and not _ICON.fullmatch(icon):
            self.refuse(field, "icon", "an icon is a name such as trash-2")

    def text(self, source: Mapping[str, object], key: str) -> str:
        return str(source[key])

    def texts(self, source: Mapping[str, object], key: str) -> tuple[str, ...]:
        items = source.get(key, [])
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            self.refuse("", key, "this should be a list of texts")
        return tuple(str(item) for item in items)

    def refuse(self, field: str, column: str, message: str, hint: str = "") -> NoReturn:
        raise FormError(self.file, field, column, message, hint)


def _needs(field: Field) -> Iterator[str]:
    for text in (field.relevant, field.calculate):
        if text is not None:
            yield from Expression.parse(text).references()


def _meant(word: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(word, known, 1)
    return f"Did you mean {close[0]}?" if close else f"There are: {', '.join(known)}."


def _optional(source: Mapping[str, object], key: str) -> str | None:
    value = source.get(key)
    return value if isinstance(value, str) else None


def _number(source: Mapping[str, object], key: str) -> float | None:
    value = source.get(key)
    return value if isinstance(value, int | float) else None
