"""Photos that a submission lists: which are here, which are missing, and when it is complete."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, and_, col, select, update

from .. import events, listings
from ..models import Attachment, Blob, PreviewState, PupilPhoto, Redaction, Submission


@dataclass(frozen=True)
class Photo:
    """A photo that a submission lists, and what is here of it."""

    field: str
    position: int
    sha256: str
    size: int
    media_type: str
    held: bool
    preview: PreviewState | None
    width: int
    height: int


def complete_if_whole(session: Session, instance_id: str, *, now: datetime) -> None:
    """The same for a submission that was waiting, after another of its photos has come."""
    if not missing(session, instance_id):
        session.exec(update(Submission).where(col(Submission.instance_id) == instance_id).values(complete=True))
        note_complete(session, instance_id, now=now)
        listings.changed(session, session.get_one(Submission, instance_id, populate_existing=True))


def note_complete(session: Session, instance_id: str, *, now: datetime) -> None:
    events.append(session, "submission.completed", instance_id, actor="server", now=now)


def missing(session: Session, instance_id: str) -> list[str]:
    """SHA-256s that the submission lists and that are not held with the size it says, each once, in its order.

    What was erased here is not missed.
    """
    held = and_(Blob.sha256 == Attachment.sha256, Blob.size == Attachment.size)
    found = session.exec(
        select(Attachment.sha256)
        .join(Blob, held, isouter=True)
        .join(Redaction, and_(Redaction.subject == Attachment.sha256), isouter=True)
        .where(Attachment.instance_id == instance_id, col(Blob.sha256).is_(None), col(Redaction.subject).is_(None))
        .order_by(col(Attachment.position))
    )
    return list(dict.fromkeys(found))


def missing_some(session: Session, instance_ids: Sequence[str]) -> set[str]:
    """Those of some submissions that lack a photo, by the same rule."""
    held = and_(Blob.sha256 == Attachment.sha256, Blob.size == Attachment.size)
    found = session.exec(
        select(Attachment.instance_id)
        .join(Blob, held, isouter=True)
        .join(Redaction, and_(Redaction.subject == Attachment.sha256), isouter=True)
        .where(col(Attachment.instance_id).in_(instance_ids))
        .where(col(Blob.sha256).is_(None), col(Redaction.subject).is_(None))
    )
    return set(found)


def photos_of(session: Session, instance_id: str) -> list[Photo]:
    return photos_of_many(session, [instance_id])[instance_id]


def photos_of_many(session: Session, instance_ids: Sequence[str]) -> dict[str, list[Photo]]:
    """The photos of a page of submissions, with one query. Pupils' are looked at on their patrol's page (MT11)."""
    found: dict[str, list[Photo]] = {instance_id: [] for instance_id in instance_ids}
    rows = session.exec(
        select(Attachment, Blob)
        .join(Blob, and_(Blob.sha256 == Attachment.sha256), isouter=True)
        .join(PupilPhoto, and_(PupilPhoto.sha256 == Attachment.sha256), isouter=True)
        .where(col(Attachment.instance_id).in_(instance_ids), col(PupilPhoto.sha256).is_(None))
        .order_by(col(Attachment.instance_id), col(Attachment.position))
    )
    for listed, blob in rows:
        found[listed.instance_id].append(
            Photo(
                field=listed.field,
                position=listed.position,
                sha256=listed.sha256,
                size=listed.size,
                media_type=blob.media_type if blob else listed.media_type,
                held=blob is not None and blob.size == listed.size,
                preview=blob.preview if blob else None,
                width=blob.width if blob else 0,
                height=blob.height if blob else 0,
            )
        )
    return found
