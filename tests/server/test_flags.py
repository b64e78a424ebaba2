"""Flags and numbers given once: what the office looks at first, and whose phones are told."""

import pytest
from actors import a_record

from beatbook import submissions
from beatbook.forms import FormError, load
from beatbook.models import RaisedFlag, Role
from beatbook.verification import verify, verify_folder

FORM = """
form_id = "hut"
version = "1"
title = "Hut"
audience = ["officer", "foreshore"]
regime = "uk_gdpr"
retention = "event"
instance_name = "concat('Hut ', ${number})"

[[field]]
name = "number"
type = "text"
label = "Number"
unique = true

[[field]]
name = "bbq"
type = "select_one"
label = "Barbecue"
choices = [{ name = "none", label = "None" }, { name = "hot", label = "Hot" }]

[[flag]]
name = "fire"
label = "Fire risk"
when = "${bbq} = 'hot'"
level = "urgent"
to = ["foreshore"]

[[flag]]
name = "unnumbered"
label = "No number"
when = "${number} = ''"
"""


@pytest.fixture
def huts(office, tmp_path):
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "hut.toml").write_text(FORM)
    office.forms = load(folder)
    return folder


def a_hut(counter: int = 1, **changes):
    given = {"number": f"W-{counter}", "bbq": "none", **changes.pop("answers", {})}
    return a_record(form="hut", answers=given, attachments=[], counter=counter, **changes)


def kept(office, record):
    with office.database.reading() as session:
        return submissions.get(session, record.instance_id)


def flags(office, record) -> list[str]:
    return [flag["name"] for flag in kept(office, record).flags]


def test_a_record_is_flagged_as_it_arrives_and_found_by_its_flag(office, officer, supervisor, huts):
    quiet, hot, both = a_hut(), a_hut(2, answers={"bbq": "hot"}), a_hut(3, answers={"bbq": "hot", "number": ""})
    officer.send(quiet, hot, both)
    assert [flags(office, record) for record in (quiet, hot, both)] == [[], ["fire"], ["fire", "unnumbered"]]
    with office.database.reading() as session:
        found = submissions.find(session, flag="fire")
    assert {one.instance_id for one in found} == {hot.instance_id, both.instance_id}
    page = supervisor.open("/desk/records?flag=unnumbered").text
    assert "Urgent: <bdi>Fire risk</bdi>" in page
    assert page.count("data-row") == 1
    assert "No number" in supervisor.open(f"/desk/records/{both.instance_id}?flag=fire").text


def test_flags_stay_as_they_were_raised_when_the_form_changes(office, officer, huts):
    hot = a_hut(answers={"bbq": "hot"})
    officer.send(hot)
    (huts / "hut.toml").write_text(FORM.split("[[flag]]")[0].replace('"1"', '"2"'))
    office.forms = load(huts)
    assert flags(office, hot) == ["fire"]
    later = a_hut(2, answers={"bbq": "hot"}, formVersion="2")
    officer.send(later)
    assert flags(office, later) == []


def test_hu3_an_urgent_flag_reaches_the_devices_of_its_roles_and_no_others(office, officer, enrolled, huts):
    foreshore, second = enrolled(Role.FORESHORE, "Foreshore 1"), enrolled(name="Phone 8")
    before = foreshore.down()
    assert before["alerts"] == []
    hot = a_hut(answers={"bbq": "hot", "number": "W 12"})
    officer.send(hot, a_hut(2))
    told = foreshore.down(before["cursor"])
    assert [(alert["flag"], alert["title"], alert["instanceId"]) for alert in told["alerts"]] == [
        ("Fire risk", "Hut W 12", hot.instance_id)
    ]
    assert second.down()["alerts"] == officer.down()["alerts"] == []
    assert "alerts" not in foreshore.down(told["cursor"])


def test_hu3_an_alert_goes_after_two_weeks_or_when_the_record_is_not_accepted(
    office, officer, enrolled, supervisor, later, huts
):
    foreshore = enrolled(Role.FORESHORE, "Foreshore 1")
    wrong, right = a_hut(answers={"bbq": "hot"}), a_hut(2, answers={"bbq": "hot"})
    officer.send(wrong, right)
    supervisor.review(wrong, "rejected", reason="duplicate")
    assert [alert["instanceId"] for alert in foreshore.down()["alerts"]] == [right.instance_id]
    later(days=15)
    assert foreshore.down()["alerts"] == []


def test_fn8_a_number_used_twice_is_kept_with_a_warning_and_a_flag_and_never_renumbered(
    office, officer, enrolled, huts
):
    first, second = a_hut(answers={"number": "L-26-04-0117"}), a_hut(2, answers={"number": " l-26-04-0117 "})
    officer.send(first)
    (result,) = enrolled(name="Phone 8").send(second)
    assert (result["status"], [one["code"] for one in result["warnings"]]) == ("stored", ["duplicate-number"])
    assert flags(office, second) == ["duplicate-number"]
    assert flags(office, first) == []
    assert submissions.answers_of(kept(office, second))["number"] == " l-26-04-0117 "


def test_fn8_mending_a_record_keeps_its_number(office, officer, huts):
    first = a_hut(answers={"number": "L-1"})
    mended = a_hut(2, answers={"number": "L-1"}, replaces=first.instance_id)
    again = a_hut(3, answers={"number": "L-1"}, replaces=mended.instance_id)
    officer.send(first, mended, again)
    assert [flags(office, record) for record in (first, mended, again)] == [[], [], []]
    other = a_hut(4, answers={"number": "L-1"})
    officer.send(other)
    assert flags(office, other) == ["duplicate-number"]


def test_a_flag_that_was_taken_off_is_found_by_verify(office, officer, huts):
    hot = a_hut(answers={"bbq": "hot"})
    officer.send(hot)
    assert list(verify(office)) == []
    office.database.write(lambda session: session.delete(session.get(RaisedFlag, (hot.instance_id, "fire"))))
    office.close()
    assert "its flags were changed" in [fault.what for fault in verify_folder(office.settings)]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('level = "urgent"', 'level = "red"', "flag fire, level: unknown level red. There are: urgent, check."),
        ("${bbq}", "${bq}", "when of flag fire: unknown field ${bq}. Did you mean ${bbq}?"),
        ('to = ["foreshore"]', 'to = ["pupil"]', "flag fire, to: unknown to pupil."),
        ('label = "Fire risk"\n', "", "flag fire, label: this is missing."),
        ('name = "unnumbered"', 'name = "fire"', "flag fire, name: this name is there twice."),
        ('name = "bbq"', 'name = "bbq"\nunique = true', "field bbq, unique: a field of type select_one has no unique."),
    ],
)
def test_a_wrong_flag_is_refused(tmp_path, old, new, sentence):
    assert old in FORM
    (tmp_path / "hut.toml").write_text(FORM.replace(old, new))
    with pytest.raises(FormError) as refused:
        load(tmp_path)
    assert str(refused.value).startswith(f"hut.toml: {sentence}")


def test_a_queued_record_of_an_old_version_is_read_by_the_version_it_was_made_with(
    office, officer, supervisor, huts, tmp_path
):
    """The new version asks for more, calls things otherwise and flags nothing; the old one lives on in old/."""
    newer = FORM.split("[[flag]]")[0].replace('"1"', '"2"').replace("'Hut '", "'Beach hut '").replace("Hot", "Warm")
    (huts / "old").mkdir()
    (huts / "old/hut-1.toml").write_text(FORM)
    (huts / "hut.toml").write_text(newer.replace('label = "Barbecue"', 'label = "Fire?"\nrequired = true'))
    office.forms = load(huts)
    assert [form["version"] for form in officer.down()["forms"]] == ["2"]
    old, new = a_hut(answers={"bbq": "hot"}), a_hut(2, answers={"bbq": ""}, formVersion="2")
    results = officer.send(old, new)
    assert [[one["code"] for one in result["warnings"]] for result in results] == [[], ["required"]]
    assert [kept(office, record).title for record in (old, new)] == ["Hut W-1", "Beach hut W-2"]
    assert [flags(office, record) for record in (old, new)] == [["fire"], []]
    page = supervisor.open(f"/desk/records/{old.instance_id}").text
    assert "Barbecue" in page and "Hot" in page
