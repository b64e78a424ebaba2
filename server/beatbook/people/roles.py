"""Roles: what each may do, in one table."""

from enum import StrEnum

from ..models import Person, Role


class May(StrEnum):
    """What there is to be allowed."""

    DELIVER = "deliver"
    READ_RECORDS = "read records"
    REVIEW = "review"
    INVITE = "invite"
    TASK = "task"  # give tasks, raise items and order actions
    TAKE_OUT = "take out"  # personal answers, untouched photos and whole cases; the rest leaves with READ_RECORDS
    SCHOOLS = "see schools"  # one's own school; or every school, see `sees_school`
    RESCUE = "rescue"  # bring in files, and look into what was kept aside or lost
    LEAD_PATROLS = "lead patrols"
    ANSWER_PERSONS = "answer persons"  # find all about somebody who asks for it, and hand it over
    EDIT_LISTS = "edit lists"  # reference data and dated settings
    MANAGE = "manage"
    AUDIT = "audit"  # who looked at what, what left, and emergencies
    SEE_KEEPING = "see what is kept and erased"
    BREAK_GLASS = "break glass"  # open a record in an emergency that the role does not let read, see emergencies.py


MAY: dict[Role, frozenset[May]] = {
    Role.OFFICER: frozenset({May.DELIVER, May.LEAD_PATROLS}),
    Role.PARKING: frozenset({May.DELIVER, May.LEAD_PATROLS}),
    Role.PUPIL: frozenset({May.DELIVER}),
    Role.SCHOOL: frozenset({May.DELIVER, May.SCHOOLS, May.LEAD_PATROLS}),
    Role.VOLUNTEER: frozenset({May.DELIVER}),
    Role.FORESHORE: frozenset({May.DELIVER}),
    Role.SUPERVISOR: frozenset(
        {
            May.DELIVER,
            May.READ_RECORDS,
            May.REVIEW,
            May.TASK,
            May.INVITE,
            May.TAKE_OUT,
            May.SCHOOLS,
            May.RESCUE,
            May.EDIT_LISTS,
            May.LEAD_PATROLS,
            May.SEE_KEEPING,
        }
    ),
    Role.PARTNER: frozenset(),
    Role.AUDITOR: frozenset({May.AUDIT, May.SEE_KEEPING, May.BREAK_GLASS, May.ANSWER_PERSONS}),
    Role.ADMIN: frozenset(May),
}


DESK_ROLES = frozenset({Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN})  # whose invitation leads to the desk


def may(role: Role, what: May) -> bool:
    return what in MAY[role]


def sees_school(person: Person, school_id: str) -> bool:
    """A school's own adult sees that school and no other; one without a school sees none."""
    return may(person.role, May.SCHOOLS) and (person.role is not Role.SCHOOL or person.school_id == school_id)
