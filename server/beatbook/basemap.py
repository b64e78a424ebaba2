"""Basemap: the one file of map pictures that a council may supply, for phones to take with them.

It is a PMTiles archive (version 3) of raster tiles. Phones need no map; this server never looks into the file beyond
its header, and serves it in ranges.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

HEADER = 127  # bytes
TILE_TYPE = 99  # where the header says what a tile is
PICTURES = {2: "PNG", 3: "JPEG", 4: "WebP", 5: "AVIF"}


class NotAMap(ValueError):
    """The file cannot be offered; the text is a sentence that says why."""


@dataclass(frozen=True)
class Basemap:
    path: Path
    size: int
    version: str  # another one when the file was replaced

    def to_wire(self) -> dict[str, Any]:
        return {"size": self.size, "version": self.version}


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
