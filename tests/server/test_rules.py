"""Rules of data protection and evidence (domain.md B-DP, B-EV) that no other file proves, each by its name."""

import ast
import inspect
import io
import json
import zipfile

import pytest
from actors import a_photo, a_record, body_of, sha256
from notices import a_notice, authorise
from sqlmodel import col, func, select
from waiting import wait_for_previews

from beatbook import notices, redactions, retention, submissions
from beatbook.models import Blob, Event, NoticeStep, PreviewState, Review, Submission

SECRETS = ("Ann Smith", "4 Kiln Lane", "Westgate Gardens", "CT1 2AB")


@pytest.fixture
def ready(officer, supervisor):
    authorise(supervisor, officer, "LIT", "LITC")
    return officer


def test_dp2_each_of_the_six_is_logged_with_who_and_when_and_without_content(ready, office, supervisor, clock, later):
    """Collection, alteration, consultation, disclosure, combination and erasure (Data Protection Act 2018, s. 62)."""
    record, double = a_notice(clock, full_name="Ann Smith"), a_record(form="cpw", counter=7)
    ready.send(record, double)
    number = record.instance_id
    supervisor.open(f"/desk/records/{number}")
    mended = {"field": "place_text", "answer": "Westgate Gardens, east", "reason": "Wrong end"}
    assert supervisor.submit(f"/desk/records/{number}/correct", **mended).status_code == 303
    assert supervisor.submit(f"/desk/records/{number}/case", why="court", reference="C-1").status_code == 200
    combined = supervisor.submit(f"/desk/review/{double.instance_id}", act="duplicate", other=number)
    assert combined.status_code in (200, 303), combined.text
    later(days=6 * 366 + 40)
    office.erase_over(office.clock())
    with office.database.reading() as session:
        log = session.exec(select(Event).where(col(Event.subject).in_([number, double.instance_id]))).all()
    kinds = {event.kind for event in log}
    assert {"submission.received", "submission.corrected", "submission.viewed", "submission.bundled"} <= kinds
    assert {"submission.linked", redactions.RECORD} <= kinds
    assert all(event.actor and event.at for event in log)
    told = " ".join(event.data for event in log)
    assert not [word for word in SECRETS if word in told]


def test_dp11_no_notice_moves_without_a_person(ready, office, clock, later):
    """Nothing that runs by itself issues, escalates or cancels: not for forty days in which every date passes."""
    record = a_notice(clock)
    ready.send(record)
    for _ in range(8):
        later(days=5)
        office.erase_due(office.clock())
        ready.down()
    with office.database.reading() as session:
        for table in (NoticeStep, Review):
            assert session.exec(select(func.count()).select_from(table)).one() == 0
        assert notices.get(session, record.instance_id)
    for decides in (notices.take_step, submissions.review, retention.ask, retention.agree):
        person = inspect.signature(decides).parameters["person"]
        assert person.default is inspect.Parameter.empty, f"{decides.__name__} asks who decides"
    writers = {
        node.func.id
        for node in ast.walk(ast.parse(inspect.getsource(notices)))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "NoticeStep"
    }
    assert inspect.getsource(notices).count("NoticeStep(") == len(writers) == 1, "there is one way to make a step"


def test_ev1_a_photo_that_is_not_what_was_made_is_not_held_and_its_phone_hears_of_it(officer, office):
    """The phone hashes at capture; what arrives otherwise is never taken for it, and the record stays incomplete."""
    photo = a_photo()
    record = a_record(photo)
    altered = bytearray(photo)
    altered[-20] ^= 1
    delivery = [("submission", (None, record.payload, "application/json"))]
    delivery += [("attachment", (sha256(photo), bytes(altered), "image/jpeg"))]
    stored, refused = officer.deliver_bytes(body_of(delivery)).json()["results"]
    assert stored["missing"] == [sha256(photo)]
    assert (refused["status"], refused["problem"]["client"]) == ("refused", "retry")
    with office.database.reading() as session:
        assert session.get(Blob, sha256(photo)) is None
        assert not session.get_one(Submission, record.instance_id).complete
    officer.send(photos=(photo,))
    assert officer.check(record).json()["submissions"][0]["missing"] == []


def test_ev3_a_working_copy_never_alters_the_original(officer, office, supervisor):
    photo = a_photo((800, 600))
    officer.send(a_record(photo))
    wait_for_previews(office)
    with office.database.reading() as session:
        blob = session.get_one(Blob, sha256(photo))
        assert blob.preview is PreviewState.MADE
        assert blob.preview_sha256 != blob.sha256
    supervisor.open(f"/desk/photos/{sha256(photo)}/preview")
    with office.blobs.open(sha256(photo)) as file:
        assert file.read() == photo


def test_ev8_a_statement_and_the_case_call_an_exhibit_by_the_same_mark(ready, office, supervisor, clock):
    record = a_notice(clock)
    ready.send(record)
    page = supervisor.open(f"/desk/records/{record.instance_id}/statement").text
    bundle = zipfile.ZipFile(
        io.BytesIO(supervisor.submit(f"/desk/records/{record.instance_id}/case", why="court", reference="").content)
    )
    exhibits = json.loads(bundle.read("exhibits.json"))
    assert [one["mark"] for one in exhibits] == ["SF/1"]
    assert "SF/1" in page
    assert exhibits[0]["sha256"][:16] in page
    assert "SF/1" in bundle.read("record.html").decode()
