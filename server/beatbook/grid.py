"""Grid: the British National Grid reference of a position, because that is what crews and maps here use.

Ordnance Survey, "A guide to coordinate systems in Great Britain": WGS84 to OSGB36 by the seven-parameter Helmert shift
(good to about 5 m, so a reference is given to 10 m and no finer), then the Transverse Mercator projection. The phone's
twin is pwa/src/gridref.ts; both pass every point of tests/cases/grid.json.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from math import atan2, cos, hypot, pi, radians, sin, sqrt, tan

WGS84 = (6378137.0, 6356752.314245)
AIRY = (6377563.396, 6356256.909)
LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"  # the grid has no I
EAST, NORTH = 700_000, 1_300_000  # how far the grid goes
SIDES = (100, 250, 500, 1000, 2000, 5000, 10_000)  # metres, of the squares that maps count by
CELL, BLOCK, AREA = 50, 250, 1000  # metres, of the squares that records are counted by; every side is made of cells
PATCH = 100  # patches to a degree


@dataclass(frozen=True, order=True)
class Square:
    """A square of the grid by its south-west corner, in metres."""

    easting: int
    northing: int
    side: int

    def __str__(self) -> str:
        """`TR14805790-100`: the corner to 10 m and the side, as it stands in addresses."""
        return f"{self.letters}{self._east:04d}{self._north:04d}-{self.side}"

    @property
    def letters(self) -> str:
        return square(self.easting, self.northing)

    @property
    def words(self) -> str:
        """`TR 148 579`, no finer than the square needs."""
        digits = 2 if self.side % 1000 == 0 else 3 if self.side % 100 == 0 else 4
        east, north = (f"{part:04d}"[:digits] for part in (self._east, self._north))
        return f"{self.letters} {east} {north}"

    @property
    def size(self) -> str:
        return f"{self.side} m" if self.side < 1000 else f"{self.side // 1000} km"

    @property
    def _east(self) -> int:
        return self.easting % 100_000 // 10

    @property
    def _north(self) -> int:
        return self.northing % 100_000 // 10


def square_of(latitude: float, longitude: float, side: int) -> Square | None:
    """The square in which a position lies, or None outside the grid."""
    easting, northing = quick_metres(latitude, longitude)
    return square_at(easting, northing, side) if is_on(easting, northing) else None


def square_at(easting: float, northing: float, side: int) -> Square:
    return Square(int(easting // side * side), int(northing // side * side), side)


def quick_square(latitude: float | None, longitude: float | None) -> Square | None:
    """The square of 50 m in which a position lies; None outside the grid."""
    return None if latitude is None or longitude is None else square_of(latitude, longitude, CELL)


def number_of(of: Square) -> int:
    """A square among those of its side, as one number; see `square_numbered`."""
    return of.easting // of.side * ROW + of.northing // of.side


def square_numbered(number: int, side: int) -> Square:
    return Square(number // ROW * side, number % ROW * side, side)


ROW = 100_000  # more than there are squares of 50 m from south to north


def around(of: Square, side: int) -> Square:
    """The square of a larger side in which one lies."""
    return square_at(of.easting, of.northing, side)


def is_on(easting: float, northing: float) -> bool:
    """Whether a point is on the grid at all."""
    return 0 <= easting < EAST and 0 <= northing < NORTH


def read_square(text: str) -> Square | None:
    """What `str(square)` gave; None for anything else."""
    found = re.fullmatch(r"([A-HJ-Z]{2})(\d{4})(\d{4})-(\d{3,5})", text)
    if found is None or int(found[4]) not in SIDES:
        return None
    first, second = (LETTERS.index(letter) for letter in found[1])
    easting = (first % 5 * 5 - 10 + second % 5) * 100_000 + int(found[2]) * 10
    northing = (19 - first // 5 * 5 - second // 5) * 100_000 + int(found[3]) * 10
    made = Square(easting, northing, int(found[4]))
    is_one = easting % made.side == northing % made.side == 0 and is_on(easting, northing)
    return made if is_one and str(made) == text else None


def reference(latitude: float, longitude: float) -> str | None:
    """`TR 1480 5792`, or None outside the grid."""
    easting, northing = metres(latitude, longitude)
    if not is_on(easting, northing):
        return None
    return f"{square(easting, northing)} {int(easting % 100_000 // 10):04d} {int(northing % 100_000 // 10):04d}"


def of(latitude: float | None, longitude: float | None) -> str | None:
    return None if latitude is None or longitude is None else reference(latitude, longitude)


def metres(latitude: float, longitude: float) -> tuple[float, float]:
    """Easting and northing on the National Grid."""
    return projected(*geographic(*shifted(*cartesian(radians(latitude), radians(longitude)))))


def quick_metres(latitude: float, longitude: float) -> tuple[float, float]:
    """The same to 5 cm, between the corners of a patch of a hundredth of a degree; a map has thousands of positions."""
    row, line = latitude * PATCH // 1, longitude * PATCH // 1
    north, east = latitude * PATCH - row, longitude * PATCH - line
    south_west, south_east, north_west, north_east = patch(int(row), int(line))
    weights = ((1 - north) * (1 - east), (1 - north) * east, north * (1 - east), north * east)
    corners = (south_west, south_east, north_west, north_east)
    return (
        sum(weight * corner[0] for weight, corner in zip(weights, corners, strict=True)),
        sum(weight * corner[1] for weight, corner in zip(weights, corners, strict=True)),
    )


@lru_cache(maxsize=10_000)
def patch(row: int, line: int) -> tuple[tuple[float, float], ...]:
    return tuple(metres((row + up) / PATCH, (line + along) / PATCH) for up in (0, 1) for along in (0, 1))


def degrees_of(easting: float, northing: float) -> tuple[float, float]:
    """Latitude and longitude of a point of the grid: the way back, found by going there."""
    latitude, longitude = 49 + (northing + 100_000) / 111_200, -2 + (easting - 400_000) / 70_000
    for _ in range(5):  # each round squares what is missing
        east, north = metres(latitude, longitude)
        (e_lat, e_lon), (n_lat, n_lon) = slopes(latitude, longitude)
        whole = e_lat * n_lon - e_lon * n_lat
        latitude += ((easting - east) * n_lon - (northing - north) * e_lon) / whole
        longitude += ((northing - north) * e_lat - (easting - east) * n_lat) / whole
    return latitude, longitude


def slopes(latitude: float, longitude: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Metres to a degree: easting by latitude and by longitude, then northing by both."""
    little = 1e-4
    up, down = metres(latitude + little, longitude), metres(latitude - little, longitude)
    right, left = metres(latitude, longitude + little), metres(latitude, longitude - little)
    across = 2 * little
    return (
        ((up[0] - down[0]) / across, (right[0] - left[0]) / across),
        ((up[1] - down[1]) / across, (right[1] - left[1]) / across),
    )


def square(easting: float, northing: float) -> str:
    """The two letters of a square of 100 km: first its square of 500 km, then the square in that."""
    east, north = int(easting // 100_000), int(northing // 100_000)
    first = (19 - north) - (19 - north) % 5 + (east + 10) // 5
    second = (19 - north) * 5 % 25 + east % 5
    return LETTERS[first] + LETTERS[second]


def cartesian(latitude: float, longitude: float) -> tuple[float, float, float]:
    a, b = WGS84
    squared = 1 - (b * b) / (a * a)
    nu = a / sqrt(1 - squared * sin(latitude) ** 2)
    return (
        nu * cos(latitude) * cos(longitude),
        nu * cos(latitude) * sin(longitude),
        (1 - squared) * nu * sin(latitude),
    )


def shifted(x: float, y: float, z: float) -> tuple[float, float, float]:
    scale = 1 + 20.4894e-6
    rx, ry, rz = (radians(seconds / 3600) for seconds in (-0.1502, -0.247, -0.8421))
    return (
        -446.448 + scale * x - rz * y + ry * z,
        125.157 + rz * x + scale * y - rx * z,
        -542.06 - ry * x + rx * y + scale * z,
    )


def geographic(x: float, y: float, z: float) -> tuple[float, float]:
    a, b = AIRY
    squared = 1 - (b * b) / (a * a)
    from_axis = hypot(x, y)
    latitude = atan2(z, from_axis * (1 - squared))
    for _ in range(6):  # six rounds settle to far below a millimetre
        nu = a / sqrt(1 - squared * sin(latitude) ** 2)
        latitude = atan2(z + squared * nu * sin(latitude), from_axis)
    return latitude, atan2(y, x)


def projected(latitude: float, longitude: float) -> tuple[float, float]:
    """Easting and northing in metres, by the series of annexe C of the guide."""
    a, b = AIRY
    scale, latitude0, longitude0 = 0.9996012717, radians(49), -2 * pi / 180
    n = (a - b) / (a + b)
    squared = 1 - (b * b) / (a * a)
    nu = a * scale * (1 - squared * sin(latitude) ** 2) ** -0.5
    rho = a * scale * (1 - squared) * (1 - squared * sin(latitude) ** 2) ** -1.5
    eta = nu / rho - 1
    less, more = latitude - latitude0, latitude + latitude0
    meridian = (
        b
        * scale
        * (
            (1 + n + 5 / 4 * n**2 + 5 / 4 * n**3) * less
            - (3 * n + 3 * n**2 + 21 / 8 * n**3) * sin(less) * cos(more)
            + (15 / 8 * n**2 + 15 / 8 * n**3) * sin(2 * less) * cos(2 * more)
            - 35 / 24 * n**3 * sin(3 * less) * cos(3 * more)
        )
    )
    s, c, t = sin(latitude), cos(latitude), tan(latitude)
    one = meridian - 100_000
    two = nu / 2 * s * c
    three = nu / 24 * s * c**3 * (5 - t**2 + 9 * eta)
    three_a = nu / 720 * s * c**5 * (61 - 58 * t**2 + t**4)
    four = nu * c
    five = nu / 6 * c**3 * (nu / rho - t**2)
    six = nu / 120 * c**5 * (5 - 18 * t**2 + t**4 + 14 * eta - 58 * t**2 * eta)
    d = longitude - longitude0
    northing = one + two * d**2 + three * d**4 + three_a * d**6
    easting = 400_000 + four * d + five * d**3 + six * d**5
    return easting, northing
