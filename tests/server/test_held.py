"""Held: a record that came before its form is kept, and read as soon as the server has the form."""

import json
import sqlite3

import pytest
from actors import a_photo, a_record
from sqlmodel import select

from beatbook import listings, offered, submissions
from beatbook.forms import load
from beatbook.models import Event, ReviewState
from beatbook.submissions import held
from beatbook.verification import verify, verify_folder

FORM = """
form_id = "bench"
version = "2"
title = "Bench"
audience = ["officer"]
regime = "uk_gdpr"
retention = "works"
instance_name = "concat('Bench, ', ${area})"

[[field]]
name = "area"
type = "text"
label = "Area"
unique = true

[[field]]
name = "how"
type = "text"
label = "How?"
required = true

[[flag]]
name = "sharp"
label = "Sharp edge"
when = "${area} = 'Pier'"
"""


@pytest.fixture
def early(office, officer):
    """Two records of a form that the server gets later."""
    photo = a_photo()
    listed = [{"field": "photos", "sha256": "0" * 64, "size": len(photo), "mediaType": "image/jpeg"}]
    records = [
        a_record(form="bench", formVersion="2", answers={"area": "Pier"}, attachments=listed),
        a_record(form="bench", formVersion="2", answers={"area": "pier", "how": "Rot"}, attachments=[], counter=2),
    ]
    officer.send(*records)
    return records


def update(office, tmp_path) -> None:
    """The server starts again with the form in its folder."""
    (tmp_path / "bench.toml").write_text(FORM)
    office.pack = office.forms = load(tmp_path)
    office.database.write(
        lambda session: held.read(session, now=office.clock(), forms=office.forms, settings=office.settings)
    )


def row(office, record):
    with office.database.reading() as session:
        return submissions.get(session, record.instance_id)


def test_a_held_record_is_read_once_its_form_is_there(office, early, tmp_path, later):
    before = row(office, early[0])
    assert (before.held, before.title) == (True, "bench")
    later(days=2)
    update(office, tmp_path)
    after = row(office, early[0])
    assert (after.held, after.title, [one["code"] for one in after.warnings]) == (False, "Bench, Pier", ["required"])
    assert [flag["name"] for flag in after.flags] == ["sharp"]
    assert [flag["name"] for flag in row(office, early[1]).flags] == ["duplicate-number"], "the later one has it twice"
    for name in ("seq", "chain", "digest", "payload", "received_at", "complete"):
        assert getattr(after, name) == getattr(before, name), name
    with office.database.reading() as session:
        assert [one.instance_id for one in submissions.find(session, flag="sharp")] == [early[0].instance_id]


def test_it_can_be_decided_about_then_and_its_receipt_is_the_same(office, officer, supervisor, early, tmp_path):
    receipt = officer.send(early[1])[0]["receipt"]
    assert "Held: form not known yet" in supervisor.open(f"/desk/records/{early[1].instance_id}").text
    update(office, tmp_path)
    (again,) = officer.send(early[1])
    assert (again["status"], again["receipt"]) == ("already", receipt)
    page = supervisor.open(f"/desk/records/{early[1].instance_id}").text
    assert "Held" not in page and "Read, now that its form is here" in page and "Rot" in page
    assert supervisor.approve(early[1]).status_code == 303


def test_when_its_form_asks_for_no_decision_it_waits_for_none_from_then_on(office, early, tmp_path):
    (tmp_path / "bench.toml").write_text(FORM.replace("[[field]]", "review = false\n\n[[field]]", 1))
    with office.database.reading() as session:
        assert listings.waiting(session) == 1, "the other one still waits for its photo"
    office.forms = load(tmp_path)
    office.database.write(
        lambda session: held.read(session, now=office.clock(), forms=office.forms, settings=office.settings)
    )
    with office.database.reading() as session:
        assert listings.waiting(session) == 0
    assert row(office, early[0]).review_state is ReviewState.KEPT
    assert list(verify(office)) == []


def test_what_cannot_be_read_yet_stays_held_and_nothing_is_read_twice(office, early, officer, tmp_path):
    other = a_record(form="dragons")
    officer.send(other)
    update(office, tmp_path)
    update(office, tmp_path)
    assert row(office, other).held
    with office.database.reading() as session:
        assert len(session.exec(select(Event).where(Event.kind == held.READ)).all()) == 2


def test_a_form_that_was_changed_without_a_new_version_is_named(office, tmp_path):
    (tmp_path / "bench.toml").write_text(FORM)
    first = load(tmp_path)
    assert offered.compare(office.settings.data, first) == offered.compare(office.settings.data, first) == []
    (tmp_path / "bench.toml").write_text(FORM.replace('"Area"', '"Where?"'))
    assert offered.compare(office.settings.data, load(tmp_path)) == ["bench 2"]
    assert offered.compare(office.settings.data, load(tmp_path)) == [], "said once"
    (tmp_path / "bench.toml").write_text(FORM.replace('version = "2"', 'version = "3"'))
    assert offered.compare(office.settings.data, load(tmp_path)) == []
    (office.settings.data / offered.NOTE).write_text("[")
    assert offered.compare(office.settings.data, first) == []


@pytest.mark.parametrize("damage", ["title = 'bench', held = 1, warnings = :warnings, flags = '[]'", "title = 'Other'"])
def test_verify_knows_how_it_was_read_and_finds_a_row_that_was_put_back(office, early, tmp_path, damage):
    warnings = json.dumps(row(office, early[0]).warnings)
    update(office, tmp_path)
    office.close()
    assert list(verify_folder(office.settings)) == []
    with sqlite3.connect(office.settings.database_file) as connection:
        statement = f"UPDATE submission SET {damage} WHERE instance_id = :id"
        connection.execute(statement, {"warnings": warnings, "id": early[0].instance_id})
    assert "its row was changed" in [fault.what for fault in verify_folder(office.settings)]
