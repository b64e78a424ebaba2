"""Pupils' photos: the one place where one is seen before it is found fit, and where more of it is covered."""

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from .. import attachments, events, patrols, people, photos
from ..models import Blob, Person, PreviewState, PupilPhoto
from ..office import Office
from ..people import May
from ..problems import BadRequest, NotFound, PhotoTooLarge
from .pages import page
from .photos import opened
from .session import office_of, person_required

SEEN = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}


@person_required(May.REVIEW)
async def show(request: Request) -> Response:
    """The picture, for whoever reviews it and nobody else (MT11); each look is written down."""
    office, sha256 = office_of(request), request.path_params["sha256"]
    photo, blob = await run_in_threadpool(found, request, sha256)
    actor = f"person:{request.state.person.id}"

    def note(session: Session) -> None:
        subject = f"photo:{photo.sha256}"
        events.append(
            session, "patrol.photo-viewed", photo.instance_id, actor=actor, now=office.clock(), data={"of": subject}
        )

    if request.method == "GET":
        await office.database.write_soon(note)
    is_made = blob.preview is PreviewState.MADE
    chunks, _ = await run_in_threadpool(opened, office.blobs, (blob.preview_sha256 if is_made else None) or blob.sha256)
    return Response(await run_in_threadpool(b"".join, chunks), media_type="image/jpeg", headers=SEEN)


@person_required(May.REVIEW)
async def decide(request: Request) -> Response:
    office, sha256 = office_of(request), request.path_params["sha256"]
    async with request.form(max_files=0, max_fields=3) as form:
        state = str(form.get("state", ""))
    photo, _ = await run_in_threadpool(found, request, sha256)
    files = await office.database.write_soon(
        lambda session: patrols.decide(session, sha256, state, person=request.state.person, now=office.clock())
    )
    await run_in_threadpool(office.sweep, files)
    return RedirectResponse(f"/desk/patrols/{photo.patrol_id}#photos", status_code=303)


@person_required(May.REVIEW)
async def cover(request: Request) -> Response:
    photo, _ = await run_in_threadpool(found, request, request.path_params["sha256"])
    return page(request, "patrol_cover.html", photo=photo)


@person_required(May.REVIEW)
async def replace(request: Request) -> Response:
    """POST the covered picture, drawn in the browser so that nothing of the server ever decodes a photo."""
    office, sha256, person = office_of(request), request.path_params["sha256"], request.state.person
    photo, _ = await run_in_threadpool(found, request, sha256)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > office.settings.max_attachment:
            raise PhotoTooLarge
    await run_in_threadpool(put, office, body, sha256, person)
    return JSONResponse({"to": f"/desk/patrols/{photo.patrol_id}#photos"})


def put(office: Office, body: bytes, sha256: str, person: Person) -> None:
    """Errors: BadRequest, and those of photos.inspect."""
    incoming = attachments.incoming_of(office.blobs, body)
    try:
        inspected = photos.inspect(incoming.head, incoming.path, max_pixels=office.settings.max_pixels)
        if inspected.media_type != photos.JPEG or photos.tells_more(incoming.path):
            raise BadRequest
        now = office.clock()

        def do(session: Session) -> list[str]:
            device = people.importing_device(session, person, now=now)
            session.flush()
            attachments.receive(session, incoming, inspected, device, now=now)
            return patrols.replace(session, sha256, incoming.sha256, person=person, now=now)

        office.sweep(office.database.writer.take(do, [incoming]).result())
    finally:
        incoming.drop()
    office.previews.wake()


def found(request: Request, sha256: str) -> tuple[PupilPhoto, Blob]:
    """The photo and the picture that stands for it now. Errors: NotFound."""
    with office_of(request).database.reading() as session:
        photo = patrols.photos.photo_of(session, sha256)
        blob = session.get(Blob, photo.shown or photo.sha256)
        if blob is None:
            raise NotFound
        return photo, blob
