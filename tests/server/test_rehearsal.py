"""Rehearsal: what an author is told of a form file, and the page that shows it as on a phone."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from beatbook import cli
from beatbook.app import create_app
from beatbook.forms import load, load_one
from beatbook.forms.effort import effort, reading_age
from beatbook.forms.people import unmarked
from beatbook.rehearsal import Preview
from beatbook.settings import Settings

SHIPPED = Settings().forms
FORM = """
form_id = "bench"
version = "1"
title = "Bench"
audience = ["officer"]
regime = "uk_gdpr"
retention = "works"

[[field]]
name = "broken"
type = "select_one"
label = "Is it broken?"
required = true
choices = [{ name = "yes", label = "Yes" }, { name = "no", label = "No" }]

[[field]]
name = "how"
type = "text"
label = "How?"
relevant = "${broken} = 'yes'"
required = true

[[field]]
name = "area"
type = "select_one"
label = "Area"
from = "areas"
default = "last()"
"""


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "bench.toml"
    path.write_text(FORM)
    return path


def check(capsys, file: Path) -> tuple[int, str, str]:
    code = cli.main(["forms", "check", str(file)])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_an_author_is_told_what_a_form_asks_of_a_thumb_and_of_a_reader(capsys, file):
    code, out, err = check(capsys, file)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "bench.toml: Bench, version 1, is fine.",
        "Questions: 3, of which 1 must be answered on the shortest way.",
        "Shortest way: 3 taps from the home screen to Finish, nothing to type.",
        "Reading age of its words: about 5.",
    ]


@pytest.mark.parametrize(
    ("name", "label", "warned"),
    [
        ("who", "Full name", True),
        ("date_of_birth", "Born", True),
        ("ring", "Their phone or email", True),
        ("plate", "Plate", True),
        ("health", "Do health or age make it worse?", True),
        ("bench_name", "Name on the bench’s plate", True),  # only its author knows better
        ("street_name", "Name of the street", False),
        ("note", "What happened? No names.", False),
        ("how", "How?", False),
    ],
)
def test_an_author_is_warned_of_a_question_about_a_person_that_is_not_marked_as_personal(
    capsys, file, name, label, warned
):
    file.write_text(FORM.replace('name = "how"', f'name = "{name}"').replace('label = "How?"', f'label = "{label}"'))
    code, out, _ = check(capsys, file)
    said = f"Does it tell who somebody is, or how they are? field {name}, {label}. Then add personal = true."
    assert (code, said in out.splitlines()) == (0, warned)
    file.write_text(file.read_text().replace(f'label = "{label}"', f'label = "{label}"\npersonal = true'))
    assert "personal = true" not in check(capsys, file)[1]


def test_every_shipped_question_about_a_person_is_marked():
    for form in load(SHIPPED):
        assert [field.name for field in unmarked(form)] == [], form.form_id


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("${broken}", "${brokn}", "field how, relevant: unknown field ${brokn}. Did you mean ${broken}?"),
        ('from = "areas"', 'from = "area"', "field area, from: unknown from area. Did you mean areas?"),
        ('"text"', '"txt"', "field how, type: unknown type txt. Did you mean text?"),
        ("version", "verson", "verson: unknown key. Did you mean version?"),
        ('form_id = "bench"', 'form_id = "seat"', "form_id: this file should be called seat.toml."),
        ("= 'yes'", "== 'yes'", "field how, relevant: a value is missing before = at character 12. Write = once."),
        ('title = "Bench"', "title = Bench", "this is not TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_field_column_and_hint(capsys, file, old, new, sentence):
    file.write_text(FORM.replace(old, new, 1))
    code, out, err = check(capsys, file)
    assert (code, out) == (1, "")
    assert err.startswith(f"bench.toml: {sentence}")


def test_a_file_that_is_not_there_is_said_to_be_missing(capsys, tmp_path):
    assert check(capsys, tmp_path / "none.toml") == (1, "", f"There is no file {tmp_path / 'none.toml'}.\n")


def test_the_shortest_way_is_the_one_that_leads_past_the_fewest_questions(office):
    shipped = load(SHIPPED)
    graffiti = shipped.newest("graffiti")
    assert graffiti and effort(graffiti, shipped, office.clock()).taps == 9, "as ux.md 4.1 wants"


def test_every_shipped_form_is_fine_by_itself(office):
    for path in sorted(SHIPPED.glob("*.toml")):
        form, forms = load_one(path, SHIPPED)
        assert effort(form, forms, office.clock()).taps >= 2, path.name


def test_a_text_for_children_reads_younger_than_one_for_lawyers():
    child = reading_age(["Where is the car?", "Tell your grown-up."])
    lawyer = reading_age(["The aforementioned recipient acknowledges liability notwithstanding prior representations."])
    assert child and lawyer and child < 9 < 16 < lawyer
    assert reading_age(["12:30", ""]) is None


@pytest.fixture
def preview(office, file):
    with TestClient(Preview(create_app(office), office, file, SHIPPED), follow_redirects=False) as client:
        yield client


def test_the_preview_shows_the_form_in_a_phone_that_is_set_up_already(preview):
    page = preview.get("/preview")
    assert "<h1>Bench, version 1</h1>" in page.text and "Shortest way: 3 taps" in page.text
    assert page.headers["clear-site-data"] == '"storage"', "what was recorded at the last look is gone"
    phone = preview.get("/preview/phone?form=bench")
    assert (phone.status_code, phone.headers["location"]) == (303, "/#/begin/bench")
    assert "frame-ancestors 'self'" in preview.get("/healthz").headers["content-security-policy"]
    assert [form["formId"] for form in preview.get("/api/sync/down").json()["forms"]] == ["bench"]


def test_the_preview_reads_the_file_again_and_says_what_is_wrong_with_it(preview, file):
    file.write_text(FORM.replace("Bench", "Seat"))
    assert "Seat, version 1" in preview.get("/preview").text
    file.write_text(FORM.replace("${broken}", "${brokn}"))
    page = preview.get("/preview").text
    assert "Did you mean ${broken}?" in page and "<iframe" not in page
