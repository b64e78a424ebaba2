"""Words: how the desk says states, times, sizes and places, so that a thing has one name on every page."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from ..envelope import is_unwelcome
from ..models import ReviewState, Role


@dataclass(frozen=True)
class StateWords:
    word: str
    icon: str
    tone: str  # the class that colours it; word and icon say the same without colour


STATES: dict[ReviewState, StateWords] = {
    ReviewState.RECEIVED: StateWords("Received", "inbox", "new"),
    ReviewState.EDITED: StateWords("Mended", "pencil", "old"),
    ReviewState.HAS_ISSUES: StateWords("Sent back", "back", "back"),
    ReviewState.APPROVED: StateWords("Approved", "tick", "good"),
    ReviewState.REJECTED: StateWords("Not accepted", "cross", "bad"),
}

ROLES: dict[Role, str] = {
    Role.OFFICER: "Officer",
    Role.PARKING: "Parking officer",
    Role.PUPIL: "Pupil patrol",
    Role.SCHOOL: "School",
    Role.VOLUNTEER: "Volunteer",
    Role.FORESHORE: "Foreshore",
    Role.SUPERVISOR: "Supervisor",
    Role.PARTNER: "Partner agency",
    Role.AUDITOR: "Auditor",
    Role.ADMIN: "Administrator",
}

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LONG_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


# Times ----------------------------------------------------------------------------------------------------------


def moment(at: datetime, zone: ZoneInfo) -> str:
    """Wed 23 Sep 2026 12:10. Written out here, because strftime would follow the server's language."""
    return f"{day(at, zone)} {clock(at, zone)}"


def day(at: datetime, zone: ZoneInfo) -> str:
    return date_words(at.astimezone(zone).date())


def date_words(day: date) -> str:
    return f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def clock(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%H:%M")


def span(length: timedelta) -> str:
    """2 hours 5 minutes: the two largest parts, which is as exact as anybody reads."""
    minutes = int(abs(length).total_seconds() // 60)
    if minutes < 1:
        return "less than a minute"
    hours, days = minutes // 60, minutes // (24 * 60)
    if days:
        return join_parts(plural(days, "day"), plural(hours % 24, "hour") if hours % 24 else "")
    if hours:
        return join_parts(plural(hours, "hour"), plural(minutes % 60, "minute") if minutes % 60 else "")
    return plural(minutes, "minute")


def ago(at: datetime, now: datetime) -> str:
    return "just now" if now - at < timedelta(minutes=1) else f"{span(now - at)} ago"


def arrival(captured: datetime, received: datetime) -> str:
    """How the two times stand to each other. A device whose clock is ahead sends from the future."""
    if received < captured:
        return f"Its clock was ahead: captured {span(captured - received)} after it was received"
    return f"Received {span(received - captured)} after it was captured"


# Numbers and names ----------------------------------------------------------------------------------------------


def plural(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def size(count: int) -> str:
    """305 KB, 2.1 MB, 10.7 GB."""
    if count >= 1_000_000_000:
        return f"{count / 1_000_000_000:.1f} GB"
    if count >= 1_000_000:
        return f"{count / 1_000_000:.1f} MB"
    return f"{max(1, round(count / 1000))} KB"


def reference(instance_id: str) -> str:
    """What can be said over a radio: the last six characters, as the phone shows them."""
    last = instance_id.replace("-", "")[-6:].upper()
    return f"{last[:3]} {last[3:]}"


def code_groups(code: str) -> str:
    return f"{code[:4]} {code[4:]}"


def accuracy(metres: float | None) -> str:
    return "accuracy not known" if metres is None else f"about {max(1, round(metres)):,} m"


def plain(text: str) -> str:
    """For places that cannot isolate reading directions, such as a page's title: no control or format characters."""
    return "".join(letter for letter in text if unicodedata.category(letter) not in ("Cc", "Cf"))


def visible(text: str) -> str:
    """An answer as it was given, except that what cannot be seen, or turns the reading direction, shows as a mark."""
    return "".join("\N{REPLACEMENT CHARACTER}" if is_trick(letter) else letter for letter in text)


def is_trick(letter: str) -> bool:
    return is_unwelcome(letter) and letter not in "\n\r\t"


def listed(parts: list[str]) -> str:
    """37; 37 and 39; 37, 39 and 41."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def numbers(counts: Sequence[int]) -> str:
    return listed([f"{count:,}" for count in counts])


def join_parts(*parts: str) -> str:
    return " ".join(part for part in parts if part)
