"""Ten thousand guesses at everything that can be guessed: how many are looked at, and what that is worth.

The rules take the clock as an argument, so an hour of guessing costs a moment; that each door keeps to its rule is
asked at the door, with as many guesses as it takes to be turned away.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import pyotp
import pytest
from actors import Supervisor
from starlette.testclient import TestClient

from beatbook import people
from beatbook.app import create_app
from beatbook.models import Person, Role
from beatbook.patrols import patrol
from beatbook.people import keys, passwords
from beatbook.people.tries import FREE, PASSWORDS, Accounts, Addresses, Tries
from beatbook.problems import TooManyTries

GUESSES, HOUR = 10_000, timedelta(hours=1)
PASSWORD = "a long enough password"


def looked_at(check: Callable[[datetime], None], failed: Callable[[datetime], None], began: datetime) -> int:
    """How many of ten thousand guesses in an hour are looked at at all."""
    count = 0
    for number in range(GUESSES):
        now = began + HOUR * number / GUESSES
        try:
            check(now)
        except TooManyTries:
            continue
        failed(now)
        count += 1
    return count


def test_t14_ten_thousand_guesses_at_one_account_are_a_handful_and_nobody_else_waits(clock):
    accounts = Accounts()
    count = looked_at(
        lambda now: accounts.check("kerry@council.example", now),
        lambda now: accounts.failed("kerry@council.example", now),
        clock.now,
    )
    assert FREE < count <= 20, "T14 asks for 100 at most"
    accounts.check("tom@council.example", clock.now + HOUR)
    right_codes = 3 / 10**6  # this half minute's, the one before and the one after
    assert count * right_codes < 1e-4, "how many one-time codes are expected to be hit"


def test_t14_one_password_tried_on_ten_thousand_accounts_is_stopped_by_its_address(clock):
    addresses = Addresses(PASSWORDS)
    count = looked_at(
        lambda now: addresses.check(now, "203.0.113.9"), lambda now: addresses.failed(now, "203.0.113.9"), clock.now
    )
    assert count <= PASSWORDS * 60
    addresses.check(clock.now + HOUR, "10.0.0.2")


@pytest.mark.parametrize(
    ("what", "codes", "live"),
    [
        ("enrolment, 20 phones being set up", len(people.CODE_LETTERS) ** people.CODE_LENGTH, 20),
        ("patrols, 5 at once", len(patrol.CODE_LETTERS) ** 6, 5),
    ],
)
def test_t2_ten_thousand_guesses_at_codes_are_expected_to_hit_nothing(clock, settings, what, codes, live):
    tries = Tries(settings.tries_per_minute)
    count = looked_at(
        lambda now: tries.check(now, "203.0.113.9"), lambda now: tries.failed(now, "203.0.113.9"), clock.now
    )
    assert count <= settings.tries_per_minute * 60 / 6
    expected = count * live / codes
    assert expected < {20: 1e-7, 5: 1e-4}[live], f"{what}: {expected}"
    tries.check(clock.now + HOUR, "10.0.0.2")  # a phone elsewhere is set up meanwhile


# At the doors


@pytest.fixture
def elsewhere(office) -> TestClient:
    """Somebody of the team, at another address than the one who guesses."""
    return TestClient(create_app(office), client=("10.0.0.2", 50000), follow_redirects=False)


def test_the_doors_keep_to_the_rules_and_the_team_comes_in_meanwhile(office, server, elsewhere, enrolled, monkeypatch):
    Supervisor.join(office, server, "Kerry B")
    tablet = enrolled(Role.PUPIL, "Tablet 3")
    tried: list[str] = []
    monkeypatch.setattr(passwords, "matches", lambda stored, given: tried.append(given) or given == PASSWORD)
    for number in range(50):
        given = {"email": f"somebody{number}@council.example", "password": "Summer2026!!"}
        server.post("/desk/sign-in", data=given)
    assert len(tried) == PASSWORDS
    given = {"email": "kerry@council.example", "password": PASSWORD}
    assert server.post("/desk/sign-in", data=given).status_code == 429
    assert elsewhere.post("/desk/sign-in", data=given).status_code == 303

    share = office.settings.tries_per_minute // 6
    codes = [f"WRONG{number:03}" for number in range(share + 20)]
    statuses = [server.post("/api/enrol", json={"code": code}).status_code for code in codes]
    assert [status == 429 for status in statuses] == [False] * share + [True] * 20
    asked = server.post("/api/patrols/join", json={"code": "AAAAAA"}, headers=tablet.headers)
    assert asked.status_code == 429, "patrols' codes and phones' are one count"
    invited = office.database.write(
        lambda session: people.invite(session, Role.OFFICER, "Phone 9", minutes=60, now=office.clock())
    )
    assert elsewhere.post("/api/enrol", json={"code": invited.code}).status_code == 201


def test_guessing_one_time_codes_shuts_neither_the_owner_nor_the_others_out(office, server, elsewhere, later):
    kerry = Supervisor.join(office, server, "Kerry B")
    Supervisor.join(office, server, "Tom Hallam")
    secret = keys.new_secret()
    app = pyotp.TOTP(secret)
    person = office.database.write(lambda session: session.get_one(Person, kerry.person_id))
    office.database.write(
        lambda session: keys.set_authenticator(session, person, secret, app.at(office.clock()), now=office.clock())
    )
    for _ in range(FREE):
        office.accounts.failed(kerry.person_id, office.clock())
    with pytest.raises(TooManyTries):
        office.accounts.check(kerry.person_id, office.clock())
    given = {"email": "tom@council.example", "password": PASSWORD}
    assert elsewhere.post("/desk/sign-in", data=given).status_code == 303
    later(minutes=1)  # which is longer than Kerry's wait
    office.database.write(
        lambda session: keys.use_code(session, kerry.person_id, app.at(office.clock()), now=office.clock())
    )
    office.accounts.check(kerry.person_id, office.clock())
