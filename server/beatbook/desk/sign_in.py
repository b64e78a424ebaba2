"""Signing in and out at the desk."""

from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import people
from ..models import Person
from ..office import Office
from ..problems import WrongPassword
from .pages import page
from .session import forget, office_of, person_of, remember, safe_target, token_of, tried


async def show(request: Request) -> Response:
    target = safe_target(request.query_params.get("to"))
    if await person_of(request):
        return RedirectResponse(target, status_code=303)
    return await draw(request, target)


async def submit(request: Request) -> Response:
    office = office_of(request)
    async with request.form(max_files=0, max_fields=10) as form:
        email, password = str(form.get("email", "")), str(form.get("password", ""))
        target = safe_target(str(form.get("to", "")))
    now = office.clock()
    try:
        _, token = await tried(office, now, lambda: signed_in(office, email, password, now))
    except WrongPassword as problem:
        return await draw(request, target, email=email, problem=problem)
    return remember(RedirectResponse(target, status_code=303), office.settings, token)


async def signed_in(office: Office, email: str, password: str, now: datetime) -> tuple[Person, str]:
    """Errors: WrongPassword."""
    return await office.database.write_soon(lambda session: people.sign_in(session, email, password, now=now))


async def leave(request: Request) -> Response:
    """End the session here and on the server, and let the browser drop the photos that it kept."""
    office, token, now = office_of(request), token_of(request), office_of(request).clock()
    await office.database.write_soon(lambda session: people.sign_out(session, token, now=now))
    response = RedirectResponse("/desk/sign-in?left=1", status_code=303, headers={"Clear-Site-Data": '"cache"'})
    return forget(response, office.settings)


async def draw(request: Request, target: str, *, email: str = "", problem: WrongPassword | None = None) -> Response:
    office = office_of(request)

    def is_new() -> bool:
        with office.database.reading() as session:
            return not people.has_administrator(session)

    return page(
        request,
        "sign_in.html",
        status=problem.status if problem else 200,
        target=target,
        email=email,
        problem=problem,
        left="left" in request.query_params,
        is_new=await run_in_threadpool(is_new),
    )
