"""One task: how it stands, what was recorded on it, and what can still be changed."""

from dataclasses import dataclass

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import events, tasking, tasks
from ..models import CaseAction, Submission, TaskState
from ..people import May
from ..problems import BadRequest, TaskReasonMissing
from .history import Entry, names_of
from .pages import page
from .session import office_of, person_required
from .tasks import FIELD, Choices, Given, Row, choices, given_from, given_of, rows_of, wanted_of, zone_of


@dataclass(frozen=True)
class View:
    row: Row
    given: Given
    history: list[Entry]
    record: Submission | None  # that it came of
    action: str | None
    case: CaseAction | None  # the action of a case that it came of
    choices: Choices


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    return await draw(request)


@person_required(May.TASK)
async def change(request: Request) -> Response:
    office, person, task_id, given = office_of(request), request.state.person, id_of(request), await given_of(request)
    wanted, wrong = wanted_of(given, office)
    if wanted is None:
        return await draw(request, given=given, wrong=wrong)
    now = office.clock()
    await office.database.write_soon(lambda session: tasks.change(session, task_id, wanted, person=person, now=now))
    return RedirectResponse(f"/desk/tasks/{task_id}", status_code=303)


@person_required(May.TASK)
async def decide(request: Request) -> Response:
    office, person, task_id, now = office_of(request), request.state.person, id_of(request), office_of(request).clock()
    async with request.form(max_files=0, max_fields=5) as form:
        state, reason = str(form.get("state", "")), str(form.get("reason", ""))
    if state not in list(TaskState):
        raise BadRequest
    try:
        await office.database.write_soon(
            lambda session: tasks.decide(session, task_id, TaskState(state), person=person, now=now, reason=reason)
        )
    except TaskReasonMissing as problem:
        return await draw(request, wrong={"reason": problem.detail})
    return RedirectResponse(f"/desk/tasks/{task_id}", status_code=303)


async def draw(request: Request, *, given: Given | None = None, wrong: dict[str, str] | None = None) -> Response:
    def read() -> View:
        with office_of(request).database.reading() as session:
            return view(session, request)

    shown = await run_in_threadpool(read)
    status = 422 if wrong else 200
    return page(
        request, "task.html", status=status, view=shown, given=given or shown.given, wrong=wrong or {}, roles=FIELD
    )


def view(session: Session, request: Request) -> View:
    office, task = office_of(request), tasks.get(session, id_of(request))
    (row,) = rows_of(session, [task], office.clock())
    number = tasking.number_of(task.about or "")
    return View(
        row=row,
        given=given_from(task, zone_of(office)),
        history=history(session, task.id),
        record=session.get(Submission, task.about) if task.about else None,
        action=tasking.get_action(session, number).item_id if number is not None else None,
        case=session.get(CaseAction, task.about) if task.about else None,
        choices=choices(session, office),
    )


def history(session: Session, task_id: str) -> list[Entry]:
    """Newest first."""
    found = events.history_of(session, task_id)
    names = names_of(session, found)
    return [Entry(event.at, *words_of(event.kind, event.data), names.get(event.actor)) for event in reversed(found)]


def words_of(kind: str, data: str) -> tuple[str, str]:
    said = next((words for state, words in SAID.items() if f'"state":"{state}"' in data), ("dot", "Changed"))
    if kind == tasks.LATE:
        return "hold", f"Came too late to count: {said[1]}"
    known = {
        tasks.MADE: ("inbox", "Given out"),
        tasks.CHANGED: ("pencil", "Changed"),
        tasks.ERASED: ("cross", "Erased"),
    }
    return known.get(kind, said)


def id_of(request: Request) -> str:
    return request.path_params["task_id"]


SAID = {
    "todo": ("back", "Opened again"),
    "accepted": ("inbox", "Accepted"),
    "doing": ("clock", "Doing"),
    "done": ("tick", "Done"),
    "not_done": ("cross", "Not done"),
}
