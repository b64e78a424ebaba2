"""What an officer does with a phone, in verbs: taps are found by the words that the person reads."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from phones import Phone
from playwright.sync_api import Locator, Page, expect
from running import RunningServer
from sqlmodel import Session, select
from waiting import wait_until as wait_until

from beatbook import authorisations, people
from beatbook.forms import Field, load
from beatbook.models import Device, Role
from beatbook.office import open_office
from beatbook.settings import Settings

FORMS = load(Settings().forms)
TOLD = """new Promise((told) => {
  indexedDB.open('beatbook').onsuccess = ({target: {result}}) => {
    const asked = result.transaction('meta').objectStore('meta').get('settings')
    asked.onsuccess = () => {
      result.close()
      told(Boolean(asked.result?.some((row) => row.name.startsWith('authorised.'))))
    }
  }
})"""


def enrol(phone: Phone, server: RunningServer, role: str = "officer", name: str = "Phone 7") -> Page:
    page = phone.switch_on()
    phone.grant("geolocation")
    page.goto(server.invite(role, name)["url"])
    page.get_by_role("button", name="Yes, this is").click()
    expect(page.get_by_text(name).first).to_be_visible()
    page.get_by_role("link", name="Start").click()
    expect(page.get_by_role("button", name="Graffiti")).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    return page


def authorise(server: RunningServer, page: Page, *offences: str) -> None:
    """The desk enters who carries this phone and what they may give notices for, and the phone has heard it."""
    office, now = open_office(Settings(data=server.data)), datetime.now(UTC)

    def enter(session: Session) -> None:
        kerry = people.add_person(session, "Kerry B", Role.SUPERVISOR, now=now)
        session.flush()
        device = session.exec(select(Device).where(Device.role == Role.OFFICER)).one()
        authorisations.hand_to(session, device, "Sarah Finch", "E12", person=kerry, now=now)
        for offence in offences:
            days = date(now.year, 1, 1), date(now.year + 1, 12, 31)
            authorisations.authorise(session, device, offence, "KB/26/3", *days, person=kerry, now=now)

    office.database.write(enter)
    office.close()
    page.goto(server.url)
    page.reload()  # asks the server at its start
    wait_until(lambda: page.evaluate(TOLD) is True)


def open_shift(phone: Phone, server: RunningServer) -> Page:
    """A phone that was set up the day before and is switched on again, in a place it may know."""
    enrol(phone, server)
    phone.switch_off()  # Chromium takes half a minute to write a cookie down
    page = phone.switch_on()
    phone.grant("geolocation")
    return page


def record_graffiti(page: Page, photo: Path, place: str = "Westgate Gardens, by the bench") -> None:
    page.get_by_role("button", name="Graffiti").click()
    take_photo(page, photo)
    choose(page, size="a4", offensive="no", kind="tag", object="wall_fence", surface="brick")
    page.get_by_label(question("place_text").label).fill(place)


def finish(page: Page) -> None:
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="Saved on this phone")).to_be_visible()


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


def stored(server: RunningServer) -> list[tuple[str, int, bytes]]:
    """What the server has: review state, completeness and payload of each record."""
    connection = sqlite3.connect(server.data / "beatbook.db")
    rows = connection.execute("SELECT review_state, complete, payload FROM submission").fetchall()
    connection.close()
    return rows


def strip(page: Page) -> Locator:
    """The line on every screen that says what is not sent yet."""
    return page.get_by_role("banner").get_by_role("status")


def shown_on_strip(page: Page) -> Callable[[], list[str]]:
    """Everything that line says from the next address on, however briefly."""
    page.add_init_script("""
        window.saidOnStrip = []
        new MutationObserver(() => {
          const words = document.querySelector('header [role=status]')?.textContent
          if (words && words !== saidOnStrip.at(-1)) saidOnStrip.push(words)
        }).observe(document, {childList: true, subtree: true, characterData: true})
    """)
    return lambda: page.evaluate("saidOnStrip")
