"""Evidence: what a record says, as the pages show it: its photos, its answers in the form's words, where and when."""

import json
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from sqlmodel import Session

from .. import authorisations, grid, listings, notices, submissions
from ..forms import Form, Forms, sketch
from ..forms.answers import Fact, facts, regime
from ..forms.pictures import about_name
from ..models import Device, Submission
from ..submissions import Photo, corrections
from ..submissions.corrections import Change
from .gallery import Shown, gallery, is_ink
from .records import flag_words, form_title, missing_of
from .words import arrival, said_here

SOURCES = {"gps": "from GPS", "pin": "placed on a map", "spot": "chosen from a list"}


@dataclass(frozen=True)
class Told:
    """One answer: as it counts, and as the officer left it when somebody put it right since."""

    fact: Fact
    was: str | None = None
    change: Change | None = None


@dataclass(frozen=True)
class Evidence:
    submission: Submission
    form: Form | None
    form_title: str
    device: Device
    holder: str | None  # the officer who carried it then
    photos: list[Shown]
    ink: list[Shown]  # what was signed or drawn
    sketches: list[Markup]  # ticket pictures that pupils drew
    missing: int
    facts: list[Told]
    changes: list[Change]
    warnings: list[tuple[str | None, str]]
    flags: list[tuple[str, str]]  # name and words
    grid: str | None
    source: str | None
    fixed_at: str | None
    arrival: str | None
    skew: str | None
    app: str | None
    regime: str | None  # under which law it is kept, in words
    is_penalty: bool
    is_given: bool  # a notice, which is cancelled and not sent back
    decided: int  # the newest decision about it, as the log numbers it

    @property
    def has_pictures(self) -> bool:
        return bool(self.photos or self.sketches)


def holder_of(session: Session, submission: Submission) -> str | None:
    """Whoever carries it now, an earlier record stays with who made it."""
    made = min(submission.captured_at or submission.received_at, submission.received_at)
    holder = authorisations.holder_at(session, submission.device_id, made)
    return holder.name if holder else None


def evidence_of(session: Session, forms: Forms, submission: Submission) -> Evidence:
    envelope = submissions.envelope_of(submission)
    form = forms.find(submission.form_id, submission.form_version)
    photos = submissions.photos_of(session, submission.instance_id)
    pictures = gallery(form, submissions.answers_of(submission), photos)
    device = session.get(Device, submission.device_id)
    assert device is not None  # a foreign key holds it
    location = envelope.get("location")
    place: dict[str, Any] = location if isinstance(location, dict) else {}
    changes = corrections.of(session, submission, form, forms)
    decisions = submissions.reviews_of(session, submission.instance_id)
    raised = listings.flags_of_many(session, [submission.seq])[submission.seq]
    return Evidence(
        submission=submission,
        form=form,
        form_title=form_title(forms, submission.form_id),
        device=device,
        holder=holder_of(session, submission),
        photos=[shown for shown in pictures if not is_ink(form, shown.photo)],
        ink=[shown for shown in pictures if is_ink(form, shown.photo)],
        sketches=sketches_of(form, submission),
        missing=missing_of(photos),
        facts=told(session, forms, form, submission, photos, changes),
        changes=changes,
        warnings=[(label_of(form, one.get("field")), said_here(one["detail"])) for one in submission.warnings],
        flags=[(name, flag_words(forms, name)) for name in raised if name != "warning"],
        grid=grid.of(submission.latitude, submission.longitude),
        source=SOURCES.get(place.get("source", "")) if isinstance(place.get("source"), str) else None,
        fixed_at=place.get("fixedAt") if isinstance(place.get("fixedAt"), str) else None,
        arrival=arrival(submission.captured_at, submission.received_at) if submission.captured_at else None,
        skew=next((said_here(one["detail"]) for one in submission.warnings if one.get("code") == "clock"), None),
        app=envelope.get("app") if isinstance(envelope.get("app"), str) else None,
        regime=regime_of(forms, form, submission),
        is_given=notices.is_given(session, submission.instance_id),
        is_penalty=submissions.is_penalty(session, submission, forms),
        decided=decisions[-1][0].seq if decisions else 0,
    )


def told(
    session: Session,
    forms: Forms,
    form: Form | None,
    submission: Submission,
    photos: list[Photo],
    changes: list[Change],
) -> list[Told]:
    """The answers in the form's words, the corrected ones with what they were."""
    if not changes:
        return [Told(fact) for fact in facts_of(forms, form, submissions.answers_of(submission), photos)]
    newest = {change.row.field: change for change in changes}
    before = {fact.field: fact.words for fact in facts_of(forms, form, submissions.answers_of(submission), photos)}
    now = facts_of(forms, form, corrections.answers_of(session, submission), photos)
    return [
        Told(fact, was=before.get(fact.field, "Nothing"), change=newest[fact.field])
        if fact.field in newest
        else Told(fact)
        for fact in now
    ]


def facts_of(forms: Forms, form: Form | None, given: dict[str, Any], photos: list[Photo]) -> list[Fact]:
    """The answers in the form's words. Without its form a record shows them under the names that the device gave."""
    if form is None:
        listed = {photo.field for photo in photos}
        said = listed | {about_name(name) for name in listed}
        return [Fact(name, name, said_plainly(value), "text") for name, value in given.items() if name not in said]
    return [fact for fact in facts(form, given, forms.lists) if fact.kind != "photo"]  # they are on the stage


def sketches_of(form: Form | None, submission: Submission) -> list[Markup]:
    """The drawings among the answers, drawn here from our own shapes."""
    given = submissions.answers_of(submission)
    drawn = [given.get(field.name) for field in (form.fields if form else ()) if field.type == "sketch"]
    return [Markup(sketch.svg(sketch.read(one))) for one in drawn if sketch.is_one(one)]  # noqa: S704


def regime_of(forms: Forms, form: Form | None, submission: Submission) -> str | None:
    if form is None:
        return None
    given, at = submissions.answers_of(submission), submission.captured_at or submission.received_at
    return REGIMES[regime(form, given, forms.context(at, given))]


REGIMES = {"uk_gdpr": "UK GDPR", "le_part3": "Law enforcement (DPA 2018, Part 3)"}


def said_plainly(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def label_of(form: Form | None, name: str | None) -> str | None:
    """What the form calls the field that a warning is about."""
    if name is None:
        return None
    field = form.field(name.rpartition("/")[2]) if form else None  # in a repeat it comes with its path
    return field.label if field else name
