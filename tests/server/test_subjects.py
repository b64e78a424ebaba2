"""What is held about a person (DP8): everything is found, nothing of others leaves, and all of it is written down."""

import io
import json
import re
import zipfile
from urllib.parse import quote

import pytest
from actors import Record, Supervisor, a_photo, a_record, read, sha256
from sqlmodel import SQLModel, col, select
from tampering import tampered
from waiting import wait_for_previews

from beatbook import reference, tasking, tasks
from beatbook.models import Event, ItemKind, Person, Role
from beatbook.subjects import places, sought
from beatbook.tasking import Raising
from beatbook.tasks import Wanted
from beatbook.verification import verify

NAME, NEIGHBOUR = "Zélia O'Quayle", "Mrs Nextdoor"
WHOM = {"name": "zelia oquayle", "proof": "Driving licence seen"}


@pytest.fixture
def auditor(office, server) -> Supervisor:
    return Supervisor.join(office, server, "Alex D", Role.AUDITOR)


@pytest.fixture
def spoken_of(office, officer, supervisor, clock):
    """A person in every kind of place, mostly with somebody else beside them."""
    photo = a_photo((640, 480))
    asb = {"what": f"{NEIGHBOUR} says that {NAME} plays loud music", "full_name": NEIGHBOUR, "witness": "somebody"}
    noise = a_record(form="asb", answers=asb)
    wall = a_record(photo, counter=2)
    told = json.loads(wall.payload)
    told["answers"] |= {"place_text": f"Wall of {NAME}", "suspect_seen": "yes"}
    wall = Record(json.dumps(told, ensure_ascii=False).encode(), (photo,))
    unread = a_record(form="no_such_form", counter=3, answers={"free": f"O'QUAYLE, Zelia at the door of {NEIGHBOUR}"})
    beside = a_record(counter=4)
    officer.send(noise, wall, unread, beside)
    wait_for_previews(office)
    supervisor.submit(f"/desk/records/{beside.instance_id}/remarks", kind="comment", words=f"{NAME} rang about it")
    again = json.loads(beside.payload) | {"answers": {"place_text": f"Changed for {NAME}"}}
    officer.send(Record(json.dumps(again).encode()))  # the same number with other bytes: kept aside

    def work(session):
        person, now = session.get_one(Person, supervisor.person_id), clock()
        wanted = Wanted(f"Visit {NAME}", now, now.replace(hour=18), role=Role.OFFICER, note=f"{NEIGHBOUR} has the key")
        made = tasks.make(session, wanted, person=person, now=now)
        raising = Raising(ItemKind.VICTIM, "Noise", f"{NAME} and {NEIGHBOUR} quarrel", "Quiet")
        item = tasking.raise_item(session, raising, person=person, now=now)
        info = office.forms.infos["schools"]
        row = {"name": "quay", "label": "Quay School", "dsl": NAME}
        row = {name: value for name, value in row.items() if name in info.header} | {"label": f"School of {NAME}"}
        reference.save_row(session, office.pack, info, row, new=True, person=person, now=now)
        return made.id, item.id

    task_id, item_id = office.database.write(work)
    office.read_reference()
    return {
        f"record/{noise.instance_id}",
        f"record/{wall.instance_id}",
        f"record/{unread.instance_id}",
        f"record/{beside.instance_id}",
        f"task/{task_id}",
        f"item/{item_id}",
        "row/schools/quay",
    }, photo


def begin(auditor, **given) -> str:
    answer = auditor.submit("/desk/subjects", **(given or WHOM))
    assert answer.status_code == 303, read(answer)
    return answer.headers["location"]


def decide(auditor, request: str, where: str, **fields):
    address = f"{request}/place?where={quote(where, safe='')}"
    return auditor.http.post(address, data=fields, headers=auditor.headers())


def ticked(page) -> list[str]:
    return re.findall(r'name="goes" value="([^"]+)" checked', page.text)


def shown(page) -> list[str]:
    return re.findall(r'name="shown" value="([^"]+)"', page.text)


def test_dp8_everything_about_a_person_is_found_and_nothing_of_others_leaves(office, auditor, spoken_of, server):
    where, photo = spoken_of
    small = f"/desk/photos/{sha256(photo)}/thumbnail"
    assert auditor.open(small).status_code == 404
    request = begin(auditor)
    assert auditor.open(small).status_code == 200, "whoever answers has to look"
    assert auditor.open(small.replace("thumbnail", "original")).status_code == 404
    page = auditor.open(request)
    found = {one.replace("%2F", "/") for one in re.findall(r"place\?where=([^\"]+)\"", page.text)}
    assert where <= found
    assert [one for one in found if one.startswith("aside/")], "what was kept aside is found too"
    assert len(found) == len(where) + 1, "and nobody else"
    early = auditor.submit(f"{request}/package")
    assert early.status_code == 422
    assert "Look at every place" in read(early)
    for one in sorted(found):
        page = auditor.open(f"{request}/place?where={quote(one, safe='')}")
        assert page.status_code == 200
        assert NEIGHBOUR not in " ".join(ticked(page))
        assert decide(auditor, request, one, verdict="stays", why="").status_code == 422
        if one.startswith("item/"):
            decide(auditor, request, one, verdict="stays", why="third")
        else:
            fields = {"goes": ticked(page), "shown": shown(page), "covered": f"{NEIGHBOUR}\nhas the key"}
            assert decide(auditor, request, one, verdict="goes", **fields).status_code == 303
    assert list(verify(office)) == []
    answer = auditor.submit(f"{request}/package")
    assert answer.headers["content-type"] == "application/zip"
    package = zipfile.ZipFile(io.BytesIO(answer.content))
    data = json.loads(package.read("data.json"))
    texts = package.read("about-you.html").decode() + package.read("data.json").decode()
    assert NEIGHBOUR not in texts
    assert "has the key" not in texts
    assert "left out: about somebody else" in texts
    assert "<script" not in texts
    assert (data["marking"], data["lookedFor"]) == ("OFFICIAL-SENSITIVE", {"name": "zelia oquayle"})
    assert {"It is somebody else’s, and cannot be told apart": 1}.items() <= {
        one["why"]: one["times"] for one in data["leftOut"]
    }.items()
    assert len(data["places"]) == len(found) - 1
    pictures = [name for name in package.namelist() if name.startswith("photos/")]
    assert pictures == [f"photos/{sha256(photo)[:16]}.jpg"]
    assert package.read(pictures[0]) != photo, "a working copy, never the camera's file"
    assert auditor.submit(f"{request}/package").status_code == 409, "it is closed"
    assert list(verify(office)) == []
    with office.database.reading() as session:
        log = session.exec(select(Event).where(col(Event.kind).startswith("subject."))).all()
        kinds = [event.kind for event in session.exec(select(Event).where(Event.kind == "submission.exported"))]
    assert len([event for event in log if event.kind == "subject.read"]) == len(found) * 2
    assert len(kinds) == 4, "each record says in its own history that it left"
    assert "quayle" not in " ".join(event.data for event in log).casefold(), "the log holds no content"


def test_dp8_what_was_looked_for_goes_again(office, auditor, officer, later):
    officer.send(a_record())
    request = begin(auditor, address="Westgate Gardens", proof="Seen")
    forgotten = begin(auditor, name="Nobody Atall", proof="Seen")
    assert auditor.submit(request, act="end").status_code == 303
    assert auditor.submit(request, act="again").status_code == 409
    later(days=91)
    office.erase_due(office.clock())
    assert "Westgate" not in read(Supervisor.join(office, auditor.http, "Al B", Role.AUDITOR).open(request))
    later(days=90)
    office.erase_due(office.clock())
    later(days=91)
    office.erase_due(office.clock())
    with office.database.reading() as session:
        rows = session.connection().exec_driver_sql("SELECT sought, proof, state FROM subject_request").all()
        assert set(rows) == {("{}", "", "ended")}, f"nobody closed {forgotten}, and it is over all the same"
        assert session.connection().exec_driver_sql("SELECT count(*) FROM subject_find").scalar() == 0
    assert list(verify(office)) == []


CHANGES = (
    "UPDATE subject_find SET covered = ''",
    "UPDATE subject_find SET verdict = 'waiting'",
    "DELETE FROM subject_find",
    "UPDATE subject_request SET proof = 'none'",
    "DELETE FROM subject_request",
)


def test_dp8_a_changed_decision_is_found(office, auditor, officer):
    record = a_record()
    officer.send(record)
    request = begin(auditor, address="Westgate Gardens", proof="Seen")
    decide(auditor, request, f"record/{record.instance_id}", verdict="goes", covered="bench")
    for change in CHANGES:
        assert list(verify(office)) == []
        with tampered(office, change):
            assert list(verify(office)) != [], change


def test_dp8_every_table_with_words_in_it_is_searched():
    """A new table has to be searched, or be named as one without words about anybody."""
    beside = {table.__tablename__ for table, _ in places.BESIDE} | {table.__tablename__ for _, table, _ in places.PLAIN}
    walked = {"submission", "quarantine", "list_change"} | {table.__tablename__ for table, _ in places.PARTS}
    assert set(SQLModel.metadata.tables) == beside | walked | places.WITHOUT_WORDS


@pytest.mark.parametrize(
    ("given", "text", "found"),
    [
        ({"name": "Jo Bloggs"}, "Bloggs, Jo (Mrs)", True),
        ({"name": "Jo Bloggs"}, "Jo Blogg", False),
        ({"name": "Anne-Marie Li"}, "LI anne marie", True),
        ({"name": "O'Neill"}, "O’NEILL", True),
        ({"phone": "+44 7700 900123"}, "rang from 07700 900-123", True),
        ({"phone": "07700 900123"}, "07700 900124", False),
        ({"plate": "ab12 cde"}, "Blue van AB12CDE", True),
        ({"reference": "L-26-04-0117"}, "notice L 26 04 0117", True),
        ({"email": "Jo@Example.org"}, "mail jo@example.org", True),
        ({"address": "3 High Street"}, "High Street 3, Whitstable", True),
        ({"address": "3 High Street"}, "13 High Street", False),
    ],
)
def test_dp8_names_numbers_and_plates_are_found_however_they_are_written(given, text, found):
    assert bool(sought.of(given).found_in([text])) is found


def test_dp8_words_that_would_find_everybody_are_refused(auditor, supervisor):
    answer = auditor.submit("/desk/subjects", name="J", plate="A1", proof="")
    assert answer.status_code == 422
    assert read(answer).count("found nearly everywhere") == 4  # in the summary and beside each
    assert "Say how you know who is asking" in read(answer)
    assert "Say whom to look for" in read(auditor.submit("/desk/subjects", proof="Seen"))
    assert supervisor.open("/desk/subjects").status_code == 403
