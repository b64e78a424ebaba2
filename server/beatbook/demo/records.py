"""Records as the district's phones would have frozen them: answers, places, times and photos, and what came of each.

Everything follows from the number of a record, so the same district comes out every time; only its times depend on
when the demonstration begins. Numbers count back from the newest record, 0.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from .. import __version__
from ..forms import Context, Form, Forms, answers
from ..forms.pictures import about_name
from ..models import ReviewState, Role
from . import district, pictures
from .district import Spot, Thing

RECORDS = 300
DAYS = 60
WAITING = 25  # the newest; nobody has looked at them yet
SCENES = {"graffiti": (pictures.GRAFFITI, 18), "litter": (pictures.GROUNDS, 16)}  # and how many pictures of them
HOURS = (
    (7, 1),
    (8, 4),
    (9, 8),
    (10, 9),
    (11, 8),
    (12, 9),
    (13, 9),
    (14, 8),
    (15, 8),
    (16, 7),
    (17, 6),
    (18, 4),
    (20, 2),
)
OFFICE_HOURS = range(8, 17)


class Oddity(StrEnum):
    """What is unusual about a few of them, so that everything the desk can show is there to be seen."""

    PHOTO_MISSING = "one of its photos has not arrived"
    CLOCK = "the phone's clock is three hours fast"
    GAP = "a required answer is missing"
    NO_FIX = "the receiver gave a place in the sea off Africa"
    NO_SIGNAL = "it was delivered seven hours later"
    NEWER_FORM = "made with a version of the form that is not here yet"


ODDITIES = {
    2: Oddity.PHOTO_MISSING,
    5: Oddity.CLOCK,
    8: Oddity.GAP,
    11: Oddity.NO_FIX,
    14: Oddity.NO_SIGNAL,
    17: Oddity.NEWER_FORM,
    33: Oddity.GAP,
    47: Oddity.CLOCK,
    61: Oddity.NO_SIGNAL,
    90: Oddity.NO_FIX,
}
SENT_BACK = (26, 28, 31, 36, 44, 55)
NOT_ACCEPTED = (30, 64, 128, 190)
MENDS = {20: 42, 29: 70}  # a better record, and the one that had been sent back


@dataclass(frozen=True)
class Picture:
    data: bytes
    sha256: str


@dataclass(frozen=True)
class View:
    """Something seen from further back and, sometimes, close."""

    scene: str
    what: str  # the word that is sprayed, or the litter that lies there
    pictures: tuple[Picture, ...]


@dataclass(frozen=True)
class Decision:
    at: datetime
    state: ReviewState
    reviewer: str
    reason: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Made:
    """A record, whose it is, when it came in with which photos, and what was decided about it."""

    number: int
    device: Thing
    instance_id: str
    payload: bytes
    received_at: datetime
    photos: tuple[Picture, ...]
    decision: Decision | None


# Photos ---------------------------------------------------------------------------------------------------------


def views() -> list[View]:
    """Every photo of the district, drawn on all cores as far as Pillow lets go of the interpreter."""
    chance = Random("photos")  # noqa: S311 an example, not a secret
    wanted = []
    for form_id, (scenes, count) in SCENES.items():
        things = list(district.DROPPED) if form_id == "litter" else list(district.TAGS)
        for number in range(count):
            wanted.append(
                (list(scenes)[number % len(scenes)], number, things[number % len(things)], chance.random() < 0.5)
            )
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda view: view_of(*view), wanted))


def view_of(scene: str, number: int, what: str, has_close_up: bool) -> View:
    drawn = [
        pictures.photo(scene, number, what, close=close) for close in ((False, True) if has_close_up else (False,))
    ]
    return View(scene, what, tuple(picture_of(data) for data in drawn))


def picture_of(data: bytes) -> Picture:
    return Picture(data, hashlib.sha256(data).hexdigest())


# Records --------------------------------------------------------------------------------------------------------


def records(forms: Forms, seen: Sequence[View], *, now: datetime, zone: str) -> list[Made]:
    """All of them, in the order in which they came in."""
    london, counters, made = ZoneInfo(zone), Counter[str](), {}
    for number, captured_at in sorted(enumerate(moments(now, london)), reverse=True):
        mended = made.get(MENDS.get(number, -1))
        made[number] = record(number, captured_at.astimezone(london), forms, seen, counters, mended, now=now)
    return sorted(made.values(), key=lambda one: one.received_at)


def moments(now: datetime, zone: ZoneInfo) -> list[datetime]:
    """When they were made: evenly over the days, at the hours when people are out. The newest first."""
    chance, hours, weights = Random("moments"), *zip(*HOURS, strict=True)  # noqa: S311
    found = []
    for number in range(RECORDS):
        day = (now - timedelta(days=DAYS * number / RECORDS)).astimezone(zone).date()
        at = time(chance.choices(hours, weights)[0], chance.randrange(60), chance.randrange(60))
        moment = datetime.combine(day, at, zone)
        late = moment.astimezone(UTC) > now - timedelta(minutes=20)
        found.append((moment - timedelta(days=1) if late else moment).astimezone(UTC))
    return sorted(found, reverse=True)


def record(
    number: int,
    captured_at: datetime,
    forms: Forms,
    seen: Sequence[View],
    counters: Counter[str],
    mends: Made | None,
    *,
    now: datetime,
) -> Made:
    oddity = ODDITIES.get(number)
    chance = Random(f"record {MENDS.get(number, number)}")  # noqa: S311
    device = chance.choices(district.DEVICES, [thing.share for thing in district.DEVICES])[0]
    form_id = "graffiti" if device.role is Role.FORESHORE or chance.random() < 0.42 else "litter"
    spot = spot_for(form_id, device, chance)
    view = chance.choice([view for view in seen if view.scene == spot.scene])
    stated_at = captured_at + timedelta(hours=3) if oddity is Oddity.CLOCK else captured_at
    taken = photos_for(form_id, view, chance, withheld=oddity is Oddity.PHOTO_MISSING, better=mends is not None)
    draft = (graffiti if form_id == "graffiti" else litter)(spot, view, taken, stated_at, chance)
    form = needed(forms, form_id)
    given = settle(form, draft, forms.context(stated_at, draft), chance)
    if oddity is Oddity.GAP:
        del given["surface" if form_id == "graffiti" else "view"]
    counters[device.name] += 1
    instance_id = number_of(captured_at, chance if mends is None else Random(f"mended {number}"))  # noqa: S311
    envelope = {
        "instanceId": instance_id,
        "formId": form_id,
        "formVersion": f"{form.version}.1" if oddity is Oddity.NEWER_FORM else form.version,
        "capturedAt": stated_at.isoformat(timespec="seconds"),
        "counter": counters[device.name],
        "replaces": mends.instance_id if mends else None,
        "patrolId": None,
        "location": location(spot, stated_at, chance, fixed=oddity is not Oddity.NO_FIX),
        "answers": given,
        "attachments": [
            {
                "field": "photo_before" if form_id == "graffiti" else "photos",
                "sha256": photo.sha256,
                "size": len(photo.data),
                "mediaType": "image/jpeg",
            }
            for photo in taken
        ],
        "app": __version__,
    }
    received_at = min(captured_at.astimezone(UTC) + delay(oddity, chance), now - timedelta(minutes=1))
    return Made(
        number,
        device,
        instance_id,
        json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode(),
        received_at,
        taken[:1] if oddity is Oddity.PHOTO_MISSING else taken,
        decision(number, received_at, captured_at, chance, now),
    )


def needed(forms: Forms, form_id: str) -> Form:
    """Errors: ValueError, with a sentence, for a council whose own forms leave it out."""
    form = forms.newest(form_id)
    if form is None:
        raise ValueError(f"The demonstration needs the form {form_id}, which this forms folder does not have.")
    return form


def spot_for(form_id: str, device: Thing, chance: Random) -> Spot:
    spots = district.GRAFFITI_SPOTS if form_id == "graffiti" else district.LITTER_SPOTS
    if device.role is Role.FORESHORE:
        spots = tuple(spot for spot in spots if spot.is_coast)
    hot = [3 if number % 5 == 0 else 1 for number in range(len(spots))]  # problems gather
    return chance.choices(spots, hot)[0]


def photos_for(form_id: str, view: View, chance: Random, *, withheld: bool, better: bool) -> tuple[Picture, ...]:
    if withheld:
        return (view.pictures[0], picture_of(pictures.photo(view.scene, 1000, view.what)))
    if form_id == "litter" and chance.random() < 0.1 and not better:
        return ()
    return view.pictures


def number_of(moment: datetime, chance: Random) -> str:
    """A UUID of version 7, as the phones make them: the time, then chance."""
    value = int(moment.timestamp() * 1000) << 80 | 7 << 76 | chance.getrandbits(12) << 64
    text = f"{value | 2 << 62 | chance.getrandbits(62):032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def location(spot: Spot, at: datetime, chance: Random, *, fixed: bool) -> dict[str, Any] | None:
    if not fixed:
        return {
            "latitude": 0,
            "longitude": 0,
            "accuracy": 9999,
            "source": "gps",
            "fixedAt": at.isoformat(timespec="seconds"),
        }
    if chance.random() < 0.08:
        return None  # no fix came before the record was finished
    by_hand = chance.random() < 0.12
    return {
        "latitude": round(spot.latitude + chance.uniform(-0.0003, 0.0002), 6),
        "longitude": round(spot.longitude + chance.uniform(-0.0004, 0.0004), 6),
        "accuracy": 0 if by_hand else round(chance.uniform(3.5, 24), 1),
        "source": "pin" if by_hand else "gps",
        "fixedAt": (at - timedelta(seconds=chance.randint(2, 90))).isoformat(timespec="seconds"),
    }


def delay(oddity: Oddity | None, chance: Random) -> timedelta:
    """Between finishing a record and its receipt."""
    if oddity is Oddity.NO_SIGNAL:
        return timedelta(hours=7, minutes=chance.randrange(40))
    if chance.random() < 0.12:
        return timedelta(minutes=chance.randint(8, 90))
    return timedelta(seconds=chance.randint(4, 80))


# Answers --------------------------------------------------------------------------------------------------------


def graffiti(spot: Spot, view: View, taken: Sequence[Picture], at: datetime, chance: Random) -> dict[str, Any]:
    on, surface, kinds = district.GRAFFITI_ON[spot.scene]
    hut_no = chance.randint(*district.HUT_NUMBERS.get(spot.place, (1, 1)))
    offensive = chance.choices(("no", "swear", "political", "race"), (88, 8, 2, 2))[0]
    return {
        "photo_before": [photo.sha256 for photo in taken],
        "size": chance.choices(("a4", "door", "wall", "many"), (4, 5, 2, 1))[0],
        "offensive": offensive,
        "police_ref": f"46/{chance.randint(10_000, 99_999)}/26",
        "kind": chance.choice(kinds),
        "object": on,
        "hut_row": district.HUT_ROWS.get(spot.place),
        "hut_no": str(hut_no),
        "surface": surface,
        "place_text": f"No. {hut_no}, {spot.place}" if on == "beach_hut" else spot.place,
        "ownership": spot.ownership,
        "consent_state": chance.choice(("asked", "signed", "signed", "cannot_trace")),
        "suspect_seen": "yes" if chance.random() < 0.04 else "no",
        "outcome": "none",  # whoever it was had left; those who were caught are in enforcement.py
        "text_seen": view.what,
        "fresh": chance.choice(("recent", "recent", "old", "wet")),
        "source": "hut_check" if on == "beach_hut" else chance.choices(("patrol", "public", "partner"), (8, 2, 1))[0],
        "found_at": (at - timedelta(minutes=chance.randint(0, 6))).isoformat(timespec="seconds"),
    }


def litter(spot: Spot, view: View, taken: Sequence[Picture], at: datetime, chance: Random) -> dict[str, Any]:
    kind, details = district.DROPPED[view.what]
    accidental = chance.choices(("no", "maybe", "yes"), (16, 2, 1))[0]
    picked_up = chance.choices(("no", "offered", "yes"), (5, 3, 6))[0]
    mild = accidental != "no" or picked_up != "no"
    return {
        "litter_kind": kind,
        "litter_detail": chance.choice(details),
        "photos": [photo.sha256 for photo in taken],
        "no_photo_reason": chance.choice(("picked_up", "picked_up", "people", "gone")),
        "place_text": spot.place,
        "seen_by": chance.choices(("saw_leave", "saw_drop", "other_officer", "cctv"), (10, 4, 2, 1))[0],
        "second_officer": "Amira Shah",
        "distance_m": chance.randint(3, 30),
        "view": "partly" if at.hour >= 18 else chance.choices(("clear", "partly"), (8, 1))[0],
        "accidental": accidental,
        "picked_up": picked_up,
        "outcome": chance.choices(("advice", "none"), (6, 1))[0] if mild else chance.choice(("warning", "advice")),
        "offence_at": (at - timedelta(minutes=chance.randint(1, 12))).isoformat(timespec="seconds"),
        "land_kind": spot.land,
        "left_m": chance.randint(2, 40),
        "bin_m": chance.randint(2, 70),
        "notes": chance.choice(district.NOTES),
    }


def settle(form: Form, draft: dict[str, Any], context: Context, chance: Random) -> dict[str, Any]:
    """The answers that count. A question the form has gained since this was written gets one of its first choices."""
    given = {name: value for name, value in draft.items() if form.field(name) and value not in (None, "", [])}
    given |= said_of_photos(form, given)
    for finding in answers.problems(form, given, context):
        field = form.field(finding.field)
        if finding.code == "required" and field and field.choices and field.type != "image":
            given[field.name] = chance.choice(field.choices[:2]).name
    return answers.cleaned(form, given, context)


def said_of_photos(form: Form, given: Mapping[str, Any]) -> dict[str, Any]:
    """What a phone says beside each photo: what it shows, in turn, and that nobody can be recognised."""
    said = {}
    for field in form.fields_flat():
        if field.type == "image" and field.choices and field.name in given:
            shows = [choice.name for choice in field.choices[: len(given[field.name])]]
            said[about_name(field.name)] = [
                {"photo": photo, "shows": shows[min(at, len(shows) - 1)], "person": "no"}
                for at, photo in enumerate(given[field.name])
            ]
    return said


# Decisions ------------------------------------------------------------------------------------------------------


def decision(
    number: int, received_at: datetime, captured_at: datetime, chance: Random, now: datetime
) -> Decision | None:
    """What a supervisor made of it on the next working day."""
    if number < WAITING and number not in MENDS.values():
        return None
    at = min(desk_time(received_at, captured_at, chance), now - timedelta(minutes=2))
    decided = Decision(
        at, ReviewState.APPROVED, chance.choice(district.REVIEWERS), note=chance.choice(district.APPROVED)
    )
    if number in (*SENT_BACK, *MENDS.values()):
        reason, note = chance.choice(district.SENT_BACK)
        return replace(decided, state=ReviewState.HAS_ISSUES, reason=reason, note=note)
    if number in NOT_ACCEPTED:
        reason, note = district.NOT_ACCEPTED[NOT_ACCEPTED.index(number)]
        return replace(decided, state=ReviewState.REJECTED, reason=reason, note=note)
    return decided


def desk_time(received_at: datetime, captured_at: datetime, chance: Random) -> datetime:
    """Some time later, in office hours: the same day when it came in early, else the next."""
    local = received_at.astimezone(captured_at.tzinfo) + timedelta(minutes=chance.randint(12, 200))
    if local.hour not in OFFICE_HOURS:
        days = 1 if local.hour >= OFFICE_HOURS.stop else 0
        start = datetime.combine(local.date() + timedelta(days=days), time(OFFICE_HOURS.start), local.tzinfo)
        local = start + timedelta(minutes=chance.randint(20, 240))
    return local.astimezone(UTC)
