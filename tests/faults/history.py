"""History: what was asked and what was answered, one line each; and the one judge of every harness.

The rules are those of Jepsen's set-full checker. An element is a record, named by its instanceId. It is *known* from
the moment its delivery was acknowledged or somebody read it; from then on every reading must show it, once, with the
bytes that were sent and with every photo that the acknowledgement called held.
"""

import json
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any


class Kind(StrEnum):
    INVOKE = "invoke"  # about to ask
    OK = "ok"  # it was done, and the answer said so
    FAIL = "fail"  # it was not done, for certain
    INFO = "info"  # nobody knows: no answer, or none that counts


@dataclass(frozen=True)
class Seen:
    """A record as a reading found it."""

    count: int  # rows with this instanceId
    digest: str  # of the bytes in the first of them
    whole: bool  # every photo it lists is there, byte for byte

    @classmethod
    def of_line(cls, line: list[Any]) -> "Seen":
        return cls(*line)


class History:
    """Lines as they happen, from any thread; kept in a file too when one is given."""

    def __init__(self, file: Path | None = None) -> None:
        self.lines: list[dict[str, Any]] = []
        self.turn = threading.Lock()
        self.file = file.open("a") if file else None

    def note(self, kind: Kind, does: str, who: str, **more: Any) -> None:
        with self.turn:
            line = {"at": time.monotonic(), "kind": kind, "does": does, "who": who, **more}
            self.lines.append(line)
            if self.file:
                self.file.write(json.dumps(line) + "\n")

    def add(self, kind: Kind, who: str, instance_id: str, **more: Any) -> None:
        """A delivery of one record. INVOKE gives its `digest`, OK whether the server called it `whole`."""
        self.note(kind, "add", who, id=instance_id, **more)

    def read(self, who: str, seen: dict[str, Seen]) -> None:
        """A whole reading, taken while nothing was under way."""
        found = {instance_id: [one.count, one.digest, one.whole] for instance_id, one in seen.items()}
        self.note(Kind.INVOKE, "read", who)
        self.note(Kind.OK, "read", who, seen=found)

    def forget(self, who: str, instance_id: str) -> None:
        """The device let go of its own copy: from here on only the server has it."""
        self.note(Kind.OK, "forget", who, id=instance_id)


@dataclass
class Verdict:
    """Every id in exactly one of the first four; the others say what is wrong besides."""

    stable: list[str] = field(default_factory=list)  # acknowledged, and in every reading since
    unacknowledged: list[str] = field(default_factory=list)  # nobody was told, and it is there: no harm
    never_read: list[str] = field(default_factory=list)  # nobody was told, and it is not there: the device has it
    lost: list[str] = field(default_factory=list)  # known, and not in the last reading
    flickered: list[str] = field(default_factory=list)  # known, missing in a reading, there again in the last
    duplicated: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)  # there with other bytes than were sent
    incomplete: list[str] = field(default_factory=list)  # acknowledged as whole, and a photo is not there
    acknowledgements: int = 0

    @property
    def wrong(self) -> int:
        return len(self.lost) + len(self.duplicated) + len(self.torn) + len(self.incomplete)

    def __str__(self) -> str:
        return (
            f"{self.acknowledgements} acknowledgements: {len(self.stable)} stable, {len(self.lost)} lost, "
            f"{len(self.duplicated)} duplicated, {len(self.torn)} torn, {len(self.incomplete)} incomplete, "
            f"{len(self.flickered)} away for a while, {len(self.unacknowledged)} there unasked, "
            f"{len(self.never_read)} never read"
        )


@dataclass
class Element:
    digests: set[str] = field(default_factory=set)
    first_digest: str = ""  # of what was acknowledged first: a second one under the same id must not replace it
    known_at: float | None = None
    acknowledged: bool = False
    promised_whole: bool = False
    missing_at: list[float] = field(default_factory=list)
    count: int = 0
    found: Seen | None = None  # in the last reading


def judge(lines: Iterable[dict[str, Any]]) -> Verdict:
    """Sort every id. Without a reading nothing can be judged, and what was acknowledged counts as lost."""
    verdict, elements = Verdict(), dict[str, Element]()
    for line in lines:
        if line["does"] == "add":
            hear(elements.setdefault(line["id"], Element()), line, verdict)
        elif line["does"] == "read" and line["kind"] == Kind.OK:
            look(elements, line)
    for instance_id, element in elements.items():
        sort(instance_id, element, verdict)
    return verdict


def hear(element: Element, line: dict[str, Any], verdict: Verdict) -> None:
    if line["kind"] == Kind.INVOKE:
        element.digests.add(line["digest"])
    elif line["kind"] == Kind.OK:
        verdict.acknowledgements += 1
        element.acknowledged = True
        element.promised_whole = element.promised_whole or line["whole"]
        element.first_digest = element.first_digest or line.get("digest", "")
        element.known_at = line["at"] if element.known_at is None else element.known_at


def look(elements: dict[str, Element], line: dict[str, Any]) -> None:
    seen = {instance_id: Seen.of_line(found) for instance_id, found in line["seen"].items()}
    for instance_id, element in elements.items():
        element.found = seen.get(instance_id)
        if element.found is not None:
            element.count = max(element.count, element.found.count)
            element.known_at = line["at"] if element.known_at is None else element.known_at
        elif element.known_at is not None:
            element.missing_at.append(line["at"])


def sort(instance_id: str, element: Element, verdict: Verdict) -> None:
    found = element.found
    if found is None:
        (verdict.never_read if element.known_at is None else verdict.lost).append(instance_id)
    elif element.acknowledged:
        verdict.stable.append(instance_id)
    else:
        verdict.unacknowledged.append(instance_id)
    if found is None:
        return
    if element.missing_at:
        verdict.flickered.append(instance_id)
    if element.count > 1:
        verdict.duplicated.append(instance_id)
    if found.digest not in element.digests or (element.first_digest and found.digest != element.first_digest):
        verdict.torn.append(instance_id)
    if element.promised_whole and not found.whole:
        verdict.incomplete.append(instance_id)
