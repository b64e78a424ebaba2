"""Session: who sits at the desk, and what a page asks before it opens."""

import ipaddress
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import people
from ..models import Person
from ..office import Office
from ..people import May
from ..people.keys import Site
from ..problems import CodeUnknown, LocalSignInOff, NotAllowed
from ..settings import Settings
from . import nav

T = TypeVar("T")

HOME = "/desk/records"
ACCOUNT = "/desk/account"

Handler = Callable[[Request], Awaitable[Response]]


def person_required(*what: May, by_itself: bool = False) -> Callable[[Handler], Handler]:
    """A page for people whose role may do one of `what`. Others are asked to sign in, or told that it is not theirs.

    The person stands in `request.state.person` for the handler. What a page asks `by_itself` does not keep them
    signed in.
    """

    def decorate(handler: Handler) -> Handler:
        @wraps(handler)
        async def guarded(request: Request) -> Response:
            person = await person_of(request, by_itself=by_itself)
            if person is None:
                return to_sign_in(request)
            request.state.person = person
            if request.state.half_signed_in:
                return RedirectResponse(ACCOUNT, status_code=303)
            if not any(people.may(person.role, one) for one in what):
                if request.url.path == HOME and (home := home_of(person)):
                    return RedirectResponse(home, status_code=303)
                raise NotAllowed
            return await handler(request)

        return guarded

    return decorate


def home_of(person: Person) -> str | None:
    """Where somebody is at home who may not read records: a school's adult, an auditor."""
    homes = ((May.AUDIT, "/desk/audit"), (May.SCHOOLS, "/desk/schools"))
    return next((address for what, address in homes if people.may(person.role, what)), None)


def signed_in(handler: Handler) -> Handler:
    """A page that is everybody's own, also of those who have yet to set up a second step."""

    @wraps(handler)
    async def guarded(request: Request) -> Response:
        person = await person_of(request)
        if person is None:
            return to_sign_in(request)
        request.state.person = person
        return await handler(request)

    return guarded


async def person_of(request: Request, *, by_itself: bool = False) -> Person | None:
    """Who is signed in, what the navigation shows them, and a note that they are still there.

    `request.state.half_signed_in` says that a password was all they have shown, and that more is wanted of them.
    """
    office, token = office_of(request), token_of(request)
    if not token:
        return None
    now = office.clock()

    def look() -> tuple[Person | None, bool, bool, list[nav.Shown]]:
        with office.database.reading() as session:
            settings = office.settings
            person = people.person_of(
                session, token, now=now, idle_minutes=settings.session_idle_minutes, hours=settings.session_hours
            )
            row = people.session_of(session, token) if person else None
            if person is None or row is None:
                return None, False, False, []
            half = settings.second_step and people.may_do_nothing_yet(session, row)
            due = not by_itself and now - row.seen_at >= people.SEEN_EVERY
            return person, due, half, [] if half else nav.read(session, person)

    person, due, request.state.half_signed_in, request.state.nav = await run_in_threadpool(look)
    if due:
        await office.database.write_soon(lambda session: people.touch_session(session, token, now=now))
    return person


def office_of(request: Request) -> Office:
    return request.app.state.office


def token_of(request: Request) -> str:
    return request.cookies.get(cookie_name(office_of(request).settings), "")


def remember(response: Response, settings: Settings, token: str) -> Response:
    """Give the browser its session. It ends with the browser, and is never sent along from another site."""
    response.set_cookie(
        cookie_name(settings), token, path="/", httponly=True, samesite="strict", secure=settings.is_https
    )
    return response


def local_only_for_first(request: Request, session: Session, person: Person) -> None:
    """Errors: LocalSignInOff for anybody but the first administrator, where the council's sign-in is the only one."""
    if office_of(request).settings.local_sign_in:
        return
    first = people.first_administrator(session)
    if first is None or first.id != person.id:
        raise LocalSignInOff


def forget(response: Response, settings: Settings) -> Response:
    response.delete_cookie(cookie_name(settings), path="/", httponly=True, samesite="strict", secure=settings.is_https)
    return response


async def tried(request: Request, work: Callable[[], Awaitable[T]]) -> T:
    """Look at a code, as long as there were not too many wrong ones lately.

    Errors: TooManyTries, and those of `work`.
    """
    office, address = office_of(request), address_of(request)
    office.tries.check(office.clock(), address)
    try:
        return await work()
    except CodeUnknown:
        office.tries.failed(office.clock(), address)
        raise


def address_of(request: Request) -> str:
    """Where a request comes from; behind a proxy that is trusted, where that says it comes from."""
    return request.client.host if request.client else ""


def site_of(request: Request) -> Site | None:
    """Who we are to passkeys; None where browsers do not allow them: at a bare address, or without HTTPS elsewhere."""
    settings = office_of(request).settings
    host = urlsplit(settings.link).hostname or ""
    if is_address(host) or (host != "localhost" and not settings.is_https):
        return None
    return Site(host, settings.link, f"Beatbook, {settings.council}")


def browser_of(request: Request) -> str:
    """A browser in words that its owner knows it by: Firefox on Windows."""
    said = request.headers.get("user-agent", "")
    names = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
    systems = (
        ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("CrOS", "Chromebook"),
        ("Mac OS", "Mac"), ("Linux", "Linux"),
    )  # fmt: skip
    name = next((word for sign, word in names if sign in said), "A browser")
    system = next((word for sign, word in systems if sign in said), "")
    return f"{name} on {system}" if system else name


def safe_target(target: str | None) -> str:
    """Where to go after signing in: a page of the desk and nowhere else, whatever the address says."""
    if target and target.startswith("/desk/") and "\\" not in target and target.isprintable():
        return target
    return HOME


# Helpers --------------------------------------------------------------------------------------------------------


def cookie_name(settings: Settings) -> str:
    """With `__Host-` no other host or subdomain can set it; browsers allow that over HTTPS only."""
    return "__Host-beatbook_desk" if settings.is_https else "beatbook_desk"


def to_sign_in(request: Request) -> RedirectResponse:
    """A form that was sent cannot be sent again by a redirect, so only a page that was asked for is remembered."""
    page = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    query = f"?{urlencode({'to': page})}" if request.method in ("GET", "HEAD") else ""
    return RedirectResponse(f"/desk/sign-in{query}", status_code=303)


def is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
