"""Every page of the desk, found by following its links through the example district, and shut to nobody."""

import re
from html import unescape

import pytest
from phones import DESKTOP, problems_for_people
from playwright.sync_api import Page, expect
from running import RunningServer
from starlette.routing import Match

from beatbook.app import DESK

pytestmark = pytest.mark.browser

# What answers with a file, with a piece for a page that is open already, or by leading on.
NO_PAGES = {
    "/", "/records.csv", "/records/newer", "/map/{version}/{zoom}/{x}/{y}", "/take-out/{job_id}/progress",
    "/take-out/{job_id}/file", "/review/list", "/live", "/photos/{sha256}/{size}", "/patrols/photos/{sha256}",
    "/kept-aside/{kept_id}/bytes", "/lists/{name}/csv", "/settings/csv", "/static/{name}",
    "/sign-in/council", "/sign-in/council/answer", "/sign-in/council/finish",
}  # fmt: skip
PAGES = {route.path for route in DESK if "GET" in (route.methods or ())} - NO_PAGES
MORE = ("/desk/take-out", "/desk/kept-aside", "/desk/gone", "/desk/bring-in", "/desk/staff")  # not linked while empty
FOLLOWED = 5  # pages of one kind whose links are followed


@pytest.mark.timeout(300)  # forty pages; other tests keep the machine busy
def test_every_page_of_the_desk_is_visited_and_shuts_nobody_out(running: RunningServer, another):
    running.start("--demo", within=120)
    desk = another("desk", viewport=DESKTOP, touch=False).switch_on()
    complaints: list[str] = []
    desk.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    visited: dict[str, str] = {}
    join(running, desk, "admin", visited)
    begin_a_search_for_a_person(running, desk)
    for path, address in addresses(desk, running.url, [*MORE, *links_on(desk.content())]).items():
        desk.goto(running.url + address)
        look(desk, path, visited)

    desk.goto(f"{running.url}/desk/notices")
    record = next(link for link in links_on(desk.content()) if path_of(link) == "/records/{instance_id}")
    for more in ("notice", "statement", "correct?field=place_text"):
        desk.goto(f"{running.url}{record}/{more}")
        look(desk, "/records/{instance_id}/" + more.partition("?")[0], visited)
    take_photos_out(running, desk, visited)
    desk.get_by_role("button", name="Sign out").click()
    look(desk, "/sign-in", visited)
    join(running, desk, "auditor", visited)
    desk.goto(running.url + record.replace("records", "emergency"))
    look(desk, "/emergency/{instance_id}", visited)
    assert PAGES - visited.keys() == set(), "no axe has seen these: link to them, or name a way there"
    assert complaints == []


def join(running: RunningServer, desk: Page, role: str, visited: dict[str, str]) -> None:
    desk.goto(running.invite(role, f"Ada {role}")["url"])
    look(desk, "/join/{code}", visited)
    desk.get_by_label("Email").fill(f"{role}@council.example")
    desk.get_by_label("Password").fill("a long enough password")
    desk.get_by_role("button", name="Make my account").click()
    expect(desk.get_by_role("navigation", name="Desk")).to_be_visible()


def begin_a_search_for_a_person(running: RunningServer, desk: Page) -> None:
    desk.goto(f"{running.url}/desk/subjects")
    form = desk.locator("form[action='/desk/subjects']")
    form.locator("input").first.fill("Victor Stone")
    form.locator("input[name=proof]").fill("Driving licence seen")
    form.get_by_role("button", name="Search everything").click()
    expect(desk.get_by_role("heading", level=1)).to_be_visible()


def take_photos_out(running: RunningServer, desk: Page, visited: dict[str, str]) -> None:
    """First without the reason that they need."""
    desk.goto(f"{running.url}/desk/take-out?form=graffiti")
    desk.get_by_label("Photos (ZIP)").check()
    desk.get_by_role("button", name="Take out").click()
    expect(desk.get_by_role("alert")).to_be_visible()
    look(desk, "a take-out without its reason", visited)
    desk.get_by_label("What is it for?").select_option("police")
    desk.get_by_role("button", name="Take out").click()
    expect(desk.get_by_role("alert")).to_be_hidden()
    desk.goto(f"{running.url}/desk/take-out")
    desk.get_by_role("link", name=re.compile(r"\.zip")).click()
    expect(desk.get_by_text("Your file is ready")).to_be_visible()
    look(desk, "/take-out/{job_id}", visited)


def addresses(desk: Page, origin: str, waiting: list[str]) -> dict[str, str]:
    """One address for each kind of page that can be reached by links."""
    found: dict[str, list[str]] = {}
    while waiting:
        address = waiting.pop(0).partition("#")[0]
        path = path_of(address)
        known = found.setdefault(path, [])
        if path in PAGES and address not in known and len(known) < FOLLOWED:
            known.append(address)
            answer = desk.request.get(origin + address)
            waiting += links_on(answer.text()) if answer.ok else []
    return {path: known[0] for path, known in found.items() if known}


def links_on(page: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'href="(/desk/[^"]*)"', page)]


def path_of(address: str) -> str:
    """The route that an address leads to, as it stands in app.py."""
    scope = {"type": "http", "path": address.partition("?")[0].removeprefix("/desk"), "root_path": "", "method": "GET"}
    return next((route.path for route in DESK if route.matches(scope)[0] is Match.FULL), "")


def look(page: Page, what: str, visited: dict[str, str]) -> None:
    assert problems_for_people(page) == [], f"{what}: {page.url}"
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), f"{what} is too wide: {page.url}"
    visited[what] = page.url
