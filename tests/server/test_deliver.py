"""Delivering: what a device sends arrives once, whole and durable, whatever happens on the way."""

import json

import pytest
from actors import MULTIPART, a_photo, a_record, body_of, parts, sha256
from sqlmodel import func, select

from beatbook.models import Attachment, Blob, Event, Quarantine, Submission

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)


def count(office, table) -> int:
    with office.database.reading() as session:
        return session.exec(select(func.count()).select_from(table)).one()


def files_of(office) -> set[str]:
    return {path.name for path in office.blobs.folder.rglob("*") if path.is_file()}


def test_a_record_with_a_photo_arrives_complete(officer, office):
    photo = a_photo()
    record = a_record(photo)
    result, held = officer.send(record)
    assert result["status"] == "stored"
    assert result["missing"] == []
    assert result["warnings"] == []
    assert held == {"sha256": sha256(photo), "status": "stored"}
    with office.database.reading() as session:
        submission = session.get(Submission, record.instance_id)
        assert submission.complete
        assert submission.payload == record.payload
        assert submission.title == "Graffiti, Wall or fence, Westgate Gardens, by the bench"
    with office.blobs.open(sha256(photo)) as file:
        assert file.read() == photo


def test_the_receipt_names_the_record_its_digest_and_its_place_in_the_history(officer, office):
    record = a_record()
    receipt = officer.send(record)[0]["receipt"]
    with office.database.reading() as session:
        event = session.get(Event, receipt["seq"])
    assert receipt == {
        "instanceId": record.instance_id,
        "digest": record.digest,
        "epoch": officer.state()["epoch"],
        "seq": event.seq,
        "chain": event.chain,
        "receivedAt": "2026-11-22T10:30:00.000000+00:00",
    }
    assert (event.kind, event.subject) == ("submission.received", record.instance_id)


def test_sending_the_same_submission_again_changes_nothing(officer, office):  # 1
    record = a_record(a_photo())
    first = officer.send(record)
    events = count(office, Event)
    again = officer.send(record)
    assert again[0]["status"] == again[1]["status"] == "already"
    assert again[0]["receipt"] == first[0]["receipt"]
    assert count(office, Event) == events
    assert count(office, Submission) == count(office, Blob) == count(office, Attachment) == 1


def test_the_same_record_twice_in_one_delivery_is_stored_once(officer, office):
    record = a_record()
    first, second = officer.send(record, record)
    assert [first["status"], second["status"]] == ["stored", "already"]
    assert first["receipt"] == second["receipt"]
    assert count(office, Submission) == 1


def test_another_device_gets_the_same_receipt(officer, enrolled):
    record = a_record()
    assert enrolled(name="Phone 8").send(record)[0]["receipt"] == officer.send(record)[0]["receipt"]


def test_other_answers_under_the_same_number_are_kept_aside(officer, office):  # 2
    record = a_record()
    officer.send(record)
    other = a_record(instanceId=record.instance_id, counter=2)
    (result,) = officer.send(other)
    assert result["status"] == "refused"
    assert result["problem"]["type"] == "/problems/id-reused"
    assert result["problem"]["status"] == 409
    assert result["problem"]["detail"] == "This number is already used for a different record. Both are kept."
    assert result["problem"]["kept"] == "quarantine"
    assert result["problem"]["client"] == "attention"
    with office.database.reading() as session:
        assert session.get(Submission, record.instance_id).payload == record.payload
        assert session.exec(select(Quarantine)).one().payload == other.payload


def test_keeping_the_same_bytes_aside_again_changes_nothing(officer, office):
    record = a_record()
    officer.send(record)
    other = a_record(instanceId=record.instance_id, counter=2)
    officer.send(other)
    officer.send(other)
    assert count(office, Quarantine) == 1


def test_a_record_before_its_photos_is_not_complete_until_the_last_has_come(officer, office):
    first, second = a_photo(), a_photo()
    record = a_record(first, second)
    (result,) = officer.send(record, photos=())
    assert result["missing"] == [sha256(first), sha256(second)]
    officer.send(photos=(second,))
    with office.database.reading() as session:
        assert not session.get(Submission, record.instance_id).complete
    officer.send(photos=(first,))
    with office.database.reading() as session:
        assert session.get(Submission, record.instance_id).complete


def test_photos_may_come_before_their_record(officer):
    photo = a_photo()
    officer.send(photos=(photo,))
    record = a_record(photo)
    (result,) = officer.send(record, photos=())
    assert result["missing"] == []


def test_a_photo_listed_twice_is_held_once_and_missing_once(officer, office):
    photo = a_photo()
    record = a_record(photo, photo)
    (result,) = officer.send(record, photos=())
    assert result["missing"] == [sha256(photo)]
    assert officer.send(record)[0]["missing"] == []
    assert count(office, Blob) == 1


def test_a_photo_of_another_size_than_listed_does_not_complete_the_record(officer):
    photo = a_photo()
    listed = [{"field": "photo_before", "sha256": sha256(photo), "size": len(photo) + 1, "mediaType": "image/jpeg"}]
    assert officer.send(a_record(attachments=listed), photos=(photo,))[0]["missing"] == [sha256(photo)]


def test_one_bad_part_does_not_stop_the_others(officer):
    good, bad, last = a_record(), a_record(instanceId="NOT-A-NUMBER"), a_record()
    results = officer.send(good, bad, last)
    assert [result["status"] for result in results] == ["stored", "refused", "stored"]


def test_a_body_cut_short_loses_only_the_part_in_flight(officer, office):  # 36
    whole, photo = a_record(), a_photo((200, 200))
    body = body_of(parts(whole, photos=(photo,)))
    answer = officer.deliver_bytes(body[:-2000])
    assert answer.status_code == 400
    problem = answer.json()
    assert problem["type"] == "/problems/upload-incomplete"
    assert problem["detail"] == "The upload stopped early. It will be sent again."
    assert problem["client"] == "retry"
    assert problem["kept"] == "submission"
    assert officer.check(whole, photos=(photo,)).json()["submissions"][0]["status"] == "same"
    assert files_of(office) == set()


@pytest.mark.parametrize("cut", [1, 20, 60, 150, 400])
def test_wherever_a_body_is_cut_no_half_file_stays(officer, office, cut):
    officer.deliver_bytes(body_of(parts(photos=(a_photo(),)))[:cut])
    assert files_of(office) == set()


def test_every_answer_says_which_server_it_is(officer, server, office):
    for answer in (officer.deliver(a_record()), server.get("/healthz"), server.post("/api/sync"), server.get("/none")):
        assert answer.headers["beatbook-server"] == office.server_id


def test_a_hundred_records_in_one_delivery_are_answered_in_their_order(officer, office):
    records = [a_record(counter=number) for number in range(100)]
    results = officer.send(*records)
    assert [result["instanceId"] for result in results] == [record.instance_id for record in records]
    assert count(office, Submission) == 100


def test_a_delivery_with_nothing_in_it_is_answered(officer):
    assert officer.send() == []


def test_a_withdrawn_device_is_refused_and_what_it_sends_is_kept_aside(officer, office):  # 39
    from beatbook import people
    from beatbook.models import Device

    office.database.write(
        lambda session: people.retire(
            session, session.get(Device, officer.device_id), now=office.clock(), actor="person:x"
        )
    )
    answer = officer.deliver(a_record(a_photo()))
    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/device-revoked"
    assert answer.json()["kept"] == "quarantine"
    assert answer.json()["client"] == "stop"
    assert count(office, Submission) == count(office, Blob) == 0
    assert count(office, Quarantine) == 1
    assert files_of(office) == set()


def test_a_mended_record_marks_the_one_it_replaces_whichever_comes_first(officer, office):
    first = a_record()
    mended = a_record(replaces=first.instance_id)
    officer.send(mended)
    officer.send(first)
    with office.database.reading() as session:
        assert session.get(Submission, first.instance_id).review_state == "edited"
        assert session.get(Submission, mended.instance_id).review_state == "received"


def test_unknown_members_and_answers_are_kept_verbatim(officer, office):  # 18
    record = a_record(something={"new": [1, 2]}, answers={"nobody_asked": "<script>alert(1)</script>"})
    officer.send(record)
    with office.database.reading() as session:
        assert session.get(Submission, record.instance_id).payload == record.payload


def test_a_delivery_needs_a_multipart_body(officer):
    for content_type in ("application/json", "text/plain"):
        answer = officer.deliver_bytes(json.dumps({}).encode(), content_type)
        assert answer.status_code == 415
    assert officer.deliver_bytes(b"", MULTIPART).json()["type"] == "/problems/body-missing"
