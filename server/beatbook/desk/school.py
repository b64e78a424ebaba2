"""School: one school's page for its own adults and for supervisors, and what they do there.

A school's adult sees that school and no other. Everything is counts: by reason, week, class, mode; no child, no team.
"""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import designs, people, schools, submissions, wow
from ..designs import Design
from ..forms import Forms
from ..forms.dated import school_year
from ..forms.sketch import svg
from ..models import ReviewState, Role, School, Trophy
from ..people import May
from ..problems import BadRequest, NotAllowed, NotFound
from ..schools import Ticket
from ..wow import Tally, Week
from . import school_plots
from .milestones import Milestone, Rewards, milestones, rewards
from .pages import page
from .school_plots import Figures
from .session import office_of, person_required

Handler = Callable[[Request], Awaitable[Response]]

DECIDE = {"approve": ReviewState.APPROVED, "refuse": ReviewState.REJECTED, "undo": ReviewState.RECEIVED}
CHOICES = ("by_count", "strict_walk", "count_bus", "daily")


@dataclass(frozen=True)
class Card:
    """One school in the supervisors' list."""

    id: str
    label: str
    town: str
    tickets: int
    share: int | None
    waiting: int


@dataclass(frozen=True)
class View:
    id: str
    label: str
    town: str
    rules: School
    figures: Figures
    week: Week | None
    trophies: list[Trophy]
    badges: dict[str, list[int]]
    badge_month: str
    milestones: list[Milestone]
    rewards: Rewards  # by class: the reward, and the cards that reached it
    reward_numbers: str  # 5, 10, 20, 30
    saved: int | None
    tickets: int
    moved: int
    waiting: int  # pictures that an adult has not looked at


@dataclass(frozen=True)
class Picture:
    design: Design
    drawing: Markup


def school_required(handler: Handler) -> Handler:
    """For those who may see the school of the address. Errors: NotFound, for another's as for one that there is not."""

    @wraps(handler)
    async def guarded(request: Request) -> Response:
        school = request.path_params["school"]
        schools.named(office_of(request).forms, school)
        if not people.sees_school(request.state.person, school):
            raise NotFound
        return await handler(request)

    return person_required(May.SCHOOLS)(guarded)


@person_required(May.SCHOOLS)
async def index(request: Request) -> Response:
    """Every school, for those who see more than one."""
    person = request.state.person
    if person.role is Role.SCHOOL:
        if person.school_id is None:
            raise NotAllowed
        return RedirectResponse(f"/desk/schools/{person.school_id}", status_code=303)
    office = office_of(request)

    def read() -> list[Card]:
        with office.database.reading() as session:
            return [
                card_of(session, office.forms, row, zone_of(request), today(request)) for row in rows_of(office.forms)
            ]

    return page(request, "schools.html", schools=await run_in_threadpool(read))


@school_required
async def show(request: Request) -> Response:
    view = await run_in_threadpool(read_view, request)
    return page(request, "school.html", view=view, may_plan=request.state.person.role is not Role.SCHOOL)


@school_required
async def choose(request: Request) -> Response:
    """POST: what the school chose about its walking Wednesdays, and (supervisors) when the unit comes next."""
    office, school, person = office_of(request), request.path_params["school"], request.state.person
    refuse_readers(request)
    async with request.form(max_files=0, max_fields=10) as form:
        given: dict[str, Any] = {name: form.get(name) == "yes" for name in CHOICES}
        if person.role is not Role.SCHOOL:
            given["next_visit"] = day_of(str(form.get("next_visit", "")))
        given["rewards"] = numbers_of(str(form.get("rewards", "")))
    now = office.clock()
    await office.database.write_soon(lambda session: schools.choose(session, school, given, person=person, now=now))
    return RedirectResponse(f"/desk/schools/{school}#walking", status_code=303)


@school_required
async def assembly(request: Request) -> Response:
    """The big screen: what is told in assembly, one thing after another."""
    view = await run_in_threadpool(read_view, request)
    return page(request, "assembly.html", view=view)


@school_required
async def announce(request: Request) -> Response:
    """POST: the head has told it. Errors: NotFound while there is no winner."""
    office, school, person, now = (
        office_of(request),
        request.path_params["school"],
        request.state.person,
        office_of(request).clock(),
    )
    refuse_readers(request)

    def work(session: Session) -> None:
        rules = schools.rules_of(session, school)
        found = wow.tallies(session, office.forms, school, rules, zone_of(request))
        weeks = wow.weeks(found, rules, now=now, zone=zone_of(request))
        if not weeks or not weeks[-1].winners:
            raise NotFound
        wow.announce(session, school, weeks[-1], person=person, now=now)

    await office.database.write_soon(work)
    return RedirectResponse(f"/desk/schools/{school}#walking", status_code=303)


@school_required
async def poster(request: Request) -> Response:
    view = await run_in_threadpool(read_view, request)
    return page(request, "poster.html", view=view)


@school_required
async def pictures(request: Request) -> Response:
    """The ticket pictures of a school: what waits for a grown-up's look, and what the tablets have."""
    office, school = office_of(request), request.path_params["school"]

    def read() -> list[Picture]:
        with office.database.reading() as session:
            return [Picture(one, drawing_of(one)) for one in designs.find(session, office.forms, school=school)]

    found = await run_in_threadpool(read)
    return page(
        request,
        "designs.html",
        school=schools.named(office.forms, school),
        to_look_at=[one for one in found if one.design.state is ReviewState.RECEIVED],
        approved=[one for one in found if one.design.state is ReviewState.APPROVED],
        on_tablets=[one for one in found if one.design.state is ReviewState.KEPT],
        refused=[one for one in found if one.design.state in (ReviewState.REJECTED, ReviewState.HAS_ISSUES)],
        may_decide=may_decide(request),
    )


@school_required
async def decide(request: Request) -> Response:
    """POST: a picture is fit for tickets, or not, or is looked at again. Errors: NotFound, BadRequest."""
    office, school, person, now = (
        office_of(request),
        request.path_params["school"],
        request.state.person,
        office_of(request).clock(),
    )
    instance_id = request.path_params["instance_id"]
    refuse_readers(request)
    async with request.form(max_files=0, max_fields=5) as form:
        wanted = DECIDE.get(str(form.get("do", "")))
    if wanted is None:
        raise BadRequest

    def work(session: Session) -> None:
        design = designs.get(session, office.forms, instance_id)
        if design is None or design.school != school:
            raise NotFound
        note = "Not for tickets" if wanted is ReviewState.REJECTED else None
        submissions.review(session, instance_id, wanted, person=person, now=now, note=note)

    await office.database.write_soon(work)
    return RedirectResponse(f"/desk/schools/{school}/pictures", status_code=303)


@school_required
async def paper(request: Request) -> Response:
    """The printing page: the same sheets as on a tablet, drawn by the same code from what stands in the page."""
    office, school = office_of(request), request.path_params["school"]

    def read() -> dict[str, Any]:
        with office.database.reading() as session:
            tickets = tickets_for(session, request, school)
            return supplies(session, office.forms, school, tickets, zone_of(request), today(request))

    named = schools.named(office.forms, school)
    return page(request, "paper.html", school=named, supplies=json.dumps(await run_in_threadpool(read)))


# Reading ----------------------------------------------------------------------------------------------------------


def read_view(request: Request) -> View:
    office, school, zone, now = (
        office_of(request),
        request.path_params["school"],
        zone_of(request),
        office_of(request).clock(),
    )
    on = today(request)
    with office.database.reading() as session:
        named, rules = schools.named(office.forms, school), schools.rules_of(session, school)
        tickets = tickets_for(session, request, school)
        begins = year_begins(office.forms, on)
        visits = schools.visits(session, school, since=begins, zone=zone)
        every = wow.tallies(session, office.forms, school, rules, zone)
        tallies = [tally for tally in every if tally.day >= begins]
        weeks = wow.weeks(tallies, rules, now=now, zone=zone)
        shown = figures_of(tickets, visits, tallies, weeks, rules, office.forms)
        trophies = wow.trophies(session, school)
        return View(
            id=school,
            label=named["label"],
            town=named["town"],
            rules=rules,
            figures=shown,
            week=weeks[-1] if weeks else None,
            trophies=trophies,
            badges=wow.badges(tallies, rules, on.year, on.month),
            badge_month=on.strftime("%Y-%m"),
            milestones=milestones(visits, tallies, [one for one in trophies if one.week >= begins], rules),
            rewards=rewards(tallies, rules, since=begins, on=on),
            reward_numbers=", ".join(map(str, sorted(wow.rewards_of(rules)))),
            saved=wow.car_journeys_saved(tallies, rules),
            tickets=len(tickets),
            moved=sum(ticket.moved for ticket in tickets),
            waiting=len(designs.find(session, office.forms, school=school, states=[ReviewState.RECEIVED])),
        )


def tickets_for(session: Session, request: Request, school: str) -> list[Ticket]:
    """A school's adults see what a supervisor has released; the council's see all."""
    return schools.tickets(
        session,
        office_of(request).forms,
        school,
        since=year_begins(office_of(request).forms, today(request)),
        zone=zone_of(request),
        released_only=request.state.person.role is Role.SCHOOL,
    )


def figures_of(
    tickets: list[Ticket],
    visits: list[schools.Visit],
    tallies: list[Tally],
    weeks: list[Week],
    rules: School,
    forms: Forms,
) -> Figures:
    return school_plots.figures(tickets, visits, tallies, weeks, rules, schools.reason_words(forms))


def card_of(session: Session, forms: Forms, row: Any, zone: ZoneInfo, on: date) -> Card:
    rules = schools.rules_of(session, row["name"])
    shares = wow.school_share(wow.tallies(session, forms, row["name"], rules, zone), rules)
    return Card(
        id=row["name"],
        label=row["label"],
        town=row["town"],
        tickets=len(schools.tickets(session, forms, row["name"], since=year_begins(forms, on), zone=zone)),
        share=shares[-1][1] if shares else None,
        waiting=len(designs.find(session, forms, school=row["name"], states=[ReviewState.RECEIVED])),
    )


def supplies(
    session: Session, forms: Forms, school: str, tickets: list[Ticket], zone: ZoneInfo, on: date
) -> dict[str, Any]:
    """What the printing page draws from: `Supplies` of pwa/src/paper/printer.tsx."""
    rules = schools.rules_of(session, school)
    begins = year_begins(forms, on)
    tallies = [one for one in wow.tallies(session, forms, school, rules, zone) if one.day >= begins]
    rolls = {tally.class_id: tally.roll for tally in tallies}
    shares = wow.school_share(tallies, rules)
    approved = designs.find(session, forms, school=school, states=designs.FIT)
    return {
        "school": schools.named(forms, school)["label"],
        "classes": [
            {
                "name": row["name"],
                "label": row["label"],
                **({"roll": rolls[row["name"]]} if row["name"] in rolls else {}),
            }
            for row in forms.lists.get("school_classes", ())
            if row["school"] == school
        ],
        "designs": [design.to_wire() for design in approved],
        "counts": {
            "since": f"{school_plots.short(begins)} {begins.year}",
            "tickets": len(tickets),
            "wellParked": sum(ticket.result == "green" for ticket in tickets),
            "moved": sum(ticket.moved for ticket in tickets),
            "walked": shares[-1][1] if shares else None,
        },
    }


def rows_of(forms: Forms) -> list[Any]:
    return sorted(forms.lists.get("schools", ()), key=lambda row: row["label"])


def drawing_of(design: Design) -> Markup:
    return Markup(svg(design.sketch))  # noqa: S704 our own shapes; nothing of what came is markup


def year_begins(forms: Forms, on: date) -> date:
    return school_year(forms.settings, on)[0]


def today(request: Request) -> date:
    return office_of(request).clock().astimezone(zone_of(request)).date()


def zone_of(request: Request) -> ZoneInfo:
    return ZoneInfo(office_of(request).settings.time_zone)


def day_of(text: str) -> date | None:
    """Errors: BadRequest for what is no day."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadRequest from error


def numbers_of(text: str) -> list[int] | None:
    """5, 10, 20; none for nothing, which is the usual. Errors: BadRequest for what is no such list."""
    parts = re.split(r"[\s,;]+", text.strip())
    if parts == [""]:
        return None
    if len(parts) > MOST_REWARDS or not all(re.fullmatch(r"[1-9]\d{0,2}", part) for part in parts):
        raise BadRequest
    return sorted({int(part) for part in parts})


MOST_REWARDS = 8


def may_decide(request: Request) -> bool:
    """A school's own adult, and whoever reviews; an auditor only looks."""
    role = request.state.person.role
    return role is Role.SCHOOL or people.may(role, May.REVIEW)


def refuse_readers(request: Request) -> None:
    """Errors: NotAllowed."""
    if not may_decide(request):
        raise NotAllowed
