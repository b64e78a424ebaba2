"""Maps: records that have a position, for geographic systems: GeoJSON (RFC 7946) and GeoPackage (OGC 12-128r19)."""

import json
import sqlite3
import struct
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from ..blobs import CHUNK
from .marking import About
from .table import LATITUDE, LONGITUDE, iso

WGS84 = 4326
LAYER = "records"
AT_ONCE = 1000  # rows of one insert
KINDS = {
    **dict.fromkeys(("Captured", "Received"), "DATETIME"),
    **dict.fromkeys(("Latitude", "Longitude", "Accuracy (m)"), "DOUBLE"),
}

# The definition that the standard prescribes for WGS 84.
WKT = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],'
    'AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,'
    'AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4326"]]'
)
TABLES = """
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
    organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
    description TEXT DEFAULT '', last_change DATETIME NOT NULL, min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE,
    srs_id INTEGER REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL UNIQUE REFERENCES gpkg_contents (table_name),
    column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
    srs_id INTEGER NOT NULL REFERENCES gpkg_spatial_ref_sys (srs_id), z TINYINT NOT NULL, m TINYINT NOT NULL,
    PRIMARY KEY (table_name, column_name));
PRAGMA application_id = 0x47504B47;
PRAGMA user_version = 10300;
"""


def geojson(header: Sequence[str], rows: Iterable[Sequence[object]], about: About) -> Iterator[str]:
    """One feature a line. What the file is stands after them, when it is known what was left out."""
    names, without, comma = names_of(header), 0, ""
    yield '{"type":"FeatureCollection","features":['
    for row in rows:
        if row[LONGITUDE] is None:
            without += 1
            continue
        feature = {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [row[LONGITUDE], row[LATITUDE]]},
            "properties": {name: iso(cell) for name, cell in zip(names, row, strict=True)},
        }
        yield f"{comma}\n{json.dumps(feature, ensure_ascii=False)}"
        comma = ","
    told = json.dumps({"about": with_placeless(about, without)}, ensure_ascii=False)
    yield f"\n],{told[1:]}\n"


def geopackage(
    header: Sequence[str], rows: Iterable[Sequence[object]], about: About, numbers: Collection[int] = ()
) -> Iterator[bytes]:
    """A GeoPackage is an SQLite database; it is made in a temporary folder that goes with this iterator.

    `numbers` are the places of the columns that hold numbers, so that a map can be coloured by them.
    """
    with tempfile.TemporaryDirectory(prefix="beatbook-") as folder:
        path = Path(folder) / f"{LAYER}.gpkg"
        write(path, names_of(header), rows, about, numbers)
        with path.open("rb") as file:
            yield from iter(lambda: file.read(CHUNK), b"")


def write(
    path: Path, names: Sequence[str], rows: Iterable[Sequence[object]], about: About, numbers: Collection[int]
) -> None:
    file, without, box = sqlite3.connect(path), 0, Box()
    try:
        file.executescript(TABLES)
        file.executemany(
            "INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)",
            [
                ("Undefined Cartesian", -1, "NONE", -1, "undefined", None),
                ("Undefined geographic", 0, "NONE", 0, "undefined", None),
                ("WGS 84", WGS84, "EPSG", WGS84, WKT, None),
            ],
        )
        kinds = ["DOUBLE" if place in numbers else KINDS.get(name, "TEXT") for place, name in enumerate(names)]
        columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in zip(names, kinds, strict=True))
        file.execute(f"CREATE TABLE {LAYER} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom POINT, {columns})")
        insert = f"INSERT INTO {LAYER} VALUES (NULL, ?{', ?' * len(names)})"  # noqa: S608
        waiting: list[tuple[object, ...]] = []
        for row in rows:
            longitude, latitude = row[LONGITUDE], row[LATITUDE]
            if not isinstance(longitude, float) or not isinstance(latitude, float):
                without += 1
                continue
            box.add(longitude, latitude)
            waiting.append((point(longitude, latitude), *map(stored, row, kinds)))
            if len(waiting) == AT_ONCE:
                file.executemany(insert, waiting)
                waiting.clear()
        file.executemany(insert, waiting)
        words = "; ".join(f"{name}: {said}" for name, said in with_placeless(about, without))
        contents = (LAYER, "features", "Records", words, moment(about.at), *box.sides, WGS84)
        file.execute("INSERT INTO gpkg_contents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", contents)
        file.execute("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 'POINT', ?, 0, 0)", (LAYER, WGS84))
        file.commit()
    finally:
        file.close()


class Box:
    """The smallest one around every point; nothing on each side while there is none."""

    def __init__(self) -> None:
        self.sides: tuple[float, ...] | tuple[None, ...] = (None, None, None, None)  # west, south, east, north

    def add(self, x: float, y: float) -> None:
        west, south, east, north = (x, y, x, y) if self.sides[0] is None else self.sides
        self.sides = (min(west, x), min(south, y), max(east, x), max(north, y))


def point(x: float, y: float) -> bytes:
    """The standard's binary: its header without an envelope, then well-known binary."""
    return b"GP\x00\x01" + struct.pack("<i", WGS84) + struct.pack("<BIdd", 1, 1, x, y)


def names_of(header: Sequence[str]) -> list[str]:
    """Two questions may have one label; a column's name is its own, also where upper and lower case are one."""
    taken = {"fid", "geom"}
    names = []
    for label in header:
        name, number = label, 2
        while name.lower() in taken:
            name, number = f"{label} ({number})", number + 1
        taken.add(name.lower())
        names.append(name)
    return names


def stored(cell: object, kind: str) -> object:
    """Nothing where there is no answer, also where a number was asked and something else came."""
    if isinstance(cell, datetime):
        return moment(cell)
    return None if cell == "" or (kind == "DOUBLE" and not isinstance(cell, int | float)) else cell


def moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def with_placeless(about: About, without: int) -> list[tuple[str, str]]:
    placeless = [("Left out", f"{without} {'record' if without == 1 else 'records'} without a position")]
    return about.lines() + (placeless if without else [])
