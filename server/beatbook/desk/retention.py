"""Retention: how long each class is kept, what will be erased when, what is on hold, and what went lately."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import beside, events, keeping, retention, unlisted
from ..forms.dated import school_year
from ..forms.expressions import london
from ..forms.retention import From, Retention
from ..keeping import Standing
from ..models import Keeping, Person, Redaction, Submission
from ..people import May
from ..problems import BadRequest, NotFound, Problem
from ..retention import RAN, Forecast, Part
from . import record
from .filters import filter_of
from .pages import page
from .session import office_of, person_required

LATELY, LATELY_DAYS = 50, timedelta(days=30)  # records, and parts of records
COUNTED_FOR = timedelta(minutes=10)  # counting looks at every record
SINCE = {
    From.CLOSED: "the last decision",
    From.CAPTURED: "the day it happened",
    From.SCHOOL_YEAR: "the end of the school year",
    From.PAID: "payment",
    From.DRAWN: "the draw",
}


@dataclass(frozen=True)
class ClassRow:
    """One class, as the page lists it."""

    label: str
    period: str
    photos: str | None
    own: bool  # the council has set a period of its own
    forms: list[str]
    number: int
    next: tuple[date, int] | None
    held: int
    of: str  # what they are, if there is one


@dataclass(frozen=True)
class Other:
    """Something beside records that is held, or about which somebody asked."""

    title: str
    address: str
    standing: Standing
    by: str


@dataclass(frozen=True)
class View:
    rows: list[ClassRow]
    empty: list[ClassRow]  # classes of which there is no record
    months: list[tuple[date, list[tuple[str, int]]]]
    due: int
    standing: list[tuple[Submission, Standing, str]]  # with the name of who asked for it
    others: list[Other]
    erased: list[tuple[Redaction, Submission]]
    parts: list[Part]
    counted_at: datetime
    school_year_ends: date


@dataclass(frozen=True)
class Card:
    """On a record's page: until when it is kept, and what is being decided about that."""

    until: date | None  # none once it is erased
    photos_until: date | None
    label: str
    standing: Standing
    by: str  # who holds it, or asked
    is_own: bool  # the one who looks at it asked
    by_law: bool
    erased: Redaction | None


@person_required(May.SEE_KEEPING)
async def show(request: Request) -> Response:
    view = await run_in_threadpool(read, request)
    doubt = await run_in_threadpool(office_of(request).clock_is_in_doubt)
    return page(request, "retention.html", view=view, doubt=doubt, ran=request.query_params.get("ran") == "1")


@person_required(May.MANAGE)
async def run(request: Request) -> Response:
    """Erase at once what the next morning would erase, and nothing else."""
    office, now = office_of(request), office_of(request).clock()
    actor = f"person:{request.state.person.id}"
    await office.database.write_soon(lambda session: events.append(session, RAN, "retention", actor=actor, now=now))
    await run_in_threadpool(office.erase_over, now)
    return RedirectResponse("/desk/retention?ran=1#lately", status_code=303)


@person_required(May.REVIEW)
async def decide(request: Request) -> Response:
    """Hold a record or lift that, ask for it to be erased before its date, agree or decline."""
    office, instance_id, now = office_of(request), request.path_params["instance_id"], office_of(request).clock()
    person = request.state.person
    async with request.form(max_files=0, max_fields=5) as form:
        kind, words = str(form.get("kind", "")), str(form.get("words", ""))
    if kind not in keeping.KINDS:
        raise BadRequest

    def take(session: Session) -> list[str]:
        if kind == keeping.ASK:
            retention.ask(session, instance_id, words, person=person, now=now, forms=office.forms)
        elif kind == keeping.AGREE:
            return retention.agree(session, instance_id, person=person, now=now, forms=office.forms)
        else:
            retention.decide(session, instance_id, kind, words, person=person, now=now)
        return []

    try:
        files = await office.database.write_soon(take)
    except Problem as problem:
        if problem.status == NotFound.status:
            raise
        return await record.draw(request, filter_of(request), refused_keeping=problem)
    if kind == keeping.AGREE:
        await run_in_threadpool(office.sweep, files)
    return RedirectResponse(filter_of(request).address(f"/desk/records/{instance_id}") + "#keeping", status_code=303)


# What the pages show ----------------------------------------------------------------------------------------------


def read(request: Request) -> View:
    office = office_of(request)
    today = london(office.clock()).date()
    with office.database.reading() as session:
        if office.forecast is None or office.clock() - office.forecast[0] > COUNTED_FOR:
            made = retention.forecast(session, office.forms, today)
            for terms in (beside.terms, unlisted.terms):
                for term in terms(session, office.forms, today):
                    made.add(term, today)
            office.forecast = (office.clock(), made)
        counted_at, made = office.forecast
        standing = keeping.everywhere(session)
        found = session.exec(select(Submission).where(col(Submission.instance_id).in_(standing))).all()
        stands = [(one, standing[one.instance_id], name_of(session, standing[one.instance_id])) for one in found]
        others = others_of(session, standing)
        lately = retention.erased(session, limit=LATELY)
        parts = retention.erased_parts(session, office.clock() - LATELY_DAYS)
    titles: dict[str, list[str]] = {}
    for form in office.forms:
        titles.setdefault(form.retention, []).append(form.title)
    rows = [row_of(made, kind, titles.get(kind, [])) for kind in made.classes if kind != retention.NEVER_ERASED]
    by_month: dict[date, list[tuple[str, int]]] = {}
    for kind, months in made.months.items():
        for month, number in months.items():
            by_month.setdefault(month, []).append((made.classes[kind].label, number))
    return View(
        [row for row in rows if row.number],
        [row for row in rows if not row.number],
        sorted((month, sorted(labels)) for month, labels in by_month.items()),
        made.due,
        stands,
        others,
        lately,
        parts,
        counted_at,
        school_year(office.forms.settings, today)[1],
    )


def others_of(session: Session, standing: Mapping[str, Standing]) -> list[Other]:
    found = []
    for kind, known in beside.KINDS.items():
        for row in session.exec(select(known.table).where(col(known.table.id).in_(standing))) if known.by_hand else ():
            stands = standing[row.id]
            found.append(Other(known.title(row), f"/desk/keeping/{kind}/{row.id}", stands, name_of(session, stands)))
    return found


def row_of(made: Forecast, kind: str, titles: list[str]) -> ClassRow:
    one = made.classes[kind]
    return ClassRow(
        one.label,
        period_of(one.years, one.days, one.counted_from),
        period_of(0, one.photo_days, one.photos_counted_from) if one.photo_days else None,
        one != (retention.RETENTION | retention.OTHERS)[kind],
        sorted(titles),
        sum(made.months[kind].values()) + made.held[kind],
        made.next.get(kind),
        made.held[kind],
        "photo" if kind == unlisted.CLASS else "record",
    )


def period_of(years: int, days: int, counted_from: From) -> str:
    parts = [
        f"{number} {unit}{'' if number == 1 else 's'}" for number, unit in ((years, "year"), (days, "day")) if number
    ]
    since = SINCE[counted_from]
    return f"{' and '.join(parts)} from {since}" if parts else f"until {since}"


def card_of(session: Session, request: Request, submission: Submission) -> Card:
    office = office_of(request)
    today = london(office.clock()).date()
    standing = keeping.standing(session, submission.instance_id)
    erased = session.get(Redaction, submission.instance_id)
    whole = erased if erased is not None and retention.is_stub(erased) else None
    term = retention.term_of(session, office.forms, submission, today) if whole is None else None
    kinds: dict[str, Retention] = retention.classes(office.forms, today)
    asked = standing.asked
    return Card(
        until=term.until if term else None,
        photos_until=term.photos_until if term else None,
        label=kinds[term.kind].label if term else "",
        standing=standing,
        by=name_of(session, standing),
        is_own=asked is not None and asked.person_id == request.state.person.id,
        by_law=retention.regime_of(session, office.forms, submission) == "le_part3",
        erased=whole,
    )


def name_of(session: Session, standing: Standing) -> str:
    row: Keeping | None = standing.hold or standing.asked
    person = session.get(Person, row.person_id) if row else None
    return person.name if person else ""
