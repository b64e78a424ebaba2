"""Tries: how many wrong codes and passwords are looked at, so that guessing leads nowhere and shuts nobody out.

Wrong codes are counted for each address and for the whole server: a stranger who guesses from one address is stopped
long before the others notice. Wrong passwords are counted for each account, and the wait doubles: whoever guesses at
one account slows down that account's password alone. Its owner can still come in by passkey, and so can all others.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from .problems import TooManyTries

WINDOW = timedelta(minutes=1)
SHARE = 6  # of the server's tries one address may use up a sixth
FREE = 5  # wrong passwords of one account before it has to wait; people mistype
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=15)  # after that four an hour: less than 100 guesses in a day
FORGET_AFTER = timedelta(hours=12)
MOST_KEPT = 10_000  # accounts and addresses remembered; an attacker must not fill the memory


class Tries:
    """Wrong codes: of enrolment, of invitations, of patrols."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute, self.per_address = per_minute, max(1, per_minute // SHARE)
        self.all: deque[datetime] = deque(maxlen=per_minute)
        self.by_address: OrderedDict[str, deque[datetime]] = OrderedDict()

    def check(self, now: datetime, address: str = "") -> None:
        """Errors: TooManyTries, before the try is looked at."""
        own = self.by_address.get(address, deque())
        for wrong, most in ((own, self.per_address), (self.all, self.per_minute)):
            if len(wrong) >= most and now - wrong[0] < WINDOW:
                raise TooManyTries

    def failed(self, now: datetime, address: str = "") -> None:
        self.all.append(now)
        own = self.by_address.setdefault(address, deque(maxlen=self.per_address))
        own.append(now)
        self.by_address.move_to_end(address)
        if len(self.by_address) > MOST_KEPT:
            self.by_address.popitem(last=False)


@dataclass
class Account:
    wrong: int = 0
    last: datetime | None = None


class Accounts:
    """Wrong passwords and one-time codes of each account."""

    def __init__(self) -> None:
        self.known: OrderedDict[str, Account] = OrderedDict()

    def check(self, name: str, now: datetime) -> None:
        """Errors: TooManyTries, while the account's wait lasts."""
        account = self.known.get(name)
        if account is None or account.last is None:
            return
        if now - account.last >= FORGET_AFTER:
            del self.known[name]
        elif now - account.last < wait_after(account.wrong):
            raise TooManyTries

    def failed(self, name: str, now: datetime) -> None:
        account = self.known.setdefault(name, Account())
        account.wrong, account.last = account.wrong + 1, now
        self.known.move_to_end(name)
        if len(self.known) > MOST_KEPT:
            self.known.popitem(last=False)

    def succeeded(self, name: str) -> None:
        self.known.pop(name, None)


def wait_after(wrong: int) -> timedelta:
    """Nothing for the first few, then 2 s, 4 s, 8 s … up to a quarter of an hour."""
    if wrong < FREE:
        return timedelta(0)
    return min(FIRST_WAIT * 2 ** min(wrong - FREE, 16), LONGEST_WAIT)
