"""Advice: which cards there are, whose review is due, and how often each was shown or given, where and when."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from .. import advice
from ..advice import AUDIENCES, Card, Showing
from ..office import Office
from ..people import May
from .pages import page
from .session import office_of, person_required
from .tasks import today, zone_of

WEEKS = 8


@dataclass(frozen=True)
class Row:
    card: Card
    past_review: bool
    left_out: bool  # its figures are out of date, and hidden
    shown: list[int]  # in each week, the oldest first
    total: int
    given: int  # records that note it as given


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    office, on = office_of(request), today(office_of(request))
    weeks = [monday(on) - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]
    counts, given = await run_in_threadpool(counted, office, weeks[0])
    rows = [row_of(card, counts, given, weeks, on) for card in office.cards]
    return page(
        request,
        "advice.html",
        rows=sorted(rows, key=lambda row: (not row.past_review, not row.left_out, row.card.code)),
        weeks=weeks,
        places=places(counts + given),
        today=on,
        audiences=AUDIENCES,
    )


def counted(office: Office, since: date) -> tuple[Counter[Showing], Counter[Showing]]:
    begin = datetime.combine(since, time(), zone_of(office)).astimezone(UTC)
    with office.database.reading() as session:
        return advice.shown(session, begin), advice.given(session, office.forms, begin)


def row_of(card: Card, counts: Counter[Showing], given: Counter[Showing], weeks: list[date], on: date) -> Row:
    shown = [sum(n for one, n in counts.items() if one.card == card.code and one.week == week) for week in weeks]
    return Row(
        card, card.is_past_review(on), card.said(on).left_out is not None, shown, sum(shown), times_of(card, given)
    )


def times_of(card: Card, counts: Counter[Showing]) -> int:
    return sum(times for one, times in counts.items() if one.card == card.code)


def places(counts: Counter[Showing]) -> list[tuple[str | None, int, list[tuple[str, int]]]]:
    """Each place with its cards, where most were shown first."""
    found: dict[str | None, Counter[str]] = {}
    for one, times in counts.items():
        found.setdefault(one.place, Counter())[one.card] += times
    return sorted(
        ((place, cards.total(), cards.most_common()) for place, cards in found.items()),
        key=lambda row: (row[0] is None, -row[1], row[0] or ""),
    )


def monday(on: date) -> date:
    return on - timedelta(days=on.weekday())
