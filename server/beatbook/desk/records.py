"""The list of records: filtered, sorted and counted by what stands in its address."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import grid, listings, people, saved, submissions
from ..forms import Form, Forms
from ..forms.answers import facts
from ..forms.pictures import is_original
from ..listings import Counted, Facets
from ..models import Device, Listing, Person, PreviewState, ReviewState, SavedFilter, Submission
from ..people import May
from ..problems import BadRequest, NothingChosen, ReasonMissing
from ..submissions import REASONS, Photo, bulks, flags
from . import columns
from .columns import ANSWER, Column
from .done import Done, done_of
from .filters import Filter, filter_from, filter_of, number_of
from .pages import page
from .session import office_of, person_required
from .words import STATES, date_words

ROWS = 50  # a page of the list; more makes the first paint wait for thumbnails that nobody scrolls to
DENSITIES = {"roomy": "Comfortable", "close": "Compact"}
ROWS_COOKIE, YEAR = "beatbook_rows", 365 * 24 * 3600
BULK = (ReviewState.APPROVED, ReviewState.HAS_ISSUES, ReviewState.REJECTED)


@dataclass(frozen=True)
class Row:
    submission: Submission
    address: str
    place: str | None  # when the title does not say it
    thumbnail: str | None  # the photo to show, by its SHA-256
    photos: int
    missing: int
    flags: list[str]
    cells: list[str | datetime | None]  # one for each column


@dataclass(frozen=True)
class Choice:
    """One choice of a facet."""

    name: str
    word: str
    address: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Facet:
    label: str
    choices: list[Choice]


@dataclass(frozen=True)
class Chip:
    """One thing that narrows the list, and the way to be rid of it."""

    label: str
    word: str
    address: str


@dataclass(frozen=True)
class Listed:
    rows: list[Row]
    columns: list[Column]
    offered: list[Column]
    facets: list[Facet]
    are_all: bool  # whether the facets count every record
    chips: list[Chip]
    count: Counted
    older: str | None
    newest: str | None
    newest_seq: int  # above everything on this page; what is newer has come since
    waiting: int  # how many wait for a decision, whatever the filter
    devices: list[Device]
    people: list[Person]
    saved: list[tuple[SavedFilter, str]]
    done: Done | None
    bulk: bulks.Bulk | None
    can_undo: bool


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    return await draw(request)


@person_required(May.READ_RECORDS, by_itself=True)
async def newer(request: Request) -> Response:
    """The rows that came since, for a list that is being looked at."""
    chosen, after = filter_of(request), number_of(request, "after") or 0

    def read() -> tuple[list[Row], list[Column]]:
        with office_of(request).database.reading() as session:
            found = listings.find(session, chosen.but(by_capture=False).wanted, after=after, limit=ROWS)
            form = office_of(request).forms.newest(chosen.form_id) if chosen.form_id else None
            shown = columns.shown(chosen, form)
            return rows_of(session, office_of(request).forms, chosen, found, shown), shown

    rows, shown = await run_in_threadpool(read)
    return page(request, "newer.html", rows=rows, columns=shown, chosen=chosen)


@person_required(May.REVIEW)
async def bulk(request: Request) -> Response:
    """Decide about the ticked records, or about all that match."""
    office, chosen = office_of(request), filter_of(request)
    async with request.form(max_files=0, max_fields=ROWS + 20) as form:
        picked = [str(each) for each in form.getlist("pick")]
        given = {name: str(form.get(name, "")) for name in ("all", "state", "reason", "note")}
    if given["state"] not in BULK:
        raise BadRequest

    def do() -> bulks.Bulk:
        ids = picked
        if given["all"]:
            with office.database.reading() as session:
                ids = listings.instance_ids(session, listings.find_numbers(session, chosen.wanted, limit=bulks.MOST))
        if not ids:
            raise NothingChosen
        return bulks.review(
            office.database,
            ids,
            ReviewState(given["state"]),
            person=request.state.person,
            now=office.clock(),
            forms=office.forms,
            reason=given["reason"] or None,
            note=given["note"],
        )

    try:
        done = await run_in_threadpool(do)
    except (NothingChosen, ReasonMissing) as problem:
        return await draw(request, wrong=problem.detail)
    return RedirectResponse(chosen.address("/desk/records", bulk=done.id), status_code=303)


@person_required(May.REVIEW)
async def undo_bulk(request: Request) -> Response:
    office, bulk_id = office_of(request), request.path_params["bulk_id"]
    person, now = request.state.person, office.clock()
    await run_in_threadpool(lambda: bulks.undo(office.database, bulk_id, person=person, now=now))
    return RedirectResponse(filter_of(request).address("/desk/records", bulk=bulk_id), status_code=303)


@person_required(May.READ_RECORDS)
async def density(request: Request) -> Response:
    """How close the rows stand, in this browser from now on."""
    async with request.form(max_files=0, max_fields=5) as form:
        rows = str(form.get("rows", ""))
    if rows not in DENSITIES:
        raise BadRequest
    response = RedirectResponse(in_list(filter_of(request)), status_code=303)
    secure = office_of(request).settings.is_https
    response.set_cookie(ROWS_COOKIE, rows, max_age=YEAR, path="/desk", httponly=True, samesite="strict", secure=secure)
    return response


async def draw(request: Request, *, wrong: str = "") -> Response:
    chosen, before = filter_of(request), number_of(request, "before")

    def read() -> Listed:
        with office_of(request).database.reading() as session:
            return listed(session, request, chosen, before)

    shown = await run_in_threadpool(read)
    return page(
        request,
        "records.html",
        status=422 if wrong else 200,
        listing=shown,
        chosen=chosen,
        reasons=REASONS,
        wrong=wrong,
        most=bulks.MOST,
        densities=DENSITIES,
        density=density_of(request),
    )


def density_of(request: Request) -> str:
    chosen = request.cookies.get(ROWS_COOKIE, "")
    return chosen if chosen in DENSITIES else "roomy"


def listed(session: Session, request: Request, chosen: Filter, before: int | None) -> Listed:
    """Paged by the number of the last row seen, so that records which arrive meanwhile move nothing."""
    office, person = office_of(request), request.state.person
    form = office.forms.newest(chosen.form_id) if chosen.form_id else None
    shown_columns = columns.shown(chosen, form)
    found = listings.find(session, chosen.wanted, before=before, limit=ROWS + 1)
    shown, facets = found[:ROWS], listings.facets(session, chosen.wanted)
    bulk_id = request.query_params.get("bulk")
    return Listed(
        rows=rows_of(session, office.forms, chosen, shown, shown_columns),
        columns=shown_columns,
        offered=columns.offered(form),
        facets=facets_of(office.forms, chosen, facets),
        are_all=facets.is_all,
        chips=chips_of(session, office.forms, chosen),
        count=listings.count(session, chosen.wanted),
        older=chosen.address("/desk/records", before=shown[-1].seq) if len(found) > ROWS else None,
        newest=chosen.address("/desk/records") if before is not None else None,
        newest_seq=submissions.state_of(session).seq,
        waiting=listings.waiting(session),
        devices=devices_of(session),
        people=deciders(session),
        saved=[
            (one, filter_from(one.query, chosen.wanted.zone).address("/desk/records"))
            for one in saved.of(session, person)
        ],
        done=done_of(session, request, chosen),
        bulk=bulks.find(session, bulk_id) if bulk_id else None,
        can_undo=bool(bulk_id) and bulks.can_undo(session, bulk_id or "", person=person, now=office.clock()),
    )


# Rows ------------------------------------------------------------------------------------------------------------


def rows_of(session: Session, forms: Forms, chosen: Filter, shown: list[Submission], wanted: list[Column]) -> list[Row]:
    ids = [submission.instance_id for submission in shown]
    photos = submissions.photos_of_many(session, ids)
    names = names_of(session, shown)
    raised = listings.flags_of_many(session, [submission.seq for submission in shown])
    return [
        Row(
            submission=submission,
            address=chosen.address(f"/desk/records/{submission.instance_id}"),
            place=place_beside_title(submission),
            thumbnail=thumbnail_of(photos[submission.instance_id]),
            photos=len(copies_of(photos[submission.instance_id])),
            missing=missing_of(photos[submission.instance_id]),
            flags=[flag_words(forms, flag) for flag in raised[submission.seq] if flag == listings.MANAGER],
            cells=cells_of(forms, submission, wanted, names),
        )
        for submission in shown
    ]


def cells_of(
    forms: Forms, submission: Submission, wanted: list[Column], names: dict[str, str]
) -> list[str | datetime | None]:
    form = forms.find(submission.form_id, submission.form_version)
    said = answers_said(forms, form, submission) if any(one.name.startswith(ANSWER) for one in wanted) else {}
    known: dict[str, str | datetime | None] = {
        "form": form_title(forms, submission.form_id),
        "captured": submission.captured_at,
        "received": submission.received_at,
        "place": submission.place,
        "grid": grid.of(submission.latitude, submission.longitude),
        "device": names.get(submission.device_id),
        "reviewer": names.get(f"decided {submission.seq}"),
    }
    return [
        said.get(one.name.removeprefix(ANSWER)) if one.name.startswith(ANSWER) else known[one.name] for one in wanted
    ]


def answers_said(forms: Forms, form: Form | None, submission: Submission) -> dict[str, str]:
    if form is None:
        return {}
    return {fact.field: fact.words for fact in facts(form, submissions.answers_of(submission), forms.lists)}


def names_of(session: Session, shown: list[Submission]) -> dict[str, str]:
    """The names of devices by their ids, and of who decided last under `decided` and the number of the record."""
    device_ids = {submission.device_id for submission in shown}
    devices = session.exec(select(Device.id, Device.name).where(col(Device.id).in_(device_ids)))
    deciders = session.exec(
        select(Listing.seq, Person.name)
        .join(Person, col(Person.id) == col(Listing.person_id))
        .where(col(Listing.seq).in_([submission.seq for submission in shown]))
    )
    return dict(devices.all()) | {f"decided {seq}": name for seq, name in deciders}


def form_title(forms: Forms, form_id: str) -> str:
    """In the form's words; a form that is not known here goes by the name that the device gave it."""
    form = forms.newest(form_id)
    return form.title if form else form_id or "Unknown form"


def place_beside_title(submission: Submission) -> str | None:
    """A form's title mostly names the place already; both may be cut, so their beginnings are compared."""
    place = submission.place
    return None if place is None or place[:30] in submission.title else place


def thumbnail_of(photos: list[Photo]) -> str | None:
    """Never of a camera's own file: looking at what was covered is a deed of its own, which is written down."""
    made = [photo.sha256 for photo in copies_of(photos) if photo.held and photo.preview is PreviewState.MADE]
    return made[0] if made else None


def copies_of(photos: list[Photo]) -> list[Photo]:
    return [photo for photo in photos if not is_original(photo.field)]


def missing_of(photos: list[Photo]) -> int:
    return len({photo.sha256 for photo in photos if not photo.held})


# What the filter says ---------------------------------------------------------------------------------------------


def in_list(chosen: Filter) -> str:
    return chosen.address("/desk/records")


def facets_of(forms: Forms, chosen: Filter, counted: Facets, address: Callable[[Filter], str] = in_list) -> list[Facet]:
    """`address` is that of the page which is narrowed, under another filter."""
    wanted = chosen.wanted
    by_form = dict(counted.forms) | ({wanted.form_id: counted.forms.get(wanted.form_id, 0)} if wanted.form_id else {})
    titles = sorted((form_title(forms, form_id), form_id) for form_id in by_form)
    choices: list[tuple[str, str, list[tuple]]] = [
        ("State", "state", [(state, STATES[state].word, counted.states[state]) for state in ReviewState]),
        ("Form", "form_id", [(form_id, title, by_form[form_id]) for title, form_id in titles]),
        ("Photos", "complete", [(one, WHOLE[one], counted.complete.get(one, 0)) for one in (True, False)]),
        ("To check", "flag", flag_choices(forms, counted, wanted.flag)),
    ]
    return [facet(label, member, chosen, offered, address) for label, member, offered in choices]


def facet(label: str, member: str, chosen: Filter, choices: list[tuple], address: Callable[[Filter], str]) -> Facet:
    """Choosing what is chosen already takes it back."""
    now = getattr(chosen.wanted, member)
    return Facet(
        label,
        [
            Choice(
                name=str(value),
                word=word,
                address=address(chosen.but(**{member: None if value == now else value})),
                count=count,
                chosen=value == now,
            )
            for value, word, count in choices
        ],
    )


def flag_choices(forms: Forms, counted: Facets, chosen: str | None) -> list[tuple[str, str, int]]:
    names = {*counted.flags, *([chosen] if chosen else [])}
    return sorted(
        ((name, flag_words(forms, name), counted.flags.get(name, 0)) for name in names), key=lambda one: one[1]
    )


def flag_words(forms: Forms, name: str) -> str:
    """In the form's words, where a form raises it."""
    return flags.labels(forms).get(name) or FLAGS.get(name, name.replace("-", " ").capitalize())


FLAGS = {"warning": "Warnings", "manager": "For the manager", "duplicate": "Duplicates"}
WHOLE = {True: "All here", False: "Waiting for photos"}


def chips_of(session: Session, forms: Forms, chosen: Filter, address: Callable[[Filter], str] = in_list) -> list[Chip]:
    wanted = chosen.wanted
    device = session.get(Device, wanted.device_id) if wanted.device_id else None
    person = session.get(Person, wanted.person_id) if wanted.person_id else None
    words = {
        "q": ("Words", wanted.words),
        "form": ("Form", form_title(forms, wanted.form_id) if wanted.form_id else None),
        "state": ("State", STATES[wanted.state].word if wanted.state else None),
        "photos": ("Photos", WHOLE[wanted.complete] if wanted.complete is not None else None),
        "flag": ("To check", flag_words(forms, wanted.flag) if wanted.flag else None),
        "from": ("From", wanted.since and date_words(wanted.since)),
        "to": ("To", wanted.until and date_words(wanted.until)),
        "place": ("Place", wanted.place),
        "square": ("Square", f"{wanted.square.words}, {wanted.square.size}" if wanted.square else None),
        "device": ("Device", device.name if device else wanted.device_id),
        "person": ("Decided by", person.name if person else wanted.person_id),
    }
    return [
        Chip(*words[name], address(chosen.without(name)))  # ty: ignore[invalid-argument-type]
        for name in chosen.narrows
    ]


def devices_of(session: Session) -> list[Device]:
    return list(session.exec(select(Device).order_by(col(Device.name))))


def deciders(session: Session) -> list[Person]:
    """Who may have decided about records."""
    everybody = session.exec(select(Person).order_by(col(Person.name)))
    return [person for person in everybody if people.may(person.role, May.REVIEW)]
