"""Who looked at a record, told to those who should know; and records opened in an emergency."""

import pytest
from actors import Device, Record, Supervisor, a_photo, a_record, graffiti_answers, read, sha256
from sqlmodel import Session, select
from starlette.testclient import TestClient

from beatbook import people
from beatbook.models import Emergency, Event, Person, Role
from beatbook.office import Office
from beatbook.verification import emergency_faults, verify

REASON = "A caller says the person named there is being followed now"


@pytest.fixture
def auditor(office: Office, server: TestClient) -> Supervisor:
    return Supervisor.join(office, server, "Ann Audit", Role.AUDITOR)


@pytest.fixture
def admin(office: Office, server: TestClient) -> Supervisor:
    return Supervisor.join(office, server, "Ruth Ansell", Role.ADMIN)


def test_t19_whoever_may_not_read_a_record_opens_it_in_an_emergency_and_everybody_sees_that(
    office, officer, auditor, admin, supervisor, later
):
    photo = a_photo()
    answers = {**graffiti_answers(photo), "place_text": "Westgate Gardens"}
    officer.send(record := a_record(photo, answers=answers), other := a_record(a_photo()))
    for sha, path in office.waiting_previews():
        office.save_previews(sha, office.previews.maker.make(path))
    address, asks = f"/desk/records/{record.instance_id}", f"/desk/emergency/{record.instance_id}"
    small = f"/desk/photos/{sha256(photo)}/thumbnail"

    assert auditor.open(address).headers["location"] == asks
    assert auditor.open(small).status_code == 404
    asked = auditor.open(asks)
    assert "What is the emergency?" in read(asked) and "Westgate" not in asked.text
    assert auditor.submit(asks, reason="because").status_code == 422
    assert auditor.submit(asks, reason=REASON).headers["location"] == address

    page = read(auditor.open(address))
    assert "Westgate Gardens" in page and "Opened in an emergency, until 11:00" in page
    assert auditor.open(small).status_code == 200
    for closed in (f"/desk/records/{other.instance_id}", f"/desk/photos/{sha256(other.photos[0])}/thumbnail"):
        assert auditor.open(closed).status_code in (303, 404), "one record and no other"
    assert auditor.approve(record).status_code == 403

    assert "Audit 1" in read(admin.open("/desk/records")), "at once, on whatever page they are"
    shown = read(admin.open("/desk/audit"))
    assert REASON in shown and "Ann Audit" in shown
    history = read(supervisor.open(address)).partition("History")[2]
    assert f"Opened in an emergency by Ann Audit Sun 22 Nov 2026 10:30 {REASON}" in history

    later(minutes=31)
    supervisor.open("/desk/records")
    fresh = again(office, auditor)
    assert fresh.open(address).headers["location"] == asks
    assert fresh.open(small).status_code == 404
    assert list(verify(office)) == []


def again(office: Office, who: Supervisor) -> Supervisor:
    """Signed in anew, for the session of half an hour ago has ended."""
    token = office.database.write(
        lambda session: people.start_session(session, session.get_one(Person, who.person_id), now=office.clock())
    )
    return Supervisor(office, who.http, who.person_id, {"beatbook_desk": token})


def test_t19_a_second_person_looks_into_an_emergency_once_and_nobody_into_their_own(office, officer, auditor, admin):
    officer.send(record := a_record())
    auditor.submit(f"/desk/emergency/{record.instance_id}", reason=REASON)
    with office.database.reading() as session:
        (seq,) = session.exec(select(Emergency.seq))
    review = f"/desk/emergencies/{seq}"
    assert auditor.submit(review, was_right="yes", words="I was right").status_code == 403
    assert admin.submit(review, was_right="yes", words="ok").status_code == 422
    assert admin.submit(review, was_right="no", words="The caller was not asked for a name").status_code == 303
    assert admin.submit(review, was_right="yes", words="On second thoughts it was").status_code == 409
    assert admin.submit("/desk/emergencies/999999", was_right="yes", words="Nothing is there").status_code == 404
    assert "It was not right Ruth Ansell" in read(auditor.open("/desk/audit"))
    assert "Audit 1" not in read(admin.open("/desk/audit"))
    with office.database.reading() as session:
        log = "".join(event.data for event in session.exec(select(Event)))
    assert "caller" not in log, "DP2: the log holds no content"
    assert list(verify(office)) == []
    for change in (
        "UPDATE emergency SET reason = 'Nothing'",
        "UPDATE emergency SET until = '2026-11-29 00:00:00'",
        "UPDATE emergency_review SET was_right = 1",
        "DELETE FROM emergency_review",
    ):
        with Session(office.database.write_engine) as session:
            session.connection().exec_driver_sql(change)
            assert list(emergency_faults(session)), change
            session.rollback()


def test_an_officer_sees_who_looked_at_their_own_record_and_at_no_other(officer, supervisor, auditor, enrolled):
    officer.send(record := a_record(a_photo()))
    for _ in range(3):
        supervisor.open(f"/desk/records/{record.instance_id}")
    auditor.submit(f"/desk/emergency/{record.instance_id}", reason=REASON)
    auditor.open(f"/desk/records/{record.instance_id}")
    told = looked_at(officer, record).json()["readings"]
    assert [(one["name"], one["role"], one["what"], one["times"], one["why"]) for one in told] == [
        ("Ann Audit", "auditor", "Opened", 1, "In an emergency"),
        ("Kerry B", "supervisor", "Opened", 3, None),
    ]
    assert looked_at(enrolled(name="Phone 8"), record).status_code == 404
    assert looked_at(officer, a_record()).status_code == 404


def looked_at(device: Device, record: Record):
    return device.http.get(f"/api/records/{record.instance_id}/readings", headers=device.headers)


def test_an_auditor_asks_who_looked_and_what_left_without_seeing_what_stands_there(officer, supervisor, auditor):
    answers = {**graffiti_answers(), "place_text": "Westgate Gardens"}
    officer.send(record := a_record(answers=answers), other := a_record(counter=2))
    for one in (record, other):
        supervisor.open(f"/desk/records/{one.instance_id}")
    supervisor.submit(f"/desk/records/{record.instance_id}/case", why="court", reference="CC/12")
    everything = auditor.open("/desk/audit")
    assert everything.text.count(">Opened<") == 2 and "Westgate" not in everything.text
    last = record.instance_id.replace("-", "")[-6:].upper()
    of_one = auditor.open(f"/desk/audit?record={last[:3]}+{last[3:]}")
    assert of_one.text.count(">Opened<") == 1
    assert "Taken out as a whole case" in read(of_one) and "Court or prosecution CC/12" in read(of_one)
    left = read(auditor.open("/desk/audit?what=left"))
    assert "Court or prosecution CC/12" in left
    assert auditor.open("/desk/audit?record=A1B2C3").status_code == 404
    assert auditor.open(f"/desk/audit?person={auditor.person_id}").text.count(">Opened<") == 0


def test_t19_people_see_what_they_looked_at_themselves_and_nothing_of_others(officer, supervisor, admin):
    officer.send(record := a_record())
    supervisor.open(f"/desk/records/{record.instance_id}")
    assert supervisor.open("/desk/account/readings").text.count(">Opened<") == 1
    assert admin.open("/desk/account/readings").text.count(">Opened<") == 0
    assert supervisor.open(f"/desk/account/readings?person={admin.person_id}").text.count(">Opened<") == 1
    assert supervisor.open("/desk/audit").status_code == 403
