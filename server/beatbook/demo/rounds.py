"""Rounds in the example district: visits to school gates, walks along beach huts, events, walking buses and patrols.

Cars on the zig-zags grow fewer from visit to visit, huts are broken into where nobody looks, and the bus runs on most
days, so that maps and charts have something to show. As in records.py everything follows from numbers.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from .. import __version__
from ..forms import Forms, answers
from ..models import ReviewState
from . import district
from .district import Thing
from .records import Decision, Made, Picture, View, delay, needed, number_of

FORMS = ("gate_visit", "driver_contact", "hut_round", "hut_damage", "event_log", "walking_bus", "patrol", "notebook")
DAYS = 56
LOOKED_AT_AFTER = 3  # days; what is newer waits for review
FIRST_NUMBER = 1000  # after those of records.py
DEVICES = {thing.name: thing for thing in district.DEVICES}
SARAH, DANIEL = DEVICES["Phone 1, Sarah"], DEVICES["Phone 2, Daniel"]
JO, PRIYA, ALAN = DEVICES["Foreshore 1, Jo"], DEVICES["Parking 1, Priya"], DEVICES["Walking bus, Alan"]
Place = tuple[float, float]


@dataclass(frozen=True)
class Done:
    """Something somebody did on a day, in the answers that their form asks for."""

    days: int  # ago
    at: time
    device: Thing
    form_id: str
    says: dict[str, Any]
    place: Place | None = None
    photos: tuple[Picture, ...] = ()


def records(forms: Forms, seen: Sequence[View], before: Sequence[Made], *, now: datetime, zone: str) -> list[Made]:
    """All of them, numbered on each device after those it made `before`."""
    counters = Counter[str]()
    for one in before:
        counters[one.device.name] = max(counters[one.device.name], json.loads(one.payload)["counter"])
    done = [*visits(forms), *hut_rounds(forms, seen), *hut_damage(seen), *events(), *buses(), *patrols(), *notes()]
    moments = [(moment_of(one, now, ZoneInfo(zone)), one) for one in done]
    ordered = sorted(((at, one) for at, one in moments if at < now - timedelta(minutes=20)), key=lambda pair: pair[0])
    return [
        made(FIRST_NUMBER + number, at.astimezone(ZoneInfo(zone)), one, forms, counters, now=now)
        for number, (at, one) in enumerate(ordered)
    ]


def moment_of(done: Done, now: datetime, zone: ZoneInfo) -> datetime:
    """On the day it was done, or on the Friday before a weekend: schools and buses know no Sundays."""
    day = (now - timedelta(days=done.days)).astimezone(zone).date()
    day -= timedelta(days=max(0, day.weekday() - 4))
    return datetime.combine(day, done.at, zone).astimezone(UTC)


def made(number: int, at: datetime, done: Done, forms: Forms, counters: Counter[str], *, now: datetime) -> Made:
    chance = Random(f"round {number}")  # noqa: S311 an example, not a secret
    form = needed(forms, done.form_id)
    dated = {name: value(at) if callable(value) else value for name, value in done.says.items()}
    given = {**answers.defaults(form, forms.context(at, {})), **dated}
    counters[done.device.name] += 1
    envelope = {
        "instanceId": number_of(at, chance),
        "formId": form.form_id,
        "formVersion": form.version,
        "capturedAt": at.isoformat(timespec="seconds"),
        "counter": counters[done.device.name],
        "replaces": None,
        "patrolId": None,
        "location": located(done.place, at, chance) if done.place else None,
        "answers": answers.cleaned(form, given, forms.context(at, given)),
        "attachments": [
            {"field": "photos", "sha256": photo.sha256, "size": len(photo.data), "mediaType": "image/jpeg"}
            for photo in done.photos
        ],
        "app": __version__,
    }
    received_at = min(at.astimezone(UTC) + delay(None, chance), now - timedelta(minutes=1))
    payload = json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()
    decided = decision(done, received_at, chance, now)
    return Made(number, done.device, str(envelope["instanceId"]), payload, received_at, done.photos, decided)


def located(place: Place, at: datetime, chance: Random) -> dict[str, Any]:
    return {
        "latitude": round(place[0] + chance.uniform(-0.0002, 0.0002), 6),
        "longitude": round(place[1] + chance.uniform(-0.0003, 0.0003), 6),
        "accuracy": round(chance.uniform(3.5, 18), 1),
        "source": "gps",
        "fixedAt": (at - timedelta(seconds=chance.randint(2, 60))).isoformat(timespec="seconds"),
    }


def decision(done: Done, received_at: datetime, chance: Random, now: datetime) -> Decision | None:
    if done.days <= LOOKED_AT_AFTER:
        return None
    at = min(received_at + timedelta(hours=chance.randint(2, 26)), now - timedelta(minutes=2))
    return Decision(at, ReviewState.APPROVED, chance.choice(district.REVIEWERS))


def clock(minutes: int = 0):
    """A time so many minutes from the one at which the record was finished."""
    return lambda at: (at + timedelta(minutes=minutes)).isoformat(timespec="seconds")


def lot(name: object) -> Random:
    return Random(f"rounds {name}")  # noqa: S311 an example, not a secret


# What was done --------------------------------------------------------------------------------------------------


def visits(forms: Forms) -> Iterator[Done]:
    """Each school about every eight days. Less stands on the zig-zags where somebody comes often."""
    for turn, school in enumerate(forms.lists["schools"]):
        first = int(school.get("baseline_skc") or 6)
        for visit, days in enumerate(range(DAYS - turn, 0, -8)):
            chance = lot(f"{school['name']} {visit}")
            skc = max(0, round(first * (1 - visit / 8)) + chance.randint(-1, 1))
            double, pavement, idling = chance.randint(1, 6), chance.randint(0, 5), chance.randint(0, 4)
            cars = skc + double + pavement + idling
            parking, miss = visit % 2 == 1, chance.random() < 0.12
            says = {
                "school_id": school["name"],
                "window": "am_drop" if visit % 2 else "pm_pick",
                "purpose": "baseline" if visit == 0 else "enforce" if parking else "educate",
                "agencies": ["csu", "parking"] if parking else ["csu", "school"],
                "started_at": clock(-32),
                "c_skc": skc,
                "c_double": double,
                "c_pavement": pavement,
                "c_idling": idling,
                "moved_on": 0 if visit == 0 else min(cars, chance.randint(2, 9)),
                "advice_given": chance.randint(2, 12),
                "leaflets": chance.randint(0, 20),
                "cards_given": ["P-1", "W-1"] if parking else ["P-1"],
                "pcn_count": chance.randint(0, 2),
                "near_miss": int(miss),
                "near_miss_note": "A car reversed out of a drive as two families crossed it.",
                "signs_state": "hidden" if turn == 0 and visit < 3 else "ok",
                "lines_state": "worn" if turn in (1, 4) else "clear",
                "weather": chance.choice(("dry", "dry", "rain", "dark")),
                "traffic_level": chance.choice(("l2", "l3", "l3", "l4")),
            }
            at = time(9, 2 + turn) if visit % 2 else time(15, 38 + turn)
            place = (float(school["latitude"]), float(school["longitude"]))
            yield Done(days, at, PRIYA if parking else SARAH, "gate_visit", says, place)
            if parking and skc > 4:
                yield Done(days, time(9, 10 + turn), PRIYA, "driver_contact", driver(school["name"], chance), place)


def driver(school: str, chance: Random) -> dict[str, Any]:
    return {
        "school_id": school,
        "vrm": f"{chance.choice(('GK', 'GN', 'KN'))}{chance.randint(12, 24)}{chance.choice(('XYZ', 'ABC', 'LMP'))}",
        "behaviour": "ZIGZAG",
        "contact_action": chance.choice(("advice", "moved_on", "warning_letter")),
        "cards_given": ["P-1"],
        "driver_said": "I was only dropping him off.",
        "vehicle_kind": "car",
        "colour": chance.choice(("silver", "blue", "white")),
    }


def hut_rounds(forms: Forms, seen: Sequence[View]) -> Iterator[Done]:
    """A row each week; now and then a hut is not well, and once it cannot wait."""
    huts = [view for view in seen if view.scene == "beach_huts"]
    for number, row in enumerate(("tankerton", "west_beach_herne_bay", "east_cliff")):
        of_row = [hut for hut in forms.lists["huts"] if hut["row"] == row]
        for walk, days in enumerate(range(DAYS - 3 * number, 0, -7)):
            chance = lot(f"{row} {walk}")
            wrong = dict.fromkeys(chance.sample(range(len(of_row)), chance.choice((0, 1, 1, 2, 3))))
            checks = [check(hut["name"], chance if at in wrong else None) for at, hut in enumerate(of_row)]
            if walk % 3 == 1:
                checks = checks[: len(checks) * 2 // 3]  # rain came
            bad = [one for one in checks if one["overall"] != "ok"]
            photos = chance.choice(huts).pictures[:1] if bad and huts else ()
            if bad and not photos:
                continue  # nobody has drawn a hut for this one
            says = {"hut_row": row, "checks": checks, "photos": [photo.sha256 for photo in photos]}
            place = (float(of_row[0]["latitude"]), float(of_row[0]["longitude"]))
            yield Done(days, time(10, 20 + number * 5), JO, "hut_round", says, place, photos)


def check(hut: str, wrong: Random | None) -> dict[str, Any]:
    if wrong is None:
        return {"hut": hut, "overall": "ok"}
    weak = wrong.choice(({"door": "weak"}, {"lock": "broken"}, {"spindles": "broken"}, {"cladding": "loose"}))
    fire = wrong.random() < 0.1
    as_found = {"fire_signs": "recent" if fire else "none", "bbq": "none", "rubbish": "some" if fire else "none"}
    left = {"advice_left": ["H-2" if "spindles" in weak else "H-1"]}
    return {"hut": hut, "overall": "urgent" if fire else "minor", **FINE, **as_found, **weak, **left}


FINE = {
    "door": "secure",
    "lock": "good",
    "windows": "secure",
    "cladding": "good",
    "spindles": "none",
    "steps": "good",
    "paint": "fair",
    "number_shown": "yes",
    "sleeping": "none",
}


def hut_damage(seen: Sequence[View]) -> Iterator[Done]:
    huts = [view for view in seen if view.scene == "beach_huts"]
    found = (
        (39, "tankerton", (12, 13), ["forced_door", "lock_off"], "insecure", "owner_will"),
        (31, "tankerton", (47,), ["boards_off"], "insecure", "yes"),
        (24, "west_beach_herne_bay", (131,), ["fire"], "destroyed", "yes"),
        (16, "tankerton", (51, 52, 53), ["storm"], "unsafe", "not_crime"),
        (9, "tankerton", (12,), ["forced_door"], "insecure", "no"),
        (2, "east_cliff", (7,), ["broken_window", "theft"], "insecure", "no"),
    )
    for number, (days, row, numbers, kinds, severity, police) in enumerate(found):
        if not huts:
            return
        photos = huts[number % len(huts)].pictures[:1]
        says = {
            "photos": [photo.sha256 for photo in photos],
            "person_in_photo": "no",
            "hut_row": row,
            "huts": [f"{row}_{each}" for each in numbers],
            "damage_kind": kinds,
            "severity": severity,
            "make_safe": "fenced" if severity != "insecure" else "job_sent",
            "police_told": police,
            "police_ref": f"46/{31_000 + number * 417}/26",
            "fire_ref": "yes",
            "found_at": clock(-8),
        }
        place = (51.3648, 1.0430) if row == "tankerton" else (51.3704, 1.1142)
        yield Done(days, time(8, 40 + number), JO, "hut_damage", says, place, photos)


def events() -> Iterator[Done]:
    held = (
        (51, "Freshers’ fair, day 1", "freshers", "University, main hall", 212, (51.2966, 1.0705)),
        (50, "Freshers’ fair, day 2", "freshers", "University, main hall", 187, (51.2966, 1.0705)),
        (37, "Late-night hub", "night_hub", "Longmarket Row", 96, (51.2785, 1.0822)),
        (22, "Walk to school assembly", "school_assembly", "Northbrook Primary", 240, (51.2861, 1.0842)),
        (13, "Hut owners’ open day", "hut_open_day", "Tankerton Slopes", 58, (51.3648, 1.0430)),
        (5, "Market stall", "street_stall", "High Street, by the clock", 74, (51.2789, 1.0799)),
    )
    for days, title, kind, where, contacts, place in held:
        chance = lot(title)
        students = kind in ("freshers", "night_hub")
        says = {
            "event_title": title,
            "event_kind": kind,
            "place_text": where,
            "contacts": contacts,
            "long_talks": contacts // 9,
            "pledges_night": contacts // 6 if students else 0,
            "pledges_school": contacts // 8 if kind == "school_assembly" else 0,
            "score_5": contacts // 7,
            "score_4": contacts // 11,
            "score_3": contacts // 30,
            "topics": ["night_safety", "drink", "bike"] if students else ["parking", "scams"],
            "concerns": [
                {"theme": "dark_path", "theme_place": "Path by the bus stop", "theme_count": chance.randint(3, 9)},
                {"theme": "speeding", "theme_place": where, "theme_count": chance.randint(1, 6)},
            ],
            "items_out": [
                {"item": "alarm" if students else "leaflet", "taken": 120, "returned": chance.randint(10, 40)},
                {"item": "drink_cover" if students else "bag", "taken": 80, "returned": chance.randint(5, 30)},
            ],
            "starts_at": clock(-180),
            "ends_at": clock(-4),
            "staff_hours": 6,
            "went_well": "The route maps went first.",
        }
        yield Done(days, time(16, 5), SARAH, "event_log", says, place)


def buses() -> Iterator[Done]:
    """To school on Mondays, Wednesdays and Fridays; the adults were too few once, and the weather twice too bad."""
    for run, days in enumerate(range(DAYS, 0, -2)):
        chance = lot(f"bus {run}")
        if run in (6, 19):
            says: dict[str, Any] = {"cancelled": "weather"}
        else:
            says = ran(chance, helpers=["carol_d"] if run != 11 else [])
        says |= {"route": "northbrook_east", "direction": "to_school", "run_date": lambda at: at.date().isoformat()}
        yield Done(days, time(8, 44), ALAN, "walking_bus", says)


def ran(chance: Random, *, helpers: list[str]) -> dict[str, Any]:
    joined = [chance.randint(2, 4) for _ in range(4)] if helpers else [5, 4, 4, 3]
    adults = 2 + len(helpers)
    stops: list[dict[str, Any]] = []
    for number, more in enumerate(joined):
        then = {"aboard": sum(joined[: number + 1]), "adults_then": adults}
        stops.append({"stop": f"northbrook_east_am_{number + 1}", "boarded": more, **then})
    return {
        "driver": "alan_r",
        "conductor": "beth_c",
        "helpers": helpers,
        "register_in_hand": "yes",
        "tabards": "yes",
        "stops": lambda at: [{**stop, "left_at": clock(-34 + 7 * number)(at)} for number, stop in enumerate(stops)],
        "override_reason": "" if helpers else "Carol was ill. The coordinator agreed by phone.",
        "head_counts": [{"counted_where": "bell_corner", "counted": sum(joined)}],
        "arrived_at": clock(-3),
        "arrived_count": sum(joined),
        "weather": chance.choice(("dry", "dry", "rain", "dark")),
    }


def patrols() -> Iterator[Done]:
    for number, days in enumerate(range(DAYS - 1, 0, -5)):
        chance = lot(f"patrol {number}")
        nothing = number % 4 == 2
        says = {
            "area": chance.choice(("canterbury_centre", "westgate", "whitstable", "herne_bay")),
            "purpose": chance.sample(("visible", "litter", "asb", "huts"), 2),
            "contacts": chance.randint(2, 30),
            "started_at": clock(-150),
            "ended_at": clock(-1),
            "records_made": 0 if nothing else chance.randint(1, 6),
            "nil_return": "yes",
        }
        yield Done(days, time(16, 30), DANIEL if number % 2 else SARAH, "patrol", says)


def notes() -> Iterator[Done]:
    """A notebook with a mistake in it that was struck through, and an entry that was written late."""
    written = (
        (47, "Harbour Parade", "Two youths on the slipway. The taller one said: “we aint done nothing mate”.", {}),
        (40, "Longmarket Row", "Busker moved on by agreement. No complaint.", {}),
        (33, "West Beach", "Bin on fire, out on arrival. Fire service not called.", {}),
        (32, "West Beach", "Bin on fire, put out by a member of the public.", STRUCK),
        (19, "Westgate Gardens", "Group of five drinking by the weir, left when asked.", {}),
        (11, "High Street", "Shopkeeper reports a man shouting at 14.10. Not seen.", LATE),
        (4, "Northbrook Primary", "Blue car on the zig-zags again, driver polite, moved.", {}),
    )
    for number, (days, place, note, more) in enumerate(written, start=1):
        says = {"entry_no": number, "place_text": place, "note": note, "event_at": clock(-6), "signed": "yes", **more}
        yield Done(days, time(17, number), SARAH, "notebook", says)


STRUCK = {"strikes": 3, "strike_reason": "Somebody else had put it out."}
LATE = {"event_at": clock(-130), "late_reason": "Was at a road accident until 16.50."}
