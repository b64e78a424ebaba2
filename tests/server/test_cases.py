"""Cases of anti-social behaviour: triage, clocks, moves, actions, the case review, and what is kept of them."""

from datetime import date
from typing import Any

import pytest
from actors import Record, Supervisor, a_record, read
from reporters import REPORTER, a_report
from sqlmodel import select
from tampering import tampered

from beatbook import cases, clocks, keeping, reports
from beatbook.cases import MOVES
from beatbook.models import (
    ActionKind,
    Case,
    CaseAction,
    CaseReview,
    CaseState,
    Person,
    ReportStep,
    Satisfied,
    Submission,
    Task,
    TaskingItem,
)
from beatbook.subjects import places, sought
from beatbook.verification import verify


def decide(supervisor: Supervisor, record: Record, act: str, **fields: str) -> Any:
    """As on a page that was opened just now, unless `after` says otherwise."""
    with supervisor.office.database.reading() as session:
        decided = reports.standings(session, [record.instance_id])[record.instance_id].decided
    given = {"after": str(decided.seq) if decided else "", **fields}
    return supervisor.submit(f"/desk/records/{record.instance_id}/triage", act=act, **given)


def opened(supervisor: Supervisor, record: Record, **fields: str) -> str:
    """The address of a new case."""
    given = {"title": "Noise at night", "place": "Longmarket Row", "lead": f"person:{supervisor.person_id}"}
    answer = decide(supervisor, record, "open", **(given | {"priority": "p2"} | fields))
    assert answer.status_code == 303, read(answer)
    return answer.headers["location"]


def act(supervisor: Supervisor, where: str, deed: str, **fields: str) -> int:
    return supervisor.submit(where, act=deed, **fields).status_code


def the_case(office) -> Case:
    with office.database.reading() as session:
        return session.exec(select(Case)).one()


def case_at(office, where: str) -> Case:
    with office.database.reading() as session:
        return cases.get(session, where.rpartition("/")[2])


def running(office, where: str) -> dict[str, clocks.Clock]:
    with office.database.reading() as session:
        case = cases.get(session, where.rpartition("/")[2])
        return {one.kind: one for one in cases.case_clocks(session, [case], office.forms)[case.id] if one.is_open}


def back(supervisor: Supervisor, name: str) -> Supervisor:
    """Another day, and somebody signs in again."""
    return Supervisor.join(supervisor.office, supervisor.http, name)


@pytest.fixture
def record(officer) -> Record:
    sent = a_report()
    officer.send(sent)
    return sent


# Triage ---------------------------------------------------------------------------------------------------------


def test_a_report_waits_at_the_desk_until_somebody_decides(officer, supervisor, office, record, later):
    """The clock stands at Sunday 22 November 2026: one working day is Monday."""
    page = read(supervisor.open("/desk/cases"))
    assert "Reports to decide about 1" in page and "By Mon 23 Nov 2026" in page
    later(days=2)
    supervisor = back(supervisor, "Ann")
    assert "Late since 23 Nov" in read(supervisor.open("/desk/cases"))
    assert decide(supervisor, record, "pass_on").status_code == 422
    assert decide(supervisor, record, "pass_on", words="To the landlord, ref. 12").status_code == 303
    assert "Reports to decide about" not in read(supervisor.open("/desk/cases"))
    assert "Passed on: To the landlord" in read(supervisor.open(f"/desk/records/{record.instance_id}"))
    assert "Reporters to be told that it came 1" in read(supervisor.open("/desk/cases")), "passed on, and not told yet"
    assert decide(supervisor, record, "acknowledge", how="pigeon").status_code == 422
    assert decide(supervisor, record, "acknowledge", how="post").status_code == 303
    assert "No report waits" in read(supervisor.open("/desk/cases"))
    assert list(verify(office)) == []


def test_high_risk_is_looked_at_the_same_day_however_many_wait(officer, supervisor, office, monkeypatch):
    monkeypatch.setattr("beatbook.desk.cases.MOST_WAITING", 1)
    calm, high = a_report(), a_report(q_hate="s4", danger_done="rang_101")
    officer.send(calm, high)
    page = read(supervisor.open("/desk/cases"))
    assert page.index("High risk: today") < page.index("By Mon 23 Nov"), "it stands first"
    assert "Due today" in page
    assert "Score 4" not in page
    assert "Offer a referral for support" in read(supervisor.open(f"/desk/records/{high.instance_id}/triage"))


def test_as2_nobody_is_told_of_an_anonymous_report_or_where_it_is_not_safe(officer, supervisor, office):
    unknown = a_report(anonymous="yes", full_name=None, contact_phone=None, safe_contact=None)
    unsafe = a_report(safe_contact="do_not_contact")
    officer.send(unknown, unsafe)
    for one in (unknown, unsafe):
        page = supervisor.open(f"/desk/records/{one.instance_id}/triage")
        assert "nobody is told" in read(page) and 'id="acknowledge"' not in page.text
        where = opened(supervisor, one)
        assert set(running(office, where)) == {clocks.ClockKind.INTERVIEW}, "no update is due where nobody is told"
        assert act(supervisor, where, "speak", kind="told", how="phone", words="Told") == 400
        assert act(supervisor, where, "speak", kind="interviewed", words="Low") == 303
        assert supervisor.open(f"/desk/records/{one.instance_id}/letter").status_code == 404
        act(supervisor, where, "move", state="closing", reason="no_evidence", words="Nothing seen")
        assert act(supervisor, where, "move", state="closed") == 303, "there is nobody to tell first"


def test_a_mended_report_stands_where_the_first_stood(officer, supervisor, office, record):
    where = opened(supervisor, record)
    decide(supervisor, record, "acknowledge", how="phone")
    mended = Record(
        a_report(category="rowdy").payload.replace(b'"replaces": null', f'"replaces": "{record.instance_id}"'.encode())
    )
    officer.send(mended)
    second = decide(supervisor, record, "open", after="", title="Pressed twice", lead=f"person:{supervisor.person_id}")
    assert second.status_code == 422 and the_case(office).title == "Noise at night"
    with office.database.reading() as session:
        (now,) = cases.reports_of(session, where.rpartition("/")[2])
        assert now.submission.instance_id == mended.instance_id
        assert now.standing.acknowledged is not None
        assert reports.count_by_case(session, [where.rpartition("/")[2]]) == {where.rpartition("/")[2]: 1}
    assert "Reports to decide about" not in read(supervisor.open("/desk/cases"))
    assert list(verify(office)) == []


def test_reports_near_by_and_of_the_same_people_are_proposed(officer, supervisor, office, record):
    near = a_report(full_name="Amy Lund", contact_phone="07700 900 222")
    far = {"latitude": 51.4, "longitude": 1.3, "accuracy": 5.0, "source": "gps", "fixedAt": "2026-11-22T10:04:20+00:00"}
    hers = a_report(full_name="EDITH  farrow", contact_phone="+44 1227 900118")
    hers = Record(hers.payload.replace(b"51.2802", b"51.4000"))
    other = Record(a_report(full_name="Bo Lee", contact_phone="1").payload.replace(b"51.2802", b"51.3500"))
    assert far["latitude"] != 51.2802
    officer.send(near, hers, other, a_record())
    with office.database.reading() as session:
        found = cases.related(session, cases.report_of(session, record.instance_id))
    why = {one.submission.instance_id: one.why for one in found}
    assert why == {
        near.instance_id: ["0\u00a0m away"],
        hers.instance_id: ["the same person reported it", "the same phone number"],
    }
    where = opened(supervisor, record)
    page = supervisor.open(where)
    assert "May belong to it" in read(page) and other.instance_id not in page.text
    assert act(supervisor, where, "join", report=near.instance_id) == 303
    suggested = read(supervisor.open(f"/desk/records/{hers.instance_id}/triage"))
    assert "ASB-1 Noise at night (near by or the same people)" in suggested
    assert decide(supervisor, hers, "join", case=where.rpartition("/")[2]).headers["location"] == where
    assert "Reports 3" in read(supervisor.open(where))


# Clocks and moves -----------------------------------------------------------------------------------------------


def test_as5_a_case_past_its_update_is_in_the_late_list_that_day(officer, supervisor, office, record, later):
    """Ten working days after Sunday 22 November are over on Friday 4 December."""
    where = opened(supervisor, record)
    assert act(supervisor, where, "speak", kind="contacted", how="phone", words="She will keep a diary") == 303
    assert act(supervisor, where, "speak", kind="interviewed", how="in_person", words="Risk as before") == 303
    assert str(running(office, where)["update"].due) == "2026-12-04"
    assert "Late, or due today" not in read(supervisor.open("/desk/cases"))
    later(days=12)
    supervisor = back(supervisor, "Ann")
    assert "Late, or due today 1" in read(supervisor.open("/desk/cases")), "on the day itself"
    later(days=1)
    supervisor = back(supervisor, "Bea")
    assert "Update Late since 4 Dec" in read(supervisor.open("/desk/cases"))
    assert "1 update to a reporter is late" in read(supervisor.open("/desk/dashboard"))
    assert act(supervisor, where, "speak", kind="told", how="post", words="", next_update="") == 422
    too_late = act(supervisor, where, "speak", kind="told", how="post", words="Letter", next_update="2027-03-01")
    assert too_late == 400, "the council's limit is never passed"
    assert act(supervisor, where, "speak", kind="told", how="post", words="Letter", next_update="2026-12-10") == 303
    assert "Late, or due today" not in read(supervisor.open("/desk/cases"))
    assert str(case_at(office, where).update_due) == "2026-12-10"


def test_clocks_pass_over_weekends_and_bank_holidays_and_come_from_settings(supervisor, office, record):
    where = opened(supervisor, record, priority="p1")
    found = {kind: str(clock.due) for kind, clock in running(office, where).items()}
    assert found == {"interview": "2026-11-24", "contact": "2026-11-24", "update": "2026-12-04"}
    assert clocks.working_days(office.forms, date(2026, 12, 24), 2) == date(2026, 12, 30), "Christmas, Boxing Day"
    lead = f"person:{supervisor.person_id}"
    assert act(supervisor, where, "lead", lead=lead, priority="p3") == 303
    assert str(running(office, where)["contact"].due) == "2026-11-25"
    names = office.forms.settings.names()
    assert all(name in names for name in clocks.USUAL)


WALK = ("assessing", "action", "monitoring", "closing", "closed", "reopened")


def test_a_case_takes_only_the_moves_that_are_allowed(supervisor, office, record):
    where, passed = opened(supervisor, record), set()
    for step in (None, *WALK):
        if step == "closed":
            act(supervisor, where, "speak", kind="told", how="post", words="It ended")
        if step:
            assert act(supervisor, where, "move", state=step, reason="resolved", words="All quiet") == 303, step
        state = case_at(office, where).state
        passed.add(state)
        for other in set(CaseState) - set(MOVES[state]):
            assert act(supervisor, where, "move", state=other, reason="resolved", words="x") == 409, (state, other)
        assert case_at(office, where).state is state
    assert passed == set(CaseState)
    assert list(verify(office)) == []


def test_a_case_closes_when_the_reporter_was_told_in_writing_and_nothing_is_left(supervisor, office, record):
    where, paper = opened(supervisor, record), f"/desk/records/{record.instance_id}/letter"
    came = read(supervisor.open(paper))
    assert "Dear Edith Farrow" in came and "hear from us by Fri 4 Dec 2026" in came and "Diary, ASB-1" in came
    act(supervisor, where, "act", kind="visit", due="2026-11-25")
    assert act(supervisor, where, "move", state="closing", words="Quiet") == 422, "it says why"
    assert act(supervisor, where, "move", state="closing", reason="resolved") == 422, "and sums up"
    assert act(supervisor, where, "speak", kind="told", how="post", words="A letter before") == 303
    assert act(supervisor, where, "move", state="closing", reason="resolved", words="Quiet for a month") == 303
    left = supervisor.submit(where, act="move", state="closed")
    assert left.status_code == 409 and "Say of each action what came of it" in read(left)
    assert act(supervisor, where, "done", number="1", kind="visit", words="Nobody there") == 303
    assert "in writing" in read(supervisor.submit(where, act="move", state="closed"))
    assert act(supervisor, where, "speak", kind="told", how="phone", words="Rang") == 303
    assert act(supervisor, where, "move", state="closed") == 409, "spoken is not written"
    assert act(supervisor, where, "speak", kind="told", how="email", words="Wrote") == 303
    assert act(supervisor, where, "move", state="closed") == 303
    ended = read(supervisor.open(paper))
    assert "We have closed our case" in ended and "Quiet for a month" in ended and "3 times in 6 months" in ended
    assert act(supervisor, where, "ask", answer="partly", words="She would like a gate") == 303
    case = case_at(office, where)
    assert (case.state, case.satisfied, case.update_due) == (CaseState.CLOSED, Satisfied.PARTLY, None)
    assert act(supervisor, where, "speak", kind="told", how="email", words="Again") == 409, "it is closed"
    assert act(supervisor, where, "move", state="reopened", words="It began again") == 303
    assert str(case_at(office, where).update_due) == "2026-12-04", "the clock runs again"


def test_as4_a_case_review_is_met_only_by_enough_reports_made_soon_enough(officer, supervisor, office, later):
    sent = [a_report(f"2026-{month}-10T10:00:00+00:00") for month in ("06", "10", "11")]
    late = a_report("2026-11-20T10:00:00+00:00", happened="2026-09-01T10:00:00+00:00")
    old = a_report("2026-03-10T10:00:00+00:00")
    officer.send(*sent[:2], late, old)
    where = opened(supervisor, sent[0])
    for one in (sent[1], late, old):
        assert decide(supervisor, one, "join", case=where.rpartition("/")[2]).status_code == 303
    assert act(supervisor, where, "review", state="requested") == 422, "who asked"
    assert act(supervisor, where, "review", state="threshold_met", words="x") == 409, "nobody asked yet"
    assert act(supervisor, where, "review", state="requested", words="Her councillor, by letter") == 303
    assert "2 of 3 reports in 6 months count" in read(supervisor.open(where))
    assert act(supervisor, where, "review", state="threshold_met", words="Because I say so") == 409
    assert act(supervisor, where, "review", state="answer", words="Two count") == 303
    assert case_at(office, where).review is CaseReview.NOT_MET
    officer.send(sent[2])
    act(supervisor, where, "join", report=sent[2].instance_id)
    act(supervisor, where, "review", state="requested", words="Again")
    assert act(supervisor, where, "review", state="answer", words="Three count") == 303
    assert case_at(office, where).review is CaseReview.THRESHOLD_MET
    assert act(supervisor, where, "review", state="done", words="A mediator was found") == 303
    assert case_at(office, where).review is CaseReview.DONE


# Actions --------------------------------------------------------------------------------------------------------


def test_a_protection_notice_comes_only_after_a_warning_in_the_same_case(officer, supervisor, office, record):
    where = opened(supervisor, record)
    refused = supervisor.submit(where, act="act", kind="cpn", due="2026-12-20")
    assert refused.status_code == 409 and "warning for the same conduct first" in read(refused)
    assert act(supervisor, where, "act", kind="cpw", due="2026-11-30", what="Music after 11") == 303
    assert act(supervisor, where, "act", kind="cpn", due="2026-12-20", follows="ASB-1/1") == 409, "not given yet"
    assert act(supervisor, where, "done", number="1", kind="cpw", words="Handed over") == 422, "its number"
    assert act(supervisor, where, "done", number="1", kind="cpw", words="Handed over", notice="w 26 04 0012") == 303
    assert act(supervisor, where, "act", kind="cpn", due="2026-12-20") == 409, "the supervisor says which warning"
    assert act(supervisor, where, "act", kind="cpn", due="2026-12-20", follows="ASB-1/1") == 303
    another = a_report()
    officer.send(another)
    elsewhere = opened(supervisor, another)
    assert act(supervisor, elsewhere, "act", kind="cpn", due="2026-12-20", follows="ASB-1/1") == 409, "other conduct"
    with office.database.reading() as session:
        assert session.get_one(CaseAction, "ASB-1/1").notice == "W-26-04-0012"
        assert session.get_one(CaseAction, "ASB-1/2").follows == "ASB-1/1"
    assert "Follows the warning ASB-1/1" in read(supervisor.open(where))


def test_as6_what_comes_of_a_case_leads_there_and_names_nobody_who_reported_it(officer, supervisor, office, record):
    where = opened(supervisor, record)
    assert act(supervisor, where, "refer", title="Noise", problem="Three reports") == 422
    raising = {"kind": "place", "title": "Noise at night", "problem": "Three reports", "outcome_wanted": "Quiet"}
    assert act(supervisor, where, "refer", **raising) == 303
    assert act(supervisor, where, "act", kind="patrol_request", due="2026-11-27") == 303
    half = supervisor.open("/desk/tasks?about=ASB-1/2")
    assert 'value="Patrol: Noise at night"' in half.text
    asked = {"title": "Patrol: Noise at night", "who": f"device:{officer.device_id}", "day": "2026-11-23"}
    asked |= {"begins": "22:00", "ends": "23:00", "about": "ASB-1/2", "place": "Longmarket Row"}
    assert supervisor.submit("/desk/tasks", **asked).status_code == 303
    with office.database.reading() as session:
        item, task = session.exec(select(TaskingItem)).one(), session.exec(select(Task)).one()
        assert item.about == record.instance_id and task.about == "ASB-1/2"
        assert session.get_one(CaseAction, "ASB-1/1").kind is ActionKind.NTG_REFERRAL
        for row in (item, task, session.exec(select(Case)).one()):
            assert not [word for word in REPORTER.values() if word in str(row.model_dump().values())]
    page = supervisor.open(where)
    assert "Opened and read by Kerry B" in read(page) and "Action ASB-1/2 added" in read(page)
    assert f"/desk/tasking/{item.id}" in page.text and f"/desk/tasks/{task.id}" in page.text
    assert where in supervisor.open(f"/desk/tasks/{task.id}").text
    for path in (where, "/desk/cases", f"/desk/tasks/{task.id}", f"/desk/tasking/{item.id}"):
        shown = supervisor.open(path).text
        assert not [word for word in ("Edith", "Farrow", "900 118") if word in shown], path
    assert officer.down()["tasks"][0]["title"] == "Patrol: Noise at night"


# What is kept, and how it is sealed ------------------------------------------------------------------------------

CHANGES = (
    "UPDATE asb_case SET title = 'Another'",
    "UPDATE asb_case SET update_due = '2027-01-01'",
    "UPDATE case_entry SET words = 'Nothing' WHERE kind = 'contacted'",
    "DELETE FROM case_entry WHERE kind = 'contacted'",
    "UPDATE case_action SET result = 'Nothing'",
    "DELETE FROM case_action",
    "UPDATE report_step SET kind = 'one_off_closed'",
    "DELETE FROM report_step WHERE kind = 'acknowledged'",
)


def worked_on(supervisor: Supervisor, record: Record) -> str:
    where = opened(supervisor, record, title="Fullers Lane at night", place="Fullers Lane")
    decide(supervisor, record, "acknowledge", how="phone", words="Rang Fullers Lane")
    act(supervisor, where, "speak", kind="contacted", how="phone", words="She of Fullers Lane")
    act(supervisor, where, "act", kind="visit", due="2026-11-25", what="See Fullers Lane")
    act(supervisor, where, "done", number="1", kind="visit", words="Quiet in Fullers Lane")
    return where


def test_a_changed_byte_of_a_case_is_found(supervisor, office, record):
    worked_on(supervisor, record)
    for change in CHANGES:
        assert list(verify(office)) == []
        with tampered(office, change):
            assert list(verify(office)) != [], change


def test_dp5_a_report_stays_as_long_as_its_case_and_both_go_six_years_after(officer, supervisor, office, record, later):
    one_off = a_report(what="Once only")
    officer.send(one_off)
    decide(supervisor, one_off, "one_off", words="Told to ring 101")
    where = worked_on(supervisor, record)
    assert "2032" in supervisor.open(f"/desk/keeping/case/{where.rpartition('/')[2]}").text

    def words() -> str:
        with office.database.reading() as session:
            rows = [
                row for table in (Case, CaseAction, cases.CaseEntry, ReportStep) for row in session.exec(select(table))
            ]
            payloads = [row.payload.decode() for row in session.exec(select(Submission))]
        return "\n".join([*(str(row.model_dump()) for row in rows), *payloads])

    def hold(what: str) -> None:
        def do(session: Any) -> None:
            person = session.get_one(Person, supervisor.person_id)
            keeping.decide(session, where.rpartition("/")[2], what, "A court asks", person=person, now=office.clock())

        office.database.write(do)

    later(days=400)
    office.erase_over(office.clock())
    assert "Once only" not in words() and "Told to ring 101" not in words(), "a one-off report goes after a year"
    assert "Music from the yard" in words(), "one that is part of a case stays"
    later(days=6 * 366)
    hold(keeping.HOLD)
    office.erase_over(office.clock())
    assert "Fullers Lane" in words() and "Music from the yard" in words(), "a hold on the case holds its reports"
    hold(keeping.RELEASE)
    office.erase_over(office.clock())
    assert not [word for word in ("Fullers Lane", "Music from the yard") if word in words()]
    assert list(verify(office)) == []
    page = back(supervisor, "Ann").open(where)
    assert page.status_code == 200 and "Erased" in read(page)


def test_dp8_a_case_is_found_for_somebody_who_asks_what_is_held(officer, supervisor, office, record):
    where = worked_on(supervisor, record)
    with office.database.reading() as session:
        who = sought.of({"address": "Fullers Lane"})
        found = {one.where for one in places.mentions(session, office.forms, who)}
        key = f"case/{where.rpartition('/')[2]}"
        assert {key, f"record/{record.instance_id}"} <= found
        place = places.place_of(session, office.forms, key, who)
    assert place is not None
    told = [one.words for one in place.passages]
    assert "contacted, phone, She of Fullers Lane" in told and "visit, See Fullers Lane, Quiet in Fullers Lane" in told
