"""Cases of anti-social behaviour: reports of one place or of the same people, who answers for them, and by when.

A case goes from open to closed by the moves below and by no other. Whoever may be told hears at least every ten working
days how it stands, and is told in writing before it closes. Each thing that happens is an entry, kept and sealed with
the case as it then is. A case names nobody who reported: it says in which safe way they are reached, and leads to the
report itself (AS6).
"""

import re
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, func, select

from . import clocks, events, people, reports, submissions, tasking
from .clocks import Clock, ClockKind
from .forms import Forms
from .forms.expressions import london, moment
from .models import (
    ActionKind,
    Case,
    CaseAction,
    CaseEntry,
    CaseReview,
    CaseState,
    CloseReason,
    Device,
    EntryKind,
    ItemKind,
    Listing,
    Notice,
    Person,
    Priority,
    Redaction,
    ReportStepKind,
    Role,
    Satisfied,
    Submission,
    Way,
)
from .problems import (
    ActionsLeft,
    BadRequest,
    CaseClosed,
    CaseMove,
    NotFound,
    Redacted,
    TellFirst,
    WarningFirst,
    WordsMissing,
)
from .reports import Standing
from .submissions import corrections
from .tasking import Raising

KINDS = {kind: f"case.{kind}" for kind in EntryKind}
ERASED, ERASED_TITLE = "case.erased", "Erased"
PLANNED, FINISHED = "case.action-planned", "case.action-finished"
ACTION_MADE, ACTION_DONE, ACTION_ERASED = "case-action.made", "case-action.done", "case-action.erased"
NEAR, LATELY, MOST_COMPARED = 100.0, timedelta(days=183), 300  # metres, and how far back others are looked for
LONGEST_TITLE, LONGEST_TEXT = 120, 2000
LEAST_DIGITS = 9  # of a telephone number that says whose it is

# What may follow what.
MOVES: dict[CaseState, tuple[CaseState, ...]] = {
    CaseState.OPEN: (CaseState.ASSESSING, CaseState.CLOSING),
    CaseState.ASSESSING: (CaseState.ACTION, CaseState.MONITORING, CaseState.CLOSING),
    CaseState.ACTION: (CaseState.MONITORING, CaseState.CLOSING),
    CaseState.MONITORING: (CaseState.ACTION, CaseState.CLOSING),
    CaseState.CLOSING: (CaseState.CLOSED, CaseState.ACTION),
    CaseState.CLOSED: (CaseState.REOPENED,),
    CaseState.REOPENED: (CaseState.ASSESSING, CaseState.ACTION, CaseState.CLOSING),
}
WRITTEN = frozenset({Way.POST, Way.EMAIL, Way.TEXT, Way.VIA_AGENCY})
NUMBERED = {ActionKind.CPW: "CPW", ActionKind.CPN: "CPN", ActionKind.PSPO_FPN: "PSPO"}  # whose notice has a number
REFERABLE = (ItemKind.PLACE, ItemKind.THEME, ItemKind.VICTIM, ItemKind.OFFENDER)


@dataclass(frozen=True)
class Opening:
    """A case as somebody wants it opened."""

    title: str
    lead: str
    priority: Priority
    place: str | None = None


@dataclass(frozen=True)
class Acting:
    """An action as somebody wants it done."""

    kind: ActionKind
    due: date
    what: str | None = None
    follows: str | None = None


@dataclass(frozen=True)
class Report:
    """A report as a case sees it."""

    submission: Submission
    given: Mapping[str, Any]  # the answers as they stand now
    standing: Standing

    @property
    def is_high(self) -> bool:
        return any(flag.get("name") == reports.HIGH_RISK for flag in self.submission.flags)

    @property
    def is_anonymous(self) -> bool:
        return self.given.get("anonymous") == "yes" or not any(self.given.get(name) for name in SAME)

    @property
    def may_be_told(self) -> bool:
        return not self.is_anonymous and self.given.get("safe_contact") != "do_not_contact"

    @property
    def came_on(self) -> date:
        return london(self.submission.received_at).date()


@dataclass(frozen=True)
class Related:
    """Another report that may belong to the same case, and why it may."""

    submission: Submission
    why: list[str]
    case: Case | None


@dataclass(frozen=True)
class Threshold:
    """Whether who reports it may have the case reviewed (AS4)."""

    counting: list[str]  # the reports that count
    needed: int
    months: int

    @property
    def is_met(self) -> bool:
        return len(self.counting) >= self.needed


# Opening, and what belongs to it ---------------------------------------------------------------------------------


def open_case(
    session: Session, opening: Opening, instance_id: str, *, person: Person, now: datetime, forms: Forms
) -> Case:
    """From a report, which becomes part of it. Errors: NotFound, BadRequest."""
    check_lead(session, opening.lead)
    if not opening.title.strip():
        raise BadRequest
    reports.get(session, instance_id)
    case = Case(
        id=str(uuid.uuid4()),
        number=(session.exec(select(func.max(Case.number))).one() or 0) + 1,
        title=" ".join(opening.title.split())[:LONGEST_TITLE],
        place=reports.tidy(opening.place),
        lead=opening.lead,
        priority=opening.priority,
        state=CaseState.OPEN,
        satisfied=Satisfied.NOT_ASKED,
        review=CaseReview.NO,
        opened_at=now,
        changed_at=now,
    )
    session.add(case)
    session.flush()
    write(session, case, EntryKind.OPENED, person=person, now=now)
    add_report(session, case.id, instance_id, person=person, now=now, forms=forms)
    return case


def add_report(
    session: Session, case_id: str, instance_id: str, *, person: Person, now: datetime, forms: Forms
) -> None:
    """From where it stood until now, if it stood anywhere. Errors: NotFound, CaseClosed, Redacted."""
    case = still_open(session, case_id)
    before = reports.standing(reports.steps_of(session, [instance_id])[instance_id]).case_id
    if before == case_id:
        return
    reports.decide(session, instance_id, ReportStepKind.IN_CASE, person=person, now=now, case_id=case_id)
    if before is not None:
        write(session, get(session, before), EntryKind.LEFT, person=person, now=now, instance_id=instance_id)
    if case.update_due is None and is_reachable(session, case):
        case.update_due = clocks.after(forms, "asb.update_working_days", london(now).date())
    write(session, case, EntryKind.JOINED, person=person, now=now, instance_id=instance_id)


def lead(session: Session, case_id: str, who: str, priority: Priority, *, person: Person, now: datetime) -> CaseEntry:
    """Somebody else answers for it, or it is more urgent or less.

    Errors: NotFound, BadRequest, CaseClosed, Redacted.
    """
    case = still_open(session, case_id)
    check_lead(session, who)
    case.lead, case.priority = who, priority
    return write(session, case, EntryKind.LED, person=person, now=now, code=priority)


def note(session: Session, case_id: str, words: str, *, person: Person, now: datetime) -> CaseEntry:
    """Errors: NotFound, WordsMissing, Redacted."""
    return write(session, unerased(session, case_id), EntryKind.NOTED, person=person, now=now, words=wanted(words))


# Where it stands ------------------------------------------------------------------------------------------------


def move(
    session: Session,
    case_id: str,
    state: CaseState,
    *,
    person: Person,
    now: datetime,
    forms: Forms,
    words: str | None = None,
    reason: CloseReason | None = None,
) -> Case:
    """One step on. To close it says why and in a summary; what is reopened says why as well.

    Errors: NotFound, CaseMove, WordsMissing, TellFirst, ActionsLeft, Redacted.
    """
    case, today = unerased(session, case_id), london(now).date()
    if state not in MOVES[case.state]:
        raise CaseMove
    if (state is CaseState.CLOSING and (reason is None or not tidy(words))) or (
        state is CaseState.REOPENED and not tidy(words)
    ):
        raise WordsMissing
    if state is CaseState.CLOSED:
        check_closing(session, case)
    if state is CaseState.CLOSING:
        case.close_reason = reason
    elif state is not CaseState.CLOSED:
        case.close_reason = None
    case.state = state
    if state is CaseState.CLOSED:
        case.update_due = None
    elif state is CaseState.REOPENED:
        case.satisfied = Satisfied.NOT_ASKED
        reachable = is_reachable(session, case)
        case.update_due = clocks.after(forms, "asb.update_working_days", today) if reachable else None
    write(session, case, EntryKind.MOVED, person=person, now=now, code=state, words=words)
    return case


def speak(
    session: Session,
    case_id: str,
    kind: EntryKind,
    *,
    person: Person,
    now: datetime,
    forms: Forms,
    how: Way | None = None,
    words: str | None = None,
    next_update: date | None = None,
) -> CaseEntry:
    """Who reported it was interviewed, spoken to by the lead, or told how it stands; the next update counts from now.

    Of a case in which nobody is to be told the risk can still be assessed. The next update may come sooner than the
    council's own limit, never later. Errors: NotFound, BadRequest, WordsMissing, CaseClosed, Redacted.
    """
    case, today = still_open(session, case_id), london(now).date()
    reachable = is_reachable(session, case)
    if kind not in SPOKEN or (kind is not EntryKind.INTERVIEWED and not (reachable and how)):
        raise BadRequest
    latest = clocks.after(forms, "asb.update_working_days", today)
    if next_update is not None and not today < next_update <= latest:
        raise BadRequest
    if kind is EntryKind.INTERVIEWED:
        case.interviewed_on = case.interviewed_on or today
    if kind is EntryKind.CONTACTED:
        case.contacted_on = case.contacted_on or today
    if reachable and how is not None:
        case.update_due = next_update or latest
    return write(session, case, kind, person=person, now=now, how=how, words=wanted(words))


SPOKEN = (EntryKind.INTERVIEWED, EntryKind.CONTACTED, EntryKind.TOLD)


def ask_satisfied(
    session: Session, case_id: str, answer: Satisfied, *, person: Person, now: datetime, words: str | None = None
) -> CaseEntry:
    """At its end, also when that is over. Errors: NotFound, CaseMove, Redacted."""
    case = unerased(session, case_id)
    if case.state not in (CaseState.CLOSING, CaseState.CLOSED):
        raise CaseMove
    case.satisfied = answer
    return write(session, case, EntryKind.ASKED, person=person, now=now, code=answer, words=words)


def review(
    session: Session, case_id: str, state: CaseReview, *, person: Person, now: datetime, forms: Forms, words: str
) -> CaseEntry:
    """Somebody asks for a case review, it is answered, or it is over. The answer is worked out, not chosen (AS4).

    A closed case may be reviewed too: that is when most are asked for. Errors: NotFound, CaseMove, WordsMissing,
    Redacted.
    """
    case = unerased(session, case_id)
    if state not in REVIEWS[case.review]:
        raise CaseMove
    if state in ANSWERS and state is not answer_of(session, case, forms):
        raise CaseMove
    case.review = state
    return write(session, case, EntryKind.REVIEWED, person=person, now=now, code=state, words=wanted(words))


REVIEWS: dict[CaseReview, tuple[CaseReview, ...]] = {
    CaseReview.NO: (CaseReview.REQUESTED,),
    CaseReview.REQUESTED: (CaseReview.THRESHOLD_MET, CaseReview.NOT_MET),
    CaseReview.THRESHOLD_MET: (CaseReview.DONE,),
    CaseReview.NOT_MET: (CaseReview.REQUESTED,),
    CaseReview.DONE: (CaseReview.REQUESTED,),
}


ANSWERS = (CaseReview.NOT_MET, CaseReview.THRESHOLD_MET)


def answer_of(session: Session, case: Case, forms: Forms) -> CaseReview:
    """What the answer to a review that was asked for has to be."""
    return ANSWERS[threshold(session, case, forms, asked_on(session, case)).is_met]


def threshold(session: Session, case: Case, forms: Forms, on: date) -> Threshold:
    """AS4: enough reports in the months before, each made within a month of what happened."""
    needed, months, within = (
        clocks.amount(forms, f"asb.{name}", on)
        for name in ("review_reports", "review_months", "review_report_within_months")
    )
    counting = []
    for report in reports_of(session, case.id):
        if report.submission.review_state in reports.NO_LONGER:
            continue
        happened, told = day_of(report.given.get("happened_at")), told_on(report)
        if happened is not None and months_later(on, -months) <= told <= on and told <= months_later(happened, within):
            counting.append(report.submission.instance_id)
    return Threshold(counting, needed, months)


# Actions --------------------------------------------------------------------------------------------------------


def act(session: Session, case_id: str, acting: Acting, *, person: Person, now: datetime) -> CaseAction:
    """A protection notice follows a warning for the same conduct, given in this case. A referral is made by `refer`.

    Errors: NotFound, BadRequest, WarningFirst, CaseClosed, Redacted.
    """
    case = still_open(session, case_id)
    if acting.kind is ActionKind.NTG_REFERRAL:
        raise BadRequest
    follows = None
    if acting.kind is ActionKind.CPN:
        follows = next((one for one in warnings(session, case_id) if one.reference == acting.follows), None)
        if follows is None:
            raise WarningFirst
    action = CaseAction(
        reference="",
        case_id=case.id,
        number=0,
        kind=acting.kind,
        what=tidy(acting.what),
        due=acting.due,
        follows=follows.reference if follows else None,
        made_at=now,
        made_by=person.id,
    )
    return make(session, case, action, person=person, now=now)


def finish(
    session: Session, reference: str, result: str, *, person: Person, now: datetime, notice: str | None = None
) -> CaseAction:
    """It is done, with what came of it; a warning or notice says its number. Errors: NotFound, BadRequest, Redacted,
    WordsMissing.
    """
    action = get_action(session, reference)
    case = unerased(session, action.case_id)
    if action.done_at is not None:
        raise BadRequest
    action.result, action.notice = wanted(result), notice_number(notice)
    if action.kind in NUMBERED and action.notice is None:
        raise WordsMissing
    action.done_at = now
    seal_action(session, action, ACTION_DONE, person=person, now=now)
    touch(session, case, FINISHED, action, person=person, now=now)
    return action


def refer(session: Session, case_id: str, raising: Raising, *, person: Person, now: datetime) -> CaseAction:
    """To the tasking group, as an item of it. Errors: NotFound, BadRequest, CaseClosed, Redacted."""
    case = still_open(session, case_id)
    item = tasking.raise_item(session, raising, person=person, now=now)
    session.flush()
    action = CaseAction(
        reference="",
        case_id=case.id,
        number=0,
        kind=ActionKind.NTG_REFERRAL,
        what=item.title,
        due=london(now).date(),
        item_id=item.id,
        done_at=now,
        result="Put to the tasking group",
        made_at=now,
        made_by=person.id,
    )
    return make(session, case, action, person=person, now=now)


def warnings(session: Session, case_id: str) -> list[CaseAction]:
    """The written warnings that were given in a case."""
    return [one for one in actions(session, case_id) if one.kind is ActionKind.CPW and one.done_at is not None]


def actions(session: Session, case_id: str) -> list[CaseAction]:
    """What is to be done first, by its day; then what was done, the newest first."""
    found = list(session.exec(select(CaseAction).where(CaseAction.case_id == case_id)))
    still = sorted((one for one in found if one.done_at is None), key=lambda one: (one.due, one.number))
    done = sorted((one for one in found if one.done_at is not None), key=lambda one: -one.number)
    return still + done


def get_action(session: Session, reference: str) -> CaseAction:
    """Errors: NotFound."""
    action = session.get(CaseAction, reference)
    if action is None:
        raise NotFound
    return action


def notice_of(session: Session, action: CaseAction) -> Notice | None:
    """The notice of that number, when a phone gave it."""
    offence = NUMBERED.get(action.kind)
    if offence is None or action.notice is None:
        return None
    return session.exec(select(Notice).where(Notice.number == action.notice, Notice.offence == offence)).first()


# Finding --------------------------------------------------------------------------------------------------------


def get(session: Session, case_id: str) -> Case:
    """Errors: NotFound."""
    case = session.get(Case, case_id)
    if case is None:
        raise NotFound
    return case


def still_going(session: Session) -> list[Case]:
    """Oldest first."""
    return list(session.exec(select(Case).where(Case.state != CaseState.CLOSED).order_by(col(Case.number))))


def updates_due(session: Session) -> list[date]:
    """The day of the next update of every case in which somebody is to be told."""
    due = col(Case.update_due)
    return [day for day in session.scalars(select(due).where(due.is_not(None))) if day]


def closed(session: Session, limit: int) -> list[Case]:
    """The newest first."""
    query = select(Case).where(Case.state == CaseState.CLOSED).order_by(col(Case.changed_at).desc())
    return list(session.exec(query.limit(limit)))


def entries(session: Session, case_id: str) -> list[CaseEntry]:
    """Oldest first."""
    return list(session.exec(select(CaseEntry).where(CaseEntry.case_id == case_id).order_by(col(CaseEntry.seq))))


def reports_of(session: Session, case_id: str) -> list[Report]:
    return as_reports(session, reports.of_case(session, case_id))


def report_of(session: Session, instance_id: str) -> Report:
    """Errors: NotFound."""
    return as_reports(session, [reports.get(session, instance_id)])[0]


def as_reports(session: Session, found: Sequence[Submission]) -> list[Report]:
    ids = [one.instance_id for one in found]
    stands, corrected = reports.standings(session, ids), corrections.newest_of_many(session, ids)
    return [
        Report(one, submissions.answers_of(one) | corrected.get(one.instance_id, {}), stands[one.instance_id])
        for one in found
    ]


def related(session: Session, report: Report) -> list[Related]:
    """Reports near by or of the same people in the last half year, the likeliest first."""
    here, why = report.submission, defaultdict[str, list[str]](list)
    known: dict[str, Submission] = {}
    for near in submissions.nearby(session, here, metres=NEAR, most=50):
        if near.submission.form_id == reports.FORM:
            known[near.submission.instance_id] = near.submission
            why[near.submission.instance_id].append(f"{near.metres}\u00a0m away")
    newest = select(Listing.seq).where(Listing.form_id == reports.FORM).order_by(col(Listing.seq).desc())
    numbers = newest.limit(MOST_COMPARED).subquery()
    mine = people_in(report.given)
    for other in session.exec(select(Submission).join(numbers, numbers.c.seq == col(Submission.seq))) if mine else ():
        theirs = people_in(submissions.answers_of(other))
        for same in [name for name, value in mine.items() if theirs.get(name) == value]:
            known[other.instance_id] = other
            why[other.instance_id].append(SAME[same])
    since = here.received_at - LATELY
    shown = [
        one
        for one in known.values()
        if one.instance_id not in (here.instance_id, here.replaces)
        and one.review_state not in reports.NO_LONGER
        and not one.held
        and one.received_at >= since
    ]
    stands = reports.standings(session, [one.instance_id for one in shown])
    found = [
        Related(one, why[one.instance_id], session.get(Case, case_id) if case_id else None)
        for one in shown
        for case_id in [stands[one.instance_id].case_id]
    ]
    return sorted(found, key=lambda one: (-len(one.why), -one.submission.seq))


# Clocks ---------------------------------------------------------------------------------------------------------


def report_clocks(report: Report, forms: Forms) -> list[Clock]:
    """A high risk is looked at, and its reporter spoken to, on the day on which it came."""
    came, stands = report.came_on, report.standing

    def due(name: str) -> date:
        return came if report.is_high else clocks.after(forms, name, came)

    found = [Clock(ClockKind.TRIAGE, due("asb.triage_working_days"), on(stands.decided))]
    if report.may_be_told or stands.acknowledged:
        found.append(Clock(ClockKind.ACKNOWLEDGE, due("asb.acknowledge_working_days"), on(stands.acknowledged)))
    return found


def case_clocks(session: Session, found: Sequence[Case], forms: Forms) -> dict[str, list[Clock]]:
    """Of each, what runs out first first; of a closed one none."""
    open_actions = defaultdict[str, list[CaseAction]](list)
    query = select(CaseAction).where(
        col(CaseAction.case_id).in_([one.id for one in found]), col(CaseAction.done_at).is_(None)
    )
    for action in session.exec(query):
        open_actions[action.case_id].append(action)
    return {one.id: clocks_of(one, open_actions[one.id], forms) for one in found}


def clocks_of(case: Case, open_actions: Iterable[CaseAction], forms: Forms) -> list[Clock]:
    if case.state is CaseState.CLOSED:
        return []
    start = london(case.opened_at).date()
    contact = "asb.contact_p1_working_days" if case.priority is Priority.HIGH else "asb.contact_working_days"
    found = [Clock(ClockKind.INTERVIEW, clocks.after(forms, "asb.interview_working_days", start), case.interviewed_on)]
    if case.update_due is not None:
        found.append(Clock(ClockKind.CONTACT, clocks.after(forms, contact, start), case.contacted_on))
        found.append(Clock(ClockKind.UPDATE, case.update_due))
    found += [Clock(ClockKind.ACTION, one.due, about=one.reference, action=one.kind) for one in open_actions]
    return sorted(found, key=lambda one: (not one.is_open, one.due))


# Erasing --------------------------------------------------------------------------------------------------------


def erase(session: Session, case: Case, *, now: datetime) -> None:
    """Take the words out of a case. Its kinds, states and dates stay."""
    case.title, case.place = ERASED_TITLE, None
    session.add(case)
    emptied = {}
    for entry in entries(session, case.id):
        entry.words = None
        session.add(entry)
        emptied[str(entry.seq)] = events.digest_of(sealed_entry(entry))
    data = {"row": events.digest_of(sealed(case)), "entries": emptied}
    events.append(session, ERASED, case.id, actor="server", now=now, data=data)
    for action in actions(session, case.id):
        action.what = action.notice = action.result = None
        session.add(action)
        told = {"row": events.digest_of(sealed(action))}
        events.append(session, ACTION_ERASED, action.reference, actor="server", now=now, data=told)


# Helpers --------------------------------------------------------------------------------------------------------


def write(
    session: Session,
    case: Case,
    kind: EntryKind,
    *,
    person: Person,
    now: datetime,
    code: str | None = None,
    how: Way | None = None,
    words: str | None = None,
    instance_id: str | None = None,
) -> CaseEntry:
    """Write down what happened; one event seals it and the case as it is now."""
    entry = CaseEntry(
        seq=0,
        case_id=case.id,
        kind=kind,
        code=code,
        how=how,
        words=tidy(words),
        instance_id=instance_id,
        person_id=person.id,
        at=now,
    )
    case.changed_at = now
    data = {"row": events.digest_of(sealed(case)), "entry": events.digest_of(sealed_entry(entry))}
    entry.seq = events.append(session, KINDS[kind], case.id, actor=f"person:{person.id}", now=now, data=data).seq
    session.add(case)
    session.add(entry)
    session.flush()
    return entry


def touch(session: Session, case: Case, kind: str, action: CaseAction, *, person: Person, now: datetime) -> None:
    """Its own row again, after one of its actions has changed."""
    case.changed_at = now
    data = {"row": events.digest_of(sealed(case)), "action": action.reference}
    events.append(session, kind, case.id, actor=f"person:{person.id}", now=now, data=data)
    session.add(case)
    session.flush()


def make(session: Session, case: Case, action: CaseAction, *, person: Person, now: datetime) -> CaseAction:
    query = select(func.max(CaseAction.number)).where(CaseAction.case_id == case.id)
    action.number = (session.exec(query).one() or 0) + 1
    action.reference = f"{reference(case.number)}/{action.number}"
    seal_action(session, action, ACTION_MADE, person=person, now=now)
    touch(session, case, PLANNED, action, person=person, now=now)
    return action


def seal_action(session: Session, action: CaseAction, kind: str, *, person: Person, now: datetime) -> None:
    row = events.digest_of(sealed(action))
    events.append(session, kind, action.reference, actor=f"person:{person.id}", now=now, data={"row": row})
    session.add(action)


def reference(number: int) -> str:
    """As it is called at the desk and on letters: ASB-12."""
    return f"ASB-{number}"


def unerased(session: Session, case_id: str) -> Case:
    """Errors: NotFound, Redacted."""
    case = get(session, case_id)
    if session.get(Redaction, f"case:{case_id}") is not None:
        raise Redacted
    return case


def still_open(session: Session, case_id: str) -> Case:
    """Errors: NotFound, Redacted, CaseClosed."""
    case = unerased(session, case_id)
    if case.state is CaseState.CLOSED:
        raise CaseClosed
    return case


def check_closing(session: Session, case: Case) -> None:
    """Errors: ActionsLeft; TellFirst while somebody who may be told does not know it in writing."""
    if any(one.done_at is None for one in actions(session, case.id)):
        raise ActionsLeft
    said = entries(session, case.id)
    since = max(one.seq for one in said if one.kind is EntryKind.MOVED and one.code == CaseState.CLOSING)
    told = any(one.kind is EntryKind.TOLD and one.how in WRITTEN and one.seq > since for one in said)
    if not told and is_reachable(session, case):
        raise TellFirst


def check_lead(session: Session, who: str) -> None:
    """Somebody at the desk who gives tasks, or who carries an officer's device. Errors: BadRequest."""
    kind, _, key = who.partition(":")
    person = session.get(Person, key) if kind == "person" else None
    device = session.get(Device, key) if kind == "device" else None
    if person is not None and person.ended_at is None and people.may(person.role, people.May.TASK):
        return
    if device is not None and device.retired_at is None and device.role is Role.OFFICER:
        return
    raise BadRequest


def is_reachable(session: Session, case: Case) -> bool:
    return any(report.may_be_told for report in reports_of(session, case.id))


def asked_on(session: Session, case: Case) -> date:
    """The day on which the review that waits was asked for."""
    asked = [one for one in entries(session, case.id) if one.code == CaseReview.REQUESTED]
    return london(asked[-1].at if asked else case.changed_at).date()


def told_on(report: Report) -> date:
    """The day on which somebody reported it, which the record may say as another than its own."""
    return day_of(report.given.get("received_at")) or report.came_on


def day_of(said: Any) -> date | None:
    when = moment(said) if isinstance(said, str) else None
    return when.day() if when is not None and when.kind != "time" else None


def months_later(day: date, months: int) -> date:
    """The same day of the month, or the last day of a shorter one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def people_in(given: Mapping[str, Any]) -> dict[str, str]:
    """What tells in a report's answers who somebody is, written so that it compares."""
    digits = re.sub(r"\D", "", str(given.get("contact_phone") or ""))
    found = {name: " ".join(str(given.get(name) or "").casefold().split()) for name in SAME if name != "contact_phone"}
    found["contact_phone"] = digits[-LEAST_DIGITS:] if len(digits) >= LEAST_DIGITS else ""
    return {name: value for name, value in found.items() if value}


SAME = {
    "full_name": "the same person reported it",
    "contact_phone": "the same phone number",
    "contact_email": "the same email address",
    "address": "the same address",
}


def on(step: Any) -> date | None:
    return london(step.at).date() if step else None


def tidy(given: str | None) -> str | None:
    return (given or "").strip()[:LONGEST_TEXT] or None


def wanted(given: str | None) -> str:
    """Errors: WordsMissing."""
    words = tidy(given)
    if words is None:
        raise WordsMissing
    return words


def notice_number(given: str | None) -> str | None:
    """As notices carry it: W-26-04-0012, however it was typed."""
    return "-".join((given or "").upper().replace("-", " ").split())[:40] or None


def sealed(row: Case | CaseAction) -> dict[str, Any]:
    return events.seal_of(row)


def sealed_entry(entry: CaseEntry) -> dict[str, Any]:
    return events.seal_of(entry, {"seq"})
