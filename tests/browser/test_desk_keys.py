"""Reviewing at the desk without a mouse, in a real browser, and with nothing that shuts anybody out."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from actors import MULTIPART, Record, a_photo, a_record, body_of, graffiti_answers, parts
from phones import DESKTOP, PHONE, Phone, problems_for_people
from playwright.sync_api import Page, expect
from running import RunningServer

pytestmark = pytest.mark.browser

PLACES = ["The bandstand", "The pier", "Westgate Gardens"]


@pytest.fixture
def desk(running: RunningServer, another: Callable[..., Phone]) -> Page:
    """Kerry at a desktop, signed in with three records that wait."""
    records = [a_record(a_photo((640, 480)), answers={**graffiti_answers(), "place_text": place}) for place in PLACES]
    deliver(running.start(), *records)
    page = another("desk", viewport=DESKTOP, touch=False).switch_on()
    page.goto(running.invite("supervisor", "Kerry B")["url"])
    page.get_by_label("Email").fill("kerry@council.example")
    page.get_by_label("Password").fill("a long enough password")
    page.get_by_role("button", name="Make my account").click()
    expect(page.get_by_role("heading", name="Records")).to_be_visible()
    return page


def test_three_records_are_reviewed_without_a_mouse(desk: Page):
    press(desk, "j", "j", "k", "Enter")
    expect(title(desk)).to_contain_text("Westgate Gardens")
    looked_at(desk)
    press(desk, "z")
    expect(desk.get_by_role("dialog")).to_be_visible()
    press(desk, "Escape")
    expect(desk.get_by_role("dialog")).to_have_count(0)
    press(desk, "a")
    expect(title(desk)).to_contain_text("The pier")
    expect(desk.get_by_text("Approved.")).to_be_visible()

    press(desk, "r", "4", "Enter")
    expect(title(desk)).to_contain_text("The bandstand")
    expect(desk.get_by_text("Sent back.")).to_be_visible()

    press(desk, "u")
    expect(title(desk)).to_contain_text("The pier")
    expect(desk.get_by_text("Undone.")).to_be_visible()
    expect(desk.get_by_role("link", name="Review 2 waiting")).to_be_visible()


def test_keys_do_nothing_that_was_not_meant(desk: Page):
    desk.route("**/preview", lambda route: route.abort())  # the photo never comes
    press(desk, "j", "Enter")
    expect(title(desk)).to_contain_text("Westgate Gardens")
    desk.wait_for_load_state()
    press(desk, "a")
    expect(desk.get_by_text("Look first")).to_be_visible()

    press(desk, "r")
    note = desk.get_by_label("Note to the officer").first
    note.press_sequentially("a jar")
    expect(note).to_have_value("a jar")

    press(desk, "Escape")
    desk.get_by_text("Keyboard shortcuts").click()
    desk.get_by_role("button", name="Turn shortcuts off").click()
    desk.reload()
    press(desk, "j", "a", "l")
    expect(title(desk)).to_contain_text("Westgate Gardens")
    expect(desk.get_by_role("link", name="Review 3 waiting")).to_be_visible()


def test_nobody_is_shut_out_of_the_desk(running: RunningServer, desk: Page):
    record = desk.locator("[data-row]").first.get_attribute("href")
    pages: list[tuple[str, Callable[[], Any]]] = [
        ("/desk/records", lambda: None),
        ("/desk/records?state=rejected", lambda: None),
        (str(record), lambda: desk.get_by_text("Send back").first.click()),
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


def deliver(running: RunningServer, *records: Record) -> None:
    headers = {**running.enrol(), "content-type": MULTIPART}
    answer = httpx2.post(f"{running.url}/api/sync", content=body_of(parts(*records)), headers=headers)
    assert answer.status_code == 200, answer.text


def press(page: Page, *keys: str) -> None:
    page.locator("body.scripted").wait_for()
    for key in keys:
        page.keyboard.press(key)


def title(page: Page) -> Any:
    return page.get_by_role("heading", level=1)


def looked_at(page: Page) -> None:
    """The photo has come and been on the screen for a moment."""
    page.locator("body[data-looked=yes]").wait_for()
    expect(page.get_by_role("img", name="Photo 1")).to_be_visible()
