"""Background: the map pictures behind the squares of the map, where a council has some.

They come from the council's own file, which tells nobody what is looked at, or from an address that it set. Web maps
are squares of another projection than the grid, so each picture is turned and stretched a little into its place. That
is done here and not in the browser, so that the map needs no script, and prints as it is seen.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import asinh, atan, cos, degrees, log2, pi, radians, sinh, tan
from typing import TYPE_CHECKING

from markupsafe import escape
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from .. import basemap, grid
from ..office import Office
from ..people import May
from ..problems import NotFound
from ..settings import Settings
from .session import office_of, person_required

if TYPE_CHECKING:
    from .map_drawing import Frame

TILE = 256  # pixels
SEAM = 0.5  # pixels by which a picture lies over the next one, so that no line of paper shows between two
ROUND = 40_075_016.7  # metres around the equator
CLOSEST = 16  # of an address: street names can be read, and providers ask nothing for it
LOOKED_AT = {"Cache-Control": "private, max-age=31536000, immutable"}  # the address names the version of the file


@dataclass(frozen=True)
class Background:
    credit: str
    closest: int  # zoom
    address: Callable[[int, int, int], str | None]  # of the picture at zoom, x and y; None where there is none


def of(office: Office) -> Background | None:
    """What to draw behind the squares, if there is anything."""
    return from_file(office.settings) or from_address(office.settings)


@person_required(May.READ_RECORDS, by_itself=True)
async def show(request: Request) -> Response:
    """One picture of the council's file."""
    asked = [request.path_params[name] for name in ("zoom", "x", "y")]
    if not all(re.fullmatch(r"\d{1,9}", part, re.ASCII) for part in asked):
        raise NotFound
    zoom, x, y = map(int, asked)

    def read() -> tuple[bytes, str] | None:
        found = pictures(office_of(request).settings)
        if found is None:
            return None
        picture = found[1].get(zoom, x, y)
        return (picture, found[1].media_type) if picture is not None else None

    found = await run_in_threadpool(read)
    if found is None:
        raise NotFound
    return Response(found[0], media_type=found[1], headers=LOOKED_AT)


def from_file(settings: Settings) -> Background | None:
    found = pictures(settings)
    if found is None:
        return None
    version, inside = found

    def address(zoom: int, x: int, y: int) -> str | None:
        return f"/desk/map/{version}/{zoom}/{x}/{y}" if inside.has(zoom, x, y) else None

    return Background(inside.credit, inside.closest, address)


def pictures(settings: Settings) -> tuple[str, basemap.Pictures] | None:
    """The version of the council's file, and what is in it."""
    try:
        found = basemap.at(settings.pmtiles)
    except basemap.NotAMap:
        return None
    inside = basemap.pictures_of(found) if found else None
    return (found.version, inside) if found and inside else None


def from_address(settings: Settings) -> Background | None:
    template = settings.map_tiles

    def address(zoom: int, x: int, y: int) -> str:
        return template.replace("{z}", str(zoom)).replace("{x}", str(x)).replace("{y}", str(y))

    return Background(settings.map_credit, CLOSEST, address) if template else None


# Drawing ----------------------------------------------------------------------------------------------------------


def images(frame: "Frame", background: Background) -> Iterator[str]:
    """The pictures that lie in the frame, as parts of its SVG."""
    zoom = zoom_of(frame, background.closest)
    east, north = frame.west + frame.width, frame.south + frame.height
    corners = [tile_at(*grid.degrees_of(x, y), zoom) for x in (frame.west, east) for y in (frame.south, north)]
    xs, ys = [int(x) for x, _ in corners], [int(y) for _, y in corners]
    for y in range(min(ys), max(ys) + 1):
        for x in range(min(xs), max(xs) + 1):
            place = matrix(frame, zoom, x, y)
            address = background.address(zoom, x, y) if place else None
            if address is not None:
                side = TILE + SEAM
                yield (
                    f'<image class="map-picture" href="{escape(address)}" width="{side}" height="{side}"'
                    f' preserveAspectRatio="none" transform="matrix({place})"/>'
                )


def zoom_of(frame: "Frame", closest: int) -> int:
    """The zoom whose pixels are about as large as the drawing's units."""
    latitude, _ = grid.degrees_of(frame.west + frame.width / 2, frame.south + frame.height / 2)
    metres_a_unit = 1 / frame.scale
    return min(round(log2(ROUND * cos(radians(latitude)) / TILE / metres_a_unit)), closest)


def matrix(frame: "Frame", zoom: int, x: int, y: int) -> str | None:
    """How a picture of 256 pixels comes to lie where it belongs; None outside the frame."""

    def at(right: int, down: int) -> tuple[float, float]:
        easting, northing = grid.metres(*corner_of(x + right, y + down, zoom))
        return frame.x(easting), frame.y(northing)

    (left, top), right, below, last = at(0, 0), at(1, 0), at(0, 1), at(1, 1)
    xs, ys = (left, right[0], below[0], last[0]), (top, right[1], below[1], last[1])
    if max(xs) < 0 or min(xs) > frame.scale * frame.width or max(ys) < 0 or min(ys) > frame.tall:
        return None
    across, down = ((right[0] - left, right[1] - top), (below[0] - left, below[1] - top))
    numbers = (*(part / TILE for part in (*across, *down)), left, top)
    return " ".join(f"{number:.5f}" for number in numbers)


def tile_at(latitude: float, longitude: float, zoom: int) -> tuple[float, float]:
    """Where a place lies among the pictures of a zoom, counted from the north-west of the world."""
    across = 2**zoom
    return (longitude + 180) / 360 * across, (1 - asinh(tan(radians(latitude))) / pi) / 2 * across


def corner_of(x: float, y: float, zoom: int) -> tuple[float, float]:
    """Latitude and longitude of the north-west corner of a picture."""
    across = 2**zoom
    return degrees(atan(sinh(pi * (1 - 2 * y / across)))), x / across * 360 - 180
