"""Briefing: what the unit looks at when its day begins: what came in since the last one, what is due, what is late."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlmodel import Session, col, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from .. import hotspots, listings, submissions, tasking, tasks
from ..hotspots import Candidates
from ..models import Submission, TaskingAction
from ..office import Office
from ..people import May
from ..submissions import flags
from . import case_words, words
from .cases import Row as CaseRow
from .cases import going, pressing
from .pages import page
from .records import form_title
from .session import office_of, person_required
from .tasks import Row, rows_of, today, zone_of

BRIEFED_AT = time(8, 30)
MOST_RECORDS = 500  # of one briefing; a busier weekend is looked at in the list of records
MOST_HOTSPOTS = 5
SATURDAY = 5


@dataclass(frozen=True)
class Place:
    """What came in from one place."""

    name: str | None
    records: list[tuple[Submission, str]]  # and the title of its form

    @property
    def forms(self) -> list[tuple[str, int]]:
        titles = [title for _, title in self.records]
        return sorted({title: titles.count(title) for title in titles}.items())


@dataclass(frozen=True)
class View:
    since: datetime
    places: list[Place]
    total: int
    cut: bool
    urgent: list[tuple[Submission, str]]  # and its flags in words
    to_check: list[tuple[Submission, str]]
    waiting: int
    overdue: list[Row]
    due: list[Row]
    late: list[TaskingAction]
    cases: list[CaseRow]  # late, or due today
    hotspots: Candidates


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    office = office_of(request)

    def read() -> View:
        with office.database.reading() as session:
            return view(session, office)

    return page(request, "briefing.html", view=await run_in_threadpool(read), today=today(office), say=case_words)


def view(session: Session, office: Office) -> View:
    now, on, zone = office.clock(), today(office), zone_of(office)
    since = datetime.combine(working_day_before(on), BRIEFED_AT, zone).astimezone(UTC)
    records = received_since(session, since)
    late_tasks = tasks.overdue(session, now)
    late_ids = {task.id for task in late_tasks}
    begin = datetime.combine(on, time(), zone).astimezone(UTC)
    due = [task for task in tasks.between(session, begin, begin + timedelta(days=1)) if task.id not in late_ids]
    return View(
        since=since,
        places=by_place(office, records[:MOST_RECORDS]),
        total=len(records[:MOST_RECORDS]),
        cut=len(records) > MOST_RECORDS,
        urgent=[(record, said) for record in records if (said := flags_of(record, flags.URGENT))],
        to_check=[(record, said) for record in records if (said := to_check(record))],
        waiting=listings.waiting(session),
        overdue=rows_of(session, late_tasks, now),
        due=rows_of(session, due, now),
        late=tasking.late(session, on),
        cases=pressing(going(session, office), on),
        hotspots=hotspots.candidates(session, office.forms, now=now, zone=zone, most=MOST_HOTSPOTS),
    )


def flags_of(record: Submission, level: str) -> str:
    return ", ".join(flag["label"] for flag in record.flags if flag["level"] == level)


def to_check(record: Submission) -> str:
    """What is odd about a record and not urgent."""
    warned = words.said_here(record.warnings[0]["detail"]) if record.warnings else ""
    return ". ".join(said for said in (flags_of(record, flags.CHECK), warned) if said)


def working_day_before(on: date) -> date:
    """On a Monday the Friday: the briefing looks back over the weekend."""
    before = on - timedelta(days=1)
    while before.weekday() >= SATURDAY:
        before -= timedelta(days=1)
    return before


def received_since(session: Session, since: datetime) -> list[Submission]:
    query = select(Submission).where(col(Submission.received_at) >= since, submissions.of_form(None))
    return list(session.exec(query.order_by(col(Submission.seq).desc()).limit(MOST_RECORDS + 1)))


def by_place(office: Office, records: list[Submission]) -> list[Place]:
    """Where most happened first; what names no place comes last."""
    found: dict[str, Place] = {}
    for record in records:
        place = found.setdefault((record.place or "").casefold(), Place(record.place, []))
        place.records.append((record, form_title(office.forms, record.form_id)))
    return sorted(found.values(), key=lambda place: (place.name is None, -len(place.records), place.name or ""))
