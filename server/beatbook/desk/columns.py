"""Columns: what the list of records can show of each, and what suits the filter when nobody has chosen."""

from dataclasses import dataclass

from ..forms import Form
from ..forms.answers import is_told
from .filters import Filter

ANSWER = "answer."  # before the name of a question
MOST_ANSWERS = 4  # of a form, when nobody has chosen; more leaves no room for its title


@dataclass(frozen=True)
class Column:
    name: str
    label: str
    sort: str | None = None  # what `sort` in the address is when the list is ordered by it


# fmt: off
FIXED = (
    Column("form",     "Form"),
    Column("captured", "Captured", sort="captured"),
    Column("received", "Received", sort="received"),
    Column("place",    "Place"),
    Column("grid",     "Grid reference"),
    Column("device",   "Device"),
    Column("reviewer", "Decided by"),
)
# fmt: on


def offered(form: Form | None) -> list[Column]:
    """Every column that may be chosen: those of every record, and the questions when one form is filtered."""
    kinds = ("group", "repeat", "note", "image", "signature", "drawing")
    questions = (
        [one for one in form.fields_flat() if one.type not in kinds and is_told(one) and not form.homes[one.name]]
        if form
        else []
    )
    return [*FIXED, *(Column(f"{ANSWER}{one.name}", one.label) for one in questions)]


def shown(chosen: Filter, form: Form | None) -> list[Column]:
    """The columns of a list: those that were chosen, else the form's own summary, else what every record has."""
    by_name = {column.name: column for column in offered(form)}
    asked = [by_name[name] for name in chosen.columns if name in by_name]
    if asked:
        return asked
    if form is None:
        names = ["form", "captured", "received", "device"]
    else:
        answers = [f"{ANSWER}{name}" for name in form.columns if name != "place_text"][:MOST_ANSWERS]
        names = [*answers, "captured" if chosen.wanted.by_capture else "received"]
    return [by_name[name] for name in names if name in by_name]
