"""The expressions of forms: the cases shared with the phone, and the sentences that authors of forms get."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatbook.forms.expressions import Context, Expression, ExpressionError, pattern_problem

CASES = [
    case
    for case in json.loads((Path(__file__).parents[1] / "cases/expressions.json").read_text())
    if "says" not in case
]
NOW = "2026-09-23T12:10:05+01:00"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("case", CASES, ids=[f"{n} {case['expression']}" for n, case in enumerate(CASES)])
def test_an_expression_means_the_same_here_as_on_the_phone(case):
    if "error" in case:
        with pytest.raises(ExpressionError) as refused:
            Expression.parse(case["expression"])
        assert refused.value.column == case["error"]
    else:
        result = Expression.parse(case["expression"]).evaluate(context_of(case))
        assert (result, type(result) is bool) == (case["result"], type(case["result"]) is bool)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("${a} == 1", "a value is missing before = Write = once."),
        ("${a} / 2", "unexpected / Write div to divide, and ${name} instead of a path."),
        ("${a} AND ${b}", "unexpected AND Write and."),
        ("selectd(${a}, 'x')", "unknown function selectd() Did you mean selected()?"),
        ("‘x’ = ${a}", "unexpected ‘ Use straight quotes."),
        ("regex(${a}, ${b})", "the pattern of regex() must be a text in quotes "),
        ("jr:choice-name(${a}, 'a')", "jr:choice-name() takes an answer and '${name}' in quotes "),
        (
            "pulldata(${list}, 'town', 'name', 'x')",
            "pulldata() takes a list and two of its columns in quotes "
            "For example: pulldata('schools', 'town', 'name', ${school_id}).",
        ),
        ("1 + (2", "a closing bracket is missing "),
    ],
)
def test_a_wrong_expression_is_refused_with_words_that_help(text, sentence):
    with pytest.raises(ExpressionError) as refused:
        Expression.parse(text)
    assert f"{refused.value.message} {refused.value.hint}" == sentence


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+",
        "(a|aa)*",
        "((a?){0,9}){0,9}",
        "a*a*a*a*b",
        "(?=a)b",
        r"(a)\1",
        r"\s+",
        r"a\-b",
        "(a",
        "[z-a]",
        "a{",
        "(?P<n>a)",
        r"[\d-x]",
    ],
)
def test_a_pattern_that_python_and_javascript_read_differently_or_that_can_hang_is_refused(pattern):
    assert pattern_problem(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}",
        r"\d{2}/\d{6}/\d{2}",
        "(ab)+",
        "(cat|dog)s?",
        "[^@ ]+@[^@ ]+[.][^@ ]+",
        r"[A-Z'\- ]{2,120}",
    ],
)
def test_the_patterns_of_references_and_postcodes_are_fine(pattern):
    assert pattern_problem(pattern) is None


def test_an_expression_knows_which_fields_it_names_and_where():
    expression = Expression.parse("if(${kind} = 'tag', count(${photos}), ${size})")
    assert expression.references() == {"kind", "photos", "size"}
    assert [(mention.name, mention.column, mention.every) for mention in expression.mentions] == [
        ("kind", 4, False),
        ("photos", 27, True),
        ("size", 39, False),
    ]


def test_a_very_long_or_deep_expression_is_refused_rather_than_exhausting_the_stack():
    assert Expression.parse("+".join(["1"] * 200)).evaluate(context_of({})) == 200
    for text in ("+".join(["1"] * 300), "(" * 300 + "1" + ")" * 300):
        with pytest.raises(ExpressionError):
            Expression.parse(text)


def test_a_choice_is_named_by_its_label():
    context = Context(
        now=datetime.now(UTC), answers={"kind": "throw_up"}, label=lambda name, code: f"{name}: Large letters"
    )
    assert Expression.parse("jr:choice-name(${kind}, '${kind}')").evaluate(context) == "kind: Large letters"


@given(st.dictionaries(st.sampled_from(["a", "b", "people"]), json_values), json_values)
def test_no_answer_whatever_makes_an_expression_raise(answers, this):
    context = Context(now=datetime.now(UTC), answers=answers, this=this, homes={"b": ("people",)}, path=("people", 0))
    for case in CASES:
        if "error" not in case and "regex" not in case["expression"]:
            Expression.parse(case["expression"]).evaluate(context)


def context_of(case: dict) -> Context:
    return Context(
        now=datetime.fromisoformat(case.get("now", NOW)),
        answers=case.get("answers", {}),
        this=case.get("this", ""),
        settings=in_force(case["settings"]) if "settings" in case else None,
        on=date.fromisoformat(case["on"]) if "on" in case else None,
        path=tuple(case.get("path", ())),
        homes={name: tuple(home) for name, home in case.get("homes", {}).items()},
        columns=case.get("columns", {}),
        lists=case.get("lists", {}),
    )


def in_force(settings: dict):
    """Settings whose values change on a date, the newest last."""

    def setting(key: str, on: date):
        values = [value for start, value in settings.get(key, []) if start <= on.isoformat()]
        return values[-1] if values else None

    return setting
