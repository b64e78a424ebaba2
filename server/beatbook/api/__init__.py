"""HTTP for devices: handlers take a request apart, call the middle, and dump the answer."""

import json
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from ..models import Device
from ..office import Office
from ..people import device_of
from ..problems import BadRequest, BodyMissing, UploadIncomplete, UploadTooLarge

MAX_JSON = 1024 * 1024  # bytes; 500 submissions and 500 attachments to check are 90 kB


def office_of(request: Request) -> Office:
    return request.app.state.office


def cookie_name(office: Office) -> str:
    """`__Host-` binds the cookie to this very host, but browsers take it over HTTPS only."""
    return "__Host-beatbook_device" if office.settings.is_https else "beatbook_device"


async def device_required(request: Request) -> Device:
    """The device that sends. Errors: SignIn. A retired device is returned; see people.refuse_reading."""
    office = office_of(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        token = request.cookies.get(cookie_name(office), "")

    def find() -> Device:
        with office.database.reading() as session:
            return device_of(session, token.strip())

    return await run_in_threadpool(find)


async def json_of(request: Request) -> dict[str, Any]:
    """The JSON object of a small request. Errors: BodyMissing, BadRequest, UploadTooLarge, UploadIncomplete."""
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_JSON:
                raise UploadTooLarge
    except ClientDisconnect as error:  # nobody hears the answer, but it is no mistake of ours for the log either
        raise UploadIncomplete from error
    if not body:
        raise BodyMissing
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequest from error
    if not isinstance(value, dict):
        raise BadRequest
    return value
