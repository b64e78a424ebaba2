"""The desk's figures: what is drawn is what the table says, and a title is a sentence."""

from xml.etree import ElementTree

import pytest

from beatbook.desk import plots
from beatbook.desk.pages import TEMPLATES
from beatbook.desk.plots import Series

SHAPE = "{http://www.w3.org/2000/svg}"


def drawn(plot: plots.Plot) -> ElementTree.Element:
    return ElementTree.fromstring(str(plot.drawing).replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1))


def test_bars_are_as_long_as_their_numbers():
    values = [("Zig-zags", 8), ("Bus stop", 4), ("Corner", 0)]
    plot = plots.bars("Most were on the zig-zags.", "Reason", values, unit="tickets")
    lengths = [float(bar.get("width", "")) for bar in drawn(plot).iter(f"{SHAPE}rect")]
    assert lengths[0] == pytest.approx(2 * lengths[1], abs=0.2) and lengths[2] == 0
    assert plot.rows == [("Zig-zags", ["8"]), ("Bus stop", ["4"]), ("Corner", ["0"])]


def test_columns_stand_on_one_another_and_reach_their_sum():
    plot = plots.columns("Red fell.", "Week", ["7 Sep"], [Series("Red", [3]), Series("Green", [5])], unit="tickets")
    boxes = [box for box in drawn(plot).iter(f"{SHAPE}rect") if float(box.get("height", "")) != 14]
    (low, high) = boxes
    assert float(high.get("y", "")) + float(high.get("height", "")) == pytest.approx(float(low.get("y", "")), abs=0.2)
    assert float(low.get("height", "")) / float(high.get("height", "")) == pytest.approx(3 / 5, abs=0.02)


def test_a_gap_in_the_numbers_is_a_gap_in_the_line_and_not_a_zero():
    plot = plots.lines("It rose.", "Week", list("abcd"), [Series("Share", [10, 20, None, 40])], unit="%")
    ways = [line.get("points", "").count(",") for line in drawn(plot).iter(f"{SHAPE}polyline")]
    assert ways == [2] and len(list(drawn(plot).iter(f"{SHAPE}path"))) == 3
    assert plot.rows[2] == ("c", ["–"])


@pytest.mark.parametrize("most", [0.3, 1, 7, 9, 10, 41, 99, 1234])
def test_a_scale_reaches_above_the_most_in_a_few_round_steps(most: float):
    scale = plots.scale_to(most, whole=False)
    assert scale.most >= most and 2 <= len(list(scale.ticks())) <= 7


def test_a_figure_says_in_words_what_it_draws():
    plot = plots.bars("<b>& more.", "Reason", [("<script>", 2)], unit="tickets")
    page = TEMPLATES.from_string('{% from "plots.html" import plot %}{{ plot(figure) }}').render(figure=plot)
    assert "&lt;b&gt;&amp; more." in page and "<script>" not in page and "<table>" in page
    assert ' style="' not in page
    empty = plots.lines("Nothing yet.", "Week", [], [Series("Share", [])], unit="%")
    assert "no numbers yet" in TEMPLATES.from_string('{% from "plots.html" import plot %}{{ plot(f) }}').render(f=empty)


def test_the_change_is_told_as_a_sentence():
    assert plots.change(9, 2, "Cars on the zig-zags", "7 Sep") == "Cars on the zig-zags fell from 9 to 2 since 7 Sep."
    assert plots.change(2, 2, "Cars", "May") == "Cars stayed at 2 since May."
