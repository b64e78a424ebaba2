"""The rules of enforcement as the forms keep them: each test is called by the rule of domain.md that it proves."""

import json
from datetime import datetime, timedelta

import pytest
from notices import FORMS, GATE, NOON, at, found, graffiti, litter, nobody_in, pspo, told, worked_out

from beatbook.forms import RETENTION, answers

BLOCKED = ("outcome", "constraint")


def test_a_sound_notice_has_nothing_wrong_with_it():
    assert found("litter", litter()) == []
    assert found("graffiti", graffiti()) == []
    assert found("pspo", pspo()) == []


# FN: fixed penalty notices ----------------------------------------------------------------------------------------


def test_fn1_no_notice_without_an_authorisation_for_that_offence_on_that_day():
    assert found("litter", litter(), at(own=told("LIT"))) == [BLOCKED], "LITC is another offence"
    assert found("litter", litter(litter_kind="gum"), at(own=told("LIT"))) == []
    ended = [*told("LITC"), told("LITC")[-1]._replace(value="", since=NOON.date())]
    assert found("litter", litter(), at(own=ended)) == [BLOCKED]
    assert "not authorised" in worked_out("litter", litter(), at(own=told()))["stop_seen"]
    assert found("graffiti", graffiti(), at(own=told("LITC"))) == [BLOCKED]
    assert found("pspo", pspo(), at(own=told("LITC"))) == [BLOCKED]


@pytest.mark.parametrize("question", GATE)
def test_fn2_one_gate_answer_that_is_no_or_missing_stops_it(question):
    for form_id, given in (("litter", litter()), ("graffiti", graffiti()), ("pspo", pspo())):
        assert found(form_id, {**given, question: "no"}) == [BLOCKED], form_id
        del given[question]
        assert found(form_id, given) == [(question, "required")], form_id


@pytest.mark.parametrize(
    "stop",
    [
        {"view": "poor"},
        {"seen_by": "saw_drop"},
        {"seen_by": "cctv"},
        {"seen_by": "witness"},
        {"land_kind": "inside"},
    ],
    ids=str,
)
def test_fn2_one_stop_answer_closes_the_gate(stop):
    assert found("litter", litter(**stop)) == [BLOCKED]
    assert found("litter", litter(**stop, outcome="warning")) == [], "a record can still be made"


def test_fn2_a_second_officer_or_a_supervisor_can_open_it_again():
    assert found("litter", litter(seen_by="other_officer")) == [("second_officer", "required")]
    assert found("litter", litter(seen_by="other_officer", second_officer="Daniel Okoro")) == []
    assert found("litter", litter(view="poor", supervisor_agreed="Kerry Bell")) == []


def test_fn2_litter_that_was_picked_up_needs_a_reason_for_a_penalty():
    assert found("litter", litter(picked_up="yes")) == [("picked_up_why", "required")]
    assert found("litter", litter(picked_up="yes", picked_up_why="Third time today, warned twice")) == []


def test_fn4_no_court_before_the_end_of_fourteen_days():
    given = datetime.fromisoformat("2026-05-01T10:00:00+01:00")
    settled = worked_out("litter", litter(given), at(given))
    assert settled["no_proceedings_until"] == "2026-05-15"
    assert settled["pay_by"] >= settled["no_proceedings_until"]


@pytest.mark.parametrize(
    ("day", "full", "early"),
    [("2016-06-01", 80, None), ("2018-06-01", 150, 100), ("2023-12-31", 150, 100), ("2024-01-01", 200, 100)],
)
def test_fn5_the_amount_is_the_schedules_of_that_day_and_never_typed(day, full, early):
    now = datetime.fromisoformat(f"{day}T12:00:00+00:00")
    settled = worked_out("litter", {**litter(now), "amount": 5, "discount_amount": 1}, at(now))
    assert (settled["amount"], settled.get("discount_amount")) == (full, early)
    for form_id in ("litter", "graffiti", "pspo"):
        form = FORMS.newest(form_id)
        assert form
        kinds = {field.name: field.type for field in form.fields_flat()}
        assert kinds["amount"] == kinds["discount_amount"] == kinds["discount_until"] == kinds["pay_by"] == "calculate"


@pytest.mark.parametrize("amount", ["64", "501"])
def test_fn5_an_amount_outside_the_legal_range_stops_it(amount):
    assert found("litter", litter(), at(own=told("LITC", fpn__litter__full=amount))) == [BLOCKED]


def test_fn6_the_early_amount_is_not_below_the_floor_and_below_the_full_one():
    for early in ("49", "200", "250"):
        assert found("litter", litter(), at(own=told("LITC", fpn__litter__discount=early))) == [BLOCKED], early
    assert found("litter", litter(), at(own=told("LITC", fpn__litter__discount="50"))) == []


def test_fn7_an_order_gives_fewer_than_fourteen_days_and_no_more_than_the_statute():
    settled = worked_out("pspo", pspo())
    early = datetime.fromisoformat(settled["discount_until"]).date() - NOON.date()
    assert early < timedelta(days=14)
    assert found("pspo", pspo(), at(own=told("PSPO", fpn__pspo__discount_days="14"))) == [BLOCKED]
    assert found("pspo", pspo(), at(own=told("PSPO", fpn__pspo__full="150"))) == [BLOCKED]


def test_fn10_no_form_asks_for_money_or_a_card():
    asked = [form for form in FORMS if form.form_id != "wow_tally"]  # its cards are for stickers
    words = json.dumps([form.to_wire() for form in asked]).lower()
    assert not [word for word in ("card number", "sort code", "cash taken", "cvv", "account number") if word in words]
    for form in FORMS:
        typed = [f for f in form.fields_flat() if f.type in ("integer", "decimal", "text")]
        assert not [f.name for f in typed if form.issue and "money" in (f.appearance or "")]


@pytest.mark.parametrize("accident", ["maybe", "yes"])
def test_fn13_what_may_have_been_an_accident_is_never_a_penalty(accident):
    assert found("litter", litter(accidental=accident)) == [BLOCKED]


def test_fn14_a_vulnerable_person_needs_thirty_letters_of_reason():
    fragile = litter(vulnerability=["homeless", "injured"])
    assert found("litter", fragile) == [("proportionate_why", "required")]
    assert found("litter", {**fragile, "proportionate_why": "Because I say so."}) == [
        ("proportionate_why", "constraint")
    ]
    assert found("litter", {**fragile, "proportionate_why": "Warned twice this week, understood both times."}) == []
    assert found("litter", litter(vulnerability=["none_seen", "homeless"]))[0] == ("vulnerability", "constraint")


@pytest.mark.parametrize("motive", ["race", "religion", "homophobic", "transphobic", "disability"])
def test_fn15_hate_graffiti_never_ends_in_a_penalty(motive):
    assert found("graffiti", graffiti(offensive=motive, police_ref="to follow")) == [BLOCKED]
    assert found("graffiti", graffiti(offensive=motive, police_ref="to follow", outcome="police")) == []


def test_fn16_litter_from_a_vehicle_is_evidence_and_none_where_a_person_was_given_a_notice():
    form = FORMS.newest("litter_vehicle")
    assert form and form.issue is None, "the office posts the penalty to the keeper; nothing is given on the spot"
    given = {"seen_by": "saw", "accidental": "no", "person_notice": "no"}
    assert "person_notice" not in dict(found("litter_vehicle", given))
    assert ("person_notice", "constraint") in found("litter_vehicle", {**given, "person_notice": "yes"})
    assert [flag.name for flag in answers.flags(form, given, at())] == ["keeper"]
    assert answers.flags(form, {**given, "accidental": "maybe"}, at()) == [], "an accident is nobody's offence"
    assert form.regime == "le_part3" and form.field("vrm") in form.personal


def test_fn16_no_form_can_penalise_a_keeper():
    offences = {
        choice.name
        for form in FORMS
        for f in form.fields_flat()
        if f.name == "offence" and form.issue
        for choice in f.choices
    }
    assert offences == {"LIT", "LITC", "GRA", "PSPO"}
    assert not [f.name for form in FORMS for f in form.fields_flat() if form.issue and f.name in ("vrm", "keeper")]


def test_fn21_an_order_is_named_in_force_and_broken_inside_its_area():
    assert worked_out("pspo", pspo())["order_title"] == "Coastal Public Spaces Protection Order 2026"
    assert ("order_id", "choice") in found("pspo", pspo(order_id="coastal_2023", prohibition="bbq_2023"))
    assert ("prohibition", "choice") in found("pspo", pspo(prohibition="amplified")), "another order forbids that"
    assert found("pspo", pspo(inside_area="no")) == [BLOCKED]
    form = FORMS.newest("pspo")
    assert form and form.issue
    assert {"order_title", "prohibition"} <= set(form.issue.must)


def test_an_order_is_broken_by_who_was_asked_to_stop_and_did_not():
    assert found("pspo", pspo(asked_to_stop_at=None)) == [("asked_to_stop_at", "required")]
    assert found("pspo", pspo(stopped="yes")) == [BLOCKED]


def test_fn22_no_reply_is_kept_before_the_caution_but_unasked_words_are():
    said = litter(reply="It was me", unsolicited="Sorry!", unsolicited_at=NOON.isoformat())
    assert "reply" not in worked_out("litter", said)
    assert worked_out("litter", said)["unsolicited"] == "Sorry!"
    assert found("litter", litter(unsolicited="Sorry!")) == [("unsolicited_at", "required")]
    assert found("litter", {**said, "caution_at": NOON.isoformat()}) == [("caution_understood", "required")]
    assert worked_out("litter", {**said, "caution_at": NOON.isoformat()})["reply"] == "It was me"


# CH: children -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("born", "age", "band"),
    [
        ("2016-09-24", 9, "under_10"),
        ("2016-09-23", 10, "a10_15"),
        ("2010-09-24", 15, "a10_15"),
        ("2010-09-23", 16, "a16_17"),
        ("2008-09-24", 17, "a16_17"),
        ("2008-09-23", 18, "adult"),
        ("2008-02-29", 18, "adult"),
    ],
)
def test_ch1_the_age_is_counted_to_the_day(born, age, band):
    settled = worked_out("litter", litter(date_of_birth=born))
    assert (settled["age"], settled["age_band"]) == (age, band)
    assert (found("litter", litter(date_of_birth=born)) == []) is (band == "adult")


def test_ch1_never_a_penalty_under_ten_or_without_a_date_of_birth():
    for policy in ("refer", "from_16", "from_10"):
        context = at(own=told("LITC", age__policy=policy))
        assert BLOCKED in found("litter", litter(date_of_birth="2017-01-01"), context), policy
        assert ("date_of_birth", "required") in found("litter", litter(date_of_birth=None), context)
    guessed = litter(date_of_birth=None, outcome="refused", age_looks="adult")
    assert worked_out("litter", guessed)["age_band"] == "unknown", "nobody is an adult by guess"


@pytest.mark.parametrize("born", ["2012-01-01", "2009-06-01"])
def test_ch2_nobody_under_eighteen_by_default_and_a_change_names_its_sign_off(born):
    assert found("litter", litter(date_of_birth=born)) == [BLOCKED]
    assert found("litter", litter(date_of_birth=born, outcome="juvenile")) == []
    for row in FORMS.settings.of("age.policy"):
        signed = FORMS.settings.value("age.policy.legal_reference", row.since)
        assert row.value == "refer" or signed, f"{row.value} from {row.since} has no sign-off"


def test_ch3_where_policy_allows_it_a_young_person_needs_a_parent_and_the_youth_team():
    young = at(own=told("LITC", age__policy="from_10"))
    wanted = {"parent_name", "parent_address", "exceptional_reason", "yot_consulted_at"}
    missing = found("litter", litter(date_of_birth="2012-01-01"), young)
    assert {name for name, code in missing if code == "required"} == wanted
    older = found("litter", litter(date_of_birth="2009-06-01"), young)
    assert {name for name, _ in older} == wanted - {"yot_consulted_at"}


def test_ch4_a_protection_notice_goes_to_nobody_under_sixteen():
    assert ("date_of_birth", "constraint") in found("cpn", {"recipient_kind": "person", "date_of_birth": "2010-09-24"})
    assert "date_of_birth" not in dict(found("cpn", {"recipient_kind": "person", "date_of_birth": "2010-09-23"}))
    assert "date_of_birth" not in dict(found("cpn", {"recipient_kind": "body"}))


def test_ch5_no_enforcement_photo_asks_for_a_person():
    for form_id in ("litter", "pspo", "asb"):
        form = FORMS.newest(form_id)
        assert form
        hints = [field.hint or "" for field in form.fields_flat() if field.type == "image"]
        assert hints and all("face" in hint or "not the people" in hint for hint in hints)


@pytest.mark.parametrize(
    ("form_id", "question"), [("litter", "photos"), ("pspo", "photos"), ("asb", "photos"), ("graffiti", "photo_before")]
)
def test_ch5_a_photo_in_which_somebody_looks_under_18_keeps_the_record_from_being_finished(form_id, question):
    def codes(**said: str) -> list[str]:
        given = {question: ["9f86d0"], f"{question}.about": [{"photo": "9f86d0", **said}]}
        return [code for name, code in found(form_id, given) if name == question]

    assert codes(person="under_18") == ["constraint"]
    assert codes(person="adult") == ["required"], "why is a person in it?"
    assert codes(person="adult", person_reason="The only witness, who asked for it") == []
    assert codes(person="no") == []
    asked = ["required"] if form_id != "graffiti" else []  # of a wall it is offered, and costs no tap
    assert codes() == asked


def test_ch5_every_photo_that_a_grown_up_takes_can_be_said_to_show_somebody():
    for form in FORMS:
        photos = [field for field in form.fields_flat() if field.type == "image" and "pupil" not in form.audience]
        for field in photos:
            looks = (field.appearance or "").split()
            assert {"people", "someone"} & set(looks) or form.field("person_in_photo"), f"{form.form_id} {field.name}"


# Community protection ---------------------------------------------------------------------------------------------


def test_fn19_a_protection_notice_needs_a_warning_whose_time_has_passed_and_evidence_after_it():
    good = {
        "warning_ref": "W-26-04-0012",
        "warning_until": "2026-09-10",
        "same_conduct": "yes",
        "still_on": "2026-09-20",
    }
    named = set(good)
    assert not named & set(dict(found("cpn", good)))
    for wrong in (
        {"warning_ref": "none"},
        {"warning_until": "2026-09-23"},
        {"same_conduct": "no"},
        {"still_on": "2026-09-10"},
        {"still_on": "2026-09-24"},
    ):
        assert set(wrong) <= set(dict(found("cpn", {**good, **wrong}))), wrong
    assert named <= {name for name, code in found("cpn", {}) if code == "required"}


def test_fn20_a_protection_notice_states_the_conduct_and_sections_46_to_51():
    form = FORMS.newest("cpn")
    assert form and form.issue
    assert {"conduct", "explains"} <= set(form.issue.must)
    explained = worked_out("cpn", {})["explains"]
    assert "46 to 51" in explained and "21 days" in explained
    assert all(f"s.{number}" in explained for number in (46, 47, 48, 49, 50, 51))


# ASB --------------------------------------------------------------------------------------------------------------

CALM = dict.fromkeys(("q_freq", "q_worse", "q_target", "q_hate", "q_violence", "q_vulnerable", "q_effect"), "s0")


def report(**changes):
    return {
        "category": "noise",
        "asb_type": "nuisance",
        "place_text": "Mercer Street",
        "what": "Loud music until 3 am",
        **CALM,
        "q_support": "s0",
        "reported_to": ["nobody"],
        "anonymous": "yes",
        "received_at": NOON.isoformat(),
        "happened_at": NOON.isoformat(),
        "channel": "patrol",
        **changes,
    }


def test_as1_a_report_is_of_exactly_one_type():
    assert found("asb", report()) == []
    assert found("asb", report(asb_type="")) == [("asb_type", "required")]
    assert found("asb", report(asb_type=["personal", "nuisance"])) == [("asb_type", "type")]


def test_as2_an_anonymous_report_holds_no_person_and_no_phone():
    named = report(
        full_name="Ann Smith", contact_phone="07700 900123", contact_email="a@b.example", address="4 Kiln St"
    )
    kept = worked_out("asb", named)
    assert not {"full_name", "contact_phone", "contact_email", "address", "safe_contact", "role_in_matter"} & set(kept)
    assert found("asb", report(anonymous="no")) == [
        ("role_in_matter", "required"),
        ("full_name", "required"),
        ("safe_contact", "required"),
    ]


@pytest.mark.parametrize(
    "danger",
    [
        {"qualifiers": ["hate"]},
        {"qualifiers": ["alcohol", "weapon"]},
        {"qualifiers": ["domestic"]},
        {"q_hate": "s4"},
        {"q_violence": "s3"},
        {"q_violence": "s5"},
    ],
    ids=str,
)
def test_as3_danger_shows_999_and_101_before_it_can_be_saved(danger):
    form = FORMS.newest("asb")
    assert form
    assert answers.is_relevant(form, report(**danger), "danger", at())
    assert found("asb", report(**danger)) == [("danger_done", "required")]
    assert not answers.is_relevant(form, report(qualifiers=["alcohol"]), "danger", at())


@pytest.mark.parametrize(
    ("raised", "score", "risk"),
    [
        ({}, 0, "standard"),
        ({"q_freq": "s3", "q_target": "s4"}, 7, "standard"),
        ({"q_freq": "s3", "q_effect": "s5"}, 8, "medium"),
        ({"q_freq": "s3", "q_worse": "s3", "q_target": "s4", "q_effect": "s3", "q_support": "s2"}, 15, "high"),
    ],
)
def test_the_risk_is_the_sum_of_eight_answers_and_its_thresholds_are_settings(raised, score, risk):
    settled = worked_out("asb", report(**raised))
    assert (settled["risk_score"], settled["risk"]) == (score, risk)
    assert "risk_score" not in worked_out("asb", {**report(), "q_support": ""}), "not before all eight are answered"
    worst = {name: choices_of(name)[-1] for name in (*CALM, "q_support")}
    assert worked_out("asb", report(**worst))["risk_score"] == 29
    bolder = at(own=told(asb__risk_medium="1"))
    assert worked_out("asb", report(q_freq="s1"), bolder)["risk"] == "medium"


def choices_of(name: str) -> list[str]:
    form = FORMS.newest("asb")
    field = form.field(name) if form else None
    assert field
    return [choice.name for choice in field.choices]


# DP: what kind of record ------------------------------------------------------------------------------------------


def test_dp1_enforcement_is_kept_under_part_3_and_reports_are_not():
    regimes = {form.form_id: form.regime for form in FORMS}
    assert {regimes[name] for name in ("litter", "pspo", "cpw", "cpn", "notice_cancel")} == {"le_part3"}
    assert regimes["asb"] == "uk_gdpr"
    assert all(form.retention in RETENTION for form in FORMS)


def test_dp3_every_suspect_is_labelled():
    for form_id, given in (("litter", litter()), ("graffiti", graffiti()), ("pspo", pspo())):
        assert worked_out(form_id, given)["role_in_matter"] == "suspect"


def test_dp10_no_form_asks_who_somebody_is():
    asked = " ".join(f"{field.name} {field.label}" for form in FORMS for field in form.fields_flat()).lower()
    assert not [word for word in ("ethnic", "religion of", "nationality", "sexuality", "diagnosis") if word in asked]


# Taps -------------------------------------------------------------------------------------------------------------


def test_a_litter_notice_takes_sixteen_taps_and_seventy_letters():
    typed = {"litter_detail": "white", "place_text": "by no. 14", "distance_m": 8, "full_name": "Ann Smith"}
    typed |= {"date_of_birth": "1990-01-01", "address_line": "4 Kiln St", "postcode": "CT12AB"}
    before = 1 + 2 + 1 + 2 + 1  # the tile, the camera and its shutter, nobody in it, both Issue buttons, and Done
    given = {"photos": ["9f86d0"], "photos.about": [nobody_in("9f86d0")], "particulars": PARTICULARS_DRAFTED}
    taps, letters = shortest("litter", typed, given, apart=("full_name",))
    assert before + taps <= 16
    assert letters <= 70


def test_a_report_of_something_slight_takes_fourteen_taps():
    taps, _ = shortest("asb", {"place_text": "Mercer St", "what": "Loud"}, {"anonymous": "yes"}, apart=())
    assert 1 + 1 + taps + 1 <= 14, "the tile, the last answer and Finish beside them"


def shortest(form_id: str, typed: dict, given: dict, apart: tuple[str, ...]) -> tuple[int, int]:
    """Taps and letters of the shortest way. Boxes that follow each other are reached by the keyboard's own Next, those
    in `apart` are not; a group's one button answers what is usual."""
    form = FORMS.newest(form_id)
    assert form
    boxes = [each.name for each in form.fields_flat() if each.name in typed]
    given = {**answers.defaults(form, at()), **given}
    taps, letters, last = 0, 0, ""
    while wrong := answers.problems(form, given, at()):
        field = form.field(wrong[0].field)
        assert field, wrong
        if field.name in typed:
            taps += last == "" or field.name in apart or boxes.index(field.name) != boxes.index(last) + 1
            given[field.name], last = typed[field.name], field.name
            letters += len(str(typed[field.name]).replace("-", ""))
            continue
        taps, last = taps + 1, ""
        if field.usual:
            group = next(each for each in form.fields if field in each.fields)
            given |= {each.name: each.usual for each in group.fields if each.usual}
        else:
            given[field.name] = [field.choices[0].name] if field.type == "select_multiple" else field.choices[0].name
    return taps, letters


PARTICULARS_DRAFTED = "drafted by the phone from the other answers, not typed"
