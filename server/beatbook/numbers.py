"""Numbers: every device counts its records, so one that never came leaves a gap, and a copied device counts twice.

What the device says of a number that did not come (thrown away, still waiting) is kept with its contact; a number of
which it knows nothing is a record that is lost, and only a person can find out what it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import LargeBinary
from sqlmodel import Session, col, func, select

from . import envelope
from .models import Contact, Quarantine, Submission

MOST_RANGES = 100  # gaps that are told and shown; a device with more of them needs more than a list
MOST_ACCOUNTED = 500  # numbers in a device's own account


class Fate(StrEnum):
    """What a device says of a number that has no receipt."""

    WAITING = "waiting"
    STUCK = "stuck"
    UNFINISHED = "unfinished"  # finished once, then pulled back
    DISCARDED = "discarded"
    BEFORE = "before"  # counted before this device was set up as what it is now


@dataclass(frozen=True)
class Numbers:
    highest: int = 0
    gaps: tuple[tuple[int, int], ...] = ()  # first and last number of each run that never came
    repeated: tuple[int, ...] = ()  # numbers under which different records came

    def to_wire(self) -> dict[str, Any]:
        return {"highest": self.highest, "missing": [list(gap) for gap in self.gaps]}


@dataclass(frozen=True)
class Account:
    """What a device says of its own numbers."""

    highest: int
    before: int  # up to this one they were counted under another name
    fates: Mapping[int, Fate] = field(default_factory=dict)

    def fate(self, number: int) -> Fate | None:
        return self.fates.get(number) or (Fate.BEFORE if number <= self.before else None)


@dataclass(frozen=True)
class Run:
    """Numbers in a row that did not come and have the same reason."""

    first: int
    last: int
    fate: Fate | None  # None: the device does not know of them, or has not said


def of(session: Session, device_id: str) -> Numbers:
    """Which of a device's numbers came. What was kept aside came too: it is not lost."""
    return of_all(session, device_id).get(device_id, Numbers())


def of_all(session: Session, device_id: str | None = None) -> dict[str, Numbers]:
    """The same for every device, or for one; only devices with a fault cost more than their share of one query."""
    aside = numbers_aside(session, device_id)
    query = counted(func.max(Submission.counter), func.count(func.distinct(Submission.counter)), func.count())
    rows = {row[0]: row[1:] for row in session.exec(for_device(query, device_id))}
    found = {}
    for one in {*rows, *aside}:
        highest, distinct, count = rows.get(one, (0, 0, 0))
        if distinct == count == highest and max(aside.get(one, [0])) <= highest:
            found[one] = Numbers(highest)
        else:
            found[one] = looked_at(session, one, aside.get(one, []))
    return found


def counted(*what: Any) -> Any:
    query = select(Submission.device_id, *what).where(col(Submission.counter) > 0)  # 0 is no number of a record
    return query.group_by(col(Submission.device_id))


def for_device(query: Any, device_id: str | None) -> Any:
    return query if device_id is None else query.where(Submission.device_id == device_id)


def looked_at(session: Session, device_id: str, aside: list[int]) -> Numbers:
    query = select(Submission.counter, func.count()).where(
        Submission.device_id == device_id, col(Submission.counter) > 0
    )
    came = {number: count for number, count in session.exec(query.group_by(col(Submission.counter))) if number}
    repeated = sorted(number for number, count in came.items() if count > 1)
    return Numbers(max([*came, *aside]), gaps_in([*came, *aside]), tuple(repeated[:MOST_RANGES]))


def numbers_aside(session: Session, device_id: str | None) -> dict[str, list[int]]:
    start = func.substr(Quarantine.payload, 1, envelope.GUESSED_FROM, type_=LargeBinary)
    query = select(Quarantine.device_id, start)
    if device_id is not None:
        query = query.where(Quarantine.device_id == device_id)
    found: dict[str, list[int]] = {}
    rows: Any = session.exec(query)
    for one, payload in rows:
        number = envelope.guess_counter(payload)
        if number:
            found.setdefault(one, []).append(number)
    return found


def gaps_in(numbers: list[int]) -> tuple[tuple[int, int], ...]:
    gaps, before = [], 0
    for number in sorted(set(numbers)):
        if number > before + 1:
            gaps.append((before + 1, number - 1))
        before = number
    return tuple(gaps[:MOST_RANGES])


def runs(found: Numbers, account: Account | None) -> list[Run]:
    """Every number that should be here and is not, with what the device says of it."""
    spans = list(found.gaps)
    if account and account.highest > found.highest:
        spans.append((found.highest + 1, account.highest))
    return [run for span in spans for run in split(span, account)]


def split(span: tuple[int, int], account: Account | None) -> list[Run]:
    """A gap in runs of one reason. Only numbers that the account names can differ, so a wide gap costs nothing."""
    first, last = span
    if account is None:
        return [Run(first, last, None)]
    edges = {number for named in account.fates if first <= named <= last for number in (named, named + 1)}
    if first <= account.before < last:
        edges.add(account.before + 1)
    starts = sorted({first, *(edge for edge in edges if first <= edge <= last)})
    made: list[Run] = []
    for start, end in zip(starts, [*(start - 1 for start in starts[1:]), last], strict=True):
        fate = account.fate(start)
        if made and made[-1].fate is fate:
            made[-1] = Run(made[-1].first, end, fate)
        else:
            made.append(Run(start, end, fate))
    return made


# What a device says ---------------------------------------------------------------------------------------------


def tidy_account(said: Any) -> dict[str, Any] | None:
    """The account in the shape in which it is kept; None when there is none that can be read."""
    if not isinstance(said, dict):
        return None
    highest, before, without = envelope.counter_of(said.get("highest")), said.get("before"), said.get("without")
    if highest is None or not isinstance(without, list):
        return None
    fates = {
        str(number): row["is"]
        for row in without[:MOST_ACCOUNTED]
        if isinstance(row, dict)
        and (number := envelope.counter_of(row.get("counter")))
        and row.get("is") in set(Fate) - {Fate.BEFORE}
    }
    return {"highest": highest, "before": envelope.counter_of(before) or 0, "fates": fates}


def account_of(contact: Contact | None) -> Account | None:
    kept = contact.account if contact else None
    if not kept:
        return None
    fates = {int(number): Fate(fate) for number, fate in kept["fates"].items()}
    return Account(kept["highest"], kept["before"], fates)
