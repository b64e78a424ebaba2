"""Kept aside: what arrived and could not become a record, until somebody has looked."""

from dataclasses import dataclass

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import events, submissions
from ..models import Device, Person, Quarantine
from ..people import May
from ..problems import NoteMissing
from ..submissions import Comparison
from .pages import page
from .photos import TAKEN_AWAY
from .session import office_of, person_required


@dataclass(frozen=True)
class Row:
    kept: Quarantine
    device: Device
    size: int
    has_record: bool  # whether there is a record under its number
    may_take_in: bool  # whether only its device kept it from becoming a record
    resolved_by: str | None


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    return await draw(request)


@person_required(May.READ_RECORDS)
async def save(request: Request) -> Response:
    """The very bytes, as a file to save. Who took them is written down before they leave."""
    office, kept_id = office_of(request), request.path_params["kept_id"]
    actor = f"person:{request.state.person.id}"

    def take(session: Session) -> Quarantine:
        kept = submissions.get_aside(session, kept_id)
        events.append(session, "quarantine.opened", kept.id, actor=actor, now=office.clock())
        return kept

    kept = await office.database.write_soon(take)
    name = f'attachment; filename="beatbook-kept-aside-{kept.digest[:12]}.bin"'
    return Response(
        kept.payload, media_type="application/octet-stream", headers=TAKEN_AWAY | {"Content-Disposition": name}
    )


@person_required(May.RESCUE)
async def resolve(request: Request) -> Response:
    """Looked at, with a note of what came of it."""
    office, person, kept_id = office_of(request), request.state.person, request.path_params["kept_id"]
    async with request.form(max_files=0, max_fields=3) as form:
        note, act = str(form.get("note", "")), str(form.get("act", ""))
    if act == TAKE_IN:
        return await take_in(request, kept_id)
    try:
        await office.database.write_soon(
            lambda session: submissions.resolve_aside(session, kept_id, note, person=person, now=office.clock())
        )
    except NoteMissing as problem:
        return await draw(request, wrong={f"note-{kept_id}": problem.detail})
    return RedirectResponse("/desk/kept-aside", status_code=303)


async def take_in(request: Request, kept_id: str) -> Response:
    """A person has decided that it belongs among the records, whatever became of the device it came from."""
    office, person = office_of(request), request.state.person
    try:
        received = await office.database.write_soon(
            lambda session: submissions.take_in(
                session, kept_id, person=person, now=office.clock(), forms=office.forms, settings=office.settings
            )
        )
    except submissions.KEPT_ASIDE as problem:
        return await draw(request, wrong={f"note-{kept_id}": problem.detail})
    return RedirectResponse(f"/desk/records/{received.submission.instance_id}", status_code=303)


TAKE_IN = "take-in"


async def draw(request: Request, wrong: dict[str, str] | None = None) -> Response:
    waiting, looked_at = await run_in_threadpool(read, request)
    status = 422 if wrong else 200
    return page(request, "kept_aside.html", status=status, to_look_at=waiting, looked_at=looked_at, wrong=wrong or {})


def read(request: Request) -> tuple[list[Row], list[Row]]:
    with office_of(request).database.reading() as session:
        waiting, looked_at = (submissions.aside(session, resolved=resolved) for resolved in (False, True))
        return [row_of(session, *row) for row in waiting], [row_of(session, *row) for row in looked_at]


def row_of(session: Session, kept: Quarantine, device: Device) -> Row:
    person = session.get(Person, kept.resolved_by) if kept.resolved_by else None
    has_record = (
        bool(kept.instance_id) and submissions.compare(session, kept.instance_id or "", "") is not Comparison.MISSING
    )
    return Row(
        kept, device, len(kept.payload), has_record, submissions.may_take_in(kept), person.name if person else None
    )
