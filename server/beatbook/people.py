"""Persons and devices: invitations, enrolment, sign-in, and what each role may do.

Codes, tokens and session cookies are secrets: only their SHA-256 is stored, so a copy of the database opens nothing.
"""

import hashlib
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, func, select

from . import events, keys, passwords
from .models import Contact, DeskSession, Device, Invitation, Person, Proof, Purpose, Role, Standing
from .problems import (
    BadRequest,
    CodeExpired,
    CodeUnknown,
    CodeUsed,
    DeviceRevoked,
    SignIn,
    WeakPassword,
    WrongPassword,
)

CODE_LETTERS = "ABCDEFGHJKMNPQRTUVWXYZ2346789"  # without 0 O, 1 I L, 5 S: read aloud in the rain, typed with gloves
CODE_LENGTH = 8  # 29**8 is 39 bits: at 30 wrong tries a minute a guess finds a live code once in 30 000 years
SEEN_EVERY = timedelta(minutes=1)  # how exactly "last seen" is kept; a write for each page would be too much


class May(StrEnum):
    """What there is to be allowed."""

    DELIVER = "deliver"
    READ_RECORDS = "read records"
    REVIEW = "review"
    INVITE = "invite"
    TASK = "task"  # give tasks, raise items and order actions
    TAKE_OUT = "take out"  # personal answers, untouched photos and whole cases; the rest leaves with READ_RECORDS
    SCHOOLS = "see schools"  # one's own school; or every school, see `sees_school`
    RESCUE = "rescue"  # bring in files, and look into what was kept aside or lost
    LEAD_PATROLS = "lead patrols"
    ANSWER_PERSONS = "answer persons"  # find all about somebody who asks for it, and hand it over
    EDIT_LISTS = "edit lists"  # reference data and dated settings
    MANAGE = "manage"
    AUDIT = "audit"  # who looked at what, what left, and emergencies
    SEE_KEEPING = "see what is kept and erased"
    BREAK_GLASS = "break glass"  # open a record in an emergency that the role does not let read, see emergencies.py


MAY: dict[Role, frozenset[May]] = {
    Role.OFFICER: frozenset({May.DELIVER, May.LEAD_PATROLS}),
    Role.PARKING: frozenset({May.DELIVER, May.LEAD_PATROLS}),
    Role.PUPIL: frozenset({May.DELIVER}),
    Role.SCHOOL: frozenset({May.DELIVER, May.SCHOOLS, May.LEAD_PATROLS}),
    Role.VOLUNTEER: frozenset({May.DELIVER}),
    Role.FORESHORE: frozenset({May.DELIVER}),
    Role.SUPERVISOR: frozenset(
        {
            May.DELIVER,
            May.READ_RECORDS,
            May.REVIEW,
            May.TASK,
            May.INVITE,
            May.TAKE_OUT,
            May.SCHOOLS,
            May.RESCUE,
            May.EDIT_LISTS,
            May.LEAD_PATROLS,
            May.SEE_KEEPING,
        }
    ),
    Role.PARTNER: frozenset(),
    Role.AUDITOR: frozenset({May.AUDIT, May.SEE_KEEPING, May.BREAK_GLASS, May.ANSWER_PERSONS}),
    Role.ADMIN: frozenset(May),
}
DESK_ROLES = frozenset({Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN})  # whose invitation leads to the desk


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


@dataclass(frozen=True)
class Enrolled:
    device: Device
    token: str


# Invitations ----------------------------------------------------------------------------------------------------


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


# Devices --------------------------------------------------------------------------------------------------------


def look_at(session: Session, code: str, *, now: datetime) -> Invitation:
    """What a phone would become with a code. Looking does not use the code.

    Errors: CodeUnknown, CodeUsed, CodeExpired.
    """
    invitation = open_invitation(session, code, now=now)
    if invitation.purpose is Purpose.ADMINISTRATOR:
        raise CodeUnknown  # it opens the desk, not a phone
    return invitation


def enrol(session: Session, code: str, *, now: datetime, attempt: str = "") -> Enrolled:
    """Turn a code into a device with a token of its own. A code works once.

    On a bad network the code may be used and the answer lost. A phone that names its `attempt`, a secret it made
    beforehand, may therefore ask again until the code is too old: it gets the same device with a new token.

    Errors: CodeUnknown, CodeUsed, CodeExpired.
    """
    again = lost_answer(session, code, attempt, now=now)
    if again is not None:
        return again
    invitation = look_at(session, code, now=now)
    token = secrets.token_urlsafe(32)
    device = Device(
        id=str(uuid.uuid4()),
        name=invitation.name,
        role=invitation.role,
        token_digest=digest(token),
        enrolled_at=now,
        school_id=invitation.school_id,
        standing=Standing.NEW if invitation.confirm else Standing.IN_USE,
    )
    invitation.used_at, invitation.made_id = now, device.id
    invitation.attempt = digest(attempt) if attempt else None
    session.add(invitation)
    session.add(device)
    note_enrolment(session, device, actor=f"device:{device.id}", now=now)
    return Enrolled(device, token)


def lost_answer(session: Session, code: str, attempt: str, *, now: datetime) -> Enrolled | None:
    """The device that this very attempt has made already. The token that went astray opens nothing any more."""
    invitation = session.get(Invitation, digest(tidy_code(code))) if attempt else None
    if invitation is None or invitation.attempt != digest(attempt) or invitation.expires_at <= now:
        return None
    device = session.get(Device, invitation.made_id)
    if device is None or device.retired_at is not None or device.standing not in (Standing.NEW, Standing.IN_USE):
        return None
    token = secrets.token_urlsafe(32)
    device.token_digest = digest(token)
    session.add(device)
    row = events.digest_of(sealed_device(device))
    events.append(session, REPEATED, device.id, actor=f"device:{device.id}", now=now, data={"row": row})
    return Enrolled(device, token)


REPEATED = "device.enrolled-again"


def device_of(session: Session, token: str) -> Device:
    """The device a token belongs to.

    Errors: SignIn when there is none. A retired device is returned: what it sends is kept aside, see `is_cut_off`.
    """
    device = session.exec(select(Device).where(Device.token_digest == digest(token))).first() if token else None
    if device is None:
        raise SignIn
    return device


def is_cut_off(device: Device) -> bool:
    """Whether nothing of a device is taken as a record any more: what it still sends is kept aside."""
    return device.retired_at is not None or device.standing in (Standing.STOLEN, Standing.GONE)


def refuse_reading(device: Device) -> None:
    """A device that is out of its person's hands learns nothing; it may still deliver. Errors: DeviceRevoked."""
    if is_cut_off(device) or device.standing in (Standing.LOST, Standing.CLEARING):
        raise DeviceRevoked


def retire(session: Session, device: Device, *, now: datetime, actor: str) -> None:
    """From now on the server refuses the device; it keeps what it holds."""
    device.retired_at = now
    session.add(device)
    events.append(session, "device.retired", device.id, actor=actor, now=now)


def note_contact(
    session: Session,
    device_id: str,
    report: Mapping[str, Any],
    *,
    now: datetime,
    account: dict[str, Any] | None = None,
) -> None:
    """Keep what a device said of itself: unsent work, storage, app version, clock, its numbers without a receipt.

    That its storage was cleared stays until somebody has looked, for unsent records may be lost: see `wipe_seen`.
    """
    contact = session.get(Contact, device_id) or Contact(device_id=device_id, seen_at=now)
    contact.seen_at = now
    if report:
        contact.report = dict(report)
    if "clock" in report:
        contact.report["skew"] = skew_of(report["clock"], now)
    if account is not None:
        contact.account = account
    if report.get("wiped") is True and contact.wiped_at is None:
        contact.wiped_at = now
        events.append(session, "device.wiped", device_id, actor=f"device:{device_id}", now=now)
    session.add(contact)


def nothing_left(session: Session, device_id: str) -> None:
    """A device has cleared itself: what it said before of unsent work is true no more."""
    contact = session.get(Contact, device_id)
    if contact is not None:
        contact.report, contact.account = {**contact.report, "unsent": 0, "oldestUnsentAt": None}, None
        session.add(contact)


def skew_of(clock: Any, now: datetime) -> int | None:
    """How many seconds a device's clock is behind ours; less than 0 when it is ahead."""
    try:
        moment = datetime.fromisoformat(clock)
        return round((now - moment).total_seconds()) if moment.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        return None


def wipe_seen(session: Session, device_id: str, *, now: datetime, actor: str) -> None:
    """Somebody has looked into it that a device's storage was cleared."""
    contact = session.get(Contact, device_id)
    if contact is not None and contact.wiped_at is not None:
        contact.wiped_at = None
        session.add(contact)
        events.append(session, "device.wipe-seen", device_id, actor=actor, now=now)


def importing_device(session: Session, person: Person, *, now: datetime) -> Device:
    """The device under which a person's imports stand when the device that made a record is not known here.

    Its token is no SHA-256, so nothing can ever sign in with it; it is retired from the start.
    """
    token = f"import:{person.id}"
    known = session.exec(select(Device).where(Device.token_digest == token)).first()
    if known is not None:
        return known
    actor = f"person:{person.id}"
    device = Device(
        id=str(uuid.uuid4()),
        name=f"Imported by {person.name}"[:80],
        role=Role.OFFICER,
        token_digest=token,
        enrolled_at=now,
    )
    session.add(device)
    note_enrolment(session, device, actor=actor, now=now)
    session.flush()
    retire(session, device, now=now, actor=actor)
    return device


def is_importing(device: Device) -> bool:
    return device.token_digest.startswith("import:")


def note_enrolment(session: Session, device: Device, *, actor: str, now: datetime) -> None:
    events.append(
        session,
        "device.enrolled",
        device.id,
        actor=actor,
        now=now,
        data={
            "role": device.role,
            "row": events.digest_of(sealed_device(device)),
            **({"standing": device.standing} if device.standing is not Standing.IN_USE else {}),
        },
    )


def devices(session: Session) -> list[tuple[Device, Contact | None]]:
    rows = session.exec(select(Device, Contact).join(Contact, isouter=True).order_by(col(Device.name)))
    return [(device, contact) for device, contact in rows]


# Persons at the desk --------------------------------------------------------------------------------------------


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


def person_with_password(session: Session, email: str, password: str) -> Person:
    """Errors: WrongPassword, the same and after the same work whether the name or the password is wrong."""
    person = session.exec(select(Person).where(Person.email == email.strip().lower())).first()
    stored = person.password_hash if person and person.password_hash and person.ended_at is None else UNKNOWN_PASSWORD
    if not passwords.matches(stored, password) or person is None:
        raise WrongPassword
    return person


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


def invite_back(session: Session, person: Person, *, minutes: int, now: datetime, actor: str) -> Invited:
    """A link for somebody who has lost their keys. Their passkeys, codes and sessions end; their password too."""
    end_sessions(session, person.id, now=now, actor=actor)
    for passkey in keys.passkeys_of(session, person.id):
        keys.end_passkey(session, person.id, passkey.id, now=now, actor=actor)
    keys.end_authenticator(session, person.id, now=now, actor=actor)
    person.password_hash = None
    note_change(session, person, RESET, actor=actor, now=now)
    return invite(session, person.role, person.name, minutes=minutes, now=now, actor=actor, person=person)


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


def person_of(session: Session, token: str, *, now: datetime, idle_minutes: int, hours: int) -> Person | None:
    """Whose desk session this is; None when it is unknown, idle too long, too old or ended."""
    row = session.get(DeskSession, digest(token)) if token else None
    if row is None or row.ended_at is not None:
        return None
    if now - row.seen_at > timedelta(minutes=idle_minutes) or now - row.created_at > timedelta(hours=hours):
        return None
    person = session.get(Person, row.person_id)
    return person if person and person.ended_at is None else None


def touch_session(session: Session, token: str, *, now: datetime) -> None:
    """Note that somebody is still there, at most once in SEEN_EVERY."""
    row = session.get(DeskSession, digest(token))
    if row is not None and now - row.seen_at >= SEEN_EVERY:
        row.seen_at = now
        session.add(row)


def sign_out(session: Session, token: str, *, now: datetime) -> None:
    row = session.get(DeskSession, digest(token))
    if row is not None and row.ended_at is None:
        row.ended_at = now
        session.add(row)
        events.append(session, "person.signed-out", row.person_id, actor=f"person:{row.person_id}", now=now)


def may(role: Role, what: May) -> bool:
    return what in MAY[role]


def sees_school(person: Person, school_id: str) -> bool:
    """A school's own adult sees that school and no other; one without a school sees none."""
    return may(person.role, May.SCHOOLS) and (person.role is not Role.SCHOOL or person.school_id == school_id)


# Secrets and seals ----------------------------------------------------------------------------------------------


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def tidy_code(code: str) -> str:
    """A code as it was made, from however a person types or pastes it."""
    return "".join(letter for letter in code.upper() if letter.isalnum())


def clean_name(name: str) -> str:
    """Errors: BadRequest for an empty or endless name."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= 80:
        raise BadRequest
    return name


def hash_password(password: str, own: tuple[str, ...] = ()) -> str:
    """Errors: WeakPassword, with the reason in `why`."""
    why = passwords.weakness(password, own)
    if why:
        raise WeakPassword(why=why)
    return passwords.hash_of(password)


UNKNOWN_PASSWORD = passwords.hash_of(secrets.token_urlsafe(16))  # compared against when there is no such person


def sealed_device(device: Device) -> dict[str, Any]:
    """What of a device may never change, as its event's digest seals it."""
    return {
        "id": device.id,
        "name": device.name,
        "role": device.role,
        "token": device.token_digest,
        "at": events.instant(device.enrolled_at),
        **school_of(device.school_id),
    }


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


def school_of(school_id: str | None) -> dict[str, str]:
    """Sealed only where there is one, so that what was sealed before schools were noted still verifies."""
    return {"school": school_id} if school_id is not None else {}
