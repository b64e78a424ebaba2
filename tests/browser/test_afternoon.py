"""The pupils' afternoon, 14.45 to 16.10: an adult's phone, two tablets, no network in the middle, then the office.

One journey, so that what each of them leaves behind can be searched at the end for anything about a child.
"""

import io
import json
import re
import sqlite3
from collections import Counter
from pathlib import Path

import pytest
from actors import camera_file
from officers import stored, wait_until
from phones import DESKTOP, TABLET, problems_for_people
from PIL import Image
from playwright.sync_api import Page, expect
from pupils import (
    PIN,
    enrol_leader,
    enrol_tablet,
    give_pin,
    green_ticket,
    links_for,
    open_patrol,
    press,
    red_ticket,
    scan,
    set_to_school_time,
    tap,
    tick,
)
from running import RunningServer

from beatbook.models import Role
from beatbook.settings import Settings
from beatbook.verification import verify_folder

pytestmark = pytest.mark.browser

CHILD = "Ella Brown"  # planted as the name of her tablet; it must be nowhere in what a ticket leaves behind
FINGER = 128  # px
MOST_TAPS = 8  # for a ticket
MOST_TAPS_OF_A_CLASS = 18  # for a tally of everybody's way to school
PIN_BY_ITSELF = rf"(?<![0-9A-Za-z]){PIN}(?![0-9A-Za-z])"  # and not within a digest or a time
TICKET_WORDS = ("FOX-", "OWL-", "ZIGZAG", "northbrook_gate", "pinCheck", "given_how")
VOICES = """
  window.spoken = []
  const voices = [{lang: 'en-GB', localService: false, name: 'far'}, {lang: 'en-GB', localService: true, name: 'here'}]
  window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text } }
  Object.defineProperty(window, 'speechSynthesis', {value: {
    getVoices: () => voices, addEventListener() {}, removeEventListener() {}, cancel() {},
    speak: said => { spoken.push([said.voice.name, said.text]); said.onstart?.(); said.onend?.() },
  }})
"""


@pytest.mark.timeout(300)  # four browsers, on a machine with other work
def test_the_pupils_afternoon_from_a_quarter_to_three_to_ten_past_four(running: RunningServer, phone, another):
    running.start()
    fox, owl = another("fox", viewport=TABLET), another("owl", viewport=TABLET)
    desk = another("desk", viewport=DESKTOP, touch=False)
    adults_link, foxes_link, owls_link, desk_link = links_for(
        running,
        (Role.PARKING, "Phone of Sarah"),
        (Role.PUPIL, f"{CHILD}’s tablet"),
        (Role.PUPIL, "Tablet 2"),
        (Role.SUPERVISOR, "Kerry Bell"),
    )
    adult, foxes, owls = enrol_leader(phone, adults_link), enrol_tablet(fox, foxes_link), enrol_tablet(owl, owls_link)
    a_class_has_drawn_a_picture(owls)
    asked: list[str] = []
    for page in (adult, foxes, owls):
        page.on("request", lambda request: asked.append(request.url))
    for each in (phone, fox, owl):
        each.go_offline()

    # 14.45 at the gate, no signal
    link = open_patrol(adult, photos=True)
    assert problems_for_people(adult) == []
    scan(foxes, link)
    owls.add_init_script(VOICES)
    owls.reload()
    scan(owls, link)
    look(foxes, "teams")
    tap(foxes, "Fox")
    tap(owls, "Owl")
    every_label_is_read_by_a_voice_of_the_tablet(owls)
    praise_comes_first_and_is_as_large(foxes)
    assert green_ticket(foxes) <= MOST_TAPS
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
    assert red_ticket(owls) <= MOST_TAPS
    tap(owls, "Next car")
    red_ticket(owls, then="They were cross")
    step_back(owls)
    tap(owls, "Next car", "Could be better", "Blocking the gate", "Next", "Main gate", "Yes")
    tap(owls, "Please leave space so we can see past.", "Another way", "We just told them", "They moved")
    behind_the_pin(owls)

    # 15.25: the grown-up has signal first; nothing may be lost or taken twice, whoever comes when
    phone.go_online()
    fox.go_online()
    wait_until(lambda: tickets_at(running) == 6, 40)
    owl.go_online()
    wait_until(lambda: tickets_at(running) == 13, 40)  # one of them says of another that it was a mistake
    adult.reload()  # it asks again every 20 seconds; so does who cannot wait
    expect(adult.locator(".patrol-counts")).to_contain_text("11 tickets so far")
    assert "Go to team Owl" in adult.locator("main").inner_text()
    assert problems_for_people(adult) == []
    close(adult)
    for tablet in (foxes, owls):  # MT15: closing is felt on the tablets at once
        hand_in(tablet)

    page = desk.switch_on()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(desk_link)
    page.get_by_role("button", name="Open the desk").click()
    a_supervisor_covers_more_approves_and_releases(page, running)  # 15.50
    set_to_school_time(foxes)
    a_class_counts_its_walkers(foxes, running)  # 16.10
    page.goto(f"{running.url}/desk/schools/northbrook/pictures")
    expect(page.get_by_role("heading", name="by a grown-up there")).to_be_visible()
    page.goto(f"{running.url}/desk/schools/northbrook")
    expect(page.get_by_role("heading", name="Year 3 leads in the week of")).to_be_visible()
    expect(page.get_by_text("81%").first).to_be_visible()
    assert problems_for_people(page) == []

    assert [url for url in asked if not url.startswith((running.url, "blob:"))] == []  # MT20
    nothing_of_a_patrol_is_left_on(foxes, f"{CHILD}’s tablet")
    nothing_of_a_patrol_is_left_on(owls, "Tablet 2")
    for each in (phone, fox, owl, desk):
        each.switch_off()
    for tablet in (fox, owl):
        no_photo_with_its_data_lies_in(tablet.profile)
    running.stop()
    what_the_server_kept(running)


# In class, before -----------------------------------------------------------------------------------------------


def a_class_has_drawn_a_picture(page: Page) -> None:
    page.get_by_role("link", name="Draw a ticket").click()
    press(page, "Northbrook Primary", "Year 5", "Draw a new one", "Stickers", "Lollipop sign", "Done")
    expect(page.get_by_role("img", name="Picture 1")).to_be_visible()


# At the gate ----------------------------------------------------------------------------------------------------


def every_label_is_read_by_a_voice_of_the_tablet(page: Page) -> None:
    expect(page.get_by_role("heading", name="How is it parked?")).to_be_visible()
    page.get_by_role("button", name="Listen").click()
    said = ("How is it parked?", "Well parked", "Could be better", "Not safe")
    assert page.evaluate("spoken") == [["here", words] for words in said]


def praise_comes_first_and_is_as_large(page: Page) -> None:
    """MT21"""
    expect(page.locator(".faces button")).to_have_count(3)
    faces = [button.bounding_box() or {} for button in page.locator(".faces button").all()]
    assert len({(round(face["width"]), round(face["height"])) for face in faces}) == 1
    assert [face["x"] for face in faces] == sorted(face["x"] for face in faces)


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
    tap(page, "Silver", "Another way")
    look(page, "given", axe=False)
    page.get_by_role("button", name="Back", exact=True).click()


def the_tablet_goes_off_and_carries_on(page: Page) -> None:
    page.reload()
    expect(page.get_by_text("FOX-02")).to_be_visible()
    tap(page, "We handed it over")
    expect(page.get_by_text("Ask your grown-up to tap the PIN.")).to_be_visible()
    give_pin(page, "1234")
    expect(page.get_by_text("That is not the PIN.")).to_be_visible()
    give_pin(page)
    look(page, "next", axe=False)
    tap(page, "They moved")
    expect(page.get_by_text("Well done!")).to_be_visible()


def nothing_else_can_be_reached(page: Page, url: str) -> None:
    """MT16: whatever the address says, back or again, a patrol's tablet shows its patrol."""
    here = page.get_by_role("heading", name="How is it parked?").or_(page.get_by_text("Well done!"))
    elsewhere = ("outbox", "device", "record/1", "form/1", "patrol", "patrol/open", "enrol/ABCDEFGH", "welcome", "wow")
    for path in elsewhere:
        page.goto(f"{url}/#/{path}")
        expect(here).to_be_visible()
        assert page.get_by_role("link").count() == 0
        assert page.get_by_role("textbox").count() == 0, "nothing to type into"
    page.evaluate("history.back()")
    expect(here).to_be_visible()
    page.goto(f"{url}/#/studio")
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
    tap(page, "On the windscreen")
    expect(page.get_by_text("FOX-03")).to_be_visible()
    tap(page, "Next car", "Could be better", "Engine left on", "Next", "Main gate", "No")
    tap(page, "Nearly! A few more steps away is safer.", "On the windscreen")


def step_back(page: Page) -> None:
    """MT14"""
    expect(page.get_by_role("heading", name="Step back.")).to_be_visible()
    assert page.get_by_role("button").count() == 1
    assert problems_for_people(page) == []
    tap(page, "My grown-up knows")


def behind_the_pin(page: Page) -> None:
    """A mistake is counted as one, and a grown-up looks at what a class drew."""
    tap(page, "Next car")
    green_ticket(page)
    page.get_by_role("button", name="Grown-up").click()
    give_pin(page)
    page.get_by_role("button", name="was a mistake").click()
    expect(page.get_by_text("counts as a mistake now")).to_be_visible()
    assert problems_for_people(page) == []
    page.get_by_role("button", name="Look at 1 ticket picture").click()
    expect(page.get_by_role("img", name="Picture by Year 5")).to_be_visible()
    assert problems_for_people(page) == []
    page.get_by_role("button", name="Use it for tickets").click()
    page.get_by_role("button", name="Back to the pupils").click()


def close(page: Page) -> None:
    page.get_by_role("button", name="Close the patrol").click()
    tick(page, "Did anything go wrong?", "A driver was cross")
    page.get_by_label("What happened? No child").fill("A driver shouted. We stepped back.")
    page.get_by_role("button", name="Close the patrol").click()


def hand_in(page: Page) -> None:
    expect(page.get_by_text("The patrol is over")).to_be_visible()
    expect(page.get_by_text("Everything is sent.")).to_be_visible()
    assert problems_for_people(page) == []
    page.get_by_role("button", name="Clear this tablet").click()
    give_pin(page)
    expect(page.get_by_text("No patrol is open")).to_be_visible()


# In the office and in class -------------------------------------------------------------------------------------


def a_supervisor_covers_more_approves_and_releases(page: Page, server: RunningServer) -> None:
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
    kept = [picture for path in photos_at(server) if (picture := read_photo(path)).width == 1024]
    assert kept
    for picture in kept:  # the photo, and its preview when that was made already
        middle = picture.crop((460, 350, 560, 410)).tobytes()
        assert max(middle) < 40, "the box is in the picture itself, and the one before is gone"
    for button in ("Fit to be seen", "I have read the incident", "Release the counts", "as looked at"):
        page.get_by_role("button", name=button).click()
    expect(page.get_by_text("The school has had the counts")).to_be_visible()
    page.goto(f"{server.url}/desk/patrols/open")
    page.get_by_label("School", exact=True).select_option("seagate")
    expect(page.get_by_text("Seagate Primary").last).to_be_visible()
    assert problems_for_people(page) == []


def a_class_counts_its_walkers(page: Page, server: RunningServer) -> None:
    page.get_by_role("link", name="Walk to school").click()
    press(page, "Northbrook Primary")
    taps = press(page, "Year 3", "In the class", "2", "7", "Walked", "1", "6", "Scooted", "3", "Park and stride", "3")
    expect(page.get_by_text("5 to go")).to_be_visible()
    look_at_tiles(page)
    taps += press(page, "Bus or train", "9")
    expect(page.get_by_text("4 too many")).to_be_visible()
    taps += press(page, "2", "Car", "The other 3", "Done")
    expect(page.get_by_text("22 of 27 came on foot or wheels.")).to_be_visible()
    assert taps <= MOST_TAPS_OF_A_CLASS
    wait_until(lambda: any(b'"wow_tally"' in payload for _, _, payload in stored(server)))
    (told,) = (json.loads(payload) for _, _, payload in stored(server) if b'"wow_tally"' in payload)
    answers = told["answers"]
    assert (answers["n_walk"], answers["n_bus"], answers["n_car"], answers["stickers"]) == (16, 2, 3, 22)


# What is left ---------------------------------------------------------------------------------------------------


def tickets_at(server: RunningServer) -> int:
    return sum(b'"mock_ticket"' in payload for _, _, payload in stored(server))


def photos_at(server: RunningServer) -> list[Path]:
    return [path for path in (server.data / "blobs").rglob("*") if path.is_file()]


def read_photo(path: Path) -> Image.Image:
    """In greys."""
    return Image.open(io.BytesIO(path.read_bytes())).convert("L")


def nothing_of_a_patrol_is_left_on(page: Page, called: str) -> None:
    """In the database, the caches and the small stores of a tablet that was handed in."""
    kept = page.evaluate(EVERYTHING_KEPT)
    for name in ("drafts", "photos", "photoBytes"):
        assert kept["stores"][name] == "[]"
    said = "".join(rows for name, rows in kept["stores"].items() if name not in ("forms", "lists", "meta"))
    said += json.dumps([{**row, "value": None} if row["key"] == "device" else row for row in kept["meta"]])
    said += json.dumps([kept["local"], kept["session"]])
    assert not [word for word in (*TICKET_WORDS, CHILD, "latitude") if word in said]
    assert not re.search(PIN_BY_ITSELF, said)
    assert called in json.dumps(kept["meta"], ensure_ascii=False), "where grown-ups wrote it"
    assert kept["cached"]
    assert not [url for url in kept["cached"] if "/api/" in url or "/desk/" in url], "the shell and nothing else"


EVERYTHING_KEPT = """async () => {
  const db = await new Promise((done, fail) => {
    const opening = indexedDB.open('beatbook')
    opening.onsuccess = () => done(opening.result)
    opening.onerror = fail
  })
  const rowsOf = (name, how) => new Promise(done => {
    const asking = db.transaction(name).objectStore(name)[how]()
    asking.onsuccess = () => done(asking.result)
  })
  const plain = (_, one) => one instanceof ArrayBuffer ? new TextDecoder().decode(one) : one
  const text = value => JSON.stringify(value, plain)
  const stores = {}
  for (const name of db.objectStoreNames) stores[name] = text(await rowsOf(name, 'getAll'))
  const [keys, values] = [await rowsOf('meta', 'getAllKeys'), await rowsOf('meta', 'getAll')]
  db.close()
  const cached = []
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) cached.push(request.url)
  const meta = JSON.parse(text(keys.map((key, at) => ({key, value: values[at]}))))
  return {stores, meta, cached, local: {...localStorage}, session: {...sessionStorage}}
}"""


def no_photo_with_its_data_lies_in(profile: Path) -> None:
    """MT10, on the tablet's own disk: what a camera writes into a photo is in none of the browser's files."""
    files = [path for path in profile.rglob("*") if path.is_file()]
    assert files
    assert not [path.name for path in files if b"Exif\0\0" in path.read_bytes()]


def what_the_server_kept(server: RunningServer) -> None:
    with sqlite3.connect(server.data / "beatbook.db") as database:
        payloads = database.execute("SELECT payload FROM submission WHERE form_id = 'mock_ticket'").fetchall()
        everything = "\n".join(database.iterdump())
    tickets = [json.loads(payload) for (payload,) in payloads]
    spoiled = [one for one in tickets if one["answers"].get("spoiled") == "yes"]
    assert [one["replaces"] is not None for one in spoiled] == [True]
    good = [one["answers"] for one in tickets if one not in spoiled and one["instanceId"] != spoiled[0]["replaces"]]
    assert Counter(answers["result"] for answers in good) == {"green": 5, "amber": 2, "red": 4}
    assert sum(answers["next"] == "moved" for answers in good) == 3
    numbers = [answers["ticket_no"] for answers in good]
    assert len(set(numbers)) == len(numbers)
    said = {key for one in tickets for key in (*one, *one["answers"])}
    assert not said & {"author", "name", "device", "latitude"}
    assert {one["location"] for one in tickets} == {None}

    # Her name is on the device's own row and its invitation, which grown-ups wrote, and nowhere else
    lines = [line for line in everything.splitlines() if "Ella" in line]
    assert lines
    assert all(line.startswith(('INSERT INTO "device"', 'INSERT INTO "invitation"')) for line in lines), lines
    assert not [one for one in tickets if re.search(PIN_BY_ITSELF, json.dumps(one["answers"]))]
    assert server.said
    assert not [word for word in (CHILD, "FOX-", "ZIGZAG") if word in server.said]
    assert not re.search(PIN_BY_ITSELF, server.said)
    pictures = photos_at(server)
    assert pictures
    for path in pictures:
        data = path.read_bytes()
        assert b"Exif" not in data
        assert b"Ella" not in data
    widest = max(map(read_photo, pictures), key=lambda one: one.width)
    black = sum(1 for dot in widest.resize((128, 96)).tobytes() if dot < 16)
    assert black > 128 * 96 * 0.02, "the box is in the picture itself"
    assert list(verify_folder(Settings(data=server.data))) == []


# What is looked at ----------------------------------------------------------------------------------------------


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


def look_at_tiles(page: Page) -> None:
    assert problems_for_people(page) == []
    for each in page.locator("button:visible, a:visible").all():
        box = each.bounding_box()
        assert box and min(box["width"], box["height"]) >= FINGER - 0.5, each.inner_text()
