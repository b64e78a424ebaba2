"""Meetings: the list of the tasking group's meetings, what comes next, and the form that plans one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import agencies, meetings, papers, shares
from ..meetings import Planning
from ..models import Meeting
from ..people import May
from ..problems import MeetingNumberTaken
from .pages import page
from .session import office_of, person_required
from .tasking import fields_of
from .tasks import instant, today, zone_of

ASKED = {
    "number": "Give it a number, such as NTG-2026-19",
    "chair": "Name who chairs",
    "minuter": "Name who writes the minutes",
}
NUMBER = re.compile(r"[A-Za-z0-9-]{1,30}")  # it stands in addresses and in names of files
PLANNED_BY = ("number", "day", "begins", "place", "chair", "minuter")


@dataclass(frozen=True)
class Row:
    meeting: Meeting
    here: int
    agencies: int
    items: int
    actions: int


@dataclass(frozen=True)
class Listing:
    to_come: list[Row]
    held: list[Row]
    overdue: int
    given: Mapping[str, str]


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    return await draw(request)


@person_required(May.TASK)
async def plan(request: Request) -> Response:
    office, person = office_of(request), request.state.person
    given = await fields_of(request, *PLANNED_BY)
    planning, wrong = read_planning(request, given)
    if planning is None:
        return await draw(request, given, wrong)
    try:
        meeting_id = await office.database.write_soon(
            lambda session: meetings.plan(session, office.forms, planning, person=person, now=office.clock()).id
        )
    except MeetingNumberTaken as taken:
        return await draw(request, given, {"number": taken.detail})
    return RedirectResponse(f"/desk/meetings/{meeting_id}", status_code=303)


def read_planning(request: Request, given: Mapping[str, str]) -> tuple[Planning | None, dict[str, str]]:
    """What was typed, or what is wrong with it."""
    wrong = {name: sentence for name, sentence in ASKED.items() if not given[name]}
    if given["number"] and not NUMBER.fullmatch(given["number"]):
        wrong["number"] = "Use letters, digits and - alone, 30 at most"
    held_at = instant(given["day"], given["begins"], office_of(request))
    if held_at is None:
        wrong["day"] = "Enter the day and the time"
    if wrong or held_at is None:
        return None, wrong
    name = meetings.LONGEST_NAME
    return Planning(
        given["number"].upper(),
        held_at,
        given["chair"][:name],
        given["minuter"][:name],
        given["place"][:200] or None,
    ), {}


async def draw(
    request: Request, given: Mapping[str, str] | None = None, wrong: dict[str, str] | None = None
) -> Response:
    def read() -> Listing:
        with office_of(request).database.reading() as session:
            return listing(session, request, given)

    found = await run_in_threadpool(read)
    people = [rep.name for one in agencies.sitting(office_of(request).forms) for rep in one.representatives]
    return page(
        request, "meetings.html", status=422 if wrong else 200, listing=found, given=found.given, wrong=wrong or {},
        people=people,
    )  # fmt: skip


def listing(session: Session, request: Request, given: Mapping[str, str] | None) -> Listing:
    office = office_of(request)
    found = meetings.every(session)
    rows = [row_of(session, one) for one in found]
    return Listing(
        to_come=[row for row in reversed(rows) if row.meeting.state in meetings.WRITABLE],
        held=[row for row in rows if row.meeting.state not in meetings.WRITABLE],
        overdue=len(shares.overdue(session, today(office))),
        given=given or proposed(session, request, found[0] if found else None),
    )


def row_of(session: Session, meeting: Meeting) -> Row:
    here = meetings.here(session, meeting.id)
    _, new = papers.actions_of(session, meeting, meeting.opened_at or meeting.held_at)
    number = len(new) if meeting.minutes is None else len(meeting.minutes["actions"])
    return Row(
        meeting, len(here), len({one.agency for one in here}), len(papers.agenda_of(session, meeting.id)), number
    )


def proposed(session: Session, request: Request, last: Meeting | None) -> dict[str, str]:
    """A fortnight after the last one, with the same people; the first with those whom the register names."""
    office = office_of(request)
    zone = zone_of(office)
    number, at = meetings.next_after(session, office.clock(), zone)
    by_role = {rep.role: rep.name for one in agencies.sitting(office.forms) for rep in one.representatives}
    return {
        "number": number,
        **day_and_time(at.astimezone(zone)),
        "place": (last.place or "") if last else "",
        "chair": last.chair if last else by_role.get("chair", ""),
        "minuter": last.minuter if last else by_role.get("minutes", ""),
    }


def day_and_time(at: datetime) -> dict[str, str]:
    return {"day": str(at.date()), "begins": f"{at:%H:%M}"}
