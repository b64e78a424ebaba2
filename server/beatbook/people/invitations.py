"""Invitations: one-time codes that make a device, or open the desk to a person."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from .. import events
from ..models import Invitation, Person, Purpose, Role
from ..problems import CodeExpired, CodeUnknown, CodeUsed, WeakPassword
from . import keys
from .columns import clean_name, digest, school_of
from .persons import RESET, add_person, has_administrator, note_change
from .roles import DESK_ROLES
from .sessions import end_sessions, start_session

CODE_LETTERS = "ABCDEFGHJKMNPQRTUVWXYZ2346789"  # without 0 O, 1 I L, 5 S: read aloud in the rain, typed with gloves
CODE_LENGTH = 8  # 29**8 is 39 bits: at 30 wrong tries a minute a guess finds a live code once in 30 000 years


@dataclass(frozen=True)
class Invited:
    """An invitation as its maker sees it once; the code is nowhere else."""

    code: str
    role: Role
    name: str
    purpose: Purpose
    expires_at: datetime

    def url(self, link: str) -> str:
        """Where the invited open it. The part after # never reaches a log."""
        if self.purpose is Purpose.DEVICE:
            return f"{link}/#/enrol/{self.code}"
        return f"{link}/desk/join/{self.code}"


def invite(
    session: Session,
    role: Role,
    name: str,
    *,
    minutes: int,
    now: datetime,
    actor: str = "server",
    purpose: Purpose | None = None,
    person: Person | None = None,
    often: bool = False,
    school_id: str | None = None,
    confirm: bool = False,
) -> Invited:
    """Make a one-time code for a device (a field role) or a person (a desk role).

    `person` makes it a link that signs in somebody who exists; `often` lets it be opened more than once; `school_id`
    says at which school the device stays, or whose adult the person is; `confirm` that somebody at the desk is to say
    of the device that it is theirs, before it is told what others are to do.
    """
    purpose = purpose or (Purpose.DESK if role in DESK_ROLES else Purpose.DEVICE)
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    invitation = Invitation(
        code_digest=digest(code),
        purpose=purpose,
        role=role,
        name=clean_name(name),
        created_at=now,
        expires_at=now + timedelta(minutes=minutes),
        person_id=person.id if person else None,
        often=often,
        school_id=school_id,
        confirm=confirm,
    )
    session.add(invitation)
    events.append(
        session,
        "invitation.made",
        invitation.code_digest[:16],
        actor=actor,
        now=now,
        data={"role": role, "for": purpose, "row": events.digest_of(sealed_invitation(invitation))},
    )
    return Invited(code, role, invitation.name, purpose, invitation.expires_at)


def open_invitation(session: Session, code: str, *, now: datetime) -> Invitation:
    """The live invitation of a code, however it was typed.

    Errors: CodeUnknown, CodeUsed, CodeExpired.
    """
    invitation = session.get(Invitation, digest(tidy_code(code)))
    if invitation is None:
        raise CodeUnknown
    if invitation.used_at is not None and not invitation.often:
        raise CodeUsed
    if invitation.expires_at <= now:
        raise CodeExpired
    if invitation.purpose is Purpose.ADMINISTRATOR and has_administrator(session):
        raise CodeUsed  # another start had printed another link, and that one made the first administrator
    return invitation


def look_at(session: Session, code: str, *, now: datetime) -> Invitation:
    """What a phone would become with a code. Looking does not use the code.

    Errors: CodeUnknown, CodeUsed, CodeExpired.
    """
    invitation = open_invitation(session, code, now=now)
    if invitation.purpose is Purpose.ADMINISTRATOR:
        raise CodeUnknown  # it opens the desk, not a phone
    return invitation


def join(
    session: Session,
    code: str,
    *,
    name: str = "",
    email: str = "",
    password: str = "",
    browser: str = "",
    now: datetime,
) -> tuple[Person, str]:
    """Open a desk invitation: make its person, or sign in the one it names. Returns the person and a session token.

    Errors: CodeUnknown, CodeUsed, CodeExpired, WeakPassword.
    """
    invitation = open_invitation(session, code, now=now)
    if invitation.purpose is Purpose.DEVICE:
        raise CodeUnknown
    person = session.get(Person, invitation.person_id) if invitation.person_id else None
    if person is None:
        person = add_person(
            session,
            name or invitation.name,
            invitation.role,
            now=now,
            email=email,
            password=password or None,
            school_id=invitation.school_id,
        )
        if person.password_hash is None or person.email is None:
            raise WeakPassword
    invitation.used_at, invitation.made_id = now, person.id
    session.add(invitation)
    return person, start_session(session, person, now=now, browser=browser)


def invite_back(session: Session, person: Person, *, minutes: int, now: datetime, actor: str) -> Invited:
    """A link for somebody who has lost their keys. Their passkeys, codes and sessions end; their password too."""
    end_sessions(session, person.id, now=now, actor=actor)
    for passkey in keys.passkeys_of(session, person.id):
        keys.end_passkey(session, person.id, passkey.id, now=now, actor=actor)
    keys.end_authenticator(session, person.id, now=now, actor=actor)
    person.password_hash = None
    note_change(session, person, RESET, actor=actor, now=now)
    return invite(session, person.role, person.name, minutes=minutes, now=now, actor=actor, person=person)


def tidy_code(code: str) -> str:
    """A code as it was made, from however a person types or pastes it."""
    return "".join(letter for letter in code.upper() if letter.isalnum())


def sealed_invitation(invitation: Invitation) -> dict[str, Any]:
    return {
        "code": invitation.code_digest,
        "for": invitation.purpose,
        "role": invitation.role,
        "name": invitation.name,
        "made": events.instant(invitation.created_at),
        "until": events.instant(invitation.expires_at),
        "person": invitation.person_id,
        "often": invitation.often,
        **school_of(invitation.school_id),
        **({"confirm": True} if invitation.confirm else {}),
    }
