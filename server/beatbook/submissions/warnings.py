"""Warnings: what is odd about a submission that is kept all the same, in sentences for the phone."""

from datetime import datetime, timedelta
from typing import Any

from ..envelope import Envelope, Warning
from ..forms import Form, Forms, answers, is_newer
from ..forms.expressions import Context
from ..models import Device, Standing, Submission
from ..settings import Settings
from . import flags


def device_warnings(device: Device) -> list[Warning]:
    """A lost phone delivers what its officer made; whether that is what came, somebody has to look at."""
    if device.standing not in (Standing.LOST, Standing.CLEARING):
        return []
    return [Warning(flags.FROM_LOST, "Saved. It came while its phone was marked as lost.")]


def form_warnings(read: Envelope, form: Form | None, forms: Forms, device: Device) -> list[Warning]:
    newest = forms.newest(read.form_id)
    if newest is None:
        return [Warning("form-unknown", "Kept. A supervisor must match it to a form.")]
    if form is None and is_newer(read.form_version, newest.version):
        return [Warning("form-newer", "Kept. The server will read it after its update.")]
    if form is None:
        return [Warning("form-version-unknown", "Kept. A supervisor must match it to a form.")]
    if newest.withdrawn:
        return [Warning("form-withdrawn", "Saved. This form is no longer in use; a supervisor will check it.")]
    if device.role not in form.audience:
        return [Warning("audience", "Saved. This form is not meant for this device's role.")]
    return []


def clock_warnings(read: Envelope, now: datetime, settings: Settings) -> list[Warning]:
    if read.captured_at is None:
        return []
    off = read.captured_at - now
    ahead, behind = timedelta(seconds=settings.clock_ahead_seconds), timedelta(days=settings.clock_behind_days)
    if -behind <= off <= ahead:
        return []
    return [Warning("clock", f"Saved. This phone's clock is wrong by {duration(abs(off))}.")]


def duration(span: timedelta) -> str:
    """A length of time in one unit: '400 days', '1 hour', '7 minutes'."""
    minutes = round(span.total_seconds() / 60)
    for size, unit in ((60 * 24, "day"), (60, "hour"), (1, "minute")):
        count = round(minutes / size)
        if count >= 1:
            return f"{count} {unit}" + ("s" if count > 1 else "")
    return "less than a minute"


def answer_warnings(form: Form, given: dict[str, Any], context: Context) -> list[Warning]:
    return [Warning(found.code, found.message, found.field) for found in answers.problems(form, given, context)]


def detail_of(submission: Submission) -> str | None:
    """One sentence about the warnings of a submission."""
    to_check = [warning for warning in submission.warnings if warning.get("field")]
    others = [warning["detail"] for warning in submission.warnings if not warning.get("field")]
    if others:
        return others[0]
    if to_check:
        return f"Saved with {len(to_check)} answer{'s' if len(to_check) > 1 else ''} to check."
    return None
