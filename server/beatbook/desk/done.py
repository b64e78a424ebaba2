"""Done: the decision just made, shown above the next page so that it can be taken back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session
from starlette.requests import Request

from .. import submissions
from ..models import ReviewState, Submission
from .filters import Filter
from .session import office_of

SHOWN_FOR = timedelta(minutes=10)  # an address that was kept does not offer to take back what is long past


@dataclass(frozen=True)
class Done:
    submission: Submission
    state: ReviewState
    before: ReviewState
    reason: str | None  # of the decision before, because taking back gives it again
    note: str | None
    address: str

    @property
    def can_undo(self) -> bool:
        return self.state not in (ReviewState.RECEIVED, ReviewState.KEPT)


def done_of(session: Session, request: Request, chosen: Filter) -> Done | None:
    """What `?done=` names, when it is the newest decision about that record and this person's own."""
    instance_id, person, now = request.query_params.get("done"), request.state.person, office_of(request).clock()
    submission = session.get(Submission, instance_id) if instance_id else None
    if submission is None:
        return None
    decisions = [decision for decision, _ in submissions.reviews_of(session, submission.instance_id)]
    if not decisions or not is_fresh(decisions[-1].at, now) or decisions[-1].person_id != person.id:
        return None
    before = decisions[-2] if len(decisions) > 1 else None
    return Done(
        submission=submission,
        state=decisions[-1].state,
        before=before.state if before else submissions.came_as(session, submission.instance_id),
        reason=before.reason if before else None,
        note=before.note if before else None,
        address=chosen.address(f"/desk/records/{submission.instance_id}/review"),
    )


def is_fresh(at: datetime, now: datetime) -> bool:
    return now - at <= SHOWN_FOR
