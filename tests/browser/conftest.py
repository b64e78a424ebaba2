"""Browsers for the tests that need one."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from phones import Phone
from playwright.sync_api import Playwright, sync_playwright


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
