"""People at the desk: their passwords, their sessions, what each may do."""

import pytest

from beatbook import people
from beatbook.models import Role
from beatbook.people import MAY, May
from beatbook.problems import WeakPassword, WrongPassword


def test_passwords_are_hashed_with_argon2id():
    assert people.hash_password("a long enough password").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_short_password_is_refused():
    with pytest.raises(WeakPassword):
        people.hash_password("elevenchars")


@pytest.mark.parametrize(
    ("email", "password"),
    [("kerry@council.example", "another long password"), ("nobody@council.example", "a long enough password")],
)
def test_a_wrong_name_and_a_wrong_password_are_told_the_same(office, supervisor, email, password):
    with pytest.raises(WrongPassword):
        office.database.write(lambda session: people.person_with_password(session, email, password))


def test_a_session_ends_after_half_an_hour_without_a_page(office, supervisor, later):
    assert supervisor.open("/desk/records").status_code == 200
    later(minutes=29)
    assert supervisor.open("/desk/records").status_code == 200
    later(minutes=31)
    assert supervisor.open("/desk/records").status_code == 303


def test_a_session_ends_after_a_shift_however_busy_it_was(supervisor, later):
    for _ in range(24):
        later(minutes=29)
        assert supervisor.open("/desk/records").status_code == 200
    later(minutes=29)
    assert supervisor.open("/desk/records").status_code == 303


def test_what_each_role_may_do_is_decided_for_every_role():
    assert MAY.keys() == set(Role)
    assert not people.may(Role.AUDITOR, May.REVIEW)
    assert not people.may(Role.AUDITOR, May.READ_RECORDS)
    assert not people.may(Role.PUPIL, May.READ_RECORDS)
