"""Forms: one TOML file per kind of record, which draws the screen, checks the answers and titles the desk's columns.

A file `<form_id>.toml` holds form_id, version (text), title, audience (roles), regime (uk_gdpr or le_part3), retention
(a class of retention.py) and [[field]] tables; it may hold instance_name, icon, hint, summary (the desk's columns),
withdrawn, final (once finished neither pulled back nor mended), review (false: its records wait for no decision),
apart (not on the home screen), home (where it stands there for a role: 1, 2 or "more") and part_3_when (an expression).
Old versions are old/<form_id>-<version>.toml, lists lists/<name>.csv: see lists.py.
A field has name, type and label, and where wanted: hint, required (true or an expression), required_message, relevant,
constraint, constraint_message, calculate, default, appearance, choices or from (lists.py), choice_filter, read_only,
min and max (of a number, or of how many photos, choices or rows), max_length, original (keep the camera's own file),
personal (tells who somebody is: exports leave it out unless somebody says why; a signature always is), icon (of a
counter), opens (of a note: a button to another form) with gives (its answers = our fields), from (a text suggests it).
Types: text integer decimal date time dateTime select_one select_multiple geopoint image signature drawing sketch (our
own shapes only: see sketch.py) note calculate counter group repeat. The default of a date, time or dateTime is now() or
today(); the default last() is what this device answered the time before. A group or repeat holds [[field.field]]
tables. A calculate may have choices, the words for its results, and an image: what each photo may show (see
pictures.py).
Answers are flat: a group only arranges the page; a repeat's answer is a list of rows; no answer is no key.
Appearances (several may be combined): of choices tiles (large, with icons), chips (small, in wrapping rows), likert (a
scale in one row), minimal (a list to search); of numbers and texts numbers (keypad); of numbers money (pounds),
sequence (this form's next number on this device, given at the end); of text multiline, capitals, verbatim (nothing is
corrected), nearby (an earlier record from here to link), plate (a number plate); of date, time and dateTime now (with
"5 min ago" chips); of image camera (a large button, first on the page), caption (a line under each photo), people (asks
of each whether somebody can be recognised), someone (lets one say so, asks no more), in_turn (one after the other they
show the choices); of signature and drawing reason (where nobody can sign, words may be typed); of group collapsed,
usual (one button gives each question inside the answer that its `usual` names), tally (its counters as tiles: one tap,
one more); of repeat grid (every choice of its first question: one tap says the first choice of its second, another tap
the second), stops (one row after the other, for each choice of its first question); of date numbers (typed); of
calculate day, money, pinned (always on the screen); of calculate and text working (no fact: a step to another); of note
and calculate stop (a red box), say (read out); of note emergency (999, 101); hidden (not asked); of dateTime step_away
(leaves a scene). A text may be drafted (an expression that writes it until somebody changes it). In place of a field
`include = "person-1"` stands for all of parts/person-1.toml; a part never changes, its successor gets the next number.
[issue] makes a legal notice: when, title, prefix, number, at, pad, button, sure, otherwise, qr, shows, must, notice,
statement.
A text with unique = true is a number given once: when another record of the form carries it already, the later is
kept with a warning and a flag, never renumbered. [[flag]] tables say what the office looks at first: name, label, when
(an expression), level (urgent or check) and to (the roles whose devices are told of an urgent one).
Expressions: see expressions.py; the list own, for pulldata(), is this device's earlier records of the form; what
setting('fpn.litter.full') says on a day stands in settings.csv: see dated.py. A wrong file stops the start, with its
name, field, column and a hint.
"""

from .expressions import Context
from .files import FormError, form_from, load, load_one
from .form import Choice, Field, Form, Forms, is_newer
from .retention import RETENTION

__all__ = [
    "RETENTION",
    "Choice",
    "Context",
    "Field",
    "Form",
    "FormError",
    "Forms",
    "form_from",
    "is_newer",
    "load",
    "load_one",
]
