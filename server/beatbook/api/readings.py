"""Readings: who looked at a record, for the device that made it."""

from typing import Any

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from .. import people
from ..events import readings
from ..exports import WHY
from ..models import Device, Submission
from ..problems import NotFound
from . import device_required, office_of


async def show(request: Request) -> JSONResponse:
    """GET /api/records/{instanceId}/readings. Another device's record is not there: 404."""
    office, device = office_of(request), await device_required(request)
    people.refuse_reading(device)

    def read() -> list[dict[str, Any]]:
        with office.database.reading() as session:
            return readings_of(session, device, request.path_params["instance_id"])

    return JSONResponse({"readings": await run_in_threadpool(read)})


def readings_of(session: Session, device: Device, instance_id: str) -> list[dict[str, Any]]:
    """Errors: NotFound."""
    submission = session.get(Submission, instance_id)
    if submission is None or submission.device_id != device.id:
        raise NotFound
    found = readings.of_record(session, instance_id)
    who = readings.people_of(session, found)
    return [
        {
            "at": reading.at.isoformat(),
            "name": who[reading.actor].name if reading.actor in who else None,
            "role": who[reading.actor].role if reading.actor in who else None,
            "what": reading.words,
            "times": reading.times,
            "why": "In an emergency" if reading.emergency else WHY.get(reading.why or ""),
        }
        for reading in found
    ]
