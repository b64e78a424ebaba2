"""The list of records, newest first."""

from dataclasses import dataclass

from sqlmodel import Session, col, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from .. import flags, submissions
from ..forms import Forms
from ..forms.pictures import is_original
from ..models import Device, PreviewState, ReviewState, Submission
from ..people import May
from ..submissions import Photo
from .done import Done, done_of
from .filters import Filter, before_of, filter_of
from .pages import page
from .session import office_of, person_required

ROWS = 50  # a page of the list; more makes the first paint wait for thumbnails that nobody scrolls to


@dataclass(frozen=True)
class Row:
    submission: Submission
    address: str
    form_title: str
    device: str
    place: str | None  # when the title does not say it
    thumbnail: str | None  # the photo to show, by its SHA-256
    photos: int
    missing: int


@dataclass(frozen=True)
class Chip:
    """One choice of the filter."""

    word: str
    address: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Listing:
    rows: list[Row]
    states: list[Chip]
    forms: list[Chip]
    flags: list[Chip]
    older: str | None
    newest: str | None
    waiting: int  # how many wait for a decision, whatever the filter
    done: Done | None


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    chosen, before = filter_of(request), before_of(request)

    def read() -> Listing:
        with office_of(request).database.reading() as session:
            return listing(session, request, chosen, before)

    return page(request, "records.html", listing=await run_in_threadpool(read), chosen=chosen)


def listing(session: Session, request: Request, chosen: Filter, before: int | None) -> Listing:
    """Paged by the number of the last row seen, so that records which arrive meanwhile move nothing."""
    forms = office_of(request).forms
    found = submissions.find(session, **chosen.chosen, before=before, limit=ROWS + 1)
    shown = found[:ROWS]
    return Listing(
        rows=rows_of(session, forms, chosen, shown),
        states=state_chips(session, chosen),
        forms=form_chips(session, forms, chosen),
        flags=flag_chips(session, forms, chosen),
        older=chosen.address("/desk/records", before=shown[-1].seq) if len(found) > ROWS else None,
        newest=chosen.address("/desk/records") if before is not None else None,
        waiting=submissions.counts(session)[ReviewState.RECEIVED],
        done=done_of(session, request, chosen),
    )


def rows_of(session: Session, forms: Forms, chosen: Filter, shown: list[Submission]) -> list[Row]:
    photos = submissions.photos_of_many(session, [submission.instance_id for submission in shown])
    device_ids = {submission.device_id for submission in shown}
    names = dict(session.exec(select(Device.id, Device.name).where(col(Device.id).in_(device_ids))).all())
    return [
        Row(
            submission=submission,
            address=chosen.address(f"/desk/records/{submission.instance_id}"),
            form_title=form_title(forms, submission.form_id),
            device=names[submission.device_id],
            place=place_beside_title(submission),
            thumbnail=thumbnail_of(photos[submission.instance_id]),
            photos=len(copies_of(photos[submission.instance_id])),
            missing=missing_of(photos[submission.instance_id]),
        )
        for submission in shown
    ]


def state_chips(session: Session, chosen: Filter) -> list[Chip]:
    counts = submissions.counts(session, form_id=chosen.form_id)
    total = Chip("All", chosen.with_state(None).address("/desk/records"), sum(counts.values()), chosen.state is None)
    return [total] + [
        Chip(state.value, chosen.with_state(state).address("/desk/records"), counts[state], chosen.state is state)
        for state in ReviewState
    ]


def form_chips(session: Session, forms: Forms, chosen: Filter) -> list[Chip]:
    counts = submissions.form_counts(session)
    if chosen.form_id is not None:
        counts.setdefault(chosen.form_id, 0)
    titles = sorted((form_title(forms, form_id), form_id) for form_id in counts)
    every = Chip("All forms", chosen.with_form(None).address("/desk/records"), sum(counts.values()), not chosen.form_id)
    return [every] + [
        Chip(
            title,
            chosen.with_form(form_id).address("/desk/records"),
            counts[form_id],
            chosen.form_id == form_id,
        )
        for title, form_id in titles
    ]


def flag_chips(session: Session, forms: Forms, chosen: Filter) -> list[Chip]:
    counts, labels = flags.counts(session), flags.labels(forms)
    if chosen.flag is not None:
        counts.setdefault(chosen.flag, 0)
    every = Chip(
        "Flagged or not", chosen.with_flag(None).address("/desk/records"), sum(counts.values()), not chosen.flag
    )
    return [every] + [
        Chip(labels.get(name, name), chosen.with_flag(name).address("/desk/records"), count, chosen.flag == name)
        for name, count in sorted(counts.items(), key=lambda counted: labels.get(counted[0], counted[0]))
    ]


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
