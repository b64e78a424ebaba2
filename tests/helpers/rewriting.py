"""What somebody with the server's disk can do to the log, so that tests can look for it."""

import json

from actors import sha256
from sqlmodel import Session, col, select

from beatbook import events, submissions
from beatbook.models import Event, Ledger, Submission
from beatbook.office import Office


def rewrite_history(office: Office, instance_id: str) -> None:
    """What root can do who knows our code as well as we do: the record, its seal, and every chain from there on."""
    with Session(office.database.write_engine) as session:
        for trigger in ("event_no_update", "event_no_delete"):
            session.connection().exec_driver_sql(f"DROP TRIGGER {trigger}")
        record = session.get_one(Submission, instance_id)
        record.payload = record.payload.replace(b"Westgate Gardens", b"Eastgate Gardens")
        record.title, record.place = record.title.replace("Westgate", "Eastgate"), "Eastgate Gardens, by the bench"
        record.digest = sha256(record.payload)
        before = events.GENESIS
        for event in session.exec(select(Event).order_by(col(Event.seq))).all():
            if event.seq == record.seq:
                row = events.digest_of(submissions.sealed(record))
                event.data = events.canonical({**json.loads(event.data), "digest": record.digest, "row": row})
            before = event.chain = events.chain_of(before, event)
            for sent in session.exec(select(Submission).where(Submission.seq == event.seq)):
                sent.chain = event.chain
        session.get_one(Ledger, 1).chain = before
        session.commit()
