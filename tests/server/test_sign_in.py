"""Signing in at the desk: passwords that can be guessed, one-time codes, sessions, and people who leave."""

import re
from datetime import timedelta

import pyotp
import pytest
from actors import Device, Supervisor, read

from beatbook import people
from beatbook.models import DeskSession, Person, Role
from beatbook.people import keys, passwords
from beatbook.people.tries import FREE, Accounts, Tries
from beatbook.problems import TooManyTries, WeakPassword, WrongCode
from beatbook.verification import verify

PASSWORD = "a long enough password"


@pytest.fixture
def admin(office, server) -> Supervisor:
    return Supervisor.join(office, server, "Ruth Ansell", Role.ADMIN)


def sign_in(server, email="kerry@council.example", password=PASSWORD, **fields):
    server.cookies.clear()
    return server.post("/desk/sign-in", data={"email": email, "password": password, **fields})


def with_codes(office, person_id: str) -> pyotp.TOTP:
    """Somebody whose password wants a code, and the app that gives it."""
    secret = keys.new_secret()
    app = pyotp.TOTP(secret)

    def set_up(session):
        person = session.get(Person, person_id)
        keys.set_authenticator(session, person, secret, app.at(office.clock()), now=office.clock())

    office.database.write(set_up)
    return app


def use(office, person_id: str, code: str) -> None:
    office.database.write(lambda session: keys.use_code(session, person_id, code, now=office.clock()))


def asked_in(page) -> str:
    return found(r'name="asked" value="([^"]+)"', page.text)


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match, text
    return match[1]


# Passwords


@pytest.mark.parametrize(
    "guessable",
    [
        "password1234",
        "Password1234!",
        "qwertyuiopas",
        "1234567890123",
        "aaaaaaaaaaaaaa",
        "abababababab",
        "kerry.bell@council.example",
        "KerryBell2026",
        "liverpool1234",
        "short",
    ],
)
def test_a_password_that_is_tried_first_is_refused_with_a_reason(guessable):
    with pytest.raises(WeakPassword) as refused:
        people.hash_password(guessable, own=("Kerry Bell", "kerry.bell@council.example"))
    assert refused.value.more["why"].endswith(".")


@pytest.mark.parametrize("fine", ["a long enough password", "gravel teapot Sunday 7", "wet-otter-lantern"])
def test_words_that_only_one_person_would_put_together_are_taken(fine):
    assert passwords.weakness(fine, own=("Kerry Bell",)) is None


def test_a_guesser_is_slowed_down_to_less_than_a_hundred_tries_in_an_hour_and_others_are_not(clock):
    accounts, looked_at = Accounts(), 0
    began = clock.now
    while clock.now - began < timedelta(hours=1):
        for _ in range(10):
            try:
                accounts.check("kerry@council.example", clock.now)
            except TooManyTries:
                continue
            looked_at += 1
            accounts.failed("kerry@council.example", clock.now)
        clock.now += timedelta(seconds=3)
    assert FREE < looked_at <= 100
    accounts.check("tom@council.example", clock.now)


def test_guesses_open_nothing_and_the_right_password_works_after_the_wait(
    server, supervisor, admin, later, monkeypatch
):
    looked_at = []
    monkeypatch.setattr(passwords, "matches", lambda stored, given: looked_at.append(given) or given == PASSWORD)
    answers = [sign_in(server, password=f"wrong password {n}").status_code for n in range(30)]
    assert set(answers) == {401, 429}
    assert len(looked_at) == FREE
    assert sign_in(server, email="ruth@council.example").status_code == 303  # the others come in meanwhile
    later(minutes=16)
    assert sign_in(server).status_code == 303


def test_wrong_codes_of_one_address_leave_the_others_their_tries(clock):
    tries = Tries(60)
    for _ in range(10):
        tries.check(clock.now, "10.0.0.1")
        tries.failed(clock.now, "10.0.0.1")
    with pytest.raises(TooManyTries):
        tries.check(clock.now, "10.0.0.1")
    tries.check(clock.now, "10.0.0.2")
    for n in range(50):
        tries.failed(clock.now, f"10.0.1.{n}")
    with pytest.raises(TooManyTries):
        tries.check(clock.now, "10.0.0.2")
    clock.now += timedelta(minutes=1)
    tries.check(clock.now, "10.0.0.1")


# One-time codes


def test_a_password_alone_leads_to_the_account_page_and_no_further(server, supervisor):
    answer = sign_in(server, to="/desk/devices")
    assert answer.headers["location"] == "/desk/devices"
    for path in ("/desk/records", "/desk/devices", "/desk/kept-aside"):
        assert server.get(path).headers["location"] == "/desk/account"
    assert "One more thing before the desk opens" in read(server.get("/desk/account"))


def test_a_one_time_code_opens_the_desk_once(office, server, supervisor, later):
    app = with_codes(office, supervisor.person_id)
    later(minutes=2)
    page = sign_in(server)
    assert page.status_code == 200 and "One-time code" in read(page)
    assert server.get("/desk/records").status_code == 303  # not yet
    given = app.at(office.clock())
    answer = server.post("/desk/sign-in/code", data={"asked": asked_in(page), "code": given, "to": ""})
    assert answer.status_code == 303
    assert server.get("/desk/records").status_code == 200

    again = server.post("/desk/sign-in/code", data={"asked": asked_in(sign_in(server)), "code": given, "to": ""})
    assert again.status_code == 401
    assert "used already" in read(again)
    assert server.get("/desk/records").status_code == 303


def test_a_code_that_waited_too_long_begins_anew(office, server, supervisor, later):
    app = with_codes(office, supervisor.person_id)
    page = sign_in(server)
    later(minutes=6)
    answer = server.post("/desk/sign-in/code", data={"asked": asked_in(page), "code": app.at(office.clock())})
    assert answer.headers["location"] == "/desk/sign-in"


def test_guessing_codes_is_slowed_down_like_guessing_passwords(office, server, supervisor):
    with_codes(office, supervisor.person_id)
    asked, statuses = asked_in(sign_in(server)), []
    for n in range(FREE + 1):
        answer = server.post("/desk/sign-in/code", data={"asked": asked, "code": f"{n:06}", "to": ""})
        statuses.append(answer.status_code)
        asked = asked_in(answer) if answer.status_code == 401 else ""
    assert statuses == [401] * FREE + [429]


def test_codes_are_set_up_with_a_square_and_a_first_code(office, supervisor):
    page = supervisor.submit("/desk/account", do="show-codes")
    secret = found(r'name="secret" value="([A-Z2-7]{32})"', page.text)
    assert "<svg" in page.text
    wrong = supervisor.submit("/desk/account", do="set-codes", secret=secret, code="000000")
    assert wrong.status_code == 422
    right = pyotp.TOTP(secret).at(office.clock())
    assert supervisor.submit("/desk/account", do="set-codes", secret=secret, code=right).status_code == 303
    with office.database.reading() as session:
        assert keys.has_second_step(session, supervisor.person_id)


def test_a_phone_whose_clock_is_half_a_minute_off_still_gives_right_codes(office, supervisor, later):
    app = with_codes(office, supervisor.person_id)
    later(minutes=5)
    for offset in (-30, 30):
        use(office, supervisor.person_id, app.at(office.clock() + timedelta(seconds=offset)))
    with pytest.raises(WrongCode):
        use(office, supervisor.person_id, app.at(office.clock() - timedelta(minutes=2)))


# Sessions and passwords of one's own


def test_people_see_where_they_are_signed_in_and_end_it_there(office, server, supervisor):
    server.cookies.clear()
    other = Supervisor.join(office, server, "Tom Hallam")
    elsewhere = office.database.write(
        lambda session: people.start_session(
            session, session.get(Person, supervisor.person_id), now=office.clock(), browser="Firefox on Windows"
        )
    )
    assert "Firefox on Windows" in read(supervisor.open("/desk/account"))
    digest = people.digest(elsewhere)
    assert other.submit("/desk/account", do="end-session", session=digest).status_code == 404  # not theirs to end
    assert supervisor.submit("/desk/account", do="end-session", session=digest).status_code == 303
    with office.database.reading() as session:
        assert session.get(DeskSession, digest).ended_at is not None
    assert supervisor.open("/desk/records").status_code == 200


def test_a_changed_password_ends_every_other_session(office, supervisor):
    elsewhere = office.database.write(
        lambda session: people.start_session(session, session.get(Person, supervisor.person_id), now=office.clock())
    )
    for old, new, status in (
        ("not it at all", "quite another one", 422),
        (PASSWORD, "password1234", 422),
        (PASSWORD, "quite another one", 303),
    ):
        assert supervisor.submit("/desk/account", do="password", old=old, new=new).status_code == status
    with office.database.reading() as session:
        assert session.get(DeskSession, people.digest(elsewhere)).ended_at is not None
        people.person_with_password(session, "kerry@council.example", "quite another one")
    assert list(verify(office)) == []


# People who come, change and leave


def test_closing_an_account_ends_all_of_it_at_once(office, server, supervisor, admin):
    assert supervisor.open("/desk/records").status_code == 200
    assert admin.submit(f"/desk/staff/{supervisor.person_id}", do="end").status_code == 303
    assert supervisor.open("/desk/records").status_code == 303
    assert sign_in(server).status_code == 401
    assert "Left" in read(admin.open("/desk/staff"))
    assert list(verify(office)) == []


def test_a_new_link_ends_what_was_lost_and_lets_the_person_begin_again(office, server, supervisor, admin):
    with_codes(office, supervisor.person_id)
    page = admin.submit(f"/desk/staff/{supervisor.person_id}", do="back")
    path = found(r"http://[^/]+(/desk/join/\w+)", page.text)
    assert sign_in(server).status_code == 401
    server.cookies.clear()
    assert server.post(path).status_code == 303
    assert server.get("/desk/records").status_code == 200
    changed = server.post("/desk/account", data={"do": "password", "new": "a third one altogether"})
    assert changed.headers["location"].endswith("password-changed")
    assert list(verify(office)) == []


def test_a_role_changes_at_once_and_the_last_administrator_stays_one(office, supervisor, admin):
    assert admin.submit(f"/desk/staff/{supervisor.person_id}", do="role", role="auditor").status_code == 303
    assert supervisor.open("/desk/audit").status_code == 200
    assert supervisor.submit("/desk/invitations", name="Phone 9", role="officer").status_code == 403
    assert admin.submit(f"/desk/staff/{admin.person_id}", do="end").status_code == 404  # not one's own
    with office.database.reading() as session:
        assert people.is_last_one(session)
    assert list(verify(office)) == []


def test_whoever_does_not_manage_people_cannot_see_or_change_them(supervisor, admin):
    assert supervisor.open("/desk/staff").status_code == 403
    assert supervisor.submit(f"/desk/staff/{admin.person_id}", do="end").status_code == 403


def test_an_officers_phone_has_no_account_at_the_desk(officer: Device):
    assert officer.http.get("/desk/account", headers=officer.headers).status_code == 303
