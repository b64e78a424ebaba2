"""Notice: the paper that a record gave, as it is printed, the steps that follow it, and the list of all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import authorisations, events, exhibits, notices, submissions
from ..forms import Form
from ..forms.expressions import london
from ..forms.pictures import is_original
from ..models import Notice, NoticeStep, StepKind, Submission
from ..notices import OPEN, Standing, State
from ..office import Office
from ..people import May
from ..problems import BadRequest, NotFound, Problem
from . import record
from .filters import filter_of
from .notice_card import STANDINGS
from .pages import page
from .session import office_of, person_required
from .words import StateWords, plain_day

Words = Callable[[Form, dict[str, Any], Any], list[list[tuple[str, bool]]]]


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    """The paper. Errors: NotFound, NoticeIncomplete."""
    return await paper(request, notices.paragraphs, "notice.shown", title=None)


@person_required(May.READ_RECORDS)
async def statement(request: Request) -> Response:
    """What the officer states for the court, to be read, mended by hand and signed. Errors: NotFound."""
    return await paper(request, notices.statement, "notice.stated", title="Witness statement")


async def paper(request: Request, words: Words, kind: str, *, title: str | None) -> Response:
    """Opening one is a reading of personal data, written down first."""
    office, instance_id, now = office_of(request), request.path_params["instance_id"], office_of(request).clock()
    actor = f"person:{request.state.person.id}"

    def read() -> dict[str, Any]:
        with office.database.reading() as session:
            submission = submissions.get(session, instance_id)
            notice = notices.get(session, instance_id)
            form = office.forms.find(submission.form_id, submission.form_version)
            if form is None or form.issue is None:
                raise NotFound
            said = words(form, submissions.answers_of(submission), office.forms.lists)
            named = exhibits_of(session, form, submission) if title else []
            return {"notice": notice, "title": title or form.issue.title, "paragraphs": said, "exhibits": named}

    shown = await run_in_threadpool(read)
    if request.method == "GET":
        await office.database.write_soon(
            lambda session: events.append(session, kind, instance_id, actor=actor, now=now)
        )
    return page(request, "notice.html", is_statement=title is not None, **shown)


def exhibits_of(session: Session, form: Form, submission: Submission) -> list[tuple[str, str, str]]:
    """EV8: each exhibit by the mark under which it is kept, what it is, and its SHA-256."""
    listed = submissions.photos_of(session, submission.instance_id)
    found = exhibits.marks(submissions.answers_of(submission), [(one.field, one.position) for one in listed])
    return [
        (found[one.field, one.position], field.label if (field := form.field(one.field)) else one.field, one.sha256)
        for one in listed
        if not is_original(one.field)
    ]


@person_required(May.REVIEW)
async def step(request: Request) -> Response:
    """Write down what happened to it. What is wrong with the step is said on the record's page."""
    office, instance_id = office_of(request), request.path_params["instance_id"]
    async with request.form(max_files=0, max_fields=10) as form:
        given = {
            name: str(form.get(name, "")).strip() for name in ("kind", "on", "amount", "reference", "reason", "note")
        }
    if given["kind"] not in [kind.value for kind in StepKind]:
        raise BadRequest
    person = request.state.person

    def take(session: Session) -> None:
        submission = submissions.get(session, instance_id)
        notices.take_step(
            session,
            instance_id,
            StepKind(given["kind"]),
            person=person,
            officer=str(submissions.answers_of(submission).get("officer_name", "")),
            now=office.clock(),
            on=day_of(given["on"]),
            amount=pence_of(given["amount"]),
            reference=given["reference"] or None,
            reason=given["reason"] or None,
            note=given["note"] or None,
        )

    try:
        await office.database.write_soon(take)
    except Problem as problem:
        if problem.status == NotFound.status:
            raise
        return await record.draw(request, filter_of(request), refused=problem)
    return RedirectResponse(f"/desk/records/{instance_id}#notice", status_code=303)


def day_of(text: str) -> date | None:
    """Errors: BadRequest."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadRequest from None


def pence_of(text: str) -> int | None:
    """Pounds as people type them: 150, £150, 74.50. Errors: BadRequest."""
    try:
        return int(Decimal(text.replace("£", "").replace(",", "").strip()) * 100) if text else None
    except (InvalidOperation, ValueError, OverflowError):
        raise BadRequest from None


# All of them ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    notice: Notice
    title: str
    standing: Standing
    next: str  # what comes next, and when

    @property
    def words(self) -> StateWords:
        return STANDINGS[self.standing.state]


@person_required(May.READ_RECORDS)
async def all_of_them(request: Request) -> Response:
    """Every notice with where it stands today. It names nobody."""
    office, wanted = office_of(request), request.query_params.get("state", "")

    def read() -> list[Row]:
        with office.database.reading() as session:
            today = london(office.clock()).date()
            return [row_of(office, notice, steps, today) for notice, steps in notices.all_with_steps(session)]

    rows = await run_in_threadpool(read)
    counts = {state: sum(row.standing.state is state for row in rows) for state in State}
    shown = [row for row in rows if wanted in ("", row.standing.state) or (wanted == "open" and row.standing.is_open)]
    return page(
        request,
        "notices.html",
        rows=shown,
        total=len(rows),
        open_ones=sum(row.standing.is_open for row in rows),
        counts={state: count for state, count in counts.items() if count},
        standings=STANDINGS,
        wanted=wanted,
    )


def row_of(office: Office, notice: Notice, steps: list[NoticeStep], today: date) -> Row:
    standing = notices.standing(notice, steps, today)
    return Row(notice, authorisations.NAMES.get(notice.offence, notice.offence), standing, next_of(notice, standing))


def next_of(notice: Notice, standing: Standing) -> str:
    if standing.state not in OPEN or standing.pay_by is None or standing.legal_from is None:
        return ""
    if standing.state is State.DISCOUNT_OPEN and notice.discount_until is not None:
        return f"Early payment until {plain_day(notice.discount_until + timedelta(days=standing.stopped))}"
    if standing.state is State.FULL_OPEN:
        return f"Pay by {plain_day(standing.pay_by)}"
    if standing.state is State.REPRESENTATION:
        return "Answer it: the clocks stand still"
    if standing.state is State.REMINDER_DUE:
        return "Send the reminder"
    return f"Court possible from {plain_day(standing.legal_from)}"
