"""Listings: what the desk filters, sorts and counts records by, kept by the writer in the transaction of each change.

A submission's own row is heavy with its frozen bytes; a million of those cannot be walked while somebody waits. So each
has a narrow row here, its words in a full text index, its flags, and a place in the tallies of its day. All of it can
be made again from the submissions, and `catch_up` does so for those that have none yet. Pages are cut by the number of
the last row seen, never by counting rows, and what no tally knows is counted up to a bound.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, column, false, literal_column, select, table, text, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, delete, func

from .database import Database
from .forms import Form, Forms, answers
from .grid import Square, plane
from .models import Listing, ListingFlag, Review, ReviewState, Submission, Tally, insert

# What devices report of their own work. It is read where it belongs (a task, an advice card), and asks for no decision.
REPORTS = ("task_state", "advice_shown")
MANAGER = "manager"  # the flag that a person raises

MOST_COUNTED = 1000  # of what no tally knows; more is said as "more than 1,000"
FEW = 1000  # records; so many are faster looked up in the index of words one by one than the other way round
ENOUGH = 50  # records that hold the very words; a page full
MOST_WORDS = 8  # of one search; each costs a walk through the index
LONGEST_SAID = 4000  # characters of one record in the index of words
TOGETHER = 500  # records indexed in one transaction of `catch_up`; more would keep deliveries waiting

UTC_ZONE = ZoneInfo("UTC")


@dataclass(frozen=True)
class Wanted:
    """Which records are wanted, and in which order. Nothing given is all of them, newest first."""

    form_id: str | None = None
    state: ReviewState | None = None
    complete: bool | None = None
    since: date | None = None  # of receipt, or of capture when that is the order
    until: date | None = None
    device_id: str | None = None
    person_id: str | None = None  # who decided last
    flag: str | None = None
    place: str | None = None  # words of the place
    square: Square | None = None  # of the National Grid, in which it was
    words: str | None = None  # anywhere
    by_capture: bool = False
    zone: ZoneInfo = UTC_ZONE  # in which the days are meant

    @property
    def is_tallied(self) -> bool:
        dated = self.since is not None or self.until is not None
        rest = (self.device_id, self.person_id, self.flag, self.place, self.square, self.words)
        return all(value is None for value in rest) and not (dated and self.by_capture)


@dataclass(frozen=True)
class Counted:
    number: int
    is_all: bool = True  # otherwise there are more


@dataclass(frozen=True)
class Facets:
    """How many each choice of a filter would show, the rest of the filter staying as it is."""

    forms: dict[str, int]
    states: dict[ReviewState, int]
    complete: dict[bool, int]
    flags: dict[str, int]
    is_all: bool = True  # otherwise only the newest were counted


# Kept by the writer ---------------------------------------------------------------------------------------------


def put(session: Session, submission: Submission, form: Form | None, given: dict[str, Any], forms: Forms) -> None:
    """List a submission that was just stored, or was held and can be read now.

    Its state may be another than when it was stored: what it replaces may have come first.
    """
    if submission.form_id in REPORTS:
        return
    session.flush()
    state, complete = (
        session.connection()
        .execute(
            select(col(Submission.review_state), col(Submission.complete)).where(col(Submission.seq) == submission.seq)
        )
        .one()
    )
    row = Listing(
        seq=submission.seq,
        instance_id=submission.instance_id,
        form_id=submission.form_id,
        state=state,
        complete=complete,
        device_id=submission.device_id,
        day=submission.received_at.astimezone(zone_of(session)).date().isoformat(),
        captured_at=submission.captured_at or submission.received_at,
    )
    statement = upsert(session, Listing).values(row.model_dump()).on_conflict_do_nothing()
    if session.connection().execute(statement).rowcount:
        tally(session, row, 1)
    else:
        found = col(ListingFlag.flag) != MANAGER
        session.exec(delete(ListingFlag).where(col(ListingFlag.seq) == submission.seq, found))
    put_words(session, submission, said(form, given, forms))
    insert(session, *(ListingFlag(flag=flag, seq=submission.seq) for flag in sorted(flags_of(submission))))


def changed(session: Session, submission: Submission, *, person_id: str | None = None) -> None:
    """A submission has another state, or all its photos. `person_id` is who decided, if somebody did."""
    session.flush()
    row = session.get(Listing, submission.seq)
    if row is None:
        return  # not listed yet: `add` or `catch_up` will see it as it is then
    if (row.state, row.complete) != (submission.review_state, submission.complete):
        tally(session, row, -1)
        row.state, row.complete = submission.review_state, submission.complete
        tally(session, row, 1)
    if person_id is not None:
        row.person_id = person_id
    session.add(row)


def set_flag(session: Session, seq: int, flag: str, raised: bool) -> None:
    known = session.get(ListingFlag, (flag, seq))
    if raised and known is None:
        session.add(ListingFlag(flag=flag, seq=seq))
    elif known is not None and not raised:
        session.delete(known)


def forget(session: Session, seq: int) -> None:
    """A submission is erased: nothing of it stays here, least of all its words."""
    row = session.get(Listing, seq)
    if row is None:
        return
    tally(session, row, -1)
    session.exec(delete(ListingFlag).where(col(ListingFlag.seq) == seq))
    drop_words(session, seq)
    session.delete(row)


def catch_up(database: Database, forms: Forms) -> int:
    """List what came before there were listings, in several transactions. Returns how many that were."""

    def some(session: Session) -> int:
        listed = session.scalars(select(func.max(col(Listing.seq)))).one() or 0
        found = session.scalars(
            select(Submission)
            .where(col(Submission.seq) > listed, col(Submission.form_id).not_in(REPORTS))
            .order_by(col(Submission.seq))
            .limit(TOGETHER)
        ).all()
        for submission in found:
            envelope = json.loads(submission.payload)
            given = envelope.get("answers") if isinstance(envelope, dict) else None
            form = forms.find(submission.form_id, submission.form_version)
            put(session, submission, form, given if isinstance(given, dict) else {}, forms)
            newest = session.scalars(
                select(Review)
                .where(col(Review.instance_id) == submission.instance_id)
                .order_by(col(Review.seq).desc())
                .limit(1)
            ).first()
            if newest is not None:
                changed(session, submission, person_id=newest.person_id)
        return len(found)

    with database.reading() as session:
        newest = session.scalars(select(func.max(col(Submission.seq)))).one() or 0
        listed = session.scalars(select(func.max(col(Listing.seq)))).one() or 0
    done = 0
    while listed < newest and (more := database.write(some)):
        done += more
    return done


def tally(session: Session, row: Listing, change: int) -> None:
    key = {"day": row.day, "form_id": row.form_id, "state": row.state, "complete": row.complete}
    statement = upsert(session, Tally).values(**key, number=change)
    counted = {"number": col(Tally.number) + change}
    session.connection().execute(statement.on_conflict_do_update(index_elements=list(key), set_=counted))


def upsert(session: Session, table: type[SQLModel]) -> Any:
    """An insert that says what happens when the row is there already; each database has its own."""
    return (postgresql if is_postgres(session) else sqlite).insert(table)


def flags_of(submission: Submission) -> set[str]:
    """What its receipt found worth a look: warnings, and the flags of its form."""
    return {flag["name"] for flag in submission.flags} | ({"warning"} if submission.warnings else set())


def zone_of(session: Session) -> ZoneInfo:
    """The town's, as the office told the writer."""
    return session.info.get("zone", UTC_ZONE)


# Words -----------------------------------------------------------------------------------------------------------


def said(form: Form | None, given: dict[str, Any], forms: Forms) -> str:
    """The answers as people read them, without number plates, which nobody finds in passing (PK5); of a form that is
    not known, every text in them."""
    if form is not None:
        plates = {field.name for field in form.fields_flat() if "plate" in (field.appearance or "").split()}
        facts = [fact for fact in answers.facts(form, given, forms.lists) if fact.field not in plates]
        found = [fact.words for fact in facts if fact.kind != "photo"]
    else:
        found = list(texts_in(given))
    return " ".join(found)[:LONGEST_SAID]


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for inner in value if isinstance(value, list) else value.values():
            yield from texts_in(inner)


def put_words(session: Session, submission: Submission, said: str) -> None:
    """Index a submission's words anew: its title, place and answers, and its number as it is said over a radio."""
    last = submission.instance_id.replace("-", "")[-6:]
    rest = f"{said} {last} {last[:3]} {last[3:]}"
    given = {"seq": submission.seq, "title": submission.title, "place": submission.place or "", "rest": rest}
    drop_words(session, submission.seq)
    if is_postgres(session):
        given = {name: without_marks(value) if isinstance(value, str) else value for name, value in given.items()}
        statement = """INSERT INTO listing_words (seq, words, place) VALUES (:seq,
            to_tsvector('simple', :title || ' ' || :place || ' ' || :rest), to_tsvector('simple', :place))"""
    else:
        statement = "INSERT INTO listing_words (rowid, title, place, rest) VALUES (:seq, :title, :place, :rest)"
    session.connection().execute(text(statement), given)


def drop_words(session: Session, seq: int) -> None:
    key = "seq" if is_postgres(session) else "rowid"
    session.connection().execute(text(f"DELETE FROM listing_words WHERE {key} = :seq"), {"seq": seq})  # noqa: S608


def tokens(words: str | None) -> list[str]:
    """The words of a search; each is taken as the beginning of one."""
    return re.findall(r"\w+", words or "")[:MOST_WORDS]


def without_marks(words: str) -> str:
    """Café as cafe, which SQLite's index does by itself."""
    apart = unicodedata.normalize("NFKD", words)
    return "".join(letter for letter in apart if not unicodedata.combining(letter) and letter != "\0")


# Asked by the desk ------------------------------------------------------------------------------------------------


def find(
    session: Session, wanted: Wanted, *, before: int | None = None, after: int | None = None, limit: int = 50
) -> list[Submission]:
    """The records in their order. `before` and `after` are the `seq` of the one beside which the page begins."""
    numbers = find_numbers(session, wanted, before=before, after=after, limit=limit)
    found = session.scalars(select(Submission).where(col(Submission.seq).in_(numbers)))
    by_number = {submission.seq: submission for submission in found}
    return [by_number[number] for number in numbers if number in by_number]


def find_numbers(
    session: Session, wanted: Wanted, *, before: int | None = None, after: int | None = None, limit: int = 50
) -> list[int]:
    query, key = query_for(session, wanted, Listing.seq)
    order = (col(Listing.captured_at), key) if wanted.by_capture else (key,)
    beside = before if before is not None else after
    if beside is not None:
        place: tuple[Any, ...] = (beside,)
        if wanted.by_capture:
            row = session.get(Listing, beside)
            place = (row.captured_at if row else datetime.now(UTC), beside)
        here = tuple_(*order)
        query = query.where(here < place if before is not None else here > place)
    backwards = before is None and after is not None
    query = query.order_by(*(part if backwards else part.desc() for part in order)).limit(limit)
    numbers = list(session.scalars(query))
    return numbers[::-1] if backwards else numbers


def positions(session: Session, wanted: Wanted, *, limit: int) -> list[tuple[str, float | None, float | None]]:
    """Form, latitude and longitude of the newest that match."""
    query, key = query_for(session, wanted, Listing.seq)
    some = query.order_by(key.desc()).limit(limit).subquery()
    rows = session.connection().execute(
        select(col(Submission.form_id), col(Submission.latitude), col(Submission.longitude)).join(
            some, some.c[0] == col(Submission.seq)
        )
    )
    return [(form_id, latitude, longitude) for form_id, latitude, longitude in rows]


def instance_ids(session: Session, numbers: Sequence[int]) -> list[str]:
    rows = session.connection().execute(
        select(col(Listing.seq), col(Listing.instance_id)).where(col(Listing.seq).in_(numbers))
    )
    known = dict(rows.all())
    return [known[number] for number in numbers if number in known]


def count(session: Session, wanted: Wanted) -> Counted:
    if wanted.is_tallied:
        return Counted(session.scalars(tallied(wanted, func.coalesce(func.sum(Tally.number), 0))).one())
    query, _ = query_for(session, wanted, Listing.seq)
    number = session.scalars(select(func.count()).select_from(query.limit(MOST_COUNTED + 1).subquery())).one()
    return Counted(min(number, MOST_COUNTED), is_all=number <= MOST_COUNTED)


def facets(session: Session, wanted: Wanted) -> Facets:
    """Each facet leaves its own choice out, for it says what another choice would show."""
    forms = groups(session, replace(wanted, form_id=None), "form_id")
    states = groups(session, replace(wanted, state=None), "state")
    complete = groups(session, replace(wanted, complete=None), "complete")
    return Facets(
        forms=forms,
        states={state: states.get(state, 0) for state in ReviewState},
        complete={bool(one): number for one, number in complete.items()},
        flags=flag_counts(session, replace(wanted, flag=None)),
        is_all=wanted.is_tallied or max(sum(each.values()) for each in (forms, states, complete)) <= MOST_COUNTED,
    )


def flags_of_many(session: Session, numbers: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {number: [] for number in numbers}
    query = select(col(ListingFlag.seq), col(ListingFlag.flag)).where(col(ListingFlag.seq).in_(numbers))
    for seq, flag in session.connection().execute(query.order_by(col(ListingFlag.flag))):
        found[seq].append(flag)
    return found


def waiting(session: Session) -> int:
    """How many are whole and wait for a decision."""
    return count(session, Wanted(state=ReviewState.RECEIVED, complete=True)).number


def groups(session: Session, wanted: Wanted, name: str) -> dict[Any, int]:
    if wanted.is_tallied:
        by = getattr(Tally, name)
        rows = session.connection().execute(tallied(wanted, by, func.sum(Tally.number)).group_by(by))
    else:
        some = newest(session, wanted, getattr(Listing, name))
        rows = session.connection().execute(select(some.c[0], func.count()).group_by(some.c[0]))
    return {key: number for key, number in rows if number}


def flag_counts(session: Session, wanted: Wanted) -> dict[str, int]:
    """Of the flags that there are. Without another filter all of a flag; otherwise those of the newest that match."""
    if wanted == Wanted(by_capture=wanted.by_capture, zone=wanted.zone):
        rows = session.connection().execute(select(col(ListingFlag.flag), func.count()).group_by(col(ListingFlag.flag)))
    else:
        some = newest(session, wanted, Listing.seq)
        rows = session.connection().execute(
            select(col(ListingFlag.flag), func.count())
            .join(some, some.c[0] == col(ListingFlag.seq))
            .group_by(col(ListingFlag.flag))
        )
    return dict(rows.all())


def newest(session: Session, wanted: Wanted, what: Any) -> Any:
    query, key = query_for(session, wanted, what)
    return query.order_by(key.desc()).limit(MOST_COUNTED + 1).subquery()


def tallied(wanted: Wanted, *what: Any) -> Select:
    query = select(*what)
    if wanted.form_id is not None:
        query = query.where(col(Tally.form_id) == wanted.form_id)
    if wanted.state is not None:
        query = query.where(col(Tally.state) == wanted.state)
    if wanted.complete is not None:
        query = query.where(col(Tally.complete) == wanted.complete)
    if wanted.since is not None:
        query = query.where(col(Tally.day) >= wanted.since.isoformat())
    if wanted.until is not None:
        query = query.where(col(Tally.day) <= wanted.until.isoformat())
    return query


def query_for(session: Session, wanted: Wanted, what: Any) -> tuple[Select, Any]:
    """The query without an order, and the column that numbers its rows."""
    query, key = select(what).select_from(Listing), col(Listing.seq)
    if wanted.form_id is not None:
        query = query.where(col(Listing.form_id) == wanted.form_id)
    if wanted.state is not None:
        query = query.where(col(Listing.state) == wanted.state)
    if wanted.complete is not None:
        query = query.where(col(Listing.complete) == wanted.complete)
    if wanted.device_id is not None:
        query = query.where(col(Listing.device_id) == wanted.device_id)
    if wanted.person_id is not None:
        query = query.where(col(Listing.person_id) == wanted.person_id)
    if wanted.flag is not None:
        of_flag = (col(ListingFlag.seq) == col(Listing.seq)) & (col(ListingFlag.flag) == wanted.flag)
        query, key = query.join(ListingFlag, of_flag), col(ListingFlag.seq)  # its own index gives the order
    if wanted.square is not None:
        query = query.join(Submission, col(Submission.seq) == col(Listing.seq)).where(*inside(wanted.square))
    query = query.where(*within(session, wanted))
    if wanted.words is not None or wanted.place is not None:
        return said_in(session, query, wanted)
    return query, key


def within(session: Session, wanted: Wanted, number: Any = None) -> Iterator[Any]:
    """Days as a range of what the list is ordered by, so that the index which orders it also bounds it.

    `number` is the column that numbers the rows, where it is not the listing's own.
    """
    if wanted.by_capture:
        if wanted.since is not None:
            yield col(Listing.captured_at) >= midnight(wanted.since, wanted.zone)
        if wanted.until is not None:
            yield col(Listing.captured_at) < midnight(wanted.until + timedelta(days=1), wanted.zone)
        return
    day, seq = col(Listing.day), col(Listing.seq)
    number = seq if number is None else number
    if wanted.since is not None:  # numbers are given in the order of receipt
        first = select(seq).where(day >= wanted.since.isoformat()).order_by(day, seq).limit(1)
        found = session.scalars(first).first()
        yield number >= found if found is not None else false()
    if wanted.until is not None:
        last = select(seq).where(day <= wanted.until.isoformat()).order_by(day.desc(), seq.desc()).limit(1)
        found = session.scalars(last).first()
        yield number <= found if found is not None else false()


def inside(square: Square) -> Iterator[Any]:
    """In a square of the grid: near it by the index of positions, then on the right side of its four sides."""
    latitude, longitude, there = col(Submission.latitude), col(Submission.longitude), plane(square)
    yield latitude.between(there.south, there.north)
    yield longitude.between(there.west, there.east)
    for a, b, c in (there.eastwards, there.northwards):
        along = a * latitude + b * longitude + c
        yield along >= 0
        yield along < 1


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def said_in(session: Session, query: Select, wanted: Wanted) -> tuple[Select, Any]:
    """The query narrowed to some words. Newest first, for ranking a million by relevance takes 240 times as long."""
    words, place = tokens(wanted.words), tokens(wanted.place)
    key = col(Listing.seq)
    if not words and not place:
        return query.where(false()), key
    if is_postgres(session):
        index = table("listing_words", column("seq"))
        query = query.join(index, index.c.seq == key)
        for name, found in (("words", words), ("place", place)):
            if found:
                asked = " & ".join(f"{without_marks(word)}:*" for word in found)
                matches = text(f"listing_words.{name} @@ to_tsquery('simple', :asked_{name})")
                query = query.where(matches.bindparams(**{f"asked_{name}": asked}))
        return query, key
    index = table("listing_words", column("rowid"))
    whole = [f'"{word}"' for word in words] + [f'place : "{word}"' for word in place]
    are_whole = are_common(session, " AND ".join(whole))
    asked = " AND ".join(whole if are_whole else [f"{word}*" for word in whole])
    matches = text("listing_words MATCH :asked").bindparams(asked=asked)
    # `+ 0` keeps SQLite from using that side's index, and so says which table is walked and which is looked up.
    if are_whole and few(session, replace(wanted, words=None, place=None)):
        return query.join(index, index.c.rowid == key + literal_column("0")).where(matches), key
    if not wanted.by_capture:
        query = query.where(*within(session, wanted, index.c.rowid))  # or it would walk past all that is newer
    return query.join(index, key == index.c.rowid + literal_column("0")).where(matches), index.c.rowid


def are_common(session: Session, asked: str) -> bool:
    """Whether whole words find enough. Otherwise they may be beginnings, and SQLite takes longer over those."""
    found = text("SELECT count(*) FROM (SELECT 1 FROM listing_words WHERE listing_words MATCH :asked LIMIT :enough)")
    return session.connection().execute(found, {"asked": asked, "enough": ENOUGH}).scalar_one() >= ENOUGH


def few(session: Session, wanted: Wanted) -> bool:
    if wanted.is_tallied:
        return count(session, wanted).number < FEW
    query, _ = query_for(session, wanted, Listing.seq)
    return session.scalars(select(func.count()).select_from(query.limit(FEW).subquery())).one() < FEW


def is_postgres(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
