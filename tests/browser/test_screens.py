"""Every screen of the phone: nobody is shut out, nothing breaks the rules of the page, and it can be installed."""

from collections.abc import Callable

import pytest
from officers import choose, enrol, open_shift, question, record_graffiti, strip, take_photo
from phones import PHONE, TABLET, Phone, problems_for_people
from playwright.sync_api import ConsoleMessage, Page, ViewportSize, expect

pytestmark = pytest.mark.browser

NARROW: ViewportSize = {"width": 320, "height": 640}  # also what a phone shows at 200 %


@pytest.fixture
def complaints() -> list[str]:
    """What the browser holds against a page: broken rules of the content policy, scripts that failed."""
    return []


def listen(page: Page, complaints: list[str]) -> None:
    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and "net::ERR_INTERNET_DISCONNECTED" not in message.text:
            complaints.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: complaints.append(str(error)))


def look(page: Page, what: str) -> None:
    """At the usual width and at the narrowest, by day and by night."""
    for size in (PHONE, NARROW):
        page.set_viewport_size(size)
        assert problems_for_people(page) == [], f"{what} at {size['width']} px"
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{what} is {overflow} px wider than {size['width']} px"
    page.set_viewport_size(PHONE)


def test_nobody_is_shut_out_of_the_phone(running, phone, photo, complaints):
    running.start()
    page = phone.switch_on()
    listen(page, complaints)
    page.goto(running.url)
    expect(page.get_by_role("heading", name="Set up this phone")).to_be_visible()
    look(page, "setting up")
    phone.switch_off()

    page = enrol(phone, running)
    listen(page, complaints)
    look(page, "home, nothing waiting")
    page.goto(f"{running.url}/#/welcome")
    expect(page.get_by_text("You are: Officer.")).to_be_visible()
    look(page, "welcome")
    page.goto(f"{running.url}/#/device")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    look(page, "this device")

    page.goto(f"{running.url}/#/")
    page.get_by_role("button", name="Graffiti").click()
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="things to put right")).to_be_visible()
    look(page, "a form with problems")
    take_photo(page, photo)
    choose(page, size="a4", offensive="race", kind="tag", object="beach_hut", surface="wood")
    expect(page.get_by_label(question("police_ref").label)).to_be_visible()
    look(page, "a form half filled")
    page.get_by_role("link", name="Home").click()
    expect(page.get_by_text("Carry on")).to_be_visible()
    look(page, "home with an unfinished record")

    phone.go_offline()
    record_graffiti(page, photo)
    page.get_by_role("button", name="Finish").click()
    expect(strip(page)).to_have_text("1 waiting, no signal")
    look(page, "saved, no signal")
    for tab in ("needs", "waiting", "sent"):
        page.goto(f"{running.url}/#/outbox/{tab}")
        expect(page.get_by_role("button", name="Send now")).to_be_visible()
        look(page, f"outbox, {tab}, no signal")
    page.goto(f"{running.url}/#/outbox/waiting")
    page.get_by_role("button", name="Send now").click()
    expect(page.get_by_text("No signal. It will go by itself.")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Westgate Gardens").click()
    expect(page.get_by_role("img").first).to_be_visible()
    look(page, "a waiting record")
    phone.go_online()
    expect(strip(page)).to_have_text("All sent", timeout=20_000)
    look(page, "a sent record")
    assert complaints == []


def test_a_pupils_tablet_waits_for_a_grown_up(running, another: Callable[..., Phone], complaints):
    tablet = another("tablet", viewport=TABLET)
    running.start()
    page = tablet.switch_on()
    listen(page, complaints)
    page.goto(running.invite("pupil", "Tablet 3")["url"])
    expect(page.get_by_role("heading", name="This tablet will be")).to_be_visible()
    page.get_by_role("button", name="Yes, this is").click()
    expect(page.get_by_role("heading", name="This tablet is ready")).to_be_visible()
    expect(page.get_by_text("Works with no signal")).to_be_visible()
    expect(page.get_by_text("Place", exact=True)).to_have_count(0)  # MT3: it is never asked where it is
    page.get_by_role("link", name="Start").click()
    expect(page.get_by_text("No patrol is open")).to_be_visible()
    assert problems_for_people(page) == []
    for elsewhere in ("outbox", "device", "form/graffiti"):
        page.goto(f"{running.url}/#/{elsewhere}")
        expect(page.get_by_text("No patrol is open")).to_be_visible()
    assert complaints == []


def test_the_app_can_be_installed(running, phone):
    page = enrol(phone, running.start())
    browser = page.context.new_cdp_session(page)
    assert browser.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
    manifest = browser.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert '"maskable"' in manifest["data"]


def test_the_app_opens_cold_without_a_network(running, phone):
    page = open_shift(phone, running.start())
    running.kill()
    page.goto(running.url)
    expect(page.get_by_role("button", name="Graffiti")).to_be_visible()


def test_nothing_is_asked_of_any_other_place(running, phone, photo):
    page = open_shift(phone, running.start())
    elsewhere: list[str] = []
    page.on("request", lambda request: elsewhere.append(request.url))
    page.goto(running.url)
    record_graffiti(page, photo)
    page.get_by_role("button", name="Finish").click()
    expect(strip(page)).to_have_text("All sent", timeout=20_000)
    assert elsewhere
    assert [url for url in elsewhere if not url.startswith((running.url, "blob:"))] == []
