"""Gallery: the photos of a record in their order, with what is said of each, and what was signed or drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..forms import Field, Form
from ..forms.pictures import about_name, is_original, original_name, row_of, rows_about, text_of
from ..submissions import Photo

INK = ("signature", "drawing")


@dataclass(frozen=True)
class Shown:
    """A photo as the record has it: the working copy, and behind it the camera's own file where that is kept."""

    photo: Photo
    question: str | None  # what the form calls the question it answers
    says: str | None  # what it shows, and its caption
    person_reason: str | None
    typed: str | None  # words of one who could not sign
    covered: int
    original: Photo | None

    @property
    def kept(self) -> Photo:
        """The untouched file: the camera's where there is one."""
        return self.original or self.photo


def gallery(form: Form | None, answers: Mapping[str, object], photos: Sequence[Photo]) -> list[Shown]:
    """Every picture that is not only the original of another one."""
    originals = {(photo.field, photo.sha256): photo for photo in photos if is_original(photo.field)}
    shown: list[Shown] = []
    for photo in photos:
        if is_original(photo.field):
            continue
        row = row_of(photo.sha256, rows_at(answers, photo.field))
        original = originals.pop((original_name(photo.field), text_of(row, "original")), None)
        shown.append(shown_as(form, photo, row, original))
    return shown + [shown_as(form, photo, {}, None) for photo in originals.values()]  # whose copy nobody names


def is_ink(form: Form | None, photo: Photo) -> bool:
    field = field_of(form, photo)
    return field is not None and field.type in INK


def shown_as(form: Form | None, photo: Photo, row: Mapping[str, object], original: Photo | None) -> Shown:
    field = field_of(form, photo)
    code = text_of(row, "shows")
    shows = next((choice.label for choice in field.choices if choice.name == code), code) if field else code
    covered = row.get("covered")
    return Shown(
        photo=photo,
        question=field.label if field else None,
        says=": ".join(part for part in (shows, text_of(row, "caption")) if part) or None,
        person_reason=text_of(row, "person_reason") or None,
        typed=text_of(row, "typed") or None,
        covered=covered if isinstance(covered, int) and covered > 0 else 0,
        original=original,
    )


def field_of(form: Form | None, photo: Photo) -> Field | None:
    name = photo.field.rpartition("/")[2].removesuffix(".original")
    return form.field(name) if form else None


def rows_at(answers: object, path: str) -> list[Mapping[str, object]]:
    """What is said of the photos of a question, which may stand in a row of a repeat: `people/0/photos`."""
    *way, name = path.split("/")
    here = answers
    for step in way:
        if isinstance(here, list) and step.isdecimal() and int(step) < len(here):
            here = here[int(step)]
        else:
            here = here.get(step) if isinstance(here, Mapping) else None
    return rows_about(here.get(about_name(name)), here.get(name)) if isinstance(here, Mapping) else []
