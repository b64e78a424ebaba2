"""One patrol: how it stands, what its tickets say together, what went wrong, which photos wait to be looked at."""

from dataclasses import dataclass

from sqlmodel import Session, or_, select
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
LOOKED_AT = "looked-at"  # its records leave the queue together; one by one nobody would open forty tickets


@dataclass(frozen=True)
class View:
    row: Row
    photos: list[PupilPhoto]
    fit: list[PupilPhoto]
    records: int  # that nobody has reviewed
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
            records = len(to_look_at(session, patrol_id))
            return View(row, photos, fit, records, link, qr_of(link) if is_open else "")

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
            for record in to_look_at(session, patrol_id):
                submissions.review(session, record.instance_id, ReviewState.APPROVED, person=person, now=now)
        else:
            patrols.step(session, patrol_id, Act(wanted), by=f"person:{person.id}", at=now, now=now)

    await office.database.write_soon(do)
    return RedirectResponse(f"/desk/patrols/{patrol_id}", status_code=303)


def to_look_at(session: Session, patrol_id: str) -> list[Submission]:
    """The records of a patrol that wait for a decision: its opening, its steps, its tickets."""
    its = or_(Submission.patrol_id == patrol_id, Submission.instance_id == patrol_id)
    return list(session.exec(select(Submission).where(its, Submission.review_state == ReviewState.RECEIVED)))
