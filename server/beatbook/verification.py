"""Verification: recompute the chain, every digest and every attachment, and say what is not as it was recorded.

Every row that matters is sealed by an event: the event carries a digest of the row, the chain covers the event. So a
byte that changed in the log, in a row or in a file is found, and one that changed in an index or in the structure of
the database by SQLite's own check. What a device last said of itself (`contact`) and desk sessions are not covered:
they are overwritten all day and prove nothing.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel, col, func, select

from . import (
    attachments,
    authorisations,
    cases,
    envelope,
    events,
    gathered,
    gone,
    keeping,
    listings,
    meetings,
    notices,
    patrols,
    people,
    redactions,
    reference,
    reports,
    saved,
    schools,
    shares,
    submissions,
    tasking,
    tasks,
    wow,
)
from .blobs import digest_of_file
from .events import Fault, seal, stamps
from .models import (
    Attachment,
    Blob,
    Case,
    CaseAction,
    CaseEntry,
    Correction,
    Device,
    Emergency,
    EmergencyReview,
    EntryKind,
    Event,
    Gone,
    Identity,
    Invitation,
    Keeping,
    ListChange,
    Listing,
    ListingFlag,
    Meeting,
    Pad,
    Passkey,
    Patrol,
    PatrolCount,
    PatrolKey,
    PatrolStep,
    Person,
    PreviewState,
    PupilPhoto,
    Quarantine,
    RaisedFlag,
    Redaction,
    Remark,
    ReportStep,
    Review,
    ReviewState,
    SavedFilter,
    School,
    Share,
    Stamp,
    Standing,
    StepKind,
    SubjectRequest,
    Submission,
    Tally,
    Task,
    TaskingAction,
    TaskingItem,
    TaskResult,
    Trophy,
)
from .office import Office, open_office
from .people import emergencies, identities, keys, standing
from .problems import Problem
from .settings import Settings
from .subjects import requests
from .submissions import Comparison, corrections, flags, held, remarks

Tell = Callable[[str], None]


def verify_folder(settings: Settings) -> Iterator[Fault]:
    """Every fault of a data folder, whether a server is running on it or not."""
    file = settings.database_file
    broken = file is not None and seal.is_broken(file)
    kept_seal = seal.seal_of(file).read_text() if file and broken else None
    if broken:
        yield Fault("database", "the file was changed while no Beatbook had it open")
    try:
        office = open_office(settings)
    except (DBAPIError, LookupError, TypeError, ValueError) as error:
        yield Fault("database", f"cannot be opened: {first_line(error)}")
        return
    try:
        yield from verify(office)
    finally:
        office.close()
        if file and kept_seal:
            seal.seal_of(file).write_text(kept_seal)  # looking at a fault must not make it sound


def verify(office: Office) -> Iterator[Fault]:
    """Every fault that can be found by reading."""
    try:
        with office.database.reading() as session:
            yield from structure(session)
            yield from events.verify(session)
            yield from submission_faults(session)
            yield from gone_faults(session)
            yield from attachment_faults(session, office)
            yield from redaction_faults(session, office)
            yield from patrol_faults(session)
            yield from people_faults(session)
            yield from school_faults(session)
            yield from notice_faults(session)
            yield from work_faults(session)
            yield from case_faults(session)
            yield from emergency_faults(session)
            yield from list_faults(session)
            yield from stamp_faults(session, office.settings)
            yield from desk_faults(session, office)
            yield from subject_faults(session)
            yield from outside_faults(session)
            yield from key_faults(office)
    except (DBAPIError, LookupError, TypeError, ValueError) as error:  # a page or a value that cannot even be read
        yield Fault("database", f"cannot be read: {first_line(error)}")


def first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def outside_faults(session: Session) -> Iterator[Fault]:
    """Changes from outside that were noticed when the server started; they stay in the log for good."""
    for event in session.exec(select(Event).where(Event.kind == "database.changed-outside")):
        yield Fault("database", f"the file had been changed from outside, noticed on {event.at:%d %b %Y %H:%M} UTC")


def structure(session: Session) -> Iterator[Fault]:
    """What the database says of itself."""
    if session.get_bind().dialect.name != "sqlite":
        return
    for (answer,) in session.connection().execute(text("PRAGMA integrity_check")):
        if answer != "ok":
            yield Fault("database", answer)
    for table, row, parent, _ in session.connection().execute(text("PRAGMA foreign_key_check")):
        yield Fault(f"{table} row {row}", f"names something that is not in {parent}")


# Submissions ----------------------------------------------------------------------------------------------------


def submission_faults(session: Session) -> Iterator[Fault]:
    known, read_anew = 0, held.seals(session)
    for part in slices(session, Submission, Submission.seq):
        known, beside = known + len(part), Beside(session, part)
        for submission in part:
            where = f"submission {submission.instance_id}"
            yield from payload_faults(session, submission, where, read_anew, beside)
            yield from review_faults(session, submission, where, beside)
            if beside.flags[submission.instance_id] != {
                row.name: row.model_dump() for row in flags.rows_of(submission)
            }:
                yield Fault(where, "its flags were changed")
            if submission.complete == (submission.instance_id in beside.missing):
                yield Fault(where, "is marked complete" if submission.complete else "is not marked complete")
    received = select(func.count()).select_from(Event).where(Event.kind == "submission.received")
    if known != session.exec(received).one():
        yield Fault("submission", "a row is missing, or there is one too many")
    yield from aside_faults(session)


class Beside:
    """What the other tables hold of some submissions, read for all of these together: one by one a million takes hours.

    All but the events by their numbers are found by the submission's id.
    """

    def __init__(self, session: Session, part: Sequence[Submission]) -> None:
        ids, numbers = [one.instance_id for one in part], [one.seq for one in part]

        def of(table: Any, column: Any) -> Iterator[Any]:
            return iter(session.exec(select(table).where(col(column).in_(ids))))

        kinds = (*submissions.ARRIVALS, "submission.reviewed", "submission.edited")
        told = select(Event).where(col(Event.subject).in_(ids), col(Event.kind).in_(kinds)).order_by(col(Event.seq))
        arrivals = select(Event).where(col(Event.seq).in_(numbers))
        self.by_seq = {event.seq: event for event in session.exec(arrivals)}
        self.told: dict[str, list[Event]] = defaultdict(list)
        for event in session.exec(told):
            self.told[event.subject].append(event)
        self.erased = {row.subject: row for row in of(Redaction, Redaction.subject)}
        self.tasks = {row.instance_id: row.task_id for row in of(TaskResult, TaskResult.instance_id)}
        self.decisions = {row.seq: row for row in of(Review, Review.instance_id)}
        self.flags: dict[str, dict[str, Any]] = defaultdict(dict)
        for row in of(RaisedFlag, RaisedFlag.instance_id):
            self.flags[row.instance_id][row.name] = row.model_dump()
        self.photos: dict[str, list[Attachment]] = defaultdict(list)
        for row in of(Attachment, Attachment.instance_id):
            self.photos[row.instance_id].append(row)
        self.missing = submissions.missing_some(session, ids)


def payload_faults(
    session: Session, submission: Submission, where: str, read_anew: dict[str, str], beside: Beside
) -> Iterator[Fault]:
    """The row is as its arrival sealed it, or, when it was held then, as its reading did."""
    erased = beside.erased.get(submission.instance_id)
    stands = submission.digest if erased is None else erased.digest
    if hashlib.sha256(submission.payload).hexdigest() != stands:
        yield Fault(where, "its bytes were changed")
        return
    event = beside.by_seq.get(submission.seq)
    if event is None or (event.kind, event.subject, event.chain) != (
        "submission.received",
        submission.instance_id,
        submission.chain,
    ):
        yield Fault(where, f"event {submission.seq} does not speak of it")
        return
    said = json.loads(event.data)
    row = read_anew.get(submission.instance_id, said.get("row"))
    if erased is not None and erased.what == redactions.EVERYTHING:
        row = redactions.resealed(session, event)
    if said.get("digest") != submission.digest or row != events.digest_of(submissions.sealed(submission)):
        yield Fault(where, "its row was changed")
    yield from listing_faults(submission, where, beside)


def listing_faults(submission: Submission, where: str, beside: Beside) -> Iterator[Fault]:
    try:
        read = envelope.read(submission.payload)
    except Problem:
        yield Fault(where, "its bytes can no longer be read")
        return
    if beside.tasks.get(submission.instance_id) != read.task_id:
        yield Fault(where, "which task it was made on was changed")
    listed = sorted(beside.photos[submission.instance_id], key=lambda row: row.position)
    found = [(row.position, row.field, row.sha256, row.size, row.media_type) for row in listed]
    if found != [(n, one.field, one.sha256, one.size, one.media_type) for n, one in enumerate(read.attachments)]:
        yield Fault(where, "its list of photos was changed")


def review_faults(session: Session, submission: Submission, where: str, beside: Beside) -> Iterator[Fault]:
    """The review state is what the last event about it said."""
    state = ReviewState.RECEIVED
    for event in beside.told[submission.instance_id]:
        if event.kind == "submission.edited":
            state = ReviewState.EDITED
            continue
        said = json.loads(event.data)
        state = ReviewState(said.get("state", state))
        if event.kind in submissions.ARRIVALS:
            continue
        decision = beside.decisions.get(event.seq)
        row = redactions.resealed(session, event) if submission.instance_id in beside.erased else said.get("row")
        if decision is None or events.digest_of(submissions.sealed_review(decision)) != row:
            yield Fault(where, f"its review of event {event.seq} was changed")
    if submission.review_state is not state:
        yield Fault(where, f"its state is {submission.review_state}, the log says {state}")


def aside_faults(session: Session) -> Iterator[Fault]:
    for kept in rows(session, Quarantine, Quarantine.id):
        where = f"quarantine {kept.id}"
        if session.get(Redaction, f"aside:{kept.id}") is not None:
            said = newest_of(session, kept.id, submissions.ASIDE_ERASED)
            yield from sealed_fault(where, said, submissions.sealed_erased(kept))
            continue
        if hashlib.sha256(kept.payload).hexdigest() != kept.digest:
            yield Fault(where, "its bytes were changed")
        yield from seal_fault(session, where, kept.id, submissions.sealed_aside(kept))
        resolved = select(Event).where(Event.subject == kept.id, Event.kind == submissions.LOOKED_AT)
        event = session.exec(resolved.order_by(col(Event.seq).desc())).first()
        said = json.loads(event.data).get("row") if event else None
        if said != (events.digest_of(submissions.sealed_outcome(kept)) if kept.resolved_at else None):
            yield Fault(where, "what came of it was changed")


def gone_faults(session: Session) -> Iterator[Fault]:
    """A record that was noticed to be gone is on the list, or it has come back."""
    told = {event.subject: json.loads(event.data) for event in gone.noticed(session)}
    for row in rows(session, Gone, Gone.instance_id):
        said = told.pop(row.instance_id, {})
        if said.get("row") != events.digest_of(gone.sealed(row)):
            yield Fault(f"gone {row.instance_id}", "its row was changed")
    for instance_id, said in told.items():
        if submissions.compare(session, instance_id, said["digest"]) not in (Comparison.SAME, Comparison.REDACTED):
            yield Fault(f"gone {instance_id}", "is neither listed nor here")


# The desk --------------------------------------------------------------------------------------------------------


def desk_faults(session: Session, office: Office) -> Iterator[Fault]:
    yield from said_faults(session, Remark, set(remarks.KINDS.values()), remarks.sealed)
    yield from said_faults(session, Correction, {corrections.KIND}, corrections.sealed)
    yield from said_faults(session, Keeping, set(keeping.KINDS.values()), keeping.sealed)
    for row in rows(session, SavedFilter, SavedFilter.id):
        where = f"saved filter {row.id}"
        if session.get(Redaction, f"filter:{row.id}") is None:
            yield from seal_fault(session, where, row.id, saved.sealed(row))
        else:
            yield from sealed_fault(where, newest_of(session, row.id, saved.ERASED), saved.sealed(row))
        ended = select(Event).where(Event.subject == row.id, Event.kind == saved.ENDED)
        if (session.exec(ended).first() is None) != (row.ended_at is None):
            yield Fault(where, "whether it was removed was changed")
    yield from listing_table_faults(session)
    yield from figure_faults(session, office)


def said_faults(
    session: Session,
    table: type[Remark] | type[Correction] | type[Keeping],
    kinds: set[str],
    sealed: Callable[[Any], dict[str, Any]],
) -> Iterator[Fault]:
    """Each row stands as its own event sealed it, and none is missing."""
    name, known = table.__name__.lower(), 0
    for row in rows(session, table, table.seq):
        known += 1
        event = session.get(Event, row.seq)
        if event is None or event.kind not in kinds or event.subject != row.instance_id:
            yield Fault(f"{name} {row.seq}", "no event speaks of it")
        elif redactions.resealed(session, event) != events.digest_of(sealed(row)):
            yield Fault(f"{name} {row.seq}", "was changed")
    told = session.exec(select(func.count()).select_from(Event).where(col(Event.kind).in_(kinds))).one()
    if known != told:
        yield Fault(name, "a row is missing, or there is one too many")


def listing_table_faults(session: Session) -> Iterator[Fault]:
    """A record that the desk's lists leave out, or show in another state, would never be reviewed."""
    twin = col(Listing.seq) == col(Submission.seq)
    same = (
        (col(Listing.instance_id) == col(Submission.instance_id))
        & (col(Listing.form_id) == col(Submission.form_id))
        & (col(Listing.device_id) == col(Submission.device_id))
        & (col(Listing.state) == col(Submission.review_state))
        & (col(Listing.complete) == col(Submission.complete))
    )
    query = select(Submission.instance_id).where(submissions.of_form(None)).join(Listing, twin, isouter=True)
    for instance_id in session.exec(query.where(col(Listing.seq).is_(None) | ~same)):
        yield Fault(f"submission {instance_id}", "the desk's list shows it otherwise, or not at all")
    yield from tally_faults(session)
    yield from term_faults(session)


def tally_faults(session: Session) -> Iterator[Fault]:
    """The tallies of all time, then those of each month and its days: so that few are held at a time."""
    days = session.connection().execute(sa.select(col(Listing.day)).distinct()).scalars().all()
    for month in ["", *sorted({day[:7] for day in days})]:
        spans = ("",) if not month else (f"m{month}", *(f"d{month}-{day:02}" for day in range(1, 32)))
        found = sa.select(*listings.TALLIES.columns).where(col(Tally.number) != 0, col(Tally.span).in_(spans))
        if tallied_in_fact(session, month) != {tuple(row[:-1]): row[-1] for row in session.connection().execute(found)}:
            yield Fault("tally", "the desk's counts are not those of its list")
            return
    known = (
        sa.select(func.count())
        .select_from(Tally)
        .where(
            col(Tally.number) != 0,
            sa.func.substr(col(Tally.span), 2, 7).not_in({day[:7] for day in days}),
            col(Tally.span) != "",
        )
    )
    if session.connection().execute(known).scalar_one():
        yield Fault("tally", "the desk counts what is not in its list")


def tallied_in_fact(session: Session, month: str) -> dict[tuple[Any, ...], int]:
    """What the tallies of a month and its days should be; of no month those of all time."""
    day = col(Listing.day) if month else sa.literal("0001-01-01")
    key, counted = (col(Listing.form_id), col(Listing.state), col(Listing.complete)), Counter[tuple[Any, ...]]()
    plain = sa.select(day, col(Listing.cell), *key, func.count()).group_by(day, col(Listing.cell), *key)
    flagged = sa.select(day, col(ListingFlag.flag), *key, func.count()).group_by(day, col(ListingFlag.flag), *key)
    flagged = flagged.join(ListingFlag, col(ListingFlag.seq) == col(Listing.seq))
    if month:
        of_month = col(Listing.day).between(month, f"{month}-99")
        plain, flagged = plain.where(of_month), flagged.where(of_month)
    for on, cell, *rest, number in session.connection().execute(plain):
        for tallied in listings.tallies_of(on, cell, ()):
            if bool(tallied["span"]) == bool(month):
                counted[*tallied.values(), *rest] += number
    for on, flag, *rest, number in session.connection().execute(flagged):
        for tallied in listings.tallies_of(on, None, [flag]):
            if tallied["flag"] and bool(tallied["span"]) == bool(month):
                counted[*tallied.values(), *rest] += number
    return dict(counted)


def figure_faults(session: Session, office: Office) -> Iterator[Fault]:
    """What hotspots and figures sum up is what the records of the last weeks say."""
    zone = ZoneInfo(office.settings.time_zone)
    today = office.clock().astimezone(zone).date()
    names = gathered.names_of(office.forms, gathered.side_on(office.forms, today))
    numbers = gathered.numbers_since(session, gathered.since_ever(office.forms, today))
    for start in range(0, len(numbers), gathered.TOGETHER):
        part = numbers[start : start + gathered.TOGETHER]
        if gathered.in_fact(session, part, names, zone) != gathered.kept(session, part):
            yield Fault("gathered", f"what the places of records {part[0]} to {part[-1]} count is not what they say")
    weeks = listings.arrivals(session)
    if weeks and weeks != listings.arrivals_in_fact(session, date.fromisoformat(min(week for week, _ in weeks))):
        yield Fault("arrival", "the desk's times on the way are not those of its records")


def term_faults(session: Session) -> Iterator[Fault]:
    """What SQLite's index is told of a record, by which filters find it, is what its row says."""
    if session.get_bind().dialect.name != "sqlite":
        return
    told = sa.text("SELECT rowid, terms FROM listing_words WHERE rowid BETWEEN :first AND :last")
    for part in slices(session, Listing, Listing.seq):
        ends = {"first": part[0].seq, "last": part[-1].seq}
        terms = {row[0]: row[1] for row in session.connection().execute(told, ends)}
        raised = listings.flags_of_many(session, [row.seq for row in part])
        for row in part:
            if terms.get(row.seq) != listings.terms_of(row, raised[row.seq]):
                yield Fault(f"submission {row.instance_id}", "the desk's search shows it otherwise, or not at all")


# Attachments ----------------------------------------------------------------------------------------------------


def attachment_faults(session: Session, office: Office) -> Iterator[Fault]:
    for blob in rows(session, Blob, Blob.sha256):
        where = f"attachment {blob.sha256}"
        said = newest_of(session, blob.sha256, attachments.RECEIVED)  # one that was let go may have come again
        yield from sealed_fault(where, said, attachments.sealed(blob))
        yield from file_faults(office, where, blob.sha256, size=blob.size)
        if blob.preview is PreviewState.MADE:
            for made in (blob.preview_sha256, blob.thumbnail_sha256):
                yield from file_faults(office, f"preview of {blob.sha256}", made or "")


def file_faults(office: Office, where: str, sha256: str, size: int | None = None) -> Iterator[Fault]:
    path = office.blobs.path(sha256)
    try:
        if size is not None and path.stat().st_size != size:
            yield Fault(where, f"its file has {path.stat().st_size} bytes instead of {size}")
        elif digest_of_file(path) != sha256:
            yield Fault(where, "its file was changed")
    except OSError:
        yield Fault(where, "its file is missing")


def key_faults(office: Office) -> Iterator[Fault]:
    """With a key that was changed nobody opens what phones have sealed to it. A restore brings it from the backup."""
    for name in office.parcel_keys.damaged():
        yield Fault(f"key {name}", "was changed or cannot be read")


# Erased ---------------------------------------------------------------------------------------------------------


def redaction_faults(session: Session, office: Office) -> Iterator[Fault]:
    """Every erasure is as its newest event sealed it, every such event has its row, and an erased photo is gone."""
    told = newest(session, (redactions.RECORD, redactions.PHOTO, redactions.BESIDE))
    for row in rows(session, Redaction, Redaction.subject):
        said = told.pop(row.subject, {})
        if said.get("row") != events.digest_of(redactions.sealed(row)):
            yield Fault(f"erasure of {row.subject}", "its row was changed")
        if row.kind == "attachment" and session.get(Blob, row.subject) is None and office.blobs.has(row.subject):
            yield Fault(f"attachment {row.subject}", "was erased and its file is still here")
    for subject in told:
        yield Fault(f"erasure of {subject}", "its row is missing")


def newest(session: Session, kinds: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What the newest of such events says about each subject."""
    found = session.exec(select(Event).where(col(Event.kind).in_(kinds)).order_by(col(Event.seq)))
    return {event.subject: json.loads(event.data) for event in found}


def newest_of(session: Session, subject: str, kind: str) -> dict[str, Any]:
    """What the newest such event says about one thing."""
    query = select(Event).where(Event.subject == subject, Event.kind == kind).order_by(col(Event.seq).desc())
    event = session.exec(query.limit(1)).first()
    return json.loads(event.data) if event else {}


# Patrols --------------------------------------------------------------------------------------------------------


def patrol_faults(session: Session) -> Iterator[Fault]:
    opened = newest(session, ("patrol.opened",))
    for patrol in rows(session, Patrol, Patrol.id):
        yield from sealed_fault(f"patrol {patrol.id}", opened.pop(patrol.id, {}), patrols.patrol.sealed(patrol))
    steps = {
        event.seq: json.loads(event.data) for event in session.exec(select(Event).where(Event.kind == "patrol.step"))
    }
    for event in session.exec(select(Event).where(Event.kind == patrols.patrol.WORDS_ERASED).order_by(col(Event.seq))):
        said = json.loads(event.data)
        steps[said["step"]] = said
    for step in rows(session, PatrolStep, PatrolStep.seq):
        yield from sealed_fault(f"patrol step {step.seq}", steps.pop(step.seq, {}), patrols.patrol.sealed_step(step))
    keys = newest(session, ("patrol.key",))
    for key in rows(session, PatrolKey, PatrolKey.device_id):
        said = keys.pop(f"key:{key.device_id}", {})
        yield from sealed_fault(f"key of {key.device_id}", said, patrols.keys.sealed_key(key))
    kinds = ("patrol.photo-listed", "patrol.photo-decided", "patrol.photo-covered", "patrol.photo-erased")
    photos = newest(session, kinds)
    for photo in rows(session, PupilPhoto, PupilPhoto.sha256):
        said = photos.pop(f"photo:{photo.sha256}", {})
        yield from sealed_fault(f"pupils' photo {photo.sha256}", said, patrols.photos.sealed_photo(photo))
    counted = newest(session, (patrols.tickets.COUNTED,))
    for count in rows(session, PatrolCount, PatrolCount.patrol_id):
        said = counted.pop(count.patrol_id, {})
        yield from sealed_fault(f"counts of {count.patrol_id}", said, patrols.tickets.sealed_count(count))
    for lost in (*opened, *steps, *keys, *photos, *counted):
        yield Fault(f"patrol {lost}", "its row is missing")


def sealed_fault(where: str, said: dict[str, Any], sealed: dict[str, Any]) -> Iterator[Fault]:
    if said.get("row") != events.digest_of(sealed):
        yield Fault(where, "its row was changed")


# People ---------------------------------------------------------------------------------------------------------


def people_faults(session: Session) -> Iterator[Fault]:
    for device in rows(session, Device, Device.id):
        yield from device_faults(session, device)
    yield from standing_faults(session)
    for person in rows(session, Person, Person.id):
        yield from person_faults(session, person)
    for passkey in rows(session, Passkey, Passkey.id):
        yield from seal_fault(session, f"passkey {passkey.id}", passkey.id, keys.sealed_passkey(passkey))
        if ended(session, passkey.id, "passkey.ended") != (passkey.ended_at is not None):
            yield Fault(f"passkey {passkey.id}", "whether it was removed was changed")
    yield from identity_faults(session)
    for invitation in rows(session, Invitation, Invitation.code_digest):
        subject = invitation.code_digest[:16]
        yield from seal_fault(session, f"invitation {subject}", subject, people.sealed_invitation(invitation))


def identity_faults(session: Session) -> Iterator[Fault]:
    """Whoever changed one of these would sign in as somebody else."""
    known = 0
    for row in rows(session, Identity, Identity.seq):
        known += 1
        where = f"identity of person {row.person_id}"
        yield from event_fault(session, where, row.seq, identities.CONNECTED, row.person_id, identities.sealed(row))
    if known != len(session.exec(events_of([identities.CONNECTED])).all()):
        yield Fault("identity", "a row is missing, or there is one too many")


def emergency_faults(session: Session) -> Iterator[Fault]:
    """Who opened what, why, and what was found: each row as its event sealed it, and none missing."""
    known = 0
    for row in rows(session, Emergency, Emergency.seq):
        known += 1
        where, kind = f"emergency {row.seq}", emergencies.OPENED
        yield from event_fault(session, where, row.seq, kind, row.instance_id, emergencies.sealed(row))
    for row in rows(session, EmergencyReview, EmergencyReview.seq):
        known += 1
        where, kind = f"review of emergency {row.emergency}", emergencies.REVIEWED
        yield from event_fault(session, where, row.seq, kind, row.instance_id, emergencies.sealed(row))
    if known != len(session.exec(events_of([emergencies.OPENED, emergencies.REVIEWED])).all()):
        yield Fault("emergency", "a row is missing, or there is one too many")


def device_faults(session: Session, device: Device) -> Iterator[Fault]:
    """As it was enrolled, or got another token because the answer had gone astray; and as the desk's steps led to."""
    where = f"device {device.id}"
    found = session.exec(events_of(["device.enrolled", people.REPEATED]).where(Event.subject == device.id))
    said = [json.loads(event.data) for event in sorted(found, key=lambda event: event.seq)]
    if not said or said[-1].get("row") != events.digest_of(people.sealed_device(device)):
        yield Fault(where, "its row was changed")
    if ended(session, device.id, "device.retired") != (device.retired_at is not None):
        yield Fault(where, "whether it is retired was changed")
    if not standing.stands(session, device, said[0].get("standing", Standing.IN_USE) if said else ""):
        yield Fault(where, "how it stands was changed")


def standing_faults(session: Session) -> Iterator[Fault]:
    kept = 0
    for step in standing.all_steps(session):
        kept += 1
        where = f"step {step.seq} of device {step.device_id}"
        yield from event_fault(
            session, where, step.seq, standing.KINDS[step.standing], step.device_id, standing.sealed(step)
        )
    if kept != len(session.exec(events_of(list(standing.KINDS.values()))).all()):
        yield Fault("device_step", "a row is missing, or there is one too many")


def stamp_faults(session: Session, settings: Settings) -> Iterator[Fault]:
    """Whoever rewrote the log could not make the authority sign what it says now."""
    known = 0
    for row in rows(session, Stamp, Stamp.seq):
        known += 1
        yield from event_fault(session, f"stamp {row.seq}", row.seq, stamps.STAMPED, "log", stamps.sealed(row))
    if known != len(session.exec(events_of([stamps.STAMPED])).all()):
        yield Fault("stamp", "a row is missing, or there is one too many")
    for where, what in stamps.faults(session, settings.tsa_root):
        yield Fault(where, what)


def school_faults(session: Session) -> Iterator[Fault]:
    """What a school chose is as it last chose it; a trophy is as it was announced."""
    chosen = {event.subject: event for event in session.exec(select(Event).where(Event.kind == schools.CHOSEN))}
    for school in rows(session, School, School.id):
        event = chosen.pop(f"school:{school.id}", None)
        if event is None or json.loads(event.data).get("row") != events.digest_of(schools.sealed(school)):
            yield Fault(f"school {school.id}", "what it chose was changed")
    for subject in chosen:
        yield Fault(subject, "what it chose is missing")
    announced = {event.subject for event in session.exec(select(Event).where(Event.kind == wow.ANNOUNCED))}
    for trophy in session.exec(select(Trophy)):
        subject = wow.subject_of(trophy)
        announced.discard(subject)
        yield from seal_fault(session, subject, subject, wow.sealed(trophy))
    for subject in announced:
        yield Fault(subject, "its row is missing")


def notice_faults(session: Session) -> Iterator[Fault]:
    """Notices, what became of them, and who might give them: each row as its own event sealed it, and none gone."""
    kept = {"notice.given": 0, "notice": 0, "device": 0}
    for where, seq, kind, subject, sealed in notices.sealed_rows(session):
        kept["notice.given" if kind == "notice.given" else "notice"] += 1
        yield from event_fault(session, where, seq, kind, subject, sealed)
    for where, row in authorisations.rows(session):
        kept["device"] += 1
        yield from event_fault(session, where, row.seq, None, row.device_id, authorisations.sealed(row))
    coded = {json.loads(event.data)["code"]: event for event in session.exec(events_of(["device.coded"]))}
    for pad in rows(session, Pad, Pad.code):
        said = coded.pop(pad.code, None)
        if said is None or json.loads(said.data)["row"] != events.digest_of(authorisations.sealed_pad(pad)):
            yield Fault(f"pad {pad.code}", "its row was changed")
    told = {
        "notice.given": len(session.exec(events_of(["notice.given"])).all()),
        "notice": len(session.exec(events_of([f"notice.{kind}" for kind in StepKind])).all()),
        "device": len(session.exec(events_of(["device.handed", "device.authorised", "device.unauthorised"])).all()),
    }
    if told != kept or coded:
        yield Fault("notices", "a row is missing, or there is one too many")


def events_of(kinds: list[str]) -> Any:
    return select(Event).where(col(Event.kind).in_(kinds))


def event_fault(
    session: Session, where: str, seq: int, kind: str | None, subject: str, sealed: dict[str, Any]
) -> Iterator[Fault]:
    """The row must be as the event with its number sealed it."""
    event = session.get(Event, seq)
    if event is None or event.subject != subject or kind not in (None, event.kind):
        yield Fault(where, f"event {seq} does not speak of it")
    elif redactions.resealed(session, event) != events.digest_of(sealed):
        yield Fault(where, "its row was changed")


def person_faults(session: Session, person: Person) -> Iterator[Fault]:
    """A person may change: the row must be as the last event that changed it sealed it."""
    where, kinds = f"person {person.id}", ("person.added", *people.PERSON_CHANGES)
    query = select(Event).where(Event.subject == person.id, col(Event.kind).in_(kinds)).order_by(col(Event.seq).desc())
    last = session.exec(query.limit(1)).first()
    if last is None:
        yield Fault(where, "no event speaks of it")
    elif json.loads(last.data).get("row") != events.digest_of(people.sealed_person(person)):
        yield Fault(where, "its row was changed")
    if ended(session, person.id, "person.ended") != (person.ended_at is not None):
        yield Fault(where, "whether the account is closed was changed")


def ended(session: Session, subject: str, kind: str) -> bool:
    return session.exec(select(Event.seq).where(Event.subject == subject, Event.kind == kind)).first() is not None


def list_faults(session: Session) -> Iterator[Fault]:
    """Reference data: each change is as its event sealed it, and none is missing."""
    told = {
        event.seq: json.loads(event.data)
        for event in session.exec(select(Event).where(Event.kind == reference.CHANGED))
    }
    for event in session.exec(events_of([reference.LIST_FORGOTTEN]).order_by(col(Event.seq))):
        for seq, digest in json.loads(event.data)["resealed"].items():
            told.setdefault(int(seq), {})["row"] = digest
    for change in rows(session, ListChange, ListChange.seq):
        if told.pop(change.seq, {}).get("row") != events.digest_of(reference.sealed(change)):
            yield Fault(f"list {change.list_name}", f"its change of event {change.seq} was changed")
    for seq in told:
        yield Fault("list_change", f"the change of event {seq} is missing")


def subject_faults(session: Session) -> Iterator[Fault]:
    """Requests of people are as they were last noted, each decision too, and no place that was found is missing."""
    opened = newest(session, (requests.OPENED,))
    noted = newest(session, (requests.OPENED, requests.SEARCHED, requests.RELEASED, requests.ENDED, requests.FORGOTTEN))
    decided = newest(session, (requests.DECIDED,))
    for row in rows(session, SubjectRequest, SubjectRequest.id):
        opened.pop(row.id, None)
        said, found = noted.get(row.id, {}), requests.finds(session, row.id)
        yield from sealed_fault(f"request {row.id}", said, requests.sealed(row))
        if said.get("found", 0) != len(found):
            yield Fault(f"request {row.id}", "a place that was found is missing, or there is one too many")
        for find in found:
            subject = requests.subject_of(find)
            if subject in decided or find.verdict != requests.WAITING:
                yield from sealed_fault(
                    f"decision about {subject}", decided.get(subject, {}), requests.sealed_find(find)
                )
    for subject in opened:
        yield Fault(f"request {subject}", "its row is missing")


# Tasks and the tasking group -------------------------------------------------------------------------------------


def work_faults(session: Session) -> Iterator[Fault]:
    """Each row is as the newest event about it sealed it, and none is missing."""
    for task in rows(session, Task, Task.id):
        yield from newest_seal_fault(session, f"task {task.id}", task.id, tasks.sealed(task), seq=task.seq)
    for item in rows(session, TaskingItem, TaskingItem.id):
        yield from newest_seal_fault(session, f"tasking item {item.id}", item.id, tasking.sealed(item))
    for action in rows(session, TaskingAction, TaskingAction.number):
        name = tasking.reference(action.number)
        yield from newest_seal_fault(session, f"action {name}", name, tasking.sealed(action))
    for meeting in rows(session, Meeting, Meeting.id):
        yield from newest_seal_fault(session, f"meeting {meeting.id}", meeting.id, meetings.sealed(session, meeting))
    for share in rows(session, Share, Share.number):
        yield from newest_seal_fault(session, f"share {share.number}", shares.subject_of(share), shares.sealed(share))
    for table, kind in (
        (Task, tasks.MADE),
        (TaskingItem, tasking.RAISED),
        (TaskingAction, tasking.ACTION_MADE),
        (Meeting, meetings.PLANNED),
        (Share, shares.MADE),
    ):
        made = session.exec(select(func.count()).select_from(Event).where(Event.kind == kind)).one()
        if made != session.exec(select(func.count()).select_from(table)).one():
            yield Fault(str(table.__tablename__), "a row is missing, or there is one too many")


def case_faults(session: Session) -> Iterator[Fault]:
    """Cases and their actions are as last sealed, their entries and the steps of reports as they were made."""
    for case in rows(session, Case, Case.id):
        yield from newest_seal_fault(session, f"case {case.number}", case.id, cases.sealed(case))
        yield from entry_faults(session, case)
    for action in rows(session, CaseAction, CaseAction.reference):
        yield from newest_seal_fault(session, f"action {action.reference}", action.reference, cases.sealed(action))
    for step in rows(session, ReportStep, ReportStep.seq):
        where, kind = f"step {step.seq} of report {step.instance_id}", reports.KINDS[step.kind]
        yield from event_fault(session, where, step.seq, kind, step.instance_id, reports.sealed(step))
    for table, kinds in (
        (Case, [cases.KINDS[EntryKind.OPENED]]),
        (CaseEntry, list(cases.KINDS.values())),
        (CaseAction, [cases.ACTION_MADE]),
        (ReportStep, list(reports.KINDS.values())),
    ):
        made = session.exec(select(func.count()).select_from(Event).where(col(Event.kind).in_(kinds))).one()
        if made != session.exec(select(func.count()).select_from(table)).one():
            yield Fault(str(table.__tablename__), "a row is missing, or there is one too many")


def entry_faults(session: Session, case: Case) -> Iterator[Fault]:
    told: dict[int, str] = {}
    for event in events.history_of(session, case.id):
        said = json.loads(event.data)
        if "entry" in said:
            told[event.seq] = said["entry"]
        told |= {int(seq): digest for seq, digest in said.get("entries", {}).items()}  # when its words were erased
    for entry in cases.entries(session, case.id):
        if told.get(entry.seq) != events.digest_of(cases.sealed_entry(entry)):
            yield Fault(f"entry {entry.seq} of case {case.number}", "its row was changed")


def newest_seal_fault(
    session: Session, where: str, subject: str, sealed: dict[str, Any], seq: int | None = None
) -> Iterator[Fault]:
    """A hold on it, or somebody's wish to have it erased, has a row of its own and says nothing of this one."""
    found = session.exec(select(Event).where(Event.subject == subject).order_by(col(Event.seq).desc()))
    others = keeping.KINDS.values()
    event = next((event for event in found if "row" in json.loads(event.data) and event.kind not in others), None)
    if event is None:
        yield Fault(where, "no event speaks of it")
    elif json.loads(event.data)["row"] != events.digest_of(sealed) or seq not in (None, event.seq):
        yield Fault(where, "its row was changed")


def seal_fault(session: Session, where: str, subject: str, sealed: dict[str, Any]) -> Iterator[Fault]:
    """The row must be as its first event sealed it."""
    first = session.exec(select(Event).where(Event.subject == subject).order_by(col(Event.seq)).limit(1)).first()
    if first is None:
        yield Fault(where, "no event speaks of it")
    elif json.loads(first.data).get("row") != events.digest_of(sealed):
        yield Fault(where, "its row was changed")


def rows(session: Session, table: type[SQLModel], order: Any) -> Iterator[Any]:
    """A table, of which a million rows need no more memory than a thousand."""
    return iter(session.exec(select(table).order_by(col(order)).execution_options(yield_per=SLICE)))


def slices(session: Session, table: type[SQLModel], order: Any) -> Iterator[Sequence[Any]]:
    """The same in slices, so that what lies in other tables beside its rows is read for some hundreds at once."""
    query = select(table).order_by(col(order)).execution_options(yield_per=SLICE)
    return iter(session.exec(query).partitions())


SLICE = 500  # rows


def report(settings: Settings, tell: Tell) -> int:
    """Say what is found, one line each. Returns the exit code: 0 when nothing is."""
    count = 0
    for fault in verify_folder(settings):
        count += 1
        tell(str(fault))
    if count == 0:
        tell("All is as it was recorded: the chain of events, every record, every photo.")
    return 1 if count else 0
