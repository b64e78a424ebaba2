"""Reviewing at the desk without a mouse, in a real browser, and with nothing that shuts anybody out."""

import re
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from actors import MULTIPART, Record, a_photo, a_record, body_of, graffiti_answers, parts
from phones import DESKTOP, PHONE, Phone, problems_for_people
from playwright.sync_api import Locator, Page, expect
from running import RunningServer

pytestmark = pytest.mark.browser

ON_THEIR_WAY = re.compile("on (its|their) way")
PLACES = ["The bandstand", "The pier", "Westgate Gardens"]


@pytest.fixture
def desk(running: RunningServer, another: Callable[..., Phone]) -> Page:
    """Kerry at a desktop, signed in with three records that wait; the newest is the one in Westgate Gardens."""
    deliver(running.start(), *(at(place) for place in PLACES))
    return signed_in(running, another)


def test_records_are_reviewed_without_a_mouse(running: RunningServer, desk: Page):
    deliver(running, *(at(f"Shelter {number}") for number in range(1, 10)))
    expect(desk.get_by_role("button", name="Show 9 new records")).to_be_visible()
    expect(desk.get_by_role("link", name="Review 12 waiting")).to_be_visible()
    expect(desk.locator("[data-row]")).to_have_count(3)  # nothing moves before it is asked for
    desk.get_by_role("button", name="Show 9 new records").press("Enter")
    expect(desk.locator("[data-row]")).to_have_count(12)

    press(desk, "g", "r")
    expect(title(desk)).to_contain_text("Shelter 9")
    expect(desk.get_by_text("1 of 12")).to_be_visible()
    press(desk, "a")
    expect(desk.get_by_text("Look first")).to_be_visible()
    for number in range(9, 1, -1):  # how fast that goes, `python3 tests/benchmarks queue` says
        expect(title(desk)).to_contain_text(f"Shelter {number}")
        looked_at(desk)
        press(desk, "a")
    expect(title(desk)).to_contain_text("Shelter 1")

    press(desk, "r", "4", "Enter")
    expect(desk.get_by_text("Sent back: ")).to_be_visible()
    expect(title(desk)).to_contain_text("Westgate Gardens")
    press(desk, "d", "1", "Enter")  # of the nearest: all of them were made in one place
    expect(title(desk)).to_contain_text("The pier")
    press(desk, "l")
    expect(title(desk)).to_contain_text("The bandstand")
    press(desk, "k")
    expect(desk.get_by_text("a double by you")).to_be_visible()
    press(desk, "u", "u", "f")  # as fast as fingers go: undoing must not shut the panel opened after it
    expect(title(desk)).to_contain_text("Shelter 1")
    desk.keyboard.type("Ring the school?")
    expect(desk.get_by_role("link", name="Review 4 waiting")).to_be_visible()
    expect(desk.get_by_text(ON_THEIR_WAY)).to_be_hidden()
    expect(desk.get_by_text("Received").first).to_be_visible()
    expect(desk.get_by_text("Undone.")).to_be_visible()
    assert desk.locator("textarea:focus").input_value() == "Ring the school?"
    press(desk, "Tab", "Enter")
    expect(desk.get_by_text("Flagged: ")).to_be_visible()
    expect(desk.get_by_text(ON_THEIR_WAY)).to_be_hidden()
    press(desk, "e")
    expect(desk.get_by_text("Ring the school?").first).to_be_visible()


def test_a_decision_that_does_not_arrive_comes_back_and_twenty_are_undone(running: RunningServer, desk: Page):
    press(desk, "g", "r")
    expect(desk.get_by_text("1 of 3")).to_be_visible()
    looked_at(desk)
    desk.route("**/desk/review/*", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    press(desk, "a")
    expect(desk.get_by_text("The server did not answer.")).to_be_visible()
    expect(title(desk)).to_contain_text("Westgate Gardens")
    desk.unroute("**/desk/review/*")
    looked_at(desk)
    press(desk, "a")
    expect(title(desk)).to_contain_text("The pier")
    expect(desk.get_by_role("link", name="Review 2 waiting")).to_be_visible()
    deliver(running, *(a_record(answers={**graffiti_answers(), "place_text": f"Groyne {n}"}) for n in range(20, 0, -1)))
    twenty_are_undone(desk)


def twenty_are_undone(desk: Page) -> None:
    """Of twenty-one decisions the first one stands, and can still be gone back to."""
    desk.goto("/".join(desk.url.split("/")[:4]) + "/review")
    for number in range(1, 22):
        expect(desk.get_by_text(f"{number} of 22")).to_be_visible()
        press(desk, "r", "7", "Enter")
    expect(title(desk)).to_contain_text("The bandstand")
    press(desk, *"u" * 21)
    expect(title(desk)).to_contain_text("Groyne 2")
    expect(desk.get_by_text(ON_THEIR_WAY)).to_be_hidden()
    expect(desk.get_by_role("link", name="Review 21 waiting")).to_be_visible()
    press(desk, "k")
    expect(title(desk)).to_contain_text("Groyne 1")
    expect(desk.get_by_text("1 of 22, sent back by you")).to_be_visible()


def test_keys_do_nothing_that_was_not_meant(desk: Page):
    press(desk, "j", "Enter")
    expect(title(desk)).to_contain_text("Westgate Gardens")
    looked_at(desk)
    picture = desk.get_by_role("img", name="Photo 1")
    press(desk, "]", "b", "+")
    expect(picture).to_have_css("filter", "brightness(1.5)")
    assert "rotate(90deg)" in str(picture.get_attribute("style"))
    press(desk, "r")
    note = desk.get_by_label("Note to the officer").first
    note.press_sequentially("a jar, by the bench")
    expect(note).to_have_value("a jar, by the bench")

    press(desk, "Escape", "/")
    search = desk.get_by_label("Search the records")
    expect(search).to_be_focused()
    search.press_sequentially("pier")
    search.press("Enter")
    expect(desk.locator("[data-row]")).to_have_count(1)
    desk.get_by_text("Keyboard shortcuts").click()
    desk.get_by_role("button", name="Turn shortcuts off").click()
    desk.reload()
    press(desk, "j", "r", "x", "g", "d")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Records")
    expect(desk.get_by_role("checkbox", checked=True)).to_have_count(0)


def test_nobody_is_shut_out_of_the_desk(running: RunningServer, desk: Page):
    record = str(desk.locator("[data-row]").first.get_attribute("href"))
    pages: list[tuple[str, Callable[[], Any]]] = [
        ("/desk/records", lambda: desk.get_by_text("Dates, place, people").click()),
        ("/desk/records?form=graffiti&q=pier", lambda: choose_row(desk)),
        ("/desk/records?state=rejected", lambda: desk.get_by_text("Save this filter").click()),
        ("/desk/review", lambda: desk.locator("[data-key=d]").click()),
        ("/desk/review?q=nothing", lambda: None),
        (record, lambda: desk.get_by_text("Send back").first.click()),
        (f"{record}/correct?field=kind", lambda: desk.get_by_role("button", name="Put it right").click()),
        ("/desk/devices", lambda: None),
        ("/desk/devices", lambda: desk.get_by_role("button", name="Make a code").click()),
        ("/desk/nothing", lambda: None),
    ]
    for viewport in (DESKTOP, PHONE):
        desk.set_viewport_size(viewport)
        for path, do in pages:
            desk.goto(running.url + path)
            do()
            assert problems_for_people(desk) == [], path
            assert not desk.evaluate("document.documentElement.scrollWidth > innerWidth"), path


def signed_in(running: RunningServer, another: Callable[..., Phone]) -> Page:
    page = another("desk", viewport=DESKTOP, touch=False).switch_on()
    page.goto(running.invite("supervisor", "Kerry B")["url"])
    page.get_by_label("Email").fill("kerry@council.example")
    page.get_by_label("Password").fill("a long enough password")
    page.get_by_role("button", name="Make my account").click()
    expect(page.get_by_role("heading", name="Records")).to_be_visible()
    return page


def at(place: str) -> Record:
    return a_record(a_photo((640, 480)), answers={**graffiti_answers(), "place_text": place})


def deliver(running: RunningServer, *records: Record) -> None:
    headers = {**running.enrol(), "content-type": MULTIPART}
    answer = httpx2.post(f"{running.url}/api/sync", content=body_of(parts(*records)), headers=headers)
    assert answer.status_code == 200, answer.text


def choose_row(page: Page) -> None:
    page.locator("body.scripted").wait_for()
    page.locator("input[name=pick]").first.check()
    page.get_by_text("Send back or refuse").click()


def press(page: Page, *keys: str) -> None:
    page.locator("body.scripted").wait_for()
    for key in keys:
        page.keyboard.press(key)


def title(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def looked_at(page: Page) -> None:
    """The photo has come and been on the screen for a moment."""
    page.locator("body[data-looked=yes]").wait_for()
