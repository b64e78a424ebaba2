"""Advice cards: read with suspicion, served once, never shown as current when they are not, readable by anybody."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from actors import Clock, Device, Supervisor, a_record, read
from sqlmodel import func, select
from starlette.testclient import TestClient

from beatbook import advice
from beatbook.advice import Card, CardError, Cards
from beatbook.advice.cards import CONDITIONS, Reading, words_of
from beatbook.forms.effort import reading_age
from beatbook.models import Event, Role
from beatbook.office import Office
from beatbook.settings import Settings

CASES = json.loads((Path(__file__).parents[1] / "cases" / "advice.json").read_text(encoding="utf-8"))
OURS = advice.load(Settings().advice)
# The table of A11.
WANTED = {"P-1", "P-2", "W-1", "Y-1", "Y-2", "F-1", "F-2", "F-3", "F-4", "B-1", "H-1", "H-2", "H-3", "N-1"}


def source(**changes: Any) -> dict[str, Any]:
    given = {
        "code": "T-1",
        "version": 1,
        "title": "A card",
        "audience": ["all"],
        "language": "en",
        "source_note": "Us, today.",
        "review_due": date(2027, 1, 1),
        "body": "Turn round.",
        **changes,
    }
    return {name: value for name, value in given.items() if value is not None}


def a_card(**changes: Any) -> Card:
    return Reading("T-1.toml").card(source(**changes))


# Our own cards --------------------------------------------------------------------------------------------------


def test_every_card_of_the_table_is_there():
    assert {card.code for card in OURS} == WANTED


@pytest.mark.parametrize("card", list(OURS), ids=lambda card: card.code)
def test_a_ten_year_old_can_read_it_in_every_wording(card: Card):
    for condition in CONDITIONS:
        age = reading_age([words for _, words in card.said(date(2026, 1, 1), SCHOOLS[condition]).blocks])
        assert age is not None
        assert age <= 10, condition
        assert len(words_of(card, condition)) <= 120


SCHOOLS = {
    "usual": None,
    "mandatory": {"skc_kind": "mandatory", "skc_times": "in the morning"},
    "enforceable": {"pavement_enforceable": "yes"},
}


# What a card says -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_card_says_what_the_vectors_say(case: dict[str, Any]):
    """Also run by tests/browser/unit/advice.test.ts, so that phone and page say the same."""
    card = a_card(**{name: value_of(name, value) for name, value in case["card"].items()})
    assert json.loads(json.dumps(card.to_wire()["blocks"])) == case["wire"]["blocks"]
    said = card.said(date.fromisoformat(case["on"]), case["school"])
    assert [list(block) for block in said.blocks] == case["said"]
    assert (str(said.left_out) if said.left_out else None) == case["leftOut"]


def value_of(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name == "fact_valid_until" else value


def test_hu6_no_card_of_ours_shows_a_figure_after_its_day():
    for card in OURS:
        figures = [part.text for block in card.blocks for part in block.parts if part.kind == "figure"]
        if figures:
            assert card.fact_valid_until
            later = card.said(date(2099, 1, 1))
            assert later.left_out == card.fact_valid_until
            assert not [figure for figure in figures if figure in " ".join(words for _, words in later.blocks)]


def test_pk3_no_school_is_told_must_not_unless_its_sign_says_so():
    gate = OURS.find("P-1")
    assert gate
    signed = {"skc_kind": "mandatory", "skc_times": "8.30 to 9.30"}
    for school in (
        None,
        {"skc_kind": "advisory", "skc_times": "8.30 to 9.30"},
        {"skc_kind": "mandatory", "skc_times": ""},
    ):
        assert "must not" not in spoken(gate, school)
    assert "must not stop on the yellow zig-zags 8.30 to 9.30" in spoken(gate, signed)


def test_pk4_pavement_parking_is_no_offence_unless_the_area_says_so():
    gate = OURS.find("P-1")
    assert gate
    assert "penalty" not in spoken(gate, {"pavement_enforceable": "no"})
    assert "penalty" in spoken(gate, {"pavement_enforceable": "yes"})


def spoken(card: Card, school: dict[str, str] | None) -> str:
    return " ".join(words for _, words in card.said(date(2026, 1, 1), school).blocks)


# Files that are wrong -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": None}, "title: this is missing."),
        ({"code": "T-2"}, "code: this file should be called T-2.toml. A code reads like P-1."),
        ({"titel": "x"}, "titel: unknown key. Did you mean title?"),
        ({"version": "1"}, "version: this should be a whole number."),
        ({"review_due": datetime(2027, 1, 1, tzinfo=UTC)}, "review_due: this should be a date, without quotes."),
        ({"audience": ["driver"]}, "audience: unknown audience driver. Did you mean drivers?"),
        ({"title": "x" * 61}, "title: it has 61 letters; 60 are the most."),
        ({"body": "word " * 121}, "body: it has 121 words; 120 are the most."),
        ({"body": "A depth of 30 cm."}, "body: 30 is a figure. Write {figure: …} around its sentence."),
        ({"body": "{figure: 30 cm.}"}, "fact_valid_until: this is missing. A card with figures"),
        ({"body": "{figure: 30 cm."}, "body: a brace stands alone or inside another."),
        ({"body": "{stop}"}, "body: unknown slot {stop}. Add a table [words.stop]."),
        ({"words": {"stop": {"usual": "x"}}}, "words.stop: the body does not use {stop}."),
        ({"body": "{a}", "words": {"a": {"mandatory": "x"}}}, "words.a: usual is missing."),
        ({"body": "{a}", "words": {"a": {"usual": "x", "must": "y"}}}, "words.a: unknown condition must. There are:"),
        ({"body": "You must not stop."}, "body: not every school may say “must not stop” (PK3)."),
        ({"body": "Parking on the pavement is an offence."}, "body: parking on a pavement is not an offence every"),
    ],
)
def test_a_card_that_is_wrong_says_what_and_where(changes: dict[str, Any], said: str):
    with pytest.raises(CardError) as refused:
        a_card(**changes)
    assert str(refused.value).startswith(f"T-1.toml: {said}")


def test_a_folder_may_be_a_councils_own(tmp_path: Path):
    (tmp_path / "T-1.toml").write_text("code = ", encoding="utf-8")
    with pytest.raises(CardError, match="this is not TOML"):
        advice.load(tmp_path)
    (tmp_path / "T-1.toml").unlink()
    assert list(advice.load(tmp_path)) == []


# To phones ------------------------------------------------------------------------------------------------------


def test_hu7_one_fetch_brings_every_card_and_the_schools_it_asks(enrolled: Callable[..., Device], pupil: Device):
    officer = enrolled(Role.FORESHORE, "Foreshore 1")  # who has no form about schools
    fetched = officer.down()
    assert {card["code"] for card in fetched["advice"]} == WANTED
    assert "schools" in {one["name"] for one in fetched["lists"]}
    assert officer.down(fetched["cursor"])["advice"] == []
    assert pupil.down()["advice"] == []


def test_a_card_that_changed_is_sent_again_and_forms_are_not(officer: Device, office: Office):
    cursor = officer.down()["cursor"]
    office.cards = Cards([a_card(version=2)])
    fetched = officer.down(cursor)
    assert [card["version"] for card in fetched["advice"]] == [2]
    assert fetched["forms"] == []


# The public page ------------------------------------------------------------------------------------------------


def test_anybody_reads_a_card_and_nobody_is_followed(server: TestClient, office: Office):
    def events() -> int:
        with office.database.reading() as session:
            return session.exec(select(func.count()).select_from(Event)).one()

    before = events()
    page = server.get("/advice/p-1")
    assert page.status_code == 200
    assert "Please do not stop on the yellow zig-zags" in read(page)
    assert "set-cookie" not in page.headers
    assert "http" not in page.text.replace(office.settings.link, "")
    assert events() == before
    assert "You must not stop" in read(server.get("/advice/P-1?school=northbrook"))
    assert "Please do not stop" in read(server.get("/advice/P-1?school=nonsense"))


def test_a_card_that_there_is_not_is_said_to_a_person(server: TestClient):
    page = server.get("/advice/X-9")
    assert page.status_code == 404
    assert "We do not have this card" in read(page)


def test_hu6_the_page_leaves_old_figures_out_and_says_so(server: TestClient, clock: Clock):
    fresh = read(server.get("/advice/F-1"))
    assert "30 cm" in fresh
    assert "left out" not in fresh
    clock.now = datetime(2028, 1, 1, tzinfo=UTC)
    later = read(server.get("/advice/F-1"))
    assert "30 cm" not in later
    assert "Some facts are left out: they were good until Fri 31 Dec 2027." in later


# Given -----------------------------------------------------------------------------------------------------------


def test_a_card_can_be_noted_as_given_on_other_forms_and_is_counted_by_place(officer, supervisor):
    (cards,) = [one for one in officer.down()["lists"] if one["name"] == "advice_cards"]
    assert {row["name"] for row in cards["rows"]} == WANTED
    huts = {"checks": [{"hut": "tankerton_1", "overall": "minor", "advice_left": ["H-1", "B-1"]}, {"advice_left": 7}]}
    first = a_record(form="driver_contact", answers={"cards_given": ["P-1"]}, attachments=[])
    mended = a_record(
        form="driver_contact", answers={"cards_given": ["P-1"]}, attachments=[], replaces=first.instance_id
    )
    officer.send(first, mended, a_record(form="hut_round", answers={"hut_row": "tankerton", **huts}, attachments=[]))
    page = read(supervisor.open("/desk/advice"))
    assert "P-1 Parking at the school gate Drivers Wed 1 Sep 2027 No figures – – – – – – – – 0 1" in page
    assert "H-1" in page and "Where they were shown or given" in page
    record = read(supervisor.open(f"/desk/records/{mended.instance_id}"))
    assert "Advice cards given Parking at the school gate" in record, "by its title, not its code"


# How often shown ------------------------------------------------------------------------------------------------


def test_what_phones_counted_stands_at_the_desk_by_card_week_and_place(
    officer: Device, supervisor: Supervisor, clock: Clock
):
    rows = [
        {"card": "P-1", "version": 1, "day": "2026-11-20", "place": "Northbrook Primary", "times": 3},
        {"card": "P-1", "version": 1, "day": "2026-11-09", "place": "Northbrook Primary", "times": 2},
        {"card": "H-3", "version": 1, "day": "2026-11-20", "times": 1},
    ]
    odd = [{"card": "P-1", "day": "2026-11-20", "times": times} for times in (-4, 0, True, "9", 10**9)]
    counted = a_record(
        form="advice_shown", answers={"shown": [*rows, *odd, 7, {"card": "P-1", "day": "x", "times": 1}]}
    )
    (result, *_) = officer.send(counted, counted)
    assert result["status"] == "stored"
    shown = read(supervisor.open("/desk/advice"))
    assert "P-1 Parking at the school gate Drivers Wed 1 Sep 2027 No figures – – – – – – 2 3 5 0" in shown
    assert "Northbrook Primary P-1 5 5" in shown
    assert "No place named H-3 1 1" in shown
    assert "No records yet" in read(supervisor.open("/desk/records"))


def test_cards_past_their_review_stand_first(supervisor: Supervisor, clock: Clock):
    clock.now = datetime(2027, 1, 15, 9, tzinfo=UTC)
    supervisor = Supervisor.join(supervisor.office, supervisor.http, "Tom H")
    shown = read(supervisor.open("/desk/advice"))
    assert "Given B-1 Barbecues and beach huts Beach hut owners Thu 31 Dec 2026 Past Tue 31 Mar 2026 Left out" in shown
