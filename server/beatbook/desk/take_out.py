"""Take out: the records of a list, as it is filtered, in a file for other systems, written down before it leaves."""

import json
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response, StreamingResponse

from .. import exports, listings, people
from ..exports import WHY, About, Asked, maps, marking, pictures, table
from ..listings import Counted
from ..office import Office
from ..people import May
from ..prepared import Job, State
from ..problems import BadRequest, NotAllowed
from .filters import Filter, filter_of
from .pages import page
from .records import Chip, chips_of
from .session import office_of, person_required

SEARCHED = ("q", "place")  # words that people typed may name somebody, and the log holds no content
Chunks = Iterator[str | bytes]


@dataclass(frozen=True)
class Format:
    name: str
    label: str
    hint: str
    media_type: str
    icon: str
    made: Callable[["Work", Session], Chunks]


@dataclass(frozen=True)
class Work:
    """One export while it is made."""

    office: Office
    chosen: Filter
    asked: Asked
    about: About
    actor: str
    passed: table.Passed = table.uncounted

    def header_and_rows(self, session: Session) -> tuple[list[str], Iterator[table.Row], set[int]]:
        forms, wanted = self.office.forms, self.chosen.wanted
        fields = table.fields_of(forms, wanted.form_id, self.asked)
        rows = table.rows(session, forms, fields, wanted, self.asked, self.passed)
        return table.header_of(fields), rows, table.numbers_of(fields)

    def leaving(self, instance_ids: list[str]) -> None:
        """EV4: in the history of each record before the first byte of its photos is sent."""
        now = self.office.clock()
        self.office.database.write(
            lambda session: exports.note_exhibits(session, instance_ids, self.asked, actor=self.actor, now=now)
        )


def as_csv(work: Work, session: Session) -> Chunks:
    return exports.records(session, work.office.forms, work.chosen.wanted, work.asked, work.passed)


def as_workbook(work: Work, session: Session) -> Chunks:
    from ..exports import workbook  # openpyxl would take a quarter of the time of every start

    header, rows, _ = work.header_and_rows(session)
    return workbook.chunks(header, rows, work.about, work.chosen.wanted.zone)


def as_geojson(work: Work, session: Session) -> Chunks:
    header, rows, _ = work.header_and_rows(session)
    return maps.geojson(header, rows, work.about)


def as_geopackage(work: Work, session: Session) -> Chunks:
    header, rows, numbers = work.header_and_rows(session)
    return maps.geopackage(header, rows, work.about, numbers)


def as_photos(work: Work, session: Session) -> Chunks:
    office, wanted = work.office, work.chosen.wanted
    return pictures.pack(
        session,
        office.blobs,
        office.forms,
        wanted,
        work.asked,
        work.about,
        leaving=work.leaving,
        passed=work.passed,
    )


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PHOTOS = "photos"
GPKG = "application/geopackage+sqlite3"
SHEET, MAP = "copy", "pin"
# fmt: off
FORMATS = {one.name: one for one in (
    Format("xlsx", "Spreadsheet (XLSX)", "For Excel and LibreOffice, times in local time", XLSX, SHEET, as_workbook),
    Format("csv", "Table (CSV)", "For every other program, times in UTC", "text/csv; charset=utf-8", SHEET, as_csv),
    Format("geojson", "Map (GeoJSON)", "For web maps: what has a position", "application/geo+json", MAP, as_geojson),
    Format("gpkg", "Map (GeoPackage)", "For QGIS: what has a position", GPKG, MAP, as_geopackage),
    Format(PHOTOS, "Photos (ZIP)", "With a manifest of their SHA-256", "application/zip", "photo", as_photos),
)}
# fmt: on


@dataclass(frozen=True)
class Taken:
    """One earlier export."""

    at: datetime
    who: str
    what: str
    why: str


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    return await draw(request, filter_of(request), given={"format": "xlsx"})


@person_required(May.READ_RECORDS)
async def take(request: Request) -> Response:
    """Errors: NotAllowed, for personal answers and originals; BadRequest."""
    chosen, person = filter_of(request), request.state.person
    async with request.form(max_files=0, max_fields=20) as form:
        given = {name: str(form.get(name, "")).strip() for name in ("format", "why", "reference")}
        asked = Asked(form.get("personal") == "yes", form.get("originals") == "yes", given["why"])
    if given["format"] not in FORMATS or given["why"] not in ("", *WHY):
        raise BadRequest
    asked = replace(asked, reference=given["reference"].upper())
    kind = FORMATS[given["format"]]
    if (asked.personal or asked.originals) and not people.may(person.role, May.TAKE_OUT):
        raise NotAllowed
    if wrong := wrong_with(asked, kind):
        return await draw(request, chosen, given=given, asked=asked, wrong=wrong)
    file = await begun(request, chosen, kind, asked)
    job = await run_in_threadpool(prepared_for, request, chosen, file)
    return RedirectResponse(address_of(job, "/file" if job.state is State.READY else ""), status_code=303)


@person_required(May.READ_RECORDS)
async def watch(request: Request) -> Response:
    """How far a file is."""
    return page(request, "taking.html", job=await run_in_threadpool(job_of, request), kept=KEPT_WORDS)


@person_required(May.READ_RECORDS, by_itself=True)
async def progress(request: Request) -> Response:
    """The same as a piece of a page, for one that is being looked at."""
    return page(request, "taking_piece.html", job=await run_in_threadpool(job_of, request), kept=KEPT_WORDS)


@person_required(May.READ_RECORDS)
async def stop(request: Request) -> Response:
    job = await run_in_threadpool(job_of, request)
    job.stopping.set()
    await run_in_threadpool(office_of(request).prepared.wait_for, job, AT_ONCE)
    return RedirectResponse(address_of(job), status_code=303)


@person_required(May.READ_RECORDS)
async def fetch(request: Request) -> Response:
    """The file itself. Errors: NotFound, when its hour is over."""
    prepared = office_of(request).prepared

    def find() -> tuple[Job, Path]:
        job = job_of(request)
        return job, prepared.path(job)

    job, path = await run_in_threadpool(find)
    return FileResponse(path, media_type=job.media_type, headers=headers_of(job.name))


@person_required(May.READ_RECORDS)
async def download(request: Request) -> Response:
    """The plain table at an address of its own, for programs that fetch it; nothing personal is in it."""
    file = await begun(request, filter_of(request), FORMATS["csv"], Asked())
    chunks = file.chunks(table.uncounted)
    return StreamingResponse(chunks, media_type=file.media_type, headers=headers_of(file.name))


def wrong_with(asked: Asked, kind: Format) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if not asked.why and (asked.personal or asked.originals or kind.name == PHOTOS):
        wrong["why"] = "Say what it is for: photos and personal answers do not leave without a reason"
    if asked.reference and not marking.REFERENCE.fullmatch(asked.reference):
        wrong["reference"] = "Use only letters, digits and / . - with at least one digit"
    return wrong


@dataclass(frozen=True)
class File:
    """An export that was written down and can begin."""

    name: str
    media_type: str
    chunks: Callable[[table.Passed], Generator[str | bytes, None, None]]


async def begun(request: Request, chosen: Filter, kind: Format, asked: Asked) -> File:
    """Written down first: whoever takes records out of here is known."""
    office, person, now = office_of(request), request.state.person, office_of(request).clock()
    actor = f"person:{person.id}"
    noted = {name: "…" if name in SEARCHED else value for name, value in chosen.given.items()} | noted_of(kind, asked)
    await office.database.write_soon(lambda session: exports.note(session, noted, actor=actor, now=now))

    marked = exports.SENSITIVE if kind.name == PHOTOS else exports.marking_of(office.forms, chosen.form_id, asked)

    def chunks(passed: table.Passed) -> Generator[str | bytes, None, None]:
        with office.database.reading() as session:
            about = About(
                marking=marked,
                by=person.name,
                at=now,
                which="; ".join(f"{chip.label}: {chip.word}" for chip in narrowed_to(session, office, chosen))
                or "All records",
                why=" ".join(part for part in (WHY.get(asked.why, "Not said"), asked.reference) if part),
                left_out=left_out(asked, kind),
            )
            yield from kind.made(Work(office, chosen, asked, about, actor, passed), session)

    stem, ending = ("photos", "zip") if kind.name == PHOTOS else ("records", kind.name)
    return File(f"{stem}-{now:%Y-%m-%d}-{marked}.{ending}", kind.media_type, chunks)


def headers_of(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}


# Made before it is fetched ----------------------------------------------------------------------------------------


def prepared_for(request: Request, chosen: Filter, file: File) -> Job:
    """Begin to make a file. Most are ready at once."""
    office, person = office_of(request), request.state.person
    with office.database.reading() as session:
        counted = listings.count(session, chosen.wanted)
    back = chosen.address("/desk/take-out")
    job = Job(person.id, file.name, file.media_type, counted.number if counted.is_all else None, back)
    office.prepared.start(job, lambda job: file.chunks(job.passed))
    office.prepared.wait_for(job, AT_ONCE)
    return job


def job_of(request: Request) -> Job:
    """Errors: NotFound."""
    return office_of(request).prepared.get(request.path_params["job_id"], request.state.person.id)


def address_of(job: Job, rest: str = "") -> str:
    return f"/desk/take-out/{job.id}{rest}"


AT_ONCE = 1.0  # seconds that somebody waits for a page without wondering
KEPT_WORDS = "an hour"


# The page ---------------------------------------------------------------------------------------------------------


def noted_of(kind: Format, asked: Asked) -> dict[str, Any]:
    """What of the choices the log keeps; the plain table is what an export without more is."""
    told = {
        "format": kind.name if kind.name != "csv" else "",
        "personal": asked.personal,
        "originals": asked.originals,
        "why": asked.why,
        "reference": asked.reference,
    }
    return {name: value for name, value in told.items() if value}


def left_out(asked: Asked, kind: Format) -> list[str]:
    """In general; each row or photo says what of it is not here."""
    told = ["What was erased", "Pupils’ photos that nobody has found fit"]
    if kind.name == PHOTOS:
        told += [] if asked.personal else ["Signatures, and photos in which somebody can be recognised"]
        told += [] if asked.originals else ["The camera’s untouched files"]
        return [*told, "Previews"]
    return told[:1] + ([] if asked.personal else ["Personal answers"]) + ["Photos", "Answers without one form chosen"]


async def draw(
    request: Request,
    chosen: Filter,
    *,
    given: dict[str, str],
    asked: Asked | None = None,
    wrong: dict[str, str] | None = None,
) -> Response:
    office = office_of(request)

    def read() -> tuple[Counted, list[Chip], list[Taken]]:
        with office.database.reading() as session:
            recent = [taken_of(event.at, who, event.data) for event, who in exports.recent(session)]
            return listings.count(session, chosen.wanted), narrowed_to(session, office, chosen), recent

    counted, chips, recent = await run_in_threadpool(read)
    return page(
        request,
        "take_out.html",
        status=422 if wrong else 200,
        chosen=chosen,
        counted=counted,
        chips=chips,
        recent=recent,
        files=office.prepared.of(request.state.person.id),
        formats=FORMATS.values(),
        reasons=WHY,
        given={"why": "", "reference": "", **given},
        asked=asked or Asked(),
        wrong=wrong or {},
        marking=exports.marking_of(office.forms, chosen.form_id, Asked()),
        personal=personal_of(office, chosen),
    )


def personal_of(office: Office, chosen: Filter) -> list[str]:
    """The questions of the chosen form that tell who somebody is."""
    if chosen.form_id is None:
        return []
    shown = table.fields_of(office.forms, chosen.form_id, Asked())
    every = table.fields_of(office.forms, chosen.form_id, Asked(personal=True))
    return [field.label or field.name for field in every if field not in shown]


def taken_of(at: datetime, who: str, data: str) -> Taken:
    told = json.loads(data)
    kind = FORMATS.get(told.get("format", "csv"))
    what = [kind.label if kind else "", "with personal answers" if told.get("personal") else ""]
    what += ["with originals"] if told.get("originals") else []
    why = " ".join(part for part in (WHY.get(told.get("why", ""), ""), told.get("reference", "")) if part)
    return Taken(at, who, ", ".join(part for part in what if part), why)


def narrowed_to(session: Session, office: Office, chosen: Filter) -> list[Chip]:
    """What the export is narrowed to; taking one away leads back to this page under the wider filter."""
    return chips_of(session, office.forms, chosen, lambda one: one.address("/desk/take-out"))
