"""Waiting for what happens by itself: no longer than it takes, and not for ever."""

import time
from collections.abc import Callable

from beatbook.office import Office

LOOKS_EVERY = 0.02  # seconds


def wait_until(true: Callable[[], bool], seconds: float = 20, otherwise: str = "it did not come true") -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, otherwise
        time.sleep(LOOKS_EVERY)


def wait_for_previews(office: Office) -> None:
    """They are made in the background, once a photo is held."""
    wait_until(lambda: not office.waiting_previews(), otherwise="previews were not made")
