"""The dashboard: how the work stands in figures, and where records gather."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from .. import hotspots
from ..hotspots import Candidates
from ..people import May
from . import figures
from .figures import Figure, Moment
from .pages import page
from .session import office_of, person_required
from .tasks import today, zone_of

MOST_HOTSPOTS = 20  # nobody acts on more; a page of their own has them all


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    office = office_of(request)
    at = Moment(office.clock(), zone_of(office))

    def read() -> tuple[list[Figure], Candidates]:
        with office.database.reading() as session:
            found = hotspots.candidates(session, office.forms, now=at.now, zone=at.zone, most=MOST_HOTSPOTS)
            return figures.all_of_them(session, office.forms, at), found

    shown, found = await run_in_threadpool(read)
    return page(request, "dashboard.html", figures=shown, hotspots=found, today=today(office))
