"""Attachments: the photos that submissions list; receive them, hold them, make previews of them.

The original bytes are never touched. Previews are made afterwards, by a child process, from a queue that is the table
itself: what still says `waiting` after a restart is simply taken up again.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from . import events, patrols, redactions, submissions
from .blobs import Blobs, Incoming
from .models import Attachment, Blob, Device, PreviewState, Redaction, Role, Submission, insert
from .photos import Inspected

RECEIVED = "attachment.received"
PREVIEWS_AT_ONCE = 16  # taken from the queue together


def receive(session: Session, photo: Incoming, inspected: Inspected, device: Device, *, now: datetime) -> bool:
    """Hold a photo whose bytes are durable under their name. Returns whether it was held already."""
    if held(session, [photo.sha256]):
        return True
    blob = Blob(
        sha256=photo.sha256,
        size=photo.size,
        media_type=inspected.media_type,
        width=inspected.width,
        height=inspected.height,
        received_at=now,
        device_id=device.id,
    )
    insert(session, blob)
    events.append(
        session,
        RECEIVED,
        blob.sha256,
        actor=f"device:{device.id}",
        now=now,
        data={"size": blob.size, "row": events.digest_of(sealed(blob))},
    )
    for instance_id in waiting_for(session, blob.sha256):
        submissions.complete_if_whole(session, instance_id, now=now)
    return False


def is_expected(session: Session, sha256: str, device: Device) -> bool:
    """MT9, MT10: of a pupils' tablet only the covered photo that one of its tickets lists. Of others any not erased."""
    if redactions.is_redacted(session, sha256):
        return False
    return device.role != Role.PUPIL or patrols.expects(session, sha256, device.id)


def wait_no_longer(session: Session, *, now: datetime) -> None:
    """A photo that was erased before it ever came is not waited for."""
    incomplete = select(Attachment.sha256).join(Submission).where(col(Submission.complete).is_(False))
    for sha256 in session.exec(select(Redaction.subject).where(col(Redaction.subject).in_(incomplete))).all():
        for instance_id in waiting_for(session, sha256):
            submissions.complete_if_whole(session, instance_id, now=now)


def waiting_for(session: Session, sha256: str) -> list[str]:
    """The submissions that list a photo and are not complete."""
    return list(
        session.exec(
            select(Submission.instance_id)
            .join(Attachment)
            .where(Attachment.sha256 == sha256, col(Submission.complete).is_(False))
            .group_by(Submission.instance_id, col(Submission.seq))
            .order_by(col(Submission.seq))
        )
    )


def held(session: Session, sha256s: Iterable[str]) -> set[str]:
    return set(session.exec(select(Blob.sha256).where(col(Blob.sha256).in_(list(sha256s)))))


def waiting_previews(session: Session) -> list[str]:
    """Photos whose previews are still to be made, newest first, for those are looked at first."""
    return list(
        session.exec(
            select(Blob.sha256)
            .where(Blob.preview == PreviewState.WAITING)
            .order_by(col(Blob.received_at).desc())
            .limit(PREVIEWS_AT_ONCE)
        )
    )


def name_previews(session: Session, sha256: str, preview: Incoming | None, thumbnail: Incoming | None) -> bool:
    """Note how the previews of a photo will be called, or that none could be made. Returns whether to save them."""
    blob = session.get(Blob, sha256)
    if blob is None:
        return False
    if preview is None or thumbnail is None:
        blob.preview = PreviewState.FAILED
    else:
        blob.preview_sha256, blob.thumbnail_sha256 = preview.sha256, thumbnail.sha256
    session.add(blob)
    return blob.preview is not PreviewState.FAILED


def save_previews(session: Session, sha256: str) -> bool:
    """The files of the previews are in their places. Returns whether the photo is still here."""
    blob = session.get(Blob, sha256)
    if blob is None:
        return False
    blob.preview = PreviewState.MADE
    session.add(blob)
    return True


def incoming_of(blobs: Blobs, data: bytes) -> Incoming:
    """Bytes of our own making, on their way into the store."""
    incoming = blobs.receive()
    try:
        incoming.add(data)
    except OSError:
        incoming.drop()
        raise
    return incoming


def sealed(blob: Blob) -> dict[str, Any]:
    """What of a held photo may never change; its previews can be made again."""
    return events.seal_of(blob, {"preview", "preview_sha256", "thumbnail_sha256"})
