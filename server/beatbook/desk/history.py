"""History: every event of a record in plain words, also who looked at it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from .. import events, submissions
from ..events import readings
from ..exports import WHY
from ..forms import Form, Forms
from ..models import Device, Event, Person, Review, Submission
from ..people import emergencies
from ..submissions import REASONS, corrections, remarks
from ..submissions.corrections import Change
from .words import STATES


@dataclass(frozen=True)
class Entry:
    at: datetime
    icon: str
    words: str
    who: str | None  # nobody when the server did it by itself
    reason: str | None = None
    note: str | None = None
    times: int = 1  # how often in a row

    @property
    def is_reading(self) -> bool:
        return self.icon == "eye"


def history(session: Session, submission: Submission, form: Form | None, forms: Forms) -> list[Entry]:
    """Newest first. Readings by one person in a row are one line, so that they do not bury what was done."""
    found = events.history_of(session, submission.instance_id)
    decisions = {decision.seq: decision for decision, _ in submissions.reviews_of(session, submission.instance_id)}
    names = names_of(session, found)
    said = {remark.seq: remark.words for remark, _ in remarks.of(session, submission.instance_id)}
    said |= emergencies.said(session, submission.instance_id)
    changes = {change.row.seq: change for change in corrections.of(session, submission, form, forms)}
    entries: list[Entry] = []
    for event in found:
        if event.seq in changes:
            entries.append(corrected(event, changes[event.seq]))
            continue
        entry = replace(entry_of(event, decisions.get(event.seq), names), note=note_of(event, decisions, said))
        if entries and entry.is_reading and (entry.words, entry.who) == (entries[-1].words, entries[-1].who):
            entry = replace(entry, times=entries.pop().times + 1)
        entries.append(entry)
    return entries[::-1]


def note_of(event: Event, decisions: dict[int, Review], said: dict[int, str]) -> str | None:
    decision = decisions.get(event.seq)
    return decision.note if decision else said.get(event.seq) or None


def corrected(event: Event, change: Change) -> Entry:
    words = f"{change.label}: {change.before} put right to {change.after}"
    return Entry(event.at, "pencil", words, change.person.name, reason=change.row.reason)


def entry_of(event: Event, decision: Review | None, names: dict[str, str]) -> Entry:
    who = names.get(event.actor)
    if decision is not None:
        state = STATES[decision.state]
        reason = REASONS.get(decision.reason, decision.reason) if decision.reason else None
        return Entry(event.at, state.icon, state.word, who, reason, decision.note)
    icon, said = SAID.get(event.kind, ("dot", event.kind.replace(".", " ").replace("-", " ").capitalize()))
    return Entry(event.at, icon, said, who, reason=why_of(event))


def why_of(event: Event) -> str | None:
    """Why something was taken out, or opened in an emergency, where that was said."""
    told = json.loads(event.data)
    if "emergency" in told:
        return "In an emergency"
    said = WHY.get(told.get("why", "")) if event.kind in TAKEN_OUT else None
    return " ".join(part for part in (said, told.get("reference")) if part) if said else None


TAKEN_OUT = ("submission.exported", "submission.bundled")

SAID = {
    "submission.received": ("inbox", "Received"),
    "submission.read": ("tick", "Read, now that its form is here"),
    "submission.imported": ("save", "Brought in from a file that its phone had exported"),
    "submission.taken-in": ("tick", "Taken in, though its device is stolen or retired"),
    "submission.gone": ("warn", "Acknowledged before, and gone: a device showed its receipt"),
    "submission.completed": ("photo", "Complete: nothing is missing"),
    "submission.edited": ("pencil", "Mended by a newer record"),
    **{kind: ("eye", words) for kind, words in readings.LOOKED.items()},
    "submission.emergency": ("warn", "Opened in an emergency"),
    "submission.emergency-reviewed": ("tick", "The emergency was looked into"),
    "submission.commented": ("pencil", "Commented on"),
    "submission.flagged": ("flag", "Flagged for the manager"),
    "submission.settled": ("tick", "Flag settled"),
    "submission.linked": ("copy", "Marked as the double of another record"),
    **{kind: ("save", words) for kind, words in readings.LEFT.items()},
    "submission.bundle-made": ("lock", "The digest of that file written down"),
    "submission.redacted": ("cross", "Erased"),
    "submission.hold-placed": ("hold", "Put on hold"),
    "submission.hold-lifted": ("tick", "Hold lifted"),
    "submission.erasure-asked": ("clock", "Asked to be erased before its date"),
    "submission.erasure-agreed": ("tick", "Agreed to be erased before its date"),
    "submission.erasure-declined": ("cross", "Not erased before its date"),
    "report.acknowledged": ("tick", "Reporter told that it came"),
    "report.one_off_closed": ("tick", "Closed as a one-off"),
    "report.passed_on": ("right", "Passed on"),
    "report.in_case": ("inbox", "Put into a case"),
    "notice.given": ("tick", "Notice given"),
    "notice.payment": ("tick", "Payment entered"),
    "notice.reminder": ("inbox", "Reminder sent"),
    "notice.representation": ("inbox", "Representation received"),
    "notice.decision": ("tick", "Representation answered"),
    "notice.cancel": ("cross", "Notice cancelled"),
    "notice.legal": ("inbox", "Sent to legal"),
    "notice.court": ("tick", "Court result entered"),
}


def names_of(session: Session, found: list[Event]) -> dict[str, str]:
    """The names behind the actors of some events."""
    return names_of_actors(session, [event.actor for event in found])


def names_of_actors(session: Session, actors: Sequence[str]) -> dict[str, str]:
    ids = {kind: set() for kind in ("device", "person")}
    for actor in actors:
        kind, _, actor_id = actor.partition(":")
        ids.get(kind, set()).add(actor_id)
    devices = session.exec(select(Device.id, Device.name).where(col(Device.id).in_(ids["device"])))
    persons = session.exec(select(Person.id, Person.name).where(col(Person.id).in_(ids["person"])))
    return {f"device:{one}": name for one, name in devices} | {f"person:{one}": name for one, name in persons}
