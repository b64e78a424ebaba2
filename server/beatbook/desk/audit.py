"""Audit: who looked at records, what left, and what was opened in an emergency, for those who watch over that.

It names records by their number alone: an auditor sees that something was read, not what stands in it.
"""

from dataclasses import dataclass

from sqlmodel import Session, col, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from .. import people
from ..events import readings
from ..events.readings import LEFT, LOOKED, Reading, Who
from ..exports import WHY, logbook
from ..models import Person, Submission
from ..people import May, emergencies
from ..people.emergencies import Case
from ..problems import NotFound
from .pages import page
from .session import office_of, person_required, signed_in

MOST = 50  # lines of a page
PAGES = {"looked": LOOKED, "left": LEFT}


@dataclass(frozen=True)
class View:
    lines: list[Reading]
    who: dict[str, Who]
    records: set[str]  # of the subjects, those that are records
    older: int | None
    cases: list[Case]
    staff: list[Person]
    record: str | None  # whose readings these are


@person_required(May.AUDIT)
async def show(request: Request) -> Response:
    return await draw(request)


@person_required(May.AUDIT)
async def take_log(request: Request) -> Response:
    """POST: the whole log, with what is needed to check it. That it was taken is its last event."""
    office, now = office_of(request), office_of(request).clock()
    actor = f"person:{request.state.person.id}"
    await office.database.write_soon(lambda session: logbook.note(session, actor=actor, now=now))
    headers = {"Content-Disposition": f'attachment; filename="log-{now:%Y-%m-%d}.zip"', "Cache-Control": "no-store"}
    return StreamingResponse(logbook.stream(office.database, now), media_type="application/zip", headers=headers)


@signed_in
async def own(request: Request) -> Response:
    """What somebody looked at themselves, as an auditor would see it."""
    return await draw(request, of=request.state.person)


async def draw(
    request: Request, *, of: Person | None = None, wrong: dict[str, str] | None = None, status: int = 422
) -> Response:
    what = request.query_params.get("what", "looked")
    if what not in PAGES:
        raise NotFound
    view = await run_in_threadpool(read, request, what, of)
    return page(
        request,
        "audit.html",
        status=status if wrong else 200,
        view=view,
        what=what,
        own=of is not None,
        chosen=request.query_params.get("person", ""),
        asked=request.query_params.get("record", ""),
        why=WHY,
        wrong=wrong or {},
    )


def read(request: Request, what: str, of: Person | None) -> View:
    asked = request.query_params
    before = int(asked["before"]) if asked.get("before", "").isascii() and asked.get("before", "").isdigit() else None
    with office_of(request).database.reading() as session:
        record = record_of(session, asked.get("record", "")) if of is None else None
        if record is not None:
            lines, older = readings.of_record(session, record), None
        else:
            person = of.id if of else asked.get("person", "")
            actor = f"person:{person}" if person else None
            lines = readings.find(session, list(PAGES[what]), actor=actor, before=before, limit=MOST + 1)
            older = lines[MOST - 1].seq if len(lines) > MOST else None
        subjects = [line.subject for line in lines[:MOST]]
        known = session.exec(select(Submission.instance_id).where(col(Submission.instance_id).in_(subjects)))
        return View(
            lines if record else lines[:MOST],
            readings.people_of(session, lines),
            set(known),
            older,
            emergencies.cases(session, limit=MOST) if of is None else [],
            people.persons(session) if of is None else [],
            record,
        )


def record_of(session: Session, asked: str) -> str | None:
    """A record's whole number, from that or from its reference as people say it. Errors: NotFound."""
    if not asked.strip():
        return None
    tidy = "".join(letter for letter in asked.lower() if letter.isalnum() or letter == "-")
    if session.get(Submission, tidy) is not None:
        return tidy
    last = tidy.replace("-", "")
    if len(last) != REFERENCE_LENGTH:
        raise NotFound
    ending = col(Submission.instance_id).endswith(last, autoescape=True)
    found = session.exec(select(Submission.instance_id).where(ending).order_by(col(Submission.seq).desc())).first()
    if found is None:
        raise NotFound
    return found


REFERENCE_LENGTH = 6
