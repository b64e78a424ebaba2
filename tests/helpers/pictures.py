"""Pictures for tests: the real cameras' files beside the repository, and files that no camera would write."""

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

REAL = Path(os.environ.get("BEATBOOK_PHOTOS") or Path(__file__).parents[3] / "shared" / "photos")


def real(name: str) -> Path:
    """A real camera's file; the test is skipped where there is none."""
    path = REAL / name
    if not path.is_file():
        pytest.skip(f"no camera file {name} in {REAL}; set BEATBOOK_PHOTOS to a folder that has it")
    return path


def photo(width: int = 640, height: int = 480, kind: str = "JPEG", mode: str = "RGB", **save: object) -> bytes:
    """A picture whose top left quarter is red and whose rest is blue, so that its way up can be seen."""
    image = Image.new("RGB", (width, height), "blue")
    ImageDraw.Draw(image).rectangle((0, 0, width // 2, height // 2), fill="red")
    file = io.BytesIO()
    image.convert(mode).save(file, kind, **save)
    return file.getvalue()


def moving(kind: str) -> bytes:
    file = io.BytesIO()
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "green", "blue")]
    frames[0].save(file, kind, save_all=True, append_images=frames[1:], duration=100)
    return file.getvalue()


# PNG, chunk by chunk --------------------------------------------------------------------------------------------


def png(width: int, height: int, *, channels: int = 3, before: bytes = b"") -> bytes:
    """A whole PNG of one colour, however large; `before` stands before the picture."""
    colour = {1: 0, 3: 2, 4: 6}[channels]
    packer = zlib.compressobj(1)
    row = bytes(1 + width * channels)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return png_start(width, height, colour) + before + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def png_start(width: int, height: int, colour: int = 2) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)


def chunk(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))


def text_bomb(kind: bytes = b"zTXt", megabytes: int = 200) -> bytes:
    """A small PNG with a chunk that unpacks to `megabytes`."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(megabytes)) + packer.flush()
    return png(20, 20, before=chunk(kind, b"Comment\0\0" + packed))


# JPEG, segment by segment ---------------------------------------------------------------------------------------


def with_segments(jpeg: bytes, *segments: tuple[int, bytes]) -> bytes:
    """`jpeg` with more segments right after its start."""
    added = b"".join(struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data for marker, data in segments)
    return jpeg[:2] + added + jpeg[2:]


def exif(*entries: tuple[int, int, int, bytes]) -> bytes:
    """An EXIF segment of entries (tag, type, count, four bytes)."""
    table = b"".join(struct.pack("<HHI", tag, kind, count) + value for tag, kind, count, value in entries)
    return b"Exif\0\0II*\0" + struct.pack("<IH", 8, len(entries)) + table + bytes(4)


def held_sideways(orientation: int) -> tuple[int, int, int, bytes]:
    return (0x0112, 3, 1, struct.pack("<HH", orientation, 0))


def scan_bomb(side: int, scans: int) -> bytes:
    """A progressive JPEG that has its last scan many times over; each costs the decoder a walk over all blocks."""
    jpeg = photo(side, side, mode="L", progressive=True)
    last = list(scans_of(jpeg))[-1]
    return jpeg[:-2] + jpeg[last:-2] * scans + jpeg[-2:]


def scans_of(jpeg: bytes) -> Iterator[int]:
    at = jpeg.find(b"\xff\xda")
    while at >= 0:
        yield at
        at = jpeg.find(b"\xff\xda", at + 1)


def markers_of(jpeg: bytes) -> set[int]:
    """Every marker before the picture itself."""
    found, at = set(), 2
    while jpeg[at + 1] != 0xDA:
        found.add(jpeg[at + 1])
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return found


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zipped:
        zipped.writestr("Attack.class", b"\xca\xfe\xba\xbe hidden in the tail")
    return file.getvalue()
