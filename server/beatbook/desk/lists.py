"""Lists: the reference data that forms choose from, one table each, to look up, change, bring in and take back."""

import asyncio
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import events, reference
from ..forms import Forms
from ..forms.lists import WITHDRAWN, ListInfo, Row
from ..models import ListChange, Person
from ..people import May
from ..problems import ListRefused, NotFound, RowRefused
from ..reference import RowChange
from .pages import page
from .session import office_of, person_required

LARGEST = 500_000  # bytes of a file: five thousand rows of a hundred letters
SHOWN = 500  # rows of a page; a longer list is searched
TOLD = 10  # changes of the history
ONE_AT_A_TIME = asyncio.Semaphore(1)


@dataclass(frozen=True)
class Entry:
    """A list as the page of all lists tells it."""

    info: ListInfo
    rows: int
    withdrawn: int
    forms: list[str]  # that choose from it


@dataclass(frozen=True)
class Told:
    """A change as the history tells it."""

    change: ListChange
    person: Person
    words: str
    rows: list[RowChange]


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    forms = office_of(request).forms
    return page(request, "lists.html", entries=[entry(forms, info) for info in forms.infos.values()])


@person_required(May.READ_RECORDS)
async def show_one(request: Request) -> Response:
    """Opening a list of people is a reading of personal data."""
    office, info = office_of(request), info_of(request)
    actor, now = f"person:{request.state.person.id}", office.clock()
    if info.personal and request.method == "GET":
        await office.database.write_soon(
            lambda session: events.append(session, "list.viewed", f"list:{info.name}", actor=actor, now=now)
        )
    asked = request.query_params
    row = {"name": "", "label": ""} if "add" in asked else row_named(request, info, asked.get("row"))
    return await draw(request, row=row, new="add" in asked)


@person_required(May.EDIT_LISTS)
async def save(request: Request) -> Response:
    office, info, now = office_of(request), info_of(request), office_of(request).clock()
    async with request.form(max_files=0, max_fields=100) as form:
        given = {name: str(form[name]) for name in info.header if name in form}
        new = "new" in form
    try:
        await office.database.write_soon(
            lambda session: reference.save_row(
                session, office.pack, info, given, new=new, person=request.state.person, now=now
            )
        )
    except RowRefused as refused:
        return await draw(request, row=given, new=new, wrong=refused.wrong)
    return await changed(request, info)


@person_required(May.EDIT_LISTS)
async def withdraw(request: Request) -> Response:
    """Undo instead of "are you sure"."""
    office, info, now = office_of(request), info_of(request), office_of(request).clock()
    async with request.form(max_files=0, max_fields=10) as form:
        name, back = str(form.get("name", "")), "back" in form
    await office.database.write_soon(
        lambda session: reference.withdraw(
            session, office.pack, info, name, back=back, person=request.state.person, now=now
        )
    )
    return await changed(request, info)


@person_required(May.EDIT_LISTS)
async def undo(request: Request) -> Response:
    office, info, now = office_of(request), info_of(request), office_of(request).clock()
    await office.database.write_soon(
        lambda session: reference.undo(session, info.name, person=request.state.person, now=now)
    )
    return await changed(request, info)


@person_required(May.EDIT_LISTS)
async def bring_in(request: Request) -> Response:
    """First what a file would change, then, once that was seen, the change."""
    office, info, now = office_of(request), info_of(request), office_of(request).clock()
    async with ONE_AT_A_TIME, request.form(max_files=1, max_fields=10, max_part_size=2 * LARGEST) as form:
        file, seen, text = form.get("file"), str(form.get("seen", "")), str(form.get("text", ""))
        if isinstance(file, UploadFile):
            data = await file.read(LARGEST + 1)
            text, seen = data[:LARGEST].decode("utf-8-sig", "replace") if len(data) <= LARGEST else "", ""
    if not text.strip():
        return await draw(request, refused=f"Choose a CSV file of at most {LARGEST // 1000} KB")
    try:
        if not seen:
            changes = await run_in_threadpool(reference.compare, office.forms, info, text, now)
            return preview(request, info, changes, text)
        await office.database.write_soon(
            lambda session: reference.apply(
                session, office.pack, info, text, seen=seen, person=request.state.person, now=now
            )
        )
    except ListRefused as refused:
        return await draw(request, refused=f"{refused.detail[:1].upper()}{refused.detail[1:]}")
    return await changed(request, info)


@person_required(May.READ_RECORDS)
async def download(request: Request) -> Response:
    office, info = office_of(request), info_of(request)
    actor, now = f"person:{request.state.person.id}", office.clock()
    if info.personal:
        await office.database.write_soon(
            lambda session: events.append(session, "list.downloaded", f"list:{info.name}", actor=actor, now=now)
        )
    return csv_file(f"{info.name}.csv", reference.as_csv(info, office.forms.lists[info.name]))


# Drawing --------------------------------------------------------------------------------------------------------


async def draw(
    request: Request,
    *,
    row: Row | None = None,
    new: bool = False,
    wrong: dict[str, str] | None = None,
    refused: str | None = None,
) -> Response:
    office, info = office_of(request), info_of(request)
    wanted = request.query_params.get("q", "").strip().casefold()
    rows = [one for one in office.forms.lists[info.name] if wanted in " ".join(one.values()).casefold()]

    def read() -> tuple[list[Told], ListChange | None]:
        with office.database.reading() as session:
            return told(session, info.name), reference.to_undo(session, info.name)

    history, undoable = await run_in_threadpool(read)
    return page(
        request,
        "list.html",
        status=422 if wrong or refused else 200,
        entry=entry(office.forms, info),
        rows=rows[:SHOWN],
        more=max(0, len(rows) - SHOWN),
        wanted=request.query_params.get("q", ""),
        row=row,
        new=new,
        wrong=wrong or {},
        refused=refused,
        history=history[:TOLD],
        undoable=undoable,
        choices=(choices := {one.name: office.forms.lists[one.of] for one in info.columns if one.of}),
        words_for={name: {row["name"]: row["label"] for row in rows} for name, rows in choices.items()},
        withdrawn_column=WITHDRAWN,
    )


def preview(request: Request, info: ListInfo, changes: list[RowChange], text: str) -> Response:
    forms = office_of(request).forms
    labels = {column.name: column.label for column in info.columns} | {"label": "Label", WITHDRAWN: "Withdrawn"}
    return page(
        request,
        "list_preview.html",
        info=info,
        changes=changes,
        shown=changes[:SHOWN],
        counts=counts_in_words(changes),
        text=text,
        seen=reference.state_of(forms, info.name),
        labels=labels,
    )


async def changed(request: Request, info: ListInfo) -> Response:
    await run_in_threadpool(office_of(request).read_reference)
    return RedirectResponse(f"/desk/lists/{info.name}", status_code=303)


def entry(forms: Forms, info: ListInfo) -> Entry:
    rows = forms.lists[info.name]
    using = [form.title for form in forms if info.name in form.lists]
    return Entry(info, len(rows), sum(1 for row in rows if row.get(WITHDRAWN)), sorted(using))


def told(session: Session, list_name: str) -> list[Told]:
    history = reference.history(session, list_name)
    return [Told(change, person, words_of(change), reference.rows_of(change)) for change, person in history]


def words_of(change: ListChange) -> str:
    """Hut 12 changed; 3 rows added, 1 changed."""
    rows = reference.rows_of(change)
    start = "Took back: " if change.undoes else ""
    if len(rows) == 1:
        one = rows[0]
        label = (one.after or one.before or {}).get("label") or one.name
        return f"{start}{label} {one.kind}"
    return start + counts_in_words(rows)


def counts_in_words(changes: list[RowChange]) -> str:
    kinds = [change.kind for change in changes]
    order = ("added", "changed", "withdrawn", "brought back", "removed")
    return ", ".join(f"{kinds.count(kind):,} {kind}" for kind in order if kind in kinds) or "nothing changed"


def info_of(request: Request) -> ListInfo:
    """Errors: NotFound."""
    info = office_of(request).forms.infos.get(request.path_params["name"])
    if info is None:
        raise NotFound
    return info


def row_named(request: Request, info: ListInfo, name: str | None) -> Row | None:
    return next((row for row in office_of(request).forms.lists[info.name] if row["name"] == name), None)


def csv_file(name: str, body: Any) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)
