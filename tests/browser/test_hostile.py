"""Sixty hostile texts in every text of every form and of the desk, in a real browser: none runs, none breaks a page.

What a page may do with them is decided in three places, and this proves all of them together: templates and components
write text and never markup, the content policy runs nothing that is not a file of ours, and Trusted Types let no script
make markup of a text.
"""

import csv
import io
import json
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from actors import Clock, Record, a_record
from filled import filled
from hostile import HOSTILE
from notices import a_notice
from openpyxl import load_workbook
from phones import DESKTOP, PHONE, Phone
from playwright.sync_api import Dialog, Page, expect
from running import RunningServer
from sqlmodel import Session, select
from starlette.routing import Route

from beatbook import cases, cells, meetings, people, problems, reference, saved, shares, submissions, tasking, tasks
from beatbook.app import DESK
from beatbook.cases import Acting, Opening
from beatbook.forms import Field, Form
from beatbook.models import (
    ActionKind,
    ItemKind,
    MeetingState,
    Person,
    Priority,
    Quarantine,
    ReviewState,
    Role,
    TaskingItem,
)
from beatbook.office import Office, open_office
from beatbook.settings import Settings
from beatbook.shares import Sharing
from beatbook.subjects import places, requests, sought
from beatbook.submissions import remarks
from beatbook.tasking import Ordering, Raising
from beatbook.tasks import Wanted

pytestmark = pytest.mark.browser

ALL = "\n".join(HOSTILE)
SHORT = HOSTILE[0] + HOSTILE[2]  # where only a few letters fit
# Pages that are nobody's to read, or files.
LEFT_OUT = (
    "/static/",
    "/live",
    "/photos/",
    "/csv",
    "/join/",
    "/bytes",
    "/map",
    "/records.csv",
    "/newer",
    "/cover",
    "/review/list",
)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningServer, dict[str, list[str]], str]]:
    """A server where all that somebody can write says all of it; what to open there, and an administrator's token."""
    data = tmp_path_factory.mktemp("hostile") / "data"
    office = open_office(Settings(data=data))
    found, token = plant(office)
    office.close()
    server = RunningServer(data).start()
    yield server, found, token
    server.kill()


def plant(office: Office) -> tuple[dict[str, list[str]], str]:
    now = datetime.now(UTC)

    def everything(session: Session) -> tuple[dict[str, list[str]], str]:
        person = people.add_person(session, SHORT, Role.ADMIN, now=now, email="admin@council.example")
        code = people.invite(session, Role.OFFICER, SHORT, minutes=5, now=now).code
        session.flush()
        device = people.enrol(session, code, now=now).device
        session.flush()
        forms = sorted(office.forms, key=lambda form: form.form_id != "graffiti")  # the first is corrected too
        records = [one for form in forms for one in records_of(form, office, now)]
        given = a_notice(Clock(now), full_name=SHORT, place_text=HOSTILE[2], litter_detail=HOSTILE[3])
        records.append(given)
        for record in records:
            submissions.receive(session, record.payload, device, now=now, forms=office.forms, settings=office.settings)
        first = records[0].instance_id
        for kind in ("comment", "flag"):
            remarks.add(session, first, kind, ALL[:900], person=person, now=now)
        state = ReviewState.HAS_ISSUES
        submissions.review(session, first, state, reason="other", note=ALL[:900], person=person, now=now)
        submissions.keep_aside(session, json.dumps({"x": ALL}).encode(), device, problems.NotJson(), now=now)
        task = tasks.make(
            session,
            Wanted(SHORT, now, now + timedelta(hours=9), role=Role.OFFICER, note=ALL[:900], place=HOSTILE[2]),
            person=person,
            now=now,
        )
        raising = Raising(ItemKind.PLACE, SHORT, ALL[:1900], ALL[:1900], measure=HOSTILE[3], place=HOSTILE[4])
        item = tasking.raise_item(session, raising, person=person, now=now)
        ordering = Ordering(ALL[:190], "kent_police", SHORT, now.date(), support=HOSTILE[5])
        tasking.order(session, item.id, ordering, person=person, now=now)
        report = next(one for one in records if b'"formId": "asb"' in one.payload).instance_id
        opening = Opening(SHORT, f"person:{person.id}", Priority.HIGH, HOSTILE[6])
        case = cases.open_case(session, opening, report, person=person, now=now, forms=office.forms)
        cases.note(session, case.id, ALL[:1900], person=person, now=now)
        action = cases.act(session, case.id, Acting(ActionKind.VISIT, now.date(), ALL[:190]), person=person, now=now)
        cases.finish(session, action.reference, ALL[:1900], person=person, now=now)
        saved.save(session, HOSTILE[0], f"q={quote(HOSTILE[2])}", person=person, now=now, pinned=True)
        for info in office.forms.infos.values():
            plant_row(session, office, info, person, now)
        plant_meeting(session, office, item, person, now)
        whom = sought.of({"name": HOSTILE[0]})
        mentioned = list(places.mentions(session, office.forms, whom))
        subject = requests.open_one(session, whom, ALL[:400], mentioned, person=person, now=now)
        session.flush()
        found = {
            "instance_id": [record.instance_id for record in records],
            "notice": [given.instance_id],
            "report": [report],
            "case_id": [case.id],
            "device_id": [device.id],
            "task_id": [task.id],
            "item_id": [item.id],
            "meeting_id": ["NTG-1-1"],
            "paper": ["minutes"],
            "agency": ["police"],
            "name": list(office.forms.infos),
            "school": [str(office.forms.lists["schools"][0]["name"])],
            "request_id": [subject.id],
            "kept_id": [session.exec(select(Quarantine)).one().id],
            "kind": ["task"],
            "key": [task.id],
            "where": [quote(find.where, safe="") for find in requests.finds(session, subject.id)[:2]],
        }
        return found, people.start_session(session, person, now=now)

    return office.database.write(everything)


def plant_meeting(session: Session, office: Office, item: TaskingItem, person: Person, now: datetime) -> None:
    """Held, with every text that somebody types in it."""
    planning = meetings.Planning("NTG-1-1", now, SHORT, SHORT, HOSTILE[2])
    meeting = meetings.plan(session, office.forms, planning, person=person, now=now)
    meetings.invite(session, meeting.id, "police", SHORT, HOSTILE[3], person=person, now=now)
    meeting.state, meeting.opened_at = MeetingState.OPEN, now
    meetings.take(session, office.forms, meeting.id, item.id, ALL[:1900], ALL[:1900], person=person, now=now)
    notes = {"previous_ok": True, "hotspots_said": ALL[:1900], "plans_said": ALL[:1900], "next_at": now}
    meetings.write(session, meeting.id, notes, person=person, now=now)
    sharing = Sharing(item.id, "csu", ("police",), SHORT, True, None, ALL[:1900], None, SHORT, now.date())
    shares.record(session, office.forms, meeting, sharing, person=person, now=now)


def records_of(form: Form, office: Office, now: datetime) -> Iterator[Record]:
    """One with everything in every text of the form. Forms of pupils have no text at all."""
    if set(form.audience) <= {Role.PUPIL} or not any(field.type == "text" for field in form.fields_flat()):
        return
    given = filled(form, office.forms, now)
    put(form.fields, given)
    captured = now - timedelta(minutes=5)
    yield a_record(form=form.form_id, formVersion=form.version, capturedAt=captured.isoformat(), answers=given)


def put(fields: tuple[Field, ...], given: dict[str, Any]) -> None:
    for field in fields:
        if field.type == "text":
            given[field.name] = ALL
        elif field.type == "group":
            put(field.fields, given)
        elif field.type == "repeat" and isinstance(given.get(field.name), list):
            for row in given[field.name]:
                put(field.fields, row)
        elif field.type == "select_one" and field.name not in given:
            given[field.name] = HOSTILE[2]  # a code that no list has


def plant_row(session: Session, office: Office, info: Any, person: Person, now: datetime) -> None:
    """A row of a list whose cells are hostile wherever its columns take words."""
    row = {"name": f"x{uuid.uuid4().hex[:8]}", "label": SHORT}
    for column in info.columns:
        row[column.name] = HOSTILE[2] if column.kind == "text" and not column.of else ""
    change = [reference.RowChange(row["name"], None, row)]
    reference.keep(session, info.name, change, "added", person=person, now=now)


# Pages that only some records have, by the end of their path.
ABOUT = {"notice": "notice", "statement": "notice", "triage": "report", "letter": "report"}


def addresses(found: dict[str, list[str]]) -> Iterator[str]:
    """Every page of the desk that is read, from the table of routes: a new one is opened here too."""
    for route in DESK:
        assert isinstance(route, Route)
        if "GET" not in (route.methods or ()) or any(part in route.path for part in LEFT_OUT):
            continue
        asked = [part.strip("{}") for part in route.path.split("/") if part.startswith("{")]
        if any(name in ("patrol_id", "sha256", "job_id") for name in asked):
            continue  # pupils' patrols, photos and files that are being made carry no words
        every = found[ABOUT.get(route.path.rpartition("/")[2], asked[0])] if asked else [""]
        once = every if route.path in ("/records/{instance_id}", "/lists/{name}") else every[:1]
        for value in once:
            path = f"/desk{route.path}".replace(f"{{{asked[0]}}}" if asked else "", value)
            for name in asked[1:]:
                path = path.replace(f"{{{name}}}", found[name][0])
            path += "?field=place_text" if path.endswith("/correct") else ""
            yield from (f"{path}?where={where}" for where in found["where"]) if path.endswith("/place") else [path]


def listen(page: Page, complaints: list[str]) -> None:
    """To scripts that run, and to what the browser held back because our policy forbids it."""

    def dialog(opened: Dialog) -> None:
        complaints.append(f"a dialog: {opened.message}")
        opened.dismiss()

    page.on("dialog", dialog)
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url) if "evil.example" in request.url else None)


def test_t16_sixty_hostile_texts_run_nowhere_and_break_no_page(planted: Any, another: Any) -> None:
    assert len(set(HOSTILE)) == 60
    server, found, token = planted
    desk = another("desk", viewport=DESKTOP, touch=False)
    page, complaints, wide = desk.switch_on(), [], []
    desk.context.add_cookies([{"name": "beatbook_desk", "value": token, "url": server.url}])
    listen(page, complaints)
    opened, sizes = list(addresses(found)), [DESKTOP, PHONE]
    assert len(opened) > 40
    for path in opened:
        answer = page.goto(f"{server.url}{path}", wait_until="load")
        assert answer is not None
        if answer.status not in (200, 404):  # a record that is no notice has none to show
            complaints.append(f"{path} answered {answer.status}")
        for viewport in sizes:
            page.set_viewport_size(viewport)
            if page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") > 0:
                wide.append(f"{path} at {viewport['width']} px")
        sizes.reverse()  # the next begins as wide as this one ends
        if answer.status == 200 and page.locator("h1:visible").count() != 1:
            complaints.append(f"{path} has lost its heading")
    assert [one for one in complaints if "status of 404" not in one] == []
    assert wide == [], "what somebody typed pushes the page apart"
    assert page.evaluate("typeof window.pwned") == "undefined"


def test_t16_they_run_on_no_phone_either(planted: Any, phone: Phone) -> None:
    server, _, _ = planted
    page, complaints = phone.switch_on(), []
    listen(page, complaints)
    page.goto(server.invite("officer", HOSTILE[2])["url"])
    page.get_by_role("button", name="Yes, this is").click()
    page.get_by_role("link", name="Start").click()
    page.get_by_role("link", name="My day").click()
    expect(page.get_by_text(HOSTILE[0]).first).to_be_visible()  # the task of today
    page.goto(f"{server.url}/#/")
    page.get_by_role("button", name="Graffiti").click()
    page.get_by_label("Where exactly?").fill(ALL[:2000])
    for address in ("/#/", "/#/day", "/#/device", "/#/outbox"):
        page.goto(f"{server.url}{address}")
        page.locator("h1").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert complaints == []


def test_t24_what_is_taken_out_runs_in_no_spreadsheet(planted: Any) -> None:
    """Each text as a cell of its own, and every cell of the files that the desk gives out."""
    lines = "".join(cells.lines(["Text"], [[text] for text in HOSTILE]))
    assert [cells.bare(row[0]) for row in table(lines)][1:] == list(HOSTILE)
    server, _, token = planted
    with httpx2.Client(base_url=server.url, cookies={"beatbook_desk": token}, follow_redirects=True) as desk:
        plain = desk.get("/desk/records.csv?form=graffiti").text
        book = taken(desk, "xlsx")
        drawn = taken(desk, "geojson").json()
    found = [cell for row in (*table(lines), *table(plain)) for cell in row]
    assert not [cell for cell in found if cell.startswith(cells.RUNS) and not cells.is_number(cell)]
    assert any(HOSTILE[0] in cell for cell in found), "the text itself is all there"
    sheet = load_workbook(io.BytesIO(book.content))["Records"]
    assert not [cell.coordinate for row in sheet for cell in row if cell.data_type == "f"]
    assert HOSTILE[0] in json.dumps(drawn)


def taken(desk: httpx2.Client, kind: str) -> httpx2.Response:
    """The file, as soon as it is made."""
    answer = desk.post("/desk/take-out?form=graffiti", data={"format": kind})
    until = time.monotonic() + 20
    while not answer.url.path.endswith("/file") and time.monotonic() < until:
        time.sleep(0.1)
        found = desk.get(f"{answer.url.path}/file")
        answer = found if found.status_code == 200 else answer
    return answer


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix(cells.BOM), newline="")))
