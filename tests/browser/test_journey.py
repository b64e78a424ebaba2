"""The main job from end to end: a phone with no signal, a flat battery, a delivery, a review, and the outcome."""

import json

import pytest
from actors import camera_file
from officers import open_shift, record_graffiti, stored, strip, wait_until
from phones import DESKTOP
from PIL import Image
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_record_made_without_signal_survives_a_flat_battery_and_is_reviewed(running, phone, another):
    page = open_shift(phone, running.start())
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
    desk.get_by_role("button", name="Make my account").click()
    desk.get_by_role("link", name="Westgate Gardens").first.click()
    expect(desk.get_by_text("Wall or fence").first).to_be_visible()
    expect(desk.get_by_role("img").first).to_be_visible()
    desk.get_by_role("button", name="Approve").click()
    wait_until(lambda: stored(running)[0][0] == "approved")

    page.reload()
    page.goto(f"{running.url}/#/outbox/sent")
    expect(page.get_by_text("Approved").first).to_be_visible(timeout=70_000)
    assert len(stored(running)) == 1
