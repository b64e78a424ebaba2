"""Keys: how a tablet with no signal knows that a patrol was opened by a grown-up of this council.

Each adult's phone makes a key pair whose private half cannot leave it, and leaves the public half here; tablets fetch
those of all phones in use with /down. A patrol in a square carries the phone's signature over all of it. That stops a
made-up patrol (other spots, another end, a PIN somebody else knows), not a person who holds an unlocked phone.
"""

import base64
import binascii
import hashlib
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from .. import events
from ..models import TRUSTED, Device, PatrolKey
from ..problems import BadRequest
from .patrol import LEADERS

POINT = 65  # bytes of an uncompressed point on P-256, the first of which is 4


def register_key(session: Session, device: Device, public_key: str, *, now: datetime) -> PatrolKey:
    """A phone shows its public key; a new one takes the place of the old. Errors: BadRequest."""
    try:
        point = base64.b64decode(public_key, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadRequest from error
    if device.role not in LEADERS or len(point) != POINT or point[0] != 4:
        raise BadRequest
    key_id = hashlib.sha256(point).hexdigest()[:12]
    known = session.get(PatrolKey, device.id)
    if known is not None and known.key_id == key_id:
        return known
    if known is not None:
        session.delete(known)
        session.flush()
    key = PatrolKey(device_id=device.id, key_id=key_id, public_key=public_key, at=now)
    session.add(key)
    seal = {"row": events.digest_of(sealed_key(key))}
    events.append(session, "patrol.key", f"key:{device.id}", actor=f"device:{device.id}", now=now, data=seal)
    return key


def known_keys(session: Session) -> list[dict[str, Any]]:
    """The keys of phones that the desk knows to be in good hands, for tablets."""
    rows = session.exec(
        select(PatrolKey)
        .join(Device, col(Device.id) == PatrolKey.device_id)
        .where(col(Device.retired_at).is_(None), col(Device.standing).in_(TRUSTED))
        .order_by(col(PatrolKey.key_id))
    )
    return [{"keyId": key.key_id, "publicKey": key.public_key} for key in rows]


def sealed_key(key: PatrolKey) -> dict[str, Any]:
    return {**key.model_dump(), "at": events.instant(key.at)}
