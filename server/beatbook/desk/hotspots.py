"""Hotspots at the desk: putting one to the tasking group. They are shown on the briefing and on the dashboard."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import hotspots
from ..people import May
from .session import office_of, person_required
from .tasks import zone_of


@person_required(May.TASK)
async def raise_item(request: Request) -> Response:
    office, person = office_of(request), request.state.person
    async with request.form(max_files=0, max_fields=5) as form:
        key = str(form.get("key", ""))
    item = await office.database.write_soon(
        lambda session: hotspots.raise_item(
            session, office.forms, key, person=person, now=office.clock(), zone=zone_of(office)
        )
    )
    return RedirectResponse(f"/desk/tasking/{item.id}", status_code=303)
