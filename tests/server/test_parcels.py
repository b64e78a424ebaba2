"""Parcels: what a locked phone has sealed arrives as if it had not been, and what cannot be opened is never lost."""

import stat
from datetime import timedelta

import pytest
from actors import MULTIPART, Record, a_photo, a_record, body_of, sha256
from sqlmodel import func, select

from beatbook import backups, parcels
from beatbook.models import Blob, Device, Quarantine, Submission
from beatbook.office import open_office
from beatbook.verification import verify

SEALED = parcels.MEDIA_TYPE


def key_of(device) -> parcels.Key:
    """The key as a phone knows it: without its private half."""
    offered = device.down()["seal"]
    return parcels.Key(offered["keyId"], device.office.clock(), offered["publicKey"], private="")


def sealed_parts(record: Record, key: parcels.Key) -> list[tuple[str, tuple[str | None, bytes, str]]]:
    parcel = parcels.seal(key, record.payload, name="submission", instanceId=record.instance_id)
    return [
        ("submission", ("submission.json", parcel, SEALED)),
        *(
            ("attachment", (sha256(photo), parcels.seal(key, photo, name="attachment"), SEALED))
            for photo in record.photos
        ),
    ]


def send(device, delivery) -> list[dict]:
    headers = {**device.headers, "content-type": MULTIPART}
    answer = device.http.post("/api/sync", content=body_of(delivery), headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


def count(office, table) -> int:
    with office.database.reading() as session:
        return session.exec(select(func.count()).select_from(table)).one()


def aside(office) -> list[Quarantine]:
    with office.database.reading() as session:
        return list(session.exec(select(Quarantine)))


@pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
def test_a_sealed_record_and_its_photos_are_answered_and_kept_as_plain_ones(officer, office):
    record = a_record(a_photo(), a_photo())
    result, *held = send(officer, sealed_parts(record, key_of(officer)))
    assert (result["status"], result["missing"], result["warnings"]) == ("stored", [], [])
    assert result["receipt"]["digest"] == record.digest
    assert held == [{"sha256": sha256(photo), "status": "stored"} for photo in record.photos]
    with office.database.reading() as session:
        kept = session.get(Submission, record.instance_id)
        assert (kept.payload, kept.complete) == (record.payload, True)
    plain, *photos = officer.send(record)
    assert (plain["status"], plain["receipt"]) == ("already", result["receipt"])
    assert {photo["status"] for photo in photos} == {"already"}
    assert list(verify(office)) == []


def test_sealing_it_again_changes_neither_its_identity_nor_its_receipt(officer):
    record = a_record()
    (first,) = send(officer, sealed_parts(record, key_of(officer)))
    (again,) = send(officer, sealed_parts(record, key_of(officer)))
    assert (again["status"], again["receipt"]) == ("already", first["receipt"])
    other = a_record(instanceId=record.instance_id, counter=2)
    (reused,) = send(officer, sealed_parts(other, key_of(officer)))
    assert reused["problem"]["type"] == "/problems/id-reused"


def test_a_sealed_record_says_what_is_missing(officer):
    record = a_record(a_photo())
    (result,) = send(officer, sealed_parts(record, key_of(officer))[:1])
    assert result["missing"] == [sha256(record.photos[0])]


def test_any_byte_of_a_parcel_that_changes_on_the_way_asks_for_another_try(officer, office):
    record = a_record(a_photo())
    (name, (filename, parcel, kind)), photo = sealed_parts(record, key_of(officer))
    for at in (2, 5, len(parcel) // 2, len(parcel) - 1):
        damaged = bytes([*parcel[:at], parcel[at] ^ 1, *parcel[at + 1 :]])
        (result,) = send(officer, [(name, (filename, damaged, kind))])
        assert result["status"] == "refused"
        assert result["problem"]["type"] in ("/problems/parcel-damaged", "/problems/parcel-unopened")
    sealed = photo[1][1]
    (result,) = send(officer, [("attachment", (sha256(record.photos[0]), sealed[:-1] + b"!", SEALED))])
    assert (result["problem"]["client"], result["problem"]["kept"]) == ("retry", "nothing")
    assert result["sha256"] == sha256(record.photos[0])
    assert count(office, Submission) == count(office, Blob) == 0


def test_a_photo_under_a_name_that_is_not_its_digest_is_refused_after_opening(officer, office):
    sealed = parcels.seal(key_of(officer), a_photo(), name="attachment")
    (result,) = send(officer, [("attachment", (sha256(b"another"), sealed, SEALED))])
    assert result["problem"]["type"] == "/problems/digest-mismatch"
    assert count(office, Blob) == 0


def test_a_record_cannot_pass_for_a_photo(officer):
    sealed = parcels.seal(key_of(officer), a_record().payload, name="submission")
    (result,) = send(officer, [("attachment", (sha256(b"any"), sealed, SEALED))])
    assert result["problem"]["type"] == "/problems/parcel-unopened"


def test_what_is_not_a_parcel_is_damaged_and_nothing_falls_over(officer):
    for junk in (b"", b"BBP1", b"BBP1\xff\xff{}", b"BBP1\x00\x02{}", b"BBP1\x00\x02[]", b"BBP1\x00\x01\xff", b"{}"):
        for name, filename in (("submission", "submission.json"), ("attachment", "0" * 64)):
            (result,) = send(officer, [(name, (filename, junk, SEALED))])
            assert result["problem"]["type"] == "/problems/parcel-damaged", junk


def test_what_has_no_key_here_is_kept_aside_and_opened_when_the_key_is_back(officer, office, settings, clock):
    record = a_record(a_photo())
    lost = parcels.Key.make(clock())
    results = send(officer, sealed_parts(record, lost))
    assert results[0]["instanceId"] == record.instance_id
    assert results[1]["sha256"] == sha256(record.photos[0])
    for result in results:
        assert (result["problem"]["kept"], result["problem"]["client"]) == ("quarantine", "attention")
    send(officer, sealed_parts(record, lost)[:1])
    assert (count(office, Submission), len(aside(office))) == (0, 3)
    office.close()
    parcels.Keys(settings.data / parcels.FOLDER).keep([lost])
    reopened = open_office(settings, clock)
    reopened.open_parcels()
    try:
        with reopened.database.reading() as session:
            taken = session.get(Submission, record.instance_id)
            assert taken is not None and taken.complete
        assert all(kept.note for kept in aside(reopened))
        assert list(verify(reopened)) == []
    finally:
        reopened.close()


def test_of_a_child_nothing_is_kept_that_cannot_be_read(pupil, office, clock):
    (result,) = send(pupil, sealed_parts(a_record(), parcels.Key.make(clock())))
    assert result["problem"]["kept"] == "nothing"
    assert aside(office) == []


def test_parts_larger_than_their_limits_are_refused_sealed_or_not(officer, office):
    long = a_record(answers={"place_text": "x" * office.settings.max_submission})
    (result,) = send(officer, sealed_parts(long, key_of(officer)))
    assert result["problem"]["type"] == "/problems/record-too-large"


def test_keys_are_for_our_eyes_only_and_old_ones_still_open(officer, office, later):
    first = key_of(officer)
    (file,) = (office.settings.data / parcels.FOLDER).glob("*.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    later(days=91)
    office.keep_house(office.clock())
    second = key_of(officer)
    assert second.id != first.id
    for key in (first, second):
        (result,) = send(officer, sealed_parts(a_record(), key))
        assert result["status"] == "stored"
    office.keep_house(office.clock())
    assert len(office.parcel_keys.known) == 2


def test_where_backups_are_made_phones_get_a_new_key_only_when_one_holds_it(officer, office, settings, tmp_path, later):
    first, backup = key_of(officer), tmp_path / "backup"
    backups.back_up(office, backup, lambda _: None)
    later(days=91)
    office.keep_house(office.clock())
    assert key_of(officer).id == first.id
    backups.back_up(office, backup, lambda _: None)
    assert key_of(officer).id != first.id
    record = a_record()
    waiting = sealed_parts(record, key_of(officer))
    office.close()
    for path in (settings.data / parcels.FOLDER).iterdir():  # the disk dies, and with it every key
        path.unlink()
    backups.restore(settings, backup, lambda _: None, now=office.clock() + timedelta(minutes=1))
    kept = parcels.Keys(settings.data / parcels.FOLDER)
    assert kept.open(waiting[0][1][1], name="submission") == record.payload
    assert {stat.S_IMODE(path.stat().st_mode) for path in (backup / parcels.FOLDER).glob("*.json")} == {0o600}


def test_a_phone_is_told_to_lock_and_a_pupils_tablet_is_not(officer, pupil):
    assert officer.down()["seal"]["appLock"] is True
    assert pupil.down()["seal"]["appLock"] is False


def test_a_retired_phone_may_still_hand_in_what_it_had_sealed(officer, office, supervisor):
    record = a_record()
    delivery = sealed_parts(record, key_of(officer))
    retire(office, officer)
    headers = {**officer.headers, "content-type": MULTIPART}
    answer = officer.http.post("/api/sync", content=body_of(delivery), headers=headers)
    assert answer.status_code == 403
    assert [kept.payload for kept in aside(office)] == [record.payload]


def retire(office, device) -> None:
    def end(session) -> None:
        row = session.get(Device, device.device_id)
        row.retired_at = office.clock()
        session.add(row)

    office.database.write(end)


def test_what_a_stolen_phone_had_sealed_is_for_a_person_to_take_in(officer, office, settings, clock):
    record, lost = a_record(), parcels.Key.make(clock())
    send(officer, sealed_parts(record, lost))
    retire(office, officer)
    office.parcel_keys.keep([lost])
    office.open_parcels()
    assert count(office, Submission) == 0
    opened = next(kept for kept in aside(office) if kept.slug == "device-revoked")
    assert (opened.payload, opened.resolved_at) == (record.payload, None)


def test_a_key_that_was_damaged_stops_nothing_and_comes_back_from_the_backup(officer, office, settings, tmp_path):
    key, backup = key_of(officer), tmp_path / "backup"
    backups.back_up(office, backup, lambda _: None)
    path = settings.data / parcels.FOLDER / f"{key.id}.json"
    half = office.parcel_keys.known[key.id].private
    office.close()
    for damaged in ("", "{}", path.read_text().replace(half, half[4:] + half[:4])):
        path.write_text(damaged)
        reopened = open_office(settings, office.clock)
        assert [fault for fault in verify(reopened) if path.name in str(fault)], damaged
        reopened.close()
    backups.restore(settings, backup, lambda _: None, now=office.clock() + timedelta(minutes=1))
    assert parcels.Keys(settings.data / parcels.FOLDER).damaged() == []
