"""The demonstration: a district that looks alive, that stands up to `verify`, and that touches nobody's real folder."""

import json
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from actors import Clock
from sqlmodel import col, select

from beatbook import demo, designs, notices, patrols, people, schools, submissions, verification, wow
from beatbook.demo import district, enforcement, pictures, records, rounds, school
from beatbook.demo.records import View
from beatbook.forms import Forms, load
from beatbook.models import Device, Event, Person, ReviewState, Role, Submission
from beatbook.office import Office, open_office
from beatbook.people import May
from beatbook.problems import CodeUsed
from beatbook.settings import Settings

ENFORCED = (*enforcement.CASES, *enforcement.REPORTS)
pytestmark = pytest.mark.xdist_group("demonstration")  # the district is drawn once, not once for each worker
NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def seen() -> list[View]:
    """The district's photos, drawn once."""
    began, cpu = time.monotonic(), time.process_time()
    found = records.views()
    count = sum(len(view.pictures) for view in found)
    print(f"{count} photos drawn in {time.monotonic() - began:.1f} s, {time.process_time() - cpu:.1f} s of CPU")
    return found


@pytest.fixture(scope="module")
def filled_folder(seen: list[View], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "data"
    office = open_office(Settings(data=folder), Clock(NOW))
    told: list[str] = []
    began = time.monotonic()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "views", lambda: seen)
        demo.fill(office, now=NOW, tell=told.append)
    print(f"filled in {time.monotonic() - began:.1f} s beside the drawing")
    office.close()
    assert any("records over" in line for line in told)
    return folder


@pytest.fixture
def district_office(filled_folder: Path, tmp_path: Path) -> Iterator[Office]:
    """An office on a copy of the district."""
    shutil.copytree(filled_folder, tmp_path / "demo")
    office = open_office(Settings(data=tmp_path / "demo"), Clock(NOW))
    yield office
    office.close()


@pytest.fixture(scope="module")
def forms() -> Forms:
    return load(Settings().forms)


def everything(office: Office) -> list[Submission]:
    """All but the rounds and the pupils' patrols, which have tests of their own."""
    with office.database.reading() as session:
        found = submissions.find(session, limit=2000)
    return [one for one in found if one.form_id not in (*rounds.FORMS, *OUTINGS, *SCHOOLS)]


OUTINGS = (patrols.OPENING, patrols.STEP, patrols.TICKET)
SCHOOLS = ("wow_tally", "ticket_design")


# What is there --------------------------------------------------------------------------------------------------


def test_everything_in_the_district_passes_verification(district_office: Office):
    assert list(verification.verify(district_office)) == []


def test_every_role_has_somebody_or_a_device(district_office: Office):
    with district_office.database.reading() as session:
        roles = {one.role for table in (Person, Device) for one in session.exec(select(table))}
    assert roles == set(Role)


def test_there_is_something_in_every_state_of_review(district_office: Office):
    counts = Counter(one.review_state for one in everything(district_office))
    assert sum(counts.values()) == records.RECORDS + len(ENFORCED)
    assert counts[ReviewState.RECEIVED] == records.WAITING + sum(case.days < 4 for case in ENFORCED)
    assert counts[ReviewState.HAS_ISSUES] == len(records.SENT_BACK)
    assert counts[ReviewState.REJECTED] == len(records.NOT_ACCEPTED)
    assert counts[ReviewState.EDITED] == len(records.MENDS)


def test_both_forms_are_well_used(district_office: Office):
    with district_office.database.reading() as session:
        counts = submissions.form_counts(session)
    assert min(counts["graffiti"], counts["litter"]) > 90


def test_notices_stand_in_many_ways_and_each_phone_has_its_own_numbers(district_office: Office):
    with district_office.database.reading() as session:
        found = notices.all_with_steps(session)
    states = {notices.standing(notice, steps, NOW.date()).state for notice, steps in found}
    assert states >= {"discount_open", "representation", "paid_discount", "paid_full", "cancelled", "with_legal"}
    assert states >= {"reminder_due", "overdue", "given"}
    numbers = [notice.number for notice, _ in found]
    assert len(set(numbers)) == len(numbers)
    assert {number.split("-")[2] for number in numbers} == {"01", "02"}


def test_the_rounds_are_whole_without_a_warning_and_show_what_became_of_a_school(district_office: Office):
    with district_office.database.reading() as session:
        found = [one for one in submissions.find(session, limit=2000) if one.form_id in rounds.FORMS]
    assert {one.form_id for one in found} == set(rounds.FORMS)
    assert not [(one.form_id, one.warnings) for one in found if one.warnings or not one.complete]
    northbrook = [json.loads(one.payload)["answers"] for one in found if "School gate, Northbrook" in one.title]
    assert northbrook[-1]["c_skc"] > 3 * northbrook[0]["c_skc"]  # the newest comes first
    assert {flag["name"] for one in found for flag in one.flags} >= {"hut-unsafe", "signs-work", "too-few-adults"}


def test_the_schools_walk_draw_and_are_visited(district_office: Office):
    with district_office.database.reading() as session:
        sent = [one for one in submissions.find(session, limit=2000) if one.form_id in SCHOOLS]
        assert [one.title for one in sent if one.warnings] == []
        town, rules = ZoneInfo("Europe/London"), schools.rules_of(session, "northbrook")
        found = wow.tallies(session, district_office.forms, "northbrook", rules, town)
        weeks = wow.weeks(found, rules, now=NOW, zone=town)
        assert len(weeks) == school.WEEKS and all(week.winners for week in weeks)
        assert (wow.baseline(found, rules) or 100) < (wow.school_share(found, rules)[-1][1] or 0)
        assert len(wow.trophies(session, "northbrook")) >= school.WEEKS - 1
        seagate = wow.weeks(
            wow.tallies(session, district_office.forms, "seagate", rules, town), rules, now=NOW, zone=town
        )
        assert not [one for week in seagate for one in week.standings if one.roll < wow.LEAST_SHOWN]
        assert len(designs.for_device(session, district_office.forms, Role.PUPIL, "northbrook")) == 3
        visits = schools.visits(session, "northbrook", since=NOW.date() - timedelta(days=90), zone=town)
        first, last = schools.before_and_after(visits) or (None, None)
        assert first and last and first.on_markings > last.on_markings


def test_one_record_waits_for_a_photo_and_all_others_are_whole(district_office: Office):
    incomplete = [one.instance_id for one in everything(district_office) if not one.complete]
    with district_office.database.reading() as session:
        photos = submissions.photos_of(session, incomplete[0])
    assert len(incomplete) == 1
    assert [photo.held for photo in photos] == [True, False]


def test_only_the_odd_records_carry_warnings(district_office: Office):
    """Else the forms have changed and the district has not."""
    warned = Counter(warning["code"] for one in everything(district_office) for warning in one.warnings)
    assert warned == {"clock": 2, "required": 2, "place": 2, "form-newer": 1}


def test_the_newest_wait_and_what_was_sent_back_says_why(district_office: Office):
    newest = everything(district_office)[: records.WAITING - 2]
    assert {one.review_state for one in newest} == {ReviewState.RECEIVED}
    with district_office.database.reading() as session:
        for one in submissions.find(session, state=ReviewState.HAS_ISSUES):
            decision, person = submissions.reviews_of(session, one.instance_id)[-1]
            assert decision.reason in submissions.REASONS
            assert people.may(person.role, May.REVIEW)


def test_the_log_reads_as_it_happened(district_office: Office):
    """A record is made, then received, then looked at, then decided about, and nothing lies in the future."""
    with district_office.database.reading() as session:
        happened = [
            event.at for event in session.exec(select(Event).order_by(col(Event.seq))) if event.kind in IN_ORDER
        ]
        for decision in (one for one in session.exec(select(Event)) if one.kind == "submission.reviewed"):
            assert decision.at > submissions.get(session, decision.subject).received_at
    assert happened == sorted(happened)
    assert max(happened) < NOW
    for one in everything(district_office):
        if one.captured_at and not any(warning["code"] == "clock" for warning in one.warnings):
            assert one.captured_at <= one.received_at


IN_ORDER = ("submission.received", "attachment.received", "submission.reviewed")


def test_a_patrol_is_open_and_four_were_before_each_greener_than_the_last(district_office: Office):
    with district_office.database.reading() as session:
        found = patrols.recent(session)
        steps = patrols.patrol.steps_of(session, [one.id for one in found])
        standing = [patrols.standing_of(one, steps[one.id], NOW) for one in found]
        counted = [patrols.counts(session, one.id) for one in found]
        waiting = patrols.pending(session)
    assert [one.state for one in standing] == ["open", "closed", "closed", "closed", "closed"]
    green = [one.results["green"] / one.tickets for one in counted[1:]]
    assert green == sorted(green, reverse=True)
    assert not any(one.unread for one in standing)
    assert all(one.released_at for one in standing[1:])
    assert len(waiting) == 2


def test_numbers_of_a_device_have_no_gap(district_office: Office):
    counters: dict[str, list[int]] = {}
    with district_office.database.reading() as session:
        for one in submissions.find(session, limit=2000):  # of every form: a device counts them together
            counters.setdefault(one.device_id, []).append(one.counter or 0)
    for given in counters.values():
        assert sorted(given) == list(range(1, len(given) + 1))


def test_lists_of_schools_places_classes_and_rows_of_huts_are_there(forms: Forms):
    schools = {row["name"] for row in forms.lists["schools"]}
    for name in ("school_places", "school_classes"):
        assert {row["school"] for row in forms.lists[name]} == schools
    rows = Counter(row["row"] for row in forms.lists["huts"])
    assert max(rows.values()) == 120
    assert set(rows) <= {row["name"] for row in forms.lists["hut_rows"]}
    assert set(rows) >= set(district.HUT_ROWS.values())


# The same every time --------------------------------------------------------------------------------------------


def test_the_same_district_comes_out_whenever_it_begins(forms: Forms, seen: list[View]):
    """Only the times differ."""
    first = records.records(forms, seen, now=NOW, zone="Europe/London")
    later = records.records(forms, seen, now=NOW + timedelta(days=117, hours=9), zone="Europe/London")

    def places(made: list[records.Made]) -> dict[int, str]:
        return {one.number: submissions_place(one.payload) for one in made}

    assert places(first) == places(later)
    assert max(one.received_at for one in later) < NOW + timedelta(days=117, hours=9)


def submissions_place(payload: bytes) -> str:
    from beatbook import envelope

    return str(envelope.read(payload).answers["place_text"])


def test_the_same_picture_is_drawn_every_time_and_another_number_draws_another():
    assert pictures.photo("beach", 1, "can") == pictures.photo("beach", 1, "can")
    assert pictures.photo("beach", 1, "can") != pictures.photo("beach", 2, "can")


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_it_may_begin_at_any_hour(forms: Forms, seen: list[View], hour: int):
    now = datetime(2026, 3, 29, hour, 5, tzinfo=UTC)  # the day the clocks go forward
    made = records.records(forms, seen, now=now, zone="Europe/London")
    assert len({one.instance_id for one in made}) == records.RECORDS
    for one in made:
        assert one.received_at < now
        assert one.decision is None or one.received_at < one.decision.at < now


# Whose folder ---------------------------------------------------------------------------------------------------


def test_filling_again_changes_nothing(district_office: Office):
    with district_office.database.reading() as session:
        before = submissions.state_of(session).seq
    told: list[str] = []
    demo.fill(district_office, now=NOW + timedelta(days=1), tell=told.append)
    with district_office.database.reading() as session:
        assert submissions.state_of(session).seq == before
    assert told == []


def test_a_folder_that_is_in_use_is_neither_filled_nor_opened(office: Office):
    office.database.write(lambda session: people.add_person(session, "Real Person", Role.ADMIN, now=NOW))
    with pytest.raises(ValueError, match="is in use already"):
        demo.fill(office, now=NOW, tell=print)
    with pytest.raises(ValueError, match="is in use already"):
        demo.links(office, now=NOW)
    assert everything(office) == []


def test_a_district_that_was_interrupted_is_not_taken_for_whole(office: Office, monkeypatch: pytest.MonkeyPatch):
    def stop() -> list[View]:
        raise KeyboardInterrupt

    monkeypatch.setattr(records, "views", stop)
    with pytest.raises(KeyboardInterrupt):
        demo.fill(office, now=NOW, tell=print)
    with pytest.raises(ValueError, match="was interrupted"):
        demo.fill(office, now=NOW, tell=print)


def test_an_empty_folder_gets_no_links(office: Office):
    with pytest.raises(ValueError, match="not filled"):
        demo.links(office, now=NOW)


# Links ----------------------------------------------------------------------------------------------------------


def test_there_is_a_link_for_the_phone_the_tablet_and_the_desk(district_office: Office):
    phone, tablet, desk, head = demo.links(district_office, now=NOW)
    assert phone.what == "Officer's phone"
    assert phone.url.startswith("http://127.0.0.1:8000/#/enrol/")
    assert tablet.what == "Pupils' tablet"
    assert tablet.url.startswith("http://localhost:8000/#/enrol/"), "one browser should be able to hold both"
    assert desk.what == "Supervisor's desk"
    assert desk.url.startswith("http://127.0.0.1:8000/desk/join/")
    assert head.what == "School's desk"
    assert head.url.startswith("http://localhost:8000/desk/join/")


def test_the_links_for_devices_work_once_and_the_desks_often_for_a_day(district_office: Office):
    phone, tablet, desk, _ = (link.url.rpartition("/")[2] for link in demo.links(district_office, now=NOW))
    later = NOW + timedelta(hours=23)
    write = district_office.database.write
    assert write(lambda session: people.enrol(session, phone, now=later)).device.role is Role.OFFICER
    assert write(lambda session: people.enrol(session, tablet, now=later)).device.role is Role.PUPIL
    with pytest.raises(CodeUsed):
        write(lambda session: people.enrol(session, phone, now=later))
    for _ in range(2):
        person, _ = write(lambda session: people.join(session, desk, now=later))
        assert (person.name, person.role) == (district.HOST.name, Role.SUPERVISOR)


def test_every_start_gives_fresh_links(district_office: Office):
    first, second = (demo.links(district_office, now=NOW) for _ in range(2))
    assert not {link.url for link in first} & {link.url for link in second}


@pytest.mark.parametrize(
    ("link", "phone", "tablet"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000", "http://localhost:8000"),
        ("http://localhost:9000", "http://127.0.0.1:9000", "http://localhost:9000"),
        ("https://beat.example", "https://beat.example", "https://beat.example"),
        ("http://192.168.1.9:8000", "http://192.168.1.9:8000", "http://192.168.1.9:8000"),
    ],
)
def test_only_this_machine_has_two_names(link: str, phone: str, tablet: str):
    assert demo.addresses(link) == (phone, tablet)


def test_nobody_in_the_district_has_a_password(district_office: Office):
    with district_office.database.reading() as session:
        assert {person.password_hash for person in session.exec(select(Person))} == {None}
