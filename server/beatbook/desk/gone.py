"""Gone: the list of what this server acknowledged and no longer has, so that somebody can ask for it."""

from itertools import groupby

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from .. import gone
from ..models import Device, Gone
from ..people import May
from .pages import page
from .session import office_of, person_required


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    groups = await run_in_threadpool(read, request)
    forms = {form.form_id: form.title for form in office_of(request).forms}
    return page(request, "gone.html", groups=groups, forms=forms)


def read(request: Request) -> list[tuple[Device, list[Gone]]]:
    with office_of(request).database.reading() as session:
        rows = gone.listed(session)
    by_device = groupby(rows, key=lambda row: row[1].id)
    return [(group[0][1], [row for row, _ in group]) for group in (list(found) for _, found in by_device)]
