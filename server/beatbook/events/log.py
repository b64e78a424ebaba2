"""The log: every change and every reading of personal data is one event, each chained to the one before.

`chain` of an event is the SHA-256 of the chain before it and of the event's own canonical text, so nothing in the past
can be changed without changing every chain after it; devices hold some of them in their receipts. An event names what
it is about and carries digests, never the content (data protection rule DP2: the log holds no content).
"""

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from ..models import Event, Ledger, insert

GENESIS = "0" * 64  # the chain before the first event


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it was recorded."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def ledger(session: Session) -> Ledger:
    """The one row of the ledger, made when the server starts for the first time.

    The row stays locked until the end of the transaction, so that numbers are given in the order of commits. (SQLite
    locks the whole database anyway.) It is read once for each transaction; then the session knows it.
    """
    row = session.info.get("ledger")  # the session itself would forget a row that nobody else holds
    if row is None or row not in session:
        row = session.get(Ledger, 1, with_for_update=True)
    if row is None:
        row = Ledger(server_id=secrets.token_hex(16), epoch=secrets.token_hex(16), chain=GENESIS)
        session.add(row)
        session.flush()
    session.info["ledger"] = row
    return row


def append(
    session: Session, kind: str, subject: str, *, actor: str, now: datetime, data: Mapping[str, Any] | None = None
) -> Event:
    """Add one event. `actor` is who did it, such as `device:…`, `person:…` or `server`."""
    head = ledger(session)
    event = Event(
        seq=head.seq + 1,
        at=now.astimezone(UTC),
        kind=kind,
        actor=actor,
        subject=subject,
        data=canonical(data or {}),
        chain="",
    )
    event.chain = chain_of(head.chain, event)
    head.seq, head.chain = event.seq, event.chain
    insert(session, event)
    return event


def chain_of(before: str, event: Any) -> str:
    text = canonical(
        {
            "seq": event.seq,
            "at": instant(event.at),
            "kind": event.kind,
            "actor": event.actor,
            "subject": event.subject,
            "data": event.data,
        }
    )
    return hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()


def canonical(value: Any) -> str:
    """One text for one value: sorted keys, no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest_of(value: Any) -> str:
    """A digest of a value that an event may carry instead of the value."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def seal_of(row: Any, apart: Set[str] = frozenset()) -> dict[str, Any]:
    """What the digest in an event covers of a table's row: every column but those `apart`."""
    return {name: sealable(value) for name, value in row.model_dump(exclude=apart).items()}


def sealable(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant(value)
    return value.isoformat() if isinstance(value, date) else value


def instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def history_of(session: Session, subject: str) -> list[Event]:
    """What happened to one thing, oldest first."""
    return list(session.exec(select(Event).where(Event.subject == subject).order_by(col(Event.seq))))


def verify(session: Session) -> Iterator[Fault]:
    """Recompute the whole chain."""
    before, expected = GENESIS, 1
    columns = [getattr(Event, column.name) for column in SQLModel.metadata.tables["event"].columns]
    query = sa.select(*columns).order_by(col(Event.seq)).execution_options(yield_per=1000)
    for event in session.connection().execute(query):  # as plain rows: there are several for each record
        if event.seq != expected:
            yield Fault(f"event {expected}", f"is missing; the next is {event.seq}")
        if chain_of(before, event) != event.chain:
            yield Fault(f"event {event.seq}", "was changed, or one before it was")
        before, expected = event.chain, event.seq + 1
    head = session.exec(select(Ledger)).one_or_none()
    if head is None:
        yield Fault("ledger", "is missing")
    elif (head.seq, head.chain) != (expected - 1, before):
        yield Fault("ledger", f"stands at event {head.seq}, the log ends at {expected - 1}")


def witness(session: Session, receipt: Mapping[str, Any], *, now: datetime) -> bool:
    """Compare a device's newest receipt with our history. Returns whether it fits.

    One that does not means that the history has shrunk or was rewritten (a restore that nobody told us of). Then a new
    epoch begins, and devices offer again what we lost.
    """
    if fits(session, receipt):
        return True
    begin_epoch(session, "a device holds a receipt that is not in our history", now=now)
    return False


def fits(session: Session, receipt: Mapping[str, Any]) -> bool:
    """Whether our history holds a receipt of this epoch. One of another epoch tells nothing."""
    head = session.exec(select(Ledger)).one()
    if receipt.get("epoch") != head.epoch:
        return True
    seq, chain = receipt.get("seq"), receipt.get("chain")
    if not isinstance(seq, int) or not isinstance(chain, str):
        return True
    event = session.get(Event, seq) if 0 < seq <= head.seq else None
    return event is not None and event.chain == chain


def begin_epoch(session: Session, why: str, *, now: datetime) -> None:
    """From here on our history is another one than devices may know."""
    head = ledger(session)
    head.epoch = secrets.token_hex(16)
    head.safe_seq = min(head.safe_seq, head.seq)
    append(session, "epoch.begun", head.epoch, actor="server", now=now, data={"why": why})
