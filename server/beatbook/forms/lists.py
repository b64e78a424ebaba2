"""Lists: what forms choose from, one CSV file each, and lists.toml, which says what they are and who holds them.

A file `lists/<name>.csv` begins with the columns name and label. In a column `withdrawn` stands the moment from which a
row is no longer offered; it stays in the list, so that old records keep their words. A table of lists.toml may hold
title, hint, roles (whose devices get the list even when none of their forms asks for it), places (the icon of its rows,
which say where they are in latitude and longitude: phones offer them as places), personal (opening it at the desk is
written down) and columns, each with label, hint, kind (text, date, number or yes_no), of (the list whose names it
holds), needed and desk_only (never sent to a device). A list without a table is only there for its forms.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from .expressions import moment, number

Row = Mapping[str, str]

WITHDRAWN = "withdrawn"
KINDS = ("text", "date", "number", "yes_no")
NAME = re.compile(r"[A-Za-z0-9_.-]+")
LONGEST = 2000  # characters of one cell: a paragraph


@dataclass(frozen=True)
class Column:
    name: str
    label: str
    hint: str = ""
    kind: str = "text"
    of: str = ""  # the list whose names it holds
    needed: bool = False
    desk_only: bool = False


@dataclass(frozen=True)
class ListInfo:
    """What a list is, beside its rows."""

    name: str
    title: str
    columns: tuple[Column, ...]  # without name, label and withdrawn
    hint: str = ""
    roles: tuple[str, ...] = ()
    personal: bool = False
    places: str = ""  # the icon of its rows, which are places to say where something was

    @property
    def header(self) -> tuple[str, ...]:
        return ("name", "label", *(column.name for column in self.columns), WITHDRAWN)


def read_rows(text: str) -> tuple[list[str], list[dict[str, str]]]:
    """The columns and rows of a CSV file, as spreadsheets write them. Errors: ValueError with a sentence, csv.Error."""
    text = text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="", strict=True, delimiter=_delimiter(first))
    header = [name.strip() for name in reader.fieldnames or ()]
    if header[:2] != ["name", "label"]:
        raise ValueError("the first columns of a list are name and label")
    reader.fieldnames = header
    rows: list[dict[str, str]] = []
    seen: set[str] = set()
    for line, row in enumerate(reader, start=2):
        if "" in row or None in row.values():
            raise ValueError(f"line {line} does not have as many columns as the first")
        row = {name: (cell or "").strip() for name, cell in row.items()}
        if not NAME.fullmatch(row["name"]) or not row["label"]:
            raise ValueError(f"line {line} needs a name without spaces and a label")
        if row["name"] in seen:
            raise ValueError(f"line {line}: {row['name']} is there twice")
        seen.add(row["name"])
        rows.append(row)
    return header, rows


def info_of(name: str, header: Sequence[str], source: Mapping[str, object]) -> ListInfo:
    """What lists.toml says of a list. Errors: ValueError with a sentence."""
    _check_keys(source, ("title", "hint", "roles", "personal", "places", "columns"), name)
    told = source.get("columns", {})
    if not isinstance(told, Mapping):
        raise ValueError(f"{name}: columns is a table of columns")
    for unknown in set(told) - set(header):
        raise ValueError(f"{name}: the list has no column {unknown}")
    apart = ("name", "label", WITHDRAWN)
    columns = tuple(_column(name, one, told.get(one, {})) for one in header if one not in apart)
    roles = source.get("roles", [])
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise ValueError(f"{name}: roles is a list of roles")
    return ListInfo(
        name=name,
        title=_text(source, "title") or name.replace("_", " ").capitalize(),
        columns=columns,
        hint=_text(source, "hint"),
        roles=tuple(roles),
        personal=source.get("personal") is True,
        places=_text(source, "places"),
    )


def wrong_cells(
    info: ListInfo, row: Row, lists: Mapping[str, Sequence[Row]], *, known: Iterable[str] = ()
) -> dict[str, str]:
    """What is wrong with a row, by column, in sentences; `known` are the names that other rows have."""
    wrong: dict[str, str] = {}
    if not NAME.fullmatch(row.get("name", "")):
        wrong["name"] = "Enter a short name of letters, digits, dots, - and _, without spaces"
    elif row["name"] in known:
        wrong["name"] = f"There is a row called {row['name']} already"
    if not row.get("label", "").strip():
        wrong["label"] = "Enter what people see"
    for column in info.columns:
        if sentence := _wrong_cell(column, row.get(column.name, ""), lists):
            wrong[column.name] = sentence
    for name, cell in row.items():
        if len(cell) > LONGEST:
            wrong[name] = f"Use {LONGEST} characters or fewer"
    gone = row.get(WITHDRAWN, "")
    if gone and not ((when := moment(gone)) and when.kind != "time"):
        wrong[WITHDRAWN] = "Enter a date such as 2027-04-01, or nothing"
    return wrong


def _wrong_cell(column: Column, cell: str, lists: Mapping[str, Sequence[Row]]) -> str:
    if not cell:
        return f"Enter {column.label[:1].lower()}{column.label[1:]}" if column.needed else ""
    if column.of and cell not in {row["name"] for row in lists.get(column.of, ())}:
        return f"{cell} is not in the list {column.of}"
    if column.kind == "date" and not _is_date(cell):
        return "Enter a date such as 2027-04-01"
    if column.kind == "number" and number(cell) != number(cell):
        return "Enter a number"
    if column.kind == "yes_no" and cell not in ("yes", "no"):
        return "Enter yes or no"
    return ""


def _is_date(cell: str) -> bool:
    try:
        return str(date.fromisoformat(cell)) == cell
    except ValueError:
        return False


def _delimiter(first: str) -> str:
    """Spreadsheets of other countries, and tables copied out of one, come with other commas."""
    return next((mark for mark in (",", ";", "\t") if mark in first), ",")


def _column(name: str, column: str, source: object) -> Column:
    if not isinstance(source, Mapping):
        raise ValueError(f'{name}: the column {column} is a table such as {{ label = "…" }}')
    _check_keys(source, ("label", "hint", "kind", "of", "needed", "desk_only"), f"{name}, {column}")
    kind = _text(source, "kind") or "text"
    if kind not in KINDS:
        raise ValueError(f"{name}, {column}: unknown kind {kind}; there are {', '.join(KINDS)}")
    return Column(
        name=column,
        label=_text(source, "label") or column.replace("_", " ").capitalize(),
        hint=_text(source, "hint"),
        kind=kind,
        of=_text(source, "of"),
        needed=source.get("needed") is True,
        desk_only=source.get("desk_only") is True,
    )


def _check_keys(source: Mapping[str, object], known: Sequence[str], where: str) -> None:
    for key in source:
        if key not in known:
            raise ValueError(f"{where}: unknown key {key}; there are {', '.join(known)}")


def _text(source: Mapping[str, object], key: str) -> str:
    value = source.get(key, "")
    return value if isinstance(value, str) else ""
