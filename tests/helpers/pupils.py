"""What grown-ups and pupils do on an afternoon, in verbs: taps are found by the words and pictures that people see."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from phones import TABLET, Phone
from playwright.sync_api import Locator, Page, expect
from running import RunningServer
from sqlmodel import Session

from beatbook import people
from beatbook.models import Purpose, Role
from beatbook.office import open_office
from beatbook.settings import Settings

PIN = "4271"
WEDNESDAY, FRIDAY = 2, 4  # as date.weekday() counts


# Setting up -----------------------------------------------------------------------------------------------------


def links_for(server: RunningServer, *wanted: tuple[Role, str]) -> list[str]:
    """A link for each role and name, made beside the running server in one go: a device's, or one into the desk."""
    office, now = open_office(Settings(data=server.data)), datetime.now(UTC)

    def make(session: Session) -> list[str]:
        return [link(session, role, name) for role, name in wanted]

    def link(session: Session, role: Role, name: str) -> str:
        given: dict[str, Any] = {"minutes": 60, "now": now}
        if role in people.DESK_ROLES:
            person = people.add_person(session, name, role, now=now)
            session.flush()
            given |= {"purpose": Purpose.DESK, "person": person, "often": True}  # opens the desk without a password
        return people.invite(session, role, name, **given).url(server.url)

    made = office.database.write(make)
    office.close()
    return made


def enrol_leader(phone: Phone, link: str) -> Page:
    page = phone.switch_on()
    page.goto(link)
    with page.expect_response("**/api/patrols/key"):  # until the server has its key, tablets cannot know it
        page.get_by_role("button", name="Yes, this is").click()
    page.get_by_role("link", name="Start").click()
    page.get_by_role("button", name="Pupils’ patrol").click()
    expect(page.get_by_role("heading", name="Pupils’ patrols")).to_be_visible()
    return page


def enrol_tablet(tablet: Phone, link: str) -> Page:
    tablet.viewport = TABLET
    page = tablet.switch_on()
    page.goto(link)
    page.get_by_role("button", name="Yes, this is").click()
    with page.expect_response("**/api/sync/down**"):
        page.get_by_role("link", name="Start").click()
    expect(page.get_by_text("No patrol is open")).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    return page


def set_to_school_time(page: Page) -> None:
    """Between Friday noon and Tuesday no class may count its last Wednesday; then the tablet lives on that day."""
    now = datetime.now(ZoneInfo("Europe/London"))
    if WEDNESDAY <= now.weekday() <= FRIDAY - (now.hour >= 12):
        return
    back = timedelta(days=(now.weekday() - WEDNESDAY) % 7)
    page.add_init_script(f"""{{
      const Real = Date
      window.Date = class extends Real {{
        constructor(...given) {{ super(...(given.length ? given : [Real.now() - {back.total_seconds() * 1000}])) }}
        static now() {{ return Real.now() - {back.total_seconds() * 1000} }}
      }}
    }}""")
    page.reload()


# On a patrol ----------------------------------------------------------------------------------------------------


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
    onward = page.get_by_role("button", name=re.compile("^(Next|All read out)$"))
    while onward.count():  # a press soon after another counts as a bounced finger, and changes nothing
        onward.click()
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
    return tap(page, "Well parked", spot, "No", "Thank you for walking the last bit!", "On the windscreen")


def red_ticket(
    page: Page, *, reason: str = "On the zig-zags", spot: str = "Main gate", then: str = "They moved"
) -> int:
    """The longest way: somebody sits in it."""
    taps = tap(page, "Not safe", reason, "Next", spot, "Yes")
    return taps + tap(page, "The zig-zags keep us safe. Please leave them empty.", "On the windscreen", then)


# In class -------------------------------------------------------------------------------------------------------


def press(page: Page, *names: str) -> int:
    """Press tiles by the words on them; a box of the tally has its number behind them. Returns how many."""
    for name in names:
        tile(page, name).click()
    return len(names)


def tile(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=re.compile(rf"^{re.escape(name)}( \d+)?$"))
