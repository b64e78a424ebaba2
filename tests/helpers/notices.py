"""A litter notice as a phone freezes it, and an officer's phone that may give one."""

from datetime import date, datetime, timedelta
from typing import Any

from actors import Clock, Device, Record, Supervisor, a_photo, a_record, sha256

from beatbook.forms import answers, load
from beatbook.forms.dated import ALWAYS, Dated
from beatbook.forms.expressions import Context
from beatbook.settings import Settings

FORMS = load(Settings().forms)
NOON = datetime.fromisoformat("2026-09-23T12:10:05+01:00")
GATE = {f"gate_{name}": "yes" for name in ("offence", "proportionate", "evidence", "understands", "details")}
EVIDENCE = {"seen_by": "saw_leave", "view": "clear", "accidental": "no", "picked_up": "no"}
PERSON = {
    "full_name": "Ann Smith",
    "date_of_birth": "1990-01-01",
    "address_line": "4 Kiln St",
    "postcode": "CT1 2AB",
    "country": "uk",
    "address_checked": "id_document",
    "vulnerability": ["none_seen"],
}
PARTICULARS = "You dropped a cigarette end and left it there."


def told(*offences: str, **settings: str) -> list[Dated]:
    """What a device that may give notices is told of itself; `settings` with __ for the dots of their names."""
    names = {"council__name": "Example District Council", "officer__name": "Sarah Finch", "officer__number": "E12"}
    since = date(2026, 1, 1)  # after every value that the shipped settings have
    own = [Dated(name.replace("__", "."), value, since, "") for name, value in {**names, **settings}.items()]
    return own + [Dated(f"authorised.{offence}", "KB/26/3", ALWAYS, "") for offence in offences]


def at(now: datetime = NOON, own: list[Dated] | None = None) -> Context:
    return FORMS.context(now, {}, told("LIT", "LITC", "GRA", "PSPO", "CPN") if own is None else own)


def litter(now: datetime = NOON, **changes: Any) -> dict[str, Any]:
    """Every answer of a sound litter notice; `changes` replace some, None takes one away."""
    given = {
        "litter_kind": "cig",
        "photos": ["9f86d0"],
        "photos.about": [nobody_in("9f86d0")],
        "litter_detail": "white filter",
        "place_text": "outside no. 14",
        "distance_m": 8,
        **EVIDENCE,
        "outcome": "fpn",
        **PERSON,
        **GATE,
        "particulars": PARTICULARS,
        "issue_method": "printed",
        "served_at": now.isoformat(),
        "notice_no": "L-26-04-0117",
        "offence_at": now.isoformat(),
        "land_kind": "highway",
        **changes,
    }
    return {name: value for name, value in given.items() if value is not None}


def nobody_in(photo: str) -> dict[str, str]:
    """What a phone says of a photo once somebody has answered that nobody can be recognised."""
    return {"photo": photo, "person": "no"}


def graffiti(**changes: Any) -> dict[str, Any]:
    seen = {
        "photo_before": ["9f86d0"],
        "size": "a4",
        "offensive": "no",
        "kind": "tag",
        "object": "wall_fence",
        "surface": "brick",
        "ownership": "ccc",
        "source": "patrol",
        "found_at": NOON.isoformat(),
        "suspect_seen": "yes",
    }
    given = {**{name: value for name, value in litter().items() if not name.startswith("litter")}, **seen, **changes}
    return {name: value for name, value in given.items() if value is not None}


def pspo(**changes: Any) -> dict[str, Any]:
    seen = {
        "order_id": "coastal_2026",
        "prohibition": "bbq",
        "inside_area": "yes",
        "asked_to_stop_at": NOON.isoformat(),
        "stopped": "no",
        "item_surrendered": "none",
    }
    return {name: value for name, value in {**litter(), **seen, **changes}.items() if value is not None}


def found(form_id: str, given: dict[str, Any], context: Context | None = None) -> list[tuple[str, str]]:
    """What is wrong with a record: each field and its code."""
    form = FORMS.newest(form_id)
    assert form
    return [(one.field, one.code) for one in answers.problems(form, given, context or at())]


def worked_out(form_id: str, given: dict[str, Any], context: Context | None = None) -> dict[str, Any]:
    form = FORMS.newest(form_id)
    assert form
    return answers.cleaned(form, given, context or at())


def authorise(supervisor: Supervisor, device: Device, *offences: str, until: date | None = None) -> None:
    """At the desk, on the device's page."""
    page = f"/desk/devices/{device.device_id}"
    handed = supervisor.submit(f"{page}/holder", holder_name="Sarah Finch", holder_number="E12")
    assert handed.status_code == 303, handed.text
    for offence in offences:
        ends_on = (until or date(2027, 6, 30)).isoformat()
        given = {"offence": offence, "reference": "KB/26/3", "starts_on": "2026-01-01", "ends_on": ends_on}
        assert supervisor.submit(f"{page}/authorisations", **given).status_code == 303


def a_notice(clock: Clock, policy: str = "refer", **changes: Any) -> Record:
    """A record whose notice was given a minute ago, with what its form works out, as a phone sends it."""
    now, photo = clock.now - timedelta(minutes=1), a_photo()
    shown = {"photos": [sha256(photo)], "photos.about": [nobody_in(sha256(photo))]}
    given = litter(now, **shown, **changes)
    own = told("LIT", "LITC", age__policy=policy)
    settled = worked_out("litter", given, FORMS.context(now, given, own))
    listed = [{"field": "photos", "sha256": sha256(photo), "size": len(photo), "mediaType": "image/jpeg"}]
    return a_record(
        photo, form="litter", formVersion="2", capturedAt=now.isoformat(), answers=settled, attachments=listed
    )
