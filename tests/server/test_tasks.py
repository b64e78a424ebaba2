"""Tasks: given out at the desk, done on phones with and without a signal, and what came of them."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from actors import Clock, Device, Record, Supervisor, a_record, read
from starlette.testclient import TestClient

from beatbook import tasks
from beatbook.models import Role, Task, TaskState
from beatbook.office import Office
from beatbook.verification import verify

DAY = "2026-11-22"


def give_out(supervisor: Supervisor, who: str, title: str = "Visit the huts", **fields: str) -> str:
    """As the desk's form does; the id of the new task."""
    given = {"title": title, "who": who, "day": DAY, "begins": "11:00", "ends": "12:00", **fields}
    answer = supervisor.submit("/desk/tasks", **given)
    assert answer.status_code == 303, read(answer)
    with supervisor.office.database.reading() as session:
        found = tasks.between(session, datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC))
        return max(found, key=lambda task: task.seq).id


def says(task_id: str, state: str, at: str = "10:20", **more: Any) -> Record:
    """What a phone freezes when somebody presses Doing, Done or Could not."""
    answers = {"task": task_id, "title": "Visit the huts", "state": state, **more}
    return a_record(form="task_state", answers=answers, capturedAt=f"{DAY}T{at}:00+00:00", counter=7)


def stands(office: Office, task_id: str) -> tuple[TaskState, str | None]:
    with office.database.reading() as session:
        task = tasks.get(session, task_id)
        return task.state, task.reason


def titles(answer: dict[str, Any]) -> list[str]:
    return [task["title"] for task in answer["tasks"]]


def faults(office: Office) -> list[str]:
    return [str(fault) for fault in verify(office)]


# To the right phone, once ---------------------------------------------------------------------------------------


def test_a_task_reaches_its_phone_once_and_no_other(officer: Device, enrolled: Callable[..., Device], supervisor):
    other = enrolled(name="Phone 8")
    before = officer.down()
    give_out(supervisor, f"device:{officer.device_id}", place="Tankerton", note="Take the long ladder")
    fetched = officer.down(before["cursor"])
    (task,) = fetched["tasks"]
    assert (task["title"], task["place"], task["note"]) == ("Visit the huts", "Tankerton", "Take the long ladder")
    assert task["startsAt"] == f"{DAY}T11:00:00.000000+00:00"
    again = officer.down(fetched["cursor"])
    assert (again["tasks"], again["fresh"]) == ([], False)
    assert titles(other.down()) == []


@pytest.mark.parametrize("role", [Role.FORESHORE, Role.PARKING, Role.OFFICER])
def test_each_role_sees_its_own_tasks_only(role: Role, enrolled: Callable[..., Device], supervisor: Supervisor):
    devices = {one: enrolled(one, f"Phone of {one}") for one in (Role.FORESHORE, Role.PARKING, Role.OFFICER)}
    give_out(supervisor, f"role:{role}", "Walk the front")
    assert {one for one, device in devices.items() if titles(device.down())} == {role}


def test_a_task_that_goes_to_somebody_else_leaves_the_first_phone(officer, enrolled, supervisor):
    other = enrolled(name="Phone 8")
    task_id = give_out(supervisor, f"device:{officer.device_id}")
    cursor, others = officer.down()["cursor"], other.down()["cursor"]
    answer = supervisor.submit(
        f"/desk/tasks/{task_id}",
        title="Visit the huts early",
        who=f"device:{other.device_id}",
        day=DAY,
        begins="08:00",
        ends="09:00",
    )
    assert answer.status_code == 303
    assert officer.down(cursor)["removed"]["tasks"] == [task_id]
    assert titles(other.down(others)) == ["Visit the huts early"]


def test_a_phone_that_begins_anew_gets_what_is_open_and_what_was_done_lately(officer, office, supervisor, later):
    old, open_one = (give_out(supervisor, f"device:{officer.device_id}", title) for title in ("Old", "Open"))
    supervisor.submit(f"/desk/tasks/{old}/state", state="done")
    assert set(titles(officer.down())) == {"Old", "Open"}
    later(days=3)
    fresh = officer.down()
    assert (fresh["fresh"], titles(fresh)) == (True, ["Open"])
    assert stands(office, open_one)[0] is TaskState.TO_DO


# What phones say ------------------------------------------------------------------------------------------------


def test_what_a_phone_says_of_a_task_shows_at_the_desk_and_on_other_phones(officer, enrolled, supervisor, office):
    other = enrolled(name="Phone 8")
    task_id = give_out(supervisor, "role:officer")
    cursor = other.down()["cursor"]
    (result,) = officer.send(says(task_id, "not_done", reason="Nobody was there"))
    assert result["status"] == "stored"
    assert result["warnings"] == []
    shown = read(supervisor.open(f"/desk/tasks/{task_id}"))
    assert "Not done: Nobody was there" in shown
    assert "Not done by Phone 7" in shown
    (task,) = other.down(cursor)["tasks"]
    assert (task["state"], task["reason"]) == ("not_done", "Nobody was there")
    assert stands(office, task_id) == (TaskState.NOT_DONE, "Nobody was there")
    assert faults(office) == []


def test_reports_that_come_in_the_wrong_order_end_the_same(officer, supervisor, office):
    task_id = give_out(supervisor, f"device:{officer.device_id}")
    doing, done = says(task_id, "doing", "10:05"), says(task_id, "done", "10:25")
    officer.send(done)
    cursor = officer.down()["cursor"]
    officer.send(doing)
    assert stands(office, task_id)[0] is TaskState.DONE
    (task,) = officer.down(cursor)["tasks"]
    assert task["state"] == "done", "the phone learns that its older word did not count"
    assert "Came too late to count: Doing" in read(supervisor.open(f"/desk/tasks/{task_id}"))
    assert faults(office) == []


def test_the_same_report_again_changes_nothing(officer, supervisor, office):
    task_id = give_out(supervisor, f"device:{officer.device_id}")
    report = says(task_id, "done")
    officer.send(report)
    cursor = officer.down()["cursor"]
    officer.send(report)
    assert officer.down(cursor)["tasks"] == []
    assert faults(office) == []


def test_a_phone_with_a_slow_clock_still_gets_its_task_done(officer, supervisor, office):
    task_id = give_out(supervisor, f"device:{officer.device_id}")
    officer.send(says(task_id, "done", "06:00"))  # hours before the task was given out
    assert stands(office, task_id)[0] is TaskState.DONE


def test_a_phone_cannot_speak_for_a_task_that_is_not_its_own(officer, enrolled, supervisor, office):
    task_id = give_out(supervisor, f"device:{officer.device_id}")
    (result,) = enrolled(Role.FORESHORE, "Foreshore 1").send(says(task_id, "done"))
    assert result["status"] == "stored", "the record is kept all the same"
    assert stands(office, task_id)[0] is TaskState.TO_DO


def test_a_report_that_makes_no_sense_is_kept_and_changes_nothing(officer, supervisor, office):
    task_id = give_out(supervisor, f"device:{officer.device_id}")
    odd = [{}, {"task": "x", "state": "done"}, {"task": 7}, {"task": str(uuid.uuid4())}, {"task": task_id, "state": []}]
    results = officer.send(*(a_record(form="task_state", answers=answers) for answers in odd))
    assert {result["status"] for result in results} == {"stored"}
    assert stands(office, task_id)[0] is TaskState.TO_DO


def test_reports_are_nobodys_review(officer, supervisor, office):
    task_id = give_out(supervisor, f"device:{officer.device_id}")
    officer.send(says(task_id, "done"))
    assert "No records yet" in read(supervisor.open("/desk/records"))
    first, second = a_record(), a_record()
    officer.send(first, says(task_id, "doing"), second)
    assert f'href="/desk/records/{second.instance_id}"' in supervisor.open(f"/desk/records/{first.instance_id}").text


# What came of it ------------------------------------------------------------------------------------------------


def test_a_record_made_on_a_task_is_linked_to_it_both_ways(officer, supervisor, office):
    task_id = give_out(supervisor, f"device:{officer.device_id}")
    record = a_record(taskId=task_id)
    officer.send(record)
    assert f"/desk/records/{record.instance_id}" in supervisor.open(f"/desk/tasks/{task_id}").text
    assert f"/desk/tasks/{task_id}" in supervisor.open(f"/desk/records/{record.instance_id}").text
    assert faults(office) == []


def test_a_record_may_name_a_task_that_there_is_not(officer, office):
    named = ["", "no-such-task", 7, None, "0" * 36, str(uuid.uuid4())]
    results = officer.send(*(a_record(taskId=one) for one in named))
    assert {result["status"] for result in results} == {"stored"}
    assert faults(office) == []


# At the desk ----------------------------------------------------------------------------------------------------


def test_the_board_shows_each_phones_plan_in_the_order_of_time_and_what_is_left_first(officer, supervisor):
    who = f"device:{officer.device_id}"
    give_out(supervisor, who, "Second", begins="15:00", ends="16:00")
    give_out(supervisor, who, "First", begins="09:00", ends="10:00")
    give_out(supervisor, who, "Yesterday", day="2026-11-21")
    shown = read(supervisor.open("/desk/tasks"))
    assert "Left from the days before" in shown
    order = [shown.index(word) for word in ("Yesterday", "Phone 7", "09:00 to 10:00 First", "15:00 to 16:00 Second")]
    assert order == sorted(order)
    assert shown.count("Late") == 2


def test_a_task_is_half_written_from_a_record(officer, supervisor):
    record = a_record()
    officer.send(record)
    page = supervisor.open(f"/desk/tasks?about={record.instance_id}")
    assert 'value="Go back: Graffiti, Wall or fence, Westgate Gardens, by the bench"' in page.text
    assert f'value="device:{officer.device_id}" selected' in page.text
    task_id = give_out(supervisor, f"device:{officer.device_id}", "Go back", about=record.instance_id)
    assert f"/desk/tasks/{task_id}" in supervisor.open(f"/desk/records/{record.instance_id}").text


def test_a_window_is_in_the_time_of_the_town(officer, supervisor, clock: Clock):
    clock.now = datetime(2026, 7, 1, 7, tzinfo=UTC)
    give_out(supervisor, f"device:{officer.device_id}", day="2026-07-01", begins="09:00", ends="10:00")
    (task,) = officer.down()["tasks"]
    assert task["startsAt"] == "2026-07-01T08:00:00.000000+00:00"
    assert "09:00 to 10:00" in read(supervisor.open("/desk/tasks"))


def test_a_task_that_lacks_something_is_asked_for_again(supervisor):
    lacking = {
        "Say what to do": {"title": ""},
        "Choose who does it": {"who": "role:pupil"},
        "It must end after it begins": {"begins": "12:00", "ends": "11:00"},
        "from when until when": {"begins": "noon"},
        "Choose one of the forms": {"form_id": "nonsense"},
    }
    for said, fields in lacking.items():
        given = {"title": "Visit", "who": "role:officer", "day": DAY, "begins": "11:00", "ends": "12:00", **fields}
        answer = supervisor.submit("/desk/tasks", **given)
        assert answer.status_code == 422
        assert said in read(answer)


def test_not_done_needs_a_reason_at_the_desk_too(officer, supervisor, office):
    task_id = give_out(supervisor, f"device:{officer.device_id}")
    answer = supervisor.submit(f"/desk/tasks/{task_id}/state", state="not_done", reason=" ")
    assert answer.status_code == 422
    assert stands(office, task_id)[0] is TaskState.TO_DO


def test_an_auditor_gives_nothing_out(office, server: TestClient, officer):
    auditor = Supervisor.join(office, server, "Ann Audit", Role.AUDITOR)
    assert auditor.open("/desk/tasks").status_code == 403
    assert auditor.submit("/desk/tasks", title="x", who=f"device:{officer.device_id}").status_code == 403


# Proof ----------------------------------------------------------------------------------------------------------


def test_a_changed_task_is_found(officer, supervisor, office):
    task_id = give_out(supervisor, f"device:{officer.device_id}")
    assert faults(office) == []
    changes = {"title": "Visit nobody", "state": TaskState.DONE, "ends_at": datetime(2030, 1, 1, tzinfo=UTC), "seq": 1}
    for name, value in changes.items():

        def tamper(session: Any, name: str = name, value: Any = value) -> Any:
            task = session.get(Task, task_id)
            before = getattr(task, name)
            setattr(task, name, value)
            session.add(task)
            return before

        before = office.database.write(tamper)
        assert any("its row was changed" in fault for fault in faults(office)), name
        office.database.write(lambda session, tamper=tamper, before=before: tamper(session, value=before))
    assert faults(office) == []


def test_tasks_days_ahead_are_no_burden_today(officer, supervisor):
    ahead = (datetime.fromisoformat(DAY) + timedelta(days=5)).date()
    give_out(supervisor, f"device:{officer.device_id}", day=str(ahead))
    assert "No tasks for this day" in read(supervisor.open("/desk/tasks"))
    assert "Visit the huts" in read(supervisor.open(f"/desk/tasks?day={ahead}"))
    assert supervisor.open("/desk/tasks?day=nonsense").status_code == 404
