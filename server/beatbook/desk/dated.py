"""Dated settings: the amounts, clocks and numbers in force, those before and to come, and a new one from a date."""

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import reference
from ..forms.dated import ALWAYS, Dated
from ..forms.expressions import london
from ..people import May
from ..problems import RowRefused
from .lists import TOLD, csv_file, told
from .pages import page
from .session import office_of, person_required


@dataclass(frozen=True)
class Value:
    value: str
    since: str
    source: str
    state: str  # before, now or to come


@dataclass(frozen=True)
class Setting:
    name: str
    values: list[Value]  # oldest first

    @property
    def now(self) -> Value | None:
        return next((value for value in self.values if value.state == "now"), None)


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    return await draw(request, given={"name": request.query_params.get("name", "")})


@person_required(May.EDIT_LISTS)
async def save(request: Request) -> Response:
    office, now = office_of(request), office_of(request).clock()
    async with request.form(max_files=0, max_fields=10) as form:
        given = {name: str(form.get(name, "")) for name in ("name", "value", "from", "source")}
    try:
        await office.database.write_soon(
            lambda session: reference.add_value(session, office.pack, given, person=request.state.person, now=now)
        )
    except RowRefused as refused:
        return await draw(request, given=given, wrong=refused.wrong)
    return await changed(request, given["name"])


@person_required(May.EDIT_LISTS)
async def undo(request: Request) -> Response:
    office, now = office_of(request), office_of(request).clock()
    await office.database.write_soon(
        lambda session: reference.undo(session, reference.SETTINGS, person=request.state.person, now=now)
    )
    return await changed(request, "")


@person_required(May.READ_RECORDS)
async def download(request: Request) -> Response:
    return csv_file("settings.csv", reference.settings_as_csv(office_of(request).forms.settings))


async def changed(request: Request, name: str) -> Response:
    await run_in_threadpool(office_of(request).read_reference)
    return RedirectResponse(f"/desk/settings?name={name}" if name else "/desk/settings", status_code=303)


async def draw(request: Request, *, given: dict[str, str], wrong: dict[str, str] | None = None) -> Response:
    office = office_of(request)
    today = london(office.clock()).date()

    def read():
        with office.database.reading() as session:
            last = reference.to_undo(session, reference.SETTINGS)
            can_undo = last is not None and reference.is_to_come(last, today)
            return told(session, reference.SETTINGS), last if can_undo else None

    history, undoable = await run_in_threadpool(read)
    settings = office.forms.settings
    groups: dict[str, list[Setting]] = {}
    for name in settings.names():
        in_force = settings.in_force(name, today)
        values = [value_of(row, row == in_force, row.since > today) for row in settings.of(name)]
        groups.setdefault(name.split(".")[0], []).append(Setting(name, values))
    return page(
        request,
        "settings.html",
        status=422 if wrong else 200,
        groups=groups,
        names=settings.names(),
        given={"name": "", "value": "", "from": "", "source": "", **given},
        wrong=wrong or {},
        history=history[:TOLD],
        undoable=undoable,
        today=today,
    )


def value_of(row: Dated, is_now: bool, is_to_come: bool) -> Value:
    state = "now" if is_now else "to come" if is_to_come else "before"
    return Value(row.value, "" if row.since == ALWAYS else str(row.since), row.source, state)
