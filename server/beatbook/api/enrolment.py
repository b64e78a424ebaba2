"""Enrolment: a one-time code becomes a device with a token of its own."""

from starlette.requests import Request
from starlette.responses import JSONResponse

from .. import people
from ..problems import BadRequest, CodeExpired, CodeUnknown, CodeUsed
from . import cookie_name, json_of, office_of

COOKIE_SECONDS = 400 * 24 * 3600  # the longest a browser keeps a cookie; renewed at each contact with /down


async def enrol(request: Request) -> JSONResponse:
    """POST /api/enrol {"code"}"""
    office = office_of(request)
    code = (await json_of(request)).get("code")
    if not isinstance(code, str):
        raise BadRequest
    address = request.client.host if request.client else ""
    office.tries.check(office.clock(), address)
    try:
        enrolled = await office.database.write_soon(lambda session: people.enrol(session, code, now=office.clock()))
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
