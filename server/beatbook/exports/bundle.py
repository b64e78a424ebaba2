"""Bundle: one case for a court (EV10), which verifies by itself.

The record as its device signed it off with every version that mends it or is mended by it, the facts in words, all
corrections and decisions, the exhibits with their hashes, the untouched originals, and the continuity log: each event
about the case with the chain before it, so that anybody can compute the next. `verify.py` inside checks all of that
with Python alone. The manifest's own digest goes into our log, which proves later that a bundle is the one we gave out.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from .. import events, exhibits, notices, redactions, submissions
from ..blobs import CHUNK, Blobs
from ..forms import Forms
from ..models import Correction, Event, Notice, NoticeStep, Redaction, Remark, Review, Submission
from ..submissions import corrections, remarks
from .marking import About, Asked
from .pictures import Picture, pictures_of
from .zips import Entry, chunks

BUNDLED, MADE = "submission.bundled", "submission.bundle-made"
VERIFIER = Path(__file__).with_name("verify_bundle.py")
EVERYTHING = Asked(personal=True, originals=True)
MOST_VERSIONS = 50  # of one record; nobody mends it as often

# Rows that an event seals: what they are called in the bundle, and how they were sealed.
SEALED: tuple[tuple[str, Any, Any], ...] = (
    ("correction", Correction, corrections.sealed),
    ("decision", Review, submissions.sealed_review),
    ("remark", Remark, remarks.sealed),
    ("notice", Notice, notices.sealed),
    ("step of the notice", NoticeStep, notices.sealed_step),
)

README = """{marking}

Record {instance_id}, taken out of Beatbook.

record.html    The case to read: facts in words, corrections, exhibits, who did what when
records/       Each version as its device signed it off, byte for byte
receipts.json  What the server answered when they came; the device holds the same
rows.json      Corrections, decisions, remarks, steps of the notice and erasures, as the log sealed them
exhibits/      The photos; exhibits.json says what each is, its SHA-256, and why one is not here
log.json       Every event about this case. The SHA-256 of "before", a new line and the event is "chain"
manifest.json  The SHA-256 of every file here
verify.py      Checks all of it: python3 verify.py

What verify.py proves: no file, no exhibit and no event was changed after the bundle was made. That the log itself is
the council's shows in two places outside: the device that made the record holds its receipt with the same chain, and
the council's log names the SHA-256 of manifest.json, which verify.py prints, in the event "submission.bundle-made".
With the device's receipt in a file, python3 verify.py RECEIPT.json compares them.

"""


@dataclass(frozen=True)
class Case:
    """One record with its versions, oldest first, and what belongs to them."""

    versions: list[Submission]
    pictures: list[Picture]
    log: list[dict[str, Any]]
    rows: list[dict[str, Any]]


def note(session: Session, instance_id: str, asked: Asked, *, actor: str, now: datetime) -> None:
    """EV4. Errors: NotFound."""
    submissions.get(session, instance_id)
    told = {name: value for name, value in (("why", asked.why), ("reference", asked.reference)) if value}
    events.append(session, BUNDLED, instance_id, actor=actor, now=now, data=told)


def note_made(session: Session, instance_id: str, manifest: bytes, *, actor: str, now: datetime) -> None:
    data = {"manifest": hashlib.sha256(manifest).hexdigest()}
    events.append(session, MADE, instance_id, actor=actor, now=now, data=data)


def case_of(session: Session, forms: Forms, blobs: Blobs, instance_id: str) -> Case:
    """Errors: NotFound."""
    versions = versions_of(session, submissions.get(session, instance_id))
    pictures = [present(one, blobs) for one in pictures_of(session, forms, versions, EVERYTHING)]
    ids = [version.instance_id for version in versions]
    digests = [one.sha256 for one in pictures if one.sha256]
    subjects = [*ids, *digests, *(f"photo:{digest}" for digest in digests)]
    found = session.exec(select(Event).where(col(Event.subject).in_(subjects)).order_by(col(Event.seq))).all()
    return Case(versions, pictures, [linked(session, event) for event in found], list(rows_of(session, ids, found)))


def texts(case: Case, about: About, page: str) -> dict[str, bytes]:
    """Every file of the bundle but the exhibits, the manifest last."""
    receipts = [submissions.receipt_of(version) for version in case.versions]
    told = "".join(f"{name}: {said}\n" for name, said in about.lines())
    made = {
        "README.txt": (README.format(marking=about.marking, instance_id=case.versions[-1].instance_id) + told).encode(),
        "record.html": page.encode(),
        **{f"records/{version.instance_id}.json": version.payload for version in case.versions},
        "receipts.json": written(receipts),
        "rows.json": written(case.rows),
        "exhibits.json": written([told_of(picture, mark) for picture, mark in marked(case)]),
        "log.json": written({"events": case.log}),
        "verify.py": VERIFIER.read_bytes(),
    }
    listed = [
        *({"file": name, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)} for name, data in made.items()),
        *({"file": path_of(one), "sha256": one.sha256, "size": one.size} for one in going(case)),
    ]
    return {**made, "manifest.json": written({"files": listed})}


def stream(case: Case, made: Mapping[str, bytes], blobs: Blobs, at: datetime) -> Iterator[bytes]:
    def entries() -> Iterator[Entry]:
        for name, data in made.items():
            yield Entry(name, [data], packed=True)
        for one in going(case):
            with blobs.open(one.sha256) as file:
                yield Entry(path_of(one), iter(lambda file=file: file.read(CHUNK), b""))

    return chunks(entries(), at)


def going(case: Case) -> list[Picture]:
    """The pictures that leave, each file once."""
    return list({path_of(one): one for one in case.pictures if one.left_out is None}.values())


def path_of(picture: Picture) -> str:
    return f"exhibits/{picture.name}"


def marked(case: Case) -> Iterator[tuple[Picture, str]]:
    """Each picture with the mark that a statement calls it by (EV8)."""
    for version in case.versions:
        own = [one for one in case.pictures if one.submission is version]
        found = exhibits.marks(submissions.answers_of(version), [(one.field, one.position) for one in own])
        yield from ((one, found[one.field, one.position]) for one in own)


def told_of(picture: Picture, mark: str) -> dict[str, Any]:
    return {
        "mark": mark,
        "file": path_of(picture) if picture.left_out is None else None,
        "sha256": picture.sha256,
        "size": picture.size,
        "mediaType": picture.media_type,
        "instanceId": picture.submission.instance_id,
        "field": picture.field,
        "question": picture.question,
        "position": picture.position,
        "leftOut": picture.left_out,
    }


# Helpers ----------------------------------------------------------------------------------------------------------


def versions_of(session: Session, submission: Submission) -> list[Submission]:
    """What it mends, back to the first, and what mends it, up to the newest."""
    found = [submission]
    while len(found) < MOST_VERSIONS and found[0].replaces:
        older = session.get(Submission, found[0].replaces)
        if older is None or older in found:
            break
        found.insert(0, older)
    while len(found) < MOST_VERSIONS:
        newer = session.exec(select(Submission).where(Submission.replaces == found[-1].instance_id)).first()
        if newer is None or newer in found:
            break
        found.append(newer)
    return found


def present(picture: Picture, blobs: Blobs) -> Picture:
    """A file that is gone does not stop the bundle; the list says so."""
    gone = picture.left_out is None and not blobs.has(picture.sha256)
    return replace(picture, left_out="Its file is missing") if gone else picture


def linked(session: Session, event: Event) -> dict[str, Any]:
    """An event with the chain before it."""
    before = session.get(Event, event.seq - 1)
    return {
        "seq": event.seq,
        "at": events.instant(event.at),
        "kind": event.kind,
        "actor": event.actor,
        "subject": event.subject,
        "data": event.data,
        "before": before.chain if before else events.GENESIS,
        "chain": event.chain,
    }


def rows_of(session: Session, ids: Sequence[str], log: Sequence[Event]) -> Iterator[dict[str, Any]]:
    for name, table, sealed in SEALED:
        for row in session.exec(select(table).where(col(table.instance_id).in_(ids))):
            yield {"table": name, "seq": row.seq, "row": sealed(row)}
    newest = {event.subject: event.seq for event in log if event.kind in (redactions.RECORD, redactions.PHOTO)}
    for erased in session.exec(select(Redaction).where(col(Redaction.subject).in_(newest))):
        yield {"table": "redaction", "seq": newest[erased.subject], "row": redactions.sealed(erased)}


def written(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()
