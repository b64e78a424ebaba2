"""Tries: how many wrong codes and passwords are looked at, so that guessing leads nowhere and shuts nobody out.

Wrong codes are counted for each address and for the whole server: a stranger who guesses from one address is stopped
long before the others notice. Wrong passwords are counted for each account, and the wait doubles: whoever guesses at
one account slows down that account's password alone. Its owner can still come in by passkey, and so can all others.
Whoever tries one password on many accounts is stopped by the address, and nobody elsewhere notices.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..problems import TooManyTries

WINDOW = timedelta(minutes=1)
PASSWORDS = 10  # wrong ones of one address in a minute, on however many accounts
SHARE = 6  # of the server's tries one address may use up a sixth
FREE = 5  # wrong passwords of one account before it has to wait; people mistype
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=15)  # after that four an hour: less than 100 guesses in a day
FORGET_AFTER = timedelta(hours=12)
MOST_KEPT = 10_000  # accounts and addresses remembered; an attacker must not fill the memory


class Addresses:
    """What was wrong of each address: passwords, whosever they are."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self.known: OrderedDict[str, deque[datetime]] = OrderedDict()

    def check(self, now: datetime, address: str) -> None:
        """Errors: TooManyTries, before the try is looked at."""
        refuse_many(self.known.get(address, deque()), self.per_minute, now)

    def failed(self, now: datetime, address: str) -> None:
        self.known.setdefault(address, deque(maxlen=self.per_minute)).append(now)
        self.known.move_to_end(address)
        if len(self.known) > MOST_KEPT:
            self.known.popitem(last=False)


class Tries:
    """Wrong codes: of enrolment, of invitations, of patrols."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute, self.addresses = per_minute, Addresses(max(1, per_minute // SHARE))
        self.all: deque[datetime] = deque(maxlen=per_minute)

    def check(self, now: datetime, address: str = "") -> None:
        """Errors: TooManyTries, before the try is looked at."""
        self.addresses.check(now, address)
        refuse_many(self.all, self.per_minute, now)

    def failed(self, now: datetime, address: str = "") -> None:
        self.all.append(now)
        self.addresses.failed(now, address)


def refuse_many(wrong: deque[datetime], most: int, now: datetime) -> None:
    """Errors: TooManyTries."""
    if len(wrong) >= most and now - wrong[0] < WINDOW:
        raise TooManyTries


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
