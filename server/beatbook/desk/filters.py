"""Filters: which records a list shows. The address is the filter, so that it can be kept, shared and gone back to."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from starlette.requests import Request

from .. import grid
from ..listings import Wanted
from ..models import ReviewState
from ..problems import NotFound
from .session import office_of

MAX_SEQ = 2**63 - 1  # the largest number that the database compares
LONGEST = 200  # characters of one value; nobody searches for more
MOST_COLUMNS = 14  # a wider table is a spreadsheet, and there is an export for that

# What stands in the address, and what it is called in `Wanted`.
# fmt: off
NAMES = {
    "q":      "words",
    "form":   "form_id",
    "state":  "state",
    "photos": "complete",
    "flag":   "flag",
    "from":   "since",
    "to":     "until",
    "place":  "place",
    "square": "square",
    "device": "device_id",
    "person": "person_id",
    "sort":   "by_capture",
}
# fmt: on


@dataclass(frozen=True)
class Filter:
    wanted: Wanted = field(default_factory=Wanted)
    columns: tuple[str, ...] = ()  # which the table shows; none is those that suit

    @property
    def form_id(self) -> str | None:
        return self.wanted.form_id

    @property
    def state(self) -> ReviewState | None:
        return self.wanted.state

    @property
    def is_reviewing(self) -> bool:
        return self.state is ReviewState.RECEIVED

    @property
    def given(self) -> dict[str, str]:
        """What is chosen, as it stands in the address."""
        values = {name: written(name, getattr(self.wanted, member)) for name, member in NAMES.items()}
        values["columns"] = ",".join(self.columns) or None
        return {name: value for name, value in values.items() if value is not None}

    @property
    def narrows(self) -> dict[str, str]:
        """What of it hides records, as opposed to ordering or drawing them."""
        return {name: value for name, value in self.given.items() if name not in ("sort", "columns")}

    @property
    def query(self) -> str:
        return urlencode(self.given)

    def address(self, path: str, **more: str | int | None) -> str:
        """`path` under this filter, with `more` in its query."""
        query = urlencode({**self.given, **{name: value for name, value in more.items() if value is not None}})
        return f"{path}?{query}" if query else path

    def but(self, **changes: Any) -> "Filter":
        """The same but for some members of `Wanted`. Another form has other columns."""
        columns = () if "form_id" in changes else self.columns
        return Filter(replace(self.wanted, **changes), columns)

    def without(self, name: str) -> "Filter":
        """The same without what `name` says in the address."""
        return self.but(**{NAMES[name]: False if name == "sort" else None})


def filter_of(request: Request) -> Filter:
    """Errors: NotFound for a choice that there is not, for showing everything instead would mislead."""
    query = request.query_params
    return read(query, ZoneInfo(office_of(request).settings.time_zone), query.getlist("column"))


def filter_from(query: str, zone: ZoneInfo) -> Filter:
    """The filter of a query that was saved. Errors: NotFound."""
    return read(dict(parse_qsl(query)), zone)


def read(query: Mapping[str, str], zone: ZoneInfo, ticked: Sequence[str] = ()) -> Filter:
    """`ticked` are columns one by one, as a form without a script sends them."""
    given = {name: " ".join(query[name].split())[:LONGEST] for name in NAMES if query.get(name, "").strip()}
    columns = [name for name in [*query.get("columns", "").split(","), *ticked] if re.fullmatch(r"[\w.]+", name)]
    wanted = Wanted(
        words=given.get("q"),
        form_id=given.get("form"),
        state=ReviewState(choice(given, "state", list(ReviewState))) if "state" in given else None,
        complete=choice(given, "photos", ["whole", "waiting"]) == "whole" if "photos" in given else None,
        flag=given.get("flag"),
        since=day_of(given.get("from")),
        until=day_of(given.get("to")),
        place=given.get("place"),
        square=square_of(given.get("square")),
        device_id=given.get("device"),
        person_id=given.get("person"),
        by_capture=choice(given, "sort", ["received", "captured"]) == "captured" if "sort" in given else False,
        zone=zone,
    )
    return Filter(wanted, tuple(columns[:MOST_COLUMNS]))


def number_of(request: Request, name: str) -> int | None:
    """The number of a record in the query. Errors: NotFound."""
    number = request.query_params.get(name) or None
    if number is None:
        return None
    if not (number.isascii() and number.isdigit()) or int(number[:20]) > MAX_SEQ:
        raise NotFound
    return int(number)


# Helpers ----------------------------------------------------------------------------------------------------------


def choice(given: Mapping[str, str], name: str, choices: list[Any]) -> str:
    """Errors: NotFound."""
    if given[name] not in choices:
        raise NotFound
    return given[name]


def day_of(given: str | None) -> date | None:
    """Errors: NotFound."""
    if given is None:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        raise NotFound from error


def square_of(given: str | None) -> grid.Square | None:
    """Errors: NotFound."""
    if given is None:
        return None
    square = grid.read_square(given)
    if square is None:
        raise NotFound
    return square


WORDS: dict[str, dict[bool, str | None]] = {
    "photos": {True: "whole", False: "waiting"},
    "sort": {True: "captured", False: None},
}


def written(name: str, value: Any) -> str | None:
    """A member of `Wanted` as the address says it."""
    if isinstance(value, bool):
        return WORDS[name][value]
    return None if value is None else str(value)
