"""One case: its reports, what is to be done by when and what was done, its clocks, and every step that it can take."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import cases, clocks, events, tasks
from ..cases import MOVES, REFERABLE, REVIEWS, Acting, Related, Report, Threshold
from ..clocks import Clock
from ..models import (
    ActionKind,
    Case,
    CaseAction,
    CaseEntry,
    CaseReview,
    CaseState,
    CloseReason,
    EntryKind,
    ItemKind,
    Notice,
    Priority,
    Redaction,
    Satisfied,
    Task,
    Way,
)
from ..people import May
from ..problems import ActionsLeft, BadRequest, CaseClosed, CaseMove, Redacted, TellFirst, WarningFirst
from ..tasking import LONGEST_TITLE, Raising
from . import case_words
from .cases import Doing, leads
from .history import names_of, names_of_actors
from .pages import page
from .session import office_of, person_required
from .tasks import today

FIELDS = (
    "act", "state", "words", "reason", "kind", "how", "next_update", "what", "due", "follows", "number", "notice",
    "lead", "priority", "report", "answer", "title", "problem", "outcome_wanted",
)  # fmt: skip
REFUSALS = (ActionsLeft, CaseClosed, CaseMove, Redacted, TellFirst, WarningFirst)


@dataclass(frozen=True)
class Done:
    """An action with what it led to."""

    action: CaseAction
    tasks: list[Task]
    notice: Notice | None


@dataclass(frozen=True)
class Entry:
    """One line of its history."""

    at: datetime
    icon: str
    words: str
    said: str | None
    who: str | None
    report: str | None = None

    @property
    def is_reading(self) -> bool:
        return self.icon == "eye"


@dataclass(frozen=True)
class View:
    case: Case
    lead: str
    leads: Mapping[str, str]
    clocks: list[Clock]
    reports: list[Report]
    related: list[Related]
    actions: list[Done]
    warnings: list[CaseAction]
    threshold: Threshold
    history: list[Entry]
    update_by: date  # the latest day of the next update, counted from today
    erased: bool

    @property
    def is_reachable(self) -> bool:
        return any(report.may_be_told for report in self.reports)


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    """A case is about people: opening it is written down, as with a record."""
    office, person, case_id = office_of(request), request.state.person, id_of(request)

    def note(session: Session) -> None:
        cases.get(session, case_id)
        events.append(session, "case.viewed", case_id, actor=f"person:{person.id}", now=office.clock())

    if request.method == "GET":
        await office.database.write_soon(note)
    return await draw(request)


@person_required(May.TASK)
async def act(request: Request) -> Response:
    async with request.form(max_files=0, max_fields=20) as form:
        given = {name: str(form.get(name, "")).strip()[: cases.LONGEST_TEXT] for name in FIELDS}
    deed, office, case_id = given["act"], office_of(request), id_of(request)
    if deed not in DEEDS:
        raise BadRequest
    if wrong := wrong_in(given, today(office)):
        return await draw(request, given=given, wrong=wrong)
    person = request.state.person
    try:
        await office.database.write_soon(
            lambda session: DEEDS[deed](Doing(session, case_id, given, person, office.clock(), office.forms))
        )
    except REFUSALS as problem:
        return await draw(request, given=given, wrong={SAID_AT.get(deed, deed): problem.detail}, status=problem.status)
    return RedirectResponse(f"/desk/cases/{case_id}", status_code=303)


# What is missing in a form --------------------------------------------------------------------------------------


def wrong_in(given: Mapping[str, str], on: date) -> dict[str, str]:
    """By the field. What is wrong with the case itself is said by whoever decides about it."""
    deed = given["act"]
    wrong = {f"{deed}-{name}": sentence for name, sentence in ASKED.get(deed, {}).items() if not given[name]}
    if deed == "move" and given["state"] == CaseState.CLOSING:
        wrong |= {} if given["reason"] in list(CloseReason) else {"move-reason": "Say why it closes"}
        wrong |= {} if given["words"] else {"move-words": "Sum up what was done and how it ended"}
    if deed == "move" and given["state"] == CaseState.REOPENED and not given["words"]:
        wrong["move-words"] = "Say why it is reopened"
    if deed == "act" and given["kind"] not in list(ActionKind):
        wrong["act-kind"] = "Choose what to do"
    if deed == "act" and date_of(given["due"]) is None:
        wrong["act-due"] = "Enter the day by which it is due"
    if deed == "speak" and given["next_update"]:
        next_update = date_of(given["next_update"])
        if next_update is None or next_update <= on:
            wrong["speak-next_update"] = "Enter a day after today"
    if deed == "done" and not given["words"]:
        wrong[f"done-{given['number']}-words"] = "Say what came of it"
    if deed == "done" and given["kind"] in cases.NUMBERED and not given["notice"]:
        wrong[f"done-{given['number']}-notice"] = "Give its number, as it stands on the paper"
    return wrong


ASKED: dict[str, dict[str, str]] = {
    "speak": {"words": "Write down what was said"},
    "note": {"words": "Write something first"},
    "review": {"words": "Say who asked, or what came of it"},
    "refer": {
        "title": "Give it a title",
        "problem": "Say what the problem is",
        "outcome_wanted": "Say what good looks like",
    },
}
SAID_AT = {"move": "move-words", "act": "act-kind"}  # the field beside which a refusal is said


# What can be done -----------------------------------------------------------------------------------------------


def move(doing: Doing) -> None:
    state, reason = doing.given["state"], doing.given["reason"]
    if state not in list(CaseState):
        raise BadRequest
    cases.move(
        doing.session,
        doing.key,
        CaseState(state),
        person=doing.person,
        now=doing.now,
        forms=doing.forms,
        words=doing.given["words"],
        reason=CloseReason(reason) if reason in list(CloseReason) else None,
    )


def speak(doing: Doing) -> None:
    kind, how = doing.given["kind"], doing.given["how"]
    if kind not in cases.SPOKEN:
        raise BadRequest
    cases.speak(
        doing.session,
        doing.key,
        EntryKind(kind),
        person=doing.person,
        now=doing.now,
        forms=doing.forms,
        how=Way(how) if how in list(Way) else None,
        words=doing.given["words"],
        next_update=date_of(doing.given["next_update"]),
    )


def plan(doing: Doing) -> None:
    given, due = doing.given, date_of(doing.given["due"])
    assert due is not None
    acting = Acting(ActionKind(given["kind"]), due, given["what"] or None, given["follows"] or None)
    cases.act(doing.session, doing.key, acting, person=doing.person, now=doing.now)


def finish(doing: Doing) -> None:
    case = cases.get(doing.session, doing.key)
    reference = f"{cases.reference(case.number)}/{doing.given['number']}"
    cases.finish(
        doing.session,
        reference,
        doing.given["words"],
        person=doing.person,
        now=doing.now,
        notice=doing.given["notice"],
    )


def refer(doing: Doing) -> None:
    """The item leads to the newest report as its evidence, and names nobody."""
    case, kind = cases.get(doing.session, doing.key), doing.given["kind"]
    found = cases.reports_of(doing.session, doing.key)
    raising = Raising(
        kind=ItemKind(kind) if kind in list(ItemKind) else ItemKind.PLACE,
        title=doing.given["title"][:LONGEST_TITLE],
        problem=doing.given["problem"],
        outcome_wanted=doing.given["outcome_wanted"],
        place=case.place,
        about=found[-1].submission.instance_id if found else None,
    )
    cases.refer(doing.session, doing.key, raising, person=doing.person, now=doing.now)


def review(doing: Doing) -> None:
    """The answer is worked out: what the form says is only that somebody answers."""
    case, state = cases.get(doing.session, doing.key), doing.given["state"]
    if state == "answer":
        state = cases.answer_of(doing.session, case, doing.forms)
    if state not in list(CaseReview):
        raise BadRequest
    cases.review(
        doing.session,
        doing.key,
        CaseReview(state),
        person=doing.person,
        now=doing.now,
        forms=doing.forms,
        words=doing.given["words"],
    )


def lead(doing: Doing) -> None:
    if doing.given["priority"] not in list(Priority):
        raise BadRequest
    priority = Priority(doing.given["priority"])
    cases.lead(doing.session, doing.key, doing.given["lead"], priority, person=doing.person, now=doing.now)


def join(doing: Doing) -> None:
    cases.add_report(
        doing.session, doing.key, doing.given["report"], person=doing.person, now=doing.now, forms=doing.forms
    )


def ask(doing: Doing) -> None:
    if doing.given["answer"] not in list(Satisfied):
        raise BadRequest
    answer = Satisfied(doing.given["answer"])
    cases.ask_satisfied(
        doing.session, doing.key, answer, person=doing.person, now=doing.now, words=doing.given["words"]
    )


def note(doing: Doing) -> None:
    cases.note(doing.session, doing.key, doing.given["words"], person=doing.person, now=doing.now)


DEEDS: dict[str, Callable[[Doing], None]] = {
    "move": move, "speak": speak, "act": plan, "done": finish, "refer": refer, "review": review, "lead": lead,
    "join": join, "ask": ask, "note": note,
}  # fmt: skip


# The page -------------------------------------------------------------------------------------------------------


async def draw(
    request: Request,
    *,
    given: Mapping[str, str] | None = None,
    wrong: dict[str, str] | None = None,
    status: int = 422,
) -> Response:
    office = office_of(request)

    def read() -> View:
        with office.database.reading() as session:
            return view(session, request)

    return page(
        request,
        "case_file.html",
        status=status if wrong else 200,
        view=await run_in_threadpool(read),
        given=given or {},
        wrong=wrong or {},
        today=today(office),
        say=case_words,
        reference=cases.reference,
        moves=MOVES,
        next_reviews=REVIEWS,
        numbered=cases.NUMBERED,
        referable=REFERABLE,
    )


def view(session: Session, request: Request) -> View:
    office = office_of(request)
    case = cases.get(session, id_of(request))
    found, on = cases.reports_of(session, case.id), today(office)
    actions, asked = cases.actions(session, case.id), case.review is CaseReview.REQUESTED
    names = leads(session)
    return View(
        case=case,
        lead=names.get(case.lead) or names_of_actors(session, [case.lead]).get(case.lead, "Somebody who left"),
        leads=names,
        clocks=cases.case_clocks(session, [case], office.forms)[case.id],
        reports=found,
        related=related(session, found) if case.state is not CaseState.CLOSED else [],
        actions=[
            Done(action, tasks.about(session, action.reference), cases.notice_of(session, action)) for action in actions
        ],
        warnings=cases.warnings(session, case.id),
        threshold=cases.threshold(session, case, office.forms, cases.asked_on(session, case) if asked else on),
        history=history(session, case, found),
        update_by=clocks.after(office.forms, "asb.update_working_days", on),
        erased=session.get(Redaction, f"case:{case.id}") is not None,
    )


def related(session: Session, found: Sequence[Report]) -> list[Related]:
    """Reports beside those of the case that are in none."""
    mine, beside = {report.submission.instance_id for report in found}, {}
    for report in found:
        for one in cases.related(session, report):
            if one.case is None and one.submission.instance_id not in mine:
                beside.setdefault(one.submission.instance_id, one)
    return list(beside.values())[:MOST_PROPOSED]


MOST_PROPOSED = 6


def history(session: Session, case: Case, found: Sequence[Report]) -> list[Entry]:
    """Newest first: what was written down, and who looked."""
    happened = events.history_of(session, case.id)
    names = names_of(session, happened)
    written = {entry.seq: entry for entry in cases.entries(session, case.id)}
    titles = {report.submission.instance_id: report.submission.title for report in found}
    lines = []
    for event in happened:
        entry = written.get(event.seq)
        if entry is not None:
            lines.append(entry_of(entry, names.get(event.actor), titles))
        elif event.kind in OTHERS:
            icon, words = OTHERS[event.kind]
            words = words.format(action=json.loads(event.data).get("action", ""))
            line = Entry(event.at, icon, words, None, names.get(event.actor))
            if lines and line.is_reading and (lines[-1].words, lines[-1].who) == (line.words, line.who):
                lines.pop()
            lines.append(line)
    return lines[::-1]


def entry_of(entry: CaseEntry, who: str | None, titles: Mapping[str, str]) -> Entry:
    said = entry.words or titles.get(entry.instance_id or "")
    return Entry(entry.at, case_words.entry_icon(entry), case_words.entry_words(entry), said, who, entry.instance_id)


OTHERS = {
    "case.viewed": ("eye", "Opened and read"),
    cases.PLANNED: ("clock", "Action {action} added"),
    cases.FINISHED: ("tick", "Action {action} done"),
    cases.ERASED: ("cross", "Erased"),
}


def date_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def id_of(request: Request) -> str:
    return request.path_params["case_id"]
