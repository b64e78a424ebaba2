"""Filters: which records a list shows. The address is the filter, so that it can be kept, shared and gone back to."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from ..models import ReviewState
from ..problems import NotFound

MAX_SEQ = 2**63 - 1  # the largest number that the database compares


@dataclass(frozen=True)
class Filter:
    form_id: str | None = None
    state: ReviewState | None = None
    flag: str | None = None

    @property
    def chosen(self) -> dict[str, Any]:
        """As `submissions.find` takes it."""
        return {"form_id": self.form_id, "state": self.state, "flag": self.flag}

    def address(self, path: str, **more: str | int | None) -> str:
        """`path` under this filter, with `more` in its query."""
        given = {"state": self.state and self.state.value, "form": self.form_id, "flag": self.flag, **more}
        query = urlencode({name: value for name, value in given.items() if value is not None})
        return f"{path}?{query}" if query else path

    def with_state(self, state: ReviewState | None) -> "Filter":
        return replace(self, state=state)

    def with_form(self, form_id: str | None) -> "Filter":
        return replace(self, form_id=form_id)

    def with_flag(self, flag: str | None) -> "Filter":
        return replace(self, flag=flag)


def filter_of(request: Request) -> Filter:
    """Errors: NotFound for a state that there is not, for showing everything instead would mislead."""
    state = request.query_params.get("state") or None
    if state is not None and state not in list(ReviewState):
        raise NotFound
    asked = request.query_params
    return Filter(asked.get("form") or None, ReviewState(state) if state else None, asked.get("flag") or None)


def before_of(request: Request) -> int | None:
    """Errors: NotFound."""
    before = request.query_params.get("before") or None
    if before is None:
        return None
    if not (before.isascii() and before.isdigit()) or int(before[:20]) > MAX_SEQ:
        raise NotFound
    return int(before)
