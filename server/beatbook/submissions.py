"""Submissions: receive what devices signed off, find it, review it.

The frozen bytes are the record; the other columns are how we read them. Sending the same submission again changes
nothing and is not an error; other bytes under the same number are kept aside.
"""

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import cos, hypot, radians
from typing import Any

from sqlmodel import Session, and_, col, func, select, update

from . import (
    authorisations,
    designs,
    events,
    flags,
    gone,
    listings,
    notices,
    patrols,
    redactions,
    tasking,
    tasks,
)
from . import envelope as envelopes
from .envelope import Envelope, Warning
from .forms import Field, Form, Forms, answers, is_newer
from .forms.expressions import Context
from .listings import REPORTS, Wanted
from .models import (
    Attachment,
    Blob,
    CarriedNumber,
    Device,
    Ledger,
    Patrol,
    Person,
    PreviewState,
    PupilPhoto,
    Quarantine,
    Redaction,
    Review,
    ReviewState,
    Role,
    Standing,
    Submission,
    insert,
)
from .patrols.tickets import is_built_as_ours
from .problems import (
    AlreadyDecided,
    DeviceRevoked,
    IdReused,
    JsonShape,
    NoteMissing,
    NotFound,
    NotJson,
    PatrolUnknown,
    Problem,
    PupilContent,
    PupilPlace,
    ReasonMissing,
    Redacted,
    UndoTooLate,
    UnknownForm,
)
from .settings import Settings

REASONS = {
    "too_dark": "The photo is too dark or blurred",
    "more_photos": "Another photo is needed",
    "person_in_photo": "A person can be recognised in a photo",
    "wrong_place": "The place is not right",
    "wrong_form": "It belongs on another form",
    "not_clear": "The words are not clear",
    "missing": "Something is missing",
    "duplicate": "It was recorded already",
    "other": "Something else",
}


NEAR = 50.0  # metres
METRES_OF_DEGREE = 111_320.0  # of latitude
MOST_MEASURED = 500  # the newest; a bin that was photographed more often than that has a history of its own


@dataclass(frozen=True)
class Received:
    submission: Submission
    again: bool  # the same bytes came before
    detail: str | None  # a sentence for the person, when there is something to say

    @property
    def status(self) -> str:
        if self.again:
            return "already"
        return "held" if self.submission.held else "stored"


@dataclass(frozen=True)
class Photo:
    """A photo that a submission lists, and what is here of it."""

    field: str
    position: int
    sha256: str
    size: int
    media_type: str
    held: bool
    preview: PreviewState | None
    width: int
    height: int


@dataclass(frozen=True)
class Nearby:
    submission: Submission
    metres: int


# From devices ---------------------------------------------------------------------------------------------------


def receive(
    session: Session, payload: bytes, device: Device, *, now: datetime, forms: Forms, settings: Settings
) -> Received:
    """Keep a submission. The same bytes again answer with the same receipt, for ever.

    Errors: IdReused, NotJson, JsonShape (the bytes belong in quarantine: see `keep_aside`), BadId, Redacted; and for a
    pupils' tablet what patrols.check or check_in_class answers, with nothing kept.
    """
    digest = hashlib.sha256(payload).hexdigest()
    read = envelopes.read(payload)
    known = session.get(Submission, read.instance_id)
    if known is not None:
        if known.digest != digest:
            raise IdReused
        return Received(known, again=True, detail=detail_of(known))
    if redactions.is_redacted(session, read.instance_id):  # see erased.py
        raise Redacted
    if device.role == Role.PUPIL:
        form = forms.find(read.form_id, read.form_version)
        if read.form_id in IN_CLASS:
            check_in_class(session, read, payload, form, forms, now=now)
        else:
            patrols.check(session, read, payload, device, form, lists=designs.with_pictures(session, forms), now=now)
    reading = reading_of(session, read, payload, digest, device, now=now, forms=forms, settings=settings)
    if device.role in patrols.LEADERS:
        led = lead_patrol(session, reading.submission, read, forms=forms, settings=settings, now=now)
        reading.submission.warnings += [warning.to_wire() for warning in led]
    if read.form_id == designs.FORM and was_looked_at(session, read, device, now=now):
        reading.submission.review_state = ReviewState.KEPT
    store(session, reading.submission, read, device, now=now)
    if reading.submission.form_id == patrols.TICKET:
        patrols.took_photos(session, reading.submission, read, now=now)
    keep_what_follows(session, reading.submission, reading)
    return Received(reading.submission, again=False, detail=detail_of(reading.submission))


@dataclass(frozen=True)
class Reading:
    """A submission as the form version it was made with reads it, and what follows from that."""

    submission: Submission
    form: Form | None  # None while its form or version is not known here
    forms: Forms
    given: dict[str, Any]
    numbers: list[CarriedNumber]  # the numbers it carries that no other record may
    is_notice: bool


def reading_of(
    session: Session,
    read: Envelope,
    payload: bytes,
    digest: str,
    device: Device,
    *,
    now: datetime,
    forms: Forms,
    settings: Settings,
) -> Reading:
    form = forms.find(read.form_id, read.form_version)
    context = context_of(session, form, read, device, now=now, forms=forms, settings=settings)
    submission = submission_of(read, payload, digest, device, form, context, now=now, forms=forms, settings=settings)
    is_notice = notices.is_notice(form, read.answers, context)
    if form is not None and is_notice:
        found = notices.warnings(session, form, read.answers, read.instance_id, context)
        submission.warnings += [warning.to_wire() for warning in found]
        flags.raise_for(submission, found)
    flags.raise_for(submission, device_warnings(device))
    numbers = flags.compare_numbers(session, submission, form, read) if form else []
    return Reading(submission, form, forms, read.answers, numbers, is_notice)


def keep_what_follows(session: Session, submission: Submission, reading: Reading) -> None:
    """The place in the lists, the flags and numbers of a submission that is kept, and the notice that it gave."""
    flags.keep(session, submission, reading.numbers)
    listings.put(session, submission, reading.form, reading.given, reading.forms)
    if reading.form is not None and reading.is_notice:
        notices.keep(session, submission, reading.form, reading.given)


IN_CLASS = frozenset({"ticket_design", "wow_tally"})  # what a pupils' tablet sends from its room, with no patrol open


def check_in_class(
    session: Session, read: Envelope, payload: bytes, form: Form | None, forms: Forms, *, now: datetime
) -> None:
    """MT1 to MT3: what a class sends from its room never has a place, nor anything that could hold a name.

    Whatever the form does not ask, or not in that way, is refused. Errors: PupilPlace, UnknownForm, PupilContent;
    PatrolUnknown while the patrol whose grown-up looked has not come.
    """
    if read.has_location:
        raise PupilPlace
    if form is None:
        raise UnknownForm
    context = Context(answers=read.answers, now=read.captured_at or now, lists=forms.lists)
    asked_only = is_built_as_ours(json.loads(payload)) and not holds_more(form.fields, read.answers)
    if read.attachments or not asked_only or answers.problems(form, read.answers, context):
        raise PupilContent
    if read.patrol_id is not None and session.get(Patrol, read.patrol_id) is None:
        raise PatrolUnknown


def was_looked_at(session: Session, read: Envelope, device: Device, *, now: datetime) -> bool:
    """Whether a grown-up approved a picture where it was drawn: on a school's own device, or on a pupils' tablet with
    the PIN of a patrol of that school, which opens only while the patrol does.
    """
    if read.answers.get("adult_ok") != "yes":
        return False
    if device.role == Role.SCHOOL:
        return device.school_id in (None, read.answers.get("school"))
    patrol = session.get(Patrol, read.patrol_id) if read.patrol_id else None
    return (
        device.role == Role.PUPIL
        and patrol is not None
        and patrol.school == read.answers.get("school")
        and patrols.is_inside(session, patrol, read.captured_at, device, now)
    )


def holds_more(fields: Sequence[Field], given: dict[str, Any]) -> bool:
    """Whether there are answers to what was never asked, also within the rows of a repeat."""
    if given.keys() - {field.name for field in fields}:
        return True
    rows = [(field, row) for field in fields if field.type == "repeat" for row in given.get(field.name) or []]
    return any(not isinstance(row, dict) or holds_more(field.fields, row) for field, row in rows)


def lead_patrol(
    session: Session, submission: Submission, read: Envelope, *, forms: Forms, settings: Settings, now: datetime
) -> list[Warning]:
    """What a grown-up's record does with a patrol. One that may not open it is kept like any other record."""
    if submission.form_id == patrols.STEP:
        patrols.took_step(session, submission, read.answers, now=now)
    if submission.form_id != patrols.OPENING:
        return []
    broken = patrols.took_opening(session, submission, read.answers, lists=forms.lists, settings=settings, now=now)
    return [Warning("patrol-rules", "Saved, but the patrol could not open.", name) for name in broken]


def context_of(
    session: Session,
    form: Form | None,
    read: Envelope,
    device: Device,
    *,
    now: datetime,
    forms: Forms,
    settings: Settings,
) -> Context:
    """What the form's expressions see; a form that gives notices also asks what its device was told of itself."""
    own = authorisations.told_to(session, device.id, settings.council) if form is not None and form.issue else ()
    context = forms.context(read.captured_at or now, read.answers, own)
    if form is not None and any(field.from_list == designs.LIST for field in form.fields):
        return replace(context, lists=designs.with_pictures(session, forms))
    return context


def submission_of(
    read: Envelope,
    payload: bytes,
    digest: str,
    device: Device,
    form: Form | None,
    context: Context,
    *,
    now: datetime,
    forms: Forms,
    settings: Settings,
) -> Submission:
    """The row of a submission, read with the form version it was made with."""
    warnings = [
        *form_warnings(read, form, forms, device),
        *clock_warnings(read, now, settings),
        *read.warnings,
        *device_warnings(device),
        *(answer_warnings(form, read.answers, context) if form else []),
    ]
    return Submission(
        instance_id=read.instance_id,
        seq=0,
        chain="",
        epoch="",
        digest=digest,
        payload=payload,
        form_id=read.form_id,
        form_version=read.form_version,
        device_id=device.id,
        received_at=now,
        captured_at=read.captured_at,
        counter=read.counter,
        replaces=read.replaces,
        patrol_id=read.patrol_id,
        title=envelopes.readable(answers.title(form, read.answers, context))
        if form
        else read.form_id or "Unknown form",
        place=envelopes.text_of(read.answers.get("place_text")) or None,
        latitude=read.location.latitude if read.location else None,
        longitude=read.location.longitude if read.location else None,
        accuracy=read.location.accuracy if read.location else None,
        held=form is None,
        warnings=[warning.to_wire() for warning in warnings],
        flags=flags.decide(form, read.answers, context) if form else [],
        review_state=ReviewState.RECEIVED if form is None or form.review else ReviewState.KEPT,
    )


def device_warnings(device: Device) -> list[Warning]:
    """A lost phone delivers what its officer made; whether that is what came, somebody has to look at."""
    if device.standing not in (Standing.LOST, Standing.CLEARING):
        return []
    return [Warning(flags.FROM_LOST, "Saved. It came while its phone was marked as lost.")]


def form_warnings(read: Envelope, form: Form | None, forms: Forms, device: Device) -> list[Warning]:
    newest = forms.newest(read.form_id)
    if newest is None:
        return [Warning("form-unknown", "Kept. A supervisor must match it to a form.")]
    if form is None and is_newer(read.form_version, newest.version):
        return [Warning("form-newer", "Kept. The server will read it after its update.")]
    if form is None:
        return [Warning("form-version-unknown", "Kept. A supervisor must match it to a form.")]
    if newest.withdrawn:
        return [Warning("form-withdrawn", "Saved. This form is no longer in use; a supervisor will check it.")]
    if device.role not in form.audience:
        return [Warning("audience", "Saved. This form is not meant for this device's role.")]
    return []


def clock_warnings(read: Envelope, now: datetime, settings: Settings) -> list[Warning]:
    if read.captured_at is None:
        return []
    off = read.captured_at - now
    ahead, behind = timedelta(seconds=settings.clock_ahead_seconds), timedelta(days=settings.clock_behind_days)
    if -behind <= off <= ahead:
        return []
    return [Warning("clock", f"Saved. This phone's clock is wrong by {duration(abs(off))}.")]


def duration(span: timedelta) -> str:
    """A length of time in one unit: '400 days', '1 hour', '7 minutes'."""
    minutes = round(span.total_seconds() / 60)
    for size, unit in ((60 * 24, "day"), (60, "hour"), (1, "minute")):
        count = round(minutes / size)
        if count >= 1:
            return f"{count} {unit}" + ("s" if count > 1 else "")
    return "less than a minute"


def answer_warnings(form: Form, given: dict[str, Any], context: Context) -> list[Warning]:
    return [Warning(found.code, found.message, found.field) for found in answers.problems(form, given, context)]


def detail_of(submission: Submission) -> str | None:
    """One sentence about the warnings of a submission."""
    to_check = [warning for warning in submission.warnings if warning.get("field")]
    others = [warning["detail"] for warning in submission.warnings if not warning.get("field")]
    if others:
        return others[0]
    if to_check:
        return f"Saved with {len(to_check)} answer{'s' if len(to_check) > 1 else ''} to check."
    return None


def store(session: Session, submission: Submission, read: Envelope, device: Device, *, now: datetime) -> None:
    """Write the row, what it lists and its events, and what follows from it."""
    submission.epoch = events.ledger(session).epoch
    received = events.append(
        session,
        "submission.received",
        submission.instance_id,
        actor=f"device:{submission.device_id}",
        now=now,
        data={
            "digest": submission.digest,
            "form": submission.form_id,
            "row": events.digest_of(sealed(submission)),
            **arrival_state(submission),
        },
    )
    submission.seq, submission.chain = received.seq, received.chain
    submission.complete = all_held(session, read)
    insert(session, submission)
    gone.arrived(session, submission)
    insert(session, *listed_by(submission, read))
    if submission.complete:
        note_complete(session, submission.instance_id, now=now)
    mark_replaced(session, submission, now=now)
    gone.arrived(session, submission)
    tasks.received(session, submission, read, device, now=now)
    tasking.received(session, submission, read, now=now)


def listed_by(submission: Submission, read: Envelope) -> list[Attachment]:
    return [
        Attachment(
            instance_id=submission.instance_id,
            position=position,
            field=listed.field,
            sha256=listed.sha256,
            size=listed.size,
            media_type=listed.media_type,
        )
        for position, listed in enumerate(read.attachments)
    ]


def all_held(session: Session, read: Envelope) -> bool:
    """Promise 3: complete when every attachment it lists is held with that hash and size."""
    listed = {(listed.sha256, listed.size) for listed in read.attachments}
    if not listed:
        return True
    names = [sha256 for sha256, _ in listed]
    held = session.exec(select(Blob.sha256, Blob.size).where(col(Blob.sha256).in_(names)))
    return listed <= {(sha256, size) for sha256, size in held}


def complete_if_whole(session: Session, instance_id: str, *, now: datetime) -> None:
    """The same for a submission that was waiting, after another of its photos has come."""
    if not missing(session, instance_id):
        session.exec(update(Submission).where(col(Submission.instance_id) == instance_id).values(complete=True))
        note_complete(session, instance_id, now=now)
        listings.changed(session, session.get_one(Submission, instance_id, populate_existing=True))


def note_complete(session: Session, instance_id: str, *, now: datetime) -> None:
    events.append(session, "submission.completed", instance_id, actor="server", now=now)


def mark_replaced(session: Session, submission: Submission, *, now: datetime) -> None:
    """A record that was mended: the one it replaces is `edited`, whichever of the two arrives first."""
    replaced = [submission.replaces] if submission.replaces else []
    newer = session.exec(select(Submission.seq).where(Submission.replaces == submission.instance_id)).first()
    if newer is not None:
        replaced.append(submission.instance_id)
    for instance_id in replaced:
        older = session.get(Submission, instance_id)
        if notices.is_given(session, instance_id):
            continue  # a notice that was given stands until it is cancelled
        if older is not None and older.review_state is not ReviewState.EDITED:
            older.review_state = ReviewState.EDITED
            session.add(older)
            events.append(session, "submission.edited", instance_id, actor="server", now=now)
            listings.changed(session, older)


def missing(session: Session, instance_id: str) -> list[str]:
    """SHA-256s that the submission lists and that are not held with the size it says, each once, in its order.

    What was erased here is not missed.
    """
    held = and_(Blob.sha256 == Attachment.sha256, Blob.size == Attachment.size)
    found = session.exec(
        select(Attachment.sha256)
        .join(Blob, held, isouter=True)
        .join(Redaction, and_(Redaction.subject == Attachment.sha256), isouter=True)
        .where(Attachment.instance_id == instance_id, col(Blob.sha256).is_(None), col(Redaction.subject).is_(None))
        .order_by(col(Attachment.position))
    )
    return list(dict.fromkeys(found))


def missing_some(session: Session, instance_ids: Sequence[str]) -> set[str]:
    """Those of some submissions that lack a photo, by the same rule."""
    held = and_(Blob.sha256 == Attachment.sha256, Blob.size == Attachment.size)
    found = session.exec(
        select(Attachment.instance_id)
        .join(Blob, held, isouter=True)
        .join(Redaction, and_(Redaction.subject == Attachment.sha256), isouter=True)
        .where(col(Attachment.instance_id).in_(instance_ids))
        .where(col(Blob.sha256).is_(None), col(Redaction.subject).is_(None))
    )
    return set(found)


def keep_aside(
    session: Session, payload: bytes, device: Device, problem: Problem, *, now: datetime, actor: str | None = None
) -> None:
    """Put bytes that could not become a submission into quarantine, once for the same bytes and reason."""
    digest = hashlib.sha256(payload).hexdigest()
    known = session.exec(
        select(Quarantine).where(
            Quarantine.digest == digest, Quarantine.slug == problem.slug, Quarantine.device_id == device.id
        )
    ).first()
    if known is not None:
        return
    kept = Quarantine(
        id=str(uuid.uuid4()),
        received_at=now,
        device_id=device.id,
        instance_id=envelopes.guess_id(payload),
        digest=digest,
        payload=payload,
        slug=problem.slug,
        detail=problem.detail,
    )
    session.add(kept)
    events.append(
        session,
        "quarantine.kept",
        kept.id,
        actor=actor or f"device:{device.id}",
        now=now,
        data={"digest": digest, "problem": problem.slug, "row": events.digest_of(sealed_aside(kept))},
    )


def aside(session: Session, *, resolved: bool) -> list[tuple[Quarantine, Device]]:
    """What was kept aside and waits for somebody to look, or was looked at; newest first."""
    looked_at = col(Quarantine.resolved_at).is_not(None) if resolved else col(Quarantine.resolved_at).is_(None)
    query = select(Quarantine, Device).join(Device).where(looked_at).order_by(col(Quarantine.received_at).desc())
    return [(kept, device) for kept, device in session.exec(query.limit(MOST_ASIDE))]


def count_aside(session: Session) -> int:
    waiting = select(func.count()).select_from(Quarantine).where(col(Quarantine.resolved_at).is_(None))
    return session.exec(waiting).one()


def get_aside(session: Session, kept_id: str) -> Quarantine:
    """Errors: NotFound."""
    kept = session.get(Quarantine, kept_id)
    if kept is None:
        raise NotFound
    return kept


def resolve_aside(session: Session, kept_id: str, note: str, *, person: Person, now: datetime) -> None:
    """Somebody has looked and says what came of it. The bytes stay. Errors: NotFound, NoteMissing."""
    kept, note = get_aside(session, kept_id), " ".join(note.split())[:1000]
    if not note:
        raise NoteMissing
    kept.resolved_by = person.id
    note_outcome(session, kept, note, actor=f"person:{person.id}", now=now)


def settle_aside(session: Session, kept_id: str, note: str, *, now: datetime) -> None:
    """Nobody need look any more. Errors: NotFound."""
    note_outcome(session, get_aside(session, kept_id), note, actor="server", now=now)


def note_outcome(session: Session, kept: Quarantine, note: str, *, actor: str, now: datetime) -> None:
    kept.resolved_at, kept.note = now, note
    session.add(kept)
    row = events.digest_of(sealed_outcome(kept))
    events.append(session, LOOKED_AT, kept.id, actor=actor, now=now, data={"row": row})


def erase_aside(session: Session, kept: Quarantine, *, now: datetime) -> None:
    """Take the bytes away, and what came of them in words.

    Their digest stays, so they are not kept a second time, and their counter, so that no number seems to be missing.
    """
    stub = {"counter": envelopes.guess_counter(kept.payload), "redacted": [redactions.EVERYTHING]}
    kept.payload, kept.instance_id, kept.note = json.dumps(stub).encode(), None, ""
    kept.resolved_at = kept.resolved_at or now
    session.add(kept)
    data = {"row": events.digest_of(sealed_erased(kept))}
    events.append(session, ASIDE_ERASED, kept.id, actor="server", now=now, data=data)


def take_in(
    session: Session, kept_id: str, *, person: Person, now: datetime, forms: Forms, settings: Settings
) -> Received:
    """Somebody has decided that what came from a stolen or retired device is a record like any other.

    Errors: NotFound, and what `receive` refuses; then it stays aside.
    """
    kept = get_aside(session, kept_id)
    device = session.get(Device, kept.device_id)
    if device is None or not may_take_in(kept) or device.role is Role.PUPIL:
        raise NotFound
    received = receive(session, kept.payload, device, now=now, forms=forms, settings=settings)
    actor = f"person:{person.id}"
    events.append(session, "submission.taken-in", received.submission.instance_id, actor=actor, now=now)
    resolve_aside(session, kept_id, TAKEN_IN, person=person, now=now)
    return received


def may_take_in(kept: Quarantine) -> bool:
    """Only because of the device that it came from was it kept aside."""
    return kept.slug == DeviceRevoked.slug and kept.resolved_at is None


TAKEN_IN = "Taken in as a record"
MOST_ASIDE = 200  # shown at once; when these are dealt with the next appear
LOOKED_AT, ASIDE_ERASED = "quarantine.looked-at", "quarantine.erased"

# Problems after which the bytes are worth keeping for a person to look at.
KEPT_ASIDE = (IdReused, NotJson, JsonShape)


def compare(session: Session, instance_id: str, digest: str) -> str:
    """What is held under a number: `same`, `differs`, `missing`, or `redacted` when some of it was erased here."""
    known = session.get(Submission, instance_id)
    if known is None:  # erased, and the database was then restored from before it came
        return "redacted" if redactions.is_redacted(session, instance_id) else "missing"
    if known.digest != digest:
        return "differs"
    return "redacted" if redactions.is_redacted(session, instance_id) else "same"


def receipt_of(submission: Submission) -> dict[str, Any]:
    return {
        "instanceId": submission.instance_id,
        "digest": submission.digest,
        "epoch": submission.epoch,
        "seq": submission.seq,
        "chain": submission.chain,
        "receivedAt": events.instant(submission.received_at),
    }


# At the desk ----------------------------------------------------------------------------------------------------


def review(
    session: Session,
    instance_id: str,
    state: ReviewState,
    *,
    person: Person,
    now: datetime,
    reason: str | None = None,
    note: str | None = None,
    after: int | None = None,
) -> Review:
    """Decide about a submission, or take a decision back (`received`): it stands as it came. Every decision is kept.

    `after` is the newest decision that the person knew of, or 0 for none.

    Errors: NotFound; NoticeGiven when a notice is sent back or not accepted; AlreadyDecided when there is a newer
    decision of somebody else; ReasonMissing when it is sent back or not accepted without a reason that the officer can
    read.
    """
    submission = get(session, instance_id)
    if state is ReviewState.RECEIVED:
        state = came_as(session, instance_id)
    if after is not None and is_overtaken(session, instance_id, after, person):
        raise AlreadyDecided
    note = " ".join((note or "").split())[:1000] or None  # 1000 characters are a page; more belongs in a conversation
    reason = reason if reason in REASONS else None
    if state in (ReviewState.HAS_ISSUES, ReviewState.REJECTED):
        notices.refuse_given(session, instance_id)
    if not is_explained(state, reason, note):
        raise ReasonMissing
    decision = Review(
        seq=0, instance_id=instance_id, state=state, reason=reason, note=note, person_id=person.id, at=now
    )
    decided = events.append(
        session,
        "submission.reviewed",
        instance_id,
        actor=f"person:{person.id}",
        now=now,
        data={"state": state, "row": events.digest_of(sealed_review(decision))},
    )
    decision.seq = decided.seq
    submission.review_state = state
    session.add(decision)
    session.add(submission)
    listings.changed(session, submission, person_id=person.id)
    return decision


def arrival_state(submission: Submission) -> dict[str, str]:
    """What the event of an arrival says of the state, when that is another than received."""
    return {} if submission.review_state is ReviewState.RECEIVED else {"state": submission.review_state}


def came_as(session: Session, instance_id: str) -> ReviewState:
    """The state of a submission before anybody decided: as the log says that it came, or was read later."""
    state = ReviewState.RECEIVED
    for event in events.history_of(session, instance_id):
        if event.kind in ARRIVALS:
            state = ReviewState(json.loads(event.data).get("state", state))
    return state


ARRIVALS = ("submission.received", "submission.read")


def is_overtaken(session: Session, instance_id: str, after: int, person: Person) -> bool:
    newer = [decision for decision, _ in reviews_of(session, instance_id) if decision.seq > after]
    return bool(newer) and newer[-1].person_id != person.id


def is_explained(state: ReviewState, reason: str | None, note: str | None) -> bool:
    """Whether the officer could read why. Approving explains itself."""
    return (
        state not in (ReviewState.HAS_ISSUES, ReviewState.REJECTED) or reason not in (None, "", "other") or bool(note)
    )


def take_back(session: Session, instance_id: str, *, person: Person, now: datetime) -> Review:
    """Undo a person's own decision: the record stands again as the one before left it.

    Errors: NotFound, UndoTooLate when the newest decision is somebody else's.
    """
    decisions = [decision for decision, _ in reviews_of(session, instance_id)]
    if not decisions or decisions[-1].person_id != person.id:
        raise UndoTooLate
    before = decisions[-2] if len(decisions) > 1 else None
    return review(
        session,
        instance_id,
        before.state if before else ReviewState.RECEIVED,
        person=person,
        now=now,
        reason=before.reason if before else None,
        note=before.note if before else None,
    )


def is_penalty(session: Session, submission: Submission, forms: Forms) -> bool:
    """A penalty or another notice: somebody is asked for something on the strength of this record alone."""
    if notices.is_given(session, submission.instance_id):
        return True
    form = forms.find(submission.form_id, submission.form_version)
    return form is not None and form.regime == "le_part3" and answers_of(submission).get("outcome") == "fpn"


def get(session: Session, instance_id: str) -> Submission:
    """Errors: NotFound."""
    submission = session.get(Submission, instance_id)
    if submission is None:
        raise NotFound
    return submission


def find(
    session: Session,
    *,
    form_id: str | None = None,
    state: ReviewState | None = None,
    complete: bool | None = None,
    flag: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Submission]:
    """Newest first. `before` is the `seq` of the last one of the page before. More ways to ask are in listings.py."""
    wanted = Wanted(form_id=form_id, state=state, complete=complete, flag=flag)
    return listings.find(session, wanted, before=before, limit=limit)


def counts(session: Session, *, form_id: str | None = None) -> dict[ReviewState, int]:
    return listings.facets(session, Wanted(form_id=form_id)).states


def form_counts(session: Session) -> dict[str, int]:
    return listings.facets(session, Wanted()).forms


def of_form(form_id: str | None) -> Any:
    """Those of one form, or all but the reports."""
    return col(Submission.form_id).not_in(REPORTS) if form_id is None else col(Submission.form_id) == form_id


def nearby(session: Session, submission: Submission, *, metres: float = NEAR, most: int = 12) -> list[Nearby]:
    """Other records made close to this one, nearest first."""
    if submission.latitude is None or submission.longitude is None:
        return []
    around = listings.numbers_around(session, submission.latitude, submission.longitude, metres, most=MOST_MEASURED)
    rows = session.exec(
        select(Submission.instance_id, Submission.latitude, Submission.longitude)
        .where(col(Submission.seq).in_(around))
        .where(Submission.instance_id != submission.instance_id)
    )
    here, found = (submission.latitude, submission.longitude), []
    for instance_id, there_latitude, there_longitude in rows:
        far = distance(here, (there_latitude or 0.0, there_longitude or 0.0))
        if far <= metres:
            found.append((far, instance_id))
    near = sorted(found)[:most]
    known = session.exec(select(Submission).where(col(Submission.instance_id).in_([one for _, one in near])))
    by_id = {one.instance_id: one for one in known}
    return [Nearby(by_id[instance_id], round(far)) for far, instance_id in near]


def distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres between two positions that are close to each other; over a few hundred metres the earth is flat."""
    north = (one[0] - other[0]) * METRES_OF_DEGREE
    east = (one[1] - other[1]) * METRES_OF_DEGREE * cos(radians(one[0]))
    return hypot(north, east)


def photos_of(session: Session, instance_id: str) -> list[Photo]:
    return photos_of_many(session, [instance_id])[instance_id]


def photos_of_many(session: Session, instance_ids: Sequence[str]) -> dict[str, list[Photo]]:
    """The photos of a page of submissions, with one query. Pupils' are looked at on their patrol's page (MT11)."""
    found: dict[str, list[Photo]] = {instance_id: [] for instance_id in instance_ids}
    rows = session.exec(
        select(Attachment, Blob)
        .join(Blob, and_(Blob.sha256 == Attachment.sha256), isouter=True)
        .join(PupilPhoto, and_(PupilPhoto.sha256 == Attachment.sha256), isouter=True)
        .where(col(Attachment.instance_id).in_(instance_ids), col(PupilPhoto.sha256).is_(None))
        .order_by(col(Attachment.instance_id), col(Attachment.position))
    )
    for listed, blob in rows:
        found[listed.instance_id].append(
            Photo(
                field=listed.field,
                position=listed.position,
                sha256=listed.sha256,
                size=listed.size,
                media_type=blob.media_type if blob else listed.media_type,
                held=blob is not None and blob.size == listed.size,
                preview=blob.preview if blob else None,
                width=blob.width if blob else 0,
                height=blob.height if blob else 0,
            )
        )
    return found


def reviews_of(session: Session, instance_id: str) -> list[tuple[Review, Person]]:
    """Every decision about a submission, oldest first."""
    rows = session.exec(
        select(Review, Person).join(Person).where(Review.instance_id == instance_id).order_by(col(Review.seq))
    )
    return [(decision, person) for decision, person in rows]


def outcomes_since(session: Session, device_id: str, seq: int) -> list[tuple[Review, Person]]:
    """The newest decision about each of a device's submissions that was reviewed after event `seq`."""
    rows = session.exec(
        select(Review, Person)
        .join(Person)
        .join(Submission, col(Submission.instance_id) == Review.instance_id)
        .where(Submission.device_id == device_id, Review.seq > seq)
        .order_by(col(Review.seq))
    )
    newest = {decision.instance_id: (decision, person) for decision, person in rows}
    return list(newest.values())


def envelope_of(submission: Submission) -> dict[str, Any]:
    """The frozen JSON, parsed."""
    return json.loads(submission.payload)


def answers_of(submission: Submission) -> dict[str, Any]:
    given = envelope_of(submission).get("answers")
    return given if isinstance(given, dict) else {}


def state_of(session: Session) -> Ledger:
    return session.exec(select(Ledger)).one()


# What an event's digest seals of a row, for `verify` -----------------------------------------------------------


def sealed(submission: Submission) -> dict[str, Any]:
    """Every column but those that change later (review state, completeness) and those that the event itself gives."""
    apart = {"seq", "chain", "payload", "complete", "review_state"}
    if not submission.flags:
        apart.add("flags")  # rows of before there were flags keep their seal
    return events.seal_of(submission, apart)


def sealed_review(decision: Review) -> dict[str, Any]:
    return events.seal_of(decision, {"seq"})


def sealed_aside(kept: Quarantine) -> dict[str, Any]:
    return events.seal_of(kept, {"payload", "resolved_at", "resolved_by", "note"})


def sealed_outcome(kept: Quarantine) -> dict[str, Any]:
    assert kept.resolved_at is not None
    return {"at": events.instant(kept.resolved_at), "by": kept.resolved_by, "note": kept.note}


def sealed_erased(kept: Quarantine) -> dict[str, Any]:
    return {**events.seal_of(kept, {"payload"}), "payload": hashlib.sha256(kept.payload).hexdigest()}
