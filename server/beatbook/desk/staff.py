"""Staff: who may sign in at the desk, as what, and how somebody's access ends in one act."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import people
from ..models import DeskSession, Person, Role
from ..people import DESK_ROLES, Invited, May, identities, keys
from ..problems import BadRequest, NotFound
from .devices import qr_of
from .pages import page
from .session import office_of, person_required


@dataclass(frozen=True)
class Member:
    person: Person
    means: list[str]  # what they sign in with, in words
    seen_at: datetime | None


@person_required(May.MANAGE)
async def show(request: Request) -> Response:
    office = office_of(request)

    def read() -> list[Member]:
        with office.database.reading() as session:
            query = select(DeskSession.person_id, func.max(col(DeskSession.seen_at))).group_by(DeskSession.person_id)
            seen = dict(session.exec(query).all())
            return [
                Member(person, means_of(session, person), seen.get(person.id)) for person in people.persons(session)
            ]

    said = SAID.get(request.query_params.get("said", ""))
    return page(request, "staff.html", staff=await run_in_threadpool(read), desk_roles=ROLES, said=said)


@person_required(May.MANAGE)
async def change(request: Request) -> Response:
    """POST: another role, a new link, or the end of the account. Errors: NotFound, BadRequest."""
    office, admin, now = office_of(request), request.state.person, office_of(request).clock()
    person_id, actor = request.path_params["person_id"], f"person:{request.state.person.id}"
    async with request.form(max_files=0, max_fields=10) as form:
        do, role = str(form.get("do", "")), str(form.get("role", ""))
    if do not in SAID and do != "back":
        raise BadRequest

    def work(session: Session) -> Invited | None:
        person = session.get(Person, person_id)
        if person is None or person.ended_at is not None or person.id == admin.id:
            raise NotFound  # one's own account is changed on its own page
        if do == "end":
            people.end_person(session, person, now=now, actor=actor)
        elif do == "role" and role in list(Role):
            people.change_role(session, person, Role(role), now=now, actor=actor)
        elif do == "back":
            return people.invite_back(session, person, minutes=office.settings.invite_minutes, now=now, actor=actor)
        else:
            raise BadRequest
        return None

    invited = await office.database.write_soon(work)
    if invited is None:
        return RedirectResponse(f"/desk/staff?said={do}", status_code=303)
    link = invited.url(office.settings.link)
    return page(request, "invitation.html", invited=invited, link=link, qr=qr_of(link), for_desk=True)


def means_of(session: Session, person: Person) -> list[str]:
    count = len(keys.passkeys_of(session, person.id))
    codes = keys.authenticator_of(session, person.id) is not None
    council = bool(identities.of_person(session, person.id))
    return [
        *(["council account"] if council else []),
        *([f"{count} passkey{'s' if count > 1 else ''}"] if count else []),
        *(["password and code" if codes else "password alone"] if person.password_hash else []),
    ]


ROLES = [role for role in Role if role in DESK_ROLES]
SAID = {"end": "Account closed. The person is signed out everywhere.", "role": "Role changed."}
