"""Rescue: a file that a phone exported is brought in once, whole, and nothing in it is believed."""

import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from actors import Record, Supervisor, a_photo, a_record, graffiti_answers, read, sha256
from sqlmodel import func, select

from beatbook import parcels, people
from beatbook.models import Blob, Device, Event, Person, Quarantine, Role, Submission
from beatbook.rescue import Brought, Outcome, bring_in
from beatbook.verification import verify

both_databases = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)


def exported(*records: Record, device_id: str = "", changes: dict[str, Any] | None = None) -> dict[str, bytes]:
    """The entries of a file as a phone writes it."""
    manifest = {
        "format": 1,
        "deviceId": device_id,
        "deviceName": "Phone 7",
        "records": [
            {
                "instanceId": record.instance_id,
                "digest": record.digest,
                "photos": [sha256(photo) for photo in record.photos],
            }
            for record in records
        ],
        **(changes or {}),
    }
    return {
        "manifest.json": json.dumps(manifest).encode(),
        **{f"records/{record.digest}.json": record.payload for record in records},
        **{f"photos/{sha256(photo)}.jpg": photo for record in records for photo in record.photos},
    }


def packed(entries: dict[str, bytes], how: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", how) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return file.getvalue()


@pytest.fixture
def take(office, supervisor):
    """Brings in a file as the supervisor would, without the page."""

    def take(data: bytes) -> Brought:
        with office.database.reading() as session:
            person = session.get(Person, supervisor.person_id)
        return bring_in(office, io.BytesIO(data), person, now=office.clock())

    return take


def upload(person: Supervisor, data: bytes, name: str = "beatbook-phone-7.zip") -> Any:
    return person.http.post("/desk/bring-in", files={"file": (name, data, "application/zip")}, headers=person.headers())


def outcomes(brought: Brought) -> list[Outcome]:
    return [fate.outcome for fate in brought.records]


def count(office, table) -> int:
    with office.database.reading() as session:
        return session.exec(select(func.count()).select_from(table)).one()


def stored(office, record: Record) -> Submission | None:
    with office.database.reading() as session:
        return session.get(Submission, record.instance_id)


def files_waiting(office) -> list[str]:
    return [path.name for path in office.blobs.incoming.iterdir()]


# What is brought in ---------------------------------------------------------------------------------------------


@both_databases
def test_a_record_enters_as_if_its_phone_had_sent_it(officer, office, supervisor, take):
    record = a_record(a_photo())
    brought = take(packed(exported(record, device_id=officer.device_id)))
    assert outcomes(brought) == [Outcome.BROUGHT_IN]
    submission = stored(office, record)
    assert submission is not None
    assert (submission.payload, submission.device_id, submission.complete) == (record.payload, officer.device_id, True)
    assert officer.check(record).json()["submissions"][0]["status"] == "same"
    again, _ = officer.send(record)
    assert again["status"] == "already"
    assert list(verify(office)) == []


def test_a_file_may_hold_what_a_locked_phone_had_sealed(officer, office, take):
    record, unknown = a_record(a_photo()), a_record(counter=2)
    (key,), lost = office.parcel_keys.known.values(), parcels.Key.make(office.clock())
    entries = exported(record, unknown, device_id=officer.device_id)
    entries[f"records/{record.digest}.json"] = parcels.seal(key, record.payload, name="submission")
    entries[f"records/{unknown.digest}.json"] = parcels.seal(lost, unknown.payload, name="submission")
    (photo,) = record.photos
    entries[f"photos/{sha256(photo)}.jpg"] = parcels.seal(key, photo, name="attachment")
    brought = take(packed(entries))
    assert outcomes(brought) == [Outcome.BROUGHT_IN, Outcome.ASIDE]
    assert brought.photos_new == 1
    assert (submission := stored(office, record)) is not None and submission.complete


@both_databases
def test_bringing_in_the_same_file_again_changes_nothing(officer, office, take):
    record = a_record(a_photo())
    data = packed(exported(record, device_id=officer.device_id))
    take(data)
    again = take(data)
    assert outcomes(again) == [Outcome.HERE]
    assert (again.photos_new, again.photos_here) == (0, 1)
    assert count(office, Submission) == count(office, Blob) == 1
    assert count(office, Quarantine) == 0


def test_what_the_phone_sent_meanwhile_was_here_already(officer, office, take):
    sent, unsent = a_record(counter=1), a_record(counter=2)
    officer.send(sent)
    brought = take(packed(exported(sent, unsent, device_id=officer.device_id)))
    assert sorted(outcomes(brought)) == [Outcome.BROUGHT_IN, Outcome.HERE]


def test_a_file_that_was_unpacked_and_packed_again_is_brought_in(officer, office, take):
    record = a_record(a_photo())
    entries = exported(record, device_id=officer.device_id)
    again = {f"beatbook-phone-7/{name}": data for name, data in reversed(entries.items())}
    again |= {"__MACOSX/beatbook-phone-7/._manifest.json": b"\0\5\26\7", "beatbook-phone-7/.DS_Store": b"\0"}
    brought = take(packed(again, zipfile.ZIP_DEFLATED))
    assert outcomes(brought) == [Outcome.BROUGHT_IN]
    assert brought.troubles == []


@pytest.mark.parametrize(
    "name", ["../../../etc/cron.d/x", "/etc/passwd", "C:\\x", "records/\u202egnp", "long" * 1000], ids=range(5)
)
def test_names_in_the_file_mean_nothing(officer, office, take, name):
    photo = a_photo()
    record = a_record(photo)
    entries = exported(record, device_id=officer.device_id)
    odd = {"manifest.json": entries["manifest.json"], name: record.payload, f"{name}.html": photo}
    before = {path for path in office.settings.data.parent.rglob("*") if path.is_file()}
    brought = take(packed(odd))
    assert outcomes(brought) == [Outcome.BROUGHT_IN]
    assert brought.photos_new == 1
    new = {path for path in office.settings.data.parent.rglob("*") if path.is_file()} - before
    assert {path.name for path in new if "-wal" not in path.name and "-shm" not in path.name} == {sha256(photo)}


def test_a_photo_that_is_not_in_the_file_is_waited_for(officer, office, take):
    record = a_record(a_photo(), a_photo())
    entries = exported(record, device_id=officer.device_id)
    entries.pop(f"photos/{sha256(record.photos[1])}.jpg")
    brought = take(packed(entries))
    assert [fate.missing for fate in brought.records] == [1]


# Whose it is ----------------------------------------------------------------------------------------------------


def test_a_retired_phone_still_owns_its_records(officer, office, take):
    office.database.write(
        lambda session: people.retire(
            session, session.get(Device, officer.device_id), now=office.clock(), actor="server"
        )
    )
    record = a_record()
    take(packed(exported(record, device_id=officer.device_id)))
    submission = stored(office, record)
    assert submission is not None
    assert submission.device_id == officer.device_id


def test_records_of_an_unknown_phone_stand_under_who_brought_them_in(office, take):
    first, second = a_record(), a_record()
    brought = take(packed(exported(first, device_id="somebody else's")))
    take(packed(exported(second)))
    assert not brought.is_known
    assert brought.device.name == "Imported by Kerry B"
    assert {submission.device_id for submission in (stored(office, first), stored(office, second)) if submission} == {
        brought.device.id
    }
    assert list(verify(office)) == []


def test_nothing_can_sign_in_as_an_importing_device(office, server, supervisor, take):
    take(packed(exported(a_record())))
    headers = {"authorization": f"Bearer import:{supervisor.person_id}"}
    assert server.get("/api/sync/state", headers=headers).status_code == 401


def test_a_pupils_tablet_has_no_more_rights_by_way_of_a_file(pupil, office, take):
    brought = take(packed(exported(a_record(), device_id=pupil.device_id)))
    assert outcomes(brought) == [Outcome.NOT_TAKEN]
    assert count(office, Submission) == count(office, Quarantine) == 0


def test_the_log_says_who_brought_it_in(officer, office, supervisor, take):
    record = a_record()
    data = packed(exported(record, device_id=officer.device_id))
    take(data)
    with office.database.reading() as session:
        said = {event.kind: event for event in session.exec(select(Event)) if event.kind.endswith("imported")}
    assert said["submission.imported"].subject == record.instance_id
    assert said["submission.imported"].actor == said["file.imported"].actor == f"person:{supervisor.person_id}"
    assert said["file.imported"].subject == hashlib.sha256(data).hexdigest()
    assert json.loads(said["file.imported"].data)["brought_in"] == 1


# What is not believed -------------------------------------------------------------------------------------------


def test_a_record_that_was_altered_in_the_file_is_kept_aside(officer, office, take):
    record = a_record()
    entries = exported(record, device_id=officer.device_id)
    entries[f"records/{record.digest}.json"] = record.payload.replace(b"Westgate", b"Eastgate")
    brought = take(packed(entries))
    assert outcomes(brought) == [Outcome.ASIDE, Outcome.NOT_TAKEN]
    assert brought.records[0].why == "The record is not the one that its phone put into the file."
    assert count(office, Submission) == 0
    take(packed(entries))
    assert count(office, Quarantine) == 1


def test_other_answers_under_a_number_that_is_here_are_kept_aside(officer, office, take):
    first = a_record()
    officer.send(first)
    other = a_record(instanceId=first.instance_id, answers=graffiti_answers() | {"size": "door"})
    brought = take(packed(exported(other, device_id=officer.device_id)))
    assert outcomes(brought) == [Outcome.ASIDE]
    assert count(office, Quarantine) == 1
    assert list(verify(office)) == []


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"{" + b"x" * 300_000, "The record is larger than 256 KB."),
        (b'{"instanceId": "not a number"}', "The record number is not valid."),
    ],
)
def test_what_can_never_be_a_record_is_named_and_not_taken(officer, office, take, data, sentence):
    record = Record(data)
    listed = {"records": [{"instanceId": "x", "digest": record.digest, "photos": []}]}
    brought = take(packed({"x": data, **exported(device_id=officer.device_id, changes=listed)}))
    (fate,) = brought.records
    assert (fate.outcome, fate.why) == (Outcome.NOT_TAKEN, sentence)


@pytest.mark.parametrize("photo", [b"", b"<svg onload=alert(1)>", b"\xff\xd8\xff", b"GIF89a"])
def test_a_file_that_is_no_photo_of_a_record_is_not_kept(officer, office, take, photo):
    record = a_record()
    brought = take(packed(exported(record, device_id=officer.device_id) | {"photos/x.jpg": photo}))
    assert outcomes(brought) == [Outcome.BROUGHT_IN]
    assert brought.troubles == ["A photo is damaged, or belongs to no record of this file."]
    assert count(office, Blob) == 0
    assert files_waiting(office) == []


def test_a_photo_is_checked_as_if_it_had_been_sent(officer, office, take):
    record = a_record(b"GIF89a and more")
    brought = take(packed(exported(record, device_id=officer.device_id)))
    assert brought.troubles == ["Only JPEG, PNG and WebP photos are accepted."]
    assert brought.records[0].missing == 1


def test_a_damaged_byte_spoils_one_record_and_not_the_others(officer, office, take):
    first, second = a_record(counter=1), a_record(counter=2)
    data = packed(exported(first, second, device_id=officer.device_id))
    brought = take(data.replace(b"Westgate", b"Westgade", 1))
    assert outcomes(brought) == [Outcome.BROUGHT_IN, Outcome.NOT_TAKEN]
    assert brought.records[1].instance_id == first.instance_id
    assert brought.records[1].why == "The file lists it, and does not hold it whole."
    assert brought.troubles == []
    assert count(office, Submission) == 1


def bomb() -> bytes:
    """Ten kilobytes that would become ten megabytes, said to be a photo."""
    return packed({"manifest.json": exported()["manifest.json"], "photo": b"\0" * 10_000_000}, zipfile.ZIP_DEFLATED)


def forged_list() -> bytes:
    """A list of contents that says it is 3 MiB long."""
    data = packed({"a": b"a" * 4_000_000})
    end = data.rindex(b"PK\x05\x06")
    return data[: end + 12] + struct.pack("<LL", 3_000_000, 900_000) + data[end + 20 :]


def locked() -> bytes:
    data = bytearray(packed(exported()))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


TRAPS: dict[str, tuple[int, Callable[[], bytes]]] = {
    "nothing": (422, lambda: b""),
    "not a zip": (422, lambda: b"not a zip"),
    "an empty zip": (422, lambda: packed({})),
    "a manifest cut short": (422, lambda: packed({"manifest.json": b"{"})),
    "a manifest nested deeply": (422, lambda: packed({"manifest.json": b"[" * 100_000})),
    "a manifest of another kind": (422, lambda: packed({"manifest.json": b'{"format": 2, "records": []}'})),
    "no manifest": (422, lambda: packed({"records/x.json": b"{}"})),
    "packed in an unusual way": (422, lambda: packed(exported(), zipfile.ZIP_LZMA)),
    "locked with a password": (422, locked),
    "cut at its end": (422, lambda: packed(exported())[:-30]),
    "a bomb": (413, bomb),
    "a forged list of contents": (413, forged_list),
    "too many entries": (413, lambda: packed({str(number): b"" for number in range(8001)})),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_a_file_that_is_not_one_or_a_trap_is_refused_and_changes_nothing(
    officer, office, supervisor, trap, monkeypatch
):
    status, data = TRAPS[trap][0], TRAPS[trap][1]()
    monkeypatch.setitem(office.settings.__dict__, "max_body", 5_000_000)
    before = count(office, Event)
    answer = upload(supervisor, data)
    assert answer.status_code == status
    assert "Nothing was changed" in read(answer)
    assert count(office, Event) == before
    assert files_waiting(office) == []


@pytest.mark.parametrize("cut", range(0, 2000, 157))
def test_a_file_cut_anywhere_is_refused_whole(office, supervisor, take, cut):
    data = packed(exported(a_record()))
    assert upload(supervisor, data[: len(data) * cut // 2000]).status_code == 422
    assert count(office, Submission) == 0


# At the desk ----------------------------------------------------------------------------------------------------


def test_the_page_says_what_became_of_each_record(officer, supervisor):
    here, other = a_record(counter=1), a_record(a_photo(), counter=2)
    officer.send(here)
    aside = a_record(instanceId=here.instance_id, counter=3)
    shown = read(upload(supervisor, packed(exported(here, other, aside, device_id=officer.device_id))))
    assert "1 record brought in" in shown
    assert "Filed under Phone 7. New photos: 1." in shown
    assert "Was here already" in shown
    assert "Kept aside This number is already used for a different record. Both are kept." in shown


def test_the_record_says_that_it_came_from_a_file(officer, supervisor):
    record = a_record()
    upload(supervisor, packed(exported(record, device_id=officer.device_id)))
    shown = read(supervisor.open(f"/desk/records/{record.instance_id}"))
    assert "Brought in from a file that its phone had exported by Kerry B" in shown


def test_no_file_chosen_is_said_beside_the_question(supervisor):
    answer = supervisor.submit("/desk/bring-in")
    assert answer.status_code == 422
    assert "Choose the file that was exported from the phone" in read(answer)


def test_an_auditor_brings_nothing_in(office, server):
    auditor = Supervisor.join(office, server, "Ann Audit", Role.AUDITOR)
    assert auditor.open("/desk/bring-in").status_code == 403
    assert upload(auditor, packed(exported(a_record()))).status_code == 403
    assert count(office, Submission) == 0


def test_a_full_server_takes_no_file(office, supervisor, monkeypatch):
    monkeypatch.setitem(office.settings.__dict__, "min_free_bytes", 10**18)
    assert upload(supervisor, packed(exported(a_record()))).status_code == 507
    assert count(office, Submission) == 0
