"""Reference data: lists and dated settings changed at the desk, told to devices, undone, verified."""

import sqlite3
from datetime import date

import pytest
from actors import Supervisor
from sqlmodel import select
from structlog.testing import capture_logs

from beatbook import reference
from beatbook.forms import FormError, load
from beatbook.models import Event, Role
from beatbook.office import open_office
from beatbook.settings import Settings
from beatbook.verification import verify_folder

SHIPPED = load(Settings().forms)


FORM = """
form_id = "who"
version = "1"
title = "Who"
audience = ["officer"]
regime = "uk_gdpr"
retention = "event"
[[field]]
name = "who"
type = "select_one"
label = "Who?"
from = "people"
choice_filter = "FILTER"
"""


def rows_on(device, name: str) -> dict[str, dict]:
    (found,) = [one for one in device.down()["lists"] if one["name"] == name]
    return {row["name"]: row for row in found["rows"]}


def change(supervisor, name: str, row: str, **cells: str):
    return supervisor.submit(f"/desk/lists/{name}", name=row, **cells)


def upload(supervisor, name: str, text: str):
    files = {"file": ("list.csv", text.encode(), "text/csv")}
    return supervisor.http.post(f"/desk/lists/{name}/bring-in", files=files, headers=supervisor.headers())


def downloaded(supervisor, name: str) -> str:
    return supervisor.open(f"/desk/lists/{name}/csv").text


def preview_of(page: str) -> dict[str, str]:
    """What the page of a file's changes sends back when it is agreed to."""
    seen = page.split('name="seen" value="')[1].split('"')[0]
    return {"seen": seen, "text": page.split('<textarea name="text" hidden>')[1].split("</textarea>")[0]}


def test_a_list_reaches_the_roles_that_it_names_even_when_no_form_asks_for_it(officer, enrolled):
    volunteer = enrolled(Role.VOLUNTEER, "Bus 1")
    assert "volunteers" in [one["name"] for one in volunteer.down()["lists"]]
    assert "volunteers" not in [one["name"] for one in officer.down()["lists"]]
    assert len(rows_on(officer, "huts")) > 120


def test_what_is_only_for_the_desk_never_goes_to_a_device(officer):
    for row in rows_on(officer, "agencies").values():
        assert row.keys() == {"name", "label", "kind", "relevant_authority", "isa_signed_on", "isa_review_on"}


def test_a_form_cannot_name_what_stays_at_the_desk_and_an_empty_list_still_has_its_columns(tmp_path):
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists/people.csv").write_text("name,label,town,email\n")
    (tmp_path / "lists/lists.toml").write_text("[people.columns]\nemail = { desk_only = true }\n")
    form = FORM.replace("FILTER", "town = 'Whitstable'")
    (tmp_path / "who.toml").write_text(form)
    assert load(tmp_path).newest("who")
    (tmp_path / "who.toml").write_text(form.replace("town =", "email ="))
    with pytest.raises(FormError, match="field who, choice_filter: the choices have no column email"):
        load(tmp_path)


def test_hu2_no_column_of_huts_can_name_an_owner():
    columns = {column.name for column in SHIPPED.infos["huts"].columns}
    assert columns == {"row", "number", "latitude", "longitude", "last_check_on"}


def test_a_changed_row_reaches_devices_at_their_next_contact(officer, supervisor):
    cursor = officer.down()["cursor"]
    assert officer.down(cursor)["lists"] == []
    assert change(supervisor, "areas", "westgate", label="Westgate and Tower").status_code == 303
    again = officer.down(cursor)
    assert rows_on(officer, "areas")["westgate"] == {
        "name": "westgate",
        "label": "Westgate and Tower",
        "town": "Canterbury",
    }
    assert again["forms"] == [] and "settings" not in again, "only what changed is sent"
    assert officer.down(again["cursor"])["lists"] == []


def test_a_row_is_added_withdrawn_and_offered_again(officer, supervisor, clock):
    assert change(supervisor, "areas", "chartham", label="Chartham", town="Villages", new="1").status_code == 303
    assert rows_on(officer, "areas")["chartham"]["label"] == "Chartham"
    supervisor.submit("/desk/lists/areas/withdraw", name="chartham")
    assert rows_on(officer, "areas")["chartham"]["withdrawn"] == clock.now.isoformat(timespec="seconds")
    assert "Withdrawn" in supervisor.open("/desk/lists/areas").text
    supervisor.submit("/desk/lists/areas/withdraw", name="chartham", back="1")
    assert rows_on(officer, "areas")["chartham"]["withdrawn"] == ""


def test_the_last_change_can_be_undone_once(officer, supervisor):
    change(supervisor, "areas", "westgate", label="One")
    change(supervisor, "areas", "westgate", label="Two")
    assert "Undo" in supervisor.open("/desk/lists/areas").text
    supervisor.submit("/desk/lists/areas/undo")
    assert rows_on(officer, "areas")["westgate"]["label"] == "One"
    assert "Undo" not in supervisor.open("/desk/lists/areas").text.replace("Undone", "")
    supervisor.submit("/desk/lists/areas/undo")
    assert rows_on(officer, "areas")["westgate"]["label"] == "One"


IMPOSSIBLE_ROWS = [
    ("volunteers", "new_one", {"new": "1", "label": "New O"}, "Enter school"),
    ("volunteers", "alan_r", {"vetted_until": "next year"}, "Enter a date such as 2027-04-01"),
    ("volunteers", "alan_r", {"school": "hogwarts"}, "hogwarts is not in the list schools"),
    ("agencies", "csu", {"relevant_authority": "maybe"}, "Enter yes or no"),
    ("areas", "westgate", {"label": " "}, "Enter what people see"),
    ("areas", "westgate", {"new": "1", "label": "Again"}, "There is a row called westgate already"),
    ("areas", "a b", {"new": "1", "label": "A B"}, "Enter a short name"),
    ("huts", "tankerton_1", {"latitude": "north"}, "Enter a number"),
]


def test_a_row_that_cannot_be_is_asked_for_again_with_the_reason(officer, supervisor):
    for name, row, cells, sentence in IMPOSSIBLE_ROWS:
        before = supervisor.open(f"/desk/lists/{name}/csv").text
        with capture_logs() as logged:
            answer = change(supervisor, name, row, **cells)
        assert [line for line in logged if line["log_level"] == "error"] == [], "it is an answer, and no fault of ours"
        assert (answer.status_code, sentence in answer.text) == (422, True), sentence
        assert supervisor.open(f"/desk/lists/{name}/csv").text == before


def test_a_file_says_what_it_changes_before_anything_does(officer, supervisor):
    text = downloaded(supervisor, "areas")
    text = text.replace("Westgate Gardens", "Westgate").replace("wincheap,Wincheap,Canterbury,\r\n", "")
    answer = upload(supervisor, "areas", text + "chartham,Chartham,Villages,\r\n")
    assert answer.status_code == 200
    assert "1 added, 1 changed, 1 withdrawn. nothing has changed yet" in answer.text.lower()
    assert "westgate" in rows_on(officer, "areas") and "chartham" not in rows_on(officer, "areas")
    assert supervisor.submit("/desk/lists/areas/bring-in", **preview_of(answer.text)).status_code == 303
    rows = rows_on(officer, "areas")
    assert (rows["westgate"]["label"], rows["chartham"]["town"]) == ("Westgate", "Villages")
    assert rows["wincheap"]["withdrawn"], "what a file leaves out is withdrawn, never lost"
    supervisor.submit("/desk/lists/areas/undo")
    assert rows_on(officer, "areas") == {row["name"]: dict(row) for row in SHIPPED.lists["areas"]}


def test_a_file_is_looked_at_again_when_somebody_was_quicker(supervisor):
    seen = upload(supervisor, "areas", downloaded(supervisor, "areas").replace("Wincheap", "Wine Cheap")).text
    change(supervisor, "areas", "westgate", label="Meanwhile")
    answer = supervisor.submit("/desk/lists/areas/bring-in", **preview_of(seen))
    assert (answer.status_code, "Somebody else has changed this list meanwhile" in answer.text) == (422, True)


NO_LISTS = [
    ("", "Choose a CSV file"),
    ("label,name\nA,a\n", "The first columns of a list are name and label"),
    ("name,label,colour\na,A,red\n", "This list has no column colour; it has name, label, town, withdrawn"),
    ("name,label\na,A\na,B\n", "Line 3: a is there twice"),
    ("name,label\n", "A list has 1 to 5,000 rows, this has 0"),
    ("name,label\na," + "x" * 600_000, "Choose a CSV file of at most 500 KB"),
    ('name,label\na,A\n"', "Line"),
]


def test_a_file_that_is_no_list_changes_nothing(supervisor):
    for text, sentence in NO_LISTS:
        before = downloaded(supervisor, "areas")
        answer = upload(supervisor, "areas", text)
        assert answer.status_code == 422
        assert sentence in answer.text or sentence == "Line"
        assert downloaded(supervisor, "areas") == before


def test_a_spreadsheet_with_semicolons_is_read_too(supervisor):
    answer = upload(
        supervisor, "areas", downloaded(supervisor, "areas").replace(",", ";").replace("Sturry Road", "Sturry")
    )
    assert "1 changed" in answer.text


def test_a_cell_that_a_spreadsheet_would_run_goes_out_and_comes_back_as_text(supervisor):
    change(supervisor, "areas", "westgate", label="=1+1")
    text = downloaded(supervisor, "areas")
    assert "westgate,'=1+1,Canterbury" in text
    assert "It says the same" in upload(supervisor, "areas", text).text


def test_what_the_desk_said_of_a_row_stays_when_the_council_replaces_the_file(office, supervisor, tmp_path):
    change(supervisor, "areas", "westgate", label="From the desk")
    folder = tmp_path / "pack/lists"
    folder.mkdir(parents=True)
    (folder / "areas.csv").write_text("name,label,town\nwestgate,From the file,Canterbury\nnew,New,Canterbury\n")
    office.pack = load(tmp_path / "pack")
    office.read_reference()
    assert [row["label"] for row in office.forms.lists["areas"]] == ["From the desk", "New"]


def test_a_change_outlives_a_restart_and_who_made_it_is_in_the_log(office, supervisor):
    change(supervisor, "volunteers", "alan_r", vetted_until="2030-01-31")
    office.close()
    assert list(verify_folder(office.settings)) == []
    again = open_office(office.settings)
    with again.database.reading() as session:
        event = session.exec(select(Event).where(Event.kind == "list.changed")).one()
    again.close()
    assert (event.subject, event.actor.split(":")[0]) == ("list:volunteers", "person")
    assert "2030" not in event.data, "the log holds no content"
    assert (
        next(row for row in again.forms.lists["volunteers"] if row["name"] == "alan_r")["vetted_until"] == "2030-01-31"
    )


@pytest.mark.parametrize(
    "damage", ["UPDATE list_change SET rows = replace(rows, '2030', '2040')", "DELETE FROM list_change"]
)
def test_a_change_that_was_tampered_with_is_found(office, supervisor, damage):
    change(supervisor, "volunteers", "alan_r", vetted_until="2030-01-31")
    office.close()
    with sqlite3.connect(office.settings.database_file) as connection:
        connection.execute(damage)
    assert any(fault.where.startswith("list") for fault in verify_folder(office.settings))


def test_opening_a_list_of_people_is_written_down_and_one_of_places_is_not(office, supervisor):
    supervisor.open("/desk/lists/volunteers")
    supervisor.open("/desk/lists/areas")
    with office.database.reading() as session:
        viewed = session.exec(select(Event).where(Event.kind == "list.viewed")).all()
    assert [event.subject for event in viewed] == ["list:volunteers"]


def test_an_auditor_neither_reads_lists_nor_changes_any(office, server):
    auditor = Supervisor.join(office, server, "Ada", Role.AUDITOR)
    assert auditor.open("/desk/lists/areas").status_code == 403
    assert change(auditor, "areas", "westgate", label="Mine").status_code == 403
    assert auditor.submit("/desk/settings", name="fpn.litter.full").status_code == 403


# Dated settings


def add(supervisor, **given: str):
    fields = {"name": "fpn.litter.full", "value": "250", "from": "2027-04-01", "source": "Cabinet"} | given
    return supervisor.submit("/desk/settings", **fields)


def test_fn5_a_new_amount_counts_from_its_day_and_not_before(office, officer, supervisor):
    assert add(supervisor).status_code == 303
    amounts = [row for row in officer.down()["settings"] if row["name"] == "fpn.litter.full"]
    assert [(row["value"], row["from"]) for row in amounts][-1] == (250, "2027-04-01")
    assert office.forms.settings.value("fpn.litter.full", date(2027, 3, 31)) == 200
    assert office.forms.settings.value("fpn.litter.full", date(2027, 4, 1)) == 250
    assert "250 from 1 Apr 2027" in supervisor.open("/desk/settings").text


IMPOSSIBLE_VALUES = [
    ({"from": "2026-11-22"}, "Choose a day after today"),
    ({"from": "2024-01-01"}, "Choose a day after today"),
    ({"from": ""}, "Enter the day from which it counts"),
    ({"value": " "}, "Enter the new value"),
    ({"source": ""}, "Say who decided this"),
    ({"name": "fpn.litter.ful"}, "Choose a setting of the list"),
    ({"value": "600"}, "600 is more than the law allows, 500"),
    ({"value": "60"}, "60 is less than the least that the law allows, 65"),
    ({"name": "fpn.litter.discount", "value": "45"}, "45 is less than the least that the law allows, 50"),
    ({"name": "fpn.litter.discount", "value": "200"}, "200 is not less than the full amount, 200"),
    ({"name": "fpn.pspo.discount_days", "value": "14"}, "fewer than 14 days, by law"),
    ({"name": "fpn.pspo.full", "value": "500"}, "500 is more than the law allows, 100"),
    ({"name": "age.policy", "value": "notice"}, "needs age.policy.legal_reference, the legal sign-off"),
]


def test_fn5_fn6_fn7_ch2_a_value_that_is_past_or_unlawful_is_not_taken(office, supervisor):
    for given, sentence in IMPOSSIBLE_VALUES:
        answer = add(supervisor, **given)
        assert (answer.status_code, sentence in answer.text) == (422, True), sentence
        assert office.forms.settings.rows() == office.pack.settings.rows()


def test_a_value_to_come_can_be_undone_until_it_is_in_force(office, supervisor, later):
    add(supervisor)
    supervisor.submit("/desk/settings/undo")
    assert office.forms.settings.rows() == office.pack.settings.rows()
    add(supervisor, **{"from": "2026-11-24"})
    later(days=2)
    supervisor.submit("/desk/settings/undo")
    assert office.forms.settings.value("fpn.litter.full", date(2026, 11, 24)) == 250


# Files


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ("[areas]\ntitel = 'A'\n", "areas: unknown key titel; there are title, hint, roles, personal, places, columns"),
        ("[areas]\nroles = ['chief']\n", "areas: unknown role chief."),
        ("[areas.columns]\ncolour = {}\n", "areas: the list has no column colour."),
        ("[areas.columns]\ntown = { kind = 'colour' }\n", "areas, town: unknown kind colour;"),
        ("[parks]\n", "parks: there is no lists/parks.csv."),
    ],
)
def test_a_wrong_description_of_a_list_stops_the_start(tmp_path, told, sentence):
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists/areas.csv").write_text("name,label,town\na,A,Canterbury\n")
    (tmp_path / "lists/lists.toml").write_text(told)
    with pytest.raises(FormError) as refused:
        load(tmp_path)
    assert str(refused.value).startswith(f"lists/lists.toml: {sentence}")


def test_every_shipped_list_is_described_and_sound():
    told = [info.title for info in SHIPPED.infos.values()]
    assert len(told) == len(set(told)) >= 9
    rows = SHIPPED.lists["huts"]
    assert sum(1 for row in rows if row["row"] == "tankerton") == 120
    assert len(rows) < reference.MOST_ROWS
