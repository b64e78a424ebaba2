"""Reviewing without a mouse: from the key to the next photo on the screen, and how many light records a minute.

A real Chromium walks the review queue of a real server: once with J, then with A as fast as the page lets anybody, for
a photo must have been looked at for 0.7 s.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import httpx2
from actors import MULTIPART, Record, a_record, body_of, graffiti_answers, parts
from options import NO_CHROMIUM, absent, find_chromium
from phones import DESKTOP, FLAGS
from playwright.sync_api import Page, expect, sync_playwright
from running import RunningServer

from beatbook.demo import pictures

MOST_MS = 100  # p95 from key to photo
LEAST_A_MINUTE = 12
DIFFERENT = 12  # photos; drawing one takes as long as a phone's camera does
TOGETHER = 10  # records of one delivery


def main() -> None:
    asked = argparse.ArgumentParser(prog="python3 tests/benchmarks queue", description=__doc__)
    asked.add_argument("--records", type=int, default=50)
    number = asked.parse_args().records
    with tempfile.TemporaryDirectory(prefix="beatbook-queue-") as folder:
        server = RunningServer(Path(folder) / "data").start()
        try:
            deliver(server, number)
            walk(server, number)
        finally:
            server.kill()


def deliver(server: RunningServer, number: int) -> None:
    headers = {**server.enrol(), "content-type": MULTIPART}
    photos = [pictures.photo("brick_wall", seed, "KRON") for seed in range(min(number, DIFFERENT))]
    made = [a_light_record(photos[at % len(photos)], at) for at in range(number)]
    for start in range(0, number, TOGETHER):
        body = body_of(parts(*made[start : start + TOGETHER]))
        httpx2.post(f"{server.url}/api/sync", content=body, headers=headers, timeout=60).raise_for_status()


def a_light_record(photo: bytes, at: int) -> Record:
    return a_record(photo, counter=at + 1, answers={**graffiti_answers(photo), "place_text": f"Place {at}"})


def walk(server: RunningServer, number: int) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium() or absent(NO_CHROMIUM), args=FLAGS)
        page = browser.new_page(viewport=DESKTOP)
        page.set_default_timeout(30_000)
        page.goto(server.invite("supervisor", "Kerry B")["url"])
        page.get_by_label("Email").fill("kerry@council.example")
        page.get_by_label("Password").fill("a long enough password")
        page.get_by_role("button", name="Make my account").click()
        page.goto(f"{server.url}/desk/review")
        expect(page.get_by_text(f"1 of {number}")).to_be_visible()
        page.wait_for_timeout(3000)  # the first are fetched ahead, as while somebody looks at the first photo
        steps = stepped(page, "j", number - 1)
        page.goto(f"{server.url}/desk/review")
        expect(page.get_by_text(f"1 of {number}")).to_be_visible()
        began = time.monotonic()
        for _ in range(number):
            page.locator("body[data-looked=yes]").wait_for()
            page.keyboard.press("a")
        expect(page.get_by_role("heading", name="That was the last one")).to_be_visible()
        a_minute = number / (time.monotonic() - began) * 60
        browser.close()
    p95 = statistics.quantiles(steps, n=20)[-1]
    print(f"Key to next photo painted: p50 {statistics.median(steps):.0f} ms, p95 {p95:.0f} ms (at most {MOST_MS})")
    print(f"Light records reviewed by keyboard: {a_minute:.0f} a minute (at least {LEAST_A_MINUTE})")


def stepped(page: Page, key: str, times: int) -> list[float]:
    """Milliseconds of each step, as the page itself measures them."""
    for step in range(times):
        page.keyboard.press(key)
        page.locator(f"[data-position]:text-is('{step + 2} of {times + 1}')").wait_for()
        page.wait_for_timeout(700)  # nobody steps on before they have seen anything
    return page.evaluate("performance.getEntriesByName('beatbook-step').map((entry) => entry.duration)")


if __name__ == "__main__":
    main()
