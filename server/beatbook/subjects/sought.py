"""Sought: the person that is looked for, and whether some words speak of them.

Names and addresses match when all their words stand in one answer, in any order and with any accents; a phone number by
its last nine digits, however it is grouped; a plate or a reference however it is spaced. Rather too much is found than
too little: a person decides about each place.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

KINDS = ("name", "address", "phone", "email", "plate", "reference")
LONGEST = 200  # characters of each
SHORTEST = 3  # letters or digits; "Li" alone would find every street
SAME_NUMBER = 9  # digits; +44 7700 900123 and 07700 900123 end in the same


@dataclass(frozen=True)
class Sought:
    """Whom to look for, each as it was typed. At least one is given."""

    given: Mapping[str, str]

    def found_in(self, texts: Iterable[str]) -> set[str]:
        """Which of what is given stands in one of the texts."""
        left, found = dict(self.given), set()
        for text in texts:
            for kind in [kind for kind, value in left.items() if MATCHES[kind](value, text)]:
                found.add(kind)
                del left[kind]
            if not left:
                break
        return found


def of(given: Mapping[str, str]) -> Sought:
    tidied = {kind: " ".join(given.get(kind, "").split())[:LONGEST] for kind in KINDS}
    return Sought({kind: value for kind, value in tidied.items() if value})


def too_short(given: Mapping[str, str]) -> list[str]:
    """What would match nearly everything."""
    return [kind for kind, value in given.items() if len(compact(value)) < LEAST.get(kind, SHORTEST)]


def all_words(value: str, text: str) -> bool:
    told = f" {plain(text)} "
    return all(f" {word} " in told for word in plain(value).split())


def same_number(value: str, text: str) -> bool:
    joined = re.sub(r"(?<=\d)[\s().-]+(?=\d)", "", text)
    return digits(value)[-SAME_NUMBER:] in joined


def same_code(value: str, text: str) -> bool:
    return compact(value) in compact(text)


def same_address(value: str, text: str) -> bool:
    return value.casefold() in text.casefold()


MATCHES = {
    "name": all_words,
    "address": all_words,
    "phone": same_number,
    "email": same_address,
    "plate": same_code,
    "reference": same_code,
}
LEAST = {"phone": SAME_NUMBER, "plate": 4, "reference": 4}


def plain(text: str) -> str:
    """Words without accents, case and punctuation."""
    spread = unicodedata.normalize("NFKD", text)
    bare = "".join(sign for sign in spread if not unicodedata.combining(sign)).casefold()
    return " ".join(re.findall(r"[^\W_]+", bare.replace("'", "").replace("’", "")))


def compact(text: str) -> str:
    return plain(text).replace(" ", "")


def digits(text: str) -> str:
    return re.sub(r"\D", "", text)
