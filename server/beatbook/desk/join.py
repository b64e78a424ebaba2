"""Joining: open an invitation to the desk, as the first administrator, as a new supervisor or with a ready-made link."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import people
from ..models import Invitation, Person, Purpose
from ..people import LEAST_PASSWORD
from ..problems import BadRequest, CodeUnknown, WeakPassword
from .pages import page
from .session import HOME, office_of, remember


async def show(request: Request) -> Response:
    return await draw(request)


async def submit(request: Request) -> Response:
    office, code, now = office_of(request), request.path_params["code"], office_of(request).clock()
    async with request.form(max_files=0, max_fields=10) as form:
        given = {name: str(form.get(name, "")) for name in ("name", "email", "password")}
    invitation, person = await run_in_threadpool(invitation_of, request)
    wrong = {} if person else wrong_in(given)
    if wrong:
        return await draw(request, given=given, wrong=wrong)
    _, token = await office.database.write_soon(lambda session: people.join(session, code, **given, now=now))
    return remember(RedirectResponse(HOME, status_code=303), office.settings, token)
