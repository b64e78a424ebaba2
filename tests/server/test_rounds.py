"""The rounds of a day: gates, huts, events, walking buses, patrols and the notebook, and the rules they must keep."""

import json
from copy import deepcopy
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest
from actors import a_record
from actors import read as page_words
from filled import filled

from beatbook import listings, sequences
from beatbook.forms import RETENTION, answers, load
from beatbook.forms.retention import From
from beatbook.models import Role
from beatbook.settings import Settings

FORMS = load(Settings().forms)
NOW = datetime.fromisoformat("2026-11-25T08:40:00+00:00")
ROUNDS = (
    "gate_visit",
    "driver_contact",
    "hut_round",
    "hut_damage",
    "event_log",
    "pledge",
    "draw_contact",
    "walking_bus",
    "patrol",
    "notebook",
)


def form(form_id: str):
    found = FORMS.newest(form_id)
    assert found is not None
    return found


def good(form_id: str, **changed: Any) -> dict[str, Any]:
    return {**deepcopy(begun(form_id)), **changed}


@cache
def begun(form_id: str) -> dict[str, Any]:
    return filled(form(form_id), FORMS, NOW)


def read(form_id: str, given: dict[str, Any], now: datetime = NOW) -> dict[str, Any]:
    """What the record says, with what is calculated."""
    return answers.cleaned(form(form_id), given, FORMS.context(now, given))


def odd(form_id: str, given: dict[str, Any], now: datetime = NOW) -> list[tuple[str, str]]:
    return [(one.field, one.code) for one in answers.problems(form(form_id), given, FORMS.context(now, given))]


def raised(form_id: str, given: dict[str, Any], now: datetime = NOW) -> dict[str, tuple[str, ...]]:
    """The flags of a record that are urgent, and who is told."""
    found = answers.flags(form(form_id), given, FORMS.context(now, given))
    return {flag.name: flag.to for flag in found if flag.level == "urgent"}


def record(form_id: str, given: dict[str, Any], **envelope: Any):
    """As a phone sends it, without its photos."""
    return a_record(form=form_id, formVersion=form(form_id).version, answers=given, attachments=[], **envelope)


def spot(latitude: float, longitude: float) -> dict[str, Any]:
    return {
        "latitude": latitude,
        "longitude": longitude,
        "accuracy": 8.0,
        "source": "gps",
        "fixedAt": "2026-11-22T10:04:20+00:00",
    }


def asked(form_id: str, given: dict[str, Any], path: str) -> bool:
    return answers.is_relevant(form(form_id), given, path, FORMS.context(NOW, given))


def offered(form_id: str, name: str, given: dict[str, Any], now: datetime = NOW) -> list[str]:
    field = form(form_id).field(name)
    assert field is not None
    return [option.name for option in answers.choices_of(field, FORMS.context(now, given))]


@pytest.mark.parametrize("form_id", ROUNDS)
def test_each_form_can_be_filled_and_names_itself_by_its_answers(form_id):
    given = good(form_id)
    assert odd(form_id, given) == []
    named = answers.title(form(form_id), given, FORMS.context(NOW, given))
    assert named != form(form_id).title
    assert "_" not in named, "a code where words should stand"


# School gates


def test_pk1_no_form_makes_or_prints_a_penalty_charge_notice():
    for each in FORMS:
        numbers = [field.name for field in each.fields_flat() if "pcn" in field.name]
        assert set(numbers) <= {"pcn_count"}, each.form_id
        assert each.issue is None or "PCN" not in each.issue.title


def test_pk2_penalty_charges_are_counted_only_while_parking_is_there():
    alone = good("gate_visit", agencies=["csu", "police"], pcn_count=2)
    assert not asked("gate_visit", alone, "pcn_count")
    assert "pcn_count" not in read("gate_visit", alone)
    together = {**alone, "agencies": ["csu", "parking"]}
    assert read("gate_visit", together)["pcn_count"] == 2


@pytest.mark.parametrize(
    ("school", "must", "please"),
    [("northbrook", True, False), ("st_wilfrids", False, True), ("marlpit", False, False)],
)
def test_pk3_drivers_must_not_stop_only_where_an_order_and_a_sign_say_so(school, must, please):
    given = good("gate_visit", school_id=school)
    assert (asked("gate_visit", given, "say_must"), asked("gate_visit", given, "say_please")) == (must, please)


def test_pk4_pavement_parking_is_called_no_offence_where_the_council_cannot_penalise_it():
    assert asked("gate_visit", good("gate_visit"), "say_pavement")
    assert "offence" not in json.dumps(form("gate_visit").to_wire()).lower()


def test_pk5_a_number_plate_stands_on_forms_of_adults_only_and_in_no_title():
    with_plates = [
        each
        for each in FORMS
        if any(field.appearance == "plate" or field.name == "vrm" for field in each.fields_flat())
    ]
    assert {each.form_id for each in with_plates} == {"driver_contact", "litter_vehicle"}
    for each in with_plates:
        assert "pupil" not in each.audience
        assert "vrm" not in each.summary
        given = good(each.form_id, vrm="KB12ABC")
        assert "KB12ABC" not in answers.title(each, given, FORMS.context(NOW, given))


def test_pk5_a_number_plate_is_not_found_by_the_search_that_everybody_at_the_desk_has():
    given = good("driver_contact", vrm="KB12ABC", driver_said="I only dropped him")
    words = listings.said(form("driver_contact"), given, FORMS)
    assert "dropped" in words
    assert "KB12ABC" not in words


def test_pk5_an_unusual_plate_is_looked_at_twice_but_never_refused():
    assert not asked("driver_contact", good("driver_contact", vrm="KB12ABC"), "vrm_unusual")
    for plate in ("Q123ABC", "1A", "WOB1234"):
        given = good("driver_contact", vrm=plate)
        assert odd("driver_contact", given) == []
    assert asked("driver_contact", good("driver_contact", vrm="WOB1234"), "vrm_unusual")
    assert odd("driver_contact", good("driver_contact", vrm="kb12 abc")) == [("vrm", "constraint")]


def test_pk6_a_driver_contact_is_erased_after_180_days_and_the_visit_stays_three_years():
    contact, visit = RETENTION[form("driver_contact").retention], RETENTION[form("gate_visit").retention]
    assert (contact.days, contact.years, contact.counted_from) == (180, 0, From.CAPTURED)
    assert visit.years == 3
    assert "vrm" not in {field.name for field in form("gate_visit").fields_flat()}


def test_cars_are_added_up_and_no_more_move_than_were_counted():
    given = good("gate_visit", c_skc=7, c_double=4, c_pavement=3, moved_on=8)
    assert read("gate_visit", given)["cars"] == 14
    assert odd("gate_visit", given) == []
    assert odd("gate_visit", {**given, "moved_on": 15}) == [("moved_on", "constraint")]
    assert odd("gate_visit", {**given, "near_miss": 1}) == [("near_miss_note", "required")]


def test_today_is_compared_with_the_first_count_of_the_school():
    given = good("gate_visit", school_id="northbrook", c_skc=7)
    assert read("gate_visit", given)["change_skc"] == "2 fewer: 7 now, 9 then"
    assert "change_skc" not in read("gate_visit", {**given, "school_id": "marlpit"})  # nobody has counted there yet


def test_a_visit_lasts_three_hours_at_most():
    given = good("gate_visit")
    ended = (datetime.fromisoformat(given["started_at"]) + timedelta(hours=4)).isoformat()
    assert odd("gate_visit", {**given, "ended_at": ended}) == [("ended_at", "constraint")]


def test_a_threat_reaches_the_supervisor_and_bad_signs_become_work():
    given = good("gate_visit", abuse="threat", signs_state="hidden", lines_state="worn")
    assert raised("gate_visit", given) == {"abuse": ("supervisor",)}
    names = {flag.name for flag in answers.flags(form("gate_visit"), given, FORMS.context(NOW, given))}
    assert names == {"abuse", "signs-work", "lines-work"}


# Children


@pytest.mark.parametrize("form_id", ["gate_visit", "hut_round", "hut_damage", "event_log"])
def test_ch5_a_photo_of_somebody_who_looks_under_18_is_not_saved(form_id):
    shown = good(form_id, photos=["a" * 64], person_in_photo="under_18")
    shown |= {"checks": [{"hut": "tankerton_1", "overall": "minor"}]} if form_id == "hut_round" else {}
    assert ("person_in_photo", "constraint") in odd(form_id, shown)
    adult = {**shown, "person_in_photo": "adult"}
    assert ("person_reason", "required") in odd(form_id, adult)


def test_ch6_a_worry_about_a_child_is_shown_who_to_ring_and_nothing_of_it_is_kept():
    for form_id in ("gate_visit", "walking_bus"):
        worry = form(form_id).field("child_worry")
        says = form(form_id).field("child_worry_says")
        assert worry is not None
        assert says is not None
        assert [choice.name for choice in worry.choices] == ["shown"]
        assert says.type == "note"
        assert "999" in says.label


def test_ch7_a_walking_bus_holds_numbers_and_no_names():
    texts = [field for field in form("walking_bus").fields_flat() if field.type == "text"]
    assert {field.name for field in texts} == {"override_reason", "wrong_note", "incident_note"}
    assert all("name" in (field.hint or "") for field in texts if field.name != "override_reason")


def bus(children: int, adults: int, **changed: Any) -> dict[str, Any]:
    """Everybody joins at the first stop, which is then left."""
    helpers = ["carol_d", "dev_p", "elsie_m", "grace_t"][: adults - 2]
    stop = {"stop": "northbrook_east_am_1", "boarded": children, "left_at": "2026-11-25T08:12:00+00:00"}
    people = {"driver": "alan_r", "conductor": "beth_c", "helpers": helpers}
    rest = {"arrived_count": children, "head_counts": [{"counted_where": "bell_corner", "counted": children}]}
    return good("walking_bus", **{**people, **rest, "stops": [stop], **changed})


@pytest.mark.parametrize(("children", "needed"), [(1, 2), (6, 2), (12, 2), (13, 3), (18, 3), (19, 4), (24, 4), (25, 5)])
def test_ch8_a_walking_bus_leaves_no_stop_with_too_few_adults(children, needed):
    assert read("walking_bus", bus(children, needed))["adults_needed"] == needed
    assert odd("walking_bus", bus(children, needed)) == []
    if needed > 2:
        few = bus(children, needed - 1)
        assert ("stops/0/left_at", "constraint") in odd("walking_bus", few)
        allowed = {**few, "override_reason": "Coordinator said so by phone"}
        assert odd("walking_bus", allowed) == []
        assert read("walking_bus", allowed)["breaches"] == 1


def test_ch8_what_was_so_when_a_stop_was_left_stays_with_it():
    first = read("walking_bus", bus(13, 2))["stops"][0]
    assert (first["aboard"], first["adults_then"], first["stop_ok"]) == (13, 2, "no")
    joined = bus(13, 3, stops=[first])
    assert read("walking_bus", joined)["stops"][0]["stop_ok"] == "no", "an adult who comes later mends no stop"


def test_ch9_a_run_does_not_end_while_the_children_do_not_add_up():
    assert odd("walking_bus", bus(12, 2)) == []
    assert odd("walking_bus", bus(12, 2, leavers=1, arrived_count=11)) == []
    lost = bus(12, 2, arrived_count=11)
    assert odd("walking_bus", lost) == [("arrived_count", "constraint"), ("still_wrong", "required")]
    assert asked("walking_bus", lost, "count_again")
    twice = {**lost, "still_wrong": "yes", "wrong_note": "Rang the school, one had gone in already"}
    assert odd("walking_bus", twice) == []
    assert raised("walking_bus", twice) == {"child-count": ("school", "supervisor")}


def test_ch9_going_home_every_child_is_handed_over():
    stops = [{"stop": "northbrook_east_pm_1", "left_here": 5, "left_at": "2026-11-25T08:12:00+00:00"}]
    home = {"direction": "from_school", "left_school_count": 8, "arrived_count": 8}
    still_here = bus(0, 2, **home, stops=stops)
    assert read("walking_bus", still_here)["children"] == 3
    assert ("arrived_count", "constraint") in odd("walking_bus", still_here)
    second = {"stop": "northbrook_east_pm_2", "left_here": 3, "left_at": "2026-11-25T08:20:00+00:00"}
    assert odd("walking_bus", {**still_here, "stops": [*stops, second]}) == []


def test_ch10_nobody_leads_a_bus_after_the_police_check_ran_out():
    given = good("walking_bus")
    assert "frank_o" not in offered("walking_bus", "driver", given)  # until 31 July 2026
    assert "frank_o" in offered("walking_bus", "driver", given, datetime.fromisoformat("2026-07-31T08:00:00+01:00"))
    assert "frank_o" not in offered("walking_bus", "conductor", given)
    assert odd("walking_bus", {**given, "driver": "frank_o"}) == [("driver", "choice")]
    assert odd("walking_bus", {**given, "conductor": given["driver"]})[0] == ("conductor", "choice")


def test_a_bus_starts_with_its_register_and_its_tabards():
    bare = good("walking_bus", register_in_hand="no")
    assert not asked("walking_bus", bare, "stops")
    assert ("register_in_hand", "constraint") in odd("walking_bus", bare)


def test_a_bus_that_did_not_run_is_a_record_of_two_answers():
    given = {"route": "northbrook_east", "direction": "to_school", "cancelled": "weather", "run_date": "2026-11-25"}
    assert odd("walking_bus", given) == []


# Huts


def test_hu1_a_crime_at_a_hut_asks_who_tells_the_police_and_says_that_the_council_does_not():
    given = good("hut_damage", damage_kind=["forced_door"])
    assert asked("hut_damage", given, "not_the_police")
    told = {**given, "police_told": None}
    assert ("police_told", "required") in odd("hut_damage", told)
    assert ("police_told", "constraint") in odd("hut_damage", {**given, "police_told": "not_crime"})
    assert ("police_ref", "required") in odd("hut_damage", {**given, "police_told": "yes", "police_ref": None})
    storm = {**given, "damage_kind": ["storm"], "police_told": "not_crime"}
    assert odd("hut_damage", storm) == []
    assert not asked("hut_damage", storm, "not_the_police")
    unsafe = {**given, "severity": "unsafe", "make_safe": "not_needed"}
    assert ("make_safe", "constraint") in odd("hut_damage", unsafe)


def test_hu2_phones_know_huts_by_number_and_never_by_owner():
    columns = set(FORMS.lists["huts"][0])
    assert columns == {"name", "label", "row", "number", "latitude", "longitude", "last_check_on"}
    for form_id in ("hut_round", "hut_damage"):
        words = json.dumps(form(form_id).to_wire()).lower()
        assert "owner_name" not in words
        assert "owner_phone" not in words


@pytest.mark.parametrize(
    "wrong",
    [{"overall": "urgent"}, {"fire_signs": "recent"}, {"bbq": "hot_or_unsafe"}, {"bbq": "disposable_in_or_under"}],
)
def test_hu3_what_cannot_wait_at_a_hut_reaches_foreshore(wrong):
    fine = {"hut": "tankerton_1", "overall": "ok"}
    calm = good("hut_round", checks=[fine, {"hut": "tankerton_2", "overall": "minor"}])
    assert raised("hut_round", calm) == {}
    loud = {**calm, "checks": [fine, {"hut": "tankerton_2", "overall": "minor", **wrong}]}
    assert raised("hut_round", loud) == {"hut-urgent": ("foreshore",)}


def test_hu3_an_unsafe_hut_is_told_within_a_minute_of_arriving(enrolled):
    foreshore, officer = enrolled(Role.FORESHORE, "Foreshore 1"), enrolled(Role.OFFICER, "Phone 7")
    officer.send(record("hut_damage", good("hut_damage", severity="unsafe", photos=None)))
    told = foreshore.down()["alerts"]
    assert [alert["flag"] for alert in told] == ["Hut unsafe or burnt"]


def test_a_phone_is_told_when_each_hut_was_last_looked_at(enrolled):
    foreshore, officer = enrolled(Role.FORESHORE, "Foreshore 1"), enrolled()
    checks = [{"hut": "tankerton_12", "overall": "ok", "checked_at": "2026-11-20T23:30:00+00:00"}]
    before = foreshore.down()
    officer.send(record("hut_round", good("hut_round", checks=[*checks, {"hut": None}, 7])))
    (huts,) = [each for each in foreshore.down(since=before["cursor"])["lists"] if each["name"] == "huts"]
    days = {row["name"]: row["last_check_on"] for row in huts["rows"]}
    assert (days["tankerton_12"], days["tankerton_13"]) == ("2026-11-20", "")


def test_a_round_counts_its_huts_and_keeps_only_those_that_were_touched():
    rows = [{"hut": f"tankerton_{n}", "overall": "ok"} for n in range(1, 85)]
    rows += [{"hut": f"tankerton_{n}", "overall": "minor", "door": "weak"} for n in (90, 91, 92)]
    given = good("hut_round", checks=rows, photos=["a" * 64], person_in_photo="no")
    seen = read("hut_round", given)
    assert (seen["checked"], seen["problems"], seen["urgent"]) == (87, 3, 0)
    named = answers.title(form("hut_round"), given, FORMS.context(NOW, given))
    assert named == "Beach huts, Tankerton Slopes, 87 checked, 3 problems"
    said = {fact.label: fact.words for fact in answers.facts(form("hut_round"), seen, FORMS.lists)}
    assert said["Huts, Fine: 84"].startswith("Hut 1, Hut 2, ")
    assert said["Hut 90, Door"] == "Weak"
    assert len(said) < 40, "a supervisor reads what is wrong, not a hundred lines of what is fine"
    assert len(json.dumps(seen)) < Settings().max_submission / 10
    assert ("photos", "required") in odd("hut_round", {**given, "photos": None})


def test_a_fine_hut_says_nothing_of_its_door():
    given = good("hut_round", checks=[{"hut": "tankerton_1", "overall": "ok", "door": "open"}])
    assert "door" not in read("hut_round", given)["checks"][0]


# Events


def test_hu4_an_event_keeps_counts_and_themes_without_anybody_in_them():
    event = form("event_log")
    asks_who = [field.name for field in event.fields_flat() if "contact" in field.name or "name" in field.name]
    assert asks_who == ["contacts"]
    inside = [field for field in event.fields_flat() if event.homes[field.name] and field.type == "text"]
    assert {field.name for field in inside} == {"theme_place", "theme_note"}
    given = good("event_log", items_out=[{"item": "alarm", "taken": 90, "returned": 12}])
    assert read("event_log", given)["items_out"][0]["given"] == 78
    more = {**given, "items_out": [{"item": "alarm", "taken": 90, "returned": 91}]}
    assert odd("event_log", more) == [("items_out/0/returned", "constraint")]


def test_hu5_a_contact_for_the_draw_stands_apart_with_consent_and_goes_after_the_draw():
    pledge, draw = form("pledge"), form("draw_contact")
    assert not [field.name for field in pledge.fields_flat() if field.type == "text" and field.appearance != "hidden"]
    assert draw.field("part_of") is None, "nothing leads from the contact to a pledge"
    kept = RETENTION[draw.retention]
    assert (kept.days, kept.counted_from) == (30, From.DRAWN)
    assert odd("draw_contact", good("draw_contact", consent="no")) == [("consent", "constraint")]
    assert RETENTION[pledge.retention].years == 3


# The notebook


def test_ev5_entries_are_numbered_by_the_phone_and_final_once_signed():
    notebook = form("notebook")
    number = notebook.field("entry_no")
    assert number is not None
    assert notebook.final
    assert number.read_only
    assert (number.appearance, notebook.to_wire()["final"]) == ("sequence", True)
    assert ("signed", "required") in odd("notebook", good("notebook", signed=None))
    struck = good("notebook", strikes=12)
    assert odd("notebook", struck) == [("strike_reason", "required")]


def test_ev5_a_missing_number_is_seen_and_a_phone_counts_on_where_the_office_stands(officer, supervisor):
    for number in (1, 2, 5):
        officer.send(record("notebook", good("notebook", entry_no=number)))
    assert "Notebook: 3 entries, the last is 5. Missing: 3 to 4." in page_words(
        supervisor.open(f"/desk/devices/{officer.device_id}")
    )
    everything = officer.down()
    assert everything["sequences"] == {"notebook.entry_no": 5}
    assert "sequences" not in officer.down(since=everything["cursor"])


def test_ev6_an_entry_written_late_says_both_times_and_why():
    half_an_hour = good("notebook", event_at="2026-11-25T08:10:00+00:00")
    assert odd("notebook", half_an_hour) == []
    late = good("notebook", event_at="2026-11-25T08:09:00+00:00")
    assert odd("notebook", late) == [("late_reason", "required")]
    seen = read("notebook", {**late, "late_reason": "Was with the ambulance"})
    assert (seen["late"], seen["event_at"], seen["signed_at"]) == ("yes", late["event_at"], NOW.isoformat())


def test_ev6_what_was_late_when_it_was_signed_is_late_for_ever():
    in_time = good("notebook")
    assert "late" not in read("notebook", in_time, NOW + timedelta(days=30))


def test_ev9_what_was_said_is_stored_as_it_was_typed(office, officer):
    said = "  ‘i aint  done nuffin’, he said.\n\nthen left  "
    officer.send(record("notebook", good("notebook", entry_no=1, note=said)))
    with office.database.reading() as session:
        (entry,) = sequences.entries(session, "notebook", "entry_no", officer.device_id)
    assert entry.answers["note"] == said
    verbatim = {field.name for each in FORMS for field in each.fields_flat() if "verbatim" in (field.appearance or "")}
    assert verbatim >= {"note", "driver_said"}


# Patrols


def test_a_patrol_with_nothing_to_report_is_a_record():
    given = good("patrol", records_made=0, nil_return="yes")
    assert odd("patrol", given) == []
    assert odd("patrol", {**given, "nil_return": "no"}) == [("notes", "required")]
    assert not asked("patrol", {**given, "records_made": 3}, "nil_return")
    assert not [field for field in form("patrol").fields_flat() if field.type == "geopoint"], "no trail is kept"


# Graffiti


@pytest.mark.parametrize(
    ("offensive", "due"),
    [
        ("race", "2026-12-24T16:00:00+00:00"),
        ("swear", "2026-12-24T16:00:00+00:00"),
        ("no", "2027-01-04T16:00:00+00:00"),
    ],
)
def test_graffiti_is_cleaned_within_a_day_or_five_working_days(offensive, due):
    given = good("graffiti", offensive=offensive, found_at="2026-12-23T16:00:00+00:00", police_ref="to follow")
    assert read("graffiti", given)["removal_due"] == due


def test_a_phone_learns_what_others_recorded_near_by_but_not_its_own_and_not_twice(enrolled, supervisor):
    one, other = enrolled(name="Phone 1"), enrolled(name="Phone 2")
    wall = record("graffiti", good("graffiti", photo_before=None), location=spot(51.280246, 1.078912))
    one.send(wall)
    one.send(record("graffiti", good("graffiti", photo_before=None), location=None))
    assert one.down()["nearby"] == []
    told = other.down()
    (near,) = told["nearby"]
    assert (near["instanceId"], near["latitude"], near["longitude"]) == (wall.instance_id, 51.2802, 1.0789)
    assert near.keys() == {"instanceId", "formId", "title", "at", "latitude", "longitude"}
    assert other.down(since=told["cursor"])["nearby"] == []


def test_only_who_records_graffiti_learns_of_it(enrolled):
    enrolled().send(record("graffiti", good("graffiti", photo_before=None), location=spot(51.28, 1.07)))
    assert enrolled(Role.VOLUNTEER, "Walking bus").down()["nearby"] == []
