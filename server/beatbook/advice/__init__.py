"""Advice: safety cards that every phone carries offline, one TOML file each.

A file `<code>.toml` holds code, version (a whole number), title (60 letters at most), audience, language, source_note
(who says so, and when), review_due, body, and where wanted fact_valid_until, withdrawn and [words.<slot>] tables.
The body is paragraphs with empty lines between them, in 120 plain words at most; a line that begins with "- " is one of
a list. `{figure: …}` around what goes out of date leaves it out, and says so, once fact_valid_until has passed (rule
HU6); a number anywhere else is refused, except 999 and 101. `{slot}` stands for words that depend on the school: its
table has `usual`, and may have `mandatory` (the school's zig-zags are backed by a sign; `{times}` are its hours) and
`enforceable` (the council may penalise parking on the pavement there). The school's row in schools.csv says which
(rules PK3 and PK4). A file that breaks a rule stops the start, with file, column and a hint.
"""

from .cards import AUDIENCES, SCHOOLS, Card, CardError, Cards, load
from .given import given, with_cards
from .shown import FORM, Showing, shown

__all__ = [
    "AUDIENCES",
    "FORM",
    "SCHOOLS",
    "Card",
    "CardError",
    "Cards",
    "Showing",
    "given",
    "load",
    "shown",
    "with_cards",
]
