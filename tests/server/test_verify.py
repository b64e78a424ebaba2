"""Verifying: a single changed byte is found wherever it is."""

import random
import sqlite3

import pytest
from actors import a_photo, a_record

from beatbook.events import Fault, seal
from beatbook.office import open_office
from beatbook.verification import verify_folder


@pytest.fixture
def kept(officer, supervisor, office):
    """A server that has seen some life, closed."""
    photo = a_photo((400, 300))
    records = [a_record(photo), a_record(a_photo()), a_record()]
    officer.send(*records)
    officer.send(a_record(instanceId=records[2].instance_id, counter=5))
    supervisor.approve(records[0])
    supervisor.send_back(records[1], "too_dark", "Again by daylight")
    for sha256, path in office.waiting_previews():
        office.save_previews(sha256, office.previews.maker.make(path))
    office.close()
    return office


def faults(office) -> list[Fault]:
    return list(verify_folder(office.settings))


@pytest.fixture
def unsealed(kept):
    """As after a crash: only the log vouches for the rows."""
    seal.take_off(kept.settings.data / "beatbook.db")
    return kept


def test_nothing_is_found_where_nothing_was_changed(kept):
    assert faults(kept) == []


def test_any_changed_byte_of_a_photo_is_found(kept):
    photos = [path for path in kept.blobs.folder.rglob("*") if path.is_file()]
    assert len(photos) >= 5, "two originals with their previews and thumbnails; those of the smaller one are the same"
    for path in photos:
        whole = path.read_bytes()
        at = random.Random(7).randrange(len(whole))
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert any(path.name in str(fault) or "preview" in str(fault) for fault in faults(kept)), path
        path.write_bytes(whole)
    assert faults(kept) == []


def test_a_missing_photo_is_found(kept):
    path = next(path for path in kept.blobs.folder.rglob("*") if path.is_file())
    path.unlink()
    assert any("its file is missing" in str(fault) for fault in faults(kept))


CHANGES = [
    "UPDATE submission SET payload = replace(payload, 'Westgate', 'Eastgate')",
    "UPDATE submission SET title = 'Nothing'",
    "UPDATE submission SET latitude = 51.0 WHERE latitude IS NOT NULL",
    "UPDATE submission SET captured_at = '2020-01-01 00:00:00'",
    "UPDATE submission SET review_state = 'approved'",
    "UPDATE submission SET complete = NOT complete",
    "UPDATE submission SET digest = upper(digest)",
    "DELETE FROM review",
    "UPDATE review SET note = 'I never said that'",
    "UPDATE attachment SET size = size + 1",
    "UPDATE attachment SET field = 'other'",
    "UPDATE blob SET media_type = 'image/png'",
    "UPDATE quarantine SET payload = 'x'",
    "UPDATE quarantine SET slug = 'not-json'",
    "UPDATE device SET name = 'Phone 8'",
    "UPDATE device SET retired_at = '2026-01-01 00:00:00'",
    "UPDATE person SET role = 'admin'",
    "UPDATE invitation SET role = 'admin'",
    "UPDATE ledger SET seq = seq - 1",
    "UPDATE ledger SET chain = 'x'",
    "DROP TRIGGER event_no_update; UPDATE event SET at = '2020-01-01 00:00:00' WHERE seq = 2",
    "DROP TRIGGER event_no_delete; DELETE FROM event WHERE seq = 3",
    "DROP TRIGGER event_no_delete; DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)",
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_row_is_found_even_where_the_file_was_not_sealed(unsealed, change):
    connection = sqlite3.connect(unsealed.settings.data / "beatbook.db")
    connection.executescript(change)
    connection.close()
    assert faults(unsealed) != []


@pytest.mark.parametrize("change", ["UPDATE event SET actor = 'nobody'", "DELETE FROM event"])
def test_the_database_itself_refuses_to_change_the_log(kept, change):
    connection = sqlite3.connect(kept.settings.data / "beatbook.db")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(change)
    connection.close()


def test_any_changed_byte_of_the_database_is_found(kept):
    folder = kept.settings.data
    whole = {path: path.read_bytes() for path in folder.glob("beatbook.db*")}
    content = whole[folder / "beatbook.db"]
    chance = random.Random(11)
    for at in (chance.randrange(len(content)) for _ in range(40)):
        changed = content[:at] + bytes([content[at] ^ (1 << chance.randrange(8))]) + content[at + 1 :]
        (folder / "beatbook.db").write_bytes(changed)
        assert faults(kept), f"byte {at}"
        for left in folder.glob("beatbook.db*"):
            left.unlink()
        for path, before in whole.items():
            path.write_bytes(before)
    assert faults(kept) == []


def test_looking_at_a_fault_does_not_make_it_sound(kept):
    database = kept.settings.data / "beatbook.db"
    with database.open("r+b") as file:
        file.seek(72)  # a byte of the header that SQLite itself never looks at
        file.write(b"\x07")
    assert faults(kept)
    assert faults(kept)


def test_a_server_that_starts_on_a_changed_file_says_so_for_good_and_begins_a_new_epoch(kept):
    database = kept.settings.data / "beatbook.db"
    with database.open("r+b") as file:
        file.seek(72)
        file.write(b"\x07")
    office = open_office(kept.settings, kept.clock)
    office.close()
    assert [str(fault) for fault in faults(kept)] == [
        "database: the file had been changed from outside, noticed on 22 Nov 2026 10:30 UTC"
    ]
