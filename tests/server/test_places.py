"""Places: the grid against Ordnance Survey's own points, and which lists of places reach which phones."""

import json
from math import hypot
from pathlib import Path

import pytest

from beatbook import grid
from beatbook.forms import load
from beatbook.settings import Settings

CASES = json.loads((Path(__file__).parents[1] / "cases" / "grid.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("point", CASES["points"], ids=lambda point: point["place"])
def test_a_published_point_comes_out_within_5_m(point):
    easting, northing = grid.metres(point["latitude"], point["longitude"])
    assert hypot(easting - point["easting"], northing - point["northing"]) < 5


def test_a_reference_is_what_the_phone_says_too():
    for each in CASES["references"]:
        assert grid.reference(each["latitude"], each["longitude"]) == each["reference"], each["place"]


def test_known_places_reach_every_phone_that_records_where(officer):
    lists = {each["name"]: each["rows"] for each in officer.down()["lists"]}
    for name in ("schools", "school_places", "streets", "parks", "hut_rows"):
        assert {"name", "label", "latitude", "longitude"} <= lists[name][0].keys(), name
    assert len(lists["streets"]) > 200


def test_only_lists_of_places_are_offered_as_such(officer):
    """The library of graffiti tags says where each was seen, and is no street."""
    icons = {each["name"]: each.get("places") for each in officer.down()["lists"]}
    assert (icons["streets"], icons["schools"], icons["tags"]) == ("map-pin", "school", None)


def test_mt4_a_pupils_tablet_is_given_no_streets(pupil):
    assert not {"streets", "parks"} & {each["name"] for each in pupil.down()["lists"]}


def test_places_of_the_example_lie_in_the_district():
    lists = load(Settings().forms).lists
    for name in ("schools", "school_places", "streets", "parks", "hut_rows", "huts"):
        for row in lists[name]:
            assert 51.2 < float(row["latitude"]) < 51.4, row
            assert 0.95 < float(row["longitude"]) < 1.25, row
