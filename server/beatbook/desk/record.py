"""One record: its photos, its facts, where and when, its receipt and its history; and the decision about it."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import cases, events, listings, people, reports, submissions, tasking, tasks
from ..forms import Field
from ..models import Case, Emergency, Person, Remark, ReviewState, Submission, Task, TaskingItem
from ..people import May, emergencies
from ..problems import AlreadyDecided, BadRequest, Problem, ReasonMissing, WordsMissing
from ..submissions import REASONS, Nearby, corrections, remarks
from . import notice_card, retention
from .done import Done, done_of
from .evidence import Evidence, evidence_of
from .filters import Filter, filter_of
from .history import Entry, history
from .notice_card import Card, card_of
from .pages import page
from .records import thumbnail_of
from .session import office_of, person_required

# What a person decides. `edited` is not among them: it says that the officer sent a better one.
DECISIONS = (ReviewState.APPROVED, ReviewState.HAS_ISSUES, ReviewState.REJECTED, ReviewState.RECEIVED)
LOOK_AHEAD = 20  # records looked at for the next one to review; that many unknown forms in a row are a fault to mend


@dataclass(frozen=True)
class View:
    """What the page shows."""

    evidence: Evidence
    receipt: dict[str, Any]
    history: list[Entry]
    remarks: list[tuple[Remark, Person]]
    nearby: list[Nearby]
    correctable: list[Field]
    newer: str | None
    older: str | None
    next: Submission | None
    next_photo: str | None
    task: Task | None  # that it was made on
    tasks: list[Task]  # that came of it
    items: list[TaskingItem]
    standing: reports.Standing | None  # of a report of anti-social behaviour
    case: Case | None  # that it is part of
    mended_by: Submission | None
    replaces: Submission | None
    done: Done | None


@person_required(May.READ_RECORDS, May.BREAK_GLASS)
async def show(request: Request) -> Response:
    """Opening a record is a reading of personal data: it is written down first, once for each opening."""
    if not people.may(request.state.person.role, May.READ_RECORDS):
        request.state.emergency = await run_in_threadpool(emergency_of, request)
        if request.state.emergency is None:
            return RedirectResponse(f"/desk/emergency/{request.path_params['instance_id']}", status_code=303)
    await note_opened(request)
    return await draw(request, filter_of(request))


@person_required(May.REVIEW)
async def review(request: Request) -> Response:
    """Decide, then go on to the next record of the same filter."""
    office, instance_id, now = office_of(request), request.path_params["instance_id"], office_of(request).clock()
    chosen = filter_of(request)
    async with request.form(max_files=0, max_fields=10) as form:
        given = {name: str(form.get(name, "")) for name in ("state", "reason", "note", "next", "after")}
    if given["state"] not in DECISIONS:
        raise BadRequest
    state, person = ReviewState(given["state"]), request.state.person
    after = int(given["after"]) if given["after"].isascii() and given["after"].isdigit() else None
    try:
        await office.database.write_soon(
            lambda session: submissions.review(
                session,
                instance_id,
                state,
                person=person,
                now=now,
                reason=given["reason"] or None,
                note=given["note"],
                after=after,
            )
        )
    except (ReasonMissing, AlreadyDecided) as problem:
        return await draw(request, chosen, problem=problem, given=given)
    return RedirectResponse(await run_in_threadpool(onward, request, chosen, given["next"]), status_code=303)


@person_required(May.REVIEW)
async def remark(request: Request) -> Response:
    """Comment on a record, flag it for the manager, or settle the flag."""
    office, instance_id, now = office_of(request), request.path_params["instance_id"], office_of(request).clock()
    person, chosen = request.state.person, filter_of(request)
    async with request.form(max_files=0, max_fields=10) as form:
        kind, words = str(form.get("kind", "")), str(form.get("words", ""))
    if kind not in (remarks.COMMENT, remarks.FLAG, remarks.SETTLED):
        raise BadRequest
    try:
        await office.database.write_soon(
            lambda session: remarks.add(session, instance_id, kind, words, person=person, now=now)
        )
    except WordsMissing as problem:
        return await draw(request, chosen, problem=problem)
    return RedirectResponse(chosen.address(f"/desk/records/{instance_id}") + "#remarks", status_code=303)


def emergency_of(request: Request) -> Emergency | None:
    office, instance_id = office_of(request), request.path_params["instance_id"]
    with office.database.reading() as session:
        return emergencies.standing(session, request.state.person.id, instance_id, now=office.clock())


async def note_opened(request: Request) -> None:
    office, instance_id, now = office_of(request), request.path_params["instance_id"], office_of(request).clock()
    person, opened = request.state.person, getattr(request.state, "emergency", None)

    def note(session: Session) -> None:
        submissions.get(session, instance_id)
        data = {"emergency": opened.seq} if opened else {}
        events.append(session, "submission.viewed", instance_id, actor=f"person:{person.id}", now=now, data=data)

    if request.method != "HEAD":  # that shows nothing
        await office.database.write_soon(note)
        if people.may(person.role, May.REVIEW):
            office.presence.look(person.id, person.name, instance_id, now=now)


async def draw(
    request: Request,
    chosen: Filter,
    *,
    problem: Problem | None = None,
    given: dict[str, str] | None = None,
    refused: Problem | None = None,
    refused_keeping: Problem | None = None,
) -> Response:
    """`problem` is one of the decision below, `refused` one of the notice's card,
    `refused_keeping` one of how long it is kept."""
    office, instance_id = office_of(request), request.path_params["instance_id"]

    def read() -> tuple[View, Card | None, retention.Card]:
        with office.database.reading() as session:
            shown = view(session, request, chosen)
            submission = shown.evidence.submission
            card = card_of(session, office, submission, shown.evidence.form)
            return shown, card, retention.card_of(session, request, submission)

    shown, card, kept = await run_in_threadpool(read)
    worst = problem or refused or refused_keeping
    return page(
        request,
        "record.html",
        status=worst.status if worst else 200,
        view=shown,
        card=card,
        refused=refused,
        kept=kept,
        refused_keeping=refused_keeping,
        steps=notice_card.STEPS,
        reasons_of_steps=notice_card.REASONS,
        grounds=notice_card.GROUNDS,
        decisions=notice_card.DECISIONS,
        results=notice_card.RESULTS,
        cancel_reasons=notice_card.CANCEL_REASONS,
        chosen=chosen,
        emergency=getattr(request.state, "emergency", None),
        reasons=REASONS,
        problem=problem,
        given=given or {"state": "", "reason": "", "note": ""},
        others=office.presence.others(request.state.person.id, instance_id, now=office.clock()),
    )


def view(session: Session, request: Request, chosen: Filter) -> View:
    forms, instance_id = office_of(request).forms, request.path_params["instance_id"]
    submission = submissions.get(session, instance_id)
    evidence = evidence_of(session, forms, submission)
    following = next_to_review(session, submission, chosen)
    stands = standing_of(session, submission)
    return View(
        evidence=evidence,
        receipt=submissions.receipt_of(submission),
        history=history(session, submission, evidence.form, forms),
        remarks=remarks.of(session, instance_id),
        nearby=submissions.nearby(session, submission),
        correctable=corrections.correctable(evidence.form) if evidence.form else [],
        newer=address_of(chosen, neighbour(session, submission, chosen, newer=True)),
        older=address_of(chosen, neighbour(session, submission, chosen, newer=False)),
        next=following,
        next_photo=thumbnail_of(submissions.photos_of(session, following.instance_id)) if following else None,
        task=tasks.of_record(session, instance_id),
        tasks=tasks.about(session, instance_id),
        items=tasking.about(session, instance_id),
        standing=stands,
        case=cases.get(session, stands.case_id) if stands and stands.case_id else None,
        mended_by=session.exec(select(Submission).where(Submission.replaces == instance_id)).first(),
        replaces=session.get(Submission, submission.replaces) if submission.replaces else None,
        done=done_of(session, request, chosen),
    )


def standing_of(session: Session, submission: Submission) -> reports.Standing | None:
    """Where a report of anti-social behaviour stands; None of any other record."""
    if submission.form_id != reports.FORM or submission.held:
        return None
    return reports.standings(session, [submission.instance_id])[submission.instance_id]


# Where to go on ---------------------------------------------------------------------------------------------------


def onward(request: Request, chosen: Filter, wanted: str) -> str:
    """The page after a decision: the record that was to be next if it still waits, else another one, else the list."""
    decided = request.path_params["instance_id"]
    with office_of(request).database.reading() as session:
        submission = session.get(Submission, wanted) if wanted else None
        if submission is None or not (wanted == decided or waits(submission)):
            submission = next_to_review(session, submissions.get(session, decided), chosen)
    path = f"/desk/records/{submission.instance_id}" if submission else "/desk/records"
    return chosen.address(path, done=decided)


def next_to_review(session: Session, submission: Submission, chosen: Filter) -> Submission | None:
    """The next older one of the filter that waits for a decision and can have one; after the oldest, the newest."""
    waiting = chosen.but(state=ReviewState.RECEIVED, complete=True).wanted
    for before in (submission.seq, None):
        for candidate in listings.find(session, waiting, before=before, limit=LOOK_AHEAD):
            if waits(candidate) and candidate.instance_id != submission.instance_id:
                return candidate
    return None


def waits(submission: Submission) -> bool:
    return submission.review_state is ReviewState.RECEIVED and submission.complete and not submission.held


def neighbour(session: Session, submission: Submission, chosen: Filter, *, newer: bool) -> str | None:
    """The record beside this one in the list as it is filtered."""
    beside = {"after" if newer else "before": submission.seq}
    numbers = listings.find_numbers(session, chosen.wanted, limit=1, **beside)
    return next(iter(listings.instance_ids(session, numbers)), None)


def address_of(chosen: Filter, instance_id: str | None) -> str | None:
    return chosen.address(f"/desk/records/{instance_id}") if instance_id else None
