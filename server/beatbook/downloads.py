"""Downloads: what a device fetches, and only what changed since it last did.

Devices keep a cursor without looking into it. In another epoch numbers mean other events, so outcomes and tasks are
told again; `fresh` says that the tasks are all there are. Papers are what a device holds a copy of: forms, lists
(with the ticket pictures of its school), settings, advice, alerts. A kind that changed is sent as a whole. Of one that
did not, forms, lists and advice are an empty list and the others have no key.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlmodel import Session, col, func, select

from . import authorisations, designs, events, numbers, redactions, sequences, submissions, tasks
from .advice import SCHOOLS, Cards
from .forms import Form, Forms
from .models import Device, Person, Redaction, Review, ReviewState, Role, Standing, Submission, Task
from .submissions import flags

HUTS = "huts"
NEARBY_DAYS = 90  # that a record is worth being linked to
COPY_DAYS = 120  # after which no device has anything of a record any more
MOST_NEARBY = 300  # told at once; 30 kB
LONGEST_NUMBER = 18  # digits of one that SQLite surely holds
PLACES = 4  # decimals of a degree, about ten metres: enough to say "near here", not whose door


class Cursor(NamedTuple):
    """What a device has, and where the log stood then."""

    papers: str = ""  # their digests
    epoch: str = ""
    change: int = 0  # the event of the newest outcome or task
    near: int = 0  # the newest record nearby
    seq: int = 0
    chain: str = ""

    @classmethod
    def read(cls, text: str | None) -> "Cursor":
        """As much of it as can be read; those of a Beatbook before do not say where the log stood."""
        papers, epoch, *numbers, chain = (*(text or "").split("."), *[""] * len(cls._fields))[: len(cls._fields)]
        return cls(papers, epoch, *map(number_of, numbers), chain)

    def __str__(self) -> str:
        return ".".join(map(str, self))

    def within(self, epoch: str) -> "Cursor":
        return self if self.epoch == epoch else Cursor(papers=self.papers)

    def to_wire(self) -> dict[str, Any]:
        """In the form of a receipt, for `events.witness`: a log that it does not fit has shrunk since."""
        return {"epoch": self.epoch, "seq": self.seq, "chain": self.chain} if self.chain else {}


def number_of(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else 0


def since(
    session: Session,
    cursor: str | None,
    device: Device,
    forms: Forms,
    cards: Cards,
    *,
    now: datetime,
    council: str,
    code: str | None = None,
    checked: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Everything without a cursor, or with one that cannot be read. `code` stands in the numbers of its notices,
    `checked` says on which day each hut was last looked at.

    A device that nobody at the desk has seen yet is told what its role's forms need and what became of its own
    records, and nothing that others recorded or are to do; its cursor then stands still, so that it misses nothing.
    """
    head = submissions.state_of(session)
    is_new = device.standing is Standing.NEW
    known = Cursor.read(cursor).within(head.epoch)
    newest = 0 if is_new else newest_change(session)
    pictures = designs.for_device(session, forms, device.role, device.school_id)
    papers = with_designs(papers_for(device, forms, cards, checked or {}), pictures)
    papers = {**papers, "alerts": [] if is_new else flags.alerts(session, device, now=now)}
    papers["settings"] += [row.to_wire() for row in authorisations.told_to(session, device.id, council)]
    digests = {kind: events.digest_of(paper)[:12] for kind, paper in papers.items()}
    same = dict(zip(papers, known.papers.split("-"), strict=False))
    mine, others = ([], []) if is_new else tasks.changed(session, device, known.change, now=now)
    outcomes = submissions.outcomes_since(session, device.id, known.change)
    near = [] if is_new else nearby(session, device, forms, after=known.near, now=now)
    holder = authorisations.holder_of(session, device.id)
    near_seq = max([row.seq for row in near], default=known.near)
    return {
        "cursor": str(Cursor("-".join(digests.values()), head.epoch, newest, near_seq, head.seq, head.chain)),
        "fresh": known.change == 0,
        "device": {
            "deviceId": device.id,
            "name": device.name,
            "role": device.role,
            "school": device.school_id,
            "confirmed": not is_new,
            "holder": holder.name if holder else None,
            **({"code": code} if code else {}),
        },
        "numbers": numbers.of(session, device.id).to_wire(),
        "forms": [],
        "lists": [],
        "advice": [],
        **{kind: paper for kind, paper in papers.items() if digests[kind] != same.get(kind)},
        "nearby": [near_row(row) for row in near],
        **({} if cursor else {"sequences": sequences.of_device(session, device.id, forms)}),
        "tasks": [tasks.to_wire(task) for task in mine],
        "reviews": [outcome(session, decision, person) for decision, person in outcomes],
        "removed": {
            "forms": [form.form_id for form in forms if form.withdrawn],
            "lists": [],
            "tasks": others,
            "records": erased(session, device, forms, now=now),
        },
    }


def newest_change(session: Session) -> int:
    """The event of the newest outcome or task, asked first: what comes meanwhile is told twice rather than never."""
    found = [session.exec(select(func.max(column))).one() for column in (col(Review.seq), col(Task.seq))]
    return max((seq for seq in found if seq), default=0)


def papers_for(device: Device, forms: Forms, cards: Cards, checked: Mapping[str, str]) -> dict[str, Any]:
    """The forms a role may use, the lists that it or they ask, every dated setting, and advice for who may show it.

    Pupils' tablets get neither advice nor settings: what a penalty costs is nothing to them (MT16).
    """
    advice = [] if device.role is Role.PUPIL else cards.to_wire()
    usable = forms.for_role(device.role)
    names = {name for form in usable for name in form.lists if name in forms.lists}
    names |= {name for name, info in forms.infos.items() if device.role in info.roles}
    names |= {SCHOOLS} & forms.lists.keys() if advice and cards.depend_on_school else set()
    if device.standing is Standing.NEW:
        names -= {name for name, info in forms.infos.items() if info.personal}
    return {
        "forms": [form.to_wire() for form in usable],
        "lists": [list_for(forms, name, device, checked) for name in sorted(names)],
        "settings": [] if device.role is Role.PUPIL else [row.to_wire() for row in forms.settings.rows()],
        "advice": advice,
    }


def with_designs(papers: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The list `designs`: what the council's own file holds, then what classes drew and an adult approved."""
    if not rows:
        return papers
    own = [row for one in papers["lists"] if one["name"] == designs.LIST for row in one["rows"]]
    others = [one for one in papers["lists"] if one["name"] != designs.LIST]
    return {**papers, "lists": [*others, {"name": designs.LIST, "title": "Ticket pictures", "rows": [*own, *rows]}]}


def with_days(rows: list[dict[str, str]], checked: Mapping[str, str]) -> list[dict[str, str]]:
    """Huts with the day they were last looked at, where a round says so."""
    return [{**row, "last_check_on": checked.get(row["name"], row.get("last_check_on", ""))} for row in rows]


def list_for(forms: Forms, name: str, device: Device, checked: Mapping[str, str]) -> dict[str, Any]:
    """A list; without places on the map for a pupils' tablet, which knows of none (MT3)."""
    info = forms.infos.get(name)
    kept_back = {column.name for column in info.columns if column.desk_only} if info else set()
    if device.role == Role.PUPIL:
        kept_back |= {"latitude", "longitude"}
    rows = [{key: cell for key, cell in row.items() if key not in kept_back} for row in forms.lists[name]]
    rows = with_days(rows, checked) if name == HUTS else rows
    places = {"places": info.places} if info and info.places and device.role != Role.PUPIL else {}
    return {"name": name, "title": info.title if info else name, "rows": rows, **places}


def outcome(session: Session, decision: Review, person: Person) -> dict[str, Any]:
    """Of a record that was sent back also what it answered: a phone that was locked since cannot read its own copy."""
    record = session.get(Submission, decision.instance_id) if decision.state == ReviewState.HAS_ISSUES else None
    answers = json.loads(record.payload).get("answers") if record and record.payload else None
    return {
        "instanceId": decision.instance_id,
        "reviewState": ReviewState.RECEIVED if decision.state is ReviewState.KEPT else decision.state,
        "reason": decision.reason,
        "reasonWords": submissions.REASONS.get(decision.reason or ""),
        "note": decision.note,
        "reviewedAt": events.instant(decision.at),
        "reviewer": person.name,
        **({"answers": answers} if isinstance(answers, dict) else {}),
    }


def nearby(session: Session, device: Device, forms: Forms, *, after: int, now: datetime) -> list[Submission]:
    """What other devices recorded with forms that ask what was recorded near here before."""
    asking = [form.form_id for form in forms.for_role(device.role) if asks_nearby(form)]
    if not asking:
        return []
    newest = session.exec(
        select(Submission)
        .where(
            col(Submission.form_id).in_(asking),
            Submission.seq > after,
            Submission.device_id != device.id,
            col(Submission.latitude).is_not(None),
            Submission.received_at > now - timedelta(days=NEARBY_DAYS),
            col(Submission.review_state).not_in([ReviewState.REJECTED, ReviewState.EDITED]),
        )
        .order_by(col(Submission.seq).desc())
        .limit(MOST_NEARBY)
    )
    return list(newest)


def erased(session: Session, device: Device, forms: Forms, *, now: datetime) -> list[str]:
    """Records that became stubs while the device may still have a copy: its own, and those told of as nearby.

    Told again each time: they are few, for most records outlive every copy of them.
    """
    asking = [form.form_id for form in forms.for_role(device.role) if asks_nearby(form)]
    found = session.exec(
        select(Submission.instance_id)
        .join(Redaction, col(Redaction.subject) == Submission.instance_id)
        .where(
            Redaction.what == redactions.EVERYTHING,
            Redaction.at > now - timedelta(days=COPY_DAYS),
            (col(Submission.device_id) == device.id) | col(Submission.form_id).in_(asking),
            Submission.received_at > now - timedelta(days=COPY_DAYS),
        )
        .order_by(col(Submission.seq))
    )
    return list(found)


def asks_nearby(form: Form) -> bool:
    return any("nearby" in (field.appearance or "").split() for field in form.fields_flat())


def near_row(row: Submission) -> dict[str, Any]:
    return {
        "instanceId": row.instance_id,
        "formId": row.form_id,
        "title": row.title,
        "at": events.instant(row.captured_at or row.received_at),
        "latitude": round(row.latitude or 0, PLACES),
        "longitude": round(row.longitude or 0, PLACES),
    }
