"""Session: who sits at the desk, and what a page asks before it opens."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import wraps
from typing import TypeVar
from urllib.parse import urlencode

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import people
from ..models import DeskSession, Person
from ..office import Office
from ..people import May
from ..problems import CodeUnknown, NotAllowed, WrongPassword
from ..settings import Settings
from . import nav

T = TypeVar("T")

HOME = "/desk/records"

Handler = Callable[[Request], Awaitable[Response]]


def person_required(what: May, *, by_itself: bool = False) -> Callable[[Handler], Handler]:
    """A page for people whose role may do `what`. Others are asked to sign in, or told that it is not theirs.

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
            if not people.may(person.role, what):
                raise NotAllowed
            return await handler(request)

        return guarded

    return decorate


async def person_of(request: Request, *, by_itself: bool = False) -> Person | None:
    """Who is signed in, what the navigation shows them, and a note that they are still there."""
    office, token = office_of(request), token_of(request)
    if not token:
        return None
    now = office.clock()

    def look() -> tuple[Person | None, bool, list[nav.Shown]]:
        with office.database.reading() as session:
            settings = office.settings
            person = people.person_of(
                session, token, now=now, idle_minutes=settings.session_idle_minutes, hours=settings.session_hours
            )
            if person is None:
                return None, False, []
            return person, not by_itself and is_due(session, token, now), nav.read(session, person)

    person, due, request.state.nav = await run_in_threadpool(look)
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


def forget(response: Response, settings: Settings) -> Response:
    response.delete_cookie(cookie_name(settings), path="/", httponly=True, samesite="strict", secure=settings.is_https)
    return response


async def tried(office: Office, now: datetime, work: Callable[[], Awaitable[T]]) -> T:
    """Do something that tries a code or a password, as long as there were not too many wrong ones lately.

    Errors: TooManyTries, and those of `work`.
    """
    office.tries.check(now)
    try:
        return await work()
    except (WrongPassword, CodeUnknown):
        office.tries.failed(now)
        raise


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


def is_due(session: Session, token: str, now: datetime) -> bool:
    row = session.get(DeskSession, people.digest(token))
    return row is not None and now - row.seen_at >= people.SEEN_EVERY
