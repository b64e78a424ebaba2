"""Devices: which phones and tablets there are, when they were last heard of, and how another one is added."""

from datetime import datetime, timedelta

import segno
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from .. import backups, gone, people, submissions
from ..models import Device, Purpose, Role, Standing
from ..people import DESK_ROLES, Invited, May
from ..problems import BadRequest
from .fleet import State, fleet
from .pages import page
from .session import office_of, person_required

LONGEST_NAME = 80
BACKUP_WAITS = timedelta(days=7)  # phones let go of what they sent after twice as long, backup or not
AWAY = frozenset({Standing.LEAVING, Standing.LOST, Standing.STOLEN, Standing.CLEARING})  # has yet to clear itself
SCHOOL_DESK = "school-desk"  # a school's adult, who gets the desk in place of a tablet


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    return await draw(request)


@person_required(May.INVITE)
async def invite(request: Request) -> Response:
    """Make an invitation and show it, the only time that its code is seen."""
    office, person, now = office_of(request), request.state.person, office_of(request).clock()
    async with request.form(max_files=0, max_fields=10) as form:
        name, role = " ".join(str(form.get("name", "")).split()), str(form.get("role", ""))
        school = str(form.get("school", ""))
    for_desk = role == SCHOOL_DESK
    if (role not in offered(person.role) and not for_desk) or (school and school not in schools_of(request)):
        raise BadRequest
    if for_desk and not school:
        return await draw(request, name=name, role=role, wrong="Choose the school whose page this person sees")
    if not 1 <= len(name) <= LONGEST_NAME:
        return await draw(request, name=name, role=role, wrong=f"Enter a name, in at most {LONGEST_NAME} characters")
    invited = await office.database.write_soon(
        lambda session: people.invite(
            session,
            Role.SCHOOL if for_desk else Role(role),
            name,
            minutes=office.settings.invite_minutes,
            now=now,
            actor=f"person:{person.id}",
            purpose=Purpose.DESK if for_desk else None,
            school_id=school or None,
            confirm=not for_desk and Role(role) not in DESK_ROLES,
        )
    )
    link = invited.url(office.settings.link)
    return page(request, "invitation.html", invited=invited, link=link, qr=qr_of(link), for_desk=is_for_desk(invited))


async def draw(request: Request, *, name: str = "", role: str = "", wrong: str | None = None) -> Response:
    states, aside, lost, uncovered = await run_in_threadpool(read, request)
    return page(
        request,
        "devices.html",
        status=422 if wrong else 200,
        new=[state for state in states if state.device.standing is Standing.NEW and state.device.retired_at is None],
        in_use=[state for state in states if is_in_use(state.device)],
        away=[state for state in states if state.device.standing in AWAY and state.device.retired_at is None],
        retired=[state for state in states if is_over(state.device)],
        aside=aside,
        lost=lost,
        uncovered=uncovered,
        grace=backups.GRACE.days,
        desk_roles=DESK_ROLES,
        roles=offered(request.state.person.role),
        schools=schools_of(request),
        name=name,
        role=role or Role.OFFICER,
        wrong=wrong,
    )


def is_over(device: Device) -> bool:
    return device.retired_at is not None or device.standing is Standing.GONE


def is_in_use(device: Device) -> bool:
    return not is_over(device) and device.standing not in AWAY


def read(request: Request) -> tuple[list[State], int, int, datetime | None]:
    office = office_of(request)
    with office.database.reading() as session:
        counts = submissions.count_aside(session), gone.count(session)
        return fleet(session, office.clock()), *counts, backup_overdue(request, session)


def backup_overdue(request: Request, session: Session) -> datetime | None:
    """Since when no backup was made that holds what came; with PostgreSQL its own tools make them, unknown to us."""
    office = office_of(request)
    since = backups.uncovered_since(session) if office.settings.database_file else None
    return since if since and office.clock() - since > BACKUP_WAITS else None


def offered(role: Role) -> list[Role]:
    """Whom a person may invite: devices for the field; people for the desk only by those who manage them."""
    field = [one for one in Role if one not in DESK_ROLES and people.may(one, May.DELIVER)]
    desk = [one for one in Role if one in DESK_ROLES and people.may(role, May.MANAGE)]
    return field + desk


def schools_of(request: Request) -> dict[str, str]:
    rows = office_of(request).forms.lists.get("schools", ())
    return dict(sorted(((row["name"], row["label"]) for row in rows), key=lambda one: one[1]))


def is_for_desk(invited: Invited) -> bool:
    return invited.purpose is not Purpose.DEVICE


def qr_of(link: str) -> str:
    """The link as inline SVG: drawn from squares by segno, so there is nothing in it that could run."""
    return segno.make(link, error="m", micro=False).svg_inline(
        scale=6, border=4, dark="#0b0c0c", light="#ffffff", omitsize=True, svgclass="qr", lineclass=None
    )
