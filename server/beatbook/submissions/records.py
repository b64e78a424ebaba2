"""Records: submissions as they are asked for, one or many, and what stands in each."""

import json
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from .. import events, listings, redactions
from ..listings import REPORTS, Wanted
from ..models import Ledger, ReviewState, Submission
from ..problems import NotFound


class Comparison(StrEnum):
    """What is held under a number, beside what a device has."""

    SAME = "same"
    DIFFERS = "differs"
    MISSING = "missing"
    REDACTED = "redacted"  # some of it was erased here


def compare(session: Session, instance_id: str, digest: str) -> Comparison:
    known = session.get(Submission, instance_id)
    if known is None:  # erased, and the database was then restored from before it came
        return Comparison.REDACTED if redactions.is_redacted(session, instance_id) else Comparison.MISSING
    if known.digest != digest:
        return Comparison.DIFFERS
    return Comparison.REDACTED if redactions.is_redacted(session, instance_id) else Comparison.SAME


def receipt_of(submission: Submission) -> dict[str, Any]:
    return {
        "instanceId": submission.instance_id,
        "digest": submission.digest,
        "epoch": submission.epoch,
        "seq": submission.seq,
        "chain": submission.chain,
        "receivedAt": events.instant(submission.received_at),
    }


def arrival_state(submission: Submission) -> dict[str, str]:
    """What the event of an arrival says of the state, when that is another than received."""
    return {} if submission.review_state is ReviewState.RECEIVED else {"state": submission.review_state}


ARRIVALS = ("submission.received", "submission.read")


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


def envelope_of(submission: Submission) -> dict[str, Any]:
    """The frozen JSON, parsed."""
    return json.loads(submission.payload)


def answers_of(submission: Submission) -> dict[str, Any]:
    given = envelope_of(submission).get("answers")
    return given if isinstance(given, dict) else {}


def state_of(session: Session) -> Ledger:
    return session.exec(select(Ledger)).one()


def sealed(submission: Submission) -> dict[str, Any]:
    """Every column but those that change later (review state, completeness) and those that the event itself gives."""
    apart = {"seq", "chain", "payload", "complete", "review_state"}
    if not submission.flags:
        apart.add("flags")  # rows of before there were flags keep their seal
    return events.seal_of(submission, apart)
