"""Grid: the British National Grid reference of a position, because that is what crews and maps here use.

Ordnance Survey, "A guide to coordinate systems in Great Britain": WGS84 to OSGB36 by the seven-parameter Helmert shift
(good to about 5 m, so a reference is given to 10 m and no finer), then the Transverse Mercator projection. The phone's
twin is pwa/src/gridref.ts; both pass every point of tests/cases/grid.json.
"""

from math import atan2, cos, hypot, pi, radians, sin, sqrt, tan

WGS84 = (6378137.0, 6356752.314245)
AIRY = (6377563.396, 6356256.909)
LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"  # the grid has no I


def reference(latitude: float, longitude: float) -> str | None:
    """`TR 1480 5792`, or None outside the grid."""
    easting, northing = metres(latitude, longitude)
    if not (0 <= easting < 700_000 and 0 <= northing < 1_300_000):
        return None
    return f"{square(easting, northing)} {int(easting % 100_000 // 10):04d} {int(northing % 100_000 // 10):04d}"


def metres(latitude: float, longitude: float) -> tuple[float, float]:
    """Easting and northing on the National Grid."""
    return projected(*geographic(*shifted(*cartesian(radians(latitude), radians(longitude)))))


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
