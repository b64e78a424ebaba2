"""What a grown-up and pupils do with a patrol, in verbs: taps are found by the words and pictures that people see."""

from phones import TABLET, Phone
from playwright.sync_api import Page, expect
from running import RunningServer

PIN = "4271"


def enrol_leader(phone: Phone, server: RunningServer, role: str = "parking") -> Page:
    page = phone.switch_on()
    page.goto(server.invite(role, "Phone of Sarah")["url"])
    with page.expect_response("**/api/patrols/key"):  # until the server has its key, tablets cannot know it
        page.get_by_role("button", name="Yes, this is").click()
    page.get_by_role("link", name="Start").click()
    page.get_by_role("button", name="Pupils’ patrol").click()
    expect(page.get_by_role("heading", name="Pupils’ patrols")).to_be_visible()
    return page


def enrol_tablet(tablet: Phone, server: RunningServer, name: str) -> Page:
    tablet.viewport = TABLET
    page = tablet.switch_on()
    page.goto(server.invite("pupil", name)["url"])
    page.get_by_role("button", name="Yes, this is").click()
    with page.expect_response("**/api/sync/down**"):
        page.get_by_role("link", name="Start").click()
    expect(page.get_by_text("No patrol is open")).to_be_visible()
    page.wait_for_function("navigator.serviceWorker.controller !== null || navigator.serviceWorker.ready")
    return page


def open_patrol(page: Page, *, photos: bool = False, spots: tuple[str, ...] = ("Main gate", "Bus stop")) -> str:
    """Everything a lead adult answers. Returns the link that tablets scan."""
    page.get_by_role("link", name="Open a patrol").click()
    tick(page, "School", "Northbrook Primary")
    for spot in spots:
        tick(page, "Spots you will watch", spot)
    for team in ("Fox", "Owl"):
        tick(page, "Teams", team)
    page.get_by_label("Pupils on the street", exact=True).fill("6")
    tick(page, "School adult with you", "Teacher")
    for confirmed in page.get_by_role("group", name="Before you go out").get_by_role("checkbox").all():
        confirmed.check(force=True)
    page.get_by_role("button", name="Read the briefing out").click()
    for _ in range(4):
        page.get_by_role("button", name="Next").click()
        page.wait_for_timeout(360)  # a second tap within a third of a second counts as a bounced finger
    page.get_by_role("button", name="All read out").click()
    if photos:
        tick(page, "Pupil photos", "With everything covered")
    page.get_by_label("PIN for grown-ups").fill(PIN)
    page.get_by_role("button", name="Open the patrol").click()
    expect(page.get_by_text("Tablets join")).to_be_visible()
    page.evaluate("navigator.clipboard.writeText = async text => { window.copied = text }")
    page.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    return page.evaluate("window.copied")


def tick(page: Page, question: str, choice: str) -> None:
    page.get_by_role("group", name=question, exact=True).get_by_text(choice, exact=True).click()


def scan(page: Page, link: str) -> None:
    """The camera's app opens what the square holds."""
    page.goto(link)
    expect(page.get_by_role("heading", name="Which team are you?")).to_be_visible()


def tap(page: Page, *words: str) -> int:
    """Tap one picture after another by its words. Returns how many."""
    for each in words:
        page.get_by_role("main").get_by_role("button", name=each, exact=True).click()
    return len(words)


def give_pin(page: Page, pin: str = PIN) -> None:
    for digit in pin:
        page.get_by_role("button", name=digit, exact=True).click()


def green_ticket(page: Page, spot: str = "Main gate") -> int:
    """The shortest way: nobody in a well parked car."""
    return tap(page, "Well parked", spot, "No", "Thank you for walking the last bit!", "Next", "On the windscreen")


def red_ticket(
    page: Page, *, reason: str = "On the zig-zags", spot: str = "Main gate", then: str = "They moved"
) -> None:
    tap(page, "Not safe", reason, "Next", spot, "Yes")
    tap(page, "The zig-zags keep us safe. Please leave them empty.", "Next", "On the windscreen", then)
