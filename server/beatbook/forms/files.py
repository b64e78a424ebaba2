"""Form files: reads a folder of TOML forms and CSV lists; refuses what is wrong with file, field, column and a hint."""

import csv
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

from .answers import LAST, fits
from .dated import ALWAYS, DatedSettings, read_settings, unlawful
from .expressions import Expression, ExpressionError, Lookup, Reference
from .form import MORE, OWN, Choice, Field, Flag, Form, Forms, Issue, ListRow
from .lists import ListInfo, info_of, read_rows, wrong_cells
from .retention import RETENTION

ROLES = ("officer", "parking", "pupil", "school", "volunteer", "foreshore", "supervisor", "partner", "auditor")
BUILT_IN = Path(__file__).parent / "built_in"  # beside any council's own pack: the app could not report without them
REGIMES = ("uk_gdpr", "le_part3")
LEVELS = ("urgent", "check")


class FormError(ValueError):
    """`graffiti.toml: field police_ref, relevant: unknown field ${offens}. Did you mean ${offensive}?`"""

    def __init__(self, file: str, field: str, column: str, message: str, hint: str = "") -> None:
        self.file, self.field, self.column, self.message, self.hint = file, field, column, message, hint
        named = field if field.startswith("flag ") else f"field {field}" if field else ""
        where = ", ".join(part for part in (named, column) if part)
        super().__init__(f"{file}: {where + ': ' if where else ''}{message}.{' ' + hint if hint else ''}")


def load(folder: Path) -> Forms:
    """Read every form of a folder, its old versions, lists and dated settings, and those that the app itself fills in.

    Errors: FormError, OSError.
    """
    settings = _settings(folder / "settings.csv")
    parts = {path.stem: _part(path) for path in sorted((folder / "parts").glob("*.toml"))}
    lists, infos = _lists(folder / "lists")
    forms: dict[tuple[str, str], Form] = {}
    for path in [*sorted(folder.glob("*.toml")), *sorted((folder / "old").glob("*.toml"))]:
        name = path.relative_to(folder).as_posix()
        form = form_from(_toml(path, name), name, _columns(infos), settings, parts)
        expected = f"{form.form_id}.toml" if path.parent == folder else f"{form.form_id}-{form.version}.toml"
        if path.name != expected:
            raise FormError(name, "", "form_id", f"this file should be called {expected}")
        if (form.form_id, form.version) in forms:
            raise FormError(name, "", "version", f"version {form.version} of {form.form_id} is there twice")
        forms[form.form_id, form.version] = form
    for path in sorted(BUILT_IN.glob("*.toml")):
        form = replace(form_from(_toml(path, path.name), path.name), built_in=True)
        forms[form.form_id, form.version] = form
    read = Forms(list(forms.values()), lists, settings, infos)
    for form in read:
        _check_opened(form, read)
    return read


def _check_opened(form: Form, forms: Forms) -> None:
    """What a button of a form opens is another form, and what it gives along are questions of that."""
    file = f"{form.form_id}.toml"
    for field in form.fields_flat():
        if field.opens is None:
            continue
        opened = forms.newest(field.opens)
        if opened is None:
            known = tuple(one.form_id for one in forms)
            raise FormError(file, field.name, "opens", f"unknown form {field.opens}", _meant(field.opens, known))
        names = tuple(inner.name for inner in opened.fields_flat())
        for name in field.gives:
            if name not in names:
                said = f"{opened.form_id} has no field {name}"
                raise FormError(file, field.name, "gives", said, _meant(name, names))


def load_one(path: Path, shipped: Path) -> tuple[Form, Forms]:
    """One form by itself, with the lists, parts and settings beside it, or those that ship where it has none.

    Errors: FormError, OSError.
    """
    beside = path.resolve().parent

    def near(name: str) -> Path:
        return beside / name if (beside / name).exists() else shipped / name

    settings = _settings(near("settings.csv"))
    parts = {part.stem: _part(part) for part in sorted(near("parts").glob("*.toml"))}
    lists, infos = _lists(near("lists"))
    form = form_from(_toml(path, path.name), path.name, _columns(infos), settings, parts)
    if path.name not in (f"{form.form_id}.toml", f"{form.form_id}-{form.version}.toml"):
        raise FormError(path.name, "", "form_id", f"this file should be called {form.form_id}.toml")
    return form, Forms([form], lists, settings, infos)


def form_from(
    source: Mapping[str, object],
    file: str,
    lists: Mapping[str, Sequence[ListRow]] | None = None,
    settings: DatedSettings | None = None,
    parts: Mapping[str, Sequence[object]] | None = None,
) -> Form:
    """A form from the tables of its file, checked. Errors: FormError."""
    return _Reading(file, lists or {}, settings or DatedSettings(), parts or {}).form(source)


def _settings(path: Path) -> DatedSettings:
    try:
        settings = DatedSettings(read_settings(path))
    except (ValueError, csv.Error) as error:
        raise FormError(path.name, "", "", str(error)) from error
    for day, sentence in unlawful(settings):
        raise FormError(path.name, "", "", sentence + ("" if day == ALWAYS else f", from {day}"))
    return settings


def _part(path: Path) -> Sequence[object]:
    """The fields of a part, a file that holds [[field]] tables and nothing else."""
    name = f"parts/{path.name}"
    source = _toml(path, name)
    fields = source.get("field")
    if set(source) != {"field"} or not isinstance(fields, list):
        raise FormError(name, "", "", "a part holds [[field]] tables and nothing else")
    return fields


def _toml(path: Path, name: str) -> Mapping[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FormError(name, "", "", f"this is not TOML: {error}") from error


def _lists(folder: Path) -> tuple[dict[str, list[ListRow]], dict[str, ListInfo]]:
    """Every list of a folder with what lists.toml says of it."""
    told = _toml(folder / "lists.toml", "lists/lists.toml") if (folder / "lists.toml").exists() else {}
    lists: dict[str, list[ListRow]] = {}
    infos: dict[str, ListInfo] = {}
    for path in sorted(folder.glob("*.csv")):
        header, rows = _rows(path)
        lists[path.stem] = list(rows)
        infos[path.stem] = _info(path.stem, header, told.get(path.stem, {}))
    for name in told:
        if name not in lists:
            raise FormError("lists/lists.toml", "", "", f"{name}: there is no lists/{name}.csv")
    for name, info in infos.items():
        for line, row in enumerate(lists[name], start=2):
            for column, sentence in wrong_cells(info, row, lists).items():
                raise FormError(f"lists/{name}.csv", "", "", f"line {line}, {column}: {sentence}")
    return lists, infos


def _columns(infos: Mapping[str, ListInfo]) -> dict[str, list[ListRow]]:
    """An empty row of each list: what a form may name, though there are no rows, and never what stays at the desk."""
    columns: dict[str, list[ListRow]] = {}
    for name, info in infos.items():
        kept_back = {column.name for column in info.columns if column.desk_only}
        columns[name] = [{cell: "" for cell in info.header if cell not in kept_back}]
    return columns


def _rows(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    if path.stem == "settings":
        raise FormError("lists/settings.csv", "", "", "no list may be called settings")
    try:
        return read_rows(path.read_text(encoding="utf-8-sig"))
    except (ValueError, csv.Error) as error:
        raise FormError(f"lists/{path.name}", "", "", str(error)) from error


def _info(name: str, header: Sequence[str], source: object) -> ListInfo:
    if not isinstance(source, Mapping):
        raise FormError("lists/lists.toml", "", "", f"write [{name}]")
    try:
        info = info_of(name, header, source)
    except ValueError as error:
        raise FormError("lists/lists.toml", "", "", str(error)) from error
    for role in info.roles:
        if role not in ROLES:
            raise FormError("lists/lists.toml", "", "", f"{name}: unknown role {role}", _meant(role, ROLES))
    return info


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
    "final": (bool,),
    "review": (bool,),
    "issue": (dict,),
    "apart": (bool,),
    "home": (dict,),
    "part_3_when": (str,),
    "field": (list,),
    "flag": (list,),
}
_FLAG_KEYS: dict[str, tuple[type, ...]] = {
    "name": (str,),
    "label": (str,),
    "when": (str,),
    "level": (str,),
    "to": (list,),
}
_ISSUE_KEYS: dict[str, tuple[type, ...]] = {
    "when": (str,),
    "title": (str,),
    "prefix": (str,),
    "number": (str,),
    "at": (str,),
    "pad": (str,),
    "button": (str,),
    "sure": (str,),
    "otherwise": (str,),
    "qr": (str,),
    "shows": (list,),
    "must": (list,),
    "notice": (list,),
    "statement": (list,),
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
    "appearance": ((str,), (*_ASKED, "group", "repeat", "calculate", "note")),
    "choices": ((list,), (*_SELECTS, "calculate", "image")),
    "from": ((str,), (*_SELECTS, "text")),
    "choice_filter": ((str,), _SELECTS),
    "read_only": ((bool,), _ASKED),
    "min": ((int, float), (*_NUMBERS, *_PICTURES, "select_multiple", "repeat")),
    "max": ((int, float), (*_NUMBERS, *_PICTURES, "select_multiple", "repeat")),
    "max_length": ((int,), ("text",)),
    "original": ((bool,), ("image",)),
    "personal": ((bool,), (*_ASKED, "calculate")),
    "icon": ((str,), ("counter",)),
    "opens": ((str,), ("note",)),
    "gives": ((dict,), ("note",)),
    "unique": ((bool,), ("text",)),
    "usual": ((str,), ("select_one",)),
    "drafted": ((str,), ("text",)),
    "field": ((list,), _HOLDERS),
}
_APPEARANCES: dict[str, tuple[str, ...]] = {
    "tiles": _SELECTS,
    "chips": _SELECTS,
    "likert": ("select_one",),
    "minimal": _SELECTS,
    "numbers": ("integer", "decimal", "text", "date"),
    "money": ("integer", "decimal", "calculate"),
    "day": ("calculate",),
    "multiline": ("text",),
    "capitals": ("text",),
    "now": _TIMES,
    "camera": ("image",),
    "caption": ("image",),
    "people": ("image",),
    "someone": ("image",),
    "in_turn": ("image",),
    "reason": ("signature", "drawing"),
    "collapsed": ("group",),
    "tally": ("group",),
    "grid": ("repeat",),
    "stops": ("repeat",),
    "verbatim": ("text",),
    "nearby": ("text",),
    "sequence": ("integer",),
    "pinned": ("calculate",),
    "working": ("calculate", "text"),
    "plate": ("text",),
    "usual": ("group",),
    "stop": ("calculate", "note"),
    "say": ("calculate", "note"),
    "emergency": ("note",),
    "hidden": ("text", "integer", "dateTime", "calculate"),
    "step_away": ("dateTime",),
}
_CLOCK_DEFAULTS = {"date": ("today()", "now()"), "time": ("now()",), "dateTime": ("now()",)}
_FOR_PUPILS = "Pupils never type, sign or point at a map."
_KINDS: dict[type, str] = {
    str: "text in quotes",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "a table",
}


class _Reading:
    """One form file being read; it knows where it is, so that every refusal can say so."""

    def __init__(
        self,
        file: str,
        lists: Mapping[str, Sequence[ListRow]],
        settings: DatedSettings,
        parts: Mapping[str, Sequence[object]],
    ) -> None:
        self.file = file
        self.lists = lists
        self.settings = settings
        self.parts = parts

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
            final=source.get("final") is True,
            review=source.get("review") is not False,
            flags=self.flags(source.get("flag", [])),
            issue=self.issue(source.get("issue")),
            apart=source.get("apart") is True,
            home=self.home(source.get("home")),
            part_3_when=_optional(source, "part_3_when"),
        )
        self.check_form(form)
        return form

    def home(self, source: object) -> dict[str, int | str]:
        """Where its picture stands on the home screen of each role."""
        places: dict[str, int | str] = {}
        for role, place in source.items() if isinstance(source, Mapping) else ():
            self.check_known("", "home", role, ROLES)
            if place != MORE and (not isinstance(place, int) or isinstance(place, bool) or place < 1):
                self.refuse("", "home", f"the place of {role} is a number from 1, or 'more'")
            places[role] = place
        return places

    def issue(self, source: object) -> Issue | None:
        if not isinstance(source, Mapping):
            return None
        self.check_keys("issue", source, _ISSUE_KEYS)
        for key in _ISSUE_KEYS:
            if key not in ("pad", "qr", "shows", "statement") and not source.get(key):
                self.refuse("issue", key, "this is missing")
        return Issue(
            when=self.text(source, "when"),
            title=self.text(source, "title"),
            prefix=self.text(source, "prefix"),
            number=self.text(source, "number"),
            at=self.text(source, "at"),
            pad=_optional(source, "pad"),
            qr=_optional(source, "qr"),
            button=self.text(source, "button"),
            sure=self.text(source, "sure"),
            otherwise=self.text(source, "otherwise"),
            shows=self.texts(source, "shows"),
            must=self.texts(source, "must"),
            notice=self.texts(source, "notice"),
            statement=self.texts(source, "statement"),
        )

    def fields(self, source: object, within: str) -> tuple[Field, ...]:
        if not isinstance(source, list) or not all(isinstance(item, Mapping) for item in source):
            self.refuse(within, "field", "write each question as a [[field]] table")
        found: list[Field] = []
        for number, item in enumerate(source, start=1):
            place = f"{within} {number}".strip()
            if "include" in item:
                found += self.fields(self.part(item, place), place)
            else:
                found.append(self.field(item, place))
        return tuple(found)

    def part(self, source: Mapping[str, object], place: str) -> Sequence[object]:
        """The fields that stand in the place of an `include`."""
        name = source["include"]
        if set(source) != {"include"} or not isinstance(name, str):
            self.refuse(place, "include", 'an include says nothing but include = "name"')
        if name not in self.parts:
            self.refuse(place, "include", f"there is no parts/{name}.toml", _meant(name, tuple(self.parts)))
        return self.parts[name]

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
            personal=source.get("personal") is True or kind == "signature",
            icon=_optional(source, "icon"),
            opens=_optional(source, "opens"),
            gives={str(key): str(value) for key, value in gives.items()}
            if isinstance(gives := source.get("gives"), dict)
            else {},
            unique=source.get("unique") is True,
            usual=_optional(source, "usual"),
            drafted=_optional(source, "drafted"),
            fields=self.fields(source.get("field", []), name) if holds else (),
        )

    def choices(self, source: object, field: str) -> tuple[Choice, ...]:
        choices: dict[str, Choice] = {}
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
            if name in choices:
                self.refuse(field, "choices", f"{name} is there twice")
            columns = {key: value for key, value in item.items() if key not in ("name", "label", "icon")}
            choices[name] = Choice(name, label, icon, columns)
        return tuple(choices.values())

    def flags(self, source: object) -> tuple[Flag, ...]:
        flags: list[Flag] = []
        for number, item in enumerate(source if isinstance(source, list) else [], start=1):
            if not isinstance(item, Mapping):
                self.refuse(f"flag {number}", "flag", "write each flag as a [[flag]] table")
            name = item.get("name")
            place = f"flag {name if isinstance(name, str) else number}"
            self.check_keys(place, item, _FLAG_KEYS)
            if not isinstance(name, str) or not _CHOICE_NAME.fullmatch(name):
                self.refuse(place, "name", "a flag needs a name without spaces")
            if name in [flag.name for flag in flags]:
                self.refuse(place, "name", "this name is there twice")
            label, when, level = _optional(item, "label"), _optional(item, "when"), _optional(item, "level") or "check"
            if not label or not when:
                self.refuse(place, "when" if label else "label", "this is missing")
            self.check_known(place, "level", level, LEVELS)
            roles = self.texts(item, "to")
            for role in roles:
                self.check_known(place, "to", role, tuple(role for role in ROLES if role != "pupil"))
            flags.append(Flag(name, label, when, level, roles))
        return tuple(flags)

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
        for flag in form.flags:
            self.check_expression(form, None, f"when of flag {flag.name}", flag.when)
        self.check_expression(form, None, "part_3_when", form.part_3_when)
        self.check_issue(form)
        self.check_circles(form)

    def check_issue(self, form: Form) -> None:
        if form.issue is None:
            return
        if not form.review:
            self.refuse("", "review", "somebody looks at every notice", "Take review = false out.")
        names = tuple(field.name for field in form.fields_flat() if not form.homes[field.name])
        for name in form.issue.fields():
            if name not in names:
                self.refuse("issue", "notice", f"unknown field {name}", _meant(name, names))
        self.check_expression(form, None, "issue", form.issue.when)
        self.check_expression(form, None, "issue", form.issue.sure)
        self.check_expression(form, None, "issue", form.issue.qr)

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
        if field.unique and form.homes[field.name]:
            self.refuse(field.name, "unique", "a number inside a repeat cannot be unique", "Ask for it outside.")
        if field.type in _PICTURES and form.homes[field.name]:
            self.refuse(field.name, "type", f"a repeat cannot hold {field.type}", "Ask for it outside the repeat.")
        if "pupil" in form.audience and field.type in ("text", "geopoint", "signature"):
            self.refuse(field.name, "type", f"a form for pupils may not have {field.type}", _FOR_PUPILS)
        self.check_icon(field.name, field.icon)
        self.check_look(field)
        for name in field.gives.values():
            self.check_known(field.name, "gives", name, tuple(inner.name for inner in form.fields_flat()))
        if field.usual is not None:
            self.check_known(field.name, "usual", field.usual, tuple(choice.name for choice in field.choices))
        self.check_default(form, field)
        self.check_expressions(form, field)

    def check_look(self, field: Field) -> None:
        """Some appearances build on what a group or repeat holds."""
        words, kinds = (field.appearance or "").split(), [inner.type for inner in field.fields]
        if "tally" in words and set(kinds) != {"counter"}:
            self.refuse(field.name, "appearance", "tally goes with a group of counters only")
        if "in_turn" in words and not field.choices:
            self.refuse(field.name, "appearance", "in_turn needs choices: what one photo after the other shows")
        if "grid" in words and kinds[:2] != ["select_one", "select_one"]:
            hint = "The first says which of a list, the second how it is."
            self.refuse(field.name, "appearance", "grid needs two questions of type select_one to begin with", hint)
        if "stops" in words and kinds[:1] != ["select_one"]:
            self.refuse(field.name, "appearance", "stops needs a first question of type select_one: which stop")

    def check_default(self, form: Form, field: Field) -> None:
        if field.default is None:
            return
        if field.default == LAST:
            if form.homes[field.name]:
                self.refuse(field.name, "default", "a question inside a repeat has no last answer")
            return
        if clocks := _CLOCK_DEFAULTS.get(field.type):
            if field.default not in clocks:
                self.refuse(field.name, "default", f"the default of a {field.type} is {' or '.join(clocks)}")
            return
        if not fits(field, field.default):
            self.refuse(field.name, "default", f"this is no {field.type}")
        if field.choices:
            for name in field.default if isinstance(field.default, list) else [field.default]:
                self.check_known(field.name, "default", str(name), tuple(choice.name for choice in field.choices))

    def check_expressions(self, form: Form, field: Field) -> None:
        self.check_expression(form, field, "relevant", field.relevant)
        self.check_expression(form, field, "required", field.required if isinstance(field.required, str) else None)
        self.check_expression(form, field, "constraint", field.constraint)
        self.check_expression(form, field, "calculate", field.calculate)
        self.check_expression(form, field, "choice_filter", field.choice_filter)
        self.check_expression(form, field, "drafted", field.drafted)

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
        if expression.keeps and column != "calculate":
            self.refuse(place, column, "only a calculate can say once()")
        for lookup in expression.lookups:
            self.check_lookup(form, place, column, lookup)
        for name, at in expression.settings:
            if not self.settings.of(name):
                close = get_close_matches(name, self.settings.names(), 1)
                hint = f"Did you mean '{close[0]}'?" if close else "Add it to settings.csv."
                self.refuse(place, column, f"unknown setting '{name}' at character {at}", hint)
        for name, at in expression.columns:
            known = self.list_columns(field) if field and column == "choice_filter" else None
            if known is None:
                hint = f"Did you mean ${{{name}}}?" if form.field(name) else "Put text in quotes."
                self.refuse(place, column, f"unexpected {name} at character {at}", hint)
            elif name not in known:
                self.refuse(place, column, f"the choices have no column {name}", _meant(name, known))

    def check_lookup(self, form: Form, place: str, column: str, lookup: Lookup) -> None:
        if lookup.list == OWN:
            known = tuple(inner.name for inner in form.fields_flat() if not form.homes[inner.name])
        elif lookup.list not in self.lists:
            where = f"unknown list {lookup.list} at character {lookup.column}"
            self.refuse(place, column, where, _meant(lookup.list, tuple(self.lists)))
        else:
            known = tuple(next(iter(self.lists[lookup.list]), {}))
        for name in lookup.columns if known else ():
            if name not in known:
                where = f"the list {lookup.list} has no column {name}"
                self.refuse(place, column, f"{where} at character {lookup.column}", _meant(name, known))

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
    if close:
        return f"Did you mean {close[0]}?"
    return f"There are: {', '.join(known)}." if known else "There are none."


def _optional(source: Mapping[str, object], key: str) -> str | None:
    value = source.get(key)
    return value if isinstance(value, str) else None


def _number(source: Mapping[str, object], key: str) -> float | None:
    value = source.get(key)
    return value if isinstance(value, int | float) else None
