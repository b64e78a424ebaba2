"""People: which questions of a form seem to ask who somebody is, for those who write it.

Words are all there is to go by, so this only warns: whether an answer is personal, its author decides (`personal`).
"""

import re
from collections.abc import Iterator

from .form import Field, Form

WRITTEN = ("text", "integer", "date", "calculate")
CHOSEN = ("select_one", "select_multiple")
IDENTIFIES = re.compile(
    r"\b(names?|surname|forename|nickname|alias|address|house|postcode|born|birth|dob|age|phone|telephone|mobile|email"
    r"|contact|parent|carer|witness|victim|suspect|complainant|reporter|owner|tenant|driver|plate|registration"
    r"|passport|licence|nationality|said)\b"
)
DESCRIBES = re.compile(r"\b(vulnerab\w+|health|disability|religion|ethnicity|gender|sexuality)\b")
OF_SOMETHING_ELSE = re.compile(
    r"\b(officer|supervisor|council|payee|agency|street|school|place|event|notice|card|hut)\b"
)


def unmarked(form: Form) -> Iterator[Field]:
    """Questions that seem to ask who somebody is or how they are, and are not marked as personal."""
    for field in form.fields_flat():
        if not field.personal and not field.from_list and seems_to_tell(field):
            yield field


def seems_to_tell(field: Field) -> bool:
    """By its name and label. A choice of words names nobody, but may say how somebody is."""
    looks = (field.appearance or "").split()
    if "plate" in looks:
        return True
    if "working" in looks or field.type not in (*WRITTEN, *CHOSEN):
        return False
    asks = re.sub(r"\bno(body)? [^.?!]*", "", field.label.lower())  # "No names" asks for none
    words = f"{field.name.replace('_', ' ')} {asks}"
    tells = DESCRIBES.search(words) or (field.type in WRITTEN and not field.choices and IDENTIFIES.search(words))
    return bool(tells) and not OF_SOMETHING_ELSE.search(words)
