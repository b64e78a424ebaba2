"""The schools' pages: what a school's own adults see and do, and what nobody sees."""

import re
from typing import Any

import pytest
from actors import Record, Supervisor, a_record, read
from classroom import a_tally as tally
from classroom import design, pictures
from sqlmodel import select

from beatbook import people
from beatbook.models import Event, PatrolStep, Role
from beatbook.verification import verify


@pytest.fixture
def helen(office, server) -> Supervisor:
    """Northbrook's head."""

    def add(session: Any) -> tuple[str, str]:
        person = people.add_person(session, "Helen Marsh", Role.SCHOOL, now=office.clock(), school_id="northbrook")
        return person.id, people.start_session(session, person, now=office.clock())

    person_id, token = office.database.write(add)
    return Supervisor(office, server, person_id, {"beatbook_desk": token})


PATROL = "0193aaaa-0000-7000-8000-0000000000aa"


def release(office: Any) -> None:
    """A supervisor lets the school see the patrol's counts."""
    step = PatrolStep(seq=10_000, patrol_id=PATROL, act="release", at=office.clock(), by="person:kerry")
    office.database.write(lambda session: session.add(step))


def ticket(result: str = "red", at: str = "2026-11-18T15:10:00+00:00", **more: Any) -> Record:
    """As the pupils' patrol sends it; stored here by a grown-up's phone, for the tablets' rules are not this test's."""
    answers = {"team": "fox", "result": result, "reasons": ["ZIGZAG"], "spot": "northbrook_gate", **more}
    return a_record(form="mock_ticket", location=None, capturedAt=at, patrolId=PATROL, answers=answers)


def visit(day: int, zigzag: int, **more: Any) -> Record:
    answers = {"school_id": "northbrook", "c_skc": zigzag, "c_double": 3, "moved_on": 2, **more}
    return a_record(form="gate_visit", location=None, capturedAt=f"2026-11-{day:02}T08:50:00+00:00", answers=answers)


def test_a_schools_adult_is_led_to_the_own_school_and_kept_there(helen):
    assert helen.open("/desk/records").headers["location"] == "/desk/schools"
    assert helen.open("/desk/schools").headers["location"] == "/desk/schools/northbrook"
    assert helen.open("/desk/schools/northbrook").status_code == 200
    for path in ("", "/pictures", "/paper", "/poster", "/assembly"):
        assert helen.open(f"/desk/schools/seagate{path}").status_code == 404  # 43
    for path in ("/desk/devices", "/desk/records?state=received", "/desk/lists"):
        assert helen.open(path).status_code in (303, 403)


def test_milestones_say_what_was_reached_and_rewards_whose_card_is_due(helen, officer, pupil, office):
    weeks = [f"2026-{day}" for day in ("10-14", "10-21", "11-04", "11-11", "11-18")]
    for at in weeks:
        stamps = [{"card_no": 7, "mode": "walk"}]
        pupil.send(tally(at=f"{at}T09:05:00+00:00", day=at, n_walk=14 + (at == weeks[3]), stamps=stamps))
        small: dict[str, Any] = {"roll": 6, "present": 6, "n_walk": 6, "n_cycle": 0, "n_scoot": 0, "n_stride": 0}
        pupil.send(tally(year="year1", at=f"{at}T09:06:00+00:00", day=at, **small, stamps=stamps))
    officer.send(visit(4, 9), visit(11, 4), visit(18, 0))
    shown = read(helen.open("/desk/schools/northbrook"))
    for said in (
        "The 1st week that classes counted 12 Oct",
        "The 5th week that classes counted 16 Nov",
        "The best week so far: 88% came on foot or wheels 9 Nov",
        "100 journeys on foot or wheels this school year 11 Nov",
        "4 cars on the zig-zags, where there had been 9 11 Nov",
        "No car on the zig-zags, for the first time 18 Nov",
        "Year 3 5 times: 7",
    ):
        assert said in shown, said
    assert "Year 1 5 times" not in shown, "CH7"
    assert helen.submit("/desk/schools/northbrook/choices", rewards="4, 6").status_code == 303
    assert "Year 3 4 times: 7" in read(helen.open("/desk/schools/northbrook"))
    assert helen.submit("/desk/schools/northbrook/choices", rewards="many").status_code == 400
    assert list(verify(office)) == []


def test_a_supervisor_sees_every_school_and_no_school_that_there_is_not(supervisor):
    assert "Northbrook Primary" in read(supervisor.open("/desk/schools"))
    assert supervisor.open("/desk/schools/seagate").status_code == 200
    assert supervisor.open("/desk/schools/nowhere").status_code == 404


def test_the_page_counts_tickets_by_week_and_reason(helen, officer, office):
    officer.send(
        ticket(at="2026-11-04T15:00:00+00:00"),
        ticket(at="2026-11-04T15:05:00+00:00", reasons=["ZIGZAG", "ENGINE"]),
        ticket(next="moved", driver_there="yes"),
        ticket("green", reasons=[]),
        ticket(spot="seagate_gate"),
        ticket(spoiled="yes"),
    )
    release(office)
    shown = read(helen.open("/desk/schools/northbrook"))
    assert "The pupils wrote 4 tickets this school year; 1 driver moved" in shown
    assert "Red tickets a week fell from 2 to 1 since 2 Nov." in shown
    assert "2 Nov 0 0 2" in shown and "16 Nov 1 0 1" in shown
    assert "Most often the pupils saw:" in shown


def test_mt17_a_school_sees_no_ticket_before_a_supervisor_has_released_its_patrol(helen, supervisor, officer, office):
    officer.send(ticket())
    assert "The pupils wrote 0 tickets" in read(helen.open("/desk/schools/northbrook"))
    assert "The pupils wrote 1 ticket" in read(supervisor.open("/desk/schools/northbrook"))
    release(office)
    assert "The pupils wrote 1 ticket" in read(helen.open("/desk/schools/northbrook"))


def test_before_and_after_stand_side_by_side(helen, officer):
    officer.send(visit(3, 9, purpose="baseline"), visit(10, 5), visit(17, 2), visit(17, 30, school_id="seagate"))
    assert "Cars on the zig-zags fell from 9 to 2 since 3 Nov." in read(helen.open("/desk/schools/northbrook"))


def test_ch7_the_page_shows_no_class_below_eight_on_its_own(helen, pupil):
    pupil.send(tally(), tally(year="year4", roll=6, present=6, n_walk=6, n_cycle=0, n_scoot=0, n_stride=0))
    shown = read(helen.open("/desk/schools/northbrook"))
    assert "Year 3" in shown and "Year 4" not in shown
    for path in ("/assembly", "/poster"):
        assert "Year 4" not in read(helen.open(f"/desk/schools/northbrook{path}"))


def test_mt13_no_page_of_a_school_names_a_team_or_counts_by_child(helen, supervisor, officer):
    officer.send(ticket(team="otter"), ticket(team="fox"))
    for path in ("", "/poster", "/assembly", "/paper"):
        shown = read(helen.open(f"/desk/schools/northbrook{path}")).lower()
        assert not re.search(r"\b(otter|fox|target|league|ranking)\b", shown), path
    assert "team" not in re.sub("no team", "", read(supervisor.open("/desk/schools")).lower())


def test_a_picture_is_approved_by_the_schools_adult_and_the_decision_can_be_taken_back(helen, pupil):
    pupil.send(one := design())
    shown = helen.open("/desk/schools/northbrook/pictures")
    assert '<svg class="sketch"' in shown.text and "Year 4" in read(shown) and "9 votes" in read(shown)
    address = f"/desk/schools/northbrook/pictures/{one.instance_id}"
    helen.submit(address, do="approve")
    assert len(pictures(pupil.down())) == 1
    helen.submit(address, do="undo")
    helen.submit(address, do="refuse")
    assert pictures(pupil.down()) == []
    assert "Not for tickets" in read(helen.open("/desk/schools/northbrook/pictures"))


def test_a_schools_adult_decides_about_no_other_schools_picture(helen, pupil, office):
    pupil.send(theirs := design("seagate"))
    assert helen.submit(f"/desk/schools/northbrook/pictures/{theirs.instance_id}", do="approve").status_code == 404
    assert helen.submit(f"/desk/schools/seagate/pictures/{theirs.instance_id}", do="approve").status_code == 404


def test_an_auditor_neither_looks_nor_changes_anything(office, server, pupil):
    auditor = Supervisor.join(office, server, "Ann Audit", Role.AUDITOR)
    pupil.send(one := design(), tally())
    assert auditor.open("/desk/schools/northbrook/pictures").status_code == 403
    for path in (f"pictures/{one.instance_id}", "choices", "announce"):
        assert auditor.submit(f"/desk/schools/northbrook/{path}", do="approve").status_code == 403


def test_the_trophy_is_announced_once_and_stands_in_the_history(helen, pupil, office):
    pupil.send(tally(), tally(year="year5", n_walk=10))
    before = read(helen.open("/desk/schools/northbrook"))
    assert "This week: Year 3" in before and "Not announced yet" in before
    assert "And the trophy goes to … Year 3" in read(helen.open("/desk/schools/northbrook/assembly"))
    helen.submit("/desk/schools/northbrook/announce"), helen.submit("/desk/schools/northbrook/announce")
    with office.database.reading() as session:
        assert len(session.exec(select(Event).where(Event.kind == "trophy.announced")).all()) == 1
    assert "16 Nov Year 3" in read(helen.open("/desk/schools/northbrook"))


def test_the_school_chooses_its_rules_and_the_unit_its_next_visit(helen, supervisor, pupil):
    pupil.send(
        tally(roll=40, present=25), tally(year="year5", roll=10, present=9, n_walk=9, n_cycle=0, n_scoot=0, n_stride=0)
    )
    assert "Year 5 leads" in read(helen.open("/desk/schools/northbrook"))
    helen.submit("/desk/schools/northbrook/choices", by_count="yes", next_visit="2026-12-01")
    shown = read(helen.open("/desk/schools/northbrook"))
    assert "Year 3 leads" in shown and "No visit is planned yet." in shown
    supervisor.submit("/desk/schools/northbrook/choices", by_count="yes", next_visit="2026-12-01")
    assert "The next visit is on 1 Dec 2026." in read(helen.open("/desk/schools/northbrook"))


def test_the_printing_page_carries_counts_and_pictures_and_nothing_else(helen, pupil, officer, office):
    release(office)
    pupil.send(one := design()), officer.send(ticket("green", reasons=[]))
    helen.submit(f"/desk/schools/northbrook/pictures/{one.instance_id}", do="approve")
    page = helen.open("/desk/schools/northbrook/paper")
    assert "&#34;wellParked&#34;: 1" in page.text and one.instance_id in page.text
    assert "/desk-paper.js" in page.text


def test_a_schools_adult_is_invited_to_the_desk_with_the_school(supervisor, office, server):
    page = supervisor.submit("/desk/invitations", name="Helen", role="school-desk", school="northbrook")
    (link,) = set(re.findall(r"/desk/join/[A-Z0-9]+", page.text))
    answer = server.post(
        link, data={"name": "Helen", "email": "h@school.example", "password": "a long enough password"}
    )
    assert answer.status_code == 303
    server.cookies.update(answer.cookies)
    assert server.get("/desk/schools").headers["location"] == "/desk/schools/northbrook"
    wrong = supervisor.submit("/desk/invitations", name="Helen", role="school-desk")
    assert "Choose the school" in read(wrong)
    assert supervisor.submit("/desk/invitations", name="X", role="pupil", school="nowhere").status_code == 400


def test_pages_without_a_single_number_say_so(supervisor):
    shown = read(supervisor.open("/desk/schools/marlpit"))
    assert "There are no numbers yet." in shown and "None was announced yet" in shown
    assert "No count yet" in read(supervisor.open("/desk/schools/marlpit/assembly"))
