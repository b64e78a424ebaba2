"""Harness: what all of them share. Each is a module with

- `run(template, folder, size, fault)`, which plays through `size` rounds and answers an Outcome;
- `SHORT`, `PLANTED` and `LONG`: the sizes for every test run, with a planted fault, and for the published figures;
- `FINDS`: the planted faults that it must notice, and a word of what it must then say: noticing anything is not enough;
- `needs()`, where it needs more than Python: raises Unavailable.
"""

import os
import random
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from actors import Record, a_photo, a_record

from .history import Verdict
from .phone import Broken
from .world import Unavailable

PHOTOS = [a_photo((48, 36)) for _ in range(60)]  # 5 KB each; making them anew would cost more than sending them


@dataclass
class Outcome:
    """What a harness found: a sentence for each thing that is wrong, and what it did to find out."""

    wrong: list[str] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=dict)
    verdict: Verdict | None = None

    @classmethod
    def of(cls, verdict: Verdict, **figures: int) -> "Outcome":
        wrong = [
            f"{len(ids)} records {what}, such as {ids[0]}"
            for ids, what in (
                (verdict.lost, "lost"),
                (verdict.duplicated, "duplicated"),
                (verdict.torn, "torn"),
                (verdict.incomplete, "incomplete though acknowledged as whole"),
            )
            if ids
        ]
        return cls(wrong, {**figures, "acknowledgements": verdict.acknowledgements}, verdict)

    def blame(self, count: int, what: str) -> None:
        if count:
            self.wrong.append(f"{count} {what}")

    def __str__(self) -> str:
        done = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in self.figures.items())
        return f"{done}: {'; '.join(self.wrong[:5]) or 'nothing wrong'}"


def broken_part(fault: str | None) -> tuple[str | None, Broken | None]:
    """Whether a planted fault sits in the server or in the phone."""
    phones = {rule.value: rule for rule in Broken}
    return (None, phones[fault]) if fault in phones else (fault, None)


def records_of(dice: random.Random, count: int, photos: Sequence[bytes], **changes: Any) -> list[Record]:
    """Records with up to two of these photos."""
    return [a_record(*dice.sample(photos, dice.choice((0, 1, 1, 2))), **changes) for _ in range(count)]


def needs_root() -> None:
    if os.name == "nt" or os.geteuid() != 0:
        raise Unavailable("only root may do this")


def needs_program(name: str, package: str) -> None:
    if not shutil.which(name):
        raise Unavailable(f"{name} is not installed (Debian and Ubuntu: apt install {package})", installable=True)
