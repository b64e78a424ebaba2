"""Exports: records as a table, safe to open, for the filter that was chosen, and written down."""

import csv
import io
import json

import pytest
from actors import a_photo, a_record
from sqlmodel import select

from beatbook import cells, exports
from beatbook.models import Event


def table(supervisor, query: str = "") -> list[dict[str, str]]:
    answer = supervisor.open(f"/desk/records.csv{query}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf"), "spreadsheets read it as UTF-8"
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_a_record_is_a_row_with_dates_that_machines_read_and_choices_in_words(officer, supervisor):
    officer.send(a_record(a_photo(), answers={"kind": "tag", "place_text": "Pier", "found_at": "2026-11-22T10:00:00Z"}))
    (row,) = table(supervisor, "?form=graffiti")
    assert (row["Form"], row["State"], row["Device"]) == ("Graffiti", "received", "Phone 7")
    assert (row["Captured"], row["Received"]) == ("2026-11-22T10:04:31+00:00", "2026-11-22T10:30:00+00:00")
    assert (row["Kind"], row["Where exactly?"], row["Found"]) == ("Tag", "Pier", "2026-11-22T10:00:00Z")
    assert "Answer this" in row["To check"]


def test_without_a_form_there_are_no_columns_of_answers_and_with_a_filter_no_other_rows(officer, supervisor):
    first, second = a_record(a_photo()), a_record(a_photo(), counter=2)
    officer.send(first, second)
    supervisor.approve(second)
    rows = table(supervisor)
    assert [row["Reference"] for row in rows] == [second.instance_id, first.instance_id]
    assert rows[0].keys() == set(exports.HEADER)
    assert [row["Reference"] for row in table(supervisor, "?state=approved")] == [second.instance_id]
    assert table(supervisor, "?flag=nobody-has-this") == []


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+44", "-cmd", "@x", "\tx"])
def test_what_a_spreadsheet_would_run_is_text(officer, supervisor, text):
    assert cells.safe(text) == f"'{text}" and cells.bare(cells.safe(text)) == text
    officer.send(a_record(answers={"place_text": f"{text} pier"}, attachments=[]))
    (row,) = table(supervisor, "?form=graffiti")
    assert row["Where exactly?"].startswith("'")


def test_numbers_are_numbers_also_below_zero():
    assert [cells.safe(value) for value in (-1.5, "-0.25", 0, None, "'x", "+1")] == [
        "-1.5",
        "-0.25",
        "0",
        "",
        "'x",
        "'+1",
    ]


def test_more_records_than_are_read_at_once(officer, supervisor, monkeypatch):
    monkeypatch.setattr(exports, "BATCH", 3)
    officer.send(*(a_record(answers={}, attachments=[], counter=number) for number in range(1, 9)))
    assert len({row["Reference"] for row in table(supervisor)}) == 8


def test_who_took_records_out_is_written_down_and_not_what_was_in_them(office, officer, supervisor):
    officer.send(a_record(answers={"place_text": "Secret pier"}, attachments=[]))
    table(supervisor, "?form=graffiti")
    with office.database.reading() as session:
        event = session.exec(select(Event).where(Event.kind == "records.exported")).one()
    assert json.loads(event.data) == {"form_id": "graffiti"}
    assert event.actor == f"person:{supervisor.person_id}"


def test_a_form_that_nobody_knows_shows_its_answers_as_they_were_sent(office, officer, supervisor):
    officer.send(a_record(form="unheard", answers={"a": 1}, attachments=[]))
    (row,) = table(supervisor, "?form=unheard")
    assert (row["Form"], row["Title"]) == ("unheard", "unheard")
