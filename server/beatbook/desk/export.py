"""Export: the records of a list, as it is filtered, in a file."""

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from .. import exports
from ..people import May
from .filters import filter_of
from .session import office_of, person_required


@person_required(May.READ_RECORDS)
async def download(request: Request) -> Response:
    """Written down first: whoever takes records out of here is known."""
    office, chosen = office_of(request), filter_of(request).chosen
    actor, now = f"person:{request.state.person.id}", office.clock()
    await office.database.write_soon(lambda session: exports.note(session, chosen, actor=actor, now=now))

    def lines() -> Iterator[str]:
        with office.database.reading() as session:
            yield from exports.records(session, office.forms, chosen)

    name = f"records-{now:%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(lines(), media_type="text/csv; charset=utf-8", headers=headers)
