"""Triage: what becomes of one report of anti-social behaviour: closed as a one-off, passed on, or part of a case."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import cases, events, reports
from ..cases import LONGEST_TITLE, Opening, Related, Report
from ..clocks import Clock
from ..forms import answers
from ..models import Case, Priority, ReportStepKind, Submission, Way
from ..people import May
from ..problems import AlreadyDecided, BadRequest, CaseClosed, Redacted, WordsMissing
from . import case_words
from .cases import SUGGESTED, Doing, leads
from .pages import page
from .session import office_of, person_required
from .tasks import today

FIELDS = ("act", "after", "words", "how", "case", "title", "place", "lead", "priority")
# What decides about a report, of all that it says.
TOLD = ("what", "category", "asb_type", "how_often", "since", "qualifiers", "reported_to", "wanted")


@dataclass(frozen=True)
class View:
    report: Report
    clocks: list[Clock]
    told: list[tuple[str, str]]
    risk: str
    case: Case | None  # that it is part of
    related: list[Related]
    suggested: list[Case]  # open cases of related reports
    others: list[Case]
    leads: Mapping[str, str]


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    """Opening it is a reading of personal data, written down as that of its record."""
    office, person, instance_id = office_of(request), request.state.person, id_of(request)

    def note(session: Session) -> None:
        reports.get(session, instance_id)
        events.append(session, "submission.viewed", instance_id, actor=f"person:{person.id}", now=office.clock())

    if request.method == "GET":
        await office.database.write_soon(note)
    return await draw(request)


@person_required(May.TASK)
async def decide(request: Request) -> Response:
    async with request.form(max_files=0, max_fields=20) as form:
        given = {name: str(form.get(name, "")).strip()[: cases.LONGEST_TEXT] for name in FIELDS}
    if given["act"] not in DEEDS:
        raise BadRequest
    if wrong := wrong_in(given):
        return await draw(request, given=given, wrong=wrong)
    office, person, instance_id = office_of(request), request.state.person, id_of(request)

    def do(session: Session) -> str:
        refuse_meanwhile(session, instance_id, given["after"])
        return DEEDS[given["act"]](Doing(session, instance_id, given, person, office.clock(), office.forms))

    try:
        where = await office.database.write_soon(do)
    except (AlreadyDecided, CaseClosed, Redacted, WordsMissing) as problem:
        return await draw(request, given=given, wrong={given["act"]: problem.detail})
    return RedirectResponse(where, status_code=303)


def refuse_meanwhile(session: Session, instance_id: str, after: str) -> None:
    """Errors: NotFound; AlreadyDecided when this is not where it stood on the page, such as after a second press."""
    reports.get(session, instance_id)
    decided = reports.standings(session, [instance_id])[instance_id].decided
    if after != (str(decided.seq) if decided else ""):
        raise AlreadyDecided


# What can be decided --------------------------------------------------------------------------------------------


def wrong_in(given: Mapping[str, str]) -> dict[str, str]:
    match given["act"]:
        case "pass_on" if not given["words"]:
            return {"pass_on-words": "Say to whom it is passed on"}
        case "acknowledge" if given["how"] not in list(Way):
            return {"acknowledge-how": "Say how they were told"}
        case "join" if not given["case"]:
            return {"join-case": "Choose the case"}
        case "open":
            wrong = {} if given["title"] else {"open-title": "Give the case a title"}
            return wrong | ({} if given["lead"] else {"open-lead": "Choose who answers for it"})
    return {}


def one_off(doing: Doing) -> str:
    decide_as(doing, ReportStepKind.ONE_OFF)
    return "/desk/cases"


def pass_on(doing: Doing) -> str:
    decide_as(doing, ReportStepKind.PASSED_ON)
    return "/desk/cases"


def acknowledge(doing: Doing) -> str:
    way, words = Way(doing.given["how"]), doing.given["words"]
    reports.acknowledge(doing.session, doing.key, way, person=doing.person, now=doing.now, words=words)
    return f"/desk/records/{doing.key}/triage"


def join(doing: Doing) -> str:
    case_id = doing.given["case"]
    cases.add_report(doing.session, case_id, doing.key, person=doing.person, now=doing.now, forms=doing.forms)
    return f"/desk/cases/{case_id}"


def open_case(doing: Doing) -> str:
    given = doing.given
    priority = Priority(given["priority"]) if given["priority"] in list(Priority) else Priority.STANDARD
    opening = Opening(given["title"], given["lead"], priority, given["place"] or None)
    case = cases.open_case(doing.session, opening, doing.key, person=doing.person, now=doing.now, forms=doing.forms)
    return f"/desk/cases/{case.id}"


def decide_as(doing: Doing, kind: ReportStepKind) -> None:
    reports.decide(doing.session, doing.key, kind, person=doing.person, now=doing.now, words=doing.given["words"])


DEEDS = {"one_off": one_off, "pass_on": pass_on, "acknowledge": acknowledge, "join": join, "open": open_case}


# The page -------------------------------------------------------------------------------------------------------


async def draw(
    request: Request, *, given: Mapping[str, str] | None = None, wrong: dict[str, str] | None = None
) -> Response:
    office = office_of(request)

    def read() -> View:
        with office.database.reading() as session:
            return view(session, request)

    shown = await run_in_threadpool(read)
    risk = str(shown.report.given.get("risk") or "")
    blank = dict.fromkeys(FIELDS, "") | {
        "title": title_of(shown.report.submission),
        "place": shown.report.submission.place or "",
        "priority": SUGGESTED.get(risk, Priority.STANDARD),
        "lead": f"device:{shown.report.submission.device_id}",
    }
    return page(
        request,
        "triage.html",
        status=422 if wrong else 200,
        view=shown,
        given=blank | {name: value for name, value in (given or {}).items() if value},
        wrong=wrong or {},
        today=today(office),
        say=case_words,
        reference=cases.reference,
    )


def view(session: Session, request: Request) -> View:
    office = office_of(request)
    report = cases.report_of(session, id_of(request))
    one, lists = report.submission, office.forms.lists
    form = office.forms.find(one.form_id, one.form_version)
    said = [(name, answers.words_of(form, name, report.given, lists)) for name in (*TOLD, "risk")] if form else []
    labels = {name: field.label for name in TOLD if form and (field := form.field(name))}
    near = cases.related(session, report)
    going = cases.still_going(session)
    likely = {other.case.id for other in near if other.case}
    return View(
        report=report,
        clocks=cases.report_clocks(report, office.forms),
        told=[(labels[name], words) for name, words in said if words and name in labels],
        risk=next((words.partition(":")[0] for name, words in said if name == "risk"), ""),
        case=cases.get(session, report.standing.case_id) if report.standing.case_id else None,
        related=near,
        suggested=[case for case in going if case.id in likely],
        others=[case for case in going if case.id not in likely],
        leads=leads(session),
    )


def title_of(submission: Submission) -> str:
    """What the report is called, without how risky it is: that is the case's priority."""
    return submission.title.removesuffix(", high risk")[:LONGEST_TITLE]


def id_of(request: Request) -> str:
    return request.path_params["instance_id"]
