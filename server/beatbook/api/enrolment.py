"""Enrolment: a one-time code becomes a device with a token of its own, once its person has seen what it will be."""

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from .. import people
from ..events import instant
from ..models import Invitation
from ..people import standing
from ..problems import BadRequest, CodeExpired, CodeUnknown, CodeUsed
from . import cookie_name, json_of, office_of

LEAST_ATTEMPT = 32  # letters; a short one could be guessed by who has seen the code
COOKIE_SECONDS = 400 * 24 * 3600  # the longest a browser keeps a cookie; renewed at each contact with /down


async def enrol(request: Request) -> JSONResponse:
    """POST /api/enrol {"code"}.

    Our own app says more: "attempt", for it may have to ask again for a lost answer, and "was", the device that it has
    been until now, which its cookie proves.
    """
    office = office_of(request)
    asked = await json_of(request)
    code, attempt, was = asked.get("code"), asked.get("attempt", ""), asked.get("was", "")
    if not isinstance(code, str) or not isinstance(attempt, str) or not isinstance(was, str):
        raise BadRequest
    if 0 < len(attempt) < LEAST_ATTEMPT:
        raise BadRequest
    address = request.client.host if request.client else ""
    office.tries.check(office.clock(), address)
    token_before = request.cookies.get(cookie_name(office), "")

    def enter(session: Session) -> people.Enrolled:
        enrolled = people.enrol(session, code, now=office.clock(), attempt=attempt)
        if was and was != enrolled.device.id:
            standing.set_up_anew(session, token_before, was, enrolled.device.name, now=office.clock())
        return enrolled

    try:
        enrolled = await office.database.write_soon(enter)
    except (CodeUnknown, CodeUsed, CodeExpired):
        office.tries.failed(office.clock(), address)
        raise
    answer = JSONResponse(
        {
            "deviceId": enrolled.device.id,
            "token": enrolled.token,
            "role": enrolled.device.role,
            "name": enrolled.device.name,
            "serverId": office.server_id,
        },
        status_code=201,
    )
    answer.set_cookie(
        cookie_name(office),
        enrolled.token,
        max_age=COOKIE_SECONDS,
        path="/",
        secure=office.settings.is_https,
        httponly=True,
        samesite="strict",
    )
    return answer


async def look(request: Request) -> JSONResponse:
    """POST /api/enrol/look {"code"}: what the phone would become, for its person to agree to. The code stays unused."""
    office = office_of(request)
    code = (await json_of(request)).get("code")
    if not isinstance(code, str):
        raise BadRequest
    address = request.client.host if request.client else ""
    office.tries.check(office.clock(), address)

    def read() -> Invitation:
        with office.database.reading() as session:
            return people.look_at(session, code, now=office.clock())

    try:
        invitation = await run_in_threadpool(read)
    except (CodeUnknown, CodeUsed, CodeExpired):
        office.tries.failed(office.clock(), address)
        raise
    return JSONResponse(
        {
            "name": invitation.name,
            "role": invitation.role,
            "council": office.settings.council,
            "expiresAt": instant(invitation.expires_at),
        }
    )
