"""Pages: turn a template and what it shows into an answer."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader, StrictUndefined, Undefined
from jinja2.utils import missing
from starlette.requests import Request
from starlette.responses import HTMLResponse

from .. import cases, people, tasking
from ..people import May
from . import case_words, files, fleet, words
from .session import office_of

FOLDER = Path(__file__).parent


def page(request: Request, template: str, *, status: int = 200, **shown: Any) -> HTMLResponse:
    """Everything is escaped by the template engine; a name that is missing is an error, never an empty space."""
    office = office_of(request)
    person = getattr(request.state, "person", None)
    body = TEMPLATES.get_template(template).render(
        **shared(request),
        person=person,
        may={what.name: person is not None and people.may(person.role, what) for what in May},
        nav=getattr(request.state, "nav", []),
        council_css=files.address(files.COLOUR, office.settings.colour),
        path=request.url.path,
        keys_on=request.cookies.get("beatbook_keys") != "off",
        **shown,
    )
    return HTMLResponse(body, status_code=status, headers={"Cache-Control": "no-store"})


def shared(request: Request) -> dict[str, Any]:
    """What every template may ask for."""
    office = office_of(request)
    return {
        "settings": office.settings,
        "zone": ZoneInfo(office.settings.time_zone),
        "now": office.clock(),
    }


class Careful(Undefined):
    """A name that is missing is an error. What a dictionary lacks is not: the design system's macros ask for all that
    could be given to them.
    """

    def __new__(cls, hint: str | None = None, obj: Any = missing, name: str | None = None, *more: Any) -> Any:
        is_a_slip = hint is None and name is not None and not isinstance(obj, dict)
        return (StrictUndefined if is_a_slip else Undefined)(hint, obj, name, *more)


def environment() -> Environment:
    made = Environment(
        loader=ChoiceLoader(
            [
                FileSystemLoader(FOLDER / "templates"),
                PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
            ]
        ),
        autoescape=True,
        undefined=Careful,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name, value in SHARED.items():
        made.globals[name] = value
    for tidy in FILTERS:
        made.filters[tidy.__name__] = tidy
    return made


SHARED: dict[str, Any] = {
    "static": files.address,
    "STATES": words.STATES,
    "ROLES": words.ROLES,
    "MONTHS": words.MONTHS,
    "TASK_STATES": words.TASK_STATES,
    "ITEM_STATES": words.ITEM_STATES,
    "ITEM_KINDS": words.ITEM_KINDS,
    "PROGRESS": words.PROGRESS,
    "PARTS": words.PARTS,
    "MEETING_STATES": words.MEETING_STATES,
    "MEETING_STEPS": words.MEETING_STEPS,
    "PRESENCE": words.PRESENCE,
    "AGREEMENTS": words.AGREEMENTS,
    "GATEWAYS": words.GATEWAYS,
    "BASES": words.BASES,
    "CONFIDENTIALITY": words.CONFIDENTIALITY,
    "action_reference": tasking.reference,
    "case_reference": cases.reference,
    "REPORT_OUTCOMES": case_words.OUTCOMES,
    "undefined": Undefined(),
    "null": None,
}
FILTERS = (
    words.moment,
    words.day,
    words.date_words,
    words.short_date,
    words.short_day,
    words.window,
    words.clock,
    words.ago,
    words.plural,
    words.size,
    words.reference,
    words.accuracy,
    words.plain,
    words.written_day,
    words.iso_moment,
    words.visible,
    words.code_groups,
    words.numbers,
    words.said_here,
    words.plain_day,
    words.pounds,
    fleet.unsent_words,
    fleet.sent_words,
    fleet.run_span,
    fleet.run_words,
    fleet.skew_words,
    fleet.screen_code,
    fleet.stand_words,
    fleet.step_words,
    fleet.told_words,
)
TEMPLATES = environment()
