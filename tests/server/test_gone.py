"""Gone: what the server acknowledged and lost is listed until it comes back."""

from datetime import UTC, datetime

import pytest
from actors import a_record, sha256
from sqlmodel import select

from beatbook import events, gone
from beatbook.models import Event, Gone
from beatbook.verification import verify

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)


def listed(office) -> list[Gone]:
    with office.database.reading() as session:
        return [row for row, _ in gone.listed(session)]


def lost_receipt(officer, **changes):
    """A receipt for a record that the server does not have, as a device holds it after a restore."""
    record = a_record(**changes)
    return record, {
        "instanceId": record.instance_id,
        "digest": record.digest,
        "epoch": "an epoch before",
        "seq": 813,
        "chain": "ab" * 32,
        "receivedAt": "2026-11-21T09:43:00+00:00",
    }


def test_a_receipt_without_its_record_is_listed_with_what_the_device_knows(officer, office):
    record, receipt = lost_receipt(officer)
    assert officer.show_receipts(receipt).json()["submissions"][0]["status"] == "missing"
    (row,) = listed(office)
    assert (row.instance_id, row.digest, row.device_id) == (record.instance_id, record.digest, officer.device_id)
    assert (row.form_id, row.counter, row.receipt_seq, row.still_there) == ("graffiti", 1, 813, False)
    assert row.acknowledged_at == datetime(2026, 11, 21, 9, 43, tzinfo=UTC)
    assert row.noticed_at == office.clock()


def test_it_is_listed_once_however_often_it_is_shown(officer, enrolled, office):
    _, receipt = lost_receipt(officer)
    for _ in range(2):
        officer.show_receipts(receipt)
        officer.check(last_receipt=receipt)
        enrolled(name="Phone 8").show_receipts(receipt)
    assert len(listed(office)) == 1


def test_it_vanishes_when_the_record_arrives_again(officer, office):
    record, receipt = lost_receipt(officer)
    officer.show_receipts(receipt)
    officer.send(record)
    assert listed(office) == []
    assert list(verify(office)) == []


def test_another_record_under_its_number_does_not_bring_it_back(officer, office):
    record, receipt = lost_receipt(officer)
    officer.show_receipts(receipt)
    officer.send(a_record(instanceId=record.instance_id, counter=9))
    assert [row.digest for row in listed(office)] == [record.digest]
    assert list(verify(office)) == []


def test_it_can_be_lost_twice(officer, office):
    record, receipt = lost_receipt(officer)
    officer.show_receipts(receipt)
    with office.database.reading() as session:
        kept = session.exec(select(Gone)).one().model_dump()
    officer.send(record)
    assert listed(office) == []
    office.database.write(lambda session: lose_again(session, kept, office.clock()))
    assert len(listed(office)) == 1
    assert list(verify(office)) == []


def lose_again(session, kept, now):
    """As if a restore had taken the record back once more: only the notice is made anew."""
    row = Gone(**kept)
    session.add(row)
    data = {"digest": row.digest, "row": events.digest_of(gone.sealed(row))}
    events.append(session, gone.NOTICED, row.instance_id, actor="device:x", now=now, data=data)


def test_the_last_receipt_alone_is_enough(officer, office):
    _, receipt = lost_receipt(officer)
    officer.check(last_receipt=receipt)
    assert [row.receipt_seq for row in listed(office)] == [813]


def test_what_was_never_acknowledged_or_is_here_is_not_listed(officer, office):
    here, never = a_record(), a_record()
    receipt = officer.send(here)[0]["receipt"]
    officer.check(never)
    officer.show_receipts(receipt)
    officer.check(last_receipt=receipt)
    assert listed(office) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"seq": "x"},
        {"seq": 2**31},
        {"seq": 0},
        {"seq": True},
        {"chain": None},
        {"digest": "x"},
        {"instanceId": "not a number"},
    ],
)
def test_a_receipt_that_makes_no_sense_is_not_listed(officer, office, changes):
    _, receipt = lost_receipt(officer)
    assert officer.show_receipts(receipt | changes).status_code == 200
    assert listed(office) == []


def test_one_device_cannot_fill_the_list(officer, office, monkeypatch):
    monkeypatch.setattr(gone, "MOST_PER_DEVICE", 3)
    receipts = [lost_receipt(officer, answers={"n": number})[1] for number in range(5)]
    officer.show_receipts(*receipts)
    assert len(listed(office)) == 3


def test_a_changed_row_of_the_list_is_found(officer, office):
    _, receipt = lost_receipt(officer)
    officer.show_receipts(receipt)
    with office.database.write_engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE gone SET digest = '{sha256(b'other')}'")
    assert [fault.what for fault in verify(office)] == ["its row was changed"]
    with office.database.write_engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM gone")
    assert [fault.what for fault in verify(office)] == ["is neither listed nor here"]


def test_noticing_is_an_event_about_the_record(officer, office):
    record, receipt = lost_receipt(officer)
    officer.show_receipts(receipt)
    with office.database.reading() as session:
        (event,) = session.exec(select(Event).where(Event.subject == record.instance_id)).all()
    assert (event.kind, event.actor) == ("submission.gone", f"device:{officer.device_id}")
