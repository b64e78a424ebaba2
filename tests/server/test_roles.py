"""Who may do what: every route and method, asked by everybody there is. A route that nobody decided about fails.

The table is the promise; what it says of a route is compared with what the running app answers to each role, at the
desk and from a device, and to nobody in particular.
"""

import re
from collections.abc import Iterator

import pytest
from actors import Device, Supervisor
from sqlmodel import Session
from starlette.routing import Mount, Route

from beatbook import people
from beatbook.app import ROUTES
from beatbook.models import Person, Role
from beatbook.people import May

ANYONE = "anyone"
DEVICE = "a device"  # any device that was set up here
DELIVERS = "a device that may deliver"
SIGNED_IN = "signed in"  # anybody at the desk, for their own account

TABLET = frozenset({Role.PUPIL})  # devices of these roles alone
LEADERS = frozenset({Role.OFFICER, Role.PARKING, Role.SCHOOL})

Allowed = str | May | tuple[May, ...] | frozenset[Role]

WHO: dict[str, Allowed] = {
    "POST /api/enrol": ANYONE,  # the code is the proof
    "POST /api/enrol/look": ANYONE,
    "POST /api/sync": DELIVERS,
    "POST /api/sync/hand-over": DEVICE,  # and of those only one that is to clear itself: see test_standing
    "POST /api/clearing": DEVICE,
    "POST /api/clearing/done": DEVICE,
    "POST /api/sync/check": DEVICE,
    "GET /api/sync/down": DEVICE,
    "GET /api/sync/state": DEVICE,
    "GET /api/map": DEVICE,
    "GET /api/records/{instance_id}/readings": DEVICE,  # its own; others' are not there
    "POST /api/patrols/join": TABLET,
    "GET /api/patrols/{patrol_id}": TABLET,
    "POST /api/patrols/key": LEADERS,
    "GET /openapi.json": ANYONE,
    "GET /healthz": ANYONE,
    "GET /problems/{slug}": ANYONE,
    "GET /desk": ANYONE,  # leads on to the records, or to signing in
    "GET /desk/": ANYONE,
    "GET /desk/sign-in": ANYONE,
    "POST /desk/sign-in": ANYONE,
    "POST /desk/sign-in/code": ANYONE,
    "POST /desk/sign-in/passkey": ANYONE,
    "POST /desk/sign-in/passkey/options": ANYONE,
    "GET /desk/sign-in/council": ANYONE,  # leads to the council's own sign-in, and back
    "GET /desk/sign-in/council/answer": ANYONE,
    "GET /desk/sign-in/council/finish": ANYONE,
    "POST /desk/sign-out": ANYONE,
    "GET /desk/join/{code}": ANYONE,
    "POST /desk/join/{code}": ANYONE,
    "GET /desk/account": SIGNED_IN,
    "POST /desk/account": SIGNED_IN,
    "POST /desk/account/passkey": SIGNED_IN,
    "POST /desk/account/passkey/options": SIGNED_IN,
    "GET /desk/account/readings": SIGNED_IN,
    "GET /desk/audit": May.AUDIT,
    "POST /desk/audit/log": May.AUDIT,
    "POST /desk/emergencies/{seq:int}": May.AUDIT,
    "GET /desk/emergency/{instance_id}": May.BREAK_GLASS,
    "POST /desk/emergency/{instance_id}": May.BREAK_GLASS,
    "GET /desk/staff": May.MANAGE,
    "POST /desk/staff/{person_id}": May.MANAGE,
    "GET /desk/records": May.READ_RECORDS,
    "GET /desk/records.csv": May.READ_RECORDS,
    "GET /desk/take-out/{job_id}": May.READ_RECORDS,
    "POST /desk/take-out/{job_id}": May.READ_RECORDS,
    "GET /desk/take-out/{job_id}/progress": May.READ_RECORDS,
    "GET /desk/take-out/{job_id}/file": May.READ_RECORDS,
    "GET /desk/take-out": May.READ_RECORDS,
    "POST /desk/take-out": May.READ_RECORDS,  # personal answers: see test_exports
    "GET /desk/records/{instance_id}": (May.READ_RECORDS, May.BREAK_GLASS),  # an auditor is asked why
    "POST /desk/records/{instance_id}/review": May.REVIEW,
    "GET /desk/records/{instance_id}/case": May.TAKE_OUT,
    "POST /desk/records/{instance_id}/case": May.TAKE_OUT,
    "GET /desk/records/{instance_id}/notice": May.READ_RECORDS,
    "POST /desk/records/{instance_id}/notice": May.REVIEW,
    "GET /desk/records/{instance_id}/statement": May.READ_RECORDS,
    "GET /desk/notices": May.READ_RECORDS,
    "POST /desk/devices/{device_id}/standing": May.INVITE,
    "POST /desk/devices/{device_id}/holder": May.INVITE,
    "POST /desk/devices/{device_id}/authorisations": May.INVITE,
    "GET /desk/photos/{sha256}/{size}": (May.READ_RECORDS, May.BREAK_GLASS, May.ANSWER_PERSONS),  # see test_emergencies
    "GET /advice/{code}": ANYONE,  # what the square on an officer's phone opens
    "GET /desk/briefing": May.READ_RECORDS,
    "GET /desk/tasks": May.READ_RECORDS,
    "POST /desk/tasks": May.TASK,
    "GET /desk/tasks/{task_id}": May.READ_RECORDS,
    "POST /desk/tasks/{task_id}": May.TASK,
    "POST /desk/tasks/{task_id}/state": May.TASK,
    "GET /desk/records/{instance_id}/triage": May.READ_RECORDS,
    "POST /desk/records/{instance_id}/triage": May.TASK,
    "GET /desk/records/{instance_id}/letter": May.READ_RECORDS,
    "GET /desk/cases": May.READ_RECORDS,
    "GET /desk/cases/{case_id}": May.READ_RECORDS,
    "POST /desk/cases/{case_id}": May.TASK,
    "GET /desk/tasking": May.READ_RECORDS,
    "POST /desk/tasking": May.TASK,
    "GET /desk/tasking/{item_id}": May.READ_RECORDS,
    "POST /desk/tasking/{item_id}/state": May.TASK,
    "POST /desk/tasking/{item_id}/actions": May.TASK,
    "POST /desk/actions/{reference}": May.TASK,
    "GET /desk/meetings": May.READ_RECORDS,
    "POST /desk/meetings": May.TASK,
    "GET /desk/meetings/{meeting_id}": May.READ_RECORDS,
    "POST /desk/meetings/{meeting_id}": May.TASK,
    "POST /desk/meetings/{meeting_id}/state": May.TASK,
    "POST /desk/meetings/{meeting_id}/attendance": May.TASK,
    "POST /desk/meetings/{meeting_id}/people": May.TASK,
    "POST /desk/meetings/{meeting_id}/notes": May.TASK,
    "POST /desk/meetings/{meeting_id}/agenda": May.TASK,
    "POST /desk/meetings/{meeting_id}/actions/{reference}": May.TASK,
    "POST /desk/meetings/{meeting_id}/correction": May.TASK,
    "GET /desk/meetings/{meeting_id}/items/{item_id}": May.READ_RECORDS,
    "POST /desk/meetings/{meeting_id}/items/{item_id}": May.TASK,
    "POST /desk/meetings/{meeting_id}/items/{item_id}/actions": May.TASK,
    "GET /desk/meetings/{meeting_id}/shares": May.READ_RECORDS,
    "POST /desk/meetings/{meeting_id}/shares": May.TASK,
    "GET /desk/meetings/{meeting_id}/papers": May.READ_RECORDS,
    "GET /desk/meetings/{meeting_id}/papers/{paper}/{agency}": May.READ_RECORDS,
    "POST /desk/meetings/{meeting_id}/papers/{paper}/{agency}": May.TAKE_OUT,  # what is about persons leaves
    "GET /desk/shares": May.READ_RECORDS,
    "POST /desk/shares/{number:int}": May.TASK,
    "GET /desk/agencies": May.READ_RECORDS,
    "GET /desk/advice": May.READ_RECORDS,
    "GET /desk/devices": May.READ_RECORDS,
    "GET /desk/devices/{device_id}": May.READ_RECORDS,
    "POST /desk/devices/{device_id}/wipe": May.RESCUE,
    "POST /desk/invitations": May.INVITE,
    "GET /desk/bring-in": May.RESCUE,
    "POST /desk/bring-in": May.RESCUE,
    "GET /desk/kept-aside": May.READ_RECORDS,
    "POST /desk/kept-aside/{kept_id}": May.RESCUE,
    "GET /desk/kept-aside/{kept_id}/bytes": May.READ_RECORDS,
    "GET /desk/gone": May.READ_RECORDS,
    "GET /desk/map": May.READ_RECORDS,
    "GET /desk/map/{version}/{zoom}/{x}/{y}": May.READ_RECORDS,
    "GET /desk/dashboard": May.READ_RECORDS,
    "GET /desk/hotspots": May.READ_RECORDS,
    "POST /desk/hotspots": May.TASK,
    "GET /desk/records/newer": May.READ_RECORDS,
    "POST /desk/records/rows": May.READ_RECORDS,
    "POST /desk/records/bulk": May.REVIEW,
    "POST /desk/bulk/{bulk_id}/undo": May.REVIEW,
    "POST /desk/saved": May.READ_RECORDS,
    "POST /desk/saved/{saved_id}/end": May.READ_RECORDS,
    "POST /desk/records/{instance_id}/remarks": May.REVIEW,
    "GET /desk/records/{instance_id}/correct": May.REVIEW,
    "POST /desk/records/{instance_id}/correct": May.REVIEW,
    "GET /desk/review": May.REVIEW,
    "GET /desk/review/list": May.REVIEW,
    "GET /desk/review/{instance_id}": May.REVIEW,
    "POST /desk/review/{instance_id}": May.REVIEW,
    "POST /desk/review/{instance_id}/look": May.REVIEW,
    "POST /desk/review/{instance_id}/still": May.REVIEW,
    "GET /desk/live": (May.READ_RECORDS, May.AUDIT),
    "GET /desk/static/{name}": ANYONE,
    "GET /desk/schools": May.SCHOOLS,
    "GET /desk/schools/{school}": May.SCHOOLS,
    "POST /desk/schools/{school}/choices": May.SCHOOLS,
    "GET /desk/schools/{school}/pictures": May.SCHOOLS,
    "POST /desk/schools/{school}/pictures/{instance_id}": May.SCHOOLS,
    "GET /desk/schools/{school}/paper": May.SCHOOLS,
    "GET /desk/schools/{school}/poster": May.SCHOOLS,
    "GET /desk/schools/{school}/assembly": May.SCHOOLS,
    "POST /desk/schools/{school}/announce": May.SCHOOLS,
    "GET /desk/patrols": May.READ_RECORDS,
    "GET /desk/patrols/open": May.LEAD_PATROLS,
    "POST /desk/patrols/open": May.LEAD_PATROLS,
    "GET /desk/patrols/{patrol_id}": May.READ_RECORDS,
    "POST /desk/patrols/{patrol_id}": May.REVIEW,
    "GET /desk/patrols/photos/{sha256}": May.REVIEW,
    "POST /desk/patrols/photos/{sha256}": May.REVIEW,
    "GET /desk/patrols/photos/{sha256}/cover": May.REVIEW,
    "POST /desk/patrols/photos/{sha256}/cover": May.REVIEW,
    "POST /desk/records/{instance_id}/keeping": May.REVIEW,
    "GET /desk/keeping/{kind}/{key}": May.READ_RECORDS,
    "POST /desk/keeping/{kind}/{key}": May.REVIEW,
    "GET /desk/retention": May.SEE_KEEPING,
    "GET /desk/subjects": May.ANSWER_PERSONS,
    "POST /desk/subjects": May.ANSWER_PERSONS,
    "GET /desk/subjects/{request_id}": May.ANSWER_PERSONS,
    "POST /desk/subjects/{request_id}": May.ANSWER_PERSONS,
    "GET /desk/subjects/{request_id}/place": May.ANSWER_PERSONS,
    "POST /desk/subjects/{request_id}/place": May.ANSWER_PERSONS,
    "POST /desk/subjects/{request_id}/package": May.ANSWER_PERSONS,
    "POST /desk/retention": May.MANAGE,
    "GET /desk/lists": May.READ_RECORDS,
    "GET /desk/lists/{name}": May.READ_RECORDS,
    "POST /desk/lists/{name}": May.EDIT_LISTS,
    "POST /desk/lists/{name}/withdraw": May.EDIT_LISTS,
    "POST /desk/lists/{name}/undo": May.EDIT_LISTS,
    "POST /desk/lists/{name}/bring-in": May.EDIT_LISTS,
    "GET /desk/lists/{name}/csv": May.READ_RECORDS,
    "GET /desk/settings": May.READ_RECORDS,
    "POST /desk/settings": May.EDIT_LISTS,
    "POST /desk/settings/undo": May.EDIT_LISTS,
    "GET /desk/settings/csv": May.READ_RECORDS,
}

# What a person reads about the roles, kept here so that a change of people.MAY is seen for what it means.
WHO_MAY: dict[May, set[Role]] = {
    May.READ_RECORDS: {Role.SUPERVISOR, Role.ADMIN},
    May.REVIEW: {Role.SUPERVISOR, Role.ADMIN},
    May.TASK: {Role.SUPERVISOR, Role.ADMIN},
    May.INVITE: {Role.SUPERVISOR, Role.ADMIN},
    May.TAKE_OUT: {Role.SUPERVISOR, Role.ADMIN},
    May.RESCUE: {Role.SUPERVISOR, Role.ADMIN},
    May.MANAGE: {Role.ADMIN},
    May.ANSWER_PERSONS: {Role.AUDITOR, Role.ADMIN},
    May.EDIT_LISTS: {Role.SUPERVISOR, Role.ADMIN},
    May.SCHOOLS: {Role.SCHOOL, Role.SUPERVISOR, Role.ADMIN},
    May.AUDIT: {Role.AUDITOR, Role.ADMIN},
    May.SEE_KEEPING: {Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN},
    May.BREAK_GLASS: {Role.AUDITOR, Role.ADMIN},
    May.LEAD_PATROLS: {Role.OFFICER, Role.PARKING, Role.SCHOOL, Role.SUPERVISOR, Role.ADMIN},
}


# What each role's devices may be given to fill in, at most. An officer's may have every form.
FILLS: dict[Role, set[str]] = {
    Role.PARKING: {
        "gate_visit", "driver_contact", "pupil_patrol", "pupil_patrol_step", "notebook", "patrol", "tasking_item",
    },
    Role.PUPIL: {"mock_ticket", "ticket_design", "wow_tally"},
    Role.SCHOOL: {"pupil_patrol", "pupil_patrol_step", "ticket_design", "wow_tally", "walking_bus"},
    Role.VOLUNTEER: {"walking_bus"},
    Role.FORESHORE: {"hut_round", "hut_damage", "graffiti", "notebook", "patrol", "tasking_item"},
}  # fmt: skip


def test_no_role_is_given_a_form_that_is_not_its_own(office):
    for form in office.pack:
        if form.built_in:  # what the app itself writes down: a task done, advice shown
            continue
        for role in map(Role, form.audience):
            assert role is Role.OFFICER or form.form_id in FILLS.get(role, set()), f"{form.form_id} for {role}"


def test_only_an_officers_phone_is_authorised_to_give_notices(enrolled, supervisor):
    for role, status in ((Role.OFFICER, 303), (Role.FORESHORE, 422), (Role.PARKING, 422)):
        page = f"/desk/devices/{enrolled(role).device_id}"
        supervisor.submit(f"{page}/holder", holder_name="Sarah Lunn", holder_number="KB/4")
        assert supervisor.submit(f"{page}/authorisations", offence="GRA", reference="KB/1").status_code == status, role


def routes(found: list = ROUTES, before: str = "") -> Iterator[tuple[str, str]]:
    """Every method and path that the app answers to."""
    for route in found:
        if isinstance(route, Mount) and route.routes:
            yield from routes(list(route.routes), before + route.path)
        elif isinstance(route, Route):
            for method in sorted((route.methods or set()) - {"HEAD"}):
                yield method, before + route.path


EVERY = sorted(set(routes()), key=lambda one: (one[1] == "/desk/sign-out", one[1], one[0]))  # leaving comes last


def test_every_route_is_decided_and_none_is_decided_that_is_not_there():
    assert {f"{method} {path}" for method, path in EVERY} == WHO.keys()


def test_the_table_of_roles_is_what_it_is_meant_to_be():
    assert {what: {role for role in Role if people.may(role, what)} for what in WHO_MAY} == WHO_MAY


@pytest.fixture
def everybody(office, server) -> dict[str, dict[str, str]]:
    """The headers of each: a person and a device of every role, and nobody."""
    office.tries.per_minute = office.tries.addresses.per_minute = 100_000  # wrong codes are not what this is about
    joined = {role: Supervisor.join(office, server, f"{role} P", role) for role in Role}
    office.database.write(lambda session: settle(session, joined[Role.SCHOOL].person_id))
    persons = {f"{role} at the desk": person.headers() for role, person in joined.items()}
    devices = {f"{role} device": Device.enrol(office, server, role, f"{role} 1").headers for role in Role}
    return {"nobody": {}, **persons, **devices}


ELSEWHERE = ("/desk/sign-in", "/desk/schools", "/desk/audit")  # who may not read records is led to what is theirs


def settle(session: Session, person_id: str) -> None:
    """Gives a school's adult a school."""
    session.get_one(Person, person_id).school_id = "northbrook"


PARAMETER = re.compile(r"\{(\w+)(:int)?\}")


def stand_in(parameter: re.Match[str]) -> str:
    """Something in its place that is not there."""
    return "0" if parameter[2] else parameter[1]


def is_let_in(answer) -> bool:
    """Whether the route's own work began: it may well have found that what was asked for is not there."""
    away = answer.status_code == 303 and answer.headers["location"].partition("?to=")[0] in ELSEWHERE
    return answer.status_code not in (401, 403) and not away


def is_meant(who: str, allowed: Allowed) -> bool:
    if allowed == ANYONE:
        return True
    if allowed == DEVICE:
        return who.endswith(" device")
    if isinstance(allowed, frozenset):
        return who.endswith(" device") and who.removesuffix(" device") in allowed
    if allowed == DELIVERS:
        return who.endswith(" device") and people.may(Role(who.removesuffix(" device")), May.DELIVER)
    if not who.endswith(" at the desk"):
        return False
    role, wanted = Role(who.removesuffix(" at the desk")), allowed if isinstance(allowed, tuple) else (allowed,)
    return allowed == SIGNED_IN or any(people.may(role, May(one)) for one in wanted)


def test_each_role_is_let_in_where_it_may_and_nowhere_else(server, everybody):
    wrong = []
    for method, path in EVERY:
        allowed = WHO.get(f"{method} {path}")
        if allowed is None or path in ANSWER_THEMSELVES:
            continue
        for who, headers in everybody.items():
            if path in ENDLESS and is_meant(who, allowed):
                continue
            server.cookies.clear()
            answer = server.request(method, PARAMETER.sub(stand_in, path), headers=headers)
            if is_let_in(answer) != is_meant(who, allowed):
                wrong.append(f"{method} {path}: {who} got {answer.status_code}")
    assert wrong == []


ENDLESS = {"/desk/live"}  # who may listen would listen for ever

# A wrong password or passkey is 401, a code that is too late leads back: their own work, no closed door.
ANSWER_THEMSELVES = {"/desk/sign-in", "/desk/sign-in/code", "/desk/sign-in/passkey", "/desk/account/passkey"}


def test_a_wrong_password_is_answered_not_turned_away(server):
    assert server.post("/desk/sign-in", data={"email": "x@council.example", "password": "y"}).status_code == 401
