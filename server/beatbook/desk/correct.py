"""Correct: the page where one answer of a record is put right, with the reason."""

from dataclasses import dataclass

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import submissions
from ..forms import Field, Form
from ..forms.answers import Option, choices_of, facts
from ..forms.expressions import Context
from ..models import Submission
from ..people import May
from ..problems import CorrectionWrong, NoteMissing, NotFound
from ..submissions import corrections
from .pages import page
from .record import note_opened
from .session import office_of, person_required

INPUTS = {"date": "date", "time": "time"}  # every other answer is typed as text


@dataclass(frozen=True)
class Box:
    """One answer, to be put right."""

    submission: Submission
    field: Field
    now: str  # in words
    value: list[str]  # as the box holds it
    options: list[Option]
    input: str


@person_required(May.REVIEW)
async def show(request: Request) -> Response:
    await note_opened(request)
    return await draw(request, request.query_params.get("field", ""))


@person_required(May.REVIEW)
async def submit(request: Request) -> Response:
    office, instance_id, now = office_of(request), request.path_params["instance_id"], office_of(request).clock()
    person = request.state.person
    async with request.form(max_files=0, max_fields=200) as form:
        name, reason = str(form.get("field", "")), str(form.get("reason", ""))
        given = [str(each) for each in form.getlist("answer")]
    try:
        await office.database.write_soon(
            lambda session: corrections.correct(
                session, instance_id, name, given, reason, person=person, now=now, forms=office.forms
            )
        )
    except NoteMissing:
        wrong = {"reason": "Say why it is put right, for whoever reads it later"}
        return await draw(request, name, given=given, reason=reason, wrong=wrong)
    except CorrectionWrong as problem:
        return await draw(request, name, given=given, reason=reason, wrong={"answer": str(problem.more["said"])})
    return RedirectResponse(f"/desk/records/{instance_id}#corrections", status_code=303)


async def draw(
    request: Request,
    name: str,
    *,
    given: list[str] | None = None,
    reason: str = "",
    wrong: dict[str, str] | None = None,
) -> Response:
    def read() -> Box:
        with office_of(request).database.reading() as session:
            return box(session, request, name)

    shown = await run_in_threadpool(read)
    return page(
        request,
        "correct.html",
        status=422 if wrong else 200,
        box=shown,
        given=shown.value if given is None else given,
        reason=reason,
        wrong=wrong or {},
    )


def box(session: Session, request: Request, name: str) -> Box:
    """Errors: NotFound, also for an answer that cannot be put right here."""
    forms = office_of(request).forms
    submission = submissions.get(session, request.path_params["instance_id"])
    form = forms.find(submission.form_id, submission.form_version)
    field = next((one for one in corrections.correctable(form) if one.name == name), None) if form else None
    if form is None or field is None:
        raise NotFound
    answers = corrections.answers_of(session, submission)
    context = Context(answers=answers, now=submission.captured_at or submission.received_at, lists=forms.lists)
    raw = answers.get(name)
    return Box(
        submission=submission,
        field=field,
        now=words_of(form, name, answers, forms.lists),
        value=[str(one) for one in (raw if isinstance(raw, list) else [raw]) if one is not None],
        options=choices_of(field, context) if field.type.startswith("select") else [],
        input=INPUTS.get(field.type, "text"),
    )


def words_of(form: Form, name: str, answers: dict, lists) -> str:
    return next((fact.words for fact in facts(form, answers, lists) if fact.field == name), "Nothing")
