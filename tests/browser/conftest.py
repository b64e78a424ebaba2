"""Browsers for the tests that need one."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from actors import a_photo
from doors import Door
from phones import DESKTOP, Phone
from playwright.sync_api import Page, Playwright, expect, sync_playwright
from running import RunningServer

expect.set_options(timeout=20_000)  # ms; other tests keep the machine busy, and nothing here is about speed


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture
def phone(playwright: Playwright, tmp_path: Path) -> Iterator[Phone]:
    with_a_profile = Phone(playwright, tmp_path / "phone")
    yield with_a_profile
    with_a_profile.switch_off()


@pytest.fixture
def another(playwright: Playwright, tmp_path: Path) -> Iterator[Callable[..., Phone]]:
    """Makes further browsers: `another("desk", viewport=DESKTOP)`."""
    made: list[Phone] = []

    def make(name: str, **given: object) -> Phone:
        made.append(Phone(playwright, tmp_path / name, **given))  # ty: ignore[invalid-argument-type]
        return made[-1]

    yield make
    for each in made:
        each.switch_off()


@pytest.fixture
def door(running: RunningServer) -> Iterator[Door]:
    """Before the server, which is not started yet; every link it gives out leads here."""
    door = Door(running)
    yield door
    door.close()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "wall.jpg"
    path.write_bytes(a_photo((800, 600)))
    return path


@pytest.fixture
def desk(running: RunningServer, another: Callable[..., Phone]) -> Page:
    """Kerry at a desktop, with an account of her own; the server has just been started."""
    page = another("desk", viewport=DESKTOP, touch=False).switch_on()
    page.goto(running.start().invite("supervisor", "Kerry B")["url"])
    page.get_by_label("Email").fill("kerry@council.example")
    page.get_by_label("Password").fill("a long enough password")
    page.get_by_role("button", name="Make my account").click()
    expect(page.get_by_role("heading", name="Records", exact=True)).to_be_visible()
    return page
