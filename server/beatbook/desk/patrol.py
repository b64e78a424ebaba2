"""One patrol: how it stands, what its tickets say together, what went wrong, which photos wait to be looked at."""

from dataclasses import dataclass

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import events, patrols, submissions
from ..models import PupilPhoto, ReviewState, Submission
from ..patrols import Act, State
from ..people import May
from ..problems import BadRequest
from .devices import qr_of
from .pages import page
from .patrols import STATE_WORDS, PatrolWords, Row, rows
from .session import office_of, person_required

# What a person does here; a phone's own acts come as records.
ACTS = {Act.PAUSE, Act.RESUME, Act.CLOSE, Act.SEEN, Act.RELEASE}
LOOKED_AT = "looked-at"  # its opening leaves the queue of review; tickets and steps never stand in it


@dataclass(frozen=True)
class View:
    row: Row
    photos: list[PupilPhoto]
    fit: list[PupilPhoto]
    waits: bool  # for somebody to mark it as looked at
    link: str
    qr: str


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    """Opening it is written down: it says where and when children stood."""
    office, patrol_id = office_of(request), request.path_params["patrol_id"]
    actor = f"person:{request.state.person.id}"

    def note(session: Session) -> None:
        patrols.get(session, patrol_id)
        events.append(session, "patrol.viewed", patrol_id, actor=actor, now=office.clock())

    def read() -> View:
        with office.database.reading() as session:
            (row,) = rows(session, office, [patrols.get(session, patrol_id)])
            link = f"{office.settings.link}/#/join/{row.patrol.code}"
            is_open = row.stands.state is not State.CLOSED
            photos, fit = patrols.pending(session, [patrol_id]), patrols.photos.fit(session, patrol_id)
            return View(row, photos, fit, waits(session, patrol_id), link, qr_of(link) if is_open else "")

    if request.method == "GET":
        await office.database.write_soon(note)
    view = await run_in_threadpool(read)
    return page(request, "patrol.html", view=view, row=view.row, words=PatrolWords(office), states=STATE_WORDS)


@person_required(May.REVIEW)
async def act(request: Request) -> Response:
    office, patrol_id, now = office_of(request), request.path_params["patrol_id"], office_of(request).clock()
    async with request.form(max_files=0, max_fields=3) as form:
        wanted = str(form.get("act", ""))
    if wanted not in (*ACTS, LOOKED_AT):
        raise BadRequest
    person = request.state.person

    def do(session: Session) -> None:
        patrols.get(session, patrol_id)
        if wanted == LOOKED_AT:
            if waits(session, patrol_id):
                submissions.review(session, patrol_id, ReviewState.APPROVED, person=person, now=now)
        else:
            patrols.step(session, patrol_id, Act(wanted), by=f"person:{person.id}", at=now, now=now)

    await office.database.write_soon(do)
    return RedirectResponse(f"/desk/patrols/{patrol_id}", status_code=303)


def waits(session: Session, patrol_id: str) -> bool:
    """Whether the record by which a phone opened it waits for a decision; one that the desk opened has none."""
    opening = session.get(Submission, patrol_id)
    return opening is not None and opening.review_state is ReviewState.RECEIVED
