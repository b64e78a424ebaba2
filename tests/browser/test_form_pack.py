"""A form pack is data: a council copies the folder, writes one file, and its form goes from phone to desk to CSV."""

import csv
import io
import shutil

import pytest
from officers import enrol, strip
from phones import DESKTOP, problems_for_people
from playwright.sync_api import Page, expect

from beatbook.forms import load
from beatbook.settings import Settings

pytestmark = pytest.mark.browser

BENCH = """
form_id = "bench"
version = "1"
title = "Broken bench"
icon = "armchair"
audience = ["officer"]
regime = "uk_gdpr"
retention = "works"
instance_name = "concat('Bench, ', jr:choice-name(${area}, '${area}'))"
summary = ["area", "slats", "sharp"]

[[field]]
name = "area"
type = "select_one"
label = "Where is it?"
appearance = "chips"
from = "areas"
choice_filter = "town = 'Canterbury'"
required = true
default = "last()"

[[field]]
name = "slats"
type = "counter"
label = "Broken slats"
required = true
min = 0

[[field]]
name = "sharp"
type = "select_one"
label = "Is anything sharp?"
appearance = "likert"
required = true
choices = [{ name = "no", label = "No" }, { name = "yes", label = "Yes" }]

[[field]]
name = "job_no"
type = "text"
label = "Job number"
unique = true

[[field]]
name = "parts"
type = "repeat"
label = "Part"
max = 3

[[field.field]]
name = "part"
type = "text"
label = "Which part?"
required = true

[[field]]
name = "cost"
type = "calculate"
label = "About"
appearance = "money"
calculate = "${slats} * 12.5 + count(${parts}) * 20"

[[flag]]
name = "sharp"
label = "Sharp edge"
when = "${sharp} = 'yes'"
level = "urgent"
to = ["officer"]
"""


def test_a_form_that_is_one_new_file_goes_from_phone_to_desk_to_csv(running, phone, another, tmp_path):
    pack = tmp_path / "pack"
    shutil.copytree(Settings().forms, pack, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (pack / "bench.toml").write_text(BENCH)
    assert load(pack).newest("bench")
    running.environment["BEATBOOK_FORMS"] = str(pack)
    page = enrol(phone, running.start())

    page.get_by_role("button", name="Broken bench").click()
    page.get_by_role("group", name="Where is it?").get_by_text("Wincheap", exact=True).click()
    for _ in range(3):
        page.get_by_role("button", name="One more: Broken slats").click()
    page.get_by_role("group", name="Is anything sharp?").get_by_text("Yes", exact=True).click()
    page.get_by_label("Job number").fill("=J-1")
    page.get_by_role("button", name="Add one").click()
    page.get_by_label("Which part?").fill("Left arm")
    expect(page.get_by_text("57.5")).to_be_visible()
    page.get_by_role("link", name="Home").first.click()
    expect(page.get_by_text("Bench, Wincheap").first).to_be_visible()  # a draft goes by its own name
    page.get_by_text("Bench, Wincheap").first.click()
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="Saved on this phone")).to_be_visible()

    page.goto(f"{running.url}/#/")
    page.get_by_role("button", name="Broken bench").click()
    expect(page.get_by_role("radio", name="Wincheap")).to_be_checked()  # what was answered last
    page.get_by_role("button", name="One more: Broken slats").click()
    page.get_by_role("group", name="Is anything sharp?").get_by_text("No", exact=True).click()
    page.get_by_label("Job number").fill("=j-1")
    page.get_by_role("button", name="Finish").click()
    expect(strip(page)).to_have_text("All sent")

    desk = another("desk", viewport=DESKTOP, touch=False).switch_on()
    desk.goto(running.invite("supervisor", "Kerry B")["url"])
    desk.get_by_label("Email").fill("kerry@council.example")
    desk.get_by_label("Password").first.fill("a long enough password")
    desk.get_by_role("button", name="Make my account").click()
    desk.goto(f"{running.url}/desk/records?form=bench&flag=sharp")
    desk.get_by_role("link", name="Bench, Wincheap").click()
    for words in ("Urgent: Sharp edge", "Is anything sharp?", "Left arm", "£57.50"):
        expect(desk.get_by_text(words).first).to_be_visible()
    body = desk.request.get(f"{running.url}/desk/records.csv?form=bench").body().decode("utf-8-sig")
    newer, older = list(csv.DictReader(io.StringIO(body)))
    assert [older[column] for column in ("Where is it?", "Broken slats", "Job number", "About", "Flags")] == [
        "Wincheap",
        "3",
        "'=J-1",
        "57.5",
        "Sharp edge",
    ]
    assert older["Part"] == "Part 1, Which part?: Left arm"
    assert newer["Flags"] == "Number used twice"
    assert older["Captured"][:2] == "20" and older["Captured"][10] == "T"

    look_at_lists(desk, running.url)


def look_at_lists(desk: Page, url: str) -> None:
    """Nobody is shut out of the pages where lists and amounts are kept, and a change reaches the list."""
    for path in ("lists", "lists/agencies?row=police", "lists/areas?add=1", "settings?name=fpn.litter.full"):
        desk.goto(f"{url}/desk/{path}")
        assert problems_for_people(desk) == [], path
    desk.goto(f"{url}/desk/lists/areas?add=1")
    desk.get_by_role("button", name="Add", exact=True).click()
    expect(desk.get_by_role("heading", name="There is a problem")).to_be_visible()
    assert problems_for_people(desk) == [], "a row with problems"
    text = desk.request.get(f"{url}/desk/lists/areas/csv").text()
    file = {"name": "areas.csv", "mimeType": "text/csv", "buffer": text.replace("Wincheap", "Wine Cheap").encode()}
    desk.get_by_label("Bring in a CSV").set_input_files([file])  # ty: ignore[invalid-argument-type]
    desk.get_by_role("button", name="See what it changes").click()
    expect(desk.get_by_text("1 changed")).to_be_visible()
    assert problems_for_people(desk) == [], "what a file changes"
    desk.get_by_role("button", name="Make this change").click()
    expect(desk.get_by_role("status")).to_contain_text("Wine Cheap changed")
    desk.get_by_role("button", name="Undo").click()
    expect(desk.get_by_role("link", name="Wincheap")).to_be_visible()
