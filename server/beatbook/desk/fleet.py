"""Fleet: how each device is doing, in words, and whose needs help first.

A device reports what it likes: only what has the shape that we expect is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from .. import numbers, people
from ..models import Contact, Device, DeviceStep, Standing
from ..numbers import Fate, Numbers, Run
from . import words

SKEW_SAID = 120  # seconds; less is how long a slow link takes
NEARLY_FULL = 0.9  # of what the browser gives
WAITED_LONG = timedelta(hours=24)
QUIET = timedelta(days=7)


class Concern(StrEnum):
    """What is wrong with a device, the worst first."""

    SHARED = "shared"
    WIPED = "wiped"
    LOST = "lost"
    UNSENT = "unsent"
    FULL = "full"
    CLOCK = "clock"


@dataclass(frozen=True)
class State:
    """One device as the desk shows it."""

    device: Device
    seen_at: datetime | None
    unsent: int | None
    since: datetime | None  # when the oldest of what is not sent was made
    app: str | None
    used: int | None
    quota: int | None
    persisted: bool | None
    skew: int | None  # seconds by which its clock is behind; None when it has not said
    wiped_at: datetime | None
    left: int  # how much it could not hand over before clearing itself
    numbers: Numbers
    before: int  # numbers up to this one were counted under another name
    runs: tuple[Run, ...]
    concerns: tuple[Concern, ...]

    @property
    def lost(self) -> int:
        """How many numbers nobody can account for."""
        return sum(run.last - run.first + 1 for run in self.runs if run.fate is None)


def fleet(session: Session, now: datetime) -> list[State]:
    """Every device, who needs help on top."""
    found = numbers.of_all(session)
    states = [
        state_of(device, contact, found.get(device.id, Numbers()), now) for device, contact in people.devices(session)
    ]
    return sorted(states, key=urgency)


def state_of(device: Device, contact: Contact | None, found: Numbers, now: datetime) -> State:
    report: dict[str, Any] = contact.report if contact else {}
    app, persisted, skew = report.get("app"), report.get("persisted"), report.get("skew")
    skew = skew if isinstance(skew, int) and not isinstance(skew, bool) else None
    # Numbers of many phones meet in what was brought in, so gaps and repeats there mean nothing.
    account = numbers.account_of(contact)
    runs = () if people.is_importing(device) else tuple(numbers.runs(found, account))
    state = State(
        device=device,
        seen_at=contact.seen_at if contact else None,
        unsent=whole(report.get("unsent")),
        since=moment_of(report.get("oldestUnsentAt"), skew),
        app=app[:20] if isinstance(app, str) else None,
        used=whole(report.get("storageUsed")),
        quota=whole(report.get("storageQuota")),
        persisted=persisted if isinstance(persisted, bool) else None,
        skew=skew,
        wiped_at=contact.wiped_at if contact else None,
        left=whole(report.get("left")) or 0,
        numbers=found,
        before=account.before if account else 0,
        runs=tuple(run for run in runs if run.fate is not Fate.BEFORE),
        concerns=(),
    )
    return replace(state, concerns=tuple(concerns_of(state, now)))


def concerns_of(state: State, now: datetime) -> list[Concern]:
    concerns = {
        Concern.SHARED: bool(state.numbers.repeated) and not people.is_importing(state.device),
        Concern.WIPED: state.wiped_at is not None,
        Concern.LOST: state.lost > 0,
        Concern.UNSENT: bool(state.unsent) and has_waited(state, now),
        Concern.FULL: bool(state.used and state.quota) and (state.used or 0) > NEARLY_FULL * (state.quota or 0),
        Concern.CLOCK: abs(state.skew or 0) > SKEW_SAID,
    }
    return [concern for concern in Concern if concerns[concern]]


def has_waited(state: State, now: datetime) -> bool:
    """Too long: the oldest for a day, or nobody has heard of the device for a week."""
    quiet = state.seen_at is not None and now - state.seen_at > QUIET
    return quiet or (state.since is not None and now - state.since > WAITED_LONG)


def urgency(state: State) -> tuple[bool, int, float, str]:
    """Devices in use before retired ones; the worst concern first; then by what waits longest, then by name."""
    worst = min((list(Concern).index(concern) for concern in state.concerns), default=len(Concern))
    waiting = state.since.timestamp() if state.unsent and state.since else float("inf")
    over = state.device.retired_at is not None or state.device.standing is Standing.GONE
    return over, worst, waiting, state.device.name.casefold()


def whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def moment_of(value: Any, skew: int | None) -> datetime | None:
    """A time by the device's clock, corrected by how wrong that is."""
    try:
        moment = datetime.fromisoformat(value)
        return moment + timedelta(seconds=skew or 0) if moment.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        return None


# In words -------------------------------------------------------------------------------------------------------


def unsent_words(state: State, now: datetime, zone: ZoneInfo) -> str:
    """12 unsent since Tuesday."""
    said = f"{state.unsent:,} unsent"
    return f"{said} since {since_words(state.since, now, zone)}" if state.since else said


def since_words(since: datetime, now: datetime, zone: ZoneInfo) -> str:
    """The time today, the day this week, the date before that."""
    days = (now.astimezone(zone).date() - since.astimezone(zone).date()).days
    if days <= 0:
        return words.clock(since, zone)
    if days == 1:
        return "yesterday"
    return words.LONG_DAYS[since.astimezone(zone).weekday()] if days < 7 else words.day(since, zone)


def sent_words(state: State) -> str:
    """Phone 7 sent 1 to 41 without 37."""
    highest, first = state.numbers.highest, state.before + 1
    if highest < first:
        return f"{state.device.name} has sent nothing that carries a number."
    gaps = [span_words(max(low, first), high) for low, high in state.numbers.gaps if high >= first]
    said = f"{state.device.name} sent {span_words(first, highest)}"
    return f"{said} without {words.listed(gaps)}." if gaps else f"{said}."


def span_words(first: int, last: int) -> str:
    if first == last:
        return f"{first:,}"
    return f"{first:,} and {last:,}" if last == first + 1 else f"{first:,} to {last:,}"


def run_span(run: Run) -> str:
    return span_words(run.first, run.last)


def run_words(run: Run) -> str:
    return FATE_WORDS[run.fate]


def stand_words(standing: Standing) -> str:
    return STAND_WORDS[standing]


STAND_WORDS: dict[Standing, str] = {
    Standing.NEW: "New: not confirmed yet",
    Standing.IN_USE: "In use",
    Standing.LOCKED: "Locked",
    Standing.LEAVING: "Being handed in",
    Standing.LOST: "Lost",
    Standing.STOLEN: "Stolen",
    Standing.CLEARING: "Clearing itself",
    Standing.CLEARED: "Cleared itself",
    Standing.GONE: "No longer used",
}


def step_words(step: DeviceStep, before: DeviceStep | None) -> str:
    """What a step was, as a sentence without its maker."""
    if step.standing is Standing.IN_USE:
        return BACK_WORDS[before.standing] if before else "Confirmed as ours"
    if step.standing in (Standing.CLEARING, Standing.CLEARED):
        said = told_words(step.told)
        return (
            f"{STAND_WORDS[step.standing]}. {said}"
            if said and step.standing is Standing.CLEARING
            else (STAND_WORDS[step.standing])
        )
    return {
        Standing.LOCKED: "Locked",
        Standing.LEAVING: "Asked to be handed in",
        Standing.LOST: "Marked as lost",
        Standing.STOLEN: "Marked as stolen",
        Standing.GONE: "No longer used",
    }.get(step.standing, STAND_WORDS[step.standing])


def told_words(told: Mapping[str, Any]) -> str:
    """It handed over 2 records, 1 photo and 1 unfinished record first."""
    named = (("records", "record"), ("photos", "photo"), ("drafts", "unfinished record"))
    given = [words.plural(told[key], name) for key, name in named if told.get(key)]
    said = [f"It handed over {words.listed(given)} first." if given else "It had nothing left to hand over."]
    if told.get("unread"):
        unread = words.plural(told["unread"], "unfinished record")
        said.append(f"{unread} went with it, which nobody could read without the PIN.")
    if told.get("left"):
        said.append(f"{words.plural(told['left'], 'thing')} could not be handed over and went with it.")
    return " ".join(said)


BACK_WORDS: dict[Standing, str] = {
    **dict.fromkeys(Standing, "Found again"),
    Standing.LOCKED: "Unlocked",
    Standing.LEAVING: "Kept in use",
    Standing.GONE: "Used again",
}


def screen_code(device_id: str) -> str:
    """Four letters that its screen shows too, so that two people know that they speak of the same phone."""
    number, code = int(device_id.replace("-", "")[:5], 16), ""
    for _ in range(4):
        number, place = divmod(number, len(CROCKFORD))
        code = CROCKFORD[place] + code
    return code


CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that reads as something else

FATE_WORDS: dict[Fate | None, str] = {
    Fate.WAITING: "On the phone, waiting to be sent",
    Fate.STUCK: "On the phone, not accepted; it can be exported there and brought in here",
    Fate.UNFINISHED: "On the phone, being written again",
    Fate.DISCARDED: "Thrown away by the person before it was sent",
    None: "Not here, and the phone has not said that it has it",
}


def skew_words(skew: int) -> str:
    if abs(skew) <= SKEW_SAID:
        return "right, within two minutes"
    return f"{words.span(timedelta(seconds=abs(skew)))} {'slow' if skew > 0 else 'fast'}"
