"""A record that is sent back: why, on the phone; mended with its photos still there; and both at the desk."""

import json
from pathlib import Path

import pytest
from officers import finish, open_shift, record_graffiti, stored, strip, wait_until
from phones import DESKTOP
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_record_sent_back_is_mended_with_its_photos(running, phone, another, photo: Path):
    page = open_shift(phone, running.start())
    page.goto(running.url)
    record_graffiti(page, photo)
    finish(page)
    expect(strip(page)).to_have_text("All sent", timeout=30_000)

    desk = another("desk", viewport=DESKTOP, touch=False).switch_on()
    desk.goto(running.invite("supervisor", "Kerry B")["url"])
    desk.get_by_label("Email").fill("kerry@council.example")
    desk.get_by_label("Password").first.fill("a long enough password")
    desk.get_by_role("button", name="Make my account").click()
    desk.get_by_role("link", name="Westgate Gardens").first.click()
    desk.locator("body.scripted").wait_for()
    desk.keyboard.press("r")
    desk.keyboard.press("4")
    desk.get_by_label("Note to the officer").first.fill("Which side of the path?")
    desk.get_by_role("button", name="Send back").click()
    wait_until(lambda: stored(running)[0][0] == "hasIssues")

    page.reload()
    page.goto(f"{running.url}/#/outbox/needs")
    page.get_by_role("main").get_by_role("link", name="Westgate Gardens").click(timeout=70_000)
    expect(page.get_by_text("Which side of the path?")).to_be_visible()
    page.get_by_role("button", name="Ask the office").click()
    expect(page.get_by_text("Kerry B, supervisor: opened")).to_be_visible()
    page.get_by_role("button", name="Mend and send again").click()
    expect(page.get_by_text("Sent back: the place is not right. Which side of the path?")).to_be_visible()
    expect(page.get_by_role("img", name="Photo 1")).to_be_visible()
    page.get_by_label("Where exactly?").fill("Westgate Gardens, river side")
    finish(page)
    expect(strip(page)).to_have_text("All sent", timeout=30_000)

    (first, mended) = sorted(stored(running), key=lambda row: b"river side" in row[2])
    assert (first[0], mended[0], mended[1]) == ("edited", "received", 1)
    before, after = json.loads(first[2]), json.loads(mended[2])
    assert after["replaces"] == before["instanceId"]
    assert after["attachments"] == before["attachments"], "the same photo, not taken again"

    desk.goto(f"{running.url}/desk/review")
    expect(desk.get_by_role("heading", level=1)).to_contain_text("river side")
    desk.get_by_role("link", name="Whole record").click()
    desk.get_by_role("link", name="Westgate Gardens, by the bench").first.click()
    expect(desk.get_by_text("The officer mended this record.")).to_be_visible()
