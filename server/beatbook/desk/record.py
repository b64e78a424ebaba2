"""One record: its photos, its facts, where and when, its receipt and its history; and the decision about it."""

import json
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from sqlmodel import Session, col, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import events, flags, submissions, tasking, tasks
from ..forms import Form, Forms, sketch
from ..forms.answers import Fact, facts, regime
from ..forms.pictures import about_name
from ..models import Device, ReviewState, Submission, Task, TaskingItem
from ..people import May
from ..problems import BadRequest, Problem, ReasonMissing
from ..submissions import REASONS, Photo
from . import grid, notice_card, words
from .done import Done, done_of
from .filters import Filter, filter_of
from .gallery import Shown, gallery, is_ink
from .history import Entry, history
from .notice_card import Card, card_of
from .pages import page
from .records import form_title, missing_of, thumbnail_of
from .session import office_of, person_required

# What a person decides. `edited` is not among them: it says that the officer sent a better one.
DECISIONS = (ReviewState.APPROVED, ReviewState.HAS_ISSUES, ReviewState.REJECTED, ReviewState.RECEIVED)
LOOK_AHEAD = 20  # records looked at for the next one to review; that many unknown forms in a row are a fault to mend


@dataclass(frozen=True)
class View:
    """What the page shows."""

    submission: Submission
    form: Form | None
    form_title: str
    device: Device
    photos: list[Shown]
    ink: list[Shown]  # what was signed or drawn
    sketches: list[Markup]
    missing: int
    facts: list[Fact]
    warnings: list[tuple[str | None, str]]
    grid: str | None
    source: str | None
    arrival: str | None
    app: str | None
    receipt: dict[str, Any]
    history: list[Entry]
    newer: str | None
    older: str | None
    next: Submission | None
    next_photo: str | None
    task: Task | None  # that it was made on
    tasks: list[Task]  # that came of it
    items: list[TaskingItem]
    mended_by: Submission | None
    replaces: Submission | None
    done: Done | None
    waiting: int  # how many wait for a decision


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    """Opening a record is a reading of personal data: it is written down first, once for each opening."""
    office, instance_id, now = office_of(request), request.path_params["instance_id"], office_of(request).clock()
    actor = f"person:{request.state.person.id}"

    def note(session: Session) -> None:
        submissions.get(session, instance_id)
        events.append(session, "submission.viewed", instance_id, actor=actor, now=now)

    if request.method == "GET":  # HEAD shows nothing
        await office.database.write_soon(note)
    return await draw(request, filter_of(request))


@person_required(May.REVIEW)
async def review(request: Request) -> Response:
    """Decide, then go on to the next record of the same filter."""
    office, instance_id, now = office_of(request), request.path_params["instance_id"], office_of(request).clock()
    chosen = filter_of(request)
    async with request.form(max_files=0, max_fields=10) as form:
        given = {name: str(form.get(name, "")) for name in ("state", "reason", "note", "next")}
    if given["state"] not in DECISIONS:
        raise BadRequest
    state, person = ReviewState(given["state"]), request.state.person
    try:
        await office.database.write_soon(
            lambda session: submissions.review(
                session, instance_id, state, person=person, now=now, reason=given["reason"] or None, note=given["note"]
            )
        )
    except ReasonMissing as problem:
        return await draw(request, chosen, problem=problem, given=given)
    return RedirectResponse(await run_in_threadpool(onward, request, chosen, given["next"]), status_code=303)


async def draw(
    request: Request,
    chosen: Filter,
    *,
    problem: Problem | None = None,
    given: dict[str, str] | None = None,
    refused: Problem | None = None,
) -> Response:
    """`problem` is one of the decision below, `refused` one of the notice's card."""
    office = office_of(request)

    def read() -> tuple[View, Card | None]:
        with office.database.reading() as session:
            shown = view(session, request, chosen)
            return shown, card_of(session, office, shown.submission, shown.form)

    shown, card = await run_in_threadpool(read)
    worst = problem or refused

    return page(
        request,
        "record.html",
        status=worst.status if worst else 200,
        view=shown,
        card=card,
        regime=regime_of(office.forms, shown),
        refused=refused,
        steps=notice_card.STEPS,
        reasons_of_steps=notice_card.REASONS,
        grounds=notice_card.GROUNDS,
        decisions=notice_card.DECISIONS,
        results=notice_card.RESULTS,
        cancel_reasons=notice_card.CANCEL_REASONS,
        chosen=chosen,
        reasons=REASONS,
        problem=problem,
        given=given or {"state": "", "reason": "", "note": ""},
    )


def view(session: Session, request: Request, chosen: Filter) -> View:
    forms, instance_id = office_of(request).forms, request.path_params["instance_id"]
    submission = submissions.get(session, instance_id)
    envelope = submissions.envelope_of(submission)
    form = forms.find(submission.form_id, submission.form_version)
    photos = submissions.photos_of(session, instance_id)
    pictures = gallery(form, submissions.answers_of(submission), photos)
    device = session.get(Device, submission.device_id)
    assert device is not None  # a foreign key holds it
    location = envelope.get("location")
    following = next_to_review(session, submission, chosen)
    return View(
        submission=submission,
        form=form,
        form_title=form_title(forms, submission.form_id),
        device=device,
        photos=[shown for shown in pictures if not is_ink(form, shown.photo)],
        ink=[shown for shown in pictures if is_ink(form, shown.photo)],
        sketches=sketches_of(form, submission),
        missing=missing_of(photos),
        facts=facts_of(forms, form, submission, photos),
        warnings=[(label_of(form, one.get("field")), words.said_here(one["detail"])) for one in submission.warnings],
        grid=grid_of(submission),
        source=SOURCES.get(location.get("source")) if isinstance(location, dict) else None,
        arrival=words.arrival(submission.captured_at, submission.received_at) if submission.captured_at else None,
        app=envelope.get("app") if isinstance(envelope.get("app"), str) else None,
        receipt=submissions.receipt_of(submission),
        history=history(session, submission),
        newer=address_of(chosen, neighbour(session, submission, chosen, newer=True)),
        older=address_of(chosen, neighbour(session, submission, chosen, newer=False)),
        next=following,
        next_photo=thumbnail_of(submissions.photos_of(session, following.instance_id)) if following else None,
        task=tasks.of_record(session, instance_id),
        tasks=tasks.about(session, instance_id),
        items=tasking.about(session, instance_id),
        mended_by=session.exec(select(Submission).where(Submission.replaces == instance_id)).first(),
        replaces=session.get(Submission, submission.replaces) if submission.replaces else None,
        done=done_of(session, request, chosen),
        waiting=submissions.counts(session)[ReviewState.RECEIVED],
    )


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
    for before in (submission.seq, None):
        found = submissions.find(
            session,
            form_id=chosen.form_id,
            flag=chosen.flag,
            state=ReviewState.RECEIVED,
            complete=True,
            before=before,
            limit=LOOK_AHEAD,
        )
        for candidate in found:
            if waits(candidate) and candidate.instance_id != submission.instance_id:
                return candidate
    return None


def waits(submission: Submission) -> bool:
    return submission.review_state is ReviewState.RECEIVED and submission.complete and not submission.held


def neighbour(session: Session, submission: Submission, chosen: Filter, *, newer: bool) -> str | None:
    """The record beside this one in the list as it is filtered."""
    query = select(Submission.instance_id).limit(1)
    if newer:
        query = query.where(Submission.seq > submission.seq).order_by(col(Submission.seq))
    else:
        query = query.where(Submission.seq < submission.seq).order_by(col(Submission.seq).desc())
    if chosen.form_id is not None:
        query = query.where(Submission.form_id == chosen.form_id)
    if chosen.state is not None:
        query = query.where(Submission.review_state == chosen.state)
    if chosen.flag is not None:
        query = query.where(flags.carries(chosen.flag))
    return session.exec(query).first()


def address_of(chosen: Filter, instance_id: str | None) -> str | None:
    return chosen.address(f"/desk/records/{instance_id}") if instance_id else None


# What a record says ---------------------------------------------------------------------------------------------


def facts_of(forms: Forms, form: Form | None, submission: Submission, photos: list[Photo]) -> list[Fact]:
    """The answers in the form's words. Without its form a record shows them under the names that the device gave."""
    given = submissions.answers_of(submission)
    if form is None:
        listed = {photo.field for photo in photos}
        said = listed | {about_name(name) for name in listed}
        return [Fact(name, name, said_plainly(value), "text") for name, value in given.items() if name not in said]
    return [fact for fact in facts(form, given, forms.lists) if fact.kind != "photo"]  # they are on the stage


def sketches_of(form: Form | None, submission: Submission) -> list[Markup]:
    """The drawings among the answers, drawn here from our own shapes."""
    given = submissions.answers_of(submission)
    drawn = [given.get(field.name) for field in (form.fields if form else ()) if field.type == "sketch"]
    return [Markup(sketch.svg(sketch.read(one))) for one in drawn if sketch.is_one(one)]  # noqa: S704


def regime_of(forms: Forms, shown: View) -> str | None:
    """Under which law it is kept, in words."""
    if shown.form is None:
        return None
    given, at = submissions.answers_of(shown.submission), shown.submission.captured_at or shown.submission.received_at
    return REGIMES[regime(shown.form, given, forms.context(at, given))]


REGIMES = {"uk_gdpr": "UK GDPR", "le_part3": "Law enforcement (DPA 2018, Part 3)"}


def said_plainly(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def label_of(form: Form | None, name: str | None) -> str | None:
    """What the form calls the field that a warning is about."""
    if name is None:
        return None
    field = form.field(name.rpartition("/")[2]) if form else None  # in a repeat it comes with its path
    return field.label if field else name


def grid_of(submission: Submission) -> str | None:
    if submission.latitude is None or submission.longitude is None:
        return None
    return grid.reference(submission.latitude, submission.longitude)


SOURCES = {"gps": "from GPS", "pin": "placed on a map", "spot": "chosen from a list"}
