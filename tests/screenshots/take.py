"""The pictures for people who have not started Beatbook yet, taken of a demonstration that is filled for them.

Each screen is a function that leads a browser to it. One that cannot be reached is named at the end, and the others are
taken all the same. `python3 tests/screenshots desk` takes only those whose name holds that word.
"""

import io
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from options import NO_CHROMIUM, absent, find_chromium
from phones import DESKTOP, FLAGS, PHONE, TABLET
from PIL import Image
from playwright.sync_api import Browser, Error, Page, ViewportSize, expect, sync_playwright
from running import ROOT, RunningServer
from sqlmodel import col, func, select

from beatbook import demo
from beatbook.demo import patrols, pictures
from beatbook.forms import load
from beatbook.models import Blob, PreviewState
from beatbook.office import open_office
from beatbook.settings import Settings

FOLDER = ROOT / "docs" / "screenshots"
MOST_BYTES = 250_000  # of one picture; README shows several
COLOURS = (256, 128, 64)  # tried in turn until a picture is small enough
PATIENCE = 20_000  # ms for a screen to appear, on a machine with other work
SETTLE = 500  # ms for pictures and transitions that no locator can wait for


# Screens --------------------------------------------------------------------------------------------------------


def phone_home(page: Page) -> None:
    enrol(page)
    page.get_by_role("button", name="Graffiti").wait_for()


def phone_graffiti(page: Page) -> None:
    enrol(page)
    page.get_by_role("button", name="Graffiti").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Take photo").click()
    chooser.value.set_files(
        {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": pictures.photo("brick_wall", 7, "KRON")}
    )
    expect(page.get_by_role("img", name="Photo 1")).to_be_visible()
    for question, answer in in_words(ANSWERS):
        page.get_by_role("group", name=question).first.get_by_text(answer, exact=True).click()
    page.get_by_label("Where exactly?").fill("Fullers Lane, side wall of no. 14")
    page.evaluate("scrollTo(0, 300)")  # the photo and the first tiles


def phone_saved_without_signal(page: Page) -> None:
    phone_graffiti(page)
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    page.context.set_offline(True)
    page.get_by_role("button", name="Finish").click()
    page.get_by_text("Saved on this phone").first.wait_for()
    expect(page.get_by_role("banner").get_by_role("status")).to_contain_text("no signal")


def phone_sent(page: Page) -> None:
    phone_graffiti(page)
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("banner").get_by_role("status")).to_have_text("All sent")
    page.get_by_role("link", name="Home").last.click()
    page.get_by_role("link", name="Outbox").last.click()
    page.get_by_role("link", name="Sent").last.wait_for()


def tablet_pupils(page: Page) -> None:
    """On the patrol that is open in the example."""
    enrol(page)
    page.get_by_role("button", name="For grown-ups").click()
    page.get_by_label("Code on the adult").fill(patrols.CODES[0])
    page.get_by_role("button", name="Join", exact=True).click()
    page.get_by_role("button", name="Fox").click()
    page.get_by_role("heading", name="How is it parked?").wait_for()


def tablet_reasons(page: Page) -> None:
    tablet_pupils(page)
    page.get_by_role("button", name="Not safe").click()
    for seen in ("On the zig-zags", "Engine left on"):
        page.get_by_role("button", name=seen).click()


def tablet_ticket(page: Page) -> None:
    tablet_reasons(page)
    words = "The zig-zags keep us safe. Please leave them empty."
    for choice in ("Next", "Main gate", "Yes", words):
        page.get_by_role("main").get_by_role("button", name=choice, exact=True).click()
    page.get_by_role("heading", name="Show it to the driver.").wait_for()


def desk_patrol(page: Page) -> None:
    open_desk(page)
    page.get_by_role("link", name="Patrols").first.click()
    page.get_by_role("link", name="Northbrook Primary").nth(1).click()
    page.get_by_text("What they saw").wait_for()


def desk_records(page: Page) -> None:
    open_desk(page)
    page.locator("main img").first.wait_for()


def desk_record(page: Page) -> None:
    open_desk(page)
    page.get_by_role("link", name="Wall or fence").first.click()
    page.get_by_role("button", name="Approve").wait_for()


def phone_day(page: Page) -> None:
    enrol(page)
    page.get_by_role("link", name="My day").click()
    page.get_by_role("button", name="Done").first.wait_for()


def phone_advice(page: Page) -> None:
    enrol(page)
    page.get_by_role("link", name="Advice").click()
    page.get_by_role("link", name="Parking at the school gate").click()
    page.get_by_role("link", name="Show to somebody").click()
    page.get_by_role("img", name="QR code of this card").wait_for()


def desk_briefing(page: Page) -> None:
    open_desk(page)
    page.get_by_role("link", name="Briefing").first.click()
    page.get_by_text("What came in, by place").wait_for()


def desk_devices(page: Page) -> None:
    open_desk(page)
    page.get_by_role("link", name="Devices").first.click()
    page.get_by_text("Phone 1, Sarah").first.wait_for()


# The desk comes first: the phones that the other pictures set up would show among its devices.
SCREENS: dict[str, tuple[str, ViewportSize, Callable[[Page], None]]] = {
    "desk-records": ("Supervisor's desk", DESKTOP, desk_records),
    "desk-record": ("Supervisor's desk", DESKTOP, desk_record),
    "desk-briefing": ("Supervisor's desk", DESKTOP, desk_briefing),
    "desk-devices": ("Supervisor's desk", DESKTOP, desk_devices),
    "desk-patrol": ("Supervisor's desk", DESKTOP, desk_patrol),
    "phone-home": ("Officer's phone", PHONE, phone_home),
    "phone-graffiti": ("Officer's phone", PHONE, phone_graffiti),
    "phone-saved": ("Officer's phone", PHONE, phone_saved_without_signal),
    "phone-day": ("Officer's phone", PHONE, phone_day),
    "phone-advice": ("Officer's phone", PHONE, phone_advice),
    "phone-sent": ("Officer's phone", PHONE, phone_sent),
    "tablet-pupils": ("Pupils' tablet", TABLET, tablet_pupils),
    "tablet-reasons": ("Pupils' tablet", TABLET, tablet_reasons),
    "tablet-ticket": ("Pupils' tablet", TABLET, tablet_ticket),
}
ANSWERS = {"size": "door", "offensive": "no", "kind": "tag", "object": "wall_fence", "surface": "brick"}


def enrol(page: Page) -> None:
    page.get_by_role("button", name="Yes, this is").click()
    page.get_by_role("link", name="Start").click()


def open_desk(page: Page) -> None:
    page.get_by_role("button", name="Open the desk").click()
    page.get_by_role("link", name="Devices").first.wait_for()


def in_words(answers: dict[str, str]) -> list[tuple[str, str]]:
    """Questions and answers as the form has them on the screen."""
    form = load(Settings().forms).newest("graffiti")
    assert form is not None
    found = []
    for name, answer in answers.items():
        field = form.field(name)
        assert field is not None
        found.append((field.label, next(choice.label for choice in field.choices if choice.name == answer)))
    return found


# Taking them ----------------------------------------------------------------------------------------------------


def main(wanted: list[str]) -> int:
    chosen = [name for name in SCREENS if not wanted or any(word in name for word in wanted)]
    FOLDER.mkdir(parents=True, exist_ok=True)
    missed = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = RunningServer(Path(folder) / "data")
        fill(server)
        server.start()
        browser = playwright.chromium.launch(executable_path=find_chromium() or absent(NO_CHROMIUM), args=FLAGS)
        try:
            wait_for_previews(server)
            for name in chosen:
                if not take(browser, server, name):
                    missed.append(name)
        finally:
            browser.close()
            server.stop()
    if missed:
        print(f"Not taken: {', '.join(missed)}")
    return 1 if missed else 0


def fill(server: RunningServer) -> None:
    office = open_office(settings_of(server))
    demo.fill(office, now=office.clock(), tell=print)
    office.close()


def links(server: RunningServer) -> dict[str, str]:
    """Fresh ones, made beside the running server."""
    office = open_office(settings_of(server))
    found = {link.what: link.url for link in demo.links(office, now=office.clock())}
    office.close()
    return found


def settings_of(server: RunningServer) -> Settings:
    return Settings(data=server.data, port=server.port)


def wait_for_previews(server: RunningServer) -> None:
    """Without them the desk shows grey boxes."""
    office = open_office(settings_of(server))
    waiting = select(func.count()).select_from(Blob).where(col(Blob.preview) == PreviewState.WAITING)
    until = time.monotonic() + 120
    while time.monotonic() < until:
        with office.database.reading() as session:
            if session.exec(waiting).one() == 0:
                break
        time.sleep(0.3)
    office.close()


def take(browser: Browser, server: RunningServer, name: str) -> bool:
    """One picture, in a browser that has never been here before."""
    what, viewport, lead = SCREENS[name]
    is_desktop = viewport is DESKTOP
    context = browser.new_context(
        viewport={"width": viewport["width"], "height": viewport["height"]},
        device_scale_factor=1 if is_desktop else 2,
        has_touch=not is_desktop,
        geolocation={"latitude": 51.2803, "longitude": 1.0786, "accuracy": 6},
        permissions=["geolocation"],
        locale="en-GB",
        timezone_id="Europe/London",
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    try:
        page.goto(links(server)[what])
        lead(page)
        page.wait_for_timeout(SETTLE)
        size = keep(page.screenshot(animations="disabled", caret="hide"), FOLDER / f"{name}.png")
        print(f"  {name}.png, {size // 1000} kB")
        return True
    except (Error, AssertionError) as problem:
        print(f"  {name}: {str(problem).strip().splitlines()[0]}")
        return False
    finally:
        context.close()


def keep(png: bytes, path: Path) -> int:
    """Write a picture with as many colours as MOST_BYTES allow. Returns its size."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    data = png
    for colours in COLOURS:
        small = io.BytesIO()
        image.quantize(colours, Image.Quantize.MEDIANCUT, dither=Image.Dither.FLOYDSTEINBERG).save(
            small, "PNG", optimize=True
        )
        data = small.getvalue()
        if len(data) <= MOST_BYTES:
            break
    path.write_bytes(data)
    return len(data)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
