"""Signing in and out at the desk: by passkey, or by password and then a one-time code."""

import structlog
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from .. import people
from ..models import Person, Proof
from ..people import keys
from ..people.keys import PASSWORD_DONE
from ..problems import KeyRefused, LocalSignInOff, NotFound, Problem, WrongCode, WrongPassword
from .pages import page
from .session import (
    address_of,
    browser_of,
    forget,
    local_only_for_first,
    office_of,
    person_of,
    remember,
    safe_target,
    site_of,
    token_of,
)

log = structlog.get_logger()

MOST_ANSWER = 16 * 1024  # bytes of what a browser says of a passkey; about 2 are usual


async def show(request: Request) -> Response:
    target = safe_target(request.query_params.get("to"))
    if await person_of(request):
        return RedirectResponse(target, status_code=303)
    return await draw(request, target)


async def submit(request: Request) -> Response:
    """A password. Who has one-time codes is asked for one; who has a passkey only, for that."""
    office, now = office_of(request), office_of(request).clock()
    async with request.form(max_files=0, max_fields=10) as form:
        email, password = str(form.get("email", "")), str(form.get("password", ""))
        target = safe_target(str(form.get("to", "")))
    name = email.strip().lower()
    office.accounts.check(name, now)
    office.passwords.check(now, address_of(request))

    def look() -> tuple[Person, bool, bool]:
        with office.database.reading() as session:
            person = people.person_with_password(session, email, password)
            local_only_for_first(request, session, person)
            has_codes = keys.authenticator_of(session, person.id) is not None
            return person, has_codes, keys.has_second_step(session, person.id)

    try:
        person, has_codes, has_second_step = await run_in_threadpool(look)
    except WrongPassword as problem:
        office.accounts.failed(name, now)
        log.info("refused", path="/desk/sign-in", slug=problem.slug, status=problem.status)
        office.passwords.failed(now, address_of(request))
        return await draw(request, target, email=email, problem=problem)
    except LocalSignInOff as problem:
        return await draw(request, target, problem=problem)
    if has_codes:
        asked = keys.text_of(office.asked.ask(PASSWORD_DONE, person.id, now=now))
        return page(request, "sign_in_code.html", asked=asked, target=target, problem=None)
    if has_second_step and office.settings.second_step:
        return await draw(request, target, email=email, passkey_only=True)
    office.accounts.succeeded(name)
    return await begin(request, person, Proof.PASSWORD, target)


async def code(request: Request) -> Response:
    """The one-time code after a password. A wrong one may be tried again, as often as the account's wait allows."""
    office, now = office_of(request), office_of(request).clock()
    async with request.form(max_files=0, max_fields=10) as form:
        asked, given = str(form.get("asked", "")), str(form.get("code", ""))
        target = safe_target(str(form.get("to", "")))
    try:
        person_id = office.asked.take(asked, PASSWORD_DONE, now=now)
    except KeyRefused:
        return RedirectResponse("/desk/sign-in", status_code=303)  # it took too long: from the beginning
    office.accounts.check(person_id, now)
    try:
        await office.database.write_soon(lambda session: keys.use_code(session, person_id, given, now=now))
    except WrongCode as problem:
        office.accounts.failed(person_id, now)
        log.info("refused", path="/desk/sign-in/code", slug=problem.slug, status=problem.status, person=person_id)
        again = keys.text_of(office.asked.ask(PASSWORD_DONE, person_id, now=now))
        return page(
            request, "sign_in_code.html", status=problem.status, asked=again, target=target, problem=problem.detail
        )
    office.accounts.succeeded(person_id)

    def find() -> Person:
        with office.database.reading() as session:
            person = session.get(Person, person_id)
            if person is None or person.ended_at is not None:
                raise NotFound
            return person

    return await begin(request, await run_in_threadpool(find), Proof.CODE, target)


async def passkey_options(request: Request) -> Response:
    """POST /desk/sign-in/passkey/options: what the browser needs to show a passkey."""
    site = site_of(request)
    if site is None:
        raise NotFound
    office = office_of(request)
    options = keys.ask_for_passkey(site, office.asked, now=office.clock())
    return Response(options, media_type="application/json")


async def passkey(request: Request) -> Response:
    """POST /desk/sign-in/passkey: what the browser says of it."""
    office, site, now = office_of(request), site_of(request), office_of(request).clock()
    if site is None:
        raise NotFound
    answer = await answer_of(request)

    def look(session: Session) -> Person:
        person = keys.person_with(session, answer, site, office.asked, now=now)
        local_only_for_first(request, session, person)
        return person

    person = await office.database.write_soon(look)
    target = safe_target(request.query_params.get("to"))
    began = await begin(request, person, Proof.PASSKEY, target)
    response = JSONResponse({"to": target})
    response.raw_headers.extend(header for header in began.raw_headers if header[0] == b"set-cookie")
    return response


async def leave(request: Request) -> Response:
    """End the session here and on the server, and let the browser drop the photos that it kept."""
    office, token, now = office_of(request), token_of(request), office_of(request).clock()
    await office.database.write_soon(lambda session: people.sign_out(session, token, now=now))
    response = RedirectResponse("/desk/sign-in?left=1", status_code=303, headers={"Clear-Site-Data": '"cache"'})
    return forget(response, office.settings)


async def begin(request: Request, person: Person, how: Proof, target: str) -> Response:
    office, browser = office_of(request), browser_of(request)
    token = await office.database.write_soon(
        lambda session: people.start_session(session, person, now=office.clock(), how=how, browser=browser)
    )
    return remember(RedirectResponse(target, status_code=303), office.settings, token)


async def answer_of(request: Request) -> str:
    """Errors: KeyRefused for more than a passkey ever says."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_ANSWER:
            raise KeyRefused
    return body.decode("utf-8", "replace")


async def draw(
    request: Request, target: str, *, email: str = "", problem: Problem | None = None, passkey_only: bool = False
) -> Response:
    office, left = office_of(request), "left" in request.query_params

    def is_new() -> bool:
        with office.database.reading() as session:
            return not people.has_administrator(session)

    return page(
        request,
        "sign_in.html",
        status=problem.status if problem else 200,
        target=target,
        email=email,
        problem=problem,
        left=left,
        leave_council=address_of_leaving(request) if left else None,
        council=office.council is not None,
        council_name=office.settings.oidc_name,
        local=office.settings.local_sign_in,
        is_new=await run_in_threadpool(is_new),
        passkeys=site_of(request) is not None,
        passkey_only=passkey_only,
    )


def address_of_leaving(request: Request) -> str | None:
    """Where to end the session with the council's sign-in as well, for those who share a computer."""
    office = office_of(request)
    return office.council.address_of_leaving(f"{office.settings.link}/desk/sign-in") if office.council else None
