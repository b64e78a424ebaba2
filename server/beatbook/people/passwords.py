"""Passwords: hashing, and which ones are too easy to guess.

Length counts, not rules about characters (NCSC, and ASVS 5.0 chapter 6.2): at least LEAST characters, none of those
that attackers try first, nothing that is only the person's or the unit's own name with something behind it.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST = 12  # characters; ASVS 5.0 6.2.1 asks 8 at level 1, and recommends 15
LONGEST = 200  # characters; more is no safer, and hashing a megabyte would hold a thread
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's argon2id floor, about 30 ms
COMMON = Path(__file__).with_name("common_passwords.txt")  # after Royce Williams' list of 20,000 found in breaches

KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890", "abcdefghijklmnopqrstuvwxyz", "1qaz2wsx3edc4rfv5tgb")


MOSTLY = 0.8  # of its steps; words have a fifth at most


def hash_of(password: str) -> str:
    return HASHER.hash(password)


def matches(stored: str, password: str) -> bool:
    try:
        return HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def weakness(password: str, own: Iterable[str] = ()) -> str | None:
    """Why a password is too easy to guess, as a sentence for the person; None when it is not.

    `own` are words that somebody who knows the person would try: name, email address, council.
    """
    if len(password) < LEAST:
        return f"Choose a password of at least {LEAST} characters."
    if len(password) > LONGEST:
        return f"Choose a password of at most {LONGEST} characters."
    plain = password.lower()
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    if plain in common() or core in common() or core == "":
        return "Choose another password. This one is among the first that are tried."
    if is_walk(plain):
        return "Choose another password. This one is a pattern that is easy to guess."
    if core in {word for text in own for word in words_of(text)}:
        return "Choose another password. This one is mostly your own name or the council's."
    return None


def is_walk(text: str) -> bool:
    """A few characters again and again, or mostly steps to the next key or the next letter."""
    if len(set(text)) < 5:
        return True
    rows = [*KEYBOARD, *(row[::-1] for row in KEYBOARD)]
    pairs = [text[at : at + 2] for at in range(len(text) - 1)]
    return sum(any(pair in row for row in rows) for pair in pairs) >= MOSTLY * len(pairs)


def words_of(text: str) -> set[str]:
    lower = text.lower()
    parts = re.findall(r"[a-z0-9]+", lower)
    return {lower, "".join(parts), *(part for part in parts if len(part) > 3)}


@cache
def common() -> frozenset[str]:
    return frozenset(COMMON.read_text(encoding="ascii").split())
