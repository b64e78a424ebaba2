"""How long a tap on a beach hut takes until it is painted: 120 in a row, at a quarter of this machine's speed."""

import argparse
import tempfile
from pathlib import Path

from phones import Phone, devtools
from playwright.sync_api import sync_playwright
from running import RunningServer

SLOWER = 4  # times
PAUSE = 60  # ms between taps; nobody walks faster
TAP_EVERY_HUT = """async pause => {
    const took = []
    for (const cell of document.querySelectorAll('button.cell')) {
        const start = performance.now()
        cell.click()
        await new Promise(done => requestAnimationFrame(() => {
            const painted = new MessageChannel()  // its message comes after the frame is drawn
            painted.port1.onmessage = done
            painted.port2.postMessage(0)
        }))
        took.push(performance.now() - start)
        await new Promise(done => setTimeout(done, pause))
    }
    return took
}"""


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = RunningServer(Path(folder) / "data").start()
        phone = Phone(playwright, Path(folder) / "phone")
        try:
            took = sorted(tap_every_hut(phone, server))
        finally:
            phone.switch_off()
            server.kill()
    at = {share: took[min(len(took) - 1, int(len(took) * share))] for share in (0.5, 0.95, 1)}
    print(f"{len(took)} huts at {SLOWER}x: median {at[0.5]:.0f} ms, p95 {at[0.95]:.0f} ms, worst {at[1]:.0f} ms")


def tap_every_hut(phone: Phone, server: RunningServer) -> list[float]:
    page = phone.switch_on()
    page.goto(server.invite("officer", "Phone 7")["url"])
    page.get_by_role("button", name="Yes, this is").click()
    page.get_by_role("link", name="Start").click()
    page.get_by_role("button", name="Beach huts", exact=True).click()
    page.get_by_text("Tankerton Slopes").click()
    page.locator("button.cell").nth(119).wait_for()
    devtools(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return page.evaluate(TAP_EVERY_HUT, PAUSE)


if __name__ == "__main__":
    main()
