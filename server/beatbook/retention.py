"""Retention: until when each record is kept, and the erasure of what is due.

The class of a record is its form's, unless what became of it says otherwise: a notice that was cancelled goes sooner,
graffiti with a suspect stays longer, and a report that is part of a case stays as long as the case. Nobody has to close
a record for its time to run: without a decision it is counted from the day it came, so nothing is kept for ever (DP12).
What is erased leaves a stub: number, form, dates, digest, receipt and events (DP5). A hold stops all of it.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, delete, func, select

from . import events, keeping, listings, meetings, notices, patrols, redactions, reports, submissions, tasking, wow
from .database import Database
from .forms import RETENTION, Form, Forms, answers
from .forms.dated import school_year
from .forms.expressions import london
from .forms.retention import From, Retention
from .models import (
    Attachment,
    Blob,
    Case,
    Correction,
    Keeping,
    Notice,
    NoticeStep,
    Person,
    PupilPhoto,
    RaisedFlag,
    Redaction,
    Remark,
    ReportStep,
    Review,
    StepKind,
    Submission,
)
from .notices import State
from .problems import KeptByLaw, OnHold, Redacted
from .submissions import corrections, remarks

RAN = "retention.ran"  # somebody at the desk said that what is due may go now
UNKNOWN = "unknown"
IN_CASE = "asb_case"  # of a report that is part of a case, and of the case
OTHERS = {UNKNOWN: Retention("Reports of devices, and forms not known here", years=6, counted_from=From.CAPTURED)}
NEVER_ERASED = "audit"  # the log holds no content, and its chain would break
STAYS = (
    "instanceId", "formId", "formVersion", "capturedAt", "counter", "replaces", "patrolId", "taskId", "aboutId",
    "attachments", "app",
)  # fmt: skip
IN_COURT = frozenset({State.WITH_LEGAL, State.CONVICTED, State.ACQUITTED, State.WITHDRAWN_COURT})
PAID = frozenset({State.PAID_DISCOUNT, State.PAID_FULL})
WRONG_CLOCK = timedelta(days=180)  # a phone that says it was longer ago is not believed
LONGEST_DRAW = timedelta(days=365)  # nobody waits longer for a prize
TOGETHER = 50  # records erased in one transaction, so that deliveries need not wait for all of them
LOOKED_AT = 500  # records looked at together


@dataclass(frozen=True)
class Term:
    """How long one record stays, and why."""

    instance_id: str  # or what is kept beside records, as its erasure will name it: task:…
    kind: str  # its class
    until: date
    photos_until: date | None  # when they go before the rest
    held: bool

    def is_due(self, today: date) -> bool:
        return not self.held and (self.until <= today or (self.photos_until is not None and self.photos_until <= today))


@dataclass
class Forecast:
    """What will be erased, by class and month, if nothing is decided until then."""

    classes: dict[str, Retention]
    months: dict[str, Counter[date]] = field(default_factory=lambda: defaultdict(Counter))  # by the first of the month
    next: dict[str, tuple[date, int]] = field(default_factory=dict)  # the next day, and how many go on it
    photos: Counter[str] = field(default_factory=Counter)  # records whose photos go before them
    held: Counter[str] = field(default_factory=Counter)
    due: int = 0  # today

    def add(self, term: Term, today: date) -> None:
        if term.held:
            self.held[term.kind] += 1
            return
        self.due += term.is_due(today)
        self.months[term.kind][term.until.replace(day=1)] += 1
        self.photos[term.kind] += term.photos_until is not None
        soonest, count = self.next.get(term.kind, (term.until, 0))
        if term.until <= soonest:
            self.next[term.kind] = (term.until, count + 1 if term.until == soonest else 1)


# Dates ------------------------------------------------------------------------------------------------------------


def classes(forms: Forms, on: date) -> dict[str, Retention]:
    """The classes with the council's own periods in force on a day."""
    found = {}
    for kind, default in (RETENTION | OTHERS).items():
        own = {unit: forms.settings.value(f"retention.{kind}.{unit}", on) for unit in ("years", "days", "photo_days")}
        found[kind] = replace(default, **{unit: value for unit, value in own.items() if isinstance(value, int)})
    return found


def terms(session: Session, forms: Forms, on: date) -> Iterator[Term]:
    """Of every record of which something is still here, in the order in which they came."""
    periods, held, last = classes(forms, on), keeping.held(session), 0
    while True:
        query = select(Submission).where(col(Submission.seq) > last, not_erased()).order_by(col(Submission.seq))
        found = session.exec(query.limit(LOOKED_AT)).all()
        if not found:
            return
        yield from terms_of(session, forms, found, periods, held, on)
        last = found[-1].seq
        session.expunge_all()


def term_of(session: Session, forms: Forms, submission: Submission, on: date) -> Term:
    (term,) = terms_of(session, forms, [submission], classes(forms, on), keeping.held(session), on)
    return term


def forecast(session: Session, forms: Forms, today: date) -> Forecast:
    """The dry run: what would be erased when, with nothing touched."""
    made = Forecast(classes(forms, today))
    for term in terms(session, forms, today):
        made.add(term, today)
    return made


def terms_of(
    session: Session,
    forms: Forms,
    found: Sequence[Submission],
    periods: Mapping[str, Retention],
    held: set[str],
    on: date,
) -> Iterator[Term]:
    after = what_followed(session, [one.instance_id for one in found])
    for submission in found:
        form = forms.find(submission.form_id, submission.form_version)
        kind = class_of(session, forms, form, submission, after, on)
        counted, days = periods[kind], days_of(submission, after, forms, on)
        until = end_of(counted.counted_from, days, counted.years, counted.days)
        photos, case = None, after.cases.get(submission.instance_id)
        if counted.photo_days is not None and submission.instance_id in after.with_photos:
            photos = end_of(counted.photos_counted_from, days, 0, counted.photo_days)
        assert until is not None
        yield Term(
            submission.instance_id,
            kind,
            until,
            photos if photos is not None and photos < until else None,
            submission.instance_id in held or (case is not None and case.id in held),
        )


@dataclass(frozen=True)
class After:
    """What happened to some records since they came, each by its number."""

    decided: dict[str, datetime]
    notices: dict[str, Notice]
    steps: dict[str, list[NoticeStep]]
    with_photos: set[str]
    cases: dict[str, Case]  # that a report is part of


def what_followed(session: Session, instance_ids: Sequence[str]) -> After:
    decided = dict(
        session.exec(
            select(Review.instance_id, func.max(Review.at))
            .where(col(Review.instance_id).in_(instance_ids))
            .group_by(col(Review.instance_id))
        ).all()
    )
    mended = dict(
        session.exec(
            select(Submission.replaces, Submission.instance_id).where(col(Submission.replaces).in_(instance_ids))
        ).all()
    )
    if mended:  # what was mended stays as long as what mends it is open
        newer = what_followed(session, [one for one in mended.values() if one not in instance_ids])
        for old, new in mended.items():
            moments = [moment for moment in (decided.get(old), (decided | newer.decided).get(new)) if moment]
            if old and moments:
                decided[old] = max(moments)
    steps: dict[str, list[NoticeStep]] = defaultdict(list)
    for step in session.exec(
        select(NoticeStep).where(col(NoticeStep.instance_id).in_(instance_ids)).order_by(col(NoticeStep.seq))
    ):
        steps[step.instance_id].append(step)
    given = session.exec(select(Notice).where(col(Notice.instance_id).in_(instance_ids)))
    pictured = session.exec(
        select(Attachment.instance_id)
        .join(Blob, col(Blob.sha256) == Attachment.sha256)
        .where(col(Attachment.instance_id).in_(instance_ids))
        .distinct()
    )
    notices_given = {notice.instance_id: notice for notice in given}
    return After(decided, notices_given, steps, set(pictured), cases_of(session, instance_ids))


def cases_of(session: Session, instance_ids: Sequence[str]) -> dict[str, Case]:
    stands = reports.standings(session, instance_ids)
    wanted = {one.case_id for one in stands.values() if one.case_id}
    known = {case.id: case for case in session.exec(select(Case).where(col(Case.id).in_(wanted)))} if wanted else {}
    return {one: known[stand.case_id] for one, stand in stands.items() if stand.case_id in known}


def class_of(session: Session, forms: Forms, form: Form | None, submission: Submission, after: After, on: date) -> str:
    """The form's class, unless a notice, a suspect, a young person or a case makes it another."""
    if form is None:
        return UNKNOWN
    if submission.instance_id in after.cases:
        return IN_CASE
    notice = after.notices.get(submission.instance_id)
    if notice is not None:
        state = notices.standing(notice, after.steps[submission.instance_id], on).state
        return "cancelled" if state is State.CANCELLED else "prosecution" if state in IN_COURT else form.retention
    if form.retention == "enforcement" and corrections.answers_of(session, submission).get("outcome") == "juvenile":
        return "cancelled"
    if form.part_3_when is not None and regime_of(session, forms, submission) == "le_part3":
        return "enforcement"
    return form.retention


def days_of(submission: Submission, after: After, forms: Forms, on: date) -> dict[From, date | None]:
    """From which day each way of counting counts. A clock that cannot be right is not believed."""
    came, said = submission.received_at, submission.captured_at
    happened = london(said if said is not None and came - WRONG_CLOCK <= said <= came else came).date()
    steps, notice = after.steps[submission.instance_id], after.notices.get(submission.instance_id)
    closed = [london(after.decided.get(submission.instance_id, came)).date(), *(step.on for step in steps)]
    if case := after.cases.get(submission.instance_id):
        closed.append(london(case.changed_at).date())
    paid = notice is not None and notices.standing(notice, steps, on).state in PAID
    payments = [step.on for step in steps if step.kind is StepKind.PAYMENT]
    return {
        From.CAPTURED: happened,
        From.CLOSED: max(closed),
        From.PAID: max(payments) if paid else None,
        From.SCHOOL_YEAR: school_year(forms.settings, happened)[1],
        From.DRAWN: draw_of(submission, happened),
    }


def draw_of(submission: Submission, happened: date) -> date:
    try:
        drawn = date.fromisoformat(str(submissions.answers_of(submission).get("drawn_on")))
    except ValueError:
        return happened
    return min(max(drawn, happened), happened + LONGEST_DRAW)


def end_of(counted_from: From, days: Mapping[From, date | None], years: int, more: int) -> date | None:
    start = days[counted_from]
    if start is None:
        return None
    leap_day = (start.month, start.day) == (2, 29)
    year_later = start.replace(year=start.year + years, day=28 if leap_day and years else start.day)
    return year_later + timedelta(days=more)


def regime_of(session: Session, forms: Forms, submission: Submission) -> str:
    """Under which law a record is kept. The stricter counts: of one that cannot be read yet, and of one whose suspect
    was corrected away.
    """
    form = forms.find(submission.form_id, submission.form_version)
    if form is None:
        return "le_part3"
    at, signed = submission.captured_at or submission.received_at, submissions.answers_of(submission)
    now_said = corrections.answers_of(session, submission)
    versions = [signed] if now_said == signed else [signed, now_said]
    found = {answers.regime(form, given, forms.context(at, given)) for given in versions}
    return "le_part3" if "le_part3" in found else form.regime


def not_erased() -> Any:
    stubs = select(Redaction.subject).where(Redaction.what == redactions.EVERYTHING)
    return col(Submission.instance_id).not_in(stubs)


# Erasing ----------------------------------------------------------------------------------------------------------


def erase_due(database: Database, forms: Forms, *, now: datetime) -> list[str]:
    """Erase what is due, in several transactions. Answers the files to sweep."""
    today = london(now).date()
    erase_stamps(database, forms, now=now)
    with database.reading() as session:
        due = [term.instance_id for term in terms(session, forms, today) if term.is_due(today)]
    files: list[str] = []

    def some(session: Session, part: Sequence[str]) -> list[str]:
        swept = []
        for instance_id in part:
            submission = submissions.get(session, instance_id)
            term = term_of(session, forms, submission, today)  # a decision may have come meanwhile
            if not term.is_due(today):
                continue
            label = classes(forms, today)[term.kind].label
            if term.until <= today:
                swept += erase(session, submission, forms, why=f"{label}: its time was over", now=now)
            else:
                swept += erase_photos(session, submission, why=f"{label}: the time of its photos was over", now=now)
        return swept

    for start in range(0, len(due), TOGETHER):
        files += database.write(lambda session, part=due[start : start + TOGETHER]: some(session, part))
    return files


def erase_stamps(database: Database, forms: Forms, *, now: datetime) -> None:
    """Which card walked goes at the end of the school year; how many walked stays with its record."""
    with database.reading() as session:
        due = wow.stamps_due(session, forms, now=now)

    def some(session: Session, part: Sequence[str]) -> None:
        why = f"{RETENTION['card_stamps'].label}: the school year was over"
        for instance_id in part:
            redactions.redact_answers(session, instance_id, (wow.STAMPS,), why=why, now=now)

    for start in range(0, len(due), TOGETHER):
        database.write(lambda session, part=due[start : start + TOGETHER]: some(session, part))


def erase(session: Session, submission: Submission, forms: Forms, *, why: str, now: datetime) -> list[str]:
    """Make a record a stub. Answers the files to sweep."""
    form = forms.find(submission.form_id, submission.form_version)
    files = erase_photos(session, submission, why=why, now=now)
    if submission.form_id == patrols.TICKET:
        patrols.keep_counts(session, submission, now=now)
    if submission.form_id == patrols.STEP:
        patrols.erase_words(session, submission, now=now)
    submission.payload = stub_of(submission)
    submission.title = f"{form.title if form else 'Record'}, erased"
    submission.place = submission.latitude = submission.longitude = submission.accuracy = None
    submission.warnings, submission.flags, submission.held = [], [], False
    session.add(submission)
    session.exec(delete(RaisedFlag).where(col(RaisedFlag.instance_id) == submission.instance_id))
    listings.emptied(session, submission)
    resealed = {submission.seq: events.digest_of(submissions.sealed(submission))}
    resealed |= dict(empty_what_followed(session, submission.instance_id))
    raised = tasking.of_source(session, submission.instance_id)
    if raised is not None and session.get(Redaction, f"item:{raised.id}") is None:  # it repeats what the record said
        meetings.erase_item(session, raised, now=now)
        redactions.redact_beside(session, "item", raised.id, why=why, now=now)
    redactions.redact_record(session, submission, why=why, now=now, resealed=resealed)
    return files


def erase_photos(session: Session, submission: Submission, *, why: str, now: datetime) -> list[str]:
    """Those that no other record still shows."""
    files: list[str] = []
    listed = select(Attachment.sha256).where(Attachment.instance_id == submission.instance_id).distinct()
    for sha256 in session.exec(listed).all():
        elsewhere = (
            select(Attachment.sha256)
            .join(Submission, col(Submission.instance_id) == Attachment.instance_id)
            .where(Attachment.sha256 == sha256, Attachment.instance_id != submission.instance_id, not_erased())
        )
        if session.exec(elsewhere.limit(1)).first() is not None:
            continue
        pupils = session.get(PupilPhoto, sha256)
        if pupils is not None and pupils.state in (patrols.photos.PENDING, patrols.photos.OK):
            files += patrols.photos.erase(session, pupils, why=why, now=now)
        else:
            files += redactions.files_of(session, sha256)
            redactions.redact_photo(session, sha256, why=why, now=now)
    session.flush()
    if not submission.complete:
        submissions.complete_if_whole(session, submission.instance_id, now=now)  # what was erased is not waited for
    return files


def stub_of(submission: Submission) -> bytes:
    told = json.loads(submission.payload)
    stub = {name: told[name] for name in STAYS if name in told} | {"answers": {}, "redacted": [redactions.EVERYTHING]}
    return json.dumps(stub, ensure_ascii=False, separators=(",", ":")).encode()


def empty_what_followed(session: Session, instance_id: str) -> Iterator[tuple[int, str]]:
    """Take the words out of what the desk wrote about a record. Answers each row's event and its new digest."""
    emptied: list[tuple[Any, dict[str, Any], Any]] = [
        (Review, {"note": None}, submissions.sealed_review),
        (Remark, {"words": ""}, remarks.sealed),
        (Correction, {"before": "null", "after": "null", "reason": ""}, corrections.sealed),
        (Notice, {"whom": "", "place": ""}, notices.sealed),
        (NoticeStep, {"note": None, "reference": None}, notices.sealed_step),
        (ReportStep, {"words": None}, reports.sealed),
    ]
    for table, nothing, sealed in emptied:
        for row in session.exec(select(table).where(table.instance_id == instance_id)).all():
            for name, value in nothing.items():
                setattr(row, name, value)
            session.add(row)
            yield row.seq, events.digest_of(sealed(row))


# Before its date --------------------------------------------------------------------------------------------------


def decide(session: Session, instance_id: str, kind: str, words: str, *, person: Person, now: datetime) -> Keeping:
    """Place a hold, lift it, or decline what somebody asked.

    Errors: NotFound, Redacted, WordsMissing, OnHold, NobodyAsked.
    """
    refuse_stub(session, instance_id)
    return keeping.decide(session, instance_id, kind, words, person=person, now=now)


def ask(session: Session, instance_id: str, words: str, *, person: Person, now: datetime, forms: Forms) -> Keeping:
    """Errors: NotFound, Redacted, WordsMissing, OnHold; KeptByLaw for a record of law enforcement (EV2)."""
    refuse_early(session, instance_id, forms)
    return keeping.decide(session, instance_id, keeping.ASK, words, person=person, now=now)


def agree(session: Session, instance_id: str, *, person: Person, now: datetime, forms: Forms) -> list[str]:
    """A second person agrees: the record goes. Answers the files to sweep.

    Errors: NotFound, Redacted, OnHold, KeptByLaw, NobodyAsked, SecondPerson.
    """
    submission = refuse_early(session, instance_id, forms)
    keeping.decide(session, instance_id, keeping.AGREE, "", person=person, now=now)
    return erase(session, submission, forms, why="before its time: one person asked, another agreed", now=now)


def refuse_stub(session: Session, instance_id: str) -> Submission:
    """Errors: NotFound, Redacted."""
    submission, erased = submissions.get(session, instance_id), session.get(Redaction, instance_id)
    if erased is not None and is_stub(erased):
        raise Redacted
    return submission


def is_stub(erased: Redaction) -> bool:
    """Whether everything of a record went, or some answers only."""
    return erased.what == redactions.EVERYTHING


def refuse_early(session: Session, instance_id: str, forms: Forms) -> Submission:
    """EV2. Errors: NotFound, Redacted, OnHold, KeptByLaw."""
    submission = refuse_stub(session, instance_id)
    if keeping.standing(session, instance_id).hold is not None:
        raise OnHold
    if regime_of(session, forms, submission) == "le_part3":
        raise KeptByLaw
    return submission


# What was erased --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """How many records lost some answers, or how many photos went, for one reason."""

    kind: str  # as in Redaction
    why: str
    number: int
    last: datetime


def erased(session: Session, *, limit: int) -> list[tuple[Redaction, Submission]]:
    """The records that were made stubs, newest first."""
    query = select(Redaction, Submission).join(Submission, col(Submission.instance_id) == Redaction.subject)
    query = query.where(Redaction.what == redactions.EVERYTHING)
    return list(session.exec(query.order_by(col(Redaction.at).desc()).limit(limit)).all())


def erased_parts(session: Session, since: datetime) -> list[Part]:
    """What else went since a moment: answers that went before their record, and photos."""
    query = select(Redaction.kind, Redaction.why, func.count(), func.max(Redaction.at)).where(
        Redaction.at >= since,
        (col(Redaction.what) != redactions.EVERYTHING) | (col(Redaction.kind) != "submission"),
    )
    found = session.exec(query.group_by(col(Redaction.kind), col(Redaction.why)).order_by(col(Redaction.why)))
    return [Part(*row) for row in found.all()]
