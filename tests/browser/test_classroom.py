"""The classroom: a class draws tickets, votes, hands them over and prints them, and counts with card numbers."""

import json
import math
import re
from collections.abc import Callable

import pytest
from officers import stored, wait_until
from phones import DESKTOP, TABLET, Phone, problems_for_people
from playwright.sync_api import Page, expect
from pupils import enrol_tablet, links_for, press, set_to_school_time
from running import RunningServer

from beatbook.models import Role

pytestmark = pytest.mark.browser

A4 = (595, 842)  # points
SMALLEST = 127.9  # pixels of a pupils' button; 128 and what rounding leaves
REAL_PENALTY = r"£|\bpenalt|\bcharge|\bnotice\b|\bpcn\b|\bcrest|\bcourt|\bpay by|\bwarning\b|\billegal"


def test_a_class_draws_votes_and_prints_and_a_grown_up_approves(running: RunningServer, another: Callable[..., Phone]):
    running.start()
    tablets_link, desk_link = links_for(running, (Role.PUPIL, "Tablet 3"), (Role.SUPERVISOR, "Kerry B"))
    page = enrol_tablet(another("tablet", viewport=TABLET), tablets_link)
    assert problems_for_people(page) == []
    page.get_by_role("link", name="Draw a ticket").click()
    press(page, "Northbrook Primary")
    press(page, "Year 4")
    for number, sticker in enumerate(("Lollipop sign", "Red car")):
        press(page, "Draw a new one")
        draw(page, sticker)
        if number == 0:
            undo_and_again(page)
            check_people_and_targets(page)
        press(page, "Done")
    expect(page.get_by_role("img", name=re.compile("Picture"))).to_have_count(2)
    check_people_and_targets(page)

    another_class_sees_nothing(page)
    vote(page, 2, 1, 2)
    expect(page.locator(".winner").get_by_text("2 votes")).to_be_visible()
    check_people_and_targets(page)
    press(page, "Send to a grown-up")
    wait_until(lambda: len(stored(running)) == 2)
    sent = [json.loads(payload) for _, _, payload in stored(running)]
    assert sorted(record["answers"]["votes"] for record in sent) == [1, 2]
    assert {key for record in sent for key in record["answers"]} == {"school", "made_by", "drawing", "votes"}  # MT1
    assert all(record["location"] is None for record in sent)  # MT3

    desk = another("desk", viewport=DESKTOP, touch=False).switch_on()
    desk.goto(desk_link)
    desk.get_by_role("button", name="Open the desk").click()
    desk.goto(f"{running.url}/desk/schools/northbrook/pictures")
    desk.get_by_role("button", name="Use for tickets").first.click()
    expect(desk.get_by_role("heading", name="On the school's tablets")).to_be_visible()
    assert problems_for_people(desk) == []

    page.goto(f"{running.url}/#/wow")
    set_to_school_time(page)
    a_class_counts_with_card_numbers(page, running)
    page.goto(f"{running.url}/#/paper/northbrook")
    page.reload()  # asks the office for what was approved
    expect(page.get_by_label("By Year 4")).to_be_checked(timeout=70_000)
    check_paper(page)
    desk.goto(f"{running.url}/desk/schools/northbrook/paper")
    desk.get_by_label("Newsletter tile").check()
    assert pages_of(desk) == [A4]


# What pupils do ---------------------------------------------------------------------------------------------------


def draw(page: Page, sticker: str) -> None:
    """A page, a sticker moved by buttons and by finger, and a line."""
    press(page, "Page")
    press(page, "Street")
    press(page, "Stickers")
    press(page, sticker)
    for name in ("Left", "Left", "Bigger", "Turn"):
        press(page, name)
    box = page.locator(".canvas").bounding_box()
    assert box
    x, y = box["x"] + box["width"] * 0.425, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 200, y - 60, steps=4)
    page.mouse.up()
    press(page, "Pen")
    press(page, "Red")
    press(page, "Thick")
    for turn in range(13):
        at = box["x"] + 200 + 60 * math.cos(turn * math.pi / 6), box["y"] + 150 + 60 * math.sin(turn * math.pi / 6)
        page.mouse.move(*at, steps=2)
        if turn == 0:
            page.mouse.down()
    page.mouse.up()


def undo_and_again(page: Page) -> None:
    parts = page.locator(".canvas > path, .canvas > g")
    before = parts.count()
    press(page, "Clear")
    expect(parts).not_to_have_count(before)
    press(page, "Undo")
    expect(parts).to_have_count(before)
    press(page, "Undo")
    press(page, "Again")
    expect(parts).to_have_count(before)


def a_class_counts_with_card_numbers(page: Page, running: RunningServer) -> None:
    """Each its own card; whoever tapped wrongly taps again."""
    press(page, "Northbrook Primary", "Year 5", "With card numbers")
    for card, mode in (("12", "Walked"), ("7", "Car"), ("7", "Scooted")):
        press(page, *card, "Next", mode)
    press(page, "Done")
    wait_until(lambda: len(stored(running)) == 3)
    (cards,) = (json.loads(payload)["answers"] for _, _, payload in stored(running) if b'"wow_tally"' in payload)
    assert cards["stamps"] == [{"card_no": 12, "mode": "walk"}, {"card_no": 7, "mode": "scoot"}]
    assert (cards["n_walk"], cards["n_scoot"], cards["n_car"]) == (1, 1, 0)


def another_class_sees_nothing(page: Page) -> None:
    tap_back(page)
    press(page, "Northbrook Primary")
    press(page, "Year 6")
    expect(page.get_by_text("No pictures yet.")).to_be_visible()
    tap_back(page)
    press(page, "Northbrook Primary")
    press(page, "Year 4")


def tap_back(page: Page) -> None:
    page.get_by_role("link", name="Back").click()


def vote(page: Page, *pictures: int) -> None:
    press(page, "Vote")
    for number in pictures:
        page.get_by_role("button", name=f"Picture {number}", exact=True).click()
        expect(page.get_by_text("Now pass the tablet on.")).to_be_visible()
        press(page, "Next one")
    page.get_by_role("button", name="Picture 1", exact=True).click()
    press(page, "Undo my vote")
    press(page, "We all voted")


# What is looked at ------------------------------------------------------------------------------------------------


def check_people_and_targets(page: Page) -> None:
    assert problems_for_people(page) == []
    for each in page.locator("button:visible, a:visible").all():
        box = each.bounding_box()
        assert box and min(box["width"], box["height"]) >= SMALLEST, each.inner_text()


def check_paper(page: Page) -> None:
    """Each kind of sheet: so many pages of A4, nothing cut off, and the words that must and must not stand there."""
    for kind, pages in {
        "Numbered tickets": 3,
        "Blank tickets": 3,
        "Patrol certificates": 1,
        "Walking cards": 4,
        "Stickers": 1,
    }.items():
        page.get_by_label(kind, exact=True).check()
        assert pages_of(page) == [A4] * pages, kind
        assert cut_off(page) == 0, kind
        words = page.locator(".sheets").inner_text()
        assert not re.search(REAL_PENALTY, words, re.IGNORECASE), "MT8"
        assert not re.search(r"(?<!not a )\bfine\b", words, re.IGNORECASE), "MT8"
        if "tickets" in kind:
            tickets = page.locator(".paper-ticket")
            expect(tickets).to_have_count(pages * 4)
            expect(tickets.get_by_text("This is not a fine.")).to_have_count(pages * 4)  # MT7
            expect(tickets.get_by_text("There is nothing to pay.")).to_have_count(pages * 4)
    page.get_by_label("Numbered tickets").check()
    assert re.findall(r"FOX-\d\d", page.locator(".sheets").inner_text()) == [f"FOX-{n:02}" for n in range(1, 13)]
    assert problems_for_people(page) == []


def pages_of(page: Page) -> list[tuple[int, int]]:
    """The boxes of the pages, as they come out of the printer. Chromium writes them plainly into its PDF."""
    pdf = page.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", pdf)
    assert len(boxes) == len(re.findall(rb"/Type\s*/Page\b", pdf))
    return [(round(float(width)), round(float(height))) for width, height in boxes]


def cut_off(page: Page) -> int:
    return page.evaluate(
        """[...document.querySelectorAll('.paper-ticket, .certificate, .walking-card, .round')].filter((each) =>
          each.scrollHeight > each.clientHeight + 1 || each.scrollWidth > each.clientWidth + 1).length"""
    )
