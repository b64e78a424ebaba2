"""Keeping: how long a task, an item of the tasking group or what was kept aside stays, and what people decide."""

from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import beside, keeping, retention
from ..forms.expressions import london
from ..keeping import Standing
from ..models import Redaction
from ..people import May
from ..problems import BadRequest, NotFound, Problem
from ..retention import Term
from .pages import page
from .retention import name_of
from .session import office_of, person_required


@dataclass(frozen=True)
class View:
    row: Any
    title: str
    back: str  # the page on which it stands
    term: Term
    label: str
    standing: Standing
    by: str
    is_own: bool
    erased: Redaction | None


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    return await draw(request)


@person_required(May.REVIEW)
async def decide(request: Request) -> Response:
    office, person, now = office_of(request), request.state.person, office_of(request).clock()
    kind, key = request.path_params["kind"], request.path_params["key"]
    async with request.form(max_files=0, max_fields=5) as form:
        what, words = str(form.get("kind", "")), str(form.get("words", ""))
    if what not in keeping.KINDS:
        raise BadRequest
    try:
        await office.database.write_soon(
            lambda session: beside.decide(session, kind, key, what, words, person=person, now=now)
        )
    except Problem as problem:
        if problem.status == NotFound.status:
            raise
        return await draw(request, refused=problem)
    if what == keeping.AGREE:
        await run_in_threadpool(office.note_erased)
    return RedirectResponse(f"/desk/keeping/{kind}/{key}", status_code=303)


async def draw(request: Request, refused: Problem | None = None) -> Response:
    view = await run_in_threadpool(read, request)
    return page(request, "keeping.html", status=refused.status if refused else 200, view=view, refused=refused)


def read(request: Request) -> View:
    """Errors: NotFound."""
    office, kind, key = office_of(request), request.path_params["kind"], request.path_params["key"]
    today = london(office.clock()).date()
    with office.database.reading() as session:
        row, term = beside.get(session, kind, key), beside.term_of(session, office.forms, kind, key, today)
        if not beside.KINDS[kind].by_hand:
            raise NotFound
        standing = keeping.standing(session, key)
        return View(
            row=row,
            title=beside.KINDS[kind].title(row),
            back=beside.KINDS[kind].address.format(key),
            term=term,
            label=retention.classes(office.forms, today)[term.kind].label,
            standing=standing,
            by=name_of(session, standing),
            is_own=standing.asked is not None and standing.asked.person_id == request.state.person.id,
            erased=session.get(Redaction, f"{kind}:{key}"),
        )
