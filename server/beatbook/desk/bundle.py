"""Bundle: the page that takes one case out for a court, and the file itself."""

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from .. import exports, submissions
from ..exports import WHY, About, Asked, bundle, marking
from ..models import Submission
from ..people import May
from ..problems import BadRequest
from .evidence import evidence_of
from .filters import filter_of
from .history import history, names_of_actors
from .pages import TEMPLATES, page, shared
from .session import office_of, person_required


@person_required(May.TAKE_OUT)
async def show(request: Request) -> Response:
    return await draw(request, {"why": "court", "reference": ""}, {})


@person_required(May.TAKE_OUT)
async def take(request: Request) -> Response:
    """Written down twice: before anything is read, so that the log in the bundle ends with it, and once its digest is
    known."""
    office, instance_id, person = office_of(request), request.path_params["instance_id"], request.state.person
    async with request.form(max_files=0, max_fields=10) as form:
        given = {name: str(form.get(name, "")).strip() for name in ("why", "reference")}
    if given["why"] not in ("", *WHY):
        raise BadRequest
    asked = Asked(personal=True, originals=True, why=given["why"], reference=given["reference"].upper())
    if wrong := wrong_with(asked):
        return await draw(request, given, wrong)
    actor, now = f"person:{person.id}", office.clock()
    await office.database.write_soon(lambda session: bundle.note(session, instance_id, asked, actor=actor, now=now))

    def make() -> tuple[bundle.Case, dict[str, bytes]]:
        with office.database.reading() as session:
            case = bundle.case_of(session, office.forms, office.blobs, instance_id)
            about = About(
                marking=exports.SENSITIVE,
                by=person.name,
                at=now,
                which=f"Record {instance_id} with every version of it",
                why=" ".join(part for part in (WHY[asked.why], asked.reference) if part),
                left_out=sorted({one.left_out for one in case.pictures if one.left_out})
                + [f"Erased answers: {row['row']['what']}" for row in case.rows if row["table"] == "redaction"],
            )
            made = bundle.texts(case, about, document(session, request, case, about))
            session.expunge_all()
            return case, made

    case, made = await run_in_threadpool(make)
    manifest = made["manifest.json"]
    await office.database.write_soon(
        lambda session: bundle.note_made(session, instance_id, manifest, actor=actor, now=now)
    )
    name = f"case-{instance_id[-6:]}-{now:%Y-%m-%d}-{exports.SENSITIVE}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(
        bundle.stream(case, made, office.blobs, now), media_type="application/zip", headers=headers
    )


def wrong_with(asked: Asked) -> dict[str, str]:
    wrong = {} if asked.why else {"why": "Say what it is for: a case does not leave without a reason"}
    if asked.reference and not marking.REFERENCE.fullmatch(asked.reference):
        wrong["reference"] = "Use only letters, digits and / . - with at least one digit"
    return wrong


def document(session: Session, request: Request, case: bundle.Case, about: About) -> str:
    """The case to read, a page that needs no server."""
    office = office_of(request)
    shown = []
    for version in case.versions:
        evidence = evidence_of(session, office.forms, version)
        shown.append(
            (evidence, submissions.receipt_of(version), history(session, version, evidence.form, office.forms))
        )
    return TEMPLATES.get_template("bundle.html").render(
        **shared(request),
        about=about,
        versions=shown[::-1],
        pictures=[(one, bundle.path_of(one), mark) for one, mark in bundle.marked(case)],
        log=case.log,
        actors=names_of_actors(session, [event["actor"] for event in case.log]),
    )


async def draw(request: Request, given: dict[str, str], wrong: dict[str, str]) -> Response:
    office, instance_id = office_of(request), request.path_params["instance_id"]

    def read() -> Submission:
        with office.database.reading() as session:
            return submissions.get(session, instance_id)

    return page(
        request,
        "take_case.html",
        status=422 if wrong else 200,
        one=await run_in_threadpool(read),
        chosen=filter_of(request),
        reasons=WHY,
        given=given,
        wrong=wrong,
    )
