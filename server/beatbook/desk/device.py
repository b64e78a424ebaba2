"""Device: one phone or tablet, what it said of itself, and which of its numbers never came; who carries it."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import authorisations, numbers, people, sequences
from ..forms.expressions import london
from ..models import Authorisation, Contact, Device, Holder
from ..office import Office
from ..people import May
from ..problems import NotFound, Problem
from .fleet import State, state_of
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


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    return await draw(request)


async def draw(request: Request, *, refused: Problem | None = None) -> Response:
    """`refused` is a problem of who carries it and what they may do."""
    state, authority, books = await run_in_threadpool(read, request)
    return page(
        request,
        "device.html",
        status=refused.status if refused else 200,
        state=state,
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


def read(request: Request) -> tuple[State, Authority | None, list[sequences.Book]]:
    """Errors: NotFound."""
    office = office_of(request)
    with office.database.reading() as session:
        device = session.get(Device, request.path_params["device_id"])
        if device is None:
            raise NotFound
        contact = session.get(Contact, device.id)
        state = state_of(device, contact, numbers.of(session, device.id), office.clock())
        return state, authority_of(session, office, device), sequences.books_of(session, device.id, office.forms)
