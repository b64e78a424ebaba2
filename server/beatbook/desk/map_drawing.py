"""The drawing of a map: squares with numbers over the lines of the grid, known places and a scale, as SVG.

Like the plots it holds no style and no script; map.css colours it by class. It is hidden from readers, for the table
beside it says everything, and so its links are left out of the order of the Tab key.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from ..grid import Square
from . import background
from .background import Background
from .plots import n

if TYPE_CHECKING:
    from .map import Cell

WIDE = 920  # the drawing's own units; the page scales it
SHAPE = 0.6  # how high it is for its width, so that a screen shows all of it
LEAST = 1000  # metres across: less would show nothing to know one's way by
STEPS = 5  # of the ramp
LINES = (100, 500, 1000, 5000, 10_000, 50_000)  # metres between lines of the grid
MOST_LINES = 30
BARS = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)  # metres of the scale
TEXT, LETTER = 13, 8.2  # high, and about as wide as a letter of a name

Box = tuple[float, float, float, float]  # left, top, right and bottom


@dataclass(frozen=True)
class Known:
    """A place by which people know their way."""

    name: str
    easting: float
    northing: float


@dataclass(frozen=True)
class Step:
    """One step of the ramp, for the key."""

    number: int
    least: int
    most: int


@dataclass(frozen=True)
class Drawing:
    svg: Markup
    steps: list[Step]
    credit: str  # whose map pictures are on it


@dataclass(frozen=True)
class Frame:
    """What part of the grid is drawn, and how many of its metres are one unit."""

    west: float
    south: float
    width: float
    height: float

    @property
    def scale(self) -> float:
        return WIDE / self.width

    @property
    def tall(self) -> float:
        return self.height * self.scale

    def x(self, easting: float) -> float:
        return (easting - self.west) * self.scale

    def y(self, northing: float) -> float:
        return (self.south + self.height - northing) * self.scale

    def holds(self, easting: float, northing: float) -> bool:
        return 0 <= easting - self.west <= self.width and 0 <= northing - self.south <= self.height


def draw(cells: Sequence["Cell"], side: int, known: Sequence[Known], behind: Background | None = None) -> Drawing:
    """Numbers come last, so that nothing lies on them."""
    frame = frame_of([cell.square for cell in cells], side)
    most = max(cell.number for cell in cells)
    numbered = [number_box(frame, cell) for cell in cells]
    pictures = list(background.images(frame, behind)) if behind else []
    parts = [*pictures, *lines(frame), *(part for cell in cells for part in square(frame, cell, most))]
    parts += [*places(frame, known, numbered), *scale_bar(frame)]
    parts += [number(frame, cell, most) for cell in cells]
    kind = "map on-pictures" if pictures else "map"
    start = f'<svg class="{kind}" viewBox="0 0 {WIDE} {n(frame.tall)}" aria-hidden="true" focusable="false">'
    svg = Markup(f"{start}{''.join(parts)}</svg>")  # noqa: S704 made of numbers and of text that was escaped
    return Drawing(svg, steps_of(most), behind.credit if behind and pictures else "")


def frame_of(squares: Sequence[Square], side: int) -> Frame:
    """All the squares, with room around them."""
    west, south = min(one.easting for one in squares), min(one.northing for one in squares)
    width = max(one.easting + one.side for one in squares) - west
    height = max(one.northing + one.side for one in squares) - south
    wide = max(width + 2 * side, LEAST, (height + 2 * side) / SHAPE)
    high = wide * SHAPE
    return Frame(west - (wide - width) / 2, south - (high - height) / 2, wide, high)


def step_of(number: int, most: int) -> int:
    return ceil(number * STEPS / most) if number else 0


def steps_of(most: int) -> list[Step]:
    """The steps that some number can have; with few records there are fewer than five."""
    found: dict[int, list[int]] = {}
    for number in range(1, min(most, 5000) + 1):
        found.setdefault(step_of(number, most), []).append(number)
    return [Step(step, numbers[0], numbers[-1]) for step, numbers in found.items()]


def square(frame: Frame, cell: "Cell", most: int) -> Iterator[str]:
    x, y = frame.x(cell.square.easting), frame.y(cell.square.northing + cell.square.side)
    side = n(cell.square.side * frame.scale - 1)
    said = f"{cell.square.words}: {cell.number:,}" + (f", {cell.change}" if cell.change else "")
    yield f'<a class="{class_of(cell, most)}" href="{escape(cell.address)}" tabindex="-1"><title>{escape(said)}</title>'
    yield f'<rect x="{n(x + 0.5)}" y="{n(y + 0.5)}" width="{side}" height="{side}"/></a>'


def number(frame: Frame, cell: "Cell", most: int) -> str:
    left, top, right, bottom = number_box(frame, cell)
    where = f'x="{n((left + right) / 2)}" y="{n(bottom - (bottom - top) * 0.14)}" font-size="{n(bottom - top)}"'
    return f'<text class="map-number {class_of(cell, most)}" {where} text-anchor="middle">{cell.number:,}</text>'


def number_box(frame: Frame, cell: "Cell") -> Box:
    side = cell.square.side * frame.scale
    x, y = frame.x(cell.square.easting) + side / 2, frame.y(cell.square.northing) - side / 2
    letters = len(f"{cell.number:,}")
    high = min(side * 0.46, 22, side / (letters * 0.62))
    wide = letters * high * 0.62
    return (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)


def class_of(cell: "Cell", most: int) -> str:
    return f"ramp-{step_of(cell.number, most)}" + (" map-few" if cell.is_few else "")


def lines(frame: Frame) -> Iterator[str]:
    """Of the grid, each with the digits that its references begin with."""
    step = next((one for one in LINES if frame.width / one <= MOST_LINES), LINES[-1])
    digits = 3 if step < 1000 else 2
    for easting in range(ceil(frame.west / step) * step, int(frame.west + frame.width) + 1, step):
        x = frame.x(easting)
        yield f'<line class="map-line" x1="{n(x)}" x2="{n(x)}" y1="0" y2="{n(frame.tall)}"/>'
        yield label(x + 3, frame.tall - 5, f"{easting % 100_000 // 10:04d}"[:digits])
    for northing in range(ceil(frame.south / step) * step, int(frame.south + frame.height) + 1, step):
        y = frame.y(northing)
        yield f'<line class="map-line" x1="0" x2="{WIDE}" y1="{n(y)}" y2="{n(y)}"/>'
        yield label(4, y - 4, f"{northing % 100_000 // 10:04d}"[:digits])


def places(frame: Frame, known: Sequence[Known], taken: Sequence[Box]) -> Iterator[str]:
    """A mark for each; a name where it would not lie on another, or on a number."""
    boxes = list(taken)
    for place in known:
        if not frame.holds(place.easting, place.northing):
            continue
        x, y = frame.x(place.easting), frame.y(place.northing)
        yield f'<path class="map-place" transform="translate({n(x)} {n(y)})" d="M0-5 5 0 0 5-5 0z"/>'
        wide = len(place.name) * LETTER
        for left in (x + 9, x - 9 - wide):
            box = (left, y - TEXT + 2, left + wide, y + 6)
            if left >= 0 and left + wide <= WIDE and not any(meet(box, other) for other in boxes):
                boxes.append(box)
                yield f'<text class="map-name" x="{n(left)}" y="{n(y + 4)}">{escape(place.name)}</text>'
                break


def meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def scale_bar(frame: Frame) -> Iterator[str]:
    metres = max((one for one in BARS if one * frame.scale <= WIDE / 4), default=BARS[0])
    long = metres * frame.scale
    x, y = WIDE - 16 - long, 26
    words = f"{metres} m" if metres < 1000 else f"{metres // 1000} km"
    yield f'<rect class="map-plate" x="{n(x - 8)}" y="4" width="{n(long + 16)}" height="32" rx="3"/>'
    yield f'<path class="map-bar" d="M{n(x)} {y - 5}v5h{n(long)}v-5"/>'
    yield f'<text class="map-said" x="{n(x + long / 2)}" y="{y - 7}" text-anchor="middle">{words}</text>'


def label(x: float, y: float, words: str) -> str:
    return f'<text class="map-said" x="{n(x)}" y="{n(y)}">{words}</text>'
