"""The review queue: one record after the other, exactly those of the filter, decided with one hand on the keys.

The list is frozen when the queue is opened: what is decided drops out of the filter, but nobody's place moves. With a
script the next records are fetched ahead and decisions go out in the background; without one every step is a page.
"""

from dataclasses import dataclass

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from .. import events, listings, submissions
from ..models import ReviewState
from ..people import May
from ..problems import BadRequest, NotFound, Problem
from ..submissions import REASONS, Nearby, remarks
from .evidence import Evidence, evidence_of
from .filters import Filter, filter_of
from .pages import page
from .record import DECISIONS, neighbour, note_opened
from .session import office_of, person_required

MOST = 1000  # records of one sitting; nobody reviews more between two cups of tea
LATER, FLAG, DUPLICATE, COMMENT, UNDO = "later", "flag", "duplicate", "comment", "undo"
ACTS = (LATER, FLAG, DUPLICATE, COMMENT, UNDO)


@dataclass(frozen=True)
class Case:
    evidence: Evidence
    nearby: list[Nearby]
    next_id: str | None
    previous_id: str | None
    is_mended: bool


@person_required(May.REVIEW)
async def start(request: Request) -> Response:
    """The first record of the filter; of everything that waits, when there is none."""
    chosen = chosen_of(request)

    def first() -> list[str]:
        with office_of(request).database.reading() as session:
            return listings.instance_ids(session, listings.find_numbers(session, chosen.wanted, limit=1))

    found = await run_in_threadpool(first)
    if found:
        return RedirectResponse(chosen.address(f"/desk/review/{found[0]}"), status_code=303)
    return page(request, "queue_empty.html", chosen=chosen)


@person_required(May.REVIEW)
async def listed(request: Request) -> Response:
    """The frozen list: the numbers of its records, in their order."""
    chosen = chosen_of(request)

    def read() -> list[str]:
        with office_of(request).database.reading() as session:
            return listings.instance_ids(session, listings.find_numbers(session, chosen.wanted, limit=MOST))

    return JSONResponse({"records": await run_in_threadpool(read)})


@person_required(May.REVIEW)
async def show(request: Request) -> Response:
    """One record of the queue. `?part` is a record that is fetched ahead, and logged as such."""
    office, instance_id = office_of(request), request.path_params["instance_id"]
    chosen, is_part = chosen_of(request), "part" in request.query_params
    if is_part:
        actor, now = f"person:{request.state.person.id}", office.clock()

        def note(session: Session) -> None:
            submissions.get(session, instance_id)
            events.append(session, "submission.fetched", instance_id, actor=actor, now=now)

        await office.database.write_soon(note)
    else:
        await note_opened(request)
    return await draw(request, chosen, "case.html" if is_part else "queue.html")


@person_required(May.REVIEW)
async def look(request: Request) -> Response:
    """A record came onto the screen. Says who else looks at it, and whether somebody decided since it was fetched."""
    await note_opened(request)
    return await seen(request)


@person_required(May.REVIEW, by_itself=True)
async def still(request: Request) -> Response:
    """The record is still on the screen. The page says so by itself, so it does not keep anybody signed in."""
    office, person = office_of(request), request.state.person
    office.presence.look(person.id, person.name, request.path_params["instance_id"], now=office.clock())
    return await seen(request)


async def seen(request: Request) -> Response:
    office, instance_id, person = office_of(request), request.path_params["instance_id"], request.state.person

    def decided() -> int:
        """The newest decision, when it is somebody else's: a person knows of their own."""
        with office.database.reading() as session:
            decisions = submissions.reviews_of(session, instance_id)
            return decisions[-1][0].seq if decisions and decisions[-1][0].person_id != person.id else 0

    others = office.presence.others(person.id, instance_id, now=office.clock())
    return JSONResponse({"others": others, "decided": await run_in_threadpool(decided)})


@person_required(May.REVIEW)
async def act(request: Request) -> Response:
    """Decide, flag, link, comment, put off or undo; then the next record."""
    office, instance_id, chosen = office_of(request), request.path_params["instance_id"], chosen_of(request)
    names = ("state", "act", "reason", "note", "words", "other", "next", "after")
    async with request.form(max_files=0, max_fields=20) as form:
        given = {name: str(form.get(name, "")) for name in names}
    wants_json = "application/json" in request.headers.get("accept", "")
    try:
        decided = await office.database.write_soon(lambda session: do(session, request, given))
    except Problem as problem:
        if wants_json:
            return JSONResponse(problem.to_wire(), status_code=problem.status)
        return await draw(request, chosen, "queue.html", problem=problem, given=given)
    if wants_json:
        return JSONResponse({"decided": decided})
    stays = given["act"] in (FLAG, COMMENT, UNDO)
    target = f"/desk/review/{instance_id if stays else given['next']}" if stays or given["next"] else "/desk/review"
    return RedirectResponse(chosen.address(target), status_code=303)


def do(session: Session, request: Request, given: dict[str, str]) -> int:
    """Returns the number of the newest decision. Errors: BadRequest, and those of what is done."""
    instance_id, person, now = request.path_params["instance_id"], request.state.person, office_of(request).clock()
    after = int(given["after"]) if given["after"].isascii() and given["after"].isdigit() else None

    def review(state: ReviewState, reason: str, note: str) -> int:
        return submissions.review(
            session, instance_id, state, person=person, now=now, reason=reason or None, note=note, after=after
        ).seq

    def remark(kind: str, words: str, other_id: str | None = None) -> None:
        remarks.add(session, instance_id, kind, words, person=person, now=now, other_id=other_id)

    if given["state"] in DECISIONS:
        return review(ReviewState(given["state"]), given["reason"], given["note"])
    if given["act"] == DUPLICATE:
        if not given["other"]:
            raise NotFound
        seq = review(ReviewState.REJECTED, "duplicate", given["note"])
        remark(remarks.DUPLICATE, "", given["other"])
        return seq
    if given["act"] == FLAG:
        remark(remarks.FLAG, given["words"])
    elif given["act"] == COMMENT:
        remark(remarks.COMMENT, given["words"])
    elif given["act"] == UNDO:
        return submissions.take_back(session, instance_id, person=person, now=now).seq
    elif given["act"] != LATER:
        raise BadRequest
    decisions = submissions.reviews_of(session, instance_id)
    return decisions[-1][0].seq if decisions else 0


async def draw(
    request: Request,
    chosen: Filter,
    template: str,
    *,
    problem: Problem | None = None,
    given: dict[str, str] | None = None,
) -> Response:
    office, instance_id = office_of(request), request.path_params["instance_id"]

    def read() -> Case:
        with office.database.reading() as session:
            return case_of(session, request, chosen)

    return page(
        request,
        template,
        status=problem.status if problem else 200,
        case=await run_in_threadpool(read),
        chosen=chosen,
        reasons=REASONS,
        problem=problem,
        given=given,
        others=office.presence.others(request.state.person.id, instance_id, now=office.clock()),
    )


def case_of(session: Session, request: Request, chosen: Filter) -> Case:
    submission = submissions.get(session, request.path_params["instance_id"])
    return Case(
        evidence=evidence_of(session, office_of(request).forms, submission),
        nearby=submissions.nearby(session, submission, metres=NEAR_ENOUGH, most=9),
        next_id=neighbour(session, submission, chosen, newer=False),
        previous_id=neighbour(session, submission, chosen, newer=True),
        is_mended=submission.review_state is ReviewState.EDITED,
    )


NEAR_ENOUGH = 100.0  # metres, for a double: two officers stand apart, and so do two fixes


def chosen_of(request: Request) -> Filter:
    chosen = filter_of(request)
    return chosen if chosen.narrows else chosen.but(state=ReviewState.RECEIVED, complete=True)
