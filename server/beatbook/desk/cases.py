"""Cases: the reports that wait for a decision, and the cases of anti-social behaviour; what is late stands first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from .. import authorisations, cases, people, reports
from ..cases import Report
from ..clocks import Clock
from ..forms import Forms
from ..models import Case, Device, Person, Priority, Role
from ..office import Office
from ..people import May
from . import case_words
from .pages import page
from .session import office_of, person_required
from .tasks import today

MOST_WAITING, MOST_CLOSED = 60, 30
TELL_WITHIN = timedelta(days=60)  # after that nobody is glad to hear that it came


@dataclass(frozen=True)
class Waiting:
    """A report about which something is still to be done."""

    report: Report
    clocks: list[Clock]

    @property
    def next(self) -> Clock:
        return next(clock for clock in self.clocks if clock.is_open)


@dataclass(frozen=True)
class Row:
    case: Case
    lead: str
    reports: int
    clocks: list[Clock]  # that still run, what runs out first first

    def pressing(self, on: date) -> list[Clock]:
        return [clock for clock in self.clocks if clock.is_pressing(on)]


@dataclass(frozen=True)
class Board:
    triage: list[Waiting]
    are_more: bool
    to_tell: list[Waiting]  # decided, and the reporter does not know yet that it came
    pressing: list[Row]  # late, or due today
    others: list[Row]
    closed: list[Case]


@dataclass(frozen=True)
class Doing:
    """What somebody wants done with a report or a case, as the form says it."""

    session: Session
    key: str  # of the report or the case
    given: Mapping[str, str]
    person: Person
    now: datetime
    forms: Forms


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    office = office_of(request)

    def read() -> Board:
        with office.database.reading() as session:
            return board(session, office, today(office))

    shown = await run_in_threadpool(read)
    return page(request, "cases.html", board=shown, today=today(office), say=case_words, reference=cases.reference)


def board(session: Session, office: Office, on: date) -> Board:
    found = reports.waiting(session, MOST_WAITING)
    triage = waiting(session, office, found)
    told = waiting(session, office, reports.unacknowledged(session, office.clock() - TELL_WITHIN))
    rows = going(session, office)
    return Board(
        triage=sorted(triage, key=lambda one: (one.next.due, not one.report.is_high)),
        are_more=len(found) >= MOST_WAITING,
        to_tell=[one for one in told if any(clock.is_open for clock in one.clocks)],
        pressing=pressing(rows, on),
        others=sorted((row for row in rows if not row.pressing(on)), key=lambda row: row.case.priority),
        closed=cases.closed(session, MOST_CLOSED),
    )


def going(session: Session, office: Office) -> list[Row]:
    return rows_of(session, office, cases.still_going(session))


def pressing(rows: Sequence[Row], on: date) -> list[Row]:
    """What is late or due today, the longest first (AS5)."""
    return sorted((row for row in rows if row.pressing(on)), key=lambda row: (row.clocks[0].due, row.case.priority))


def waiting(session: Session, office: Office, found: Sequence[reports.Submission]) -> list[Waiting]:
    return [Waiting(one, cases.report_clocks(one, office.forms)) for one in cases.as_reports(session, found)]


def rows_of(session: Session, office: Office, found: list[Case]) -> list[Row]:
    clocks = cases.case_clocks(session, found, office.forms)
    numbers, names = reports.count_by_case(session, list(clocks)), leads(session, everybody=True)
    return [
        Row(
            case,
            names.get(case.lead, "Somebody who left"),
            numbers.get(case.id, 0),
            [clock for clock in clocks[case.id] if clock.is_open],
        )
        for case in found
    ]


def leads(session: Session, *, everybody: bool = False) -> Mapping[str, str]:
    """Who may answer for a case, by the actor of the log; `everybody` names those too who have left since."""
    found = {
        f"person:{person.id}": person.name
        for person in session.exec(select(Person).order_by(col(Person.name)))
        if people.may(person.role, May.TASK) and (everybody or person.ended_at is None)
    }
    devices = select(Device).where(Device.role == Role.OFFICER).order_by(col(Device.name))
    for device in session.exec(devices):
        if everybody or device.retired_at is None:
            holder = authorisations.holder_of(session, device.id)
            found[f"device:{device.id}"] = holder.name if holder else device.name
    return found


# What a report suggests of the case that is opened from it.
SUGGESTED = {"high": Priority.HIGH, "medium": Priority.MEDIUM}
