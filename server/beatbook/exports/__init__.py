"""Exports: what leaves this system as a file, in formats that others read, in constant memory and written down.

`table` makes rows of the records that a filter finds; `workbook` and `maps` put them into files, `pictures` packs their
photos, `bundle` one case for a court with what is needed to check it without us. `marking` says how each is marked, why
it was taken and what was left out (DP9): personal answers, unless somebody says why; what was erased; pupils' photos.
"""

from .marking import OFFICIAL, SENSITIVE, WHY, About, Asked, marking_of, note, note_exhibits, recent
from .table import BATCH, HEADER, records

__all__ = [
    "BATCH",
    "HEADER",
    "OFFICIAL",
    "SENSITIVE",
    "WHY",
    "About",
    "Asked",
    "marking_of",
    "note",
    "note_exhibits",
    "recent",
    "records",
]
