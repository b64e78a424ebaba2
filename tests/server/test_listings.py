"""Finding records: filters, words, counts and pages, on both databases; and that the lists never leave the records."""

import sqlite3
from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from actors import Clock, Device, Record, Supervisor, a_photo, a_record, body_of, graffiti_answers, parts
from sqlmodel import delete, select

from beatbook import listings, submissions
from beatbook.listings import Wanted
from beatbook.models import Arrival, Gathered, Listing, ListingFlag, ReviewState, Submission, Tally
from beatbook.office import Office, open_office
from beatbook.settings import Settings
from beatbook.verification import verify

BOTH = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
LONDON = ZoneInfo("Europe/London")


@BOTH
def test_records_are_found_by_everything_that_a_filter_says(
    office: Office, officer: Device, supervisor: Supervisor, later: Callable[..., None], enrolled: Callable[..., Device]
):
    first = at("Outside the café on the pier")
    pier = sent(officer, first)
    supervisor.approve(first)
    later(days=2)
    waiting = sent(officer, a_record(a_photo(), answers={**graffiti_answers(), "object": "beach_hut"}), photos=())
    odd = sent(officer, a_record(form="unheard"))
    other = sent(enrolled(name="Phone 9"), at("Westgate, by the pier of the bridge"))

    assert found(office) == [other, odd, waiting, pier]
    assert found(office, state=ReviewState.APPROVED) == [pier]
    assert found(office, form_id="unheard") == [odd]
    assert found(office, complete=False) == [waiting]
    assert found(office, device_id=officer.device_id) == [odd, waiting, pier]
    assert found(office, person_id=supervisor.person_id) == [pier]
    assert found(office, since=date(2026, 11, 24)) == [other, odd, waiting]
    assert found(office, until=date(2026, 11, 23)) == [pier]
    assert found(office, since=date(2027, 1, 1)) == []
    assert found(office, flag="warning") == [other, odd, waiting, pier], "each lacks a photo or a form"
    assert found(office, flag="manager") == []

    assert found(office, words="pier") == [other, pier]
    assert found(office, words="cafe PIER") == [pier], "accents and capitals do not matter"
    assert found(office, words="beach hu") == [waiting], "the words of a choice, and the beginning of a word"
    assert found(office, words=pier.replace("-", "")[-6:]) == [pier], "the number as it is said over a radio"
    assert found(office, words="pier", state=ReviewState.APPROVED) == [pier]
    assert found(office, place="westgate") == [other, odd, waiting]
    assert found(office, words='"); DROP TABLE listing; --') == []
    assert found(office, words="***") == []


@BOTH
def test_counts_are_those_of_the_list_whatever_happens(office: Office, officer: Device, supervisor: Supervisor):
    records = [a_record(), a_record(), a_record(form="unheard")]
    officer.send(*records)
    supervisor.approve(records[0])
    supervisor.send_back(records[1], "too_dark")
    officer.send(a_record(replaces=records[1].instance_id))
    photo = a_photo()
    officer.send(a_record(photo), photos=())
    with office.database.reading() as session:
        facets = listings.facets(session, Wanted())
        assert {state: number for state, number in facets.states.items() if number} == {
            ReviewState.RECEIVED: 3,
            ReviewState.APPROVED: 1,
            ReviewState.EDITED: 1,
        }
        assert facets.forms == {"graffiti": 4, "unheard": 1}
        assert facets.complete == {True: 4, False: 1}
        narrowed = listings.facets(session, Wanted(form_id="graffiti", state=ReviewState.APPROVED))
        assert narrowed.forms == {"graffiti": 1}, "what another form would show, the state staying as it is"
        assert narrowed.states[ReviewState.RECEIVED] == 2
        counted = listings.facets(session, Wanted(words="westgate"))
        assert counted.states == facets.states
        assert listings.count(session, Wanted(words="westgate")) == listings.Counted(5)
    officer.deliver_bytes(photo_only(photo))
    with office.database.reading() as session:
        assert listings.facets(session, Wanted()).complete == {True: 5}
    if office.settings.database_file:
        assert list(verify(office)) == []


def test_more_than_can_be_counted_at_once_is_said_so(office: Office, officer: Device, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(listings, "MOST_COUNTED", 2)
    officer.send(a_record(), a_record(), a_record())
    with office.database.reading() as session:
        assert listings.count(session, Wanted(words="westgate")) == listings.Counted(2, is_all=False)
        assert listings.count(session, Wanted(form_id="graffiti")) == listings.Counted(3), "a tally knows them all"


@BOTH
def test_pages_by_capture_hold_every_record_once(office: Office, officer: Device):
    times = ["08:00", "12:00", "10:00", "12:00", "09:00"]
    made = [a_record(capturedAt=f"2026-11-22T{time}:00+00:00", counter=n) for n, time in enumerate(times)]
    officer.send(*made)
    seen, before = [], None
    with office.database.reading() as session:
        while page := listings.find(session, Wanted(by_capture=True), before=before, limit=2):
            seen += [one.instance_id for one in page]
            before = page[-1].seq
        last = listings.find(session, Wanted(by_capture=True), after=before, limit=2)
    assert seen == [made[index].instance_id for index in (3, 1, 2, 4, 0)]
    assert [one.instance_id for one in last] == seen[2:4], "the page before, in the same order"


def test_a_day_is_one_of_the_town(office: Office, officer: Device, clock: Clock):
    clock.now = clock.now.replace(month=7, hour=23, minute=30)  # half past midnight there
    after_midnight = sent(officer, a_record(capturedAt=clock.now.isoformat()))
    for by_capture in (False, True):
        wanted = {"by_capture": by_capture, "zone": LONDON}
        assert found(office, since=date(2026, 7, 23), **wanted) == [after_midnight]
        assert found(office, until=date(2026, 7, 22), **wanted) == []


def test_what_came_before_there_were_lists_is_listed_at_the_next_start(
    office: Office, settings: Settings, clock: Clock, officer: Device, supervisor: Supervisor
):
    records = [at("The pier"), at("The bandstand")]
    officer.send(*records)
    supervisor.approve(records[0])

    def lose(session) -> None:
        for table in (Listing, ListingFlag, Tally, Gathered, Arrival):
            session.exec(delete(table))
        session.connection().exec_driver_sql("DELETE FROM listing_words")

    office.database.write(lose)
    assert found(office, words="pier") == []
    assert {fault.what for fault in verify(office)} == {"the desk's list shows it otherwise, or not at all"}
    office.close()
    again = open_office(settings, clock)
    assert found(again, words="pier", person_id=supervisor.person_id) == [records[0].instance_id]
    assert list(verify(again)) == []
    again.close()


def test_an_erased_record_leaves_no_word_behind(office: Office, officer: Device):
    gone = sent(officer, at("The lifeboat station"))
    kept = sent(officer, at("The pier"))
    with office.database.reading() as session:
        seq = session.exec(select(Submission.seq).where(Submission.instance_id == gone)).one()
    office.database.write(lambda session: listings.forget(session, seq))
    assert found(office) == [kept]
    assert found(office, words="lifeboat") == []
    with office.database.reading() as session:
        assert listings.count(session, Wanted()).number == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE listing SET state = 'approved'",
        "UPDATE listing SET complete = NOT complete",
        "DELETE FROM listing WHERE seq = (SELECT min(seq) FROM listing)",
        "UPDATE tally SET number = number + 1",
        "UPDATE gathered SET times = times + 1",
        "UPDATE arrival SET number = number + 1",
    ],
)
def test_a_record_that_the_list_hides_is_a_fault(change: str, office: Office, officer: Device):
    officer.send(a_record(), a_record())
    assert list(verify(office)) == []
    connection = sqlite3.connect(str(office.settings.database_file))
    connection.execute(change)
    connection.commit()
    connection.close()
    assert list(verify(office)) != []


def test_records_nearby_are_nearest_first(office: Office, officer: Device):
    def there(latitude: float, longitude: float) -> str:
        place = {"latitude": latitude, "longitude": longitude, "accuracy": 5.0, "source": "gps"}
        return sent(officer, a_record(location=place))

    here, near = there(51.2802, 1.0789), there(51.2802, 1.0793)
    nearer = there(51.28025, 1.0789)
    there(51.2812, 1.0789), sent(officer, a_record(location=None))
    with office.database.reading() as session:
        found = submissions.nearby(session, submissions.get(session, here))
    assert [(one.submission.instance_id, one.metres) for one in found] == [(nearer, 6), (near, 28)]


def sent(device: Device, record: Record, photos: tuple[bytes, ...] | None = None) -> str:
    device.send(record, photos=photos)
    return record.instance_id


def at(place: str) -> Record:
    return a_record(answers={**graffiti_answers(), "place_text": place})


def photo_only(photo: bytes) -> bytes:
    return body_of(parts(photos=(photo,)))


def found(office: Office, **wanted) -> list[str]:
    with office.database.reading() as session:
        return [one.instance_id for one in listings.find(session, Wanted(**wanted))]


def test_rows_stand_as_close_as_one_likes_them_here_from_now_on(officer, supervisor):
    officer.send(a_record())
    assert 'value="roomy" aria-pressed="true"' in supervisor.open("/desk/records").text
    answer = supervisor.submit("/desk/records/rows?form=graffiti", rows="close")
    assert answer.headers["location"] == "/desk/records?form=graffiti"
    cookie = answer.headers["set-cookie"].lower()
    assert "beatbook_rows=close" in cookie
    assert "httponly" in cookie
    supervisor.cookies["beatbook_rows"] = "close"
    assert 'class="records is-close"' in supervisor.open("/desk/records").text
    assert supervisor.submit("/desk/records/rows", rows="none").status_code == 400
