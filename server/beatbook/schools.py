"""Schools: what each chose about its walking Wednesdays, and what tickets and visits say of its street.

Names stand in the list `schools`. Figures of tickets are counts by reason and by week; nothing is counted by child or
by team (MT13), and nobody outside the council and the school sees more than counts (MT17).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from . import events, gathered, submissions
from .forms import Forms
from .gathered import whole
from .models import PatrolStep, Person, School, Submission
from .patrols.patrol import Act
from .problems import NotFound

TICKET, VISIT = gathered.TICKET, gathered.VISIT
RESULTS = ("green", "amber", "red")
COUNTED = (  # what a visit counts, and the part of it that stands for the street as a whole
    "c_skc",
    "c_double",
    "c_single",
    "c_pavement",
    "c_dropped",
    "c_corner",
    "c_bus",
    "c_crossing",
    "c_doublepark",
    "c_idling",
    "c_manoeuvre",
)
MOST_READ = 20_000  # submissions of one form looked through; a district's school year is a tenth of that


@dataclass(frozen=True)
class Ticket:
    day: date
    result: str
    reasons: Sequence[str]
    moved: bool
    driver_there: bool


@dataclass(frozen=True)
class Visit:
    day: date
    purpose: str | None
    on_markings: int  # School Keep Clear, the figure that actions are measured by
    counted: int  # vehicles of every kind
    moved_on: int


def rules_of(session: Session, school: str) -> School:
    """What the school chose, or the usual: a share of the class, on Wednesdays."""
    return session.get(School, school) or School(id=school)


def named(forms: Forms, school: str) -> Mapping[str, str]:
    """Errors: NotFound."""
    row = next((row for row in forms.lists.get("schools", ()) if row["name"] == school), None)
    if row is None:
        raise NotFound
    return row


def choose(session: Session, school: str, given: Mapping[str, Any], *, person: Person, now: datetime) -> School:
    """Change what was chosen: `by_count`, `strict_walk`, `count_bus`, `daily`, `next_visit`, `rewards`."""
    chosen = session.get(School, school) or School(id=school)
    for name in ("by_count", "strict_walk", "count_bus", "daily", "next_visit", "rewards"):
        if name in given:
            setattr(chosen, name, given[name])
    session.add(chosen)
    row = events.digest_of(sealed(chosen))
    events.append(session, CHOSEN, f"school:{school}", actor=f"person:{person.id}", now=now, data={"row": row})
    return chosen


CHOSEN = "school.chosen"


def sealed(school: School) -> dict[str, Any]:
    return {
        "id": school.id,
        "rules": [school.by_count, school.strict_walk, school.count_bus, school.daily],
        "next": school.next_visit.isoformat() if school.next_visit else None,
        **({"rewards": school.rewards} if school.rewards is not None else {}),  # rows of before keep their seal
    }


# Tickets and visits -----------------------------------------------------------------------------------------------


def tickets(
    session: Session, forms: Forms, school: str, *, since: date, zone: ZoneInfo, released_only: bool = False
) -> list[Ticket]:
    """The pupils' tickets at a school's own places, oldest first; those pressed by mistake are left out.

    `released_only` is for the school and the public: what a supervisor has looked through and released (MT17).
    """
    released = set(session.exec(select(PatrolStep.patrol_id).where(PatrolStep.act == Act.RELEASE)))
    places = {row["name"] for row in forms.lists.get("school_places", ()) if row["school"] == school}
    found = []
    for day, answers, patrol_id in read(session, TICKET, since, zone):
        if released_only and patrol_id not in released:
            continue
        spot = answers.get("spot", answers.get("spot_id"))
        if spot not in places or answers.get("spoiled") == "yes" or answers.get("result") not in RESULTS:
            continue
        reasons = answers.get("reasons")
        found.append(
            Ticket(
                day=day,
                result=answers["result"],
                reasons=[str(reason) for reason in reasons] if isinstance(reasons, list) else [],
                moved=answers.get("next") == "moved",
                driver_there=answers.get("driver_there") == "yes",
            )
        )
    return found


def visits(session: Session, school: str, *, since: date, zone: ZoneInfo) -> list[Visit]:
    """The officers' counts at the gate, oldest first."""
    found = []
    for day, answers, _ in read(session, VISIT, since, zone):
        if answers.get("school_id", answers.get("school")) != school:
            continue
        purpose = answers.get("purpose")
        found.append(
            Visit(
                day=day,
                purpose=purpose if isinstance(purpose, str) else None,
                on_markings=whole(answers.get("c_skc")),
                counted=sum(whole(answers.get(name)) for name in COUNTED),
                moved_on=whole(answers.get("moved_on")),
            )
        )
    return found


def read(session: Session, form_id: str, since: date, zone: ZoneInfo) -> list[tuple[date, dict[str, Any], str | None]]:
    """Day, answers and patrol of every record of a form since that day, in the order of time."""
    begins = datetime.combine(since, datetime.min.time(), zone)
    query = (
        select(Submission)
        .where(Submission.form_id == form_id, col(Submission.received_at) >= begins)
        .order_by(col(Submission.seq).desc())
        .limit(MOST_READ)
    )
    rows = [(one.captured_at or one.received_at, one) for one in session.exec(query)]
    replaced = {one.replaces for _, one in rows if one.replaces}
    current = [(at, one) for at, one in rows if one.instance_id not in replaced and at >= begins]
    ordered = sorted(current, key=lambda row: row[0])
    return [(at.astimezone(zone).date(), submissions.answers_of(one), one.patrol_id) for at, one in ordered]


def reasons_of(found: Sequence[Ticket]) -> Counter[str]:
    """How often each reason was ticked; a well-parked car counts as GOOD."""
    counted: Counter[str] = Counter()
    for ticket in found:
        counted.update(["GOOD"] if ticket.result == "green" else ticket.reasons)
    return counted


def reason_words(forms: Forms) -> dict[str, str]:
    """What the reasons are called, in the form's own words."""
    form = forms.newest(TICKET)
    field = form.field("reasons") if form else None
    return {choice.name: choice.label for choice in field.choices} if field else {}


def before_and_after(found: Sequence[Visit]) -> tuple[Visit, Visit] | None:
    """The first visit, or the last one that only counted, and the newest; None with fewer than two."""
    if len(found) < 2:
        return None
    baselines = [visit for visit in found[:-1] if visit.purpose == "baseline"]
    return (baselines[0] if baselines else found[0]), found[-1]
