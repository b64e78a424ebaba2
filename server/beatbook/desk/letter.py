"""Letter: what somebody who reported behaviour gets on paper: that it came, with a diary, or how it ended."""

from dataclasses import dataclass

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from .. import cases, clocks, events
from ..cases import Report
from ..forms import answers
from ..models import Case, CaseState, EntryKind
from ..people import May
from ..problems import NotFound
from . import case_words
from .cases import leads
from .pages import page
from .session import office_of, person_required
from .tasks import today

DIARY_ROWS = 14  # two weeks, one line a day; fills a page of A4 with room to write
ENDING = (CaseState.CLOSING, CaseState.CLOSED)


@dataclass(frozen=True)
class Letter:
    report: Report
    about: str  # what it is, as the form calls it
    case: Case | None
    lead: str
    summary: str | None  # of a case that ends
    review: str  # when a case review may be asked for

    @property
    def is_last(self) -> bool:
        return self.case is not None and self.case.state in ENDING


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    """It carries a name and an address: opening it is written down. Nobody is written to who is not to be told.

    Errors: NotFound.
    """
    office, person, instance_id = office_of(request), request.state.person, request.path_params["instance_id"]

    def read() -> Letter:
        with office.database.reading() as session:
            return letter(session, request)

    shown = await run_in_threadpool(read)
    if request.method == "GET":
        actor = f"person:{person.id}"
        await office.database.write_soon(
            lambda session: events.append(session, "report.letter-shown", instance_id, actor=actor, now=office.clock())
        )
    return page(
        request,
        "letter.html",
        letter=shown,
        today=today(office),
        diary=range(DIARY_ROWS),
        say=case_words,
        reference=cases.reference,
    )


def letter(session: Session, request: Request) -> Letter:
    office = office_of(request)
    report = cases.report_of(session, request.path_params["instance_id"])
    if not report.may_be_told:
        raise NotFound
    one = report.submission
    form = office.forms.find(one.form_id, one.form_version)
    case = cases.get(session, report.standing.case_id) if report.standing.case_id else None
    needed, months = (
        clocks.amount(office.forms, f"asb.{name}", today(office)) for name in ("review_reports", "review_months")
    )
    return Letter(
        report=report,
        about=answers.words_of(form, "category", report.given, office.forms.lists).lower() if form else "",
        case=case,
        lead=leads(session, everybody=True).get(case.lead, "") if case else "",
        summary=summary_of(session, case) if case else None,
        review=f"{needed} times in {months} months, each time within a month of what happened",
    )


def summary_of(session: Session, case: Case) -> str | None:
    """What was written down when the case began to close."""
    found = [one for one in cases.entries(session, case.id) if one.kind is EntryKind.MOVED]
    closing = [one for one in found if one.code == CaseState.CLOSING]
    return closing[-1].words if closing else None
