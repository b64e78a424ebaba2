"""Hotspots at the desk: all of them, page by page, and putting one to the tasking group.

The first of them are shown on the briefing and on the dashboard.
"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import hotspots
from ..hotspots import Candidates
from ..people import May
from .filters import number_of
from .pages import page
from .session import office_of, person_required
from .tasks import zone_of

ROWS = 50  # of a page


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    office, after = office_of(request), number_of(request, "after") or 0

    def read() -> Candidates:
        with office.database.reading() as session:
            now, zone = office.clock(), zone_of(office)
            return hotspots.candidates(session, office.forms, now=now, zone=zone, after=after, most=ROWS)

    return page(request, "all_hotspots.html", found=await run_in_threadpool(read), after=after)


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
