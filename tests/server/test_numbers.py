"""Numbers: a record that never came leaves a gap, a copied device counts twice."""

import pytest
from actors import a_record

from beatbook import numbers
from beatbook.models import Contact
from beatbook.numbers import Account, Fate, Numbers, Run

both_databases = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)


def numbered(*counters: int):
    return [a_record(counter=counter) for counter in counters]


def account_of(office, device) -> Account | None:
    office.database.write(lambda session: None)  # what was queued before it is now written
    with office.database.reading() as session:
        return numbers.account_of(session.get(Contact, device.device_id))


@both_databases
def test_a_device_learns_which_of_its_numbers_never_came(officer):
    officer.send(*numbered(1, 2, 4, 7))
    assert officer.check().json()["numbers"] == {"highest": 7, "missing": [[3, 3], [5, 6]]}
    officer.send(*numbered(3, 5, 6))
    assert officer.check().json()["numbers"] == {"highest": 7, "missing": []}


def test_the_first_number_can_be_missing_too(officer, enrolled):
    officer.send(*numbered(2))
    assert officer.down()["numbers"] == {"highest": 2, "missing": [[1, 1]]}
    assert enrolled(name="Phone 8").down()["numbers"] == {"highest": 0, "missing": []}


@both_databases
def test_what_was_kept_aside_is_not_missing(officer):
    (first,) = numbered(1)
    officer.send(first)
    assert officer.send(a_record(instanceId=first.instance_id, counter=2))[0]["status"] == "refused"
    officer.send(*numbered(3))
    assert officer.check().json()["numbers"] == {"highest": 3, "missing": []}


@both_databases
def test_two_records_with_one_number_are_noticed_and_one_sent_twice_is_not(officer, office):
    once, *others = numbered(1, 2, 2)
    officer.send(once, *others)
    officer.send(once)
    with office.database.reading() as session:
        assert numbers.of(session, officer.device_id) == Numbers(2, (), (2,))
        assert numbers.of_all(session) == {officer.device_id: Numbers(2, (), (2,))}


@pytest.mark.parametrize("counter", [2**53, 0, -1, True, "41", None, 1.5])
def test_a_number_that_makes_no_sense_costs_nothing(officer, counter):
    officer.send(a_record(counter=counter))
    highest = counter if counter == 2**53 else 0
    found = officer.check(numbers={"highest": 2**53, "before": 0, "without": []}).json()["numbers"]
    assert found == {"highest": highest, "missing": [[1, 2**53 - 1]] if highest else []}


def test_what_a_device_says_of_its_numbers_is_kept(officer, office):
    officer.check(
        numbers={
            "highest": 44,
            "before": 2,
            "without": [
                {"counter": 37, "is": "discarded"},
                {"counter": 43, "is": "waiting"},
                {"counter": 9, "is": "before"},
                {"counter": -1, "is": "waiting"},
                {"counter": 10, "is": "nonsense"},
                "nonsense",
            ],
        }
    )
    assert account_of(office, officer) == Account(44, 2, {37: Fate.DISCARDED, 43: Fate.WAITING})


@pytest.mark.parametrize("said", ["x", [], {"highest": "x", "without": []}, {"highest": 3}, {"without": []}])
def test_an_account_that_makes_no_sense_is_left_out(officer, office, said):
    assert officer.check(numbers=said).status_code == 200
    assert account_of(office, officer) is None


def test_every_missing_number_has_the_reason_that_the_device_gives():
    account = Account(44, 2, {5: Fate.DISCARDED, 6: Fate.DISCARDED, 43: Fate.WAITING})
    assert numbers.runs(Numbers(41, ((1, 7), (9, 9))), account) == [
        Run(1, 2, Fate.BEFORE),
        Run(3, 4, None),
        Run(5, 6, Fate.DISCARDED),
        Run(7, 7, None),
        Run(9, 9, None),
        Run(42, 42, None),
        Run(43, 43, Fate.WAITING),
        Run(44, 44, None),
    ]
    assert numbers.runs(Numbers(41, ((37, 37),)), None) == [Run(37, 37, None)]
    assert numbers.runs(Numbers(2**53, ((1, 2**53 - 1),)), account)[-1] == Run(44, 2**53 - 1, None)
