"""Tries: wrong codes and passwords are counted for the whole server, and only so many are looked at in a minute."""

from collections import deque
from datetime import datetime, timedelta

from .problems import TooManyTries

WINDOW = timedelta(minutes=1)


class Tries:
    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self.wrong: deque[datetime] = deque(maxlen=per_minute)

    def check(self, now: datetime) -> None:
        """Errors: TooManyTries, before the try is looked at."""
        if len(self.wrong) == self.per_minute and now - self.wrong[0] < WINDOW:
            raise TooManyTries

    def failed(self, now: datetime) -> None:
        self.wrong.append(now)
