"""The fleet at the desk: who needs help, what was kept aside, what is gone, in words."""

import json
from datetime import datetime, timedelta

import pytest
from actors import Device, Supervisor, a_record, read
from sqlmodel import select

from beatbook import backups, people, submissions
from beatbook.models import Contact, Event, Role
from beatbook.verification import verify


@pytest.fixture
def auditor(office, server) -> Supervisor:
    return Supervisor.join(office, server, "Ann Audit", Role.AUDITOR)


def page_of(supervisor: Supervisor, device: Device) -> str:
    device.office.database.write(lambda session: None)  # what was queued before it is now written
    return read(supervisor.open(f"/desk/devices/{device.device_id}"))


def names_in_order(page: str, *names: str) -> list[str]:
    return sorted(names, key=page.index)


def logged(office, kind: str) -> list[Event]:
    with office.database.reading() as session:
        return [event for event in session.exec(select(Event)) if event.kind == kind]


# What a device says of itself -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(hours=2), "12 unsent since 08:30"),
        (timedelta(days=1), "12 unsent since yesterday"),
        (timedelta(days=5), "12 unsent since Tuesday"),
        (timedelta(days=20), "12 unsent since Mon 2 Nov 2026"),
    ],
)
def test_what_is_not_sent_is_said_with_its_age(officer, supervisor, clock, age, words):
    officer.say(unsent=12, oldestUnsentAt=(clock.now - age).isoformat())
    assert words in read(supervisor.open("/desk/devices"))


def test_a_wrong_clock_is_said_and_taken_into_account(officer, supervisor, clock):
    wrong = clock.now + timedelta(hours=3)
    officer.say(unsent=1, oldestUnsentAt=(wrong - timedelta(hours=2)).isoformat(), clock=wrong.isoformat())
    shown = read(supervisor.open("/desk/devices"))
    assert "Its clock is 3 hours fast" in shown
    assert "1 unsent since 08:30" in shown


@pytest.mark.parametrize(("seconds", "words"), [(119, None), (-119, None), (180, "3 minutes slow"), (-180, "fast")])
def test_a_clock_within_two_minutes_is_right(officer, supervisor, clock, seconds, words):
    officer.say(clock=(clock.now - timedelta(seconds=seconds)).isoformat())
    shown = read(supervisor.open("/desk/devices"))
    assert (words in shown) if words else ("Its clock" not in shown)


@pytest.mark.parametrize("said", ["yesterday", 5, None, "2026-11-22T10:30:00", {}])
def test_a_clock_that_makes_no_sense_is_left_out(officer, supervisor, said):
    officer.say(clock=said, oldestUnsentAt=said, unsent=1)
    assert "Its clock" not in read(supervisor.open("/desk/devices"))


def test_storage_is_said_and_when_it_is_nearly_full(officer, supervisor):
    officer.say(storageUsed=95_000_000, storageQuota=100_000_000, persisted=False)
    shown = read(supervisor.open("/desk/devices"))
    assert "95.0 MB of 100.0 MB" in shown
    assert "Its storage is nearly full" in shown
    assert "No, the browser may clear it when the phone is full" in page_of(supervisor, officer)


def test_who_needs_help_stands_on_top(enrolled, supervisor, office, clock, later):
    names = ["A sound", "B clock", "C waits", "D lost", "E cleared", "F copied"]
    sound, clocked, waits, lost, cleared, copied = (enrolled(name=name) for name in names)
    sound.say(unsent=3, oldestUnsentAt=clock.now.isoformat())
    clocked.say(clock="2020-01-01T00:00:00+00:00")
    waits.say(unsent=1, oldestUnsentAt=(clock.now - timedelta(days=3)).isoformat())
    lost.send(a_record(counter=2))
    cleared.say(wiped=True)
    copied.send(a_record(counter=1), a_record(counter=1))
    shown = read(supervisor.open("/desk/devices"))
    assert names_in_order(shown, *names) == names[::-1]


def test_a_device_that_fell_silent_with_work_unsent_needs_help(officer, supervisor, later):
    officer.say(unsent=2)
    assert "Has not sent for long" not in read(supervisor.open("/desk/devices"))
    later(days=8)
    supervisor = Supervisor.join(supervisor.office, supervisor.http, "Sam B")
    assert "Has not sent for long" in read(supervisor.open("/desk/devices"))


# Cleared storage ------------------------------------------------------------------------------------------------


def test_cleared_storage_is_said_until_somebody_has_looked(officer, supervisor, auditor, office):
    officer.say(unsent=0, wiped=True)
    officer.say(unsent=0)
    assert "Its storage was cleared" in read(supervisor.open("/desk/devices"))
    address = f"/desk/devices/{officer.device_id}"
    assert "I have looked into it" in page_of(supervisor, officer)
    assert "I have looked into it" not in page_of(auditor, officer)
    assert auditor.submit(f"{address}/wipe").status_code == 403
    assert supervisor.submit(f"{address}/wipe").headers["location"] == address
    assert "Its storage was cleared" not in read(supervisor.open("/desk/devices"))
    officer.say(wiped=True)
    assert "Its storage was cleared" in read(supervisor.open("/desk/devices"))
    assert [event.actor for event in logged(office, "device.wipe-seen")] == [f"person:{supervisor.person_id}"]
    assert len(logged(office, "device.wiped")) == 2
    assert list(verify(office)) == []


# Numbers --------------------------------------------------------------------------------------------------------


def test_a_device_says_in_words_what_never_came(officer, supervisor):
    officer.send(*(a_record(counter=counter) for counter in (1, 2, 4, 7)))
    officer.check(
        numbers={
            "highest": 9,
            "before": 0,
            "without": [{"counter": 3, "is": "discarded"}, {"counter": 8, "is": "waiting"}],
        }
    )
    shown = page_of(supervisor, officer)
    assert "Phone 7 sent 1 to 7 without 3 and 5 and 6." in shown
    assert "3 Thrown away by the person before it was sent" in shown
    assert "5 and 6 Not here, and the phone has not said that it has it" in shown
    assert "8 On the phone, waiting to be sent" in shown
    assert "3 records never came" in read(supervisor.open("/desk/devices"))


def test_a_device_that_sent_everything_is_not_accused(officer, supervisor):
    officer.send(a_record(counter=1), a_record(counter=2))
    assert "Phone 7 sent 1 and 2." in page_of(supervisor, officer)
    assert "never came" not in read(supervisor.open("/desk/devices"))


def test_a_device_set_up_anew_counts_from_where_it_was(officer, supervisor):
    officer.send(a_record(counter=42), a_record(counter=43))
    officer.check(numbers={"highest": 43, "before": 41, "without": []})
    assert "Phone 7 sent 42 and 43." in page_of(supervisor, officer)
    assert "never came" not in read(supervisor.open("/desk/devices"))


def test_a_copied_device_is_said_in_words(officer, supervisor):
    officer.send(a_record(counter=1), a_record(counter=1))
    assert "Two devices seem to share this set-up" in read(supervisor.open("/desk/devices"))
    assert "Different records came under number 1." in page_of(supervisor, officer)


def test_a_device_that_there_is_not_is_not_found(supervisor):
    assert supervisor.open("/desk/devices/nobody").status_code == 404


# Kept aside -----------------------------------------------------------------------------------------------------


@pytest.fixture
def aside(officer, office) -> str:
    """The id of bytes that could not become a record."""
    first = a_record()
    officer.send(first, a_record(instanceId=first.instance_id, counter=9))
    with office.database.reading() as session:
        return submissions.aside(session, resolved=False)[0][0].id


def test_what_was_kept_aside_is_shown_with_its_reason(aside, supervisor):
    shown = read(supervisor.open("/desk/kept-aside"))
    assert "This number is already used for a different record. Both are kept." in shown
    assert "From Phone 7" in shown
    assert "under which another record is here" in shown
    assert "Kept aside 1" in read(supervisor.open("/desk/devices"))


def test_the_bytes_are_a_file_to_save_and_taking_them_is_logged(aside, supervisor, office):
    answer = supervisor.open(f"/desk/kept-aside/{aside}/bytes")
    assert json.loads(answer.content)["counter"] == 9
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith('attachment; filename="beatbook-kept-aside-')
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert [event.subject for event in logged(office, "quarantine.opened")] == [aside]


def test_looked_at_needs_a_note_and_keeps_the_bytes(aside, supervisor, office):
    refused = supervisor.submit(f"/desk/kept-aside/{aside}", note="  ")
    assert refused.status_code == 422
    assert "Say what came of it" in read(refused)
    supervisor.submit(f"/desk/kept-aside/{aside}", note="Both phones set up anew")
    shown = read(supervisor.open("/desk/kept-aside"))
    assert "Nothing is kept aside" in shown
    assert "Both phones set up anew Kerry B" in shown
    assert supervisor.open(f"/desk/kept-aside/{aside}/bytes").status_code == 200
    assert list(verify(office)) == []


def test_a_changed_note_is_found(aside, supervisor, office):
    supervisor.submit(f"/desk/kept-aside/{aside}", note="Nothing to see")
    with office.database.write_engine.begin() as connection:
        connection.exec_driver_sql("UPDATE quarantine SET note = 'I never said that'")
    assert [fault.what for fault in verify(office)] == ["what came of it was changed"]


def test_an_auditor_reads_and_resolves_nothing(aside, auditor):
    assert "Looked at" not in read(auditor.open("/desk/kept-aside"))
    assert auditor.submit(f"/desk/kept-aside/{aside}", note="x").status_code == 403


def test_what_was_not_kept_aside_is_not_found(supervisor):
    assert supervisor.open("/desk/kept-aside/nothing/bytes").status_code == 404
    assert supervisor.submit("/desk/kept-aside/nothing", note="x").status_code == 404


# Gone -----------------------------------------------------------------------------------------------------------


def test_what_is_gone_is_listed_with_what_helps_to_ask_for_it(officer, supervisor):
    assert "Nothing is missing" in read(supervisor.open("/desk/gone"))
    record = a_record()
    receipt = {
        "instanceId": record.instance_id,
        "digest": record.digest,
        "epoch": "before",
        "seq": 813,
        "chain": "ab",
        "receivedAt": "2026-11-21T09:43:00+00:00",
    }
    officer.show_receipts(receipt)
    shown = read(supervisor.open("/desk/gone"))
    assert "Phone 7" in shown
    assert "Graffiti Reference" in shown
    assert "Sun 22 Nov 2026 10:04 Sat 21 Nov 2026 09:43 Receipt 813 Number 1 No longer there" in shown
    assert "Acknowledged and gone 1" in read(supervisor.open("/desk/devices"))


def test_a_report_that_comes_later_keeps_what_was_said_before(officer, office):
    """Contacts without a report, as of outside clients, do not blank what is known."""
    officer.say(unsent=3, clock="2026-11-22T10:29:00+00:00")
    people_contact(office, officer)
    officer.http.get("/api/sync/state", headers=officer.headers)
    contact = people_contact(office, officer)
    assert contact.report == {"unsent": 3, "clock": "2026-11-22T10:29:00+00:00", "skew": 60}


def people_contact(office, device: Device) -> Contact:
    office.database.write(lambda session: None)
    with office.database.reading() as session:
        return next(contact for one, contact in people.devices(session) if one.id == device.device_id and contact)


def test_times_are_those_of_the_town(officer, supervisor, clock):
    clock.now = datetime.fromisoformat("2026-07-22T10:30:00+00:00")
    supervisor = Supervisor.join(supervisor.office, supervisor.http, "Sam B")
    officer.say(unsent=1, oldestUnsentAt="2026-07-22T08:30:00+00:00")
    assert "1 unsent since 09:30" in read(supervisor.open("/desk/devices"))


def test_who_manages_is_told_when_no_backup_holds_what_came(officer, server, office, later, tmp_path):
    officer.send(a_record())
    later(days=7, minutes=-10)
    administrator, supervisor = (
        Supervisor.join(office, server, name, role)
        for name, role in (("Robin A", Role.ADMIN), ("Kerry B", Role.SUPERVISOR))
    )
    assert "No backup" not in read(administrator.open("/desk/devices"))
    later(minutes=20)
    said = read(administrator.open("/desk/devices"))
    assert "No backup holds what came since Sun 22 Nov 2026 10:30. 14 days after a record came, its phone" in said
    assert "No backup" not in read(supervisor.open("/desk/devices"))
    backups.back_up(office, tmp_path / "backup", print)
    assert "No backup" not in read(administrator.open("/desk/devices"))
