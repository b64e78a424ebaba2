"""Tasks: a day of work as it was given out and how it goes, and a form that gives out the next in a few seconds."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import cases, people, submissions, tasking, tasks
from ..forms import Form
from ..models import TRUSTED, ActionKind, Case, CaseAction, Device, Role, Standing, Submission, Task, TaskOrigin
from ..office import Office
from ..people import May
from ..problems import NotFound
from ..tasks import LONGEST_TITLE, Wanted
from . import words
from .pages import page
from .session import office_of, person_required

MORNING = time(9)
FIELD = tuple(
    role for role in Role if people.may(role, May.DELIVER) and role not in people.DESK_ROLES and role != Role.PUPIL
)


@dataclass(frozen=True)
class Given:
    """What stands in the form, as it was typed."""

    title: str = ""
    who: str = ""  # device:… or role:…
    place: str = ""
    day: str = ""
    begins: str = ""
    ends: str = ""
    form_id: str = ""
    note: str = ""
    origin: str = TaskOrigin.SUPERVISOR
    about: str = ""


@dataclass(frozen=True)
class Row:
    task: Task
    who: str
    results: list[Submission]
    late: bool


@dataclass(frozen=True)
class Board:
    overdue: list[Row]  # from the days before
    plans: list[tuple[str, list[Row]]]  # of each who, in the order of time
    choices: "Choices"


@dataclass(frozen=True)
class Choices:
    """Whom a task may be for, and what it may open."""

    devices: list[Device]
    forms: list[Form]


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    return await draw(request, await run_in_threadpool(prefilled, request))


@person_required(May.TASK)
async def make(request: Request) -> Response:
    office, person, given = office_of(request), request.state.person, await given_of(request)
    wanted, wrong = wanted_of(given, office)
    if wanted is None:
        return await draw(request, given, wrong=wrong)
    await office.database.write_soon(lambda session: tasks.make(session, wanted, person=person, now=office.clock()))
    return RedirectResponse(f"/desk/tasks?day={given.day}", status_code=303)


async def draw(request: Request, given: Given, *, wrong: dict[str, str] | None = None) -> Response:
    chosen = day_of(request)

    def read() -> Board:
        with office_of(request).database.reading() as session:
            return board(session, office_of(request), chosen)

    return page(
        request,
        "tasks.html",
        status=422 if wrong else 200,
        board=await run_in_threadpool(read),
        chosen=chosen,
        today=today(office_of(request)),
        before=chosen - timedelta(days=1),
        after=chosen + timedelta(days=1),
        given=given,
        wrong=wrong or {},
        roles=FIELD,
    )


def board(session: Session, office: Office, chosen: date) -> Board:
    now, zone = office.clock(), zone_of(office)
    begin = datetime.combine(chosen, time(), zone).astimezone(UTC)
    end = datetime.combine(chosen + timedelta(days=1), time(), zone).astimezone(UTC)
    of_the_day = tasks.between(session, begin, end)
    seen = {task.id for task in of_the_day}
    left = [task for task in tasks.overdue(session, now) if task.id not in seen] if chosen == today(office) else []
    rows = rows_of(session, [*left, *of_the_day], now)
    plans: dict[str, list[Row]] = {}
    for row in rows[len(left) :]:
        plans.setdefault(row.who, []).append(row)
    return Board(rows[: len(left)], sorted(plans.items()), choices(session, office))


def rows_of(session: Session, found: list[Task], now: datetime) -> list[Row]:
    results = tasks.results(session, [task.id for task in found])
    names = names_of(session, found)
    return [Row(task, who_of(task, names), results[task.id], tasks.is_late(task, now)) for task in found]


def names_of(session: Session, found: list[Task]) -> dict[str, str]:
    ids = {task.device_id for task in found if task.device_id}
    return dict(session.exec(select(Device.id, Device.name).where(col(Device.id).in_(ids))).all())


def who_of(task: Task, names: Mapping[str, str]) -> str:
    """Phone 7, or everybody of a role."""
    if task.device_id:
        return names.get(task.device_id, "A device that is gone")
    return everybody(task.role) if task.role else "Nobody"


def everybody(role: Role) -> str:
    return f"Everybody: {words.ROLES[role].lower()}"


def choices(session: Session, office: Office) -> Choices:
    found = [device for device, _ in people.devices(session) if device.role in FIELD]
    devices = [device for device in found if device.retired_at is None and device.standing in (*TRUSTED, Standing.NEW)]
    return Choices(devices, [form for form in office.forms if not (form.built_in or form.withdrawn)])


# The form -------------------------------------------------------------------------------------------------------


async def given_of(request: Request) -> Given:
    async with request.form(max_files=0, max_fields=20) as form:
        return Given(**{name: str(form.get(name, "")).strip() for name in asdict(Given())})


def prefilled(request: Request) -> Given:
    """Half written: the hour that comes next, and the record or the action that the task comes of."""
    office, about = office_of(request), request.query_params.get("about", "")
    begins, ends = next_hour(office, day_of(request))
    given = Given(day=str(day_of(request)), begins=begins, ends=ends)
    if not about:
        return given
    with office.database.reading() as session:
        number = tasking.number_of(about)
        if number is not None:
            action = tasking.get_action(session, number)
            item = tasking.get(session, action.item_id)
            return replace(
                given,
                title=action.what[:LONGEST_TITLE],
                place=item.place or "",
                origin=TaskOrigin.NTG_ACTION,
                about=about,
            )
        if asked := session.get(CaseAction, about):
            return from_case(given, cases.get(session, asked.case_id), asked)
        record = submissions.get(session, about)
        return replace(
            given,
            title=f"Go back: {record.title}"[:LONGEST_TITLE],
            who=f"device:{record.device_id}",
            place=record.place or "",
            form_id=record.form_id if record.form_id in office.forms.ids() else "",
            about=about,
        )


def from_case(given: Given, case: Case, asked: CaseAction) -> Given:
    """It names the case and its place, and nobody who reported it (AS6)."""
    begins = "Patrol" if asked.kind is ActionKind.PATROL_REQUEST else "Visit"
    return replace(
        given,
        title=(asked.what or f"{begins}: {case.title}")[:LONGEST_TITLE],
        place=case.place or "",
        about=asked.reference,
    )


def given_from(task: Task, zone: ZoneInfo) -> Given:
    """A task as the form shows it."""
    return Given(
        title=task.title,
        who=f"device:{task.device_id}" if task.device_id else f"role:{task.role}",
        place=task.place or "",
        day=str(task.starts_at.astimezone(zone).date()),
        begins=words.clock(task.starts_at, zone),
        ends=words.clock(task.ends_at, zone),
        form_id=task.form_id or "",
        note=task.note or "",
        origin=task.origin,
        about=task.about or "",
    )


def wanted_of(given: Given, office: Office) -> tuple[Wanted | None, dict[str, str]]:
    """The task that was asked for, or what is wrong with which field."""
    wrong: dict[str, str] = {}
    if not 0 < len(given.title) <= LONGEST_TITLE:
        wrong["title"] = f"Say what to do, in at most {LONGEST_TITLE} letters"
    kind, _, name = given.who.partition(":")
    if not name or kind not in ("device", "role") or (kind == "role" and name not in FIELD):
        wrong["who"] = "Choose who does it"
    begin, end = instant(given.day, given.begins, office), instant(given.day, given.ends, office)
    if begin is None or end is None:
        wrong["begins"] = "Enter the day, and from when until when"
    elif end <= begin:
        wrong["begins"] = "It must end after it begins"
    if given.form_id and given.form_id not in office.forms.ids():
        wrong["form_id"] = "Choose one of the forms"
    if wrong or begin is None or end is None:
        return None, wrong
    return (
        Wanted(
            title=given.title,
            starts_at=begin,
            ends_at=end,
            device_id=name if kind == "device" else None,
            role=Role(name) if kind == "role" else None,
            place=given.place[:200] or None,
            note=given.note[:1000] or None,
            form_id=given.form_id or None,
            origin=TaskOrigin(given.origin) if given.origin in list(TaskOrigin) else TaskOrigin.SUPERVISOR,
            about=given.about[:100] or None,
        ),
        {},
    )


# Days and hours -------------------------------------------------------------------------------------------------


def day_of(request: Request) -> date:
    """The day that the address names, or today. Errors: NotFound."""
    named = request.query_params.get("day")
    try:
        return date.fromisoformat(named) if named else today(office_of(request))
    except ValueError as error:
        raise NotFound from error


def today(office: Office) -> date:
    return office.clock().astimezone(zone_of(office)).date()


def zone_of(office: Office) -> ZoneInfo:
    return ZoneInfo(office.settings.time_zone)


def instant(day: str, clock: str, office: Office) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), zone_of(office)).astimezone(UTC)
    except ValueError:
        return None


def next_hour(office: Office, chosen: date) -> tuple[str, str]:
    here = office.clock().astimezone(zone_of(office))
    begin = min(here.hour + 1, 22) if chosen == here.date() else MORNING.hour
    return f"{begin:02}:00", f"{begin + 1:02}:00"
