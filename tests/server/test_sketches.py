"""Drawings for tickets: nothing but our own shapes comes in, and both sides draw the same."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from actors import a_record
from hypothesis import given, settings
from hypothesis import strategies as st

from beatbook.forms import sketch
from beatbook.forms.sketch import NotASketch

CASES = json.loads((Path(__file__).parents[1] / "cases" / "sketches.json").read_text(encoding="utf-8"))
A_STROKE = {"pen": "red", "width": "thick", "points": "10 20 30 40"}
A_STICKER = {"sticker": "car", "x": 400, "y": 300, "size": 2, "turn": 6}


def drawing(*parts: Any, background: str = "street") -> dict[str, Any]:
    return {"background": background, "parts": list(parts) or [A_STROKE, A_STICKER]}


def design(**answers: Any) -> Any:
    given = {"school": "northbrook", "made_by": "northbrook_year4", "drawing": drawing(), **answers}
    return a_record(form="ticket_design", location=None, answers=given)


@pytest.mark.parametrize("case", CASES, ids=[case["says"] for case in CASES])
def test_a_stroke_is_drawn_as_on_the_tablet(case: dict[str, Any]):
    assert sketch.way(case["points"]) == case["way"]


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "<svg onload=alert(1)>",
        {"background": "street"},
        drawing({**A_STROKE, "title": "Sam was here"}),
        drawing({**A_STICKER, "sticker": "<script>"}),
        drawing({**A_STROKE, "pen": "#ff0000"}),
        drawing({**A_STROKE, "points": "1"}),
        drawing({**A_STROKE, "points": "1 601"}),
        drawing({**A_STROKE, "points": "1.5 2"}),
        drawing({**A_STROKE, "points": "1 Sam"}),
        drawing({"text": "Sam", "x": 1, "y": 1}),
        drawing(background="https://example.org/a.png"),
        drawing(*[A_STICKER] * (sketch.MOST_PARTS + 1)),
        drawing(*[{**A_STROKE, "points": "1 2" + " 1 2" * 1000} for _ in range(4)]),
        {**drawing(), "name": "Sam"},
    ],
)
def test_mt1_a_drawing_can_carry_nothing_but_our_own_shapes(raw: Any, pupil):
    with pytest.raises(NotASketch):
        sketch.read(raw)
    (result,) = pupil.send(design(drawing=raw))
    assert result["problem"]["type"] == "/problems/pupil-content"
    assert result["problem"]["kept"] == "nothing"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 600), min_size=2, max_size=120).map(lambda p: p[: len(p) // 2 * 2]), max_size=40)
)
def test_whatever_is_drawn_is_sound_and_small(strokes: list[list[int]]):
    read = sketch.read(
        drawing(
            *[{"pen": "blue", "width": "thin", "points": " ".join(map(str, points))} for points in strokes], A_STICKER
        )
    )
    text = sketch.svg(read)
    assert len(text) <= sketch.MOST_BYTES
    names = {element.tag for element in ElementTree.fromstring(text).iter()}
    assert names <= {"svg", "g", "path"}


def test_the_fullest_drawing_stays_under_sixty_kilobytes():
    points = " ".join(f"{700 + at % 100} {500 + at * 7 % 100}" for at in range(sketch.MOST_POINTS))
    assert 45_000 < len(sketch.svg(sketch.read(drawing({**A_STROKE, "points": points})))) <= 60_000
    with pytest.raises(NotASketch):
        sketch.read(drawing(*[A_STICKER] * 200))


def test_every_sticker_and_background_can_be_drawn():
    for name in sketch.SHAPES["stickers"]:
        for background in sketch.SHAPES["backgrounds"]:
            ElementTree.fromstring(
                sketch.svg(sketch.read(drawing({**A_STICKER, "sticker": name}, background=background)))
            )


def test_a_pupils_tablet_sends_a_design_from_the_classroom_with_no_patrol(pupil):
    (result,) = pupil.send(design(votes=7))
    assert result["status"] == "stored"


@pytest.mark.parametrize("more", [{"name": "Sam"}, {"made_by": "Sam"}, {"votes": "Sam"}, {"school": "seagate"}])
def test_mt1_a_design_has_no_place_for_a_name(pupil, more: dict[str, Any]):
    (result,) = pupil.send(design(**more))
    assert result["problem"]["type"] == "/problems/pupil-content"


def test_mt3_a_design_with_a_place_is_refused(pupil):
    record = a_record(form="ticket_design", answers=json.loads(design().payload)["answers"])
    (result,) = pupil.send(record)
    assert result["problem"]["type"] == "/problems/pupil-place"


def test_a_schools_odd_design_is_kept_with_a_warning(enrolled):
    (result,) = enrolled("school", "Northbrook office").send(design(drawing={"parts": []}))
    assert result["status"] == "stored"
    assert [warning["field"] for warning in result["warnings"]] == ["drawing"]
