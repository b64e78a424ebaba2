"""A litter notice from the first tap to the paper: in so many taps and letters, with one number for ever."""

import json
import re
from datetime import UTC, datetime

import pytest
from officers import authorise, open_shift, stored, strip, take_photo, wait_until
from phones import problems_for_people
from playwright.sync_api import Page, expect
from running import RunningServer

from beatbook.forms import Field, load
from beatbook.settings import Settings

pytestmark = pytest.mark.browser

FORM = load(Settings().forms).newest("litter")
MOST_TAPS, MOST_LETTERS = 16, 70
SHUTTER = 1  # tapped in the camera, where we cannot count
COUNT_TAPS = "window.taps = 0; addEventListener('pointerdown', () => { taps += 1 }, true)"


def test_a_litter_notice_is_given_without_signal_in_sixteen_taps(running, phone, photo):
    page = on_patrol(running, phone)
    phone.go_offline()
    page.evaluate(COUNT_TAPS)
    letters = evidence(page, photo) + person(page, born="01011990")
    expect(page.get_by_text("Early payment until")).to_be_visible()
    button(page, "Yes to all 5").click()
    button(page, "Issue notice").click()
    expect(page.get_by_role("heading", name="Give this fixed penalty notice?")).to_be_visible()
    assert problems_for_people(page) == []
    assert stored(running) == []
    first = button(page, "Issue notice").count()
    assert first == 0, "the second button is not where the first one was"
    button(page, "Yes, issue the £200 notice").click()
    expect(page.get_by_role("heading", name="Fixed penalty notice")).to_be_visible()
    number = page.locator(".notice-no strong").inner_text()
    assert re.fullmatch(rf"L-{datetime.now(UTC):%y}-\d\d-0001", number)
    expect(page.get_by_role("img", name="A square to scan")).to_be_visible()
    expect(page.get_by_text("Never give money to an officer")).to_be_visible()
    assert problems_for_people(page) == []
    page.get_by_role("link", name="Done").click()
    assert page.evaluate("taps") + SHUTTER <= MOST_TAPS
    assert letters <= MOST_LETTERS

    phone.go_online()
    expect(strip(page)).to_have_text("All sent")
    ((_, _, payload),) = stored(running)
    record = json.loads(payload)
    assert record["answers"]["notice_no"] == number
    assert record["answers"]["amount"] == 200
    (shown,) = record["answers"]["photos.about"]
    assert (shown["shows"], shown["person"]) == ("litter_item", "no")
    assert record["answers"]["particulars"].startswith("You dropped or deposited litter (Cigarette end: white)")
    page.goto(f"{running.url}/#/record/{record['instanceId']}")
    page.get_by_role("link", name="Show the notice").click()
    button(page, "Something is wrong: ask to cancel").click()
    expect(page.get_by_label("Number of the notice")).to_have_value(number)
    page.get_by_role("group", name="Why?").get_by_text("Wrong person").click()
    page.get_by_label("In your own words").fill("It was her sister.")
    button(page, "Finish").click()
    wait_until(lambda: len(stored(running)) == 2)


def test_the_gate_stays_shut_for_the_young_and_stepping_away_keeps_the_record(running, phone, photo):
    page = on_patrol(running, phone)
    evidence(page, photo)
    person(page, born=f"0101{datetime.now(UTC).year - 15}")
    expect(page.get_by_text("They are under 16. Choose Young person.")).to_be_visible()
    expect(button(page, "Yes to all 5")).to_have_count(0)
    assert problems_for_people(page) == []
    button(page, "Issue notice").click()
    expect(page.get_by_text("A penalty is stopped here").first).to_be_visible()
    choose(page, outcome="juvenile")
    expect(button(page, "Record, no penalty")).to_be_visible()
    button(page, "Step away").click()
    expect(page.get_by_role("heading", name="Saved. Carry on later.")).to_be_visible()
    expect(page.get_by_role("link", name="Call 999")).to_have_attribute("href", "tel:999")
    assert problems_for_people(page) == []
    page.get_by_role("link", name="Resume").click()
    expect(page.get_by_label(question("full_name").label)).to_have_value("Ann Smith")
    button(page, "Record, no penalty").click()
    expect(page.get_by_role("heading", name="Saved on this phone")).to_be_visible()
    wait_until(lambda: len(stored(running)) == 1)
    kept = json.loads(stored(running)[0][2])["answers"]
    assert kept["age_band"] == "a10_15" and kept["outcome"] == "juvenile"
    assert not {"notice_no", "amount", "particulars"} & set(kept)
    assert kept["stepped_away_at"]


def on_patrol(running: RunningServer, phone) -> Page:
    """A phone whose officer may give notices for litter, and which has heard so."""
    page = open_shift(phone, running.start())
    authorise(running, page, "LIT", "LITC")
    return page


def evidence(page: Page, photo) -> int:
    """What was dropped, the photo, and what the officer saw. Returns the letters that were typed."""
    button(page, "Litter").click()
    choose(page, litter_kind="cig")
    take_photo(page, photo)
    page.get_by_role("group", name="Anybody in photo 1?").get_by_role("button", name="No").click()  # CH5
    page.get_by_label(question("litter_detail").label).click()
    letters = typed(page, "white", "by no. 14", "8")
    button(page, "I saw it dropped and left. Clear.").click()
    choose(page, outcome="fpn")
    return letters


def person(page: Page, born: str) -> int:
    page.get_by_label(question("full_name").label).click()
    letters = typed(page, "Ann Smith", born, "4 Kiln St", "CT1 2AB")
    choose(page, address_checked="id_document", vulnerability="none_seen")
    return letters


def typed(page: Page, *words: str) -> int:
    """Into one box after the other, each reached by the keyboard's own Next."""
    for number, each in enumerate(words):
        if number:
            page.keyboard.press("Enter")
        page.keyboard.type(each)
    return sum(map(len, words))


def choose(page: Page, **answers: str) -> None:
    """Tap one choice of each question, found by the words of the form file."""
    for name, chosen in answers.items():
        field = question(name)
        words = next(choice.label for choice in field.choices if choice.name == chosen)
        page.get_by_role("group", name=field.label).get_by_text(words, exact=True).click()


def button(page: Page, words: str):
    return page.get_by_role("button", name=words)


def question(name: str) -> Field:
    assert FORM
    field = FORM.field(name)
    assert field
    return field
