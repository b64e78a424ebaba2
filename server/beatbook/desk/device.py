"""Device: one phone or tablet, what it said of itself, and which of its numbers never came; who carries it."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import authorisations, numbers, people, sequences
from ..forms.expressions import london
from ..models import Authorisation, Contact, Device, DeviceStep, Holder, Standing
from ..office import Office
from ..people import May, standing
from ..problems import BadRequest, NotFound, Problem, TooLateToFind, WhyMissing
from .fleet import State, state_of
from .history import names_of_actors
from .pages import page
from .session import office_of, person_required

YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Authority:
    holder: Holder | None
    papers: list[Authorisation]
    codes: list[str]
    today: date
    until: date  # what is offered for a new paper

    def is_current(self, paper: Authorisation) -> bool:
        return paper.starts_on <= self.today <= paper.ends_on


def authority_of(session: Session, office: Office, device: Device) -> Authority | None:
    """Nothing for a device whose role gives no notices."""
    if not any(form.issue is not None for form in office.forms.for_role(device.role)):
        return None
    today = london(office.clock()).date()
    return Authority(
        holder=authorisations.holder_of(session, device.id),
        papers=authorisations.current(session, device.id),
        codes=authorisations.codes_of(session, device.id),
        today=today,
        until=today + YEAR,
    )


@dataclass(frozen=True)
class Step:
    """One change of how the device stands, and who made it."""

    row: DeviceStep
    who: str


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    return await draw(request)


@person_required(May.INVITE)
async def stand(request: Request) -> Response:
    """Say how the device stands from now on: ours, locked, leaving, lost, stolen, or found again."""
    office, device_id, person = office_of(request), request.path_params["device_id"], request.state.person
    async with request.form(max_files=0, max_fields=3) as form:
        wanted, why = str(form.get("standing", "")), str(form.get("why", ""))
    if wanted not in DECIDED:
        raise BadRequest

    def write(session: Session) -> None:
        found = session.get(Device, device_id)
        if found is None or people.is_importing(found):
            raise NotFound
        standing.change(session, found, Standing(wanted), why, person=person, now=office.clock())

    try:
        await office.database.write_soon(write)
    except (TooLateToFind, WhyMissing) as problem:
        return await draw(request, unchanged=problem, wanted=wanted)
    return RedirectResponse(f"/desk/devices/{device_id}", status_code=303)


# What a person decides; the device itself says that it is clearing and cleared.
DECIDED = frozenset({Standing.IN_USE, Standing.LOCKED, Standing.LEAVING, Standing.LOST, Standing.STOLEN, Standing.GONE})


async def draw(
    request: Request, *, refused: Problem | None = None, unchanged: Problem | None = None, wanted: str = ""
) -> Response:
    """`refused` is a problem of who carries it and what they may do, `unchanged` one of how it was to stand."""
    state, authority, books, steps = await run_in_threadpool(read, request)
    problem = refused or unchanged
    return page(
        request,
        "device.html",
        status=problem.status if problem else 200,
        state=state,
        steps=steps,
        unchanged=unchanged,
        wanted=wanted,
        is_import=people.is_importing(state.device),
        authority=authority,
        books=books,
        offences=authorisations.OFFENCES,
        refused=refused,
    )


@person_required(May.RESCUE)
async def acknowledge(request: Request) -> Response:
    """Somebody has looked into it that the storage was cleared."""
    office, device_id = office_of(request), request.path_params["device_id"]
    actor = f"person:{request.state.person.id}"
    await office.database.write_soon(
        lambda session: people.wipe_seen(session, device_id, now=office.clock(), actor=actor)
    )
    return RedirectResponse(f"/desk/devices/{device_id}", status_code=303)


def read(request: Request) -> tuple[State, Authority | None, list[sequences.Book], list[Step]]:
    """Errors: NotFound."""
    office = office_of(request)
    with office.database.reading() as session:
        device = session.get(Device, request.path_params["device_id"])
        if device is None:
            raise NotFound
        contact = session.get(Contact, device.id)
        state = state_of(device, contact, numbers.of(session, device.id), office.clock())
        books = sequences.books_of(session, device.id, office.forms)
        return state, authority_of(session, office, device), books, steps_of(session, device)


def steps_of(session: Session, device: Device) -> list[Step]:
    steps = standing.steps_of(session, device.id)
    names = names_of_actors(session, [step.by for step in steps])
    return [Step(step, names.get(step.by, "Somebody")) for step in steps]
