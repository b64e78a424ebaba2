"""The walking Wednesdays: every rule of the trophy, and what is never shown of a small class."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from classroom import a_tally

from beatbook import people, schools, verification, wow
from beatbook.models import Role, School
from beatbook.wow import SMALL, Tally

WEDNESDAY = date(2026, 11, 18)
LONDON = ZoneInfo("Europe/London")
USUAL = School(id="northbrook")
NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


def tally(name: str = "Year 3", *, roll: int = 27, day: date = WEDNESDAY, unable: int = 0, **given: Any) -> Tally:
    stamps = given.pop("stamps", [])
    modes = {mode: given.get(mode, 0) for mode in wow.MODES}
    present = given.get("present", max(roll, sum(modes.values())))
    return Tally(name, name, day, roll, present, unable, modes, stamps, changed=False)


def first(*found: Tally, rules: School = USUAL) -> list[str]:
    return [one.label for one in wow.winners(wow.ranking(found, rules), rules)]


def kept(office: Any, rules: School = USUAL) -> list[Tally]:
    with office.database.reading() as session:
        return wow.tallies(session, office.forms, rules.id, rules, LONDON)


# The trophy ------------------------------------------------------------------------------------------------------


def test_the_larger_share_of_the_class_wins_although_another_class_has_more_walkers():
    assert first(tally("Year 3", roll=10, walk=9), tally("Year 4", roll=30, walk=24)) == ["Year 3"]


def test_by_count_the_most_walkers_win_as_the_school_chose():
    by_count = School(id="northbrook", by_count=True)
    assert first(tally("Year 3", roll=10, walk=9), tally("Year 4", roll=30, walk=24), rules=by_count) == ["Year 4"]


def test_the_example_of_the_domain_is_81_percent():
    (standing,) = wow.ranking([tally("3 Willow", roll=27, walk=14, cycle=2, scoot=3, stride=3)], USUAL)
    assert (standing.active, standing.percent) == (22, 81)


def test_those_who_cannot_walk_do_not_cost_the_class_its_trophy():
    assert first(tally("Year 3", roll=20, unable=5, walk=15), tally("Year 4", roll=20, walk=16)) == ["Year 3"]


def test_bus_counts_only_where_the_school_says_so_and_car_never():
    rides = tally("Year 3", roll=20, bus=10, car=10)
    assert wow.active(rides, USUAL) == 0
    assert wow.active(rides, School(id="northbrook", count_bus=True)) == 10
    assert first(rides) == []


def test_the_walking_bus_is_a_mode_of_its_own_and_counts():
    assert wow.active(tally(walk=3, wbus=4), USUAL) == 7


def test_strict_walk_counts_walking_wheeling_and_the_walking_bus_only():
    every = tally(walk=1, wheel=2, cycle=4, scoot=8, stride=0, wbus=5)
    assert wow.active(every, School(id="northbrook", strict_walk=True)) == 8
    assert wow.active(every, USUAL) == 20


def test_between_equals_the_larger_share_of_walkers_wins_and_then_both_do():
    assert first(tally("Year 3", roll=20, walk=8, scoot=2), tally("Year 4", roll=20, walk=10)) == ["Year 4"]
    assert sorted(first(tally("Year 3", roll=20, walk=10), tally("Year 4", roll=10, walk=5))) == ["Year 3", "Year 4"]


def test_a_class_without_a_tally_cannot_win_and_is_not_shown():
    assert [one.label for one in wow.ranking([tally("Year 3", walk=1)], USUAL)] == ["Year 3"]
    assert wow.ranking([], USUAL) == wow.winners([], USUAL) == []


def test_the_second_award_goes_to_the_largest_rise():
    weeks = wow.weeks(
        [
            tally("Year 3", roll=20, walk=16, day=date(2026, 11, 11)),
            tally("Year 4", roll=20, walk=4, day=date(2026, 11, 11)),
            tally("Year 3", roll=20, walk=17),
            tally("Year 4", roll=20, walk=9),
        ],
        USUAL,
        now=NOW,
        zone=LONDON,
    )
    assert weeks[0].improved is None
    assert weeks[1].improved and weeks[1].improved.label == "Year 4"
    assert [one.label for one in weeks[1].winners] == ["Year 3"]


# Small classes ---------------------------------------------------------------------------------------------------


def test_ch7_no_class_below_eight_is_shown_on_its_own():
    small = [tally("Tiny", roll=7, walk=7), tally("Teeny", roll=5, walk=1)]
    ranked = wow.ranking([tally("Year 3", roll=20, walk=10), *small], USUAL)
    assert [(one.name, one.roll) for one in ranked] == [(SMALL, 12), ("Year 3", 20)]
    assert first(tally("Year 3", roll=20, walk=10), *small) == ["Small classes together"]


def test_ch7_a_lone_small_class_is_left_out_and_so_are_its_cards():
    lone = tally("Tiny", roll=7, walk=7, stamps=[(1, "walk")])
    assert [one.label for one in wow.ranking([tally("Year 3", roll=20, walk=1), lone], USUAL)] == ["Year 3"]
    assert wow.badges([lone], USUAL, 2026, 11) == {}
    assert wow.share_of([lone], USUAL) is None


# Cards -----------------------------------------------------------------------------------------------------------


def test_a_badge_needs_one_active_day_in_every_school_week_of_the_month():
    found = [
        tally(day=date(2026, 11, 4), stamps=[(1, "walk"), (2, "scoot"), (3, "car")]),
        tally(day=date(2026, 11, 11), stamps=[(1, "stride"), (2, "car"), (3, "walk")]),
        tally(day=date(2026, 12, 2), stamps=[(2, "walk")]),
    ]
    assert wow.badges(found, USUAL, 2026, 11) == {"Year 3": [1]}
    assert wow.badges(found, USUAL, 2026, 12) == {"Year 3": [2]}


def test_milestones_count_the_walks_of_this_school_year():
    found = [tally(day=date(2026, month, 4), stamps=[(1, "walk"), (1, "walk")]) for month in (3, 9, 11)]
    assert wow.walks(found, USUAL, since=date(2026, 9, 1), on=date(2026, 11, 30)) == {("Year 3", 1): 2}
    assert [wow.milestone(count) for count in (4, 5, 12, 29, 31)] == [None, 5, 10, 20, 30]


# What arrives ----------------------------------------------------------------------------------------------------


def test_ch7_a_class_tablet_sends_numbers_and_nothing_else(pupil, office):
    (fine,) = pupil.send(a_tally(stamps=[{"card_no": 3, "mode": "walk"}]))
    assert fine["status"] == "stored"
    odd: list[dict[str, Any]] = [
        {"stamps": [{"card_no": 3, "mode": "walk", "name": "Sam"}]},
        {"teacher": "Mr B"},
        {"entry": "Sam"},
    ]
    for more in odd:
        (refused,) = pupil.send(a_tally(**more))
        assert refused["problem"]["type"] == "/problems/pupil-content"
    (one,) = kept(office)
    assert (one.label, one.modes["walk"], one.modes["car"], list(one.stamps)) == ("Year 3", 14, 3, [(3, "walk")])


def test_the_newest_tally_of_the_day_counts(pupil, office):
    pupil.send(a_tally(n_walk=14), a_tally(n_walk=10, at="2026-11-18T09:20:00+00:00"))
    pupil.send(a_tally(n_walk=1, at="2026-11-18T09:01:00+00:00"))
    assert [one.modes["walk"] for one in kept(office)] == [10]


def test_a_tally_that_waited_without_signal_counts_by_when_it_was_made(pupil, office, clock):
    clock.now = datetime(2026, 11, 30, tzinfo=UTC)
    pupil.send(a_tally(at="2026-11-20T11:59:00+00:00"))
    assert len(kept(office)) == 1


def test_after_friday_noon_only_a_grown_ups_correction_with_a_reason_counts(pupil, enrolled, office):
    teacher = enrolled(Role.SCHOOL, "Northbrook office", school="northbrook")
    pupil.send(a_tally(n_walk=10))
    late = "2026-11-20T12:01:00+00:00"
    teacher.send(a_tally(n_walk=12, at=late))
    pupil.send(a_tally(n_walk=13, at=late, why_changed="counted_again"))
    assert [one.modes["walk"] for one in kept(office)] == [10]
    teacher.send(a_tally(n_walk=14, at=late, why_changed="counted_again"))
    (one,) = kept(office)
    assert (one.modes["walk"], one.changed) == (14, True)


def test_friday_noon_is_by_the_towns_clock():
    assert wow.locked_at(date(2026, 7, 1), LONDON).astimezone(UTC) == datetime(2026, 7, 3, 11, tzinfo=UTC)


def test_other_weekdays_count_only_where_the_school_walks_daily(pupil, office):
    pupil.send(a_tally(), a_tally(day="2026-11-17"), a_tally(day="2026-11-21"))
    assert [one.day.day for one in kept(office)] == [18]
    assert [one.day.day for one in kept(office, School(id="northbrook", daily=True))] == [17, 18]


@pytest.mark.parametrize("odd", [{"n_walk": 30}, {"present": 30}, {"roll": 0}, {"day": "last week"}, {"roll": "27"}])
def test_numbers_that_cannot_be_are_kept_and_do_not_count(enrolled, office, odd: dict[str, Any]):
    (result,) = enrolled(Role.SCHOOL, "Northbrook office").send(a_tally(**odd))
    assert result["status"] == "stored" and result["warnings"]
    assert kept(office) == []


def test_a_schools_figures_are_of_its_own_classes(pupil, office):
    pupil.send(a_tally(), a_tally("seagate"))
    assert [one.class_id for one in kept(office)] == ["northbrook_year3"]


# Figures ---------------------------------------------------------------------------------------------------------


def test_car_journeys_saved_are_an_estimate_over_the_first_three_weeks():
    days = [date(2026, 9, day) for day in (9, 16, 23, 30)]
    found = [tally(day=day, roll=20, walk=8, car=12) for day in days[:3]] + [
        tally(day=days[3], roll=20, walk=13, car=7)
    ]
    assert wow.baseline(found, USUAL) == 40
    assert wow.car_journeys_saved(found, USUAL) == 5
    assert wow.school_share(found, USUAL)[-1] == (date(2026, 9, 28), 65)
    assert wow.journeys(found) == {**dict.fromkeys(wow.MODES, 0), "walk": 37, "car": 43}


# Announced -------------------------------------------------------------------------------------------------------


def announced(office: Any) -> None:
    def do(session: Any) -> None:
        helen = people.add_person(session, "Helen", Role.SCHOOL, now=NOW, school_id="northbrook")
        session.flush()
        (week,) = wow.weeks(
            wow.tallies(session, office.forms, "northbrook", USUAL, LONDON), USUAL, now=NOW, zone=LONDON
        )
        wow.announce(session, "northbrook", week, person=helen, now=NOW)
        schools.choose(session, "northbrook", {"by_count": True}, person=helen, now=NOW)

    office.database.write(do)


def test_an_announced_trophy_stays_whatever_is_corrected_later(pupil, office):
    pupil.send(a_tally(), a_tally(year="year4", n_walk=17))
    announced(office)
    pupil.send(a_tally(n_walk=19, n_scoot=0, n_cycle=0, n_stride=6, at="2026-11-18T10:00:00+00:00"))
    with office.database.reading() as session:
        assert [trophy.winners for trophy in wow.trophies(session, "northbrook")] == [["Year 4"]]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE trophy SET winners = '[\"Year 6\"]'",
        "UPDATE school SET strict_walk = 1",
        "DELETE FROM trophy",
        "DELETE FROM school",
    ],
)
def test_a_changed_trophy_or_choice_is_found(pupil, office, change: str):
    from sqlalchemy import text

    pupil.send(a_tally())
    announced(office)
    assert list(verification.verify(office)) == []
    office.database.write(lambda session: session.connection().execute(text(change)))
    assert len(list(verification.verify(office))) == 1
