"""Form: the questions of one kind of record, in XLSForm's words, as server, phone and desk all read them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from .dated import Dated, DatedSettings
from .expressions import Context, Expression
from .lists import ListInfo

ListRow = Mapping[str, str]
MORE = "more"  # the place on the home screen of forms that a role seldom needs: behind "More forms"
OWN = "own"  # the list that a device makes of its own earlier records of a form, newest first; the office has none


@dataclass(frozen=True)
class Choice:
    name: str
    label: str
    icon: str | None = None
    columns: Mapping[str, object] = field(default_factory=dict)  # more columns, for choice_filter

    def to_wire(self) -> dict[str, object]:
        return _given({"name": self.name, "label": self.label, "icon": self.icon}) | dict(self.columns)


@dataclass(frozen=True)
class Field:
    name: str
    type: str
    label: str = ""
    hint: str | None = None
    required: bool | str = False
    required_message: str | None = None
    relevant: str | None = None
    constraint: str | None = None
    constraint_message: str | None = None
    calculate: str | None = None
    default: object = None
    appearance: str | None = None
    choices: tuple[Choice, ...] = ()
    from_list: str | None = None
    choice_filter: str | None = None
    read_only: bool = False
    min: float | None = None
    max: float | None = None
    max_length: int | None = None
    original: bool = False
    personal: bool = False  # tells who somebody is or how they are: taken out of here only by who says why
    icon: str | None = None
    opens: str | None = None
    gives: Mapping[str, str] = field(default_factory=dict)
    unique: bool = False  # no two records of this form may carry the same
    usual: str | None = None
    drafted: str | None = None
    fields: tuple["Field", ...] = ()

    def to_wire(self) -> dict[str, object]:
        """The `Field` of pwa/src/types.ts."""
        given = {
            "name": self.name,
            "type": self.type,
            "label": self.label,
            "hint": self.hint,
            "required": self.required or None,
            "requiredMessage": self.required_message,
            "relevant": self.relevant,
            "constraint": self.constraint,
            "constraintMessage": self.constraint_message,
            "calculate": self.calculate,
            "default": self.default,
            "appearance": self.appearance,
            "choices": [choice.to_wire() for choice in self.choices] or None,
            "from": self.from_list,
            "choiceFilter": self.choice_filter,
            "readOnly": self.read_only or None,
            "min": self.min,
            "max": self.max,
            "maxLength": self.max_length,
            "original": self.original or None,
            "icon": self.icon,
            "opens": self.opens,
            "gives": dict(self.gives) or None,
            "unique": self.unique or None,
            "usual": self.usual,
            "drafted": self.drafted,
            "fields": [inner.to_wire() for inner in self.fields] or None,
        }
        return _given(given)

    def flat(self) -> Iterator["Field"]:
        yield self
        for inner in self.fields:
            yield from inner.flat()

    def expressions(self) -> Iterator[str]:
        required = self.required if isinstance(self.required, str) else None
        texts = (self.relevant, required, self.constraint, self.calculate, self.choice_filter, self.drafted)
        return (text for text in texts if text is not None)


@dataclass(frozen=True)
class Flag:
    """Something that the office looks at first; the server decides it from the answers as a record arrives."""

    name: str
    label: str
    when: str
    level: str = "check"  # or urgent
    to: tuple[str, ...] = ()  # roles whose devices are told


@dataclass(frozen=True)
class Issue:
    """What makes a record a legal notice: when it is one, where its number and its time go, and what it says."""

    when: str  # an expression; while it does not hold, the record is a record and nothing more
    title: str
    prefix: str  # of its number: L-26-04-0117
    number: str  # the field that holds its number
    at: str  # the field that holds when it was given
    button: str
    sure: str  # the words of the second button, an expression
    otherwise: str  # the button while it is no notice
    notice: tuple[str, ...]  # its paragraphs, with {field} for answers and ** around what stands out
    must: tuple[str, ...]  # what the law wants on it: it is not given while one of these is empty
    qr: str | None = None  # what the square beside its number says, an expression
    pad: str | None = None  # the field with a number typed from a printed pad, used instead of a made one
    statement: tuple[str, ...] = ()  # the officer's statement for the court, printed at the desk
    shows: tuple[str, ...] = ()  # what is read once more before the second tap

    def to_wire(self) -> dict[str, object]:
        given = {
            "when": self.when,
            "title": self.title,
            "prefix": self.prefix,
            "number": self.number,
            "at": self.at,
            "pad": self.pad,
            "button": self.button,
            "sure": self.sure,
            "otherwise": self.otherwise,
            "qr": self.qr,
            "shows": list(self.shows),
            "must": list(self.must),
            "notice": list(self.notice),
        }
        return _given(given)

    def fields(self) -> tuple[str, ...]:
        """Every field that it names."""
        slots = (slot for paragraph in (*self.notice, *self.statement) for slot in SLOT.findall(paragraph))
        pad = (self.pad,) if self.pad else ()
        return tuple(dict.fromkeys((self.number, self.at, *pad, *self.shows, *self.must, *slots)))


SLOT = re.compile(r"\{([a-z][a-z0-9_]*)\}")


@dataclass(frozen=True)
class Form:
    form_id: str
    version: str
    title: str
    audience: tuple[str, ...]
    regime: str
    retention: str
    fields: tuple[Field, ...]
    instance_name: str | None = None
    icon: str | None = None
    hint: str | None = None
    summary: tuple[str, ...] = ()
    withdrawn: bool = False
    built_in: bool = False  # filled in by the app itself: nobody starts one
    review: bool = True  # whether its records wait for somebody's decision
    final: bool = False
    flags: tuple[Flag, ...] = ()
    issue: Issue | None = None
    apart: bool = False
    home: Mapping[str, int | str] = field(default_factory=dict)  # where its picture stands for a role: 1, 2 or "more"
    part_3_when: str | None = None  # when a record of it is one of law enforcement, whatever its regime is otherwise

    def to_wire(self) -> dict[str, object]:
        """The `Form` of pwa/src/types.ts."""
        given = {
            "formId": self.form_id,
            "version": self.version,
            "title": self.title,
            "icon": self.icon,
            "audience": list(self.audience),
            "regime": self.regime,
            "retention": self.retention,
            "instanceName": self.instance_name,
            "fields": [inner.to_wire() for inner in self.fields],
            "hint": self.hint,
            "final": self.final or None,
            "lists": list(self.lists) or None,
            "issue": self.issue.to_wire() if self.issue else None,
            "apart": self.apart or None,
            "home": dict(self.home) or None,
        }
        return _given(given)

    def fields_flat(self) -> tuple[Field, ...]:
        """Every field, groups and repeats before what is in them."""
        return self._flat

    def field(self, name: str) -> Field | None:
        return self._by_name.get(name)

    @property
    def columns(self) -> tuple[str, ...]:
        """The fields that the desk's table shows: `summary`, or else the first four questions."""
        questions = (
            inner.name for inner in self.fields_flat() if inner.type not in ("group", "repeat", "note", "image")
        )
        return self.summary or tuple(questions)[:4]

    @cached_property
    def lists(self) -> tuple[str, ...]:
        """The lists it needs: those its choices come from, and those its expressions look into."""
        texts = [text for inner in self.fields_flat() for text in inner.expressions()]
        texts += [self.instance_name] if self.instance_name else []
        texts += [self.issue.when, self.issue.sure] if self.issue else []
        looked_into = {lookup.list for text in texts for lookup in Expression.parse(text).lookups}
        return tuple(sorted({inner.from_list for inner in self.fields_flat() if inner.from_list} | looked_into))

    @cached_property
    def is_sensitive(self) -> bool:
        """Law enforcement, and whatever asks who somebody is or how they are."""
        return self.regime == "le_part3" or self.part_3_when is not None or bool(self.personal)

    @cached_property
    def personal(self) -> tuple[Field, ...]:
        """The questions whose answers tell who somebody is."""
        return tuple(one for one in self._flat if one.personal)

    @cached_property
    def names_somebody(self) -> bool:
        """Whether its records carry a personal answer in their titles."""
        asked = Expression.parse(self.instance_name).references() if self.instance_name else ()
        return any(known.personal for name in asked if (known := self.field(name)))

    @cached_property
    def homes(self) -> Mapping[str, tuple[str, ...]]:
        """The repeats around each field, outermost first."""
        return dict(_homes(self.fields, ()))

    @cached_property
    def _flat(self) -> tuple[Field, ...]:
        return tuple(inner for outer in self.fields for inner in outer.flat())

    @cached_property
    def _by_name(self) -> Mapping[str, Field]:
        return {inner.name: inner for inner in self._flat}


class Forms:
    """Every form of a folder, in every version that records were made with, and the lists and settings they ask."""

    def __init__(
        self,
        forms: Sequence[Form] = (),
        lists: Mapping[str, Sequence[ListRow]] | None = None,
        settings: DatedSettings | None = None,
        infos: Mapping[str, ListInfo] | None = None,
    ) -> None:
        self.lists: Mapping[str, Sequence[ListRow]] = lists or {}
        self.settings = settings or DatedSettings()
        self.infos: Mapping[str, ListInfo] = infos or {}
        self._versions: dict[str, dict[str, Form]] = {}
        for form in forms:
            self._versions.setdefault(form.form_id, {})[form.version] = form

    def __iter__(self) -> Iterator[Form]:
        """The newest version of each form."""
        for form_id in self.ids():
            if newest := self.newest(form_id):
                yield newest

    def ids(self) -> list[str]:
        return sorted(self._versions)

    def versions(self, form_id: str) -> Mapping[str, Form]:
        return self._versions.get(form_id, {})

    def find(self, form_id: str, version: str) -> Form | None:
        return self.versions(form_id).get(version)

    def newest(self, form_id: str) -> Form | None:
        return max(self.versions(form_id).values(), key=lambda form: _version_key(form.version), default=None)

    def context(self, now: datetime, answers: Mapping[str, object], own: Sequence[Dated] = ()) -> Context:
        """What the expressions of a record see; `now` is when it was captured, `own` what its device alone is told."""
        settings = DatedSettings([*self.settings.rows(), *own]) if own else self.settings
        return Context(now=now, answers=answers, lists=self.lists, settings=settings.value)

    def with_reference(self, lists: Mapping[str, Sequence[ListRow]], settings: DatedSettings) -> "Forms":
        """The same forms over other rows and values."""
        changed = Forms([], lists, settings, self.infos)
        changed._versions = self._versions
        return changed

    def for_role(self, role: str) -> list[Form]:
        """The forms that this role fills in, by title. A withdrawn form starts nothing new."""
        mine = [form for form in self if role in form.audience and not (form.withdrawn or form.built_in)]
        return sorted(mine, key=lambda form: form.title)


def is_newer(version: str, than: str) -> bool:
    """Numbers within versions count as numbers: 10 is newer than 9, 2026.10 than 2026.9."""
    return _version_key(version) > _version_key(than)


def _version_key(version: str) -> list[tuple[int, int, str]]:
    parts = re.findall(r"[0-9]+|[^0-9.]+", version)
    key = [(2, int(part), "") if part[0] in "0123456789" else (0, 0, part) for part in parts]
    return [*key, (1, 0, "")]  # the end: 2 comes after 2-draft and before 2.1


def _homes(fields: Sequence[Field], around: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for inner in fields:
        yield inner.name, around
        yield from _homes(inner.fields, (*around, inner.name) if inner.type == "repeat" else around)


def _given(entries: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in entries.items() if value is not None}
