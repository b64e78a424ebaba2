"""Case words: how the desk says what is written down about reports and cases of anti-social behaviour."""

from collections.abc import Mapping, Sequence
from datetime import date

from ..clocks import Clock, ClockKind
from ..models import (
    ActionKind,
    CaseEntry,
    CaseReview,
    CaseState,
    CloseReason,
    EntryKind,
    ItemKind,
    Priority,
    ReportStepKind,
    Satisfied,
    Way,
)
from .words import ITEM_KINDS, StateWords, date_words, short_date

STATES: dict[CaseState, StateWords] = {
    CaseState.OPEN: StateWords("Open", "inbox", "new"),
    CaseState.ASSESSING: StateWords("Assessing", "search", "new"),
    CaseState.ACTION: StateWords("Action", "clock", "back"),
    CaseState.MONITORING: StateWords("Monitoring", "eye", "old"),
    CaseState.CLOSING: StateWords("Closing", "hold", "back"),
    CaseState.CLOSED: StateWords("Closed", "tick", "good"),
    CaseState.REOPENED: StateWords("Reopened", "back", "new"),
}
MOVES: dict[CaseState, str] = {
    CaseState.ASSESSING: "Assess it",
    CaseState.ACTION: "Act on it",
    CaseState.MONITORING: "Watch it",
    CaseState.CLOSING: "Begin to close it",
    CaseState.CLOSED: "Close it",
    CaseState.REOPENED: "Reopen it",
}
OUTCOMES: dict[ReportStepKind, StateWords] = {
    ReportStepKind.ACKNOWLEDGED: StateWords("Reporter told that it came", "tick", "good"),
    ReportStepKind.ONE_OFF: StateWords("Closed as a one-off", "tick", "old"),
    ReportStepKind.PASSED_ON: StateWords("Passed on", "right", "old"),
    ReportStepKind.IN_CASE: StateWords("In a case", "inbox", "new"),
}
PRIORITIES: dict[Priority, StateWords] = {
    Priority.HIGH: StateWords("High", "warn", "bad"),
    Priority.MEDIUM: StateWords("Medium", "flag", "back"),
    Priority.STANDARD: StateWords("Standard", "dot", "old"),
}
ACTIONS: dict[ActionKind, str] = {
    ActionKind.ADVICE: "Advice",
    ActionKind.VISIT: "Visit",
    ActionKind.WARNING_LETTER: "Warning letter",
    ActionKind.MEDIATION: "Mediation",
    ActionKind.ABC: "Behaviour agreement",
    ActionKind.DIARY: "Diary sheets",
    ActionKind.PATROL_REQUEST: "Patrol request",
    ActionKind.NTG_REFERRAL: "Referral to the tasking group",
    ActionKind.CPW: "Community protection warning",
    ActionKind.CPN: "Community protection notice",
    ActionKind.PSPO_FPN: "Penalty for breach of an order",
    ActionKind.INJUNCTION: "Injunction",
    ActionKind.CLOSURE: "Closure",
    ActionKind.POLICE_LEAD: "Police lead",
    ActionKind.SAFEGUARDING: "Safeguarding",
    ActionKind.NO_ACTION: "No action",
}
REASONS: dict[CloseReason, str] = {
    CloseReason.RESOLVED: "Resolved",
    CloseReason.MOVED_ON: "Moved on",
    CloseReason.NO_EVIDENCE: "No evidence",
    CloseReason.PASSED: "Passed to another agency",
    CloseReason.REPORTER_WITHDREW: "The reporter withdrew",
    CloseReason.NOT_ASB: "Not anti-social behaviour",
}
WAYS: dict[Way, str] = {
    Way.PHONE: "By phone",
    Way.IN_PERSON: "In person",
    Way.TEXT: "By text",
    Way.EMAIL: "By email",
    Way.POST: "By letter",
    Way.VIA_AGENCY: "In writing, through an agency",
}
SATISFIED: dict[Satisfied, str] = {
    Satisfied.YES: "Satisfied",
    Satisfied.PARTLY: "Partly satisfied",
    Satisfied.NO: "Not satisfied",
    Satisfied.NOT_ASKED: "Not asked",
}
REVIEWS: dict[CaseReview, StateWords] = {
    CaseReview.NO: StateWords("Not asked for", "dot", "old"),
    CaseReview.REQUESTED: StateWords("Asked for", "warn", "back"),
    CaseReview.THRESHOLD_MET: StateWords("Threshold met", "tick", "back"),
    CaseReview.NOT_MET: StateWords("Threshold not met", "cross", "old"),
    CaseReview.DONE: StateWords("Done", "tick", "good"),
}
CLOCKS: dict[ClockKind, str] = {
    ClockKind.TRIAGE: "Decide what becomes of it",
    ClockKind.ACKNOWLEDGE: "Tell the reporter that it came",
    ClockKind.INTERVIEW: "Interview and assess the risk",
    ClockKind.CONTACT: "The lead speaks to the reporter",
    ClockKind.UPDATE: "Update to the reporter",
    ClockKind.ACTION: "Action",
}
SHORT_CLOCKS: dict[ClockKind, str] = {
    ClockKind.TRIAGE: "Triage",
    ClockKind.ACKNOWLEDGE: "Acknowledgement",
    ClockKind.INTERVIEW: "Interview",
    ClockKind.CONTACT: "Contact by the lead",
    ClockKind.UPDATE: "Update",
    ClockKind.ACTION: "Action",
}
SAFE_WAYS = {
    "phone": "By phone",
    "text": "By text",
    "email": "By email",
    "post": "By letter",
    "via_agency": "Through an agency",
    "do_not_contact": "Not to be contacted",
}
ENTRIES: dict[EntryKind, StateWords] = {
    EntryKind.OPENED: StateWords("Opened", "inbox", "new"),
    EntryKind.JOINED: StateWords("A report joined", "inbox", "new"),
    EntryKind.LEFT: StateWords("A report was put elsewhere", "right", "old"),
    EntryKind.LED: StateWords("Lead or priority changed", "pencil", "old"),
    EntryKind.INTERVIEWED: StateWords("Interviewed, risk assessed", "tick", "good"),
    EntryKind.CONTACTED: StateWords("The lead spoke to the reporter", "tick", "good"),
    EntryKind.TOLD: StateWords("Reporter told how it stands", "tick", "good"),
    EntryKind.MOVED: StateWords("Moved", "right", "old"),
    EntryKind.REVIEWED: StateWords("Case review", "flag", "back"),
    EntryKind.ASKED: StateWords("Reporter asked", "tick", "good"),
    EntryKind.NOTED: StateWords("Noted", "pencil", "old"),
}


def priorities() -> list[tuple[str, str]]:
    return [(priority.value, said.word) for priority, said in PRIORITIES.items()]


def plannable() -> list[tuple[str, str]]:
    """What may be added as an action; a referral has a form of its own."""
    return [(kind.value, words) for kind, words in ACTIONS.items() if kind is not ActionKind.NTG_REFERRAL]


def referable(kinds: Sequence[ItemKind]) -> list[tuple[str, str]]:
    return [(kind.value, ITEM_KINDS[kind]) for kind in kinds]


def entry_words(entry: CaseEntry) -> str:
    """What happened, with where it led."""
    said = ENTRIES[entry.kind].word
    if entry.kind is EntryKind.MOVED:
        return f"Moved on: {STATES[CaseState(entry.code)].word.lower()}"
    if entry.kind is EntryKind.REVIEWED:
        return f"{said}: {REVIEWS[CaseReview(entry.code)].word.lower()}"
    if entry.kind is EntryKind.ASKED:
        return f"{said}: {SATISFIED[Satisfied(entry.code)].lower()}"
    return f"{said}, {WAYS[entry.how].lower()}" if entry.how else said


def entry_icon(entry: CaseEntry) -> str:
    return STATES[CaseState(entry.code)].icon if entry.kind is EntryKind.MOVED else ENTRIES[entry.kind].icon


def clock_name(clock: Clock, names: Mapping[ClockKind, str]) -> str:
    """What it is that is to be done; of an action what kind."""
    return ACTIONS[clock.action] if clock.action else names[clock.kind]


def clock_words(clock: Clock, today: date) -> StateWords:
    """How a clock stands today."""
    if clock.done_on is not None:
        late = "" if clock.was_met else ", late"
        return StateWords(f"Done {short_date(clock.done_on)}{late}", "tick", "good" if clock.was_met else "old")
    if clock.is_late(today):
        return StateWords(f"Late since {short_date(clock.due)}", "warn", "bad")
    if clock.due == today:
        return StateWords("Due today", "clock", "back")
    return StateWords(f"By {date_words(clock.due)}", "clock", "old")
