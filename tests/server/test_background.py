"""The map pictures behind the desk's map: from the council's own file, or from an address that it set."""

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from actors import a_record, read
from maps import a_map

from beatbook import grid
from beatbook.desk import background
from beatbook.settings import Settings

GARDENS, NEAR = (51.2802, 1.0789), (51.2830, 1.0830)
ADDRESS = "https://maps.example:8443/t/{z}/{x}/{y}.png?key=1"
PAGE = "/desk/map?size=100"


@pytest.fixture
def map_file(tmp_path) -> Path:
    path = tmp_path / "district.pmtiles"
    path.write_bytes(a_map(range(13, 16), around=GARDENS))
    return path


@pytest.fixture
def settings(request, tmp_path, map_file) -> Settings:
    given: dict[str, Any] = {"map_tiles": ADDRESS, "map_credit": "Maps of <A> Council"}
    if request.param == "file":
        given["pmtiles"] = map_file
    return Settings(data=tmp_path / "data", allowed_hosts="testserver", **given)


@pytest.fixture
def page(officer, supervisor) -> Any:
    records = [a_record(location={"latitude": north, "longitude": east}) for north, east in (GARDENS, NEAR)]
    officer.send(*records)
    return supervisor.open(PAGE)


@pytest.mark.parametrize("settings", ["file", "address"], indirect=True)
def test_every_picture_lies_where_it_belongs(page):
    found = pictures_on(page)
    assert 4 <= len(found) <= 30
    for image in found:
        zoom, x, y = map(int, re.findall(r"/(\d+)/(\d+)/(\d+)", image.attrib["href"])[0])
        for right, down in ((0, 0), (1, 0), (0, 1), (1, 1)):
            easting, northing = grid.metres(*background.corner_of(x + right, y + down, zoom))
            assert turned(image, right, down) == pytest.approx(on_the_drawing(page, easting, northing), abs=1)


@pytest.mark.parametrize("settings", ["file"], indirect=True)
def test_the_councils_file_goes_first_and_no_picture_comes_from_elsewhere(page, server, supervisor, map_file):
    assert "Contains OS data, made up" in read(page)
    assert all(image.attrib["href"].startswith("/desk/map/") for image in pictures_on(page))
    address = pictures_on(page)[0].attrib["href"]
    picture = supervisor.open(address)
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")
    assert "immutable" in picture.headers["cache-control"]
    assert server.get(address).status_code == 303, "only whoever may see the map sees its pictures"
    assert supervisor.open(f"{address}999").status_code == 404
    map_file.write_bytes(b"PMTiles\x03" + bytes(91) + b"\x02" + bytes(27))
    assert "maps.example" in supervisor.open(PAGE).text, "what cannot be read is no map"


@pytest.mark.parametrize("settings", ["address"], indirect=True)
def test_pictures_from_an_address_are_allowed_on_the_map_and_nowhere_else(page, supervisor):
    assert "Maps of &lt;A&gt; Council" in page.text
    assert "img-src 'self' https://maps.example:8443;" in page.headers["content-security-policy"]
    assert page.headers["cross-origin-embedder-policy"] == "credentialless"
    assert page.headers["referrer-policy"] == "strict-origin", "a provider hears our name, never what is looked at"
    assert "maps.example" not in supervisor.open("/desk/records").headers["content-security-policy"]


@pytest.mark.parametrize(
    "wrong",
    [
        "maps.example/{z}/{x}/{y}",
        "https://maps.example/{z}/{x}",
        "https://maps example/{z}/{x}/{y}",
        "https://maps.example;script-src/{z}/{x}/{y}",
    ],
)
def test_an_address_without_pictures_or_that_would_widen_the_policy_is_refused(wrong):
    with pytest.raises(ValueError, match=r"give the address|the address lacks"):
        Settings(map_tiles=wrong)


def drawing_on(page: Any) -> ElementTree.Element:
    source = page.text.partition('<svg class="map')[2].partition("</svg>")[0]
    return ElementTree.fromstring(f'<svg class="map{source}</svg>')


def pictures_on(page: Any) -> list[ElementTree.Element]:
    return list(drawing_on(page).iter("image"))


def turned(image: ElementTree.Element, right: int, down: int) -> tuple[float, float]:
    """Where a corner of a picture comes to lie on the drawing."""
    a, b, c, d, e, f = (float(part) for part in re.findall(r"-?[\d.]+", image.attrib["transform"]))
    x, y = right * background.TILE, down * background.TILE
    return a * x + c * y + e, b * x + d * y + f


def on_the_drawing(page: Any, easting: float, northing: float) -> tuple[float, float]:
    """Where a point of the grid is, by two of the squares that are drawn."""
    links = list(drawing_on(page).iter("a"))
    one, other = (grid.read_square(link.attrib["href"].rpartition("square=")[2]) for link in links)
    corners = [link.find("rect") for link in links]
    (x, y), (last, _) = ((float(rect.attrib["x"]), float(rect.attrib["y"])) for rect in corners if rect is not None)
    assert one
    assert other
    scale = (last - x) / (other.easting - one.easting)
    return x + (easting - one.easting) * scale, y + (one.northing + one.side - northing) * scale
