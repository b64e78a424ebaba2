"""How soon the app is usable with no signal and 300 records on the phone, at a quarter of this machine's speed."""

import argparse
import statistics
import tempfile
from pathlib import Path

from officers import finish, record_graffiti
from phones import Phone, devtools
from PIL import Image
from playwright.sync_api import Page, sync_playwright
from running import RunningServer

SLOWER = 4  # times
RECORDS = 300
TIMES = 5
# Written down by the page itself: asking for the tile from here would slow down what is measured.
NOTE_WHEN_USABLE = """new MutationObserver((_, observer) => {
    if (!document.querySelector('.tiles button, .tiles a')) return
    observer.disconnect()
    requestAnimationFrame(() => setTimeout(() => { window.usableAfter = performance.now() }))
}).observe(document, { childList: true, subtree: true })"""
# One record that was really made, again and again under other numbers, as after months of work.
MULTIPLY = """async count => {
    const db = await new Promise((done, failed) => {
        const opening = indexedDB.open('beatbook')
        opening.onsuccess = () => done(opening.result)
        opening.onerror = () => failed(opening.error)
    })
    const all = name => new Promise(done => {
        const asked = db.transaction(name).objectStore(name).getAll()
        asked.onsuccess = () => done(asked.result)
    })
    const [record] = await all('records')
    const photos = await all('photos')
    const tx = db.transaction(['records', 'photos'], 'readwrite')
    for (let n = 1; n < count; n++) {
        const instanceId = crypto.randomUUID()
        tx.objectStore('records').put({ ...record, instanceId, counter: record.counter + n })
        for (const photo of photos) tx.objectStore('photos').put({ ...photo, id: crypto.randomUUID(), instanceId })
    }
    await new Promise(done => { tx.oncomplete = done })
    db.close()
}"""


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = RunningServer(Path(folder) / "data").start()
        phone = Phone(playwright, Path(folder) / "phone")
        photo = Path(folder) / "wall.jpg"
        Image.effect_noise((1600, 1200), 60).convert("RGB").save(photo)
        try:
            page = prepared(phone, server, photo)
            page.context.set_offline(True)
            bare = [usable_after(page, slower=1) for _ in range(TIMES)]
            slow = [usable_after(page, slower=SLOWER) for _ in range(TIMES)]
        finally:
            phone.switch_off()
            server.kill()
    print(f"offline, {RECORDS} records: usable after {statistics.median(slow):.0f} ms at {SLOWER}x", end=" ")
    print(f"({min(slow):.0f} to {max(slow):.0f} of {TIMES}), {statistics.median(bare):.0f} ms at full speed")


def prepared(phone: Phone, server: RunningServer, photo: Path) -> Page:
    page = phone.switch_on()
    page.add_init_script(NOTE_WHEN_USABLE)
    phone.grant("geolocation")
    page.goto(server.invite("officer", "Phone 7")["url"])
    page.get_by_role("button", name="Yes, this is").click()
    page.get_by_role("link", name="Start").click()
    record_graffiti(page, photo)
    finish(page)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.evaluate(MULTIPLY, RECORDS)
    return page


def usable_after(page: Page, *, slower: int) -> float:
    """Milliseconds from the start of a cold page to the first tile on the screen, by the page's own clock."""
    devtools(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.goto(page.url.partition("#")[0] + "#/")
    page.reload(wait_until="commit")
    page.get_by_role("button", name="Graffiti").wait_for()
    return page.evaluate("window.usableAfter")


if __name__ == "__main__":
    main()
