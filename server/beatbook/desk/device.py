"""Device: one phone or tablet, what it said of itself, and which of its numbers never came."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import numbers, people
from ..models import Contact, Device
from ..people import May
from ..problems import NotFound
from .fleet import State, state_of
from .pages import page
from .session import office_of, person_required


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    state = await run_in_threadpool(read, request)
    return page(request, "device.html", state=state, is_import=people.is_importing(state.device))


@person_required(May.RESCUE)
async def acknowledge(request: Request) -> Response:
    """Somebody has looked into it that the storage was cleared."""
    office, device_id = office_of(request), request.path_params["device_id"]
    actor = f"person:{request.state.person.id}"
    await office.database.write_soon(
        lambda session: people.wipe_seen(session, device_id, now=office.clock(), actor=actor)
    )
    return RedirectResponse(f"/desk/devices/{device_id}", status_code=303)


def read(request: Request) -> State:
    """Errors: NotFound."""
    office = office_of(request)
    with office.database.reading() as session:
        device = session.get(Device, request.path_params["device_id"])
        if device is None:
            raise NotFound
        contact = session.get(Contact, device.id)
        return state_of(device, contact, numbers.of(session, device.id), office.clock())
