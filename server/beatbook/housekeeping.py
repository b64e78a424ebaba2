"""Housekeeping: what has to be done by itself once an hour, while the server runs."""

import threading
from collections.abc import Callable

import structlog

log = structlog.get_logger()

EVERY_SECONDS = 3600.0  # what is erased is promised by the day


class Housekeeper:
    """One thread that does the same small work at the start and then every hour. A failure waits for the next hour."""

    def __init__(self, work: Callable[[], object], every: float = EVERY_SECONDS) -> None:
        self.work = work
        self.every = every
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, name="housekeeping", daemon=True)

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        self.stopping.set()
        if self.thread.is_alive():
            self.thread.join()

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                self.work()
            except Exception:
                log.exception("housekeeping failed")
            self.stopping.wait(self.every)
