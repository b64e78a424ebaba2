"""A map file as a council might supply one: PMTiles version 3, written byte by byte, with a picture for each tile."""

import io
import json
import struct
from collections.abc import Iterator

from PIL import Image, ImageDraw

NONE, PNG, VECTOR = 1, 2, 1  # "no compression", and two kinds of tile


def a_map(zooms: range, *, around: tuple[float, float] = (51.28, 1.08), kind: int = PNG, padding: int = 0) -> bytes:
    """Three by three tiles of each zoom around a place, each of its own colour."""
    tiles = dict(sorted((number_of(z, x, y), picture(z, x, y)) for z in zooms for x, y in beside(z, around)))
    directory = entries(tiles)
    metadata = json.dumps({"attribution": "Contains <a href='#'>OS data</a>, made up"}).encode()
    root, meta = 127, 127 + len(directory)
    data = meta + len(metadata)
    pictures = b"".join(tiles.values()) + bytes(padding)
    count = len(tiles)
    header = b"PMTiles\x03" + struct.pack(
        "<QQQQQQQQQQQ", root, len(directory), meta, len(metadata), data, 0, data, len(pictures), count, count, count
    )
    header += struct.pack("<BBBBBB", 1, NONE, NONE, kind, zooms.start, zooms.stop - 1)
    corners = [int(degrees * 1e7) for degrees in (around[1] - 1, around[0] - 1, around[1] + 1, around[0] + 1)]
    header += struct.pack("<iiiiBii", *corners, zooms.start, int(around[1] * 1e7), int(around[0] * 1e7))
    assert len(header) == 127
    return header + directory + metadata + pictures


def beside(zoom: int, around: tuple[float, float]) -> Iterator[tuple[int, int]]:
    from math import asinh, pi, radians, tan

    across = 2**zoom
    x = int((around[1] + 180) / 360 * across)
    y = int((1 - asinh(tan(radians(around[0]))) / pi) / 2 * across)
    return ((x + right, y + down) for right in (-1, 0, 1) for down in (-1, 0, 1))


def picture(z: int, x: int, y: int) -> bytes:
    image = Image.new("RGB", (256, 256), (200 - 40 * (x % 3), 220, 190 + 30 * (y % 3)))
    ImageDraw.Draw(image).text((20, 120), f"{z}/{x}/{y}", fill="black")
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def number_of(z: int, x: int, y: int) -> int:
    """Its place on the Hilbert curve, after all tiles of the zooms before."""
    number, side = (4**z - 1) // 3, 2**z // 2
    while side > 0:
        right, down = int(x & side > 0), int(y & side > 0)
        number += side * side * ((3 * right) ^ down)
        if down == 0:
            if right == 1:
                x, y = side - 1 - x, side - 1 - y
            x, y = y, x
        side //= 2
    return number


def entries(tiles: dict[int, bytes]) -> bytes:
    numbers, sizes = list(tiles), [len(picture) for picture in tiles.values()]
    steps = [number - before for number, before in zip(numbers, [0, *numbers], strict=False)]
    columns = [[len(tiles)], steps, [1] * len(tiles), sizes, [1] + [0] * (len(tiles) - 1)]  # 0: right after the last
    return b"".join(varint(value) for column in columns for value in column)


def varint(value: int) -> bytes:
    made = bytearray()
    while value > 127:
        made.append(value & 127 | 128)
        value >>= 7
    return bytes([*made, value])
