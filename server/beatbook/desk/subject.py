"""Subject: one request, place by place, and the file that is handed over in the end."""

from dataclasses import dataclass
from urllib.parse import urlencode

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from .. import exports
from ..exports import Asked
from ..models import SubjectFind, SubjectRequest
from ..people import May
from ..problems import BadRequest, PlacesLeft, WordsMissing
from ..subjects import package, places, requests
from ..subjects.places import Place
from ..subjects.sought import Sought
from .pages import TEMPLATES, page, shared
from .session import office_of, person_required
from .subjects import LABELS, search

KINDS = {
    "record": "Records",
    "aside": "Kept aside",
    "task": "Tasks",
    "item": "Tasking group",
    "meeting": "Meetings of the tasking group",
    "case": "Case",
    "patrol": "Patrols",
    "filter": "Saved filters",
    "person": "Accounts",
    "holder": "Carried devices",
    "device": "Devices",
    "row": "Lists",
}


@dataclass(frozen=True)
class Found:
    find: SubjectFind
    place: Place | None
    matched: list[str]


@dataclass(frozen=True)
class View:
    one: SubjectRequest
    found: dict[str, list[Found]]
    waiting: int
    next: str | None  # the place to look at next


@person_required(May.ANSWER_PERSONS)
async def show(request: Request) -> Response:
    return await draw(request)


@person_required(May.ANSWER_PERSONS)
async def act(request: Request) -> Response:
    """Search once more, or end it without handing anything over."""
    office, person, request_id = office_of(request), request.state.person, id_of(request)
    now = office.clock()
    async with request.form(max_files=0, max_fields=3) as form:
        what = str(form.get("act", ""))
    if what == "again":
        found = await run_in_threadpool(lambda: search(request, sought_of(request)))
        await office.database.write_soon(
            lambda session: requests.search_again(session, request_id, found, person=person, now=now)
        )
    elif what == "end":
        await office.database.write_soon(lambda session: requests.end(session, request_id, person=person, now=now))
    else:
        raise BadRequest
    return RedirectResponse(f"/desk/subjects/{request_id}", status_code=303)


@person_required(May.ANSWER_PERSONS)
async def look(request: Request) -> Response:
    return await draw_place(request)


@person_required(May.ANSWER_PERSONS)
async def decide(request: Request) -> Response:
    """What of a place is handed over. Goes on to the next that nobody has looked at."""
    office, person, request_id = office_of(request), request.state.person, id_of(request)
    now = office.clock()
    where = request.query_params.get("where", "")
    async with request.form(max_files=0, max_fields=2000) as form:
        verdict, why, covered = (str(form.get(name, "")) for name in ("verdict", "why", "covered"))
        going = {str(name) for name in form.getlist("goes")}
        shown = {str(name) for name in form.getlist("shown")}

    def take(session: Session) -> str | None:
        requests.decide(
            session,
            request_id,
            where,
            verdict,
            why=why,
            left_out=sorted(shown - going),
            covered=covered,
            person=person,
            now=now,
        )
        return next((one.where for one in requests.finds(session, request_id) if one.verdict == requests.WAITING), None)

    try:
        onward = await office.database.write_soon(take)
    except WordsMissing:
        return await draw_place(request, wrong={"why": "Choose why it stays here"})
    onward = f"/place?{place_query(onward)}" if onward else ""
    return RedirectResponse(f"/desk/subjects/{request_id}{onward}", status_code=303)


@person_required(May.ANSWER_PERSONS)
async def release(request: Request) -> Response:
    """The file, once somebody has looked at every place. Written down before its first byte leaves (DP8, EV4)."""
    office, person, request_id = office_of(request), request.state.person, id_of(request)
    now = office.clock()
    actor = f"person:{person.id}"

    def make() -> tuple[package.Package, bytes, str]:
        with office.database.reading() as session:
            made = package.package_of(session, office.forms, request_id)
            data = package.data_of(made, office.settings.council, now)
            document = TEMPLATES.get_template("about_you.html").render(
                **shared(request), package=made, marking=exports.SENSITIVE, name_of=package.name_of, labels=LABELS
            )
            session.expunge_all()
            return made, data, document

    made, data, document = await run_in_threadpool(make)

    def note(session: Session) -> None:
        requests.release(session, request_id, package.digest_of(data), person=person, now=now)
        asked = Asked(personal=True, why="person")
        exports.note_exhibits(session, made.records, asked, actor=actor, now=now)

    try:
        await office.database.write_soon(note)
    except PlacesLeft as problem:
        return await draw(request, wrong={"waiting": problem.detail})
    name = f"about-you-{request_id[:8]}-{now:%Y-%m-%d}-{exports.SENSITIVE}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(
        package.stream(made, document, data, office.blobs, now), media_type="application/zip", headers=headers
    )


async def draw(request: Request, wrong: dict[str, str] | None = None) -> Response:
    def read() -> View:
        office = office_of(request)
        with office.database.reading() as session:
            one = requests.get(session, id_of(request))
            found = [found_of(session, request, find, one) for find in requests.finds(session, one.id)]
            waiting = [each.find.where for each in found if each.find.verdict == requests.WAITING]
            kinds = {kind: [each for each in found if each.find.where.startswith(f"{kind}/")] for kind in KINDS}
            kinds = {KINDS[kind]: rows for kind, rows in kinds.items() if rows}
            return View(one, kinds, len(waiting), waiting[0] if waiting else None)

    view = await run_in_threadpool(read)
    return page(
        request,
        "subject.html",
        status=422 if wrong else 200,
        view=view,
        wrong=wrong or {},
        why=requests.WHY,
        labels=LABELS,
        due=requests.due(view.one),
        query=place_query,
    )


def found_of(session: Session, request: Request, find: SubjectFind, one: SubjectRequest) -> Found:
    place = places.place_of(session, office_of(request).forms, find.where, Sought(one.sought))
    return Found(find, place, [LABELS[kind][0] for kind in find.found_by.split() if kind in LABELS])


async def draw_place(request: Request, wrong: dict[str, str] | None = None) -> Response:
    """Whoever opens a place reads what is in it: that is written down first."""
    office, person, request_id = office_of(request), request.state.person, id_of(request)
    now = office.clock()
    where = request.query_params.get("where", "")

    def take(session: Session) -> tuple[SubjectRequest, SubjectFind, Place | None]:
        find, place = requests.look_at(session, request_id, where, person=person, now=now, forms=office.forms)
        found = requests.get(session, request_id), find, place
        session.flush()
        session.expunge_all()
        return found

    one, find, place = await office.database.write_soon(take)
    return page(
        request,
        "subject_place.html",
        status=422 if wrong else 200,
        one=one,
        find=find,
        place_shown=place,
        leaves=requests.leaves,
        why=requests.WHY,
        query=place_query,
        wrong=wrong or {},
    )


def sought_of(request: Request) -> Sought:
    with office_of(request).database.reading() as session:
        return Sought(requests.get(session, id_of(request)).sought)


def place_query(where: str) -> str:
    return urlencode({"where": where})


def id_of(request: Request) -> str:
    return request.path_params["request_id"]
