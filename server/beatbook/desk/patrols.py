"""Patrols: the pupils' patrols of the district, newest first, and how one is opened at the desk."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import patrols
from ..models import Patrol
from ..office import Office
from ..patrols import Counts, Standing
from ..people import May
from ..problems import PatrolRules
from .pages import page
from .session import office_of, person_required

MINUTES = (20, 30, 40, 50, 60, 90)
NOTHING_SAID: dict[str, Any] = {
    "school": "",
    "window": "",
    "spots": [],
    "teams": [],
    "year_groups": ["y5", "y6"],
    "adults": "",
    "pupils": "",
    "school_adult": "",
    "photos": "off",
    "minutes": 40,
}


@dataclass(frozen=True)
class Row:
    patrol: Patrol
    school: str
    stands: Standing
    counts: Counts
    photos: int  # that wait for somebody to look


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    def read() -> list[Row]:
        office = office_of(request)
        with office.database.reading() as session:
            return rows(session, office, patrols.recent(session))

    found = await run_in_threadpool(read)
    return page(request, "patrols.html", rows=found, states=STATE_WORDS, words=PatrolWords(office_of(request)))


@person_required(May.LEAD_PATROLS)
async def ask(request: Request) -> Response:
    return draw(request, {}, {})


@person_required(May.LEAD_PATROLS)
async def submit(request: Request) -> Response:
    office, person, now = office_of(request), request.state.person, office_of(request).clock()
    async with request.form(max_files=0, max_fields=60) as form:
        told = told_by(form, now, office)
    try:
        patrol = await office.database.write_soon(
            lambda session: patrols.open_at_desk(
                session, told, told["pin"], person_id=person.id, lists=office.forms.lists,
                settings=office.settings, now=now,
            )
        )  # fmt: skip
    except PatrolRules as problem:
        return draw(request, told, {name: WRONG[name] for name in problem.more["broken"] if name in WRONG})
    return RedirectResponse(f"/desk/patrols/{patrol.id}", status_code=303)


def draw(request: Request, told: dict[str, Any], wrong: dict[str, str]) -> Response:
    office = office_of(request)
    return page(
        request,
        "patrol_open.html",
        status=422 if wrong else 200,
        told=NOTHING_SAID | told,
        wrong=wrong,
        words=PatrolWords(office),
        minutes=MINUTES,
        per_adult=office.settings.pupils_per_adult,
        briefing=BRIEFING,
    )


def told_by(form: FormData, now: datetime, office: Office) -> dict[str, Any]:
    """What the page said, in the words of the phone's own record."""
    school, minutes = str(form.get("school", "")), whole(form.get("minutes"))
    spots = [str(spot) for spot in form.getlist("spots")]
    places = {row["name"] for row in office.forms.lists.get("school_places", ()) if row.get("school") == school}
    return {
        **{name: str(form.get(name, "")) for name in ("window", "school_adult", "photos", "pin")},
        **{name: "yes" for name in patrols.patrol.CONFIRMATIONS if form.get(name) == "yes"},
        "school": school,
        "spots": [spot for spot in spots if spot in places],
        "teams": [str(team) for team in form.getlist("teams")],
        "year_groups": [str(year) for year in form.getlist("year_groups")],
        "adults": whole(form.get("adults")),
        "pupils": whole(form.get("pupils")),
        "minutes": minutes,
        "ends_at": (now + timedelta(minutes=minutes)).isoformat(),
    }


def whole(value: Any) -> int:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 4 else 0


def rows(session: Session, office: Office, found: list[Patrol]) -> list[Row]:
    ids = [patrol.id for patrol in found]
    counted, steps = patrols.count_all(session, ids), patrols.patrol.steps_of(session, ids)
    waiting = [photo.patrol_id for photo in patrols.pending(session, ids)]
    words, now = PatrolWords(office), office.clock()
    return [
        Row(
            patrol,
            words.school(patrol.school),
            patrols.standing_of(patrol, steps[patrol.id], now),
            counted[patrol.id],
            waiting.count(patrol.id),
        )
        for patrol in found
    ]


class PatrolWords:
    """The words of a patrol's codes, from the forms and lists themselves."""

    def __init__(self, office: Office) -> None:
        self.lists = office.forms.lists
        self.opening, self.ticket = (office.forms.newest(form) for form in (patrols.OPENING, patrols.TICKET))
        self.stepping = office.forms.newest(patrols.STEP)
        self.zone = ZoneInfo(office.settings.time_zone)

    def school(self, name: str) -> str:
        return self.of_list("schools", name)

    def spot(self, name: str) -> str:
        return self.of_list("school_places", name)

    def of_list(self, listed: str, name: str) -> str:
        return next((str(row["label"]) for row in self.lists.get(listed, ()) if row["name"] == name), name)

    def said(self, field: str, name: str) -> str:
        for form in (self.opening, self.ticket, self.stepping):
            known = form.field(field) if form else None
            for choice in known.choices if known else ():
                if choice.name == name:
                    return str(choice.columns.get("officer", choice.label))
        return name

    def choices(self, field: str) -> list[tuple[str, str]]:
        known = self.opening.field(field) if self.opening else None
        return [(choice.name, choice.label) for choice in known.choices] if known else []

    def rows(self, listed: str) -> list[dict[str, Any]]:
        return [dict(row) for row in self.lists.get(listed, ())]


STATE_WORDS = {
    "open": ("Open", "dot", "good"),
    "paused": ("Paused", "clock", "back"),
    "closed": ("Closed", "lock", "old"),
}
WRONG = {
    "school": "Choose a school",
    "dpia": "This school has no data protection assessment on its record yet",
    "window": "Choose morning or afternoon",
    "spots": "Choose the spots you will watch, of this school",
    "teams": "Choose one to four teams",
    "year_groups": "Choose the year groups",
    "adults": "Two to ten adults must be on the street",
    "pupils": "Too many pupils for the adults: more adults, or fewer pupils",
    "school_adult": "Say who from the school is with you",
    "permission_confirmed": "Confirm that a parent or carer has agreed for every pupil",
    "risk_checked": "Confirm that the street was checked today",
    "hi_vis": "Confirm that everyone is wearing hi-vis",
    "briefing_read": "Confirm that the briefing was read out",
    "pin": "Choose a PIN of four digits",
    "ends_at": "Choose how long the patrol lasts",
}
BRIEFING = (
    "Stay with your grown-up and on the pavement. Never step between cars. We are polite. If a driver is cross, step"
    " back and tell your grown-up. You do not write names or number plates. The tablet does not know your name or where"
    " you live. If you take a picture, only wheels and lines, and we cover number plates and people. A grown-up checks"
    " every picture and we throw pictures away after a month. You can stop whenever you like."
)
