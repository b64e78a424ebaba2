"""Reference data: the lists and dated settings as the files of the forms folder say, with what the desk has changed.

A change lies over the files, row by row: a council may replace a file, and what the desk said of a row stays. Nothing
is overwritten; the rows as they stand are the files with every change after them, so each one can be told and undone.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from . import cells, events
from .forms import Forms
from .forms.dated import ALWAYS, COLUMNS, Dated, DatedSettings, dated_of, unlawful
from .forms.expressions import london
from .forms.lists import WITHDRAWN, ListInfo, Row, read_rows, wrong_cells
from .models import ListChange, Person
from .problems import ListRefused, RowRefused

SETTINGS = "settings"  # as the name of a list in the log
MOST_ROWS = 5000  # of a list: a council's streets
CHANGED = "list.changed"


@dataclass(frozen=True)
class RowChange:
    """One row before and after; None where there was or is none."""

    name: str
    before: Row | None
    after: Row | None

    @property
    def kind(self) -> str:
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        if self.after.get(WITHDRAWN) and not self.before.get(WITHDRAWN):
            return "withdrawn"
        return "brought back" if self.before.get(WITHDRAWN) and not self.after.get(WITHDRAWN) else "changed"

    def cells(self) -> list[tuple[str, str, str]]:
        """The columns that differ: name, before, after."""
        before, after = self.before or {}, self.after or {}
        names = dict.fromkeys([*before, *after])
        return [
            (name, before.get(name, ""), after.get(name, ""))
            for name in names
            if name != "name" and before.get(name, "") != after.get(name, "")
        ]


# What stands ----------------------------------------------------------------------------------------------------


def overlaid(session: Session, pack: Forms) -> Forms:
    """The forms of the folder over the lists and settings as they stand."""
    changes = session.exec(select(ListChange).order_by(col(ListChange.seq))).all()
    if not changes:
        return pack
    lists: dict[str, Sequence[Row]] = dict(pack.lists)
    settings = {key_of(row): row for row in pack.settings.rows()}
    for change in changes:
        if change.list_name == SETTINGS:
            for one in rows_of(change):
                if one.after is None:
                    settings.pop(one.name, None)
                else:
                    settings[one.name] = dated_of(one.after, "a setting")
        elif change.list_name in lists:
            lists[change.list_name] = laid_over(lists[change.list_name], rows_of(change))
    return pack.with_reference(lists, DatedSettings(settings.values()))


def laid_over(rows: Sequence[Row], changes: Iterable[RowChange]) -> list[Row]:
    """In the order of the file; what is new comes last."""
    standing = {row["name"]: row for row in rows}
    for change in changes:
        if change.after is None:
            standing.pop(change.name, None)
        else:
            standing[change.name] = change.after
    return list(standing.values())


def history(session: Session, list_name: str) -> list[tuple[ListChange, Person]]:
    """Every change of a list, newest first."""
    query = select(ListChange, Person).join(Person).where(ListChange.list_name == list_name)
    return list(session.exec(query.order_by(col(ListChange.seq).desc())))


def to_undo(session: Session, list_name: str) -> ListChange | None:
    """The change that can be taken back: the newest, unless it took one back itself."""
    newest = select(ListChange).where(ListChange.list_name == list_name).order_by(col(ListChange.seq).desc()).limit(1)
    change = session.exec(newest).first()
    return change if change and change.undoes is None and not is_forgotten(change) else None


def rows_of(change: ListChange) -> list[RowChange]:
    return [RowChange(row["name"], row["before"], row["after"]) for row in change.rows]


# Lists ----------------------------------------------------------------------------------------------------------


def save_row(
    session: Session, pack: Forms, info: ListInfo, row: Row, *, new: bool, person: Person, now: datetime
) -> ListChange | None:
    """Add or change a row; None when nothing is different. Errors: RowRefused."""
    lists = overlaid(session, pack).lists
    standing = {one["name"]: one for one in lists[info.name]}
    before = None if new else standing.get(row["name"])
    row = tidy(info, row, before)
    if wrong := wrong_cells(info, row, lists, known=standing if new else ()):
        raise RowRefused(wrong)
    if not new and before is None:
        raise RowRefused({"name": "This row is no longer in the list"})
    change = RowChange(row["name"], before, row)
    if not change.cells():
        return None
    return keep(session, info.name, [change], change.kind, person=person, now=now)


def withdraw(
    session: Session, pack: Forms, info: ListInfo, name: str, *, back: bool, person: Person, now: datetime
) -> ListChange | None:
    """No longer offer a row from now on, or offer it again."""
    row = next((row for row in overlaid(session, pack).lists[info.name] if row["name"] == name), None)
    if row is None or bool(row.get(WITHDRAWN)) is not back:
        return None
    after = {**row, WITHDRAWN: "" if back else now.isoformat(timespec="seconds")}
    change = RowChange(name, row, after)
    return keep(session, info.name, [change], change.kind, person=person, now=now)


def compare(forms: Forms, info: ListInfo, text: str, now: datetime) -> list[RowChange]:
    """What a file would change: rows that it leaves out are withdrawn, never lost. Errors: ListRefused."""
    try:
        header, rows = read_rows(text)
    except (ValueError, csv.Error) as error:
        raise ListRefused(str(error)) from error
    unknown = [name for name in header if name not in info.header]
    if unknown:
        raise ListRefused(f"this list has no column {', '.join(unknown)}; it has {', '.join(info.header)}")
    if not rows or len(rows) > MOST_ROWS:
        raise ListRefused(f"a list has 1 to {MOST_ROWS:,} rows, this has {len(rows):,}")
    standing = {row["name"]: row for row in forms.lists[info.name]}
    lists = {**forms.lists, info.name: rows}
    changes: list[RowChange] = []
    for line, row in enumerate(rows, start=2):
        given = {name: cells.bare(cell) for name, cell in row.items()}
        before = standing.get(given["name"])
        row = tidy(info, given, before)
        for column, sentence in wrong_cells(info, row, lists).items():
            raise ListRefused(f"line {line}, {column}: {sentence}")
        changes.append(RowChange(row["name"], before, row))
    named = {row["name"] for row in rows}
    for name, row in standing.items():
        if name not in named and not row.get(WITHDRAWN):
            changes.append(RowChange(name, row, {**row, WITHDRAWN: now.isoformat(timespec="seconds")}))
    return [change for change in changes if change.cells()]


def apply(
    session: Session, pack: Forms, info: ListInfo, text: str, *, seen: str, person: Person, now: datetime
) -> ListChange | None:
    """Take a file in once somebody has seen what it changes. Errors: ListRefused, also when that is out of date."""
    forms = overlaid(session, pack)
    if seen != state_of(forms, info.name):
        raise ListRefused("somebody else has changed this list meanwhile; look at the changes again")
    changes = compare(forms, info, text, now)
    return keep(session, info.name, changes, "uploaded", person=person, now=now) if changes else None


def state_of(forms: Forms, list_name: str) -> str:
    """A word for a list as it stands, to notice that it has changed."""
    return events.digest_of([dict(row) for row in forms.lists[list_name]])[:16]


def tidy(info: ListInfo, row: Row, before: Row | None) -> dict[str, str]:
    """A row with every column of its list; what is not given stays as it was."""
    before = before or {}
    tidied = {name: " ".join(row.get(name, before.get(name, "")).split()) for name in info.header}
    if WITHDRAWN not in before and not tidied[WITHDRAWN]:
        del tidied[WITHDRAWN]
    return tidied


def as_csv(info: ListInfo, rows: Sequence[Row]) -> str:
    """A file as it can be brought in again."""
    return "".join(cells.lines(info.header, ([row.get(name, "") for name in info.header] for row in rows)))


# Dated settings -------------------------------------------------------------------------------------------------


def add_value(
    session: Session, pack: Forms, given: Mapping[str, str], *, person: Person, now: datetime
) -> ListChange | None:
    """A new value of a setting from a day to come. What is or was in force is never altered. Errors: RowRefused."""
    settings = overlaid(session, pack).settings
    name, since = given.get("name", ""), given.get("from", "")
    value, source = " ".join(given.get("value", "").split()), " ".join(given.get("source", "").split())
    wrong: dict[str, str] = {}
    if not settings.of(name):
        wrong["name"] = "Choose a setting of the list"
    if not value:
        wrong["value"] = "Enter the new value"
    if not source:
        wrong["source"] = "Say who decided this, and where it is written"
    day = day_of(since)
    if day is None:
        wrong["from"] = "Enter the day from which it counts"
    elif day <= london(now).date():
        wrong["from"] = "Choose a day after today: what was in force on a day stays"
    elif any(row.since == day for row in settings.of(name)):
        wrong["from"] = "There is a value from that day already; undo that first"
    elif "value" not in wrong:
        candidate = DatedSettings([*settings.rows(), Dated(name, value, day, source)])
        for counts_from, sentence in unlawful(candidate):
            if counts_from >= day:
                wrong.setdefault("value", sentence)
    if wrong:
        raise RowRefused(wrong)
    row = {"name": name, "value": value, "from": since, "source": source}
    change = RowChange(f"{name} {since}", None, row)
    return keep(session, SETTINGS, [change], "added", person=person, now=now)


def settings_as_csv(settings: DatedSettings) -> str:
    rows = ([row.name, row.value, "" if row.since == ALWAYS else row.since, row.source] for row in settings.rows())
    return "".join(cells.lines(COLUMNS, rows))


def day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def key_of(row: Dated) -> str:
    return f"{row.name} {'' if row.since == ALWAYS else row.since}"


# Keeping and undoing --------------------------------------------------------------------------------------------


def undo(session: Session, list_name: str, *, person: Person, now: datetime) -> ListChange | None:
    """Take the newest change back. A value of a setting only while it is not in force yet."""
    last = to_undo(session, list_name)
    if last is None or (list_name == SETTINGS and not is_to_come(last, london(now).date())):
        return None
    changes = [RowChange(one.name, one.after, one.before) for one in rows_of(last)]
    return keep(session, list_name, changes, "undone", person=person, now=now, undoes=last.seq)


def is_to_come(change: ListChange, today: date) -> bool:
    days = [day_of((one.after or {}).get("from", "")) for one in rows_of(change)]
    return all(day is not None and day > today for day in days)


def keep(
    session: Session,
    list_name: str,
    changes: Sequence[RowChange],
    what: str,
    *,
    person: Person,
    now: datetime,
    undoes: int | None = None,
) -> ListChange:
    rows = [
        {
            "name": one.name,
            "before": dict(one.before) if one.before else None,
            "after": dict(one.after) if one.after else None,
        }
        for one in changes
    ]
    change = ListChange(seq=0, list_name=list_name, rows=rows, what=what, undoes=undoes, person_id=person.id, at=now)
    changed = events.append(
        session,
        CHANGED,
        f"list:{list_name}",
        actor=f"person:{person.id}",
        now=now,
        data={"what": what, "rows": len(rows), "row": events.digest_of(sealed(change))},
    )
    change.seq = changed.seq
    session.add(change)
    return change


def forget(session: Session, infos: Mapping[str, ListInfo], before: datetime, *, now: datetime) -> int:
    """Erase what stood in lists before it was changed, and the cells of people who were withdrawn, all of it long ago.

    Answers how many changes lost something. The newest word about each row stays, or the row itself would come back.
    """
    changes = session.exec(select(ListChange).order_by(col(ListChange.seq).desc())).all()
    newer: set[tuple[str, str]] = set()
    resealed: dict[str, dict[str, str]] = {}
    for change in changes:
        if change.list_name != SETTINGS and change.at <= before and not is_forgotten(change):
            personal = change.list_name in infos and infos[change.list_name].personal
            rows = [one for one in rows_of(change) if (change.list_name, one.name) not in newer]
            change.rows = [
                {"name": one.name, "before": None, "after": left_of(one.after, personal), FORGOTTEN: True}
                for one in rows
            ] or [{"name": "", "before": None, "after": None, FORGOTTEN: True}]
            session.add(change)
            resealed.setdefault(change.list_name, {})[str(change.seq)] = events.digest_of(sealed(change))
        newer |= {(change.list_name, one.name) for one in rows_of(change)}
    for list_name, digests in resealed.items():
        events.append(session, LIST_FORGOTTEN, f"list:{list_name}", actor="server", now=now, data={"resealed": digests})
    return sum(map(len, resealed.values()))


def left_of(row: Row | None, personal: bool) -> dict[str, Any] | None:
    """What stays of a row: all of one that still stands."""
    if row is None or not (personal and row.get(WITHDRAWN)):
        return dict(row) if row else None
    return {"name": row["name"], "label": "Withdrawn", WITHDRAWN: row[WITHDRAWN]}


def is_forgotten(change: ListChange) -> bool:
    return any(row.get(FORGOTTEN) for row in change.rows)


FORGOTTEN, LIST_FORGOTTEN = "forgotten", "list.forgotten"


def sealed(change: ListChange) -> dict[str, Any]:
    values = change.model_dump(exclude={"seq"})
    return {name: events.instant(value) if isinstance(value, datetime) else value for name, value in values.items()}
