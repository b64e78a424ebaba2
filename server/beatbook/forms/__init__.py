"""Forms: one TOML file per kind of record, which draws the screen, checks the answers and titles the desk's columns.

A file `<form_id>.toml` holds form_id, version (text), title, audience (roles), regime (uk_gdpr or le_part3), retention
(a class of retention.py) and [[field]] tables; it may hold instance_name, icon, hint, summary (the desk's columns) and
withdrawn. Old versions live on as old/<form_id>-<version>.toml, lists as lists/<name>.csv (name and label first).
A field has name, type and label, and where wanted: hint, required (true or an expression), required_message, relevant,
constraint, constraint_message, calculate, default, appearance, choices or from (a list) with choice_filter, read_only,
min and max (of a number, or of how many photos, choices or rows), max_length, original (keep the camera's own file).
Types: text integer decimal date time dateTime select_one select_multiple geopoint image signature drawing sketch (our
own shapes only, see sketch.py) note calculate counter group repeat. The default of a date, time or dateTime is now() or
today(). A group or repeat holds [[field.field]] tables. A calculate may have choices, the words for its results.
Answers are flat: a group only arranges the page; a repeat's answer is a list of rows; no answer is no key.
Appearances (several may be combined): of choices tiles (large, with icons), chips (small, in wrapping rows), likert (a
scale in one row), minimal (a list to search); of numbers and texts numbers (keypad); of numbers money (pounds); of text
multiline, capitals; of date, time and dateTime now (with "5 min ago" chips); of image camera (a large button, first on
the page); of group collapsed.
Expressions: see expressions.py. A file that breaks a rule stops the start, with file, field, column and a hint.
"""

from .expressions import Context
from .files import FormError, form_from, load
from .form import Choice, Field, Form, Forms, is_newer
from .retention import RETENTION

__all__ = ["RETENTION", "Choice", "Context", "Field", "Form", "FormError", "Forms", "form_from", "is_newer", "load"]
