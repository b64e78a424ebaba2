"""What stands between a stranger and this server beside sign-in: other sites, files, caches, headers, logs."""

import io
import json
import re
import secrets
import sys
from urllib.parse import quote

import pytest
from actors import MULTIPART, Record, Supervisor, a_photo, a_record, body_of, parts
from hostile import HOSTILE
from sqlmodel import select
from starlette.testclient import TestClient

from beatbook import logs, people
from beatbook.app import create_app
from beatbook.gates import PROTECTION
from beatbook.models import Event, Role

KINDS = ["application/json", MULTIPART, "text/plain", "application/x-www-form-urlencoded"]
SITES = ["cross-site", "same-site", "none-of-these"]


def test_t17_another_site_changes_nothing_whatever_it_says_it_sends(officer, supervisor):
    """Twelve ways: three kinds of site with four kinds of content, at a device's route and at a supervisor's."""
    record = a_record()
    officer.send(record)
    page, body = f"/desk/records/{record.instance_id}/review", body_of(parts(a_record(counter=2)))
    for site in SITES:
        for kind in KINDS:
            sent = {"sec-fetch-site": site, "content-type": kind}
            assert officer.http.post("/api/sync", content=body, headers={**officer.headers, **sent}).status_code == 403
            answer = supervisor.http.post(page, content=b"state=approved", headers={**supervisor.headers(), **sent})
            assert answer.status_code == 403, sent
            assert "That came from another site" in answer.text


def test_every_kind_of_answer_says_what_it_is_and_is_kept_by_no_cache(officer, supervisor, server):
    record = a_record(a_photo())
    officer.send(record)
    answers = [
        supervisor.open("/desk/records"),
        supervisor.open(f"/desk/records/{record.instance_id}"),
        supervisor.open("/desk/records.csv"),
        supervisor.open("/desk/nothing"),
        server.get("/desk/sign-in"),
        server.get("/api/sync/state", headers=officer.headers),
        server.get("/api/sync/down", headers=officer.headers),
        server.get("/api/sync/state"),
        officer.check(record),
    ]
    for answer in answers:
        kind = answer.headers["content-type"]
        assert re.fullmatch(r"text/(html|csv); charset=utf-8|application/(problem\+)?json", kind), kind
        assert "no-store" in answer.headers["cache-control"], answer.url
        for name, said in PROTECTION.items():
            assert answer.headers[name] == said, (answer.url, name)
    assert "require-trusted-types-for 'script'" in PROTECTION["content-security-policy"]
    assert not re.search(r"unsafe|data:|https?:|\*", PROTECTION["content-security-policy"])


BESIDE_THE_APP = (
    "/.git/config",
    "/.env",
    "/..%2f..%2fpyproject.toml",
    "/assets/../../package.json",
    "/assets/",
    "/assets",
    "/desk/static/",
    "/desk/static/..%2fpages.py",
    "/desk/static/desk.css/../../pages.py",
    "//etc/passwd",
    "/%00",
)


def test_nothing_beside_the_app_is_served(server):
    """Neither a folder's list, nor what begins with a dot, nor anything above it."""
    for path in BESIDE_THE_APP:
        answer = server.get(path)
        assert answer.status_code in (303, 400, 404, 503), path
        assert not re.search(r"repositoryformatversion|build-system|root:|Index of|def page", answer.text), path
    assert server.request("TRACE", "/desk/sign-in").status_code == 405


def test_no_header_can_be_made_of_what_somebody_typed(officer, supervisor, server):
    """Neither the names of files that are taken out nor where a sign-in leads to."""
    for number, text in enumerate([text for text in HOSTILE if set(text) & set('\r\n"')], 1):
        told = json.loads(a_record(counter=number).payload)
        told["answers"]["place_text"] = text
        officer.send(Record(json.dumps(told).encode()))
        found = [
            server.get("/desk/sign-in", params={"to": text}),
            server.get("/desk/records", params={"q": text}),
        ]
        if number == 1:
            case = f"/desk/records/{told['instanceId']}/case"
            found += [supervisor.submit(case, why="court", reference=""), supervisor.open("/desk/records.csv?q=x")]
        for answer in found:
            assert "set-cookie" not in answer.headers
            name = answer.headers.get("content-disposition", 'filename="a"')
            assert re.search(r'filename="[\w.:-]+"', name), name
            assert not re.search(r"[\r\n]", answer.headers.get("location", ""))


# Logs -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def said(monkeypatch):
    """What the server writes to standard error from here on, also on the most talkative level."""
    written = io.StringIO()
    with monkeypatch.context() as redirected:
        redirected.setattr(sys, "stderr", written)
        logs.set_up("DEBUG")
    yield written.getvalue
    logs.set_up("INFO")


def planted(number: int) -> list[str]:
    """Words that nobody else uses, so that finding one is proof."""
    return [f"Zz{secrets.token_hex(6)}" for _ in range(number)]


def test_t25_the_log_holds_no_name_no_token_and_no_code(office, settings, clock, said):
    """Fifty planted strings through a whole journey, with everything that goes wrong on the way, then a search."""
    name, mail, password, place, phone, plate, note, device_name, wrong_code, wrong_password = planted(10)
    secret_words = planted(40)
    with TestClient(create_app(office), follow_redirects=False, raise_server_exceptions=False) as server:
        code = office.database.write(
            lambda session: people.invite(session, Role.OFFICER, device_name, minutes=5, now=clock())
        ).code
        server.post("/api/enrol", json={"code": wrong_code})
        enrolled = server.post("/api/enrol", json={"code": code})
        server.post("/api/enrol", json={"code": code})  # a second time: refused
        token = enrolled.json()["token"]
        server.cookies.clear()
        headers = {"authorization": f"Bearer {token}"}
        told = json.loads(a_record().payload)
        told["answers"] |= {"place_text": place, "suspect_name": name, "contact_phone": phone, "vrm": plate}
        told["answers"] |= {f"free_{place}": word for place, word in enumerate(secret_words)}
        whole = json.dumps(told).encode()
        for payload in (whole, whole.replace(b"brick", b"metal"), b'{"x": "' + name.encode() + b'"', b"\xff" + whole):
            body = body_of([("submission", (None, payload, "application/json"))])
            server.post("/api/sync", content=body, headers={**headers, "content-type": MULTIPART})
        server.post("/api/sync", content=whole, headers=headers)  # no multipart at all
        server.get(f"/api/sync/down?since={name}", headers={"authorization": f"Bearer {name}"})
        boss = Supervisor.join(office, server, f"{name} B")
        server.post("/desk/sign-in", data={"email": mail, "password": wrong_password})
        server.post("/desk/sign-in", data={"email": f"{name}@council.example".lower(), "password": password})
        for path in (f"/desk/records?q={place}", f"/desk/records/{place}", f"/desk/lists/{name}", "/desk/join/" + code):
            boss.open(path)
        boss.submit(f"/desk/records/{told['instanceId']}/review", state="hasIssues", reason="other", note=note)
        boss.submit(f"/desk/records/{told['instanceId']}/remarks", kind="comment", words=note)
        with pytest.MonkeyPatch.context() as broken:  # and a mistake of ours, in the middle of somebody's words
            broken.setattr("beatbook.listings.find", lambda *given, **more: 1 / 0)
            assert boss.open(f"/desk/records?q={place}").status_code == 500
        cookie = boss.cookies["beatbook_desk"]
    log = said()
    lines = [json.loads(line) for line in log.splitlines()]
    assert any(line["event"] == "fault" for line in lines)
    assert len([line for line in lines if line["event"] == "refused"]) >= 5
    assert all(re.fullmatch(r"[\d-]+T[\d:.]+Z", line["timestamp"]) for line in lines)
    personal = [name, mail, password, place, phone, plate, note, device_name, wrong_password, *secret_words]
    planted_here = [*personal, token, cookie, code, wrong_code, "BEGIN", "argon2id"]
    found = [word for word in planted_here if word.lower() in log.lower()]
    assert found == [], [line for line in log.splitlines() if any(word.lower() in line.lower() for word in found)]
    with office.database.reading() as session:
        events = " ".join(event.data for event in session.exec(select(Event)))
    assert not [word for word in planted_here if word in events], "nor does the log of events (DP2)"


FORGED = ["x\r\nFORGED", 'x\n{"event": "forged"}', "x\u001b[2J", "x\u2028FORGED", "x\u0000"]


def test_t25_nobody_can_forge_a_line_of_the_log(server, said):
    for text in FORGED:
        server.get(f"/api/{quote(text)}")
        server.get(f"/desk/records/{quote(text)}")
        server.post("/api/enrol", json={"code": text})
    lines = said().split("\n")[:-1]
    assert len(lines) >= 2 * len(FORGED)
    assert "FORGED" not in "".join(lines)
    for line in lines:
        assert json.loads(line)["event"] == "refused"
        assert not re.search("[\u0000-\u001f\u007f]", line)


def test_sign_ins_and_refusals_are_written_down(office, server, supervisor, said):
    server.post("/desk/sign-in", data={"email": "x@council.example", "password": "not it at all"})
    Supervisor.join(office, server, "Al B", Role.AUDITOR).open("/desk/staff")
    lines = [json.loads(line) for line in said().splitlines()]
    assert {"not-allowed", "wrong-password"} <= {line.get("slug") for line in lines}
    assert "x@council.example" not in str(lines), "whose name was tried is nobody's to read"
    with office.database.reading() as session:
        kinds = [event.kind for event in session.exec(select(Event))]
    assert "person.signed-in" in kinds
