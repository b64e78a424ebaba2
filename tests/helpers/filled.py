"""Any form filled in by its own file: an answer that its rules accept for every question that must be answered."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

from notices import told

from beatbook.forms import Context, Field, Form, Forms, answers
from beatbook.forms.pictures import about_name, asks_of_people

SHA256 = "0" * 64  # stands for the photo that a person would take
OFFICER = told("LIT", "LITC", "GRA", "PSPO", "CPN")  # whose phone it is: one who may give every notice
TEXTS = (
    "Westgate Gardens, by the bench",
    "AB12CDE",
    "CT1 2AB",
    "07700900123",
    "resident@example.org",
    "12345",
    "KB/3",
    "W-26-04-0012",
)
MOST_PASSES = 12  # an answer may ask a question further up


def filled(form: Form, forms: Forms, now: datetime) -> dict[str, Any]:
    """Answers to every question that must be answered, none of them odd."""
    return Filling(form, forms, now).all()


class Filling:
    def __init__(self, form: Form, forms: Forms, now: datetime) -> None:
        self.form, self.forms, self.now = form, forms, now
        self.given: dict[str, Any] = dict(answers.defaults(form, self.context()))

    def all(self) -> dict[str, Any]:
        for _ in range(MOST_PASSES):
            before = deepcopy(self.given)
            for problem in self.problems():
                self.answer(problem.field)
            if self.given == before:
                break
        assert not self.problems(), f"{self.form.form_id}: {self.problems()}"
        return answers.cleaned(self.form, self.given, self.context())

    def answer(self, path: str) -> None:
        field = self.field(path)
        if field.type == "repeat":
            self.put(path, list(self.rows(field)))
            return
        if field.type == "image" and asks_of_people(field):
            self.put(about_name(path), [{"photo": SHA256, "person": "no"}])
        before = self.at(path)
        for candidate in self.candidates(field, path):
            self.put(path, candidate)
            if not any(found.field == path for found in self.problems()):
                return
        self.put(path, before)

    def rows(self, repeat: Field) -> Iterator[dict[str, Any]]:
        """One row; for stops one for each of them, because all are passed."""
        which = repeat.fields[0]
        everything = "stops" in (repeat.appearance or "").split()
        names = [option.name for option in answers.choices_of(which, self.context())] if everything else [None]
        for name in names:
            begins = {inner.name: inner.default for inner in repeat.flat() if inner.default is not None}
            yield {**begins, which.name: name} if name else begins

    def candidates(self, field: Field, path: str) -> Iterator[Any]:
        match field.type:
            case "select_one" | "select_multiple":
                for option in answers.choices_of(field, self.context(path)):
                    yield [option.name] if field.type == "select_multiple" else option.name
            case "text":
                yield from TEXTS
            case "integer" | "counter" | "decimal":
                yield from range(int(field.min or 0), int(field.min or 0) + 41)
            case "date":
                yield from ((self.now + timedelta(days=days)).date().isoformat() for days in (0, 10, -12_000, 1, -1))
            case "time":
                yield self.now.strftime("%H:%M")
            case "dateTime":
                yield from ((self.now + timedelta(minutes=m)).isoformat(timespec="seconds") for m in (0, 1, 60, -60))
            case "image" | "signature" | "drawing":
                yield [SHA256]
            case "geopoint":
                yield {"latitude": 51.2802, "longitude": 1.0789, "accuracy": 8}

    def problems(self) -> list[answers.Finding]:
        return answers.problems(self.form, self.given, self.context())

    def context(self, path: str = "") -> Context:
        given = getattr(self, "given", {})
        context = self.forms.context(self.now, given, OFFICER)
        rows = tuple(int(step) if step.isdigit() else step for step in path.split("/")[:-1])
        return Context(
            now=context.now,
            answers=answers.cleaned(self.form, given, context),
            lists=context.lists,
            settings=context.settings,
            homes=self.form.homes,
            path=rows,
        )

    def field(self, path: str) -> Field:
        field = self.form.field(path.split("/")[-1])
        assert field is not None, path
        return field

    def at(self, path: str) -> Any:
        here: Any = self.given
        for step in path.split("/"):
            here = here[int(step)] if isinstance(here, list) else (here or {}).get(step)
        return here

    def put(self, path: str, value: Any) -> None:
        here: Any = self.given
        *way, last = path.split("/")
        for step in way:
            here = here[int(step)] if step.isdigit() else here[step]
        if value is None:
            here.pop(last, None)
        else:
            here[last] = value
