"""Clearing: a device that the desk calls lost, stolen or leaving asks whether it may clear itself, and says it did.

Both questions are answered until the device has heard the answer, however often it asks.
"""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import JSONResponse

from ..models import Device
from ..people import standing
from ..problems import BadRequest, NothingOrdered
from . import cookie_name, device_required, json_of, office_of

LONGEST_NONCE = 64


async def may_clear(request: Request) -> JSONResponse:
    """POST /api/clearing {"nonce"}, and how much of what was handed over: everything is, may I clear myself?"""
    office, device = office_of(request), await device_required(request)
    asked = await json_of(request)
    nonce = asked.get("nonce")
    if not isinstance(nonce, str) or not 16 <= len(nonce) <= LONGEST_NONCE:
        raise BadRequest
    proof = await office.database.write_soon(
        lambda session: standing.may_clear(
            session, as_now(session, device), nonce, asked, office.server_id, now=office.clock()
        )
    )
    return JSONResponse({"clear": True, "proof": proof})


async def cleared(request: Request) -> JSONResponse:
    """POST /api/clearing/done: it is empty. With the answer its cookie goes, and what a browser may still hold."""
    office, device = office_of(request), await device_required(request)
    await office.database.write_soon(
        lambda session: standing.cleared(session, as_now(session, device), now=office.clock())
    )
    answer = JSONResponse({"cleared": True}, headers={"Clear-Site-Data": '"cache", "storage"'})
    answer.delete_cookie(
        cookie_name(office), path="/", secure=office.settings.is_https, httponly=True, samesite="strict"
    )
    return answer


def as_now(session: Session, device: Device) -> Device:
    """The device as the transaction finds it: the desk may have found it again a moment ago."""
    found = session.get(Device, device.id)
    if found is None:
        raise NothingOrdered
    return found
