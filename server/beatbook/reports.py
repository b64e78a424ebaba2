"""Reports of anti-social behaviour: what the desk did about each since it came.

Every report is looked at within a working day and becomes one of three: closed as a one-off, passed on to whom it
belongs, or part of a case (cases.py). Who reported it is told that it came, unless nobody may be told. Each of these is
a step, kept and sealed; the newest that is no acknowledgement says where a report stands, so a second look is another
step and never a change.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from . import events
from .envelope import Envelope
from .models import Listing, ListingFlag, Person, ReportStep, ReportStepKind, ReviewState, Submission, Way
from .problems import BadRequest, NotFound, WordsMissing

FORM = "asb"
HIGH_RISK = "high_risk"  # the flag of a report that is looked at, and its reporter spoken to, the same day
KINDS = {kind: f"report.{kind}" for kind in ReportStepKind}
NO_LONGER = (ReviewState.REJECTED, ReviewState.EDITED)  # not accepted, or mended by a newer record
LONGEST = 1000


@dataclass(frozen=True)
class Standing:
    """Where a report stands: how it was decided last, and how its reporter was told that it came."""

    decided: ReportStep | None = None
    acknowledged: ReportStep | None = None

    @property
    def case_id(self) -> str | None:
        return self.decided.case_id if self.decided else None


# Steps ----------------------------------------------------------------------------------------------------------


def acknowledge(
    session: Session, instance_id: str, way: Way, *, person: Person, now: datetime, words: str | None = None
) -> ReportStep:
    """Its reporter was told that it came. Errors: NotFound."""
    get(session, instance_id)
    return take(session, instance_id, ReportStepKind.ACKNOWLEDGED, person=person, now=now, how=way, words=words)


def decide(
    session: Session,
    instance_id: str,
    kind: ReportStepKind,
    *,
    person: Person,
    now: datetime,
    words: str | None = None,
    case_id: str | None = None,
) -> ReportStep:
    """Triage. One that is passed on says to whom. Errors: NotFound, BadRequest, WordsMissing."""
    get(session, instance_id)
    if kind is ReportStepKind.ACKNOWLEDGED or (kind is ReportStepKind.IN_CASE) != (case_id is not None):
        raise BadRequest
    if kind is ReportStepKind.PASSED_ON and not tidy(words):
        raise WordsMissing
    return take(session, instance_id, kind, person=person, now=now, words=words, case_id=case_id)


def received(session: Session, submission: Submission, read: Envelope, *, now: datetime) -> None:
    """A report has come: one that mends another stands where that one stood."""
    if read.form_id != FORM or read.replaces is None:
        return
    for step in steps_of(session, [read.replaces])[read.replaces]:
        same = step.model_dump(exclude={"seq", "instance_id"})
        copied = ReportStep(seq=0, instance_id=submission.instance_id, **same)
        note(session, copied, actor=f"device:{submission.device_id}", now=now)


def get(session: Session, instance_id: str) -> Submission:
    """Errors: NotFound, also for a record of another form and for one that nobody can read yet."""
    submission = session.get(Submission, instance_id)
    if submission is None or submission.form_id != FORM or submission.held:
        raise NotFound
    return submission


# Where they stand -----------------------------------------------------------------------------------------------


def steps_of(session: Session, instance_ids: Sequence[str]) -> dict[str, list[ReportStep]]:
    """Oldest first, of each."""
    found: dict[str, list[ReportStep]] = {one: [] for one in instance_ids}
    query = select(ReportStep).where(col(ReportStep.instance_id).in_(instance_ids)).order_by(col(ReportStep.seq))
    for step in session.exec(query):
        found[step.instance_id].append(step)
    return found


def standings(session: Session, instance_ids: Sequence[str]) -> dict[str, Standing]:
    return {one: standing(steps) for one, steps in steps_of(session, instance_ids).items()}


def standing(steps: Iterable[ReportStep]) -> Standing:
    decided = acknowledged = None
    for step in steps:
        if step.kind is ReportStepKind.ACKNOWLEDGED:
            acknowledged = acknowledged or step  # the first was the one that counts
        else:
            decided = step
    return Standing(decided, acknowledged)


def of_case(session: Session, case_id: str) -> list[Submission]:
    """The reports that are part of a case now, oldest first. One that was mended counts in its newest version."""
    ever = list(session.exec(select(ReportStep.instance_id).where(ReportStep.case_id == case_id).distinct()))
    now_in = [one for one, stands in standings(session, ever).items() if stands.case_id == case_id]
    query = select(Submission).where(
        col(Submission.instance_id).in_(now_in), Submission.review_state != ReviewState.EDITED
    )
    return sorted(session.exec(query), key=lambda one: (one.captured_at or one.received_at, one.seq))


def waiting(session: Session, limit: int) -> list[Submission]:
    """Those about which nobody has decided: the oldest, and the newest of high risk."""
    flagged = select(ListingFlag.seq).where(ListingFlag.flag == HIGH_RISK)
    numbers = {
        *session.exec(undecided().order_by(col(Listing.seq)).limit(limit)),
        *session.exec(undecided().where(col(Listing.seq).in_(flagged)).order_by(col(Listing.seq).desc()).limit(limit)),
    }
    query = select(Submission).where(col(Submission.seq).in_(numbers), col(Submission.held).is_(False))
    return list(session.exec(query.order_by(col(Submission.seq))))


def unacknowledged(session: Session, since: datetime) -> list[Submission]:
    """Those that were decided and whose reporter was not told, the oldest first; some of them nobody may tell."""
    told = select(ReportStep.instance_id).where(ReportStep.kind == ReportStepKind.ACKNOWLEDGED)
    decided = select(ReportStep.instance_id).where(
        ReportStep.kind != ReportStepKind.ACKNOWLEDGED, ReportStep.at >= since, col(ReportStep.instance_id).not_in(told)
    )
    query = select(Submission).where(
        col(Submission.instance_id).in_(decided), col(Submission.review_state).not_in(NO_LONGER)
    )
    return list(session.exec(query.order_by(col(Submission.seq))))


def count_by_case(session: Session, case_ids: Sequence[str]) -> dict[str, int]:
    """How many reports each of these cases has now."""
    ever = select(ReportStep.instance_id).where(col(ReportStep.case_id).in_(case_ids))
    newest = (
        select(func.max(ReportStep.seq))
        .where(ReportStep.kind != ReportStepKind.ACKNOWLEDGED, col(ReportStep.instance_id).in_(ever))
        .group_by(col(ReportStep.instance_id))
    )
    query = (
        select(ReportStep.case_id, func.count())
        .join(Submission, col(Submission.instance_id) == ReportStep.instance_id)
        .where(col(ReportStep.seq).in_(newest), Submission.review_state != ReviewState.EDITED)
        .group_by(col(ReportStep.case_id))
    )
    return {case_id: number for case_id, number in session.exec(query) if case_id}


def count_by_outcome(session: Session, since_seq: int) -> dict[ReportStepKind | None, int]:
    """Of the reports since a number; under None those that wait."""
    listed = select(Listing.instance_id).where(
        Listing.form_id == FORM, Listing.seq >= since_seq, col(Listing.state).not_in(NO_LONGER)
    )
    newest = (
        select(func.max(ReportStep.seq).label("seq"))
        .where(ReportStep.kind != ReportStepKind.ACKNOWLEDGED, col(ReportStep.instance_id).in_(listed))
        .group_by(col(ReportStep.instance_id))
        .subquery()
    )
    query = select(ReportStep.kind, func.count()).join(newest, newest.c.seq == col(ReportStep.seq))
    found: dict[ReportStepKind | None, int] = {
        ReportStepKind(kind): number for kind, number in session.exec(query.group_by(col(ReportStep.kind)))
    }
    total = session.exec(select(func.count()).select_from(listed.subquery())).one()
    return found | {None: total - sum(found.values())}


# Helpers --------------------------------------------------------------------------------------------------------


def undecided() -> Any:
    decided = select(ReportStep.instance_id).where(
        ReportStep.instance_id == Listing.instance_id, ReportStep.kind != ReportStepKind.ACKNOWLEDGED
    )
    return select(Listing.seq).where(Listing.form_id == FORM, col(Listing.state).not_in(NO_LONGER), ~decided.exists())


def take(
    session: Session,
    instance_id: str,
    kind: ReportStepKind,
    *,
    person: Person,
    now: datetime,
    how: Way | None = None,
    words: str | None = None,
    case_id: str | None = None,
) -> ReportStep:
    step = ReportStep(
        seq=0,
        instance_id=instance_id,
        kind=kind,
        case_id=case_id,
        how=how,
        words=tidy(words),
        person_id=person.id,
        at=now,
    )
    return note(session, step, actor=f"person:{person.id}", now=now)


def note(session: Session, step: ReportStep, *, actor: str, now: datetime) -> ReportStep:
    data = {"row": events.digest_of(sealed(step))}
    step.seq = events.append(session, KINDS[step.kind], step.instance_id, actor=actor, now=now, data=data).seq
    session.add(step)
    session.flush()
    return step


def tidy(given: str | None) -> str | None:
    return " ".join((given or "").split())[:LONGEST] or None


def sealed(step: ReportStep) -> dict[str, Any]:
    return events.seal_of(step, {"seq"})
