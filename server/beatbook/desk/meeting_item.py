"""Meeting item: one item of the agenda on the screen of the room: what was said and decided, and who does what."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import agencies, events, meetings, papers, shares, tasking
from ..agencies import Agency
from ..models import AgendaItem, ItemState, Meeting, Share, TaskingAction, TaskingItem
from ..office import Office
from ..people import May
from ..problems import NotSigned
from .pages import page
from .session import office_of, person_required
from .tasking import fields_of, ordering_of
from .tasks import today, zone_of

SAID = ("said", "decided", "state")
ORDERED = ("what", "lead_agency", "owner", "due", "support")


@dataclass(frozen=True)
class View:
    meeting: Meeting
    row: AgendaItem
    item: TaskingItem
    actions: list[TaskingAction]
    shares: list[Share]
    before: AgendaItem | None
    after: AgendaItem | None
    without_agreement: list[str]  # agencies in the room that may hear nothing about a person
    last: list[tuple[Meeting, AgendaItem]]  # what earlier meetings said


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    """NT1: it opens when everybody in the room has signed. Opening it is written down."""
    office, actor = office_of(request), f"person:{request.state.person.id}"
    meeting_id, item_id = request.path_params["meeting_id"], request.path_params["item_id"]

    def note(session: Session) -> None:
        meetings.on_agenda(session, meeting_id, item_id)
        item = tasking.get(session, item_id)
        meetings.refuse_unsigned(session, office.forms, meeting_id, item)
        events.append(session, "tasking.viewed", item_id, actor=actor, now=office.clock(), data={"meeting": meeting_id})

    try:
        await office.database.write_soon(note)
    except NotSigned as problem:
        return await locked(request, problem)
    return await draw(request)


@person_required(May.TASK)
async def take(request: Request) -> Response:
    office, person = office_of(request), request.state.person
    meeting_id, item_id = request.path_params["meeting_id"], request.path_params["item_id"]
    given = await fields_of(request, *SAID)
    state = ItemState(given["state"]) if given["state"] in list(ItemState) else None
    if state in tasking.ENDED and not given["decided"]:
        return await draw(request, given=given, wrong={"decided": "Say what it came to, or who takes it on"})

    def do(session: Session) -> None:
        meetings.take(
            session, office.forms, meeting_id, item_id, given["said"], given["decided"], person=person,
            now=office.clock(),
        )  # fmt: skip
        item = tasking.get(session, item_id)
        if state is not None and state is not item.state:
            why = given["decided"] if state in tasking.ENDED else None
            tasking.decide(session, item_id, state, person=person, now=office.clock(), why=why)

    try:
        await office.database.write_soon(do)
    except NotSigned as problem:
        return await locked(request, problem)
    return RedirectResponse(f"/desk/meetings/{meeting_id}/items/{item_id}", status_code=303)


@person_required(May.TASK)
async def order(request: Request) -> Response:
    """NT6: no action without exactly one lead agency, a named owner and a date."""
    office, person = office_of(request), request.state.person
    meeting_id, item_id = request.path_params["meeting_id"], request.path_params["item_id"]
    given = await fields_of(request, *ORDERED)
    ordering, wrong = ordering_of(given)
    if ordering is None:
        return await draw(request, given=given, wrong=wrong)

    def do(session: Session) -> None:
        meetings.to_minute(session, meeting_id)
        meetings.on_agenda(session, meeting_id, item_id)
        meetings.refuse_unsigned(session, office.forms, meeting_id, tasking.get(session, item_id))
        tasking.order(session, item_id, ordering, person=person, now=office.clock())

    try:
        await office.database.write_soon(do)
    except NotSigned as problem:
        return await locked(request, problem)
    return RedirectResponse(f"/desk/meetings/{meeting_id}/items/{item_id}#actions", status_code=303)


async def locked(request: Request, problem: NotSigned) -> Response:
    """Who has not signed, and nothing of the item."""

    def read() -> tuple[Meeting, AgendaItem, TaskingItem]:
        meeting_id, item_id = request.path_params["meeting_id"], request.path_params["item_id"]
        with office_of(request).database.reading() as session:
            row = meetings.on_agenda(session, meeting_id, item_id)
            return meetings.get(session, meeting_id), row, tasking.get(session, item_id)

    meeting, row, item = await run_in_threadpool(read)
    return page(
        request, "meeting_locked.html", status=problem.status, problem=problem, meeting=meeting, number=row.position,
        kind=item.kind,
    )  # fmt: skip


async def draw(
    request: Request, *, given: Mapping[str, str] | None = None, wrong: dict[str, str] | None = None
) -> Response:
    office = office_of(request)

    def read() -> View:
        with office.database.reading() as session:
            meeting_id, item_id = request.path_params["meeting_id"], request.path_params["item_id"]
            meetings.refuse_unsigned(session, office.forms, meeting_id, tasking.get(session, item_id))
            return view(session, office, meeting_id, item_id)

    try:
        found = await run_in_threadpool(read)
    except NotSigned as problem:
        return await locked(request, problem)
    following = found.meeting.next_at or found.meeting.held_at + meetings.EVERY
    blank = dict.fromkeys((*SAID, *ORDERED), "") | {
        "said": found.row.said,
        "decided": found.row.decided,
        "state": found.item.state.value,
        "due": str(following.astimezone(zone_of(office)).date()),
    }
    return page(
        request,
        "meeting_item.html",
        status=422 if wrong else 200,
        view=found,
        given=blank | dict(given or {}),
        wrong=wrong or {},
        today=today(office),
        minuted=found.meeting.state in meetings.MINUTED,
        personal=found.item.kind in tasking.PERSONAL,
        agencies=agencies.sitting(office.forms),
        states=[state for state in ItemState if state is not ItemState.NEW or found.item.state is ItemState.NEW],
    )


def view(session: Session, office: Office, meeting_id: str, item_id: str) -> View:
    row, item = meetings.on_agenda(session, meeting_id, item_id), tasking.get(session, item_id)
    agenda = [one for one, _ in papers.agenda_of(session, meeting_id)]
    at = agenda.index(row)
    known, on = agencies.register(office.forms), today(office)
    here = dict.fromkeys(one.agency for one in meetings.here(session, meeting_id))
    meeting = meetings.get(session, meeting_id)
    return View(
        meeting=meeting,
        row=row,
        item=item,
        actions=tasking.actions(session, item.id),
        shares=[share for share in shares.of_meeting(session, meeting_id) if share.item_id == item_id],
        before=agenda[at - 1] if at else None,
        after=agenda[at + 1] if at + 1 < len(agenda) else None,
        without_agreement=[
            agencies.label(known, name) for name in here if not known.get(name, Agency(name, name)).has_agreement(on)
        ],
        last=[one for one in meetings.said_before(session, meeting, item_id) if one[1].said or one[1].decided],
    )
