"""Shown: how often which card was shown to people, where and in which week.

A phone counts offline and hands its counts in as one submission for some hours of work (the built-in form
`advice_shown`), by the one way in that everything takes: it arrives once, is sealed, and is gone after its retention.
Counters beside the contact report would be overwritten, and a phone that was wiped would take them along. There is no
table of counts: a year of a district is a few thousand of these records, read in some milliseconds.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from .. import envelope
from ..models import Submission

FORM = "advice_shown"
MOST_TIMES = 1000  # of one card in one report; more is a mistake


@dataclass(frozen=True)
class Showing:
    card: str
    place: str | None
    week: date  # its Monday


def shown(session: Session, since: datetime) -> Counter[Showing]:
    """What was shown since then, by card, place and week."""
    query = select(Submission.payload).where(Submission.form_id == FORM, col(Submission.received_at) >= since)
    counts: Counter[Showing] = Counter()
    for payload in session.exec(query):
        for card, place, day, times in rows_of(envelope.read(payload).answers.get("shown")):
            counts[Showing(card, place, day - timedelta(days=day.weekday()))] += times
    return counts


def rows_of(rows: Any) -> Iterator[tuple[str, str | None, date, int]]:
    """The rows that make sense, of what a device sent."""
    for row in rows if isinstance(rows, list) else []:
        if not isinstance(row, dict):
            continue
        card, times, day = envelope.text_of(row.get("card")), row.get("times"), day_of(row.get("day"))
        if card and day and isinstance(times, int) and not isinstance(times, bool) and 0 < times <= MOST_TIMES:
            yield card, envelope.text_of(row.get("place")) or None, day, times


def day_of(value: Any) -> date | None:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return None
