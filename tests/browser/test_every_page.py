"""Every page of the desk, found by following its links through the example district, and shut to nobody."""

import re

import pytest
from phones import DESKTOP, problems_for_people
from playwright.sync_api import Page, expect
from running import RunningServer
from starlette.routing import Match, Route

from beatbook.app import DESK

pytestmark = pytest.mark.browser

# What answers with a file, or with a piece for a page that is open already.
NO_PAGES = {
    "/", "/records.csv", "/records/newer", "/map/{version}/{zoom}/{x}/{y}", "/take-out/{job_id}/progress",
    "/take-out/{job_id}/file", "/review/list", "/live", "/photos/{sha256}/{size}", "/kept-aside/{kept_id}/bytes",
    "/lists/{name}/csv", "/settings/csv", "/static/{name}",
}  # fmt: skip
BEFORE_SIGNING_IN = {"/sign-in", "/join/{code}"}
MORE = ("/desk/take-out", "/desk/kept-aside", "/desk/gone", "/desk/bring-in", "/desk/staff")  # not linked while empty
PAGES = {route.path for route in DESK if "GET" in (route.methods or ())} - NO_PAGES


def test_every_page_of_the_desk_is_visited_and_shuts_nobody_out(running: RunningServer, another):
    running.start("--demo")
    desk = another("desk", viewport=DESKTOP, touch=False).switch_on()
    complaints: list[str] = []
    desk.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    visited: dict[str, str] = {}
    link = running.invite("administrator", "Ada Lane")["url"]
    desk.goto(link)
    look(desk, "/join/{code}", visited)
    desk.get_by_label("Email").fill("ada@council.example")
    desk.get_by_label("Password").fill("a long enough password")
    desk.get_by_role("button", name="Make my account").click()
    expect(desk.get_by_role("navigation", name="Desk")).to_be_visible()

    waiting = [*links_on(desk), *MORE]
    while waiting:
        address = waiting.pop(0)
        route = route_of(address)
        if route is None or route.path in visited or route.path not in PAGES:
            continue
        desk.goto(running.url + address)
        look(desk, route.path, visited)
        waiting += links_on(desk)

    desk.goto(f"{running.url}/desk/take-out?form=asb")
    desk.get_by_label("Personal answers too").check()
    desk.get_by_role("button", name="Take out").click()
    expect(desk.get_by_role("alert")).to_be_visible()
    look(desk, "a take-out without its reason", visited)
    desk.get_by_label("Photos (ZIP)").check()
    desk.get_by_label("What is it for?").select_option("police")
    desk.get_by_role("button", name="Take out").click()
    expect(desk.get_by_role("alert")).to_be_hidden()
    desk.goto(f"{running.url}/desk/take-out")
    desk.get_by_role("link", name=re.compile(r"\.zip")).click()
    expect(desk.get_by_text("Your file is ready")).to_be_visible()
    look(desk, "/take-out/{job_id}", visited)
    desk.goto(f"{running.url}/desk/subjects")
    desk.get_by_label("Name", exact=True).fill("Victor Stone")
    desk.get_by_label("How do you know who is asking?").fill("Driving licence seen")
    desk.get_by_role("button", name="Search everything").click()
    look(desk, "/subjects/{request_id}", visited)
    desk.get_by_role("link", name="Look at the next").click()
    look(desk, "/subjects/{request_id}/place", visited)
    desk.get_by_role("button", name="Sign out").click()
    look(desk, "/sign-in", visited)
    assert PAGES - visited.keys() == set(), "no axe has seen these: link to them, or name a way there"
    assert complaints == []


def look(page: Page, what: str, visited: dict[str, str]) -> None:
    assert problems_for_people(page) == [], f"{what}: {page.url}"
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), f"{what} is too wide: {page.url}"
    visited[what] = page.url


def links_on(page: Page) -> list[str]:
    found = page.locator("a[href^='/desk/']").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    return [str(one) for one in found]


def route_of(address: str) -> Route | None:
    path = address.partition("?")[0].partition("#")[0].removeprefix("/desk")
    scope = {"type": "http", "path": path, "root_path": "", "method": "GET"}
    return next((route for route in DESK if route.matches(scope)[0] is Match.FULL), None)
