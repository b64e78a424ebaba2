"""Browsers that Playwright does not drive here: Debian's Firefox and real WebKit, each with a profile of its own.

Both speak only of addresses, scripts and files; `Fingers` makes of that what a person does, by the words on the screen.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Protocol

from officers import question
from options import absent
from running import free_port
from websockets.sync.client import ClientConnection, connect

HOST_PROGRAM = Path(__file__).parents[1] / "browser" / "webkit_host.py"
STARTS_WITHIN = 40.0  # seconds; Firefox's first start on a busy machine takes a third of that
ANSWERS_WITHIN = 40.0
SEEN_WITHIN = 30.0

FIREFOXES = ("firefox-esr", "firefox")
NO_FIREFOX = "No Firefox on the PATH (Debian: apt install firefox-esr)."
NO_WEBKIT = "No WebKit to drive (Debian: apt install webkit2gtk-driver gir1.2-webkit2-4.1 python3-gi xvfb)."
PREFERENCES = {
    "permissions.default.geo": 1,
    "app.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
}
PLACE = {"latitude": 51.2802, "longitude": 1.0789, "accuracy": 8}


class Browser(Protocol):
    """What both can do."""

    def switch_on(self) -> None: ...

    def switch_off(self) -> None: ...

    def kill(self) -> None: ...

    def open(self, url: str) -> None: ...

    def run(self, function: str, *given: Any) -> Any: ...

    def attach(self, selector: str, file: Path) -> None: ...


class Firefox:
    """Debian's Firefox over WebDriver BiDi; it has no geckodriver, and needs none."""

    def __init__(self, profile: Path) -> None:
        self.profile = profile
        self.process: subprocess.Popen[str] | None = None
        self.line: ClientConnection | None = None
        self.lines = ExitStack()
        self.asked = 0
        self.tab = ""

    def switch_on(self) -> None:
        self.profile.mkdir(parents=True, exist_ok=True)
        lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items())
        (self.profile / "user.js").write_text("\n".join(lines))
        firefox, profile = find_firefox() or absent(NO_FIREFOX), str(self.profile)
        self.process = subprocess.Popen(
            [firefox, "--headless", "--no-remote", "--remote-debugging-port", "0", "--profile", profile],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.line = self.lines.enter_context(connect(f"{self.address()}/session", max_size=None))
        self.ask("session.new", capabilities={})
        self.tab = self.ask("browsingContext.getTree")["contexts"][0]["context"]
        self.ask("emulation.setGeolocationOverride", coordinates=PLACE, contexts=[self.tab])

    def address(self) -> str:
        assert self.process is not None and self.process.stderr is not None
        for line in self.process.stderr:
            if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", line):
                return found[1]
        raise AssertionError("Firefox stopped before it listened")

    def switch_off(self) -> None:
        if self.line is not None:
            self.ask("browser.close")
        self.wait()

    def kill(self) -> None:
        self.wait(with_signal=signal.SIGKILL)

    def wait(self, with_signal: signal.Signals | None = None) -> None:
        if self.process is None:
            return
        if with_signal is not None:
            os.killpg(self.process.pid, with_signal)
        self.process.wait(ANSWERS_WITHIN)
        assert self.process.stderr is not None
        self.process.stderr.close()
        self.process = self.line = None
        self.lines.close()

    def open(self, url: str) -> None:
        self.ask("browsingContext.navigate", context=self.tab, url=url, wait="complete")

    def run(self, function: str, *given: Any) -> Any:
        answer = self.ask(
            "script.callFunction",
            functionDeclaration=f"async given => JSON.stringify(await ({function})(...JSON.parse(given)) ?? null)",
            arguments=[{"type": "string", "value": json.dumps(given)}],
            awaitPromise=True,
            target={"context": self.tab},
        )
        assert answer["type"] == "success", answer["exceptionDetails"]["text"]
        return json.loads(answer["result"]["value"])

    def attach(self, selector: str, file: Path) -> None:
        locator = {"type": "css", "value": selector}
        (found,) = self.ask("browsingContext.locateNodes", context=self.tab, locator=locator)["nodes"]
        self.ask("input.setFiles", context=self.tab, element={"sharedId": found["sharedId"]}, files=[str(file)])

    def ask(self, method: str, **given: Any) -> Any:
        assert self.line is not None
        self.asked += 1
        self.line.send(json.dumps({"id": self.asked, "method": method, "params": given}))
        until = time.monotonic() + ANSWERS_WITHIN
        while True:
            answer = json.loads(self.line.recv(timeout=max(0, until - time.monotonic())))
            if answer.get("id") == self.asked:  # the others are events
                assert answer["type"] == "success", answer
                return answer["result"]


class WebKit:
    """Real WebKit in a small window, over Debian's WebKitWebDriver; the host program says what its options do."""

    ELEMENT = "element-6066-11e4-a52e-4f735466cecf"

    def __init__(self, profile: Path, *host_options: str) -> None:
        self.profile = profile
        self.host_options = host_options
        self.processes: list[subprocess.Popen[str]] = []
        self.session = ""

    def switch_on(self) -> None:
        self.profile.mkdir(parents=True, exist_ok=True)
        driver = shutil.which("WebKitWebDriver") or absent(NO_WEBKIT)
        display, port = self.screen(), free_port()
        self.spawn([driver, f"--port={port}"], {"DISPLAY": f":{display}", "GTK_A11Y": "none", "NO_AT_BRIDGE": "1"})
        self.driver = f"http://127.0.0.1:{port}"
        program = {"binary": str(HOST_PROGRAM), "args": [*self.host_options, str(self.profile)]}
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": program}}
        self.await_driver(port)
        self.session = "/session/" + self.ask("POST", "/session", capabilities=wanted)["sessionId"]

    def await_driver(self, port: int) -> None:
        until = time.monotonic() + STARTS_WITHIN
        while True:
            with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
                return
            assert time.monotonic() < until, "WebKitWebDriver did not start"
            time.sleep(0.05)

    def screen(self) -> str:
        """A display of its own, by the number it chose."""
        xvfb = shutil.which("Xvfb") or absent(NO_WEBKIT)
        process = self.spawn([xvfb, "-displayfd", "1", "-screen", "0", "800x1000x24", "-nolisten", "tcp"], {})
        assert process.stdout is not None
        return process.stdout.readline().strip()

    def spawn(self, command: list[str], environment: dict[str, str]) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def switch_off(self) -> None:
        """The host has no way to be closed politely; WebKit writes everything down as it goes."""
        self.kill()

    def kill(self) -> None:
        for process in reversed(self.processes):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(ANSWERS_WITHIN)
            assert process.stdout is not None
            process.stdout.close()
        self.processes = []

    def open(self, url: str) -> None:
        self.ask("POST", f"{self.session}/url", url=url)

    def run(self, function: str, *given: Any) -> Any:
        script = (
            "const answer = arguments[arguments.length - 1];"
            f"(async () => ({function})(...JSON.parse(arguments[0])))().then("
            "found => answer({found: JSON.stringify(found ?? null)}), error => answer({failed: String(error)}))"
        )
        answer = self.ask("POST", f"{self.session}/execute/async", script=script, args=[json.dumps(given)])
        assert "found" in answer, answer
        return json.loads(answer["found"])

    def attach(self, selector: str, file: Path) -> None:
        found = self.ask("POST", f"{self.session}/element", using="css selector", value=selector)
        self.ask("POST", f"{self.session}/element/{found[self.ELEMENT]}/value", text=str(file))

    def ask(self, method: str, path: str, **given: Any) -> Any:
        body = json.dumps(given).encode() if method == "POST" else None
        request = urllib.request.Request(self.driver + path, body, {"content-type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=ANSWERS_WITHIN) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from error


class Fingers:
    """A person before such a browser, who finds things by the words on the screen."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser

    def tap(self, words: str) -> None:
        self.until(lambda: self.browser.run(TAP, words), lambda: f"no “{words}” to tap: {self.screen()}")

    def pick(self, label: str, words: str) -> None:
        self.until(lambda: self.browser.run(PICK, label, words), lambda: f"no “{words}” under “{label}”")

    def type(self, label: str, text: str) -> None:
        self.until(lambda: self.browser.run(TYPE, label, text), lambda: f"no box called “{label}”")

    def sees(self, words: str) -> None:
        self.until(lambda: words in self.screen(), lambda: f"“{words}” is not on: {self.screen()}")

    def arrives(self, title: str) -> None:
        self.until(lambda: self.browser.run(TITLE) == title, lambda: f"not at “{title}” but: {self.screen()}")

    def reads_strip(self, words: str) -> None:
        """The line on every screen that says what is not sent yet."""
        self.until(lambda: self.browser.run(STRIP) == words, lambda: f"not “{words}” but “{self.browser.run(STRIP)}”")

    def screen(self) -> str:
        return self.browser.run("() => document.body.innerText")

    def record_graffiti(self, photo: Path) -> None:
        self.tap("Graffiti")
        self.sees("Take photo")
        self.browser.attach("input[type=file][capture]", photo)
        self.until(lambda: self.browser.run(PICTURES, "Photo 1"), lambda: f"no photo was kept: {self.screen()}")
        answers = {"size": "a4", "offensive": "no", "kind": "tag", "object": "wall_fence", "surface": "brick"}
        for name, chosen in answers.items():
            field = question(name)
            self.pick(field.label, next(choice.label for choice in field.choices if choice.name == chosen))
        self.type(question("place_text").label, "Westgate Gardens, by the bench")

    def until(self, true: Callable[[], Any], otherwise: Callable[[], str]) -> None:
        until = time.monotonic() + SEEN_WITHIN
        while not true():
            assert time.monotonic() < until, otherwise()
            time.sleep(0.1)


def find_firefox() -> str | None:
    return next(filter(None, map(shutil.which, FIREFOXES)), None)


def find_webkit() -> bool:
    """The driver, a display for it, and a Python that has WebKit's bindings."""
    if sys.platform != "linux" or not (shutil.which("WebKitWebDriver") and shutil.which("Xvfb")):
        return False
    bindings = "import gi; gi.require_version('WebKit2', '4.1')"
    return Path("/usr/bin/python3").exists() and not subprocess.call(
        ["/usr/bin/python3", "-c", bindings], stderr=subprocess.DEVNULL
    )


# A control that is drawn, by its name: what an assistive reader would call it.
TAP = """words => {
  const name = one => (one.getAttribute('aria-label') ?? one.innerText).trim()
  const found = [...document.querySelectorAll('button, a, label')].find(one => name(one) === words && one.offsetParent)
  found?.click()
  return Boolean(found)
}"""
PICK = """(label, words) => {
  const groups = [...document.querySelectorAll('fieldset, [role=group], [role=radiogroup]')]
  const group = groups.find(one => one.innerText.trim().startsWith(label))
  const found = [...group?.querySelectorAll('label') ?? []].find(one => one.innerText.trim() === words)
  found?.click()
  return Boolean(found)
}"""
TYPE = """(label, text) => {
  const found = [...document.querySelectorAll('label')].find(one => one.innerText.trim().startsWith(label))
  const box = found && document.getElementById(found.htmlFor)
  if (!box) return false
  box.focus()
  box.value = text
  box.dispatchEvent(new InputEvent('input', {bubbles: true}))
  box.dispatchEvent(new Event('change', {bubbles: true}))
  box.blur()
  return true
}"""
TITLE = "() => document.querySelector('h1')?.innerText.trim()"
STRIP = "() => document.querySelector('header [role=status]')?.innerText.trim()"
PICTURES = """alt => [...document.querySelectorAll('img')].some(one => one.alt === alt && one.naturalWidth > 0)"""
