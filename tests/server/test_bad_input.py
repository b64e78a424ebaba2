"""Bad input gets a clear answer and nothing is lost. The numbers are the rows of the table in docs/answers.md."""

import gzip
import json
import re
import struct
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from actors import MULTIPART, Record, a_photo, a_record, body_of, camera_file, parts, sha256
from sqlmodel import func, select
from starlette.testclient import TestClient

from beatbook import problems
from beatbook.forms import Forms
from beatbook.models import Blob, Quarantine, Role, Submission

DOCS = Path(__file__).parents[2] / "docs"
BY_SLUG = {problem.slug: problem for problem in problems.all_problems()}


@pytest.fixture
def kept(office):
    """How much the server holds: submissions, photos, quarantined payloads, files."""

    def look() -> tuple[int, int, int, int]:
        with office.database.reading() as session:
            rows = [
                session.exec(select(func.count()).select_from(table)).one() for table in (Submission, Blob, Quarantine)
            ]
        files = [path for path in office.blobs.folder.rglob("*") if path.is_file()]
        originals = [path for path in files if path.parent != office.blobs.incoming]
        assert len(files) == len(originals), "a temporary file was left"
        return rows[0], rows[1], rows[2], len(originals)

    return look


def raw(payload: bytes) -> Record:
    return Record(payload)


def envelope(**changes) -> bytes:
    return a_record(**changes).payload


NESTED = '{"answers":' + "[" * 20 + "]" * 20 + "}"
DOUBLED = b'{"instanceId":"00000000-0000-4000-8000-000000000000","instanceId":"00000000-0000-4000-8000-000000000001"}'


@pytest.mark.parametrize(
    ("payload", "slug", "status", "detail"),
    [
        (b"hello", "not-json", 400, "The record could not be read."),  # 6
        (b"", "not-json", 400, "The record could not be read."),
        (b"\xff\xfe\x00", "not-json", 400, "The record could not be read."),
        (envelope(answers={"a": "X"}).replace(b'"X"', b'"\\ud800"'), "not-json", 400, "The record could not be read."),
        (envelope(answers={"a": "X"}).replace(b'"X"', b"NaN"), "not-json", 400, "The record could not be read."),
        (envelope(answers={"a": "X"}).replace(b'"X"', b"1e999"), "not-json", 400, "The record could not be read."),
        (NESTED.encode(), "json-shape", 400, "The record is built in a way we do not accept."),  # 7
        (b"[" * 100_000, "json-shape", 400, "The record is built in a way we do not accept."),
        (DOUBLED, "json-shape", 400, "The record is built in a way we do not accept."),
        (
            envelope(answers={"a": list(range(2001))}),
            "json-shape",
            400,
            "The record is built in a way we do not accept.",
        ),
        (b"9" * 5000, "json-shape", 400, "The record is built in a way we do not accept."),
        (b"[1,2]", "json-shape", 400, "The record is built in a way we do not accept."),
        (envelope(attachments=[{"sha256": "x"}]), "json-shape", 400, "The record is built in a way we do not accept."),
    ],
)
def test_a_payload_that_cannot_be_a_record_is_kept_aside(officer, kept, payload, slug, status, detail):
    (result,) = officer.send(raw(payload))
    assert result["status"] == "refused"
    problem = result["problem"]
    assert (problem["type"], problem["status"], problem["detail"]) == (f"/problems/{slug}", status, detail)
    assert (problem["kept"], problem["client"]) == ("quarantine", "attention")
    assert kept() == (0, 0, 1, 0)


def test_what_is_kept_aside_is_named_when_its_number_can_be_seen(officer):
    number = "0193aaaa-0000-7000-8000-000000000001"
    (result,) = officer.send(raw(b'{"instanceId":"%s", oops' % number.encode()))
    assert result["instanceId"] == number


@pytest.mark.parametrize("number", ["..%2f..%2fetc", "0193AAAA-0000-7000-8000-000000000001", "", 7, None])
def test_a_record_number_that_is_none_is_refused(officer, kept, number):  # 23
    (result,) = officer.send(a_record(instanceId=number))
    problem = result["problem"]
    assert (problem["type"], problem["status"]) == ("/problems/bad-id", 400)
    assert problem["detail"] == "The record number is not valid."
    assert (problem["kept"], problem["client"]) == ("nothing", "attention")
    assert kept() == (0, 0, 0, 0)


def test_a_record_of_more_than_256_kib_is_refused_and_the_next_is_taken(officer, kept):  # 8, 9
    large, good = a_record(answers={"a": "x" * 256 * 1024}), a_record()
    refused, stored = officer.send(large, good)
    assert (refused["problem"]["type"], refused["problem"]["status"]) == ("/problems/record-too-large", 413)
    assert refused["problem"]["detail"] == "The record is larger than 256 KB."
    assert stored["status"] == "stored"
    assert kept() == (1, 0, 0, 0)


def test_a_record_of_exactly_256_kib_is_taken(officer):
    padding = 256 * 1024 - len(envelope(answers={"a": ""}))
    record = a_record(answers={"a": "x" * padding})
    assert len(record.payload) == 256 * 1024
    assert officer.send(record)[0]["status"] == "stored"


# An officer's record is never refused for its content ----------------------------------------------------------


def test_a_form_nobody_knows_is_held(officer):  # 14
    (result,) = officer.send(a_record(form="dragons"))
    assert result["status"] == "held"
    assert result["receipt"]["seq"] > 0
    assert result["detail"] == "Kept. A supervisor must match it to a form."


def test_a_newer_version_of_a_form_is_held(officer):  # 16
    (result,) = officer.send(a_record(formVersion="99"))
    assert (result["status"], result["detail"]) == ("held", "Kept. The server will read it after its update.")


def test_a_withdrawn_form_is_stored_with_a_warning(officer, office):  # 15
    every = [form for form_id in office.forms.ids() for form in office.forms.versions(form_id).values()]
    office.forms = Forms([replace(form, withdrawn=True) for form in every], office.forms.lists)
    (result,) = officer.send(a_record())
    assert result["status"] == "stored"
    assert result["warnings"][0]["code"] == "form-withdrawn"
    assert result["detail"] == "Saved. This form is no longer in use; a supervisor will check it."


def test_missing_answers_and_unknown_choices_are_stored_with_a_warning_each(officer):  # 17
    answers = {**json.loads(a_record().payload)["answers"], "surface": "chocolate"}
    del answers["size"]
    (result,) = officer.send(a_record(a_photo(), answers={**answers, "photo_before": ["0" * 64]}), photos=())
    assert result["status"] == "stored"
    assert {warning["field"] for warning in result["warnings"]} == {"surface", "size"}
    assert result["detail"] == "Saved with 2 answers to check."


@pytest.mark.parametrize(
    ("captured_at", "words"),
    [
        ("2027-12-27T10:30:00+00:00", "400 days"),
        ("2025-10-18T10:30:00+00:00", "400 days"),
        ("2026-11-22T12:30:00+00:00", "2 hours"),
        ("1970-01-01T00:00:00+00:00", "20779 days"),
    ],
)
def test_a_wrong_clock_is_said_and_the_record_stored(officer, captured_at, words):  # 19
    (result,) = officer.send(a_record(capturedAt=captured_at))
    assert result["status"] == "stored"
    assert f"Saved. This phone's clock is wrong by {words}." in [warning["detail"] for warning in result["warnings"]]


@pytest.mark.parametrize("captured_at", ["yesterday", None, 12, "2026-13-45T99:00:00Z"])
def test_a_capture_time_that_cannot_be_read_is_said(officer, captured_at):
    (result,) = officer.send(a_record(capturedAt=captured_at))
    assert result["status"] == "stored"
    assert "clock" in [warning["code"] for warning in result["warnings"]]


@pytest.mark.parametrize(
    "location",
    [
        {"latitude": 999, "longitude": 0, "accuracy": 5},
        {"latitude": 0, "longitude": 0, "accuracy": 5},
        {"latitude": 51.2, "longitude": 1.0, "accuracy": 9999},
        {"latitude": "51", "longitude": 1.0},
        "here",
        [],
    ],
)
def test_an_unreliable_place_gets_no_pin(officer, office, location):  # 20
    record = a_record(location=location)
    (result,) = officer.send(record)
    assert result["status"] == "stored"
    assert "Saved without a reliable place." in [warning["detail"] for warning in result["warnings"]]
    with office.database.reading() as session:
        submission = session.get(Submission, record.instance_id)
        assert (submission.latitude, submission.longitude) == (None, None)
        assert submission.payload == record.payload


@pytest.mark.parametrize("text", ["a\u0000b", "evil\u202egnp.exe", "z" + "\u0301" * 100_000])
def test_odd_characters_are_stored_as_sent_and_shown_tamed(officer, office, text):  # 21
    answers = {**json.loads(a_record().payload)["answers"], "place_text": text}
    record = a_record(answers=answers)
    (result,) = officer.send(record)
    assert result["status"] == "stored"
    assert "text" in [warning["code"] for warning in result["warnings"]]
    with office.database.reading() as session:
        submission = session.get(Submission, record.instance_id)
        assert submission.payload == record.payload
        assert "\u0000" not in submission.title
        assert "\u202e" not in submission.title
        assert len(submission.title) <= 200


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "=HYPERLINK('x')", "'; DROP TABLE submission; --"])
def test_hostile_text_is_stored_verbatim(officer, office, text):  # 22
    answers = {**json.loads(a_record().payload)["answers"], "place_text": text}
    record = a_record(answers=answers)
    assert officer.send(record)[0]["status"] == "stored"
    with office.database.reading() as session:
        assert session.get(Submission, record.instance_id).payload == record.payload


@pytest.mark.parametrize("changes", [{"formId": None}, {"formVersion": 3.5}, {"counter": "x"}, {"answers": None}])
def test_an_odd_envelope_is_kept_all_the_same(officer, changes):
    assert officer.send(a_record(**changes))[0]["status"] in ("stored", "held")


# A pupils' tablet ------------------------------------------------------------------------------------------------


def test_a_pupils_tablet_may_not_send_an_officers_form(pupil, kept):  # MT4
    (result,) = pupil.send(a_record(location=None))
    assert (result["problem"]["type"], result["problem"]["status"]) == ("/problems/unknown-form", 422)
    assert kept() == (0, 0, 0, 0)


def test_a_pupils_record_with_a_place_is_refused(pupil, kept):  # MT3
    (result,) = pupil.send(a_record())
    assert (result["problem"]["type"], result["problem"]["status"]) == ("/problems/pupil-place", 422)
    assert kept() == (0, 0, 0, 0)


# Photos ----------------------------------------------------------------------------------------------------------


def attachment(officer, content: bytes, name: str | None = None):
    (result,) = officer.deliver_bytes(
        body_of([("attachment", (sha256(content) if name is None else name, content, "image/jpeg"))])
    ).json()["results"]
    return result


def png(width: int, height: int, *chunks: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


ANIMATION = struct.pack(">I", 8) + b"acTL" + bytes(8) + struct.pack(">I", zlib.crc32(b"acTL" + bytes(8)))


@pytest.mark.parametrize(
    ("content", "slug", "status", "detail", "client"),
    [
        (b"", "photo-empty", 422, "The photo is empty. Take it again if you can.", "attention"),  # 27
        (b"<html>", "not-a-photo", 415, "Only JPEG, PNG and WebP photos are accepted.", "attention"),  # 29
        (b"GIF89a" + bytes(40), "not-a-photo", 415, "Only JPEG, PNG and WebP photos are accepted.", "attention"),
        (b"%PDF-1.7", "not-a-photo", 415, "Only JPEG, PNG and WebP photos are accepted.", "attention"),
        (b"<svg xmlns=''/>", "not-a-photo", 415, "Only JPEG, PNG and WebP photos are accepted.", "attention"),
        (
            png(9400, 9400),  # 30
            "too-many-pixels",
            422,
            "The photo has more than 50 million pixels.",
            "attention",
        ),
        (png(100_000, 100_000), "too-many-pixels", 422, "The photo has more than 50 million pixels.", "attention"),
        (png(4, 4, ANIMATION), "not-a-still", 422, "Moving pictures are not accepted.", "attention"),  # 35
    ],
)
def test_what_is_not_a_photo_we_can_keep_is_refused(officer, kept, content, slug, status, detail, client):
    problem = attachment(officer, content)["problem"]
    assert (problem["type"], problem["status"], problem["detail"]) == (f"/problems/{slug}", status, detail)
    assert (problem["kept"], problem["client"]) == ("nothing", client)
    assert kept() == (0, 0, 0, 0)


def test_a_heic_is_refused_whatever_it_is_called(officer, kept):  # 29
    result = attachment(officer, camera_file("iphone-13.heic").read_bytes())
    assert result["problem"]["type"] == "/problems/not-a-photo"
    assert kept() == (0, 0, 0, 0)


def test_a_photo_damaged_on_the_way_is_sent_again(officer, kept):  # 26
    photo = a_photo()
    result = attachment(officer, photo[:-1] + b"x", sha256(photo))
    assert result["sha256"] == sha256(photo)
    problem = result["problem"]
    assert (problem["type"], problem["status"]) == ("/problems/digest-mismatch", 422)
    assert problem["detail"] == "The photo was damaged on the way. It will be sent again."
    assert (problem["kept"], problem["client"]) == ("nothing", "retry")
    assert kept() == (0, 0, 0, 0)


def test_a_photo_of_more_than_12_mib_is_refused_and_the_next_is_taken(officer, kept):  # 28
    large, good = b"\xff\xd8\xff" + bytes(12 * 1024 * 1024), a_photo()
    refused, stored = officer.send(photos=(large, good))
    assert (refused["problem"]["type"], refused["problem"]["status"]) == ("/problems/photo-too-large", 413)
    assert refused["problem"]["detail"] == "The photo is larger than 12 MB."
    assert stored["status"] == "stored"
    assert kept() == (0, 1, 0, 1)


@pytest.mark.parametrize("name", ["../../etc/passwd", "photo.jpg", "", "A" * 64])
def test_a_photo_without_a_sound_name_is_refused(officer, kept, name):
    problem = attachment(officer, a_photo(), name)["problem"]
    assert (problem["type"], problem["status"]) == ("/problems/upload-shape", 400)
    assert kept() == (0, 0, 0, 0)


@pytest.mark.parametrize("name", ["corrupted.jpg", "orientation-6.jpg", "iphone-8mp-gps.jpg"])
def test_a_cameras_file_is_kept_byte_for_byte_even_when_it_is_damaged(officer, office, name):  # 32
    photo = camera_file(name).read_bytes()
    assert attachment(officer, photo)["status"] == "stored"
    with office.blobs.open(sha256(photo)) as file:
        assert file.read() == photo


# The whole request -----------------------------------------------------------------------------------------------


def problem_of(answer) -> tuple[int, str, str, str, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    found = answer.json()
    assert found["status"] == answer.status_code
    return answer.status_code, found["type"], found["detail"], found["kept"], found["client"]


def test_an_empty_body_is_sent_again(officer, kept):  # 5
    assert problem_of(officer.deliver_bytes(b"")) == (
        400,
        "/problems/body-missing",
        "Nothing was received. It will be sent again.",
        "nothing",
        "retry",
    )


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded"])
def test_another_content_type_is_refused(officer, content_type):  # 37
    answer = officer.deliver_bytes(b"{}", content_type)
    assert problem_of(answer)[:2] == (415, "/problems/upload-type")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (body_of([("record", (None, b"{}", "application/json"))]), MULTIPART),
        (b"no boundary anywhere", MULTIPART),
        (body_of(parts(a_record())), "multipart/form-data"),
        (b"--beat\r\n" + b"x" * 100_000 + b": y\r\n\r\n\r\n--beat--\r\n", MULTIPART),
    ],
)
def test_an_upload_built_otherwise_is_refused(officer, kept, body, content_type):  # 37
    answer = officer.deliver_bytes(body, content_type)
    assert problem_of(answer) == (
        400,
        "/problems/upload-shape",
        "The upload is not built as expected.",
        "nothing",
        "attention",
    )
    assert kept() == (0, 0, 0, 0)


def test_a_gzipped_body_is_not_quietly_misread(officer, kept):
    answer = officer.http.post(
        "/api/sync",
        content=gzip.compress(body_of(parts(a_record()))),
        headers={**officer.headers, "content-type": MULTIPART, "content-encoding": "gzip"},
    )
    assert answer.status_code == 400
    assert kept() == (0, 0, 0, 0)


@pytest.mark.parametrize("token", ["", "Bearer", "Bearer nonsense", "Basic abc"])
def test_a_stranger_is_asked_to_sign_in(server, kept, token):  # 38
    answer = server.post("/api/sync", content=b"x", headers={"authorization": token, "content-type": MULTIPART})
    assert problem_of(answer) == (
        401,
        "/problems/sign-in",
        "Sign in to send. Your records stay on this device.",
        "nothing",
        "sign-in",
    )


def test_asking_for_more_than_500_is_refused(officer):  # 25
    answer = officer.http.post("/api/sync/check", json={"attachments": ["0" * 64] * 501}, headers=officer.headers)
    assert problem_of(answer)[:3] == (413, "/problems/too-many", "Ask for at most 500 at a time.")


@pytest.mark.parametrize("asked", [b"", b"[]", b"{", b'{"submissions": 3}', b'{"submissions": [1]}', b"[" * 99_999])
def test_a_question_that_makes_no_sense_is_refused(officer, asked):
    answer = officer.http.post("/api/sync/check", content=asked, headers=officer.headers)
    assert problem_of(answer)[0] == 400


def test_a_code_that_nobody_gave_is_unknown(server):  # 41
    answer = server.post("/api/enrol", json={"code": "ABCD2346"})
    assert problem_of(answer)[:3] == (404, "/problems/code-unknown", "That code is not in use.")


def test_guessing_codes_is_stopped_and_a_right_one_works_a_minute_later(server, office, later):  # 42
    from beatbook import people

    code = office.database.write(
        lambda session: people.invite(session, Role.OFFICER, "Phone 9", minutes=60, now=office.clock())
    ).code
    answers = [server.post("/api/enrol", json={"code": f"WRONG{n:03}"}) for n in range(40)]
    assert [answer.status_code for answer in answers].count(404) == office.tries.addresses.per_minute
    last = answers[-1]
    assert problem_of(last)[:2] == (429, "/problems/too-many-tries")
    assert last.headers["retry-after"] == "60"
    later(minutes=1, seconds=1)
    assert server.post("/api/enrol", json={"code": code}).status_code == 201


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_web_site_may_not_send(officer, kept, site):  # 44
    answer = officer.http.post(
        "/api/sync",
        content=body_of(parts(a_record())),
        headers={**officer.headers, "content-type": MULTIPART, "sec-fetch-site": site},
    )
    assert problem_of(answer)[:2] == (403, "/problems/cross-site")
    assert kept() == (0, 0, 0, 0)


@pytest.mark.parametrize("host", ["evil", "evil.example:8000", "127.0.0.1.evil.example", ""])
def test_another_name_for_the_server_is_refused(server, host):  # 45
    assert problem_of(server.get("/api/sync/state", headers={"host": host}))[:2] == (400, "/problems/bad-host")


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:8000", "192.168.1.20"])
def test_addresses_and_localhost_are_our_names(officer, host):
    assert officer.http.get("/api/sync/state", headers={**officer.headers, "host": host}).status_code == 200


def test_a_receipt_that_is_not_in_our_history_begins_a_new_epoch(officer):  # 46
    receipt = officer.send(a_record())[0]["receipt"]
    assert officer.check(last_receipt=receipt).json()["epoch"] == receipt["epoch"]
    foreign = {**receipt, "seq": receipt["seq"] + 1000}
    answer = officer.check(last_receipt=foreign).json()
    assert answer["epoch"] != receipt["epoch"]


@pytest.mark.parametrize(("method", "path"), [("GET", "/api/sync"), ("DELETE", "/api/sync/state"), ("PUT", "/")])
def test_an_unknown_method_is_told_the_right_one(server, method, path):  # 47
    answer = server.request(method, path)
    assert problem_of(answer)[:2] == (405, "/problems/method-not-allowed")
    assert answer.headers["allow"]


def test_a_mistake_of_ours_shows_nothing_of_our_inside(officer, monkeypatch):
    monkeypatch.setattr("beatbook.api.sync.ledger_of", lambda office: 1 / 0)
    stranger = TestClient(officer.http.app, raise_server_exceptions=False)
    answer = stranger.get("/api/sync/state", headers=officer.headers)
    assert problem_of(answer) == (
        500,
        "/problems/server-error",
        "The server made a mistake. Your records stay on this device.",
        "nothing",
        "wait",
    )
    assert "ZeroDivision" not in answer.text


def rows_of_answers() -> list[list[str]]:
    """The table of docs/answers.md: number, input, answer, detail, kept, client."""
    lines = (DOCS / "answers.md").read_text(encoding="utf-8").splitlines()
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return table[2:]


def test_the_table_of_answers_says_what_the_program_does():
    for _, _, answer, detail, _, client in rows_of_answers():
        for status, slug in re.findall(r"(\d{3}) ([a-z]+-[a-z-]+|redacted)", answer):
            problem = BY_SLUG[slug]
            assert (problem.status, problem.detail, problem.client) == (int(status), detail, client), slug


def test_every_row_of_the_table_is_tried_by_a_test_that_carries_its_number():
    tests = "\n".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    carried = set(", ".join(re.findall(r"# (\d+[ab]?(?:, \d+[ab]?)*)$", tests, re.M)).split(", "))
    numbers = [number for row in rows_of_answers() for number in re.findall(r"\d+[ab]?", row[0])]
    assert len(numbers) >= 45
    assert [number for number in numbers if number not in carried] == []
