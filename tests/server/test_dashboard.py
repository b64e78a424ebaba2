"""The dashboard: each figure counts what it says, leads to what is behind it, and knows no officer, child or target."""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from actors import Device, Supervisor, a_record, graffiti_answers, read
from sqlmodel import Session

from beatbook import listings
from beatbook.desk import figures
from beatbook.desk.figures import Figure, Moment
from beatbook.models import Arrival
from beatbook.office import Office

LONDON = ZoneInfo("Europe/London")


def drawn(office: Office) -> dict[str, Figure]:
    """Each figure by its maker's name."""
    with office.database.reading() as session:
        found = figures.all_of_them(session, office.forms, Moment(office.clock(), LONDON))
    names = (
        "by_week",
        "review",
        "actions",
        "clocks",
        "updates",
        "reported",
        "not_sent",
        "squares",
        "outcomes",
        "walking",
        "way_here",
    )
    return dict(zip(names, found, strict=True))


def test_every_figure_says_what_is_behind_it(officer: Device, supervisor: Supervisor, office: Office, later):
    """The clock stands at Sunday 22 November 2026, 10:30."""
    first, second = a_record(), a_record()
    offensive = graffiti_answers() | {"offensive": "race"}
    officer.send(first, second, a_record(answers=offensive, capturedAt="2026-11-20T10:00:00+00:00"))
    supervisor.approve(first)
    officer.say(unsent=4, oldestUnsentAt="2026-11-20T10:00:00+00:00")
    raised = supervisor.submit(
        "/desk/tasking", kind="place", title="Dark path", problem="Said seven times.", outcome_wanted="Lit"
    ).headers["location"]
    action = {"what": "Fit a light", "lead_agency": "Kent Police", "owner": "Sgt Doyle", "due": "2026-11-20"}
    supervisor.submit(f"{raised}/actions", **action)
    found = {name: one.plot for name, one in drawn(office).items()}
    assert found["by_week"].title == "3 records this week."
    assert found["by_week"].rows[-1] == ("16 Nov", ["3"])
    assert found["review"].title == "2 records wait for a decision, the oldest for 0 days."
    assert found["review"].rows[0] == ("Today", ["2"])
    assert found["squares"].title == "100% of what was recorded in 28 days lies in 1 square of 100\u00a0m."
    assert found["clocks"].title.startswith("1 offensive graffito is past the day")
    assert dict(found["clocks"].rows) == {"Still in time": ["0"], "Past its time": ["1"], "Done": ["0"]}
    assert found["updates"].is_empty and found["reported"].is_empty
    assert dict(found["actions"].rows)["Late"] == ["1"]
    assert found["outcomes"].is_empty and found["walking"].title == "No class has counted yet."
    assert found["way_here"].title == "Half of the records are here within 26 minutes, 19 of 20 within 2 days."
    assert found["not_sent"].title == "4 records wait on 1 device for over 24 hours."
    later(days=9)
    assert dict(drawn(office)["review"].plot.rows)["1 to 2 weeks"] == ["2"]


def test_fn17_mt13_no_figure_counts_by_person_or_against_a_target(
    officer: Device, supervisor: Supervisor, office: Office
):
    officer.send(a_record())
    page = supervisor.open("/desk/dashboard")
    assert page.status_code == 200
    headings = re.findall(r'<thead><tr><th scope="col">([^<]+)', page.text)
    assert headings and not {one.lower() for one in headings} & {"officer", "person", "team", "child", "name", "class"}
    main = page.text.partition("<main")[2].partition("</main>")[0]
    assert "Phone 7" not in main and "Kerry B" not in main, "a device that sent everything is not counted"
    assert len(re.findall("target", read(page), re.I)) == 1, "the sentence that there is none"


def test_every_figure_has_a_table_and_a_way_to_its_records(officer: Device, supervisor: Supervisor, office: Office):
    officer.send(a_record())
    page = supervisor.open("/desk/dashboard")
    assert page.text.count('<figure class="plotted">') == 11
    for one in drawn(office).values():
        assert one.plot.title.endswith(".") and one.plot.title in re.sub("&#39;", "'", page.text)
        assert supervisor.open(one.address).status_code == 200, one.address


@pytest.mark.parametrize(("values", "half", "most"), [([3], 3, 3), (range(1, 21), 10, 19), ([1] * 19 + [9], 1, 1)])
def test_half_and_19_of_20_are_among_the_times_on_the_way(office: Office, values, half, most):
    def took(session: Session) -> None:
        for minutes, number in Counter(values).items():
            session.add(Arrival(week="2026-11-16", minutes=minutes, number=number))

    office.database.write(took)
    with office.database.reading() as session:
        assert listings.on_their_way(session, date(2026, 11, 16)) == {"2026-11-16": (half, most)}
        assert listings.on_their_way(session, date(2026, 11, 17)) == {}


def test_weeks_begin_on_mondays_in_the_towns_own_time():
    at = Moment(datetime(2026, 6, 7, 23, 30, tzinfo=UTC), LONDON)
    assert at.today.isoformat() == "2026-06-08"
    assert at.mondays[-1] == at.today and at.mondays[0] == at.today - timedelta(weeks=11)
