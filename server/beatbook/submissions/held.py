"""Held: records that came before their form or its version; they are read as soon as the server has it.

Their bytes, number and receipt stay. What changes is how we read them, so an event seals the row anew.
"""

import json
from datetime import datetime

from sqlmodel import Session, col, select

from .. import envelope, events, listings
from ..forms import Forms
from ..models import Device, Event, ReviewState, Submission
from ..settings import Settings
from . import records
from .arrival import keep_what_follows, reading_of

READ = "submission.read"
READ_ANEW = ("title", "place", "held", "warnings", "flags")  # columns that hang on the form


def waiting(session: Session) -> list[Submission]:
    """Oldest first, so that of two records with one number the later one is flagged."""
    return list(session.exec(select(Submission).where(col(Submission.held).is_(True)).order_by(col(Submission.seq))))


def read(session: Session, *, now: datetime, forms: Forms, settings: Settings) -> int:
    """Read what was held and can be read now, as if it had come today with its form known. Returns how many."""
    count = 0
    for submission in waiting(session):
        form = forms.find(submission.form_id, submission.form_version)
        device = session.get(Device, submission.device_id)
        if form is None or device is None:
            continue
        reading = reading_of(
            session,
            envelope.read(submission.payload),
            submission.payload,
            submission.digest,
            device,
            now=submission.received_at,
            forms=forms,
            settings=settings,
        )
        for name in READ_ANEW:
            setattr(submission, name, getattr(reading.submission, name))
        if submission.review_state is ReviewState.RECEIVED:
            submission.review_state = reading.submission.review_state
        session.add(submission)
        keep_what_follows(session, submission, reading)
        listings.changed(session, submission)
        data = {"form": form.form_id, "version": form.version, "row": events.digest_of(records.sealed(submission))}
        if submission.review_state is ReviewState.KEPT:
            data["state"] = submission.review_state
        events.append(session, READ, submission.instance_id, actor="server", now=now, data=data)
        count += 1
    return count


def seals(session: Session) -> dict[str, str]:
    """How each record that had been held was read since: the digest of its row, by its number."""
    found = session.exec(select(Event).where(Event.kind == READ).order_by(col(Event.seq)))
    return {event.subject: json.loads(event.data)["row"] for event in found}
