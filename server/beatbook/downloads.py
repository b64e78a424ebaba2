"""Downloads: what a device fetches, and only what changed since it last did.

A cursor is `<digests of the papers for its role>.<epoch>.<seq of the newest change it has>`; devices keep it without
looking into it. In another epoch numbers mean other events, so outcomes and tasks are told again; `fresh` says that
the tasks are all there are. Papers are what a device holds a copy of: forms, lists, advice. A kind that changed is sent
as a whole, the others are empty.
"""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from . import events, numbers, submissions, tasks
from .advice import Cards
from .forms import Forms
from .models import Device, Person, Review, Role, Task

SCHOOLS = "schools"  # the list whose rows say what a card may say at a school


def since(
    session: Session, cursor: str | None, device: Device, forms: Forms, cards: Cards, *, now: datetime
) -> dict[str, Any]:
    """Everything without a cursor, or with one that cannot be read."""
    epoch = submissions.state_of(session).epoch
    known_papers, known_seq = read_cursor(cursor, epoch)
    newest = newest_change(session)
    papers = papers_for(device, forms, cards)
    digests = {kind: events.digest_of(paper)[:12] for kind, paper in papers.items()}
    known = dict(zip(papers, known_papers.split("-"), strict=False))
    outcomes = submissions.outcomes_since(session, device.id, known_seq)
    mine, others = tasks.changed(session, device, known_seq, now=now)
    return {
        "cursor": f"{'-'.join(digests.values())}.{epoch}.{newest}",
        "fresh": known_seq == 0,
        "device": {"deviceId": device.id, "name": device.name, "role": device.role},
        "numbers": numbers.of(session, device.id).to_wire(),
        "forms": [],
        "lists": [],
        "advice": [],
        **{kind: paper for kind, paper in papers.items() if digests[kind] != known.get(kind)},
        "tasks": [tasks.to_wire(task) for task in mine],
        "reviews": [outcome(decision, person) for decision, person in outcomes],
        "removed": {
            "forms": [form.form_id for form in forms if form.withdrawn],
            "lists": [],
            "tasks": others,
        },
    }


def newest_change(session: Session) -> int:
    """The event of the newest outcome or task, asked first: what comes meanwhile is told twice rather than never."""
    found = [session.exec(select(func.max(column))).one() for column in (col(Review.seq), col(Task.seq))]
    return max((seq for seq in found if seq), default=0)


def read_cursor(cursor: str | None, epoch: str) -> tuple[str, int]:
    digest, known_epoch, seq = [*(cursor or "").split("."), "", "", ""][:3]
    is_number = seq.isascii() and seq.isdigit() and len(seq) < 19  # digits of SQLite's largest whole number
    return digest, int(seq) if is_number and known_epoch == epoch else 0


def papers_for(device: Device, forms: Forms, cards: Cards) -> dict[str, Any]:
    """The forms a role may use, the lists that they and the cards ask, and advice for everybody who may show it."""
    usable = forms.for_role(device.role)
    advice = [] if device.role is Role.PUPIL else cards.to_wire()
    names = {field.from_list for form in usable for field in form.fields_flat() if field.from_list}
    if advice and cards.depend_on_school:
        names.add(SCHOOLS)
    return {
        "forms": [form.to_wire() for form in usable],
        "lists": [
            {"name": name, "rows": [dict(row) for row in forms.lists[name]]}
            for name in sorted(names & forms.lists.keys())
        ],
        "advice": advice,
    }


def outcome(decision: Review, person: Person) -> dict[str, Any]:
    return {
        "instanceId": decision.instance_id,
        "reviewState": decision.state,
        "reason": decision.reason,
        "reasonWords": submissions.REASONS.get(decision.reason or ""),
        "note": decision.note,
        "reviewedAt": events.instant(decision.at),
        "reviewer": person.name,
    }
