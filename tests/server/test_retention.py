"""Retention: every record has its date, and on that day nothing of it is left but a stub that can be verified."""

import csv
import json
import shutil
import sqlite3
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from actors import Supervisor, a_photo, a_record, sha256
from classroom import a_tally
from notices import a_notice, authorise
from patrol_actors import DURING, a_step, a_ticket, an_opening
from sqlmodel import SQLModel
from waiting import wait_for_previews

from beatbook import events, patrols, retention, submissions
from beatbook.events import seal
from beatbook.forms import RETENTION, FormError, load
from beatbook.forms.dated import Dated, DatedSettings, dated_of
from beatbook.models import Notice, Role, Submission
from beatbook.office import open_office
from beatbook.photos.previews import Made
from beatbook.retention import RAN
from beatbook.settings import Settings
from beatbook.verification import verify, verify_folder

TODAY = date(2026, 11, 22)
SECRET = "Westgate Gardens"


def all_text(office) -> str:
    """Everything that the database's tables and its index of words hold."""
    with office.database.reading() as session:
        tables = [table for table in SQLModel.metadata.sorted_tables if table.name != "device"]
        rows = [row for table in tables for row in session.connection().execute(table.select())]
        rows += session.connection().exec_driver_sql("SELECT title, place, rest FROM listing_words").all()
    return "\n".join(str(tuple(row)) for row in rows)


def term(office, record) -> retention.Term:
    today = office.clock().date()
    with office.database.reading() as session:
        return retention.term_of(session, office.forms, session.get_one(Submission, record.instance_id), today)


def decide(person, record, kind: str, words: str = "Asked for by the court") -> int:
    return person.submit(f"/desk/records/{record.instance_id}/keeping", kind=kind, words=words).status_code


def files(office) -> list[str]:
    return [path.name for path in office.blobs.folder.rglob("*") if path.is_file()]


@pytest.fixture
def other(office, server) -> Supervisor:
    return Supervisor.join(office, server, "Priya S")


def test_dp5_on_its_date_a_record_is_a_stub_on_the_server_and_gone_from_the_phone(officer, supervisor, office, later):
    photo = a_photo()
    record, beside = a_record(photo), a_record(counter=2, form="event_log", answers={"what": "x"})
    receipt = officer.send(record, beside)[0]["receipt"]
    wait_for_previews(office)
    supervisor.send_back(record, "other", f"Seen at {SECRET} again")
    supervisor.submit(f"/desk/records/{record.instance_id}/remarks", kind="comment", words=f"{SECRET} once more")
    mended = {"field": "place_text", "answer": f"{SECRET}, east", "reason": SECRET}
    assert supervisor.submit(f"/desk/records/{record.instance_id}/correct", **mended).status_code == 303
    assert term(office, record) == retention.Term(
        record.instance_id, "graffiti", date(2028, 11, 22), date(2027, 11, 22), held=False
    )
    later(days=364)
    office.erase_due(office.clock())
    assert sha256(photo) in files(office)
    later(days=1)
    office.erase_due(office.clock())
    assert files(office) == [], "photos of graffiti go after a year"
    assert SECRET in all_text(office)
    assert list(verify(office)) == []
    later(days=365)
    office.erase_due(office.clock())
    assert SECRET in all_text(office), "2028 has a leap day"
    later(days=1)
    office.erase_due(office.clock())
    assert SECRET not in all_text(office)
    assert list(verify(office)) == []
    with office.database.reading() as session:
        stub = session.get_one(Submission, record.instance_id)
        assert (stub.digest, stub.latitude, stub.title) == (record.digest, None, "Graffiti, erased")
        told = json.loads(stub.payload)
        assert (told["answers"], told["redacted"], "location" in told) == ({}, ["everything"], False)
    assert officer.check(record, beside).json()["submissions"][0]["status"] == "redacted"
    assert officer.check(record, beside).json()["submissions"][1]["status"] == "same"
    again = officer.send(record, photos=())[0]
    assert (again["status"], again["receipt"], again["missing"]) == ("already", receipt, [])
    (back,) = officer.send(photos=(photo,))
    assert back["problem"]["type"] == "/problems/redacted"
    office.sweep([])
    assert files(office) == [], "an erased photo does not come back"
    page = Supervisor.join(office, officer.http, "Ann C").open(f"/desk/records/{record.instance_id}")
    assert page.status_code == 200
    assert "Erased" in page.text


@pytest.mark.parametrize("moment", ["before they are named", "before they are in their places", "and the server stops"])
def test_dp5_previews_that_are_being_made_do_not_outlive_their_photo(office, officer, moment):
    """Whenever a photo is erased while its previews are on their way, none of its three files is left."""
    office.previews.stop()
    photo = a_photo()
    record = a_record(photo)
    officer.send(record)

    def erase(session):
        submission = session.get_one(Submission, record.instance_id)
        return retention.erase_photos(session, submission, why="asked for", now=office.clock())

    def erase_between(job, files=()):
        """The first job names the previews, the second puts them into their places."""
        jobs.append(job)
        if len(jobs) == (1 if moment == "before they are named" else 2):
            swept.extend(erase_now(erase).result())
            office.sweep(swept)
        return erase_now(job, files)

    jobs, swept, erase_now = [], [], office.database.writer.take
    office.database.writer.take = erase_between
    if moment == "and the server stops":
        office.sweep, sweep = lambda files: None, office.sweep
    office.save_previews(sha256(photo), Made(b"large", b"small", 1600, 1200))
    if moment == "and the server stops":
        assert files(office), "they were put into their places and nobody took them away"
        office.sweep = sweep
        office.sweep([])  # as within the next hour, and at the next start
    assert files(office) == []
    assert list(verify(office)) == []


def test_dp5_a_changed_byte_of_a_stub_is_found(officer, supervisor, office, later):
    record = a_record()
    officer.send(record)
    supervisor.send_back(record, "other", "No")
    later(days=800)
    office.erase_due(office.clock())
    database = office.settings.data / "beatbook.db"
    for change in (
        "UPDATE review SET note = 'I never said that'",
        "UPDATE submission SET title = 'Graffiti'",
        "UPDATE submission SET payload = replace(payload, 'everything', 'nothing')",
        "DELETE FROM redaction",
    ):
        connection = sqlite3.connect(database, isolation_level=None)
        connection.execute("BEGIN")
        connection.execute(change)
        connection.execute("COMMIT")
        assert list(verify(office)) != [], change
        kept = {"review": "note = NULL", "title": "title = 'Graffiti, erased'"}
        if "review" in change:
            connection.execute(f"UPDATE review SET {kept['review']}")
        elif "title" in change:
            connection.execute(f"UPDATE submission SET {kept['title']}")
        elif "payload" in change:
            connection.execute(
                "UPDATE submission SET payload = CAST(replace(payload, 'nothing', 'everything') AS BLOB)"
            )
        connection.close()


def test_dp5_a_notice_is_counted_from_what_became_of_it(officer, supervisor, office, clock, later):
    authorise(supervisor, officer, "LIT", "LITC")
    paid, cancelled = a_notice(clock, notice_no="L-26-04-0117"), a_notice(clock, notice_no="L-26-04-0118")
    officer.send(paid, cancelled)
    assert term(office, paid).kind == "enforcement"
    assert term(office, paid).photos_until is None, "nobody has paid"
    page = "/desk/records/{}/notice"
    assert supervisor.submit(page.format(paid.instance_id), kind="payment", amount="200", reference="F1").is_redirect
    assert supervisor.submit(page.format(cancelled.instance_id), kind="cancel", reason="error", note="Bob").is_redirect
    assert (term(office, paid).until, term(office, paid).photos_until) == (date(2032, 11, 22), date(2027, 1, 21))
    assert (term(office, cancelled).kind, term(office, cancelled).until) == ("cancelled", date(2027, 11, 22))
    later(days=366)
    office.erase_due(office.clock())
    assert list(verify(office)) == []
    with office.database.reading() as session:
        assert session.get_one(Notice, cancelled.instance_id).whom == ""
        assert session.get_one(Notice, paid.instance_id).whom != ""
    assert "Bob" not in all_text(office)


def test_dp5_a_clock_that_is_years_wrong_costs_no_record(officer, office):
    wrong, ahead = a_record(capturedAt="2009-01-01T00:00:00+00:00"), a_record(capturedAt="2099-01-01T00:00:00+00:00")
    officer.send(wrong, ahead)
    strange = a_record(form="unheard_of")
    officer.send(strange)
    office.erase_due(office.clock())
    assert {term(office, one).until for one in (wrong, ahead)} == {date(2028, 11, 22)}
    assert term(office, strange).kind == "unknown"
    assert list(verify(office)) == []
    with office.database.reading() as session:
        assert retention.erased(session, limit=9) == []


def test_a_hold_stops_every_erasure_until_it_is_lifted(officer, supervisor, other, office, later):
    record = a_record(a_photo())
    officer.send(record)
    assert decide(supervisor, record, "hold", "") == 422
    assert decide(supervisor, record, "hold") == 303
    assert decide(other, record, "ask") == 409
    later(days=1000)
    office.erase_due(office.clock())
    assert SECRET in all_text(office)
    assert files(office)
    supervisor, other = (Supervisor.join(office, officer.http, name) for name in ("Kim B", "Sam S"))
    assert "On hold" in supervisor.open("/desk/retention").text
    assert decide(other, record, "release", "The case is over") == 303
    assert list(verify(office)) == []
    office.erase_over(office.clock())
    assert SECRET not in all_text(office)


def test_t18_before_its_date_a_record_goes_only_when_two_people_want_it(officer, supervisor, other, office, enrolled):
    record = a_record(a_photo())
    officer.send(record)
    assert officer.down()["removed"]["records"] == []
    assert decide(supervisor, record, "agree", "") == 409, "nobody asked"
    assert decide(supervisor, record, "ask", "The owner asked us to") == 303
    assert decide(supervisor, record, "agree", "") == 403
    assert SECRET in all_text(office)
    assert decide(other, record, "decline", "Not his photo") == 303
    assert decide(other, record, "agree", "") == 409, "it was declined"
    assert decide(other, record, "ask", "It is his after all") == 303
    beside = enrolled(name="Phone 8")
    assert record.instance_id in [row["instanceId"] for row in beside.down()["nearby"]]
    assert decide(supervisor, record, "agree", "") == 303
    for device in (officer, beside):
        told = device.down(device.down()["cursor"])
        assert (told["removed"]["records"], told["nearby"]) == ([record.instance_id], [])
    assert SECRET not in all_text(office)
    assert files(office) == []
    assert list(verify(office)) == []
    assert decide(supervisor, record, "hold") == 410
    page = supervisor.open("/desk/retention").text
    assert "one person asked, another agreed" in page


@pytest.mark.parametrize("change", ["UPDATE keeping SET words = 'x'", "DELETE FROM keeping"])
def test_verify_finds_a_changed_hold(officer, supervisor, office, change):
    record = a_record()
    officer.send(record)
    decide(supervisor, record, "hold")
    office.close()
    seal.take_off(office.settings.data / "beatbook.db")
    connection = sqlite3.connect(office.settings.data / "beatbook.db")
    connection.executescript(change)
    connection.close()
    assert any("keeping" in str(fault) for fault in verify_folder(office.settings))


def test_ev2_nobody_erases_a_record_of_law_enforcement_before_its_date(officer, supervisor, office, server, clock):
    suspect = {**json.loads(a_record().payload)["answers"], "suspect_seen": "yes"}
    authorise(supervisor, officer, "LIT", "LITC")
    records = [a_notice(clock), a_record(answers=suspect, formVersion="2"), a_record(form="unheard_of")]
    officer.send(*records)
    page = f"/desk/records/{records[1].instance_id}/correct"
    assert supervisor.submit(page, field="suspect_seen", answer="no", reason="Nobody").status_code == 303
    boss = Supervisor.join(office, server, "Ada M", Role.ADMIN)
    for record in records:
        assert decide(boss, record, "ask") == 409
    assert term(office, records[1]).kind == "enforcement"
    assert boss.submit("/desk/retention").status_code == 303
    with office.database.reading() as session:
        assert retention.erased(session, limit=9) == []
    assert term(office, records[0]).until > TODAY


def test_dp12_when_the_school_year_ends_only_counts_stay_of_tickets_and_cards(
    officer, pupil, supervisor, office, clock, enrolled
):
    """By the day that the council's own calendar names, with the clock as an argument."""
    clock.now = datetime(2026, 11, 22, 10, 10, tzinfo=UTC)
    patrol = an_opening()
    officer.send(patrol)
    tickets = [a_ticket(patrol, at=DURING), a_ticket(patrol, ticket_number=8, ticket_no="FOX-08", next="cross")]
    mistake: dict[str, Any] = {"ticket_number": 8, "ticket_no": "FOX-08", "spoiled": "yes", "adult_ok": "yes"}
    nothing = dict.fromkeys(("result", "reasons", "spot", "driver_there", "message", "design", "given_how", "next"))
    tickets.append(a_ticket(patrol, envelope={"replaces": tickets[1].instance_id}, **mistake, **nothing))
    cards = a_tally(day="2026-11-18", stamps=[{"card_no": 7, "mode": "walk"}])
    pupil.send(*tickets, cards)
    with office.database.reading() as session:
        before = patrols.counts(session, patrol.instance_id)
    assert (before.tickets, before.spoiled) == (1, 1)
    assert term(office, tickets[0]).until == date(2027, 8, 31)
    year = "name,value,from,source\nschool.year_ends,07-21,2026-09-01,County calendar\n"
    office.forms = office.forms.with_reference(office.forms.lists, DatedSettings(settings_of(year)))
    assert term(office, tickets[0]).until == date(2027, 7, 21)
    office.erase_due(datetime(2027, 7, 20, 12, tzinfo=UTC))
    assert "FOX-07" in all_text(office) and '"card_no":7' in all_text(office).replace(" ", "")
    office.erase_due(datetime(2027, 7, 21, 12, tzinfo=UTC))
    left = all_text(office).replace(" ", "")
    assert not [word for word in ("FOX-0", "ZIGZAG\\", '"given_how"', '"card_no"', "m8") if word in left]
    with office.database.reading() as session:
        after = patrols.counts(session, patrol.instance_id)
        walked = submissions.answers_of(session.get_one(Submission, cards.instance_id))
    assert after.to_wire() == before.to_wire()
    assert after.cross == [], "who was cross with whom is no count"
    assert (walked["n_walk"], "stamps" in walked) == (14, False)
    assert "This school year ends on" in supervisor.open("/desk/retention").text
    assert list(verify(office)) == []
    with sqlite3.connect(office.settings.database_file) as connection:
        connection.execute("UPDATE patrol_count SET counts = replace(counts, '1', '2')")
    assert f"counts of {patrol.instance_id}: its row was changed" in [str(fault) for fault in verify(office)]


def test_dp5_what_a_grown_up_wrote_of_a_patrol_goes_with_its_record(officer, office, clock):
    clock.now = datetime(2026, 11, 22, 10, 10, tzinfo=UTC)
    patrol = an_opening()
    officer.send(patrol, a_step(patrol, "close", incident="near_miss", incident_note=SECRET, debrief=SECRET))
    office.erase_due(datetime(2029, 11, 21, 12, tzinfo=UTC))
    assert SECRET in all_text(office)
    office.erase_due(datetime(2029, 11, 22, 12, tzinfo=UTC))
    assert SECRET not in all_text(office)
    with office.database.reading() as session:
        (step,) = patrols.patrol.steps_of(session, [patrol.instance_id])[patrol.instance_id]
    assert (step.act, step.incident) == ("close", "near_miss")
    assert list(verify(office)) == []


def settings_of(rows: str) -> list[Dated]:
    return [dated_of(row, "") for row in csv.DictReader(rows.splitlines())]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("school.year_ends,02-29,2027-01-01,x", "a month and a day that every year has"),
        ("school.year_ends,31 August,2027-01-01,x", "a month and a day that every year has"),
        ("retention.graffiti.years,for ever,,x", "nothing is kept for ever"),
        ("retention.graffiti.years,0,,x", "nothing is kept for ever"),
        ("retention.graffiti.years,5,2027-01-01,x", "from 1 to 4"),
        ("retention.enforcement.years,11,,x", "from 1 to 10"),
        ("retention.graffitti.years,1,,x", "no record is kept by this"),
        ("retention.gate_visit.photo_days,1,,x", "no record is kept by this"),
    ],
)
def test_dp12_no_period_of_a_council_is_for_ever(tmp_path, row, said):
    folder = tmp_path / "forms"
    shutil.copytree(Settings().forms, folder)
    with (folder / "settings.csv").open("a", encoding="utf-8") as file:
        file.write(row + "\n")
    with pytest.raises(FormError, match=said):
        load(folder)


def test_dp12_every_record_kind_has_a_period_and_a_councils_own_counts(tmp_path, officer, office):
    assert [kind for kind, one in RETENTION.items() if one.years + one.days == 0] == ["mock_ticket", "card_stamps"]
    record = a_record()
    officer.send(record)
    folder = tmp_path / "forms"
    shutil.copytree(Settings().forms, folder)
    with (folder / "settings.csv").open("a", encoding="utf-8") as file:
        file.write("retention.graffiti.years,1,,Schedule 2026\nretention.graffiti.years,3,2027-01-01,Schedule 2027\n")
    office.pack = office.forms = load(folder)
    assert term(office, record).until == date(2027, 11, 22)
    assert retention.classes(office.forms, date(2027, 1, 1))["graffiti"].years == 3


def test_the_dry_run_says_how_many_will_be_erased_when(officer, supervisor, office, later):
    officer.send(a_record(), a_record(counter=2))
    page = supervisor.open("/desk/retention").text
    assert "22 Nov 2028: 2 records" in " ".join(page.split())
    auditor = Supervisor.join(office, officer.http, "Olu A", Role.AUDITOR)
    assert auditor.open("/desk/retention").status_code == 200
    assert auditor.submit("/desk/retention").status_code == 403


def test_a_clock_that_has_jumped_erases_nothing_until_somebody_has_looked(officer, supervisor, office, clock):
    record = a_record(a_photo())
    officer.send(record)
    supervisor.approve(record)
    office.close()
    clock.now += timedelta(days=1200)
    again = open_office(office.settings, clock)
    again.erase_due(clock.now)
    with again.database.reading() as session:
        assert session.get_one(Submission, record.instance_id).payload == record.payload
    again.database.write(lambda session: events.append(session, RAN, "retention", actor="person:x", now=clock.now))
    again.erase_due(clock.now)
    with again.database.reading() as session:
        assert session.get_one(Submission, record.instance_id).payload != record.payload
    again.close()
