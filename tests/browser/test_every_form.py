"""Every form of the folder, filled in by its own file in a real browser, finished, delivered, and whole at the office.

A new form needs no line here: what must be answered is read from its file, and how is known for each kind of question.
"""

import json
import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from filled import filled
from officers import FORMS, authorise, strip
from phones import Phone
from playwright.sync_api import Locator, Page, Playwright, expect
from running import RunningServer

from beatbook.authorisations import OFFENCES
from beatbook.forms import Context, Field, Form, answers
from beatbook.forms.pictures import asks_of_people

pytestmark = pytest.mark.browser

WARNED = {"cpn": ["warning-unknown"]}  # its warning is one that nobody gave
ON_A_PHONE = ("officer", "volunteer", "foreshore", "parking", "school")  # pupils' forms are opened by a patrol
# Made on screens of their own: see test_afternoon.py and test_classroom.py.
LED_BY_HAND = ("pupil_patrol", "pupil_patrol_step", "ticket_design", "wow_tally")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    server = RunningServer(tmp_path_factory.mktemp("office") / "data")
    yield server.start()
    server.kill()


@pytest.fixture(scope="module")
def pages(office: RunningServer, playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One phone for each role, set up when a form first needs it."""
    phones: dict[str, Phone] = {}

    def page(role: str) -> Page:
        if role not in phones:
            phones[role] = Phone(playwright, tmp_path_factory.mktemp(role))
            opened = phones[role].switch_on()
            phones[role].grant("geolocation")
            opened.goto(office.invite(role, f"Phone of {role}")["url"])
            opened.get_by_role("button", name="Yes, this is").click()
            opened.get_by_role("link", name="Start").click()
            if role == "officer":
                authorise(office, opened, *OFFENCES)
        return phones[role].page

    yield page
    for phone in phones.values():
        phone.switch_off()


@pytest.mark.parametrize(
    "form",
    [
        form
        for form in FORMS
        if set(form.audience) & {*ON_A_PHONE} and not (form.apart or form.built_in or form.form_id in LED_BY_HAND)
    ],
    ids=lambda f: f.form_id,
)
def test_it_is_filled_in_and_delivered_whole(form: Form, office: RunningServer, pages: Any, photo: Path) -> None:
    page = pages(next(role for role in ON_A_PHONE if role in form.audience))
    page.goto(f"{office.url}/#/")
    now = datetime.now(UTC).astimezone()
    plan = filled(form, FORMS, now)
    start(page, form)
    Hand(page, form, plan, now, photo).fill()
    finish(page)
    expect(strip(page)).to_have_text("All sent")
    sent, complete, warnings = delivered(office, form)
    assert complete == 1
    assert [warning["code"] for warning in json.loads(warnings)] == WARNED.get(form.form_id, [])
    assert not odd(form, sent, now)
    chosen = {name: answer for name, answer in plan.items() if is_chosen(form.field(name))}
    assert {name: sent.get(name) for name in chosen} == chosen


def finish(page: Page) -> None:
    """The one large button; a notice asks once more and ends with its number."""
    page.locator(".bottom .button.primary").click()
    sure = page.locator(".issue-it").get_by_role("button")
    expect(page.get_by_role("heading", name="Saved on this phone").or_(sure)).to_be_visible()
    if sure.count():
        sure.click()
        expect(page.locator(".notice-no")).to_be_visible()


def start(page: Page, form: Form) -> None:
    """Its picture on the home screen; a patrol starts there and is filled in when it ends."""
    title = form.title if form.form_id != "patrol" else "Start patrol"
    picture, more = page.get_by_role("button", name=title, exact=True), page.get_by_text("More forms")
    expect(picture.or_(more).first).to_be_visible()
    if not picture.count():
        more.click()
    picture.click()
    if form.form_id == "patrol":
        page.get_by_role("button", name="End patrol").click()
    expect(page.get_by_role("heading", level=1, name=form.title)).to_be_visible()


class Hand:
    """Answers one question after the other as the plan says, by what it sees."""

    def __init__(self, page: Page, form: Form, plan: dict[str, Any], now: datetime, photo: Path) -> None:
        self.page, self.form, self.plan, self.now, self.photo = page, form, plan, now, photo

    def fill(self) -> None:
        self.fill_in(self.form.fields, self.plan, "")

    def fill_in(self, fields: tuple[Field, ...], plan: dict[str, Any], prefix: str) -> None:
        for field in fields:
            if field.type == "group":
                self.unfold(field, plan, prefix + field.name)
                self.fill_in(field.fields, plan, prefix)
            elif field.name in plan and "hidden" not in (field.appearance or "").split():
                self.answer(field, plan[field.name], prefix + field.name)

    def answer(self, field: Field, wanted: Any, path: str) -> None:
        question = self.page.locator(f'[data-path="{path}"]')
        looks = (field.appearance or "").split()
        if "grid" in looks:
            question.locator("button.cell").first.click()
        elif "stops" in looks:
            self.pass_stops(field, wanted, path)
        elif field.type == "repeat":
            for number, row in enumerate(wanted):
                question.get_by_role("button", name=re.compile("^Add (one|another)$")).last.click()
                self.fill_in(field.fields, row, f"{path}/{number}/")
        elif verb := getattr(self, f"give_{field.type}", None):
            verb(question, field, wanted)

    def give_select_one(self, question: Locator, field: Field, wanted: str) -> None:
        control = question.locator(f'input[value="{wanted}"]')
        if not control.is_checked():
            question.locator("label.choice", has=self.page.locator(f'input[value="{wanted}"]')).click()
        expect(control).to_be_checked()

    def give_select_multiple(self, question: Locator, field: Field, wanted: list[str]) -> None:
        for each in wanted:
            self.give_select_one(question, field, each)

    def give_text(self, question: Locator, field: Field, wanted: str) -> None:
        question.locator("input, textarea").first.fill(wanted)

    def give_integer(self, question: Locator, field: Field, wanted: int) -> None:
        if not field.read_only:
            question.locator("input").fill(str(wanted))

    give_decimal = give_integer

    def give_counter(self, question: Locator, field: Field, wanted: int) -> None:
        box = question.locator("input")
        if box.count():  # a tile counts for itself, and begins at its default
            box.fill(str(wanted))

    def give_date(self, question: Locator, field: Field, wanted: str) -> None:
        if (box := question.locator("input[type=date]")).count():
            box.fill(wanted)
        else:
            question.locator("input").first.fill(f"{wanted[8:]}/{wanted[5:7]}/{wanted[:4]}")

    def give_dateTime(self, question: Locator, field: Field, wanted: str) -> None:
        when = datetime.fromisoformat(wanted)
        if field.default is None and when > self.now + timedelta(seconds=30):
            question.locator("input").fill(when.strftime("%Y-%m-%dT%H:%M"))
        elif field.default is None:
            question.get_by_role("button", name="Now").click()

    def give_image(self, question: Locator, field: Field, wanted: list[str]) -> None:
        with self.page.expect_file_chooser() as chooser:
            question.get_by_role("button", name="Take photo").click()
        chooser.value.set_files(self.photo)
        expect(question.get_by_role("img", name="Photo 1")).to_be_visible()
        if asks_of_people(field):
            question.get_by_role("group", name="Anybody in photo 1?").get_by_role("button", name="No").click()

    def pass_stops(self, field: Field, wanted: list[dict[str, Any]], path: str) -> None:
        leaving = next(inner for inner in field.fields if inner.type == "dateTime")
        self.page.get_by_role("button", name="We are here").click()
        for number, row in enumerate(wanted):
            counted = {name: answer for name, answer in row.items() if name not in (field.fields[0].name, leaving.name)}
            self.fill_in(field.fields, counted, f"{path}/{number}/")
            self.page.get_by_role("button", name=leaving.label).click()

    def unfold(self, field: Field, plan: dict[str, Any], path: str) -> None:
        inside = {inner.name for inner in field.flat()} & plan.keys()
        fold = self.page.locator(f'details[data-path="{path}"]:not([open]) > summary')
        if inside and fold.count():
            fold.click()


def is_chosen(field: Field | None) -> bool:
    return field is not None and field.type in ("select_one", "select_multiple", "text") and field.default is None


def odd(form: Form, sent: dict[str, Any], now: datetime) -> list[answers.Finding]:
    context: Context = FORMS.context(now + timedelta(seconds=60), sent)
    return [found for found in answers.problems(form, sent, context) if found.code != "constraint"]


def delivered(office: RunningServer, form: Form) -> tuple[dict[str, Any], int, str]:
    """What the office has of the form's newest record: its answers, whether it is whole, what is odd about it."""
    connection = sqlite3.connect(office.data / "beatbook.db")
    query = "SELECT payload, complete, warnings FROM submission WHERE form_id = ? ORDER BY seq DESC LIMIT 1"
    payload, complete, warnings = connection.execute(query, (form.form_id,)).fetchone()
    connection.close()
    return json.loads(payload)["answers"], complete, warnings
