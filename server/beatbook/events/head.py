"""Head: a note beside the database of how far the log had come, so that an older database put in its place is noticed.

It is written after every commit and never fsynced: after a power cut it may be behind the database, which tells
nothing, but never ahead. Ahead means that history was lost (a copy of last week was put back and nobody said so).
"""

import json
from pathlib import Path
from typing import NamedTuple

import structlog
from sqlmodel import Session

from .. import events
from ..models import Event

log = structlog.get_logger()

FILE = ".head"
LENGTH = 128  # bytes; always as long, so that a shorter note leaves nothing of a longer one


class Position(NamedTuple):
    seq: int
    chain: str


class Head:
    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self.noted: Position | None = None

    def position(self, session: Session) -> Position:
        """Where the log will stand after this transaction."""
        ledger = events.ledger(session)
        return Position(ledger.seq, ledger.chain)

    def write(self, position: Position) -> None:
        """Note it, when it was committed. Failing to is no reason to refuse anything."""
        if position == self.noted:
            return
        try:
            with self.path.open("r+b" if self.path.exists() else "wb", buffering=0) as file:
                file.write(json.dumps(position._asdict()).ljust(LENGTH).encode())
            self.noted = position
        except OSError as error:
            log.warning("the note beside the database could not be written", error=str(error))

    def is_ahead_of(self, session: Session) -> bool:
        """Whether the database lacks what was noted. A note that cannot be read tells nothing."""
        try:
            noted = json.loads(self.path.read_bytes())
            seq, chain = int(noted["seq"]), str(noted["chain"])
        except (OSError, ValueError, KeyError, TypeError):
            return False
        if seq > events.ledger(session).seq:
            return True
        event = session.get(Event, seq)
        return event is None or event.chain != chain


def forget(folder: Path) -> None:
    """A history is put in place on purpose, and says so itself."""
    (folder / FILE).unlink(missing_ok=True)
