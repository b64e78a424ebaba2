"""Milestones: what a school may be glad of, each with its day: weeks counted, journeys, a quieter gate, trophies.

Nothing is counted of a child or a team, and nothing of how many tickets were written: those are no target (MT13).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from .. import schools, wow
from ..models import School, Trophy
from ..schools import Visit
from ..wow import Tally
from . import words

MOST = 8
WEEKS = (1, 5, 10, 20, 30)
JOURNEYS = (100, 250, 500, 1000, 2500, 5000, 10_000)
TROPHIES = (3, 5, 10, 20)  # of one class
LEAST_AT_FIRST = 2  # cars on the zig-zags, of which half is worth telling


@dataclass(frozen=True)
class Milestone:
    day: date
    icon: str
    words: str


def milestones(
    visits: Sequence[Visit], tallies: Sequence[Tally], trophies: Sequence[Trophy], rules: School
) -> list[Milestone]:
    """Newest first."""
    found = [*weeks(tallies, rules), *journeys(tallies, rules), *gate(visits), *won(trophies)]
    return sorted(found, key=lambda one: one.day, reverse=True)[:MOST]


def weeks(tallies: Sequence[Tally], rules: School) -> Iterator[Milestone]:
    shares = [(monday, share) for monday, share in wow.school_share(tallies, rules) if share is not None]
    for number, (monday, _) in enumerate(shares, start=1):
        if number in WEEKS:
            said = f"The {words.ordinal(number)} week that classes counted"
            yield Milestone(monday, "clock", said)
    best = max(shares, key=lambda one: (one[1], one[0]), default=None)
    if best and len(shares) > 1:
        yield Milestone(best[0], "flag", f"The best week so far: {best[1]}% came on foot or wheels")


def journeys(tallies: Sequence[Tally], rules: School) -> Iterator[Milestone]:
    made = 0
    for tally in sorted(tallies, key=lambda one: one.day):
        before, made = made, made + wow.active(tally, rules)
        for number in JOURNEYS:
            if before < number <= made:
                yield Milestone(tally.day, "right", f"{number:,} journeys on foot or wheels this school year")


def gate(visits: Sequence[Visit]) -> Iterator[Milestone]:
    """Before and after: when the zig-zags were half as full as at first, and when they were free."""
    both = schools.before_and_after(visits)
    if both is None or both[0].on_markings < LEAST_AT_FIRST:
        return
    first, later = both[0], [visit for visit in visits if visit.day > both[0].day]
    half = next((visit for visit in later if visit.on_markings * 2 <= first.on_markings), None)
    free = next((visit for visit in later if visit.on_markings == 0), None)
    if half is not None:
        cars = words.plural(half.on_markings, "car")
        yield Milestone(half.day, "tick", f"{cars} on the zig-zags, where there had been {first.on_markings}")
    if free is not None and free is not half:
        yield Milestone(free.day, "tick", "No car on the zig-zags, for the first time")


def won(trophies: Sequence[Trophy]) -> Iterator[Milestone]:
    counted: Counter[str] = Counter()
    for trophy in sorted(trophies, key=lambda one: one.week):
        for label in trophy.winners:
            counted[label] += 1
            if counted[label] in TROPHIES:
                said = f"{label} has the trophy for the {words.ordinal(counted[label])} time"
                yield Milestone(trophy.week, "flag", said)


Rewards = dict[str, list[tuple[int, list[int]]]]


def rewards(tallies: Sequence[Tally], rules: School, *, since: date, on: date) -> Rewards:
    """By class and reward, the highest first, which cards have reached it. Small classes are left out (CH7)."""
    rolls: dict[str, int] = {}
    labels = {tally.class_id: tally.label for tally in tallies}
    for tally in tallies:
        rolls[tally.class_id] = max(rolls.get(tally.class_id, 0), tally.roll)
    found: dict[str, dict[int, list[int]]] = {}
    for (class_id, card), walks in sorted(wow.walks(tallies, rules, since=since, on=on).items()):
        reached = wow.milestone(walks, wow.rewards_of(rules))
        if reached is not None and rolls[class_id] >= wow.LEAST_SHOWN:
            found.setdefault(labels[class_id], {}).setdefault(reached, []).append(card)
    return {label: sorted(cards.items(), reverse=True) for label, cards in found.items()}
