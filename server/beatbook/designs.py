"""Designs: the ticket pictures that classes drew. An adult looks at each; approved ones go to the school's tablets.

A design is a submission like any other: the class and its school come from lists, the picture is a sketch of our own
shapes, and approving it is a review. One that an adult approved on the device where it was drawn comes as `kept`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from .forms import Forms
from .forms.sketch import NotASketch, Sketch, read
from .models import ReviewState, Role, Submission

FORM, LIST = "ticket_design", "designs"
MOST_SERVED = 12  # to one tablet: what fits its screen as pictures that can be told apart
MOST_READ = 400  # of the newest: several years of one district's competitions
FIT = (ReviewState.APPROVED, ReviewState.KEPT)
FOR = frozenset({Role.PUPIL, Role.SCHOOL})  # whose devices get them


@dataclass(frozen=True)
class Design:
    instance_id: str
    school: str
    made_by: str  # the class in words, never a child
    drawing: Any  # as it came, and it is a sketch
    sketch: Sketch
    votes: int | None
    state: ReviewState
    at: datetime

    def to_wire(self) -> dict[str, Any]:
        return {"name": self.instance_id, "label": self.made_by, "school": self.school, "drawing": self.drawing}


def find(
    session: Session, forms: Forms, *, school: str | None = None, states: Iterable[ReviewState] = tuple(ReviewState)
) -> list[Design]:
    """Newest first. What is no sketch, from a school's own device that sent something odd, is left to the records."""
    query = select(Submission).where(
        Submission.form_id == FORM, col(Submission.review_state).in_(list(states)), col(Submission.held).is_(False)
    )
    found = session.exec(query.order_by(col(Submission.seq).desc()).limit(MOST_READ))
    designs = [design for one in found if (design := design_of(one, forms)) is not None]
    return [design for design in designs if school is None or design.school == school]


def get(session: Session, forms: Forms, instance_id: str) -> Design | None:
    found = session.get(Submission, instance_id)
    return design_of(found, forms) if found is not None and found.form_id == FORM else None


def for_device(session: Session, forms: Forms, role: Role, school: str | None) -> list[dict[str, Any]]:
    """What pupils may choose from: the newest approved ones of the school, or of each where a tablet goes to all."""
    if role not in FOR:
        return []
    served: list[Design] = []
    for design in find(session, forms, school=school, states=FIT):
        if sum(one.school == design.school for one in served) < MOST_SERVED:
            served.append(design)
    return [design.to_wire() for design in served]


def with_pictures(session: Session, forms: Forms) -> Mapping[str, Sequence[Mapping[str, str]]]:
    """The forms' lists; beside the pictures of the council's file those that classes drew and an adult approved."""
    drawn = [
        {"name": one.instance_id, "label": one.made_by, "school": one.school}
        for one in find(session, forms, states=FIT)
    ]
    return {**forms.lists, LIST: [*forms.lists.get(LIST, ()), *drawn]}


def design_of(submission: Submission, forms: Forms) -> Design | None:
    answers = json.loads(submission.payload)["answers"]
    try:
        sketch = read(answers.get("drawing"))
    except NotASketch:
        return None
    classes = {row["name"]: row for row in forms.lists.get("school_classes", ())}
    made_by = classes.get(str(answers.get("made_by")))
    if made_by is None or made_by["school"] != answers.get("school"):
        return None
    votes = answers.get("votes")
    return Design(
        instance_id=submission.instance_id,
        school=made_by["school"],
        made_by=made_by["label"],
        drawing=answers["drawing"],
        sketch=sketch,
        votes=votes if isinstance(votes, int) else None,
        state=submission.review_state,
        at=submission.captured_at or submission.received_at,
    )
