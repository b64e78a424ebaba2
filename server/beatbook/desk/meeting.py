"""Meeting: one meeting on one page, in the order of its agenda, for a laptop or a projector in the room.

Every part is a form of its own that is saved by itself. What may be written when, and who reads about a person, is
decided in meetings.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import agencies, events, hotspots, meetings, papers, tasking, tasks
from ..agencies import Agency
from ..meetings import Attending
from ..models import Attendance, Meeting, MeetingState, Presence, Progress, Task, TaskingItem, TaskOrigin
from ..office import Office
from ..papers import Given, Paper
from ..people import May
from ..problems import BadRequest, MeetingNotReady, MinutesAgreed
from .history import names_of
from .meetings import PLANNED_BY, day_and_time, read_planning
from .pages import page
from .session import office_of, person_required
from .tasking import fields_of, number_of
from .tasks import instant, today, zone_of

MOST_TASKS = 8
MOST_FIELDS = 1000  # two for everybody who is invited


@dataclass(frozen=True)
class Seat:
    row: Attendance
    agency: Agency
    agreement: str


@dataclass(frozen=True)
class View:
    meeting: Meeting
    seats: list[Seat]
    unsigned: list[Seat]
    here: int
    paper: Paper
    readable: bool  # whether what is about persons may stand on the screen
    before: Meeting | None
    more: list[TaskingItem]  # open, and not on the agenda
    coming: list[Task]
    given: list[tuple[Given, str]]
    lacking: list[str]  # before the next step
    step: MeetingState | None
    back: MeetingState | None


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    return await draw(request)


@person_required(May.TASK)
async def replan(request: Request) -> Response:
    given = await fields_of(request, *PLANNED_BY[1:])
    planning, wrong = read_planning(request, given | {"number": request.path_params["meeting_id"]})
    if planning is None:
        return await draw(request, given=given, wrong=wrong)
    return await write(request, "details", lambda *told, **more: meetings.replan(*told, planning, **more))


@person_required(May.TASK)
async def move(request: Request) -> Response:
    """To the next step. What the pack says of hotspots is kept as it was when the pack went out."""
    office, meeting_id = office_of(request), request.path_params["meeting_id"]
    given = await fields_of(request, "state")
    if given["state"] not in list(MeetingState):
        raise BadRequest
    to = MeetingState(given["state"])

    def spots() -> list[papers.Spot]:
        with office.database.reading() as session:
            return spots_of(session, office, meetings.get(session, meeting_id))

    found = await run_in_threadpool(spots) if to is MeetingState.PACK_SENT else []
    own = agencies.own(office.forms, office.settings.unit)
    try:
        await office.database.write_soon(
            lambda session: meetings.move(
                session, office.forms, meeting_id, to, person=request.state.person, now=office.clock(), own=own,
                spots=found,
            )
        )  # fmt: skip
    except MeetingNotReady as problem:
        return await draw(request, wrong={"step": problem.detail})
    return RedirectResponse(f"/desk/meetings/{meeting_id}", status_code=303)


@person_required(May.TASK)
async def attend(request: Request) -> Response:
    async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
        said = {name: str(value) for name, value in form.items()}
    entered = {
        name.removeprefix("presence-"): Attending(Presence(value), f"signed-{name.removeprefix('presence-')}" in said)
        for name, value in said.items()
        if name.startswith("presence-") and value in list(Presence)
    }
    return await write(request, "agenda-1", lambda *told, **more: meetings.attend(*told, entered, **more))


@person_required(May.TASK)
async def invite(request: Request) -> Response:
    given = await fields_of(request, "agency", "name", "role")
    wrong = (
        {"agency": "Choose the agency"} if given["agency"] not in agencies.register(office_of(request).forms) else {}
    )
    wrong |= {} if given["name"] else {"name": "Enter the name"}
    if wrong:
        return await draw(request, given=given, wrong=wrong)
    return await write(request, "agenda-1", lambda *told, **more: meetings.invite(*told, *given.values(), **more))


@person_required(May.TASK)
async def note(request: Request) -> Response:
    """What belongs to the meeting as a whole; each part of the page sends its own."""
    async with request.form(max_files=0, max_fields=10) as form:
        said = {name: str(value).strip() for name, value in form.items()}
    notes: dict[str, Any] = {name: said[name] for name in ("hotspots_said", "plans_said") if name in said}
    if said.get("previous_ok") in ("yes", "no"):
        notes["previous_ok"] = said["previous_ok"] == "yes"
    if "day" in said:
        notes["next_at"] = instant(said["day"], said.get("begins", ""), office_of(request))
        if notes["next_at"] is None:
            return await draw(request, wrong={"next-day": "Enter the day and the time of the next meeting"})
    place = next((PLACES[name] for name in PLACES if name in notes), "agenda-1")
    return await write(request, place, lambda *told, **more: meetings.write(*told, notes, **more))


PLACES = {
    "previous_ok": "agenda-2", "hotspots_said": "agenda-3", "plans_said": "agenda-5", "next_at": "agenda-8",
}  # fmt: skip


@person_required(May.TASK)
async def arrange(request: Request) -> Response:
    """Put an item on the agenda, or take it off."""
    given = await fields_of(request, "item_id", "off")
    do = meetings.take_off if given["off"] else meetings.put_on
    return await write(request, "agenda-4", lambda *told, **more: do(*told, given["item_id"], **more))


@person_required(May.TASK)
async def progress(request: Request) -> Response:
    """How an action from last time stands, said while the group goes through them."""
    office, person, number = office_of(request), request.state.person, number_of(request)
    meeting_id = request.path_params["meeting_id"]
    given = await fields_of(request, "progress", "result")
    if given["progress"] not in list(Progress):
        raise BadRequest
    state = Progress(given["progress"])
    if state in tasking.SETTLED and not given["result"]:
        return await draw(request, wrong={f"result-{number}": "Say what came of it"})

    def do(session: Session) -> None:
        if meetings.get(session, meeting_id).state not in meetings.WRITABLE:
            raise MinutesAgreed
        item = tasking.get(session, tasking.get_action(session, number).item_id)
        meetings.refuse_in_the_room(session, office.forms, item)
        tasking.progress(session, number, state, person=person, now=office.clock(), result=given["result"] or None)

    await office.database.write_soon(do)
    return RedirectResponse(f"/desk/meetings/{meeting_id}#agenda-2", status_code=303)


@person_required(May.TASK)
async def correct(request: Request) -> Response:
    """NT7: agreed minutes stay; what is wrong in them is put to the next meeting."""
    office, meeting_id = office_of(request), request.path_params["meeting_id"]
    given = await fields_of(request, "what")
    if not given["what"]:
        return await draw(request, wrong={"what": "Say what is wrong and what is right"})
    item_id = await office.database.write_soon(
        lambda session: (
            meetings.correct(session, meeting_id, given["what"], person=request.state.person, now=office.clock()).id
        )
    )
    return RedirectResponse(f"/desk/tasking/{item_id}", status_code=303)


# The page -------------------------------------------------------------------------------------------------------


async def write(request: Request, place: str, do: Callable[..., Any]) -> Response:
    """Change the meeting, and go back to that part of its page."""
    office, meeting_id = office_of(request), request.path_params["meeting_id"]
    await office.database.write_soon(
        lambda session: do(session, meeting_id, person=request.state.person, now=office.clock())
    )
    return RedirectResponse(f"/desk/meetings/{meeting_id}#{place}", status_code=303)


async def draw(
    request: Request, *, given: Mapping[str, str] | None = None, wrong: dict[str, str] | None = None
) -> Response:
    office = office_of(request)

    def read() -> View:
        with office.database.reading() as session:
            return view(session, office, request.path_params["meeting_id"])

    found = await run_in_threadpool(read)
    zone = zone_of(office)
    held, then = found.meeting.held_at.astimezone(zone), found.meeting.next_at
    blank = {**day_and_time(held), "agency": "", "name": "", "role": "", "place": found.meeting.place or ""}
    return page(
        request,
        "meeting.html",
        status=422 if wrong else 200,
        view=found,
        given=blank | {"chair": found.meeting.chair, "minuter": found.meeting.minuter} | dict(given or {}),
        following=day_and_time(then.astimezone(zone) if then else held + meetings.EVERY),
        wrong=wrong or {},
        today=today(office),
        steps=list(MeetingState),
        agencies=agencies.sitting(office.forms),
        writable=found.meeting.state in meetings.WRITABLE,
        minuted=found.meeting.state in meetings.MINUTED,
        handed_out=found.meeting.state in meetings.HANDED_OUT,
        sections=meetings.ON_AGENDA,
    )


def view(session: Session, office: Office, meeting_id: str) -> View:
    meeting, on, now = meetings.get(session, meeting_id), today(office), office.clock()
    known = agencies.register(office.forms)
    seats = [
        Seat(row, agency, agency.agreement(on))
        for row in papers.seats_of(session, meeting.id)
        for agency in [known.get(row.agency) or Agency(row.agency, row.agency)]
    ]
    here = [seat for seat in seats if seat.row.presence in papers.HERE]
    unsigned = [seat for seat in here if seat.row.signed_at is None]
    readable = meeting.state not in meetings.WRITABLE or (
        meeting.state in meetings.MINUTED and bool(here) and not unsigned
    )
    whole = papers.whole(session, office.forms, meeting, spots_of(session, office, meeting), now=now)
    listed = {item.id for item in whole.items}
    steps = meetings.MOVES[meeting.state]
    step = steps[0] if steps else None
    own = agencies.own(office.forms, office.settings.unit)
    return View(
        meeting=meeting,
        seats=seats,
        unsigned=unsigned,
        here=len(here),
        paper=whole if readable else papers.closed(whole),
        readable=readable,
        before=meetings.before(session, meeting),
        more=[one for one in tasking.items(session) if one.state in meetings.STANDING and one.id not in listed],
        coming=coming(session, meeting),
        given=given_papers(session, meeting),
        lacking=meetings.lacks(session, office.forms, meeting, step, own) if step else [],
        step=step,
        back=steps[1] if len(steps) > 1 else None,
    )


def spots_of(session: Session, office: Office, meeting: Meeting) -> list[papers.Spot]:
    if meeting.hotspots is not None or meeting.minutes is not None:
        return papers.spots_of(meeting, ())
    now, zone = office.clock(), zone_of(office)
    found = hotspots.candidates(session, office.forms, now=now, zone=zone, most=papers.MOST_HOTSPOTS)
    return papers.spots_of(meeting, found.shown)


def coming(session: Session, meeting: Meeting) -> list[Task]:
    """What is given out for the fortnight; a task that came of an action may be about a person, so it stays out."""
    found = tasks.between(session, meeting.held_at, meeting.held_at + timedelta(days=14))
    return [one for one in found if one.origin is not TaskOrigin.NTG_ACTION][:MOST_TASKS]


def given_papers(session: Session, meeting: Meeting) -> list[tuple[Given, str]]:
    """Each with who handed it over."""
    found = papers.given(session, meeting.id)
    names = names_of(session, events.history_of(session, meeting.id))
    return [(one, names.get(one.actor, "")) for one in found]
