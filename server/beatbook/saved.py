"""Saved: filters that somebody gave a name: their own, shared with the whole desk, or pinned to the navigation."""

import uuid
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, or_, select

from . import events
from .models import Person, SavedFilter
from .problems import NameMissing, NotAllowed, NotFound

LONGEST_NAME = 40  # characters; it stands in the navigation
MOST = 50  # of one person; a longer list is found by nobody


def of(session: Session, person: Person) -> list[SavedFilter]:
    """Those that a person sees, by name."""
    mine = or_(col(SavedFilter.person_id) == person.id, col(SavedFilter.shared).is_(True))
    query = select(SavedFilter).where(mine, col(SavedFilter.ended_at).is_(None))
    return list(session.exec(query.order_by(func.lower(SavedFilter.name), col(SavedFilter.id)).limit(MOST)))


def save(
    session: Session,
    name: str,
    query: str,
    *,
    person: Person,
    now: datetime,
    shared: bool = False,
    pinned: bool = False,
) -> SavedFilter:
    """Errors: NameMissing."""
    name = " ".join(name.split())[:LONGEST_NAME]
    if not name:
        raise NameMissing
    row = SavedFilter(
        id=str(uuid.uuid4()),
        name=name,
        query=query,
        person_id=person.id,
        shared=shared,
        pinned=pinned,
        created_at=now,
    )
    session.add(row)
    data = {"row": events.digest_of(sealed(row))}
    events.append(session, "filter.saved", row.id, actor=f"person:{person.id}", now=now, data=data)
    return row


def end(session: Session, saved_id: str, *, person: Person, now: datetime) -> SavedFilter:
    """Only its maker removes it. The row stays, for the log names it. Errors: NotFound, NotAllowed."""
    row = session.get(SavedFilter, saved_id)
    if row is None or row.ended_at is not None:
        raise NotFound
    if row.person_id != person.id:
        raise NotAllowed
    row.ended_at = now
    session.add(row)
    events.append(session, ENDED, row.id, actor=f"person:{person.id}", now=now)
    return row


def erase(session: Session, row: SavedFilter, *, now: datetime) -> None:
    """Take its words out: a name and a search may speak of somebody."""
    row.name, row.query, row.pinned, row.shared = "", "", False, False
    if row.ended_at is None:
        row.ended_at = now
        events.append(session, ENDED, row.id, actor="server", now=now)
    session.add(row)
    data = {"row": events.digest_of(sealed(row))}
    events.append(session, ERASED, row.id, actor="server", now=now, data=data)


ENDED, ERASED = "filter.ended", "filter.erased"


def sealed(row: SavedFilter) -> dict[str, Any]:
    return events.seal_of(row, {"ended_at"})
