"""Pages: turn a template and what it shows into an answer."""

import hashlib
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from .. import people, tasking
from ..people import May
from . import fleet, words
from .session import office_of

FOLDER = Path(__file__).parent


def page(request: Request, template: str, *, status: int = 200, **shown: Any) -> HTMLResponse:
    """Everything is escaped by the template engine; a name that is missing is an error, never an empty space."""
    office = office_of(request)
    person = getattr(request.state, "person", None)
    body = TEMPLATES.get_template(template).render(
        settings=office.settings,
        zone=ZoneInfo(office.settings.time_zone),
        now=office.clock(),
        person=person,
        may={what.name: person is not None and people.may(person.role, what) for what in May},
        path=request.url.path,
        keys_on=request.cookies.get("beatbook_keys") != "off",
        **shown,
    )
    return HTMLResponse(body, status_code=status, headers={"Cache-Control": "no-store"})


def static(name: str) -> str:
    """The address of a static file; it changes with the file, so that a browser never keeps an old one."""
    if name not in VERSIONS:
        VERSIONS[name] = hashlib.sha256((FOLDER / "static" / name).read_bytes()).hexdigest()[:12]
    return f"/desk/static/{name}?v={VERSIONS[name]}"


VERSIONS: dict[str, str] = {}


def environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name, value in SHARED.items():
        made.globals[name] = value
    for tidy in FILTERS:
        made.filters[tidy.__name__] = tidy
    return made


SHARED: dict[str, Any] = {
    "static": static,
    "STATES": words.STATES,
    "ROLES": words.ROLES,
    "MONTHS": words.MONTHS,
    "TASK_STATES": words.TASK_STATES,
    "ITEM_STATES": words.ITEM_STATES,
    "ITEM_KINDS": words.ITEM_KINDS,
    "PROGRESS": words.PROGRESS,
    "action_reference": tasking.reference,
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
)
TEMPLATES = environment()
