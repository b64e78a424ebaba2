"""Patrols for devices: a tablet joins by its code and asks how its patrol stands; a phone shows its signing key."""

from typing import Any

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from .. import patrols, people
from ..models import Device, Role
from ..problems import BadRequest, CodeUnknown, NotAllowed
from . import device_required, json_of, office_of


async def join(request: Request) -> JSONResponse:
    """POST /api/patrols/join {"code"}: six letters from the adult's screen become the patrol. Guessing is held back."""
    office = office_of(request)
    await tablet_required(request)
    code, now = (await json_of(request)).get("code"), office.clock()
    address = request.client.host if request.client else ""
    if not isinstance(code, str):
        raise BadRequest
    office.tries.check(now, address)

    def find() -> dict[str, Any]:
        with office.database.reading() as session:
            patrol = patrols.join(session, code, now=now)
            return patrols.wire(patrol, office.forms.lists, standing(session, patrol.id, request).state)

    try:
        return JSONResponse(await run_in_threadpool(find))
    except CodeUnknown:
        office.tries.failed(now, address)
        raise


async def show(request: Request) -> JSONResponse:
    """GET /api/patrols/{id}: how the patrol stands (MT15), for a tablet on it. Nothing else of it."""
    await tablet_required(request)

    def look() -> dict[str, Any]:
        with office_of(request).database.reading() as session:
            patrol = patrols.get(session, request.path_params["patrol_id"])
            return {"patrolId": patrol.id, "state": standing(session, patrol.id, request).state}

    return JSONResponse(await run_in_threadpool(look))


async def key(request: Request) -> JSONResponse:
    """POST /api/patrols/key {"publicKey"}: with which this phone signs the patrols it opens."""
    office, device = office_of(request), await device_required(request)
    people.refuse_reading(device)
    if device.role not in patrols.LEADERS:
        raise NotAllowed
    public_key = (await json_of(request)).get("publicKey")
    if not isinstance(public_key, str) or len(public_key) > 200:
        raise BadRequest
    made = await office.database.write_soon(
        lambda session: patrols.register_key(session, device, public_key, now=office.clock())
    )
    return JSONResponse({"keyId": made.key_id})


async def tablet_required(request: Request) -> Device:
    """Errors: SignIn, DeviceRevoked, NotAllowed."""
    device = await device_required(request)
    people.refuse_reading(device)
    if device.role != Role.PUPIL:
        raise NotAllowed
    return device


def standing(session: Session, patrol_id: str, request: Request) -> patrols.Standing:
    patrol = patrols.get(session, patrol_id)
    return patrols.standing_of(
        patrol, patrols.patrol.steps_of(session, [patrol_id])[patrol_id], office_of(request).clock()
    )
