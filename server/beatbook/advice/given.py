"""Given: which cards officers note on their other records, such as a gate visit or a damaged hut, as given to somebody.

Forms choose them from the list `advice_cards`, which has no rows of its own: the cards are its rows.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from .. import submissions
from ..forms import Form, Forms
from ..models import ReviewState, Submission
from .cards import Cards
from .shown import Showing

LIST = "advice_cards"


def with_cards(forms: Forms, cards: Cards) -> Forms:
    """The forms of a pack, able to choose from the cards."""
    if LIST not in forms.lists:
        return forms
    rows = [{"name": card.code, "label": card.title, "audience": " ".join(card.audience)} for card in cards]
    return forms.with_reference({**forms.lists, LIST: rows}, forms.settings)


def given(session: Session, forms: Forms, since: datetime) -> Counter[Showing]:
    """What was given since then, once for each record that notes it; a mended record counts instead of its first."""
    asking = {form.form_id for form in forms if any(field.from_list == LIST for field in form.fields_flat())}
    query = select(Submission).where(
        col(Submission.form_id).in_(asking),
        col(Submission.received_at) >= since,
        Submission.review_state != ReviewState.REJECTED,
    )
    found = list(session.exec(query))
    mended = {one.replaces for one in found}
    counts: Counter[Showing] = Counter()
    for one in found:
        form = forms.find(one.form_id, one.form_version)
        if form is None or one.instance_id in mended:
            continue
        day = (one.captured_at or one.received_at).date()
        for code in set(noted(form, submissions.answers_of(one))):
            counts[Showing(code, one.place, day - timedelta(days=day.weekday()))] += 1
    return counts


def noted(form: Form, answers: Mapping[str, Any]) -> Iterator[str]:
    """The codes of every question that chooses among the cards, also in the rows of a repeat."""
    for name, value in answers.items():
        field = form.field(name)
        if field is not None and field.from_list == LIST:
            yield from (code for code in (value if isinstance(value, list) else [value]) if isinstance(code, str))
        elif field is not None and field.type == "repeat" and isinstance(value, list):
            for row in value:
                yield from noted(form, row) if isinstance(row, dict) else ()
