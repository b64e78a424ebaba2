"""Erased: what was erased here, written beside the database, so that a backup from before does not bring it back.

One line for each erasure: what, when and why, and no content. It is a file of its own because the database is what a
restore replaces. Backups carry a copy. After a restore everything in it is erased once more; a record that came after
the backup and was erased before the restore is noted too, so that a phone that still has it is told so.
"""

import json
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlmodel import Session, col, select

from . import beside, events, redactions, retention
from .blobs import sync_folder
from .forms import Forms
from .models import Redaction, Submission

FILE = "erased.jsonl"


class Line(NamedTuple):
    subject: str
    kind: str
    what: str
    why: str
    at: str


def keep(folder: Path, session: Session) -> int:
    """Add what the file does not say yet, durably. Answers how many lines that were."""
    known = {(line.subject, line.what) for line in lines(folder)}
    rows = session.exec(select(Redaction).order_by(col(Redaction.at)))
    new = [line_of(row) for row in rows if (row.subject, row.what) not in known]
    write(folder, new)
    return len(new)


def merge(source: Path, folder: Path) -> None:
    """Add what another folder's file says."""
    known = {(line.subject, line.what) for line in lines(folder)}
    write(folder, [line for line in lines(source) if (line.subject, line.what) not in known])


def lines(folder: Path) -> Iterator[Line]:
    """A line that a power cut has torn tells nothing; its erasure is in the database and is written again."""
    try:
        text = (folder / FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return
    for said in text.splitlines():
        try:
            yield Line(**json.loads(said))
        except (ValueError, TypeError):
            continue


def again(session: Session, forms: Forms, said: Iterable[Line], *, now: datetime) -> list[str]:
    """Erase everything once more. Answers the files to sweep."""
    files: list[str] = []
    for line in said:
        if line.kind == "attachment":
            files += redactions.files_of(session, line.subject)
            redactions.redact_photo(session, line.subject, why=line.why, now=now)
        elif line.kind != "submission":
            if session.get(Redaction, line.subject) is None and is_here(session, line):
                beside.erase(session, *line.subject.split(":", 1), why=line.why, now=now)
        elif line.what == redactions.EVERYTHING:
            files += record(session, forms, line, now=now)
        else:
            redactions.redact_answers(session, line.subject, line.what.split(), why=line.why, now=now)
    return files


def record(session: Session, forms: Forms, line: Line, *, now: datetime) -> list[str]:
    submission, erased = session.get(Submission, line.subject), session.get(Redaction, line.subject)
    if erased is not None and retention.is_stub(erased):
        return []
    if submission is not None:
        return retention.erase(session, submission, forms, why=line.why, now=now)
    row = Redaction(subject=line.subject, kind=line.kind, what=line.what, why=line.why, at=now)
    redactions.note(session, erased, row)
    return []


def is_here(session: Session, line: Line) -> bool:
    kind, _, key = line.subject.partition(":")
    return kind in beside.KINDS and session.get(beside.KINDS[kind].table, key) is not None


def line_of(row: Redaction) -> Line:
    return Line(row.subject, row.kind, row.what, row.why, events.instant(row.at))


def write(folder: Path, new: list[Line]) -> None:
    if not new:
        return
    with (folder / FILE).open("a", encoding="utf-8") as file:
        file.write("\n" if torn(folder / FILE) else "")
        file.writelines(f"{json.dumps(line._asdict(), ensure_ascii=False)}\n" for line in new)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(folder)  # the file may be new


def torn(path: Path) -> bool:
    """Whether a power cut left the last line without its end."""
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"
