"""Basemap: the council's map file, whole or in ranges, for a phone that wants it."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from .. import basemap, people
from ..office import Office
from ..problems import NotFound
from . import device_required, office_of


async def serve(request: Request) -> Response:
    """GET /api/map"""
    office, device = office_of(request), await device_required(request)
    people.refuse_reading(device)
    found = await run_in_threadpool(offered, office)
    if found is None:
        raise NotFound
    return FileResponse(found.path, media_type="application/vnd.pmtiles")


def offered(office: Office) -> basemap.Basemap | None:
    """A file that was replaced by something else is not offered; the start of the server says why."""
    try:
        return basemap.at(office.settings.pmtiles)
    except basemap.NotAMap:
        return None
