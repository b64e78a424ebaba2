"""Photos: thumbnails and previews to look at, originals to keep."""

from collections.abc import Iterator

from sqlmodel import Session, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from .. import events, patrols, people
from ..blobs import CHUNK, Blobs
from ..forms.pictures import is_original
from ..models import Attachment, Blob, PreviewState
from ..people import May, emergencies
from ..problems import NotFound
from ..subjects import requests
from .session import office_of, person_required

ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heic": "heic"}

# The name is a digest, so what lies behind an address can never change.
LOOKED_AT = {"Cache-Control": "private, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}

# What was covered is shown to who asks, each time anew, because each time is logged.
ASKED_FOR = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}

# A file from outside: never shown in place, never run, and asked for anew each time, because each opening is logged.
TAKEN_AWAY = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
}


@person_required(May.READ_RECORDS, May.BREAK_GLASS, May.ANSWER_PERSONS)
async def show(request: Request) -> Response:
    sha256, size = request.path_params["sha256"], request.path_params["size"]
    if not people.may(request.state.person.role, May.READ_RECORDS):
        await run_in_threadpool(only_where_it_must_be, request, sha256, size)
    blob = await run_in_threadpool(blob_of, request, sha256)
    if size == "original":
        return await original(request, blob)
    name = {"thumbnail": blob.thumbnail_sha256, "preview": blob.preview_sha256}.get(size)
    if name is None or blob.preview is not PreviewState.MADE:
        raise NotFound
    uncovers = await run_in_threadpool(is_behind_covers, request, sha256)
    if uncovers and request.method == "GET":
        await note(request, "attachment.uncovered", sha256)
    chunks, _ = await run_in_threadpool(opened, office_of(request).blobs, name)
    picture = await run_in_threadpool(b"".join, chunks)  # made by us and small, so it need not be streamed
    return Response(picture, media_type="image/jpeg", headers=ASKED_FOR if uncovers else LOOKED_AT)


def only_where_it_must_be(request: Request, sha256: str, size: str) -> None:
    """Errors: NotFound, but for a record that is open in an emergency, and small for one that a person asks about."""
    office, person = office_of(request), request.state.person
    answers = size == "thumbnail" and people.may(person.role, May.ANSWER_PERSONS)
    with office.database.reading() as session:
        if emergencies.opens_photo(session, person.id, sha256, now=office.clock()):
            return
        if not (answers and requests.shows(session, sha256)):
            raise NotFound


async def original(request: Request, blob: Blob) -> Response:
    """The untouched bytes, as a file to save. Who took them is written down before the first byte leaves."""
    chunks, length = await run_in_threadpool(opened, office_of(request).blobs, blob.sha256)
    if request.method == "GET":
        await note(request, "attachment.opened", blob.sha256)
    file_name = f"beatbook-{blob.sha256[:12]}.{ENDINGS.get(blob.media_type, 'bin')}"
    return StreamingResponse(
        chunks,
        media_type=blob.media_type,
        headers=TAKEN_AWAY | {"Content-Length": length, "Content-Disposition": f'attachment; filename="{file_name}"'},
    )


async def note(request: Request, kind: str, sha256: str) -> None:
    office, now = office_of(request), office_of(request).clock()
    actor, record = f"person:{request.state.person.id}", request.query_params.get("of", "")

    def write(session: Session) -> None:
        subject = subject_of(session, sha256, record)
        events.append(session, kind, subject, actor=actor, now=now, data={"sha256": sha256})

    await office.database.write_soon(write)


def is_behind_covers(request: Request, sha256: str) -> bool:
    """Whether a record keeps it only as the original of a copy, on which something may be covered."""
    with office_of(request).database.reading() as session:
        listed = session.exec(select(Attachment.field).where(Attachment.sha256 == sha256)).all()
        return any(is_original(field) for field in listed)


def blob_of(request: Request, sha256: str) -> Blob:
    """Errors: NotFound."""
    with office_of(request).database.reading() as session:
        blob = session.get(Blob, sha256)
        if blob is None or patrols.is_hidden(
            session, sha256
        ):  # MT11: a pupils' photo is looked at on its patrol's page
            raise NotFound
        return blob


def opened(blobs: Blobs, sha256: str) -> tuple[Iterator[bytes], str]:
    """The pieces of a blob and how many bytes they are. Errors: NotFound when the file is gone."""
    try:
        file = blobs.open(sha256)
    except FileNotFoundError as error:
        raise NotFound from error
    length = file.seek(0, 2)
    file.seek(0)

    def pieces() -> Iterator[bytes]:
        with file:
            yield from iter(lambda: file.read(CHUNK), b"")

    return pieces(), str(length)


def subject_of(session: Session, sha256: str, record: str) -> str:
    """The record that the photo was taken from, when it does list it; otherwise the photo itself."""
    listed = session.exec(
        select(Attachment).where(Attachment.instance_id == record, Attachment.sha256 == sha256)
    ).first()
    return record if listed else sha256
