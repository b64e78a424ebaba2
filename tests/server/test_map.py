"""The map: squares of the grid that count what the list shows, with and without a period to compare with."""

import re
from typing import Any
from xml.etree import ElementTree

import pytest
from actors import Record, Supervisor, a_record, read
from sqlmodel import col, select

from beatbook import grid, listings
from beatbook.models import Submission

GARDENS = (51.2802, 1.0789)
WEST_BEACH = (51.3603, 1.0205)


def at(latitude: float, longitude: float, form: str = "graffiti", **changes: Any) -> Record:
    fix = {"accuracy": 8.0, "source": "gps", "fixedAt": "2026-11-22T10:04:20+00:00"}
    return a_record(form=form, location={"latitude": latitude, "longitude": longitude, **fix}, **changes)


def square(position: tuple[float, float], side: int) -> grid.Square:
    found = grid.square_of(*position, side)
    assert found is not None
    return found


def rows(page: Any) -> list[tuple[str, ...]]:
    """The table's, cell by cell."""
    body = page.text.partition("<tbody>")[2].partition("</tbody>")[0]
    found = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in body.split("</tr>")[:-1]]
    return [tuple(re.sub(r"<[^>]+>", "", cell) for cell in row) for row in found]


def test_a_square_is_found_again_by_what_stands_in_the_address():
    for side in grid.SIDES:
        for position in (GARDENS, WEST_BEACH, (57.15, -2.1), (50.07, -5.71)):
            assert grid.read_square(str(square(position, side))) == square(position, side)


def test_what_names_no_square_is_no_filter(supervisor):
    for text in ("TR14805790", "TR14805790-99", "TR14815790-100", "II14805790-100", "AA00000000-100"):
        assert grid.read_square(text) is None
    assert supervisor.open("/desk/records?square=TR14805790-99").status_code == 404


def test_the_quick_way_to_the_grid_is_the_long_one_to_5_cm():
    for latitude, longitude in (GARDENS, WEST_BEACH, (57.153, -2.096), (50.0661, -5.7147)):
        long, quick = grid.metres(latitude, longitude), grid.quick_metres(latitude, longitude)
        assert long == pytest.approx(quick, abs=0.05)
        assert grid.degrees_of(*long) == pytest.approx((latitude, longitude), abs=1e-8)


def test_a_square_chosen_leads_on_to_its_records_and_form_and_days_go_along(officer, supervisor):
    near = square(GARDENS, 100)
    ends = [grid.degrees_of(near.easting + east, near.northing + north) for east in (0, 100) for north in (0, 100)]
    norths, easts = zip(*ends, strict=True)  # the grid leans, so the corners of a box in degrees lie outside the square
    corners = [(north, east) for north in (min(norths), max(norths)) for east in (min(easts), max(easts))]
    assert not any(square(corner, 100) == near for corner in corners)
    officer.send(at(*GARDENS), *(at(*one, form="litter", answers={}) for one in (GARDENS, *corners)))
    page = supervisor.open(f"/desk/map?size=100&form=graffiti&square={square(GARDENS, 1000)}")
    assert [row[:2] for row in rows(page)] == [(near.words, "1")]
    assert f"/desk/records?form=graffiti&amp;square={near}" in page.text
    listed = supervisor.open(f"/desk/records?form=graffiti&square={near}")
    assert "1 record matches" in read(listed) and f"{near.words}, 100 m" in read(listed)
    assert "2 records match" in read(supervisor.open(f"/desk/records?square={near}"))
    assert "1 record matches" in read(supervisor.open(f"/desk/records?square={near}&q=westgate&form=graffiti"))


def test_what_lies_far_apart_stands_together_until_one_looks_closer(officer, supervisor):
    officer.send(at(*GARDENS), at(*WEST_BEACH))
    page = supervisor.open("/desk/map?size=100")
    assert "Choose one to look closer" in read(page)
    assert all("/desk/map?" in link for link in re.findall(r'<th scope="row"><a href="([^"]+)"', page.text))


def test_the_period_before_is_said_in_words(officer, office, server, later):
    officer.send(at(*GARDENS), at(*WEST_BEACH))
    later(days=10)
    officer.send(at(*GARDENS), at(*GARDENS), at(*GARDENS))
    supervisor = Supervisor.join(office, server, "Kerry B")
    page = supervisor.open(f"/desk/map?from=2026-11-25&to=2026-12-04&square={square(GARDENS, 1000)}")
    assert rows(page) == [(square(GARDENS, 100).words, "3", "up 2 from 1")]
    wide = supervisor.open("/desk/map?from=2026-11-25&to=2026-12-04&size=500")
    assert ("0", "down 1 from 1") in [row[1:] for row in rows(wide)], "what is gone is on the map as well"
    assert "Up 1 from 2, Sun 15 Nov 2026 to Tue 24 Nov 2026." in read(wide)


def test_a_map_without_a_filter_is_that_of_the_last_28_days(supervisor):
    answer = supervisor.open("/desk/map")
    assert answer.headers["location"] == "/desk/map?from=2026-10-26&to=2026-11-22"
    assert "Nothing to show on the map" in read(supervisor.open(answer.headers["location"]))
    assert supervisor.open("/desk/map?size=99").status_code == 404
    assert supervisor.open("/desk/map?from=0001-01-01&to=0001-01-02").status_code == 200


def test_records_without_a_place_are_counted_beside_the_map(officer, supervisor):
    officer.send(at(*GARDENS), a_record(location=None), at(0, 0))
    assert "2 records say no place on the grid" in read(supervisor.open("/desk/map?size=100"))


def test_mt3_mt17_what_pupils_recorded_is_never_on_the_map(officer, supervisor, office):
    """Even if one had a position, which is refused."""
    officer.send(at(*GARDENS), at(*WEST_BEACH))

    def turn(session: Any) -> None:
        one = session.exec(select(Submission).order_by(col(Submission.seq))).first()
        listings.forget(session, one.seq)
        one.form_id = "mock_ticket"
        listings.put(session, one, None, {}, office.forms)

    office.database.write(turn)
    page = supervisor.open("/desk/map?size=100")
    assert [row[0] for row in rows(page)] == [square(WEST_BEACH, 100).words]
    assert "Mock ticket" not in page.text
    assert rows(supervisor.open("/desk/map?size=100&form=mock_ticket")) == []


def test_few_reports_of_anti_social_behaviour_in_a_square_are_not_printed(officer, supervisor):
    officer.send(at(*GARDENS, form="asb", answers={}), *(at(*WEST_BEACH, form="asb", answers={}) for _ in range(3)))
    page = supervisor.open("/desk/map?size=500")
    hidden = re.findall(r'<tr class="map-few"><th scope="row"><a href="[^"]+">([^<]+)<', page.text)
    assert hidden and len(rows(page)) == 2 and page.text.count(" map-few") == 2
    assert "fewer than 3 records of anti-social behaviour" in read(page)


def test_the_drawing_says_the_same_as_the_table_and_needs_neither_style_nor_script(officer, supervisor):
    officer.send(at(*GARDENS), at(*GARDENS), at(51.2791, 1.0789))
    page = supervisor.open(f"/desk/map?square={square(GARDENS, 1000)}")
    source = page.text.partition('<svg class="map"')[2].partition("</svg>")[0]
    drawing = ElementTree.fromstring(f'<svg class="map"{source}</svg>')
    numbers = [text.text for text in drawing.iter("text") if "map-number" in text.get("class", "")]
    assert [link.findtext("title") for link in drawing.iter("a")] == [": ".join(row) for row in rows(page)]
    assert numbers == [row[1] for row in rows(page)] == ["2", "1"]
    assert "style=" not in source and "<script" not in source
    assert all(f'class="{part}"' in source for part in ("map-line", "map-bar", "map-name"))


def test_the_map_is_narrowed_by_the_same_choices_as_the_list_with_their_numbers(officer, supervisor):
    approved = at(*WEST_BEACH, form="litter", answers={})
    officer.send(at(*GARDENS), at(*GARDENS), at(*WEST_BEACH, form="litter", answers={}), approved)
    supervisor.approve(approved)
    page = supervisor.open("/desk/map?size=250&q=")
    assert re.search(r'href="/desk/map\?form=graffiti&amp;size=250"[^>]*><bdi>Graffiti</bdi> <span[^>]*>2<', page.text)
    assert re.search(r'href="/desk/map\?state=approved&amp;size=250"[^>]*><bdi>Approved</bdi> <span[^>]*>1<', page.text)
    chosen = supervisor.open("/desk/map?form=litter&size=250")
    assert re.search(r'href="/desk/map\?size=250" aria-current="true"><bdi>Litter', chosen.text)
    assert '<form action="/desk/map">' in chosen.text and 'name="size" value="250"' in chosen.text
