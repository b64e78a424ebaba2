"""Ticket pictures: drawn in class, approved by an adult, served to the tablets of that school and no other."""

from typing import Any

import pytest
from classroom import A_DRAWING, design, pictures
from patrol_actors import DURING, OPENED, an_opening

from beatbook import designs, people
from beatbook.models import Role
from beatbook.verification import verify


def test_only_an_approved_design_reaches_the_schools_tablets(pupil, supervisor):
    approved, waiting = design(), design()
    pupil.send(approved, waiting)
    before = pupil.down()
    assert pictures(before) == []
    supervisor.approve(approved)
    after = pupil.down(before["cursor"])
    served = {"name": approved.instance_id, "label": "Year 4", "school": "northbrook", "drawing": A_DRAWING}
    assert pictures(after) == [served]
    assert pupil.down(after["cursor"])["lists"] == []


def test_mt17_a_schools_tablet_gets_no_other_schools_pictures(enrolled, office, supervisor, pupil):
    theirs, ours = design("st_wilfrids"), design()
    pupil.send(theirs, ours)
    supervisor.approve(theirs), supervisor.approve(ours)
    tablet = enrolled(Role.PUPIL, "Northbrook tablet 1", school="northbrook")
    assert [one["name"] for one in pictures(tablet.down())] == [ours.instance_id]
    assert tablet.down()["device"]["school"] == "northbrook"


@pytest.mark.parametrize(
    ("school", "at", "fit"),
    [
        ("northbrook", DURING, True),
        ("seagate", DURING, False),  # the patrol is another school's, and so is its PIN
        ("northbrook", "2026-11-22T10:50:00+00:00", False),  # the patrol was over
    ],
)
def test_a_grown_up_approves_a_picture_on_the_tablet_with_the_pin_of_an_open_patrol(
    officer, pupil, supervisor, office, school, at, fit
):
    patrol = an_opening(at=OPENED)
    looked = design(school, capturedAt=at, formVersion="2", patrolId=patrol.instance_id, adult_ok="yes")
    (waits,) = pupil.send(looked)
    assert waits["problem"]["type"] == "/problems/patrol-unknown", "the grown-up's phone has not sent it yet"
    officer.send(patrol)
    (result,) = pupil.send(looked)
    assert result["status"] == "stored"
    assert [one["name"] for one in pictures(pupil.down())] == [looked.instance_id] * fit
    page = f"/desk/schools/{school}/pictures"
    assert ("by a grown-up there" in supervisor.open(page).text) is fit
    supervisor.submit(f"{page}/{looked.instance_id}", do="refuse")
    assert pictures(pupil.down()) == [], "the office has the last word"
    supervisor.submit(f"{page}/{looked.instance_id}", do="undo")
    assert [one["name"] for one in pictures(pupil.down())] == [looked.instance_id] * fit
    assert list(verify(office)) == []


def test_a_schools_own_device_approves_and_a_tablet_without_a_patrol_does_not(enrolled, pupil):
    theirs = design(formVersion="2", adult_ok="yes")
    pupil.send(theirs)
    assert pictures(pupil.down()) == []
    teacher = enrolled(Role.SCHOOL, "Northbrook office", school="northbrook")
    ours, seagates = (design(school, formVersion="2", adult_ok="yes") for school in ("northbrook", "seagate"))
    teacher.send(ours, seagates, design(formVersion="2"))
    assert [one["name"] for one in pictures(pupil.down())] == [ours.instance_id]


def test_an_officers_phone_gets_no_pictures(officer, pupil, supervisor):
    pupil.send(one := design())
    supervisor.approve(one)
    assert pictures(officer.down()) == []


def test_a_tablet_gets_the_newest_dozen(office, pupil, supervisor):
    made = [design() for _ in range(designs.MOST_SERVED + 2)]
    pupil.send(*made)
    for one in made:
        supervisor.approve(one)
    assert [one["name"] for one in pictures(pupil.down())] == [one.instance_id for one in made[:1:-1]]


def test_a_schools_adult_sees_only_that_school(office):
    def add(session: Any) -> list[bool]:
        helen = people.add_person(session, "Helen", Role.SCHOOL, now=office.clock(), school_id="northbrook")
        nobody = people.add_person(session, "No school", Role.SCHOOL, now=office.clock())
        kerry = people.add_person(session, "Kerry", Role.SUPERVISOR, now=office.clock())
        maya = people.add_person(session, "Maya", Role.PARTNER, now=office.clock())
        return [
            people.sees_school(person, school)
            for person in (helen, nobody, kerry, maya)
            for school in ("northbrook", "seagate")
        ]

    assert office.database.write(add) == [True, False, False, False, True, True, False, False]


def test_the_record_page_shows_the_drawing(pupil, supervisor):
    pupil.send(one := design())
    assert '<svg class="sketch"' in supervisor.open(f"/desk/records/{one.instance_id}").text
