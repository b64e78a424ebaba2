"""Browser kills: a person finishes one record after another, and again and again the battery goes in the middle of it.

`python3 tests tests/browser/test_flat_batteries.py --long -s` kills two hundred times and prints the figures.
"""

import hashlib
import json
import os
import random
import signal
import sqlite3
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from actors import a_photo
from officers import open_shift, record_graffiti, strip
from phones import Phone
from playwright.sync_api import Error, Page, expect
from running import RunningServer

pytestmark = pytest.mark.browser

SHORT, LONG = 5, 200  # kills
PLANTED = 12  # kills at most until the planted fault is found; the first one usually does
A_RECORD_TAKES = 6.0  # seconds at most between being switched on and the battery's end
AROUND_FINISH = 0.25  # seconds: half of the kills fall into the moment in which a record is written down

# The screen's own word, heard the moment it is drawn: a kill in the next millisecond takes nothing back.
LISTEN = """
new MutationObserver(() => {
  const [, screen, id] = location.hash.split('/')
  if (screen === 'done' && document.querySelector('h1')?.textContent === 'Saved on this phone') saidSaved(id)
}).observe(document, {childList: true, subtree: true, characterData: true})
"""

# Finishing believes that its transaction is complete while it is still under way for a third of a second.
SAYS_SAVED_TOO_EARLY = """
const transaction = IDBDatabase.prototype.transaction
IDBDatabase.prototype.transaction = function (stores, mode, options) {
  const begun = transaction.call(this, stores, mode, options)
  const isFinish = mode === 'readwrite' && ['drafts', 'records', 'meta'].every(name => [...stores].includes(name))
  if (isFinish) {
    const until = performance.now() + 300
    const hold = () => {
      if (performance.now() < until) begun.objectStore('meta').count().onsuccess = hold
    }
    hold()
    setTimeout(() => begun.dispatchEvent(new Event('complete')))
  }
  return begun
}
"""


@dataclass
class Shift:
    """A phone, the person who works with it, and what its screen has told them."""

    phone: Phone
    server: RunningServer
    dice: random.Random
    photo: Path
    fault: str = ""
    begun: int = 0
    saved: set[str] = field(default_factory=set)

    def work_until_flat(self) -> None:
        page = self.switch_on()
        battery = self.phone.main_process()
        aimed = self.dice.random() < 0.5
        if not aimed:
            end_soon(battery, self.dice.uniform(0, A_RECORD_TAKES))
        try:
            while True:
                self.begin_a_record(page)
                if aimed:
                    end_soon(battery, self.dice.uniform(0, AROUND_FINISH))
                page.get_by_role("button", name="Finish").click()
                expect(page.get_by_role("heading", name="Saved on this phone")).to_be_visible()
                page.get_by_role("link", name="Home").last.click()
        except (Error, AssertionError):
            assert not self.phone.is_on(), "something else than the battery failed"
            self.phone.wait_until_off()

    def switch_on(self) -> Page:
        page = self.phone.switch_on()
        page.context.expose_function("saidSaved", self.hear)
        page.add_init_script(LISTEN)
        if self.fault:
            page.add_init_script(self.fault)
        page.goto(self.server.url)
        return page

    def hear(self, instance_id: str) -> None:
        self.saved.add(instance_id)

    def begin_a_record(self, page: Page) -> None:
        self.begun += 1
        self.photo.write_bytes(a_photo((160, 120)))
        record_graffiti(page, self.photo, place=f"Bench {self.begun}")

    def send_all(self) -> None:
        page = self.switch_on()
        expect(strip(page)).to_have_text("All sent", timeout=60_000)
        self.phone.switch_off()


@pytest.mark.timeout(3600)
def test_what_the_screen_called_saved_arrives_once_however_often_the_battery_goes(shift, pytestconfig):
    kills = LONG if pytestconfig.getoption("--long") else SHORT
    for _ in range(kills):
        shift.work_until_flat()
    shift.send_all()
    verdict = judge(shift)
    print(f"\n{kills} kills, {shift.begun} records begun, {len(shift.saved)} called saved: {verdict}")
    assert verdict == NOTHING_WRONG
    assert shift.saved


def test_a_phone_that_says_saved_too_early_is_found_out(shift, long):
    if not long:
        pytest.skip("a search by chance: python3 tests tests/browser/test_flat_batteries.py --long -s")
    shift.fault = SAYS_SAVED_TOO_EARLY
    for _ in range(PLANTED):
        shift.work_until_flat()
        shift.send_all()
        if judge(shift)["lost"]:
            return
    pytest.fail(f"{PLANTED} kills did not find it")


NOTHING_WRONG = {"lost": 0, "duplicated": 0, "not whole": 0}


@pytest.fixture
def shift(running: RunningServer, phone: Phone, tmp_path: Path) -> Shift:
    open_shift(phone, running.start())
    phone.switch_off()
    return Shift(phone, running, random.Random(), tmp_path / "wall.jpg")


def judge(shift: Shift) -> dict[str, int]:
    """By what the server has on its disk."""
    connection = sqlite3.connect(shift.server.data / "beatbook.db")
    stored = dict(connection.execute("SELECT instance_id, payload FROM submission").fetchall())
    connection.close()
    records = {instance_id: json.loads(payload) for instance_id, payload in stored.items()}
    places = Counter(record["answers"]["place_text"] for record in records.values())
    return {
        "lost": len(shift.saved - records.keys()),
        "duplicated": sum(count - 1 for count in places.values()),
        "not whole": sum(not is_whole(record, shift.server.data / "blobs") for record in records.values()),
    }


def is_whole(record: dict, blobs: Path) -> bool:
    def holds(sha256: str) -> bool:
        blob = blobs / sha256[:2] / sha256
        return blob.is_file() and hashlib.sha256(blob.read_bytes()).hexdigest() == sha256

    digests = [listed["sha256"] for listed in record["attachments"]]
    return len(digests) == 1 and all(map(holds, digests))


def end_soon(battery: int, seconds: float) -> None:
    threading.Timer(seconds, os.kill, (battery, signal.SIGKILL)).start()
