"""Exhibits: the marks by which the photos of a record are called, in a statement and wherever they are kept (EV8).

The officer's initials and a running number: SF/1. A working copy and the camera's own file behind it are one exhibit.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from .forms.pictures import is_original

NOBODY = "EX"  # before the number where a record does not say who made it
Listed = tuple[str, int]  # as what it is attached, and at which position


def marks(given: Mapping[str, Any], listed: Iterable[Listed]) -> dict[Listed, str]:
    said = given.get("officer_name")
    name = said if isinstance(said, str) else ""
    initials = "".join(word[0] for word in name.split()).upper() or NOBODY
    counted: Counter[bool] = Counter()
    found = {}
    for field, position in sorted(listed, key=lambda one: one[1]):
        counted[is_original(field)] += 1
        found[field, position] = f"{initials}/{counted[is_original(field)]}"
    return found
