"""Plots: figures as drawings that the server makes, each with a sentence for a title and a table that says the same.

`bars` compares things by name, `columns` shows whole numbers over time, one above the other, `lines` shows shares over
time. The template's `plot(figure)` of plots.html puts title, drawing and table on the page. A drawing holds no style
and no script: its colours and dashes come from plots.css by class, and every series is told apart without colour too.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

Number = float | int

WIDTH = 640  # the drawing's own units; the page scales it
LEFT, RIGHT, TOP = 44, 12, 14  # room for the scale, the last label, and half a line of text
TALL = 190  # of the plot itself, without labels
ROW, BAR = 30, 20  # one bar of `bars` with its space, and the bar alone
LETTER = 7.4  # about as wide as a letter of the labels
NAMES = 210  # most room for the names beside bars
STEPS = (1, 2, 5)  # a scale reads easily in steps of these


@dataclass(frozen=True)
class Series:
    name: str
    values: Sequence[Number | None]  # None: nothing is known there, which is not the same as 0


@dataclass(frozen=True)
class Plot:
    """`title` is a whole sentence that says what is to be seen, such as “Red tickets fell by 4 since May.”"""

    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    unit: str  # of the numbers: "tickets", or "%", which stands behind them
    heading: str  # what the labels are: "Week", "Reason"
    drawing: Markup

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """The table's: each label and what every series has there."""
        return [
            (label, [said(one.values[at], self.unit) for one in self.series]) for at, label in enumerate(self.labels)
        ]

    @property
    def is_empty(self) -> bool:
        return not any(value is not None for one in self.series for value in one.values)


def bars(title: str, heading: str, values: Sequence[tuple[str, Number | None]], *, unit: str) -> Plot:
    """One bar for each name, in the order given, with its number behind it."""
    labels, numbers = [name for name, _ in values], [value for _, value in values]
    most = max([value for value in numbers if value is not None] + [100 if unit == "%" else 1])
    start = min(NAMES, max((len(label) for label in labels), default=0) * LETTER + 12)
    room = WIDTH - start - 64
    parts = []
    for at, (label, value) in enumerate(values):
        y = at * ROW
        parts.append(text(start - 8, y + 19, shortened(label, start), anchor="end"))
        if value is not None:
            length = max(room * value / most, 2 if value else 0)
            parts.append(f'<rect class="plot-0" x="{n(start)}" y="{y + 5}" width="{n(length)}" height="{BAR}" rx="3"/>')
            parts.append(text(start + length + 6, y + 19, said(value, unit), weight="bold"))
        else:
            parts.append(text(start + 6, y + 19, "not known", quiet=True))
    return Plot(title, labels, [Series(unit_name(unit), numbers)], unit, heading, svg(len(values) * ROW + 4, parts))


def columns(title: str, heading: str, labels: Sequence[str], series: Sequence[Series], *, unit: str) -> Plot:
    """Whole numbers over time; several series stand on one another."""
    sums = [sum(one.values[at] or 0 for one in series) for at in range(len(labels))]
    scale = scale_to(max([*sums, 1]), whole=True)
    parts = [*grid_of(scale, unit), *labels_below(labels)]
    step = step_of(labels)
    wide = min(step * 0.68, 56)
    for at in range(len(labels)):
        foot = 0.0
        for number, one in enumerate(series):
            value = one.values[at] or 0
            if value:
                y, height = down(foot + value, scale), down(foot, scale) - down(foot + value, scale)
                parts.append(
                    f'<rect class="plot-{number}" x="{n(centre(at, step) - wide / 2)}" y="{n(y)}" '
                    f'width="{n(wide)}" height="{n(height)}"/>'
                )
                foot += value
        if sums[at] and len(labels) <= 16:
            parts.append(text(centre(at, step), down(sums[at], scale) - 4, said(sums[at], unit), anchor="middle"))
    parts += key_of(series) if len(series) > 1 else []
    return Plot(title, labels, series, unit, heading, svg(height_of(series), parts))


def lines(title: str, heading: str, labels: Sequence[str], series: Sequence[Series], *, unit: str) -> Plot:
    """How numbers went over time. A gap in the numbers is a gap in the line."""
    known = [value for one in series for value in one.values if value is not None]
    scale = scale_to(100 if unit == "%" else max([*known, 1]), whole=False)
    parts = [*grid_of(scale, unit), *labels_below(labels)]
    step = step_of(labels)
    for number, one in enumerate(series):
        points = [(centre(at, step), down(value, scale)) for at, value in enumerate(one.values) if value is not None]
        for run in runs_of(one.values):
            way = " ".join(f"{n(centre(at, step))},{n(down(value, scale))}" for at, value in run)
            if len(run) > 1:
                parts.append(f'<polyline class="line-{number}" points="{way}"/>')
        parts += [marker(number, x, y) for x, y in points]
        if points and len(series) == 1:
            parts.append(text(points[-1][0], points[-1][1] - 9, said(last_of(one), unit), anchor="middle"))
    parts += key_of(series, of_lines=True) if len(series) > 1 else []
    return Plot(title, labels, series, unit, heading, svg(height_of(series), parts))


# In words ---------------------------------------------------------------------------------------------------------


def said(value: Number | None, unit: str) -> str:
    """81 %; 12; – where nothing is known."""
    if value is None:
        return "–"
    number = f"{value:,.0f}" if float(value).is_integer() or unit == "%" else f"{value:,.1f}"
    return f"{number}%" if unit == "%" else number


def unit_name(unit: str) -> str:
    return "Share" if unit == "%" else unit[:1].upper() + unit[1:]


def change(before: Number, after: Number, what: str, since: str) -> str:
    """The sentence for a title: “Cars on the zig-zags fell from 9 to 2 since Mon 7 Sep.”"""
    if before == after:
        return f"{what} stayed at {said(after, '')} since {since}."
    return f"{what} {'fell' if after < before else 'rose'} from {said(before, '')} to {said(after, '')} since {since}."


# Drawing ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scale:
    most: float
    step: float

    def ticks(self) -> Iterator[float]:
        for number in range(round(self.most / self.step) + 1):
            yield number * self.step


def scale_to(most: Number, *, whole: bool) -> Scale:
    """From 0 to a round number above the most, in four steps or so."""
    rough = most / 4
    power = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
    step = next((factor * power for factor in STEPS if factor * power >= rough), 10 * power)
    step = max(step, 1.0) if whole else step
    return Scale(math.ceil(most / step) * step, step)


def down(value: Number, scale: Scale) -> float:
    return TOP + TALL * (1 - value / scale.most)


def step_of(labels: Sequence[str]) -> float:
    return (WIDTH - LEFT - RIGHT) / max(len(labels), 1)


def centre(at: int, step: float) -> float:
    return LEFT + (at + 0.5) * step


def grid_of(scale: Scale, unit: str) -> Iterator[str]:
    for tick in scale.ticks():
        y = down(tick, scale)
        yield f'<line class="plot-grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{n(y)}" y2="{n(y)}"/>'
        yield text(LEFT - 6, y + 4, said(tick, unit), anchor="end", quiet=True)


def labels_below(labels: Sequence[str]) -> Iterator[str]:
    """As many as fit beside one another; the last is always there."""
    step = step_of(labels)
    every = max(1, math.ceil((max((len(label) for label in labels), default=1) * LETTER + 8) / step))
    for at, label in enumerate(labels):
        if (len(labels) - 1 - at) % every == 0:
            yield text(centre(at, step), TOP + TALL + 19, label, anchor="middle", quiet=True)


def key_of(series: Sequence[Series], *, of_lines: bool = False) -> Iterator[str]:
    x, y = float(LEFT), TOP + TALL + 40
    for number, one in enumerate(series):
        if of_lines:
            yield f'<polyline class="line-{number}" points="{n(x)},{y - 4} {n(x + 22)},{y - 4}"/>'
            yield marker(number, x + 11, y - 4)
        else:
            yield f'<rect class="plot-{number}" x="{n(x)}" y="{y - 11}" width="14" height="14"/>'
        yield text(x + (28 if of_lines else 20), y + 1, one.name)
        x += (46 if of_lines else 38) + len(one.name) * LETTER


def height_of(series: Sequence[Series]) -> float:
    return TOP + TALL + (50 if len(series) > 1 else 26)


def runs_of(values: Sequence[Number | None]) -> list[list[tuple[int, Number]]]:
    """Neighbours that are known, together."""
    known = [(at, value) for at, value in enumerate(values) if value is not None]
    runs: list[list[tuple[int, Number]]] = [known[:1]] if known else []
    for before, point in pairwise(known):
        if point[0] == before[0] + 1:
            runs[-1].append(point)
        else:
            runs.append([point])
    return runs


def last_of(one: Series) -> Number | None:
    return next((value for value in reversed(one.values) if value is not None), None)


def marker(number: int, x: float, y: float) -> str:
    """A shape for each series: disc, square, diamond, triangle."""
    shapes = ("M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z", "M-4-4h8v8h-8z", "M0-5 5 0 0 5-5 0z", "M0-5 5 4h-10z")
    return f'<path class="mark-{number}" transform="translate({n(x)} {n(y)})" d="{shapes[number % len(shapes)]}"/>'


def text(x: float, y: float, words: str, *, anchor: str = "start", weight: str = "", quiet: bool = False) -> str:
    bold = f' font-weight="{weight}"' if weight else ""
    tone = ' class="plot-quiet"' if quiet else ""
    return f'<text x="{n(x)}" y="{n(y)}" text-anchor="{anchor}"{bold}{tone}>{escape(words)}</text>'


def shortened(label: str, room: float) -> str:
    most = int((room - 8) / LETTER)
    return label if len(label) <= most else label[: most - 1] + "…"


def svg(height: float, parts: Sequence[str]) -> Markup:
    """Hidden from readers: the title and the table beside it say everything."""
    start = f'<svg class="plot" viewBox="0 0 {WIDTH} {n(height)}" aria-hidden="true" focusable="false">'
    return Markup(f"{start}{''.join(parts)}</svg>")  # noqa: S704 made of numbers and of text that was escaped


def n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
