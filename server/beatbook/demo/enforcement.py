"""Enforcement in the example district: who may give notices, the notices they gave, and what became of each.

Every person is made up. Days count back from the moment the demonstration begins, so a notice that is overdue today is
overdue whenever it is looked at.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from .. import __version__, authorisations, notices
from ..forms import Forms, answers
from ..forms.dated import ALWAYS, Dated
from ..models import Device, Person, ReviewState, StepKind
from . import district
from .district import Spot, Thing
from .records import Decision, Made, Picture, View, delay, desk_time, location, number_of, said_of_photos

OFFICERS = {"Phone 1, Sarah": ("Sarah Finch", "E12"), "Phone 2, Daniel": ("Daniel Okoro", "E14")}
PAPERS = {"LIT": "ES/26/04", "LITC": "ES/26/04", "GRA": "ES/26/05", "PSPO": "ES/26/09", "CPN": "ES/26/11"}
AUTHORISER = "Kerry Bell"


@dataclass(frozen=True)
class After:
    """A step that somebody at the desk took, so many days after the notice was given."""

    days: int
    kind: StepKind
    amount: int | None = None
    reference: str | None = None
    reason: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Case:
    """One record: how long ago, on whose phone, of which form, and what it says beside what its form works out."""

    days: int
    device: str
    form_id: str
    says: dict[str, Any]
    spot: Spot
    prefix: str | None = None  # of its notice's number; none when no notice was given
    after: tuple[After, ...] = ()


@dataclass(frozen=True)
class Taken:
    """A step as it was taken: when, about which record, whose officer's name stands on it."""

    at: datetime
    record: str
    officer: str
    what: After


@dataclass
class Enforced:
    """The records, and what the desk did about their notices."""

    made: list[Made] = field(default_factory=list)
    steps: list[Taken] = field(default_factory=list)


# What happened --------------------------------------------------------------------------------------------------

GATE = {f"gate_{name}": "yes" for name in ("offence", "proportionate", "evidence", "understands", "details")}
SEEN = {"seen_by": "saw_leave", "view": "clear", "accidental": "no", "picked_up": "no"}
CAUTIONED = {"caution_understood": "yes", "reply": "“I did not think it mattered.”"}
PAID_EARLY = After(6, StepKind.PAYMENT, amount=10_000, reference="FIN 88213")


def person(name: str, born: str, line: str, postcode: str, **more: Any) -> dict[str, Any]:
    known = {"full_name": name, "date_of_birth": born, "address_line": line, "postcode": postcode, "country": "uk"}
    return {
        **known,
        "address_checked": "id_document",
        "id_seen": "driving_licence",
        "vulnerability": ["none_seen"],
        **more,
    }


def litter(kind: str, detail: str, who: dict[str, Any], **more: Any) -> dict[str, Any]:
    seen = {"litter_kind": kind, "litter_detail": detail, "distance_m": 9, "left_m": 12, "bin_m": 15, **SEEN}
    return {**seen, "outcome": "fpn", **who, **GATE, "issue_method": "printed", **more}


PAVEMENT, GARDENS, BEACH = district.LITTER_SPOTS[1], district.LITTER_SPOTS[7], district.LITTER_SPOTS[10]
STATION, PIER = district.LITTER_SPOTS[2], district.LITTER_SPOTS[13]
WALL = district.GRAFFITI_SPOTS[1]
SARAH, DANIEL = tuple(OFFICERS)

CASES = (
    Case(
        1,
        SARAH,
        "litter",
        litter("cig", "White filter, still lit", person("Colin Marsh", "1979-03-14", "22 Dyer Row", "CT1 1QB")),
        PAVEMENT,
        "L",
    ),
    Case(
        2,
        DANIEL,
        "litter",
        litter("drink", "Large cup with straw", person("Petra Lund", "1998-11-02", "Flat 3, 9 Weir Lane", "CT1 2DX")),
        STATION,
        "L",
    ),
    Case(
        3,
        SARAH,
        "litter",
        litter(
            "cig",
            "Roll-up, brown paper",
            person(
                "Gary Pike",
                "1966-07-30",
                "Room 12, The Lodge, Wharf Road",
                "CT1 2HT",
                vulnerability=["homeless"],
                proportionate_why="Warned twice this week, understood it both times, and had a bin beside him.",
            ),
        ),
        PAVEMENT,
        "L",
    ),
    Case(
        9,
        DANIEL,
        "litter",
        litter("food_pack", "Burger box and napkins", person("Hannah Cole", "2001-01-19", "41 Kiln Street", "CT2 7AB")),
        GARDENS,
        "L",
        (PAID_EARLY,),
    ),
    Case(
        12,
        SARAH,
        "litter",
        litter(
            "cig", "Menthol, white tip", person("Yusuf Demir", "1990-05-05", "6 Priory Walk", "CT1 3LN"), **CAUTIONED
        ),
        STATION,
        "L",
        (After(4, StepKind.REPRESENTATION, reason="not_me", note="Says that his brother looks like him."),),
    ),
    Case(
        20,
        DANIEL,
        "litter",
        litter("gum", "Chewing gum, grey", person("Lorna Webb", "1985-09-21", "118 Castle Road", "CT1 3PU")),
        PAVEMENT,
        "L",
        (After(18, StepKind.PAYMENT, amount=20_000, reference="FIN 87702"),),
    ),
    Case(
        33,
        SARAH,
        "litter",
        litter("drink", "Lager can, half full", person("Dean Holt", "1994-12-09", "2 Oyster Alley", "CT5 1DA")),
        BEACH,
        "L",
    ),
    Case(
        46,
        DANIEL,
        "litter",
        litter(
            "wrapper", "Sharing bag of crisps", person("Sheila Grant", "1958-02-27", "70 Memorial Avenue", "CT6 5PL")
        ),
        PIER,
        "L",
        (After(30, StepKind.REMINDER),),
    ),
    Case(
        57,
        SARAH,
        "litter",
        litter("cig", "Cigarette end, gold band", person("Mark Tolley", "1988-08-08", "15 Harbour Street", "CT5 1AQ")),
        BEACH,
        "L",
        (After(30, StepKind.REMINDER), After(48, StepKind.LEGAL, note="File checked by Tom.")),
    ),
    Case(
        28,
        SARAH,
        "litter",
        litter("paper", "Till receipt", person("Ruth Aldous", "1972-04-11", "3 Mercer Street", "CT1 2EW")),
        PAVEMENT,
        "L",
        (
            After(5, StepKind.REPRESENTATION, reason="accident", note="It fell out with her keys; a witness says so."),
            After(9, StepKind.DECISION, reason="upheld", note="The witness is convincing."),
        ),
    ),
    Case(
        5,
        DANIEL,
        "litter",
        {
            **litter("food", "Half a sausage roll", person("Jamie Rudd", "2011-06-15", "8 Fullers Lane", "CT1 1TT")),
            "outcome": "juvenile",
            "parent_name": "Kay Rudd",
            "parent_address": "8 Fullers Lane, CT1 1TT",
            "parent_present": "no",
        },
        GARDENS,
    ),
    Case(
        7,
        SARAH,
        "litter",
        {
            **litter("cig", "Cigarette end, white", {}),
            "outcome": "refused",
            "age_looks": "adult",
            "country": "uk",
            "vulnerability": ["none_seen"],
            "description": "Tall, thin, grey hooded top, black rucksack with a red badge.",
        },
        STATION,
    ),
    Case(
        4,
        DANIEL,
        "pspo",
        {
            "order_id": "coastal_2026",
            "prohibition": "bbq",
            "inside_area": "yes",
            "stopped": "no",
            "item_surrendered": "bbq",
            "excuse": "“Everybody does it.”",
            "outcome": "fpn",
            "issue_method": "printed",
            **GATE,
            **person("Owen Clarke", "1996-10-03", "27 Pier Approach", "CT6 8AE"),
        },
        BEACH,
        "P",
    ),
    Case(
        16,
        SARAH,
        "graffiti",
        {
            "size": "door",
            "offensive": "no",
            "kind": "tag",
            "object": "wall_fence",
            "surface": "brick",
            "ownership": "ccc",
            "source": "patrol",
            "suspect_seen": "yes",
            "text_seen": "ZAK",
            "fresh": "wet",
            "outcome": "fpn",
            "issue_method": "printed",
            **GATE,
            **person("Zachary Moon", "2003-03-03", "54 Ring Road", "CT1 3XX"),
        },
        WALL,
        "G",
        (After(10, StepKind.PAYMENT, amount=10_000, reference="FIN 87950"),),
    ),
    Case(
        10,
        SARAH,
        "cpw",
        {
            "recipient_kind": "person",
            "full_name": "Victor Stone",
            "address": "19 Longmarket Row, CT1 2BL",
            "date_of_birth": "1983-01-22",
            "conduct": "Loud music from the yard behind no. 19 after 11 pm, on most nights since the middle of August.",
            "effect": "Three families in the flats above cannot sleep; one has moved a child's bed into the hall.",
            "persistent": "It was recorded on fourteen nights in five weeks.",
            "unreasonable": "He was asked four times to turn it down.",
            "requirements": [{"requirement_kind": "stop", "requirement": "Stop playing music outside after 10 pm."}],
            "requirements_words": "stop playing music in the yard after 10 pm.",
            "served_how": "handed",
        },
        PAVEMENT,
        "W",
    ),
    Case(
        1,
        DANIEL,
        "notice_cancel",
        {
            "cancels": "L-26-02-0001",
            "cancel_reason": "wrong_person",
            "why": "She showed me a photo of her twin sister's licence by mistake.",
        },
        STATION,
    ),
)


def report(category: str, kind: str, what: str, score: str, **more: Any) -> dict[str, Any]:
    """A report of behaviour; `score` gives the eight answers by their points."""
    names = ("q_freq", "q_worse", "q_target", "q_hate", "q_violence", "q_vulnerable", "q_effect", "q_support")
    asked = {name: f"s{points}" for name, points in zip(names, score, strict=True)}
    told = {"category": category, "asb_type": kind, "what": what, "reported_to": ["nobody"], "anonymous": "yes"}
    return {**told, **asked, "channel": "patrol", **more}


FLATS = district.Spot("pavement", "Dyer Row, flats 2 to 8", 51.2799, 1.0813)
EDITH = {
    "anonymous": "no",
    "role_in_matter": "victim",
    "full_name": "Edith Farrow",
    "contact_phone": "01227 900 118",
    "safe_contact": "phone",
    "share_with": ["police", "housing"],
}
ROBERT = {
    "anonymous": "no",
    "role_in_matter": "complainant",
    "full_name": "Robert Kemp",
    "contact_email": "robert.kemp@mail.example",
    "safe_contact": "email",
}

REPORTS = (
    Case(
        1,
        SARAH,
        "asb",
        report("firework", "nuisance", "Fireworks let off between the parked cars, twice this week.", "20000010"),
        GARDENS,
    ),
    Case(
        2,
        SARAH,
        "asb",
        report("noise", "nuisance", "A party in the yard until 3 am, for the third Friday in a row.", "21000010"),
        PAVEMENT,
    ),
    Case(
        3,
        DANIEL,
        "asb",
        report(
            "neighbour",
            "personal",
            "Shouts at her through the wall and bangs on the door when she goes out.",
            "33403352",
            danger_done="rang_101",
            qualifiers=["repeat_victim", "vulnerable_victim"],
            reported_to=["police"],
            police_ref="46/81022/26",
            **EDITH,
        ),
        FLATS,
    ),
    Case(
        6,
        SARAH,
        "asb",
        report(
            "street_drink", "nuisance", "Six people drinking on the steps from noon; glass left behind.", "31000010"
        ),
        GARDENS,
    ),
    Case(
        11,
        DANIEL,
        "asb",
        report(
            "veh_nuis",
            "environmental",
            "Cars racing round the car park after ten, tyres burnt.",
            "21003010",
            danger_done="police_know",
        ),
        BEACH,
    ),
    Case(
        16,
        SARAH,
        "asb",
        report("neighbour", "personal", "Kicks at the wall whenever her radio is on.", "31400332", **EDITH),
        FLATS,
    ),
    Case(
        17,
        DANIEL,
        "asb",
        report(
            "noise", "nuisance", "Music from the yard behind no. 19, most nights after eleven.", "31000030", **ROBERT
        ),
        PAVEMENT,
    ),
    Case(
        25,
        DANIEL,
        "asb",
        report(
            "neighbour", "personal", "Bangs on the wall at night; threw bottles over the rail.", "31200330", **EDITH
        ),
        FLATS,
    ),
    Case(
        46,
        SARAH,
        "asb",
        report("animal", "nuisance", "Two dogs off the lead chase children by the play area.", "20000010", **ROBERT),
        district.LITTER_SPOTS[8],
    ),
)

# How it was recorded --------------------------------------------------------------------------------------------


def records(
    forms: Forms, seen: Sequence[View], before: Sequence[Made], *, council: str, now: datetime, zone: str
) -> Enforced:
    """All of them, the oldest first. Each phone counts on from the records it made before."""
    counters = Counter(one.device.name for one in before)
    numbers, enforced = Counter[str](), Enforced()
    for case in sorted((*CASES, *REPORTS), key=lambda case: (-case.days, case.form_id)):
        if forms.newest(case.form_id) is not None:
            record(case, forms, seen, counters, numbers, enforced, council=council, now=now, zone=ZoneInfo(zone))
    return enforced


def record(
    case: Case,
    forms: Forms,
    seen: Sequence[View],
    counters: Counter[str],
    numbers: Counter[str],
    enforced: Enforced,
    *,
    council: str,
    now: datetime,
    zone: ZoneInfo,
) -> None:
    form = forms.newest(case.form_id)
    assert form is not None
    chance = Random(f"enforced {case.device} {case.days} {case.form_id}")  # noqa: S311 an example, not a secret
    device = next(thing for thing in district.DEVICES if thing.name == case.device)
    at = moment(case, chance, now, zone)
    given, photos = dict(case.says), photos_of(case, seen, chance)
    given |= {name: at.isoformat(timespec="seconds") for name in times_of(case)}
    given |= {"place_text": case.spot.place, "land_kind": case.spot.land}
    given |= {field.name: [photo.sha256 for photo in photos] for field in form.fields_flat() if field.type == "image"}
    if case.form_id in ("asb", "notice_cancel", "cpw"):
        photos = ()
    if case.form_id == "cpw":
        given["time_allowed_until"] = (at.date() + timedelta(days=14)).isoformat()
    if case.prefix:
        numbers[case.device] += 1
        code = authorisations.words_of(list(OFFICERS).index(case.device) + 1)
        given["notice_no"] = f"{case.prefix}-{at:%y}-{code}-{numbers[case.device]:04}"
    context = forms.context(at, given, told(case.device, council))
    for drafted in form.fields_flat():
        if drafted.drafted:
            given[drafted.name] = answers.says(form, drafted.drafted, given, context)
    known = {name: value for name, value in given.items() if form.field(name) and value not in (None, "", [])}
    known |= said_of_photos(form, known)
    counters[device.name] += 1
    envelope = {
        "instanceId": number_of(at, chance),
        "formId": case.form_id,
        "formVersion": form.version,
        "capturedAt": at.isoformat(timespec="seconds"),
        "counter": counters[device.name],
        "replaces": None,
        "patrolId": None,
        "location": location(case.spot, at, chance, fixed=True),
        "answers": answers.cleaned(form, known, context),
        "attachments": [
            {
                "field": "photo_before" if case.form_id == "graffiti" else "photos",
                "sha256": photo.sha256,
                "size": len(photo.data),
                "mediaType": "image/jpeg",
            }
            for photo in photos
        ],
        "app": __version__,
    }
    received_at = min(at.astimezone(UTC) + delay(None, chance), now - timedelta(minutes=1))
    payload = json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()
    decided = decision(case, received_at, at, chance)
    made = Made(-1, device, str(envelope["instanceId"]), payload, received_at, photos, decided)
    enforced.made.append(made)
    for step in case.after:
        taken_at = datetime.combine(at.date() + timedelta(days=step.days), time(10, chance.randrange(60)), zone)
        enforced.steps.append(Taken(taken_at.astimezone(UTC), made.instance_id, OFFICERS[case.device][0], step))


def moment(case: Case, chance: Random, now: datetime, zone: ZoneInfo) -> datetime:
    """In the middle of a working day, some minutes apart, and never in the future."""
    day = (now - timedelta(days=case.days)).astimezone(zone).date()
    return datetime.combine(day, time(chance.randrange(10, 17), chance.randrange(60), chance.randrange(60)), zone)


def times_of(case: Case) -> tuple[str, ...]:
    if case.form_id == "asb":
        return ("received_at", "happened_at")
    asked = ("asked_to_stop_at",) if case.form_id == "pspo" else ()
    cautioned = ("caution_at",) if "reply" in case.says else ()
    served = ("served_at",) if case.prefix else ()
    return ("found_at" if case.form_id == "graffiti" else "offence_at", *asked, *cautioned, *served)


def photos_of(case: Case, seen: Sequence[View], chance: Random) -> tuple[Picture, ...]:
    views = [view for view in seen if view.scene == case.spot.scene]
    return chance.choice(views).pictures[:2] if views else ()


def told(device: str, council: str) -> list[Dated]:
    """What the phone was told of its officer, as `authorisations.told_to` says it."""
    name, number = OFFICERS[device]
    own = {"council.name": council, "officer.name": name, "officer.number": number}
    own |= {f"authorised.{offence}": paper for offence, paper in PAPERS.items()}
    return [Dated(name, value, ALWAYS, "") for name, value in own.items()]


def decision(case: Case, received_at: datetime, at: datetime, chance: Random) -> Decision | None:
    """A supervisor looks at every notice within two working days; the newest still wait."""
    if case.days < 4:
        return None
    return Decision(desk_time(received_at, at, chance), ReviewState.APPROVED, chance.choice(district.REVIEWERS))


# What the desk did ----------------------------------------------------------------------------------------------


def authorise(session: Session, device: Device, thing: Thing, person: Person, *, now: datetime) -> None:
    """Who carries a phone, and what they may give notices for, entered on the first day."""
    name, number = OFFICERS[thing.name]
    authorisations.code_for(session, device, "", now=now)
    session.flush()
    authorisations.hand_to(session, device, name, number, person=person, now=now)
    first, last = date(now.year, 1, 1), date(now.year + 1, 12, 31)
    for offence, paper in PAPERS.items():
        authorisations.authorise(session, device, offence, paper, first, last, person=person, now=now)


def steps(enforced: Enforced, *, now: datetime) -> list[Taken]:
    """What the desk did about each notice; what lies in the future has not happened."""
    return [taken for taken in enforced.steps if taken.at < now]


def take(session: Session, taken: Taken, person: Person) -> None:
    notices.take_step(
        session,
        taken.record,
        taken.what.kind,
        person=person,
        officer=taken.officer,
        now=taken.at,
        amount=taken.what.amount,
        reference=taken.what.reference,
        reason=taken.what.reason,
        note=taken.what.note,
    )
