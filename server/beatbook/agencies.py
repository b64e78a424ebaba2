"""Agencies: who sits at the tasking group, as the list `agencies` says, and what may be shared with them.

An information sharing agreement whose review date has passed counts as unsigned: then an agency gets depersonalised
packs only (NT4). Whether one is a relevant authority under section 115 decides which gateway is open to it (NT3).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from .forms import Forms
from .forms.lists import WITHDRAWN, Row

LIST = "agencies"
SIGNED, PASSED, UNSIGNED = "signed", "passed", "unsigned"


@dataclass(frozen=True)
class Representative:
    name: str
    role: str = ""


@dataclass(frozen=True)
class Agency:
    name: str  # in the list, and wherever a row names it
    label: str
    kind: str = ""
    relevant_authority: bool = False
    signed_on: date | None = None
    review_on: date | None = None
    email: str = ""
    representatives: tuple[Representative, ...] = ()
    withdrawn: bool = False

    def agreement(self, on: date) -> str:
        """How its agreement stands. One without a date of review is never current: somebody must look at it again."""
        if self.signed_on is None or self.signed_on > on:
            return UNSIGNED
        return SIGNED if self.review_on is not None and self.review_on >= on else PASSED

    def has_agreement(self, on: date) -> bool:
        return self.agreement(on) == SIGNED


def register(forms: Forms) -> dict[str, Agency]:
    """Every agency by its name, also those that were withdrawn: old meetings speak of them."""
    return {row["name"]: agency_of(row) for row in forms.lists.get(LIST, ())}


def sitting(forms: Forms) -> list[Agency]:
    """Those that are invited to meetings."""
    return [one for one in register(forms).values() if not one.withdrawn]


def label(known: Mapping[str, Agency], name: str) -> str:
    return known[name].label if name in known else name


def own(forms: Forms, unit: str) -> str | None:
    """Which of them is the unit that keeps this desk: what it knows is disclosed to nobody by telling it."""
    return next((one.name for one in register(forms).values() if one.label == unit), None)


def agency_of(row: Row) -> Agency:
    return Agency(
        name=row["name"],
        label=row["label"],
        kind=row.get("kind", ""),
        relevant_authority=row.get("relevant_authority") == "yes",
        signed_on=day_of(row.get("isa_signed_on", "")),
        review_on=day_of(row.get("isa_review_on", "")),
        email=row.get("secure_email", ""),
        representatives=representatives_of(row.get("reps", "")),
        withdrawn=bool(row.get(WITHDRAWN)),
    )


def representatives_of(cell: str) -> tuple[Representative, ...]:
    """Kerry (chair); Sarah (minutes)."""
    found = []
    for part in cell.split(";"):
        name, _, role = part.strip().partition("(")
        if name.strip():
            found.append(Representative(name.strip(), role.rstrip(") ").strip()))
    return tuple(found)


def day_of(cell: str) -> date | None:
    try:
        return date.fromisoformat(cell)
    except ValueError:
        return None
