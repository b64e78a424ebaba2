"""The phone's own storage: full, cleared, switched off, lost under an open form. Nothing is kept by halves."""

import json
import sqlite3
from typing import Any

import pytest
from officers import choose, enrol, finish, open_shift, question, record_graffiti, stored, strip, wait_until
from phones import devtools
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

GIGABYTE = 1_000_000_000


def test_a_phone_that_is_full_keeps_the_form_and_finishes_once_there_is_room(running, phone, photo):
    page = enrol(phone, running.start())
    record_graffiti(page, photo)
    reopen_with_no_room(page)
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("alert")).to_contain_text("Not saved. This phone is full")
    expect(page.get_by_role("img", name="Photo 1")).to_be_visible()
    assert in_store(page, "records") == []
    assert stored(running) == []

    page.reload()
    expect(page.get_by_label(question("place_text").label)).to_have_value("Westgate Gardens, by the bench")
    give_room(page, GIGABYTE)
    finish(page)
    expect(strip(page)).to_have_text("All sent")
    assert [complete for _, complete, _ in stored(running)] == [1]


def test_a_photo_that_does_not_fit_is_refused_by_itself(running, phone, photo):
    page = enrol(phone, running.start())
    page.get_by_role("button", name="Graffiti").click()
    choose(page, size="a4")
    reopen_with_no_room(page)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Take photo").click()
    chooser.value.set_files(photo)
    expect(page.get_by_text("This phone is full").first).to_be_visible()
    assert in_store(page, "photos") == []
    assert in_store(page, "photoBytes") == []
    (draft,) = in_store(page, "drafts")
    assert draft["answers"]["size"] == "a4"


def test_what_was_typed_survives_the_loss_of_the_database_under_the_form(running, phone):
    page = enrol(phone, running.start())
    page.add_init_script(LOSE_THE_DATABASE)
    page.reload()
    page.get_by_role("button", name="Graffiti").click()
    expect(page.get_by_role("button", name="Finish")).to_be_visible()
    page.evaluate("sessionStorage.setItem('lost', 'until the page is loaded again')")
    with page.expect_event("load"):
        page.get_by_label(question("place_text").label).fill("Westgate Gardens, by the bench")
    expect(page.get_by_label(question("place_text").label)).to_have_value("Westgate Gardens, by the bench")
    # The loss may be met a moment earlier, by something in the background: then the words go to the new page.
    wait_until(lambda: in_store(page, "drafts")[0]["answers"].get("place_text") == "Westgate Gardens, by the bench")


def test_a_browser_that_may_keep_nothing_says_so_before_the_first_record(running, phone):
    preferences = phone.profile / "Default" / "Preferences"
    preferences.parent.mkdir(parents=True)
    block = 2  # site data, in the browser's settings
    preferences.write_text(json.dumps({"profile": {"default_content_setting_values": {"cookies": block}}}))
    page = phone.switch_on()
    page.goto(running.start().invite("officer", "Phone 7")["url"])
    expect(page.get_by_role("heading", name="Beatbook cannot keep records here")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("Leave private browsing")
    expect(page.get_by_role("button", name="Set up this phone")).not_to_be_visible()


def test_a_cleared_phone_says_so_and_tells_the_office(running, phone):
    page = open_shift(phone, running.start())
    page.goto(running.url)
    expect(page.get_by_role("button", name="Graffiti")).to_be_visible()
    assert "wiped" not in last_report(running)
    page.goto(f"{running.url}/manifest.webmanifest")  # nothing of ours is open
    devtools(page).send("Storage.clearDataForOrigin", {"origin": running.url, "storageTypes": "indexeddb"})
    page.goto(running.url)
    expect(page.get_by_text("This phone’s storage was cleared")).to_be_visible()
    expect(page.get_by_role("button", name="Graffiti")).to_be_visible()  # its cookie is enough to know it again
    wait_until(lambda: was_told_of_clearing(running))


def test_this_device_says_whether_the_browser_promised_to_keep_records(running, phone, photo):
    page = enrol(phone, running.start())
    page.goto(f"{running.url}/#/device")
    expect(page.get_by_text("that is not promised yet")).to_be_visible()
    promise = {"permission": {"name": "persistent-storage"}, "setting": "granted", "origin": running.url}
    devtools(page).send("Browser.setPermission", promise)
    page.goto(f"{running.url}/#/")
    record_graffiti(page, photo)
    finish(page)
    page.goto(f"{running.url}/#/device")
    expect(page.get_by_text("that is promised")).to_be_visible()
    expect(page.get_by_text("used of")).to_be_visible()


def test_a_phone_with_little_space_or_a_wrong_clock_says_so_before_anybody_sets_off(running, phone):
    page = enrol(phone, running.start())
    expect(page.get_by_text("Little space")).not_to_be_visible()
    expect(page.get_by_text("This phone’s clock")).not_to_be_visible()
    page.add_init_script("StorageManager.prototype.estimate = async () => ({quota: 60e6, usage: 20e6})")
    page.add_init_script("const right = Date.now; Date.now = () => right() + 2.01 * 3_600_000")
    page.reload()
    expect(page.get_by_text("Only 40 MB free, room for about 100 photos.")).to_be_visible()
    expect(page.get_by_text("This phone’s clock is 2 hours ahead")).to_be_visible()


# As WebKit does when its storage process dies: every handle is dead, and so is every new one until the page is loaded
# again. While sessionStorage says so; the mark goes with the page, as the loss does.
LOSE_THE_DATABASE = """
sessionStorage.removeItem('lost')
const typed = () => [...document.querySelectorAll('input')].some((box) => box.value.startsWith('Westgate'))
const isLost = () => sessionStorage.getItem('lost') !== null && typed()
const transaction = IDBDatabase.prototype.transaction
IDBDatabase.prototype.transaction = function (...given) {
  if (isLost()) throw new DOMException('The database connection is closing.', 'InvalidStateError')
  return transaction.apply(this, given)
}
const open = IDBFactory.prototype.open
IDBFactory.prototype.open = function (...given) {
  const lost = 'Connection to Indexed Database server lost. Refresh the page to try again'
  if (isLost()) throw new DOMException(lost, 'UnknownError')
  return open.apply(this, given)
}
"""


def reopen_with_no_room(page: Page) -> None:
    """Chromium looks at the quota when it opens a database, and then believes itself for half a minute."""
    expect(page.get_by_role("contentinfo")).to_contain_text("Saved on this phone")
    page.wait_for_timeout(500)  # the last change is written after 300 ms
    form = page.url
    page.context.clear_permissions()  # no place: it would be written down before anybody finishes
    give_room(page, 1)
    page.goto("about:blank")
    page.wait_for_timeout(3000)  # it holds a closed database a little longer
    page.goto(form)
    expect(page.get_by_role("button", name="Finish")).to_be_visible()


def give_room(page: Page, quota: int) -> None:
    """How many bytes the browser lets this address keep."""
    origin = page.evaluate("location.origin")
    devtools(page).send("Storage.overrideQuotaForOrigin", {"origin": origin, "quotaSize": quota})


def in_store(page: Page, name: str) -> list[dict[str, Any]]:
    """What the phone keeps in one of its stores, without the bytes."""
    return page.evaluate(
        """name => new Promise((resolve, reject) => {
          const opening = indexedDB.open('beatbook')
          opening.onerror = () => reject(opening.error)
          opening.onsuccess = () => {
            const asked = opening.result.transaction(name).objectStore(name).getAll()
            asked.onsuccess = () => {
              opening.result.close()
              resolve(JSON.parse(JSON.stringify(asked.result)))
            }
          }
        })""",
        name,
    )


def last_report(running: Any) -> dict[str, Any]:
    """What the phone last told the office of itself."""
    connection = sqlite3.connect(running.data / "beatbook.db")
    ((report,),) = connection.execute("SELECT report FROM contact").fetchall()
    connection.close()
    return json.loads(report)


def was_told_of_clearing(running: Any) -> bool:
    connection = sqlite3.connect(running.data / "beatbook.db")
    ((at,),) = connection.execute("SELECT wiped_at FROM contact").fetchall()
    connection.close()
    return at is not None
