"""Redactions: erase content for good and leave a stub that says so.

A record keeps its number, its digest and its receipt; in the payload's place stands what may stay, and a row says which
answers went, when, and why. The row carries the digest of what stands there now and is sealed by its own event, so
`verify` tells an erasure from a changed byte, and a device that asks is told `redacted`. Of a photo row and file go,
previews too; the digest by which its record lists it stays.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, delete, select

from . import events, listings
from .blobs import FileBlobs
from .models import Blob, Event, Redaction, Submission

RECORD, PHOTO, BESIDE = "submission.redacted", "attachment.redacted", "beside.redacted"
KINDS = {"submission": RECORD, "attachment": PHOTO}  # everything else is kept beside records, see beside.py
PICTURE = "photo"  # then the names of its previews, which may be on their way to the store while it is erased
EVERYTHING = "everything"  # in the place of the names of answers: the record is a stub


def redact_answers(session: Session, instance_id: str, names: Sequence[str], *, why: str, now: datetime) -> None:
    """Erase these answers from a record. Those that it never had, or has no more, change nothing."""
    submission = session.get(Submission, instance_id)
    if submission is None:
        return
    told = json.loads(submission.payload)
    gone = sorted(set(names) & set(told.get("answers") or {}))
    if not gone:
        return
    before = session.get(Redaction, instance_id)
    went = sorted({*gone, *(before.what.split() if before else ())})
    told["answers"] = {name: answer for name, answer in told["answers"].items() if name not in gone}
    submission.payload = json.dumps({**told, "redacted": went}, ensure_ascii=False, separators=(",", ":")).encode()
    session.add(submission)
    listings.put_words(session, submission, "")  # a search finds it by its title and place, no longer by what went
    digest = hashlib.sha256(submission.payload).hexdigest()
    note(
        session,
        before,
        Redaction(subject=instance_id, kind="submission", what=" ".join(went), why=why, at=now, digest=digest),
    )


def redact_photo(session: Session, sha256: str, *, why: str, now: datetime) -> None:
    """Erase a photo and its previews; `sweep` takes the files once this is committed."""
    if session.get(Redaction, sha256) is not None:
        return
    what = " ".join([PICTURE, *files_of(session, sha256)[1:]])
    session.exec(delete(Blob).where(col(Blob.sha256) == sha256))
    note(session, None, Redaction(subject=sha256, kind="attachment", what=what, why=why, at=now))


def redact_record(
    session: Session, submission: Submission, *, why: str, now: datetime, resealed: Mapping[int, str]
) -> None:
    """Note that a record was made a stub. `resealed` are the digests of its rows as they are now, by their events."""
    before, digest = session.get(Redaction, submission.instance_id), hashlib.sha256(submission.payload).hexdigest()
    row = Redaction(subject=submission.instance_id, kind="submission", what=EVERYTHING, why=why, at=now, digest=digest)
    note(session, before, row, {str(seq): one for seq, one in resealed.items()})


def redact_beside(session: Session, kind: str, key: str, *, why: str, now: datetime) -> None:
    """Note that a task, an item, bytes kept aside or a saved filter lost its words; its own event seals the rest."""
    note(session, None, Redaction(subject=f"{kind}:{key}", kind=kind, what=EVERYTHING, why=why, at=now))


def resealed(session: Session, event: Event) -> str | None:
    """The digest of a record's row as this event sealed it, or as the erasure of the record has since."""
    said = json.loads(event.data).get("row")
    erased = session.get(Redaction, event.subject)
    if erased is None or erased.what != EVERYTHING:
        return said
    query = select(Event).where(Event.subject == event.subject, Event.kind == RECORD)
    last = session.exec(query.order_by(col(Event.seq).desc()).limit(1)).first()
    return (json.loads(last.data).get("resealed", {}) if last else {}).get(str(event.seq), said)


def is_redacted(session: Session, subject: str) -> bool:
    return session.get(Redaction, subject) is not None


def files_of(session: Session, sha256: str) -> list[str]:
    """The names of a photo's files: its own and those of its previews."""
    blob = session.get(Blob, sha256)
    return [name for name in (blob.sha256, blob.preview_sha256, blob.thumbnail_sha256) if name] if blob else []


def sweep(session: Session, blobs: FileBlobs, names: Sequence[str]) -> int:
    """Remove these files and those of erased photos that were left behind, unless a photo that is kept has the same."""
    erased = session.exec(select(Redaction.subject, Redaction.what).where(Redaction.kind == "attachment")).all()
    wanted = {*names, *(name for subject, what in erased for name in (subject, *what.split()[1:]))}
    kept = {
        name
        for row in session.exec(
            select(Blob.sha256, Blob.preview_sha256, Blob.thumbnail_sha256).where(
                col(Blob.sha256).in_(wanted)
                | col(Blob.preview_sha256).in_(wanted)
                | col(Blob.thumbnail_sha256).in_(wanted)
            )
        )
        for name in row
    }
    return sum(blobs.remove(name) for name in wanted - kept)


def note(session: Session, before: Redaction | None, row: Redaction, resealed: Mapping[str, str] | None = None) -> None:
    if before is not None:
        session.delete(before)
        session.flush()
    session.add(row)
    kind = KINDS.get(row.kind, BESIDE)
    seal: dict[str, Any] = {"what": row.what, "row": events.digest_of(sealed(row))}
    if resealed is not None:
        seal["resealed"] = dict(resealed)
    events.append(session, kind, row.subject, actor="server", now=row.at, data=seal)


def sealed(row: Redaction) -> dict[str, Any]:
    return {**row.model_dump(), "at": events.instant(row.at)}
