"""A lost phone: its browser's whole profile is copied away, and 50 strings that were planted are looked for in it."""

import base64
import secrets
import shutil
from pathlib import Path

import pytest
from officers import finish, question, record_graffiti, stored, strip, wait_until
from phones import Phone, problems_for_people
from playwright.sync_api import Page, expect
from running import RunningServer

pytestmark = pytest.mark.browser

PIN, OTHERS = "482913", "730518"
LETTERS = "bcdfghjklmnpqrstvwxz"


def some(count: int) -> list[str]:
    """Strings that stand nowhere else, and that no compression can shorten."""
    return ["".join(secrets.choice(LETTERS) for _ in range(8)) for _ in range(count)]


def ways_to_write(text: str) -> set[bytes]:
    """As Latin letters, as JavaScript keeps others, and in Base64 wherever it begins."""
    plain = text.encode()
    # Only what its own bits decide: 10 of 12 characters or so. Fewer would be met by chance, as "and2" was.
    shifted = [base64.b64encode(b"\0" * by + plain)[-(-by * 8 // 6) : (by + len(plain)) * 8 // 6] for by in range(3)]
    return {plain, text.encode("utf-16-le"), *shifted}


def found_in(profile: Path, planted: list[bytes | str]) -> set[bytes | str]:
    """Which of these lie anywhere in a copy of the profile."""
    whole = b"\0".join(path.read_bytes() for path in profile.rglob("*") if path.is_file() and not path.is_symlink())
    return {
        one for one in planted if any(way in whole for way in (ways_to_write(one) if isinstance(one, str) else {one}))
    }


def copied(phone: Phone, to: Path) -> Path:
    """What a finder with a cable has."""
    shutil.copytree(phone.profile, to, symlinks=True, ignore=shutil.ignore_patterns("Singleton*", "*.so"))
    return to


def pieces_of(photo: bytes, count: int) -> list[bytes]:
    """Of its picture, not of what every JPEG begins with."""
    step = (len(photo) - 1000) // count
    return [photo[700 + at * step :][:24] for at in range(count)]


def type_pin(page: Page, pin: str) -> None:
    for digit in pin:
        page.get_by_role("button", name=digit, exact=True).click()


def unlock(page: Page, pin: str = PIN) -> None:
    expect(page.get_by_role("heading", name="Type your PIN")).to_be_visible()
    type_pin(page, pin)
    expect(page.get_by_role("heading", name="Type your PIN")).to_be_hidden()


def enrol(phone: Phone, server: RunningServer) -> Page:
    page = phone.switch_on()
    phone.grant("geolocation")
    page.goto(server.invite("officer", "Phone 7")["url"])
    page.get_by_role("button", name="Yes, this is").click()
    return page


def begin_graffiti(page: Page, words: list[str]) -> None:
    """A draft, left open."""
    page.get_by_role("button", name="Graffiti").click()
    page.get_by_label(question("place_text").label).fill(" ".join(words))
    expect(page.get_by_text("Saved on this phone").first).to_be_visible()
    page.wait_for_timeout(500)


def plant(page: Page, photo: Path, in_record: list[str], in_draft: list[str]) -> None:
    record_graffiti(page, photo, " ".join(in_record))
    finish(page)
    page.goto(page.url.split("#")[0] + "#/")
    begin_graffiti(page, in_draft)


def test_with_no_lock_what_a_phone_holds_is_found_in_its_profile(running, phone, photo, tmp_path):
    page = enrol(phone, running.start())
    page.get_by_role("link", name="Start").click()
    expect(page.get_by_role("button", name="Graffiti")).to_be_visible()
    phone.go_offline()
    in_record, in_draft = some(20), some(20)
    plant(page, photo, in_record, in_draft)
    phone.kill()
    assert found_in(copied(phone, tmp_path / "copy"), [*in_record, *in_draft]) == {*in_record, *in_draft}


def test_nothing_of_a_locked_phone_is_found_in_its_profile(running, phone, photo, tmp_path):
    running.app_lock = True
    page = enrol(phone, running.start())
    expect(page.get_by_role("heading", name="Choose a PIN")).to_be_visible()
    assert problems_for_people(page) == []
    type_pin(page, "123456")
    expect(page.get_by_text("That is too easy to guess.")).to_be_visible()
    type_pin(page, PIN)
    expect(page.get_by_role("heading", name="Type it again")).to_be_visible()
    type_pin(page, PIN)
    page.get_by_role("link", name="Start").click()
    expect(page.get_by_role("button", name="Graffiti")).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    phone.switch_off()  # Chromium takes half a minute to write a cookie down
    page = phone.switch_on()
    phone.grant("geolocation")
    phone.go_offline()
    page.goto(running.url)
    unlock(page)

    # An officer pulls a waiting record back before the lock, and finishes it again.
    in_record, in_draft = some(20), some(20)
    record_graffiti(page, photo, " ".join(in_record))
    finish(page)
    page.goto(f"{running.url}/#/outbox")
    page.get_by_role("link", name=in_record[0]).click()
    page.get_by_role("button", name="Pull back").click()
    expect(page.get_by_label(question("place_text").label)).to_have_value(" ".join(in_record))
    expect(page.get_by_role("img", name="Photo 1")).to_be_visible()
    finish(page)
    page.goto(f"{running.url}/#/")
    begin_graffiti(page, in_draft)

    # Locked by hand, from its home.
    page.goto(f"{running.url}/#/")
    page.get_by_role("button", name="Lock now").click()
    expect(page.get_by_role("heading", name="Type your PIN")).to_be_visible()
    expect(page.get_by_text("1 record not sent yet.")).to_be_visible()
    assert problems_for_people(page) == []
    page.wait_for_timeout(600)
    by_hand = copied(phone, tmp_path / "by hand")

    # Locked by itself, with a form open.
    type_pin(page, OTHERS)
    expect(page.get_by_text("That is not the PIN.")).to_be_visible()
    unlock(page)
    page.get_by_role("link", name="Not finished").first.click()
    expect(page.get_by_label(question("place_text").label)).to_have_value(" ".join(in_draft))
    page.evaluate("() => { const now = Date.now; Date.now = () => now() + 121_000 }")
    expect(page.get_by_role("heading", name="Type your PIN")).to_be_visible()
    page.wait_for_timeout(600)
    by_time = copied(phone, tmp_path / "by time")
    unlock(page)
    expect(page.get_by_label(question("place_text").label)).to_have_value(" ".join(in_draft))

    # Killed.
    phone.kill()
    by_kill = copied(phone, tmp_path / "by kill")

    # A locked phone delivers all the same, and only then is it known how its photo was made smaller.
    page = phone.switch_on()
    page.goto(running.url)
    expect(page.get_by_role("heading", name="Type your PIN")).to_be_visible()
    wait_until(lambda: [complete for _, complete, _ in stored(running)] == [1])
    ((_, _, payload),) = stored(running)
    assert " ".join(in_record).encode() in payload
    (blob,) = (
        path
        for path in (running.data / "blobs").glob("??/*")
        if path.read_bytes()[:3] == b"\xff\xd8\xff" and path.name.encode() in payload
    )
    planted = [*in_record, *in_draft, *pieces_of(blob.read_bytes(), 10)]
    assert len(planted) == 50
    for copy in (by_hand, by_time, by_kill):
        assert found_in(copy, planted) == set()

    # What was sent stays in the list, and cannot be read here any more.
    unlock(page)
    expect(strip(page)).to_have_text("All sent")
    page.goto(f"{running.url}/#/outbox/sent")
    page.get_by_role("link", name=in_record[0]).click()
    expect(page.get_by_text("Only the office can read this now.")).to_be_visible()

    # Two people on one phone: each sees what they began.
    page.goto(f"{running.url}/#/device")
    page.get_by_role("button", name="Pass this phone on").click()
    page.get_by_label("Who has it next?").fill("Bob")
    page.get_by_role("button", name="Choose their PIN").click()
    type_pin(page, OTHERS)
    expect(page.get_by_role("heading", name="Type it again")).to_be_visible()
    type_pin(page, OTHERS)
    expect(page.get_by_role("button", name="Graffiti")).to_be_visible()
    expect(page.get_by_role("link", name="Not finished")).to_have_count(0)
    page.get_by_role("button", name="Lock now").click()
    page.get_by_role("button", name="Phone 7").click()
    unlock(page)
    expect(page.get_by_role("link", name="Not finished")).to_have_count(1)
