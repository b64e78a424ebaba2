"""An officer's day with no signal: advice shown, a task done with its record, an item raised; the desk sees it all,
and the tasking group meets about it.
"""

import httpx2
import pytest
from actors import MULTIPART, Record, body_of, parts
from officers import choose, open_shift, question, strip, take_photo, wait_until
from phones import DESKTOP, problems_for_people
from playwright.sync_api import Page, expect
from reporters import a_report

from beatbook.advice import load
from beatbook.settings import Settings

pytestmark = pytest.mark.browser

TASK = "Look for new tags"
PLACE = "Millbrook Gardens, by the weir"


def test_a_day_without_signal_reaches_the_desk(running, phone, another, photo):
    page = open_shift(phone, running.start())
    desk = another("desk", viewport=DESKTOP, touch=False).switch_on()
    join(desk, running)
    give_out(desk, running)
    page.goto(running.url)
    expect(page.get_by_role("link", name="My day")).to_contain_text("1 to do", timeout=70_000)
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    phone.go_offline()
    page.goto(running.url)

    show_a_card(page, running.url)
    do_the_task(page, photo)
    raise_it(page)
    expect(strip(page)).to_have_text("3 waiting, no signal")

    phone.go_online()
    expect(strip(page)).to_have_text("All sent")
    desk.goto(f"{running.url}/desk/tasks")
    wait_until(lambda: "Done" in reloaded(desk))
    desk.get_by_role("link", name=TASK).click()
    expect(desk.get_by_role("link", name=PLACE)).to_be_visible()
    assert problems_for_people(desk) == []
    desk.goto(f"{running.url}/desk/tasking")
    desk.get_by_role("link", name="Graffiti, Wall or fence").click()
    expect(desk.get_by_text("No new tag for a month")).to_be_visible()
    expect(desk.get_by_role("link", name=PLACE)).to_be_visible()
    assert problems_for_people(desk) == []
    keep_a_case(desk, running)
    for where in ("briefing", "cases", "tasks", "tasking", "advice", "shares", "agencies", "meetings"):
        desk.goto(f"{running.url}/desk/{where}")
        assert problems_for_people(desk) == [], where
    meet(desk)


def keep_a_case(desk: Page, running) -> None:
    """A report becomes a case by the keyboard alone: it is opened, its reporter told, and an empty form refused."""
    report = deliver(running, a_report())
    desk.goto(f"{running.url}/desk/cases")
    assert problems_for_people(desk) == []
    desk.get_by_role("link", name="Noise, Longmarket Row").first.focus()
    desk.keyboard.press("Enter")
    desk.get_by_text("Open a case").focus()
    assert problems_for_people(desk) == []
    desk.get_by_role("button", name="Open the case").focus()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", name="Noise, Longmarket Row")).to_be_visible()
    desk.get_by_role("button", name="Write it down").focus()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("link", name="Write down what was said")).to_be_visible()
    assert problems_for_people(desk) == []
    desk.get_by_label("What was said").fill("She keeps a diary")
    desk.get_by_label("What was said").press("Tab")
    desk.get_by_role("button", name="Write it down").press("Enter")
    expect(desk.get_by_text("She keeps a diary")).to_be_visible()
    assert problems_for_people(desk) == []
    desk.goto(f"{running.url}/desk/records/{report.instance_id}/letter")
    expect(desk.get_by_text("Dear Edith Farrow")).to_be_visible()
    assert problems_for_people(desk) == []


def deliver(running, report: Record) -> Record:
    """From another officer's phone."""
    code = running.invite("officer", "Phone 8")["code"]
    token = httpx2.post(f"{running.url}/api/enrol", json={"code": code}).json()["token"]
    headers = {"authorization": f"Bearer {token}", "content-type": MULTIPART}
    answer = httpx2.post(f"{running.url}/api/sync", content=body_of(parts(report)), headers=headers)
    assert answer.status_code == 200, answer.text
    return report


def show_a_card(page: Page, url: str) -> None:
    """Three taps from Home to a square that somebody else's phone reads, and every card is there."""
    page.get_by_role("link", name="Advice").click()
    expect(page.get_by_role("main").get_by_role("listitem")).to_have_count(len(list(load(Settings().advice))))
    assert problems_for_people(page) == []
    page.get_by_label("Search").fill("floo car")
    expect(page.get_by_role("main").get_by_role("listitem")).to_have_count(1)
    page.get_by_label("Search").fill("")
    page.get_by_role("link", name="Parking at the school gate").click()
    page.get_by_label("School").select_option(label="Northbrook Primary")
    expect(page.get_by_text("You must not stop on the yellow zig-zags")).to_be_visible()
    assert problems_for_people(page) == []
    page.get_by_role("link", name="Show to somebody").click()
    square = page.get_by_role("img", name="QR code of this card")
    expect(square).to_have_attribute("data-link", f"{url}/advice/P-1?school=northbrook")
    assert problems_for_people(page) == []
    page.goto(f"{url}/#/")


def do_the_task(page: Page, photo) -> None:
    page.get_by_role("link", name="My day").click()
    expect(page.get_by_role("heading", name=TASK)).to_be_visible()
    assert problems_for_people(page) == []
    page.get_by_role("button", name="Graffiti").click()
    take_photo(page, photo)
    choose(page, size="a4", offensive="no", kind="tag", object="wall_fence", surface="brick")
    expect(page.get_by_label(question("place_text").label)).to_have_value(PLACE)
    page.get_by_role("button", name="Finish").click()
    page.get_by_role("button", name="The task is done").click()
    expect(page.get_by_text(f"Task done: {TASK}")).to_be_visible()
    page.get_by_role("link", name="Home").last.click()
    page.get_by_role("link", name="My day").click()
    expect(page.get_by_role("heading", name="Finished")).to_be_visible()
    page.get_by_role("link", name="Graffiti, Wall or fence").click()


def raise_it(page: Page) -> None:
    page.get_by_role("button", name="Raise at tasking group").click()
    page.get_by_label("What does good look like?").fill("No new tag for a month")
    assert "Recorded" in page.get_by_label("What is the problem?").input_value()
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="Saved on this phone")).to_be_visible()


def join(desk: Page, running) -> None:
    desk.goto(running.invite("supervisor", "Kerry B")["url"])
    desk.get_by_label("Email").fill("kerry@council.example")
    desk.get_by_label("Password").first.fill("a long enough password")
    desk.get_by_role("button", name="Make my account").click()
    expect(desk.get_by_role("link", name="Tasks")).to_be_visible()


def give_out(desk: Page, running) -> None:
    desk.goto(f"{running.url}/desk/tasks")
    desk.get_by_label("What to do").fill(TASK)
    desk.get_by_label("Who does it").select_option(label="Phone 7")
    desk.get_by_label("Where").fill(PLACE)
    desk.get_by_label("Opens the form").select_option(label="Graffiti")
    desk.get_by_role("button", name="Give out").click()
    expect(desk.get_by_role("link", name=TASK)).to_be_visible()


def meet(desk: Page) -> None:
    """The item comes before the tasking group, by keyboard alone; every page of it can be read by everybody."""
    desk.get_by_role("button", name="Plan it").press("Enter")
    expect(desk.get_by_role("heading", name="Confidentiality and who is here")).to_be_visible()
    meeting = desk.url
    assert problems_for_people(desk) == []
    desk.goto(f"{meeting}/papers")
    desk.get_by_role("button", name="Given on paper to Kent Police").press("Enter")
    expect(desk.get_by_text("on paper").first).to_be_visible()
    assert problems_for_people(desk) == []
    desk.get_by_role("link", name="Look at what Kent Police gets").press("Enter")
    expect(desk.get_by_text("No new tag for a month")).to_be_visible()
    assert problems_for_people(desk) == []
    desk.goto(meeting)
    for step in ("The packs are out", "Open the meeting"):
        desk.get_by_role("button", name=step).press("Enter")
    sergeant = desk.get_by_role("row", name="Sergeant Hale")
    sergeant.get_by_role("radio", name="In person").press("Space")
    sergeant.get_by_role("checkbox").press("Space")
    desk.get_by_role("button", name="Save who is here").press("Enter")
    expect(desk.get_by_text("1 person here, all have signed.")).to_be_visible()
    assert problems_for_people(desk) == []
    desk.get_by_role("link", name="Graffiti, Wall or fence").press("Enter")
    desk.get_by_label("What was decided").fill("Paint it and look again")
    desk.get_by_role("button", name="Write it down").press("Enter")
    expect(desk.get_by_text("First written down")).to_be_visible()
    assert problems_for_people(desk) == []
    desk.get_by_role("link", name="Write a share down").press("Enter")
    desk.get_by_role("button", name="Write it down").press("Enter")
    expect(desk.get_by_role("heading", name="There is a problem")).to_be_visible()
    assert problems_for_people(desk) == []


def reloaded(desk: Page) -> str:
    desk.reload()
    return desk.locator("main").inner_text()
