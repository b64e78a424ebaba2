"""Tasks: what there is to do, for whom and when; given at the desk, done in the field, and what came of it.

A device says how a task stands by a submission like any other (the built-in form `task_state`), so that nothing it said
without a signal is lost, and a record that it makes on the way names the task (`taskId`). Reports may come late and in
any order: one that speaks of an earlier moment than what is known changes nothing, and is kept all the same.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, and_, col, or_, select

from . import events
from .envelope import Envelope, text_of
from .models import Device, Person, Redaction, Role, Submission, Task, TaskOrigin, TaskResult, TaskState, insert
from .problems import BadRequest, NotFound, TaskReasonMissing

REPORT = "task_state"  # the built-in form by which a device says how a task stands
MADE, CHANGED, STATED, LATE = "task.made", "task.changed", "task.stated", "task.stated-late"
ERASED, ERASED_TITLE = "task.erased", "Erased"
FINAL = frozenset({TaskState.DONE, TaskState.NOT_DONE})
OPEN = tuple(state for state in TaskState if state not in FINAL)
SHOWN_AFTER = timedelta(days=2)  # a device that begins anew still gets what was finished so lately
LONGEST_TITLE, LONGEST_TEXT = 120, 1000


@dataclass(frozen=True)
class Wanted:
    """A task as somebody at the desk wants it: for one device, or for everybody of a role."""

    title: str
    starts_at: datetime
    ends_at: datetime
    device_id: str | None = None
    role: Role | None = None
    place: str | None = None
    note: str | None = None
    form_id: str | None = None
    origin: TaskOrigin = TaskOrigin.SUPERVISOR
    about: str | None = None


# At the desk ----------------------------------------------------------------------------------------------------


def make(session: Session, wanted: Wanted, *, person: Person, now: datetime) -> Task:
    """Errors: BadRequest for a task without a title, without anybody to do it, or that ends before it begins."""
    check(session, wanted)
    actor = f"person:{person.id}"
    task = Task(
        id=str(uuid.uuid4()),
        seq=0,
        **vars(wanted),
        state=TaskState.TO_DO,
        state_at=now,
        state_by=actor,
        made_at=now,
        made_by=person.id,
    )
    return note(session, task, MADE, actor=actor, now=now)


def change(session: Session, task_id: str, wanted: Wanted, *, person: Person, now: datetime) -> Task:
    """Other words, another time, somebody else. What it came of stays. Errors: NotFound, BadRequest."""
    check(session, wanted)
    task = get(session, task_id)
    for name, value in vars(wanted).items():
        if name not in ("origin", "about"):
            setattr(task, name, value)
    return note(session, task, CHANGED, actor=f"person:{person.id}", now=now)


def decide(
    session: Session, task_id: str, state: TaskState, *, person: Person, now: datetime, reason: str | None = None
) -> Task:
    """The desk says how it stands, or opens it again. Errors: NotFound, TaskReasonMissing."""
    task, reason = get(session, task_id), tidy(reason)
    if state is TaskState.NOT_DONE and not reason:
        raise TaskReasonMissing
    actor = f"person:{person.id}"
    return put(session, task, state, reason, at=now, actor=actor, now=now)


def erase(session: Session, task: Task, *, now: datetime) -> None:
    """Take its words out. Who had to do what kind of thing when stays; devices that had it drop it."""
    task.title, task.note, task.place, task.reason = ERASED_TITLE, None, None, None
    note(session, task, ERASED, actor="server", now=now)


def get(session: Session, task_id: str) -> Task:
    """Errors: NotFound."""
    task = session.get(Task, task_id)
    if task is None:
        raise NotFound
    return task


def between(session: Session, begin: datetime, end: datetime) -> list[Task]:
    """Whose window touches that span, in the order of time."""
    query = select(Task).where(col(Task.starts_at) < end, col(Task.ends_at) > begin)
    return list(session.exec(query.order_by(col(Task.starts_at), col(Task.title))))


def overdue(session: Session, now: datetime) -> list[Task]:
    """What should be over and is not, the oldest first."""
    query = select(Task).where(col(Task.ends_at) <= now, col(Task.state).in_(OPEN))
    return list(session.exec(query.order_by(col(Task.ends_at))))


def is_late(task: Task, now: datetime) -> bool:
    return task.state not in FINAL and task.ends_at <= now


def about(session: Session, subject: str) -> list[Task]:
    """What came of a record or an action."""
    return list(session.exec(select(Task).where(Task.about == subject).order_by(col(Task.made_at))))


def results(session: Session, task_ids: Sequence[str]) -> dict[str, list[Submission]]:
    """The records that were made on each task, oldest first; reports about the task itself are not among them."""
    rows = session.exec(
        select(TaskResult, Submission)
        .join(Submission, col(Submission.instance_id) == TaskResult.instance_id)
        .where(col(TaskResult.task_id).in_(task_ids))
        .order_by(col(Submission.seq))
    )
    found: dict[str, list[Submission]] = {task_id: [] for task_id in task_ids}
    for link, submission in rows:
        if submission.form_id != REPORT:
            found[link.task_id].append(submission)
    return found


def of_record(session: Session, instance_id: str) -> Task | None:
    """The task that a record was made on."""
    link = session.get(TaskResult, instance_id)
    return session.get(Task, link.task_id) if link else None


# For and from devices -------------------------------------------------------------------------------------------


def changed(session: Session, device: Device, since: int, *, now: datetime) -> tuple[list[Task], list[str]]:
    """What changed for a device after event `since`: its tasks, and the ids of those that are not its own any more.

    From the beginning (0) these are all that it needs: what is open, and what was finished lately.
    """
    query = select(Task).where(Task.seq > since).order_by(col(Task.starts_at))
    if since == 0:
        lately = and_(col(Task.state).in_(tuple(FINAL)), col(Task.state_at) > now - SHOWN_AFTER)
        mine = or_(Task.device_id == device.id, and_(col(Task.device_id).is_(None), Task.role == device.role))
        query = query.where(mine, or_(col(Task.state).in_(OPEN), lately))
    found = list(session.exec(query))
    subjects = select(Redaction.subject).where(col(Redaction.subject).in_([f"task:{task.id}" for task in found]))
    erased = {subject.partition(":")[2] for subject in session.exec(subjects)} if found else set()
    mine = [task for task in found if is_for(task, device) and task.id not in erased]
    return mine, [task.id for task in found if task not in mine]


def is_for(task: Task, device: Device) -> bool:
    return task.device_id == device.id if task.device_id else task.role == device.role


def received(session: Session, submission: Submission, read: Envelope, device: Device, *, now: datetime) -> None:
    """A submission has come: link it to the task that it names, and take what it says of one."""
    if read.task_id is not None:
        insert(session, TaskResult(instance_id=submission.instance_id, task_id=read.task_id))
    if read.form_id == REPORT:
        take_report(session, read, device, now=now)


def take_report(session: Session, read: Envelope, device: Device, *, now: datetime) -> None:
    """How a task stands, by somebody who has it. What makes no sense changes nothing: the record is kept as it is."""
    task_id, state = read.answers.get("task"), read.answers.get("state")
    task = session.get(Task, task_id) if isinstance(task_id, str) else None
    if task is None or state not in list(TaskState):
        return
    actor, at = f"device:{device.id}", min(read.captured_at or now, now)
    if not is_for(task, device) or is_news_of_before(task, at, actor):
        note(session, task, LATE, actor=actor, now=now, state=state)  # told again, so that the device sees what counts
        return
    put(session, task, TaskState(state), tidy(text_of(read.answers.get("reason"))), at=at, actor=actor, now=now)


def is_news_of_before(task: Task, at: datetime, actor: str) -> bool:
    """A phone's slow clock must not undo its own "done", so only an end, or its own later word, counts as later."""
    return at < task.state_at and (task.state in FINAL or task.state_by == actor)


def to_wire(task: Task) -> dict[str, Any]:
    return {
        "taskId": task.id,
        "title": task.title,
        "note": task.note,
        "origin": task.origin,
        "place": task.place,
        "startsAt": events.instant(task.starts_at),
        "endsAt": events.instant(task.ends_at),
        "formId": task.form_id,
        "role": task.role,
        "state": task.state,
        "stateAt": events.instant(task.state_at),
        "reason": task.reason,
    }


# Helpers --------------------------------------------------------------------------------------------------------


def put(
    session: Session, task: Task, state: TaskState, reason: str | None, *, at: datetime, actor: str, now: datetime
) -> Task:
    task.state, task.state_at, task.state_by = state, at, actor
    task.reason = reason if state is TaskState.NOT_DONE else None
    return note(session, task, STATED, actor=actor, now=now, state=state)


def note(session: Session, task: Task, kind: str, *, actor: str, now: datetime, state: str | None = None) -> Task:
    """Write the event that seals the row as it now is; its number is what devices fetch by."""
    data = {"row": events.digest_of(sealed(task))} | ({"state": state} if state else {})
    task.seq = events.append(session, kind, task.id, actor=actor, now=now, data=data).seq
    session.add(task)
    return task


def check(session: Session, wanted: Wanted) -> None:
    """Errors: BadRequest."""
    someone = (wanted.device_id is None) != (wanted.role is None)
    known = wanted.device_id is None or session.get(Device, wanted.device_id) is not None
    titled = 0 < len(wanted.title) <= LONGEST_TITLE
    if not (someone and known and titled and wanted.starts_at < wanted.ends_at):
        raise BadRequest


def tidy(text: str | None) -> str | None:
    return " ".join((text or "").split())[:LONGEST_TEXT] or None


def sealed(task: Task) -> dict[str, Any]:
    """The whole row but for the number of the event that seals it."""
    return events.seal_of(task, {"seq"})
