"""Notices: the legal notices that records give, their words, and what becomes of each afterwards.

A notice that was given never changes. What follows it (payments, reminders, representations, cancelling, court) are
steps, each kept and sealed; where it stands is worked out from them and from the day it is, so no clock has to tick.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from . import events
from .envelope import Warning
from .forms import Context, Form, answers
from .forms.answers import Lists
from .forms.expressions import london, moment
from .forms.form import SLOT
from .models import Notice, NoticeStep, Person, StepKind, Submission
from .problems import (
    ClocksStopped,
    NotFound,
    NothingToDecide,
    NoticeClosed,
    NoticeGiven,
    NoticeIncomplete,
    OwnNotice,
    StepIncomplete,
    TooEarlyForCourt,
)

SAME_OCCASION = timedelta(hours=2)  # FN12: one person, one occasion, one offence
REMINDER_DAYS = 14  # from a reminder until it is overdue

CANCEL_REASONS = {
    "wrong_person": "Wrong person",
    "under_age": "Under age",
    "vulnerable": "Vulnerable",
    "insufficient": "Not enough evidence",
    "not_public_interest": "Not in the public interest",
    "error": "A mistake in it",
    "deceased": "Died",
}
GROUNDS = {
    "not_me": "It was not me",
    "not_litter": "It was not litter",
    "accident": "An accident",
    "medical": "Medical reasons",
    "no_signs": "No signs",
    "wrong_details": "Wrong details",
    "other": "Something else",
}
DECISIONS = {"upheld": "Upheld: cancelled", "refused": "Refused", "warning_instead": "A warning instead: cancelled"}
RESULTS = {
    "guilty": "Guilty",
    "not_guilty": "Not guilty",
    "withdrawn": "Withdrawn",
    "discontinued": "Discontinued",
}


class State(StrEnum):
    """Where a notice stands."""

    GIVEN = "given"  # a warning: nothing to pay, nothing to wait for
    DISCOUNT_OPEN = "discount_open"
    FULL_OPEN = "full_open"
    REMINDER_DUE = "reminder_due"
    REMINDER_SENT = "reminder_sent"
    OVERDUE = "overdue"
    REPRESENTATION = "representation"
    PAID_DISCOUNT = "paid_discount"
    PAID_FULL = "paid_full"
    CANCELLED = "cancelled"
    WITH_LEGAL = "with_legal"
    CONVICTED = "convicted"
    ACQUITTED = "acquitted"
    WITHDRAWN_COURT = "withdrawn_court"


OPEN = frozenset(
    {
        State.DISCOUNT_OPEN,
        State.FULL_OPEN,
        State.REMINDER_DUE,
        State.REMINDER_SENT,
        State.OVERDUE,
        State.REPRESENTATION,
        State.GIVEN,
    }
)


@dataclass(frozen=True)
class Standing:
    """Where a notice stands on a day, and what that means."""

    state: State
    paid: int  # pence
    stopped: int  # days for which representations have stopped the clocks
    legal_from: date | None  # the first day on which it may go to court
    pay_by: date | None  # with the days that were stopped
    odd: str | None = None  # a payment that fits neither amount

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


# Giving ---------------------------------------------------------------------------------------------------------


def is_notice(form: Form | None, given: Mapping[str, Any], context: Context) -> bool:
    """Whether a record says that a notice was given: it has a number, and its form says that such a record is one."""
    if form is None or form.issue is None or not given.get(form.issue.number):
        return False
    return answers.holds(form, form.issue.when, given, context)


def keep(session: Session, submission: Submission, form: Form, given: Mapping[str, Any]) -> None:
    """Write down the notice that a record has just given."""
    assert form.issue is not None
    when = given_at(form, given, submission)
    notice = Notice(
        instance_id=submission.instance_id,
        seq=0,
        number=str(given[form.issue.number])[:40],
        offence=str(given.get("offence", ""))[:20],
        given_at=when,
        given_on=london(when).date(),
        amount=pence(given.get("amount")),
        discount_amount=pence(given.get("discount_amount")),
        discount_until=day(given.get("discount_until")),
        no_proceedings_until=day(given.get("no_proceedings_until")),
        pay_by=day(given.get("pay_by")),
        whom=whom(given),
        place=place(given),
    )
    data = {"row": events.digest_of(sealed(notice))}
    event = events.append(
        session,
        "notice.given",
        submission.instance_id,
        actor=f"device:{submission.device_id}",
        now=submission.received_at,
        data=data,
    )
    notice.seq = event.seq
    session.add(notice)
    session.flush()


def warnings(
    session: Session, form: Form, given: Mapping[str, Any], instance_id: str, context: Context
) -> list[Warning]:
    """What a supervisor should see at once: sums that are not the schedule's, gaps, the same person twice."""
    assert form.issue is not None
    found = []
    expected = answers.cleaned(form, given, context)
    for name in ("amount", "discount_amount", "discount_until", "no_proceedings_until", "pay_by"):
        if form.field(name) and str(expected.get(name, "")) != str(given.get(name, "")):
            should = answers.words_of(form, name, expected, context.lists) or "nothing"
            said = answers.words_of(form, name, given, context.lists) or "nothing"
            found.append(Warning("notice-differs", f"The notice says {said}, the schedule says {should}.", name))
    for one in missing(form, given, context.lists):
        label = field.label if (field := form.field(one)) else one
        found.append(Warning("notice-incomplete", f"The law wants this on the notice: {label}.", one))
    if given.get("offence") == "CPN" and not was_warned(session, given):
        found.append(Warning("warning-unknown", "No written warning with this number is here.", "warning_ref"))
    if twin := same_occasion(session, given, instance_id):
        found.append(
            Warning(
                "same-occasion", f"Notice {twin.number} was given to the same person for the same within two hours."
            )
        )
    return found


def same_occasion(session: Session, given: Mapping[str, Any], instance_id: str) -> Notice | None:
    """FN12: another notice to the same person for the same offence at the same place within two hours."""
    when = moment(str(given.get("served_at", "")))
    if when is None or when.instant is None or not given.get("full_name"):
        return None
    query = select(Notice).where(
        Notice.whom == whom(given),
        Notice.offence == str(given.get("offence", "")),
        Notice.place == place(given),
        Notice.instance_id != instance_id,
    )
    for notice in session.exec(query):
        if abs(notice.given_at.timestamp() * 1000 - when.instant) <= SAME_OCCASION.total_seconds() * 1000:
            return notice
    return None


def was_warned(session: Session, given: Mapping[str, Any]) -> bool:
    """FN19: the warning that a protection notice names was given, as far as the office knows."""
    number = "-".join(str(given.get("warning_ref", "")).upper().replace("-", " ").split())
    query = select(Notice).where(Notice.number == number, Notice.offence == "CPW")
    return session.exec(query).first() is not None


def is_given(session: Session, instance_id: str) -> bool:
    return session.get(Notice, instance_id) is not None


def refuse_given(session: Session, instance_id: str) -> None:
    """FN9: it is cancelled, never sent back. Errors: NoticeGiven."""
    if is_given(session, instance_id):
        raise NoticeGiven


def get(session: Session, instance_id: str) -> Notice:
    """Errors: NotFound."""
    notice = session.get(Notice, instance_id)
    if notice is None:
        raise NotFound
    return notice


# Its words ------------------------------------------------------------------------------------------------------


def missing(form: Form, given: Mapping[str, Any], lists: Lists) -> list[str]:
    """FN3: what the law wants on it and the record does not say."""
    assert form.issue is not None
    return [name for name in form.issue.must if not answers.words_of(form, name, given, lists)]


def paragraphs(form: Form, given: Mapping[str, Any], lists: Lists) -> list[list[tuple[str, bool]]]:
    """Its paragraphs, each in pieces with whether they stand out. Errors: NoticeIncomplete."""
    if form.issue is None or missing(form, given, lists):
        raise NoticeIncomplete
    return [
        pieces(SLOT.sub(lambda slot: clean(answers.words_of(form, slot[1], given, lists)), one))
        for one in form.issue.notice
    ]


def statement(form: Form, given: Mapping[str, Any], lists: Lists) -> list[list[tuple[str, bool]]]:
    """The officer's statement for the court, from the fields; what was not answered says so. Errors: NotFound."""
    if form.issue is None or not form.issue.statement:
        raise NotFound
    return [
        pieces(SLOT.sub(lambda slot: clean(answers.words_of(form, slot[1], given, lists)) or "not recorded", one))
        for one in form.issue.statement
    ]


def pieces(paragraph: str) -> list[tuple[str, bool]]:
    """What stands between ** stands out."""
    return [(piece, at % 2 == 1) for at, piece in enumerate(paragraph.split("**")) if piece]


def clean(words: str) -> str:
    return words.replace("**", "")


# After it was given ---------------------------------------------------------------------------------------------


def steps_of(session: Session, instance_id: str) -> list[NoticeStep]:
    query = select(NoticeStep).where(NoticeStep.instance_id == instance_id)
    return list(session.exec(query.order_by(col(NoticeStep.seq))))


def standing(notice: Notice, steps: Sequence[NoticeStep], on: date) -> Standing:
    """Where a notice stands on a day. The days of a representation move every later day."""
    stopped, waiting = stopped_days(steps, on)
    pause = timedelta(days=stopped)
    paid = sum(step.amount or 0 for step in steps if step.kind is StepKind.PAYMENT)
    early = notice.discount_until + pause if notice.discount_until else None
    pay_by = notice.pay_by + pause if notice.pay_by else None
    legal_from = notice.no_proceedings_until + pause + timedelta(days=1) if notice.no_proceedings_until else None
    in_time = sum(
        step.amount or 0 for step in steps if step.kind is StepKind.PAYMENT and early is not None and step.on <= early
    )

    def at(state: State) -> Standing:
        odd = None
        if state in OPEN and paid:
            odd = "A part was paid, or the early amount came late."
        return Standing(state, paid, stopped, legal_from, pay_by, odd)

    last = {step.kind: step for step in steps}
    if StepKind.CANCEL in last or (
        StepKind.DECISION in last and last[StepKind.DECISION].reason in ("upheld", "warning_instead")
    ):
        return at(State.CANCELLED)
    if court := last.get(StepKind.COURT):
        return at(COURT_STATES[court.reason or ""])
    if notice.amount is not None and paid >= notice.amount:
        return at(State.PAID_FULL)
    if notice.discount_amount is not None and in_time >= notice.discount_amount:
        return at(State.PAID_DISCOUNT)
    if StepKind.LEGAL in last:
        return at(State.WITH_LEGAL)
    if waiting:
        return at(State.REPRESENTATION)
    if notice.amount is None or pay_by is None:
        return at(State.GIVEN)
    if early is not None and on <= early:
        return at(State.DISCOUNT_OPEN)
    if on <= pay_by:
        return at(State.FULL_OPEN)
    if reminder := last.get(StepKind.REMINDER):
        return at(State.REMINDER_SENT if on <= reminder.on + timedelta(days=REMINDER_DAYS) else State.OVERDUE)
    return at(State.REMINDER_DUE)


COURT_STATES = {
    "guilty": State.CONVICTED,
    "not_guilty": State.ACQUITTED,
    "withdrawn": State.WITHDRAWN_COURT,
    "discontinued": State.WITHDRAWN_COURT,
}


def stopped_days(steps: Sequence[NoticeStep], on: date) -> tuple[int, bool]:
    """FN18: for how many days representations have stopped the clocks, and whether one does now."""
    days, since = 0, None
    for step in steps:
        if step.kind is StepKind.REPRESENTATION and since is None:
            since = step.on
        elif step.kind is StepKind.DECISION and since is not None:
            days, since = days + max(0, (step.on - since).days), None
    if since is not None:
        days += max(0, (on - since).days)
    return days, since is not None


def take_step(
    session: Session,
    instance_id: str,
    kind: StepKind,
    *,
    person: Person,
    officer: str,
    now: datetime,
    on: date | None = None,
    amount: int | None = None,
    reference: str | None = None,
    reason: str | None = None,
    note: str | None = None,
) -> NoticeStep:
    """Write down what happened to a notice. `officer` is the name that stands on it.

    Errors: NotFound, NoticeClosed, TooEarlyForCourt, ClocksStopped, NothingToDecide, OwnNotice, StepIncomplete.
    """
    notice, today = get(session, instance_id), london(now).date()
    on = on or today
    tidy = (" ".join((reference or "").split())[:60] or None, " ".join((note or "").split())[:1000] or None)
    check_whole(kind, amount=amount, reference=tidy[0], reason=reason)
    if not notice.given_on <= on <= today:
        raise StepIncomplete
    where = standing(notice, steps_of(session, instance_id), on)
    check_order(kind, where, on)
    if kind is StepKind.DECISION and officer and person.name.casefold() == officer.casefold():
        raise OwnNotice
    step = NoticeStep(
        seq=0,
        instance_id=instance_id,
        kind=kind,
        on=on,
        amount=amount,
        reference=tidy[0],
        reason=reason,
        note=tidy[1],
        person_id=person.id,
        at=now,
    )
    data = {"row": events.digest_of(sealed_step(step))}
    step.seq = events.append(
        session, f"notice.{kind}", instance_id, actor=f"person:{person.id}", now=now, data=data
    ).seq
    session.add(step)
    session.flush()
    return step


def check_whole(kind: StepKind, *, amount: int | None, reference: str | None, reason: str | None) -> None:
    """Errors: StepIncomplete."""
    wanted = {
        StepKind.REPRESENTATION: GROUNDS,
        StepKind.DECISION: DECISIONS,
        StepKind.CANCEL: CANCEL_REASONS,
        StepKind.COURT: RESULTS,
    }.get(kind)
    if wanted is not None and reason not in wanted:
        raise StepIncomplete
    if kind is StepKind.PAYMENT and (not amount or amount <= 0 or not reference):
        raise StepIncomplete


def check_order(kind: StepKind, where: Standing, on: date) -> None:
    """What may follow what. Errors: NoticeClosed, ClocksStopped, TooEarlyForCourt, NothingToDecide."""
    if kind is StepKind.COURT:
        if where.state is not State.WITH_LEGAL:
            raise NoticeClosed if not where.is_open else TooEarlyForCourt
        return
    if kind in (StepKind.PAYMENT, StepKind.CANCEL) and where.state is State.WITH_LEGAL:
        return  # the money may come, and the file may be dropped, until the court decides
    if not where.is_open:
        raise NoticeClosed
    if kind is StepKind.DECISION and where.state is not State.REPRESENTATION:
        raise NothingToDecide
    if where.state is State.REPRESENTATION and kind in (StepKind.REMINDER, StepKind.LEGAL):
        raise ClocksStopped
    if kind is StepKind.LEGAL and (where.legal_from is None or on < where.legal_from):
        raise TooEarlyForCourt


def all_with_steps(session: Session, *, limit: int = 500) -> list[tuple[Notice, list[NoticeStep]]]:
    """The newest notices, each with what became of it."""
    found = list(session.exec(select(Notice).order_by(col(Notice.seq).desc()).limit(limit)))
    steps: dict[str, list[NoticeStep]] = {notice.instance_id: [] for notice in found}
    query = select(NoticeStep).where(col(NoticeStep.instance_id).in_(steps)).order_by(col(NoticeStep.seq))
    for step in session.exec(query):
        steps[step.instance_id].append(step)
    return [(notice, steps[notice.instance_id]) for notice in found]


# Values ---------------------------------------------------------------------------------------------------------


def given_at(form: Form, given: Mapping[str, Any], submission: Submission) -> datetime:
    assert form.issue is not None
    try:
        said = datetime.fromisoformat(str(given.get(form.issue.at, "")))
    except ValueError:
        said = None
    return said if said is not None and said.tzinfo else submission.captured_at or submission.received_at


def pence(amount: Any) -> int | None:
    if isinstance(amount, bool) or not isinstance(amount, int | float) or not 0 <= amount < 1e7:
        return None
    return round(amount * 100)


def day(text: Any) -> date | None:
    when = moment(text) if isinstance(text, str) else None
    return when.day() if when is not None and when.kind != "time" else None


def whom(given: Mapping[str, Any]) -> str:
    """The same for the same person, however the name is spaced or written large; nobody can be read from it."""
    name = " ".join(str(given.get("full_name", "")).casefold().split())
    return hashlib.sha256(f"{name}|{given.get('date_of_birth', '')}".encode()).hexdigest()


def place(given: Mapping[str, Any]) -> str:
    return " ".join(str(given.get("place_text", "")).casefold().split())[:200]


# Seals ----------------------------------------------------------------------------------------------------------


def sealed(notice: Notice) -> dict[str, Any]:
    return {name: plain(value) for name, value in notice.model_dump(exclude={"seq"}).items()}


def sealed_step(step: NoticeStep) -> dict[str, Any]:
    return {name: plain(value) for name, value in step.model_dump(exclude={"seq"}).items()}


def plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return events.instant(value)
    return value.isoformat() if isinstance(value, date) else value


def sealed_rows(session: Session) -> Iterator[tuple[str, int, str, str, dict[str, Any]]]:
    """Every row that an event seals: what it is called, its event's number and kind, its subject, its values."""
    for notice in session.exec(select(Notice).order_by(col(Notice.seq))):
        yield f"notice {notice.number}", notice.seq, "notice.given", notice.instance_id, sealed(notice)
    for step in session.exec(select(NoticeStep).order_by(col(NoticeStep.seq))):
        yield f"notice step {step.seq}", step.seq, f"notice.{step.kind}", step.instance_id, sealed_step(step)
