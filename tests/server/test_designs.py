"""Ticket pictures: drawn in class, approved by an adult, served to the tablets of that school and no other."""

from typing import Any

from classroom import A_DRAWING, design, pictures

from beatbook import designs, people
from beatbook.models import Role


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
