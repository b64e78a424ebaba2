"""Notice card: what the record's page says of the notice that the record gave, and its words for where one stands."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from .. import authorisations, notices, submissions
from ..forms import Form
from ..forms.expressions import london
from ..models import Notice, NoticeStep, Person, StepKind, Submission
from ..notices import CANCEL_REASONS, DECISIONS, GROUNDS, RESULTS, Standing, State
from ..office import Office
from .words import StateWords

STANDINGS: dict[State, StateWords] = {
    State.GIVEN: StateWords("Given", "tick", "new"),
    State.DISCOUNT_OPEN: StateWords("Early payment open", "clock", "new"),
    State.FULL_OPEN: StateWords("Full payment open", "clock", "new"),
    State.REMINDER_DUE: StateWords("Reminder due", "warn", "back"),
    State.REMINDER_SENT: StateWords("Reminder sent", "clock", "new"),
    State.OVERDUE: StateWords("Overdue", "warn", "bad"),
    State.REPRESENTATION: StateWords("Representation waits", "warn", "back"),
    State.PAID_DISCOUNT: StateWords("Paid early", "tick", "good"),
    State.PAID_FULL: StateWords("Paid in full", "tick", "good"),
    State.CANCELLED: StateWords("Cancelled", "cross", "old"),
    State.WITH_LEGAL: StateWords("With legal", "inbox", "old"),
    State.CONVICTED: StateWords("Convicted", "tick", "old"),
    State.ACQUITTED: StateWords("Acquitted", "cross", "old"),
    State.WITHDRAWN_COURT: StateWords("Withdrawn at court", "cross", "old"),
}
STEPS = {
    StepKind.PAYMENT: "Payment",
    StepKind.REMINDER: "Reminder sent",
    StepKind.REPRESENTATION: "Representation received",
    StepKind.DECISION: "Representation answered",
    StepKind.CANCEL: "Cancelled",
    StepKind.LEGAL: "Sent to legal",
    StepKind.COURT: "Court result",
}
REASONS = {**GROUNDS, **DECISIONS, **CANCEL_REASONS, **RESULTS}


@dataclass(frozen=True)
class Card:
    """What the record's page says of its notice."""

    notice: Notice
    title: str
    standing: Standing
    steps: list[tuple[NoticeStep, str]]  # each with who wrote it down
    missing: list[str]  # what the law wants and it does not say
    today: date
    offence: str
    has_statement: bool

    @property
    def words(self) -> StateWords:
        return STANDINGS[self.standing.state]

    @property
    def may_go_to_court(self) -> bool:
        return self.standing.legal_from is not None and self.today >= self.standing.legal_from


def card_of(session: Session, office: Office, submission: Submission, form: Form | None) -> Card | None:
    notice = session.get(Notice, submission.instance_id)
    if notice is None or form is None or form.issue is None:
        return None
    steps, today = notices.steps_of(session, submission.instance_id), london(office.clock()).date()
    names = dict(
        session.exec(select(Person.id, Person.name).where(col(Person.id).in_({step.person_id for step in steps}))).all()
    )
    given = submissions.answers_of(submission)
    return Card(
        notice=notice,
        title=form.issue.title,
        standing=notices.standing(notice, steps, today),
        steps=[(step, names.get(step.person_id, "")) for step in steps],
        missing=[label_of(form, name) for name in notices.missing(form, given, office.forms.lists)],
        today=today,
        offence=authorisations.NAMES.get(notice.offence, notice.offence),
        has_statement=bool(form.issue.statement),
    )


def label_of(form: Form, name: str) -> str:
    field = form.field(name)
    return field.label if field and field.label else name
