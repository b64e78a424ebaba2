"""Reviews: what the desk decides about a submission, with the reason, and how a decision is taken back."""

import json
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from .. import events, listings, notices
from ..forms import Forms
from ..models import Person, Review, ReviewState, Submission
from ..problems import AlreadyDecided, ReasonMissing, UndoTooLate
from .records import ARRIVALS, answers_of, get

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


def came_as(session: Session, instance_id: str) -> ReviewState:
    """The state of a submission before anybody decided: as the log says that it came, or was read later."""
    state = ReviewState.RECEIVED
    for event in events.history_of(session, instance_id):
        if event.kind in ARRIVALS:
            state = ReviewState(json.loads(event.data).get("state", state))
    return state


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


def sealed_review(decision: Review) -> dict[str, Any]:
    return events.seal_of(decision, {"seq"})
