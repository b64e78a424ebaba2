"""Patrols: pupils' outings at a school gate. Open and lead one, let tablets join, judge tickets, count, show, erase.

A grown-up opens a patrol, on a phone with or without a signal or at the desk; only then do tablets take tickets, and
only what the ticket's own pictures can say. Nothing here names a child, and nothing counts what one child or team did.
"""

from .erasure import erase_due
from .keys import register_key
from .news import down_for
from .patrol import (
    LEADERS,
    OPENING,
    STEP,
    Act,
    Standing,
    State,
    erase_words,
    get,
    join,
    open_at_desk,
    pin_check_of,
    recent,
    standing_of,
    step,
    took_opening,
    took_step,
    wire,
)
from .photos import decide, expects, is_hidden, pending, replace, took_photos
from .tickets import TICKET, Counts, check, count_all, counts, is_inside, keep_counts

__all__ = [
    "LEADERS",
    "OPENING",
    "STEP",
    "TICKET",
    "Act",
    "Counts",
    "Standing",
    "State",
    "check",
    "count_all",
    "counts",
    "decide",
    "down_for",
    "erase_due",
    "erase_words",
    "expects",
    "get",
    "is_hidden",
    "is_inside",
    "join",
    "keep_counts",
    "open_at_desk",
    "pending",
    "pin_check_of",
    "recent",
    "register_key",
    "replace",
    "standing_of",
    "step",
    "took_opening",
    "took_photos",
    "took_step",
    "wire",
]
