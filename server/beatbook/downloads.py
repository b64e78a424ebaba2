"""Downloads: what a device fetches, and only what changed since it last did.

A cursor is `<digest of the forms, lists and ticket pictures for it>.<epoch>.<seq of the newest outcome it has>`;
devices keep it without looking into it. In another epoch numbers mean other events, so outcomes are told again.
"""

from typing import Any

from sqlmodel import Session, col, func, select

from . import designs, events, numbers, submissions
from .forms import Forms
from .models import Device, Person, Review


def since(session: Session, cursor: str | None, device: Device, forms: Forms) -> dict[str, Any]:
    """Everything without a cursor, or with one that cannot be read."""
    epoch = submissions.state_of(session).epoch
    known_forms, known_seq = read_cursor(cursor, epoch)
    papers = with_designs(papers_for(device, forms), designs.for_device(session, forms, device.role, device.school_id))
    digest = events.digest_of(papers)[:16]
    newest = session.exec(select(func.max(col(Review.seq)))).one() or 0
    outcomes = submissions.outcomes_since(session, device.id, known_seq)
    return {
        "cursor": f"{digest}.{epoch}.{newest}",
        "device": {"deviceId": device.id, "name": device.name, "role": device.role, "school": device.school_id},
        "numbers": numbers.of(session, device.id).to_wire(),
        **(papers if digest != known_forms else {"forms": [], "lists": []}),
        "advice": [],
        "tasks": [],
        "reviews": [outcome(decision, person) for decision, person in outcomes],
        "removed": {"forms": [form.form_id for form in forms if form.withdrawn], "lists": []},
    }


def read_cursor(cursor: str | None, epoch: str) -> tuple[str, int]:
    digest, known_epoch, seq = [*(cursor or "").split("."), "", "", ""][:3]
    is_number = seq.isascii() and seq.isdigit() and len(seq) < 19  # digits of SQLite's largest whole number
    return digest, int(seq) if is_number and known_epoch == epoch else 0


def papers_for(device: Device, forms: Forms) -> dict[str, Any]:
    """The forms a role may use, and the lists that they draw choices from."""
    usable = forms.for_role(device.role)
    names = sorted({field.from_list for form in usable for field in form.fields_flat() if field.from_list})
    return {
        "forms": [form.to_wire() for form in usable],
        "lists": [{"name": name, "rows": [dict(row) for row in forms.lists[name]]} for name in names],
    }


def with_designs(papers: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The list `designs`: what the council's own file holds, then what classes drew and an adult approved."""
    if not rows:
        return papers
    own = [row for one in papers["lists"] if one["name"] == "designs" for row in one["rows"]]
    others = [one for one in papers["lists"] if one["name"] != "designs"]
    return {**papers, "lists": [*others, {"name": "designs", "rows": [*own, *rows]}]}


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
