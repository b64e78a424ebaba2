"""Signing in with the council's own account: a real OpenID provider, and tokens that no honest one would make."""

import hmac
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import council
import pytest
from actors import Clock, Supervisor, read
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from sqlmodel import select

from beatbook.models import DeskSession, Event, Identity, Person, Role
from beatbook.office import open_office
from beatbook.people.keys import text_of
from beatbook.people.openid import Attempt, Provider
from beatbook.problems import CouncilRefused
from beatbook.settings import Settings
from beatbook.verification import verify

HERE = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def issuer(node) -> Iterator[str]:
    with council.provider(node, HERE) as address:
        yield address


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime.now(UTC))  # the provider's own


@pytest.fixture
def changed() -> dict[str, Any]:
    """Settings that a test wants otherwise."""
    return {}


@pytest.fixture
def settings(tmp_path, issuer, changed) -> Settings:
    (tmp_path / "secret").write_text(f"{council.SECRET}\n")
    return Settings(
        data=tmp_path / "data",
        allowed_hosts="testserver",
        oidc_issuer=issuer,
        oidc_client_id="beatbook",
        oidc_client_secret_file=tmp_path / "secret",
        oidc_groups="Admins=admin, Leads=supervisor",
        **changed,
    )


def come_in(server, login: str, to: str = "/desk/records") -> Any:
    """The whole way: our button, their pages, the page between, and what our server then says."""
    return server.get(way_back(server, login, to))


def way_back(server, login: str, to: str = "/desk/records") -> str:
    off = server.get("/desk/sign-in/council", params={"to": to})
    assert off.status_code == 303, off.text
    return between(server, council.path_of(council.consent(off.headers["location"], login)))


def between(server, address: str) -> str:
    """The page that turns another site's request into one of ours."""
    page = server.get(address)
    return unescape(found(r'http-equiv="refresh" content="0;url=([^"]+)"', page.text))


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match, text
    return match[1]


def people_in(office) -> list[tuple[str, str]]:
    with office.database.reading() as session:
        return sorted((person.name, person.role) for person in session.exec(select(Person)))


def test_somebody_new_comes_in_with_the_role_of_their_group_and_is_the_same_person_next_time(office, server):
    assert "Sign in with your council account" in read(server.get("/desk/sign-in"))
    answer = come_in(server, "u-kerry", to="/desk/devices")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/devices")
    assert server.get("/desk/devices").status_code == 200
    assert server.get("/desk/staff").status_code == 403
    server.cookies.clear()
    assert come_in(server, "u-kerry").status_code == 303
    assert people_in(office) == [("Kerry Bell", "supervisor")]
    with office.database.reading() as session:
        identity = session.exec(select(Identity)).one()
        hows = {row.how for row in session.exec(select(DeskSession))}
        log = [event.data for event in session.exec(select(Event))]
    assert (identity.subject, hows) == ("u-kerry", {"council"})
    assert not any("u-kerry" in data or "council.example" in data for data in log), "the log holds no content"
    assert list(verify(office)) == []


def test_whoever_has_no_group_that_may_is_told_so_and_leaves_nothing_behind(office, server):
    answer = come_in(server, "u-tom")
    assert answer.status_code == 403
    assert "Your account is in none of the groups that may open the desk" in read(answer)
    assert people_in(office) == []
    assert server.get("/desk/records").status_code == 303


def test_groups_decide_at_every_visit_and_losing_them_or_the_account_ends_what_is_open(office, server, monkeypatch):
    come_in(server, "u-ruth")
    come_in(server, "u-kerry")
    kerry = dict(server.cookies)
    monkeypatch.setattr(office, "roles", (("Leads", Role.AUDITOR), ("Admins", Role.ADMIN)))
    server.cookies.clear()
    come_in(server, "u-kerry")
    assert people_in(office) == [("Kerry Bell", "auditor"), ("Ruth Ansell", "admin")]
    monkeypatch.setattr(office, "roles", (("Admins", Role.ADMIN),))
    server.cookies.clear()
    assert come_in(server, "u-kerry").status_code == 403
    assert server.get("/desk/records", headers={"cookie": f"beatbook_desk={kerry['beatbook_desk']}"}).status_code == 303
    monkeypatch.setattr(office, "roles", (("Admins", Role.SUPERVISOR),))
    server.cookies.clear()
    come_in(server, "u-ruth")
    assert ("Ruth Ansell", "admin") in people_in(office), "the last administrator stays one"

    with office.database.reading() as session:
        person = session.exec(select(Person).where(Person.name == "Kerry Bell")).one()
    monkeypatch.setattr(office, "roles", (("Leads", Role.SUPERVISOR), ("Admins", Role.ADMIN)))
    assert server.post(f"/desk/staff/{person.id}", data={"do": "end"}).status_code == 303
    server.cookies.clear()
    answer = come_in(server, "u-kerry")
    assert answer.status_code == 403 and "was closed" in read(answer), "whatever the provider says"
    assert list(verify(office)) == []


def test_an_address_alone_never_makes_two_people_one(office, server, supervisor):
    for login in ("u-kerry", "u-liar"):
        server.cookies.clear()
        assert come_in(server, login).status_code == 303
    with office.database.reading() as session:
        identities = session.exec(select(Identity)).all()
        assert len({supervisor.person_id, *(one.person_id for one in identities)}) == 3
    assert list(verify(office)) == []


@pytest.mark.parametrize("changed", [{"oidc_match_email": True}])
def test_a_verified_address_makes_them_one_where_the_council_says_so(office, server, supervisor):
    for login in ("u-liar", "u-kerry"):
        server.cookies.clear()
        assert come_in(server, login).status_code == 303
    with office.database.reading() as session:
        whose = {one.subject: one.person_id for one in session.exec(select(Identity))}
    assert whose["u-kerry"] == supervisor.person_id != whose["u-liar"]


def test_somebody_who_is_signed_in_connects_their_account_once_and_nobody_else_can(office, server, supervisor):
    def connect(who: Supervisor) -> Any:
        server.cookies.clear()
        server.cookies.update(who.cookies)
        page = server.post("/desk/account", data={"do": "connect"})
        off = unescape(found(r'content="0;url=([^"]+)"', page.text))
        return server.get(between(server, council.path_of(council.consent(off, "u-kerry"))))

    assert connect(supervisor).headers["location"] == "/desk/account?said=connected"
    assert "Connected" in read(supervisor.open("/desk/account"))
    assert connect(Supervisor.join(office, server, "Tom Hallam")).status_code == 409
    server.cookies.clear()
    come_in(server, "u-kerry")
    assert people_in(office) == [("Kerry B", "supervisor"), ("Tom Hallam", "supervisor")]
    assert list(verify(office)) == []


def test_an_answer_counts_once_in_time_and_only_in_the_browser_that_asked(server, clock):
    address = way_back(server, "u-kerry")
    kept = dict(server.cookies)
    server.cookies.clear()
    assert server.get(address).status_code == 401  # another browser
    come_in(server, "u-kerry")
    server.cookies.clear()
    server.cookies.update(kept)
    assert server.get(address.replace("state=", "state=x")).status_code == 401
    assert server.get(address).status_code == 303
    server.cookies.clear()
    server.cookies.update(kept)
    assert server.get(address).status_code == 401  # the code was used
    server.cookies.clear()
    late = way_back(server, "u-kerry")
    clock.now += timedelta(hours=2)
    assert server.get(late).status_code == 401  # the token is over


# Where the provider is away, or the only way in


@pytest.mark.parametrize("changed", [{"local_sign_in": False}])
def test_with_local_sign_in_off_the_first_administrator_alone_still_has_a_password(office, server, clock):
    first = Supervisor.join(office, server, "Ada Cole", Role.ADMIN)
    clock.now += timedelta(minutes=1)
    Supervisor.join(office, server, "Ruth Ansell", Role.ADMIN)
    Supervisor.join(office, server, "Kerry Bell")
    for name, status in (("kerry", 403), ("ruth", 403), ("ada", 303)):
        server.cookies.clear()
        given = {"email": f"{name}@council.example", "password": "a long enough password"}
        assert server.post("/desk/sign-in", data=given).status_code == status, name
    invited = first.submit("/desk/invitations", name="Tom H", role="supervisor")
    path = found(r"http://[^/]+(/desk/join/\w+)", invited.text)
    answer = server.post(path, data={"name": "Tom H", "email": "t@council.example", "password": "gravel teapot Sunday"})
    assert answer.status_code == 403


def test_while_the_provider_is_away_it_is_said_and_passwords_work(tmp_path, server, office, clock):
    server.app.state.office.council = Provider(
        office.settings.model_copy(update={"oidc_issuer": "http://127.0.0.1:9"})  # nobody listens there
    )
    page = server.get("/desk/sign-in/council")
    assert page.status_code == 503
    assert "does not answer just now" in read(page) and "Email address" in read(page)
    Supervisor.join(office, server, "Kerry Bell")
    server.cookies.clear()
    given = {"email": "kerry@council.example", "password": "a long enough password"}
    assert server.post("/desk/sign-in", data=given).status_code == 303


# Tokens that no honest provider makes for us

KEY = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
OTHER = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
AT = int(NOW.timestamp())
HONEST = {
    "iss": "https://login.example", "aud": "beatbook", "sub": "u-1", "nonce": "n", "iat": AT - 5, "exp": AT + 300,
}  # fmt: skip


@pytest.fixture
def careful(monkeypatch) -> Provider:
    made = Provider(
        Settings(oidc_issuer="https://login.example", oidc_client_id="beatbook", oidc_groups="Leads=supervisor")
    )
    monkeypatch.setattr(made, "key_set", lambda now, anew=False: KeySet([KEY]))
    return made


def token(claims: dict[str, Any], key: Any = KEY, alg: str = "RS256") -> dict[str, str]:
    return {"id_token": jwt.encode({"alg": alg, "kid": "1"}, claims, key, algorithms=[alg])}


def test_an_honest_token_is_taken(careful):
    assert careful.checked(token(HONEST), "n", NOW)["sub"] == "u-1"


SECRET_HEAD, NO_HEAD = b'{"alg":"HS256","kid":"1"}', b'{"alg":"none","kid":"1"}'


def by_secret(secret: bytes) -> dict[str, str]:
    """Signed with HMAC, for which whoever checks has to hold the secret too. The library refuses to make such a one."""
    said = f"{text_of(SECRET_HEAD)}.{token(HONEST)['id_token'].split('.')[1]}"
    return {"id_token": f"{said}.{text_of(hmac.digest(secret, said.encode(), 'sha256'))}"}


UNSIGNED = f"{text_of(NO_HEAD)}.{token(HONEST)['id_token'].split('.')[1]}."


@pytest.mark.parametrize(
    ("what", "made"),
    [
        ("another issuer", token({**HONEST, "iss": "https://login.other"})),
        ("no issuer", token({name: value for name, value in HONEST.items() if name != "iss"})),
        ("for somebody else", token({**HONEST, "aud": "payroll"})),
        ("for somebody else, in our name", token({**HONEST, "aud": "payroll", "azp": "beatbook"})),
        ("for two, and not asked by us", token({**HONEST, "aud": ["beatbook", "payroll"], "azp": "payroll"})),
        ("over", token({**HONEST, "exp": AT - 61})),
        ("never over", token({name: value for name, value in HONEST.items() if name != "exp"})),
        ("not yet", token({**HONEST, "iat": AT + 600, "exp": AT + 900})),
        ("of another try", token({**HONEST, "nonce": "m"})),
        ("of no try", token({name: value for name, value in HONEST.items() if name != "nonce"})),
        ("nobody", token({**HONEST, "sub": ""})),
        ("signed by another", token(HONEST, OTHER)),
        ("signed with our secret", by_secret(council.SECRET.encode())),
        (
            "signed with the public key as a secret",
            by_secret(KEY.as_pem(private=False)),
        ),
        ("unsigned", {"id_token": UNSIGNED}),
        ("no token", {}),
        ("not a token", {"id_token": "a.b.c"}),
    ],
)
def test_any_other_token_is_refused(careful, what, made):
    with pytest.raises(CouncilRefused):
        careful.checked(made, "n", NOW)


@pytest.mark.parametrize("kept", ["", "x", "W10=", "WzEsMiwzLDQsNV0=", "WyIiLCIiLCIiLCIiLGZhbHNlXQ=="])
def test_a_cookie_that_is_none_of_ours_is_refused(kept):
    with pytest.raises(CouncilRefused):
        Attempt.of(kept)


# Settings


@pytest.mark.parametrize(
    "wrong",
    [
        {"oidc_issuer": "http://login.example"},
        {"oidc_issuer": "https://login.example"},
        {"oidc_issuer": "https://login.example", "oidc_client_id": "b", "oidc_groups": "Leads"},
        {"local_sign_in": False},
    ],
)
def test_half_a_setting_stops_the_start(wrong):
    with pytest.raises(ValueError, match=r"BEATBOOK|https"):
        Settings(**wrong)


def test_a_group_with_a_role_that_has_no_desk_stops_the_start(tmp_path):
    settings = Settings(
        data=tmp_path, oidc_issuer="https://login.example", oidc_client_id="b", oidc_groups="Children=pupil"
    )
    with pytest.raises(ValueError, match="pupil is no role at the desk"):
        open_office(settings)
