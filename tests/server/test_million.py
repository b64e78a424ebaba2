"""Very many records: the folder that `python3 tests/benchmarks million` makes is one that the server might have made,
every list, count and map of it is what a plain look at each record gives, and none of them looks at every record."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from benchmarks import million
from sqlalchemy import event
from sqlmodel import Session, col, delete, select

from beatbook import cells, exports, grid, listings
from beatbook.exports import Asked, table
from beatbook.listings import Wanted
from beatbook.models import Arrival, Gathered, Listing, ListingFlag, ReviewState, Submission, Tally
from beatbook.office import Office, open_office
from beatbook.settings import Settings
from beatbook.verification import verify

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")
RECORDS = 250


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    data = tmp_path_factory.mktemp("million") / "data"
    with pytest.MonkeyPatch.context() as few:
        few.setattr(million, "VARIANTS", 3)
        few.setattr(million, "PHOTOS", 1)
        million.make(data, RECORDS, NOW)
    office = open_office(Settings(data=data), lambda: NOW)
    yield office
    office.close()


def test_what_was_made_is_as_the_server_would_have_written_it(district: Office):
    assert list(verify(district)) == []
    before = kept(district)
    assert len(before["listing"]) == RECORDS

    def lose(session: Session) -> None:
        session.connection().exec_driver_sql(
            "INSERT INTO listing_words_captured (listing_words_captured) VALUES ('delete-all')"
        )
        session.connection().exec_driver_sql("DELETE FROM listing_words")
        for gone in (Listing, ListingFlag, Tally, Gathered, Arrival):
            session.exec(delete(gone))

    district.database.write(lose)
    listings.catch_up(district.database, district.forms)
    district.gather(NOW)
    assert kept(district) == before


def kept(office: Office) -> dict[str, list[Any]]:
    """What is kept of the records for lists."""
    queries = {
        "listing": "SELECT * FROM listing ORDER BY seq",
        "flags": "SELECT * FROM listing_flag ORDER BY flag, seq",
        "tally": "SELECT * FROM tally WHERE number <> 0 ORDER BY span, side, cell, flag, form_id, state, complete",
        "gathered": "SELECT * FROM gathered ORDER BY seq, place, weight",
        "arrivals": "SELECT * FROM arrival WHERE week > '2026-09' ORDER BY week, minutes",
        "words": "SELECT rowid, title, place, rest, terms FROM listing_words ORDER BY rowid",
        "found": "SELECT rowid FROM listing_words_captured('sapproved') ORDER BY rowid",
    }
    with office.database.reading() as session:
        return {name: list(session.connection().exec_driver_sql(query).all()) for name, query in queries.items()}


# Every filter against a plain look --------------------------------------------------------------------------------


class Plain:
    """The records, looked at one by one."""

    def __init__(self, office: Office) -> None:
        with office.database.reading() as session:
            twin = col(Listing.seq) == col(Submission.seq)
            self.rows = list(session.exec(select(Submission, Listing).join(Listing, twin)))
            self.flags = {(one.seq, one.flag) for one in session.exec(select(ListingFlag))}
            words = session.connection().exec_driver_sql("SELECT rowid, title, place, rest FROM listing_words")
            self.words = {row[0]: (split(" ".join(row[1:])), split(row[2])) for row in words}

    def find(self, wanted: Wanted) -> list[int]:
        found = [one for one in self.rows if self.matches(wanted, *one)]
        if wanted.by_capture:
            found.sort(key=lambda one: (int((one[0].captured_at or one[0].received_at).timestamp()), one[0].seq))
        else:
            found.sort(key=lambda one: one[0].seq)
        return [one.seq for one, _ in reversed(found)]

    def matches(self, wanted: Wanted, one: Submission, listing: Listing) -> bool:
        at = (one.captured_at if wanted.by_capture and one.captured_at else one.received_at).astimezone(LONDON).date()
        words, place = self.words[one.seq]
        return (
            wanted.form_id in (None, one.form_id)
            and wanted.state in (None, one.review_state)
            and wanted.complete in (None, one.complete)
            and wanted.device_id in (None, one.device_id)
            and wanted.person_id in (None, listing.person_id)
            and (wanted.flag is None or (one.seq, wanted.flag) in self.flags)
            and (wanted.since is None or at >= wanted.since)
            and (wanted.until is None or at <= wanted.until)
            and (wanted.words is None or said(wanted.words, words))
            and (wanted.place is None or said(wanted.place, place))
            and (wanted.square is None or around(one, wanted.square.side) == wanted.square)
        )


def split(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)


def said(asked: str, words: list[str]) -> bool:
    return all(any(one.lower().startswith(token.lower()) for one in words) for token in listings.tokens(asked))


def some_filters(plain: Plain, chance: Random, count: int) -> Iterator[Wanted]:
    """Filters of none to four things at once, of which there is something."""
    choices: dict[str, Any] = {
        "form_id": lambda one, row: one.form_id,
        "state": lambda one, row: one.review_state,
        "complete": lambda one, row: chance.random() < 0.7,
        "device_id": lambda one, row: one.device_id,
        "person_id": lambda one, row: row.person_id,
        "flag": lambda one, row: chance.choice(sorted(flag for _, flag in plain.flags)),
        "since": lambda one, row: (one.received_at - timedelta(days=chance.randrange(90))).date(),
        "until": lambda one, row: (one.received_at + timedelta(days=chance.randrange(500))).date(),
        "place": lambda one, row: (one.place or "lane").split()[0],
        "square": lambda one, row: around(one, chance.choice(grid.SIDES)),
        "words": lambda one, row: chance.choice([word for word in plain.words[one.seq][0] if len(word) > 2])[:5],
    }
    for _ in range(count):
        one, row = chance.choice(plain.rows)
        names = chance.sample(sorted(choices), chance.randrange(5))
        yield Wanted(**{name: choices[name](one, row) for name in names}, by_capture=chance.random() < 0.4, zone=LONDON)


def around(one: Submission, side: int) -> grid.Square | None:
    square = grid.quick_square(one.latitude, one.longitude)
    return grid.around(square, side) if square else None


def test_every_filter_finds_and_counts_what_a_plain_look_at_each_record_does(
    district: Office, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(listings, "AREAS_TOGETHER", 2)
    monkeypatch.setattr(listings, "ENOUGH", RECORDS)  # few hold a word here, so it is always its beginning too
    plain = Plain(district)
    with district.database.reading() as session:
        for wanted in some_filters(plain, Random("filters"), 60):
            expected = plain.find(wanted)
            assert listings.find_numbers(session, wanted, limit=RECORDS) == expected, wanted
            assert listings.count(session, wanted).number == len(expected), wanted
            middle = expected[len(expected) // 2 :]
            if middle:
                page = listings.find_numbers(session, wanted, before=middle[0], limit=5)
                assert page == middle[1:6], wanted
                assert listings.find_numbers(session, wanted, after=middle[0], limit=5) == expected[: -len(middle)][-5:]
            assert_facets(session, plain, wanted)
            assert_located(session, plain, wanted, expected)


def assert_facets(session: Session, plain: Plain, wanted: Wanted) -> None:
    by_seq = {one.seq: one for one, _ in plain.rows}
    found = listings.facets(session, wanted)
    forms = Counter(by_seq[seq].form_id for seq in plain.find(replace(wanted, form_id=None)))
    states = Counter(by_seq[seq].review_state for seq in plain.find(replace(wanted, state=None)))
    flags = Counter(
        flag for seq in plain.find(replace(wanted, flag=None)) for number, flag in plain.flags if number == seq
    )
    assert (found.forms, +Counter(found.states), found.flags) == (forms, states, flags), wanted


def assert_located(session: Session, plain: Plain, wanted: Wanted, expected: list[int]) -> None:
    by_seq = {one.seq: one for one, _ in plain.rows}
    for side in (50, 100, 250, 500, 1000, 5000):
        found = listings.located(session, wanted, side, without=["notebook"])
        numbers = Counter[tuple[str, grid.Square]]()
        for seq in expected:
            square = around(by_seq[seq], side)
            if square and by_seq[seq].form_id != "notebook":
                numbers[by_seq[seq].form_id, square] += 1
        assert found.numbers == numbers, (wanted, side)
        if wanted.is_tallied_by_square and wanted.square is None and side <= grid.AREA:
            assert_densest(session, wanted, side, numbers)


def assert_densest(session: Session, wanted: Wanted, side: int, numbers: Counter[tuple[str, grid.Square]]) -> None:
    in_squares = Counter[grid.Square]()
    for (_, square), number in numbers.items():
        in_squares[square] += number
    top, total = listings.densest(session, wanted, side, 4, without=["notebook"])
    assert total == in_squares.total(), (wanted, side)
    assert [number for _, number in top] == [number for _, number in in_squares.most_common(4)], (wanted, side)
    assert all(in_squares[square] == number for square, number in top), (wanted, side)


# No query looks at every record -----------------------------------------------------------------------------------

ENDS = re.compile(r"FROM listing (WHERE \+?listing.complete = 1 )?ORDER BY \S+ DESC\s+LIMIT")
WALKED = re.compile(r"SCAN (listing|listing_flag|tally|submission)\b(?!.*VIRTUAL)")


def test_no_list_count_or_map_walks_past_every_record(district: Office):
    """Whatever a filter says, SQLite walks an index in the order of the list and sorts nothing."""
    plain = Plain(district)
    one, row = next((one, row) for one, row in plain.rows if row.person_id and row.cell is not None)
    given: dict[str, Any] = {
        "form_id": one.form_id,
        "state": ReviewState.HAS_ISSUES,
        "complete": True,
        "device_id": one.device_id,
        "person_id": row.person_id,
        "flag": "warning",
        "since": one.received_at.date(),
        "place": "lane",
        "square": around(one, 500),
        "words": "bin",
    }
    asked = [Wanted(), *(Wanted(**{name: given[name] for name in pair}) for pair in combinations(given, 2))]
    asked += [Wanted(**{name: given[name]}) for name in given]
    asked += [replace(wanted, by_capture=True) for wanted in asked]
    with district.database.reading() as session:
        for wanted in asked:
            for statement in heard(district, lambda wanted=wanted: everything(session, wanted)):
                plan = [row[-1] for row in session.connection().exec_driver_sql(*statement).all()]
                is_end = ENDS.search(" ".join(statement[0].split()))  # the first few of all records, or of nearly all
                walked = [] if is_end else [line for line in plan if WALKED.match(line)]
                sorted_ = [line for line in plan if "TEMP B-TREE FOR ORDER BY" in line]
                assert not walked and not sorted_, (wanted, statement[0], plan)


def everything(session: Session, wanted: Wanted) -> None:
    numbers = listings.find_numbers(session, wanted, limit=50)
    listings.find_numbers(session, wanted, before=numbers[-1] if numbers else 1000, limit=50)
    listings.count(session, wanted)
    listings.facets(session, wanted)
    listings.located(session, wanted, grid.AREA)
    listings.located(session, wanted, grid.CELL)


def heard(office: Office, do: Any) -> list[tuple[str, Any]]:
    """The plans of what is read meanwhile."""
    found: list[tuple[str, Any]] = []

    def hear(connection: Any, cursor: Any, statement: str, values: Any, context: Any, many: bool) -> None:
        if statement.startswith("SELECT"):
            found.append((f"EXPLAIN QUERY PLAN {statement}", values))

    event.listen(office.database.read_engine, "before_cursor_execute", hear)
    try:
        do()
    finally:
        event.remove(office.database.read_engine, "before_cursor_execute", hear)
    return found


# The table --------------------------------------------------------------------------------------------------------


def test_the_quick_lines_of_the_plain_table_are_those_that_are_made_of_its_records(district: Office):
    with district.database.reading() as session:
        quick = "".join(exports.records(session, district.forms, Wanted()))
        rows = table.rows(session, district.forms, [], Wanted(), Asked())
        slow = "".join(cells.lines(exports.HEADER, (table.plain(row) for row in rows)))
    assert quick.splitlines() == slow.splitlines()
    assert quick.count("\r\n") == RECORDS + 1 and ",Personal answers\r\n" in quick


def test_the_data_folder_of_a_benchmark_is_never_one_that_is_in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.argv", ["million", "--data", str(tmp_path)])
    with pytest.raises(SystemExit, match="there already"):
        million.main()
