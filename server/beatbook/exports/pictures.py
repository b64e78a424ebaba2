"""Pictures: the photos of a filter as a zip, with a manifest of their SHA-256.

Working copies, on which covers are burned in; the camera's own files behind them only where that was asked. Previews
never: they are ours and prove nothing. What is left out stands in the manifest with the reason, so that nobody takes
the zip for all there is.
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from .. import cells, submissions
from ..blobs import CHUNK, Blobs
from ..forms import Form, Forms
from ..forms.pictures import about_name, is_original, row_of, rows_about
from ..listings import Wanted
from ..models import Blob, PupilPhoto, Redaction, Submission
from ..patrols.photos import OK
from .marking import About, Asked
from .table import Passed, batches, iso, label_of, uncounted
from .zips import Entry, chunks

ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heic": "heic"}
MANIFEST = (
    "File", "SHA-256", "Bytes", "As recorded", "Reference", "Form", "Question", "Position", "Captured", "Left out",
)  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """One photo that a record lists, and why it stays here, if it does."""

    submission: Submission
    form: Form | None
    field: str
    position: int
    sha256: str  # of the file that goes out
    size: int
    media_type: str
    left_out: str | None = None

    @property
    def name(self) -> str:
        ending = ENDINGS.get(self.media_type, "bin")
        return f"{self.submission.instance_id}/{self.position:03}-{self.sha256[:12]}.{ending}"

    @property
    def question(self) -> str:
        return label_of(self.form, self.field.removesuffix(".original"))


def pack(
    session: Session,
    blobs: Blobs,
    forms: Forms,
    wanted: Wanted,
    asked: Asked,
    about: About,
    *,
    leaving: Callable[[list[str]], None],
    passed: Passed = uncounted,
) -> Iterator[bytes]:
    """The zip in pieces. `leaving` is told of each record whose photos are about to leave, `passed` how many did."""
    with tempfile.TemporaryFile() as manifest:

        def entries() -> Iterator[Entry]:
            manifest.write((cells.BOM + cells.line(MANIFEST)).encode())
            for found in batches(session, wanted, passed):
                pictures = pictures_of(session, forms, found, asked)
                if ids := sorted({one.submission.instance_id for one in pictures if one.left_out is None}):
                    leaving(ids)
                for picture in pictures:
                    yield from entry_of(picture, blobs, manifest.write)
            manifest.seek(0)
            yield Entry("manifest.csv", iter(lambda: manifest.read(CHUNK), b""), packed=True)
            told = "".join(f"{name}: {said}\n" for name, said in about.lines())
            yield Entry("about.txt", [told.encode()], packed=True)

        yield from chunks(entries(), about.at)


def entry_of(picture: Picture, blobs: Blobs, write: Callable[[bytes], object]) -> Iterator[Entry]:
    """The photo, hashed as it is read, then its line."""
    left_out, name, digest, size = picture.left_out, "", hashlib.sha256(), 0
    if left_out is None:
        try:
            file = blobs.open(picture.sha256)
        except FileNotFoundError:
            left_out = "Its file is missing"
        else:
            name = f"photos/{picture.name}"

            def read() -> Iterator[bytes]:
                nonlocal size
                with file:
                    while chunk := file.read(CHUNK):
                        digest.update(chunk)
                        size += len(chunk)
                        yield chunk

            yield Entry(name, read())
    line = [
        name,
        digest.hexdigest() if name else picture.sha256,
        size if name else picture.size,
        ("yes" if digest.hexdigest() == picture.sha256 else "NO: CHANGED") if name else "",
        picture.submission.instance_id,
        picture.form.title if picture.form else picture.submission.form_id,
        picture.question,
        picture.position,
        iso(picture.submission.captured_at),
        left_out or "",
    ]
    write(cells.line(line).encode())


def pictures_of(session: Session, forms: Forms, found: Sequence[Submission], asked: Asked) -> list[Picture]:
    """Every photo of some records, also those that stay."""
    ids = [submission.instance_id for submission in found]
    listed, pupils = submissions.photos_of_many(session, ids), pupils_of(session, ids)
    digests = [photo.sha256 for photos in listed.values() for photo in photos if not photo.held]
    query = select(Redaction.subject).where(col(Redaction.subject).in_(digests))
    erased = set(session.exec(query)) if digests else set()
    pictures: list[Picture] = []
    for submission in found:
        form = forms.find(submission.form_id, submission.form_version)
        for photo in listed[submission.instance_id]:
            why = "Erased" if photo.sha256 in erased else "Has not arrived" if not photo.held else None
            why = why or kept_back(form, submissions.answers_of(submission), photo.field, photo.sha256, asked)
            pictures.append(
                Picture(submission, form, photo.field, photo.position, photo.sha256, photo.size, photo.media_type, why)
            )
        for position, (photo, blob) in enumerate(pupils.get(submission.instance_id, [])):
            fit = blob is not None and photo.state == OK  # MT11
            pictures.append(
                Picture(
                    submission,
                    form,
                    "photo",
                    position,
                    blob.sha256 if fit and blob else "",
                    blob.size if fit and blob else 0,
                    blob.media_type if blob else "",
                    None if fit else "A pupils’ photo that nobody has found fit, or that is gone",
                )
            )
    return pictures


def kept_back(form: Form | None, answers: dict, attached_as: str, sha256: str, asked: Asked) -> str | None:
    """Why a photo that is here does not leave."""
    if is_original(attached_as):
        return None if asked.originals else "The camera’s untouched file"
    if asked.personal:
        return None
    field = form.field(attached_as.rpartition("/")[2]) if form else None
    if field is None:
        return "Its form is not known here"
    if field.personal:
        return "A signature"
    said = row_of(sha256, rows_about(answers.get(about_name(field.name)), answers.get(field.name)))
    return "Somebody can be recognised" if said.get("person") in ("adult", "under_18") else None


def pupils_of(session: Session, ids: Sequence[str]) -> dict[str, list[tuple[PupilPhoto, Blob | None]]]:
    """Pupils' photos, each as it is shown: with what a supervisor covered further."""
    found: dict[str, list[tuple[PupilPhoto, Blob | None]]] = {}
    for photo in session.exec(select(PupilPhoto).where(col(PupilPhoto.instance_id).in_(ids))):
        blob = session.get(Blob, photo.shown or photo.sha256)
        found.setdefault(photo.instance_id, []).append((photo, blob))
    return found
