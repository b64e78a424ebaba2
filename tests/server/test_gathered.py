"""What the writer keeps for hotspots and figures is always what the records say when each is read anew."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from actors import Clock, Device, Record, Supervisor, a_photo, a_record, body_of, graffiti_answers, parts
from sqlmodel import Session, col, func, select

from beatbook import gathered, hotspots, listings, retention, submissions
from beatbook.listings import Wanted
from beatbook.models import Gathered, Listing, Person, ReviewState
from beatbook.office import Office, open_office
from beatbook.settings import Settings
from beatbook.verification import verify

BOTH = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
LONDON = ZoneInfo("Europe/London")
HERE = {"latitude": 51.2802, "longitude": 1.0789, "accuracy": 8.0, "source": "gps", "fixedAt": None}


def on(day: str, form: str = "asb", **answers) -> Record:
    return a_record(form=form, capturedAt=f"{day}T09:00:00+00:00", location=HERE, answers=answers)


def assert_kept(office: Office) -> int:
    """Everything that is kept beside the records is what they say. Returns how many reasons count."""
    today = office.clock().astimezone(LONDON).date()
    names = gathered.names_of(office.forms, gathered.side_on(office.forms, today))
    with office.database.reading() as session:
        numbers = gathered.numbers_since(session, gathered.since_ever(office.forms, today))
        assert gathered.kept(session, numbers) == gathered.in_fact(session, numbers, names, LONDON)
        assert listings.arrivals(session) == listings.arrivals_in_fact(session, date(2026, 1, 1))
        assert_dashboard(session)
        rows = session.exec(select(Gathered)).all()
    if office.settings.database_file:
        assert list(verify(office)) == []
    return sum(row.counts for row in rows)


def assert_dashboard(session: Session) -> None:
    """What the figures sum up by tallies, counted one by one."""
    every = session.exec(select(Listing)).all()
    waits = [one.day for one in every if one.state == "received" and one.complete]
    wanted = Wanted(state=ReviewState.RECEIVED, complete=True, zone=LONDON)
    assert listings.first_day(session, wanted) == (date.fromisoformat(min(waits)) if waits else None)
    assert listings.by_day(session, wanted) == Counter(map(date.fromisoformat, waits))
    squares = Counter(cell for one in every if (cell := one.cell) is not None)
    found, total = listings.densest(session, Wanted(since=date(2026, 11, 1), zone=LONDON), 100, 3)
    assert (total, sum(number for _, number in found)) == (squares.total(), squares.total())


@BOTH
def test_what_is_kept_is_what_the_records_say_whatever_happens(
    office: Office, officer: Device, supervisor: Supervisor, later: Callable[..., None]
):
    photo = a_photo()
    records = [
        on("2026-11-20", qualifiers=["hate"], place_text="Millbrook Gardens, by the bench"),
        on("2026-11-21", place_text="Nowhere that is known"),
        on("2026-11-21", place_text="Millbrook Gardens"),
        on("2026-11-25", place_text="A clock that is ahead"),
        on(
            "2026-11-20",
            "event_log",
            concerns=[{"theme_place": p, "theme_count": n} for p, n in (("Pier", 7), ("", 2))],
        ),
        on("2026-11-21", "gate_visit", school_id="northbrook", c_skc=4, near_miss=1),
        a_record(photo, answers=graffiti_answers() | {"offensive": "race"}),
    ]
    officer.send(*records, photos=())
    assert assert_kept(office) == 10
    officer.deliver_bytes(body_of(parts(photos=(photo,))))
    supervisor.send_back(records[1], "too_dark")
    supervisor.approve(records[2])
    assert assert_kept(office) == 10
    supervisor.submit(f"/desk/records/{records[1].instance_id}/review", state="rejected", reason="missing", note="No")
    assert assert_kept(office) == 9, "what is not accepted counts no more"
    mended = a_record(replaces=records[2].instance_id, answers=graffiti_answers())
    officer.send(mended)
    assert assert_kept(office) == 9, "one is mended, by one that counts"

    def take_back(session: Session) -> None:
        person = session.get_one(Person, supervisor.person_id)
        submissions.take_back(session, records[1].instance_id, person=person, now=office.clock())

    office.database.write(take_back)
    assert assert_kept(office) == 10
    path = f"/desk/records/{records[0].instance_id}/correct"
    supervisor.submit(path, field="place_text", answer="The pier", reason="The officer rang")
    assert assert_kept(office) == 10, "a correction lies beside the record"

    def erase(session: Session) -> None:
        one = submissions.get(session, records[0].instance_id)
        retention.erase(session, one, office.forms, why="asked for", now=office.clock())

    office.database.write(erase)
    assert assert_kept(office) == 8
    later(days=40)
    office.gather(office.clock())
    assert assert_kept(office) == 0, "and what is older than any setting asks for is let go"


def test_a_list_that_changes_moves_what_was_gathered(
    office: Office, officer: Device, supervisor: Supervisor, later: Callable[..., None]
):
    officer.send(*(on(day, place_text="The Old Tannery, gate") for day in ("2026-11-20", "2026-11-21", "2026-11-22")))
    assert names(office) == ["Square TR 148 579"]
    row = {"new": "1", "name": "old_tannery", "label": "The Old Tannery", "town": "Canterbury"}
    answer = supervisor.submit("/desk/lists/parks", **row, latitude="51.28", longitude="1.07")
    assert answer.status_code == 303, answer.text
    assert names(office) == ["The Old Tannery"]
    value = {"name": "hotspot.cell_m", "value": "1000", "from": "2026-11-23", "source": "Tried"}
    officer.send(*(on(day, place_text="Elsewhere") for day in ("2026-11-20", "2026-11-21", "2026-11-22")))
    assert supervisor.submit("/desk/settings", **value).status_code == 303
    later(days=1)
    office.keep_house(office.clock())
    assert names(office) == ["Square TR 14 57", "The Old Tannery"]
    assert_kept(office)


def test_what_came_before_anything_was_kept_is_read_at_the_next_start(
    office: Office, settings: Settings, clock: Clock, officer: Device
):
    officer.send(*(on(day, place_text="Pier") for day in ("2026-11-20", "2026-11-21", "2026-11-22")), on("2026-08-01"))

    def lose(session: Session) -> None:
        for table in ("gathered", "arrival"):
            session.connection().exec_driver_sql(f"DELETE FROM {table}")

    office.database.write(lose)
    office.close()
    again = open_office(settings, clock)
    assert assert_kept(again) == 4
    with again.database.reading() as session:
        assert session.exec(select(func.sum(col(Listing.seq)))).one() and listings.arrivals(session).total() == 4
    again.close()


def test_more_hotspots_than_a_page_are_all_there(
    office: Office, officer: Device, supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
):
    days = ("2026-11-20", "2026-11-21", "2026-11-22")
    officer.send(*(record_at(place, day) for place in ("One", "Two", "Two b", "Three") for day in days))
    monkeypatch.setattr("beatbook.desk.dashboard.MOST_HOTSPOTS", 1)
    monkeypatch.setattr("beatbook.desk.hotspots.ROWS", 2)
    page = supervisor.open("/desk/dashboard").text
    assert "4 hotspots" in page and 'href="/desk/hotspots?after=1"' in page and "The other 3" in page
    seen = [
        shown for after in (0, 2) for shown in ("One", "Two", "Two b", "Three") if on_page(supervisor, after, shown)
    ]
    assert sorted(seen) == ["One", "Three", "Two", "Two b"]
    assert "There are no more" in supervisor.open("/desk/hotspots?after=9").text


def record_at(place: str, day: str) -> Record:
    return a_record(form="asb", capturedAt=f"{day}T09:00:00+00:00", location=None, answers={"place_text": place})


def on_page(supervisor: Supervisor, after: int, name: str) -> bool:
    return f"<bdi>{name}</bdi></strong>" in supervisor.open(f"/desk/hotspots?after={after}").text


def names(office: Office) -> list[str]:
    with office.database.reading() as session:
        found = hotspots.candidates(session, office.forms, now=office.clock(), zone=LONDON)
    return sorted(one.name for one in found.shown)
