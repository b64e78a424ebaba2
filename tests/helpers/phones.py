"""A real Chromium with a profile of its own, that can be killed and started again as a phone can."""

import os
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from options import NO_CHROMIUM, absent, find_chromium
from playwright.sync_api import BrowserContext, CDPSession, Page, Playwright, ViewportSize

FLAGS = [
    "--no-sandbox",  # the tests may run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE: ViewportSize = {"width": 390, "height": 844}
TABLET: ViewportSize = {"width": 1024, "height": 768}
DESKTOP: ViewportSize = {"width": 1366, "height": 768}
AXE = Path(__file__).parents[2] / "pwa" / "node_modules" / "axe-core" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass
class Phone:
    """A browser on a device: its storage outlives a kill."""

    playwright: Playwright
    profile: Path
    viewport: ViewportSize = field(default_factory=lambda: PHONE)
    touch: bool = True
    context: BrowserContext | None = None

    def switch_on(self) -> Page:
        self.context = self.playwright.chromium.launch_persistent_context(
            str(self.profile),
            executable_path=find_chromium() or absent(NO_CHROMIUM),
            headless=True,
            args=FLAGS,
            viewport=self.viewport,
            has_touch=self.touch,
            geolocation={"latitude": 51.2802, "longitude": 1.0789, "accuracy": 8},
            locale="en-GB",
            timezone_id="Europe/London",
        )
        self.context.set_default_timeout(15_000)
        return self.page

    @property
    def page(self) -> Page:
        assert self.context is not None
        return self.context.pages[0]

    def go_offline(self) -> None:
        assert self.context is not None
        self.context.set_offline(True)

    def go_online(self) -> None:
        assert self.context is not None
        self.context.set_offline(False)

    def grant(self, *permissions: str) -> None:
        assert self.context is not None
        self.context.grant_permissions(list(permissions))

    def kill(self) -> None:
        """As a flat battery does: nothing is asked, nothing is finished."""
        os.kill(self.main_process(), signal.SIGKILL)
        self.wait_until_off()

    def wait_until_off(self) -> None:
        """Its other processes end by themselves, a little after the first."""
        while any(self.processes()):
            time.sleep(0.02)
        self.context = None

    def is_on(self) -> bool:
        return any(" --type=" not in line for _, line in self.processes())

    def main_process(self) -> int:
        return next(process for process, line in self.processes() if " --type=" not in line)

    def processes(self) -> list[tuple[int, str]]:
        """Chromium's processes with this profile. Its children write their command line with spaces, others NULs."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if f"--user-data-dir={self.profile}" in line:
                found.append((int(folder.name), line))
        return found

    def switch_off(self) -> None:
        if self.context is not None:
            self.context.close()
            self.context = None


def devtools(page: Page) -> CDPSession:
    """For what Playwright has no verb."""
    return page.context.new_cdp_session(page)


def problems_for_people(page: Page) -> list[str]:
    """What axe finds on the page as it stands: one line for each rule that is broken, and where."""
    if not AXE.is_file():
        absent("axe-core is not installed; `python3 server` installs it with the front end")
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8") + "\nundefined")
    found: list[dict[str, Any]] = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}}).then(result => result.violations)", AXE_TAGS
    )
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in found]
