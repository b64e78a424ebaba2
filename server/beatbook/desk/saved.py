"""Saved filters: giving the list's present filter a name, and taking one away."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import saved
from ..people import May
from ..problems import NameMissing
from . import records
from .filters import filter_of
from .session import office_of, person_required


@person_required(May.READ_RECORDS)
async def save(request: Request) -> Response:
    office, person, now, chosen = (
        office_of(request),
        request.state.person,
        office_of(request).clock(),
        filter_of(request),
    )
    async with request.form(max_files=0, max_fields=10) as form:
        name, shared, pinned = str(form.get("name", "")), bool(form.get("shared")), bool(form.get("pinned"))
    try:
        await office.database.write_soon(
            lambda session: saved.save(
                session, name, chosen.query, person=person, now=now, shared=shared, pinned=pinned
            )
        )
    except NameMissing as problem:
        return await records.draw(request, wrong=problem.detail)
    return RedirectResponse(chosen.address("/desk/records"), status_code=303)


@person_required(May.READ_RECORDS)
async def end(request: Request) -> Response:
    office, saved_id, now = office_of(request), request.path_params["saved_id"], office_of(request).clock()
    person = request.state.person
    await office.database.write_soon(lambda session: saved.end(session, saved_id, person=person, now=now))
    return RedirectResponse(filter_of(request).address("/desk/records"), status_code=303)
