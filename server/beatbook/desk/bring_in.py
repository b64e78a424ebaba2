"""Bring in: a file that a phone exported, taken in by hand when the phone could not send."""

import asyncio

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from .. import rescue
from ..models import Person
from ..office import Office
from ..people import May
from ..problems import FileRefused, FileTooLarge, Problem
from ..rescue import Brought, Outcome
from .pages import page
from .session import office_of, person_required

ONE_AT_A_TIME = asyncio.Semaphore(1)  # each may fill a disk's worth of temporary file


@person_required(May.RESCUE)
async def show(request: Request) -> Response:
    return page(request, "bring_in.html", brought=None, wrong=None, Outcome=Outcome)


@person_required(May.RESCUE)
async def submit(request: Request) -> Response:
    """Who may is asked before the first byte is read; the file goes to the disk as it arrives."""
    office, person = office_of(request), request.state.person
    office.refuse_full()
    async with ONE_AT_A_TIME, request.form(max_files=1, max_fields=2) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            return refused(request, "Choose the file that was exported from the phone")
        try:
            brought = await run_in_threadpool(take, office, file, person)
        except (FileRefused, FileTooLarge) as problem:
            return refused(request, problem.detail, problem)
    return page(request, "bring_in.html", brought=brought, wrong=None, Outcome=Outcome)


def take(office: Office, file: UploadFile, person: Person) -> Brought:
    return rescue.bring_in(office, file.file, person, now=office.clock())


def refused(request: Request, wrong: str, problem: Problem | None = None) -> Response:
    status = problem.status if problem else 422
    return page(request, "bring_in.html", status=status, brought=None, wrong=wrong, Outcome=Outcome)
