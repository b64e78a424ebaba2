"""Casework in the example district: what the desk decided about reports of behaviour, and its cases.

One case is late, one in time, one has just begun and one is closed. The reports of the last days still wait.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from .. import cases, reports, submissions
from ..cases import Acting, Opening
from ..models import (
    ActionKind,
    Case,
    CaseState,
    CloseReason,
    Device,
    EntryKind,
    Notice,
    Person,
    Priority,
    ReportStepKind,
    Satisfied,
    Submission,
    Way,
)
from ..office import Office
from .district import HOST, Thing
from .enforcement import DANIEL, SARAH

Do = Callable[[Session, datetime], None]
Deed = tuple[datetime, Callable[[Session], None]]


@dataclass(frozen=True)
class Step:
    """Something that was done so many days ago at an hour of the day."""

    days: int
    hour: int
    minute: int
    do: Do


@dataclass(frozen=True)
class Desk:
    """Who does it; the verbs of whoever keeps cases."""

    office: Office
    person: Person
    devices: Mapping[str, Device]

    def opened(self, title: str, place: str, said: str, device: str, priority: Priority) -> Do:
        def do(session: Session, now: datetime) -> None:
            wanted = Opening(title, f"device:{self.devices[device].id}", priority, place)
            forms, one = self.office.forms, report(session, said)
            cases.open_case(session, wanted, one.instance_id, person=self.person, now=now, forms=forms)

        return do

    def joined(self, title: str, said: str) -> Do:
        def do(session: Session, now: datetime) -> None:
            one, forms = report(session, said).instance_id, self.office.forms
            cases.add_report(session, case(session, title).id, one, person=self.person, now=now, forms=forms)

        return do

    def acknowledged(self, said: str, way: Way) -> Do:
        def do(session: Session, now: datetime) -> None:
            reports.acknowledge(session, report(session, said).instance_id, way, person=self.person, now=now)

        return do

    def one_off(self, said: str, words: str) -> Do:
        def do(session: Session, now: datetime) -> None:
            one, kind = report(session, said).instance_id, ReportStepKind.ONE_OFF
            reports.decide(session, one, kind, person=self.person, now=now, words=words)

        return do

    def spoke(self, title: str, kind: EntryKind, how: Way | None, words: str) -> Do:
        def do(session: Session, now: datetime) -> None:
            one, forms = case(session, title).id, self.office.forms
            cases.speak(session, one, kind, person=self.person, now=now, forms=forms, how=how, words=words)

        return do

    def moved(self, title: str, state: CaseState, words: str | None = None) -> Do:
        def do(session: Session, now: datetime) -> None:
            one, forms, why = case(session, title).id, self.office.forms, CloseReason.RESOLVED
            cases.move(session, one, state, person=self.person, now=now, forms=forms, words=words, reason=why)

        return do

    def planned(self, title: str, kind: ActionKind, what: str, days: int) -> Do:
        """Due so many days later."""

        def do(session: Session, now: datetime) -> None:
            acting = Acting(kind, (now + timedelta(days=days)).date(), what)
            cases.act(session, case(session, title).id, acting, person=self.person, now=now)

        return do

    def finished(self, title: str, number: int, result: str, offence: str | None = None) -> Do:
        """One of the case's actions; a warning by the number that a phone gave it."""

        def do(session: Session, now: datetime) -> None:
            one = f"{cases.reference(case(session, title).number)}/{number}"
            notice = session.exec(select(Notice.number).where(Notice.offence == offence)).first()
            cases.finish(session, one, result, person=self.person, now=now, notice=notice)

        return do

    def satisfied(self, title: str, words: str) -> Do:
        def do(session: Session, now: datetime) -> None:
            one = case(session, title).id
            cases.ask_satisfied(session, one, Satisfied.YES, person=self.person, now=now, words=words)

        return do


# What was done --------------------------------------------------------------------------------------------------


# fmt: off
def wall(desk: Desk) -> Sequence[Step]:
    """High, and late: the reporter should have heard by now how it stands."""
    title, place = "Banging and threats, Dyer Row", "Dyer Row, flats 2 to 8"
    first, second, third = "Bangs on the wall at night", "Kicks at the wall", "Shouts at her through the wall"
    return (
        Step(24, 10, 0, desk.opened(title, place, first, DANIEL, Priority.HIGH)),
        Step(24, 10, 20, desk.acknowledged(first, Way.PHONE)),
        Step(23, 11, 0, desk.spoke(title, EntryKind.CONTACTED, Way.PHONE, "She keeps a diary from today.")),
        Step(22, 14, 0, desk.spoke(title, EntryKind.INTERVIEWED, Way.IN_PERSON, "Afraid at home; sleeps badly.")),
        Step(22, 15, 0, desk.moved(title, CaseState.ASSESSING)),
        Step(21, 9, 0, desk.moved(title, CaseState.ACTION)),
        Step(21, 9, 10, desk.planned(title, ActionKind.WARNING_LETTER, "To the tenant of flat 4", 3)),
        Step(21, 9, 15, desk.planned(title, ActionKind.DIARY, "Look through her diary sheets", 19)),
        Step(18, 16, 0, desk.finished(title, 1, "Handed over. He says that the walls are thin.")),
        Step(17, 17, 0, desk.spoke(title, EntryKind.TOLD, Way.PHONE, "The letter was handed over.")),
        Step(15, 10, 0, desk.joined(title, second)),
        Step(15, 10, 5, desk.acknowledged(second, Way.PHONE)),
        Step(2, 9, 30, desk.joined(title, third)),
        Step(2, 9, 40, desk.planned(title, ActionKind.SAFEGUARDING, "Refer her for support, if she agrees", 3)),
    )


def music(desk: Desk) -> Sequence[Step]:
    """In time: a warning was given, so a notice may follow."""
    title, said = "Music behind 19 Longmarket Row", "Music from the yard behind no. 19"
    return (
        Step(16, 9, 30, desk.opened(title, "19 Longmarket Row", said, SARAH, Priority.MEDIUM)),
        Step(16, 9, 35, desk.acknowledged(said, Way.EMAIL)),
        Step(15, 11, 0, desk.spoke(title, EntryKind.CONTACTED, Way.EMAIL, "Asked which nights were worst.")),
        Step(14, 15, 0, desk.spoke(title, EntryKind.INTERVIEWED, Way.PHONE, "Three families. Nobody is afraid.")),
        Step(14, 15, 10, desk.moved(title, CaseState.ASSESSING)),
        Step(12, 10, 0, desk.moved(title, CaseState.ACTION)),
        Step(12, 10, 5, desk.planned(title, ActionKind.CPW, "Music in the yard after ten", 4)),
        Step(9, 17, 0, desk.finished(title, 1, "Handed over in the yard; fourteen days to stop.", "CPW")),
        Step(4, 12, 0, desk.spoke(title, EntryKind.TOLD, Way.EMAIL, "A warning was given. Write if it goes on.")),
        Step(4, 12, 10, desk.planned(title, ActionKind.VISIT, "Listen on a Friday after eleven", 9)),
    )


def drink(desk: Desk) -> Sequence[Step]:
    """Just begun; the reporter stays unknown, so nobody is to be told."""
    title, place, said = "Drinking by the weir", "Millbrook Gardens, steps to the weir", "Six people drinking"
    return (
        Step(5, 10, 0, desk.opened(title, place, said, SARAH, Priority.STANDARD)),
        Step(4, 10, 0, desk.spoke(title, EntryKind.INTERVIEWED, None, "Nobody hurt. Glass is the worst of it.")),
        Step(4, 10, 5, desk.moved(title, CaseState.ASSESSING)),
        Step(1, 9, 0, desk.planned(title, ActionKind.PATROL_REQUEST, "Walk the steps at noon", 4)),
    )


def dogs(desk: Desk) -> Sequence[Step]:
    """Closed, and the reporter was asked."""
    title, place, said = "Dogs off the lead, Castle Field", "Castle Field, play area", "Two dogs off the lead"
    return (
        Step(45, 9, 30, desk.opened(title, place, said, SARAH, Priority.STANDARD)),
        Step(45, 9, 40, desk.acknowledged(said, Way.EMAIL)),
        Step(44, 11, 0, desk.spoke(title, EntryKind.CONTACTED, Way.EMAIL, "Asked when, and what they look like.")),
        Step(43, 11, 0, desk.spoke(title, EntryKind.INTERVIEWED, Way.PHONE, "No bite. Mostly after school.")),
        Step(43, 12, 0, desk.planned(title, ActionKind.VISIT, "Speak to the owner", 3)),
        Step(41, 16, 0, desk.finished(title, 1, "Spoken to. She has bought leads.")),
        Step(30, 10, 0, desk.moved(title, CaseState.CLOSING, "On a lead since our visit; nothing seen in ten days.")),
        Step(30, 10, 5, desk.spoke(title, EntryKind.TOLD, Way.EMAIL, "How it ended, and whom to ring.")),
        Step(30, 10, 10, desk.moved(title, CaseState.CLOSED)),
        Step(28, 14, 0, desk.satisfied(title, "Quick and polite.")),
    )


def racing(desk: Desk) -> Sequence[Step]:
    return (Step(10, 10, 0, desk.one_off("Cars racing round the car park", "The police know. Told to ring 101.")),)
# fmt: on


def deeds(
    office: Office, people: Mapping[str, Person], devices: Mapping[Thing, Device], *, now: datetime
) -> list[Deed]:
    """Each with its time; what lies ahead has not happened."""
    desk = Desk(office, people[HOST.name], {thing.name: device for thing, device in devices.items()})
    zone = ZoneInfo(office.settings.time_zone)
    found = []
    for step in (*wall(desk), *music(desk), *drink(desk), *dogs(desk), *racing(desk)):
        day = (now - timedelta(days=step.days)).astimezone(zone).date()
        at = datetime.combine(day, time(step.hour, step.minute), zone).astimezone(UTC)
        found.append((at, lambda session, do=step.do, at=at: do(session, at)))
    return [deed for deed in found if deed[0] < now]


# Helpers --------------------------------------------------------------------------------------------------------


def case(session: Session, title: str) -> Case:
    return session.exec(select(Case).where(Case.title == title)).one()


def report(session: Session, said: str) -> Submission:
    """The report that begins with these words."""
    found = session.exec(select(Submission).where(Submission.form_id == reports.FORM).order_by(col(Submission.seq)))
    return next(one for one in found if str(submissions.answers_of(one).get("what", "")).startswith(said))
