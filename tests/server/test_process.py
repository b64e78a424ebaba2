"""The real process: how it starts, what it prints, how it stops, what it does to slow clients."""

import json
import shutil
import socket
import sqlite3
import ssl
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx2
import observatory
import pytest
from actors import MULTIPART, Record, a_photo, a_record, body_of, parts
from waiting import wait_until

from beatbook import cli, gates


def test_the_first_start_says_what_it_is_and_how_to_begin(running):
    running.start()
    said = running.stop()
    assert "Beatbook 0." in said
    assert f"http://127.0.0.1:{running.port}/" in said
    assert f"http://127.0.0.1:{running.port}/desk/join/" in said


def test_the_first_administrators_link_works_once_and_is_not_offered_again(running):
    running.start()
    link = running.invite("admin", "First")["url"]
    with httpx2.Client(follow_redirects=True) as browser:
        form = {"name": "Sarah P", "email": "sarah@council.example", "password": "a long enough password"}
        assert browser.get(link).status_code == 200
        assert "Sarah P" in browser.post(link, data=form).text
    assert httpx2.post(link, data=form).status_code == 410
    running.stop()
    running.start()
    assert "/desk/join/" not in running.stop()


def test_an_invitation_is_one_line_of_json_and_works_beside_the_server(running):
    running.start()
    invited = running.invite("officer", "Phone 7")
    assert invited.keys() == {"code", "url", "role", "expiresAt"}
    assert invited["url"] == f"{running.url}/#/enrol/{invited['code']}"
    assert invited["role"] == "officer"
    assert httpx2.post(f"{running.url}/api/enrol", json={"code": invited["code"]}).json()["name"] == "Phone 7"


@pytest.mark.parametrize(
    ("given", "command", "data"),
    [
        ([], "serve", None),
        (["--port", "9000"], "serve", None),
        (["--data", "verify"], "serve", "verify"),
        (["--data", "here", "verify"], "verify", "here"),
        (["--data=here", "verify"], "verify", "here"),
        (["verify", "--data", "here"], "verify", "here"),
        (["--data", "here", "--demo"], "serve", "here"),
        (["backup", "--to", "serve"], "backup", None),
    ],
)
def test_the_command_may_be_left_out_and_the_folder_stands_on_either_side(given, command, data):
    parsed = cli.parse(given)
    assert parsed.command == command
    assert getattr(parsed, "data", None) == (Path(data) if data else None)


def test_what_was_acknowledged_is_there_after_a_kill(running):
    headers = running.start().enrol()
    photo = a_photo()
    record = a_record(photo)
    first = running.deliver(headers, record)
    running.kill()
    again = running.start().deliver(headers, record)
    assert [result["status"] for result in again] == ["already", "already"]
    assert again[0]["receipt"] == first[0]["receipt"]
    running.stop()
    assert running.run("verify") == (
        0,
        "All is as it was recorded: the chain of events, every record, every photo.\n",
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_log_that_cannot_be_written_holds_up_nothing(running, monkeypatch):
    start: Any = subprocess.Popen
    with Path("/dev/full").open("w") as full_disk:
        monkeypatch.setattr(subprocess, "Popen", lambda *given, **more: start(*given, **{**more, "stderr": full_disk}))
        running.environment["BEATBOOK_MIN_FREE_BYTES"] = str(10**18)  # every delivery is refused, and that is logged
        running.start()
        monkeypatch.undo()
        headers = {**running.enrol(), "content-type": MULTIPART}
        for _ in range(3):
            answer = httpx2.post(f"{running.url}/api/sync", content=body_of(parts(a_record())), headers=headers)
            assert answer.status_code == 507
        assert "Beatbook 0." in running.stop()


def test_verify_finds_a_changed_byte_and_says_where(running):
    headers = running.start().enrol()
    photo = a_photo()
    running.deliver(headers, a_record(photo))
    running.stop()
    path = next(path for path in (running.data / "blobs").rglob("*") if path.is_file() and path.read_bytes() == photo)
    path.write_bytes(photo[:-1] + b"x")
    code, said = running.run("verify")
    assert code == 1
    assert said == f"attachment {path.name}: its file was changed\n"


def test_the_database_is_kept_as_durably_as_promised(running):
    running.start()
    connection = sqlite3.connect(running.data / "beatbook.db")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_two_servers_do_not_share_a_data_folder(running):
    running.start()
    code, said = running.run("--port", "0")
    assert code == 2
    assert "Another Beatbook is running" in said


def test_a_backup_covers_what_was_there_and_devices_may_let_go(running, tmp_path):
    headers = running.start().enrol()
    covered, later = a_record(a_photo()), a_record(a_photo())
    receipt = running.deliver(headers, covered)[0]["receipt"]
    code, said = running.run("backup", "--to", str(tmp_path / "backup"))
    assert code == 0, said
    state = httpx2.get(f"{running.url}/api/sync/state", headers=headers).json()
    assert state["safeSeq"] >= receipt["seq"]
    assert running.deliver(headers, later)[0]["receipt"]["seq"] > state["safeSeq"]
    running.stop()

    code, said = running.run("restore", "--from", str(tmp_path / "backup"))
    assert code == 0, said
    running.start()
    asked = {
        "submissions": [{"instanceId": record.instance_id, "digest": record.digest} for record in (covered, later)],
        "attachments": [],
        "lastReceipt": None,
    }
    answer = httpx2.post(f"{running.url}/api/sync/check", json=asked, headers=headers).json()
    assert [found["status"] for found in answer["submissions"]] == ["same", "missing"]
    assert answer["epoch"] != state["epoch"]
    assert answer["safeSeq"] <= state["safeSeq"]
    assert running.deliver(headers, later)[0]["status"] == "stored"
    running.stop()
    assert running.run("verify")[0] == 0


def test_a_backup_does_not_cover_a_record_whose_photo_is_still_on_its_way(running, tmp_path):
    headers = running.start().enrol()
    record = a_record(a_photo())
    (stored,) = running.deliver(headers, Record(record.payload))
    running.run("backup", "--to", str(tmp_path / "backup"))
    state = httpx2.get(f"{running.url}/api/sync/state", headers=headers).json()
    assert state["safeSeq"] < stored["receipt"]["seq"]
    running.deliver(headers, record)
    running.run("backup", "--to", str(tmp_path / "backup"))
    state = httpx2.get(f"{running.url}/api/sync/state", headers=headers).json()
    assert state["safeSeq"] > stored["receipt"]["seq"]


def test_a_restore_waits_until_the_server_is_stopped(running, tmp_path):
    running.start()
    running.run("backup", "--to", str(tmp_path / "backup"))
    code, said = running.run("restore", "--from", str(tmp_path / "backup"))
    assert (code, "Stop it first" in said) == (2, True)


def test_a_damaged_backup_is_not_restored(running, tmp_path):
    running.start()
    running.run("backup", "--to", str(tmp_path / "backup"))
    running.stop()
    with (tmp_path / "backup" / "beatbook.db").open("r+b") as file:
        file.seek(5000)
        file.write(b"x")
    code, said = running.run("restore", "--from", str(tmp_path / "backup"))
    assert (code, "is not as it was backed up" in said) == (2, True)
    assert running.run("verify")[0] == 0


@pytest.fixture
def certificate(tmp_path):
    """A certificate for this machine that nobody else trusts, with its key."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl on the PATH to make a certificate with")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    made = [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=127.0.0.1",
    ]
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)]
    subprocess.run(["openssl", *made, *names], check=True, capture_output=True)
    return cert, key


def test_with_a_certificate_it_speaks_https_and_binds_its_cookies(running, certificate):
    cert, key = certificate
    running.tls = True
    running.start("--tls-cert", str(cert), "--tls-key", str(key))
    trusting = ssl.create_default_context(cafile=str(cert))
    invited = running.invite("officer", "Phone 7")
    assert invited["url"].startswith(f"https://127.0.0.1:{running.port}/#/enrol/")
    answer = httpx2.post(f"{running.url}/api/enrol", json={"code": invited["code"]}, verify=trusting)
    assert answer.headers["set-cookie"].startswith("__Host-beatbook_device=")
    assert "Secure" in answer.headers["set-cookie"]
    assert answer.headers["strict-transport-security"].startswith("max-age=63072000")
    for path, cookies in (("/", 0), ("/desk/sign-in", 0), ("/api/sync/state", 0), ("/advice/nothing", 0), (None, 1)):
        found = httpx2.get(f"{running.url}{path}", verify=trusting, follow_redirects=True) if path else answer
        set_here = found.headers.get_list("set-cookie")
        assert len(set_here) == cookies
        assert observatory.score(found.headers, found.text, set_here) >= GRADE, path or "enrolled"
    with pytest.raises(httpx2.HTTPError):  # nothing answers without HTTPS, so there is nothing to lead away from
        httpx2.get(f"http://127.0.0.1:{running.port}/")


GRADE = 130  # points of Mozilla's Observatory; A+ begins at 100


def test_the_observatorys_points_are_taken_away_for_what_is_missing(server, settings):
    """The grader itself must be able to fail, and plain HTTP behind a proxy with HTTPS earns the same."""
    page = server.get("/desk/sign-in")
    behind_a_proxy = dict(page.headers) | {"strict-transport-security": gates.TWO_YEARS}
    assert observatory.score(behind_a_proxy, page.text) >= GRADE
    assert observatory.score(page.headers, page.text, https=False) < GRADE
    for name, said in (
        ("content-security-policy", "default-src 'self'; script-src 'unsafe-inline'"),
        ("content-security-policy", "default-src 'none'"),
        ("referrer-policy", "unsafe-url"),
        ("x-content-type-options", ""),
        ("cross-origin-resource-policy", "cross-origin"),
        ("strict-transport-security", "max-age=60"),
        ("access-control-allow-origin", "https://evil.example"),
    ):
        worse = behind_a_proxy | {name: said, "access-control-allow-credentials": "true"}
        assert observatory.score(worse, page.text) < GRADE, name
    assert observatory.score(behind_a_proxy, page.text, ["beatbook_desk=x; Secure; SameSite=Strict"]) < GRADE
    assert observatory.score(behind_a_proxy, page.text + '<script src="//cdn.example/x.js"></script>') < GRADE


def test_listening_beyond_this_machine_without_https_is_said(running):
    running.start("--host", "0.0.0.0")
    assert "without HTTPS" in running.stop()
    running.start()
    assert "without HTTPS" not in running.stop()


@pytest.fixture
def hurried(running):
    """A server that waits a second for headers and a second for a body."""
    running.environment = {"BEATBOOK_HEADER_SECONDS": "1", "BEATBOOK_BODY_SECONDS": "1"}
    return running.start()


def dial(server, sent: bytes) -> tuple[bytes, float]:
    """Send this and no more. Returns what came back until the connection was closed, and after how many seconds."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as line:
        line.sendall(sent)
        answer = b""
        while chunk := line.recv(65536):
            answer += chunk
    return answer, time.monotonic() - began


def test_a_connection_that_does_not_finish_its_headers_is_dropped(hurried):  # 13
    answer, seconds = dial(hurried, b"POST /api/sync HTTP/1.1\r\nHost: localhost\r\nX-Half")
    assert answer == b""
    assert 0.5 < seconds < 5


def test_a_body_that_does_not_come_is_told_so(hurried):  # 12
    token = hurried.enrol()["authorization"]
    head = (
        "POST /api/sync HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n"
        f"Authorization: {token}\r\nContent-Type: {MULTIPART}\r\n\r\n--beat"
    )
    answer, seconds = dial(hurried, head.encode())
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408")
    problem = json.loads(body)
    assert problem["type"] == "/problems/too-slow"
    assert problem["detail"] == "The connection was too slow. It will be sent again."
    assert (problem["kept"], problem["client"]) == ("nothing", "retry")
    assert 0.5 < seconds < 5


def test_half_open_connections_are_closed_and_others_are_served(hurried):
    lines = [socket.create_connection(("127.0.0.1", hurried.port), timeout=10) for _ in range(60)]
    for line in lines:
        line.sendall(b"GET / HTTP/1.1\r\nX-")
    assert httpx2.get(f"{hurried.url}/healthz").text == "ok"
    for line in lines:
        assert line.recv(1) == b""
        line.close()


def test_a_body_with_two_lengths_is_refused(running):  # 11
    running.start()
    answer, _ = dial(
        running,
        b"POST /api/sync HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    )
    assert answer.startswith(b"HTTP/1.1 400")


def test_a_body_announced_too_large_is_refused_before_it_is_read(running):
    headers = running.start().enrol()
    answer, _ = dial(
        running,
        f"POST /api/sync HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n"
        f"Authorization: {headers['authorization']}\r\nContent-Type: {MULTIPART}\r\n\r\n".encode(),
    )
    assert answer.startswith(b"HTTP/1.1 413")


def test_a_connection_that_breaks_keeps_the_parts_that_had_come(running):  # 10
    headers = running.start().enrol()
    record = a_record()
    body = body_of(parts(record, a_record(answers={"a": "x" * 5000})))
    with socket.create_connection(("127.0.0.1", running.port)) as line:
        line.sendall(
            f"POST /api/sync HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
            f"Authorization: {headers['authorization']}\r\nContent-Type: {MULTIPART}\r\n\r\n".encode()
            + body[:-3000]
        )
        time.sleep(0.3)
    asked = {"submissions": [{"instanceId": record.instance_id, "digest": record.digest}]}

    def is_held() -> bool:
        answer = httpx2.post(f"{running.url}/api/sync/check", json=asked, headers=headers).json()
        return answer["submissions"][0]["status"] == "same"

    wait_until(is_held, 5, "the complete part was lost")
