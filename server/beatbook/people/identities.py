"""Identities: who somebody from the council's own sign-in is here, and what their groups let them do.

An identity is an issuer and its subject. A name or an address never makes two people one; only a verified address does,
and only where the council has said so, or somebody who is signed in connects the account themselves.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from .. import events
from ..models import Identity, Person, Role
from ..problems import AccountClosed, AlreadyConnected, NoGroup
from ..settings import Settings
from .openid import Said
from .persons import add_person, change_role, is_last_one
from .roles import DESK_ROLES
from .sessions import end_sessions

CONNECTED = "person.connected"
ACTOR = "council"  # whose groups decide; people know it as the council's sign-in


def roles_of(settings: Settings) -> tuple[tuple[str, Role], ...]:
    """Errors: ValueError for a word that is no role at the desk."""
    names = sorted(DESK_ROLES)
    if wrong := [role for _, role in settings.groups_with_roles if role not in names]:
        raise ValueError(f"BEATBOOK_OIDC_GROUPS: {wrong[0]} is no role at the desk; there are {', '.join(names)}.")
    return tuple((group, Role(role)) for group, role in settings.groups_with_roles)


def sign_in(
    session: Session, said: Said, roles: Sequence[tuple[str, Role]], *, match_email: bool, now: datetime
) -> Person | None:
    """The person, made at their first visit and given the role of their groups at each.

    None when they have no group that may come in any more: then what they had open is ended, and NoGroup is to be
    answered. Errors: NoGroup for a stranger without one, AccountClosed.
    """
    person = person_of(session, said)
    if person is not None and person.ended_at is not None:
        raise AccountClosed
    role = next((role for group, role in roles if group in said.groups), None)
    if role is None:
        if person is None:
            raise NoGroup
        end_sessions(session, person.id, now=now, actor=ACTOR)
        return None
    if person is None:
        person = matching(session, said) if match_email else None
        person = person or add_person(session, said.name, role, email=free(session, said.email), now=now, actor=ACTOR)
        connect(session, person, said, now=now, actor=ACTOR)
    if person.role is not role and not (person.role is Role.ADMIN and is_last_one(session)):
        change_role(session, person, role, now=now, actor=ACTOR)
    return person


def connect(session: Session, person: Person, said: Said, *, now: datetime, actor: str) -> None:
    """From now on this identity signs in this person. Errors: AlreadyConnected."""
    known = session.get(Identity, (said.issuer, said.subject))
    if known is not None:
        if known.person_id != person.id:
            raise AlreadyConnected
        return
    seq = events.ledger(session).seq + 1
    row = Identity(issuer=said.issuer, subject=said.subject, seq=seq, person_id=person.id, connected_at=now)
    session.flush()
    session.add(row)
    events.append(session, CONNECTED, person.id, actor=actor, now=now, data={"row": events.digest_of(sealed(row))})


def person_of(session: Session, said: Said) -> Person | None:
    known = session.get(Identity, (said.issuer, said.subject))
    return session.get(Person, known.person_id) if known else None


def matching(session: Session, said: Said) -> Person | None:
    """Somebody with the same verified address, whom no identity signs in yet."""
    person = session.exec(select(Person).where(Person.email == said.email)).first() if said.email else None
    return person if person and person.ended_at is None and not of_person(session, person.id) else None


def of_person(session: Session, person_id: str) -> list[Identity]:
    query = select(Identity).where(Identity.person_id == person_id)
    return list(session.exec(query.order_by(col(Identity.connected_at))))


def free(session: Session, email: str | None) -> str | None:
    """The address, unless somebody has it here already: then this is another person without one."""
    taken = email is None or session.exec(select(Person.id).where(Person.email == email)).first() is not None
    return None if taken else email


def sealed(row: Identity) -> dict[str, Any]:
    return events.seal_of(row)
