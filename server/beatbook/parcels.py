"""Parcels: parts of a delivery that a phone has sealed to this server's public key, so that the phone cannot read them.

A parcel is `BBP1`, the length of its head in two bytes, the head (JSON), and the sealed bytes. The head says which of
our keys it is for, what is inside and under which digest; the sealed bytes are AES-256-GCM under a key that comes from
ECDH (P-256) between a key made for this one parcel and ours, by HKDF-SHA256. Two digests stand in the head: of the
sealed bytes, so that damage on the way is known before anything is opened, and of what is inside.

Our private keys lie beside the database and are never thrown away: a phone may come out of a drawer after years. Their
library is imported where it is used, for most starts only hand out a public key.
"""

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import structlog

from .blobs import make_folders, sync_folder, write_whole
from .problems import ParcelDamaged, ParcelUnopened

log = structlog.get_logger()

MEDIA_TYPE = "application/vnd.beatbook.parcel"
MAGIC = b"BBP1"
PURPOSE = b"beatbook parcel 1"
LONGEST_HEAD = 2048  # bytes; ours have 450
OVERHEAD = len(MAGIC) + 2 + LONGEST_HEAD + 16  # bytes that a parcel may have beyond what is inside
SECRET, NONCE = 32, 12  # bytes of AES-256-GCM
FOLDER, BACKED_UP = "parcel-keys", "backed-up"
OWN_EYES = 0o600


@dataclass(frozen=True)
class Key:
    id: str
    made_at: datetime
    public: str  # the point on P-256, uncompressed, in Base64
    private: str  # the number, in Base64

    @classmethod
    def make(cls, now: datetime) -> "Key":
        from cryptography.hazmat.primitives.asymmetric import ec

        made = ec.generate_private_key(ec.SECP256R1())
        point = point_of(made.public_key())
        number = made.private_numbers().private_value.to_bytes(32)
        return cls(hashlib.sha256(point).hexdigest()[:16], now, text_of(point), text_of(number))

    def to_wire(self) -> dict[str, str]:
        return {"keyId": self.id, "publicKey": self.public}


class Keys:
    """The folder of our keys, one file each. The newest that a backup holds is given to phones."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known: dict[str, Key] = {}
        self.look()

    def look(self) -> None:
        """One that cannot be read keeps the others from nothing. A restore brings it again from a backup."""
        found = [key for path in sorted(self.folder.glob("*.json")) if (key := read_key(path))]
        self.known = {key.id: key for key in sorted(found, key=lambda key: key.made_at)}

    def damaged(self) -> list[str]:
        """The files that are not the key of their name."""
        return [path.name for path in sorted(self.folder.glob("*.json")) if not is_sound(self.known.get(path.stem))]

    def renew(self, now: datetime, days: int) -> None:
        """Make a key where there is none, or none younger than that."""
        newest = next(reversed(self.known.values()), None)
        if newest is None or now - newest.made_at >= timedelta(days=days):
            self.keep([Key.make(now)])

    def keep(self, keys: Iterable[Key]) -> None:
        """Make keys durable, readable by nobody else. One that is here stays as it is, unless it was damaged."""
        for key in keys:
            if key.id not in self.known or not is_sound(self.known[key.id]):
                make_folders(self.folder)
                write_key(self.folder / f"{key.id}.json", key)
        self.look()

    def current(self) -> Key:
        """The one that phones seal to.

        A key that is in no backup dies with this disk, and with it what phones have sealed to it; so where backups are
        made a new key waits for the next one.
        """
        covered = [key for key in self.known.values() if key.id in self.backed_up()]
        return (covered or list(self.known.values()))[-1]

    def backed_up(self) -> set[str]:
        noted = self.folder / BACKED_UP
        return set(noted.read_text().split()) if noted.is_file() else set()

    def note_backup(self, key_ids: Iterable[str]) -> None:
        make_folders(self.folder)
        write_whole(self.folder / BACKED_UP, "\n".join(sorted({*self.backed_up(), *key_ids})) + "\n")

    def open(self, parcel: bytes, *, name: str) -> bytes:
        """What is inside, with both digests checked.

        Errors: ParcelDamaged when it was changed on the way; ParcelUnopened when it is not for a key of ours, or is
        not what it says.
        """
        head, sealed = split(parcel)
        if hashlib.sha256(sealed).hexdigest() != head.sealed:
            raise ParcelDamaged
        if head.key not in self.known:
            self.look()  # a restore, or a person, may have brought it
        key = self.known.get(head.key)
        if key is None or head.name != name:
            raise ParcelUnopened
        content = unseal(key, head, sealed)
        if hashlib.sha256(content).hexdigest() != head.digest:
            raise ParcelUnopened
        return content


class Head(NamedTuple):
    key: str
    point: bytes  # of the key made for this parcel
    name: str  # of the part: submission or attachment
    digest: str  # of what is inside
    sealed: str  # digest of the sealed bytes


def is_parcel(data: bytes) -> bool:
    return data.startswith(MAGIC)


def name_in(parcel: bytes) -> str:
    """Which kind of part it says it is. Errors: ParcelDamaged."""
    return split(parcel)[0].name


def digest_in(parcel: bytes) -> str:
    """The digest of what is inside, as it says. Errors: ParcelDamaged."""
    return split(parcel)[0].digest


def split(parcel: bytes) -> tuple[Head, bytes]:
    """Errors: ParcelDamaged."""
    size = int.from_bytes(parcel[4:6])
    start = 6 + size
    if not is_parcel(parcel) or size > LONGEST_HEAD or len(parcel) < start:
        raise ParcelDamaged
    try:
        said = json.loads(parcel[6:start])
        texts = {name: str(said[name]) for name in ("key", "name", "digest", "sealed")}
        return Head(point=base64.b64decode(said["point"], validate=True), **texts), parcel[start:]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ParcelDamaged from error


def seal(key: Key, content: bytes, *, name: str, **more: Any) -> bytes:
    """A parcel, as a phone makes it. `more` stands in its head."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    one_time = ec.generate_private_key(ec.SECP256R1())
    point, ours = point_of(one_time.public_key()), base64.b64decode(key.public)
    shared = one_time.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), ours))
    secret, nonce = derived(shared, point, ours)
    digest = hashlib.sha256(content).hexdigest()
    sealed = AESGCM(secret).encrypt(nonce, content, bound(name, digest))
    head = {"key": key.id, "point": text_of(point), "name": name, "digest": digest, **more}
    text = json.dumps({**head, "sealed": hashlib.sha256(sealed).hexdigest()}).encode()
    return MAGIC + len(text).to_bytes(2) + text + sealed


def unseal(key: Key, head: Head, sealed: bytes) -> bytes:
    """Errors: ParcelUnopened."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    own = ec.derive_private_key(int.from_bytes(base64.b64decode(key.private)), ec.SECP256R1())
    try:
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), head.point)
        secret, nonce = derived(own.exchange(ec.ECDH(), theirs), head.point, base64.b64decode(key.public))
        return AESGCM(secret).decrypt(nonce, sealed, bound(head.name, head.digest))
    except (ValueError, InvalidTag) as error:
        raise ParcelUnopened from error


def derived(shared: bytes, point: bytes, ours: bytes) -> tuple[bytes, bytes]:
    """Key and nonce of one parcel. Nothing else is ever sealed with them, for its point is new each time."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    made = HKDF(SHA256(), SECRET + NONCE, salt=point + ours, info=PURPOSE).derive(shared)
    return made[:SECRET], made[SECRET:]


def bound(name: str, digest: str) -> bytes:
    """What the seal also vouches for."""
    return f"{name} {digest}".encode()


def point_of(public: Any) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def text_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def read_key(path: Path) -> Key | None:
    try:
        said = json.loads(path.read_text())
        return Key(path.stem, datetime.fromisoformat(said["madeAt"]), said["public"], said["private"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.error("a key that phones seal to cannot be read", file=path.name, error=str(error))
        return None


def is_sound(key: Key | None) -> bool:
    """Whether its two halves belong together, and to its name."""
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        number = int.from_bytes(base64.b64decode(key.private, validate=True)) if key else 0
        point = point_of(ec.derive_private_key(number, ec.SECP256R1()).public_key())
    except ValueError:
        return False
    return key is not None and (hashlib.sha256(point).hexdigest()[:16], text_of(point)) == (key.id, key.public)


def write_key(path: Path, key: Key) -> None:
    partial = path.with_name(f".{secrets.token_hex(8)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWN_EYES)
    with os.fdopen(descriptor, "w") as file:
        json.dump({"madeAt": key.made_at.isoformat(), "public": key.public, "private": key.private}, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    sync_folder(path.parent)
