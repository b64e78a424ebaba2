"""Bundle: one case for a court, which anybody can check with Python alone (EV10)."""

import contextlib
import io
import json
import runpy
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from actors import Supervisor, a_photo, a_record, graffiti_answers, read, sha256
from sqlmodel import select

from beatbook import redactions, verification
from beatbook.models import Event, Role


@pytest.fixture
def case(officer, supervisor):
    """A record with a covered photo and its original, mended once, corrected, decided, and looked at."""
    copy, original, later = a_photo(), a_photo(), a_photo()
    listed = [
        {"field": name, "sha256": sha256(photo), "size": len(photo), "mediaType": "image/jpeg"}
        for name, photo in (("photo_before", copy), ("photo_before.original", original))
    ]
    first = a_record(answers=graffiti_answers(copy), attachments=listed)
    mended = a_record(later, counter=2, replaces=first.instance_id)
    officer.send(first, photos=(copy, original))
    supervisor.open(f"/desk/records/{first.instance_id}")
    officer.send(mended)
    path = f"/desk/records/{mended.instance_id}"
    supervisor.submit(f"{path}/correct", field="place_text", answer="By the pier", reason="The officer rang")
    supervisor.approve(mended)
    return first, mended, {copy, original, later}


def taken(supervisor, record, folder: Path) -> Path:
    answer = supervisor.submit(f"/desk/records/{record.instance_id}/case", why="court", reference="CC/77")
    assert answer.status_code == 200 and "OFFICIAL-SENSITIVE.zip" in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(folder)
    return folder


def verify(folder: Path) -> tuple[int, str]:
    """As a stranger runs it: no Beatbook, no packages."""
    done = subprocess.run([sys.executable, "-I", "verify.py"], cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_ev10_the_bundle_holds_the_case_and_verifies_by_itself(office, case, supervisor, tmp_path):
    first, mended, photos = case
    folder = taken(supervisor, mended, tmp_path / "case")
    code, said = verify(folder)
    assert code == 0, said
    for record in (first, mended):
        assert (folder / "records" / f"{record.instance_id}.json").read_bytes() == record.payload
    assert {path.read_bytes() for path in folder.glob("exhibits/*/*")} == photos
    rows = json.loads((folder / "rows.json").read_text())
    assert [row["table"] for row in rows] == ["correction", "decision"]
    kinds = [event["kind"] for event in json.loads((folder / "log.json").read_text())["events"]]
    assert {"submission.received", "submission.viewed", "submission.corrected"} <= set(kinds)
    assert kinds[-1] == "submission.bundled", "EV4: the log ends with who took it out"
    page = (folder / "record.html").read_text()
    assert "By the pier" in page and "The officer rang" in page and "<script" not in page
    with office.database.reading() as session:
        made = session.exec(select(Event.data).where(Event.kind == "submission.bundle-made")).one()
    assert json.loads(made)["manifest"] in said, "our log names the manifest that verify.py prints"
    assert list(verification.verify(office)) == []
    assert "Court or prosecution CC/77" in read(supervisor.open(f"/desk/records/{mended.instance_id}"))


def test_ev10_a_changed_byte_is_found_wherever_it_is(case, supervisor, tmp_path):
    """One byte of each file flipped, then flipped with a manifest that was made to fit."""
    folder = taken(supervisor, case[1], tmp_path / "case")
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "verify.py"):
        data = path.read_bytes()
        place = len(data) // 2
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        code, said = verify_here(folder)
        assert code == 1 and said, path.name
        path.write_bytes(data)
    for name, old, new, sentence in (
        (f"records/{case[1].instance_id}.json", "wall_fence", "wall_bench", "is not what its receipt speaks of"),
        ("rows.json", "The officer rang", "Nobody rang at all", "the correction of event"),
        ("log.json", "submission.viewed", "submission.closed", "was changed"),
    ):
        path, manifest = folder / name, folder / "manifest.json"
        data, listed = path.read_bytes(), manifest.read_bytes()
        changed = data.replace(old.encode(), new.encode(), 1)
        assert changed != data
        path.write_bytes(changed)
        manifest.write_bytes(listed.replace(sha256(data).encode(), sha256(changed).encode()))
        code, said = verify_here(folder)
        assert code == 1 and sentence in said, said
        path.write_bytes(data)
        manifest.write_bytes(listed)
    assert verify_here(folder)[0] == 0


def verify_here(folder: Path) -> tuple[int, str]:
    """The script of the bundle without a process of its own for each of many runs."""
    out = io.StringIO()
    script = runpy.run_path(str(folder / "verify.py"))
    with contextlib.redirect_stdout(out):
        code = script["main"](folder)
    return code, out.getvalue()


def test_ev10_what_was_erased_is_said_and_still_verifies(office, officer, supervisor, tmp_path):
    photo = a_photo()
    record, now = a_record(photo), office.clock()
    officer.send(record)

    def erase(session) -> None:
        redactions.redact_answers(session, record.instance_id, ["kind"], why="asked", now=now)
        redactions.redact_photo(session, sha256(photo), why="asked", now=now)

    office.database.write(erase)
    folder = taken(supervisor, record, tmp_path / "case")
    assert verify_here(folder)[0] == 0, verify_here(folder)
    (exhibit,) = json.loads((folder / "exhibits.json").read_text())
    assert (exhibit["leftOut"], exhibit["file"]) == ("Erased", None)
    assert "Erased answers: kind" in (folder / "README.txt").read_text()


def test_a_case_does_not_leave_without_a_reason_or_with_an_auditor(office, server, officer, supervisor):
    record = a_record(attachments=[])
    officer.send(record)
    path = f"/desk/records/{record.instance_id}/case"
    assert "the file will contain" in read(supervisor.open(path))
    refused = supervisor.submit(path, why="")
    assert refused.status_code == 422 and "does not leave without a reason" in read(refused)
    auditor = Supervisor.join(office, server, "Ada Auditor", Role.AUDITOR)
    assert auditor.submit(path, why="court").status_code == 403
    assert supervisor.submit("/desk/records/unknown/case", why="court").status_code == 404
