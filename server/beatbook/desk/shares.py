"""Shares: what was disclosed to whom at which meeting, the form for it, and what should be destroyed by now."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import agencies, meetings, papers, shares, tasking
from ..agencies import Agency
from ..models import AgendaItem, Basis, Gateway, Meeting, Share, TaskingItem
from ..office import Office
from ..people import May
from ..problems import ShareRefused
from ..shares import Due, Sharing
from .pages import page
from .session import office_of, person_required
from .tasking import date_of
from .tasks import today, zone_of

TYPED = ("item_id", "from_agency", "summary", "how", "gateway", "purpose", "basis", "decided_by", "destroy_by")
SHARED = ("item_id", "from_agency", "to_agencies", *TYPED[2:])  # in the order of the form
SHOWN = 200
DEPERSONALISED, WITH_NAMES = "depersonalised", "personal"


@dataclass(frozen=True)
class Recipient:
    agency: Agency
    here: bool
    agreement: str


@dataclass(frozen=True)
class View:
    meeting: Meeting
    agenda: list[tuple[AgendaItem, TaskingItem]]
    recipients: list[Recipient]
    shares: list[Share]
    uncovered: list[tuple[int, str]]  # the numbers of items about persons, and agencies that heard of them


@dataclass(frozen=True)
class Register:
    due: list[Due]
    shares: list[Share]
    numbers: Mapping[tuple[str, str], int]  # of items on their agendas


# At one meeting -------------------------------------------------------------------------------------------------


@person_required(May.READ_RECORDS)
async def of_meeting(request: Request) -> Response:
    return await draw(request)


@person_required(May.TASK)
async def record(request: Request) -> Response:
    office, meeting_id = office_of(request), request.path_params["meeting_id"]
    async with request.form(max_files=0, max_fields=200) as form:
        given = {name: str(form.get(name, "")).strip()[: shares.LONGEST_TEXT] for name in TYPED}
        to = tuple(dict.fromkeys(str(one) for one in form.getlist("to_agencies") if one))
    sharing = Sharing(
        item_id=given["item_id"],
        from_agency=given["from_agency"],
        to_agencies=to,
        summary=given["summary"],
        depersonalised=given["how"] == DEPERSONALISED,
        gateway=Gateway(given["gateway"]) if given["gateway"] in list(Gateway) else None,
        purpose=given["purpose"],
        basis=Basis(given["basis"]) if given["basis"] in list(Basis) else None,
        decided_by=given["decided_by"],
        destroy_by=date_of(given["destroy_by"]),
    )
    if given["how"] not in (DEPERSONALISED, WITH_NAMES):
        return await draw(request, given, to, {"how": "Say whether anybody can be recognised in it"})
    try:
        await office.database.write_soon(
            lambda session: shares.record(
                session, office.forms, meetings.get(session, meeting_id), sharing, person=request.state.person,
                now=office.clock(),
            )
        )  # fmt: skip
    except ShareRefused as refused:
        return await draw(request, given, to, refused.wrong)
    return RedirectResponse(f"/desk/meetings/{meeting_id}/shares#written", status_code=303)


async def draw(
    request: Request,
    given: Mapping[str, str] | None = None,
    to: tuple[str, ...] = (),
    wrong: dict[str, str] | None = None,
) -> Response:
    office = office_of(request)

    def read() -> View:
        with office.database.reading() as session:
            return view(session, office, request.path_params["meeting_id"])

    found = await run_in_threadpool(read)
    held_on = found.meeting.held_at.astimezone(zone_of(office)).date()
    blank = dict.fromkeys(TYPED, "") | {
        "item_id": request.query_params.get("item", ""),
        "from_agency": agencies.own(office.forms, office.settings.unit) or "",
        "decided_by": found.meeting.chair,
        "destroy_by": str(shares.half_a_year_after(held_on)),
    }
    return page(
        request,
        "meeting_shares.html",
        status=422 if wrong else 200,
        view=found,
        given=blank | dict(given or {}),
        to=to,
        wrong={name: wrong[name] for name in SHARED if name in wrong} if wrong else {},
        known=agencies.register(office.forms),
        agencies=agencies.sitting(office.forms),
        gateways=list(Gateway),
        bases=list(Basis),
        personal=tasking.PERSONAL,
        today=today(office),
    )


def view(session: Session, office: Office, meeting_id: str) -> View:
    meeting, on = meetings.get(session, meeting_id), today(office)
    known, seats = agencies.register(office.forms), papers.seats_of(session, meeting_id)
    here = {one.agency for one in seats if one.presence in papers.HERE}
    own = agencies.own(office.forms, office.settings.unit)
    invited = [known[name] for name in dict.fromkeys(one.agency for one in seats) if name in known]
    recipients = [Recipient(one, one.name in here, one.agreement(on)) for one in invited]
    return View(
        meeting=meeting,
        agenda=papers.agenda_of(session, meeting_id),
        recipients=sorted(recipients, key=lambda one: not one.here),
        shares=shares.of_meeting(session, meeting_id),
        uncovered=[
            (row.position, agencies.label(known, agency)) for row, _, agency in papers.uncovered(session, meeting, own)
        ],
    )


# All of them ----------------------------------------------------------------------------------------------------


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    office = office_of(request)

    def read() -> Register:
        with office.database.reading() as session:
            found = shares.every(session, SHOWN)
            due = shares.overdue(session, today(office))
            places = {(one.meeting_id, one.item_id) for one in [*found, *(each.share for each in due)]}
            rows = [session.get(AgendaItem, place) for place in places]
            return Register(due, found, {(row.meeting_id, row.item_id): row.position for row in rows if row})

    return page(
        request, "shares.html", register=await run_in_threadpool(read), known=agencies.register(office.forms),
        today=today(office),
    )  # fmt: skip


@person_required(May.TASK)
async def destroyed(request: Request) -> Response:
    """An agency has said so, or has not after all."""
    office, person, number = office_of(request), request.state.person, request.path_params["number"]
    async with request.form(max_files=0, max_fields=5) as form:
        agency, back = str(form.get("agency", "")), "back" in form

    def do(session: Session) -> None:
        if back:
            shares.still(session, number, agency, person=person, now=office.clock())
        else:
            shares.destroyed(session, number, agency, on=today(office), person=person, now=office.clock())

    await office.database.write_soon(do)
    return RedirectResponse("/desk/shares", status_code=303)
