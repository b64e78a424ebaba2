"""The main job from end to end: a phone with no signal, a flat battery, a delivery, a review, and the outcome."""

import json
import sqlite3
import time
from pathlib import Path

import pytest
from actors import camera_file
from phones import DESKTOP, Phone
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from beatbook.forms import Field, load
from beatbook.settings import Settings

pytestmark = pytest.mark.browser

FORMS = load(Settings().forms)


def enrol(phone: Phone, server, role: str = "officer", name: str = "Phone 7") -> Page:
    page = phone.switch_on()
    phone.grant("geolocation")
    page.goto(server.invite(role, name)["url"])
    page.get_by_role("button", name="Set up this phone").click()
    expect(page.get_by_text(name)).to_be_visible()
    page.get_by_role("link", name="Start").click()
    expect(page.get_by_role("button", name="Graffiti")).to_be_visible()
    page.wait_for_function("navigator.serviceWorker.controller !== null || navigator.serviceWorker.ready")
    return page


def record_graffiti(page: Page, photo: Path) -> None:
    page.get_by_role("button", name="Graffiti").click()
    take_photo(page, photo)
    choose(page, size="a4", offensive="no", kind="tag", object="wall_fence", surface="brick")
    page.get_by_label(question("place_text").label).fill("Westgate Gardens, by the bench")


def take_photo(page: Page, photo: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Take photo").click()
    chooser.value.set_files(photo)
    expect(page.get_by_role("img", name="Photo 1")).to_be_visible()


def choose(page: Page, **answers: str) -> None:
    """Tap one choice of each question, found by the words of the form file."""
    for name, chosen in answers.items():
        field = question(name)
        words = next(choice.label for choice in field.choices if choice.name == chosen)
        page.get_by_role("group", name=field.label, exact=True).get_by_text(words, exact=True).click()


def question(name: str) -> Field:
    """A question of the graffiti form."""
    form = FORMS.newest("graffiti")
    assert form is not None
    field = form.field(name)
    assert field is not None
    return field


def strip(page: Page) -> Locator:
    """The line on every screen that says what is not sent yet."""
    return page.get_by_role("banner").get_by_role("status")


def stored(server) -> list[tuple[str, int, bytes]]:
    """What the server has: review state, completeness and payload of each record."""
    connection = sqlite3.connect(server.data / "beatbook.db")
    rows = connection.execute("SELECT review_state, complete, payload FROM submission").fetchall()
    connection.close()
    return rows


def wait_until(true, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not come true"
        time.sleep(0.1)


def test_a_record_made_without_signal_survives_a_flat_battery_and_is_reviewed(running, phone, another):
    enrol(phone, running.start())
    phone.switch_off()  # as at the end of a shift; Chromium takes half a minute to write a cookie down

    page = phone.switch_on()
    phone.grant("geolocation")
    phone.go_offline()
    page.goto(running.url)
    record_graffiti(page, camera_file("iphone-8mp-gps.jpg"))
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_text("Saved on this phone").first).to_be_visible()
    expect(strip(page)).to_have_text("1 waiting, no signal")
    phone.kill()

    page = phone.switch_on()
    phone.go_offline()
    page.goto(running.url)
    expect(strip(page)).to_have_text("1 waiting, no signal")
    assert stored(running) == []

    phone.go_online()
    expect(strip(page)).to_have_text("All sent")
    ((state, complete, payload),) = stored(running)
    assert (state, complete) == ("received", 1)
    record = json.loads(payload)
    assert record["answers"]["place_text"] == "Westgate Gardens, by the bench"
    assert record["location"]["latitude"] == 51.2802
    (listed,) = record["attachments"]
    with Image.open(running.data / "blobs" / listed["sha256"][:2] / listed["sha256"]) as picture:
        picture.load()
        assert max(picture.size) == 1600
        assert not picture.getexif()

    desk = another("desk", viewport=DESKTOP, touch=False).switch_on()
    desk.goto(running.invite("supervisor", "Kerry B")["url"])
    desk.get_by_label("Email").fill("kerry@council.example")
    desk.get_by_label("Password").first.fill("a long enough password")
    desk.get_by_role("button", name="Join and sign in").click()
    desk.get_by_role("link", name="Westgate Gardens").first.click()
    expect(desk.get_by_text("Wall or fence").first).to_be_visible()
    expect(desk.get_by_role("img").first).to_be_visible()
    desk.get_by_role("button", name="Approve").click()
    wait_until(lambda: stored(running)[0][0] == "approved")

    page.reload()
    page.goto(f"{running.url}/#/outbox")
    page.get_by_role("link", name="Sent").last.click()
    expect(page.get_by_text("Approved").first).to_be_visible(timeout=70_000)
    assert len(stored(running)) == 1
