"""T20: somebody with the server's disk rewrites a record and all of the log after it. One receipt gives it away."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from actors import Supervisor, a_record
from rewriting import rewrite_history

from beatbook.models import Role
from beatbook.verification import verify


def taken(answer, folder: Path) -> Path:
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(folder)
    return folder


def check(folder: Path, *receipts: Path) -> tuple[int, str]:
    """As a stranger runs it: no Beatbook, no packages."""
    command = [sys.executable, "-I", "verify.py", *map(str, receipts)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def auditor(office, server) -> Supervisor:
    return Supervisor.join(office, server, "Ann Audit", Role.AUDITOR)


def test_t20_a_log_that_was_rewritten_whole_is_found_by_one_receipt(office, officer, supervisor, auditor, tmp_path):
    record, other = a_record(), a_record(counter=2)
    receipt, kept = tmp_path / "receipt.json", tmp_path / "other.json"
    told = [one["receipt"] for one in officer.send(record, other)]
    receipt.write_text(json.dumps(told[0]))
    kept.write_text(json.dumps(told[1]))
    supervisor.approve(record)
    case = {"why": "court", "reference": "CC/12"}
    path = f"/desk/records/{record.instance_id}/case"

    log = taken(auditor.submit("/desk/audit/log"), tmp_path / "log")
    assert check(log, receipt, kept)[0] == 0, "an honest log is the one of every receipt"
    assert check(taken(supervisor.submit(path, **case), tmp_path / "case"), receipt)[0] == 0

    rewrite_history(office, record.instance_id)
    assert list(verify(office)) == [], "from inside nothing can be found, or this would prove nothing"
    log = taken(auditor.submit("/desk/audit/log"), tmp_path / "rewritten log")
    assert check(log)[0] == 0
    for one in (receipt, kept):  # also that of a record nobody touched: its chain stands on the one before
        code, said = check(log, one)
        assert code == 1 and "The log was rewritten after that receipt was given" in said
    bundle = taken(supervisor.submit(path, **case), tmp_path / "rewritten case")
    assert check(bundle)[0] == 0
    code, said = check(bundle, receipt)
    assert code == 1 and "The office's log was rewritten" in said

    epoch = officer.state()["epoch"]
    officer.check(last_receipt=told[1])  # as every phone does by itself at each contact
    assert officer.state()["epoch"] != epoch, "phones offer again what the office no longer has as they gave it"
    (answer,) = officer.check(record).json()["submissions"]
    assert answer["status"] == "differs"


def test_t20_a_log_that_lost_or_changed_one_event_does_not_check(officer, auditor, tmp_path):
    officer.send(a_record())
    log = taken(auditor.submit("/desk/audit/log"), tmp_path)
    lines = (log / "log.jsonl").read_text().splitlines(keepends=True)
    for spoiled, said in (
        (lines[:3] + lines[4:], "event 4: is missing"),
        ([*lines[:3], lines[3].replace("2026", "2025"), *lines[4:]], "event 4: was changed"),
        (lines[:-1], "the log ends at"),
    ):
        (log / "log.jsonl").write_text("".join(spoiled))
        code, told = check(log)
        assert code == 1 and said in told
