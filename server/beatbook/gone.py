"""Gone: records that this server acknowledged and no longer has.

After a restore devices show their receipts. One that answers to nothing here was lost with the history between backup
and restore; it is listed, so that somebody can ask for it, until the record arrives again. A receipt is the word of an
enrolled device, so the list is a reason to ask and not a proof.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, func, select

from . import envelope, events
from .envelope import SHA256, UUID
from .models import Device, Event, Gone, Redaction, Submission

MOST_PER_DEVICE = 5000  # more than a phone makes in the 90 days for which it keeps receipts
NOTICED = "submission.gone"


@dataclass(frozen=True)
class Claim:
    """A receipt that a device shows."""

    instance_id: str
    digest: str
    seq: int
    chain: str
    acknowledged_at: datetime | None
    form_id: str | None
    counter: int | None
    captured_at: datetime | None
    still_there: bool


def claims_of(items: Iterable[Any], last_receipt: Any) -> list[Claim]:
    """The receipts in what a device asks. One without a receipt was never acknowledged, so it cannot be gone."""
    shown = [claim_of(item, item.get("receipt")) for item in items if isinstance(item, Mapping)]
    if isinstance(last_receipt, Mapping):
        shown.append(claim_of(last_receipt, last_receipt))
    return list({claim.instance_id: claim for claim in reversed(shown) if claim}.values())


def claim_of(item: Mapping[str, Any], receipt: Any) -> Claim | None:
    instance_id, digest = item.get("instanceId"), item.get("digest")
    if not isinstance(receipt, Mapping) or not is_named(instance_id, UUID) or not is_named(digest, SHA256):
        return None
    seq, chain = envelope.counter_of(receipt.get("seq")), receipt.get("chain")
    if not seq or seq >= 2**31 or not isinstance(chain, str):
        return None
    return Claim(
        instance_id=str(instance_id),
        digest=str(digest),
        seq=seq,
        chain=envelope.text_of(chain),
        acknowledged_at=envelope.captured_at_of(receipt.get("receivedAt"), []),
        form_id=envelope.text_of(item.get("formId")) or None,
        counter=envelope.counter_of(item.get("counter")),
        captured_at=envelope.captured_at_of(item.get("capturedAt"), []),
        still_there=item.get("kept") is True,
    )


def is_named(value: Any, pattern: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def unknown(session: Session, claims: list[Claim]) -> list[Claim]:
    """Those that answer to nothing here and are not listed yet."""
    ids = [claim.instance_id for claim in claims]
    here = set(session.exec(select(Submission.instance_id).where(col(Submission.instance_id).in_(ids))))
    here |= set(session.exec(select(Redaction.subject).where(col(Redaction.subject).in_(ids))))  # erased, so not lost
    listed_already = set(session.exec(select(Gone.instance_id).where(col(Gone.instance_id).in_(ids))))
    return [claim for claim in claims if claim.instance_id not in here | listed_already]


def note(session: Session, claims: list[Claim], device: Device, *, now: datetime) -> None:
    """List what a device holds a receipt for and we do not have."""
    count = session.exec(select(func.count()).select_from(Gone).where(Gone.device_id == device.id)).one()
    for claim in unknown(session, claims)[: max(0, MOST_PER_DEVICE - count)]:
        row = Gone(
            instance_id=claim.instance_id,
            digest=claim.digest,
            device_id=device.id,
            form_id=claim.form_id,
            counter=claim.counter,
            captured_at=claim.captured_at,
            acknowledged_at=claim.acknowledged_at,
            receipt_seq=claim.seq,
            receipt_chain=claim.chain,
            still_there=claim.still_there,
            noticed_at=now,
        )
        session.add(row)
        events.append(
            session,
            NOTICED,
            row.instance_id,
            actor=f"device:{device.id}",
            now=now,
            data={"digest": row.digest, "row": events.digest_of(sealed(row))},
        )


def arrived(session: Session, submission: Submission) -> None:
    """It is here again, byte for byte. Another record under its number does not bring it back."""
    session.exec(
        delete(Gone).where(col(Gone.instance_id) == submission.instance_id, col(Gone.digest) == submission.digest)
    )


def listed(session: Session) -> list[tuple[Gone, Device]]:
    """By device, what was acknowledged last first."""
    rows = session.exec(
        select(Gone, Device).join(Device).order_by(col(Device.name), col(Device.id), col(Gone.receipt_seq).desc())
    )
    return [(row, device) for row, device in rows]


def count(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Gone)).one()


def sealed(row: Gone) -> dict[str, Any]:
    values = row.model_dump()
    return {name: events.instant(value) if isinstance(value, datetime) else value for name, value in values.items()}


def noticed(session: Session) -> Iterable[Event]:
    """The newest notice about each record."""
    newest: dict[str, Event] = {}
    for event in session.exec(select(Event).where(Event.kind == NOTICED).order_by(col(Event.seq))):
        newest[event.subject] = event
    return newest.values()
