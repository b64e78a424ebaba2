"""One's own account at the desk: passkeys, one-time codes, password, and where one is signed in."""

from dataclasses import dataclass

import segno
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from .. import people
from ..models import DeskSession, Identity, Passkey, Person, Proof
from ..people import identities, keys, passwords
from ..problems import BadRequest, LastKey, NotFound, WrongCode
from . import council
from .pages import page
from .session import ACCOUNT, office_of, signed_in, site_of, token_of
from .sign_in import answer_of


@dataclass(frozen=True)
class Account:
    passkeys: list[Passkey]
    has_codes: bool
    identities: list[Identity]
    sessions: list[DeskSession]
    this: str  # the digest of this session's token


@signed_in
async def show(request: Request) -> Response:
    return await draw(request)


@signed_in
async def passkey_options(request: Request) -> Response:
    """POST: what the browser needs to make a passkey."""
    office, site, person = office_of(request), site_of(request), request.state.person
    if site is None:
        raise NotFound

    def offer() -> str:
        with office.database.reading() as session:
            return keys.offer_passkey(session, person, site, office.asked, now=office.clock())

    return Response(await run_in_threadpool(offer), media_type="application/json")


@signed_in
async def add_passkey(request: Request) -> Response:
    """POST: the passkey that the browser made."""
    office, site, person = office_of(request), site_of(request), request.state.person
    if site is None:
        raise NotFound
    answer, label = await answer_of(request), request.query_params.get("label", "")
    await office.database.write_soon(
        lambda session: keys.add_passkey(session, person, answer, label, site, office.asked, now=office.clock())
    )
    return JSONResponse({"to": f"{ACCOUNT}?said=passkey-added"})


@signed_in
async def change(request: Request) -> Response:
    """POST: whatever one of the page's forms asks for, by the name of its button."""
    async with request.form(max_files=0, max_fields=10) as form:
        given = {name: str(value) for name, value in form.items()}
    work = CHANGES.get(given.get("do", ""))
    if work is None:
        raise BadRequest
    return await work(request, given)


async def end_passkey(request: Request, given: dict[str, str]) -> Response:
    """Errors: NotFound, LastKey."""
    office, person, now = office_of(request), request.state.person, office_of(request).clock()

    def work(session: Session) -> None:
        alone = len(keys.passkeys_of(session, person.id)) == 1 and not keys.authenticator_of(session, person.id)
        if alone and office.settings.second_step:
            raise LastKey
        keys.end_passkey(session, person.id, given.get("passkey", ""), now=now, actor=f"person:{person.id}")

    await office.database.write_soon(work)
    return said("passkey-ended")


async def show_authenticator(request: Request, given: dict[str, str]) -> Response:
    return await draw(request, secret=keys.new_secret())


async def set_authenticator(request: Request, given: dict[str, str]) -> Response:
    office, person, secret = office_of(request), request.state.person, given.get("secret", "")
    if not (len(secret) == 32 and secret.isascii() and secret.isalnum()):
        raise BadRequest
    try:
        await office.database.write_soon(
            lambda session: keys.set_authenticator(session, person, secret, given.get("code", ""), now=office.clock())
        )
    except WrongCode as problem:
        return await draw(request, secret=secret, wrong={"code": problem.detail.rstrip(".")})
    return said("codes-set")


async def change_password(request: Request, given: dict[str, str]) -> Response:
    """The old password is asked for, unless a link from an administrator has just opened the desk."""
    office, person, now = office_of(request), request.state.person, office_of(request).clock()
    old, new, token = given.get("old", ""), given.get("new", ""), token_of(request)
    office.accounts.check(person.id, now)

    def look() -> tuple[bool, str]:
        with office.database.reading() as session:
            row = people.session_of(session, token)
            trusted = person.password_hash is None and row is not None and row.how is Proof.LINK
            right = trusted or passwords.matches(person.password_hash or people.UNKNOWN_PASSWORD, old)
            return right, row.token_digest if row else ""

    right, this = await run_in_threadpool(look)
    if not right:
        office.accounts.failed(person.id, now)
        return await draw(request, wrong={"old": "That is not your password now"})
    if why := passwords.weakness(new, own=(person.name, person.email or "", office.settings.council)):
        return await draw(request, wrong={"new": why.rstrip(".")})

    def work(session: Session) -> None:
        person_now = session.get(Person, person.id)
        assert person_now is not None
        people.change_password(session, person_now, new, now=now)
        people.end_sessions(session, person.id, now=now, actor=f"person:{person.id}", but=this)

    await office.database.write_soon(work)
    return said("password-changed")


async def end_session(request: Request, given: dict[str, str]) -> Response:
    """One other session, or all others. Errors: NotFound for one that is not there."""
    office, person, token = office_of(request), request.state.person, token_of(request)
    this, only = people.digest(token), given.get("session", "")

    def work(session: Session) -> int:
        actor = f"person:{person.id}"
        return people.end_sessions(session, person.id, now=office.clock(), actor=actor, but=this, only=only)

    if await office.database.write_soon(work) == 0 and only:
        raise NotFound
    return said("sessions-ended")


CHANGES = {
    "end-passkey": end_passkey,
    "show-codes": show_authenticator,
    "set-codes": set_authenticator,
    "password": change_password,
    "end-session": end_session,
    "connect": council.connect,
}
SAID = {
    "passkey-added": "Passkey added. From now on you can sign in with it.",
    "passkey-ended": "Passkey removed.",
    "codes-set": "One-time codes are set up. You are asked for one after your password.",
    "password-changed": "Password changed. Every other session of yours has ended.",
    "connected": "Your council account is connected. From now on it signs you in.",
    "sessions-ended": "Signed out there.",
}


def said(what: str) -> Response:
    return RedirectResponse(f"{ACCOUNT}?said={what}", status_code=303)


async def draw(request: Request, *, secret: str = "", wrong: dict[str, str] | None = None) -> Response:
    office, person, token, site = office_of(request), request.state.person, token_of(request), site_of(request)

    def look() -> Account:
        settings = office.settings
        with office.database.reading() as session:
            return Account(
                passkeys=keys.passkeys_of(session, person.id),
                has_codes=keys.authenticator_of(session, person.id) is not None,
                identities=identities.of_person(session, person.id),
                sessions=people.sessions_of(
                    session,
                    person.id,
                    now=office.clock(),
                    idle_minutes=settings.session_idle_minutes,
                    hours=settings.session_hours,
                ),
                this=people.digest(token),
            )

    name = site or keys.Site("", "", f"Beatbook, {office.settings.council}")
    square = segno.make(keys.address_of(secret, person, name), error="m") if secret else None
    return page(
        request,
        "account.html",
        status=422 if wrong else 200,
        account=await run_in_threadpool(look),
        half=request.state.half_signed_in,
        passkeys=site is not None,
        council=office.council is not None,
        local=office.settings.local_sign_in,
        secret=secret,
        square=square.svg_inline(border=2, scale=5, omitsize=False, dark="#0b0c0c") if square else "",
        wrong=wrong or {},
        said=SAID.get(request.query_params.get("said", "")),
        least=passwords.LEAST,
    )
