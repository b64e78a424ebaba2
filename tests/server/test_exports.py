"""Exports: records as a table, safe to open, for the filter that was chosen, and written down."""

import csv
import io
import json
import struct
import zipfile
from datetime import datetime, timedelta
from random import Random

import openpyxl
import pyogrio
import pytest
from actors import Supervisor, a_photo, a_record, graffiti_answers, read, sha256
from sqlmodel import select

from beatbook import cells, exports, redactions
from beatbook.exports import Asked, lines
from beatbook.exports import table as table_module
from beatbook.exports.marking import EXHIBITED
from beatbook.listings import Wanted
from beatbook.models import Device, Event, PupilPhoto, ReviewState, Role, Submission


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


HOSTILE = (
    *cells.RUNS, "'", '"', ",", "\n", "\r\n", "\x0b", "\x1f", " ", "\u2028", "\ufeff", "é", "𝄞", ";", "-1.5", "+1",
    "1e5", "nan", "-inf", "=1+1", "word",
)  # fmt: skip
DEGREES = (None, 0.0, -0.0, 51.280233333333335, -1e-05, 1e-07, 1.0, 0.1 + 0.2, -0.25, 179.99999999999997, 1e16)


@pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
def test_quick_lines_are_those_that_are_made_of_each_record_whatever_stands_in_it(
    database_url, office, officer, supervisor, monkeypatch
):
    monkeypatch.setattr(lines, "BATCH", 7)
    chance = Random("lines")
    forms = ["graffiti", "asb", "litter", "driver_contact", "unheard", "walking_bus"]
    records = [
        a_record(
            form=form,
            answers=ASB if form == "asb" else {},
            attachments=[],
            counter=number,
            capturedAt=f"2026-11-{chance.randrange(10, 22)}T10:04:31Z",
        )
        for number, form in enumerate(chance.choices(forms, k=40), 1)
    ]
    officer.send(*records)
    marks = [*HOSTILE, *(["\0"] if not database_url else [])]  # PostgreSQL stores none

    def text() -> str:
        return "".join(chance.choices(marks, k=chance.randrange(4)))

    def spoil(session) -> None:
        for number, one in enumerate(session.exec(select(Submission)).all()):
            one.title, one.place = text(), chance.choice((None, text()))
            one.form_version = chance.choice(("1", "1", text()))
            one.latitude, one.longitude, one.accuracy = chance.choices(DEGREES, k=3)
            one.flags = [{"label": text()} for _ in range(chance.choice((0, 0, 1, 2)))]
            one.warnings = [{"detail": text()} for _ in range(chance.choice((0, 0, 1, 2)))]
            one.captured_at = chance.choice((None, office.clock() - timedelta(microseconds=chance.randrange(10**12))))
            if number % 9 == 0:
                redactions.redact_answers(session, one.instance_id, ["place_text"], why="asked", now=office.clock())
        session.exec(select(Device)).first().name = '=Phone, "7"'

    for record in records[10:18]:
        supervisor.approve(record)
    put_right = records[4]
    path = f"/desk/records/{put_right.instance_id}/correct"
    assert supervisor.submit(path, field="place_text", answer="Pier", reason="Typed anew").status_code == 303
    office.database.write(spoil)
    with office.database.reading() as session:
        if database_url:
            session.connection().exec_driver_sql("SET TIME ZONE 'Asia/Tokyo'")
        for wanted in (Wanted(), Wanted(by_capture=True), Wanted(complete=True), Wanted(state=ReviewState.APPROVED)):
            quick = "".join(exports.records(session, office.forms, wanted))
            rows = table_module.rows(session, office.forms, [], wanted, Asked())
            assert quick == "".join(cells.lines(exports.HEADER, (table_module.plain(row) for row in rows))), wanted
            assert quick.count("\r\n") > 5


def test_more_records_than_are_read_at_once(officer, supervisor, monkeypatch):
    monkeypatch.setattr(table_module, "BATCH", 3)
    officer.send(*(a_record(answers={}, attachments=[], counter=number) for number in range(1, 9)))
    assert len({row["Reference"] for row in table(supervisor)}) == 8


def test_who_took_records_out_is_written_down_and_not_what_was_in_them(office, officer, supervisor):
    officer.send(a_record(answers={"place_text": "Secret pier"}, attachments=[]))
    table(supervisor, "?form=graffiti&q=pier")
    with office.database.reading() as session:
        event = session.exec(select(Event).where(Event.kind == "records.exported")).one()
    assert json.loads(event.data) == {"form": "graffiti", "q": "…"}
    assert event.actor == f"person:{supervisor.person_id}"


def test_a_form_that_nobody_knows_shows_its_answers_as_they_were_sent(office, officer, supervisor):
    officer.send(a_record(form="unheard", answers={"a": 1}, attachments=[]))
    (row,) = table(supervisor, "?form=unheard")
    assert (row["Form"], row["Title"]) == ("unheard", "unheard")


# Other formats ----------------------------------------------------------------------------------------------------


ASB = {"place_text": "Marina", "what": "Shouting", "category": "noise", "full_name": "Robin Marker", "risk_score": 7}


def take(supervisor, query: str = "", **fields: str):
    asked = supervisor.submit(f"/desk/take-out{query}", **{"format": "csv", **fields})
    assert asked.status_code == 303, read(asked)
    answer = supervisor.open(asked.headers["location"])
    assert answer.status_code == 200, read(answer)
    return answer


def an_asb(**changes):
    return a_record(form="asb", answers=ASB, attachments=[], **changes)


def exported(office) -> dict:
    with office.database.reading() as session:
        events = session.exec(select(Event).where(Event.kind == "records.exported"))
        return json.loads(max(events, key=lambda event: event.seq).data)


def test_the_page_says_what_a_file_will_hold_and_who_took_what_before(officer, supervisor):
    officer.send(an_asb())
    take(supervisor, "?form=asb", personal="yes", why="police", reference="cc/1234")
    page = read(supervisor.open("/desk/take-out?form=asb"))
    assert "Take out 1 record OFFICIAL-SENSITIVE" in page and "Form: Anti-social behaviour" in page
    assert "Of this form: " in page and "; Full name; Phone; Email; Address" in page
    assert "with personal answers The police asked for it CC/1234" in page
    other = read(supervisor.open("/desk/take-out?form=walking_bus"))
    assert "OFFICIAL-SENSITIVE" not in other.partition("Your files")[0]


def test_s5_personal_answers_stay_unless_somebody_who_may_says_why(office, server, officer, supervisor):
    record = an_asb()
    officer.send(record)
    path = f"/desk/records/{record.instance_id}/correct"
    assert supervisor.submit(path, field="full_name", answer="Robin Marker", reason="Typed anew").status_code == 303
    (row,) = table(supervisor, "?form=asb")
    assert "Full name" not in row and "Robin Marker" not in str(row) and row["Corrected"] == ""
    assert (row["Marking"], row["Left out"]) == ("OFFICIAL-SENSITIVE", "Personal answers")
    refused = supervisor.submit("/desk/take-out?form=asb", format="csv", personal="yes")
    assert refused.status_code == 422 and "Say what it is for" in read(refused)
    assert (
        take(supervisor, "?form=asb", personal="yes", why="police", reference="CC/12").text.count("Robin Marker") == 1
    )
    told = {"form": "asb", "personal": True, "why": "police", "reference": "CC/12"}
    assert exported(office) == told
    named = supervisor.submit("/desk/take-out", format="csv", why="police", reference="Robin Marker")
    assert named.status_code == 422, "the log holds no names"
    auditor = Supervisor.join(office, server, "Ada Auditor", Role.AUDITOR)
    assert auditor.submit("/desk/take-out", format="csv", personal="yes", why="audit").status_code == 403
    assert auditor.submit("/desk/take-out", format="csv", why="audit").status_code == 403


@pytest.mark.parametrize("form", ["litter", "pspo", "graffiti", "cpw", "cpn", "asb", "driver_contact", "draw_contact"])
def test_s5_no_answer_that_a_form_calls_personal_leaves_by_any_way(office, form):
    """Every personal text of every form answered with a word of its own, also where a title is made of it."""
    newest = office.forms.newest(form)
    asked = [field for field in newest.fields_flat() if field.type not in ("group", "repeat", "note", "image")]
    personal = [field for field in asked if field.personal]
    assert personal, "each of these asks who somebody is"
    given: dict = {}
    for field in personal:
        (home,) = newest.homes[field.name] or (None,)
        answer = {field.name: f"Marker {field.name}"}
        given |= {home: [given.get(home, [{}])[0] | answer]} if home else answer
    row = Submission(
        instance_id="i", seq=1, chain="", epoch="", digest="", form_id=form, form_version=newest.version,
        payload=json.dumps({"answers": given}).encode(), device_id="d", received_at=office.clock(),
        title="Marker" if newest.names_somebody else newest.title,
    )  # fmt: skip
    for wants, found in ((False, 0), (True, 1)):
        asking = Asked(personal=wants)
        fields = table_module.fields_of(office.forms, form, asking)
        cells_of = table_module.row_of(row, office.forms, fields, asking, device="", corrected={}, erased="")
        assert ("Marker" in str(cells_of)) == bool(found), cells_of


def test_an_answer_that_was_put_right_goes_out_as_it_counts_and_an_erased_one_is_named(office, officer, supervisor):
    record = a_record(a_photo())
    officer.send(record)
    path = f"/desk/records/{record.instance_id}/correct"
    supervisor.submit(path, field="place_text", answer="By the pier", reason="The officer rang")
    office.database.write(
        lambda session: redactions.redact_answers(
            session, record.instance_id, ["kind"], why="asked", now=office.clock()
        )
    )
    (row,) = table(supervisor, "?form=graffiti")
    assert (row["Where exactly?"], row["Corrected"]) == ("By the pier", "Where exactly?")
    assert row["Left out"] == "Erased: Kind"


def test_dp9_a_workbook_is_marked_and_has_moments_numbers_and_texts_that_stay_texts(officer, supervisor):
    officer.send(a_record(answers={"place_text": "=1+1\x01", "found_at": "2026-11-22T10:00:00Z"}, attachments=[]))
    book = openpyxl.load_workbook(io.BytesIO(take(supervisor, "?form=graffiti", format="xlsx").content))
    header, row = book["Records"].iter_rows()
    cell = dict(zip([one.value for one in header], row, strict=True))
    assert cell["Where exactly?"].value == "=1+1\ufffd"
    assert (cell["Where exactly?"].data_type, cell["Where exactly?"].quotePrefix) == ("s", True)
    assert cell["Received"].value == datetime(2026, 11, 22, 10, 30) and cell["Latitude"].value == 51.2802  # noqa: DTZ001
    assert book["Records"].oddHeader.center.text == "OFFICIAL-SENSITIVE"
    about = list(book["About"].iter_rows(values_only=True))
    assert ("Which records", "Form: Graffiti") in about and ("Left out", "Personal answers") in about


def test_a_map_holds_the_records_that_have_a_position(officer, supervisor):
    officer.send(a_record(answers={"kind": "tag"}, attachments=[]), a_record(attachments=[], location=None, counter=2))
    told = take(supervisor, "?form=graffiti", format="geojson").json()
    (feature,) = told["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [1.0789, 51.2802]}
    assert feature["properties"]["Kind"] == "Tag"
    assert ["Left out", "1 record without a position"] in told["about"]
    assert ["Marking", "OFFICIAL-SENSITIVE"] in told["about"]


def test_gdal_reads_the_geopackage(officer, supervisor, tmp_path):
    gate = {"school_id": "x", "c_skc": 4}
    officer.send(a_record(form="gate_visit", answers=gate, attachments=[]), a_record(attachments=[], location=None))
    path = tmp_path / "records.gpkg"
    path.write_bytes(take(supervisor, "?form=gate_visit", format="gpkg").content)
    found = pyogrio.read_info(path, layer="records")
    assert (found["features"], found["geometry_type"], found["crs"]) == (1, "Point", "EPSG:4326")
    assert tuple(found["total_bounds"]) == (1.0789, 51.2802, 1.0789, 51.2802)
    meta, _, (shape,), columns = pyogrio.raw.read(path)
    assert shape == struct.pack("<BIdd", 1, 1, 1.0789, 51.2802)
    values = dict(zip(meta["fields"], (column[0] for column in columns), strict=True))
    assert values["Form"] == "School gate" and values["Marking"] == "OFFICIAL"
    assert str(values["Received"]).startswith("2026-11-22T10:30:00")
    counted = next(value for name, value in values.items() if value == 4.0)
    assert isinstance(counted, float), "numbers are numbers, so that a map can be coloured by them"


def test_ev4_photos_come_with_a_manifest_and_what_stays_is_named(office, officer, supervisor):
    plain, seen, original = a_photo(), a_photo(), a_photo()
    answers = graffiti_answers(plain, seen) | {
        "photo_before.about": [{"photo": sha256(seen), "person": "adult", "person_reason": "Held the can"}]
    }
    listed = [
        {"field": name, "sha256": sha256(photo), "size": len(photo), "mediaType": "image/jpeg"}
        for name, photo in (("photo_before", plain), ("photo_before", seen), ("photo_before.original", original))
    ]
    record = a_record(answers=answers, attachments=listed)
    officer.send(record, photos=(plain, seen, original))
    assert supervisor.submit("/desk/take-out", format="photos").status_code == 422, "EV4: not without a reason"
    kept = unzipped(take(supervisor, format="photos", why="works"))
    rows = list(csv.DictReader(io.StringIO(kept["manifest.csv"].decode("utf-8-sig"))))
    assert [row["Left out"] for row in rows] == ["", "Somebody can be recognised", "The camera’s untouched file"]
    assert kept[rows[0]["File"]] == plain and rows[0]["SHA-256"] == sha256(plain)
    assert rows[0]["As recorded"] == "yes" and rows[0]["Question"] == "Before photo"
    assert len(kept) == 3 and b"Marking: OFFICIAL-SENSITIVE" in kept["about.txt"]
    every = unzipped(take(supervisor, format="photos", why="court", personal="yes", originals="yes"))
    assert {plain, seen, original} <= set(every.values()) and len(every) == 5
    with office.database.reading() as session:
        found = session.exec(select(Event.data).where(Event.subject == record.instance_id, Event.kind == EXHIBITED))
        assert [json.loads(data) for data in found] == [{"why": "works"}, {"why": "court"}]


def test_mt11_a_photo_of_pupils_leaves_only_when_it_was_found_fit(office, officer, supervisor):
    photo = a_photo()
    record = a_record(photo)
    officer.send(record)

    def hide(session) -> None:
        session.add(
            PupilPhoto(sha256=sha256(photo), instance_id=record.instance_id, patrol_id="p", received_at=office.clock())
        )

    office.database.write(hide)
    asked = {"format": "photos", "why": "court", "personal": "yes", "originals": "yes"}
    assert photo not in unzipped(take(supervisor, **asked)).values()
    office.database.write(lambda session: setattr(session.get(PupilPhoto, sha256(photo)), "state", "ok"))
    assert photo in unzipped(take(supervisor, **asked)).values()


def unzipped(answer) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}
