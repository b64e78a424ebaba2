"""Envelope: the frozen JSON that a device signs off, read with suspicion.

Only what cannot be kept as a record at all is refused here: bytes that are not JSON, JSON built to exhaust a reader, a
record number that is not one. Anything odd inside (a missing form, a wild clock, an impossible place) is read as far as
it goes and reported as a warning; an officer's record is never refused for its content.
"""

import json
import math
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .problems import BadId, JsonShape, NotJson

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
SHA256 = re.compile(r"[0-9a-f]{64}")
MAX_DEPTH = 16  # the deepest form (a repeat in a group) needs 6
MAX_VALUES = 2000  # 120 beach huts with 12 answers each still fit
MAX_ATTACHMENTS = 100
MAX_TEXT = 200  # characters of a title or a place in lists
MAX_MARKS = 100  # combining marks in one answer; more is a tower of accents that covers the lines around it
GUESSED_FROM = 4096  # bytes at the start of what cannot be read, in which its number is looked for
MAX_COUNTER = 2**53  # the largest whole number that a browser counts to exactly


@dataclass(frozen=True)
class Warning:
    """Something about a stored record that a person should look at."""

    code: str  # clock, place, text, required, …
    detail: str  # a sentence
    field: str | None = None

    def to_wire(self) -> dict[str, str]:
        where = {"field": self.field} if self.field else {}
        return {"code": self.code, "detail": self.detail, **where}


@dataclass(frozen=True)
class ListedAttachment:
    field: str
    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True)
class Location:
    latitude: float
    longitude: float
    accuracy: float | None  # metres


@dataclass(frozen=True)
class Envelope:
    instance_id: str
    form_id: str
    form_version: str
    captured_at: datetime | None
    counter: int | None
    replaces: str | None
    patrol_id: str | None
    task_id: str | None  # the task it was made on; like the next a member of our own beside those of the contract
    about_id: str | None  # the record it came of
    location: Location | None
    has_location: bool  # something was sent as a location, whatever it was
    answers: dict[str, Any]
    attachments: tuple[ListedAttachment, ...]
    warnings: tuple[Warning, ...] = field(default=())


def read(payload: bytes) -> Envelope:
    """Read the frozen bytes of a submission.

    Errors: NotJson, JsonShape (both belong in quarantine), BadId.
    """
    value = parse(payload)
    if not isinstance(value, dict):
        raise JsonShape
    instance_id = value.get("instanceId")
    if not isinstance(instance_id, str) or not UUID.fullmatch(instance_id):
        raise BadId
    warnings: list[Warning] = []
    return Envelope(
        instance_id=instance_id,
        form_id=text_of(value.get("formId")),
        form_version=text_of(value.get("formVersion")),
        captured_at=captured_at_of(value.get("capturedAt"), warnings),
        counter=counter_of(value.get("counter")),
        replaces=id_of(value.get("replaces")),
        patrol_id=id_of(value.get("patrolId")),
        task_id=id_of(value.get("taskId")),
        about_id=id_of(value.get("aboutId")),
        location=location_of(value.get("location"), warnings),
        has_location=value.get("location") is not None,
        answers=answers_of(value.get("answers"), warnings),
        attachments=attachments_of(value.get("attachments")),
        warnings=tuple(warnings),
    )


def guess_id(payload: bytes) -> str | None:
    """The record number in bytes that could not be read, so that the sender knows which one is meant."""
    found = re.search(rb'"instanceId"\s*:\s*"(' + UUID.pattern.encode() + rb')"', payload[:GUESSED_FROM])
    return found[1].decode() if found else None


def guess_counter(payload: bytes) -> int | None:
    """The device's number in bytes that could not become a record."""
    found = re.search(rb'"counter"\s*:\s*(\d{1,15})\b', payload[:GUESSED_FROM])
    return int(found[1]) if found else None


# JSON that may be hostile ---------------------------------------------------------------------------------------


def parse(payload: bytes) -> Any:
    """Strict JSON: no NaN, no infinities, no doubled keys, no lone surrogates, bounded depth and size."""
    try:
        value = json.loads(
            payload.decode("utf-8"),
            parse_constant=refuse_constant,
            parse_float=finite,
            object_pairs_hook=unique_keys,
        )
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise NotJson from error
    except (RecursionError, ValueError) as error:  # nested thousands deep; a whole number of thousands of digits
        raise JsonShape from error
    measure(value)
    return value


def refuse_constant(name: str) -> None:
    raise NotJson


def finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise NotJson
    return number


def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise JsonShape
    return found


def measure(value: Any) -> None:
    """Walk it without recursion. Errors: JsonShape when too deep or too much, NotJson for a lone surrogate."""
    waiting, count = [(value, 1)], 0
    while waiting:
        item, depth = waiting.pop()
        count += 1
        if depth > MAX_DEPTH or count > MAX_VALUES:
            raise JsonShape
        if isinstance(item, dict):
            for key in item:
                check_text(key)
            waiting.extend((child, depth + 1) for child in item.values())
        elif isinstance(item, list):
            waiting.extend((child, depth + 1) for child in item)
        elif isinstance(item, str):
            check_text(item)


def check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NotJson from error


# Members of the envelope ----------------------------------------------------------------------------------------


def text_of(value: Any) -> str:
    return readable(str(value)) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def readable(text: str) -> str:
    """Text for lists and columns: no control characters, no tricks with direction, of bounded length."""
    shown = "".join("\N{REPLACEMENT CHARACTER}" if is_unwelcome(letter) else letter for letter in text[: MAX_TEXT + 1])
    return shown if len(shown) <= MAX_TEXT else shown[: MAX_TEXT - 1] + "…"


def is_unwelcome(letter: str) -> bool:
    """Control characters, and those that turn the reading direction of what follows."""
    return ord(letter) < 32 or ord(letter) == 127 or letter in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def id_of(value: Any) -> str | None:
    return value if isinstance(value, str) and UUID.fullmatch(value) else None


def counter_of(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_COUNTER else None


def captured_at_of(value: Any, warnings: list[Warning]) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        warnings.append(Warning("clock", "Saved. This phone did not say when the record was made."))
        return None


def location_of(value: Any, warnings: list[Warning]) -> Location | None:
    if value is None:
        return None
    numbers = [value.get(name) if isinstance(value, dict) else None for name in ("latitude", "longitude", "accuracy")]
    latitude, longitude, accuracy = (
        float(n) if isinstance(n, (int, float)) and not isinstance(n, bool) else None for n in numbers
    )
    if latitude is None or longitude is None or not is_reliable(latitude, longitude, accuracy):
        warnings.append(Warning("place", "Saved without a reliable place."))
        return None
    return Location(latitude, longitude, accuracy)


def is_reliable(latitude: float, longitude: float, accuracy: float | None) -> bool:
    """Not off the globe, not the 0,0 of a receiver without a fix, not so vague that a pin would mislead."""
    on_globe = -90 <= latitude <= 90 and -180 <= longitude <= 180
    return on_globe and (latitude, longitude) != (0, 0) and (accuracy is None or 0 <= accuracy <= 5000)


def answers_of(value: Any, warnings: list[Warning]) -> dict[str, Any]:
    if isinstance(value, dict):
        if any(has_odd_text(answer) for answer in value.values()):
            warnings.append(Warning("text", "Saved. Some characters cannot be shown."))
        return value
    warnings.append(Warning("answers", "Saved. It holds no answers that can be read."))
    return {}


def has_odd_text(answer: Any) -> bool:
    if not isinstance(answer, str):
        return False
    marks = sum(1 for letter in answer if unicodedata.combining(letter))
    return marks > MAX_MARKS or any(is_unwelcome(letter) and letter not in "\n\r\t" for letter in answer)


def attachments_of(value: Any) -> tuple[ListedAttachment, ...]:
    """Errors: JsonShape, for without sound names nobody could ever say that the record is complete."""
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MAX_ATTACHMENTS:
        raise JsonShape
    return tuple(attachment_of(item) for item in value)


def attachment_of(item: Any) -> ListedAttachment:
    if not isinstance(item, dict):
        raise JsonShape
    sha256, size = item.get("sha256"), item.get("size")
    if not isinstance(sha256, str) or not SHA256.fullmatch(sha256):
        raise JsonShape
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= MAX_COUNTER:
        raise JsonShape
    return ListedAttachment(text_of(item.get("field")), sha256, size, text_of(item.get("mediaType")))
