"""The core journey in the other two engines: a record made and locked away with no server outlives a flat battery."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from actors import camera_file
from engines import NO_FIREFOX, NO_WEBKIT, Browser, Fingers, Firefox, WebKit, find_firefox, find_webkit
from officers import stored
from options import absent
from PIL import Image
from running import RunningServer

pytestmark = pytest.mark.browser

PIN = "482913"


@pytest.fixture
def running(running: RunningServer) -> RunningServer:
    running.app_lock = True
    return running


@pytest.fixture
def firefox(tmp_path: Path) -> Iterator[Firefox]:
    if not find_firefox():
        absent(NO_FIREFOX)
    browser = Firefox(tmp_path / "firefox")
    yield browser
    browser.kill()


@pytest.fixture
def webkit(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[WebKit]:
    """With the options of the host program that the test names."""
    if not find_webkit():
        absent(NO_WEBKIT)
    browser = WebKit(tmp_path / "webkit", *getattr(request, "param", ()))
    yield browser
    browser.kill()


def test_firefox_keeps_a_record_through_a_flat_battery(running, firefox):
    keep_through_a_flat_battery(running, firefox)


@pytest.mark.parametrize("webkit", [["--silent"]], indirect=True)
def test_webkit_keeps_a_record_through_a_flat_battery_though_nobody_says_whether_it_may_know_the_place(running, webkit):
    keep_through_a_flat_battery(running, webkit)


@pytest.mark.parametrize("webkit", [["--private"]], indirect=True)
def test_a_private_window_of_webkit_sends_what_was_made_in_it(running, webkit):
    """It keeps no Blob, and forgets all when it closes: until then nothing may be wrong."""
    person = enrol(running.start(), webkit)
    person.record_graffiti(camera_file("iphone-8mp-gps.jpg"))
    person.tap("Finish")
    person.arrives("Saved on this phone")
    person.until(lambda: stored(running), lambda: f"it has not arrived: {person.screen()}")
    person.reads_strip("All sent")
    one_whole_record(running)


def keep_through_a_flat_battery(running: RunningServer, browser: Browser) -> None:
    enrol(running.start(), browser)
    browser.switch_off()
    running.stop()

    person = reopen(running, browser)
    person.record_graffiti(camera_file("iphone-8mp-gps.jpg"))
    person.tap("Finish")
    person.arrives("Saved on this phone")
    person.reads_strip("1 waiting, no signal")
    browser.kill()

    browser.switch_on()
    browser.open(running.url)
    person.sees("1 record not sent yet.")
    running.start()
    assert stored(running) == []
    browser.open(running.url)  # locked, and it goes all the same
    person.until(lambda: [row for row in stored(running) if row[1]], lambda: f"it has not arrived: {person.screen()}")
    unlock(person)
    person.reads_strip("All sent")
    one_whole_record(running)


def enrol(running: RunningServer, browser: Browser) -> Fingers:
    browser.switch_on()
    browser.open(running.invite("officer", "Phone 7")["url"])
    person = Fingers(browser)
    person.tap("Yes, this is Phone 7")
    person.sees("Choose a PIN")
    type_pin(person)
    person.sees("Type it again")
    type_pin(person)
    person.sees("You are: Officer.")
    person.tap("Start")
    person.sees("Graffiti")
    assert browser.run("() => navigator.serviceWorker.ready.then(() => true)")
    return person


def reopen(running: RunningServer, browser: Browser) -> Fingers:
    browser.switch_on()
    browser.open(running.url)
    person = Fingers(browser)
    unlock(person)
    return person


def unlock(person: Fingers) -> None:
    person.sees("Type your PIN")
    type_pin(person)


def type_pin(person: Fingers) -> None:
    for digit in PIN:
        person.tap(digit)


def one_whole_record(running: RunningServer) -> None:
    ((state, complete, payload),) = stored(running)
    assert (state, complete) == ("received", 1)
    (listed,) = json.loads(payload)["attachments"]
    assert listed["mediaType"] == "image/jpeg"
    with Image.open(running.data / "blobs" / listed["sha256"][:2] / listed["sha256"]) as picture:
        picture.load()
        assert picture.format == "JPEG" and max(picture.size) == 1600
        assert not picture.getexif()
