"""Words: how the desk says states, times, sizes and places, so that a thing has one name on every page."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from .. import agencies
from ..envelope import is_unwelcome
from ..models import (
    Basis,
    Gateway,
    ItemKind,
    ItemState,
    MeetingState,
    Presence,
    Progress,
    ReviewState,
    Role,
    TaskState,
)


@dataclass(frozen=True)
class StateWords:
    word: str
    icon: str
    tone: str  # the class that colours it; word and icon say the same without colour


STATES: dict[ReviewState, StateWords] = {
    ReviewState.RECEIVED: StateWords("Received", "inbox", "new"),
    ReviewState.KEPT: StateWords("Kept", "save", "old"),
    ReviewState.EDITED: StateWords("Mended", "pencil", "old"),
    ReviewState.HAS_ISSUES: StateWords("Sent back", "back", "back"),
    ReviewState.APPROVED: StateWords("Approved", "tick", "good"),
    ReviewState.REJECTED: StateWords("Not accepted", "cross", "bad"),
}

TASK_STATES: dict[TaskState, StateWords] = {
    TaskState.TO_DO: StateWords("To do", "inbox", "new"),
    TaskState.ACCEPTED: StateWords("Accepted", "inbox", "new"),
    TaskState.DOING: StateWords("Doing", "clock", "back"),
    TaskState.DONE: StateWords("Done", "tick", "good"),
    TaskState.NOT_DONE: StateWords("Not done", "cross", "bad"),
}

ITEM_STATES: dict[ItemState, StateWords] = {
    ItemState.NEW: StateWords("New", "inbox", "new"),
    ItemState.LIVE: StateWords("Live", "clock", "back"),
    ItemState.MONITORING: StateWords("Monitoring", "eye", "old"),
    ItemState.CLOSED: StateWords("Closed", "tick", "good"),
    ItemState.MOVED: StateWords("Moved", "right", "old"),
}

PROGRESS: dict[Progress, StateWords] = {
    Progress.NOT_STARTED: StateWords("Not started", "inbox", "new"),
    Progress.ON_TRACK: StateWords("On track", "clock", "old"),
    Progress.DONE: StateWords("Done", "tick", "good"),
    Progress.DROPPED: StateWords("Dropped", "cross", "bad"),
}

ITEM_KINDS: dict[ItemKind, str] = {
    ItemKind.PLACE: "A place",
    ItemKind.THEME: "Something that keeps on",
    ItemKind.VICTIM: "A person at risk",
    ItemKind.OFFENDER: "A person causing harm",
    ItemKind.EVENT: "A coming event",
}

MEETING_STATES: dict[MeetingState, StateWords] = {
    MeetingState.PLANNED: StateWords("Planned", "clock", "new"),
    MeetingState.PACK_SENT: StateWords("Packs sent", "right", "new"),
    MeetingState.OPEN: StateWords("Open", "dot", "back"),
    MeetingState.MINUTES_DRAFT: StateWords("Minutes in draft", "pencil", "back"),
    MeetingState.MINUTES_AGREED: StateWords("Minutes agreed", "tick", "good"),
    MeetingState.RELEASED: StateWords("Minutes released", "right", "good"),
    MeetingState.CLOSED: StateWords("Closed", "lock", "old"),
}

# What brings a meeting to a state, as its button says it.
MEETING_STEPS: dict[MeetingState, str] = {
    MeetingState.PACK_SENT: "The packs are out",
    MeetingState.OPEN: "Open the meeting",
    MeetingState.MINUTES_DRAFT: "End the meeting",
    MeetingState.MINUTES_AGREED: "Agree the minutes",
    MeetingState.RELEASED: "Release the minutes",
    MeetingState.CLOSED: "Close the meeting",
}

PRESENCE: dict[Presence, str] = {
    Presence.INVITED: "Not said yet",
    Presence.IN_PERSON: "In person",
    Presence.ONLINE: "Online",
    Presence.APOLOGY: "Apology",
}

AGREEMENTS: dict[str, StateWords] = {
    agencies.SIGNED: StateWords("Agreement signed", "tick", "good"),
    agencies.PASSED: StateWords("Agreement to review", "warn", "bad"),
    agencies.UNSIGNED: StateWords("No agreement", "cross", "bad"),
}

GATEWAYS: dict[Gateway, str] = {
    Gateway.S115: "Crime and Disorder Act 1998, section 115",
    Gateway.SAFEGUARDING: "Safeguarding",
    Gateway.CONSENT: "Consent of the person",
    Gateway.COURT_ORDER: "Court order",
    Gateway.CRIME: "Crime prevention exemption (Data Protection Act 2018, Schedule 2)",
    Gateway.ASB_ACT: "Anti-social Behaviour, Crime and Policing Act 2014",
    Gateway.OTHER: "Another law, named under why",
}

BASES: dict[Basis, str] = {
    Basis.LAW_ENFORCEMENT: "Law enforcement (Part 3)",
    Basis.PUBLIC_TASK: "Public task",
    Basis.PUBLIC_INTEREST: "Substantial public interest",
    Basis.VITAL_INTERESTS: "Vital interests",
    Basis.CONSENT: "Consent",
}

# Read out when a meeting of the tasking group begins. The council's legal team signs it off.
CONFIDENTIALITY = (
    "This meeting shares personal information to prevent crime and disorder. Share only what is needed, only with "
    "those who need it. Everything is recorded. Do not copy or pass on what you hear or receive beyond what is agreed "
    "here. Each agency stays responsible for what it discloses, and keeps it no longer than agreed."
)

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


def date_words(on: date) -> str:
    """Wed 23 Sep 2026, of a day without a time."""
    return f"{DAYS[on.weekday()]} {on.day} {MONTHS[on.month - 1]} {on.year}"


def short_day(at: datetime, zone: ZoneInfo) -> str:
    """Wed 23 Sep."""
    here = at.astimezone(zone)
    return f"{DAYS[here.weekday()]} {short_date(here.date())}"


def short_date(on: date) -> str:
    """23 Sep, where the year goes without saying."""
    return f"{on.day} {MONTHS[on.month - 1]}"


def plain_day(at: date) -> str:
    """7 Oct 2026."""
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def written_day(text: str) -> str:
    """1 Apr 2026, for a day that is kept as text; anything else stays as it is."""
    try:
        on = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def iso_moment(text: str, zone: ZoneInfo) -> str:
    """Of an instant that is kept as text."""
    return moment(datetime.fromisoformat(text), zone)


def clock(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%H:%M")


def window(begin: datetime, end: datetime, zone: ZoneInfo) -> str:
    """14:00 to 15:30, and the other day where it ends on one."""
    if begin.astimezone(zone).date() == end.astimezone(zone).date():
        return f"{clock(begin, zone)} to {clock(end, zone)}"
    return f"{clock(begin, zone)} to {moment(end, zone)}"


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


def pounds(pence: int | None) -> str:
    """£200; £74.50; nothing for nothing."""
    if pence is None:
        return ""
    return f"£{pence // 100:,}" + (f".{pence % 100:02}" if pence % 100 else "")


# What was erased, by the kind of its erasure.
PARTS = {
    "submission": "Answers that go before their record",
    "attachment": "Photos",
    "task": "Tasks",
    "item": "Items of the tasking group",
    "meeting": "Meetings of the tasking group",
    "case": "Cases of anti-social behaviour",
    "aside": "Kept aside",
    "filter": "Saved filters",
}


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


def said_here(detail: str) -> str:
    """A warning was written for the phone, where it begins with what matters there: that the record is saved."""
    return detail.removeprefix("Saved. ").removeprefix("Kept. ")


def is_trick(letter: str) -> bool:
    return is_unwelcome(letter) and letter not in "\n\r\t"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 11th, 21st."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in (11, 12, 13) else "th"
    return f"{number}{ending}"


def listed(parts: list[str]) -> str:
    """37; 37 and 39; 37, 39 and 41."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def numbers(counts: Sequence[int]) -> str:
    return listed([f"{count:,}" for count in counts])


def join_parts(*parts: str) -> str:
    return " ".join(part for part in parts if part)
