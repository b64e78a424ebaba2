"""Enrolling: a one-time code becomes a device."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from beatbook import people
from beatbook.models import Device, Invitation, Purpose, Role

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)


@pytest.fixture
def code(office) -> str:
    return office.database.write(
        lambda session: people.invite(session, Role.OFFICER, "Phone 7", minutes=60, now=office.clock())
    ).code


def test_a_code_makes_a_device_with_a_token_and_a_cookie(server, office, code):
    answer = server.post("/api/enrol", json={"code": code})
    assert answer.status_code == 201
    enrolled = answer.json()
    assert enrolled.keys() == {"deviceId", "token", "role", "name", "serverId"}
    assert (enrolled["role"], enrolled["name"], enrolled["serverId"]) == ("officer", "Phone 7", office.server_id)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("beatbook_device=" + enrolled["token"])
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert server.get("/api/sync/state").status_code == 200


def test_over_https_the_cookie_is_bound_to_the_host(settings, clock):
    from starlette.testclient import TestClient

    from beatbook.app import create_app
    from beatbook.office import open_office

    office = open_office(settings.model_copy(update={"public_url": "https://testserver"}), clock)
    code = office.database.write(
        lambda session: people.invite(session, Role.OFFICER, "Phone 7", minutes=60, now=office.clock())
    ).code
    with TestClient(create_app(office), base_url="https://testserver") as server:
        answer = server.post("/api/enrol", json={"code": code})
        assert answer.headers["set-cookie"].startswith("__Host-beatbook_device=")
        assert "Secure" in answer.headers["set-cookie"]
        assert answer.headers["strict-transport-security"]
        assert server.get("/api/sync/state").status_code == 200


@pytest.mark.parametrize("typed", ["{}-{}", " {} {} ", "{}{}"])
def test_a_code_is_taken_however_it_is_typed(server, code, typed):
    assert server.post("/api/enrol", json={"code": typed.format(code[:4], code[4:]).lower()}).status_code == 201


def test_a_code_works_once(server, code):
    server.post("/api/enrol", json={"code": code})
    answer = server.post("/api/enrol", json={"code": code})
    assert answer.status_code == 410
    assert answer.json()["type"] == "/problems/code-used"


def test_of_many_at_once_exactly_one_gets_the_device(server, office, code):
    with ThreadPoolExecutor(20) as many:
        statuses = list(many.map(lambda _: server.post("/api/enrol", json={"code": code}).status_code, range(20)))
    assert sorted(statuses)[0] == 201
    assert statuses.count(201) == 1
    with office.database.reading() as session:
        assert len(session.exec(select(Device)).all()) == 1


def test_a_code_grows_old(server, code, later):
    later(minutes=61)
    answer = server.post("/api/enrol", json={"code": code})
    assert (answer.status_code, answer.json()["type"]) == (410, "/problems/code-expired")


def test_the_code_of_the_first_administrator_enrols_no_phone(server, office):
    code = office.database.write(
        lambda session: people.invite(
            session, Role.ADMIN, "First", minutes=60, now=office.clock(), purpose=Purpose.ADMINISTRATOR
        )
    ).code
    assert server.post("/api/enrol", json={"code": code}).status_code == 404


def test_no_secret_is_stored(server, office, code):
    token = server.post("/api/enrol", json={"code": code}).json()["token"]
    office.database.write(lambda session: None)
    content = b"".join(path.read_bytes() for path in office.settings.data.glob("beatbook.db*"))
    assert token.encode() not in content
    assert code.encode() not in content
    with office.database.reading() as session:
        assert session.exec(select(Invitation)).one().used_at is not None
