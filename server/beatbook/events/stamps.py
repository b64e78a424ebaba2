"""Stamps: each day an authority for time stamps (RFC 3161) signs where the log stands, for who trusts no copy of ours.

It is told a digest and nothing else. Nobody waits for it: an authority that is away costs a line in the server's own
log, and the next hour tries again. The library is an extra and is imported where it is used.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import structlog
from sqlmodel import Session, col, select

from .. import events
from ..database import Database
from ..models import Event, Ledger, Stamp
from ..settings import Settings

log = structlog.get_logger()

STAMPED = "log.stamped"
EVERY = timedelta(hours=24)
SECONDS = 10.0  # that the authority may take
LARGEST = 64 * 1024  # bytes of an answer; about 5,000 are usual


def check(settings: Settings) -> None:
    """Errors: ValueError where stamps are wanted and the library is not installed."""
    if settings.tsa_url and find_spec("rfc3161_client") is None:
        raise ValueError("BEATBOOK_TSA_URL needs the extra: pip install beatbook[stamps]")


def stamp(database: Database, settings: Settings, *, now: datetime) -> None:
    """Have the end of the log stamped, if that is wanted and due."""
    if not settings.tsa_url:
        return
    with database.reading() as session:
        head = session.exec(select(Ledger)).one()
        if not is_due(session, now):
            return
    answer = asked(settings.tsa_url, head.chain)
    if answer is not None:
        database.write(lambda session: keep(session, head.seq, head.chain, answer, now=now))


def asked(url: str, chain: str) -> bytes | None:
    """The authority's answer about a chain, once it fits; None while it does not come."""
    import httpx2
    import rfc3161_client as rfc3161

    builder = rfc3161.TimestampRequestBuilder().data(chain.encode())
    request = builder.hash_algorithm(rfc3161.HashAlgorithm.SHA512).build()
    headers = {"content-type": "application/timestamp-query"}
    try:
        answer = httpx2.post(url, content=request.as_bytes(), headers=headers, timeout=SECONDS)
        answer.raise_for_status()
        given = rfc3161.decode_timestamp_response(answer.content[:LARGEST])
        if given.status != 0 or given.tst_info.nonce != request.nonce:
            raise ValueError(f"status {given.status}, or the answer to another question")
        if given.tst_info.message_imprint.message != request.message_imprint.message:
            raise ValueError("a stamp of something else")
    except (httpx2.HTTPError, OSError, ValueError, TypeError) as error:
        log.warning("the log was not stamped; the next hour tries again", error=str(error)[:200])
        return None
    return answer.content


def keep(session: Session, seq: int, chain: str, answer: bytes, *, now: datetime) -> None:
    if not is_due(session, now):
        return
    row = Stamp(seq=0, head=seq, chain=chain, answer=answer, at=now)
    row.seq = events.append(session, STAMPED, "log", actor="server", now=now, data={"head": seq, "row": seal(row)}).seq
    session.add(row)


def is_due(session: Session, now: datetime) -> bool:
    last = session.exec(select(Stamp).order_by(col(Stamp.seq).desc()).limit(1)).first()
    return last is None or now - last.at >= EVERY


def faults(session: Session, roots: Path | None) -> Iterator[tuple[str, str]]:
    """Stamps that are not of this log. With the authority's root certificate its signature is checked as well."""
    for row in session.exec(select(Stamp).order_by(col(Stamp.seq))):
        where, event = f"stamp of event {row.head}", session.get(Event, row.head)
        if event is None or event.chain != row.chain:
            yield where, "the log is another one than the authority stamped"
        elif wrong := wrong_with(row, roots):
            yield where, wrong


def wrong_with(row: Stamp, roots: Path | None) -> str | None:
    if find_spec("rfc3161_client") is None:
        return None  # without the extra it is known as little as without the authority
    import rfc3161_client as rfc3161
    from cryptography.x509 import load_pem_x509_certificates

    try:
        given = rfc3161.decode_timestamp_response(row.answer)
        if given.tst_info.message_imprint.message != hashlib.sha512(row.chain.encode()).digest():
            return "it is of another log than this"
        if roots is not None:
            builder = rfc3161.VerifierBuilder()
            for root in load_pem_x509_certificates(roots.read_bytes()):
                builder = builder.add_root_certificate(root)
            builder.build().verify_message(given, row.chain.encode())
    except (ValueError, TypeError, OSError, rfc3161.VerificationError) as error:
        return f"it does not hold: {str(error)[:120]}"
    return None


def seal(row: Stamp) -> str:
    return events.digest_of(sealed(row))


def sealed(row: Stamp) -> dict[str, Any]:
    return {**events.seal_of(row, {"seq", "answer"}), "answer": row.answer.hex()}
