"""Verification: recompute the chain, every digest and every attachment, and say what is not as it was recorded.

Every row that matters is sealed by an event: the event carries a digest of the row, the chain covers the event. So a
byte that changed in the log, in a row or in a file is found, and one that changed in an index or in the structure of
the database by SQLite's own check. What a device last said of itself (`contact`) and desk sessions are not covered:
they are overwritten all day and prove nothing.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel, col, select

from . import attachments, envelope, events, flags, gone, keys, people, reference, schools, seal, submissions, wow
from .blobs import digest_of_file
from .events import Fault
from .models import (
    Attachment,
    Blob,
    Device,
    Event,
    Gone,
    Invitation,
    ListChange,
    Passkey,
    Person,
    PreviewState,
    Quarantine,
    RaisedFlag,
    Review,
    ReviewState,
    School,
    Submission,
    Trophy,
)
from .office import Office, open_office
from .problems import Problem
from .settings import Settings

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
            yield from people_faults(session)
            yield from school_faults(session)
            yield from list_faults(session)
            yield from outside_faults(session)
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
    known = 0
    for submission in rows(session, Submission, Submission.seq):
        known += 1
        where = f"submission {submission.instance_id}"
        yield from payload_faults(session, submission, where)
        yield from review_faults(session, submission, where)
        yield from flag_faults(session, submission, where)
        if submission.complete == bool(submissions.missing(session, submission.instance_id)):
            yield Fault(where, "is marked complete" if submission.complete else "is not marked complete")
    received = select(Event).where(Event.kind == "submission.received")
    if known != len(session.exec(received).all()):
        yield Fault("submission", "a row is missing, or there is one too many")
    yield from aside_faults(session)


def payload_faults(session: Session, submission: Submission, where: str) -> Iterator[Fault]:
    if hashlib.sha256(submission.payload).hexdigest() != submission.digest:
        yield Fault(where, "its bytes were changed")
        return
    event = session.get(Event, submission.seq)
    if event is None or (event.kind, event.subject, event.chain) != (
        "submission.received",
        submission.instance_id,
        submission.chain,
    ):
        yield Fault(where, f"event {submission.seq} does not speak of it")
        return
    said = json.loads(event.data)
    if said.get("digest") != submission.digest or said.get("row") != events.digest_of(submissions.sealed(submission)):
        yield Fault(where, "its row was changed")
    yield from listing_faults(session, submission, where)


def listing_faults(session: Session, submission: Submission, where: str) -> Iterator[Fault]:
    try:
        expected = envelope.read(submission.payload).attachments
    except Problem:
        yield Fault(where, "its bytes can no longer be read")
        return
    query = select(Attachment).where(Attachment.instance_id == submission.instance_id)
    listed = session.exec(query.order_by(col(Attachment.position))).all()
    found = [(row.position, row.field, row.sha256, row.size, row.media_type) for row in listed]
    if found != [(n, one.field, one.sha256, one.size, one.media_type) for n, one in enumerate(expected)]:
        yield Fault(where, "its list of photos was changed")


def flag_faults(session: Session, submission: Submission, where: str) -> Iterator[Fault]:
    """What is looked up to find flagged records says the same as the records."""
    found = session.exec(select(RaisedFlag).where(RaisedFlag.instance_id == submission.instance_id)).all()
    if sorted(map(repr, found)) != sorted(map(repr, flags.rows_of(submission))):
        yield Fault(where, "its flags were changed")


def review_faults(session: Session, submission: Submission, where: str) -> Iterator[Fault]:
    """The review state is what the last event about it said."""
    state = ReviewState.RECEIVED
    kinds = ("submission.reviewed", "submission.edited")
    query = select(Event).where(Event.subject == submission.instance_id, col(Event.kind).in_(kinds))
    for event in session.exec(query.order_by(col(Event.seq))):
        if event.kind == "submission.edited":
            state = ReviewState.EDITED
            continue
        said, decision = json.loads(event.data), session.get(Review, event.seq)
        state = ReviewState(said["state"])
        if decision is None or events.digest_of(submissions.sealed_review(decision)) != said["row"]:
            yield Fault(where, f"its review of event {event.seq} was changed")
    if submission.review_state is not state:
        yield Fault(where, f"its state is {submission.review_state}, the log says {state}")


def aside_faults(session: Session) -> Iterator[Fault]:
    for kept in rows(session, Quarantine, Quarantine.id):
        where = f"quarantine {kept.id}"
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
        if submissions.compare(session, instance_id, said["digest"]) != "same":
            yield Fault(f"gone {instance_id}", "is neither listed nor here")


# Attachments ----------------------------------------------------------------------------------------------------


def attachment_faults(session: Session, office: Office) -> Iterator[Fault]:
    for blob in rows(session, Blob, Blob.sha256):
        where = f"attachment {blob.sha256}"
        yield from seal_fault(session, where, blob.sha256, attachments.sealed(blob))
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


# People ---------------------------------------------------------------------------------------------------------


def people_faults(session: Session) -> Iterator[Fault]:
    for device in rows(session, Device, Device.id):
        yield from seal_fault(session, f"device {device.id}", device.id, people.sealed_device(device))
        if ended(session, device.id, "device.retired") != (device.retired_at is not None):
            yield Fault(f"device {device.id}", "whether it is retired was changed")
    for person in rows(session, Person, Person.id):
        yield from person_faults(session, person)
    for passkey in rows(session, Passkey, Passkey.id):
        yield from seal_fault(session, f"passkey {passkey.id}", passkey.id, keys.sealed_passkey(passkey))
        if ended(session, passkey.id, "passkey.ended") != (passkey.ended_at is not None):
            yield Fault(f"passkey {passkey.id}", "whether it was removed was changed")
    for invitation in rows(session, Invitation, Invitation.code_digest):
        subject = invitation.code_digest[:16]
        yield from seal_fault(session, f"invitation {subject}", subject, people.sealed_invitation(invitation))


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
    for change in rows(session, ListChange, ListChange.seq):
        if told.pop(change.seq, {}).get("row") != events.digest_of(reference.sealed(change)):
            yield Fault(f"list {change.list_name}", f"its change of event {change.seq} was changed")
    for seq in told:
        yield Fault("list_change", f"the change of event {seq} is missing")


def seal_fault(session: Session, where: str, subject: str, sealed: dict[str, Any]) -> Iterator[Fault]:
    """The row must be as its first event sealed it."""
    first = session.exec(select(Event).where(Event.subject == subject).order_by(col(Event.seq)).limit(1)).first()
    if first is None:
        yield Fault(where, "no event speaks of it")
    elif json.loads(first.data).get("row") != events.digest_of(sealed):
        yield Fault(where, "its row was changed")


def rows(session: Session, table: type[SQLModel], order: Any) -> Iterator[Any]:
    """A table in slices, so that a million rows need no more memory than a thousand."""
    return iter(session.exec(select(table).order_by(col(order)).execution_options(yield_per=500)))


def report(settings: Settings, tell: Tell) -> int:
    """Say what is found, one line each. Returns the exit code: 0 when nothing is."""
    count = 0
    for fault in verify_folder(settings):
        count += 1
        tell(str(fault))
    if count == 0:
        tell("All is as it was recorded: the chain of events, every record, every photo.")
    return 1 if count else 0
