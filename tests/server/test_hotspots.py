"""Hotspots: the rule with its bounds, each reason, and the way to the tasking group."""

from typing import Any
from zoneinfo import ZoneInfo

from actors import Device, Record, Supervisor, a_record, graffiti_answers, read
from sqlmodel import select

from beatbook import gathered, grid, hotspots, tasking
from beatbook.hotspots import Candidate
from beatbook.models import Listing, Submission
from beatbook.office import Office
from beatbook.verification import verify

LONDON = ZoneInfo("Europe/London")
DAYS = ("2026-11-20", "2026-11-21", "2026-11-22")


def on(day: str, form: str, location: Any = None, **answers: Any) -> Record:
    return a_record(form=form, capturedAt=f"{day}T09:00:00+00:00", location=location, answers=answers)


def asb(day: str, place: str = "Millbrook Gardens, by the bench", **answers: Any) -> Record:
    return on(day, "asb", category="rowdy", place_text=place, **answers)


def found(office: Office) -> list[Candidate]:
    with office.database.reading() as session:
        return hotspots.candidates(session, office.forms, now=office.clock(), zone=LONDON).shown


def reasons(one: Candidate) -> dict[str, float]:
    return {reason.words: reason.score for reason in one.reasons}


def test_three_reports_on_two_days_are_a_hotspot_with_its_reasons(officer: Device, office: Office):
    officer.send(asb(DAYS[0]), asb(DAYS[0], qualifiers=["hate", "youth"]))
    assert found(office) == [], "9 points, and only one day and two records"
    officer.send(asb(DAYS[0]))
    assert found(office) == [], "three records, and one bad evening"
    officer.send(asb(DAYS[1]), asb("2026-10-25"))
    (one,) = found(office)
    assert (one.name, one.score, one.number, one.days) == ("Millbrook Gardens", 15, 4, 2)
    assert reasons(one) == {"4 reports of anti-social behaviour": 12, "1 with hate, a weapon or violence at home": 3}


def test_each_kind_of_record_has_its_weight(officer: Device, office: Office):
    gate = {"school_id": "northbrook", "c_skc": 9, "near_miss": 1}
    officer.send(
        on(DAYS[0], "gate_visit", **gate),
        on(DAYS[1], "gate_visit", **(gate | {"near_miss": 0})),
        on(DAYS[1], "gate_visit", school_id="northbrook", c_skc=0, near_miss=0),
        asb(DAYS[1], "Northbrook Primary, the gate"),
        *(on(day, "hut_damage", hut_row="tankerton") for day in DAYS),
    )
    gate_one, huts = sorted(found(office), key=lambda one: -one.score)
    assert reasons(gate_one) == {
        "1 count with a near miss": 4,
        "2 counts with cars on the zig-zags": 4,
        "1 report of anti-social behaviour": 3,
    }
    assert (gate_one.name, gate_one.score, gate_one.themes) == (
        "Northbrook Primary", 11, ["anti-social behaviour", "school parking"],
    )  # fmt: skip
    assert (huts.name, huts.score) == ("Tankerton Slopes", 9)


def test_what_names_no_known_place_is_grouped_by_squares_of_100_m(
    officer: Device, supervisor: Supervisor, office: Office
):
    here = {"latitude": 51.2802, "longitude": 1.0789, "accuracy": 8.0, "source": "gps", "fixedAt": None}
    tags = [
        graffiti_answers() | {"offensive": "race" if day == DAYS[0] else "no", "place_text": "Wall"} for day in DAYS
    ]
    sent = [on(day, "graffiti", here, **tag) for day, tag in zip(DAYS, tags, strict=True)]
    officer.send(*sent, on(DAYS[0], "litter", here, outcome="warning"), on(DAYS[0], "litter", here, outcome="advice"))
    (one,) = found(office)
    assert one.square == grid.square_of(51.2802, 1.0789, 100) and one.name == "Square TR 148 579"
    assert reasons(one) == {"1 offensive graffiti": 4, "2 graffiti": 4, "1 litter notice or warning": 1}
    assert f'href="/desk/map?square={one.square}"' in supervisor.open("/desk/dashboard").text
    supervisor.send_back(sent[2], "too_dark")
    officer.send(on(DAYS[1], "graffiti", here, **tags[2]), mended(sent[2], here, tags[2]))
    assert found(office)[0].score == 11, "what is mended counts once"


def mended(record: Record, location: Any, answers: dict[str, Any]) -> Record:
    return a_record(location=location, answers=answers, replaces=record.instance_id)


def test_mt17_pupils_tickets_never_make_a_hotspot_without_an_officers_count(
    officer: Device, enrolled: Any, office: Office
):
    officer.send(*(on(DAYS[at % 2], "driver_contact", school_id="northbrook") for at in range(3)))
    officer.send(*(on(DAYS[at % 3], "asb", place_text="Elsewhere") for at in range(5)))

    def turn(session: Any) -> None:
        """Reports into tickets, which only a pupils' patrol can make."""
        for one in session.exec(select(Submission).where(Submission.form_id == "asb")):
            session.exec(select(Listing).where(Listing.seq == one.seq)).one().form_id = one.form_id = "mock_ticket"
            one.payload = one.payload.replace(
                b'"place_text": "Elsewhere"', b'"result": "red", "spot": "northbrook_gate"'
            )

    assert [one.name for one in found(office)] == ["Elsewhere"]
    office.database.write(turn)
    office.gather(office.clock())
    officer.send(asb(DAYS[0], "Northbrook Primary"), asb(DAYS[1], "Northbrook Primary"))
    assert found(office) == [], "6 points of reports; those of the tickets would make it 8.5"
    officer.send(on(DAYS[1], "gate_visit", school_id="northbrook", c_skc=1, near_miss=0))
    (one,) = found(office)
    assert (one.name, one.score, one.number) == ("Northbrook Primary", 10.5, 8)
    assert reasons(one)["5 red mock tickets"] == 2.5
    assert {record.form_id for record in one.records} == {"asb", "gate_visit"}, "no ticket is shown by itself"


def test_one_press_puts_a_hotspot_to_the_group_with_its_evidence(
    officer: Device, supervisor: Supervisor, office: Office
):
    sent = [asb(day) for day in DAYS]
    officer.send(*sent)
    briefing = supervisor.open("/desk/briefing")
    assert "Millbrook Gardens" in read(briefing) and "3 reports of anti-social behaviour (9)" in read(briefing)
    assert all(f'href="/desk/records/{each.instance_id}"' in briefing.text for each in sent), "what it is made of"
    (one,) = found(office)
    answer = supervisor.submit("/desk/hotspots", key=one.key)
    assert answer.status_code == 303
    with office.database.reading() as session:
        (item,) = tasking.items(session)
    assert answer.headers["location"] == f"/desk/tasking/{item.id}"
    assert item.title == "Hotspot: Millbrook Gardens" and item.about == sent[-1].instance_id
    last = sent[0].instance_id[-6:].upper()
    assert "3 records on 3 days within 28 days score 9" in item.problem and f"{last[:3]} {last[3:]}" in item.problem
    assert item.measure == "Score under 8; it was 9"
    again = supervisor.submit("/desk/hotspots", key=one.key)
    assert again.headers["location"] == answer.headers["location"], "pressed twice it is still one item"
    assert "With the tasking group" in read(supervisor.open("/desk/briefing"))
    assert supervisor.submit("/desk/hotspots", key="words:nowhere").status_code == 404
    assert list(verify(office)) == []


def test_weights_are_settings_that_count_from_a_day(
    officer: Device, supervisor: Supervisor, office: Office, later: Any
):
    officer.send(*(asb(day) for day in DAYS))
    assert found(office)
    value = {"name": "hotspot.asb", "value": "2", "from": "2026-11-23", "source": "Tried for a month"}
    assert supervisor.submit("/desk/settings", **value).status_code == 303
    assert found(office), "until that day it is as it was"
    later(days=1)
    assert found(office) == []
    assert all(name in office.forms.settings.names() for name in gathered.USUAL)
