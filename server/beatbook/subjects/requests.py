"""Requests: somebody asks what is held about them, and what a person decided about each place that mentions them.

A request begins with who asks and how that was checked, then everything is searched. Each place is looked at by a
person, who hands it over or keeps it here with a reason; what is somebody else's is left out or covered. Only when no
place is left to look at can it be handed over. The log names the request and counts, never whom it is about.

Once closed, what was looked for and what was decided go again after `KEPT`; the row and its events stay. One that
nobody closes is ended by itself, so that it cannot stay for ever either.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, delete, func, select

from .. import events
from ..forms import Forms
from ..models import Attachment, Person, SubjectFind, SubjectRequest
from ..problems import BadRequest, NotFound, PlacesLeft, RequestClosed, WordsMissing
from . import places, sought
from .places import RECORD, Mention, Passage, Place
from .sought import Sought

OPENED, SEARCHED, DECIDED, READ = "subject.opened", "subject.searched", "subject.decided", "subject.read"
RELEASED, ENDED, FORGOTTEN = "subject.released", "subject.ended", "subject.forgotten"
OPEN, CLOSED, NO_ANSWER = "open", "released", "ended"
WAITING, GOES, STAYS = "waiting", "goes", "stays"
ANSWER_WITHIN = timedelta(days=30)  # one month by law (UK GDPR article 12(3), Data Protection Act 2018 section 54)
KEPT = timedelta(days=90)  # time for the person to say that something is missing
ABANDONED = timedelta(days=180)  # open for so long, it is ended by itself
LONGEST = 500  # characters of how it was checked
MOST_COVERED = 4000  # characters of words that are covered in one place
COVER = "[left out: about somebody else]"

# Why a place stays here. Codes, because the log holds no content.
WHY = {
    "other": "It is about another person of that name",
    "third": "It is somebody else’s, and cannot be told apart",
    "inquiry": "It would harm an investigation or a prosecution (DPA 2018, section 45)",
    "privilege": "Advice of a solicitor",
    "known": "They hold it already",
}


def open_one(
    session: Session, whom: Sought, proof: str, found: Iterable[Mention], *, person: Person, now: datetime
) -> SubjectRequest:
    """`found` is what `places.mentions` found, outside of the writer, for it walks everything.

    Errors: WordsMissing without whom to look for or how it was checked; BadRequest for words that match everybody.
    """
    proof = " ".join(proof.split())[:LONGEST]
    if not whom.given or not proof:
        raise WordsMissing
    if sought.too_short(whom.given):
        raise BadRequest
    row = SubjectRequest(
        id=str(uuid.uuid4()),
        sought=dict(whom.given),
        proof=proof,
        opened_at=now,
        opened_by=person.id,
        looked_at=now,
    )
    note(session, row, OPENED, person=person, now=now)
    session.flush()
    add_found(session, row, found, person=person, now=now)
    return row


def search_again(session: Session, request_id: str, found: Iterable[Mention], *, person: Person, now: datetime) -> None:
    """Add what came since the last search. What was decided stays decided. Errors: NotFound, RequestClosed."""
    add_found(session, get_open(session, request_id), found, person=person, now=now)


def add_found(
    session: Session, row: SubjectRequest, found: Iterable[Mention], *, person: Person, now: datetime
) -> None:
    known = {one.where for one in finds(session, row.id)}
    for one in found:
        if one.where not in known:
            session.add(SubjectFind(request_id=row.id, where=one.where, found_by=" ".join(sorted(one.found_by))))
    row.looked_at = now
    session.flush()
    note(session, row, SEARCHED, person=person, now=now, found=count(session, row.id))


def look_at(
    session: Session, request_id: str, where: str, *, person: Person, now: datetime, forms: Forms
) -> tuple[SubjectFind, Place | None]:
    """Open one place; that it was read is written down at the place itself. Errors: NotFound."""
    row, find = get(session, request_id), find_of(session, request_id, where)
    shown = places.place_of(session, forms, where, Sought(row.sought))
    subject = where.partition("/")[2]
    events.append(session, READ, subject, actor=f"person:{person.id}", now=now, data={"request": request_id})
    return find, shown


def decide(
    session: Session,
    request_id: str,
    where: str,
    verdict: str,
    *,
    why: str = "",
    left_out: Sequence[str] = (),
    covered: str = "",
    person: Person,
    now: datetime,
) -> SubjectFind:
    """Errors: NotFound; RequestClosed once it is closed; BadRequest; WordsMissing for a place that stays."""
    get_open(session, request_id)
    find = find_of(session, request_id, where)
    if verdict not in (GOES, STAYS) or (why and why not in WHY) or len(covered) > MOST_COVERED:
        raise BadRequest
    if verdict == STAYS and not why:
        raise WordsMissing
    find.verdict, find.why = verdict, why if verdict == STAYS else None
    find.left_out, find.covered = sorted(set(left_out)), covered if verdict == GOES else ""
    find.person_id, find.at = person.id, now
    data = {"row": events.digest_of(sealed_find(find)), "verdict": verdict}
    events.append(session, DECIDED, subject_of(find), actor=f"person:{person.id}", now=now, data=data)
    session.add(find)
    return find


def release(session: Session, request_id: str, digest: str, *, person: Person, now: datetime) -> SubjectRequest:
    """It is handed over. Errors: NotFound, RequestClosed; PlacesLeft while a place was not looked at."""
    row = get_open(session, request_id)
    if any(one.verdict == WAITING for one in finds(session, request_id)):
        raise PlacesLeft
    row.digest = digest
    close(session, row, CLOSED, RELEASED, person=person, now=now)
    return row


def end(session: Session, request_id: str, *, person: Person, now: datetime) -> SubjectRequest:
    """It was taken back, or it was not that person. Errors: NotFound, RequestClosed."""
    row = get_open(session, request_id)
    close(session, row, NO_ANSWER, ENDED, person=person, now=now)
    return row


def forget_old(session: Session, *, now: datetime) -> int:
    """Erase what was looked for and what was decided, once its time is over. Answers how many requests it was."""
    abandoned = select(SubjectRequest).where(SubjectRequest.state == OPEN, SubjectRequest.opened_at <= now - ABANDONED)
    for row in session.exec(abandoned).all():
        close(session, row, NO_ANSWER, ENDED, person=None, now=now)
    over = select(SubjectRequest).where(col(SubjectRequest.closed_at) <= now - KEPT, SubjectRequest.proof != "")
    forgotten = session.exec(over).all()
    for row in forgotten:
        session.exec(delete(SubjectFind).where(col(SubjectFind.request_id) == row.id))
        row.sought, row.proof = {}, ""
        note(session, row, FORGOTTEN, person=None, now=now)
    return len(forgotten)


# Looking ----------------------------------------------------------------------------------------------------------


def get(session: Session, request_id: str) -> SubjectRequest:
    """Errors: NotFound."""
    row = session.get(SubjectRequest, request_id)
    if row is None:
        raise NotFound
    return row


def get_open(session: Session, request_id: str) -> SubjectRequest:
    """Errors: NotFound, RequestClosed."""
    row = get(session, request_id)
    if row.state != OPEN:
        raise RequestClosed
    return row


def find_of(session: Session, request_id: str, where: str) -> SubjectFind:
    """Errors: NotFound."""
    found = session.get(SubjectFind, (request_id, where))
    if found is None:
        raise NotFound
    return found


def all_of_them(session: Session) -> list[SubjectRequest]:
    """Newest first."""
    return list(session.exec(select(SubjectRequest).order_by(col(SubjectRequest.opened_at).desc())))


def finds(session: Session, request_id: str) -> list[SubjectFind]:
    query = select(SubjectFind).where(SubjectFind.request_id == request_id)
    return list(session.exec(query.order_by(col(SubjectFind.where))))


def shows(session: Session, sha256: str) -> bool:
    """Whether a photo is of a record that an open request has found: whoever answers it has to look at it."""
    found = select(SubjectFind.where).join(SubjectRequest).where(SubjectRequest.state == OPEN)
    listed = select(Attachment.instance_id).where(Attachment.sha256 == sha256)
    wheres = {f"{RECORD}/{instance_id}" for instance_id in session.exec(listed)}
    return session.exec(found.where(col(SubjectFind.where).in_(wheres)).limit(1)).first() is not None


def count(session: Session, request_id: str) -> int:
    query = select(func.count()).select_from(SubjectFind).where(SubjectFind.request_id == request_id)
    return session.exec(query).one()


def due(row: SubjectRequest) -> datetime:
    return row.opened_at + ANSWER_WITHIN


def leaves(find: SubjectFind, passage: Passage) -> bool:
    """Whether a passage is handed over. What nobody has decided yet stays if it is likely somebody else's."""
    return passage.name not in find.left_out if find.verdict == GOES else not passage.is_of_others


def covered(find: SubjectFind, words: str) -> str:
    """The words with what was said to be somebody else's blacked out."""
    for line in sorted((line.strip() for line in find.covered.splitlines()), key=len, reverse=True):
        words = words.replace(line, COVER) if line else words
    return words


# Helpers ----------------------------------------------------------------------------------------------------------


def close(
    session: Session, row: SubjectRequest, state: str, kind: str, *, person: Person | None, now: datetime
) -> None:
    row.state, row.closed_at, row.closed_by = state, now, person.id if person else None
    note(session, row, kind, person=person, now=now, found=count(session, row.id))


def note(
    session: Session, row: SubjectRequest, kind: str, *, person: Person | None, now: datetime, **more: Any
) -> None:
    """Write the event that seals the row as it now is."""
    session.add(row)
    actor = f"person:{person.id}" if person else "server"
    data = {"row": events.digest_of(sealed(row)), **more}
    events.append(session, kind, row.id, actor=actor, now=now, data=data)


def subject_of(find: SubjectFind) -> str:
    return f"{find.request_id}/{find.where}"


def sealed(row: SubjectRequest) -> dict[str, Any]:
    return events.seal_of(row)


def sealed_find(row: SubjectFind) -> dict[str, Any]:
    return events.seal_of(row)
