"""Photos: masked pictures on tickets. Nobody but the reviewing supervisor sees one before it is found fit (MT11)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from .. import events, redactions
from ..envelope import Envelope
from ..models import Attachment, Person, PupilPhoto, Submission
from ..problems import BadRequest, NotFound
from .patrol import plain
from .tickets import TICKET

PENDING, OK, REMOVED, ERASED = "pending", "ok", "removed", "erased"


def took_photos(session: Session, submission: Submission, read: Envelope, *, now: datetime) -> None:
    """A ticket lists a photo: from now on it is one that nobody sees."""
    for listed in read.attachments:
        if session.get(PupilPhoto, listed.sha256) is None:
            photo = PupilPhoto(
                sha256=listed.sha256,
                instance_id=submission.instance_id,
                patrol_id=str(submission.patrol_id),
                received_at=now,
            )
            session.add(photo)
            seal(session, photo, "patrol.photo-listed", actor="server", now=now)


def expects(session: Session, sha256: str, device_id: str) -> bool:
    """Whether a tablet may send these bytes: one of its own stored tickets lists them, and they were not erased."""
    listed = session.exec(
        select(Attachment.sha256)
        .join(Submission, col(Submission.instance_id) == Attachment.instance_id)
        .where(Attachment.sha256 == sha256, Submission.device_id == device_id, Submission.form_id == TICKET)
    ).first()
    return listed is not None and not redactions.is_redacted(session, sha256)


def is_hidden(session: Session, sha256: str) -> bool:
    """MT11: not yet found fit. The picture that was covered further stands for the first one."""
    photo = (
        session.get(PupilPhoto, sha256) or session.exec(select(PupilPhoto).where(PupilPhoto.shown == sha256)).first()
    )
    return photo is not None and photo.state != OK


def pending(session: Session, patrol_ids: Sequence[str] | None = None) -> list[PupilPhoto]:
    query = select(PupilPhoto).where(PupilPhoto.state == PENDING).order_by(col(PupilPhoto.received_at))
    if patrol_ids is not None:
        query = query.where(col(PupilPhoto.patrol_id).in_(patrol_ids))
    return list(session.exec(query))


def fit(session: Session, patrol_id: str) -> list[PupilPhoto]:
    """Those that a supervisor found fit to be seen."""
    query = select(PupilPhoto).where(PupilPhoto.patrol_id == patrol_id, PupilPhoto.state == OK)
    return list(session.exec(query.order_by(col(PupilPhoto.received_at))))


def photo_of(session: Session, sha256: str) -> PupilPhoto:
    """Errors: NotFound."""
    photo = session.get(PupilPhoto, sha256)
    if photo is None:
        raise NotFound
    return photo


def decide(session: Session, sha256: str, state: str, *, person: Person, now: datetime) -> list[str]:
    """Find a photo fit, or remove it for good. Answers the files to sweep. Errors: NotFound, BadRequest."""
    photo = photo_of(session, sha256)
    if state not in (OK, REMOVED) or photo.state not in (PENDING, OK):
        raise BadRequest
    files = take_away(session, photo, why="removed by a supervisor", now=now) if state == REMOVED else []
    photo.state, photo.decided_by, photo.decided_at = state, person.id, now
    session.add(photo)
    seal(session, photo, "patrol.photo-decided", actor=f"person:{person.id}", now=now)
    return files


def replace(session: Session, sha256: str, shown: str, *, person: Person, now: datetime) -> list[str]:
    """More was covered: the new picture takes the place of the old, which is erased. Errors: NotFound, BadRequest."""
    photo = photo_of(session, sha256)
    if photo.state not in (PENDING, OK) or shown == (photo.shown or photo.sha256):
        raise BadRequest
    files = take_away(session, photo, why="more was covered", now=now)
    photo.shown, photo.state, photo.decided_by, photo.decided_at = shown, PENDING, person.id, now
    session.add(photo)
    seal(session, photo, "patrol.photo-covered", actor=f"person:{person.id}", now=now)
    return files


def erase(session: Session, photo: PupilPhoto, *, why: str, now: datetime) -> list[str]:
    files = take_away(session, photo, why=why, now=now)
    photo.state = ERASED
    session.add(photo)
    seal(session, photo, "patrol.photo-erased", actor="server", now=now)
    return files


def take_away(session: Session, photo: PupilPhoto, *, why: str, now: datetime) -> list[str]:
    names = [name for name in (photo.sha256, photo.shown) if name]
    files = [file for name in names for file in redactions.files_of(session, name)]
    for name in names:
        redactions.redact_photo(session, name, why=why, now=now)
    return files


def seal(session: Session, photo: PupilPhoto, kind: str, *, actor: str, now: datetime) -> None:
    row = events.digest_of(sealed_photo(photo))
    events.append(session, kind, f"photo:{photo.sha256}", actor=actor, now=now, data={"state": photo.state, "row": row})


def sealed_photo(photo: PupilPhoto) -> dict[str, Any]:
    return plain(photo.model_dump())
