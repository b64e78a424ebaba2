"""WOW, the walking Wednesdays: which tallies count, who wins the week's trophy, and what may be shown of a small class.

A tally is a submission of the form `wow_tally`: numbers for a class and a day, and sometimes stamps by card number. Of
several for the same class and day the newest counts; after Friday 12:00 only one that says why it was changed does. No
class with fewer than eight children is ever shown on its own (CH7): such classes stand together, and where even
together they are fewer than eight, they are left out.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from . import events, keeping, listings, submissions
from .forms import Forms
from .forms.dated import school_year
from .forms.expressions import london
from .models import Device, Person, Redaction, Role, School, Submission, Trophy

FORM = "wow_tally"
ACTIVE = ("walk", "wheel", "cycle", "scoot", "stride", "wbus")
STRICT = ("walk", "wheel", "wbus")
MODES = (*ACTIVE, "bus", "car")
LEAST_SHOWN = 8  # children in a class that may be shown by itself
SMALL = "small classes"  # their common name in rankings and figures
WEDNESDAY, FRIDAY = 2, 4  # as date.weekday() counts
NOON = time(12)
BASELINE_WEEKS = 3
MILESTONES = (30, 20, 10, 5)  # walks in a school year
STAMPS = "stamps"  # the answer that holds card numbers
STAMPS_LOOKED_FOR = timedelta(days=800)  # since they came; by then two school years have ended
MOST_READ = 5000  # tallies of one school: five years of twenty classes


@dataclass(frozen=True)
class Tally:
    """One class on one day, as it counts."""

    class_id: str
    label: str
    day: date
    roll: int
    present: int
    unable: int
    modes: Mapping[str, int]
    stamps: Sequence[tuple[int, str]]  # card number and mode
    changed: bool  # after the week was locked, with a reason

    @property
    def able(self) -> int:
        """Who could have walked: nobody loses the class its trophy by a plaster cast."""
        return max(self.roll - self.unable, 0)


@dataclass(frozen=True)
class Standing:
    """A class in its week, or the small classes together."""

    name: str  # the class's name, or SMALL
    label: str
    active: int
    able: int
    roll: int
    walked: int

    @property
    def share(self) -> Fraction:
        return Fraction(self.active, self.able) if self.able else Fraction(0)

    @property
    def percent(self) -> int:
        return round(self.share * 100)


@dataclass(frozen=True)
class Week:
    """A school's week: its classes from the first to the last, and who wins."""

    monday: date
    standings: Sequence[Standing]
    winners: Sequence[Standing]
    improved: Standing | None  # the second award: the largest rise over the weeks before
    locked: bool


# Who counts -------------------------------------------------------------------------------------------------------


def tallies(session: Session, forms: Forms, school: str, rules: School, zone: ZoneInfo) -> list[Tally]:
    """Every tally of a school that counts, oldest first."""
    return of_schools(session, forms, {school: rules}, zone)[school]


def of_schools(
    session: Session, forms: Forms, rules: Mapping[str, School], zone: ZoneInfo, *, since: date | None = None
) -> dict[str, list[Tally]]:
    """The same for several schools, by their names, from one reading of what came since a day."""
    query = select(Submission, Device.role).join(Device).where(Submission.form_id == FORM)
    if since is not None:
        query = query.where(col(Submission.seq) >= (listings.first_since(session, since) or 0))
    classes = {row["name"]: row for row in forms.lists.get("school_classes", ())}
    newest: dict[str, dict[tuple[str, date], tuple[datetime, Tally]]] = {school: {} for school in rules}
    for submission, role in session.exec(query.order_by(col(Submission.seq).desc()).limit(MOST_READ)):
        answers = submissions.answers_of(submission)
        school = str(answers.get("school_id"))
        row = classes.get(str(answers.get("class_id")))
        if row is None or school not in rules or row["school"] != school:
            continue
        tally = tally_of(answers, row["label"])
        at = submission.captured_at or submission.received_at
        if tally is None or not counts(tally, rules[school]):
            continue
        if at > locked_at(tally.day, zone) and not (tally.changed and role is not Role.PUPIL):
            continue
        known = newest[school].get((tally.class_id, tally.day))
        if known is None or at > known[0]:
            newest[school][tally.class_id, tally.day] = (at, tally)
    return {
        school: sorted((tally for _, tally in found.values()), key=lambda one: (one.day, one.label))
        for school, found in newest.items()
    }


def tally_of(answers: Mapping[str, Any], label: str) -> Tally | None:
    """None where numbers are missing or cannot be: a record is kept, but it does not win a trophy."""
    try:
        day = date.fromisoformat(str(answers.get("day")))
    except ValueError:
        return None
    roll, present = number(answers.get("roll")), number(answers.get("present"))
    modes = {mode: number(answers.get(f"n_{mode}")) for mode in MODES}
    given = sum(modes.values())
    if not 0 < roll <= 40 or present > roll or given > present:
        return None
    if answers.get("n_car") is None:
        modes["car"] = present - given
    return Tally(
        class_id=str(answers.get("class_id")),
        label=label,
        day=day,
        roll=roll,
        present=present,
        unable=min(number(answers.get("unable")), roll),
        modes=modes,
        stamps=stamps_of(answers.get(STAMPS)),
        changed=isinstance(answers.get("why_changed"), str),
    )


def stamps_of(raw: object) -> list[tuple[int, str]]:
    rows = [row for row in raw if isinstance(row, dict)] if isinstance(raw, list) else []
    stamps = [(number(row.get("card_no")), str(row.get("mode"))) for row in rows]
    return [(card, mode) for card, mode in stamps if 1 <= card <= 40 and mode in MODES]


def number(raw: object) -> int:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) and raw >= 0 else 0


def counts(tally: Tally, rules: School) -> bool:
    weekday = tally.day.weekday()
    return weekday <= FRIDAY if rules.daily else weekday == WEDNESDAY


def locked_at(day: date, zone: ZoneInfo) -> datetime:
    """Friday noon of the day's week, by the town's clock."""
    return datetime.combine(monday_of(day) + timedelta(days=FRIDAY), NOON, zone)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def active(tally: Tally, rules: School) -> int:
    modes = STRICT if rules.strict_walk else ACTIVE
    return sum(tally.modes[mode] for mode in modes) + (tally.modes["bus"] if rules.count_bus else 0)


def active_modes(rules: School) -> frozenset[str]:
    return frozenset(STRICT if rules.strict_walk else ACTIVE) | (frozenset({"bus"}) if rules.count_bus else frozenset())


# The trophy -------------------------------------------------------------------------------------------------------


def weeks(found: Sequence[Tally], rules: School, *, now: datetime, zone: ZoneInfo) -> list[Week]:
    """Each week with a tally, oldest first."""
    by_week: dict[date, list[Tally]] = defaultdict(list)
    for tally in found:
        by_week[monday_of(tally.day)].append(tally)
    made: list[Week] = []
    for monday in sorted(by_week):
        ranked = ranking(by_week[monday], rules)
        made.append(
            Week(
                monday=monday,
                standings=ranked,
                winners=winners(ranked, rules),
                improved=most_improved(ranked, [week.standings for week in made[-BASELINE_WEEKS:]]),
                locked=now > locked_at(monday, zone),
            )
        )
    return made


def ranking(found: Iterable[Tally], rules: School) -> list[Standing]:
    """The classes of one week, best first; a class without a tally is not there and cannot win."""
    standings = [standing_of(own, rules) for own in by_class(found).values()]
    small = [one for one in standings if one.roll < LEAST_SHOWN]
    shown = [one for one in standings if one.roll >= LEAST_SHOWN] + together(small)
    return sorted(shown, key=lambda one: (*merit(one, rules), one.label), reverse=True)


def by_class(found: Iterable[Tally]) -> dict[str, list[Tally]]:
    classes: dict[str, list[Tally]] = defaultdict(list)
    for tally in found:
        classes[tally.class_id].append(tally)
    return classes


def standing_of(own: Sequence[Tally], rules: School) -> Standing:
    return Standing(
        name=own[-1].class_id,
        label=own[-1].label,
        active=sum(active(tally, rules) for tally in own),
        able=sum(tally.able for tally in own),
        roll=max(tally.roll for tally in own),
        walked=sum(tally.modes["walk"] for tally in own),
    )


def together(small: Sequence[Standing]) -> list[Standing]:
    """CH7: small classes as one, or not at all while they are fewer than eight children together."""
    roll = sum(one.roll for one in small)
    if roll < LEAST_SHOWN:
        return []
    return [
        Standing(
            SMALL,
            "Small classes together",
            active=sum(one.active for one in small),
            able=sum(one.able for one in small),
            roll=roll,
            walked=sum(one.walked for one in small),
        )
    ]


def merit(one: Standing, rules: School) -> tuple[Fraction, Fraction]:
    """What decides, and what decides between equals: the larger share of those who walked all the way."""
    walked = Fraction(one.walked, one.able) if one.able else Fraction(0)
    return (Fraction(one.active) if rules.by_count else one.share), walked


def winners(ranked: Sequence[Standing], rules: School) -> list[Standing]:
    """One, or those who are equal in everything; nobody where nobody came on foot."""
    if not ranked or ranked[0].active == 0:
        return []
    return [one for one in ranked if merit(one, rules) == merit(ranked[0], rules)]


def most_improved(ranked: Sequence[Standing], before: Sequence[Sequence[Standing]]) -> Standing | None:
    """The class whose share rose most over its own mean of the weeks before."""
    rises = []
    for one in ranked:
        shares = [other.share for week in before for other in week if other.name == one.name]
        if shares:
            rises.append((one.share - sum(shares, Fraction(0)) / len(shares), one))
    best = max(rises, key=lambda rise: rise[0], default=None)
    return best[1] if best is not None and best[0] > 0 else None


# Figures ----------------------------------------------------------------------------------------------------------


def school_share(found: Sequence[Tally], rules: School) -> list[tuple[date, int | None]]:
    """The active share of the whole school by week, in percent. None for a week in which too few were counted."""
    by_week: dict[date, list[Tally]] = defaultdict(list)
    for tally in found:
        by_week[monday_of(tally.day)].append(tally)
    return [(monday, share_of(by_week[monday], rules)) for monday in sorted(by_week)]


def share_of(found: Sequence[Tally], rules: School) -> int | None:
    able = sum(tally.able for tally in found)
    if able < LEAST_SHOWN:
        return None
    return round(Fraction(sum(active(tally, rules) for tally in found), able) * 100)


def journeys(found: Iterable[Tally]) -> dict[str, int]:
    """How they came, all classes together."""
    total = dict.fromkeys(MODES, 0)
    for tally in found:
        for mode, count in tally.modes.items():
            total[mode] += count
    return total


def baseline(found: Sequence[Tally], rules: School) -> int | None:
    """The active share of the first three weeks, against which later ones are seen."""
    mondays = sorted({monday_of(tally.day) for tally in found})[:BASELINE_WEEKS]
    return share_of([tally for tally in found if monday_of(tally.day) in mondays], rules)


def car_journeys_saved(found: Sequence[Tally], rules: School) -> int | None:
    """An estimate and called one: by how much the share is above the baseline, times who was there."""
    start = baseline(found, rules)
    mondays = sorted({monday_of(tally.day) for tally in found})[BASELINE_WEEKS:]
    later = [tally for tally in found if monday_of(tally.day) in mondays]
    share = share_of(later, rules)
    if start is None or share is None:
        return None
    return max(0, round((share - start) / 100 * sum(tally.present for tally in later)))


# Cards ------------------------------------------------------------------------------------------------------------


def badges(found: Iterable[Tally], rules: School, year: int, month: int) -> dict[str, list[int]]:
    """Cards that were active in every school week of the month, by class; a week belongs to its Wednesday's month."""
    month_of = [tally for tally in found if in_month(tally.day, year, month)]
    earned: dict[str, list[int]] = {}
    for own in by_class(month_of).values():
        if max(tally.roll for tally in own) < LEAST_SHOWN:
            continue
        cards_by_week: dict[date, set[int]] = defaultdict(set)
        for tally in own:
            stamped = {card for card, mode in tally.stamps if mode in active_modes(rules)}
            cards_by_week[monday_of(tally.day)] |= stamped
        cards = set.intersection(*cards_by_week.values())
        if cards:
            earned[own[-1].label] = sorted(cards)
    return earned


def in_month(day: date, year: int, month: int) -> bool:
    wednesday = monday_of(day) + timedelta(days=WEDNESDAY)
    return (wednesday.year, wednesday.month) == (year, month)


def rewards_of(rules: School) -> list[int]:
    """After how many walks in a school year a card has a reward, the most first."""
    return sorted(rules.rewards if rules.rewards is not None else MILESTONES, reverse=True)


def milestone(walks: int, rewards: Sequence[int] = MILESTONES) -> int | None:
    """The reward a card has reached, by its walks in this school year."""
    return next((reached for reached in rewards if walks >= reached), None)


def walks(found: Iterable[Tally], rules: School, *, since: date, on: date) -> dict[tuple[str, int], int]:
    """How often each card was active since the school year began, by class and card number."""
    total: dict[tuple[str, int], int] = defaultdict(int)
    for tally in found:
        if since <= tally.day <= on:
            for card in {card for card, mode in tally.stamps if mode in active_modes(rules)}:
                total[tally.class_id, card] += 1
    return dict(total)


def stamps_due(session: Session, forms: Forms, *, now: datetime) -> list[str]:
    """The records whose school year is over and that still say which card walked; their counts stay for longer."""
    query = (
        select(Submission)
        .join(Redaction, col(Redaction.subject) == Submission.instance_id, isouter=True)
        .where(
            Submission.form_id == FORM,
            col(Submission.received_at) > now - STAMPS_LOOKED_FOR,
            col(Redaction.subject).is_(None),
        )
    )
    held, today = keeping.held(session), london(now).date()
    return [
        one.instance_id
        for one in session.exec(query)
        if school_year(forms.settings, london(one.captured_at or one.received_at).date())[1] <= today
        and one.instance_id not in held
        and STAMPS in submissions.answers_of(one)
    ]


# Announcing -------------------------------------------------------------------------------------------------------


def announce(session: Session, school: str, week: Week, *, person: Person, now: datetime) -> Trophy:
    """The head has told the assembly. From then on the history says who won, whatever is corrected later."""
    known = session.get(Trophy, (school, week.monday))
    if known is not None:
        return known
    trophy = Trophy(
        school_id=school,
        week=week.monday,
        winners=[one.label for one in week.winners],
        announced_at=now,
        person_id=person.id,
    )
    row = events.digest_of(sealed(trophy))
    events.append(session, ANNOUNCED, subject_of(trophy), actor=f"person:{person.id}", now=now, data={"row": row})
    session.add(trophy)
    return trophy


def trophies(session: Session, school: str) -> list[Trophy]:
    """Newest first."""
    query = select(Trophy).where(Trophy.school_id == school)
    return list(session.exec(query.order_by(col(Trophy.week).desc())))


ANNOUNCED = "trophy.announced"


def subject_of(trophy: Trophy) -> str:
    return f"trophy:{trophy.school_id}:{trophy.week.isoformat()}"


def sealed(trophy: Trophy) -> dict[str, Any]:
    return {
        "school": trophy.school_id,
        "week": trophy.week.isoformat(),
        "winners": trophy.winners,
        "at": events.instant(trophy.announced_at),
        "person": trophy.person_id,
    }
