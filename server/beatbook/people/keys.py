"""Keys: what a person at the desk shows besides a password, or instead of one.

A passkey (WebAuthn) is bound to this server's name, so a look-alike site gets nothing from it; it signs in by itself. A
one-time code from an authenticator app (TOTP, RFC 6238) is the second step after a password, and each code works once.

The library for passkeys is imported where it is used: it takes a quarter of a second that most starts never need.
"""

import base64
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyotp
from sqlmodel import Session, col, select

from .. import events
from ..models import Authenticator, Passkey, Person
from ..problems import KeyRefused, NotFound, WrongCode

ASKED_FOR = timedelta(minutes=5)  # how long an answer to a question of ours is waited for
MOST_ASKED = 10_000
STEP_SECONDS = 30  # of a one-time code
LONGEST_LABEL = 60
PASSWORD_DONE, PASSKEY, NEW_PASSKEY = "password", "passkey", "new passkey"


@dataclass(frozen=True)
class Site:
    """Who we are to a browser: passkeys belong to this name and work nowhere else."""

    host: str
    origin: str
    name: str


class Asked:
    """Questions that wait for one answer: challenges of passkeys, and passwords that wait for their code."""

    def __init__(self) -> None:
        self.waiting: dict[str, tuple[str, str, datetime]] = {}

    def ask(self, about: str, person_id: str = "", *, now: datetime) -> bytes:
        """A secret that must come back, once, within ASKED_FOR."""
        self.forget_old(now)
        secret = secrets.token_bytes(32)
        self.waiting[text_of(secret)] = (about, person_id, now + ASKED_FOR)
        return secret

    def take(self, secret: str, about: str, *, now: datetime) -> str:
        """Whose it was. Errors: KeyRefused when it is unknown, used, too old or for something else."""
        asked, person_id, until = self.waiting.pop(secret, ("", "", now))
        if asked != about or until <= now:
            raise KeyRefused
        return person_id

    def forget_old(self, now: datetime) -> None:
        if len(self.waiting) >= MOST_ASKED:
            self.waiting = {secret: entry for secret, entry in self.waiting.items() if entry[2] > now}


# Passkeys -------------------------------------------------------------------------------------------------------


def passkeys_of(session: Session, person_id: str) -> list[Passkey]:
    """The ones that work, oldest first."""
    query = select(Passkey).where(Passkey.person_id == person_id, col(Passkey.ended_at).is_(None))
    return list(session.exec(query.order_by(col(Passkey.created_at))))


def offer_passkey(session: Session, person: Person, site: Site, asked: Asked, *, now: datetime) -> str:
    """What the browser needs to make a new passkey, as JSON."""
    import webauthn
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    known = [PublicKeyCredentialDescriptor(bytes_of(one.id)) for one in passkeys_of(session, person.id)]
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_id=person.id.encode(),
        user_name=person.email or person.name,
        user_display_name=person.name,
        challenge=asked.ask(NEW_PASSKEY, person.id, now=now),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=known,
    )
    return webauthn.options_to_json(options)


def add_passkey(
    session: Session, person: Person, answer: str, label: str, site: Site, asked: Asked, *, now: datetime
) -> Passkey:
    """Keep a passkey that a browser has made. Errors: KeyRefused."""
    import webauthn

    challenge = challenge_in(answer)
    if asked.take(challenge, NEW_PASSKEY, now=now) != person.id:
        raise KeyRefused
    made = checked(
        lambda: webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=bytes_of(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    )
    passkey = Passkey(
        id=text_of(made.credential_id),
        person_id=person.id,
        public_key=text_of(made.credential_public_key),
        sign_count=made.sign_count,
        label=" ".join(label.split())[:LONGEST_LABEL] or "Passkey",
        created_at=now,
    )
    if session.get(Passkey, passkey.id) is not None:
        raise KeyRefused
    session.add(passkey)
    row = events.digest_of(sealed_passkey(passkey))
    events.append(session, "passkey.added", passkey.id, actor=f"person:{person.id}", now=now, data={"row": row})
    return passkey


def ask_for_passkey(site: Site, asked: Asked, *, now: datetime) -> str:
    """What the browser needs to show a passkey, as JSON. It names nobody: the passkey says who it is."""
    import webauthn
    from webauthn.helpers.structs import UserVerificationRequirement

    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=asked.ask(PASSKEY, now=now),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def person_with(session: Session, answer: str, site: Site, asked: Asked, *, now: datetime) -> Person:
    """Whose passkey it is that a browser has shown. Errors: KeyRefused."""
    import webauthn

    challenge = challenge_in(answer)
    asked.take(challenge, PASSKEY, now=now)
    passkey = session.get(Passkey, checked(lambda: str(json.loads(answer)["id"])))
    person = session.get(Person, passkey.person_id) if passkey and passkey.ended_at is None else None
    if passkey is None or person is None or person.ended_at is not None:
        raise KeyRefused
    shown = checked(
        lambda: webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=bytes_of(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=bytes_of(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    )
    passkey.sign_count, passkey.used_at = shown.new_sign_count, now
    session.add(passkey)
    return person


def end_passkey(session: Session, person_id: str, passkey_id: str, *, now: datetime, actor: str) -> None:
    """Errors: NotFound, also for somebody else's."""
    passkey = session.get(Passkey, passkey_id)
    if passkey is None or passkey.person_id != person_id or passkey.ended_at is not None:
        raise NotFound
    passkey.ended_at = now
    session.add(passkey)
    events.append(session, "passkey.ended", passkey.id, actor=actor, now=now)


def challenge_in(answer: str) -> str:
    """Errors: KeyRefused."""
    return checked(lambda: str(json.loads(bytes_of(json.loads(answer)["response"]["clientDataJSON"]))["challenge"]))


def checked(work: Callable[[], Any]) -> Any:
    """What comes from a browser may be anything. Errors: KeyRefused."""
    from webauthn.helpers.exceptions import InvalidJSONStructure, WebAuthnException

    try:
        return work()
    except (WebAuthnException, InvalidJSONStructure, ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeyRefused from error


def text_of(data: bytes) -> str:
    """Base64url without padding, as WebAuthn writes bytes."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def bytes_of(text: str) -> bytes:
    """Errors: ValueError."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


# One-time codes -------------------------------------------------------------------------------------------------


def authenticator_of(session: Session, person_id: str) -> Authenticator | None:
    """The app that gives a person's codes, once it has been shown to work."""
    found = session.get(Authenticator, person_id)
    return found if found and found.confirmed_at else None


def new_secret() -> str:
    return pyotp.random_base32()


def address_of(secret: str, person: Person, site: Site) -> str:
    """What the square holds that an authenticator app scans."""
    return pyotp.TOTP(secret).provisioning_uri(name=person.email or person.name, issuer_name=site.name)


def set_authenticator(session: Session, person: Person, secret: str, code: str, *, now: datetime) -> None:
    """From now on a password needs a code of this app. Errors: WrongCode when it does not give the right one yet."""
    step = step_of(secret, code, now)
    if step is None:
        raise WrongCode
    known = session.get(Authenticator, person.id) or Authenticator(person_id=person.id, secret=secret)
    known.secret, known.confirmed_at, known.last_step = secret, now, step
    session.add(known)
    events.append(session, "authenticator.set", person.id, actor=f"person:{person.id}", now=now)


def use_code(session: Session, person_id: str, code: str, *, now: datetime) -> None:
    """Errors: WrongCode, also for a code that was used already."""
    known = authenticator_of(session, person_id)
    step = step_of(known.secret, code, now) if known else None
    if known is None or step is None or step <= known.last_step:
        raise WrongCode
    known.last_step = step
    session.add(known)


def end_authenticator(session: Session, person_id: str, *, now: datetime, actor: str) -> None:
    known = session.get(Authenticator, person_id)
    if known is not None:
        session.delete(known)
        events.append(session, "authenticator.ended", person_id, actor=actor, now=now)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Which 30 seconds a code belongs to; None when it is wrong. A phone's clock may be one step off."""
    digits = "".join(code.split())
    totp, this = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    for step in (this, this - 1, this + 1):
        if secrets.compare_digest(totp.at(step * STEP_SECONDS).encode(), digits.encode()):
            return step
    return None


def has_second_step(session: Session, person_id: str) -> bool:
    """Whether this person's password alone is not enough."""
    return authenticator_of(session, person_id) is not None or bool(passkeys_of(session, person_id))


def sealed_passkey(passkey: Passkey) -> dict[str, Any]:
    return {
        "id": passkey.id,
        "person": passkey.person_id,
        "key": passkey.public_key,
        "label": passkey.label,
        "at": events.instant(passkey.created_at),
    }
