"""What happens when the disk fails, fills up, or holds another database than before."""

import errno
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from actors import Device, Record, a_photo, a_record, body_of, parts, sha256
from sqlmodel import Session, select
from starlette.testclient import TestClient

from beatbook import backups, blobs, cli, database, events
from beatbook.app import create_app
from beatbook.blobs import Incoming
from beatbook.events import seal
from beatbook.models import Quarantine, Role
from beatbook.office import open_office
from beatbook.photos.previews import Made
from beatbook.problems import ServerFull
from beatbook.settings import Settings
from beatbook.verification import verify


def leftovers(office) -> list[str]:
    return os.listdir(office.blobs.incoming)


@pytest.fixture
def disk_fills_up(monkeypatch) -> Callable[[bytes], None]:
    """Lets no byte of this photo be written any more."""

    def fill(photo: bytes) -> None:
        add = Incoming.add

        def add_unless_full(self: Incoming, data: Any) -> None:
            if bytes(data)[:20] == photo[:20]:
                raise OSError(errno.ENOSPC, "No space left on device")
            add(self, data)

        monkeypatch.setattr(Incoming, "add", add_unless_full)

    return fill


@pytest.fixture
def fsync_fails(monkeypatch) -> Callable[[], None]:
    """The next fsync of a photo fails; those after it say that all is well, as Linux does."""

    def fail() -> None:
        fsync, failed = os.fsync, []

        def fsync_badly(descriptor: int) -> None:
            if not failed:
                failed.append(descriptor)
                raise OSError(errno.EIO, "Input/output error")
            fsync(descriptor)

        monkeypatch.setattr(blobs.os, "fsync", fsync_badly)

    return fail


def test_a_disk_that_fills_up_in_the_middle_of_a_photo_is_507_and_keeps_what_had_come(office, officer, disk_fills_up):
    first, second = a_photo(), a_photo()[:-1] + b"!"
    second = b"\xff\xd8\xff\xe0 another beginning" + second[20:]
    record = a_record(first, second)
    disk_fills_up(second)
    answer = officer.deliver(record)
    assert answer.status_code == 507
    problem = answer.json()
    assert (problem["type"], problem["kept"], problem["client"]) == ("/problems/server-full", "submission", "wait")
    assert answer.headers["retry-after"] == "600"
    assert [result["status"] for result in problem["results"]] == ["stored", "stored"]
    assert problem["results"][0]["missing"] == [sha256(second)]
    assert leftovers(office) == []
    assert officer.check(record).json()["submissions"][0]["missing"] == [sha256(second)]


def test_a_photo_that_finds_no_room_for_its_name_does_not_take_the_others_with_it(office, officer, monkeypatch):  # 40
    """What the writer cannot make durable is refused by itself; the record before it stays acknowledged."""
    record = a_record(a_photo())

    def no_room(incoming):
        if incoming:
            raise OSError(errno.EDQUOT, "Disk quota exceeded")

    monkeypatch.setattr(office.blobs, "put_many", no_room)
    answer = officer.deliver(record)
    assert answer.status_code == 507
    assert leftovers(office) == []
    monkeypatch.undo()
    assert [result["missing"] for result in officer.send(record) if "missing" in result] == [[]]


def test_after_a_failed_fsync_nothing_is_acknowledged_until_a_restart(office, officer, fsync_fails, settings):
    before, later = a_record(a_photo()), a_record(a_photo())
    receipt = officer.send(before)[0]["receipt"]
    fsync_fails()
    for record in (later, later, before):
        answer = officer.deliver(record)
        assert answer.status_code == 503
        problem = answer.json()
        assert (problem["type"], problem["client"]) == ("/problems/storage-fault", "wait")
        assert "results" not in problem
    assert leftovers(office) == []
    with TestClient(create_app(open_office(settings, office.clock))) as server:
        again = Device(office, server, officer.device_id, officer.token)
        assert again.send(before)[0]["receipt"] == receipt
        assert [result["status"] for result in again.send(later)] in (["stored", "stored"], ["already", "stored"])


def test_devices_can_still_ask_and_fetch_after_a_failed_fsync(officer, fsync_fails):
    record, other = a_record(a_photo()), a_record(a_photo())
    receipt = officer.send(record)[0]["receipt"]
    fsync_fails()
    assert officer.deliver(other).status_code == 503
    asked = officer.check(record, last_receipt=receipt)
    assert asked.status_code == 200
    assert asked.json()["submissions"][0]["status"] == "same"
    assert officer.state()["seq"] >= receipt["seq"]
    assert officer.down()["forms"]


def test_a_photo_whose_bytes_cannot_be_written_at_all_is_a_storage_fault(office, officer, monkeypatch):
    def broken(self: Incoming, data: Any) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Incoming, "add", broken)
    assert officer.deliver(a_record(a_photo())).json()["type"] == "/problems/storage-fault"
    assert leftovers(office) == []


def test_nothing_of_a_group_goes_on_when_the_database_has_rolled_back_by_itself(office, clock):
    """SQLite may do so when the disk is full, and its full-text index reports an error of its own instead."""
    writer, begun, held = office.database.writer, threading.Event(), threading.Event()

    def roll_back(session: Session) -> None:
        raw: Any = session.connection().connection.dbapi_connection
        raw.execute("ROLLBACK")
        raise sqlite3.OperationalError("vtable constructor failed")

    def note(session: Session) -> None:
        events.append(session, "test.noted", "test", actor="server", now=clock.now)

    first = writer.take(lambda session: begun.set() or held.wait(5))
    begun.wait(5)  # from here on the others gather into one group
    group = [writer.take(work) for work in (note, roll_back, note)]
    held.set()
    first.result(10)
    assert all(isinstance(job.exception(10), Exception) for job in group)
    writer.take(note).result(10)
    assert list(verify(office)) == []


def test_a_temporary_file_that_cannot_be_removed_holds_up_no_answer(office, officer, monkeypatch):
    unlink = Path.unlink

    def broken(self: Path, missing_ok: bool = False) -> None:
        if self.parent == office.blobs.incoming:
            raise OSError(errno.EIO, "Input/output error")
        unlink(self, missing_ok)

    monkeypatch.setattr(Path, "unlink", broken)
    kept, refused = a_record(a_photo()), b"not a photo"
    results = officer.send(kept, photos=(*kept.photos, refused))
    assert [result["status"] for result in results] == ["stored", "stored", "refused"]
    assert len(leftovers(office)) == 1
    monkeypatch.undo()
    assert office.blobs.sweep() == 1


def test_previews_leave_nothing_behind_when_the_disk_is_full(office, officer, monkeypatch):
    photo = a_photo()
    officer.send(a_record(photo))
    office.previews.stop()
    monkeypatch.setattr(office.blobs, "put_many", lambda incoming: (_ for _ in ()).throw(ServerFull()))
    with pytest.raises(ServerFull):
        office.save_previews(sha256(photo), Made(b"preview", b"thumbnail", 1, 1))
    assert leftovers(office) == []


def test_what_was_complete_before_a_malformed_part_is_kept_and_no_file_is_left(office, officer):
    photo, record = a_photo(), a_record()
    body = body_of(parts(record, photos=(photo,)))
    strange = body.removesuffix(b"--\r\n") + b'\r\nContent-Disposition: form-data; name="what"\r\n\r\nx\r\n--beat--\r\n'
    answer = officer.deliver_bytes(strange)
    assert answer.status_code == 400
    assert [result["status"] for result in answer.json()["results"]] == ["stored", "stored"]
    assert leftovers(office) == []


class TestShortOfSpace:
    @pytest.fixture
    def settings(self, tmp_path) -> Settings:
        return Settings(data=tmp_path / "data", allowed_hosts="testserver", min_free_bytes_photos=10**15)

    def test_photos_wait_sooner_than_records(self, office, officer):  # 40a
        record = a_record(a_photo())
        stored, refused = officer.send(record)
        assert (stored["status"], stored["missing"]) == ("stored", [sha256(record.photos[0])])
        assert refused["status"] == "refused"
        assert (refused["problem"]["type"], refused["problem"]["client"]) == ("/problems/server-full", "wait")
        assert leftovers(office) == []


class TestQuota:
    @pytest.fixture
    def settings(self, tmp_path) -> Settings:
        return Settings(data=tmp_path / "data", allowed_hosts="testserver", max_device_bytes_a_day=5_000)

    def test_a_device_that_sends_too_much_in_a_day_waits_with_its_photos_but_not_with_its_records(
        self, officer, enrolled, later
    ):  # 40b
        first, second = a_record(a_photo((80, 60))), a_record(a_photo((80, 60)))  # 3.7 KB each
        assert [result["status"] for result in officer.send(first)] == ["stored", "stored"]
        record, photo = officer.send(second)
        assert record["status"] == "stored"
        assert (photo["status"], photo["problem"]["type"]) == ("refused", "/problems/device-quota")
        assert (photo["problem"]["status"], photo["problem"]["client"]) == (429, "wait")
        assert enrolled(Role.OFFICER, "Phone 8").send(second)[1]["status"] == "stored"
        third = a_record(a_photo((80, 60)))
        later(days=1)
        assert [result["status"] for result in officer.send(third)] == ["stored", "stored"]

    def test_a_device_cannot_fill_the_disk_with_what_is_no_record(self, office, officer):
        first, second = officer.send(Record(b"no record" * 400), Record(b"nor this" * 400))
        assert (first["problem"]["type"], first["problem"]["kept"]) == ("/problems/not-json", "quarantine")
        assert (second["problem"]["type"], second["problem"]["kept"]) == ("/problems/device-quota", "nothing")
        with office.database.reading() as session:
            assert len(session.exec(select(Quarantine)).all()) == 1

    def test_sending_the_same_photo_again_costs_nothing(self, officer):
        record = a_record(a_photo((80, 60)))
        for _ in range(4):
            officer.send(record)
        assert officer.send(a_record(*record.photos))[0]["missing"] == []


def test_an_older_database_put_in_its_place_is_noticed_at_the_start(settings, clock, tmp_path):
    def visit(record) -> dict[str, Any]:
        office = open_office(settings, clock)
        with TestClient(create_app(office)) as server:
            device = Device.enrol(office, server, Role.OFFICER, "Phone 7")
            device.send(record)
            return device.state()

    visit(a_record())
    kept = tmp_path / "last week.db"
    shutil.copy(settings.data / "beatbook.db", kept)
    before = visit(a_record())
    shutil.copy(kept, settings.data / "beatbook.db")
    (settings.data / "beatbook.db.seal").unlink()  # as after a crash: only the note beside the database tells
    after = visit(a_record())
    assert after["epoch"] != before["epoch"]
    assert visit(a_record())["epoch"] == after["epoch"]


def test_a_start_with_the_database_as_it_was_keeps_the_epoch(settings, clock):
    epochs = set()
    for _ in range(3):
        office = open_office(settings, clock)
        with TestClient(create_app(office)) as server:
            epochs.add(Device.enrol(office, server, Role.OFFICER, "Phone 7").state()["epoch"])
    assert len(epochs) == 1


@pytest.mark.parametrize("stopped_before", range(4))
def test_a_backup_that_was_stopped_leaves_one_that_can_be_restored(
    stopped_before, office, officer, settings, tmp_path, monkeypatch
):
    """The one before it or the new one, whichever step it was."""
    first, second = a_record(a_photo()), a_record(a_photo())
    officer.send(first)
    backups.back_up(office, tmp_path / "backup", print)
    officer.send(second)
    steps = []

    def stop_at_a_step(folder):
        steps.append(folder)
        if len(steps) > stopped_before:
            raise KeyboardInterrupt

    monkeypatch.setattr(backups, "sync_folder", stop_at_a_step)
    if stopped_before < 3:
        with pytest.raises(KeyboardInterrupt):
            backups.back_up(office, tmp_path / "backup", print)
    else:
        backups.back_up(office, tmp_path / "backup", print)
    monkeypatch.undo()
    elsewhere = Settings(data=tmp_path / "elsewhere", allowed_hosts="testserver")
    backups.restore(elsewhere, tmp_path / "backup", print)
    restored = open_office(elsewhere, office.clock)
    with TestClient(create_app(restored)) as server:
        found = Device(restored, server, officer.device_id, officer.token).check(first, second).json()["submissions"]
    assert found[0]["status"] == "same" and found[0]["missing"] == []
    assert found[1]["status"] == ("missing" if stopped_before == 0 else "same")


def test_a_backup_that_finds_no_room_says_so_and_leaves_the_one_before_it(office, officer, tmp_path):
    resource = pytest.importorskip("resource", reason="files cannot be limited here")
    officer.send(a_record())
    backups.back_up(office, tmp_path / "backup", print)
    before = {path: path.read_bytes() for path in (tmp_path / "backup").rglob("*") if path.is_file()}
    office.previews.stop()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limits[1]))
    try:
        with pytest.raises(backups.CannotBackUp, match=r"cannot be written.*Is there room in .*backup\?"):
            backups.back_up(office, tmp_path / "backup", print)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert {path: path.read_bytes() for path in (tmp_path / "backup").rglob("*") if path.is_file()} == before


def test_a_photo_that_rotted_in_a_backup_costs_itself_and_not_the_rest(office, officer, tmp_path):
    lost, rotten, sound = (a_photo() for _ in range(3))
    record = a_record(lost, rotten, sound)
    officer.send(record)
    backups.back_up(office, tmp_path / "backup", print)
    copies = blobs.FileBlobs(tmp_path / "backup" / backups.BLOBS)
    copies.remove(sha256(lost))
    copies.path(sha256(rotten)).write_bytes(rotten[:-1] + b"!")
    elsewhere, said = Settings(data=tmp_path / "elsewhere", allowed_hosts="testserver"), []
    backups.restore(elsewhere, tmp_path / "backup", said.append)
    assert said[0].startswith("2 of ")
    restored = open_office(elsewhere, office.clock)
    with TestClient(create_app(restored)) as server:
        device = Device(restored, server, officer.device_id, officer.token)
        assert device.check(record).json()["submissions"][0]["status"] == "same"
        assert {name for name in map(sha256, (lost, rotten, sound)) if restored.blobs.has(name)} == {sha256(sound)}
        device.send(photos=(lost, rotten))
        assert [fault for fault in verify(restored) if fault.where.startswith("attachment")] == []


def test_a_photo_that_rotted_here_keeps_no_other_from_the_backup_and_what_lists_it_is_not_covered(
    office, officer, later, tmp_path
):
    rotten, sound, newer = a_photo(), a_photo(), a_photo()
    before, record, after = a_record(), a_record(rotten, sound, counter=2), a_record(newer, counter=3)
    receipts = [result["receipt"] for result in officer.send(before, record, after)[:3]]
    office.previews.stop()
    office.blobs.path(sha256(rotten)).write_bytes(rotten[:-1] + b"!")
    later(days=20)
    said = f"photo {sha256(rotten)} of record {record.instance_id}. Everything else is in it"
    for _ in ("as it is made", "as it is refreshed"):
        with pytest.raises(backups.CannotBackUp, match=said):
            backups.back_up(office, tmp_path / "backup", print)
    copies = blobs.FileBlobs(tmp_path / "backup" / backups.BLOBS)
    assert set(office.blobs.names()) - set(copies.names()) == {sha256(rotten)}, "everything else is there"
    assert receipts[0]["seq"] <= officer.state()["safeSeq"] < receipts[1]["seq"]
    elsewhere = Settings(data=tmp_path / "elsewhere", allowed_hosts="testserver")
    backups.restore(elsewhere, tmp_path / "backup", print, now=office.clock())
    restored = open_office(elsewhere, office.clock)
    with TestClient(create_app(restored)) as server:
        device = Device(restored, server, officer.device_id, officer.token)
        assert device.check(after).json()["submissions"][0]["missing"] == []
        assert receipts[0]["seq"] <= device.state()["safeSeq"] < receipts[1]["seq"]
    officer.send(photos=(rotten,))
    copies.path(sha256(newer)).write_bytes(b"")
    backups.back_up(office, tmp_path / "backup", print)
    assert officer.state()["safeSeq"] > receipts[2]["seq"]
    assert copies.path(sha256(newer)).read_bytes() == newer, "what rotted in the backup is copied anew"


@pytest.mark.parametrize("stopped_before", [0, 2, 4])
def test_a_restore_that_was_stopped_leaves_what_was_there_or_the_backup(
    stopped_before, office, officer, settings, tmp_path, monkeypatch
):
    """Never an empty Beatbook, which no phone knows, nor an old database without its newest records."""
    first, second = a_record(a_photo()), a_record()
    officer.send(first)
    backups.back_up(office, tmp_path / "backup", print)
    before = officer.send(second)[0]["receipt"]["epoch"]
    office.previews.stop()
    shutil.copytree(settings.data, tmp_path / "killed")  # its newest records are in the write-ahead log alone
    elsewhere = Settings(data=tmp_path / "killed", allowed_hosts="testserver")
    steps = []

    def stop_at_a_step(move: Callable[..., Any]) -> Callable[..., Any]:
        def moved(self: Path, target: Path) -> Any:
            if self.name.startswith(("beatbook.db", "restor")):
                steps.append(self.name)
                if len(steps) > stopped_before:
                    raise KeyboardInterrupt
            return move(self, target)

        return moved

    monkeypatch.setattr(Path, "rename", stop_at_a_step(Path.rename))
    monkeypatch.setattr(Path, "replace", stop_at_a_step(Path.replace))
    with pytest.raises(KeyboardInterrupt):
        backups.restore(elsewhere, tmp_path / "backup", print)
    monkeypatch.undo()
    backups.finish_restore(elsewhere.data, print)  # as every start does
    assert not (elsewhere.data / backups.RESTORING).exists()
    started = open_office(elsewhere, office.clock)
    with TestClient(create_app(started)) as server:
        device = Device(started, server, officer.device_id, officer.token)
        answer = device.check(first, second).json()
    assert started.server_id == office.server_id
    assert answer["submissions"][0]["status"] == "same"
    has_second = answer["submissions"][1]["status"] == "same"
    assert has_second == (answer["epoch"] == before) == (stopped_before == 0)


def test_bringing_the_database_up_to_date_by_hand_accuses_nobody(office, settings, monkeypatch, capsys):
    office.close()
    assert settings.database_file is not None

    def add_a_table(connection: Any) -> None:
        connection.exec_driver_sql("CREATE TABLE newer (id INTEGER)")

    monkeypatch.setattr(database, "is_current", lambda connection: False)
    monkeypatch.setattr(database, "upgrade", add_a_table)
    assert cli.main(["migrate", "--data", str(settings.data)]) == 0
    assert seal.seal_of(settings.database_file).is_file() and not seal.is_broken(settings.database_file)
    settings.database_file.write_bytes(settings.database_file.read_bytes() + b"x")
    monkeypatch.setattr(database, "is_current", lambda connection: True)
    assert cli.main(["migrate", "--data", str(settings.data)]) == 0
    assert seal.is_broken(settings.database_file)


def test_a_data_folder_that_cannot_be_used_is_said_in_a_sentence(office, settings, tmp_path, capsys):
    office.database.write(
        lambda session: session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    )
    office.close()
    assert cli.main(["serve", "--data", str(settings.data)]) == 2
    assert "belongs to a newer Beatbook" in capsys.readouterr().err
    (tmp_path / "odd" / "beatbook.db").mkdir(parents=True)
    assert cli.main(["serve", "--data", str(tmp_path / "odd")]) == 2
    assert "the database cannot be used" in capsys.readouterr().err


def test_a_note_that_cannot_be_replaced_says_what_it_said_before(tmp_path, fsync_fails):
    note = tmp_path / "note"
    blobs.write_whole(note, "before")
    fsync_fails()
    with pytest.raises(OSError, match="Input/output"):
        blobs.write_whole(note, "half of it")
    assert note.read_text() == "before"
