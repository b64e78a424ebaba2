"""Photos that no record lists wait for one, are counted, and go."""

import threading

from actors import MULTIPART, Record, Supervisor, a_photo, a_record, body_of, sha256
from sqlmodel import select
from waiting import wait_for_previews

from beatbook import attachments, parcels, photos, unlisted
from beatbook.models import Blob, Device, Event
from beatbook.verification import verify


def is_here(office, photo: bytes) -> bool:
    with office.database.reading() as session:
        row = session.get(Blob, sha256(photo)) is not None
    assert row == office.blobs.has(sha256(photo))
    return row


def test_a_photo_that_no_record_lists_waits_30_days_is_counted_and_goes(officer, office, server, later):
    loose, listed, aside = (a_photo() for _ in range(3))
    record = a_record(listed)
    officer.send(record, photos=(listed, loose))
    mistaken = Record(record.payload.replace(sha256(listed).encode(), sha256(aside).encode()), (aside,))
    assert officer.send(mistaken)[0]["problem"]["type"] == "/problems/id-reused"
    wait_for_previews(office)
    later(days=29)
    office.erase_due(office.clock())
    assert is_here(office, loose)
    page = " ".join(Supervisor.join(office, server, "Kerry B").open("/desk/retention").text.split())
    assert "Photos that no record lists" in page and "22 Dec 2026: 1 photo" in page
    later(days=1)
    office.erase_due(office.clock())
    assert [is_here(office, photo) for photo in (loose, listed, aside)] == [False, True, True]
    with office.database.reading() as session:
        assert session.exec(select(Event.subject).where(Event.kind == unlisted.LET_GO)).all() == [sha256(loose)]
        named = session.exec(select(Blob.sha256, Blob.preview_sha256, Blob.thumbnail_sha256)).all()
    assert set(office.blobs.names()) == {name for row in named for name in row}, "its previews went too"
    assert list(verify(office)) == []
    late = a_record(loose, counter=2)
    assert officer.send(late, photos=())[0]["missing"] == [sha256(loose)], "it is not taken for one that was erased"
    assert officer.send(photos=(loose,))[0]["status"] == "stored"
    later(days=40)
    office.erase_due(office.clock())
    assert is_here(office, loose) and officer.check(late).json()["submissions"][0]["missing"] == []
    assert list(verify(office)) == []


def test_while_a_record_of_its_device_may_still_come_a_photo_waits_for_it(officer, enrolled, office, clock, later):
    beside, sealed = a_photo(), a_photo()
    officer.send(a_record(counter=1), a_record(counter=3), photos=(beside,))
    other = enrolled(name="Phone 8")
    other.send(photos=(sealed,))
    lost, record = parcels.Key.make(clock()), a_record()
    parcel = parcels.seal(lost, record.payload, name="submission", instanceId=record.instance_id)
    body = body_of([("submission", ("submission.json", parcel, parcels.MEDIA_TYPE))])
    other.http.post("/api/sync", content=body, headers={**other.headers, "content-type": MULTIPART})
    later(days=100)
    office.erase_due(office.clock())
    assert is_here(office, beside), "number 2 did not come"
    assert is_here(office, sealed), "nobody knows what the parcel lists"
    officer.send(a_record(counter=2))
    office.parcel_keys.keep([lost])
    office.open_parcels()
    later(days=1)
    office.erase_due(office.clock())
    assert not is_here(office, beside)
    assert not is_here(office, sealed)


def test_a_photo_that_comes_again_while_its_file_is_removed_is_not_lost(officer, office):
    """Of one group of the writer all files are put in place first. Whoever removes one waits for the rows of all."""
    photo = a_photo()
    officer.send(photos=(photo,))
    wait_for_previews(office)
    office.database.write(lambda session: unlisted.let_go(session, sha256(photo), now=office.clock()))
    incoming = attachments.incoming_of(office.blobs, photo)
    inspected = photos.inspect(incoming.head, incoming.path, max_pixels=office.settings.max_pixels)
    gate = threading.Event()
    with office.database.reading() as session:
        device = session.get_one(Device, officer.device_id)
    office.database.writer.take(lambda session: gate.wait(10))
    sweeping = threading.Thread(target=unlisted.sweep, args=(office.database, office.blobs))
    sweeping.start()
    while office.database.writer.jobs.empty():
        sweeping.join(0.01)
    again = office.database.writer.take(
        lambda session: attachments.receive(session, incoming, inspected, device, now=office.clock()), [incoming]
    )
    gate.set()
    assert again.result(10) is False
    sweeping.join()
    assert is_here(office, photo)
