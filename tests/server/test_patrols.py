"""Pupils' patrols: every rule of the domain that the server keeps, under its number."""

import base64
import hashlib
import io
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from actors import a_photo, a_record, read
from patrol_actors import ENDS, a_step, a_ticket, an_opening
from PIL import Image
from sqlalchemy import text
from sqlmodel import Session, select

from beatbook import models, patrols, submissions, verification
from beatbook.models import Event, Patrol, PupilPhoto, Role, Submission
from bootstrap import ROOT

PWA = ROOT / "pwa" / "src"
OPEN_AT = datetime(2026, 11, 22, 10, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def during(clock):
    """Ten minutes into the patrol."""
    clock.now = OPEN_AT


@pytest.fixture
def patrol(officer):
    opening = an_opening()
    (result,) = officer.send(opening)
    assert result["warnings"] == []
    return opening


@pytest.fixture
def photo_patrol(officer):
    opening = an_opening(photos="masked")
    officer.send(opening)
    return opening


@pytest.fixture
def counted(office):
    def count(patrol):
        with office.database.reading() as session:
            return patrols.counts(session, patrol.instance_id)

    return count


def stands(office, patrol):
    with office.database.reading() as session:
        row = patrols.get(session, patrol.instance_id)
        return patrols.standing_of(row, patrols.patrol.steps_of(session, [row.id])[row.id], office.clock())


def all_text(office) -> str:
    """Everything the database holds, as text."""
    with office.database.reading() as session:
        tables = [table for table in models.SQLModel.metadata.sorted_tables if table.name != "device"]
        rows = [row for table in tables for row in session.connection().execute(table.select())]
    return "\n".join(str(tuple(row)) for row in rows)


def refused(result) -> str:
    assert result["status"] == "refused"
    assert result["problem"]["kept"] == "nothing"
    return result["problem"]["type"].removeprefix("/problems/")


# What a ticket may say ------------------------------------------------------------------------------------------


def test_a_ticket_of_an_open_patrol_is_stored_and_counted(pupil, patrol, counted):
    (result,) = pupil.send(a_ticket(patrol))
    assert (result["status"], result["warnings"]) == ("stored", [])
    sums = counted(patrol)
    assert (sums.tickets, sums.results["red"], sums.reasons["ZIGZAG"], sums.next["moved"]) == (1, 1, 1, 1)


@pytest.mark.parametrize(
    "answers",
    [
        {"name": "Ella"},
        {"note": "She lives at no. 14"},
        {"vrm": "GK17 ABC"},
        {"team": "Ella"},
        {"team": "owl "},
        {"spot": "northbrook_bus_stop"},  # a spot of the school, not of this patrol
        {"reasons": ["ZIGZAG", "Ella saw it"]},
        {"reasons": ["ZIGZAG", "ZIGZAG"]},
        {"reasons": ["ZIGZAG", "DOUBLE", "CORNER", "GATE"]},
        {"design": "ella"},
        {"message": "You are a bad driver"},
        {"ticket_no": "ELLA-07"},
        {"ticket_number": "7"},
        {"ticket_number": 700},
        {"next": ["cross"]},
        {"result": {"green": "Ella"}},
        {"given_how": "handed"},  # without a grown-up's check
    ],
)
def test_mt1_mt2_a_ticket_that_could_say_who_is_refused_and_nothing_of_it_is_kept(pupil, patrol, office, answers):
    ticket = a_ticket(patrol, **answers)
    assert refused(pupil.send(ticket)[0]) == "pupil-content"
    assert ticket.instance_id not in all_text(office)


@pytest.mark.parametrize(
    "envelope",
    [
        {"author": "Ella"},
        {"app": "Ella's tablet"},
        {"replaces": "0193aaaa-0000-7000-8000-000000000001"},
        {"counter": "Ella"},
        {"attachments": [{"field": "photo", "sha256": "a" * 64, "size": 3, "mediaType": "image/jpeg", "by": "Ella"}]},
    ],
)
def test_mt1_nothing_can_be_said_around_the_answers_either(pupil, patrol, office, envelope):
    assert refused(pupil.send(a_ticket(patrol, envelope=envelope))[0]) == "pupil-content"
    assert "Ella" not in all_text(office)


def test_mt1_what_a_tablet_sends_that_is_no_record_is_not_kept_aside(pupil, office):
    broken = pupil.deliver_bytes(
        b'--beat\r\nContent-Disposition: form-data; name="submission"\r\nContent-Type: application/json\r\n\r\n'
        b'{"name": "Ella", \r\n--beat--\r\n'
    )
    assert refused(broken.json()["results"][0]) == "not-json"
    assert "Ella" not in all_text(office)


def test_mt1_mt2_the_forms_themselves_have_no_place_for_a_name_a_plate_or_words(office):
    """A sketch holds our own shapes only, see test_sketches.py; a class is picked from a list."""
    for form in office.forms.for_role(Role.PUPIL):
        kinds = {field.type for field in form.fields_flat()}
        in_class = form.form_id in submissions.IN_CLASS
        more = {"sketch", "date", "repeat"} if in_class else {"select_multiple", "calculate", "image"}
        assert kinds <= {"select_one", "integer", *more}, form.form_id
        for field in form.fields_flat():
            told = f"{field.name} {field.label}".lower()
            forbidden = {"name", "plate", "registration", "vrm", "who", *(() if in_class else ("class",))}
            assert not forbidden & set(told.split()), field.name
            assert field.type != "integer" or (field.max is not None and field.max <= 200), "a count, not a date"
            assert field.type != "integer" or in_class or (field.min, field.max) == (1, 99)


def test_mt1_no_table_of_patrols_could_hold_a_child():
    columns = {
        f"{table.name}.{column.name}"
        for table in models.SQLModel.metadata.sorted_tables
        if table.name in ("patrol", "patrol_step", "pupil_photo", "patrol_key")
        for column in table.columns
        if type(column.type).__name__ == "AutoString"
    }
    by_grown_ups = {"patrol_step.incident_note", "patrol_step.debrief"}
    codes = {
        "patrol.id", "patrol.school", "patrol.window", "patrol.code", "patrol.school_adult", "patrol.photos",
        "patrol.pin_salt", "patrol.pin_check", "patrol.opened_by", "patrol_step.patrol_id", "patrol_step.act",
        "patrol_step.by", "patrol_step.incident", "patrol_key.device_id", "patrol_key.key_id", "patrol_key.public_key",
        "pupil_photo.sha256", "pupil_photo.instance_id", "pupil_photo.patrol_id", "pupil_photo.state",
        "pupil_photo.shown", "pupil_photo.decided_by",
    }  # fmt: skip
    assert columns == codes | by_grown_ups, "a new column: can it name a child?"


def test_mt1_the_name_of_a_tablet_is_nowhere_in_what_a_ticket_leaves(enrolled, patrol, office):
    tablet = enrolled(Role.PUPIL, "Ella Brown's tablet")
    tablet.send(a_ticket(patrol))
    with office.database.reading() as session:
        rows = session.connection().execute(text("SELECT * FROM submission WHERE form_id = 'mock_ticket'")).all()
        events = session.connection().execute(text("SELECT data, subject, actor FROM event")).all()
    assert rows
    assert "Ella" not in str(rows) + str(events)


def test_mt3_a_tablet_is_sent_no_place_on_the_map_and_may_send_none(pupil, patrol):
    lists = {one["name"]: one["rows"] for one in pupil.down()["lists"]}
    assert lists["school_places"]
    assert not [row for rows in lists.values() for row in rows if "latitude" in row or "longitude" in row]
    for place in ({"latitude": 51.28, "longitude": 1.08, "accuracy": 9}, {}, "here"):
        assert refused(pupil.send(a_ticket(patrol, envelope={"location": place}))[0]) == "pupil-place"


# When -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", ["2026-11-22T09:59:59+00:00", "2026-11-22T10:40:01+00:00", "yesterday", None])
def test_mt4_a_ticket_from_outside_its_patrol_is_refused(pupil, patrol, at):
    assert refused(pupil.send(a_ticket(patrol, at=at))[0]) == "patrol-not-open"


def test_mt4_a_ticket_of_no_patrol_is_refused_and_one_of_an_unknown_patrol_waits(pupil):
    assert refused(pupil.send(a_ticket(None))[0]) == "unknown-form"
    early = an_opening()
    (result,) = pupil.send(a_ticket(early))
    assert refused(result) == "patrol-unknown"
    assert result["problem"]["client"] == "wait", "the grown-up's phone may come home after the tablet"


def test_mt4_a_ticket_that_arrives_days_later_is_taken(pupil, patrol, later):
    later(days=3)
    assert pupil.send(a_ticket(patrol))[0]["status"] == "stored"


def test_mt4_a_tablet_whose_clock_is_wrong_is_put_right(pupil, patrol):
    slow = OPEN_AT - timedelta(hours=3)
    pupil.headers["beatbook-report"] = json.dumps({"clock": slow.isoformat()})
    assert pupil.down()["cursor"]
    (result,) = pupil.send(a_ticket(patrol, at=(slow - timedelta(minutes=1)).isoformat()))
    assert result["status"] == "stored"


def test_mt4_a_tablet_may_send_nothing_but_tickets(pupil, patrol):
    for record in (a_record(location=None, patrolId=patrol.instance_id), an_opening(), a_step(patrol, "close")):
        assert refused(pupil.send(record)[0]) == "unknown-form"


@pytest.mark.parametrize("missing", ["permission_confirmed", "risk_checked", "hi_vis", "briefing_read"])
def test_mt5_no_patrol_opens_before_all_four_are_confirmed(officer, pupil, missing):
    opening = an_opening(**{missing: "no"})
    (result,) = officer.send(opening)
    assert result["status"] == "stored", "an officer's record is never refused"
    assert [one["field"] for one in result["warnings"] if one["code"] == "patrol-rules"] == [missing]
    assert refused(pupil.send(a_ticket(opening))[0]) == "patrol-unknown"


@pytest.mark.parametrize(("adults", "pupils", "opens"), [(1, 2, False), (2, 8, True), (2, 9, False), (3, 12, True)])
def test_mt6_two_adults_at_least_and_not_more_pupils_than_they_can_mind(officer, office, adults, pupils, opens):
    officer.send(an_opening(adults=adults, pupils=pupils))
    with office.database.reading() as session:
        assert bool(patrols.recent(session)) is opens


def test_mt6_the_number_of_pupils_for_each_adult_is_a_setting(officer, office):
    office.settings = office.settings.model_copy(update={"pupils_per_adult": 3})
    assert officer.down()["patrolRules"] == {"pupilsPerAdult": 3, "leastAdults": 2}
    officer.send(an_opening(adults=2, pupils=7))
    with office.database.reading() as session:
        assert patrols.recent(session) == []


def test_dp4_no_patrol_and_no_photos_without_what_the_register_must_hold(officer, office):
    school = office.forms.lists["schools"][0]
    office.forms.lists = {**office.forms.lists, "schools": [{**school, "photo_agreed_on": ""}]}
    officer.send(an_opening(photos="masked"))
    office.forms.lists = {**office.forms.lists, "schools": [{**school, "dpia_ref": ""}]}
    officer.send(an_opening(photos="masked"))
    with office.database.reading() as session:
        assert [patrol.photos for patrol in patrols.recent(session)] == ["off"]


# Leading --------------------------------------------------------------------------------------------------------


def test_mt15_closing_stops_tablets_at_once(officer, pupil, patrol, later):
    assert patrol_state(pupil, patrol) == "open"
    officer.send(a_step(patrol, "pause"))
    assert patrol_state(pupil, patrol) == "paused"
    officer.send(a_step(patrol, "resume", at="2026-11-22T10:11:00+00:00"))
    assert patrol_state(pupil, patrol) == "open"
    later(minutes=5)
    officer.send(a_step(patrol, "close", at="2026-11-22T10:15:00+00:00", incident="none"))
    assert patrol_state(pupil, patrol) == "closed"
    assert refused(pupil.send(a_ticket(patrol, at="2026-11-22T10:16:00+00:00"))[0]) == "patrol-not-open"
    assert pupil.send(a_ticket(patrol, at="2026-11-22T10:14:00+00:00"))[0]["status"] == "stored"
    assert join(pupil, "FGHJKM").status_code == 404


def test_mt15_at_its_end_a_patrol_closes_by_itself(pupil, patrol, later):
    later(minutes=31)
    assert patrol_state(pupil, patrol) == "closed"
    assert join(pupil, "FGHJKM").status_code == 404


def test_steps_say_the_same_in_whatever_order_they_arrive(officer, office):
    opening = an_opening()
    steps = [
        a_step(opening, "pause", at="2026-11-22T10:05:00+00:00"),
        a_step(opening, "resume", at="2026-11-22T10:06:00+00:00"),
        a_step(opening, "close", at="2026-11-22T10:09:00+00:00", incident="near_miss", incident_note="A van reversed."),
    ]
    officer.send(*reversed(steps), opening)
    found = stands(office, opening)
    assert (found.state, found.ended_at.isoformat()) == ("closed", "2026-11-22T10:09:00+00:00")
    assert [step.incident_note for step in found.incidents] == ["A van reversed."]


def test_tablets_join_by_six_letters_and_learn_no_more_than_they_need(pupil, patrol):
    joined = join(pupil, "fgh jkm").json()
    assert joined["patrolId"] == patrol.instance_id
    assert set(joined) == {
        "patrolId", "school", "schoolName", "teams", "spots", "startsAt", "endsAt", "photos", "pinSalt", "pinCheck",
        "state",
    }  # fmt: skip
    assert "4271" not in json.dumps(joined)


def test_codes_cannot_be_guessed_for_long(pupil, patrol):
    answers = [join(pupil, "QQQQQQ").status_code for _ in range(11)]
    assert answers == [404] * 10 + [429]


def test_only_tablets_join_and_only_leaders_sign(officer, pupil, enrolled, patrol):
    assert join(officer, "FGHJKM").status_code == 403
    assert join(enrolled(Role.VOLUNTEER), "FGHJKM").status_code == 403
    point = base64.b64encode(b"\4" + bytes(64)).decode()
    assert send_key(officer, point).status_code == 200
    assert send_key(officer, point).json() == send_key(officer, point).json()
    assert send_key(pupil, point).status_code == 403
    assert send_key(officer, "not a key").status_code == 400
    assert pupil.down()["patrolKeys"] == [
        {"keyId": hashlib.sha256(b"\4" + bytes(64)).hexdigest()[:12], "publicKey": point}
    ]
    assert "patrolKeys" not in officer.down()


def test_mt14_a_cross_driver_is_on_the_lead_adults_list_after_the_next_sync(officer, enrolled, pupil, patrol):
    pupil.send(a_ticket(patrol, next="cross"))
    (mine,) = officer.down()["patrols"]
    assert mine["cross"] == [{"at": "2026-11-22T10:10:00.000000+00:00", "spot": "northbrook_gate", "team": "fox"}]
    assert mine["counts"]["tickets"] == 1
    assert enrolled(name="Phone 8").down()["patrols"] == [], "only to the one who leads it"


def test_mt13_mt17_what_a_school_is_given_is_counts_and_of_no_team(supervisor, enrolled, pupil, patrol):
    school = enrolled(Role.SCHOOL, "Office")
    pupil.send(
        a_ticket(patrol), a_ticket(patrol, team="owl", ticket_no="OWL-07", result="green", reasons=None, message="m1")
    )
    assert school.down()["patrolSummaries"] == []
    supervisor.submit(f"/desk/patrols/{patrol.instance_id}", act="release")
    (given,) = school.down()["patrolSummaries"]
    assert given["spots"] == {"northbrook_gate": 2}
    assert (given["tickets"], given["results"], given["moved"]) == (2, {"red": 1, "green": 1}, 2)
    assert not [word for word in ("fox", "owl", "FOX", "team") if word in json.dumps(given)]


def test_mt13_nothing_at_the_desk_counts_by_team(supervisor, pupil, patrol):
    pupil.send(a_ticket(patrol))
    for path in ("/desk/patrols", f"/desk/patrols/{patrol.instance_id}"):
        page = read(supervisor.open(path))
        assert "Fox" not in page
        assert "Owl" not in page


def test_a_spoiled_ticket_is_counted_as_that_and_not_as_a_ticket(pupil, patrol, counted):
    ticket = a_ticket(patrol)
    spoiled = a_ticket(
        patrol, envelope={"replaces": ticket.instance_id}, spoiled="yes", adult_ok="yes", result=None, reasons=None,
        spot=None, driver_there=None, message=None, design=None, given_how=None, next=None,
    )  # fmt: skip
    assert [one["status"] for one in pupil.send(ticket, spoiled)] == ["stored", "stored"]
    assert (counted(patrol).tickets, counted(patrol).spoiled) == (0, 1)


def test_a_ticket_that_a_supervisor_removes_is_not_counted(pupil, supervisor, patrol, counted):
    ticket = a_ticket(patrol)
    pupil.send(ticket)
    supervisor.review(ticket, "rejected", reason="duplicate")
    assert (counted(patrol).tickets, counted(patrol).removed) == (0, 1)


# Photos ---------------------------------------------------------------------------------------------------------


def test_mt9_no_photo_without_the_schools_agreement_and_a_grown_ups_check(pupil, patrol, officer):
    photo = a_photo()
    results = pupil.send(a_ticket(patrol, photo))
    assert [refused(one) for one in results] == ["photo-not-agreed", "photo-not-agreed"]
    agreed = an_opening(photos="masked", join_code="PQRTUV")
    officer.send(agreed)
    assert refused(pupil.send(a_ticket(agreed, photo, adult_ok=None))[0]) == "photo-not-agreed"
    assert [one["status"] for one in pupil.send(a_ticket(agreed, photo))] == ["stored", "stored"]


def test_mt10_only_the_covered_photo_that_a_ticket_lists_is_taken_and_none_that_says_where(pupil, photo_patrol, office):
    stray, told = a_photo(), io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "outside no. 14"
    Image.new("RGB", (40, 30)).save(told, "JPEG", exif=exif)
    results = pupil.send(a_ticket(photo_patrol), photos=(stray,)) + pupil.send(a_ticket(photo_patrol, told.getvalue()))
    assert [one["status"] for one in results] == ["stored", "refused", "stored", "refused"]
    assert [path for path in office.blobs.folder.rglob("*") if path.is_file()] == []


def test_mt11_a_photo_is_seen_by_the_reviewing_supervisor_alone_until_it_is_fit(
    pupil, supervisor, photo_patrol, office
):
    photo = a_photo((80, 60))
    ticket = a_ticket(photo_patrol, photo)
    pupil.send(ticket)
    make_previews(office)
    name = hashlib.sha256(photo).hexdigest()
    sizes = ("thumbnail", "preview", "original")
    assert [supervisor.open(f"/desk/photos/{name}/{size}").status_code for size in sizes] == [404] * 3
    assert name not in supervisor.open(f"/desk/records/{ticket.instance_id}").text
    assert name not in supervisor.open("/desk/records").text
    assert supervisor.open(f"/desk/patrols/photos/{name}").status_code == 200
    supervisor.submit(f"/desk/patrols/photos/{name}", state="ok")
    assert [supervisor.open(f"/desk/photos/{name}/{size}").status_code for size in sizes] == [200] * 3


def test_mt11_covering_more_erases_what_was_there_before(pupil, supervisor, photo_patrol, office):
    photo, covered = a_photo((80, 60)), a_photo((80, 60))
    pupil.send(a_ticket(photo_patrol, photo))
    make_previews(office)
    name, other = (hashlib.sha256(one).hexdigest() for one in (photo, covered))
    answer = supervisor.http.post(
        f"/desk/patrols/photos/{name}/cover",
        content=covered,
        headers={**supervisor.headers(), "content-type": "image/jpeg"},
    )
    assert answer.status_code == 200, answer.text
    assert not office.blobs.has(name)
    assert supervisor.open(f"/desk/photos/{other}/original").status_code == 404
    supervisor.submit(f"/desk/patrols/photos/{name}", state="ok")
    assert supervisor.open(f"/desk/photos/{other}/original").content == covered
    assert list(verification.verify(office)) == []


@pytest.mark.parametrize(
    ("look", "days", "stays"), [(False, 13, True), (False, 14, False), (True, 29, True), (True, 30, False)]
)
def test_mt12_photos_erase_themselves(pupil, supervisor, photo_patrol, office, later, look, days, stays):
    photo = a_photo((80, 60))
    ticket = a_ticket(photo_patrol, photo)
    pupil.send(ticket)
    make_previews(office)
    name = hashlib.sha256(photo).hexdigest()
    if look:
        supervisor.submit(f"/desk/patrols/photos/{name}", state="ok")
    later(days=days)
    office.erase_due(office.clock())
    assert bool([path for path in office.blobs.folder.rglob("*") if path.is_file()]) is stays
    assert list(verification.verify(office)) == []
    if not stays:
        with office.database.reading() as session:
            assert session.get(PupilPhoto, name).state == "erased"
        assert pupil.send(ticket)[0]["missing"] == [], "it is not missed"
        assert pupil.send(photos=(photo,))[0]["status"] == "refused", "and does not come back"


def test_mt12_a_photo_that_never_came_is_not_waited_for_for_ever(pupil, photo_patrol, office, later):
    ticket = a_ticket(photo_patrol, a_photo())
    assert pupil.send(ticket, photos=())[0]["missing"]
    later(days=14)
    office.erase_due(office.clock())
    assert pupil.send(ticket, photos=())[0]["missing"] == []
    assert list(verification.verify(office)) == []


def test_mt18_colour_and_kind_are_erased_the_day_after_and_the_counts_stay(pupil, patrol, office, counted, later):
    ticket = a_ticket(patrol, vehicle_kind="motorbike", vehicle_colour="silver")
    (first,) = pupil.send(ticket)
    later(hours=23)
    office.erase_due(office.clock())
    assert "motorbike" in all_text(office)
    later(hours=2)
    office.erase_due(office.clock())
    assert "motorbike" not in all_text(office)
    assert "silver" not in all_text(office)
    assert counted(patrol).results["red"] == 1
    assert list(verification.verify(office)) == []
    assert pupil.check(ticket).json()["submissions"][0]["status"] == "redacted"
    assert pupil.send(ticket)[0]["receipt"] == first["receipt"], "the same receipt for ever"
    with office.database.reading() as session:
        row = session.get(Submission, ticket.instance_id)
        assert row.digest == ticket.digest
        assert json.loads(row.payload)["redacted"] == ["vehicle_colour", "vehicle_kind"]
    office.erase_due(office.clock())
    with office.database.reading() as session:
        told = session.connection().execute(text("SELECT count(*) FROM event WHERE kind = 'submission.redacted'"))
        assert told.scalar() == 1, "once"


def test_mt18_what_is_erased_is_overwritten_in_the_file_too(pupil, patrol, office, later):
    car: dict[str, Any] = {"vehicle_kind": "motorbike", "vehicle_colour": "silver"}
    pupil.send(*(a_ticket(patrol, ticket_number=n, ticket_no=f"FOX-{n:02d}", **car) for n in range(1, 41)))
    later(days=2)
    office.erase_due(office.clock())
    office.close()
    for path in office.settings.data.glob("beatbook.db*"):
        assert b"motorbike" not in path.read_bytes()


CHANGES = [
    "UPDATE patrol SET adults = 9",
    "UPDATE patrol SET ends_at = '2027-01-01 00:00:00'",
    "DELETE FROM patrol",
    "UPDATE patrol_step SET incident_note = 'Nothing happened'",
    "DELETE FROM patrol_step",
    "UPDATE pupil_photo SET state = 'ok'",
    "DELETE FROM pupil_photo",
    "UPDATE patrol_key SET public_key = 'x'",
    "UPDATE redaction SET why = 'no reason'",
    "UPDATE redaction SET digest = 'x'",
    "DELETE FROM redaction",
    "UPDATE submission SET payload = CAST(replace(payload, 'ZIGZAG', 'CORNER') AS BLOB)",
]


def test_any_change_to_a_patrol_or_an_erasure_is_found(officer, pupil, photo_patrol, office, later):
    pupil.send(a_ticket(photo_patrol, a_photo(), vehicle_kind="van"))
    officer.send(a_step(photo_patrol, "close", incident="near_miss", incident_note="A van reversed."))
    send_key(officer, base64.b64encode(b"\4" + bytes(64)).decode())
    later(days=2)
    office.erase_due(office.clock())
    assert list(verification.verify(office)) == []
    for change in CHANGES:
        with office.database.write_engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.exec_driver_sql(change)
            with Session(connection) as session:
                faults = [
                    *verification.submission_faults(session),
                    *verification.redaction_faults(session, office),
                    *verification.patrol_faults(session),
                ]
            connection.rollback()
        assert faults, change


# At the desk ----------------------------------------------------------------------------------------------------


def test_a_patrol_is_opened_and_led_at_the_desk(supervisor, pupil, office):
    asked = {
        "school": "northbrook", "window": "pm_pick", "spots": ["northbrook_gate", "seagate_gate"], "teams": ["fox"],
        "year_groups": ["y5"], "adults": "2", "pupils": "4", "school_adult": "head", "permission_confirmed": "yes",
        "risk_checked": "yes", "hi_vis": "yes", "briefing_read": "yes", "photos": "off", "minutes": "40", "pin": "4271",
    }  # fmt: skip
    wrong = supervisor.submit("/desk/patrols/open", **{**asked, "pin": "42", "hi_vis": "", "adults": "1"})
    assert wrong.status_code == 422
    for sentence in ("Choose a PIN of four digits", "wearing hi-vis", "Two to ten adults"):
        assert sentence in read(wrong)
    done = supervisor.submit("/desk/patrols/open", **asked)
    assert done.status_code == 303
    page = supervisor.open(done.headers["location"])
    with office.database.reading() as session:
        (patrol,) = patrols.recent(session)
    assert f"{patrol.code[:3]} {patrol.code[3:]}" in read(page)
    assert (patrol.spots, patrol.pin_check) == (["northbrook_gate"], patrols.pin_check_of("4271", patrol.pin_salt))
    assert join(pupil, patrol.code).status_code == 200
    supervisor.submit(done.headers["location"], act="close")
    assert join(pupil, patrol.code).status_code == 404
    assert list(verification.verify(office)) == []


def test_mt16_a_tablet_is_told_nothing_of_the_rest_of_the_product(officer, pupil, patrol):
    """What it does not hold no screen of it can show, whoever finds a way there; nor do tickets come back to it."""
    officer.send(a_record())
    pupil.send(a_ticket(patrol))
    told = pupil.down()
    assert {form["formId"] for form in told["forms"]} == {"mock_ticket", "ticket_design", "wow_tally"}
    assert {one["name"] for one in told["lists"]} <= {"designs", "school_classes", "school_places", "schools"}
    assert [told[name] for name in ("advice", "alerts", "nearby", "reviews", "tasks")] == [[]] * 5
    assert [row["name"] for row in told["settings"]] == ["council.name"]
    assert not {"patrols", "patrolRules", "patrolSummaries"} & told.keys()
    for path in ("/desk/records", "/desk/patrols", f"/desk/patrols/{patrol.instance_id}", "/desk/schools"):
        answer = pupil.http.get(path, headers=pupil.headers)
        assert (answer.status_code, answer.headers["location"].startswith("/desk/sign-in")) == (303, True), path


def test_mt20_nothing_on_a_pupils_screen_comes_from_elsewhere(pupil):
    policy = pupil.http.get("/").headers["content-security-policy"]
    sources = {source for rule in policy.split(";") for source in rule.split()[1:]}
    assert "'self'" in sources
    assert not [source for source in sources if "." in source or "//" in source or source == "*"], policy
    code = [path for name in ("pupil", "studio", "wow", "paper", "patrols") for path in (PWA / name).rglob("*.*")]
    assert len(code) > 30
    named = {address for path in code for address in re.findall(r"https?://[^\s'\"`)]+", path.read_text("utf-8"))}
    assert named <= {"http://www.w3.org/2000/svg"}, "the name of a language, which is fetched from nowhere"


def test_an_incident_is_at_the_top_of_the_list_until_somebody_has_read_it(officer, supervisor, patrol):
    officer.send(a_step(patrol, "incident", incident="driver_cross", incident_note="He shouted. We stepped back."))
    assert "A driver was cross. Northbrook Primary" in read(supervisor.open("/desk/patrols"))
    assert "He shouted. We stepped back." in read(supervisor.open(f"/desk/patrols/{patrol.instance_id}"))
    supervisor.submit(f"/desk/patrols/{patrol.instance_id}", act="seen")
    assert "A driver was cross. Northbrook" not in read(supervisor.open("/desk/patrols"))


def test_of_a_whole_patrol_only_its_opening_waits_for_a_look(officer, pupil, supervisor, patrol, office):
    pupil.send(a_ticket(patrol), a_ticket(patrol, ticket_number=8, ticket_no="FOX-08"))
    officer.send(a_record(), a_step(patrol, "close", incident="none"))
    path = f"/desk/patrols/{patrol.instance_id}"
    assert waiting(office) == ["graffiti", "pupil_patrol"]
    assert "Mark it as looked at" in read(supervisor.open(path))
    supervisor.submit(path, act="looked-at")
    assert "as looked at" not in read(supervisor.open(path))
    assert waiting(office) == ["graffiti"], "nobody else's"
    assert list(verification.verify(office)) == []


def test_reading_a_patrol_is_written_down(supervisor, patrol, office):
    supervisor.open(f"/desk/patrols/{patrol.instance_id}")
    with office.database.reading() as session:
        kinds = [event.kind for event in session.exec(select(Event).where(Event.subject == patrol.instance_id))]
    assert "patrol.viewed" in kinds


def test_the_pin_is_nowhere(officer, patrol, office):
    with office.database.reading() as session:
        row = session.get(Patrol, patrol.instance_id)
    assert (row.ends_at.isoformat(), row.photos) == (ENDS, "off")
    assert "4271" not in all_text(office)


def waiting(office) -> list[str]:
    with office.database.reading() as session:
        return sorted(one.form_id for one in submissions.find(session, state=models.ReviewState.RECEIVED))


# Verbs ----------------------------------------------------------------------------------------------------------


def join(device, code):
    return device.http.post("/api/patrols/join", json={"code": code}, headers=device.headers)


def send_key(device, key):
    return device.http.post("/api/patrols/key", json={"publicKey": key}, headers=device.headers)


def patrol_state(device, patrol):
    return device.http.get(f"/api/patrols/{patrol.instance_id}", headers=device.headers).json()["state"]


def make_previews(office):
    for sha256, path in office.waiting_previews():
        office.save_previews(sha256, office.previews.maker.make(path))
