"""The tasking group's meetings: who hears what, what is shared by which law, and what leaves for each agency."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from actors import Clock, Supervisor, read
from sqlmodel import select
from starlette.testclient import TestClient
from tampering import tampered

from beatbook import agencies, meetings, papers, shares, tasking
from beatbook.models import Attendance, Event, ItemKind, ItemState, Meeting, MeetingState, Person, Role, Share
from beatbook.office import Office
from beatbook.tasking import Ordering, Raising
from beatbook.verification import verify

NUMBER = "NTG-2026-19"
SECRET = "Came home with a broken arm"
TITLE = "R.T., case 412"
HERE = {"csu": "Kerry", "police": "Sergeant Hale", "district_watch": "Ann C"}


@dataclass
class Group:
    """A meeting with two items, one about a person, and three people who may come."""

    office: Office
    supervisor: Supervisor
    where: str
    place: str
    person: str

    def submit(self, path: str, **fields: str):
        return self.supervisor.submit(f"{self.where}{path}", **fields)

    def open(self, path: str = ""):
        return self.supervisor.open(f"{self.where}{path}")

    def move(self, *states: str) -> None:
        for state in states:
            answer = self.submit("/state", state=state)
            assert answer.status_code == 303, read(answer)

    def arrive(self, *signed: str) -> None:
        """Three come, and these of them sign."""
        fields = {}
        with self.office.database.reading() as session:
            for one in papers.seats_of(session, NUMBER):
                if one.person == HERE.get(one.agency):
                    fields[f"presence-{one.id}"] = "in_person"
                    fields |= {f"signed-{one.id}": "yes"} if one.agency in signed else {}
                else:
                    fields[f"presence-{one.id}"] = "apology"
        assert self.submit("/attendance", **fields).status_code == 303

    def begin(self, *signed: str) -> None:
        assert self.submit("/papers/pack/police", how="paper").status_code == 303
        self.move("pack_sent", "open")
        self.arrive(*signed)

    def share(self, **changed: str):
        given = {
            "item_id": self.person,
            "from_agency": "csu",
            "to_agencies": "police",
            "summary": "Home address",
            "how": "personal",
            "gateway": "s115",
            "basis": "public_task",
            "purpose": "So that a patrol can look in",
            "decided_by": "Kerry",
            "destroy_by": "2027-03-23",
        }
        return self.submit("/shares", **(given | changed))

    def state(self) -> MeetingState:
        with self.office.database.reading() as session:
            return meetings.get(session, NUMBER).state

    def faults(self) -> list[str]:
        return [str(fault) for fault in verify(self.office)]


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 9, 23, 8, 30, tzinfo=UTC))


@pytest.fixture
def group(office, supervisor, clock) -> Group:
    def make(session) -> tuple[str, str]:
        chair = session.get_one(Person, supervisor.person_id)
        place = tasking.raise_item(
            session, Raising(ItemKind.PLACE, "Northbrook gate", "Nine cars", "Under three"), person=chair, now=clock()
        )
        person = tasking.raise_item(
            session, Raising(ItemKind.VICTIM, TITLE, SECRET, "Safe at home"), person=chair, now=clock()
        )
        session.flush()
        ordering = Ordering(f"Ring about {SECRET}", "Kent Police", "Sgt Doyle", date(2026, 9, 20))
        tasking.order(session, person.id, ordering, person=chair, now=clock())
        return place.id, person.id

    place, person = office.database.write(make)
    answer = supervisor.submit(
        "/desk/meetings",
        number=NUMBER,
        day="2026-09-23",
        begins="10:00",
        place="Room 2",
        chair="Kerry",
        minuter="Sarah",
    )
    assert answer.status_code == 303, read(answer)
    clock.now = datetime(2026, 9, 23, 9, 0, tzinfo=UTC)
    return Group(office, supervisor, answer.headers["location"], place, person)


# Before ---------------------------------------------------------------------------------------------------------


def test_a_meeting_invites_the_register_and_takes_what_is_open(group, office):
    shown = read(group.open())
    assert "Wed 23 Sep 2026 10:00, Room 2. Kerry chairs, Sarah writes." in shown
    with office.database.reading() as session:
        seats = papers.seats_of(session, NUMBER)
        assert [(row.position, item.id) for row, item in papers.agenda_of(session, NUMBER)] == [
            (1, group.person),
            (2, group.place),
        ]
    assert {one.agency for one in seats} == {one.name for one in agencies.sitting(office.forms)}
    assert [one.person for one in seats if one.agency == "csu"] == ["Kerry", "Sarah"]
    assert "Signed, Ann C No agreement" in shown
    assert "Signed, Cal R Agreement to review" in shown, "its review was due in August"
    register = read(group.supervisor.open("/desk/agencies"))
    assert "Kent Police police Agreement signed 1 Apr 2026 31 Mar 2028 Relevant authority Sergeant Hale" in register
    assert "University university No agreement – – No Tom B" in register
    assert TITLE not in shown, "the page may stand on the wall before anybody has signed"
    assert group.faults() == []


def test_the_next_meeting_is_proposed_a_fortnight_later_with_the_next_number(group, supervisor):
    form = supervisor.open("/desk/meetings").text
    assert 'value="NTG-2026-20"' in form
    assert 'value="2026-10-07"' in form
    assert 'value="10:00"' in form
    again = supervisor.submit(
        "/desk/meetings", number=NUMBER, day="2026-10-07", begins="10:00", place="", chair="K", minuter="S"
    )
    assert again.status_code == 422
    assert "A meeting has this number already" in read(again)
    lacking = read(supervisor.submit("/desk/meetings", number="", day="", begins="", place="", chair="", minuter=""))
    assert all(one in lacking for one in ("Give it a number", "Enter the day", "Name who chairs", "Name who writes"))


def test_a_meeting_goes_from_step_to_step_and_only_so(group):
    states = list(MeetingState)
    assert [meetings.MOVES[state][0] for state in states[:-1]] == states[1:]
    for state in ("open", "minutes_draft", "minutes_agreed", "released", "closed", "planned"):
        assert group.submit("/state", state=state).status_code == 409, state
    refused = group.submit("/state", state="pack_sent")
    assert refused.status_code == 422
    assert "Hand over a pack first" in read(refused)
    group.begin()
    assert group.state() is MeetingState.OPEN
    group.move("pack_sent", "open")
    refused = read(group.submit("/state", state="minutes_draft"))
    assert "Say whether the last minutes were agreed." in refused
    assert group.faults() == []


# In the room ----------------------------------------------------------------------------------------------------


def test_nt1_no_item_about_a_person_opens_until_everybody_here_has_signed(group, supervisor):
    assert group.open(f"/items/{group.person}").status_code == 409, "before the meeting"
    group.submit("/papers/pack/police", how="paper")
    group.move("pack_sent", "open")
    nobody = group.open(f"/items/{group.person}")
    assert (nobody.status_code, "Nobody is marked as here yet" in read(nobody)) == (409, True)
    group.arrive("csu")
    for address in (f"{group.where}/items/{group.person}", f"/desk/tasking/{group.person}"):
        shut = supervisor.open(address)
        assert shut.status_code == 409, address
        assert "Sergeant Hale (Kent Police)" in read(shut)
        assert "Ann C (District Watch)" in read(shut)
        assert "Kerry (" not in read(shut)
        assert SECRET not in shut.text
        assert TITLE not in shut.text
    for path, fields in (("", {"said": SECRET}), ("/actions", dict(ORDER))):
        assert group.submit(f"/items/{group.person}{path}", **fields).status_code == 409, path
    assert supervisor.submit(f"/desk/tasking/{group.person}/state", state="live").status_code == 409
    assert group.submit("/actions/NTG-1", progress="on_track").status_code == 409
    assert group.open(f"/items/{group.place}").status_code == 200, "a place is nobody's secret"
    assert TITLE not in group.open().text

    group.arrive("csu", "police", "district_watch")
    opened = group.open(f"/items/{group.person}")
    assert SECRET in read(opened)
    assert "District Watch : no current agreement" in read(opened)
    assert TITLE in group.open().text
    group.submit("/people", agency="fire", name="Late Comer", role="")
    with group.office.database.reading() as session:
        late = session.exec(select(Attendance).where(Attendance.person == "Late Comer")).one()
    group.submit("/attendance", **{f"presence-{late.id}": "online"})
    assert "Late Comer (Fire and Rescue)" in read(group.open(f"/items/{group.person}")), "whoever comes late signs too"
    assert group.faults() == []


ORDER = {
    "what": "Visit on Friday", "lead_agency": "Kent Police", "owner": "Sgt Doyle", "due": "2026-10-07", "support": "",
}  # fmt: skip


def test_what_is_said_decided_and_ordered_stands_in_the_meeting(group, office):
    group.begin("csu", "police", "district_watch")
    where = f"/items/{group.place}"
    assert group.submit(where, said="Cars again", decided="", state="closed").status_code == 422
    assert group.submit(where, said="Cars again", decided="Count twice", state="monitoring").status_code == 303
    for lacking in ("what", "lead_agency", "owner", "due"):
        assert group.submit(f"{where}/actions", **(ORDER | {lacking: ""})).status_code == 422, f"NT6: {lacking}"
    assert group.submit(f"{where}/actions", **ORDER).status_code == 303
    assert group.submit("/actions/NTG-1", progress="done").status_code == 422
    assert group.submit("/actions/NTG-1", progress="done", result="She was visited").status_code == 303
    group.submit("/notes", hotspots_said="The gate again")
    shown = read(group.open())
    assert "Count twice" in shown
    assert "1 of 1 settled" in shown
    assert "NTG-2 Visit on Friday Item 2 Kent Police Sgt Doyle 7 Oct 2026" in shown
    with office.database.reading() as session:
        assert tasking.get(session, group.place).state is ItemState.MONITORING
    assert group.faults() == []


# Sharing --------------------------------------------------------------------------------------------------------


def test_nt2_a_share_has_recipient_gateway_purpose_basis_and_decider(group, office):
    lacking = {
        "item_id": "Choose what it is about",
        "to_agencies": "Choose who received it",
        "summary": "Say of what kind it was",
        "gateway": "Choose the law that lets it be shared",
        "basis": "Choose what data protection law it rests on",
        "purpose": "Say why it was necessary",
        "decided_by": "Name who decided it",
        "destroy_by": "Enter the day by which it is to be destroyed",
        "how": "Say whether anybody can be recognised in it",
    }
    for name, sentence in lacking.items():
        answer = group.share(**{name: ""})
        assert (answer.status_code, sentence in read(answer)) == (422, True), name
    assert "Nobody discloses to themselves" in read(group.share(to_agencies="csu"))
    assert "neither here nor named to get a pack" in read(group.share(to_agencies="nobody"))
    assert 'value="2027-03-23"' in group.open("/shares").text, "half a year after the meeting, unless agreed otherwise"
    assert group.share().status_code == 303
    assert group.share(how="depersonalised", gateway="", basis="", to_agencies="district_watch").status_code == 303
    with office.database.reading() as session:
        made = shares.of_meeting(session, NUMBER)
        assert [(one.number, one.depersonalised, one.gateway) for one in made] == [(1, False, "s115"), (2, True, None)]
    assert group.faults() == []


def test_nt3_section_115_is_for_relevant_authorities_alone(group):
    refused = group.share(to_agencies="university")
    assert refused.status_code == 422
    assert "Section 115 does not cover University" in read(refused)
    assert group.share(to_agencies="university", gateway="safeguarding").status_code == 303


def test_what_should_have_been_destroyed_by_now_is_listed_until_they_say_so(group, supervisor, later):
    group.share()
    assert "Nothing should be destroyed today" in read(supervisor.open("/desk/shares"))
    later(days=181)
    supervisor = Supervisor.join(group.office, supervisor.http, "Tom H")
    assert "Kent Police canterbury.csu@police.example 1 Home address NTG-2026-19, item 1 23 Mar 2027" in read(
        supervisor.open("/desk/shares")
    )
    assert "1 share should have been destroyed" in read(supervisor.open("/desk/meetings"))
    assert supervisor.submit("/desk/shares/1", agency="fire").status_code == 400
    assert supervisor.submit("/desk/shares/1", agency="police").status_code == 303
    assert "Kent Police destroyed, said 23 Mar 2027" in read(supervisor.open("/desk/shares"))
    supervisor.submit("/desk/shares/1", agency="police", back="1")
    assert "Should be destroyed by now" in read(supervisor.open("/desk/shares"))
    assert group.faults() == []


# Papers ---------------------------------------------------------------------------------------------------------


def test_nt4_without_a_current_agreement_a_pack_is_depersonalised(group, supervisor):
    group.share(to_agencies="police")
    group.share(to_agencies="substance", gateway="safeguarding")
    group.share(to_agencies="district_watch", gateway="safeguarding")
    for agency, reads_it in (
        ("police", True),
        ("csu", True),  # whose item it is
        ("fire", False),  # with an agreement, and without a share
        ("substance", False),  # whose agreement was to be looked at in August
        ("district_watch", False),  # which never signed one
    ):
        pack = group.open(f"/papers/pack/{agency}")
        assert pack.status_code == 200
        assert (SECRET in pack.text) is reads_it, agency
        assert (TITLE in pack.text) is reads_it, agency
        assert "Northbrook gate" in pack.text
        assert ("OFFICIAL-SENSITIVE" in pack.text) is reads_it, agency
        taken = group.submit(f"/papers/pack/{agency}", how="file")
        assert (SECRET in taken.text) is reads_it, agency
        assert taken.headers["content-disposition"].startswith(f'attachment; filename="{NUMBER}-pack-{agency}-OFFICIAL')


def test_who_was_given_which_pack_when_is_an_event(group, office):
    group.share()
    group.submit("/papers/pack/police", how="file")
    group.submit("/papers/pack/fire", how="paper")
    with office.database.reading() as session:
        given = papers.given(session, NUMBER)
        told = session.exec(select(Event).where(Event.kind == papers.ITEM_GIVEN)).one()
    assert [(one.agency, one.how, one.marking) for one in given] == [
        ("fire", "paper", "OFFICIAL"),
        ("police", "file", "OFFICIAL-SENSITIVE"),
    ]
    assert (told.subject, json.loads(told.data)) == (group.person, {"agency": "police", "meeting": NUMBER})
    assert "Pack Wed 23 Sep 2026 10:00 Kerry B" in read(group.open("/papers"))
    assert "In a paper that was handed to an agency" in read(group.supervisor.open(f"/desk/tasking/{group.person}"))
    for path in ("/papers/pack/nobody", "/papers/pack/everybody", "/papers/story/police"):
        assert group.open(path).status_code == 404, path


def held(group: Group) -> None:
    """Through to agreed minutes, with every share written down."""
    group.begin("csu", "police", "district_watch")
    group.submit(f"/items/{group.person}", said=SECRET, decided="Police visit", state="live")
    group.submit(f"/items/{group.place}", said="Cars again", decided="Count twice", state="live")
    group.submit("/notes", previous_ok="yes")
    group.move("minutes_draft")
    group.share()
    group.share(how="depersonalised", to_agencies="district_watch", summary="How often it happens")
    group.move("minutes_agreed")


def test_nt2_nothing_is_released_while_a_disclosure_in_the_room_is_not_written_down(group):
    group.begin("csu", "police", "district_watch")
    group.submit(f"/items/{group.person}", said=SECRET, decided="", state="live")
    group.submit("/notes", previous_ok="yes")
    group.move("minutes_draft")
    refused = read(group.submit("/state", state="minutes_agreed"))
    for name in ("Kent Police", "District Watch"):
        assert f"Item 1 is about a person, and {name} was here: write the share down." in refused
    group.share()
    assert group.submit("/state", state="minutes_agreed").status_code == 422
    group.share(how="depersonalised", to_agencies="district_watch")
    group.move("minutes_agreed")
    assert group.submit("/papers/minutes/police", how="file").status_code == 409, "agreed, and not released yet"


def test_nt7_agreed_minutes_never_change_and_a_correction_is_an_item_of_the_next_meeting(group, office, supervisor):
    held(group)
    before = group.open("/papers/minutes/csu").text
    for path, fields in (
        ("", {"day": "2026-09-24", "begins": "10:00", "place": "", "chair": "A", "minuter": "B"}),
        ("/attendance", {}),
        ("/people", {"agency": "fire", "name": "A", "role": ""}),
        ("/notes", {"hotspots_said": "No"}),
        ("/agenda", {"item_id": group.place}),
        (f"/items/{group.place}", {"said": "No", "decided": "No", "state": "live"}),
        (f"/items/{group.place}/actions", ORDER),
        ("/actions/NTG-1", {"progress": "on_track"}),
    ):
        assert group.submit(path, **fields).status_code == 409, path
    supervisor.submit(f"/desk/tasking/{group.place}/state", state="closed", why="It is quiet")
    supervisor.submit(f"/desk/tasking/{group.place}/actions", **ORDER)
    assert group.open("/papers/minutes/csu").text == before, "what happens afterwards is not in them"

    supervisor.submit(
        "/desk/meetings", number="NTG-2026-20", day="2026-10-07", begins="10:00", place="", chair="K", minuter="S"
    )
    assert group.submit("/correction", what="").status_code == 422
    assert group.submit("/correction", what="It was ten cars").status_code == 303
    with office.database.reading() as session:
        assert papers.agenda_of(session, "NTG-2026-20")[-1][1].title == f"Correction to the minutes of {NUMBER}"
    assert group.faults() == []


def test_released_minutes_name_nobody_and_each_agency_reads_its_own(group):
    held(group)
    group.move("released")
    everybody = group.submit("/papers/minutes/everybody", how="file").text
    for name in (SECRET, TITLE, "Kerry", "Sergeant Hale", "Ann C", "Sgt Doyle", "Police visit"):
        assert name not in everybody.replace("Kerry B", ""), name
    assert "Count twice" in everybody
    assert "Crime and Disorder Act 1998, section 115: 1" in everybody
    police = group.submit("/papers/minutes/police", how="file")
    assert "Your actions" in police.text
    assert SECRET in police.text
    assert "OFFICIAL-SENSITIVE" in police.headers["content-disposition"]
    watch = group.submit("/papers/minutes/district_watch", how="file").text
    assert "Sergeant Hale" in watch
    assert SECRET not in watch
    assert "Police visit" not in watch
    assert "Home address" not in watch, "what others were told is not theirs"
    group.move("closed")
    assert group.faults() == []


def test_nt5_a_partner_reads_no_page_of_the_desk(group, office, server: TestClient):
    partner = Supervisor.join(office, server, "Pat P", Role.PARTNER)
    for path in ("", "/papers", "/papers/pack/police", f"/items/{group.person}", "/shares"):
        assert partner.open(f"{group.where}{path}").status_code == 403, path
    for path in ("/desk/records", "/desk/map", "/desk/shares", "/desk/meetings", "/desk/agencies"):
        assert partner.open(path).status_code == 403, path


# Kept and erased ------------------------------------------------------------------------------------------------


CHANGES = (
    "UPDATE meeting SET chair = 'Somebody else'",
    "UPDATE meeting SET minutes = NULL",
    "UPDATE attendance SET signed_at = NULL",
    "DELETE FROM attendance WHERE position = 1",
    "UPDATE agenda_item SET decided = 'Nothing'",
    "DELETE FROM agenda_item WHERE position = 2",
    "UPDATE share SET gateway = 'consent'",
    "UPDATE share SET destroy_by = '2030-01-01'",
    "DELETE FROM share WHERE number = 2",
    "DELETE FROM meeting",
)


def test_a_changed_byte_of_a_meeting_or_a_share_is_found(group):
    held(group)
    group.supervisor.submit(f"/desk/keeping/meeting/{NUMBER}", kind="hold", words="Asked for by the court")
    group.supervisor.submit(f"/desk/keeping/item/{group.place}", kind="hold", words="Asked for by the court")
    assert group.supervisor.open(f"/desk/tasking/{group.place}").status_code == 200
    assert group.faults() == [], "a hold is no change"
    for change in CHANGES:
        with tampered(group.office, change):
            assert group.faults() != [], change


def test_dp5_an_erased_item_goes_from_the_minutes_too(group, office, server):
    held(group)
    second = Supervisor.join(office, server, "Priya S")
    for person, what in ((group.supervisor, "ask"), (second, "agree")):
        assert person.submit(f"/desk/keeping/item/{group.person}", kind=what, words="Wrong person").status_code == 303
    minutes = group.open("/papers/minutes/csu").text
    assert SECRET not in minutes
    assert "Police visit" not in minutes
    assert "Count twice" in minutes
    with office.database.reading() as session:
        assert SECRET not in str(meetings.get(session, NUMBER).minutes)
        assert "Home address" not in [one.summary for one in session.exec(select(Share))]
    assert group.faults() == []


def test_dp5_a_meeting_is_erased_after_six_years_and_its_number_stays(group, office, later):
    held(group)
    later(days=6 * 366 + 1)
    office.erase_due(office.clock())
    with office.database.reading() as session:
        meeting = session.exec(select(Meeting)).one()
        seats = papers.seats_of(session, NUMBER)
    assert (meeting.id, meeting.chair, meeting.minutes) == (NUMBER, "Erased", None)
    assert {one.person for one in seats} == {"Erased"}
    assert group.faults() == []


def test_dp8_whoever_asks_finds_what_a_meeting_says_of_them(group, office, server):
    held(group)
    auditor = Supervisor.join(office, server, "Ann A", Role.AUDITOR)
    answer = auditor.submit("/desk/subjects", name="Sergeant Hale", proof="Seen")
    shown = read(auditor.open(answer.headers["location"]))
    assert f"{NUMBER} Meeting of the tasking group" in shown
    place = auditor.open(f"{answer.headers['location']}/place?where=meeting/{NUMBER}")
    assert "Sergeant Hale, police, in_person" in read(place)


def test_an_agreement_is_current_from_its_day_to_the_day_of_its_review():
    one = agencies.Agency("x", "X", signed_on=date(2026, 1, 1), review_on=date(2026, 9, 23))
    assert [one.agreement(day) for day in (date(2025, 1, 1), date(2026, 9, 23), date(2026, 9, 24))] == [
        agencies.UNSIGNED,
        agencies.SIGNED,
        agencies.PASSED,
    ]
