"""What is kept beside records goes on its date too, and no backup brings back what was erased."""

import json
import shutil
from datetime import timedelta

import pytest
from actors import Record, Supervisor, a_photo, a_record, sha256
from sqlmodel import SQLModel, select
from tampering import tampered

from beatbook import backups, beside, cases, erased, meetings, reference, shares, tasking, tasks
from beatbook.cases import Acting, Opening
from beatbook.forms import FormError, load
from beatbook.models import (
    ActionKind,
    ItemKind,
    ListChange,
    Meeting,
    Person,
    Priority,
    Quarantine,
    Role,
    Share,
    Submission,
    TaskState,
)
from beatbook.office import open_office
from beatbook.redactions import is_redacted
from beatbook.settings import Settings
from beatbook.tasking import Ordering, Raising
from beatbook.tasks import Wanted
from beatbook.verification import verify

SECRET = "Fullers Lane"


def all_text(office) -> str:
    with office.database.reading() as session:
        tables = [table for table in SQLModel.metadata.sorted_tables if table.name != "device"]
        rows = [row for table in tables for row in session.connection().execute(table.select())]
    return "\n".join(str(tuple(row)) for row in rows)


@pytest.fixture
def other(office, server) -> Supervisor:
    return Supervisor.join(office, server, "Priya S")


@pytest.fixture
def made(office, officer, supervisor, clock) -> dict[str, str]:
    """One of everything, each with words that may speak of somebody; by kind, its id."""
    record = a_record()
    report = a_record(form="asb", answers={"place_text": "The weir"})
    officer.send(record, report)
    officer.send(Record(json.dumps(json.loads(record.payload) | {"answers": {"place_text": SECRET}}).encode()))
    supervisor.submit("/desk/saved", name=SECRET, query=f"q={SECRET}")

    def make(session):
        person, now = session.get_one(Person, supervisor.person_id), clock()
        wanted = Wanted(SECRET, now, now + timedelta(hours=2), role=Role.OFFICER, note=SECRET, place=SECRET)
        task = tasks.make(session, wanted, person=person, now=now)
        item = tasking.raise_item(session, Raising(ItemKind.VICTIM, SECRET, SECRET, SECRET), person=person, now=now)
        ordering = Ordering(f"Look at {SECRET}", "kent_police", f"PC of {SECRET}", now.date())
        tasking.order(session, item.id, ordering, person=person, now=now)
        info = office.forms.infos["volunteers"]
        for label in (f"Vera of {SECRET}", "Vera"):
            row = {
                "name": "vera",
                "label": label,
                "school": "northbrook",
                "vetted_until": "2027-01-01",
                "trained_on": "2026-01-01",
            }
            reference.save_row(session, office.pack, info, row, new=label != "Vera", person=person, now=now)
        planning = meetings.Planning("NTG-2026-24", now, f"PC of {SECRET}", "Sarah", SECRET)
        meeting = meetings.plan(session, office.forms, planning, person=person, now=now)
        sharing = shares.Sharing(
            item.id, "csu", ("police",), SECRET, True, None, SECRET, None, SECRET, now.date() + timedelta(days=180)
        )
        shares.record(session, office.forms, meeting, sharing, person=person, now=now)
        opening = Opening(SECRET, f"person:{person.id}", Priority.HIGH, SECRET)
        case = cases.open_case(session, opening, report.instance_id, person=person, now=now, forms=office.forms)
        cases.note(session, case.id, SECRET, person=person, now=now)
        acting = Acting(ActionKind.VISIT, now.date(), SECRET)
        action = cases.act(session, case.id, acting, person=person, now=now)
        cases.finish(session, action.reference, SECRET, person=person, now=now)
        kept = session.exec(select(Quarantine)).one()
        found = {"task": task.id, "item": item.id, "meeting": meeting.id, "case": case.id}
        return found | {"aside": kept.id, "record": record.instance_id}

    found = office.database.write(make)
    office.read_reference()
    return found


def decide(person, kind: str, key: str, what: str, words: str = "Asked for by the court") -> int:
    return person.submit(f"/desk/keeping/{kind}/{key}", kind=what, words=words).status_code


def test_dp5_what_is_kept_beside_records_goes_on_its_date(office, officer, supervisor, made, later):
    assert [task["taskId"] for task in officer.down()["tasks"]] == [made["task"]]
    cursor = officer.down()["cursor"]
    supervisor.submit(f"/desk/kept-aside/{made['aside']}", note=f"It was about {SECRET}")
    assert "2027" in supervisor.open(f"/desk/keeping/task/{made['task']}").text
    later(days=366)
    office.erase_due(office.clock())
    down = officer.down(cursor)
    assert (down["tasks"], made["task"] in down["removed"]["tasks"]) == ([], True), "the phone drops it"
    later(days=730)
    office.erase_due(office.clock())
    left = all_text(office)
    with office.database.reading() as session:
        rows = [row for change in session.exec(select(ListChange)) for row in reference.rows_of(change)]
    assert "vera" in str(rows), "the row that stands is still there"
    assert left.count(SECRET) == all_text_of_item(office), (
        "only what the tasking group and cases keep for six years is left"
    )
    later(days=6 * 366)
    office.erase_due(office.clock())
    assert SECRET not in all_text(office)
    assert list(verify(office)) == []
    page = Supervisor.join(office, officer.http, "Ann C").open("/desk/retention")
    assert page.status_code == 200


def all_text_of_item(office) -> int:
    with office.database.reading() as session:
        tasked = (tasking.TaskingItem, tasking.TaskingAction, Meeting, Share)
        tables = (*tasked, cases.Case, cases.CaseEntry, cases.CaseAction)
        found = [row for table in tables for row in session.exec(select(table))]
    return sum(str(tuple(row.model_dump().values())).count(SECRET) for row in found)


@pytest.mark.parametrize("kind", ["task", "item", "meeting", "case", "aside"])
def test_dp5_two_people_erase_it_before_its_date_unless_it_is_held(office, supervisor, other, made, kind, later):
    key = made[kind]
    assert decide(supervisor, kind, key, "hold") == 303
    assert decide(supervisor, kind, key, "ask") == 409, "it is on hold"
    later(days=10 * 366)
    office.erase_due(office.clock())
    assert decide(Supervisor.join(office, supervisor.http, "Cy D"), kind, key, "release") == 303
    later(days=-10 * 366)
    office.gather(office.clock())  # as the next round of housekeeping does on another day
    assert decide(supervisor, kind, key, "ask", "") == 422
    assert decide(supervisor, kind, key, "ask") == 303
    assert decide(supervisor, kind, key, "agree") == 403, "nobody agrees with themselves"
    assert decide(other, kind, key, "agree") == 303
    assert decide(other, kind, key, "hold") == 410
    with office.database.reading() as session:
        row = beside.get(session, kind, key)
        assert SECRET not in str(row.model_dump())
    assert list(verify(office)) == []
    assert supervisor.open(f"/desk/keeping/{kind}/{key}").status_code == 200
    assert supervisor.open(f"/desk/keeping/filter/{key}").status_code == 404


def test_dp5_a_hold_on_a_record_holds_what_was_made_of_it(office, supervisor, made, later):
    """The bytes kept aside came under the record's number."""
    supervisor.submit(f"/desk/records/{made['record']}/keeping", kind="hold", words="A complaint")
    later(days=10 * 366)
    office.erase_due(office.clock())
    with office.database.reading() as session:
        assert SECRET in session.get_one(Quarantine, made["aside"]).payload.decode()
        assert not is_redacted(session, f"aside:{made['aside']}")
        assert is_redacted(session, f"task:{made['task']}")


def test_dp5_an_item_that_a_phone_raised_goes_with_its_record(office, officer, supervisor, other):
    answers = {"kind": "place", "title": SECRET, "problem": SECRET, "outcome_wanted": "Quiet"}
    record = a_record(form="tasking_item", answers=answers)
    officer.send(record)
    for person, kind in ((supervisor, "ask"), (other, "agree")):
        person.submit(f"/desk/records/{record.instance_id}/keeping", kind=kind, words="Wrong person")
    assert SECRET not in all_text(office)
    assert list(verify(office)) == []


CHANGES = (
    "UPDATE task SET title = 'Another'",
    "UPDATE quarantine SET payload = 'back again'",
    "UPDATE saved_filter SET name = 'back'",
    "UPDATE list_change SET rows = '[]'",
    "UPDATE tasking_action SET owner = 'Somebody'",
    "UPDATE meeting SET chair = 'Somebody'",
    "UPDATE share SET purpose = 'back'",
    "DELETE FROM redaction WHERE kind = 'task'",
)


def test_dp5_a_changed_byte_of_what_was_erased_beside_records_is_found(office, made, later):
    later(days=20 * 366)
    office.erase_due(office.clock())
    for change in CHANGES:
        assert list(verify(office)) == []
        with tampered(office, change):
            assert list(verify(office)) != [], change


def test_dp5_a_restored_backup_brings_nothing_back(tmp_path, settings, office, officer, supervisor, other, made, later):
    """Neither what was in the backup, nor what came after it and is still on a phone."""
    photo = a_photo()
    before, after = a_record(photo, counter=2), a_record(counter=3)
    officer.send(before)
    office.previews.stop()
    backups.back_up(office, tmp_path / "backup", print)
    officer.send(after)
    for record in (before, after):
        for person, kind in ((supervisor, "ask"), (other, "agree")):
            person.submit(f"/desk/records/{record.instance_id}/keeping", kind=kind, words="Wrong person")
    decide(supervisor, "task", made["task"], "ask")
    decide(other, "task", made["task"], "agree")
    told = (settings.data / erased.FILE).read_text()
    assert before.instance_id in told
    assert SECRET not in told
    assert "Westgate" not in told
    office.close()
    with (settings.data / erased.FILE).open("a") as file:
        file.write('{"subject": "torn')  # by a power cut
    backups.restore(settings, tmp_path / "backup", print, now=office.clock())
    back = open_office(settings, office.clock)
    try:
        assert not back.blobs.has(sha256(photo)), "its photo was in the backup"
        with back.database.reading() as session:
            stub = session.get_one(Submission, before.instance_id)
            assert (json.loads(stub.payload)["redacted"], stub.digest) == (["everything"], before.digest)
            assert session.get(Submission, after.instance_id) is None
            assert is_redacted(session, after.instance_id)
            assert tasks.get(session, made["task"]).title == tasks.ERASED_TITLE
        assert list(verify(back)) == []
        officer.office = back
    finally:
        back.close()


def test_dp5_a_phone_is_told_of_a_record_that_was_erased_and_then_lost(office, officer):
    record = a_record()
    line = erased.Line(record.instance_id, "submission", "everything", "two people", "2026-11-22T10:00:00+00:00")
    office.database.write(lambda session: erased.again(session, office.forms, [line], now=office.clock()))
    assert officer.check(record).json()["submissions"][0]["status"] == "redacted"
    (result,) = officer.send(record)
    assert (result["status"], result["problem"]["type"]) == ("refused", "/problems/redacted")  # 24
    assert list(verify(office)) == []


def test_dp5_a_backup_in_another_place_knows_what_was_erased(tmp_path, settings, office, officer, supervisor, other):
    """The server is lost with its disk: what is left are the backup, and its copy of the list."""
    record = a_record()
    officer.send(record)
    backups.back_up(office, tmp_path / "old", print)
    for person, kind in ((supervisor, "ask"), (other, "agree")):
        person.submit(f"/desk/records/{record.instance_id}/keeping", kind=kind, words="Wrong person")
    backups.back_up(office, tmp_path / "new", print)
    shutil.copy(tmp_path / "new" / erased.FILE, tmp_path / "old" / erased.FILE)
    elsewhere = Settings(data=tmp_path / "elsewhere")
    backups.restore(elsewhere, tmp_path / "old", print, now=office.clock())
    back = open_office(elsewhere, office.clock)
    with back.database.reading() as session:
        assert json.loads(session.get_one(Submission, record.instance_id).payload)["redacted"] == ["everything"]
    back.close()


def test_dp5_a_database_that_a_restore_put_aside_goes_after_a_month(office, later):
    aside = office.settings.data / "before-restore-20261122-103000.db"
    aside.write_bytes(b"old")
    later(days=29)
    office.erase_over(office.clock())
    assert aside.exists()
    later(days=3650)
    office.erase_over(office.clock())
    assert not aside.exists()


@pytest.mark.parametrize(
    "row", ["retention.task.years,99,,x", "retention.aside.years,0,,x", "retention.task.days,-1,,x"]
)
def test_dp12_no_period_beside_records_is_for_ever_either(tmp_path, row):
    folder = tmp_path / "forms"
    shutil.copytree(Settings().forms, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    with (folder / "settings.csv").open("a") as file:
        file.write(f"{row}\n")
    with pytest.raises(FormError):
        load(folder)


def test_dp12_everything_beside_records_has_its_date(office, made, supervisor):
    """Also a task that nobody ever finishes, an item that nobody closes, bytes that nobody looks at."""
    today = office.clock().date()
    with office.database.reading() as session:
        found = {one.instance_id.partition(":")[0]: one for one in beside.terms(session, office.forms, today)}
        assert tasks.get(session, made["task"]).state is TaskState.TO_DO
    assert found.keys() == set(beside.KINDS)
    assert max(one.until for one in found.values()) < today + timedelta(days=6 * 366)
