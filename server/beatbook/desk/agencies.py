"""Agencies: the register of who sits at the tasking group, and how each one's agreement stands today."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from .. import agencies, events
from ..agencies import Agency
from ..people import May
from .pages import page
from .session import office_of, person_required
from .tasks import today


@dataclass(frozen=True)
class Row:
    agency: Agency
    agreement: str


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    """The register names people, so opening it is written down, as with the list that it reads."""
    office, actor, on = office_of(request), f"person:{request.state.person.id}", today(office_of(request))
    await office.database.write_soon(
        lambda session: events.append(session, "list.viewed", f"list:{agencies.LIST}", actor=actor, now=office.clock())
    )
    rows = [Row(one, one.agreement(on)) for one in agencies.sitting(office.forms)]
    return page(request, "agencies.html", rows=rows, today=on)
