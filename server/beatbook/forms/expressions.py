"""The expressions of a form (`relevant`, `constraint`, `calculate` …): a named subset of XLSForm's, evaluated often.

The phone's twin is pwa/src/forms/expressions.ts; both pass every case of tests/cases/expressions.json. Where XLSForm
leaves a choice, we do as ODK does, with five exceptions that spare authors a surprise: a result that is not a number is
an empty answer; two texts that both look like numbers compare as numbers; a date against a date and time compares the
days; a calculated yes or no equals both 'true' and itself; sum() and count() pass over what is not answered.
Two functions are ours: hours-after(when, hours) and working-days-after(when, days), which passes over weekends and the
list bank_holidays. once() keeps a calculate's first result; pulldata('huts', 'row', 'name', ${hut}) looks into a list.
"""

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from typing import NamedTuple, NoReturn, TypeVar
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
MOST_TOKENS = 400  # about four screens of text; keeps evaluation far from Python's recursion limit
DEEPEST = 40  # brackets within brackets
MOST_ROWS = 500  # of one repeat; a row of beach huts has 120. What lies beyond is kept but not looked at.
MOST_DAYS = 366  # that hours-after() and working-days-after() count
LONGEST_MATCHED = 300  # characters; regex() is for references and postcodes, and must never take long

Value = str | int | float | bool | list[str]
Node = Callable[["Context"], Value]
T = TypeVar("T")


class ExpressionError(ValueError):
    """An expression outside the subset; `column` counts characters from 1."""

    def __init__(self, message: str, column: int, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.column, self.hint = message, column, hint


@dataclass(frozen=True)
class Context:
    """What an expression can see. For a stored record `now` is when it was captured, so it reads the same for ever."""

    now: datetime
    answers: Mapping[str, object] = field(default_factory=dict)
    this: object = ""  # `.`, the answer being checked
    settings: Callable[[str, date], object] | None = None  # the value of a setting in force on a date
    on: date | None = None  # the record's date, when it is not today's
    lists: Mapping[str, Sequence[Mapping[str, object]]] = field(default_factory=dict)
    path: tuple[str | int, ...] = ()  # the rows we stand in: ("people", 0, "bags", 2)
    homes: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # the repeats around each name; none if not listed
    columns: Mapping[str, object] = field(default_factory=dict)  # the choice that a choice_filter looks at
    label: Callable[[str, str], str] | None = None  # the words of a choice: label("kind", "throw_up")

    def today(self) -> date:
        return london(self.now).date()

    def answer(self, name: str) -> Value:
        reached = self._reach(name)
        return value_of(reached[0]) if reached else ""

    def all_answers(self, name: str) -> list[object]:
        """Every answer to `name` that can be seen from here: one per row, one per photo, one per row of a repeat."""
        items = [item for raw in self._reach(name) for item in (raw if isinstance(raw, list) else [raw])]
        return [item for item in items if not is_blank(item)]

    def _reach(self, name: str) -> list[object]:
        scopes: list[Mapping[str, object]] = [self.answers]
        for depth, repeat in enumerate(self.homes.get(name, ())):
            here = self.path[2 * depth : 2 * depth + 2]
            ours = here[1] if here[:1] == (repeat,) else None  # names are unique, so the rows around it are ours too
            scopes = [row for scope in scopes for row in _rows(scope, repeat, ours)]
        return [scope.get(name) for scope in scopes]


class Lookup(NamedTuple):
    """A list that an expression looks things up in."""

    list: str
    columns: tuple[str, ...]  # those it reads
    column: int


class Reference(NamedTuple):
    name: str
    column: int
    every: bool  # all of its answers are wanted (sum, count), not one
    choice: bool = False  # named inside jr:choice-name()


@dataclass(frozen=True)
class Expression:
    """An expression that has been read: `Expression.parse("${age} >= 18").evaluate(context)`."""

    text: str
    node: Node
    mentions: tuple[Reference, ...]
    columns: tuple[tuple[str, int], ...]  # the bare names of a choice_filter, and where they stand
    uses_this: bool
    settings: tuple[tuple[str, int], ...] = ()  # the names that setting() is given in quotes, and where they stand
    lookups: tuple[Lookup, ...] = ()
    keeps: bool = False  # says once(), which only a calculate can

    @staticmethod
    def parse(text: str) -> "Expression":
        """Read an expression. Errors: ExpressionError."""
        return _parse(text)

    def references(self) -> frozenset[str]:
        return frozenset(mention.name for mention in self.mentions)

    def evaluate(self, context: Context) -> Value:
        """Never raises, whatever the answers are. What is not a number is an empty answer."""
        value = self.node(context)
        return _plain(value) if isinstance(value, float) else value

    def holds(self, context: Context) -> bool:
        return truth(self.node(context))


def is_blank(raw: object) -> bool:
    """Not answered: nothing, only spaces, an empty list."""
    if isinstance(raw, str):
        return not raw.strip(" \t\r\n\u00a0")
    return raw is None or raw == []


def value_of(raw: object) -> Value:
    """Any JSON value as an answer: null is '', a number a float, a place 'latitude longitude', other objects ''."""
    if isinstance(raw, str | bool):
        return raw
    if isinstance(raw, int | float):
        return _float(raw)
    if isinstance(raw, list):
        return [words(value_of(item)) for item in raw if not isinstance(item, list)]
    if isinstance(raw, Mapping):
        position = [raw.get("latitude"), raw.get("longitude")]
        if all(isinstance(part, int | float) and not isinstance(part, bool) for part in position):
            return " ".join(words(value_of(part)) for part in position)
    return ""


def words(value: Value) -> str:
    """A value as text: 3.0 is '3', no exponents, what is not a number is ''."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        number = _float(value)
        if not math.isfinite(number):
            return ""
        text = format(Decimal(repr(number)), "f") if number else "0"
        return text.removesuffix(".0")
    return " ".join(value) if isinstance(value, list) else value


def number(value: Value) -> float:
    """A value as a number; dates count in days since 1970, so that `today() - ${seen_on}` is a number of days."""
    if isinstance(value, bool | int | float):
        return _float(value)
    text = words(value).strip(" \t\r\n")
    if _NUMERAL.fullmatch(text):
        return float(text)
    when = moment(text)
    return when.days if when and when.kind != "time" else math.nan


def truth(value: Value) -> bool:
    """XPath's boolean(): a text is true when there is any, a number when it is neither 0 nor missing."""
    return bool(value) and not (isinstance(value, float) and math.isnan(value))


def london(now: datetime) -> datetime:
    """A moment on the clocks of this council; one without an offset is taken to be on them already."""
    return now.astimezone(LONDON) if now.tzinfo else now.replace(tzinfo=LONDON)


def working_days_later(local: datetime, days: int, holidays: Collection[str]) -> datetime:
    """So many days on from a time on the council's own clocks: Monday to Friday, and none of these days off."""
    while days > 0:
        local += timedelta(days=1)
        days -= local.weekday() < 5 and local.date().isoformat() not in holidays
    return local


class Moment(NamedTuple):
    kind: str  # date, time or dateTime
    wall: int  # milliseconds on London's clocks since 1970-01-01 00:00, for a time since midnight
    instant: int | None  # milliseconds since 1970 in the world, when the text says its offset

    @property
    def days(self) -> float:
        return self.wall / _DAY

    def day(self) -> date:
        return (_EPOCH + timedelta(milliseconds=self.wall)).date()


def moment(text: str) -> Moment | None:
    """An ISO date, time or date and time; None for anything else, also for 30 February."""
    if clock := _TIME.fullmatch(text):
        hour, minute, second = (int(part or 0) for part in clock.groups())
        return Moment("time", ((hour * 60 + minute) * 60 + second) * 1000, None)
    found = _DATE.fullmatch(text)
    if not found:
        return None
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    try:
        local = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), 0, UTC)
        local += timedelta(milliseconds=int((fraction or "0").ljust(3, "0")[:3]))
        if hour is None or not offset:
            return Moment("date" if hour is None else "dateTime", _milliseconds(local), None)
        there = local.replace(tzinfo=_zone(offset))
        wall = there.astimezone(LONDON).replace(tzinfo=UTC)  # the hands of the clock, counted as if they were in UTC
        return Moment("dateTime", _milliseconds(wall), _milliseconds(there))
    except ValueError:
        return None


_NUMERAL = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?")
# Years 1900 to 9989: what a council can mean, and what Python and JavaScript count alike.
_DATE = re.compile(
    r"(19[0-9]{2}|[2-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9])-([0-9]{2})-([0-9]{2})"
    r"(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
_DAY = 24 * 60 * 60 * 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST, _LATEST = date(1900, 1, 1), date(9989, 12, 31)
_FIRST_DAY = (_EARLIEST - date(1970, 1, 1)).days


def _milliseconds(local: datetime) -> int:
    return (local - _EPOCH) // timedelta(milliseconds=1)


def _is_day(days: float) -> bool:
    return math.isfinite(days) and _FIRST_DAY <= days < (_LATEST - date(1970, 1, 1)).days + 1


def _zone(offset: str) -> timezone:
    if offset == "Z":
        return UTC
    hours, minutes = int(offset[1:3]), int(offset[4:6])
    if hours > 23 or minutes > 59:
        raise ValueError(offset)
    return timezone(timedelta(hours=hours, minutes=minutes) * (-1 if offset[0] == "-" else 1))


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:  # an integer of more than 308 digits
        return math.inf if value > 0 else -math.inf


def _plain(value: float) -> str | int | float:
    if not math.isfinite(value):
        return ""
    return int(value) if value == math.trunc(value) and abs(value) < 2**53 else value


def _rows(scope: Mapping[str, object], repeat: str, index: str | int | None) -> list[Mapping[str, object]]:
    rows = scope.get(repeat)
    if not isinstance(rows, list):
        return []
    if isinstance(index, int):
        rows = rows[index : index + 1]
    return [row if isinstance(row, Mapping) else {} for row in rows[:MOST_ROWS]]


# Comparing


def _equal(left: Value, right: Value) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return _yes(left) == _yes(right)
    if when := _moments(left, right):
        return when[0] == when[1]
    if isinstance(left, int | float) or isinstance(right, int | float) or _both_numerals(left, right):
        return number(left) == number(right)
    return words(left) == words(right)


def _less(left: Value, right: Value) -> bool:
    if when := _moments(left, right):
        return when[0] < when[1]
    return number(left) < number(right)


def _less_or_equal(left: Value, right: Value) -> bool:
    if when := _moments(left, right):
        return when[0] <= when[1]
    return number(left) <= number(right)


def _yes(value: Value) -> bool:
    return value != "false" and truth(value)


def _both_numerals(left: Value, right: Value) -> bool:
    return all(_NUMERAL.fullmatch(words(side).strip(" \t\r\n")) for side in (left, right))


def _moments(left: Value, right: Value) -> tuple[int, int] | None:
    if not (isinstance(left, str) and isinstance(right, str)):
        return None
    one, other = moment(left), moment(right)
    if one is None or other is None or (one.kind == "time") != (other.kind == "time"):
        return None
    if one.kind != other.kind:
        return one.wall // _DAY, other.wall // _DAY
    if one.instant is not None and other.instant is not None:
        return one.instant, other.instant
    return one.wall, other.wall


# Arithmetic, as IEEE 754 has it: nothing here raises


def _divide(left: float, right: float) -> float:
    if right == 0:
        return math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left) * math.copysign(1, right)
    return left / right


def _remainder(left: float, right: float) -> float:
    return math.nan if right == 0 or not math.isfinite(left) or math.isnan(right) else math.fmod(left, right)


def _round(value: float, places: float) -> float:
    """Half goes up. Shifting the decimal point in the text avoids 1.005 * 100 = 100.49999999999999."""
    if not math.isfinite(value):
        return value
    digits = max(-15, min(15, int(places))) if math.isfinite(places) else 0
    moved = _shifted(value, digits)
    return _shifted(float(math.floor(moved + 0.5)), -digits) if math.isfinite(moved) else value


def _shifted(value: float, digits: int) -> float:
    mantissa, _, exponent = repr(value).partition("e")
    return float(f"{mantissa}e{int(exponent or 0) + digits}")


def _sum(items: list[object]) -> float:
    total = 0.0
    for item in items:  # not sum(): it rounds differently from Python 3.12 on, and from JavaScript
        total += number(value_of(item))
    return total


# Functions. Arguments come unevaluated, because if() and coalesce() must not look at every one.


def _if(args: Sequence[Node], context: Context) -> Value:
    return args[1](context) if truth(args[0](context)) else args[2](context)


def _coalesce(args: Sequence[Node], context: Context) -> Value:
    for arg in args:
        value = arg(context)
        if not is_blank(words(value)):
            return value
    return ""


def _selected(args: Sequence[Node], context: Context) -> Value:
    return words(args[1](context)) in _chosen(args[0](context))


def _count_selected(args: Sequence[Node], context: Context) -> Value:
    return float(len(_chosen(args[0](context))))


def _chosen(value: Value) -> list[str]:
    return value if isinstance(value, list) else re.findall(r"[^ \t\r\n]+", words(value))


def _regex(args: Sequence[Node], context: Context) -> Value:
    text = words(args[0](context))
    return len(text) <= LONGEST_MATCHED and re.fullmatch(words(args[1](context)), text, re.ASCII) is not None


def _now(args: Sequence[Node], context: Context) -> Value:
    return london(context.now).isoformat(timespec="seconds")


def _int(args: Sequence[Node], context: Context) -> Value:
    value = number(args[0](context))
    return float(math.trunc(value)) if math.isfinite(value) else value


def _rounded(args: Sequence[Node], context: Context) -> Value:
    places = number(args[1](context)) if len(args) > 1 else 0
    return _round(number(args[0](context)), places)


def _date(args: Sequence[Node], context: Context) -> Value:
    days = number(args[0](context))
    return (_EPOCH + timedelta(days=math.floor(days))).date().isoformat() if _is_day(days) else ""


def _format_date(args: Sequence[Node], context: Context) -> Value:
    """Digits only: %Y %m %d %H %M. Names of days and months are for the screens, which know whose they are."""
    when = moment(words(args[0](context)))
    if when is None or when.kind == "time":
        return ""
    clock = _EPOCH + timedelta(milliseconds=when.wall)
    parts = {"Y": f"{clock.year:04}", "m": f"{clock.month:02}", "d": f"{clock.day:02}"}
    parts |= {"H": f"{clock.hour:02}", "M": f"{clock.minute:02}"}
    return re.sub("%([YmdHM])", lambda found: parts[found[1]], words(args[1](context)))


def _setting(args: Sequence[Node], context: Context) -> Value:
    if context.settings is None:
        return ""
    return value_of(context.settings(words(args[0](context)), context.on or context.today()))


def _choice_name(args: Sequence[Node], context: Context) -> Value:
    code, name = words(args[0](context)), words(args[1](context))[2:-1]
    return context.label(name, code) if context.label and code else code


def _pulldata(args: Sequence[Node], context: Context) -> Value:
    name, column, key, value = (words(arg(context)) for arg in args)
    rows = context.lists.get(name, ()) if value else ()
    row = next((row for row in rows if words(value_of(row.get(key))) == value), {})
    return value_of(row.get(column))


def _once(args: Sequence[Node], context: Context) -> Value:
    kept = value_of(context.this)
    return args[0](context) if is_blank(kept) else kept


def _hours_after(args: Sequence[Node], context: Context) -> Value:
    when, hours = moment(words(args[0](context))), number(args[1](context))
    if when is None or when.kind != "dateTime" or not abs(hours) <= MOST_DAYS * 24:
        return ""
    there = _EPOCH + timedelta(milliseconds=when.wall if when.instant is None else when.instant)
    instant = there.replace(tzinfo=LONDON).astimezone(UTC) if when.instant is None else there
    later = instant + timedelta(minutes=math.floor(hours * 60 + 0.5))
    return later.astimezone(LONDON).isoformat(timespec="seconds")


def _working_days_after(args: Sequence[Node], context: Context) -> Value:
    """Monday to Friday and no bank holiday; a date stays a date, a date and time keeps its time of day."""
    when, days = moment(words(args[0](context))), number(args[1](context))
    if when is None or when.kind == "time" or not 0 <= days <= MOST_DAYS:
        return ""
    holidays = {words(value_of(row.get("name"))) for row in context.lists.get("bank_holidays", ())}
    local = working_days_later(_EPOCH + timedelta(milliseconds=when.wall), int(days), holidays)
    if when.kind == "date":
        return local.date().isoformat()
    return local.replace(tzinfo=LONDON).isoformat(timespec="seconds")


class _Function(NamedTuple):
    fewest: int
    most: int
    call: Callable[[Sequence[Node], Context], Value]


_ANY = 99
_FUNCTIONS: dict[str, _Function] = {
    "not": _Function(1, 1, lambda args, context: not truth(args[0](context))),
    "if": _Function(3, 3, _if),
    "coalesce": _Function(1, _ANY, _coalesce),
    "selected": _Function(2, 2, _selected),
    "count-selected": _Function(1, 1, _count_selected),
    "string-length": _Function(1, 1, lambda args, context: float(len(words(args[0](context))))),
    "regex": _Function(2, 2, _regex),
    "today": _Function(0, 0, lambda args, context: context.today().isoformat()),
    "now": _Function(0, 0, _now),
    "date": _Function(1, 1, _date),
    "format-date": _Function(2, 2, _format_date),
    "int": _Function(1, 1, _int),
    "round": _Function(1, 2, _rounded),
    "concat": _Function(1, _ANY, lambda args, context: "".join(words(arg(context)) for arg in args)),
    "setting": _Function(1, 1, _setting),
    "jr:choice-name": _Function(2, 2, _choice_name),
    "pulldata": _Function(4, 4, _pulldata),
    "once": _Function(1, 1, _once),
    "hours-after": _Function(2, 2, _hours_after),
    "working-days-after": _Function(2, 2, _working_days_after),
}
_OVER_ALL: dict[str, Callable[[list[object]], float]] = {
    "count": lambda items: float(len(items)),
    "sum": _sum,
}
_KNOWN = [*_FUNCTIONS, *_OVER_ALL]


# Reading


class _Token(NamedTuple):
    kind: str  # ref, string, number, name, sign, wrong or end
    text: str
    column: int


_TOKEN = re.compile(
    r"(?P<space>[ \t\r\n\u00a0]+)"
    r"|(?P<ref>\$\{[ ]*[A-Za-z_][A-Za-z0-9_.-]*[ ]*\})"
    r"|(?P<string>'[^']*'|\"[^\"]*\")"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_-]*(?::[A-Za-z_][A-Za-z0-9_-]*)?)"
    r"|(?P<sign>!=|<=|>=|[=<>+*(),.-])"
    r"|(?P<wrong>.)",
    re.DOTALL,
)
_INSTEAD = {
    "/": "Write div to divide, and ${name} instead of a path.",
    "%": "Write mod for the remainder.",
    "&": "Write and.",
    "|": "Write or.",
    "!": "Write != or not(…).",
    "“": "Use straight quotes.",
    "”": "Use straight quotes.",
    "‘": "Use straight quotes.",
    "’": "Use straight quotes.",
    "'": "The closing quote is missing.",
    '"': "The closing quote is missing.",
    "$": "Write ${name}.",
    "[": "Filters in square brackets are outside the subset.",
    "×": "Write *.",
    "−": "Write -.",
}
_LEVELS = (("or",), ("and",), ("=", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "div", "mod"))


@lru_cache(maxsize=4096)
def _parse(text: str) -> Expression:
    return _Reader(text).expression()


class _Reader:
    """Turns text into one function of a Context, by descending through the levels of precedence."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.at = 0
        self.depth = 0
        self.mentions: list[Reference] = []
        self.columns: list[tuple[str, int]] = []
        self.uses_this = False
        self.lookups: list[Lookup] = []
        self.keeps = False
        self.settings: list[tuple[str, int]] = []

    def expression(self) -> Expression:
        node = self.level(0)
        if self.now.kind != "end":
            self.refuse(f"unexpected {self.now.text}", self.now, _hint_after(self.now, self.tokens[self.at - 1]))
        return Expression(
            self.text,
            node,
            tuple(self.mentions),
            tuple(self.columns),
            self.uses_this,
            tuple(self.settings),
            tuple(self.lookups),
            self.keeps,
        )

    @property
    def now(self) -> _Token:
        return self.tokens[self.at]

    def take(self, *texts: str) -> _Token | None:
        token = self.now
        if token.kind in ("sign", "name") and token.text in texts:
            self.at += 1
            return token
        return None

    def level(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self.negative()
        node = self.level(level + 1)
        while token := self.take(*_LEVELS[level]):
            node = _operation(token.text, node, self.level(level + 1))
        return node

    def negative(self) -> Node:
        minus = 0
        while self.take("-"):
            minus += 1
        node = self.operand()
        if not minus:
            return node
        factor = -1.0 if minus % 2 else 1.0
        return lambda context: factor * number(node(context))

    def operand(self) -> Node:
        token = self.now
        self.at += 1
        match token.kind:
            case "ref":
                name = self.mention(token, every=False)
                return lambda context: context.answer(name)
            case "string":
                text = token.text[1:-1]
                return lambda context: text
            case "number":
                value = float(token.text)
                return lambda context: value
            case "name":
                return self.function(token) if self.take("(") else self.column(token)
            case "sign" if token.text == ".":
                self.uses_this = True
                return lambda context: value_of(context.this)
            case "sign" if token.text == "(":
                return self.inside(token, lambda: self.level(0))
        self.at -= 1
        what = "the end" if token.kind == "end" else token.text
        hint = "Write = once." if token.text == "=" else ""
        raise ExpressionError(f"a value is missing before {what}", token.column, hint)

    def column(self, token: _Token) -> Node:
        name = token.text
        self.columns.append((name, token.column))
        return lambda context: value_of(context.columns.get(name))

    def function(self, token: _Token) -> Node:
        name = token.text
        if name in _OVER_ALL:
            return self.inside(token, lambda: self.over_all(token))
        function = _FUNCTIONS.get(name)
        if function is None:
            close = get_close_matches(name, _KNOWN, 1)
            hint = f"Did you mean {close[0]}()?" if close else f"There are: {', '.join(sorted(_KNOWN))}."
            self.refuse(f"unknown function {name}()", token, hint)
        start = self.at
        args = self.inside(token, self.arguments)
        if not function.fewest <= len(args) <= function.most:
            wants = str(function.fewest) if function.fewest == function.most else f"{function.fewest} or more"
            self.refuse(f"{name}() takes {wants} in its brackets, not {len(args)}", token)
        if name == "regex":
            self.check_pattern(start)
        if name == "jr:choice-name":
            self.check_choice_name(start)
        if name == "pulldata":
            self.check_lookup(start)
        if name == "working-days-after":
            self.lookups.append(Lookup("bank_holidays", ("name",), token.column))
        self.keeps = self.keeps or name == "once"
        if name == "setting" and self.tokens[start].kind == "string" and start == self.at - 2:
            self.settings.append((self.tokens[start].text[1:-1], self.tokens[start].column))
        call = function.call
        return lambda context: call(args, context)

    def arguments(self) -> list[Node]:
        if self.now.text == ")" and self.now.kind == "sign":
            return []
        args = [self.level(0)]
        while self.take(","):
            args.append(self.level(0))
        return args

    def over_all(self, function: _Token) -> Node:
        token = self.now
        if token.kind != "ref":
            self.refuse(f"{function.text}() takes one ${{name}}", token)
        self.at += 1
        name, call = self.mention(token, every=True), _OVER_ALL[function.text]
        return lambda context: call(context.all_answers(name))

    def mention(self, token: _Token, *, every: bool) -> str:
        name = token.text[2:-1].strip(" ")
        self.mentions.append(Reference(name, token.column, every))
        return name

    def inside(self, opening: _Token, read: Callable[[], T]) -> T:
        self.depth += 1
        if self.depth > DEEPEST:
            self.refuse("brackets within brackets too deep", opening)
        result = read()
        if not self.take(")"):
            self.refuse("a closing bracket is missing", self.now)
        self.depth -= 1
        return result

    def check_pattern(self, start: int) -> None:
        token = self.tokens[self.at - 2]
        if token.kind != "string" or self.tokens[self.at - 3].text != ",":
            self.refuse("the pattern of regex() must be a text in quotes", self.tokens[start])
        if wrong := pattern_problem(token.text[1:-1]):
            self.refuse(wrong[0], token, wrong[1])

    def check_choice_name(self, start: int) -> None:
        token = self.tokens[self.at - 2]
        named = re.fullmatch(r"['\"]\$\{([A-Za-z_][A-Za-z0-9_.-]*)\}['\"]", token.text)
        if not named or self.tokens[self.at - 3].text != ",":
            self.refuse("jr:choice-name() takes an answer and '${name}' in quotes", self.tokens[start])
        self.mentions.append(Reference(named[1], token.column, every=True, choice=True))

    def check_lookup(self, start: int) -> None:
        named = self.tokens[start : start + 6 : 2]
        if any(token.kind != "string" for token in named) or any(
            token.text != "," for token in self.tokens[start + 1 : start + 6 : 2]
        ):
            hint = "For example: pulldata('schools', 'town', 'name', ${school_id})."
            self.refuse("pulldata() takes a list and two of its columns in quotes", self.tokens[start], hint)
        name, column, key = (token.text[1:-1] for token in named)
        self.lookups.append(Lookup(name, (column, key), self.tokens[start].column))

    def refuse(self, message: str, token: _Token, hint: str = "") -> NoReturn:
        raise ExpressionError(message, token.column, hint)


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    for found in _TOKEN.finditer(text):
        kind, column = found.lastgroup or "wrong", found.start() + 1
        if kind == "wrong":
            raise ExpressionError(f"unexpected {found[0]}", column, _INSTEAD.get(found[0], ""))
        if kind != "space":
            tokens.append(_Token(kind, found[0], column))
    if not tokens:
        raise ExpressionError("the expression is empty", 1)
    if len(tokens) > MOST_TOKENS:
        raise ExpressionError("the expression is too long", tokens[MOST_TOKENS].column)
    return [*tokens, _Token("end", "the end", len(text) + 1)]


def _hint_after(token: _Token, before: _Token) -> str:
    if token.text in ("AND", "OR", "And", "Or", "DIV", "MOD"):
        return f"Write {token.text.lower()}."
    if token.text == "." and before.text == ".":
        return "Paths are outside the subset; write ${name}."
    return ""


def _operation(sign: str, left: Node, right: Node) -> Node:
    match sign:
        case "or":
            return lambda context: truth(left(context)) or truth(right(context))
        case "and":
            return lambda context: truth(left(context)) and truth(right(context))
        case "=":
            return lambda context: _equal(left(context), right(context))
        case "!=":
            return lambda context: not _equal(left(context), right(context))
        case "<":
            return lambda context: _less(left(context), right(context))
        case "<=":
            return lambda context: _less_or_equal(left(context), right(context))
        case ">":
            return lambda context: _less(right(context), left(context))
        case ">=":
            return lambda context: _less_or_equal(right(context), left(context))
    compute = _ARITHMETIC[sign]
    return lambda context: compute(number(left(context)), number(right(context)))


_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "div": _divide,
    "mod": _remainder,
}

# Patterns: only what Python and JavaScript read alike, and nothing that can take for ever on a hostile text.
_PATTERN = re.compile(
    r"(?P<escape>\\(?:[dDwWnt]|[\^$\\.*+?()\[\]{}|/]))"
    r"|(?P<set>\[\^?(?:\\[dDwW](?!-[^\]])|[^\[\]\\]|\\[nt\^$\\.*+?()\[\]{}|/-])+\])"
    r"|(?P<few>(?:\?|\{[0-9]{1,3}(?:,[0-9])?\})\??)"
    r"|(?P<many>(?:[*+]|\{[0-9]{1,3},[0-9]{0,3}\})\??)"
    r"|(?P<open>\((?:\?:)?(?!\?))"
    r"|(?P<close>\))"
    r"|(?P<or>\|)"
    r"|(?P<plain>[^\\\[\](){}*+?|])"
)
_MOST_REPEATS = 3


def pattern_problem(pattern: str) -> tuple[str, str] | None:
    """Why a pattern is outside the subset, and what to do about it; None when it is fine."""
    at, repeats, closed = 0, 0, 0
    groups = [0]  # how much each open group can vary: 0 not, 1 a little, 2 without limit
    while at < len(pattern):
        found = _PATTERN.match(pattern, at)
        if not found:
            what = f"{pattern[at : at + 2]} is outside the patterns we read"
            return what, "Use letters, digits, [sets], \\d, \\w, ?, *, +, {n}, | and (groups)."
        kind, at, varies = found.lastgroup, found.end(), 0
        if kind == "open":
            groups.append(0)
        elif kind == "many":
            repeats, varies = repeats + 1, 2
        elif kind == "few":
            varies = 1 if closed == 0 or found[0] == "?" else 2
        elif kind == "or":
            varies = 1
        if (kind == "many" and closed) or (kind == "few" and closed == 2 and found[0] != "?"):
            return "a group that varies may not repeat", "Such a pattern can take for ever on a long text."
        closed = groups.pop() if kind == "close" and len(groups) > 1 else 0
        groups[-1] = max(groups[-1], varies, closed)
    if repeats > _MOST_REPEATS:
        return f"more than {_MOST_REPEATS} open-ended repeats", "Give some of them a limit: {0,9}."
    try:
        re.compile(pattern, re.ASCII)
    except re.error as error:
        return f"the pattern cannot be read: {error.msg}", ""
    return None
