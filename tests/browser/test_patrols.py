"""The pupils' afternoon, 14.45 to 15.50: an adult's phone, two tablets, and no network in the middle."""

import io
import json
import sqlite3
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from actors import a_photo, camera_file
from officers import wait_until
from patrol_actors import a_step, a_ticket, an_opening
from phones import DESKTOP, TABLET, problems_for_people
from PIL import Image
from playwright.sync_api import Page, expect
from pupils import (
    PIN,
    enrol_leader,
    enrol_tablet,
    give_pin,
    green_ticket,
    open_patrol,
    red_ticket,
    scan,
    tap,
    tick,
)

pytestmark = pytest.mark.browser

CHILD = "Ella Brown"  # planted as the name of her tablet; it must be nowhere in what a ticket leaves behind
FINGER = 128  # px
VOICES = """
  window.spoken = []
  const voices = [{lang: 'en-GB', localService: false, name: 'far'}, {lang: 'en-GB', localService: true, name: 'here'}]
  window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text } }
  Object.defineProperty(window, 'speechSynthesis', {value: {
    getVoices: () => voices, addEventListener() {}, removeEventListener() {}, cancel() {},
    speak: said => { spoken.push([said.voice.name, said.text]); said.onstart?.(); said.onend?.() },
  }})
"""


@pytest.mark.timeout(240)  # three browsers, on a machine with other work
def test_the_pupils_afternoon_without_a_network(running, phone, another):
    running.start()
    fox, owl = another("fox", viewport=TABLET), another("owl", viewport=TABLET)
    asked: list[str] = []
    adult = enrol_leader(phone, running)
    foxes, owls = enrol_tablet(fox, running, f"{CHILD}’s tablet"), enrol_tablet(owl, running, "Tablet 2")
    for page in (adult, foxes, owls):
        page.on("request", lambda request: asked.append(request.url))
    for each in (phone, fox, owl):
        each.go_offline()

    # 14.45 at the gate, no signal
    link = open_patrol(adult, photos=True)
    assert problems_for_people(adult) == []
    scan(foxes, link)
    owl.context.add_init_script(VOICES)
    owls.reload()
    scan(owls, link)
    look(foxes, "teams")
    tap(foxes, "Fox")
    tap(owls, "Owl")
    expect(owls.get_by_role("heading", name="How is it parked?")).to_be_visible()
    owls.get_by_role("button", name="Listen").click()
    assert owls.evaluate("spoken") == [
        ["here", said] for said in ("How is it parked?", "Well parked", "Could be better", "Not safe")
    ], "every label, by a voice of the tablet itself"

    # MT21: praise comes first, is as large, and is the shortest way
    faces = [button.bounding_box() or {} for button in foxes.locator(".faces button").all()]
    assert len(faces) == 3
    assert len({(round(face["width"]), round(face["height"])) for face in faces}) == 1
    assert [face["x"] for face in faces] == sorted(face["x"] for face in faces)
    assert green_ticket(foxes) <= 8
    expect(foxes.get_by_text("FOX-01")).to_be_visible()
    look(foxes, "saved", axe=False)
    tap(foxes, "Next car")

    a_ticket_is_looked_at_on_its_way(foxes)
    the_tablet_goes_off_and_carries_on(foxes)
    nothing_else_can_be_reached(foxes, running.url)
    a_photo_is_covered(foxes, camera_file("gps-tuscany-1.jpg"))

    tap(foxes, "Next car")
    green_ticket(foxes)
    tap(foxes, "Next car")
    green_ticket(foxes, "Bus stop")
    green_ticket(owls)
    tap(owls, "Next car")
    green_ticket(owls)
    tap(owls, "Next car")
    red_ticket(owls)
    tap(owls, "Next car")
    red_ticket(owls, then="They were cross")
    step_back(owls)
    tap(owls, "Next car", "Could be better", "Blocking the gate", "Next", "Main gate", "No")
    tap(owls, "Please leave space so we can see past.", "Next", "We kept it")
    a_mistake_is_counted_as_one(owls)

    # The grown-up has signal first; nothing may be lost or taken twice, whoever comes when
    phone.go_online()
    fox.go_online()
    expect(adult.locator(".patrol-counts")).to_contain_text("6 tickets so far", timeout=40_000)
    owl.go_online()
    expect(adult.get_by_text("A driver was cross")).to_be_visible(timeout=40_000)
    assert "Go to team Owl" in adult.locator("main").inner_text()
    assert problems_for_people(adult) == []

    # 15.25, MT15: closing is felt on the tablets at once
    adult.get_by_role("button", name="Close the patrol").click()
    tick(adult, "Did anything go wrong?", "A driver was cross")
    adult.get_by_label("What happened? No child").fill("A driver shouted. We stepped back.")
    adult.get_by_role("button", name="Close the patrol").click()
    for tablet in (foxes, owls):
        expect(tablet.get_by_text("The patrol is over")).to_be_visible()
        expect(tablet.get_by_text("Everything is sent.")).to_be_visible()
        assert problems_for_people(tablet) == []
        tablet.get_by_role("button", name="Clear this tablet").click()
        give_pin(tablet)
        expect(tablet.get_by_text("No patrol is open")).to_be_visible()

    assert [url for url in asked if not url.startswith((running.url, "blob:"))] == []
    for tablet, page in ((fox, foxes), (owl, owls)):
        kept = everything_kept(page)
        assert not [word for word in ("FOX-", "OWL-", "ZIGZAG", "_gate", "pinCheck") if word in kept["patrol"]]
        assert kept["records"] == kept["photos"] == kept["photoBytes"] == kept["drafts"] == 0
        assert tablet.profile.is_dir()
    phone.switch_off()
    fox.switch_off()
    owl.switch_off()
    running.stop()
    what_the_server_kept(running)


def test_a_supervisor_covers_more_approves_and_releases(running, another):
    running.start()
    now = datetime.now(UTC)
    times = [(now + timedelta(minutes=minutes)).isoformat() for minutes in (-20, -10, -1)]
    opening = an_opening(at=times[0], ends_at=times[2], photos="masked")
    note = {"incident": "near_miss", "incident_note": "A van reversed by the gate."}
    running.deliver(running.enrol("parking"), opening, a_step(opening, "close", at=times[2], **note))
    running.deliver(running.enrol("pupil"), a_ticket(opening, a_photo((800, 600)), at=times[1], next="cross"))
    page = another("desk", viewport=DESKTOP, touch=False).switch_on()
    page.goto(running.invite("supervisor", "Kerry Bell")["url"])
    page.get_by_label("Email address").fill("kerry@council.example")
    page.get_by_label("Password").first.fill("a long enough password")
    page.get_by_role("button", name="Make my account").click()
    page.get_by_role("link", name="Patrols").first.click()
    assert problems_for_people(page) == []
    page.get_by_role("link", name="Read it").click()
    assert problems_for_people(page) == []
    page.get_by_role("link", name="Cover more").click()
    page.get_by_role("button", name="Add a box in the middle").click()
    page.get_by_role("button", name="Wider").click()
    assert problems_for_people(page) == []
    with page.expect_navigation():
        page.get_by_role("button", name="Save and erase").click()
    kept = [path for path in (running.data / "blobs").rglob("*") if path.is_file() and is_wide(path)]
    assert kept
    for path in kept:  # the photo, and its preview when that was made already
        with Image.open(path) as picture:
            middle = picture.convert("L").crop((340, 270, 460, 330)).tobytes()
        assert max(middle) < 40, "the box is in the picture itself, and the one before is gone"
    for press in ("Fit to be seen", "I have read the incident", "Release the counts", "as looked at"):
        page.get_by_role("button", name=press).click()
    expect(page.get_by_text("The school has had the counts")).to_be_visible()
    page.goto(f"{running.url}/desk/patrols/open")
    page.get_by_label("School", exact=True).select_option("seagate")
    expect(page.get_by_text("Seagate Primary").last).to_be_visible()
    assert problems_for_people(page) == []


def is_wide(path: Path) -> bool:
    with Image.open(path) as picture:
        return picture.width == 800


# What happens on the way ----------------------------------------------------------------------------------------


def a_ticket_is_looked_at_on_its_way(page: Page) -> None:
    """Every screen of a red ticket: wide enough for a finger, open to everybody, and with a way back."""
    look(page, "result")
    tap(page, "Not safe")
    look(page, "reasons")
    tap(page, "In the bus stop", "On the zig-zags", "Next")
    page.get_by_role("button", name="Back", exact=True).click()
    expect(page.get_by_role("button", name="On the zig-zags", pressed=True)).to_be_visible()
    tap(page, "In the bus stop", "Next")
    look(page, "spot", axe=False)
    tap(page, "Main gate")
    look(page, "driver", axe=False)
    tap(page, "Yes")
    look(page, "message")
    tap(page, "The zig-zags keep us safe. Please leave them empty.")
    look(page, "the ticket")
    ticket = page.get_by_role("article").inner_text()
    assert "A note from the children of Northbrook Primary." in ticket  # MT7
    assert "This is not a fine. There is nothing to pay." in ticket
    assert not [word for word in ("£", "penalty", "charge", "notice") if word in ticket.lower()]  # MT8
    assert ticket.lower().count("fine") == 1
    tap(page, "Add the car")
    look(page, "kinds", axe=False)
    tap(page, "Van")
    look(page, "colours", axe=False)
    tap(page, "Silver", "Next")
    look(page, "given")


def the_tablet_goes_off_and_carries_on(page: Page) -> None:
    page.reload()
    expect(page.get_by_text("FOX-02")).to_be_visible()
    tap(page, "Next", "We handed it over")
    expect(page.get_by_text("Ask your grown-up to tap the PIN.")).to_be_visible()
    give_pin(page, "1234")
    expect(page.get_by_text("That is not the PIN.")).to_be_visible()
    give_pin(page)
    look(page, "next", axe=False)
    tap(page, "They moved")
    expect(page.get_by_text("Well done!")).to_be_visible()


def nothing_else_can_be_reached(page: Page, url: str) -> None:
    """MT16: whatever the address says."""
    for elsewhere in ("outbox", "device", "record/1", "form/1", "patrol", "patrol/open", "enrol/ABCDEFGH", "welcome"):
        page.goto(f"{url}/#/{elsewhere}")
        expect(
            page.get_by_role("heading", name="How is it parked?").or_(page.get_by_text("Well done!"))
        ).to_be_visible()
        assert page.get_by_role("link").count() == 0
        assert page.get_by_role("textbox").count() == 0, "nothing to type into"
    page.goto(f"{url}/#/")
    page.reload()
    expect(page.get_by_role("heading", name="How is it parked?")).to_be_visible()


def a_photo_is_covered(page: Page, picture: Path) -> None:
    tap(page, "Not safe", "On the pavement", "Next", "Bus stop", "No")
    tap(page, "The pavement was full. We had to walk in the road.", "Add a photo")
    look(page, "camera", axe=False)
    with page.expect_file_chooser() as chooser:
        tap(page, "Take it")
    chooser.value.set_files(picture)
    expect(page.get_by_role("button", name="No plate and no people")).to_be_visible()
    page.locator("canvas").click(position={"x": 200, "y": 150})
    tap(page, "Bigger", "Left")
    look(page, "cover")
    tap(page, "All covered")
    give_pin(page)
    expect(page.get_by_role("button", name="Photo added")).to_be_visible()
    tap(page, "Next", "On the windscreen")
    expect(page.get_by_text("FOX-03")).to_be_visible()
    tap(page, "Next car", "Could be better", "Engine left on", "Next", "Main gate", "No")
    tap(page, "Nearly! A few more steps away is safer.", "Next", "On the windscreen")


def step_back(page: Page) -> None:
    """MT14"""
    expect(page.get_by_role("heading", name="Step back.")).to_be_visible()
    assert page.get_by_role("button").count() == 1
    assert problems_for_people(page) == []
    tap(page, "My grown-up knows")


def a_mistake_is_counted_as_one(page: Page) -> None:
    tap(page, "Next car")
    green_ticket(page)
    page.get_by_role("button", name="Grown-up").click()
    give_pin(page)
    page.get_by_role("button", name="was a mistake").click()
    expect(page.get_by_text("counts as a mistake now")).to_be_visible()
    assert problems_for_people(page) == []
    page.get_by_role("button", name="Back to the pupils").click()


# What is left ---------------------------------------------------------------------------------------------------


def what_the_server_kept(running) -> None:
    with sqlite3.connect(running.data / "beatbook.db") as database:
        tickets = [
            json.loads(row[0])
            for row in database.execute("SELECT payload FROM submission WHERE form_id = 'mock_ticket'").fetchall()
        ]
        everything = "\n".join(database.iterdump())
    good = [one["answers"] for one in tickets if one["answers"].get("spoiled") != "yes"]
    assert Counter(answers["result"] for answers in good) == {"green": 6, "amber": 2, "red": 4}
    assert sum(answers["next"] == "moved" for answers in good) == 2
    spoiled = [one for one in tickets if one["answers"].get("spoiled") == "yes"]
    assert [one["replaces"] is not None for one in spoiled] == [True]
    numbers = [answers["ticket_no"] for answers in good]
    assert len(set(numbers)) == len(numbers)
    said = {key for one in tickets for key in (*one, *one["answers"])}
    assert not said & {"author", "name", "device", "latitude"}
    assert {one["location"] for one in tickets} == {None}

    # Her name is on the device's own row and its invitation, which grown-ups wrote, and nowhere else
    lines = [line for line in everything.splitlines() if "Ella" in line]
    assert all(line.startswith(('INSERT INTO "device"', 'INSERT INTO "invitation"')) for line in lines), lines
    assert not [one for one in tickets if PIN in json.dumps({**one["answers"], "photo": None})]
    assert CHILD not in running.said
    pictures = [path for path in (running.data / "blobs").rglob("*") if path.is_file()]
    assert pictures
    for path in pictures:
        data = path.read_bytes()
        assert b"Exif" not in data
        assert b"Ella" not in data
    widest = max((Image.open(io.BytesIO(path.read_bytes())) for path in pictures), key=lambda one: one.width)
    black = sum(1 for dot in widest.convert("L").resize((128, 96)).tobytes() if dot < 16)
    assert black > 128 * 96 * 0.02, "the box is in the picture itself"
    wait_until(lambda: running.run("verify")[0] == 0, 30)


def everything_kept(page: Page) -> dict:
    """How many rows each store of a tablet holds, and the text of all of them."""
    return page.evaluate(
        """async () => {
          const db = await new Promise((done, fail) => {
            const opening = indexedDB.open('beatbook')
            opening.onsuccess = () => done(opening.result)
            opening.onerror = fail
          })
          const found = {patrol: ''}
          for (const name of db.objectStoreNames) {
            const rows = await new Promise(done => {
              const asking = db.transaction(name).objectStore(name).getAll()
              asking.onsuccess = () => done(asking.result)
            })
            found[name] = rows.length
            if (!['forms', 'lists'].includes(name)) found.patrol += JSON.stringify(rows)
          }
          db.close()
          return found
        }"""
    )


def look(page: Page, what: str, *, axe: bool = True) -> None:
    """MT19 and more: nobody is shut out, every target is a finger wide, nothing lies outside the screen.

    Screens built alike are asked of axe once.
    """
    expect(page.locator(".stage button").first).to_be_visible()
    if axe:
        assert problems_for_people(page) == [], what
    boxes = page.evaluate(
        "[...document.querySelectorAll('.stage button')]"
        ".map(one => [one.innerText, one.getBoundingClientRect().toJSON()])"
    )
    assert boxes, what
    for words, box in boxes:
        assert min(box["width"], box["height"]) >= FINGER - 0.5, (what, words, box)
        assert box["right"] <= 1024.5, (what, words, box)
        assert box["bottom"] <= 768.5, (what, words, box)
    sizes = page.evaluate(
        "[...document.querySelectorAll('.stage h1, .stage p, .stage button, .stage span')]"
        ".filter(one => one.innerText?.trim()).map(one => parseFloat(getComputedStyle(one).fontSize))"
    )
    assert min(sizes) >= 18, what
