"""Pictures: what a record says of each of its photos, signatures and drawings.

The answer to such a question is a list of digests. What is said of each stands beside it under `<name>.about`, in rows:
`photo` (the digest the row speaks of), `caption`, `shows` (one of the question's choices), `person` (no, adult or
under_18: can somebody be recognised?), `person_reason`, `covered` (how many places were blacked out), `typed` (what was
written because nobody could sign) and `original` (the digest of the camera's untouched file, attached as
`<name>.original`; `photo` is then the working copy made of it). A question that is not asked takes its rows with it.

The phone's twin is pwa/src/forms/pictures.ts.
"""

from collections.abc import Iterator, Mapping, Sequence

from .form import Field

PICTURES = ("image", "signature", "drawing")
LONGEST_CAPTION = 140
PERSON = ("no", "adult", "under_18")
Row = Mapping[str, object]


def about_name(name: str) -> str:
    return f"{name}.about"


def original_name(name: str) -> str:
    """What the camera's untouched files are attached as."""
    return f"{name}.original"


def asks_of_people(field: Field) -> bool:
    """Whether each photo must be answered for; where a person is only offered, nobody has spoken of one."""
    return _looks(field, "people")


def is_original(attached_as: str) -> bool:
    return attached_as.endswith(".original")


def rows_about(said: object, photos: object) -> list[Row]:
    """The rows that speak of these photos; whatever else a device sent is nobody's."""
    listed = photos if isinstance(photos, list) else []
    rows = said if isinstance(said, list) else []
    return [row for row in rows if isinstance(row, Mapping) and row.get("photo") in listed]


def row_of(photo: str, rows: Sequence[Row]) -> Row:
    return next((row for row in rows if row.get("photo") == photo), {})


def odd_about(field: Field, photos: Sequence[str], rows: Sequence[Row]) -> Iterator[tuple[str, str]]:
    """What a person should look at again: a code and a sentence, each once however many photos."""
    if field.type != "image":
        return
    said = [row_of(photo, rows) for photo in photos]
    known = {choice.name for choice in field.choices}
    if known and not _looks(field, "in_turn") and not all(text_of(row, "shows") for row in said):
        yield "required", f"Say what each photo shows: {field.label}"
    elif known and not all(row["shows"] in known for row in said if text_of(row, "shows")):
        yield "choice", f"Choose what each photo shows: {field.label}"
    if any(row.get("person") == "under_18" for row in said):  # CH5
        yield "constraint", f"Cover or remove any photo of somebody who looks under 18: {field.label}"
    if asks_of_people(field) and not all(row.get("person") in PERSON for row in said):
        yield "required", f"Say whether a person can be recognised: {field.label}"
    elif any(row.get("person") == "adult" and not text_of(row, "person_reason") for row in said):
        yield "required", f"Say why a person is in the photo: {field.label}"
    if any(len(text_of(row, "caption")) > LONGEST_CAPTION for row in said):
        yield "length", f"Use {LONGEST_CAPTION} characters or fewer for a caption: {field.label}"


def _looks(field: Field, word: str) -> bool:
    return word in (field.appearance or "").split()


def text_of(row: Row, key: str) -> str:
    value = row.get(key)
    return value.strip() if isinstance(value, str) else ""
