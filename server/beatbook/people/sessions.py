"""Sessions: that somebody has signed in at the desk, in which browser, and until when."""

import secrets
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from .. import events
from ..models import DeskSession, Person, Proof
from . import keys
from .columns import digest

SEEN_EVERY = timedelta(minutes=1)  # how exactly "last seen" is kept; a write for each page would be too much


def start_session(
    session: Session, person: Person, *, now: datetime, how: Proof = Proof.LINK, browser: str = ""
) -> str:
    token = secrets.token_urlsafe(32)
    session.flush()
    session.add(
        DeskSession(
            token_digest=digest(token), person_id=person.id, created_at=now, seen_at=now, how=how, browser=browser
        )
    )
    events.append(session, "person.signed-in", person.id, actor=f"person:{person.id}", now=now, data={"how": how})
    return token


def session_of(session: Session, token: str) -> DeskSession | None:
    return session.get(DeskSession, digest(token)) if token else None


def sessions_of(session: Session, person_id: str, *, now: datetime, idle_minutes: int, hours: int) -> list[DeskSession]:
    """The ones that are still open, last used first."""
    query = select(DeskSession).where(
        DeskSession.person_id == person_id,
        col(DeskSession.ended_at).is_(None),
        DeskSession.seen_at >= now - timedelta(minutes=idle_minutes),
        DeskSession.created_at >= now - timedelta(hours=hours),
    )
    return list(session.exec(query.order_by(col(DeskSession.seen_at).desc())))


def end_sessions(session: Session, person_id: str, *, now: datetime, actor: str, but: str = "", only: str = "") -> int:
    """End a person's sessions: all `but` one, or `only` one, by the digest of its token. Returns how many."""
    query = select(DeskSession).where(DeskSession.person_id == person_id, col(DeskSession.ended_at).is_(None))
    ended = [row for row in session.exec(query) if row.token_digest != but and (not only or row.token_digest == only)]
    for row in ended:
        row.ended_at = now
        session.add(row)
    if ended:
        events.append(session, "person.sessions-ended", person_id, actor=actor, now=now, data={"count": len(ended)})
    return len(ended)


def may_do_nothing_yet(session: Session, row: DeskSession) -> bool:
    """Whether somebody came in by password alone and has to set up a second step before anything else."""
    return row.how is Proof.PASSWORD and not keys.has_second_step(session, row.person_id)


def person_of(session: Session, token: str, *, now: datetime, idle_minutes: int, hours: int) -> Person | None:
    """Whose desk session this is; None when it is unknown, idle too long, too old or ended."""
    row = session_of(session, token)
    if row is None or row.ended_at is not None:
        return None
    if now - row.seen_at > timedelta(minutes=idle_minutes) or now - row.created_at > timedelta(hours=hours):
        return None
    person = session.get(Person, row.person_id)
    return person if person and person.ended_at is None else None


def touch_session(session: Session, token: str, *, now: datetime) -> None:
    """Note that somebody is still there, at most once in SEEN_EVERY."""
    row = session_of(session, token)
    if row is not None and now - row.seen_at >= SEEN_EVERY:
        row.seen_at = now
        session.add(row)


def sign_out(session: Session, token: str, *, now: datetime) -> None:
    row = session_of(session, token)
    if row is not None and row.ended_at is None:
        row.ended_at = now
        session.add(row)
        events.append(session, "person.signed-out", row.person_id, actor=f"person:{row.person_id}", now=now)
