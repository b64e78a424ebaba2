"""Figures: how the unit's work stands, each a plot with a sentence for a title and a page that shows what is behind it.

They speak of records, places, schools and clocks. None counts by officer, by child or by team, and none knows a target
(FN17, MT13).
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from statistics import median
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sqlalchemy import exists
from sqlmodel import Session, col, select

from .. import cases, gathered, listings, notices, people, reports, schools, tasking, wow
from ..forms import Forms
from ..listings import Wanted
from ..models import Gathered, Listing, Progress, ReportStepKind, ReviewState, Standing, Task, TaskState
from ..numbers import Numbers
from . import fleet, map, plots
from .notice_card import STANDINGS
from .plots import Plot, Series
from .records import form_title
from .words import plural, short_date

WEEKS = 12  # a quarter, which is what a figure holds
OWN_COLUMN = 3  # forms; the others stand together
TOP = 10
CLOCK_DAYS = 28  # of offensive graffiti, and of reports of behaviour, that are looked at
SOON = 3  # days in which an update is due
HOUR = timedelta(hours=1)
AGES = (  # of what waits for a decision, by days
    ("Today", 0, 0),
    ("1 to 2 days", 1, 2),
    ("3 to 6 days", 3, 6),
    ("1 to 2 weeks", 7, 13),
    ("Longer", 14, 100_000),
)
OLD = 13  # days; those that have waited longer are told apart no further


@dataclass(frozen=True)
class Figure:
    plot: Plot
    address: str  # of the page that shows what is behind it
    link: str


@dataclass(frozen=True)
class Moment:
    """When the figures are of."""

    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def mondays(self) -> list[date]:
        """Of the last weeks, this one being the last."""
        this = wow.monday_of(self.today)
        return [this - timedelta(weeks=back) for back in reversed(range(WEEKS))]


def all_of_them(session: Session, forms: Forms, at: Moment) -> list[Figure]:
    """In pairs of about the same height, for two stand beside one another; the first stands beside the hotspots."""
    return [
        by_week(session, forms, at),
        waiting_for_review(session, at),
        actions(session, at),
        open_clocks(session, forms, at),
        updates(session, at),
        reported(session, at),
        not_sent(session, at),
        top_squares(session, forms, at),
        outcomes(session, at),
        walking(session, forms, at),
        way_here(session, at),
    ]


# Each ------------------------------------------------------------------------------------------------------------


def by_week(session: Session, forms: Forms, at: Moment) -> Figure:
    since = at.mondays[0]
    counts: Counter[tuple[date, str]] = Counter()
    for day, form_id, number in listings.by_day_and_form(session, Wanted(since=since)):
        counts[wow.monday_of(day), form_id] += number
    total = Counter[str]()
    for (_, form_id), number in counts.items():
        total[form_id] += number
    own = [form_id for form_id, _ in total.most_common(OWN_COLUMN)]
    series = [Series(form_title(forms, form_id), [counts[monday, form_id] for monday in at.mondays]) for form_id in own]
    if len(total) > OWN_COLUMN:
        rest = [
            sum(number for (on, form_id), number in counts.items() if on == monday and form_id not in own)
            for monday in at.mondays
        ]
        series.append(Series("Others", rest))
    sums = [sum(number or 0 for number in week) for week in zip(*(one.values for one in series), strict=True)]
    before = [number for number in sums[:-1] if number]
    title = f"{plural(sums[-1] if sums else 0, 'record')} this week"
    title += f"; {round(median(before)):,} in a usual one." if before else "."
    plot = plots.columns(title, "Week of", [short_date(monday) for monday in at.mondays], series, unit="records")
    return Figure(plot, records(**{"from": since.isoformat()}), "These records")


def waiting_for_review(session: Session, at: Moment) -> Figure:
    """By how long it has waited since it came."""
    wanted = Wanted(state=ReviewState.RECEIVED, complete=True)
    total, first = listings.count(session, wanted).number, listings.first_day(session, wanted)
    ages = Counter[int]()
    for day, number in listings.by_day(session, replace(wanted, since=at.today - timedelta(days=OLD))).items():
        ages[(at.today - day).days] += number
    ages[OLD + 1] = total - ages.total()
    values = [(name, sum(ages[age] for age in ages if least <= age <= most)) for name, least, most in AGES]
    oldest = (at.today - first).days if first else 0
    title = f"{plural(total, 'record')} {'waits' if total == 1 else 'wait'} for a decision"
    title += f", the oldest for {plural(oldest, 'day')}." if total else "."
    plot = plots.bars(title, "Waiting", values if total else [], unit="records")
    return Figure(plot, records(state="received", photos="whole"), "Those that wait")


def top_squares(session: Session, forms: Forms, at: Moment) -> Figure:
    since = at.today - timedelta(days=map.USUAL_DAYS - 1)
    wanted = Wanted(since=since, zone=at.zone)
    top, total = listings.densest(session, wanted, map.OFFERED[0], TOP, without=map.of_pupils(forms))
    share = round(100 * sum(number for _, number in top) / total) if total else 0
    title = (
        f"{share}% of what was recorded in {map.USUAL_DAYS} days lies in {plural(len(top), 'square')} of 100\u00a0m."
    )
    plot = plots.bars(title, "Square", [(square.words, number) for square, number in top], unit="records")
    return Figure(plot, f"{map.PATH}?{urlencode({'from': since, 'to': at.today})}", "The map")


def open_clocks(session: Session, forms: Forms, at: Moment) -> Figure:
    """Offensive graffiti is to be gone in a day. That it is says the task that was given out about it."""
    since = at.today - timedelta(days=CLOCK_DAYS - 1)
    reported, done, running = 0, 0, 0
    for told, is_done in offensive_since(session, since):
        hours = forms.settings.value("graffiti.offensive_hours", told.astimezone(at.zone).date())
        ends = told + HOUR * (hours if isinstance(hours, (int, float)) else 24)
        reported, done, running = reported + 1, done + is_done, running + (not is_done and ends > at.now)
    over = reported - done - running
    title = f"{plural(over, 'offensive graffito', 'offensive graffiti')} {'is' if over == 1 else 'are'} past the day "
    title += "by which it was to be gone." if over == 1 else "by which they were to be gone."
    values = [("Still in time", running), ("Past its time", over), ("Done", done)]
    plot = plots.bars(title, f"In the last {CLOCK_DAYS} days", values if reported else [], unit="records")
    return Figure(
        plot, records(form="graffiti", **{"from": str(at.today - timedelta(days=CLOCK_DAYS - 1))}), "Graffiti"
    )


def offensive_since(session: Session, since: date) -> list[tuple[datetime, bool]]:
    """When each offensive graffito was told, and whether a task about it is done."""
    is_done = exists().where(col(Task.about) == col(Listing.instance_id), col(Task.state) == TaskState.DONE)
    query = (
        select(Listing.captured, is_done)
        .join(Gathered, col(Gathered.seq) == col(Listing.seq))
        .where(col(Gathered.weight) == gathered.OFFENSIVE, col(Gathered.counts), col(Gathered.day) >= since.isoformat())
    )
    return [(listings.moment_of(captured), done) for captured, done in session.exec(query)]


def updates(session: Session, at: Moment) -> Figure:
    """Who reported anti-social behaviour hears at least every ten working days how it stands."""
    due = cases.updates_due(session)
    late = sum(day < at.today for day in due)
    soon = sum(at.today <= day <= at.today + timedelta(days=SOON) for day in due)
    title = f"{plural(late, 'update')} to {'a reporter is' if late == 1 else 'reporters are'} late; "
    title += f"{len(due) - late:,} still in time."
    values = [("Late", late), ("Due in 3 days", soon), ("Later", len(due) - late - soon)]
    return Figure(plots.bars(title, "Next update", values if due else [], unit="cases"), "/desk/cases", "The cases")


def reported(session: Session, at: Moment) -> Figure:
    """What became of the reports of these weeks; one that is no part of anything is a one-off."""
    since = at.today - timedelta(days=CLOCK_DAYS - 1)
    first = listings.first_since(session, since)
    counts = reports.count_by_outcome(session, first) if first is not None else {}
    total, one_off = sum(counts.values()), counts.get(ReportStepKind.ONE_OFF, 0)
    title = f"{one_off:,} of {plural(total, 'report')} of anti-social behaviour in {CLOCK_DAYS} days "
    title += "was a one-off." if one_off == 1 else "were one-offs."
    values = [
        ("To decide", counts.get(None, 0)),
        ("In a case", counts.get(ReportStepKind.IN_CASE, 0)),
        ("Passed on", counts.get(ReportStepKind.PASSED_ON, 0)),
        ("One-off", one_off),
    ]
    plot = plots.bars(title, "What became of it", values if total else [], unit="reports")
    return Figure(plot, records(form=reports.FORM, **{"from": since.isoformat()}), "The reports")


def actions(session: Session, at: Moment) -> Figure:
    found = tasking.actions(session)
    late = sum(tasking.is_late(action, at.today) for action in found)
    settled = Counter(action.progress for action in found)
    still = len(found) - late - settled[Progress.DONE] - settled[Progress.DROPPED]
    values = [
        ("Late", late),
        ("To do", still),
        ("Done", settled[Progress.DONE]),
        ("Dropped", settled[Progress.DROPPED]),
    ]
    title = (
        f"{plural(late, 'action')} of the tasking group {'is' if late == 1 else 'are'} late; {still:,} still in time."
    )
    return Figure(plots.bars(title, "Action", values if found else [], unit="actions"), "/desk/tasking", "The actions")


def outcomes(session: Session, at: Moment) -> Figure:
    """Where each notice stands. A sum is what the public asks for; whose notice it was is not (FN17)."""
    found = [notices.standing(notice, steps, at.today).state for notice, steps in notices.all_with_steps(session)]
    counts = Counter(found)
    paid = counts[notices.State.PAID_DISCOUNT] + counts[notices.State.PAID_FULL]
    values = [(STANDINGS[state].word, counts[state]) for state in notices.State if counts[state]]
    title = f"{paid:,} of {plural(len(found), 'notice')} {'was' if paid == 1 else 'were'} paid."
    return Figure(plots.bars(title, "Where it stands", values, unit="notices"), "/desk/notices", "The notices")


def walking(session: Session, forms: Forms, at: Moment) -> Figure:
    """The active share of all schools together; no school is set against another."""
    by_monday: dict[date, list[tuple[int, int]]] = defaultdict(list)
    rules = {row["name"]: schools.rules_of(session, row["name"]) for row in forms.lists.get("schools", ())}
    for school, tallies in wow.of_schools(session, forms, rules, at.zone, since=at.mondays[0]).items():
        for tally in tallies:
            by_monday[wow.monday_of(tally.day)].append((wow.active(tally, rules[school]), tally.able))
    shares = [share_of(by_monday.get(monday, ())) for monday in at.mondays]
    known = [share for share in shares if share is not None]
    title = (
        f"{known[-1]}% came on foot or on wheels in the last week counted." if known else "No class has counted yet."
    )
    labels = [short_date(monday) for monday in at.mondays]
    plot = plots.lines(title, "Week of", labels, [Series("Active", shares)], unit="%")
    return Figure(plot, "/desk/schools", "The schools")


def share_of(counted: Sequence[tuple[int, int]]) -> int | None:
    """None where so few were counted that somebody could be known by it (CH7)."""
    able = sum(number for _, number in counted)
    return round(100 * sum(number for number, _ in counted) / able) if able >= wow.LEAST_SHOWN else None


def way_here(session: Session, at: Moment) -> Figure:
    """From capture to receipt: for half of the records, and for all but one in twenty."""
    found = listings.on_their_way(session, at.mondays[0])
    weeks = [found.get(monday.isoformat(), (None, None)) for monday in at.mondays]
    half, most = ([minutes and minutes / 60 for minutes in column] for column in zip(*weeks, strict=True))
    title = "No record has come in these weeks."
    if found:
        last = found[max(found)]
        title = f"Half of the records are here within {time_words(last[0])}, 19 of 20 within {time_words(last[1])}."
    labels = [short_date(monday) for monday in at.mondays]
    series = [Series("Hours for 19 of 20", most), Series("Hours for half", half)]
    plot = plots.lines(title, "Week of", labels, series, unit="hours")
    return Figure(plot, records(sort="captured", **{"from": at.mondays[0].isoformat()}), "These records")


def not_sent(session: Session, at: Moment) -> Figure:
    """What devices say that they still hold after a day. It is about devices and signal, not about who carries them."""
    said = [fleet.state_of(device, contact, Numbers(), at.now) for device, contact in people.devices(session)]
    found = [one for one in said if one.unsent and fleet.has_waited(one, at.now)]
    found = [one for one in found if one.device.retired_at is None and one.device.standing is not Standing.GONE]
    total = sum(one.unsent or 0 for one in found)
    title = "No device has held a record for over 24 hours."
    values: list[tuple[str, int | None]] = [("All devices", 0)]
    if total:
        title = (
            f"{plural(total, 'record')} {'waits' if total == 1 else 'wait'} on {plural(len(found), 'device')} for over "
        )
        title += "24 hours."
        values = [(one.device.name, one.unsent) for one in sorted(found, key=lambda one: -(one.unsent or 0))[:TOP]]
    plot = plots.bars(title, "Device", values, unit="records")
    return Figure(plot, "/desk/devices", "The devices")


# Helpers ---------------------------------------------------------------------------------------------------------


def records(**query: str) -> str:
    return f"/desk/records?{urlencode(query)}"


def time_words(minutes: int) -> str:
    if minutes < 120:
        return plural(max(minutes, 1), "minute")
    hours = minutes / 60
    return plural(round(hours), "hour") if hours < 48 else plural(round(hours / 24), "day")
