"""Places: everything in the database that can hold words about a person, walked once and shown in passages.

Records with every version, what was put right and what the office wrote about them; notices; tasks; cases; what was put
to the tasking group and its meetings; what was kept aside; rows of lists; patrols; saved filters; the people of the
desk and who carries a device. A test walks the tables and fails when one with words in it is neither here nor named as
holding none.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session, SQLModel, col, select

from .. import cases, events, notices, papers, redactions, reference, retention, shares, submissions, tasking
from ..forms import Field, Form, Forms
from ..forms.answers import facts
from ..forms.pictures import about_name, is_original, row_of, rows_about
from ..models import (
    AgendaItem,
    Attendance,
    Case,
    CaseAction,
    CaseEntry,
    Correction,
    Device,
    DeviceStep,
    Emergency,
    EmergencyReview,
    Event,
    Holder,
    Keeping,
    ListChange,
    Meeting,
    Notice,
    NoticeStep,
    Patrol,
    PatrolStep,
    Person,
    Quarantine,
    Redaction,
    Remark,
    ReportStep,
    Review,
    SavedFilter,
    Share,
    Submission,
    Task,
    TaskingAction,
    TaskingItem,
)
from ..submissions import corrections
from .sought import Sought

RECORD, ASIDE, TASK, ITEM, MEETING, CASE, PATROL, FILTER, PERSON, HOLDER, DEVICE, ROW = (
    "record", "aside", "task", "item", "meeting", "case", "patrol", "filter", "person", "holder", "device", "row",
)  # fmt: skip
TOGETHER = 500  # rows looked at before what was read is let go
WORKING, THEIRS, FREE = "", "theirs", "free"
ACTORS = {"device": "A device of the council", "person": "Somebody at the council", "server": "The server"}


@dataclass(frozen=True)
class Mention:
    where: str
    found_by: frozenset[str]


@dataclass(frozen=True)
class Passage:
    """One answer or remark of a place, by itself left out or handed over."""

    name: str
    label: str
    words: str
    about: str = WORKING  # theirs: what was looked for stands here
    is_personal: bool = False  # its form says that it tells who somebody is
    photo: str | None = None  # its SHA-256, of the working copy
    of_somebody: bool = False  # a photo in which somebody can be recognised, or a signature

    @property
    def is_of_others(self) -> bool:
        """What a form calls personal and was not looked for is likely somebody else's: a witness, a neighbour."""
        return self.about != THEIRS and (self.is_personal or self.of_somebody)


@dataclass(frozen=True)
class Place:
    where: str
    title: str
    kind: str
    passages: list[Passage]
    under_part_3: bool = False  # access may be restricted (Data Protection Act 2018, section 45)
    erased: bool = False


# Searching --------------------------------------------------------------------------------------------------------


def mentions(session: Session, forms: Forms, sought: Sought) -> Iterator[Mention]:
    """Every place that speaks of a person, records first. Walks every row once."""
    beside = office_words(session)
    for submission in walked(session, Submission, Submission.seq):
        texts = [submission.title, submission.place or "", *texts_of(submission.payload)]
        yield from mention(
            sought, f"{RECORD}/{submission.instance_id}", [*texts, *beside.get(submission.instance_id, [])]
        )
    for kept in walked(session, Quarantine, Quarantine.id):
        yield from mention(sought, f"{ASIDE}/{kept.id}", [*texts_of(kept.payload), kept.note or ""])
    parts: dict[str, list[str]] = {}
    for table, whole in PARTS:
        for part in session.exec(select(table)):
            parts.setdefault(getattr(part, whole), []).extend(words_in(part))
    for kind, table, name in PLAIN:
        for row in walked(session, table, getattr(table, name)):
            key = str(getattr(row, name))
            yield from mention(sought, f"{kind}/{key}", [*words_in(row), *parts.get(key, [])])
    for key, texts in cells_of(session, forms).items():
        yield from mention(sought, f"{ROW}/{key}", texts)


def cells_of(session: Session, forms: Forms) -> dict[str, list[str]]:
    """What stands in each row of a list, and what the desk's changes say stood there before."""
    found: dict[str, list[str]] = {}
    for list_name, rows in forms.lists.items():
        for row in rows:
            found.setdefault(f"{list_name}/{row.get('name', '')}", []).extend(str(cell or "") for cell in row.values())
    for change in session.exec(select(ListChange)):
        for row in reference.rows_of(change):
            found.setdefault(f"{change.list_name}/{row.name}", []).extend(texts_in([row.before, row.after]))
    return found


def mention(sought: Sought, where: str, texts: Iterable[str]) -> Iterator[Mention]:
    if found := sought.found_in(texts):
        yield Mention(where, frozenset(found))


# Rows that are looked at with the row whose key they carry.
PARTS: tuple[tuple[Any, str], ...] = (
    (TaskingAction, "item_id"),
    (Attendance, "meeting_id"),
    (AgendaItem, "meeting_id"),
    (Share, "meeting_id"),
    (CaseEntry, "case_id"),
    (CaseAction, "case_id"),
    (PatrolStep, "patrol_id"),
    (DeviceStep, "device_id"),
)
PLAIN: tuple[tuple[str, Any, str], ...] = (
    (TASK, Task, "id"),
    (ITEM, TaskingItem, "id"),
    (MEETING, Meeting, "id"),
    (CASE, Case, "id"),
    (PATROL, Patrol, "id"),
    (FILTER, SavedFilter, "id"),
    (PERSON, Person, "id"),
    (HOLDER, Holder, "seq"),
    (DEVICE, Device, "id"),
)
BESIDE: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (Review, ("note",)),
    (Remark, ("words",)),
    (Correction, ("before", "after", "reason")),
    (Keeping, ("words",)),
    (Emergency, ("reason",)),
    (EmergencyReview, ("words",)),
    (Notice, ("number", "place")),
    (NoticeStep, ("reference", "note")),
    (ReportStep, ("words",)),
)
# Tables in which no words about a person can stand, or only copies of words that stand in one of the above.
WITHOUT_WORDS = frozenset({
    "ledger", "event", "desk_session", "passkey", "authenticator", "invitation", "contact", "flag", "blob",
    "attachment", "gone", "school", "trophy", "patrol_key", "pupil_photo", "redaction", "listing", "listing_flag",
    "tally", "task_result", "pad", "authorisation", "carried_number", "subject_request", "subject_find",
    "identity", "stamp", "patrol_count", "gathered", "arrival",
})  # fmt: skip


def office_words(session: Session) -> dict[str, list[str]]:
    """What the office wrote beside records, by record. Far fewer rows than records."""
    found: dict[str, list[str]] = {}
    for table, names in BESIDE:
        for row in session.exec(select(table)):
            found.setdefault(row.instance_id, []).extend(str(getattr(row, name) or "") for name in names)
    return found


def walked(session: Session, table: type[SQLModel], order: Any) -> Iterator[Any]:
    return iter(session.exec(select(table).order_by(col(order)).execution_options(yield_per=TOGETHER)))


def words_in(row: SQLModel) -> list[str]:
    """Also those in a column that holds more than one text, such as agreed minutes."""
    values = row.model_dump().values()
    return [text for value in values if isinstance(value, str | dict | list) for text in texts_in(value)]


def texts_of(payload: bytes) -> Iterator[str]:
    """Every text in frozen bytes, however deep; the bytes themselves when they are no JSON."""
    try:
        yield from texts_in(json.loads(payload))
    except (ValueError, RecursionError):
        yield payload.decode(errors="replace")


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts_in(inner)


# Showing ----------------------------------------------------------------------------------------------------------


def place_of(session: Session, forms: Forms, where: str, sought: Sought) -> Place | None:
    """One place in passages; None when it is not there any more."""
    kind, _, key = where.partition("/")
    shown = SHOWN[kind](session, forms, key)
    if shown is None:
        return None
    passages = [marked(one, sought) for one in shown.passages]
    return Place(where, shown.title, shown.kind, passages, shown.under_part_3, shown.erased)


def marked(one: Passage, sought: Sought) -> Passage:
    return replace(one, about=THEIRS) if sought.found_in([one.words]) else one


def record(session: Session, forms: Forms, key: str) -> Place | None:
    submission = session.get(Submission, key)
    if submission is None:
        return None
    form = forms.find(submission.form_id, submission.form_version)
    erased = session.get(Redaction, key)
    return Place(
        f"{RECORD}/{key}",
        submission.title,
        form.title if form else submission.form_id,
        [*said(session, forms, form, submission), *photographed(session, form, submission), *written(session, key)],
        under_part_3=retention.regime_of(session, forms, submission) == "le_part3",
        erased=erased is not None and erased.what == redactions.EVERYTHING,
    )


def said(session: Session, forms: Forms, form: Form | None, submission: Submission) -> Iterator[Passage]:
    """When and where, then each answer as it counts, and as the officer left it where it was put right since."""
    yield Passage("received", "Received", submission.received_at.isoformat(timespec="minutes"))
    if submission.latitude is not None:
        yield Passage("position", "Position", f"{submission.latitude}, {submission.longitude}")
    given = submissions.answers_of(submission)
    if form is None:
        for name, value in given.items():
            yield Passage(f"answer:{name}", name, ", ".join(texts_in(value)), FREE, is_personal=True)
        return
    before = {fact.field: fact.words for fact in facts(form, given, forms.lists)}
    for fact in facts(form, corrections.answers_of(session, submission), forms.lists):
        field = form.field(fact.field.rpartition("/")[2])
        is_text = field is None or field.type == "text"
        personal = field is None or field.personal
        about = FREE if is_text else WORKING
        if fact.kind != "photo":
            yield Passage(f"answer:{fact.field}", fact.label, fact.words, about, personal)
            if before.get(fact.field) not in (None, fact.words):
                label = f"{fact.label}, before it was put right"
                yield Passage(f"before:{fact.field}", label, before[fact.field], about, personal)


def photographed(session: Session, form: Form | None, submission: Submission) -> Iterator[Passage]:
    """Each photo that is here; the camera's untouched files stay, for nothing on them is covered."""
    given = submissions.answers_of(submission)
    for photo in submissions.photos_of(session, submission.instance_id):
        if not photo.held or is_original(photo.field):
            continue
        field: Field | None = form.field(photo.field.rpartition("/")[2]) if form else None
        rows = rows_about(given.get(about_name(field.name)), given.get(field.name)) if field else []
        told = row_of(photo.sha256, rows)
        yield Passage(
            f"photo:{photo.position}",
            field.label if field else photo.field,
            str(told.get("caption") or "Photo"),
            photo=photo.sha256,
            of_somebody=field is None or field.personal or told.get("person") in ("adult", "under_18"),
        )


def written(session: Session, key: str) -> Iterator[Passage]:
    """What the office wrote, and what became of a notice."""
    notice = session.get(Notice, key)
    if notice is not None:
        words = f"{notice.number}, given {notice.given_on.isoformat()} at {notice.place}"
        yield Passage("notice", "Notice", words)
        for step in notices.steps_of(session, key):
            told = ", ".join(part for part in (step.kind.value, step.on.isoformat(), step.reference, step.note) if part)
            yield Passage(f"step:{step.seq}", "What became of the notice", told, FREE)
    for label, table, names in (
        ("Decision", Review, ("state", "reason", "note")),
        ("Remark of the office", Remark, ("words",)),
        ("Why it was put right", Correction, ("reason",)),
        ("How long it is kept", Keeping, ("kind", "words")),
        ("What the office did about the report", ReportStep, ("kind", "how", "words")),
        ("Opened in an emergency", Emergency, ("reason",)),
        ("What was found about the emergency", EmergencyReview, ("words",)),
    ):
        for row in session.exec(select(table).where(table.instance_id == key).order_by(col(table.seq))):
            told = ", ".join(str(value) for name in names if (value := getattr(row, name)))
            yield Passage(f"{table.__name__.lower()}:{row.seq}", label, told, FREE)


def aside(session: Session, forms: Forms, key: str) -> Place | None:
    kept = session.get(Quarantine, key)
    if kept is None:
        return None
    passages = [Passage("bytes", "What arrived", "\n".join(texts_of(kept.payload)), FREE)]
    passages += [Passage("note", "What came of it", kept.note, FREE)] if kept.note else []
    return Place(f"{ASIDE}/{key}", kept.detail, "Kept aside", passages)


def task(session: Session, forms: Forms, key: str) -> Place | None:
    row = session.get(Task, key)
    labels = {"title": "Task", "note": "To know", "place": "Where", "reason": "Why it was not done"}
    return plain_place(TASK, "Task", row, labels)


def item(session: Session, forms: Forms, key: str) -> Place | None:
    row = session.get(TaskingItem, key)
    labels = {
        "title": "Item", "problem": "What the problem is", "outcome_wanted": "What good looks like",
        "measure": "How it is measured", "place": "Where", "state_note": "What closed it",
    }  # fmt: skip
    found = plain_place(ITEM, "Tasking group", row, labels)
    if found is None:
        return None
    for action in session.exec(select(TaskingAction).where(TaskingAction.item_id == key)):
        told = {"what": "Action", "owner": "Who owns it", "support": "Who supports", "result": "What came of it"}
        name = tasking.reference(action.number)
        found.passages.extend(
            Passage(f"{name}:{column}", f"{name}, {label}", value, FREE)
            for column, label in told.items()
            if (value := getattr(action, column))
        )
    return found


def meeting(session: Session, forms: Forms, key: str) -> Place | None:
    row = session.get(Meeting, key)
    labels = {
        "id": "Meeting", "place": "Where", "chair": "Chair", "minuter": "Minutes by",
        "hotspots_said": "About hotspots", "plans_said": "About coming events and patrols",
    }  # fmt: skip
    found = plain_place(MEETING, "Meeting of the tasking group", row, labels)
    if found is None or row is None:
        return None
    for seat in papers.seats_of(session, key):
        told = ", ".join(part for part in (seat.person, seat.role, seat.agency, seat.presence.value) if part)
        found.passages.append(Passage(f"seat:{seat.id}", "Invited", told, FREE))
    for taken, item in papers.agenda_of(session, key):
        told = "\n".join(part for part in (item.title, taken.said, taken.decided) if part)
        found.passages.append(Passage(f"taken:{item.id}", f"Said about item {taken.position}", told, FREE))
    for share in shares.of_meeting(session, key):
        told = ", ".join(part for part in (share.summary, share.purpose, share.decided_by) if part)
        found.passages.append(Passage(f"share:{share.number}", f"Share {share.number}", told, FREE))
    if row.minutes is not None:
        told = "\n".join(dict.fromkeys(text for text in texts_in(row.minutes) if " " in text))
        found.passages.append(Passage("minutes", "The minutes as they were agreed", told, FREE))
    return found


def case(session: Session, forms: Forms, key: str) -> Place | None:
    row = session.get(Case, key)
    found = plain_place(CASE, "Case of anti-social behaviour", row, {"title": "Case", "place": "Where"})
    if found is None:
        return None
    for entry in cases.entries(session, key):
        told = ", ".join(part for part in (entry.kind, entry.code, entry.how, entry.words) if part)
        found.passages.append(Passage(f"entry:{entry.seq}", "What was written down", told, FREE))
    for action in cases.actions(session, key):
        told = ", ".join(part for part in (action.kind, action.what, action.notice, action.result) if part)
        found.passages.append(Passage(action.reference, f"Action {action.reference}", told, FREE))
    return found


def patrol(session: Session, forms: Forms, key: str) -> Place | None:
    row = session.get(Patrol, key)
    found = plain_place(PATROL, "Pupils’ patrol", row, {"school": "School", "school_adult": "School’s adult"})
    if found is not None:
        for step in session.exec(select(PatrolStep).where(PatrolStep.patrol_id == key)):
            told = ", ".join(part for part in (step.incident, step.incident_note, step.debrief) if part)
            if told:
                found.passages.append(Passage(f"step:{step.seq}", step.act, told, FREE))
    return found


def saved_filter(session: Session, forms: Forms, key: str) -> Place | None:
    row = session.get(SavedFilter, key)
    return plain_place(FILTER, "Saved filter", row, {"name": "Name", "query": "What it finds"})


def person(session: Session, forms: Forms, key: str) -> Place | None:
    row = session.get(Person, key)
    return plain_place(PERSON, "Account at the desk", row, {"name": "Name", "email": "Email"})


def holder(session: Session, forms: Forms, key: str) -> Place | None:
    row = session.get(Holder, int(key))
    labels = {"name": "Name", "number": "Number on notices"}
    return plain_place(HOLDER, "Who carries a device", row, labels)


def device(session: Session, forms: Forms, key: str) -> Place | None:
    row = session.get(Device, key)
    found = plain_place(DEVICE, "Device", row, {"name": "Name"})
    if found is not None:
        steps = session.exec(select(DeviceStep).where(DeviceStep.device_id == key).order_by(col(DeviceStep.seq)))
        found.passages.extend(Passage(f"step:{one.seq}", one.standing, one.why, FREE) for one in steps if one.why)
    return found


def list_row(session: Session, forms: Forms, key: str) -> Place | None:
    list_name, _, name = key.partition("/")
    row = next((row for row in forms.lists.get(list_name, ()) if str(row.get("name", "")) == name), {})
    changed = session.exec(select(ListChange).where(ListChange.list_name == list_name).order_by(col(ListChange.seq)))
    earlier = [one for change in changed for one in reference.rows_of(change) if one.name == name]
    if not row and not earlier:
        return None
    info = forms.infos.get(list_name)
    labels = {column.name: column.label for column in info.columns} if info else {}
    passages = [
        Passage(column, labels.get(column, column), str(cell), FREE) for column, cell in row.items() if str(cell or "")
    ]
    for number, one in enumerate(earlier):
        told = ", ".join(text for text in texts_in(one.before or one.after) if text)
        passages += [Passage(f"earlier:{number}", "What stood there before", told, FREE)] if told else []
    return Place(f"{ROW}/{key}", str(row.get("label") or name), info.title if info else list_name, passages)


def plain_place(kind: str, called: str, row: Any, labels: dict[str, str]) -> Place | None:
    """A row whose columns are its passages; what it is called is the first of them."""
    if row is None:
        return None
    key = row.seq if kind == HOLDER else row.id
    passages = [Passage(name, label, value, FREE) for name, label in labels.items() if (value := getattr(row, name))]
    return Place(f"{kind}/{key}", passages[0].words if passages else called, called, passages)


SHOWN: dict[str, Callable[[Session, Forms, str], Place | None]] = {
    RECORD: record, ASIDE: aside, TASK: task, ITEM: item, MEETING: meeting, CASE: case, PATROL: patrol,
    FILTER: saved_filter,
    PERSON: person, HOLDER: holder, DEVICE: device, ROW: list_row,
}  # fmt: skip


def log_of(session: Session, where: str) -> list[dict[str, str]]:
    """What happened to a place, without saying which person of the council did it."""
    return [
        {"at": events.instant(event.at), "what": event.kind, "by": ACTORS.get(event.actor.partition(":")[0], "")}
        for event in session.exec(
            select(Event).where(Event.subject == where.partition("/")[2]).order_by(col(Event.seq))
        )
    ]
