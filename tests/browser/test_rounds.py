"""Gates, huts, buses, the notebook and patrols under a thumb: taps counted, mistakes taken back, rules that stop."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from officers import choose, finish, stored, strip, take_photo, wait_until
from phones import Phone, problems_for_people
from playwright.sync_api import Locator, Page, Playwright, expect
from running import RunningServer

pytestmark = pytest.mark.browser

COUNT_TAPS = """
    window.taps = 0
    addEventListener('pointerdown', () => { window.taps += 1 }, true)
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    server = RunningServer(tmp_path_factory.mktemp("office") / "data")
    yield server.start()
    server.kill()


@pytest.fixture(scope="module")
def officer(office: RunningServer, playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phone]:
    yield from set_up(office, playwright, tmp_path_factory.mktemp("phone"), "officer")


def set_up(office: RunningServer, playwright: Playwright, profile: Path, role: str) -> Iterator[Phone]:
    phone = Phone(playwright, profile)
    page = phone.switch_on()
    phone.grant("geolocation")
    page.add_init_script(COUNT_TAPS)
    page.goto(office.invite(role, f"Phone of {role}")["url"])
    page.get_by_role("button", name="Yes, this is").click()
    page.get_by_role("link", name="Start").click()
    yield phone
    phone.switch_off()


@pytest.fixture
def page(officer: Phone, office: RunningServer) -> Page:
    """The officer's phone, at home."""
    officer.page.goto(f"{office.url}/#/")
    expect(officer.page.get_by_role("button", name="School gate", exact=True)).to_be_visible()
    officer.page.evaluate("window.taps = 0")
    return officer.page


def taps(page: Page) -> int:
    return page.evaluate("window.taps")


def tap(page: Page, *words: str) -> None:
    for each in words:
        page.get_by_role("button", name=each, exact=True).click()


def choice(page: Page, path: str, words: str) -> Locator:
    return page.locator(f'[data-path="{path}"]').get_by_text(words, exact=True)


def number(page: Page, path: str) -> Locator:
    return page.locator(f'[data-path="{path}"] .number')


def test_what_a_role_needs_most_is_in_front_and_what_it_seldom_needs_one_tap_away(page):
    pictures = page.locator("button.start:visible")
    assert pictures.all_inner_texts()[:3] == ["Litter", "Graffiti", "Anti-social behaviour"]
    expect(page.get_by_role("button", name="Prize draw")).to_be_hidden()
    page.get_by_text("More forms").click()
    expect(page.get_by_role("button", name="Prize draw")).to_be_visible()
    assert problems_for_people(page) == []


def test_a_car_is_one_tap_and_the_last_tap_can_be_taken_back(page):
    tap(page, "School gate")
    choice(page, "school_id", "Northbrook Primary").click()
    choice(page, "window", "Morning drop-off").click()
    assert taps(page) == 3, "three taps to begin"
    for _ in range(7):
        page.locator('[data-path="c_skc"]').click()
    page.locator('[data-path="c_double"]').click()
    assert taps(page) == 3 + 8, "one tap for each car"
    expect(number(page, "c_skc")).to_have_text("7")
    expect(page.locator('[data-path="cars"]')).to_contain_text("8")
    page.get_by_role("button", name="Take back 1: Double yellow").click()
    page.get_by_role("button", name="Take back 1: School Keep Clear zig-zags").click()
    expect(number(page, "c_double")).to_have_text("0")
    expect(page.locator('[data-path="change_skc"]')).to_contain_text("3 fewer: 6 now, 9 then")
    page.locator('[data-path="moved_on"]').click()
    assert problems_for_people(page) == []
    tap(page, "Note a driver")
    expect(page.get_by_role("heading", level=1, name="Driver spoken to")).to_be_visible()
    expect(choice(page, "school_id", "Northbrook Primary")).to_be_visible()
    expect(page.locator('[data-path="school_id"] input:checked')).to_have_value("northbrook")
    page.get_by_label("Number plate").fill("kb12 abc")
    expect(page.get_by_label("Number plate")).to_have_value("KB12ABC")
    choice(page, "behaviour", "Stopped on School Keep Clear").click()
    choice(page, "contact_action", "Advice").click()
    finish(page)
    page.get_by_role("link", name="Carry on").click()
    expect(number(page, "c_skc")).to_have_text("6")
    choice(page, "signs_state", "Hidden").click()
    choice(page, "lines_state", "Clear").click()
    finish(page)
    page.get_by_role("link", name="Home").last.click()
    tap(page, "School gate")
    choice(page, "school_id", "Northbrook Primary").click()
    expect(page.locator('[data-path="last_skc"]')).to_contain_text("6")


def test_a_hut_is_one_tap_a_problem_two_and_a_third_takes_it_back(page, officer, office, photo):
    tap(page, "Beach huts")
    choice(page, "hut_row", "Tankerton Slopes").click()
    before = taps(page)
    hut = page.locator("button.cell")
    expect(hut).to_have_count(120)
    for at in range(5):
        hut.nth(at).click()
    assert taps(page) - before == 5, "one tap for each hut"
    status = page.locator(".pinned")
    expect(status).to_have_text("5 of 120 checked, 0 problems")
    hut.nth(0).click()
    tap(page, "Done")
    expect(status).to_have_text("5 of 120 checked, 1 problem")
    hut.nth(0).click()
    expect(status).to_have_text("4 of 120 checked, 0 problems")
    tap(page, "Undo")
    expect(status).to_have_text("5 of 120 checked, 1 problem")
    assert problems_for_people(page) == []
    hut.nth(1).click()
    choice(page, "checks/1/door", "Damaged").click()
    tap(page, "Done")
    hut.nth(1).click()
    expect(page.get_by_role("dialog", name="Hut 2")).to_be_visible()  # what was said of it is not tapped away
    tap(page, "Report damage")
    expect(page.get_by_role("heading", level=1, name="Hut damage")).to_be_visible()
    expect(page.locator('[data-path="hut_row"] input:checked')).to_have_value("tankerton")
    expect(page.locator('[data-path="huts"] input:checked')).to_have_value("tankerton_2")
    page.get_by_role("link", name="Home").click()
    expect(page.get_by_text("Beach huts, Tankerton Slopes, 5 checked, 2 problems")).to_be_visible()

    page.reload()  # tomorrow
    page.get_by_text("Beach huts, Tankerton Slopes").click()
    expect(status).to_have_text("5 of 120 checked, 2 problems")
    tap(page, "All the other 115 are fine")
    expect(status).to_have_text("120 of 120 checked, 2 problems")
    with page.expect_file_chooser() as chooser:
        page.locator('[data-path="photos"]').get_by_role("button", name="Take photo").click()
    chooser.value.set_files(photo)
    expect(page.get_by_role("img", name="Photo 1")).to_be_visible()
    finish(page)
    expect(strip(page)).to_have_text("All sent")


def test_ch8_a_bus_stays_at_its_stop_until_there_are_enough_adults(office, playwright, tmp_path):
    for phone in set_up(office, playwright, tmp_path / "volunteer", "volunteer"):
        page = phone.page
        tap(page, "Walking bus")
        choice(page, "route", "Northbrook, from Kiln Street").click()
        choice(page, "direction", "To school").click()
        choice(page, "driver", "Alan R").click()
        expect(choice(page, "conductor", "Alan R")).to_have_count(0)
        expect(choice(page, "driver", "Frank O")).to_have_count(0)  # CH10
        choice(page, "conductor", "Beth C").click()
        choice(page, "register_in_hand", "Yes").click()
        choice(page, "tabards", "Yes").click()
        tap(page, "We are here")
        for _ in range(13):
            tap(page, "One more: Children joining here")
        expect(page.locator('[data-path="with_you"]')).to_contain_text("13 children, 2 adults. You need 3")
        tap(page, "Leave this stop")
        expect(page.get_by_role("alert")).to_contain_text("Too few adults")
        expect(page.locator(".stop.here")).to_contain_text("Kiln Street shop")
        assert problems_for_people(page) == []
        choice(page, "helpers", "Carol D").click()
        tap(page, "Leave this stop")
        expect(page.locator(".stop.here")).to_contain_text("Post box, Mill Lane")
        expect(page.locator('[data-path="with_you"]')).to_contain_text("13 children, 3 adults")


def test_ev5_entries_are_numbered_without_gaps_and_struck_through_but_readable(page, office):
    def write(note: str, place: str) -> None:
        page.get_by_label("What happened").fill(note)
        page.get_by_label("Place", exact=True).fill(place)
        choice(page, "signed", "This is my true note").click()
        finish(page)

    tap(page, "Notebook")
    box = page.get_by_label("What happened")
    asked = [box.get_attribute(name) for name in ("autocorrect", "autocapitalize", "spellcheck")]
    assert asked == ["off", "off", "false"], "EV9: a phone must not put right what was said"
    write("Two youths: ‘we aint done nuffin’", "Harbour Parade")
    page.get_by_role("link", name="Home").last.click()
    tap(page, "Notebook")
    page.get_by_label("What happened").fill("thrown away")
    tap(page, "Remove this record", "Notebook")
    write("Bin on fire, out on arrival", "West Beach")
    page.goto(f"{office.url}/#/notebook")
    entries = page.get_by_role("article")
    expect(entries).to_have_count(2)
    assert [entries.nth(at).get_by_role("heading").text_content() for at in (0, 1)] == ["2", "1"]
    entries.nth(1).get_by_role("button", name="Strike through").click()
    expect(page.locator('[data-path="striking"]')).to_contain_text("entry 1")
    page.get_by_label("Why is it struck through?").fill("Wrong place")
    write("Two youths at the harbour steps", "Harbour steps")
    page.goto(f"{office.url}/#/notebook")
    expect(entries).to_have_count(3)
    expect(entries.nth(2).locator("s")).to_have_text("Two youths: ‘we aint done nuffin’")
    expect(entries.nth(2)).to_contain_text("Struck through by entry 3")
    assert problems_for_people(page) == []
    entries.nth(0).get_by_role("link").click()
    expect(page.get_by_text("Receipt", exact=True).or_(page.get_by_text("History"))).not_to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("Pull back|Mend"))).to_have_count(0)


def test_graffiti_is_nine_taps_and_the_next_one_here_is_offered_the_first(page, photo, office):
    already = len(stored(office))
    tap(page, "Start patrol", "Graffiti")
    expect(page.get_by_text("Seen before?")).to_have_count(0)
    page.evaluate("window.taps = 1")  # the picture; the camera's own shutter is the third
    take_photo(page, photo)
    choose(page, size="a4", offensive="no", kind="tag", object="wall_fence", surface="brick")
    finish(page)
    assert taps(page) + 1 <= 9
    wait_until(lambda: len(stored(office)) == already + 1)
    assert any(b'"shows":"graffiti"' in payload for _, _, payload in stored(office)), "the first is taken as close up"
    page.get_by_role("link", name="Home").last.click()
    expect(page.get_by_label("Patrol")).to_contain_text("1 record made")
    tap(page, "Graffiti")
    seen = page.get_by_role("group", name="Seen before?")
    seen.get_by_text("Graffiti, Wall or fence").click()
    page.get_by_text("More, if you have time").click()
    tap(page, "KRON")
    expect(page.get_by_label("Words or tag")).to_have_value("KRON")
    assert problems_for_people(page) == []
    page.get_by_role("link", name="Home").click()
    tap(page, "End patrol")
    choice(page, "area", "Canterbury centre").click()
    choice(page, "purpose", "Being seen").click()
    expect(page.get_by_label("Records made meanwhile")).to_have_value("1")
    finish(page)
