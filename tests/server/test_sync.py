"""Asking and fetching: what the server holds, where it stands, what changed for a device."""

import pytest
from actors import a_photo, a_record, sha256

from beatbook import events
from beatbook.models import Contact

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)


def test_a_device_learns_what_of_its_own_the_server_holds(officer):
    first, second = a_photo(), a_photo()
    whole, partly, other, unknown = a_record(first), a_record(first, second), a_record(), a_record()
    officer.send(whole, partly, other, photos=(first,))
    changed = a_record(instanceId=other.instance_id, counter=9)
    answer = officer.check(whole, partly, changed, unknown, photos=(first, second)).json()
    assert answer["submissions"] == [
        {"instanceId": whole.instance_id, "status": "same", "missing": []},
        {"instanceId": partly.instance_id, "status": "same", "missing": [sha256(second)]},
        {"instanceId": other.instance_id, "status": "differs", "missing": []},
        {"instanceId": unknown.instance_id, "status": "missing", "missing": []},
    ]
    assert answer["attachments"] == [
        {"sha256": sha256(first), "held": True},
        {"sha256": sha256(second), "held": False},
    ]
    assert {"epoch", "safeSeq", "serverId"} <= answer.keys()


def test_the_state_says_where_the_history_stands(officer, office):
    before = officer.state()
    receipt = officer.send(a_record())[0]["receipt"]
    after = officer.state()
    assert after["serverId"] == office.server_id
    assert after["epoch"] == before["epoch"] == receipt["epoch"]
    assert after["seq"] >= receipt["seq"] > before["seq"]
    assert after["safeSeq"] == 0
    assert after["serverTime"] == "2026-11-22T10:30:00.000000+00:00"
    assert after["limits"]["attachment"] == 12 * 1024 * 1024
    assert after["minimumApp"] == "0.1.0"


def test_a_phone_fetches_the_forms_of_its_role_once(officer, pupil):
    fetched = officer.down()
    assert {form["formId"] for form in fetched["forms"]} >= {"graffiti", "litter"}
    again = officer.down(fetched["cursor"])
    assert again["forms"] == again["lists"] == again["reviews"] == []
    assert [form["formId"] for form in pupil.down()["forms"]] == ["mock_ticket", "ticket_design", "wow_tally"]


@pytest.mark.parametrize("cursor", ["", "nonsense", "a.b.c", "." * 300, "x.99999999999999999999999"])
def test_a_cursor_that_makes_no_sense_fetches_everything(officer, cursor):
    assert officer.down(cursor)["forms"]


def test_an_outcome_reaches_the_phone_that_sent_the_record_and_no_other(officer, enrolled, supervisor):
    record, other = a_record(a_photo()), enrolled(name="Phone 8")
    officer.send(record)
    cursor = officer.down()["cursor"]
    assert supervisor.send_back(record, "too_dark", "Try again by daylight").status_code == 303
    (outcome,) = officer.down(cursor)["reviews"]
    assert outcome["instanceId"] == record.instance_id
    assert outcome["reviewState"] == "hasIssues"
    assert (outcome["reason"], outcome["note"]) == ("too_dark", "Try again by daylight")
    assert outcome["reviewer"] == "Kerry B"
    assert outcome["answers"]["place_text"] == "Westgate Gardens, by the bench"  # a phone that was locked cannot tell
    supervisor.approve(record)
    assert "answers" not in officer.down(cursor)["reviews"][0]
    assert other.down()["reviews"] == []


def test_after_a_restore_outcomes_are_told_again(officer, office, supervisor):
    record = a_record(a_photo())
    officer.send(record)
    supervisor.approve(record)
    cursor = officer.down()["cursor"]
    assert officer.down(cursor)["reviews"] == []
    office.database.write(lambda session: events.begin_epoch(session, "restored", now=office.clock()))
    assert [outcome["instanceId"] for outcome in officer.down(cursor)["reviews"]] == [record.instance_id]


def test_a_cursor_from_a_later_log_than_ours_begins_a_new_epoch(officer, office, supervisor):
    """Somebody went back to a copy of before the decision, and said nothing; no receipt of the phone is younger."""
    record = a_record(a_photo())
    officer.send(record)
    supervisor.approve(record)
    *begins, epoch, change, near, seq, chain = officer.down()["cursor"].split(".")
    assert (epoch, int(seq)) == (officer.state()["epoch"], officer.state()["seq"])
    for later in ([str(int(seq) + 2), chain], [seq, "0" * 64]):
        cursor = ".".join([*begins, officer.state()["epoch"], change, near, *later])
        fetched = officer.down(cursor)
        assert fetched["epoch"] == officer.state()["epoch"] != epoch
        assert [outcome["reviewState"] for outcome in fetched["reviews"]] == ["approved"]
        epoch = fetched["epoch"]
    assert officer.down(fetched["cursor"])["epoch"] == epoch
    assert officer.down(".".join([*begins, epoch, change, near]))["epoch"] == epoch  # as an older Beatbook made them


def test_only_the_newest_decision_is_fetched(officer, supervisor):
    record = a_record(a_photo())
    officer.send(record)
    supervisor.send_back(record, "too_dark")
    supervisor.approve(record)
    (outcome,) = officer.down()["reviews"]
    assert outcome["reviewState"] == "approved"


def test_what_a_device_says_of_itself_is_kept(officer, office, later):
    later(minutes=5)
    report = '{"unsent": 3, "app": "0.1.0"}'
    officer.http.get("/api/sync/state", headers={**officer.headers, "beatbook-report": report})
    office.database.write(lambda session: None)  # what was queued before it is now written
    with office.database.reading() as session:
        contact = session.get(Contact, officer.device_id)
    assert contact.report == {"unsent": 3, "app": "0.1.0"}
    assert contact.seen_at == office.clock()


@pytest.mark.parametrize("report", ["{", "[]", "x" * 9000, "[" * 1900])
def test_a_report_that_makes_no_sense_is_left_out(officer, report):
    answer = officer.http.get("/api/sync/state", headers={**officer.headers, "beatbook-report": report})
    assert answer.status_code == 200
