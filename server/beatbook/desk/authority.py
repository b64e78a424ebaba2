"""Authority: who carries a device, and which offences they may give notices for; entered on its page."""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import authorisations
from ..forms.expressions import london
from ..models import Device
from ..people import May
from ..problems import NotFound, Problem
from . import device
from .device import YEAR
from .notice import day_of
from .session import office_of, person_required


@person_required(May.INVITE)
async def hand(request: Request) -> Response:
    """Say who carries the device from today."""
    given = await fields_of(request, "holder_name", "holder_number")

    def change(session: Session, device: Device) -> None:
        authorisations.hand_to(
            session,
            device,
            given["holder_name"],
            given["holder_number"],
            person=request.state.person,
            now=office_of(request).clock(),
        )

    return await changed(request, change)


@person_required(May.INVITE)
async def authorise(request: Request) -> Response:
    """Enter a written authorisation, or withdraw one."""
    given = await fields_of(request, "offence", "reference", "starts_on", "ends_on", "withdraw")
    person, now = request.state.person, office_of(request).clock()

    def change(session: Session, device: Device) -> None:
        if given["withdraw"]:
            authorisations.withdraw(session, device, given["withdraw"], person=person, now=now)
            return
        today = london(now).date()
        starts_on = day_of(given["starts_on"]) or today
        ends_on = day_of(given["ends_on"]) or starts_on + YEAR
        authorisations.authorise(
            session, device, given["offence"], given["reference"], starts_on, ends_on, person=person, now=now
        )

    return await changed(request, change)


async def changed(request: Request, change) -> Response:
    office, device_id = office_of(request), request.path_params["device_id"]

    def write(session: Session) -> None:
        found = session.get(Device, device_id)
        if found is None:
            raise NotFound
        change(session, found)

    try:
        await office.database.write_soon(write)
    except Problem as problem:
        if problem.status == NotFound.status:
            raise
        return await device.draw(request, refused=problem)
    return RedirectResponse(f"/desk/devices/{device_id}#authority", status_code=303)


async def fields_of(request: Request, *names: str) -> dict[str, str]:
    async with request.form(max_files=0, max_fields=10) as form:
        return {name: str(form.get(name, "")).strip() for name in names}
