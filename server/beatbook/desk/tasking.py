"""Tasking: what was put to the tasking group, and who does what about it by when; what is late stands first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import events, meetings, papers, submissions, tasking, tasks
from ..models import ItemKind, ItemState, Progress, Submission, Task, TaskingAction, TaskingItem
from ..people import May
from ..problems import BadRequest, NotFound
from ..tasking import LEAST_ACTION, LONGEST_ACTION, LONGEST_TITLE, Ordering, Raising
from . import words
from .history import SAID as OF_RECORDS
from .history import Entry, names_of
from .pages import page
from .session import office_of, person_required
from .tasks import today, zone_of

CYCLE = timedelta(days=14)  # the group meets each fortnight, and asks then what came of it
ORDER = (ItemState.NEW, ItemState.LIVE, ItemState.MONITORING, ItemState.CLOSED, ItemState.MOVED)


@dataclass(frozen=True)
class Listing:
    items: list[tuple[ItemState, list[TaskingItem]]]
    counts: Mapping[str, int]  # open actions of each item
    late: list[tuple[TaskingAction, TaskingItem]]
    due: list[tuple[TaskingAction, TaskingItem]]


@dataclass(frozen=True)
class View:
    item: TaskingItem
    raised_by: str
    record: Submission | None
    actions: list[tuple[TaskingAction, list[Task]]]
    history: list[Entry]


# The list -------------------------------------------------------------------------------------------------------


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    return await draw(request, await run_in_threadpool(prefilled, request))


@person_required(May.TASK)
async def raise_item(request: Request) -> Response:
    office, person = office_of(request), request.state.person
    given = await fields_of(request, "kind", "title", "problem", "outcome_wanted", "measure", "place", "about")
    wrong = {name: sentence for name, sentence in ASKED.items() if not given[name]}
    if given["kind"] not in list(ItemKind):
        wrong["kind"] = "Say what it is about"
    if wrong:
        return await draw(request, given, wrong=wrong)
    raising = Raising(
        kind=ItemKind(given["kind"]),
        title=given["title"][:LONGEST_TITLE],
        problem=given["problem"],
        outcome_wanted=given["outcome_wanted"],
        measure=given["measure"] or None,
        place=given["place"] or None,
        about=given["about"] or None,
    )
    item = await office.database.write_soon(
        lambda session: tasking.raise_item(session, raising, person=person, now=office.clock())
    )
    return RedirectResponse(f"/desk/tasking/{item.id}", status_code=303)


async def draw(request: Request, given: Mapping[str, str], *, wrong: dict[str, str] | None = None) -> Response:
    on = today(office_of(request))

    def read() -> Listing:
        with office_of(request).database.reading() as session:
            return listing(session, on)

    status = 422 if wrong else 200
    found = await run_in_threadpool(read)
    return page(request, "tasking.html", status=status, listing=found, today=on, given=given, wrong=wrong or {})


def listing(session: Session, on: date) -> Listing:
    items = {item.id: item for item in tasking.items(session)}
    waiting = [action for action in tasking.actions(session) if action.progress not in tasking.SETTLED]
    counts: dict[str, int] = {}
    for action in waiting:
        counts[action.item_id] = counts.get(action.item_id, 0) + 1
    return Listing(
        items=[(state, [item for item in items.values() if item.state is state]) for state in ORDER],
        counts=counts,
        late=[(action, items[action.item_id]) for action in waiting if tasking.is_late(action, on)],
        due=[(action, items[action.item_id]) for action in waiting if not tasking.is_late(action, on)],
    )


def prefilled(request: Request) -> dict[str, str]:
    """The problem drafted from the record that it is raised from."""
    given = dict.fromkeys(("kind", "title", "problem", "outcome_wanted", "measure", "place", "about"), "")
    about = request.query_params.get("about", "")
    if not about:
        return given
    office = office_of(request)
    with office.database.reading() as session:
        record = submissions.get(session, about)
    at = words.moment(record.captured_at or record.received_at, zone_of(office))
    problem = f"{record.title}, recorded {at}, reference {words.reference(record.instance_id)}."
    return given | {
        "kind": ItemKind.PLACE,
        "title": record.title[:LONGEST_TITLE],
        "problem": problem,
        "place": record.place or "",
        "about": about,
    }


# One item -------------------------------------------------------------------------------------------------------


@person_required(May.READ_RECORDS)
async def open_item(request: Request) -> Response:
    """An item may be about a person: opening it is written down, as with a record, and it stays shut while it is on
    the agenda of a meeting in which not everybody has signed.
    """
    office, person, item_id = office_of(request), request.state.person, request.path_params["item_id"]

    def note(session: Session) -> None:
        meetings.refuse_in_the_room(session, office.forms, tasking.get(session, item_id))
        events.append(session, "tasking.viewed", item_id, actor=f"person:{person.id}", now=office.clock())

    if request.method == "GET":
        await office.database.write_soon(note)
    return await draw_item(request)


@person_required(May.TASK)
async def decide(request: Request) -> Response:
    office, person, item_id = office_of(request), request.state.person, request.path_params["item_id"]
    given = await fields_of(request, "state", "why")
    if given["state"] not in list(ItemState):
        raise BadRequest
    state = ItemState(given["state"])
    if state in tasking.ENDED and not given["why"]:
        return await draw_item(request, wrong={"why": "Say what it came to, or who takes it on"})

    def do(session: Session) -> None:
        meetings.refuse_in_the_room(session, office.forms, tasking.get(session, item_id))
        tasking.decide(session, item_id, state, person=person, now=office.clock(), why=given["why"] or None)

    await office.database.write_soon(do)
    return RedirectResponse(f"/desk/tasking/{item_id}", status_code=303)


@person_required(May.TASK)
async def order(request: Request) -> Response:
    """NT6: no action without exactly one lead agency, a named owner and a date."""
    office, person, item_id = office_of(request), request.state.person, request.path_params["item_id"]
    given = await fields_of(request, "what", "lead_agency", "owner", "support", "due")
    ordering, wrong = ordering_of(given)
    if ordering is None:
        return await draw_item(request, given=given, wrong=wrong)

    def do(session: Session) -> None:
        meetings.refuse_in_the_room(session, office.forms, tasking.get(session, item_id))
        tasking.order(session, item_id, ordering, person=person, now=office.clock())

    await office.database.write_soon(do)
    return RedirectResponse(f"/desk/tasking/{item_id}#actions", status_code=303)


@person_required(May.TASK)
async def progress(request: Request) -> Response:
    office, person, number = office_of(request), request.state.person, number_of(request)
    given = await fields_of(request, "progress", "result")
    if given["progress"] not in list(Progress):
        raise BadRequest
    state = Progress(given["progress"])

    def read() -> str:
        with office.database.reading() as session:
            return tasking.get_action(session, number).item_id

    request.path_params["item_id"] = item_id = await run_in_threadpool(read)
    if state in tasking.SETTLED and not given["result"]:
        return await draw_item(request, wrong={f"result-{number}": "Say what came of it"})

    def do(session: Session) -> None:
        meetings.refuse_in_the_room(session, office.forms, tasking.get(session, item_id))
        tasking.progress(session, number, state, person=person, now=office.clock(), result=given["result"] or None)

    await office.database.write_soon(do)
    return RedirectResponse(f"/desk/tasking/{item_id}#actions", status_code=303)


async def draw_item(
    request: Request, *, given: Mapping[str, str] | None = None, wrong: dict[str, str] | None = None
) -> Response:
    on = today(office_of(request))

    def read() -> View:
        office = office_of(request)
        with office.database.reading() as session:
            item = tasking.get(session, request.path_params["item_id"])
            meetings.refuse_in_the_room(session, office.forms, item)  # also what was typed wrongly shows the page
            return view(session, request)

    blank = {"what": "", "lead_agency": "", "owner": "", "support": "", "due": str(on + CYCLE)}
    return page(
        request,
        "item.html",
        status=422 if wrong else 200,
        view=await run_in_threadpool(read),
        today=on,
        given=given or blank,
        wrong=wrong or {},
        agencies=agencies(request),
        personal=tasking.PERSONAL,
        states=ORDER,
    )


def view(session: Session, request: Request) -> View:
    item = tasking.get(session, request.path_params["item_id"])
    found = events.history_of(session, item.id)
    names = names_of(session, found)
    return View(
        item=item,
        raised_by=names.get(item.raised_by, "somebody"),
        record=session.get(Submission, item.about or item.source_id) if item.about or item.source_id else None,
        actions=[
            (action, tasks.about(session, tasking.reference(action.number)))
            for action in tasking.actions(session, item.id)
        ],
        history=[
            Entry(event.at, *(SAID.get(event.kind) or OF_RECORDS[event.kind]), names.get(event.actor))
            for event in reversed(found)
        ],
    )


# Helpers --------------------------------------------------------------------------------------------------------


async def fields_of(request: Request, *names: str) -> dict[str, str]:
    async with request.form(max_files=0, max_fields=20) as form:
        return {name: str(form.get(name, "")).strip()[: tasking.LONGEST_TEXT] for name in names}


def ordering_of(given: Mapping[str, str]) -> tuple[Ordering | None, dict[str, str]]:
    """The action that somebody typed; otherwise what is wrong with it, by field (NT6)."""
    wrong = {name: sentence for name, sentence in NT6.items() if not given[name]}
    if not LEAST_ACTION <= len(given["what"]) <= LONGEST_ACTION:
        wrong["what"] = f"Say what to do, in {LEAST_ACTION} to {LONGEST_ACTION} letters"
    due = date_of(given["due"])
    if due is None:
        wrong["due"] = NT6["due"]
    if wrong or due is None:
        return None, wrong
    return Ordering(given["what"], given["lead_agency"], given["owner"], due, given["support"] or None), {}


def number_of(request: Request) -> int:
    """Errors: NotFound."""
    number = tasking.number_of(request.path_params["reference"])
    if number is None:
        raise NotFound
    return number


def agencies(request: Request) -> Sequence[Mapping[str, Any]]:
    """The register's agencies; without such a list any name may be typed."""
    return office_of(request).forms.lists.get("agencies", ())


def date_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


ASKED = {
    "title": "Give it a title",
    "problem": "Say what the problem is",
    "outcome_wanted": "Say what good looks like",
}
NT6 = {
    "lead_agency": "Choose the one agency that leads",
    "owner": "Name the one person who owns it",
    "due": "Enter the day by which it is due",
}
SAID = {
    tasking.RAISED: ("inbox", "Raised"),
    tasking.CHANGED: ("pencil", "Changed"),
    tasking.ERASED: ("cross", "Erased"),
    "tasking.viewed": ("eye", "Opened"),
    papers.ITEM_GIVEN: ("save", "In a paper that was handed to an agency"),
}
