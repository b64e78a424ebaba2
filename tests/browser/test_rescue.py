"""When a phone cannot send: its records go to the office as a file, and what went wrong is said on both sides."""

import json
import sqlite3
from pathlib import Path

import httpx2
import pytest
from actors import a_record
from officers import open_shift, record_graffiti, strip
from phones import DESKTOP, PHONE, Phone, problems_for_people
from playwright.sync_api import Page, expect
from running import RunningServer

pytestmark = pytest.mark.browser


def look(page: Page, what: str) -> None:
    """As wide as it is and as narrow as a phone."""
    usual = page.viewport_size
    for width in (usual["width"] if usual else DESKTOP["width"], PHONE["width"]):
        page.set_viewport_size({"width": width, "height": 844})
        assert problems_for_people(page) == [], f"{what} at {width} px"
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{what} is {overflow} px wider than {width} px"
    if usual:
        page.set_viewport_size(usual)


def stored(running: RunningServer) -> list[tuple[str, bytes, int]]:
    connection = sqlite3.connect(running.data / "beatbook.db")
    rows = connection.execute("SELECT instance_id, payload, complete FROM submission").fetchall()
    connection.close()
    return rows


def finish_without_signal(page: Page, phone: Phone, running: RunningServer, photo: Path) -> None:
    phone.go_offline()
    page.goto(running.url)
    record_graffiti(page, photo)
    page.get_by_role("button", name="Finish").click()
    expect(strip(page)).to_have_text("1 waiting, no signal")


def bring_in(desk: Page, running: RunningServer, file: Path) -> None:
    desk.goto(f"{running.url}/desk/devices")
    desk.get_by_role("link", name="Bring in an exported file").click()
    desk.get_by_label("File").set_input_files(file)
    desk.get_by_role("button", name="Bring it in").click()


def test_what_a_phone_cannot_send_is_carried_to_the_desk_as_a_file(running, phone, desk, photo, tmp_path):
    page = open_shift(phone, running)
    finish_without_signal(page, phone, running, photo)
    page.goto(f"{running.url}/#/device")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export unsent").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name.startswith("beatbook-phone-7-20")
    expect(page.get_by_text("holds 1 record")).to_be_visible()
    expect(page.get_by_text("Not sent yet1")).to_be_visible()
    look(page, "this device, exported")

    desk.goto(f"{running.url}/desk/bring-in")
    look(desk, "bringing in")
    bring_in(desk, running, file)
    expect(desk.get_by_role("heading", name="1 record brought in")).to_be_visible()
    look(desk, "brought in")
    ((instance_id, payload, complete),) = stored(running)
    assert complete
    assert json.loads(payload)["answers"]["place_text"] == "Westgate Gardens, by the bench"
    bring_in(desk, running, file)
    expect(desk.get_by_role("heading", name="0 records brought in")).to_be_visible()
    expect(desk.get_by_text("Was here already", exact=True)).to_be_visible()

    phone.go_online()
    expect(strip(page)).to_have_text("All sent", timeout=20_000)
    assert len(stored(running)) == 1
    page.goto(f"{running.url}/#/record/{instance_id}")
    expect(page.get_by_text("Sent, receipt")).to_be_visible()


def test_a_record_that_is_not_accepted_can_be_tried_mended_or_exported(running, phone, desk, photo, tmp_path):
    page = open_shift(phone, running)
    finish_without_signal(page, phone, running, photo)
    page.goto(f"{running.url}/#/outbox/waiting")
    page.get_by_role("main").get_by_role("link", name="Westgate Gardens").click()
    expect(page.get_by_role("heading", name="History")).to_be_visible()
    instance_id = page.url.rsplit("/", 1)[1]
    running.deliver(running.enrol(name="Phone 8"), a_record(instanceId=instance_id))
    phone.go_online()
    expect(page.get_by_text("This number is already used").first).to_be_visible(timeout=20_000)
    for name in ("Try again", "Mend and send again", "Export this record"):
        expect(page.get_by_role("button", name=name)).to_be_visible()
    look(page, "a stuck record")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export this record").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)

    bring_in(desk, running, file)
    expect(desk.get_by_text("Both are kept.")).to_be_visible()
    desk.get_by_role("link", name="See what is kept aside").click()
    expect(desk.get_by_role("heading", name="Kept aside")).to_be_visible()
    look(desk, "kept aside")
    with desk.expect_download() as bytes_of_it:
        desk.get_by_role("link", name="Save the bytes").click()
    assert json.loads(bytes_of_it.value.path().read_bytes())["instanceId"] == instance_id
    desk.get_by_label("What came of it").fill("Two phones were copied; both set up anew.")
    desk.get_by_role("button", name="Looked at").click()
    expect(desk.get_by_text("Nothing is kept aside")).to_be_visible()
    expect(desk.get_by_text("Two phones were copied; both set up anew.")).to_be_visible()
    look(desk, "looked at")


def test_a_phone_whose_storage_was_cleared_says_so_here_and_at_the_desk(running, phone, desk, photo):
    page = open_shift(phone, running)
    page.goto(running.url)
    record_graffiti(page, photo)
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("main").get_by_role("status")).to_contain_text("receipt", timeout=20_000)
    clear_storage(page)
    page.goto(running.url)
    page.reload()
    expect(page.get_by_text("This phone’s storage was cleared").first).to_be_visible()
    expect(page.get_by_role("button", name="Graffiti")).to_be_visible(timeout=20_000)
    record_graffiti(page, photo)
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("main").get_by_role("status")).to_contain_text("receipt", timeout=20_000)
    assert sorted(json.loads(payload)["counter"] for _, payload, _ in stored(running)) == [1, 2]

    desk.goto(f"{running.url}/desk/devices")
    expect(desk.get_by_text("Its storage was cleared")).to_be_visible()
    look(desk, "devices")
    desk.get_by_role("link", name="Phone 7").click()
    expect(desk.get_by_text("Phone 7 sent 1 and 2.")).to_be_visible()
    look(desk, "one device")
    desk.get_by_role("button", name="I have looked into it").click()
    expect(desk.get_by_role("heading", name="Its storage was cleared")).to_have_count(0)
    page.get_by_role("link", name="Home").first.click()
    page.reload()
    expect(page.get_by_role("button", name="Graffiti")).to_be_visible()
    expect(page.get_by_text("This phone’s storage was cleared")).to_have_count(0)
    desk.goto(f"{running.url}/desk/devices")
    expect(desk.get_by_text("Its storage was cleared")).to_have_count(0)


def clear_storage(page: Page) -> None:
    """As the browser does when it needs room: everything but the cookies."""
    origin = page.evaluate("location.origin")
    page.goto("about:blank")
    browser = page.context.new_cdp_session(page)
    kinds = "indexeddb,local_storage,cache_storage,service_workers"
    browser.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": kinds})


def test_what_the_server_lost_is_listed_until_a_phone_brings_it_back(running, desk):
    headers = running.enrol()
    record = a_record()
    receipt = {
        "instanceId": record.instance_id,
        "digest": record.digest,
        "epoch": "an epoch before",
        "seq": 813,
        "chain": "ab" * 32,
        "receivedAt": "2026-11-21T09:43:00+00:00",
    }
    asked = {
        "submissions": [{**receipt, "receipt": receipt, "formId": "graffiti", "counter": 37, "kept": False}],
        "numbers": {"highest": 41, "before": 0, "without": [{"counter": 38, "is": "discarded"}]},
    }
    httpx2.post(f"{running.url}/api/sync/check", json=asked, headers=headers).raise_for_status()
    desk.goto(f"{running.url}/desk/devices")
    desk.get_by_role("link", name="Acknowledged and gone 1").click()
    expect(desk.get_by_text("No longer there")).to_be_visible()
    look(desk, "acknowledged and gone")
    desk.get_by_role("link", name="Phone 7").click()
    expect(desk.get_by_text("Thrown away by the person before it was sent")).to_be_visible()
    look(desk, "a device with numbers missing")
    running.deliver(headers, record)
    desk.goto(f"{running.url}/desk/gone")
    expect(desk.get_by_text("Nothing is missing")).to_be_visible()
