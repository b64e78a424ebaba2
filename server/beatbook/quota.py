"""Quota: how many bytes of photos and of what is kept aside each device has added today, so that none fills the disk.

Counted in memory and by the day of the clock: a restart forgives, which costs less than asking the database each time.
"""

from collections import Counter
from datetime import date, datetime

from .problems import DeviceQuota


class Quota:
    def __init__(self, bytes_a_day: int) -> None:
        self.bytes_a_day = bytes_a_day
        self.day = date.min
        self.spent: Counter[str] = Counter()

    def check(self, device_id: str, size: int, now: datetime) -> None:
        """Errors: DeviceQuota, when `size` more would be too much."""
        self.turn_page(now)
        if self.spent[device_id] + size > self.bytes_a_day:
            raise DeviceQuota

    def spend(self, device_id: str, size: int, now: datetime) -> None:
        self.turn_page(now)
        self.spent[device_id] += size

    def turn_page(self, now: datetime) -> None:
        if now.date() != self.day:
            self.day = now.date()
            self.spent.clear()
