"""Sketch: a drawing that can hold nothing but our own shapes, as pupils make them for their tickets.

On the wire it is a small JSON object: a background by name, and parts from back to front. A part is a stroke (a pen's
colour and width by name, and points as digits, "12 40 13 42") or a sticker (by name, with its place, size and turn).
There is no text, no picture and no address in it anywhere, and what is drawn is made here, by our own code, from the
shapes of sketch.json; its twin is pwa/src/studio/sketch.ts. Nothing that came over the wire is ever put into a page as
markup.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

SHAPES: Mapping[str, Any] = json.loads(Path(__file__).with_name("sketch.json").read_text(encoding="utf-8"))
WIDTH, HEIGHT = SHAPES["width"], SHAPES["height"]
MOST_PARTS, MOST_POINTS, MOST_BYTES = SHAPES["limits"]["parts"], SHAPES["limits"]["points"], SHAPES["limits"]["svg"]


class NotASketch(ValueError):
    """Something is in it that our shapes do not know."""


@dataclass(frozen=True)
class Stroke:
    colour: str
    width: str
    points: tuple[int, ...]  # x, y, x, y …


@dataclass(frozen=True)
class Sticker:
    name: str
    x: int
    y: int
    size: int  # which of the sizes
    turn: int  # which of the turns of a full circle


@dataclass(frozen=True)
class Sketch:
    background: str
    parts: tuple[Stroke | Sticker, ...]


def read(raw: object) -> Sketch:
    """A sketch from the wire. Errors: NotASketch for anything that is not exactly one."""
    given = _exactly(raw, {"background", "parts"})
    background = _named(given["background"], "backgrounds")
    listed = given["parts"]
    if not isinstance(listed, list) or len(listed) > MOST_PARTS:
        _refuse("its parts are no list, or too many")
    sketch = Sketch(background, tuple(_part(one) for one in listed))
    if sum(len(one.points) // 2 for one in sketch.parts if isinstance(one, Stroke)) > MOST_POINTS:
        _refuse("it has too many points")
    if len(svg(sketch)) > MOST_BYTES:
        _refuse("it is too large")
    return sketch


def is_one(raw: object) -> bool:
    try:
        read(raw)
    except NotASketch:
        return False
    return True


def svg(sketch: Sketch, *, label: str = "") -> str:
    """The drawing. `label` is what it is called for those who do not see it; it must be escaped already."""
    says = f'role="img" aria-label="{label}"' if label else 'aria-hidden="true"'
    drawn = "".join(_shape(shape) for shape in SHAPES["backgrounds"][sketch.background]["parts"])
    drawn += "".join(_stroke(one) if isinstance(one, Stroke) else _sticker(one) for one in sketch.parts)
    return f'<svg class="sketch" viewBox="0 0 {WIDTH} {HEIGHT}" {says}>{drawn}</svg>'


def way(points: Sequence[int]) -> str:
    """A stroke's path: through the middles between its points, bent towards them, in whole numbers only."""
    pairs = list(zip(points[::2], points[1::2], strict=True))
    path = f"M{pairs[0][0]} {pairs[0][1]}"
    if len(pairs) == 1:
        return f"{path}h0"
    for bend, following in pairwise(pairs[1:]):
        path += f"Q{bend[0]} {bend[1]} {(bend[0] + following[0]) // 2} {(bend[1] + following[1]) // 2}"
    return f"{path}L{pairs[-1][0]} {pairs[-1][1]}"


# Reading ----------------------------------------------------------------------------------------------------------


def _part(raw: object) -> Stroke | Sticker:
    if isinstance(raw, dict) and "sticker" in raw:
        given = _exactly(raw, {"sticker", "x", "y", "size", "turn"})
        return Sticker(
            _named(given["sticker"], "stickers"),
            _whole(given["x"], WIDTH),
            _whole(given["y"], HEIGHT),
            _whole(given["size"], len(SHAPES["sizes"]) - 1),
            _whole(given["turn"], SHAPES["turns"] - 1),
        )
    given = _exactly(raw, {"pen", "width", "points"})
    points = given["points"]
    if not isinstance(points, str) or len(points) > 8 * MOST_POINTS or not _POINTS.fullmatch(points):
        _refuse("a stroke needs points, two numbers each")
    return Stroke(
        _named(given["pen"], "colours"),
        _named(given["width"], "widths"),
        tuple(_whole(int(number), HEIGHT if at % 2 else WIDTH) for at, number in enumerate(points.split(" "))),
    )


_POINTS = re.compile(r"[0-9]{1,3} [0-9]{1,3}( [0-9]{1,3} [0-9]{1,3})*")


def _exactly(raw: object, keys: set[str]) -> dict[str, object]:
    if not isinstance(raw, dict) or set(raw) != keys:
        _refuse(f"it should hold {', '.join(sorted(keys))} and nothing else")
    return raw


def _named(raw: object, among: str) -> str:
    if not isinstance(raw, str) or raw not in SHAPES[among]:
        _refuse(f"a name is not among the {among}")
    return raw


def _whole(raw: object, most: int) -> int:
    if not isinstance(raw, int) or isinstance(raw, bool) or not 0 <= raw <= most:
        _refuse(f"a number is not from 0 to {most}")
    return raw


def _refuse(why: str) -> NoReturn:
    raise NotASketch(why)


# Drawing ----------------------------------------------------------------------------------------------------------


ROUND = 'stroke-linejoin="round" stroke-linecap="round"'


def _stroke(one: Stroke) -> str:
    colour, width = SHAPES["colours"][one.colour]["hex"], SHAPES["widths"][one.width]["px"]
    return f'<path d="{way(one.points)}" fill="none" stroke="{colour}" stroke-width="{width}" {ROUND}/>'


def _sticker(one: Sticker) -> str:
    turn, scale = one.turn * 360 // SHAPES["turns"], SHAPES["sizes"][one.size] / 100
    drawn = "".join(_shape(shape) for shape in SHAPES["stickers"][one.name]["parts"])
    return f'<g transform="translate({one.x} {one.y}) rotate({turn}) scale({scale:g})">{drawn}</g>'


def _shape(shape: Mapping[str, Any]) -> str:
    line = ""
    if "stroke" in shape:
        line = f' stroke="{shape["stroke"]}" stroke-width="{shape["width"]}" {ROUND}'
    return f'<path d="{shape["d"]}" fill="{shape["fill"]}"{line}/>'
