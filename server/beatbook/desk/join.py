"""Joining: open an invitation to the desk, as its first administrator, as a new supervisor, or as somebody known."""

from dataclasses import dataclass

from sqlmodel import col, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import people
from ..models import Invitation, Person, Purpose
from ..people.passwords import LEAST, weakness
from ..problems import CodeUnknown, LocalSignInOff
from .pages import page
from .session import HOME, browser_of, office_of, remember, tried

LONGEST_NAME = 80


@dataclass(frozen=True)
class Opened:
    """An invitation and, when it is for somebody who is known, who that is."""

    invitation: Invitation
    person: Person | None


async def show(request: Request) -> Response:
    """What the link is for. Looking does not use it up: mail programs open links before people do."""
    return draw(request, await opened(request))


async def submit(request: Request) -> Response:
    office, code, now = office_of(request), request.path_params["code"], office_of(request).clock()
    found = await opened(request)
    if not office.settings.local_sign_in and found.invitation.purpose is not Purpose.ADMINISTRATOR:
        raise LocalSignInOff
    async with request.form(max_files=0, max_fields=10) as form:
        given = {name: str(form.get(name, "")) for name in ("name", "email", "password")}
        given["name"] = str(form.get("name", found.invitation.name))
    wrong = {} if found.person else await run_in_threadpool(wrong_in, request, given)
    if wrong:
        return draw(request, found, given=given, wrong=wrong)
    _, token = await office.database.write_soon(
        lambda session: people.join(session, code, **given, browser=browser_of(request), now=now)
    )
    return remember(RedirectResponse(HOME, status_code=303), office.settings, token)


async def opened(request: Request) -> Opened:
    """Errors: TooManyTries, CodeUnknown, CodeUsed, CodeExpired."""
    office, code, now = office_of(request), request.path_params["code"], office_of(request).clock()

    def look() -> Opened:
        with office.database.reading() as session:
            invitation = people.open_invitation(session, code, now=now)
            if invitation.purpose is Purpose.DEVICE:
                raise CodeUnknown
            return Opened(invitation, session.get(Person, invitation.person_id) if invitation.person_id else None)

    return await tried(request, lambda: run_in_threadpool(look))


def wrong_in(request: Request, given: dict[str, str]) -> dict[str, str]:
    """What is to be mended in the answers, by field, in words for the person."""
    wrong = {}
    if not 1 <= len(" ".join(given["name"].split())) <= LONGEST_NAME:
        wrong["name"] = f"Enter your name, in at most {LONGEST_NAME} characters"
    if not looks_like_email(given["email"]):
        wrong["email"] = "Enter your email address, like name@example.gov.uk"
    elif is_taken(request, given["email"]):
        wrong["email"] = "Somebody uses that email address here already"
    if why := weakness(given["password"], own=(given["name"], given["email"], office_of(request).settings.council)):
        wrong["password"] = why.rstrip(".")
    return wrong


def looks_like_email(text: str) -> bool:
    name, at, domain = text.strip().rpartition("@")
    return bool(name and at and domain) and len(text) <= 254 and text.isprintable() and " " not in text.strip()


def is_taken(request: Request, email: str) -> bool:
    with office_of(request).database.reading() as session:
        return session.exec(select(Person.id).where(col(Person.email) == email.strip().lower())).first() is not None


def draw(
    request: Request, found: Opened, *, given: dict[str, str] | None = None, wrong: dict[str, str] | None = None
) -> Response:
    is_first = found.invitation.purpose is Purpose.ADMINISTRATOR
    return page(
        request,
        "join.html",
        status=422 if wrong else 200,
        invitation=found.invitation,
        known=found.person,
        is_first=is_first,
        given=given or {"name": "" if is_first else found.invitation.name, "email": ""},
        wrong=wrong or {},
        least=LEAST,
    )
