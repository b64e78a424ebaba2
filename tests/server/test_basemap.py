"""The map file: offered to devices that are ours, in ranges, and left out when it is not what phones can draw."""

from pathlib import Path

import pytest
from maps import VECTOR, a_map

from beatbook import basemap
from beatbook.settings import Settings

MAP = a_map(range(14, 16))


@pytest.fixture
def map_file(tmp_path) -> Path:
    path = tmp_path / "district.pmtiles"
    path.write_bytes(MAP)
    return path


@pytest.fixture
def settings(tmp_path, map_file) -> Settings:
    return Settings(data=tmp_path / "data", pmtiles=map_file, allowed_hosts="testserver")


def test_a_phone_hears_of_the_map_and_fetches_it_in_pieces(server, officer):
    assert officer.down()["map"]["size"] == len(MAP)
    whole = server.get("/api/map", headers=officer.headers)
    assert whole.content == MAP
    rest = server.get(
        "/api/map", headers={**officer.headers, "range": "bytes=1000-", "if-range": whole.headers["etag"]}
    )
    assert rest.status_code == 206
    assert rest.content == MAP[1000:]


def test_a_map_that_was_replaced_has_another_version(officer, map_file):
    before = officer.down()["map"]
    map_file.write_bytes(a_map(range(14, 15)))
    assert officer.down()["map"] != before


def test_nobody_else_gets_it(server):
    assert server.get("/api/map").status_code == 401


def test_without_a_map_there_is_none(officer, server, map_file):
    map_file.unlink()
    assert officer.down()["map"] is None
    assert server.get("/api/map", headers=officer.headers).status_code == 404


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (a_map(range(14, 15), kind=VECTOR), "does not hold pictures"),
        (b"SQLite format 3\0" + bytes(200), "is not a PMTiles file"),
        (MAP[:100], "is not a PMTiles file"),
    ],
)
def test_what_phones_cannot_draw_is_not_offered_and_the_reason_is_said(officer, map_file, content, why):
    map_file.write_bytes(content)
    with pytest.raises(basemap.NotAMap, match=why):
        basemap.at(map_file)
    assert officer.down()["map"] is None
