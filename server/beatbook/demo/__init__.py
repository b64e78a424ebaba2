"""The demonstration: an invented district with people of every role, two months of records, and links to step in.

Its records come in through the same functions as those of real phones, so whatever the desk shows of them is real. It
fills only a folder that holds nothing, and gives links only into one that it has filled itself.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session, select

from .. import __version__, attachments, events, listings, people, photos, submissions
from ..blobs import Incoming
from ..models import Device, Event, Person, Purpose, Role, Submission
from ..office import Office
from ..photos import Inspected
from . import casework, day, district, enforcement, patrols, records, rounds, school
from .district import Someone, Thing
from .enforcement import Taken
from .records import Made, Picture

BEGUN, FILLED = "demonstration.begun", "demonstration.filled"  # events that say whose folder this is
TOGETHER = 50  # what happened is written in groups of so many, as deliveries that come together are
LINK_MINUTES = 24 * 60  # a demonstration lasts a day; starting again makes new links
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Link:
    what: str
    url: str


@dataclass
class Happening:
    """One thing that happened in the district, and the photos that came with it."""

    at: datetime
    do: Callable[[Session], None]
    photos: Sequence[tuple[Incoming, Inspected]] = ()


def fill(office: Office, *, now: datetime, tell: Tell) -> None:
    """Fill an empty data folder. One that was filled before stays as it is.

    Errors: ValueError, with a sentence, for a folder that holds anything else.
    """
    if is_ours(office):
        return
    began = time.monotonic()
    tell("\nFilling the folder with an example district. This takes a few seconds, once.")
    office.database.write(lambda session: begin(session, now=now))
    tell("  Drawing its photos …")
    seen = records.views()
    made = records.records(office.forms, seen, now=now, zone=office.settings.time_zone)
    enforced = enforcement.records(
        office.forms, seen, made, council=office.settings.council, now=now, zone=office.settings.time_zone
    )
    before = [*made, *enforced.made]
    walked = rounds.records(office.forms, seen, before, now=now, zone=office.settings.time_zone)
    outings = patrols.records(now=now, zone=office.settings.time_zone)
    sent_by_schools = school.records(office.forms, now=now, zone=office.settings.time_zone)
    everything = sorted(numbered([*before, *walked, *outings, *sent_by_schools]), key=lambda one: one.received_at)
    tell(f"  Delivering {len(everything)} records …")
    first = min(one.received_at for one in everything) - timedelta(days=1)
    team = office.database.write(lambda session: settle_in(session, now=first))
    afterwards = [step(taken, team) for taken in enforcement.steps(enforced, now=now)]
    afterwards += days(office, everything, team, now)
    afterwards += [Happening(at, do) for at, do in casework.deeds(office, team.people, team.devices, now=now)]
    afterwards += trophies(office, team, now=now)
    afterwards += [desk_work(one, team) for one in patrols.desk_work(now=now, zone=office.settings.time_zone)]
    happen(office, deliveries(office, everything, team) + reviews(everything, team) + afterwards)
    office.database.write(lambda session: finish(session, everything, team, now=now))
    with office.database.reading() as session:
        waiting = listings.waiting(session)
    took = time.monotonic() - began
    tell(f"  Done in {took:.0f} s: {len(everything)} records over {records.DAYS} days, {waiting} of them waiting.")


def numbered(made: Sequence[Made]) -> list[Made]:
    """Each device counts what it has finished, whichever form it was: a gap would be a record that never came."""
    counters, found = Counter[Thing](), []
    for one in sorted(made, key=lambda one: datetime.fromisoformat(json.loads(one.payload)["capturedAt"])):
        counters[one.device] += 1
        envelope = {**json.loads(one.payload), "counter": counters[one.device]}
        found.append(replace(one, payload=json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()))
    return found


def links(office: Office, *, now: datetime) -> list[Link]:
    """Fresh links to step in with. Errors: ValueError as for `fill`."""
    if not is_ours(office):
        raise ValueError("The folder was not filled by the demonstration, so it gives no links into it.")

    def make(session: Session) -> list[Link]:
        phone, tablet = addresses(office.settings.link)
        kerry = session.exec(select(Person).where(Person.email == district.HOST.email)).one()
        officer = people.invite(session, Role.OFFICER, "Your phone", minutes=LINK_MINUTES, now=now)
        pupils = people.invite(
            session, Role.PUPIL, "Your tablet", minutes=LINK_MINUTES, now=now, school_id="northbrook"
        )
        helen = session.exec(select(Person).where(Person.role == Role.SCHOOL)).one()
        head = people.invite(
            session,
            helen.role,
            helen.name,
            minutes=LINK_MINUTES,
            now=now,
            purpose=Purpose.DESK,
            person=helen,
            often=True,
        )
        desk = people.invite(
            session,
            kerry.role,
            kerry.name,
            minutes=LINK_MINUTES,
            now=now,
            purpose=Purpose.DESK,
            person=kerry,
            often=True,
        )
        return [
            Link("Officer's phone", officer.url(phone)),
            Link("Pupils' tablet", pupils.url(tablet)),
            Link("Supervisor's desk", desk.url(phone)),
            Link("School's desk", head.url(tablet)),
        ]

    return office.database.write(make)


def addresses(link: str) -> tuple[str, str]:
    """Where to open the phone and where the tablet.

    On this machine they get two names, so that one browser can hold both: each name has its own cookies and storage.
    """
    for here in ("//127.0.0.1:", "//localhost:", "//[::1]:"):
        if here in link:
            return link.replace(here, "//127.0.0.1:" if here == "//localhost:" else here), link.replace(
                here, "//localhost:"
            )
    return link, link


# Whose folder this is -------------------------------------------------------------------------------------------


def is_ours(office: Office) -> bool:
    """Errors: ValueError, with a sentence, for a folder that holds anything else, or only half of the district."""
    folder = office.settings.data.resolve()
    with office.database.reading() as session:
        told = set(session.exec(select(Event.kind).where(Event.subject == "demonstration")))
        holds_anything = any(session.exec(select(table)).first() for table in (Person, Device, Submission))
    if FILLED in told:
        return True
    if BEGUN in told:
        raise ValueError(f"Filling {folder} was interrupted. Remove that folder and start again.")
    if holds_anything:
        raise ValueError(f"{folder} is in use already. Give the demonstration a folder of its own: --data demo")
    return False


def begin(session: Session, *, now: datetime) -> None:
    events.append(session, BEGUN, "demonstration", actor="server", now=now)


def finish(session: Session, made: Sequence[Made], team: "Team", *, now: datetime) -> None:
    """When each device was last heard of, then the event that says that all of it is there."""
    for thing in district.DEVICES:
        theirs = [one.received_at for one in made if one.device == thing]
        seen_at = max(theirs, default=now - timedelta(hours=20))
        people.note_contact(session, team.devices[thing].id, {"unsent": 0, "app": __version__}, now=seen_at)
    events.append(session, FILLED, "demonstration", actor="server", now=now, data={"records": len(made)})


# People and devices ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Team:
    people: dict[str, Person]
    devices: dict[Thing, Device]


def settle_in(session: Session, *, now: datetime) -> Team:
    """People join and devices are enrolled, as on the first day. Nobody has a password: the desk opens by its link."""
    team = Team({one.name: join(session, one, now=now) for one in district.PEOPLE}, {})
    for thing in (*district.DEVICES, district.LOST_PHONE):
        team.devices[thing] = enrol(session, thing, now=now)
    for thing in district.DEVICES:
        if thing.name in enforcement.OFFICERS:
            host = team.people[enforcement.AUTHORISER]
            enforcement.authorise(session, team.devices[thing], thing, host, now=now)
    people.retire(
        session, team.devices[district.LOST_PHONE], now=now, actor=f"person:{team.people[district.HOST.name].id}"
    )
    return team


def join(session: Session, one: Someone, *, now: datetime) -> Person:
    return people.add_person(session, one.name, one.role, now=now, email=one.email, school_id=one.school)


def enrol(session: Session, thing: Thing, *, now: datetime) -> Device:
    invited = people.invite(session, thing.role, thing.name, minutes=60, now=now, school_id=thing.school)
    session.flush()
    return people.enrol(session, invited.code, now=now).device


# Records and decisions ------------------------------------------------------------------------------------------


def deliveries(office: Office, made: Sequence[Made], team: Team) -> list[Happening]:
    """Each record with those of its photos that no record has brought before."""
    held: set[str] = set()
    found = []
    for one in made:
        new = [photo for photo in one.photos if photo.sha256 not in held]
        held |= {photo.sha256 for photo in new}
        found.append(delivery(office, one, [incoming_of(office, photo) for photo in new], team.devices[one.device]))
    return found


def delivery(office: Office, one: Made, brought: Sequence[tuple[Incoming, Inspected]], device: Device) -> Happening:
    def do(session: Session) -> None:
        at = one.received_at
        submissions.receive(session, one.payload, device, now=at, forms=office.forms, settings=office.settings)
        for photo, inspected in brought:
            attachments.receive(session, photo, inspected, device, now=at)

    return Happening(one.received_at, do, brought)


def incoming_of(office: Office, photo: Picture) -> tuple[Incoming, Inspected]:
    incoming = attachments.incoming_of(office.blobs, photo.data)
    return incoming, photos.inspect(incoming.head, incoming.path, max_pixels=office.settings.max_pixels)


def reviews(made: Sequence[Made], team: Team) -> list[Happening]:
    return [review(one, team) for one in made if one.decision]


def review(one: Made, team: Team) -> Happening:
    """A supervisor opens a record, looks, and decides."""
    assert one.decision is not None
    decision, person = one.decision, team.people[one.decision.reviewer]

    def do(session: Session) -> None:
        opened_at = decision.at - timedelta(seconds=40)
        events.append(session, "submission.viewed", one.instance_id, actor=f"person:{person.id}", now=opened_at)
        submissions.review(
            session,
            one.instance_id,
            decision.state,
            person=person,
            now=decision.at,
            reason=decision.reason,
            note=decision.note,
        )

    return Happening(decision.at, do)


def trophies(office: Office, team: Team, *, now: datetime) -> list[Happening]:
    """Friday's assemblies."""
    zone, head = office.settings.time_zone, team.people["Helen Marsh"]
    found = school.announcements(office.forms, now=now, zone=zone)
    return [Happening(one.at, school.announce(one, office.forms, head, zone)) for one in found]


def desk_work(one: patrols.Happened, team: Team) -> Happening:
    return Happening(one.at, lambda session: one.do(session, team.people[district.HOST.name]))


def days(office: Office, made: Sequence[Made], team: Team, now: datetime) -> list[Happening]:
    """Tasks, the tasking group, and the advice that was shown."""
    used = [one.device for one in made]
    return [Happening(at, do) for at, do in day.deeds(office, team.people, team.devices, used, now=now)]


def step(taken: Taken, team: Team) -> Happening:
    """The desk writes down what became of a notice."""
    person = team.people[enforcement.AUTHORISER]
    return Happening(taken.at, lambda session: enforcement.take(session, taken, person))


def happen(office: Office, everything: Sequence[Happening]) -> None:
    """Let it happen, in the order of time, through the writer."""
    ordered = sorted(everything, key=lambda one: one.at)
    for start in range(0, len(ordered), TOGETHER):
        group = ordered[start : start + TOGETHER]

        def do(session: Session, group: Sequence[Happening] = group) -> None:
            for one in group:
                one.do(session)

        files = [photo for one in group for photo, _ in one.photos]
        office.database.writer.take(do, files).result()
