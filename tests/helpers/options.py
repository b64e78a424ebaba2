"""What every test may ask for: a real browser, Node, and what to do where they are missing.

At home a test that finds none is skipped and says so; with CI=true it fails, because there a skipped journey would pass
unseen.
"""

import os
import shutil
from pathlib import Path
from typing import Any, NoReturn

import pytest

import bootstrap

BROWSER_TESTS = Path(__file__).parents[1] / "browser"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROME_ON_MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
NO_CHROMIUM = "No Chromium or Chrome on the PATH, and BEATBOOK_TEST_CHROMIUM does not name one."
NO_NODE = "No Node.js: run the tests with “python3 tests”, which installs one in .venv."


def pytest_configure() -> None:
    """Let Playwright's driver run on our Node.js: its own needs a library that a bare Debian lacks."""
    ours = bootstrap.front_end().wheel_node()
    if ours:
        os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(ours.program))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="the fault harnesses at full length; prints their figures")


@pytest.fixture(scope="session")
def long(pytestconfig: pytest.Config) -> bool:
    """Whether the figures are wanted, which takes hours."""
    return bool(pytestconfig.getoption("--long"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All browser tests share one worker: two browsers at once would make each other's timings lie."""
    for item in items:
        if BROWSER_TESTS in item.path.parents:
            item.add_marker("browser")
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser") and not find_chromium():
        absent(NO_CHROMIUM)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The program to drive, for Playwright's `executable_path`."""
    return find_chromium() or absent(NO_CHROMIUM)


@pytest.fixture(scope="session")
def node() -> Any:
    """A Node.js that runs TypeScript as it is; the one from .venv first, because the system's is often too old."""
    builder = bootstrap.front_end()
    return builder.wheel_node() or builder.system_node() or absent(NO_NODE)


def find_chromium() -> str | None:
    named = os.environ.get("BEATBOOK_TEST_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, CHROMIUMS)), None)
    return found or (str(CHROME_ON_MACOS) if CHROME_ON_MACOS.exists() else None)


def absent(why: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(why, pytrace=False)
    pytest.skip(why)
