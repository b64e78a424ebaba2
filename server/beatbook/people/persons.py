"""Persons: who works at the desk, from their invitation to the day they leave."""

import secrets
import uuid
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from .. import events
from ..models import Person, Role
from ..problems import BadRequest, WeakPassword, WrongPassword
from . import passwords
from .columns import clean_name, school_of
from .roles import DESK_ROLES
from .sessions import end_sessions


def add_person(
    session: Session,
    name: str,
    role: Role,
    *,
    now: datetime,
    email: str | None = None,
    password: str | None = None,
    actor: str = "server",
    school_id: str | None = None,
) -> Person:
    """Errors: WeakPassword."""
    person = Person(
        id=str(uuid.uuid4()),
        name=clean_name(name),
        role=role,
        email=email.strip().lower() if email else None,
        password_hash=hash_password(password, own=(name, email or "")) if password else None,
        created_at=now,
        school_id=school_id,
    )
    session.add(person)
    events.append(
        session,
        "person.added",
        person.id,
        actor=actor,
        now=now,
        data={"role": person.role, "row": events.digest_of(sealed_person(person))},
    )
    return person


def has_administrator(session: Session) -> bool:
    return session.exec(select(func.count()).select_from(Person).where(Person.role == Role.ADMIN)).one() > 0


def first_administrator(session: Session) -> Person | None:
    """Who comes in with a password whatever else is switched off or out of order: the oldest one who has one."""
    query = select(Person).where(
        Person.role == Role.ADMIN, col(Person.ended_at).is_(None), col(Person.password_hash).is_not(None)
    )
    return session.exec(query.order_by(col(Person.created_at), col(Person.id))).first()


def person_with_password(session: Session, email: str, password: str) -> Person:
    """Errors: WrongPassword, the same and after the same work whether the name or the password is wrong."""
    person = session.exec(select(Person).where(Person.email == email.strip().lower())).first()
    stored = person.password_hash if person and person.password_hash and person.ended_at is None else UNKNOWN_PASSWORD
    if not passwords.matches(stored, password) or person is None:
        raise WrongPassword
    return person


def change_password(session: Session, person: Person, password: str, *, now: datetime) -> None:
    """Errors: WeakPassword."""
    person.password_hash = hash_password(password, own=(person.name, person.email or ""))
    note_change(session, person, PASSWORD_CHANGED, actor=f"person:{person.id}", now=now)


def change_role(session: Session, person: Person, role: Role, *, now: datetime, actor: str) -> None:
    """Errors: BadRequest for a role without a desk, and for the last administrator's."""
    if role not in DESK_ROLES or (person.role is Role.ADMIN and role is not Role.ADMIN and is_last_one(session)):
        raise BadRequest
    person.role = role
    note_change(session, person, ROLE_CHANGED, actor=actor, now=now)


def end_person(session: Session, person: Person, *, now: datetime, actor: str) -> None:
    """From now on nothing of theirs opens the desk: no password, no passkey, no session. What they decided stays.

    Errors: BadRequest for the last administrator.
    """
    if person.role is Role.ADMIN and is_last_one(session):
        raise BadRequest
    person.ended_at = now
    session.add(person)
    events.append(session, "person.ended", person.id, actor=actor, now=now)
    end_sessions(session, person.id, now=now, actor=actor)


PASSWORD_CHANGED, ROLE_CHANGED, RESET = "person.password-changed", "person.role-changed", "person.reset"
PERSON_CHANGES = (PASSWORD_CHANGED, ROLE_CHANGED, RESET)


def note_change(session: Session, person: Person, kind: str, *, actor: str, now: datetime) -> None:
    session.add(person)
    row = events.digest_of(sealed_person(person))
    events.append(session, kind, person.id, actor=actor, now=now, data={"role": person.role, "row": row})


def is_last_one(session: Session) -> bool:
    query = select(func.count()).select_from(Person).where(Person.role == Role.ADMIN, col(Person.ended_at).is_(None))
    return session.exec(query).one() <= 1


def persons(session: Session) -> list[Person]:
    """Everybody at the desk, those who have left last."""
    return list(session.exec(select(Person).order_by(col(Person.ended_at).is_not(None), col(Person.name))))


def hash_password(password: str, own: tuple[str, ...] = ()) -> str:
    """Errors: WeakPassword, with the reason in `why`."""
    why = passwords.weakness(password, own)
    if why:
        raise WeakPassword(why=why)
    return passwords.hash_of(password)


UNKNOWN_PASSWORD = passwords.hash_of(secrets.token_urlsafe(16))  # compared against when there is no such person


def sealed_person(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "role": person.role,
        "email": person.email,
        "password": person.password_hash,
        "at": events.instant(person.created_at),
        **school_of(person.school_id),
    }
