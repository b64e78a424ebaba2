"""The classroom: a class draws tickets, votes, hands them over and prints them, and counts who walked."""

import json
import math
import re
from collections.abc import Callable

import pytest
from officers import stored, wait_until
from phones import DESKTOP, TABLET, Phone, problems_for_people
from playwright.sync_api import Locator, Page, expect
from running import RunningServer

pytestmark = pytest.mark.browser

A4 = (595, 842)  # points
SMALLEST = 127.9  # pixels of a pupils' button; 128 and what rounding leaves
REAL_PENALTY = r"£|\bpenalt|\bcharge|\bnotice\b|\bpcn\b|\bcrest|\bcourt|\bpay by|\bwarning\b|\billegal"


def test_a_class_draws_votes_and_prints_and_a_grown_up_approves(running: RunningServer, another: Callable[..., Phone]):
    page = class_tablet(another("tablet", viewport=TABLET), running.start())
    assert problems_for_people(page) == []
    page.get_by_role("link", name="Draw a ticket").click()
    tap(page, "Northbrook Primary")
    tap(page, "Year 4")
    for number, sticker in enumerate(("Lollipop sign", "Red car")):
        tap(page, "Draw a new one")
        draw(page, sticker)
        if number == 0:
            undo_and_again(page)
            check_people_and_targets(page)
        tap(page, "Done")
    expect(page.get_by_role("img", name=re.compile("Picture"))).to_have_count(2)
    check_people_and_targets(page)

    another_class_sees_nothing(page)
    vote(page, 2, 1, 2)
    expect(page.locator(".winner").get_by_text("2 votes")).to_be_visible()
    check_people_and_targets(page)
    tap(page, "Send to a grown-up")
    wait_until(lambda: len(stored(running)) == 2)
    sent = [json.loads(payload) for _, _, payload in stored(running)]
    assert sorted(record["answers"]["votes"] for record in sent) == [1, 2]
    assert {key for record in sent for key in record["answers"]} == {"school", "made_by", "drawing", "votes"}  # MT1
    assert all(record["location"] is None for record in sent)  # MT3

    desk = at_the_desk(another("desk", viewport=DESKTOP, touch=False), running)
    desk.goto(f"{running.url}/desk/schools/northbrook/pictures")
    desk.get_by_role("button", name="Use for tickets").first.click()
    expect(desk.get_by_role("heading", name="On the school's tablets")).to_be_visible()
    assert problems_for_people(desk) == []

    page.reload()
    page.goto(f"{running.url}/#/paper/northbrook")
    expect(page.get_by_label("By Year 4")).to_be_checked(timeout=70_000)
    check_paper(page)
    desk.goto(f"{running.url}/desk/schools/northbrook/paper")
    desk.get_by_label("Newsletter tile").check()
    assert pages_of(desk) == [A4]


def test_a_class_of_thirty_is_counted_in_eighteen_taps(running: RunningServer, another: Callable[..., Phone]):
    page = class_tablet(another("tablet", viewport=TABLET), running.start(), "school", "Northbrook office")
    page.goto(f"{running.url}/#/wow")
    tap(page, "Northbrook Primary")
    taps = 0

    def count(*names: str) -> None:
        nonlocal taps
        for name in names:
            button(page, name).click()
            taps += 1

    count("Year 3", "1", "4", "Scooted", "3", "Cycled", "2", "Park and stride", "4")
    expect(page.get_by_text("7 to go")).to_be_visible()
    check_people_and_targets(page)
    count("Bus or train", "9")
    expect(page.get_by_text("2 too many")).to_be_visible()
    count("3", "Car")
    expect(page.get_by_text("4 to go")).to_be_visible()
    count("The other 4", "Done")
    expect(page.get_by_text("23 of 30 came on foot or wheels.")).to_be_visible()
    assert taps <= 18
    wait_until(lambda: len(stored(running)) == 1)
    ((_, _, payload),) = stored(running)
    answers = json.loads(payload)["answers"]
    assert (answers["n_walk"], answers["n_bus"], answers["n_car"], answers["stickers"]) == (14, 3, 4, 23)

    tap(page, "Another class")
    tap(page, "Northbrook Primary")
    tap(page, "Year 5")
    tap(page, "With card numbers")
    for card, mode in (("12", "Walked"), ("7", "Car"), ("7", "Scooted")):
        for digit in card:
            tap(page, digit)
        tap(page, "Next")
        tap(page, mode)
    tap(page, "Done")
    wait_until(lambda: len(stored(running)) == 2)
    cards = json.loads(stored(running)[1][2])["answers"]
    assert cards["stamps"] == [{"card_no": 12, "mode": "walk"}, {"card_no": 7, "mode": "scoot"}]
    assert (cards["n_walk"], cards["n_scoot"], cards["n_car"]) == (1, 1, 0)


# What pupils do ---------------------------------------------------------------------------------------------------


def class_tablet(tablet: Phone, server: RunningServer, role: str = "pupil", name: str = "Tablet 3") -> Page:
    page = tablet.switch_on()
    page.goto(server.invite(role, name)["url"])
    page.get_by_role("button", name="Set up this").click()
    page.get_by_role("link", name="Start").click()
    expect(
        page.get_by_role("link", name="Draw a ticket").or_(page.get_by_role("button", name="Walk to school"))
    ).to_be_visible()
    return page


def button(page: Page, name: str) -> Locator:
    """A tile by the words on it; a box of the tally has its number behind them."""
    return page.get_by_role("button", name=re.compile(rf"^{re.escape(name)}( \d+)?$"))


def tap(page: Page, name: str) -> None:
    button(page, name).click()


def draw(page: Page, sticker: str) -> None:
    """A page, a sticker moved by buttons and by finger, and a line."""
    tap(page, "Page")
    tap(page, "Street")
    tap(page, "Stickers")
    tap(page, sticker)
    for name in ("Left", "Left", "Bigger", "Turn"):
        tap(page, name)
    box = page.locator(".canvas").bounding_box()
    assert box
    x, y = box["x"] + box["width"] * 0.425, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 200, y - 60, steps=4)
    page.mouse.up()
    tap(page, "Pen")
    tap(page, "Red")
    tap(page, "Thick")
    for turn in range(13):
        at = box["x"] + 200 + 60 * math.cos(turn * math.pi / 6), box["y"] + 150 + 60 * math.sin(turn * math.pi / 6)
        page.mouse.move(*at, steps=2)
        if turn == 0:
            page.mouse.down()
    page.mouse.up()


def undo_and_again(page: Page) -> None:
    parts = page.locator(".canvas > path, .canvas > g")
    before = parts.count()
    tap(page, "Clear")
    expect(parts).not_to_have_count(before)
    tap(page, "Undo")
    expect(parts).to_have_count(before)
    tap(page, "Undo")
    tap(page, "Again")
    expect(parts).to_have_count(before)


def another_class_sees_nothing(page: Page) -> None:
    tap_back(page)
    tap(page, "Northbrook Primary")
    tap(page, "Year 6")
    expect(page.get_by_text("No pictures yet.")).to_be_visible()
    tap_back(page)
    tap(page, "Northbrook Primary")
    tap(page, "Year 4")


def tap_back(page: Page) -> None:
    page.get_by_role("link", name="Back").click()


def vote(page: Page, *pictures: int) -> None:
    tap(page, "Vote")
    for number in pictures:
        page.get_by_role("button", name=f"Picture {number}").click()
        expect(page.get_by_text("Now pass the tablet on.")).to_be_visible()
        tap(page, "Next one")
    page.get_by_role("button", name="Picture 1").click()
    tap(page, "Undo my vote")
    tap(page, "We all voted")


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


def at_the_desk(desk: Phone, server: RunningServer) -> Page:
    page = desk.switch_on()
    page.goto(server.invite("supervisor", "Kerry B")["url"])
    page.get_by_label("Email").fill("kerry@council.example")
    page.get_by_label("Password").first.fill("a long enough password")
    page.get_by_role("button", name="Make my account").click()
    expect(page.get_by_role("link", name="Schools")).to_be_visible()
    return page
