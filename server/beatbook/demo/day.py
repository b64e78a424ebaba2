"""A day of the example district: what the tasking group ordered, what is given out for today, which advice was shown.

It follows the unit's own day: a gate visit at drop-off, a round of the huts, pupils in the afternoon. What would lie in
the future when the demonstration begins has simply not happened yet.
"""

import json
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from .. import __version__, submissions, tasking, tasks
from ..models import Device, ItemKind, ItemState, Person, Progress, Role, Task, TaskOrigin, TaskState
from ..office import Office
from ..tasking import Ordering, Raising
from ..tasks import Wanted
from . import meetings
from .district import Thing

Deed = tuple[datetime, Callable[[Session], None]]

AGO = timedelta(days=15)  # two days before the group met last


@dataclass(frozen=True)
class Item:
    raising: Raising
    state: ItemState = ItemState.LIVE
    why: str | None = None
    actions: tuple[tuple[str, str, str, int, Progress, str | None], ...] = ()  # what, lead, owner, due in days, …


@dataclass(frozen=True)
class Plan:
    """A task of today, or of the days before when `days` says so."""

    title: str
    who: str | Role  # the name of a device, or everybody of a role
    begins: time
    ends: time
    place: str | None = None
    form_id: str | None = None
    note: str | None = None
    about: str | None = None
    days: int = 0
    state: TaskState = TaskState.TO_DO  # as the phone says when its window is over
    reason: str | None = None


ITEMS = (
    Item(
        Raising(
            ItemKind.PLACE,
            "Gate of Northbrook Primary",
            "Nine cars on the zig-zags on Friday and a near miss. Two complaints from parents this month.",
            "Parents can see the road, and no child steps out between cars",
            "Cars on the zig-zags below 3 on two visits",
            "Northbrook Primary, main gate",
        ),
        actions=(
            ("Run a pupils' session at the gate", "Community Safety Unit", "Sarah Finch", 0, Progress.ON_TRACK, None),
            ("Patrol the gate at drop-off, twice", "Parking Services", "Priya Nair", 6, Progress.NOT_STARTED, None),
        ),
    ),
    Item(
        Raising(
            ItemKind.PLACE,
            "Beach huts at Tankerton, row A",
            "Two break-ins and a damaged door in ten days. Only one owner told the police.",
            "No break-in for a month, and every owner tells the police",
            "Damage reports of row A",
            "Tankerton, row A",
        ),
        actions=(
            ("Walk the row each evening", "Kent Police", "Sgt Doyle", 4, Progress.ON_TRACK, None),
            ("Write to the owners of row A", "Foreshore Services", "Jo Whitlock", -1, Progress.NOT_STARTED, None),
        ),
    ),
    Item(
        Raising(
            ItemKind.PLACE,
            "Millbrook Gardens in the evening",
            "Three reports of shouting and drinking by the weir over two days.",
            "People walk through after dark again",
            None,
            "Millbrook Gardens, by the weir",
        ),
        actions=(
            ("Visit the three who reported it", "Community Safety Unit", "Daniel Okoro", -3, Progress.ON_TRACK, None),
        ),
    ),
    Item(
        Raising(
            ItemKind.VICTIM,
            "R.T., case 412",
            "The same person has reported noise five times this month and no longer goes out.",
            "One agency keeps in touch, and R.T. feels safe at home",
        ),
        state=ItemState.NEW,
    ),
    Item(
        Raising(
            ItemKind.THEME,
            "Cigarette ends in Longmarket Row",
            "More than half of the litter notices come from outside three doors.",
            "The pavement is clean at noon",
            "Ends counted at noon",
            "Longmarket Row",
        ),
        state=ItemState.MONITORING,
        actions=(("Put up two bins for ends", "Street Scene", "Lee Hart", -8, Progress.DONE, "Up since Monday"),),
    ),
    Item(
        Raising(
            ItemKind.PLACE,
            "Gate of Seagate Primary",
            "Cars on the zig-zags at drop-off.",
            "Fewer than 3 cars on the zig-zags",
            "Cars on the zig-zags",
            "Seagate Primary",
        ),
        state=ItemState.CLOSED,
        why="From 9 cars to 2 on two visits after the pupils' session",
        actions=(("Run a pupils' session", "Community Safety Unit", "Sarah Finch", -9, Progress.DONE, "11 tickets"),),
    ),
)

PLANS = (
    Plan(
        "Visit the gate at drop-off",
        "Parking 1, Priya",
        time(8, 40),
        time(9, 10),
        "Northbrook Primary, main gate",
        state=TaskState.DONE,
    ),
    Plan(
        "Walk the hut row",
        "Foreshore 1, Jo",
        time(9, 30),
        time(10, 30),
        "Tankerton, row A",
        note="Look under the decks for barbecues",
        state=TaskState.DONE,
    ),
    Plan(
        "Look for new tags",
        Role.OFFICER,
        time(11),
        time(12, 30),
        "Millbrook Gardens, by the weir",
        form_id="graffiti",
        note="Start at the bench by the weir",
    ),
    Plan("Patrol for litter", Role.OFFICER, time(12), time(13, 30), "High Street, by the clock", form_id="litter"),
    Plan(
        "Run the pupils' session at the gate",
        Role.OFFICER,
        time(14, 45),
        time(15, 30),
        "Northbrook Primary, main gate",
        note="NTG-1. Bring the vests; the teacher meets you at reception.",
        about="NTG-1",
    ),
    Plan("Walk the front", "Phone 1, Sarah", time(16), time(17), "Central Promenade, by the bandstand"),
    Plan(
        "Check the paint on the underpass",
        Role.OFFICER,
        time(15),
        time(16),
        "Wharf Road underpass, north side",
        form_id="graffiti",
        days=-1,
    ),
    Plan(
        "Call on the shop about the shutter",
        "Phone 2, Daniel",
        time(10),
        time(11),
        "Longmarket Row, shutter of the bakery",
        days=-1,
        state=TaskState.NOT_DONE,
        reason="Nobody was there",
    ),
)

# Device, how many days ago, and what it showed: card, place, how often.
SHOWN: tuple[tuple[str, int, tuple[tuple[str, str | None, int], ...]], ...] = (
    ("Parking 1, Priya", 33, (("P-1", "Northbrook Primary", 6), ("P-2", "Northbrook Primary", 3))),
    ("Foreshore 1, Jo", 26, (("H-1", "Tankerton, row A", 4), ("H-3", "Tankerton, row A", 5))),
    ("Phone 1, Sarah", 19, (("N-1", "University, freshers' stall", 21), ("Y-1", "University, freshers' stall", 9))),
    ("Parking 1, Priya", 12, (("P-1", "Seagate Primary", 5),)),
    ("Phone 2, Daniel", 5, (("F-1", None, 2), ("F-2", None, 2))),
    ("Parking 1, Priya", 2, (("P-1", "Northbrook Primary", 8), ("W-1", "Northbrook Primary", 4))),
    ("Foreshore 1, Jo", 1, (("B-1", "Tankerton, row A", 3), ("H-3", "Tankerton, row A", 2))),
)


def deeds(
    office: Office,
    people: Mapping[str, Person],
    devices: Mapping[Thing, Device],
    made: Sequence[Thing],
    *,
    now: datetime,
) -> list[Deed]:
    """Everything of the day, each with its time. `made` has the device of every record, whose numbers go on there."""
    phones = Phones(office, {thing.name: device for thing, device in devices.items()}, made)
    kerry = people["Kerry Bell"]
    done = [put(item, kerry, now) for item in ITEMS]
    done += [counted(phones, *one, now=now) for one in SHOWN]
    for plan in PLANS:
        done += planned(plan, phones, kerry, now)
    done += meetings.deeds(office, kerry, now=now)
    return [deed for deed in done if deed[0] < now]


# The tasking group ----------------------------------------------------------------------------------------------


def put(item: Item, person: Person, now: datetime) -> Deed:
    """Raised before the last meeting."""
    at = now - AGO

    def do(session: Session) -> None:
        raised = tasking.raise_item(session, item.raising, person=person, now=at)
        session.flush()
        for what, lead, owner, days, state, result in item.actions:
            due = (now + timedelta(days=days)).date()
            action = tasking.order(session, raised.id, Ordering(what, lead, owner, due), person=person, now=at)
            session.flush()
            if state is not Progress.NOT_STARTED:
                tasking.progress(session, action.number, state, person=person, now=at, result=result)
        if item.state is not raised.state:
            tasking.decide(session, raised.id, item.state, person=person, now=at, why=item.why)

    return at, do


# Tasks ----------------------------------------------------------------------------------------------------------


def planned(plan: Plan, phones: "Phones", person: Person, now: datetime) -> list[Deed]:
    """Given out in the morning, and reported by the phone when the window was over."""
    zone = ZoneInfo(phones.office.settings.time_zone)
    day = now.astimezone(zone).date() + timedelta(days=plan.days)
    begins, ends = (datetime.combine(day, clock, zone).astimezone(UTC) for clock in (plan.begins, plan.ends))
    at = min(datetime.combine(day, time(8, 35), zone).astimezone(UTC), now - timedelta(minutes=40))
    device = phones.named.get(plan.who) if isinstance(plan.who, str) else None
    wanted = Wanted(
        title=plan.title,
        starts_at=begins,
        ends_at=ends,
        device_id=device.id if device else None,
        role=None if device else Role(plan.who),
        place=plan.place,
        note=plan.note,
        form_id=plan.form_id,
        origin=TaskOrigin.NTG_ACTION if plan.about else TaskOrigin.SUPERVISOR,
        about=plan.about,
    )
    said = max(ends - timedelta(minutes=3), at + timedelta(minutes=10))

    def give_out(session: Session) -> None:
        tasks.make(session, wanted, person=person, now=at)

    def report(session: Session) -> None:
        task = session.exec(select(Task).where(Task.title == plan.title)).one()
        answers = {"task": task.id, "title": task.title, "state": plan.state}
        phones.send(
            session, str(plan.who), tasks.REPORT, answers | ({"reason": plan.reason} if plan.reason else {}), said
        )

    return [(at, give_out), *([(said, report)] if device and plan.state is not TaskState.TO_DO else [])]


# Advice ---------------------------------------------------------------------------------------------------------


def counted(
    phones: "Phones", name: str, days: int, cards: Sequence[tuple[str, str | None, int]], *, now: datetime
) -> Deed:
    at = now - timedelta(days=days, hours=1)
    rows: list[dict[str, Any]] = [
        {"card": code, "version": 1, "day": str(at.date()), "times": times} | ({"place": place} if place else {})
        for code, place, times in cards
    ]

    def do(session: Session) -> None:
        phones.send(session, name, "advice_shown", {"shown": rows}, at)

    return at, do


class Phones:
    """The district's devices, which report as real ones do: each in its own numbers."""

    def __init__(self, office: Office, named: Mapping[str, Device], made: Sequence[Thing]) -> None:
        self.office, self.named = office, named
        self.counters = Counter(thing.name for thing in made)

    def send(self, session: Session, name: str, form_id: str, answers: Mapping[str, Any], at: datetime) -> None:
        self.counters[name] += 1
        number = self.counters[name]
        payload = {
            "instanceId": str(uuid.uuid5(uuid.NAMESPACE_OID, f"the example district, {name}, {number}")),
            "formId": form_id,
            "formVersion": "1",
            "capturedAt": at.isoformat(timespec="seconds"),
            "counter": number,
            "replaces": None,
            "patrolId": None,
            "location": None,
            "answers": answers,
            "attachments": [],
            "app": __version__,
        }
        device, office = self.named[name], self.office
        frozen = json.dumps(payload, ensure_ascii=False).encode()
        submissions.receive(session, frozen, device, now=at, forms=office.forms, settings=office.settings)
