"""Subjects: who asked what is held about them, and where a new request begins."""

from dataclasses import dataclass

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ..models import Person, SubjectRequest
from ..people import May
from ..subjects import places, requests, sought
from ..subjects.places import Mention
from ..subjects.sought import KINDS, Sought
from .pages import page
from .session import office_of, person_required

LABELS = {
    "name": ("Name", "All its words must stand in one answer"),
    "address": ("Address", "The first line is enough"),
    "phone": ("Phone number", ""),
    "email": ("Email", ""),
    "plate": ("Registration of a vehicle", ""),
    "reference": ("Reference", "Of a notice, a case or a record"),
}


@dataclass(frozen=True)
class Row:
    one: SubjectRequest
    by: str
    found: int
    waiting: int


@person_required(May.ANSWER_PERSONS)
async def show(request: Request) -> Response:
    return await draw(request, dict.fromkeys((*KINDS, "proof"), ""), {})


@person_required(May.ANSWER_PERSONS)
async def begin(request: Request) -> Response:
    office, person = office_of(request), request.state.person
    async with request.form(max_files=0, max_fields=10) as form:
        given = {name: str(form.get(name, "")) for name in (*KINDS, "proof")}
    whom = sought.of(given)
    if wrong := wrong_with(whom, given):
        return await draw(request, given, wrong)
    found = await run_in_threadpool(search, request, whom)
    now = office.clock()
    request_id = await office.database.write_soon(
        lambda session: requests.open_one(session, whom, given["proof"], found, person=person, now=now).id
    )
    return RedirectResponse(f"/desk/subjects/{request_id}", status_code=303)


def search(request: Request, whom: Sought) -> list[Mention]:
    office = office_of(request)
    with office.database.reading() as session:
        return list(places.mentions(session, office.forms, whom))


def wrong_with(whom: Sought, given: dict[str, str]) -> dict[str, str]:
    wrong = dict.fromkeys(sought.too_short(whom.given), "Give more of it: this would be found nearly everywhere")
    if not whom.given:
        wrong["name"] = "Say whom to look for: one line at least"
    if not given["proof"].strip():
        wrong["proof"] = "Say how you know who is asking"
    return wrong


async def draw(request: Request, given: dict[str, str], wrong: dict[str, str]) -> Response:
    def read() -> list[Row]:
        with office_of(request).database.reading() as session:
            return [row_of(session, one) for one in requests.all_of_them(session)]

    rows = await run_in_threadpool(read)
    return page(
        request,
        "subjects.html",
        status=422 if wrong else 200,
        rows=rows,
        labels=LABELS,
        given=given,
        wrong=wrong,
        due=requests.due,
    )


def row_of(session: Session, one: SubjectRequest) -> Row:
    person, found = session.get(Person, one.opened_by), requests.finds(session, one.id)
    waiting = sum(find.verdict == requests.WAITING for find in found)
    return Row(one, person.name if person else "", len(found), waiting)
