"""School plots: what a school's page shows in figures, each with a sentence that says what is to be seen.

Counts of tickets by reason and week, of cars at the gate, and of classes on foot; never of a child or a team (MT13).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from .. import schools, wow
from ..models import School
from ..schools import Ticket, Visit
from ..wow import Tally, Week
from . import plots, words
from .plots import Plot, Series

MOST_WEEKS = 12  # a term, which is what a figure holds and what people remember
MODE_WORDS = {
    "walk": "Walked",
    "stride": "Park and stride",
    "scoot": "Scooted",
    "cycle": "Cycled",
    "wheel": "Wheeled",
    "wbus": "Walking bus",
    "bus": "Bus or train",
    "car": "Car",
}


@dataclass(frozen=True)
class Figures:
    tickets_by_week: Plot
    reasons: Plot
    gate: Plot
    walking: Plot
    classes: Plot | None  # of the newest week; none while there is none
    modes: Plot


def figures(
    tickets: Sequence[Ticket], visits: Sequence[Visit], tallies: Sequence[Tally], weeks: Sequence[Week], rules: School,
    reason_words: Mapping[str, str],
) -> Figures:  # fmt: skip
    return Figures(
        tickets_by_week=tickets_by_week(tickets),
        reasons=by_reason(tickets, reason_words),
        gate=at_the_gate(visits),
        walking=walking(tallies, rules),
        classes=classes(weeks[-1], rules) if weeks else None,
        modes=by_mode(tallies),
    )


def tickets_by_week(found: Sequence[Ticket]) -> Plot:
    mondays = sorted({wow.monday_of(ticket.day) for ticket in found})[-MOST_WEEKS:]
    by_week = Counter((wow.monday_of(ticket.day), ticket.result) for ticket in found)
    names = {"red": "Not safe", "amber": "Could be better", "green": "Well parked"}
    series = [Series(name, [by_week[monday, result] for monday in mondays]) for result, name in names.items()]
    if len(mondays) > 1:
        first, last = by_week[mondays[0], "red"], by_week[mondays[-1], "red"]
        title = plots.change(first, last, "Red tickets a week", short(mondays[0]))
    else:
        title = f"The pupils wrote {words.plural(len(found), 'ticket')} so far."
    # Drawn from the ground up: what was well parked stands first, as it does on the pupils' screen (MT21).
    return plots.columns(title, "Week of", [short(monday) for monday in mondays], series[::-1], unit="tickets")


def by_reason(found: Sequence[Ticket], reason_words: Mapping[str, str]) -> Plot:
    counted = schools.reasons_of(found)
    counted.pop("GOOD", None)
    ordered = [(reason_words.get(code, code), count) for code, count in counted.most_common()]
    title = f"Most often the pupils saw: {ordered[0][0].lower()}." if ordered else "No ticket gave a reason yet."
    return plots.bars(title, "What they saw", ordered, unit="tickets")


def at_the_gate(visits: Sequence[Visit]) -> Plot:
    shown = visits[-MOST_WEEKS:]
    both = schools.before_and_after(visits)
    if both:
        before, after = both
        title = plots.change(before.on_markings, after.on_markings, "Cars on the zig-zags", short(before.day))
    else:
        title = "One more visit shows whether it changes." if visits else "No officer has counted here yet."
    series = [
        Series("On the zig-zags", [visit.on_markings for visit in shown]),
        Series("Elsewhere", [max(visit.counted - visit.on_markings, 0) for visit in shown]),
    ]
    return plots.columns(title, "Visit", [short(visit.day) for visit in shown], series, unit="cars")


def walking(tallies: Sequence[Tally], rules: School) -> Plot:
    by_week = wow.school_share(tallies, rules)[-MOST_WEEKS:]
    start = wow.baseline(tallies, rules)
    known = [(monday, share) for monday, share in by_week if share is not None]
    if len(known) > 1 and start is not None:
        title = f"{known[-1][1]}% came on foot or wheels; in the first three weeks it was {start}%."
    elif known:
        title = f"{known[-1][1]}% came on foot or wheels."
    else:
        title = "No class has counted yet."
    series = [Series("The school", [share for _, share in by_week])]
    if start is not None and len(by_week) > wow.BASELINE_WEEKS:
        series.append(Series("First three weeks", [start] * len(by_week)))
    return plots.lines(title, "Week of", [short(monday) for monday, _ in by_week], series, unit="%")


def classes(week: Week, rules: School) -> Plot:
    best = words.listed([one.label for one in week.winners]) if week.winners else ""
    leads = f"{best} {'leads' if len(week.winners) == 1 else 'share the lead'} in the week of {short(week.monday)}."
    title = leads if best else f"Nobody came on foot in the week of {short(week.monday)}."
    if rules.by_count:
        return plots.bars(title, "Class", [(one.label, one.active) for one in week.standings], unit="children")
    return plots.bars(title, "Class", [(one.label, one.percent) for one in week.standings], unit="%")


def by_mode(tallies: Sequence[Tally]) -> Plot:
    total = wow.journeys(tallies)
    active = sum(total[mode] for mode in wow.ACTIVE)
    ordered = [(MODE_WORDS[mode], total[mode]) for mode in MODE_WORDS]
    title = f"{words.plural(active, 'active journey')} counted this school year."
    return plots.bars(title, "How they came", ordered if sum(total.values()) else [], unit="journeys")


def short(day: date) -> str:
    return f"{day.day} {words.MONTHS[day.month - 1]}"
