"""Where it was without a map; photos covered, described and ordered; a signature: on the phone, then at the desk."""

import json

import pytest
from actors import camera_file
from evidence import forms_with_evidence
from maps import a_map
from officers import enrol, finish, stored, strip, wait_until
from phones import DESKTOP, PHONE, problems_for_people
from PIL import Image
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def complaints() -> list[str]:
    return []


def listen(page: Page, complaints: list[str]) -> None:
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))


def look(page: Page, what: str) -> None:
    """Nobody is shut out of what is open, at the usual width and at the narrowest."""
    for width in (PHONE["width"], 320):
        page.set_viewport_size({"width": width, "height": 640})
        assert problems_for_people(page) == [], f"{what} at {width} px"
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{what} is {overflow} px wider than {width} px"
    page.set_viewport_size(PHONE)


def test_place_photos_and_signature_reach_the_desk_as_they_were_meant(running, phone, another, tmp_path, complaints):
    running.environment["BEATBOOK_FORMS"] = str(forms_with_evidence(tmp_path / "forms"))
    page = enrol(phone, running.start())
    listen(page, complaints)
    page.get_by_role("button", name="Evidence").click()
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    phone.go_offline()
    choose_place(page)
    add_photos(page)
    describe_and_cover(page)
    sign(page)
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="to put right")).to_be_visible()  # CH5
    expect(page.get_by_role("main")).to_contain_text("Cover or remove any photo of somebody who looks under 18")
    look(page, "a form that CH5 does not let finish")
    open_photo(page, 1)
    page.get_by_role("dialog").get_by_text("No", exact=True).click()
    page.get_by_role("button", name="Done").click()
    finish(page)
    phone.go_online()
    expect(strip(page)).to_have_text("All sent")
    check_record(running)
    assert [text for text in complaints if "ERR_INTERNET_DISCONNECTED" not in text] == []

    desk = another("desk", viewport=DESKTOP, touch=False).switch_on()
    check_at_the_desk(desk, running)


def test_a_map_is_a_bonus_and_works_with_no_signal_and_no_gps(running, phone, tmp_path, complaints):
    running.environment["BEATBOOK_FORMS"] = str(forms_with_evidence(tmp_path / "forms"))
    (tmp_path / "district.pmtiles").write_bytes(a_map(range(12, 16), around=(51.3646, 1.0424), padding=1_500_000))
    running.environment["BEATBOOK_PMTILES"] = str(tmp_path / "district.pmtiles")
    page = enrol(phone, running.start())
    page.context.clear_permissions()
    listen(page, complaints)
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    phone.go_offline()
    page.get_by_role("button", name="Evidence").click()
    expect(page.get_by_text("Place is switched off")).to_be_visible()
    page.get_by_role("button", name="Choose place").click()
    expect(page.get_by_text("Allow Location for Beatbook")).to_be_visible()
    look(page, "the place sheet with the place switched off")
    page.get_by_role("button", name="Show a map").click()
    expect(page.get_by_text("Tap the map where it was.")).to_be_visible()
    wait_until(lambda: 0 < painted(page) < 0.5)  # lines and names on nothing
    page.get_by_label("Map.").click(position={"x": 150, "y": 200})
    before = page.get_by_role("status").get_by_role("strong").inner_text()
    for _ in range(4):
        page.get_by_role("button", name="Move north").click()
    expect(page.get_by_role("status").get_by_role("strong")).not_to_have_text(before)
    look(page, "the map, a pin on it")
    page.get_by_role("button", name="Use this place").click()
    expect(page.get_by_text("placed on the map")).to_be_visible()

    phone.go_online()
    page.goto(f"{running.url}/#/device")
    page.get_by_role("button", name="Fetch the map").click()
    expect(page.get_by_text("The map is on this phone and works with no signal. It takes 2 MB.")).to_be_visible()
    look(page, "this device with a map")
    phone.go_offline()
    page.goto(f"{running.url}/#/")
    page.get_by_role("link", name="Evidence").first.click()
    page.get_by_role("button", name="Change place").click()
    page.get_by_role("button", name="Show a map").click()
    expect(page.get_by_text("Contains OS data, made up")).to_be_visible()
    for _ in range(4):
        page.get_by_role("button", name="Further away").click()
        page.wait_for_timeout(400)
    wait_until(lambda: painted(page) > 0.6)  # with the council's pictures
    page.goto(f"{running.url}/#/device")
    page.get_by_role("button", name="Delete the map").click()
    expect(page.get_by_text("The map is gone from this phone.")).to_be_visible()
    assert [text for text in complaints if "ERR_INTERNET_DISCONNECTED" not in text] == []


def painted(page: Page) -> float:
    """How much of the tiles on the screen something is drawn on."""
    return page.evaluate("""() => {
        const tiles = [...document.querySelectorAll('canvas.leaflet-tile-loaded')]
        let [painted, all] = [0, 0]
        for (const tile of tiles) {
          const dots = tile.getContext('2d').getImageData(0, 0, tile.width, tile.height).data
          for (let at = 3; at < dots.length; at += 40) { all += 1; painted += dots[at] > 0 ? 1 : 0 }
        }
        return all ? painted / all : 0
    }""")


def choose_place(page: Page) -> None:
    """With no signal: near, by reference, by name; the name answers the question too, and Undo takes both back."""
    page.get_by_role("button", name="Change place").click()
    expect(page.get_by_role("button", name="Fullers Lane, Canterbury 25 m north-west")).to_be_visible()
    look(page, "the place sheet")
    page.get_by_role("searchbox").fill("tr150579")
    expect(page.get_by_role("button", name="TR150579 230 m east")).to_be_visible()
    page.get_by_role("searchbox").fill("harb st")
    page.get_by_role("button", name="Harbour Street, Whitstable").click()
    expect(page.get_by_text("chosen from the list")).to_be_visible()
    expect(page.get_by_label("Where exactly?")).to_have_value("Harbour Street, Whitstable")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("good, about 8 m", exact=True)).to_be_visible()  # and follows the phone again
    expect(page.get_by_label("Where exactly?")).to_have_value("")
    page.get_by_role("button", name="Change place").click()
    page.get_by_role("searchbox").fill("memorial")
    page.get_by_role("button", name="Memorial Gardens, Herne Bay").click()


def add_photos(page: Page) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose photo").click()
    chooser.value.set_files(
        [camera_file(name) for name in ("orientation-6.jpg", "gps-tuscany-1.jpg", "iphone-13.heic")]
    )
    expect(page.get_by_role("img", name="Photo 2")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("iPhone photo (HEIC)")


def describe_and_cover(page: Page) -> None:
    """The second photo is moved to the front and covered twice, once by keyboard; each is described."""
    open_photo(page, 2)
    page.get_by_role("button", name="Larger").click()
    expect(page.get_by_role("region", name="Photo 2, 150 percent")).to_be_visible()
    page.get_by_text("The litter", exact=True).click()
    page.get_by_text("Yes, looks under 18").click()
    page.get_by_label("Caption").fill("Can beside the bin")
    page.get_by_role("button", name="Move earlier").click()
    expect(page.get_by_role("heading", name="Photo 1 of 2")).to_be_visible()
    look(page, "a photo's sheet")
    page.get_by_role("button", name="Cover a face or plate").click()
    picture = page.locator(".cover-picture")
    expect(picture.get_by_role("img")).to_be_visible()
    page.wait_for_timeout(400)  # a second press within a third of a second is a drop of rain
    size = picture.bounding_box()
    assert size
    picture.click(position={"x": size["width"] / 2, "y": size["height"] / 2})
    page.get_by_role("button", name="Add one").click()
    page.get_by_role("button", name="Cover 2 of 2").press("ArrowLeft")
    for _ in range(12):
        page.get_by_role("button", name="Move up").click()
    page.get_by_role("button", name="Wide").click()
    look(page, "covering")
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("button", name="2 places covered")).to_be_visible()
    page.get_by_role("button", name="Done").click()
    open_photo(page, 2)
    page.get_by_text("The place", exact=True).click()
    page.get_by_role("dialog").get_by_text("No", exact=True).click()
    page.get_by_role("button", name="Done").click()


def open_photo(page: Page, number: int) -> None:
    page.get_by_role("button", name=f"Open photo {number}").click()
    expect(page.get_by_text("What does it show?")).to_be_visible()


def sign(page: Page) -> None:
    """Two strokes, one taken back; a sketch that somebody could not draw is not asked for."""
    page.get_by_role("button", name="Sign here").click()
    canvas = page.get_by_role("img", name="Sign in this space")
    expect(canvas).to_be_visible()
    look(page, "signing")
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_have_text("Nothing is signed yet.")
    stroke(page, canvas, 60, 100, 220, 160)
    stroke(page, canvas, 10, 10, 300, 20)
    page.get_by_role("dialog").get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("img", name="Signature of the owner")).to_be_visible()
    look(page, "the form, filled")


def stroke(page: Page, canvas: Locator, x: int, y: int, to_x: int, to_y: int) -> None:
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + x, box["y"] + y)
    page.mouse.down()
    page.mouse.move(box["x"] + to_x, box["y"] + to_y, steps=12)
    page.mouse.up()


def check_record(running) -> None:
    ((_, complete, payload),) = stored(running)
    record = json.loads(payload)
    assert complete == 1
    assert record["location"] | {"fixedAt": ""} == {
        "latitude": 51.3681,
        "longitude": 1.1265,
        "accuracy": 50,
        "source": "spot",
        "fixedAt": "",
    }
    answers = record["answers"]
    assert answers["place_text"] == "Memorial Gardens, Herne Bay"
    first, second = answers["photos.about"]
    assert answers["photos"] == [first["photo"], second["photo"]]
    assert {**first, "photo": "", "original": ""} == {
        "photo": "",
        "original": "",
        "shows": "litter_item",
        "person": "no",
        "caption": "Can beside the bin",
        "covered": 2,
    }
    assert [each["field"] for each in record["attachments"] if each["sha256"] == first["original"]] == [
        "photos.original"
    ]
    assert blob(running, first["original"]).read_bytes() == camera_file("gps-tuscany-1.jpg").read_bytes()
    with Image.open(blob(running, first["photo"])) as copy:
        assert copy.convert("L").tobytes()[copy.height // 2 * copy.width + copy.width // 2] < 10
        assert not copy.getexif()
    with Image.open(blob(running, answers["consent"][0])) as ink:
        assert ink.format == "PNG"
        assert ink.width < 250 * 3, "cut out, and without the stroke that was taken back"


def blob(running, sha256: str):
    return running.data / "blobs" / sha256[:2] / sha256


def check_at_the_desk(desk: Page, running) -> None:
    """The copy is shown; the original after a press, which the history tells."""
    desk.goto(running.invite("supervisor", "Kerry B")["url"])
    desk.get_by_label("Email").fill("kerry@council.example")
    desk.get_by_label("Password").first.fill("a long enough password")
    desk.get_by_role("button", name="Make my account").click()
    desk.get_by_role("link", name="Memorial Gardens").first.click()
    photo = desk.get_by_role("img", name="Photo 1 of 2")
    expect(photo).to_be_visible()
    expect(desk.get_by_text("The litter: Can beside the bin")).to_be_visible()
    expect(desk.get_by_role("img", name="Signature of the owner")).to_be_visible()
    assert problems_for_people(desk) == []
    copy = photo.get_attribute("src")
    desk.get_by_role("link", name="Show the original").first.click()
    expect(photo).not_to_have_attribute("src", copy or "")
    desk.get_by_role("link", name="Show the copy").first.click()
    expect(photo).to_have_attribute("src", copy or "")
    desk.reload()
    expect(desk.get_by_text("Original photo looked at, uncovered")).to_be_visible()
