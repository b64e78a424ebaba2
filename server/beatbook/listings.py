"""Listings: what the desk filters, sorts and counts records by, kept by the writer in the transaction of each change.

A submission's own row is heavy with its frozen bytes; a million of those cannot be walked while somebody waits. So each
has a narrow row here, its words in a full text index, its flags, and a place in the tallies. All of it can be made
again from the submissions, and `catch_up` does so for those that have none yet. Pages are cut by the number of the
last row seen, never by counting rows, and what no tally knows is counted up to a bound.

One filter walks an index of the narrow rows. Several at once would walk past everything that has one and not the
others, so what a record is (its form, its state, its square ...) stands as *terms* beside its words: SQLite's full text
index crosses lists of any length in the order of their numbers. It is kept twice, numbered by receipt and by capture.
PostgreSQL crosses ordinary indexes by itself.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Select,
    and_,
    bindparam,
    case,
    column,
    false,
    literal_column,
    or_,
    select,
    table,
    text,
    type_coerce,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, delete, func

from . import gathered, grid
from .database import Database
from .forms import Form, Forms, answers
from .grid import Square
from .models import Arrival, Listing, ListingFlag, Review, ReviewState, Submission, Tally, insert

# What devices report of their own work. It is read where it belongs (a task, an advice card), and asks for no decision.
REPORTS = ("task_state", "advice_shown")
MANAGER = "manager"  # the flag that a person raises

MOST_COUNTED = 1000  # of what no tally knows; more is said as "more than 1,000"
MOST_PLACED = 5000  # of what no tally knows, on a map
MOST_WAITING = 5000  # for photos, whose numbers are read at once for some words; of more every record with them is
AREAS_TOGETHER = 8  # square kilometres that one query looks into
ENOUGH = 50  # records that hold the very words; a page full
MOST_WORDS = 8  # of one search; each costs a walk through the index
LONGEST_SAID = 4000  # characters of one record in the index of words
TOGETHER = 500  # records indexed in one transaction of `catch_up`; more would keep deliveries waiting
ALL_TIME = ""  # the span of tallies that count whatever the day
FOR_EVER = ("0001-01-01", "9999-12-31")  # the days that it counts
MOST_DAYS = 4000  # that a filter says and that may all hold something
ARRIVALS_LOOKED_AT = timedelta(weeks=13)  # a quarter, and the week that has begun
EVERYWHERE = {"side": 0, "area": 0, "cell": 0}  # and of those that count whatever the place

UTC_ZONE = ZoneInfo("UTC")
Found = TypeVar("Found")


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
        """Whether tallies know how many these are."""
        dated = self.since is not None or self.until is not None
        rest = (self.device_id, self.person_id, self.place, self.square, self.words)
        return all(value is None for value in rest) and not (dated and self.by_capture)

    @property
    def is_tallied_by_square(self) -> bool:
        """Whether they know where as well."""
        return self.flag is None and replace(self, square=None).is_tallied

    @property
    def crosses(self) -> bool:
        """Whether no single index of the narrow rows holds just these, so that terms have to be crossed."""
        if self.words is not None or self.place is not None:
            return True
        if self.complete is False:
            return False  # few records wait for photos, and looking at all of those is soon done
        names = ("form_id", "state", "device_id", "person_id", "flag", "square")
        given = [name for name in names if getattr(self, name) is not None]
        if self.by_capture:
            return bool(given)
        return "square" in given or (len(given) > 1 and given != ["form_id", "state"])


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


@dataclass(frozen=True)
class Located:
    """How many records of a form lie in each square."""

    numbers: Counter[tuple[str, Square]]
    placeless: int  # that say no place on the grid
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
    row = row_of(submission, state=state, complete=complete, zone=zone_of(session))
    row.personal = form is not None and answers.is_personal(form, given)
    raised, words = flags_of(submission), words_of(submission, said(form, given, forms))
    statement = upsert(session, Listing).values(row.model_dump()).on_conflict_do_nothing()
    if session.connection().execute(statement).rowcount:
        tally(session, row, 1, raised)
        add_words(session, row, words, raised)
        insert(session, *(ListingFlag(flag=flag, seq=row.seq) for flag in sorted(raised)))
        arrived(session, row, submission, 1)
    else:
        relist(session, row, words, raised | ({MANAGER} & {*flags_on(session, row.seq)}))
        gathered.forget(session, row.seq)
    gathered.put(session, submission, state, given, forms, zone_of(session))


def emptied(session: Session, submission: Submission) -> None:
    """A submission's content is erased and a stub stays, with no answers, no place and no flags."""
    session.flush()
    known = session.get(Listing, submission.seq)
    if known is not None:
        row = row_of(submission, state=known.state, complete=known.complete, zone=zone_of(session))
        relist(session, row, words_of(submission, ""), ())
        gathered.forget(session, row.seq)


def changed(session: Session, submission: Submission, *, person_id: str | None = None) -> None:
    """A submission has another state, or all its photos. `person_id` is who decided, if somebody did."""
    session.flush()
    row = session.get(Listing, submission.seq)
    if row is None:
        return  # not listed yet: `add` or `catch_up` will see it as it is then
    if (row.state, row.complete) != (submission.review_state, submission.complete):
        flags = flags_on(session, row.seq)
        tally(session, row, -1, flags)
        gathered.changed(session, row.seq, row.state, submission.review_state)
        row.state, row.complete = submission.review_state, submission.complete
        tally(session, row, 1, flags)
    if person_id is not None:
        row.person_id = person_id
    session.add(row)
    put_terms(session, row)


def set_flag(session: Session, seq: int, flag: str, raised: bool) -> None:
    known, row = session.get(ListingFlag, (flag, seq)), session.get(Listing, seq)
    if row is None or raised == (known is not None):
        return
    before = flags_on(session, seq)
    if known is None:
        session.add(ListingFlag(flag=flag, seq=seq))
    else:
        session.delete(known)
    session.flush()
    tally(session, row, -1, before)
    tally(session, row, 1, flags_on(session, seq))
    put_terms(session, row)


def forget(session: Session, seq: int) -> None:
    """A submission is erased: nothing of it stays here, least of all its words."""
    row = session.get(Listing, seq)
    if row is None:
        return
    tally(session, row, -1, flags_on(session, seq))
    session.exec(delete(ListingFlag).where(col(ListingFlag.seq) == seq))
    drop_words(session, row)
    gathered.forget(session, seq)
    submission = session.scalars(select(Submission).where(col(Submission.seq) == seq)).first()
    if submission is not None:
        arrived(session, row, submission, -1)
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
            changed(session, submission, person_id=newest.person_id if newest else None)
        return len(found)

    with database.reading() as session:
        newest = session.scalars(select(func.max(col(Submission.seq)))).one() or 0
        listed = session.scalars(select(func.max(col(Listing.seq)))).one() or 0
    done = 0
    while listed < newest and (more := database.write(some)):
        done += more
    database.write(count_arrivals)
    return done


def count_arrivals(session: Session) -> None:
    """Count how long the records of the last weeks were on their way, where nothing was counted yet."""
    last = session.scalars(select(func.max(col(Listing.day)))).one()
    if last is not None and session.scalars(select(col(Arrival.week)).limit(1)).first() is None:
        since = date.fromisoformat(week_of(last)) - ARRIVALS_LOOKED_AT
        rows = arrivals_in_fact(session, since).items()
        insert(session, *(Arrival(week=week, minutes=minutes, number=number) for (week, minutes), number in rows))


def arrivals_in_fact(session: Session, since: date) -> Counter[tuple[str, int]]:
    """How many records of each week since a Monday were so many minutes on their way, counted one by one."""
    first = first_since(session, since)
    query = select(col(Listing.day), col(Submission.captured_at), col(Submission.received_at))
    query = query.join(Submission, col(Submission.seq) == col(Listing.seq))
    counted = Counter[tuple[str, int]]()
    if first is None:
        return counted
    query = query.where(col(Listing.seq) >= first).execution_options(yield_per=1000)
    for day, captured, received in session.connection().execute(query):
        minutes = minutes_between(captured, received)
        if minutes is not None:
            counted[week_of(day), minutes] += 1
    return counted


def arrivals(session: Session) -> Counter[tuple[str, int]]:
    """The same as they were counted."""
    rows = session.scalars(select(Arrival).where(col(Arrival.number) != 0))
    return Counter({(one.week, one.minutes): one.number for one in rows})


def relist(session: Session, row: Listing, words: "Words", flags: Collection[str]) -> None:
    """List anew what is listed, where it was and what is to be looked at; who decided about it stays."""
    known, before = session.get_one(Listing, row.seq), flags_on(session, row.seq)
    tally(session, known, -1, before)
    drop_words(session, known)
    session.exec(delete(ListingFlag).where(col(ListingFlag.seq) == row.seq))
    known.area, known.cell, known.captured, known.personal = row.area, row.cell, row.captured, row.personal
    session.add(known)
    session.flush()
    insert(session, *(ListingFlag(flag=flag, seq=row.seq) for flag in sorted(flags)))
    tally(session, known, 1, flags)
    add_words(session, known, words, flags)


def row_of(submission: Submission, *, state: ReviewState, complete: bool, zone: ZoneInfo) -> Listing:
    where = grid.quick_square(submission.latitude, submission.longitude)
    return Listing(
        seq=submission.seq,
        instance_id=submission.instance_id,
        form_id=submission.form_id,
        state=state,
        complete=complete,
        device_id=submission.device_id,
        day=submission.received_at.astimezone(zone).date().isoformat(),
        captured=rank(submission.captured_at or submission.received_at, submission.seq),
        area=grid.number_of(grid.around(where, grid.AREA)) if where else None,
        cell=grid.number_of(where) if where else None,
    )


def rank(at: datetime, seq: int = 0) -> int:
    """What orders by time of capture: its second, then the record's number. It is its number in the second index."""
    return max(0, min(int(at.timestamp()), 2**32 - 1)) << SEQ_BITS | seq


def moment_of(captured: int) -> datetime:
    """The second that a rank stands for."""
    return datetime.fromtimestamp(captured >> SEQ_BITS, UTC)


SEQ_BITS = 31


def tally(session: Session, row: Listing, change: int, flags: Collection[str]) -> None:
    """Count a record in, or out, of every tally that it belongs to."""
    rest = {"form_id": row.form_id, "state": row.state, "complete": row.complete, "number": change}
    rows = [{**key, **rest} for key in tallies_of(row.day, row.cell, flags)]
    statement, key = upsert(session, Tally), [column.name for column in TALLIES.primary_key]
    counted = {"number": col(Tally.number) + statement.excluded.number}
    session.connection().execute(statement.on_conflict_do_update(index_elements=key, set_=counted), rows)


TALLIES = SQLModel.metadata.tables["tally"]


def tallies_of(day: str, cell: int | None, flags: Collection[str]) -> Iterator[dict[str, Any]]:
    """Where a record of a day and a place is counted. The smaller a square, the longer must be the time before
    counting saves anything."""
    for span in (ALL_TIME, f"m{day[:7]}", f"d{day}"):
        yield {"span": span, **EVERYWHERE, "flag": ""}
        for flag in flags:
            yield {"span": span, **EVERYWHERE, "flag": flag}
        if cell is not None:
            here = grid.square_numbered(cell, grid.CELL)
            area = grid.number_of(grid.around(here, grid.AREA))
            for side in sides_of(span):
                number = grid.number_of(grid.around(here, side))
                yield {"span": span, "side": side, "area": area, "cell": number, "flag": ""}


def sides_of(span: str) -> tuple[int, ...]:
    """Of the squares in which a span is counted."""
    return (grid.AREA, grid.BLOCK, grid.CELL)[: {"": 3, "m": 2, "d": 1}[span[:1]]]


def arrived(session: Session, row: Listing, submission: Submission, change: int) -> None:
    """Count how long a record was on its way, in or out."""
    minutes = minutes_between(submission.captured_at, submission.received_at)
    if minutes is not None:
        statement = upsert(session, Arrival).values(week=week_of(row.day), minutes=minutes, number=change)
        counted = {"number": col(Arrival.number) + statement.excluded.number}
        session.connection().execute(statement.on_conflict_do_update(index_elements=["week", "minutes"], set_=counted))


def minutes_between(captured: datetime | None, received: datetime) -> int | None:
    """Begun minutes. A clock that was ahead says nothing."""
    return None if captured is None or captured > received else ceil((received - captured) / timedelta(minutes=1))


def week_of(day: str) -> str:
    """Its Monday."""
    on = date.fromisoformat(day)
    return (on - timedelta(days=on.weekday())).isoformat()


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


@dataclass(frozen=True)
class Words:
    title: str
    place: str
    rest: str


def words_of(submission: Submission, said: str) -> Words:
    """Its title, place and answers, and its number as it is said over a radio."""
    last = submission.instance_id.replace("-", "")[-6:]
    return Words(submission.title, submission.place or "", f"{said} {last} {last[:3]} {last[3:]}")


def put_words(session: Session, submission: Submission, said: str) -> None:
    """Index a listed submission's words anew."""
    session.flush()
    row = session.get(Listing, submission.seq)
    if row is not None:
        drop_words(session, row)
        add_words(session, row, words_of(submission, said), flags_on(session, row.seq))


def add_words(session: Session, row: Listing, words: Words, flags: Collection[str]) -> None:
    if is_postgres(session):
        given = {name: without_marks(value) for name, value in vars(words).items()}
        statement = """INSERT INTO listing_words (seq, words, place) VALUES (:seq,
            to_tsvector('simple', :title || ' ' || :place || ' ' || :rest), to_tsvector('simple', :place))"""
        session.connection().execute(text(statement), {"seq": row.seq, **given})
        return
    for name, number in numbers_of(row):
        statement = f"INSERT INTO {name} (rowid, title, place, rest, terms) VALUES (:n, :title, :place, :rest, :terms)"  # noqa: S608
        session.connection().execute(text(statement), {"n": number, "terms": terms_of(row, flags), **vars(words)})


def drop_words(session: Session, row: Listing) -> None:
    if is_postgres(session):
        session.connection().execute(text("DELETE FROM listing_words WHERE seq = :seq"), {"seq": row.seq})
        return
    for name, number in reversed(numbers_of(row)):  # the second holds no text of its own, and is told what to forget
        if name == BY_RECEIPT:
            forgets = "DELETE FROM listing_words WHERE rowid = :n"
        else:
            forgets = f"""INSERT INTO {name} ({name}, rowid, title, place, rest, terms)
                SELECT 'delete', :n, title, place, rest, terms FROM listing_words WHERE rowid = :seq"""  # noqa: S608
        session.connection().execute(text(forgets), {"n": number, "seq": row.seq})


def put_terms(session: Session, row: Listing) -> None:
    """Index anew what a record is; its words stay."""
    if is_postgres(session):
        return
    said = text("SELECT title, place, rest, terms FROM listing_words WHERE rowid = :seq")
    found = session.connection().execute(said, {"seq": row.seq}).first()
    flags = flags_on(session, row.seq)
    if found is not None and found[3] != terms_of(row, flags):
        drop_words(session, row)
        add_words(session, row, Words(*found[:3]), flags)


BY_RECEIPT, BY_CAPTURE = "listing_words", "listing_words_captured"  # SQLite's two indexes


def numbers_of(row: Listing) -> tuple[tuple[str, int], ...]:
    """Each index with the number that a record has there."""
    return (BY_RECEIPT, row.seq), (BY_CAPTURE, row.captured)


def terms_of(row: Listing, flags: Collection[str]) -> str:
    """What a record is, as words of the index. Whether its photos are here is not among them: that changes with
    nearly every delivery, and few records lack some."""
    found = [term("form_id", row.form_id), term("state", row.state), term("device_id", row.device_id)]
    found += [term("person_id", row.person_id)] if row.person_id else []
    found += [term("flag", flag) for flag in sorted(flags)]
    if row.cell is not None:
        here = grid.square_numbered(row.cell, grid.CELL)
        found += [term("square", grid.around(here, side)) for side in grid.SIDES]
    return " ".join(found)


def term(name: str, value: object) -> str:
    """One thing as one word that the index takes as it is, and another word for every other thing."""
    if isinstance(value, Square):
        return f"{TERMS[name]}{value.side}n{grid.number_of(value)}"
    said = str(value).replace("-", "") if name in ("device_id", "person_id") else str(value)
    return TERMS[name] + "".join(letter if letter in PLAIN else f"x{ord(letter):x}x" for letter in said)


PLAIN = frozenset("0123456789abcdefghijklmnopqrstuvwyz")  # without the x that marks another letter
TERMS = {"form_id": "f", "state": "s", "device_id": "d", "person_id": "p", "flag": "w", "square": "q"}


def tokens(words: str | None) -> list[str]:
    """The words of a search; each is taken as the beginning of one."""
    return re.findall(r"[^\W_]+", words or "")[:MOST_WORDS]


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
    numbers = list(session.scalars(page(session, wanted, Listing.seq, before=before, after=after, limit=limit)))
    return numbers[::-1] if before is None and after is not None else numbers


def page(
    session: Session, wanted: Wanted, *what: Any, before: int | None = None, after: int | None = None, limit: int
) -> Select:
    """A page of the list as a query; one that begins `after` a record is in the order from there."""
    query, key = query_for(session, wanted, *what)
    beside = before if before is not None else after
    if beside is not None:
        place = place_of(session, wanted, beside)
        query = query.where(key < place if before is not None else key > place)
    return query.order_by(key if before is None and after is not None else key.desc()).limit(limit)


def place_of(session: Session, wanted: Wanted, seq: int) -> int:
    """What a record is numbered by in this order; one that is not listed would be the newest."""
    if not wanted.by_capture:
        return seq
    known = session.scalars(select(col(Listing.captured)).where(col(Listing.seq) == seq)).first()
    return rank(datetime.now(UTC), 0) if known is None else known


def instance_ids(session: Session, numbers: Sequence[int]) -> list[str]:
    rows = session.connection().execute(
        select(col(Listing.seq), col(Listing.instance_id)).where(col(Listing.seq).in_(numbers))
    )
    known = dict(rows.all())
    return [known[number] for number in numbers if number in known]


def count(session: Session, wanted: Wanted) -> Counted:
    if wanted.is_tallied:
        return Counted(session.scalars(tallied(session, wanted, func.coalesce(func.sum(Tally.number), 0))).one())
    number = len(sample(session, wanted))
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


def located(session: Session, wanted: Wanted, side: int, *, without: Collection[str] = ()) -> Located:
    """How many of each form lie in each square of a side; `without` are forms that are on no map.

    What no tally knows is counted among the newest.
    """
    if not wanted.is_tallied_by_square:
        return located_newest(session, wanted, side, without)
    inner = 1 if wanted.square is None else wanted.square.side
    fits = (one for one in (grid.AREA, grid.BLOCK) if side % one == 0 and (wanted.square is None or inner % one == 0))
    finest = next(fits, grid.CELL)
    numbers = Counter[tuple[str, Square]]()
    for form_id, square, number in located_by_tallies(session, wanted, finest, side, without):
        numbers[form_id, square] += number
    if wanted.square is not None:
        return Located(numbers, 0)
    forms = {name: number for name, number in groups(session, wanted, "form_id").items() if name not in without}
    return Located(numbers, sum(forms.values()) - numbers.total())


def densest(
    session: Session, wanted: Wanted, side: int, most: int, *, without: Collection[str] = ()
) -> tuple[list[tuple[Square, int]], int]:
    """The squares of a side in which most records lie, and how many lie in any.

    The square kilometres are looked into a few at a time, those with most records first, until none that is left holds
    as many as the last square that was found.
    """
    asked, number, is_shown = spans(session, wanted), func.sum(Tally.number), col(Tally.form_id).not_in(without)
    query = counted_by(wanted, col(Tally.cell), number).where(col(Tally.span).in_(asked), is_shown)
    query = query.where(col(Tally.side) == grid.AREA).group_by(col(Tally.cell)).order_by(number.desc())
    areas = [(area, count) for area, count in session.connection().execute(query) if count]
    found, here = Counter[int](), in_squares(col(Listing.cell), grid.CELL, side)
    for start in range(0, len(areas), AREAS_TOGETHER):
        if len(found) >= most and areas[start][1] <= found.most_common(most)[-1][1]:
            break
        these = [area for area, _ in areas[start : start + AREAS_TOGETHER]]
        for first, last in [FOR_EVER] if asked == [ALL_TIME] else stretches(asked):
            query = select(here, func.count()).where(
                col(Listing.area).in_(these), col(Listing.day).between(first, last)
            )
            query = query.where(col(Listing.form_id).not_in(without), *narrowed(wanted)).group_by(here)
            found.update(dict(row for row in session.connection().execute(query)))
    shown = [(grid.square_numbered(square, side), count) for square, count in found.most_common(most)]
    return shown, sum(count for _, count in areas)


def numbers_around(session: Session, latitude: float, longitude: float, metres: float, *, most: int) -> list[int]:
    """The newest records in the small squares within so many metres of a position, and a little further."""
    easting, northing = grid.quick_metres(latitude, longitude)
    west, east = (int((easting + far) // grid.CELL) for far in (-metres, metres))
    south, north = (int((northing + far) // grid.CELL) for far in (-metres, metres))
    columns = [
        col(Listing.cell).between(one * grid.ROW + south, one * grid.ROW + north) for one in range(west, east + 1)
    ]
    query = select(col(Listing.seq)).where(or_(*columns)).order_by(col(Listing.seq).desc()).limit(most)
    return list(session.scalars(query))


def flags_on(session: Session, seq: int) -> list[str]:
    return list(session.scalars(select(col(ListingFlag.flag)).where(col(ListingFlag.seq) == seq)))


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
        rows = session.connection().execute(tallied(session, wanted, by, func.sum(Tally.number)).group_by(by))
        return {key: number for key, number in rows if number}
    return Counter(getattr(row, name) for row in sample(session, wanted))


def by_day(session: Session, wanted: Wanted) -> dict[date, int]:
    """How many came on each day since the first one that is wanted."""
    rows = session.connection().execute(daily(session, wanted, col(Tally.span)))
    return {date.fromisoformat(span[1:]): number for span, number in rows}


def first_day(session: Session, wanted: Wanted) -> date | None:
    """The day on which the oldest of those came, by the tallies of the months and then of the days in one."""
    first, last = days_listed(session)
    if first is None or last is None:
        return None
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    names = [
        f"m{(first.year * 12 + first.month - 1 + n) // 12}-{(first.month - 1 + n) % 12 + 1:02}" for n in range(months)
    ]
    month = first_span(session, wanted, names)
    day = first_span(session, wanted, [f"d{month[1:]}-{day:02}" for day in range(1, 32)]) if month else None
    return date.fromisoformat(day[1:]) if day else None


def first_span(session: Session, wanted: Wanted, among: Sequence[str]) -> str | None:
    """The first of some spans with any that are wanted."""
    query = counted_by(wanted, func.min(Tally.span)).where(col(Tally.span).in_(among), col(Tally.number) > 0)
    return session.scalars(query.where(everywhere(), col(Tally.flag) == "")).one()


def by_day_and_form(session: Session, wanted: Wanted) -> list[tuple[date, str, int]]:
    rows = session.connection().execute(daily(session, wanted, col(Tally.span), col(Tally.form_id)))
    return [(date.fromisoformat(span[1:]), form_id, number) for span, form_id, number in rows]


def daily(session: Session, wanted: Wanted, *by: Any) -> Select:
    """The tallies of each day since the first one that is wanted. The days are named one by one, for between them lie
    the tallies of their squares."""
    first, last = days_listed(session)
    days = []
    if first is not None and last is not None:
        first = max(first, wanted.since or first)
        days = [f"d{first + timedelta(days=after)}" for after in range((last - first).days + 1)]
    query = counted_by(wanted, *by, func.sum(Tally.number)).group_by(*by)
    return query.where(col(Tally.span).in_(days), everywhere(), col(Tally.flag) == "", col(Tally.number) != 0)


def on_their_way(session: Session, since: date) -> dict[str, tuple[int, int]]:
    """In how many minutes half of a week's records were here, and 19 of 20; by the weeks' Mondays since one of them."""
    week, minutes, number = col(Arrival.week), col(Arrival.minutes), col(Arrival.number)
    so_far = func.sum(number).over(partition_by=week, order_by=minutes)
    total = func.sum(number).over(partition_by=week)
    rows = select(week, minutes, so_far.label("so_far"), total.label("total"))
    rows = rows.where(week >= since.isoformat(), number > 0).subquery()
    half, most = rows.c.so_far * 2 >= rows.c.total, rows.c.so_far * 20 >= rows.c.total * 19
    least = [func.min(case((enough, rows.c.minutes))) for enough in (half, most)]
    found = session.connection().execute(select(rows.c.week, *least).group_by(rows.c.week))
    return {row[0]: (row[1], row[2]) for row in found}


def flag_counts(session: Session, wanted: Wanted) -> dict[str, int]:
    """Of the flags that there are, by the tallies or among the newest that match."""
    if wanted.is_tallied:
        query = counted_by(wanted, col(Tally.flag), func.sum(Tally.number)).group_by(col(Tally.flag))
        in_spans = col(Tally.span).in_(spans(session, wanted))
        rows = session.connection().execute(query.where(in_spans, everywhere(), col(Tally.flag) != ""))
    else:
        numbers = [row.seq for row in sample(session, wanted)]
        query = select(col(ListingFlag.flag), func.count()).where(col(ListingFlag.seq).in_(numbers))
        rows = session.connection().execute(query.group_by(col(ListingFlag.flag)))
    return {flag: number for flag, number in rows if number}


def sample(session: Session, wanted: Wanted) -> Sequence[Any]:
    """The newest of what no tally counts, and one more if there is one: what is counted of it is counted among these.

    They are found once for a page: where a filter says nothing of form or state, those facets count the same records.
    """

    def found() -> Sequence[Any]:
        what = (Listing.seq, Listing.form_id, Listing.state, Listing.complete)
        query, key = query_for(session, wanted, *what)
        return session.connection().execute(query.order_by(key.desc()).limit(MOST_COUNTED + 1)).all()

    return once(session, ("sample", wanted), found)


def once(session: Session, key: Hashable, find: Callable[[], Found]) -> Found:
    """What was found before in the same reading, which sees the database as of one moment; otherwise find it."""
    seen = session.info.get("seen")
    if seen is None:  # a session that writes
        return find()
    if key not in seen:
        seen[key] = find()
    return seen[key]


def newest(session: Session, wanted: Wanted, *what: Any, most: int) -> Any:
    query, key = query_for(session, wanted, *what)
    return query.order_by(key.desc()).limit(most + 1).subquery()


def tallied(session: Session, wanted: Wanted, *what: Any) -> Select:
    """Of what is wanted, wherever it was."""
    flag = col(Tally.flag) == (wanted.flag or "")
    return counted_by(wanted, *what).where(col(Tally.span).in_(spans(session, wanted)), everywhere(), flag)


def everywhere() -> Any:
    return and_(*(getattr(Tally, name) == value for name, value in EVERYWHERE.items()))


def counted_by(wanted: Wanted, *what: Any) -> Select:
    """Of every span, place and flag by themselves."""
    query = select(*what)
    if wanted.form_id is not None:
        query = query.where(col(Tally.form_id) == wanted.form_id)
    if wanted.state is not None:
        query = query.where(col(Tally.state) == wanted.state)
    if wanted.complete is not None:
        query = query.where(col(Tally.complete) == wanted.complete)
    return query


def spans(session: Session, wanted: Wanted) -> list[str]:
    """The fewest spans that make up the days that are wanted: whole months, and days at both ends."""
    if wanted.since is None and wanted.until is None:
        return [ALL_TIME]
    day, end, found = wanted.since, wanted.until, []
    if day is None or end is None or (end - day).days > MOST_DAYS:
        first, last = days_listed(session)
        if first is None or last is None:
            return []
        day, end = max(day or first, first), min(end or last, last)
    while day <= end:
        following = following_month(day)
        if day.day == 1 and following - timedelta(days=1) <= end:
            found.append(f"m{day:%Y-%m}")
            day = following
        else:
            found.append(f"d{day}")
            day += timedelta(days=1)
    return found


def days_listed(session: Session) -> tuple[date | None, date | None]:
    """The first and the last day on which something came."""
    ends = (session.scalars(select(end(col(Listing.day)))).one() for end in (func.min, func.max))
    first, last = (date.fromisoformat(day) if day else None for day in ends)
    return first, last


def located_by_tallies(
    session: Session, wanted: Wanted, finest: int, side: int, without: Collection[str]
) -> Iterator[tuple[str, Square, int]]:
    """By form and square: whole spans by their tallies of the finest squares that are needed, and days that none counts
    in such small ones record by record."""
    asked = spans(session, wanted)
    kept = [span for span in asked if finest in sides_of(span)]
    areas = areas_in(wanted.square) if wanted.square else None
    form_id, here = col(Tally.form_id), in_squares(col(Tally.cell), finest, side)
    query = counted_by(wanted, form_id, here, func.sum(Tally.number)).group_by(form_id, here)
    query = query.where(col(Tally.span).in_(kept), col(Tally.side) == finest, form_id.not_in(without))
    if wanted.square is not None:
        query = query.where(inside(wanted.square, col(Tally.area), col(Tally.cell), finest))
    rows = list(session.connection().execute(query))
    if len(kept) < len(asked):
        rest = [span for span in asked if span not in kept]
        rows += located_one_by_one(session, wanted, rest, areas, side, without)
    yield from ((form_id, grid.square_numbered(number, side), count) for form_id, number, count in rows if count)


def located_one_by_one(
    session: Session, wanted: Wanted, spans: Sequence[str], areas: Collection[int] | None, side: int,
    without: Collection[str],
) -> Iterator[Any]:  # fmt: skip
    if areas is None:
        all_time = (col(Tally.span) == ALL_TIME) & (col(Tally.side) == grid.AREA)
        areas = set(session.scalars(select(col(Tally.area)).where(all_time)))
    form_id, here = col(Listing.form_id), in_squares(col(Listing.cell), grid.CELL, side)
    for first, last in stretches(spans):
        query = select(form_id, here, func.count()).group_by(form_id, here)
        query = query.where(col(Listing.area).in_(areas), col(Listing.day).between(first, last))
        yield from session.connection().execute(query.where(form_id.not_in(without), *narrowed(wanted)))


def in_squares(number: Any, finest: int, side: int) -> Any:
    """The number of the larger square in which a numbered one lies, as the database works it out."""
    times = side // finest
    return number if times == 1 else (number // grid.ROW // times) * grid.ROW + number % grid.ROW // times


def stretches(spans: Sequence[str]) -> list[tuple[str, str]]:
    """The first and last day of each unbroken row of spans."""
    found: list[tuple[date, date]] = []
    for span in spans:
        first = date.fromisoformat(span[1:] if span[0] == "d" else f"{span[1:]}-01")
        last = first if span[0] == "d" else following_month(first) - timedelta(days=1)
        if found and found[-1][1] + timedelta(days=1) == first:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return [(first.isoformat(), last.isoformat()) for first, last in found]


def following_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def located_newest(session: Session, wanted: Wanted, side: int, without: Collection[str]) -> Located:
    some = newest(session, wanted, Listing.form_id, Listing.cell, most=MOST_PLACED)
    form_id, here = some.c[0], in_squares(some.c[1], grid.CELL, side)
    rows = session.connection().execute(select(form_id, here, func.count()).group_by(form_id, here)).all()
    numbers, placeless = Counter[tuple[str, Square]](), 0
    for name, number, count in rows:
        if name not in without and number is None:
            placeless += count
        elif name not in without:
            numbers[name, grid.square_numbered(number, side)] = count
    return Located(numbers, placeless, is_all=sum(row[2] for row in rows) <= MOST_PLACED)


def areas_in(square: Square) -> list[int]:
    """The areas that a square holds, or the one that holds it."""
    corner = grid.around(square, grid.AREA)
    steps = range(0, max(square.side, grid.AREA), grid.AREA)
    return [
        grid.number_of(Square(corner.easting + east, corner.northing + north, grid.AREA))
        for east in steps
        for north in steps
    ]


def query_for(session: Session, wanted: Wanted, *what: Any) -> tuple[Select, Any]:
    """The query without an order, and the column that numbers its rows in that order."""
    numbers = waiting_with_words(session, wanted)
    if wanted.crosses and numbers is None and not is_postgres(session):
        return crossed(session, wanted, *what)
    query, key = select(*what).select_from(Listing), order_of(wanted)
    if wanted.flag is not None:
        of_flag = (col(ListingFlag.seq) == col(Listing.seq)) & (col(ListingFlag.flag) == wanted.flag)
        query = query.join(ListingFlag, of_flag)
        if not wanted.by_capture and wanted.complete is not False:
            key = col(ListingFlag.seq)  # its own index gives the order
    apart = () if is_postgres(session) else looked_at(wanted)
    query = query.where(*narrowed(wanted, apart), *within(session, wanted, key))
    if numbers is not None:
        return query.where(col(Listing.seq).in_(numbers)), key
    if wanted.words is not None or wanted.place is not None:
        query = said_in(query, wanted)
    return query, key


def order_of(wanted: Wanted) -> Any:
    return col(Listing.captured) if wanted.by_capture else col(Listing.seq)


def looked_at(wanted: Wanted) -> Collection[str]:
    """The columns that are only looked at in each row, so that SQLite walks the index of the others: of what waits for
    photos, for that is short; of the order by capture; or of what narrows most."""
    if wanted.complete is False:
        said = wanted.words is not None or wanted.place is not None
        return [*COLUMNS[0 if said else 1 :], "area", "cell"]
    if wanted.by_capture:
        return COLUMNS
    narrows = (wanted.form_id, wanted.state, wanted.device_id, wanted.person_id, wanted.flag)
    return COLUMNS[:1] if any(value is not None for value in narrows) else ()


COLUMNS = ("complete", "form_id", "state", "device_id", "person_id")


def narrowed(wanted: Wanted, apart: Collection[str] = ()) -> Iterator[Any]:
    """What the narrow rows themselves tell; those `apart` without an index."""
    columns = {name: col(getattr(Listing, name)) for name in (*COLUMNS, "area", "cell")}
    columns |= {name: not_indexed(columns[name]) for name in apart}
    for name in COLUMNS:
        value = getattr(wanted, name)
        if value is not None:
            yield columns[name] == value
    if wanted.square is not None:
        yield inside(wanted.square, columns["area"], columns["cell"])


def not_indexed(column: Any) -> Any:
    """The same value, which SQLite's planner does not look for in an index."""
    return type_coerce(literal_column(f"+listing.{column.name}"), column.type)


def inside(square: Square, area: Any, cell: Any, finest: int = grid.CELL) -> Any:
    """In a square of the grid: in the areas that it is made of, or among the cells when it is smaller than an area.
    `finest` is the side of those."""
    in_areas = area.in_(areas_in(square))
    if square.side % grid.AREA == 0:
        return in_areas
    west, south, size = square.easting // finest, square.northing // finest, square.side // finest
    rows = [(west + east) * grid.ROW + south for east in range(size)]
    return and_(in_areas, or_(*(cell.between(row, row + size - 1) for row in rows)))


def within(session: Session, wanted: Wanted, number: Any) -> Iterator[Any]:
    """Days as a range of what the list is ordered by, so that the index which orders it also bounds it.

    `number` is the column that numbers the rows in that order.
    """
    if wanted.by_capture:
        if wanted.since is not None:
            yield number >= rank(midnight(wanted.since, wanted.zone))
        if wanted.until is not None:
            yield number < rank(midnight(wanted.until + timedelta(days=1), wanted.zone))
        return
    day, seq = col(Listing.day), col(Listing.seq)
    if wanted.since is not None:
        found = first_since(session, wanted.since)
        yield number >= found if found is not None else false()
    if wanted.until is not None:
        last = select(seq).where(day <= wanted.until.isoformat()).order_by(day.desc(), seq.desc()).limit(1)
        found = session.scalars(last).first()
        yield number <= found if found is not None else false()


def first_since(session: Session, since: date) -> int | None:
    """The number of the first record that came on a day or later: numbers are given in the order of receipt."""
    day, seq = col(Listing.day), col(Listing.seq)
    return session.scalars(select(seq).where(day >= since.isoformat()).order_by(day, seq).limit(1)).first()


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def crossed(session: Session, wanted: Wanted, *what: Any) -> tuple[Select, Any]:
    """The query by words and terms. Newest first, for ranking a million by relevance takes 240 times as long."""
    words, place, key = tokens(wanted.words), tokens(wanted.place), order_of(wanted)
    query = select(*what).select_from(Listing)
    if (wanted.words is not None and not words) or (wanted.place is not None and not place):
        return query.where(false()), key
    name = BY_CAPTURE if wanted.by_capture else BY_RECEIPT
    index = table(name, column("rowid"))
    asked = asked_for(session, wanted, words, place)
    matches = text(f"{name} MATCH :asked").bindparams(bindparam("asked", asked))
    # `+ 0` and `+` keep SQLite from using that side's index, and so say which table is walked and which is looked up.
    query = query.join(index, key == index.c.rowid + literal_column("0"))
    if wanted.complete is not None:
        query = query.where(literal_column("+listing.complete") == int(wanted.complete))
    return query.where(matches, *within(session, wanted, index.c.rowid)), index.c.rowid


def asked_for(session: Session, wanted: Wanted, words: Sequence[str], place: Sequence[str]) -> str:
    """The search in SQLite's words."""
    given = {name: getattr(wanted, name) for name in TERMS}
    terms = [f'terms : "{term(name, value)}"' for name, value in given.items() if value is not None]
    said = [asked_of_words(session, words, place)] if words or place else []
    return " AND ".join([*said, *terms])


def asked_of_words(session: Session, words: Sequence[str], place: Sequence[str]) -> str:
    """Whole words where those find enough; otherwise they may be beginnings, and SQLite takes longer over those."""
    said = [f'{{title place rest}} : "{word}"' for word in words] + [f'place : "{word}"' for word in place]
    whole = " AND ".join(said)
    return whole if are_common(session, whole) else " AND ".join(f"{word}*" for word in said)


def are_common(session: Session, asked: str) -> bool:
    def found() -> bool:
        query = "SELECT count(*) FROM (SELECT 1 FROM listing_words WHERE listing_words MATCH :asked LIMIT :enough)"
        number = session.connection().execute(text(query), {"asked": asked, "enough": ENOUGH}).scalar_one()
        return number >= ENOUGH

    return once(session, ("common", asked), found)


def waiting_with_words(session: Session, wanted: Wanted) -> list[int] | None:
    """The numbers of those that wait for photos and hold some words; None where that is not the way to find them.

    That a record waits is no term of the index, for it changes with nearly every delivery. Few do, so SQLite walks
    those that hold the words, even a quarter of a million, and asks of each whether it is among them.
    """
    words, place = tokens(wanted.words), tokens(wanted.place)
    asks = (wanted.words is None or words) and (wanted.place is None or place) and (words or place)
    if wanted.complete is not False or not asks or is_postgres(session):
        return None
    if count(session, Wanted(complete=False)).number > MOST_WAITING:
        return None

    def found() -> list[int]:
        asked = asked_of_words(session, words, place)
        query = """SELECT rowid FROM listing_words WHERE listing_words MATCH :asked
            AND +rowid IN (SELECT seq FROM listing WHERE complete = 0)"""
        return list(session.scalars(text(query), {"asked": asked}))

    return once(session, ("waiting", *words, "in", *place), found)


def said_in(query: Select, wanted: Wanted) -> Select:
    """The query narrowed to some words, as PostgreSQL finds them."""
    index = table("listing_words", column("seq"))
    query = query.join(index, index.c.seq == col(Listing.seq))
    for name, given in (("words", wanted.words), ("place", wanted.place)):
        if given is None:
            continue
        found = tokens(given)
        if not found:
            return query.where(false())
        asked = " & ".join(f"{without_marks(word)}:*" for word in found)
        matches = text(f"listing_words.{name} @@ to_tsquery('simple', :asked_{name})")
        query = query.where(matches.bindparams(**{f"asked_{name}": asked}))
    return query


def is_postgres(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
