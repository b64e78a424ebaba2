"""Dated settings: which value is in force, what a wrong file is told, and how they reach forms and phones."""

import json
from datetime import date
from pathlib import Path

import pytest
from actors import a_record

from beatbook import forms, submissions
from beatbook.forms import FormError, load
from beatbook.forms.dated import DatedSettings, dated_of, plain, read_settings

ROOT = Path(__file__).parents[2]
FOLDER = Path(forms.__file__).parent
VECTORS = json.loads((ROOT / "tests/cases/settings.json").read_text())
SHIPPED = load(FOLDER).settings
FORM = """
form_id = "fine"
version = "1"
title = "Fine"
audience = ["officer"]
regime = "uk_gdpr"
retention = "event"
[[field]]
name = "amount"
type = "calculate"
label = "Penalty"
appearance = "money"
calculate = "setting('fpn.litter.full')"
"""


@pytest.mark.parametrize(("name", "on", "expected"), VECTORS["cases"])
def test_a_setting_has_the_value_in_force_on_the_day_here_as_on_the_phone(name, on, expected):
    rows = [{**row, "value": str(row["value"]), "source": ""} for row in VECTORS["rows"]]
    settings = DatedSettings(dated_of(row, "line 2") for row in rows)
    assert settings.value(name, date.fromisoformat(on)) == expected
    assert sorted(map(str, VECTORS["rows"])) == sorted(str(row.to_wire()) for row in settings.rows())


def test_fn5_what_a_litter_penalty_is_follows_the_day():
    on = [date(2017, 1, 1), date(2018, 4, 1), date(2023, 12, 31), date(2024, 1, 1)]
    assert [SHIPPED.value("fpn.litter.full", day) for day in on] == [80, 150, 150, 200]
    assert [SHIPPED.value("fpn.litter.discount", day) for day in on] == [None, 100, 100, 100]


@pytest.mark.parametrize("kind", ["litter", "graffiti"])
def test_fn5_fn6_every_shipped_amount_is_within_its_range_and_its_discount_between_floor_and_full(kind):
    for day in {row.since for row in SHIPPED.rows() if row.since > date(1990, 1, 1)}:
        amount, discount = pounds(f"fpn.{kind}.full", day), pounds(f"fpn.{kind}.discount", day)
        assert pounds(f"fpn.{kind}.range_min", day) <= amount <= pounds(f"fpn.{kind}.range_max", day), day
        assert discount == 0 or pounds(f"fpn.{kind}.discount_floor", day) <= discount < amount, day


@pytest.mark.parametrize("kind", ["pspo", "cpn"])
def test_fn7_pspo_and_cpn_are_paid_early_within_fewer_than_14_days_and_never_above_the_maximum(kind):
    today = date(2026, 11, 25)
    assert pounds(f"fpn.{kind}.discount_days", today) < 14
    assert pounds(f"fpn.{kind}.full", today) <= pounds(f"fpn.{kind}.max", today)


def test_only_a_number_as_we_would_write_it_is_one():
    assert [plain(text) for text in ("200", "0.5", "-3", "101")] == [200, 0.5, -3, 101]
    for text in ("01227 266 719", "007", "1e3", "2024-01-01", "", "true", "1,000"):
        assert plain(text) == text


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("name,value\n", "the columns are name, value, from, source"),
        ("name,value,from,source\na,1,1 Jan,x\n", "line 2: 1 Jan is not a date such as 2027-04-01"),
        ("name,value,from,source\na,1,,\na,2,,\n", "line 3: a has a value from that day already"),
        (
            "name,value,from,source\nA b,1,,\n",
            "line 2: a name has a to z, 0 to 9, dots and _ only, such as fpn.litter.full",
        ),
        ("name,value,from,source\na,1\n", "line 2 does not have as many columns as the first"),
    ],
)
def test_a_wrong_file_of_settings_is_refused_with_the_line(tmp_path, rows, sentence):
    (tmp_path / "settings.csv").write_text(rows)
    with pytest.raises(ValueError, match=sentence):
        read_settings(tmp_path / "settings.csv")
    with pytest.raises(FormError, match=f"settings.csv: {sentence}"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("full,200,2024", "full,700,2024", "fpn.litter.full: 700 is more than the law allows, 500, from 2024-01-01"),
        ("fpn.no_proceedings_days,14", "fpn.no_proceedings_days,10", "fpn.no_proceedings_days: no proceedings for 14"),
        ("fpn.litter.full_days,28", "fpn.litter.full_days,13", "fpn.litter.full_days: not fewer than the 14 days"),
        ("age.policy,refer", "age.policy,notice", "age.policy: a policy other than refer needs"),
    ],
)
def test_fn4_fn5_ch2_a_file_of_unlawful_settings_stops_the_start(tmp_path, old, new, sentence):
    text = (FOLDER / "settings.csv").read_text()
    assert old in text
    (tmp_path / "settings.csv").write_text(text.replace(old, new, 1))
    with pytest.raises(FormError) as refused:
        load(tmp_path)
    assert str(refused.value).startswith(f"settings.csv: {sentence}")


def test_a_form_that_asks_for_a_setting_nobody_has_stops_the_start(tmp_path):
    (tmp_path / "settings.csv").write_text("name,value,from,source\nfpn.litter.full,200,,\n")
    (tmp_path / "fine.toml").write_text(FORM)
    assert load(tmp_path).newest("fine")
    (tmp_path / "fine.toml").write_text(FORM.replace("litter.full", "litter.ful"))
    with pytest.raises(FormError) as refused:
        load(tmp_path)
    assert str(refused.value) == (
        "fine.toml: field amount, calculate: unknown setting 'fpn.litter.ful' at character 9. "
        "Did you mean 'fpn.litter.full'?"
    )


def test_phones_hold_every_value_and_get_them_again_only_when_one_changed(officer):
    fetched = officer.down()
    amounts = [row for row in fetched["settings"] if row["name"] == "fpn.litter.full"]
    assert [(row["value"], row["from"]) for row in amounts] == [(80, ""), (150, "2018-04-01"), (200, "2024-01-01")]
    assert "settings" not in officer.down(fetched["cursor"])


def test_a_record_is_read_with_what_was_in_force_when_it_was_captured(office, officer, tmp_path):
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "settings.csv").write_text((FOLDER / "settings.csv").read_text())
    (folder / "fine.toml").write_text(FORM.replace('"Fine"', '"Fine"\ninstance_name = "concat(\'£\', ${amount})"'))
    office.forms = load(folder)
    old = a_record(form="fine", answers={}, attachments=[], capturedAt="2023-12-31T23:59:59+00:00")
    new = a_record(form="fine", answers={}, attachments=[], capturedAt="2024-01-01T00:00:00+00:00", counter=2)
    officer.send(old, new)
    with office.database.reading() as session:
        titles = [submissions.get(session, record.instance_id).title for record in (old, new)]
    assert titles == ["£150", "£200"]


def pounds(name: str, on: date) -> float:
    """An amount; 0 while there is none."""
    value = SHIPPED.value(name, on)
    assert not isinstance(value, str)
    return value or 0
