"""What may stand between a phone and its server: a broken link, a hotel's Wi-Fi, another server, other versions."""

import json
import re
import shutil

import httpx2
import pytest
from actors import a_photo
from doors import CUT, Answer, files_of, next_version
from officers import enrol, finish, record_graffiti, shown_on_strip, stored, strip, take_photo
from phones import devtools
from playwright.sync_api import Page, expect
from running import RunningServer

from beatbook import web_app
from beatbook.settings import Settings

pytestmark = pytest.mark.browser


def test_a_record_does_not_wait_for_its_photo_and_a_photo_holds_up_no_record(running, door, phone, photo):
    page = enrol(phone, running.start())
    door.answer_with(lambda request: CUT if request.carries("attachment") else None)
    page.goto(door.url)
    record_graffiti(page, photo, place="Bench 1")
    finish(page)
    expect(strip(page)).to_contain_text("1 waiting")
    page.goto(f"{door.url}/#/outbox/waiting")
    expect(page.get_by_text("Record sent")).to_be_visible()
    expect(page.get_by_text("0 of 1 photo sent")).to_be_visible()
    assert [complete for _, complete, _ in stored(running)] == [0]

    page.goto(f"{door.url}/#/")
    photo.write_bytes(a_photo((800, 600)))
    record_graffiti(page, photo, place="Bench 2")
    finish(page)
    page.goto(f"{door.url}/#/outbox/waiting")
    expect(page.get_by_text("Record sent")).to_have_count(2)
    expect(page.get_by_text("0 of 1 photo sent")).to_have_count(2)
    assert [complete for _, complete, _ in stored(running)] == [0, 0]

    door.let_all_through()
    send_now(page)
    expect(strip(page)).to_have_text("All sent")
    assert [complete for _, complete, _ in stored(running)] == [1, 1]
    assert len(door.deliveries("submission")) == 2


def test_a_hotels_sign_in_page_is_not_taken_for_the_server(running, door, phone, photo):
    page = enrol(phone, running.start())
    door.answer_with(lambda request: Answer.page("Welcome to Free Wi-Fi"))
    page.goto(door.url)
    record_graffiti(page, photo)
    finish(page)
    expect(strip(page)).to_have_text("1 waiting, Beatbook not reached")
    page.goto(f"{door.url}/#/outbox/waiting")
    page.get_by_role("button", name="Send now").click()
    expect(page.get_by_text("sign in to it, or use mobile data")).to_be_visible()
    assert door.deliveries("submission") == []

    ours = {"beatbook-server": httpx2.get(f"{running.url}/api/sync/state").headers["beatbook-server"]}
    full = Answer(507, {**ours, "content-type": "application/problem+json", "retry-after": "600"}, b'{"status":507}')
    door.answer_with(lambda request: full if request.carries("submission") else None)
    expect(strip(page)).to_have_text("1 waiting, the server is full")  # it tries again by itself
    send_now(page)
    expect(page.get_by_text("Everything is kept on this phone")).to_be_visible()

    door.let_all_through()
    page.goto(door.url)  # the button takes a second press within a third of a second for a drop of rain
    send_now(page)
    expect(strip(page)).to_have_text("All sent")
    assert len(stored(running)) == 1


def test_another_server_at_the_same_address_gets_nothing(running, door, phone, photo, tmp_path):
    page = enrol(phone, running.start())
    other = RunningServer(tmp_path / "a test copy").start()
    door.server = other
    record_graffiti(page, photo)
    finish(page)
    expect(strip(page)).to_have_text("1 waiting, another Beatbook answers")
    page.goto(f"{door.url}/#/outbox/waiting")
    page.get_by_role("button", name="Send now").click()
    expect(page.get_by_text("Nothing was sent to it. Tell your supervisor.")).to_be_visible()
    assert door.deliveries("submission") == []
    other.kill()

    door.server = running
    send_now(page)
    expect(strip(page)).to_have_text("All sent")
    assert len(stored(running)) == 1


def test_a_sign_in_that_ended_with_no_signal_loses_nothing(running, door, phone, photo):
    page = enrol(phone, running.start())
    phone.go_offline()
    page.goto(door.url)
    page.context.clear_cookies()
    record_graffiti(page, photo)
    finish(page)
    expect(strip(page)).to_have_text("1 waiting, no signal")
    phone.go_online()
    expect(strip(page)).to_have_text("Sign in to send")
    page.get_by_role("link", name="Home").first.click()
    expect(page.get_by_text("Your records are safe here.")).to_be_visible()
    assert stored(running) == []

    page.goto(running.invite("officer", "Phone 7")["url"])
    page.get_by_role("button", name="Yes, this is").click()
    expect(strip(page)).to_have_text("All sent")
    assert [complete for _, complete, _ in stored(running)] == [1]


def test_two_tabs_send_once_and_count_alike(running, door, phone, photo):
    page = enrol(phone, running.start())
    phone.go_offline()
    record_graffiti(page, photo)
    finish(page)
    other = page.context.new_page()
    said = shown_on_strip(other)
    other.goto(door.url)
    for each in (page, other):
        expect(strip(each)).to_have_text("1 waiting, no signal")
    assert "All sent" not in said()
    phone.go_online()
    for each in (page, other):
        expect(strip(each)).to_have_text("All sent")
    assert [len(door.deliveries(part)) for part in ("submission", "attachment")] == [1, 1]
    assert [complete for _, complete, _ in stored(running)] == [1]


def test_an_update_waits_for_the_open_form_and_leaves_it_its_files(running, door, phone, photo, tmp_path):
    page = enrol(phone, running.start())
    page.get_by_role("button", name="Graffiti").click()
    expect(page.get_by_role("button", name="Finish")).to_be_visible()
    page.evaluate("window.isStillTheSame = true")

    built = web_app.folder()
    assert built is not None
    door.answer_with(files_of(next_version(built, tmp_path / "next")))
    other = page.context.new_page()
    other.goto(door.url)
    other.evaluate("navigator.serviceWorker.ready.then(found => found.update())")
    expect(other.get_by_text("Update ready")).to_be_visible()
    expect(page.get_by_text("Update ready")).not_to_be_visible()
    other.get_by_role("button", name="Update now").click()
    expect(other.get_by_text("Update ready")).not_to_be_visible()
    old, new = scripts(page), scripts(other)
    assert old and new and old != new

    devtools(page).send("Network.clearBrowserCache")  # so that only what we kept ourselves is left
    take_photo(page, photo)  # whose helper is a file of the version before
    assert page.evaluate("window.isStillTheSame")
    with page.expect_event("load"):
        page.get_by_role("link", name="Home").click()
    expect(page.get_by_text("Carry on")).to_be_visible()
    assert scripts(page) == new


def test_a_server_older_than_the_form_keeps_the_record_safe(running, door, phone, photo, tmp_path):
    newer = tmp_path / "forms"
    shutil.copytree(Settings().forms, newer)
    form = newer / "graffiti.toml"
    form.write_text(re.sub(r'^version = ".*"', 'version = "99"', form.read_text(), count=1, flags=re.M))
    running.environment["BEATBOOK_FORMS"] = str(newer)
    page = enrol(phone, running.start())
    running.stop()
    page.goto(door.url)
    record_graffiti(page, photo)
    finish(page)
    del running.environment["BEATBOOK_FORMS"]
    running.start()
    page.goto(f"{door.url}/#/outbox/waiting")
    send_now(page)
    expect(strip(page)).to_have_text("All sent")
    expect(page.get_by_text("Sent, kept safe")).to_be_visible()
    ((_, complete, payload),) = stored(running)
    assert complete and json.loads(payload)["formVersion"] == "99"


def test_an_app_older_than_the_server_wants_still_delivers(running, door, phone, photo):
    running.environment["BEATBOOK_MINIMUM_APP"] = "99.0.0"
    page = enrol(phone, running.start())
    record_graffiti(page, photo)
    finish(page)
    expect(strip(page)).to_have_text("All sent")
    assert [complete for _, complete, _ in stored(running)] == [1]


def send_now(page: Page) -> None:
    page.goto(page.url.partition("#")[0] + "#/outbox/waiting")
    page.get_by_role("button", name="Send now").click()


def scripts(page: Page) -> list[str]:
    return page.evaluate("[...document.scripts].map(script => script.src)")
