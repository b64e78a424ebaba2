"""Marking: how sensitive an export is, why it was taken, and what the log keeps of that (DP9, EV4)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from .. import events
from ..forms import Forms
from ..models import Event, Person

OFFICIAL, SENSITIVE = "OFFICIAL", "OFFICIAL-SENSITIVE"  # the government's words, which every council knows
TAKEN, EXHIBITED = "records.exported", "submission.exported"

# Why something is taken out. Codes, because the log holds no content (DP2): nobody can type a name into it.
WHY = {
    "court": "Court or prosecution",
    "police": "The police asked for it",
    "person": "A person asked for their own data",
    "complaint": "Complaint or appeal",
    "partner": "Shared under an agreement",
    "works": "Cleaning or repair",
    "figures": "Figures and maps",
    "audit": "Audit",
}
REFERENCE = re.compile(r"(?=.*\d)[A-Z0-9/.-]{1,30}")  # of a case or letter; it needs a digit, so it is no name


@dataclass(frozen=True)
class Asked:
    """What of the records is wanted beside the filter."""

    personal: bool = False  # answers that tell who somebody is, and photos that show it
    originals: bool = False  # photos as the camera made them, with nothing covered
    why: str = ""
    reference: str = ""


@dataclass(frozen=True)
class About:
    """What stands in the export about itself."""

    marking: str
    by: str
    at: datetime
    which: str  # the filter in words
    why: str
    left_out: list[str] = field(default_factory=list)

    def lines(self) -> list[tuple[str, str]]:
        return [
            ("Marking", self.marking),
            ("Taken out by", self.by),
            ("At", self.at.isoformat(timespec="seconds")),
            ("Which records", self.which),
            ("Why", self.why),
            *(("Left out", each) for each in self.left_out or ["Nothing"]),
        ]


def marking_of(forms: Forms, form_id: str | None, asked: Asked) -> str:
    """Of a whole export: as sensitive as the most sensitive record that may be in it."""
    if asked.personal or asked.originals or form_id is None:
        return SENSITIVE
    versions = forms.versions(form_id).values()
    return SENSITIVE if not versions or any(form.is_sensitive for form in versions) else OFFICIAL


def note(session: Session, chosen: Mapping[str, Any], *, actor: str, now: datetime) -> None:
    """An export leaves this system: that is written down, with what was asked for and not what was in it."""
    events.append(session, TAKEN, "records", actor=actor, now=now, data=chosen)


def note_exhibits(session: Session, instance_ids: Sequence[str], asked: Asked, *, actor: str, now: datetime) -> None:
    """EV4: a record whose photos leave says so in its own history."""
    data = {name: value for name, value in (("why", asked.why), ("reference", asked.reference)) if value}
    for instance_id in instance_ids:
        events.append(session, EXHIBITED, instance_id, actor=actor, now=now, data=data)


def recent(session: Session, *, most: int = 20) -> Iterator[tuple[Event, str]]:
    """Who took out what lately, newest first."""
    found = session.exec(select(Event).where(Event.kind == TAKEN).order_by(col(Event.seq).desc()).limit(most)).all()
    ids = {event.actor.partition(":")[2] for event in found}
    names = dict(session.exec(select(Person.id, Person.name).where(col(Person.id).in_(ids))).all())
    for event in found:
        yield event, names.get(event.actor.partition(":")[2], "")
