"""Emergency: the page on which somebody says why they must open a record that their role keeps from them."""

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import submissions
from ..people import May, emergencies
from ..people.emergencies import LASTS
from ..problems import BadRequest, NobodyAsked, OwnEmergency, WordsMissing
from . import audit
from .pages import page
from .session import office_of, person_required


@person_required(May.BREAK_GLASS)
async def show(request: Request) -> Response:
    return await draw(request)


@person_required(May.BREAK_GLASS)
async def submit(request: Request) -> Response:
    office, person = office_of(request), request.state.person
    instance_id, now = request.path_params["instance_id"], office_of(request).clock()
    async with request.form(max_files=0, max_fields=5) as form:
        reason = str(form.get("reason", ""))
    try:
        await office.database.write_soon(
            lambda session: emergencies.begin(session, instance_id, reason, person=person, now=now)
        )
    except WordsMissing:
        return await draw(request, reason, "Say in a sentence what the emergency is")
    return RedirectResponse(f"/desk/records/{instance_id}", status_code=303)


@person_required(May.AUDIT)
async def review(request: Request) -> Response:
    """A second person says whether it was right. Errors: NotFound, BadRequest."""
    office, person, now = office_of(request), request.state.person, office_of(request).clock()
    seq = request.path_params["seq"]
    async with request.form(max_files=0, max_fields=5) as form:
        was_right, words = str(form.get("was_right", "")), str(form.get("words", ""))
    if was_right not in ("yes", "no"):
        raise BadRequest

    def work(session: Session) -> None:
        emergencies.review(session, seq, was_right == "yes", words, person=person, now=now)

    try:
        await office.database.write_soon(work)
    except WordsMissing:
        return await audit.draw(request, wrong={f"words-{seq}": "Say in a sentence what you found"})
    except (OwnEmergency, NobodyAsked) as problem:
        return await audit.draw(request, wrong={"emergencies": problem.detail}, status=problem.status)
    return RedirectResponse("/desk/audit#emergencies", status_code=303)


async def draw(request: Request, reason: str = "", wrong: str = "") -> Response:
    """Shows nothing of the record but its reference. Errors: NotFound."""
    office, instance_id = office_of(request), request.path_params["instance_id"]

    def look() -> None:
        with office.database.reading() as session:
            submissions.get(session, instance_id)

    await run_in_threadpool(look)
    return page(
        request,
        "emergency.html",
        status=422 if wrong else 200,
        instance_id=instance_id,
        reason=reason,
        wrong=wrong,
        minutes=int(LASTS.total_seconds() // 60),
    )
