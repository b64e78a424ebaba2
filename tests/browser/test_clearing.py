"""A phone that is lost: set up and confirmed by name, marked as lost, it hands over what it holds and clears itself."""

import json

import pytest
from officers import finish, record_graffiti, stored, strip, wait_until
from phones import PHONE, Phone, problems_for_people
from playwright.sync_api import Page, Route, expect

pytestmark = pytest.mark.browser

LEFT = """async () => ({
  databases: (await indexedDB.databases()).map((one) => one.name),
  caches: await caches.keys(),
  workers: (await navigator.serviceWorker.getRegistrations()).length,
  settings: localStorage.length + sessionStorage.length,
  cookies: document.cookie,
})"""


def look(page: Page, what: str) -> None:
    """Nobody is shut out, and nothing is wider than the screen."""
    assert problems_for_people(page) == [], what
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, f"{what} is {overflow} px too wide"


def forge(route: Route) -> None:
    """Somebody between the phone and us answers in our name, with an order of their own."""
    answer = route.fetch()
    order = {"id": 99, "do": "clear", "why": "lost", "proof": "f" * 64}
    route.fulfill(response=answer, body=json.dumps({**answer.json(), "order": order}))


def test_a_lost_phone_hands_over_everything_and_clears_itself(running, desk: Page, phone: Phone, photo):
    # Set up with a code of the desk, and confirmed by name on both sides.
    desk.goto(f"{running.url}/desk/devices")
    desk.get_by_label("Name").fill("Phone 7")
    desk.get_by_role("button", name="Make a code").click()
    page = phone.switch_on()
    phone.grant("geolocation")
    page.goto(desk.locator(".link-line a").inner_text())
    expect(page.get_by_text("Officer, Example District Council")).to_be_visible()
    look(page, "whose phone it will be")
    page.get_by_role("button", name="Yes, this is Phone 7").click()
    letters = page.get_by_text("Tell the office:")
    expect(letters).to_be_visible()
    look(page, "welcome, not confirmed")
    desk.goto(f"{running.url}/desk/devices")
    expect(desk.get_by_role("heading", name="Phone 7 is here. Is it yours?")).to_be_visible()
    assert desk.locator(".screen-code").inner_text() == letters.inner_text().split(": ")[1]
    look(desk, "a new device")
    desk.get_by_role("button", name="Yes, this is Phone 7").click()
    address = desk.url
    page.get_by_role("link", name="Start").click()
    expect(page.get_by_role("button", name="Graffiti")).to_be_visible()

    # Two records with a photo each and one begun, and no signal.
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    phone.go_offline()
    for place in ("Westgate Gardens, by the bench", "The underpass"):
        page.goto(f"{running.url}/#/")
        record_graffiti(page, photo, place)
        finish(page)
    page.goto(f"{running.url}/#/")
    page.get_by_role("button", name="Graffiti").click()
    page.get_by_label("Where exactly?").fill("Half a sentence")
    page.goto(f"{running.url}/#/")
    expect(strip(page)).to_have_text("2 waiting, no signal")

    # Nobody but our office can make it clear itself.
    page.route("**/api/sync/check", forge)
    phone.go_online()
    expect(strip(page)).to_have_text("2 waiting, Beatbook not reached")
    assert len(page.evaluate(LEFT)["databases"]) > 0
    assert stored(running) == []
    phone.go_offline()
    page.unroute("**/api/sync/check")

    # The desk marks it as lost.
    desk.goto(address)
    desk.get_by_role("button", name="It is lost").click()
    expect(desk.get_by_role("alert").get_by_role("link", name="Say what happened")).to_be_visible()
    look(desk, "no reason given")
    desk.get_by_label("What happened?").fill("Left on the 6 bus")
    desk.get_by_role("button", name="It is lost").click()
    expect(desk.get_by_role("heading", name="Lost", exact=True)).to_be_visible()
    look(desk, "a lost device")

    # Its next contact is its last.
    phone.go_online()
    expect(page.get_by_role("heading", name="This phone has been cleared")).to_be_visible()
    look(page, "cleared")
    left = {"databases": [], "caches": [], "workers": 0, "settings": 0, "cookies": ""}
    wait_until(lambda: page.evaluate(LEFT) == left)  # the browser lets go of a busy service worker a little later
    assert phone.context is not None
    assert phone.context.cookies() == []
    assert sorted(json.loads(payload)["answers"]["place_text"] for _, _, payload in stored(running)) == [
        "The underpass",
        "Westgate Gardens, by the bench",
    ]
    assert [complete for _, complete, _ in stored(running)] == [1, 1], "with their photos"
    desk.goto(address)
    expect(desk.get_by_role("heading", name="Cleared", exact=True)).to_be_visible()
    expect(desk.get_by_text("It handed over 1 unfinished record first.").first).to_be_visible()
    look(desk, "a cleared device")
    desk.goto(f"{running.url}/desk/records?flag=device-lost")
    expect(desk.get_by_role("link", name="The underpass")).to_be_visible()
    page.get_by_role("button", name="Start anew").click()
    expect(page.get_by_role("heading", name="Set up this phone")).to_be_visible()
    expect(page.get_by_text("storage was cleared")).not_to_be_visible()
    desk.set_viewport_size(PHONE)
    desk.goto(f"{running.url}/desk/devices")
    look(desk, "devices on a phone")
