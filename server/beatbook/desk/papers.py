"""Papers: what each agency gets of a meeting, the pack before and the minutes after, to look at and to hand over."""

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import agencies, events, exports, meetings, papers
from ..agencies import Agency
from ..models import Meeting, Presence
from ..office import Office
from ..papers import EVERYBODY, MINUTES, PACK, Given, Paper
from ..people import May
from ..problems import MeetingMoved, NotFound
from .meeting import given_papers, spots_of
from .pages import TEMPLATES, page, shared
from .session import office_of, person_required
from .tasks import today, zone_of


@dataclass(frozen=True)
class Row:
    """What one agency gets."""

    agency: Agency
    agreement: str
    sensitive: bool
    left_out: int  # items about persons
    actions: int  # that it leads
    given: list[tuple[Given, str]]


@dataclass(frozen=True)
class View:
    meeting: Meeting
    which: str
    rows: list[Row]
    for_everybody: list[tuple[Given, str]]
    uninvited: list[Agency]


@dataclass(frozen=True)
class Sheet:
    """A paper as it is read, and whose it is."""

    meeting: Meeting
    paper: Paper
    which: str
    agency: Agency | None  # None: for everybody
    marking: str
    own_actions: list[papers.Action]


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    office = office_of(request)

    def read() -> View:
        with office.database.reading() as session:
            return view(session, office, request.path_params["meeting_id"])

    found = await run_in_threadpool(read)
    ready = found.which == PACK or found.meeting.state in meetings.HANDED_OUT
    return page(request, "papers.html", view=found, ready=ready, everybody=EVERYBODY)


@person_required(May.READ_RECORDS)
async def look(request: Request) -> Response:
    """Before it is handed over, or to print it. Reading what is about a person is written down."""
    sheet = await run_in_threadpool(sheet_of, request)
    if sheet.paper.is_sensitive:
        office, data = office_of(request), {"paper": sheet.which, "agency": request.path_params["agency"]}
        actor = f"person:{request.state.person.id}"
        await office.database.write_soon(
            lambda session: events.append(
                session, papers.VIEWED, sheet.meeting.id, actor=actor, now=office.clock(), data=data
            )
        )
    return page(request, "paper_page.html", sheet=sheet, may_give=is_due(sheet), **names(request))


@person_required(May.TAKE_OUT)
async def give(request: Request) -> Response:
    """As a file, or on paper: that it was given, and the digest of what, is written down first."""
    office, agency = office_of(request), request.path_params["agency"]
    sheet = await run_in_threadpool(sheet_of, request)
    if not is_due(sheet):
        raise MeetingMoved
    async with request.form(max_files=0, max_fields=5) as form:
        how = papers.BY_HAND if form.get("how") == papers.BY_HAND else papers.FILE
    body = TEMPLATES.get_template("paper_file.html").render(
        **shared(request), sheet=sheet, **names(request)
    ).encode()  # fmt: skip
    actor, digest = f"person:{request.state.person.id}", hashlib.sha256(body).hexdigest()
    await office.database.write_soon(
        lambda session: papers.give(
            session, sheet.paper, sheet.which, agency, how=how, marking=sheet.marking, digest=digest, actor=actor,
            now=office.clock(),
        )
    )  # fmt: skip
    if how == papers.BY_HAND:
        return RedirectResponse(f"/desk/meetings/{sheet.meeting.id}/papers", status_code=303)
    name = f"{sheet.meeting.id}-{sheet.which}-{agency}-{sheet.marking}.html"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, media_type="text/html", headers=headers)


# Reading --------------------------------------------------------------------------------------------------------


def sheet_of(request: Request) -> Sheet:
    """Errors: NotFound for a paper that there is not, or for an agency that is not invited."""
    office, which, name = office_of(request), request.path_params["paper"], request.path_params["agency"]
    if which not in (PACK, MINUTES) or (which == PACK and name == EVERYBODY):
        raise NotFound
    with office.database.reading() as session:
        meeting = meetings.get(session, request.path_params["meeting_id"])
        whole = papers.whole(session, office.forms, meeting, spots_of(session, office, meeting), now=office.clock())
        if name == EVERYBODY:
            return Sheet(meeting, papers.for_everybody(whole), which, None, exports.OFFICIAL, [])
        agency = agencies.register(office.forms).get(name)
        if agency is None or all(one.agency != name for one in papers.seats_of(session, meeting.id)):
            raise NotFound
        return sheet(session, office, meeting, whole, which, agency)


def sheet(session: Session, office: Office, meeting: Meeting, whole: Paper, which: str, agency: Agency) -> Sheet:
    own = agencies.own(office.forms, office.settings.unit)
    seen = papers.for_agency(session, whole, agency, own=own, on=today(office))
    marking = exports.SENSITIVE if seen.is_sensitive else exports.OFFICIAL
    own_actions = [one for one in (*seen.last, *seen.actions) if one.lead == agency.label]
    return Sheet(meeting, seen, which, agency, marking, own_actions)


def view(session: Session, office: Office, meeting_id: str) -> View:
    meeting, on = meetings.get(session, meeting_id), today(office)
    which = PACK if meeting.state in meetings.WRITABLE else MINUTES
    whole = papers.whole(session, office.forms, meeting, spots_of(session, office, meeting), now=office.clock())
    known, given = agencies.register(office.forms), given_papers(session, meeting)
    invited = dict.fromkeys(one.agency for one in papers.seats_of(session, meeting.id))
    rows = []
    for agency in (known[name] for name in invited if name in known):
        one = sheet(session, office, meeting, whole, which, agency)
        rows.append(
            Row(
                agency,
                agency.agreement(on),
                one.paper.is_sensitive,
                len(papers.left_out(one.paper)),
                len(one.own_actions),
                [each for each in given if each[0].agency == agency.name],
            )
        )
    return View(
        meeting,
        which,
        rows,
        [each for each in given if each[0].agency == EVERYBODY],
        [one for one in agencies.sitting(office.forms) if one.name not in invited],
    )


def is_due(sheet: Sheet) -> bool:
    """A pack until the minutes are agreed, minutes once they are released."""
    state = sheet.meeting.state
    return state in meetings.WRITABLE if sheet.which == PACK else state in meetings.HANDED_OUT


def names(request: Request) -> dict[str, Any]:
    """What the paper's template needs beside the paper."""
    office = office_of(request)
    return {
        "by": request.state.person.name,
        "here": [Presence.IN_PERSON.value, Presence.ONLINE.value],
        "at": office.clock().astimezone(zone_of(office)),
    }
