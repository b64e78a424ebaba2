"""Council: signing in at the desk with the council's own account (OpenID Connect).

Our cookies never travel on a request that another site began, and the way back from the council's sign-in is one. So
`answer` shows a page of ours that goes on by itself to `finish`, and that request is our own.
"""

from urllib.parse import urlencode

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ..models import Person, Proof
from ..people import identities
from ..people.openid import Attempt, Provider, Said
from ..problems import AccountClosed, AlreadyConnected, CouncilAway, CouncilRefused, NoGroup, NotFound, Problem
from ..settings import Settings
from .pages import page
from .session import ACCOUNT, address_of, office_of, person_of, safe_target
from .sign_in import begin as begin_session
from .sign_in import draw

FINISH = "/desk/sign-in/council/finish"
BROUGHT = ("code", "state", "iss", "error")  # of all that may come back
LONGEST = 4096  # characters of one of them
TEN_MINUTES = 600


async def begin(request: Request) -> Response:
    """Off to the council's sign-in."""
    office, target = office_of(request), safe_target(request.query_params.get("to"))
    try:
        url, attempt = await run_in_threadpool(provider_of(request).begin, target, now=office.clock())
    except CouncilAway as problem:
        return await draw(request, target, problem=problem)
    return keep(RedirectResponse(url, status_code=303), office.settings, attempt)


async def connect(request: Request, given: dict[str, str]) -> Response:
    """The same for somebody who is signed in and adds their council account.

    A page that goes there by itself: browsers do not let a form be sent on to another site.
    """
    office, provider = office_of(request), provider_of(request)
    url, attempt = await run_in_threadpool(provider.begin, ACCOUNT, connects=True, now=office.clock())
    return keep(page(request, "council.html", to=url), office.settings, attempt)


async def answer(request: Request) -> Response:
    """Back from the council's sign-in, sent by another site."""
    provider_of(request)
    brought = {name: request.query_params.get(name, "")[:LONGEST] for name in BROUGHT}
    query = urlencode({name: value for name, value in brought.items() if value})
    return page(request, "council.html", to=f"{FINISH}?{query}")


async def finish(request: Request) -> Response:
    """The same, asked for by our own page. Whatever goes wrong is told on the page to sign in."""
    office, provider, now = office_of(request), provider_of(request), office_of(request).clock()
    who = f"council:{address_of(request)}"
    target = safe_target(None)
    office.accounts.check(who, now)
    try:
        attempt = Attempt.of(request.cookies.get(cookie_name(office.settings), ""))
        target = safe_target(attempt.target)
        said = await run_in_threadpool(provider.finish, attempt, dict(request.query_params), now=now)
        done = await (connected(request, said) if attempt.connects else signed_in(request, said, target))
    except (CouncilAway, CouncilRefused, NoGroup, AccountClosed, AlreadyConnected) as problem:
        if isinstance(problem, CouncilRefused):
            office.accounts.failed(who, now)
        return drop(await told(request, problem, target), office.settings)
    office.accounts.succeeded(who)
    return drop(done, office.settings)


async def signed_in(request: Request, said: Said, target: str) -> Response:
    """Errors: NoGroup, AccountClosed."""
    office = office_of(request)

    def work(session: Session) -> Person | None:
        return identities.sign_in(
            session, said, office.roles, match_email=office.settings.oidc_match_email, now=office.clock()
        )

    person = await office.database.write_soon(work)
    if person is None:
        raise NoGroup
    return await begin_session(request, person, Proof.COUNCIL, target)


async def connected(request: Request, said: Said) -> Response:
    """Errors: CouncilRefused for somebody who is not signed in any more, AlreadyConnected."""
    office, person = office_of(request), await person_of(request)
    if person is None or request.state.half_signed_in:
        raise CouncilRefused
    actor = f"person:{person.id}"
    await office.database.write_soon(
        lambda session: identities.connect(session, person, said, now=office.clock(), actor=actor)
    )
    return RedirectResponse(f"{ACCOUNT}?said=connected", status_code=303)


async def told(request: Request, problem: Problem, target: str) -> Response:
    """To somebody who is signed in, on a page of its own; to all others, where they sign in."""
    if await person_of(request) is not None:
        raise problem
    return await draw(request, target, problem=problem)


# Helpers --------------------------------------------------------------------------------------------------------


def provider_of(request: Request) -> Provider:
    """Errors: NotFound where the council has no sign-in of its own."""
    provider = office_of(request).council
    if provider is None:
        raise NotFound
    return provider


def keep(response: Response, settings: Settings, attempt: Attempt) -> Response:
    response.set_cookie(
        cookie_name(settings),
        attempt.to_text(),
        max_age=TEN_MINUTES,
        path="/",
        httponly=True,
        samesite="strict",
        secure=settings.is_https,
    )
    return response


def drop(response: Response, settings: Settings) -> Response:
    response.delete_cookie(cookie_name(settings), path="/", httponly=True, samesite="strict", secure=settings.is_https)
    return response


def cookie_name(settings: Settings) -> str:
    return "__Host-beatbook_council" if settings.is_https else "beatbook_council"
