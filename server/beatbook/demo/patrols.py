"""Pupils' patrols of the example district: one that is open now, and four before it, each greener than the last.

They come in as records of a parking officer's phone and a school's tablet, so whatever is counted of them is real.
"""

import io
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw
from sqlmodel import Session

from .. import __version__, patrols
from ..models import Person, ReviewState
from .district import DEVICES, HOST, Thing
from .records import Decision, Made, Picture, number_of, picture_of

PHONE = next(one for one in DEVICES if one.name.startswith("Parking 1"))
TABLET = next(one for one in DEVICES if one.name.startswith("Northbrook tablet"))
PIN = "2580"  # of every patrol of the example; README says so
CODES = ("FGHJKM", "PQRTUV", "WXYZAB", "CDEFGH", "JKMNPQ")
WEEKS = 4  # the Wednesdays before now
SPOTS = ("northbrook_gate", "northbrook_bus_stop", "northbrook_corner")
LASTS = timedelta(minutes=40)

# How each patrol went, the newest (which is still open) first: green, amber, red.
WENT = ((3, 1, 1), (6, 2, 1), (5, 2, 4), (4, 3, 4), (2, 2, 7))
REASONS = ("ZIGZAG", "ZIGZAG", "PAVEMENT", "GATE", "BUSSTOP", "ENGINE", "CORNER", "DOUBLE", "ZIGZAG", "TURNING")
MESSAGES = {"green": ("m1", "m2", "m3"), "amber": ("m4", "m5", "m6"), "red": ("m7", "m8", "m9", "m12")}
NEXT = ("moved", "moved", "sorry", "thanks", "reason", "stayed", "moved")
DEBRIEFS = (
    "They saw that most people stop on the zig-zags when it rains.",
    "Two drivers waved and thanked them. They would like a sign for the engine.",
    None,
    "The corner is hard to see past when the white van is there.",
)
NEAR_MISS = "A van reversed by the gate while parents crossed. Nobody was hurt. The pupils stood at the fence."


@dataclass(frozen=True)
class Happened:
    """Something that a supervisor did with a patrol at the desk."""

    at: datetime
    do: Callable[[Session, Person], Any]


def records(*, now: datetime, zone: str) -> list[Made]:
    """The records of every patrol, opening, tickets and steps, in the order in which they were made."""
    counters: Counter[str] = Counter()
    found = []
    for week in range(WEEKS, -1, -1):
        morning_after = opened_at(week, now, zone) + timedelta(hours=18, minutes=5)
        made = outing(week, counters, now=now, zone=zone)
        if week and morning_after < now:
            made[0] = looked_at(made[0], morning_after)  # its opening; tickets and steps ask for no decision
        found += made
    return found


def desk_work(*, now: datetime, zone: str) -> list[Happened]:
    """Incidents were read and counts released, the morning after each patrol that is over."""
    found = []
    for week in range(1, WEEKS + 1):
        patrol_id, at = id_of(week, now, zone), opened_at(week, now, zone) + timedelta(hours=18)
        for act in (patrols.Act.SEEN, patrols.Act.RELEASE):
            found.append(Happened(at, step_of(patrol_id, act, at)))
    return [one for one in found if one.at < now]


def step_of(patrol_id: str, act: patrols.Act, at: datetime) -> Callable[[Session, Person], Any]:
    return lambda session, person: patrols.step(session, patrol_id, act, by=f"person:{person.id}", at=at, now=at)


def outing(week: int, counters: Counter[str], *, now: datetime, zone: str) -> list[Made]:
    chance = Random(f"patrol {week}")  # noqa: S311 an example, not a secret
    start, patrol_id = opened_at(week, now, zone), id_of(week, now, zone)
    ends = start + (timedelta(hours=3) if week == 0 else LASTS)
    synced = start + (timedelta(minutes=1) if week == 0 else timedelta(minutes=55))
    salt = f"example{week:02d}salt"
    opening = {
        "school": "northbrook", "window": "pm_pick", "spots": list(SPOTS), "teams": ["fox", "owl"],
        "year_groups": ["y5", "y6"], "adults": 2, "pupils": 6, "school_adult": "teacher",
        **dict.fromkeys(patrols.patrol.CONFIRMATIONS, "yes"), "briefed_at": iso(start - timedelta(minutes=4)),
        "ends_at": iso(ends), "photos": "masked", "join_code": CODES[week], "pin_salt": salt,
        "pin_check": patrols.pin_check_of(PIN, salt),
    }  # fmt: skip
    made = [frozen(PHONE, patrols.OPENING, opening, start, synced, counters, instance_id=patrol_id)]
    results = [name for name, count in zip(("green", "amber", "red"), WENT[week], strict=True) for _ in range(count)]
    chance.shuffle(results)
    for number, result in enumerate(results):
        at = start + (timedelta(minutes=2) if week == 0 else timedelta(minutes=4)) * (number + 1) * 0.8
        received = at + timedelta(seconds=20) if week == 0 else synced + timedelta(seconds=number)
        with_photo = number == 1 and week in (0, 1)
        said = ticket(result, number, chance, with_photo=with_photo)
        photo = (picture(week),) if with_photo else ()
        made.append(
            frozen(TABLET, patrols.TICKET, said, at, received, counters, chance, patrol_id=patrol_id, photos=photo)
        )
    if week:
        went_wrong = {"incident": "near_miss", "incident_note": NEAR_MISS} if week == 3 else {"incident": "none"}
        debrief = DEBRIEFS[week - 1]
        closing = {"act": "close", **went_wrong, **({"debrief": debrief} if debrief else {})}
        at = start + timedelta(minutes=38)
        made.append(
            frozen(
                PHONE, patrols.STEP, closing, at, synced + timedelta(minutes=1), counters, chance, patrol_id=patrol_id
            )
        )
    return made


def ticket(result: str, number: int, chance: Random, *, with_photo: bool) -> dict[str, Any]:
    team, driver = ("fox", "owl")[number % 2], chance.random() < 0.7
    answers: dict[str, Any] = {
        "team": team, "ticket_number": number // 2 + 1, "ticket_no": f"{team.upper()}-{number // 2 + 1:02d}",
        "result": result, "spot": chance.choice(SPOTS), "driver_there": "yes" if driver else "no",
        "message": chance.choice(MESSAGES[result]), "design": "plain", "given_how": "windscreen",
        "next": chance.choice(NEXT) if driver else "nobody",
        "vehicle_kind": chance.choice(("car", "car", "van")),
        "vehicle_colour": chance.choice(("blue", "silver", "red")),
    }  # fmt: skip
    if result != "green":
        answers["reasons"] = [chance.choice(REASONS)]
    if with_photo:
        answers["adult_ok"] = "yes"
    return answers


def frozen(
    device: Thing,
    form_id: str,
    answers: dict[str, Any],
    at: datetime,
    received_at: datetime,
    counters: Counter[str],
    chance: Random | None = None,
    *,
    instance_id: str | None = None,
    patrol_id: str | None = None,
    photos: tuple[Picture, ...] = (),
) -> Made:
    counters[device.name] += 1
    instance_id = instance_id or number_of(at, chance or Random(form_id))  # noqa: S311
    if photos:
        answers = {**answers, "photo": [one.sha256 for one in photos]}
    envelope = {
        "instanceId": instance_id,
        "formId": form_id,
        "formVersion": "1",
        "capturedAt": iso(at),
        "counter": counters[device.name],
        "replaces": None,
        "patrolId": patrol_id,
        "location": None,
        "answers": answers,
        "attachments": [
            {"field": "photo", "sha256": one.sha256, "size": len(one.data), "mediaType": "image/jpeg"} for one in photos
        ],
        "app": __version__,
    }
    payload = json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()
    return Made(-1, device, instance_id, payload, received_at, photos, None)


def looked_at(made: Made, at: datetime) -> Made:
    return replace(made, decision=Decision(at, ReviewState.APPROVED, HOST.name))


def opened_at(week: int, now: datetime, zone: str) -> datetime:
    """This one a quarter of an hour ago; the others at ten to three on the Wednesdays before."""
    if week == 0:
        return now - timedelta(minutes=15)
    here = (now - timedelta(days=1)).astimezone(ZoneInfo(zone))
    wednesday = here.date() - timedelta(days=(here.weekday() - 2) % 7 + 7 * (week - 1))
    return datetime.combine(wednesday, time(14, 50), ZoneInfo(zone)).astimezone(UTC)


def id_of(week: int, now: datetime, zone: str) -> str:
    return number_of(opened_at(week, now, zone), Random(f"patrol {week} opens"))  # noqa: S311


def iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def picture(number: int) -> Picture:
    """Wheels on yellow lines, with the plate covered, as a tablet keeps it."""
    image = Image.new("RGB", (1024, 768), "#b9c6cf")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 470, 1024, 768), fill="#5d6873")
    pen.line((0, 640, 1024, 660), fill="#ffd400", width=16)
    pen.line((0, 690, 1024, 712), fill="#ffd400", width=16)
    pen.rounded_rectangle((120, 250, 900, 590), 70, fill=("#3b6fb5", "#8a3d3d")[number % 2])
    for x in (290, 730):
        pen.ellipse((x - 95, 500, x + 95, 690), fill="#20262c")
        pen.ellipse((x - 45, 550, x + 45, 640), fill="#b7c0c8")
    pen.rectangle((430, 500, 600, 560), fill="#0b0c0c")
    file = io.BytesIO()
    image.save(file, "JPEG", quality=82)
    return picture_of(file.getvalue())
