"""The tasking group: items raised in the field and at the desk, actions, and the morning's briefing."""

from datetime import UTC, date, datetime
from typing import Any

from actors import Clock, Device, Record, Supervisor, a_record, graffiti_answers, read
from sqlmodel import select
from starlette.testclient import TestClient

from beatbook import tasking
from beatbook.desk.briefing import working_day_before
from beatbook.models import Event, ItemKind, ItemState, Progress, Role, TaskingAction, TaskingItem
from beatbook.office import Office
from beatbook.verification import verify

ACTION = {"what": "Fit a light", "lead_agency": "Kent Police", "owner": "Sgt Doyle", "due": "2026-12-06"}


def raised(**answers: Any) -> dict[str, Any]:
    return {
        "kind": "place",
        "title": "Westgate Gardens bench",
        "problem": "Three tags in a week by the bench.",
        "outcome_wanted": "No new tag for a month",
        "measure": "Tags per visit",
        "place_text": "Westgate Gardens",
        **answers,
    }


def from_the_field(about: str | None = None, **answers: Any) -> Record:
    return a_record(form="tasking_item", answers=raised(**answers), aboutId=about)


def items(office: Office) -> list[TaskingItem]:
    with office.database.reading() as session:
        return tasking.items(session)


def at_the_desk(supervisor: Supervisor, **fields: str) -> str:
    """The address of a new item."""
    given = {
        "kind": "place",
        "title": "Dark path",
        "problem": "Seven people said so.",
        "outcome_wanted": "Lit",
        **fields,
    }
    answer = supervisor.submit("/desk/tasking", **given)
    assert answer.status_code == 303, read(answer)
    return answer.headers["location"]


def faults(office: Office) -> list[str]:
    return [str(fault) for fault in verify(office)]


# Items ----------------------------------------------------------------------------------------------------------


def test_an_item_raised_on_a_phone_stands_at_the_desk_with_its_evidence(officer, supervisor, office):
    record = a_record()
    officer.send(record)
    raising = from_the_field(record.instance_id)
    officer.send(raising, raising)
    (item,) = items(office)
    assert (item.kind, item.state, item.about) == (ItemKind.PLACE, ItemState.NEW, record.instance_id)
    assert "New 1 Westgate Gardens bench" in read(supervisor.open("/desk/tasking"))
    page = supervisor.open(f"/desk/tasking/{item.id}")
    assert f"/desk/records/{record.instance_id}" in page.text
    assert "Three tags in a week by the bench." in read(page)
    assert "Phone 7" in read(page)
    assert f"/desk/tasking/{item.id}" in supervisor.open(f"/desk/records/{record.instance_id}").text
    assert faults(office) == []


def test_mending_what_raised_an_item_mends_the_item(officer, office):
    first = from_the_field()
    officer.send(first)
    officer.send(a_record(form="tasking_item", answers=raised(title="The other bench"), replaces=first.instance_id))
    assert [item.title for item in items(office)] == ["The other bench"]
    assert faults(office) == []


def test_an_item_that_lacks_answers_is_raised_all_the_same(officer, office):
    officer.send(a_record(form="tasking_item", answers={"kind": "moon", "title": 7, "problem": ["x"]}))
    (item,) = items(office)
    assert item.kind is ItemKind.PLACE
    assert item.title
    assert faults(office) == []


def test_an_item_is_half_written_from_a_record_at_the_desk(officer, supervisor, office):
    record = a_record()
    officer.send(record)
    page = supervisor.open(f"/desk/tasking?about={record.instance_id}")
    assert "Graffiti, Wall or fence, Westgate Gardens, by the bench, recorded Sun 22 Nov 2026 10:04" in read(page)
    at_the_desk(supervisor, about=record.instance_id)
    assert items(office)[0].about == record.instance_id


def test_an_item_says_what_good_looks_like(supervisor, office):
    answer = supervisor.submit("/desk/tasking", kind="place", title="Dark path", problem="Dark")
    assert answer.status_code == 422
    assert "Say what good looks like" in read(answer)
    assert items(office) == []


def test_an_item_ends_only_with_a_reason(supervisor, office):
    where = at_the_desk(supervisor)
    assert supervisor.submit(f"{where}/state", state="closed").status_code == 422
    assert supervisor.submit(f"{where}/state", state="moved", why="To the highways group").status_code == 303
    assert (items(office)[0].state, items(office)[0].state_note) == (ItemState.MOVED, "To the highways group")
    assert faults(office) == []


def test_opening_an_item_is_written_down_and_one_about_a_person_is_marked(supervisor, office):
    where = at_the_desk(supervisor, kind="victim", title="J.S., case 412")
    assert "OFFICIAL-SENSITIVE" in read(supervisor.open(where))
    with office.database.reading() as session:
        seen = session.exec(select(Event.subject).where(Event.kind == "tasking.viewed")).all()
    assert seen == [where.rpartition("/")[2]]


# Actions --------------------------------------------------------------------------------------------------------


def test_nt6_an_action_has_one_lead_agency_one_owner_and_one_date(supervisor, office):
    where = at_the_desk(supervisor)
    for lacking in ACTION:
        answer = supervisor.submit(f"{where}/actions", **(ACTION | {lacking: ""}))
        assert answer.status_code == 422, lacking
    with office.database.reading() as session:
        assert tasking.actions(session) == []
    assert supervisor.submit(f"{where}/actions", **ACTION).status_code == 303
    assert "NTG-1 Fit a light Not started Kent Police, Sgt Doyle, due Sun 6 Dec 2026" in read(supervisor.open(where))
    assert items(office)[0].state is ItemState.LIVE


def test_late_actions_stand_first(supervisor, office, clock: Clock):
    where = at_the_desk(supervisor)
    supervisor.submit(f"{where}/actions", **ACTION)
    supervisor.submit(f"{where}/actions", **(ACTION | {"what": "Cut the hedge", "due": "2026-11-20"}))
    shown = read(supervisor.open("/desk/tasking"))
    assert shown.index("Late") < shown.index("Cut the hedge") < shown.index("Fit a light")
    assert "NTG-2 Cut the hedge" in read(supervisor.open("/desk/briefing"))


def test_an_action_is_done_with_a_result_and_dropped_with_a_reason(supervisor, office):
    where = at_the_desk(supervisor)
    supervisor.submit(f"{where}/actions", **ACTION)
    for state in ("done", "dropped"):
        answer = supervisor.submit("/desk/actions/NTG-1", progress=state)
        assert answer.status_code == 422
        assert "Say what came of it" in read(answer)
    assert supervisor.submit("/desk/actions/NTG-1", progress="done", result="Lit since Monday").status_code == 303
    with office.database.reading() as session:
        (action,) = tasking.actions(session)
    assert (action.progress, action.result) == (Progress.DONE, "Lit since Monday")
    assert supervisor.submit("/desk/actions/NTG-99", progress="on_track").status_code == 404
    assert faults(office) == []


def test_an_action_makes_a_task_that_keeps_the_link(officer: Device, supervisor):
    where = at_the_desk(supervisor, place="Path by the bus stop")
    supervisor.submit(f"{where}/actions", **ACTION)
    form = supervisor.open("/desk/tasks?about=NTG-1").text
    assert 'value="Fit a light"' in form
    assert 'value="Path by the bus stop"' in form
    supervisor.submit(
        "/desk/tasks",
        title="Fit a light",
        who=f"device:{officer.device_id}",
        day="2026-11-22",
        begins="14:00",
        ends="15:00",
        origin="ntg_action",
        about="NTG-1",
    )
    (task,) = officer.down()["tasks"]
    assert task["origin"] == "ntg_action"
    assert f"/desk/tasks/{task['taskId']}" in supervisor.open(where).text
    assert where in supervisor.open(f"/desk/tasks/{task['taskId']}").text


def test_an_auditor_reads_raises_and_orders_nothing(supervisor, office, server: TestClient):
    where = at_the_desk(supervisor)
    auditor = Supervisor.join(office, server, "Ann Audit", Role.AUDITOR)
    assert auditor.open(where).status_code == 403
    for address in ("/desk/tasking", f"{where}/state", f"{where}/actions", "/desk/actions/NTG-1"):
        assert auditor.submit(address, state="closed").status_code == 403


def test_a_changed_item_or_action_is_found(supervisor, office):
    supervisor.submit(f"{at_the_desk(supervisor)}/actions", **ACTION)
    changes = [
        (TaskingItem, "problem", "Nothing"),
        (TaskingItem, "state", ItemState.CLOSED),
        (TaskingAction, "owner", "Somebody else"),
        (TaskingAction, "due", date(2030, 1, 1)),
    ]
    for table, name, value in changes:

        def tamper(session: Any, table: Any = table, name: str = name, value: Any = value) -> Any:
            row = session.exec(select(table)).one()
            before = getattr(row, name)
            setattr(row, name, value)
            session.add(row)
            return before

        before = office.database.write(tamper)
        assert any("its row was changed" in fault for fault in faults(office)), name
        office.database.write(lambda session, tamper=tamper, before=before: tamper(session, value=before))
    assert faults(office) == []
    office.database.write(lambda session: session.delete(session.exec(select(TaskingAction)).one()))
    assert any("a row is missing" in fault for fault in faults(office))


# Briefing -------------------------------------------------------------------------------------------------------


def test_the_briefing_shows_what_came_since_the_last_one_by_place(officer, supervisor, clock: Clock):
    clock.now = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)  # Friday, before its own briefing
    officer.send(a_record(answers={**graffiti_answers(), "place_text": "Before Friday's"}))
    clock.now = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
    officer.send(*(a_record(answers={**graffiti_answers(), "place_text": "The pier"}) for _ in range(2)), a_record())
    clock.now = datetime(2026, 11, 23, 8, 25, tzinfo=UTC)  # Monday
    supervisor = Supervisor.join(supervisor.office, supervisor.http, "Tom H")
    shown = read(supervisor.open("/desk/briefing"))
    assert "3 records since Fri 20 Nov 2026 08:30, 0 late tasks, 0 late actions" in shown
    assert shown.index("The pier 2 graffiti") < shown.index("Westgate Gardens, by the bench 1 graffiti")
    assert "Before Friday's 1 graffiti" not in shown  # though it counts for the hotspot


def test_the_briefing_looks_back_over_a_weekend():
    assert working_day_before(date(2026, 11, 23)) == date(2026, 11, 20)
    assert working_day_before(date(2026, 11, 25)) == date(2026, 11, 24)


def test_the_briefing_says_what_is_urgent_first(enrolled, supervisor):
    answers = {"severity": "unsafe", "damage_kind": ["door"], "place_text": "Row A, hut 13"}
    enrolled(Role.FORESHORE, "Foreshore 1").send(a_record(form="hut_damage", answers=answers))
    shown = read(supervisor.open("/desk/briefing"))
    assert shown.index("Urgent Hut unsafe or burnt") < shown.index("record to check")
