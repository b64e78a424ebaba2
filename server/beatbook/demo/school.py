"""The schools of the example district: ten walking Wednesdays of two of them, and ticket pictures."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from .. import __version__, schools, wow
from ..forms import Forms
from ..models import Person, ReviewState, Role
from . import district
from .district import Thing
from .records import Decision, Made, number_of, settle

WEEKS = 10
HALF_TERM = (10, 4)  # the month, and which of its Mondays, that has no school
WALKERS = {"northbrook": (0.52, 0.02), "seagate": (0.44, 0.008)}  # the share at first, and what each week adds
TABLETS = {
    "northbrook": Thing("Northbrook office", Role.SCHOOL, school="northbrook"),
    "seagate": Thing("Seagate office", Role.SCHOOL, school="seagate"),
}
PUPILS_TABLET = Thing("Northbrook tablet 1", Role.PUPIL, school="northbrook")
SMALL_CLASS = ("seagate", "Reception")  # so that there is one which must not be shown by itself


@dataclass(frozen=True)
class Announced:
    school: str
    monday: date
    at: datetime


def records(forms: Forms, *, now: datetime, zone: str) -> list[Made]:
    """What the schools sent, numbered by device in the order of time. Nothing where a council leaves the forms out."""
    town = ZoneInfo(zone)
    drafts = [
        *(walking(forms, town, now) if forms.newest(wow.FORM) else []),
        *(pictures(now) if forms.newest("ticket_design") else []),
    ]
    counters: Counter[Thing] = Counter()
    made = []
    for number, draft in enumerate(sorted(drafts, key=lambda one: one.at)):
        counters[draft.device] += 1
        made.append(draft.made(number, counters[draft.device], forms, now))
    return made


def announcements(forms: Forms, *, now: datetime, zone: str) -> list[Announced]:
    """Assembly is on Friday at half past two."""
    town = ZoneInfo(zone)
    found = []
    for monday in mondays(now, town):
        at = datetime.combine(monday + timedelta(days=4), time(14, 30), town)
        found += [Announced(school, monday, at) for school in WALKERS if at < now - timedelta(minutes=5)]
    return found if forms.newest(wow.FORM) else []


def announce(one: Announced, forms: Forms, person: Person, zone: str) -> Callable[[Session], None]:
    def do(session: Session) -> None:
        rules, town = schools.rules_of(session, one.school), ZoneInfo(zone)
        found = wow.tallies(session, forms, one.school, rules, town)
        for week in wow.weeks(found, rules, now=one.at, zone=town):
            if week.monday == one.monday and week.winners:
                wow.announce(session, one.school, week, person=person, now=one.at)

    return do


# What is sent -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Draft:
    device: Thing
    form_id: str
    at: datetime
    answers: Mapping[str, Any]
    approved: bool

    def made(self, number: int, counter: int, forms: Forms, now: datetime) -> Made:
        chance = Random(f"school {number}")  # noqa: S311 an example, not a secret
        form = forms.newest(self.form_id)
        assert form is not None
        instance_id = number_of(self.at, chance)
        envelope = {
            "instanceId": instance_id,
            "formId": self.form_id,
            "formVersion": form.version,
            "capturedAt": self.at.isoformat(timespec="seconds"),
            "counter": counter,
            "replaces": None,
            "patrolId": None,
            "location": None,
            "answers": settle(form, dict(self.answers), forms.context(self.at, dict(self.answers)), chance),
            "attachments": [],
            "app": __version__,
        }
        received_at = min(self.at + timedelta(seconds=chance.randint(5, 90)), now - timedelta(minutes=4))
        decided_at = received_at + timedelta(minutes=chance.randint(2, 40))
        decided = Decision(decided_at, ReviewState.APPROVED, chance.choice(district.REVIEWERS))
        waits = not self.approved or not form.review or decided_at > now - timedelta(minutes=1)
        payload = json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()
        return Made(number, self.device, instance_id, payload, received_at, (), None if waits else decided)


def walking(forms: Forms, town: ZoneInfo, now: datetime) -> list[Draft]:
    found = []
    for school, (start, grows) in WALKERS.items():
        for week, monday in enumerate(mondays(now, town)):
            day = monday + timedelta(days=wow.WEDNESDAY)
            for row in forms.lists["school_classes"]:
                at = datetime.combine(day, time(9, 5), town) + timedelta(seconds=17 * len(found) % 600)
                if row["school"] == school and at < now - timedelta(minutes=10):
                    answers = tally(row, day, start + grows * week)
                    found.append(Draft(TABLETS[school], wow.FORM, at, answers, approved=True))
    return found


def tally(row: Mapping[str, str], day: date, share: float) -> dict[str, Any]:
    chance = Random(f"{row['name']} {day.toordinal() % 70}")  # noqa: S311
    roll = 6 if (row["school"], row["label"]) == SMALL_CLASS else Random(row["name"]).randint(22, 30)  # noqa: S311
    present = max(roll - chance.randint(0, 2), 1)
    active = min(round(present * (share + chance.uniform(-0.12, 0.12))), present)
    modes = Counter(chance.choices(("walk", "scoot", "cycle", "stride", "wbus"), (11, 3, 2, 3, 1), k=active))
    rides = min(chance.randint(0, 2), present - active)
    stamps = chance.sample(range(1, roll + 1), active) if row["year"] == "Year 4" else []
    return {
        "school_id": row["school"],
        "class_id": row["name"],
        "day": day.isoformat(),
        "roll": roll,
        "present": present,
        **{f"n_{mode}": modes[mode] for mode in wow.ACTIVE},
        "n_bus": rides,
        "n_car": present - active - rides,
        "unable": chance.choice((0, 0, 0, 1)),
        "entry": "card_taps" if stamps else "teacher_count",
        "stickers": active,
        "stamps": [{"card_no": card, "mode": "walk"} for card in sorted(stamps)],
    }


def pictures(now: datetime) -> list[Draft]:
    begun = now - timedelta(days=34)
    found = []
    for number, (made_by, votes, approved, drawing) in enumerate(DRAWN):
        school = made_by.rpartition("_year")[0]
        device = PUPILS_TABLET if school == "northbrook" else TABLETS[school]
        at = (begun if approved else now - timedelta(days=1)) + timedelta(minutes=3 * number)
        answers = {"school": school, "made_by": made_by, "drawing": drawing, "votes": votes}
        found.append(Draft(device, "ticket_design", at, answers, approved))
    return found


def mondays(now: datetime, town: ZoneInfo) -> list[date]:
    """The school weeks up to this one, without half term."""
    this = wow.monday_of(now.astimezone(town).date())
    weeks = [this - timedelta(weeks=back) for back in range(WEEKS, -1, -1)]
    return [monday for monday in weeks if (monday.month, (monday.day - 1) // 7 + 1) != HALF_TERM][-WEEKS:]


# What the classes drew --------------------------------------------------------------------------------------------


def sticker(name: str, x: int, y: int, size: int, turn: int = 0) -> dict[str, Any]:
    return {"sticker": name, "x": x, "y": y, "size": size, "turn": turn}


def stroke(pen: str, width: str, *points: int) -> dict[str, Any]:
    return {"pen": pen, "width": width, "points": " ".join(map(str, points))}


def drawing(background: str, *parts: dict[str, Any]) -> dict[str, Any]:
    return {"background": background, "parts": list(parts)}


ARC = ((90, 420), (180, 260), (330, 180), (480, 180), (630, 260), (720, 420))
RAINBOW = [
    stroke(pen, "thick", *(number for x, y in ARC for number in (x, y - 28 * at)))
    for at, pen in enumerate(("purple", "blue", "green", "yellow", "orange", "red"))
]
DRAWN: Sequence[tuple[str, int, bool, dict[str, Any]]] = (
    (
        "northbrook_year5",
        11,
        True,
        drawing(
            "street",
            sticker("lollipop", 170, 300, 4),
            sticker("car", 600, 420, 3),
            sticker("heart", 400, 150, 3),
            stroke("red", "medium", 480, 330, 700, 500),
            stroke("red", "medium", 700, 330, 480, 500),
        ),
    ),
    ("northbrook_year5", 8, True, drawing("sky", *RAINBOW, sticker("feet", 400, 460, 4), sticker("sun", 690, 110, 3))),
    (
        "northbrook_year6",
        14,
        True,
        drawing(
            "meadow",
            sticker("tree", 120, 350, 4),
            sticker("bike", 420, 430, 4),
            sticker("sun", 660, 110, 3),
            sticker("smile", 650, 420, 2),
            stroke("green", "thin", 250, 560, 300, 520, 350, 560, 400, 520, 450, 560, 500, 520, 550, 560),
        ),
    ),
    ("northbrook_year6", 6, False, drawing("night", sticker("blue_car", 300, 430, 4), sticker("star", 560, 200, 3, 2))),
    (
        "northbrook_year4",
        9,
        False,
        drawing("paper", sticker("cone", 180, 400, 4), sticker("bus", 500, 380, 4), *RAINBOW[:2]),
    ),
    ("seagate_year5", 12, True, drawing("sunset", sticker("feet", 250, 400, 4, 3), sticker("heart", 540, 260, 4))),
)
