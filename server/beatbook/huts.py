"""Huts: the day each was last looked at, from the rounds that arrived; phones offer it where damage is recorded."""

import json
from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select

from .forms.expressions import moment
from .models import Submission

ROUND = "hut_round"


class LastChecks:
    """Read on from where it had got to: every phone asks for its lists every few minutes."""

    def __init__(self) -> None:
        self.seq = 0
        self.days: dict[str, str] = {}

    def of(self, session: Session) -> Mapping[str, str]:
        """The newest day by hut: {"tankerton_12": "2026-11-24"}."""
        newer = select(Submission).where(Submission.form_id == ROUND, Submission.seq > self.seq)
        for arrived in session.exec(newer.order_by(col(Submission.seq))):
            for check in checks_in(arrived.payload):
                hut, day = check.get("hut"), day_of(check.get("checked_at"))
                if isinstance(hut, str) and day > self.days.get(hut, ""):
                    self.days[hut] = day
            self.seq = arrived.seq
        return self.days


def checks_in(payload: bytes) -> list[dict[str, Any]]:
    """What a round says of its huts, whatever a device sent."""
    try:
        checks = json.loads(payload)["answers"]["checks"]
    except (ValueError, TypeError, KeyError):
        return []
    return [check for check in checks if isinstance(check, dict)] if isinstance(checks, list) else []


def day_of(text: object) -> str:
    when = moment(text) if isinstance(text, str) else None
    return when.day().isoformat() if when and when.kind == "dateTime" else ""
