"""Basemap: the one file of map pictures that a council may supply, for phones to take with them and for the desk.

It is a PMTiles archive (version 3) of raster tiles. Nobody needs it: phones and desk draw the grid without. Phones get
it in ranges and look into it themselves; the desk asks here for one picture at a time.
"""

import gzip
import json
import re
import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from pmtiles.tile import (
    Compression,
    Entry,
    deserialize_directory,
    deserialize_header,
    find_tile,
    zxy_to_tileid,
)

HEADER = 127  # bytes
TILE_TYPE = 99  # where the header says what a tile is
PICTURES = {2: "PNG", 3: "JPEG", 4: "WebP", 5: "AVIF"}
MEDIA_TYPES = {2: "image/png", 3: "image/jpeg", 4: "image/webp", 5: "image/avif"}
LONGEST_CREDIT = 200  # letters
MOST_STEPS = 4  # from one directory to the next; the format allows no more
BROKEN = (OSError, ValueError, TypeError, EOFError, LookupError, zlib.error)  # what reading a damaged file comes to


class NotAMap(ValueError):
    """The file cannot be offered; the text is a sentence that says why."""


@dataclass(frozen=True)
class Basemap:
    path: Path
    size: int
    version: str  # another one when the file was replaced

    def to_wire(self) -> dict[str, Any]:
        return {"size": self.size, "version": self.version}


@dataclass(frozen=True)
class Pictures:
    """The pictures in a map file. It is opened anew for each, so that it may be replaced at any time."""

    path: Path
    header: dict[str, Any]
    credit: str  # whose map it is, as its licence wants it said
    directories: dict[int, list[Entry]] = field(default_factory=dict)  # those read so far, by where they lie

    @property
    def closest(self) -> int:
        return self.header["max_zoom"]

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self.header["tile_type"].value]

    def has(self, zoom: int, x: int, y: int) -> bool:
        return self._find(zoom, x, y) is not None

    def get(self, zoom: int, x: int, y: int) -> bytes | None:
        """None where the map has no picture, or one that cannot be read."""
        entry = self._find(zoom, x, y)
        if entry is None:
            return None
        try:
            found = read(self.path, self.header["tile_data_offset"] + entry.offset, entry.length)
            return gzip.decompress(found) if self.header["tile_compression"] is Compression.GZIP else found
        except BROKEN:
            return None

    def _find(self, zoom: int, x: int, y: int) -> Entry | None:
        try:
            number = zxy_to_tileid(zoom, x, y)
            offset, length = self.header["root_offset"], self.header["root_length"]
            for _ in range(MOST_STEPS):
                entry = find_tile(self._directory(offset, length), number)
                if entry is None or entry.run_length:
                    return entry
                offset, length = self.header["leaf_directory_offset"] + entry.offset, entry.length
        except BROKEN:
            pass
        return None

    def _directory(self, offset: int, length: int) -> list[Entry]:
        if offset not in self.directories:
            found = read(self.path, offset, length)
            is_packed = self.header["internal_compression"] is Compression.GZIP
            self.directories[offset] = deserialize_directory(found if is_packed else gzip.compress(found, 0))
        return self.directories[offset]


def at(path: Path | None) -> Basemap | None:
    """The map to offer, if there is one. Errors: NotAMap."""
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            header, found = file.read(HEADER), path.stat()
    except OSError as error:
        raise NotAMap(f"BEATBOOK_PMTILES: {path} cannot be read: {error.strerror}.") from error
    if len(header) < HEADER or not header.startswith(b"PMTiles\x03"):
        raise NotAMap(f"BEATBOOK_PMTILES: {path} is not a PMTiles file of version 3.")
    if header[TILE_TYPE] not in PICTURES:
        raise NotAMap(f"BEATBOOK_PMTILES: {path} does not hold pictures. Phones draw raster tiles only.")
    return Basemap(path, found.st_size, f"{found.st_mtime_ns:x}-{found.st_size:x}")


@lru_cache(maxsize=2)
def pictures_of(found: Basemap) -> Pictures | None:
    """What the desk draws from; None for a file whose inside cannot be read."""
    try:
        header: dict[str, Any] = dict(deserialize_header(read(found.path, 0, HEADER)))
        told = read(found.path, header["metadata_offset"], header["metadata_length"])
        metadata = json.loads(gzip.decompress(told) if header["internal_compression"] is Compression.GZIP else told)
        return Pictures(found.path, header, plain(metadata.get("attribution", "")))
    except (*BROKEN, AttributeError):
        return None


def read(path: Path, offset: int, length: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(length)


def plain(credit: object) -> str:
    """A credit often comes as a link; only its words are shown."""
    return re.sub(r"<[^>]*>", "", credit)[:LONGEST_CREDIT].strip() if isinstance(credit, str) else ""
