"""Arrival: a submission comes from a device and is kept, with everything that follows from it."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from .. import authorisations, designs, events, gone, listings, notices, patrols, redactions, reports, tasking, tasks
from .. import envelope as envelopes
from ..envelope import Envelope, Warning
from ..forms import Form, Forms, answers
from ..forms.expressions import Context
from ..models import Attachment, Blob, CarriedNumber, Device, ReviewState, Role, Submission, insert
from ..problems import IdReused, Redacted
from ..settings import Settings
from . import flags
from .classroom import IN_CLASS, check_in_class, was_looked_at
from .photos import note_complete
from .records import arrival_state, sealed
from .warnings import answer_warnings, clock_warnings, detail_of, device_warnings, form_warnings


class Status(StrEnum):
    """What a device is told of one part of its delivery."""

    STORED = "stored"
    ALREADY = "already"  # the same bytes came before
    HELD = "held"  # kept, but its form or the version of it is not known here yet
    REFUSED = "refused"


@dataclass(frozen=True)
class Received:
    submission: Submission
    again: bool
    detail: str | None  # a sentence for the person, when there is something to say

    @property
    def status(self) -> Status:
        if self.again:
            return Status.ALREADY
        return Status.HELD if self.submission.held else Status.STORED


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
    tasks.received(session, submission, read, device, now=now)
    tasking.received(session, submission, read, now=now)
    reports.received(session, submission, read, now=now)


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
