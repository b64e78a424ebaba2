"""Tickets: what a mock ticket may say, and what they say together, also when they are erased.

An officer's record is never refused for its content; a pupil's is, because what may not be known of a child must not
even be kept. So the whole of a ticket is held against what its pictures can say: its members, its answers, the choices
of each. There is no place left for words of one's own.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from .. import events, redactions
from ..envelope import SHA256, Envelope
from ..forms import Form
from ..forms.form import Field
from ..models import Contact, Device, Patrol, PatrolCount, ReviewState, Submission
from ..problems import PatrolNotOpen, PatrolUnknown, PhotoNotAgreed, PupilContent, PupilPlace, UnknownForm
from .patrol import Lists, standing_of, steps_of

TICKET = "mock_ticket"
MEMBERS = {
    "instanceId", "formId", "formVersion", "capturedAt", "counter", "replaces", "patrolId", "location", "answers",
    "attachments", "app",
}  # fmt: skip
APP = re.compile(r"\d{1,3}\.\d{1,3}\.\d{1,3}")


@dataclass(frozen=True)
class Cross:
    """Somebody was cross with pupils: when, where, and which team a grown-up should look after."""

    at: datetime | None
    spot: str
    team: str


@dataclass
class Counts:
    """What the tickets of a patrol, or of several, say together. Never by team (MT13)."""

    tickets: int = 0
    results: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    spots: Counter[str] = field(default_factory=Counter)
    given: Counter[str] = field(default_factory=Counter)
    next: Counter[str] = field(default_factory=Counter)
    drivers: int = 0  # tickets where somebody sat in the vehicle
    spoiled: int = 0
    removed: int = 0
    cross: list[Cross] = field(default_factory=list)

    @classmethod
    def of_wire(cls, told: Mapping[str, Any]) -> "Counts":
        counted = cls()
        for name, value in told.items():
            setattr(counted, name, Counter(value) if isinstance(value, dict) else value)
        return counted

    def to_wire(self) -> dict[str, Any]:
        return {
            "tickets": self.tickets,
            "results": dict(self.results),
            "reasons": dict(self.reasons),
            "spots": dict(self.spots),
            "given": dict(self.given),
            "next": dict(self.next),
            "drivers": self.drivers,
            "spoiled": self.spoiled,
            "removed": self.removed,
        }


def check(
    session: Session, read: Envelope, payload: bytes, device: Device, form: Form | None, *, lists: Lists, now: datetime
) -> None:
    """Whether a pupils' tablet may send this.

    Errors: PupilPlace (MT3), UnknownForm, PupilContent (MT1, MT2), PatrolUnknown, PatrolNotOpen (MT4), PhotoNotAgreed.
    """
    if read.has_location:
        raise PupilPlace
    if read.form_id != TICKET or form is None or device.role not in form.audience or read.patrol_id is None:
        raise UnknownForm
    if not is_built_as_ours(json.loads(payload)):
        raise PupilContent
    patrol = session.get(Patrol, read.patrol_id)
    if patrol is None:
        raise PatrolUnknown
    if not is_inside(session, patrol, read.captured_at, device, now):
        raise PatrolNotOpen
    for name, answer in read.answers.items():
        known = form.field(name)
        if known is None or not is_sayable(known, answer, read.answers, patrol, lists):
            raise PupilContent
    if read.answers.get("given_how") == "handed" and read.answers.get("adult_ok") != "yes":
        raise PupilContent
    if read.replaces is not None and not is_own_ticket(session, read, device):
        raise PupilContent
    check_photos(read, patrol)


def is_built_as_ours(told: dict[str, Any]) -> bool:
    """Only the members that the contract names, and nothing in them where words would fit."""
    listed = told.get("attachments") or []
    return (
        set(told) <= MEMBERS
        and (told.get("app") is None or bool(APP.fullmatch(str(told["app"]))))
        and isinstance(told.get("answers"), dict)
        and all(set(one) <= {"field", "sha256", "size", "mediaType"} for one in listed)
        and (told.get("counter") is None or isinstance(told["counter"], int))
    )


def is_inside(session: Session, patrol: Patrol, at: datetime | None, device: Device, now: datetime) -> bool:
    """MT4: made between opening and end, by the tablet's clock or by that clock set right as it was when it sent."""
    if at is None:
        return False
    ended_at = standing_of(patrol, steps_of(session, [patrol.id])[patrol.id], now).ended_at
    contact = session.get(Contact, device.id)
    skew = contact.report.get("skew") if contact else None
    times = [at, *([at + timedelta(seconds=skew)] if isinstance(skew, int) else [])]
    return any(patrol.opened_at <= one <= ended_at for one in times)


def is_sayable(known: Field, answer: Any, answers: Mapping[str, Any], patrol: Patrol, lists: Lists) -> bool:
    match known.type:
        case "select_one":
            return isinstance(answer, str) and answer in names_of(known, patrol, lists)
        case "select_multiple":
            names = names_of(known, patrol, lists)
            few = (
                isinstance(answer, list)
                and len(answer) <= (known.max or 1)
                and len(set(map(str, answer))) == len(answer)
            )
            return few and all(isinstance(one, str) and one in names for one in answer)
        case "integer":
            return isinstance(answer, int) and not isinstance(answer, bool) and 1 <= answer <= 99
        case "calculate":
            return answer == number_of(answers)
        case "image":
            return (
                isinstance(answer, list)
                and len(answer) <= 1
                and all(isinstance(one, str) and SHA256.fullmatch(one) for one in answer)
            )
    return False


def names_of(known: Field, patrol: Patrol, lists: Lists) -> set[str]:
    """The choices of a question on this patrol: its own teams and spots, its school's designs."""
    if known.name == "team":
        return set(patrol.teams)
    if known.name == "spot":
        return set(patrol.spots)
    if known.from_list is not None:
        rows = lists.get(known.from_list, ())
        return {str(row["name"]) for row in rows if row.get("school") in (None, "", patrol.school)}
    return {choice.name for choice in known.choices}


def number_of(answers: Mapping[str, Any]) -> str | None:
    """FOX-07, as the tablet puts it together."""
    team, number = answers.get("team"), answers.get("ticket_number")
    return f"{team.upper()}-{number:02d}" if isinstance(team, str) and isinstance(number, int) else None


def is_own_ticket(session: Session, read: Envelope, device: Device) -> bool:
    """MT-spoiled: a tablet may say of its own ticket of this patrol that it was a mistake, and nothing else."""
    if read.answers.get("spoiled") != "yes":
        return False
    older = session.get(Submission, read.replaces)
    return older is None or (older.device_id, older.patrol_id, older.form_id) == (device.id, read.patrol_id, TICKET)


def check_photos(read: Envelope, patrol: Patrol) -> None:
    """MT9: a photo only where the school agreed and a grown-up looked. Errors: PhotoNotAgreed, PupilContent."""
    named = read.answers.get("photo") or []
    if [one.sha256 for one in read.attachments] != list(named):
        raise PupilContent
    if not read.attachments:
        return
    photo = read.attachments[0]
    if patrol.photos != "masked" or read.answers.get("adult_ok") != "yes":
        raise PhotoNotAgreed
    if (photo.field, photo.media_type) != ("photo", "image/jpeg"):
        raise PupilContent


# Counting -------------------------------------------------------------------------------------------------------


def counts(session: Session, patrol_id: str) -> Counts:
    return count_all(session, [patrol_id])[patrol_id]


def count_all(session: Session, patrol_ids: Sequence[str]) -> dict[str, Counts]:
    found = {patrol_id: Counts() for patrol_id in patrol_ids}
    for row in session.exec(select(PatrolCount).where(col(PatrolCount.patrol_id).in_(patrol_ids))):
        found[row.patrol_id] = Counts.of_wire(row.counts)
    rows = session.exec(
        select(Submission)
        .where(col(Submission.patrol_id).in_(patrol_ids), Submission.form_id == TICKET)
        .order_by(col(Submission.captured_at))
    )
    for ticket in rows:
        add(found[str(ticket.patrol_id)], ticket)
    return found


def keep_counts(session: Session, ticket: Submission, *, now: datetime) -> None:
    """A ticket is about to be erased: what it adds to the counts of its patrol stays, and nothing else of it."""
    if ticket.patrol_id is None:
        return
    row = session.get(PatrolCount, ticket.patrol_id) or PatrolCount(
        patrol_id=ticket.patrol_id, counts=Counts().to_wire(), at=now
    )
    counted = Counts.of_wire(row.counts)
    add(counted, ticket)
    row.counts, row.at = counted.to_wire(), now
    session.add(row)
    seal = {"row": events.digest_of(sealed_count(row))}
    events.append(session, COUNTED, ticket.patrol_id, actor="server", now=now, data=seal)


COUNTED = "patrol.counted"


def sealed_count(row: PatrolCount) -> dict[str, Any]:
    return events.seal_of(row)


def add(counted: Counts, ticket: Submission) -> None:
    told = json.loads(ticket.payload)
    said = told["answers"]
    if told.get("redacted") == [redactions.EVERYTHING]:
        return  # it was counted when it was erased
    if said.get("next") == "cross" and said.get("spoiled") != "yes":
        counted.cross.append(Cross(ticket.captured_at, str(said.get("spot", "")), str(said.get("team", ""))))
    if said.get("spoiled") == "yes":
        counted.spoiled += 1
    elif ticket.review_state is ReviewState.REJECTED:
        counted.removed += 1
    elif ticket.review_state is not ReviewState.EDITED:  # what was spoiled is counted by the word that said so
        counted.tickets += 1
        counted.results[str(said.get("result"))] += 1
        counted.reasons.update(said.get("reasons") or [])
        for tally, name in ((counted.spots, "spot"), (counted.given, "given_how"), (counted.next, "next")):
            tally.update([said[name]] if said.get(name) else [])
        counted.drivers += said.get("driver_there") == "yes"


def summary(patrols: Iterable[tuple[Patrol, Counts]]) -> dict[str, Any]:
    """What a school is given when it is released (MT17, MT13): counts per spot and reason, and nothing of anybody."""
    together, outings, pupils = Counter[str](), 0, 0
    results, reasons, spots, onward = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for patrol, counted in patrols:
        outings, pupils = outings + 1, pupils + patrol.pupils
        together["tickets"] += counted.tickets
        together["drivers"] += counted.drivers
        results += counted.results
        reasons += counted.reasons
        spots += counted.spots
        onward += counted.next
    return {
        "patrols": outings,
        "pupils": pupils,
        "tickets": together["tickets"],
        "results": dict(results),
        "reasons": dict(reasons),
        "spots": dict(spots),
        "moved": onward["moved"],
        "drivers": together["drivers"],
    }
