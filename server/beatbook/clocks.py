"""Clocks: by which day something about a report or a case is to be done, and whether it was.

How many working days a clock gives is a dated setting (`asb.…`), so that the day on which it began decides. Nothing has
to tick: that a clock has run out follows from the day it is.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from .forms import Forms
from .forms.expressions import working_days_later
from .models import ActionKind

# What counts where a council has set nothing else; each is a setting of that name.
USUAL = {
    "asb.triage_working_days": 1,
    "asb.acknowledge_working_days": 1,
    "asb.interview_working_days": 2,
    "asb.contact_p1_working_days": 2,
    "asb.contact_working_days": 3,
    "asb.update_working_days": 10,
    "asb.review_reports": 3,
    "asb.review_months": 6,
    "asb.review_report_within_months": 1,
}


class ClockKind(StrEnum):
    TRIAGE = "triage"
    ACKNOWLEDGE = "acknowledge"
    INTERVIEW = "interview"
    CONTACT = "contact"
    UPDATE = "update"
    ACTION = "action"


@dataclass(frozen=True)
class Clock:
    kind: ClockKind
    due: date
    done_on: date | None = None
    about: str = ""  # the reference of an action
    action: ActionKind | None = None

    @property
    def is_open(self) -> bool:
        return self.done_on is None

    def is_late(self, today: date) -> bool:
        return self.is_open and self.due < today

    def is_pressing(self, today: date) -> bool:
        """Late, or it will be tomorrow."""
        return self.is_open and self.due <= today

    @property
    def was_met(self) -> bool:
        return self.done_on is not None and self.done_on <= self.due


def amount(forms: Forms, name: str, on: date) -> int:
    value = forms.settings.value(name, on)
    return int(value) if isinstance(value, int | float) else USUAL[name]


def after(forms: Forms, name: str, start: date) -> date:
    """The day so many working days later as the setting of that name says."""
    return working_days(forms, start, amount(forms, name, start))


def working_days(forms: Forms, start: date, days: int) -> date:
    holidays = {str(row.get("name")) for row in forms.lists.get("bank_holidays", ())}
    return working_days_later(datetime.combine(start, time()), days, holidays).date()
