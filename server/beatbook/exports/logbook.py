"""Logbook: the whole log of events as a file that checks itself, with Python alone.

Whoever has a copy outside this server is a witness: a log that was rewritten since, whole and without a fault, is
another one than theirs. It holds no content of records (DP2), so an auditor may take it.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlmodel import Session, col, select

from .. import events
from ..database import Database
from ..models import Event, Ledger, Stamp
from .zips import Entry, chunks

TAKEN = "log.taken-out"
VERIFIER = Path(__file__).with_name("verify_log.py")
SLICE = 1000  # events

README = """The log of events of Beatbook {server_id}, up to event {seq}.

log.jsonl      Every event, one a line. The SHA-256 of the chain before it, a new line and the event is its "chain"
ledger.json    Which server, which history (epoch), and where the log ends
verify.py      Checks all of it: python3 verify.py
stamps/        What a time-stamping authority signed, if there is one:
               openssl ts -verify -in N.tsr -data N.txt -CAfile ROOT
receipts/      Put receipts here, as devices or the desk show them, and verify.py looks for each in the log

What verify.py proves: no event was changed, left out or put in by somebody who did not rewrite every event after it.
Who has the server's disk can rewrite them all. Then the log is sound in itself, and one receipt that a device was given
before, or an older copy of this file, gives it away.
"""


def note(session: Session, *, actor: str, now: datetime) -> None:
    """Before anything is read, so that the log ends with its own taking."""
    events.append(session, TAKEN, "log", actor=actor, now=now)


def stream(database: Database, at: datetime) -> Iterator[bytes]:
    with database.reading() as session:
        ledger = session.exec(select(Ledger)).one()
        head = {name: getattr(ledger, name) for name in ("server_id", "epoch", "seq", "chain")}
        readme = README.format(server_id=ledger.server_id, seq=ledger.seq)
        yield from chunks(
            [
                Entry("README.txt", [readme.encode()], packed=True),
                Entry("ledger.json", [json.dumps(head, indent=1).encode()], packed=True),
                Entry("verify.py", [VERIFIER.read_bytes()], packed=True),
                Entry("log.jsonl", lines(session, ledger.seq), packed=True),
                *stamped(session),
            ],
            at,
        )


def stamped(session: Session) -> Iterator[Entry]:
    for row in session.exec(select(Stamp).order_by(col(Stamp.seq))):
        yield Entry(f"stamps/{row.head}.tsr", [row.answer])
        yield Entry(f"stamps/{row.head}.txt", [row.chain.encode()])


def lines(session: Session, last: int) -> Iterator[bytes]:
    """Slice by slice, so that a million events need no more memory than a thousand."""
    query = select(Event).where(col(Event.seq) <= last).order_by(col(Event.seq))
    for slice_of in session.exec(query.execution_options(yield_per=SLICE)).partitions():
        told = [
            {
                "seq": event.seq,
                "at": events.instant(event.at),
                "kind": event.kind,
                "actor": event.actor,
                "subject": event.subject,
                "data": event.data,
                "chain": event.chain,
            }
            for event in slice_of
        ]
        yield "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in told).encode()
