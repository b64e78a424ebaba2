"""Submissions: receive what devices signed off, find it, review it.

The frozen bytes are the record; the other columns are how we read them. Sending the same submission again changes
nothing and is not an error; other bytes under the same number are kept aside.

`arrival` takes one in, with its `flags` and `warnings`; `classroom` says what a class may send, `held` reads what came
before its form, `quarantine` keeps what could not be read. `records`, `photos` and `surroundings` find; `reviews`, one
or in `bulks`, `corrections` and `remarks` are what the desk does.
"""

from .arrival import Reading, Received, Status, reading_of, receive
from .classroom import IN_CLASS
from .photos import Photo, complete_if_whole, missing, missing_some, photos_of, photos_of_many
from .quarantine import (
    ASIDE_ERASED,
    KEPT_ASIDE,
    LOOKED_AT,
    aside,
    count_aside,
    erase_aside,
    get_aside,
    keep_aside,
    may_take_in,
    resolve_aside,
    sealed_aside,
    sealed_erased,
    sealed_outcome,
    settle_aside,
    take_in,
)
from .records import (
    ARRIVALS,
    Comparison,
    answers_of,
    compare,
    counts,
    envelope_of,
    find,
    form_counts,
    get,
    of_form,
    receipt_of,
    sealed,
    state_of,
)
from .reviews import (
    REASONS,
    came_as,
    is_penalty,
    outcomes_since,
    review,
    reviews_of,
    sealed_review,
    take_back,
)
from .surroundings import Nearby, nearby

__all__ = [
    "ARRIVALS",
    "ASIDE_ERASED",
    "IN_CLASS",
    "KEPT_ASIDE",
    "LOOKED_AT",
    "REASONS",
    "Comparison",
    "Nearby",
    "Photo",
    "Reading",
    "Received",
    "Status",
    "answers_of",
    "aside",
    "came_as",
    "compare",
    "complete_if_whole",
    "count_aside",
    "counts",
    "envelope_of",
    "erase_aside",
    "find",
    "form_counts",
    "get",
    "get_aside",
    "is_penalty",
    "keep_aside",
    "may_take_in",
    "missing",
    "missing_some",
    "nearby",
    "of_form",
    "outcomes_since",
    "photos_of",
    "photos_of_many",
    "reading_of",
    "receipt_of",
    "receive",
    "resolve_aside",
    "review",
    "reviews_of",
    "sealed",
    "sealed_aside",
    "sealed_erased",
    "sealed_outcome",
    "sealed_review",
    "settle_aside",
    "state_of",
    "take_back",
    "take_in",
]
