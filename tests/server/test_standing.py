"""How a device stands: confirmed by name, locked, handed in, lost, stolen, found again; and what it is told to do."""

import hashlib
import hmac

import pytest
from actors import Device, Supervisor, a_photo, a_record, read, sha256
from sqlmodel import select

from beatbook import people
from beatbook.models import Blob, Event, Person, Quarantine, Role, Standing, Submission
from beatbook.models import Device as DeviceRow
from beatbook.verification import verify

NONCE = "a nonce of the phone"


def stand(supervisor: Supervisor, device: Device, standing: str, why: str = "Left on the 6 bus"):
    return supervisor.submit(f"/desk/devices/{device.device_id}/standing", standing=standing, why=why)


def order(device: Device) -> dict:
    return device.check().json().get("order") or {}


def ask(device: Device, path: str, **body):
    return device.http.post(path, json=body, headers=device.headers)


def standing_of(office, device: Device) -> Standing:
    with office.database.reading() as session:
        return session.get(DeviceRow, device.device_id).standing


def page_of(supervisor: Supervisor, device: Device) -> str:
    return read(supervisor.open(f"/desk/devices/{device.device_id}"))


def all_of(office, table) -> list:
    with office.database.reading() as session:
        return list(session.exec(select(table)))


def proven(device: Device, *said: object) -> str:
    """What only this server and this device can compute."""
    key = hashlib.sha256(device.token.encode()).digest()
    return hmac.new(key, "\n".join(["beatbook", *map(str, said)]).encode(), hashlib.sha256).hexdigest()


@pytest.fixture
def invited(supervisor, office, server):
    """A phone that was set up with a code made at the desk."""
    page = supervisor.submit("/desk/invitations", name="Phone 9", role="officer")
    code = page.text.split('class="code">')[1].split("<")[0]
    looked = server.post("/api/enrol/look", json={"code": code})
    assert looked.json()["name"] == "Phone 9"
    answer = server.post("/api/enrol", json={"code": code})
    server.cookies.clear()
    return Device(office, server, answer.json()["deviceId"], answer.json()["token"])


# Confirmed by name ----------------------------------------------------------------------------------------------


def test_a_code_says_what_the_phone_would_be_and_stays_unused(server, office):
    code = office.database.write(
        lambda session: people.invite(session, Role.OFFICER, "Phone 7", minutes=60, now=office.clock())
    ).code
    for _ in range(2):
        seen = server.post("/api/enrol/look", json={"code": code}).json()
        assert (seen["name"], seen["role"], seen["council"]) == ("Phone 7", "officer", office.settings.council)
    assert server.post("/api/enrol", json={"code": code}).status_code == 201
    assert server.post("/api/enrol/look", json={"code": code}).json()["type"] == "/problems/code-used"
    assert server.post("/api/enrol/look", json={"code": "WRONG234"}).status_code == 404


def test_a_phone_that_nobody_confirmed_delivers_and_is_told_nothing_of_others(invited, officer, supervisor, office):
    task = {
        "title": "Look at the bins",
        "who": f"device:{invited.device_id}",
        "day": "2026-11-22",
        "begins": "11:00",
        "ends": "12:00",
    }
    assert supervisor.submit("/desk/tasks", **task).status_code == 303
    other = a_record()
    officer.send(other)
    assert invited.send(a_record(counter=1))[0]["status"] == "stored"
    told = invited.down()
    assert told["device"]["confirmed"] is False
    assert told["forms"]
    assert told["tasks"] == told["nearby"] == told["alerts"] == []
    assert "agencies" not in [one["name"] for one in told["lists"]]
    shown = read(supervisor.open("/desk/devices"))
    assert "Phone 9 is here. Is it yours?" in shown
    stand(supervisor, invited, "in_use", why="")
    told = invited.down(told["cursor"])
    assert told["device"]["confirmed"] is True
    assert other.instance_id in [one["instanceId"] for one in told["nearby"]], "what it missed is told afterwards"
    assert [one["title"] for one in told["tasks"]] == ["Look at the bins"]
    assert "is here. Is it yours?" not in read(supervisor.open("/desk/devices"))
    assert "Confirmed as ours, Kerry B" in page_of(supervisor, invited)
    assert list(verify(office)) == []


def test_a_code_made_on_the_server_itself_needs_nobody_to_confirm_it(officer):
    assert officer.down()["device"]["confirmed"] is True


def test_the_phone_and_the_desk_show_the_same_four_letters():
    from beatbook.desk.fleet import screen_code

    assert screen_code("1f2e3d4c-0000-4000-8000-000000000000") == "3WQ3", (
        "receiptCode() of view.ts says the same: see orders.test.ts"
    )


# An answer that got lost -----------------------------------------------------------------------------------------


def test_a_phone_whose_answer_got_lost_asks_again_and_is_the_same_device(server, office):
    code = office.database.write(
        lambda session: people.invite(session, Role.OFFICER, "Phone 7", minutes=60, now=office.clock())
    ).code
    asked = {"code": code, "attempt": "0123456789abcdef" * 2}
    first, second = (server.post("/api/enrol", json=asked).json() for _ in range(2))
    server.cookies.clear()
    assert first["deviceId"] == second["deviceId"]
    assert first["token"] != second["token"]
    assert Device(office, server, first["deviceId"], first["token"]).check().status_code == 401, "the lost one is void"
    assert Device(office, server, second["deviceId"], second["token"]).send(a_record())[0]["status"] == "stored"
    for other in ({"code": code}, {"code": code, "attempt": "f" * 32}):
        assert server.post("/api/enrol", json=other).json()["type"] == "/problems/code-used"
    assert server.post("/api/enrol", json={"code": code, "attempt": "short"}).status_code == 400
    assert len(all_of(office, DeviceRow)) == 1
    assert list(verify(office)) == []


def test_asking_again_ends_with_the_life_of_the_code(server, office, later):
    code = office.database.write(
        lambda session: people.invite(session, Role.OFFICER, "Phone 7", minutes=60, now=office.clock())
    ).code
    asked = {"code": code, "attempt": "0123456789abcdef" * 2}
    server.post("/api/enrol", json=asked)
    later(minutes=61)
    assert server.post("/api/enrol", json=asked).status_code == 410


def test_a_phone_that_is_set_up_anew_is_not_waited_for_under_its_old_name(officer, supervisor, office):
    officer.say(unsent=2, oldestUnsentAt=office.clock().isoformat())
    code = office.database.write(
        lambda session: people.invite(session, Role.OFFICER, "Phone 8", minutes=60, now=office.clock())
    ).code
    for stranger in ("", "another token"):  # only who holds its token can say of a device that it is gone
        other = office.database.write(
            lambda session: people.invite(session, Role.OFFICER, "Phone 9", minutes=60, now=office.clock())
        ).code
        headers = {"cookie": f"beatbook_device={stranger}"}
        officer.http.post("/api/enrol", json={"code": other, "was": officer.device_id}, headers=headers)
        officer.http.cookies.clear()
        assert officer.check().status_code == 200
    headers = {"cookie": f"beatbook_device={officer.token}"}
    officer.http.post("/api/enrol", json={"code": code, "was": officer.device_id}, headers=headers)
    officer.http.cookies.clear()
    assert officer.check().status_code == 403
    shown = page_of(supervisor, officer)
    assert "No longer used" in shown
    assert "Set up anew as Phone 8" in shown
    assert "2 unsent" not in shown
    assert list(verify(office)) == []


def test_a_device_that_is_gone_can_be_used_again(officer, supervisor):
    stand(supervisor, officer, "gone", why="Fell into the sea")
    assert officer.check().status_code == 403
    assert "order" not in officer.check().json()
    stand(supervisor, officer, "in_use", why="It dried")
    assert officer.check().status_code == 200


# A device may always deliver -------------------------------------------------------------------------------------


def test_a_device_delivers_after_every_session_of_its_people_has_expired(officer, supervisor, later):
    later(days=400)
    assert supervisor.open("/desk/records").status_code == 303, "the desk asks to sign in again"
    assert officer.send(a_record())[0]["status"] == "stored"


def test_a_device_delivers_after_whoever_set_it_up_has_left(invited, supervisor, office):
    office.database.write(
        lambda session: people.end_person(
            session, session.get(Person, supervisor.person_id), now=office.clock(), actor="server"
        )
    )
    assert invited.send(a_record())[0]["status"] == "stored"


@pytest.mark.parametrize("standing", ["locked", "leaving", "lost"])
def test_a_device_delivers_however_it_stands(officer, supervisor, standing):
    stand(supervisor, officer, standing)
    assert officer.send(a_record(a_photo()))[0]["status"] == "stored"


# Passed to another officer ---------------------------------------------------------------------------------------


def test_a_phone_passed_to_another_officer_leaves_records_with_who_made_them(officer, supervisor, clock, later):
    def hand(name: str, number: str) -> None:
        path = f"/desk/devices/{officer.device_id}/holder"
        supervisor.submit(path, holder_name=name, holder_number=number)

    def made_by(record) -> str:
        return read(supervisor.open(f"/desk/records/{record.instance_id}")).split("Carried by ")[1]

    hand("Sarah Finch", "E12")
    assert officer.down()["device"]["holder"] == "Sarah Finch"
    later(minutes=5)
    first, late = (a_record(counter=number, capturedAt=clock.now.isoformat()) for number in (1, 2))
    officer.send(first)
    later(minutes=5)
    hand("Kerry Boyd", "E14")
    assert officer.down()["device"]["holder"] == "Kerry Boyd"
    later(minutes=5)
    second = a_record(counter=3, capturedAt=clock.now.isoformat())
    officer.send(late, second)
    assert made_by(first).startswith("Sarah Finch")
    assert made_by(late).startswith("Sarah Finch"), "whenever it arrives"
    assert made_by(second).startswith("Kerry Boyd")


# Orders -----------------------------------------------------------------------------------------------------------


def test_a_device_in_use_is_told_to_do_nothing(officer):
    assert "order" not in officer.check().json()
    assert "order" not in officer.state()
    assert "order" not in officer.down()


@pytest.mark.parametrize(("standing", "do"), [("locked", "lock"), ("leaving", "leave"), ("lost", "clear")])
def test_an_order_is_proven_with_a_key_that_only_its_device_has(officer, enrolled, supervisor, office, standing, do):
    stand(supervisor, officer, standing)
    told = order(officer)
    assert (told["do"], told["why"]) == (do, standing)
    assert told["proof"] == proven(officer, "order", office.server_id, officer.device_id, told["id"], standing)
    assert told == officer.state()["order"]
    other = enrolled(name="Phone 8")
    assert told["proof"] != proven(other, "order", office.server_id, officer.device_id, told["id"], standing)


def test_a_lost_phone_reads_nothing_and_what_it_sends_is_marked(officer, supervisor):
    stand(supervisor, officer, "lost")
    assert officer.http.get("/api/sync/down", headers=officer.headers).json()["type"] == "/problems/device-revoked"
    assert officer.http.get("/api/map", headers=officer.headers).status_code in (403, 404)
    record = a_record(a_photo())
    answer = officer.deliver(record)
    assert answer.status_code == 200
    assert answer.json()["order"]["do"] == "clear"
    assert answer.json()["results"][0]["warnings"][0]["code"] == "device-lost"
    assert "Came from a phone that was marked as lost" in read(supervisor.open("/desk/records?flag=device-lost"))


def test_a_lost_phone_hands_over_asks_and_says_when_it_is_empty(officer, supervisor, office):
    stand(supervisor, officer, "lost")
    draft, photo = b'{"draft":{"formId":"graffiti"}}', a_photo()
    handed = officer.http.post(
        "/api/sync/hand-over",
        files=[("submission", (None, draft, "application/json")), ("attachment", (sha256(photo), photo, "image/jpeg"))],
        headers=officer.headers,
    )
    assert handed.status_code == 200
    assert [result["status"] for result in handed.json()["results"]] == ["refused", "stored"]
    assert handed.json()["results"][0]["digest"] == hashlib.sha256(draft).hexdigest()
    assert handed.json()["results"][0]["problem"]["kept"] == "quarantine"
    assert "Its device handed it over before it cleared itself" in read(supervisor.open("/desk/kept-aside"))
    for _ in range(2):  # the answer may get lost
        granted = ask(officer, "/api/clearing", nonce=NONCE, records=2, photos=1, drafts=1, left=0)
        assert granted.json() == {
            "clear": True,
            "proof": proven(officer, "clear", office.server_id, officer.device_id, NONCE),
        }
    assert "Clearing itself It handed over 2 records, 1 photo and 1 unfinished record first." in page_of(
        supervisor, officer
    )
    assert order(officer)["why"] == "lost", "why it clears itself is still said"
    for _ in range(2):
        done = ask(officer, "/api/clearing/done")
        assert done.status_code == 200
        assert done.headers["clear-site-data"] == '"cache", "storage"'
        assert 'beatbook_device=""' in done.headers["set-cookie"]
    assert "it said that nothing is left on it" in page_of(supervisor, officer)
    assert officer.check().status_code == 403
    assert standing_of(office, officer) is Standing.CLEARED
    assert list(verify(office)) == []


def test_what_went_with_a_stolen_phone_is_said(officer, supervisor):
    stand(supervisor, officer, "stolen")
    ask(officer, "/api/clearing", nonce=NONCE, records=0, photos=True, drafts=-1, left=2, unread=1)
    shown = page_of(supervisor, officer)
    assert "It had nothing left to hand over. 1 unfinished record went with it" in shown
    assert "2 things could not be handed over and went with it." in shown


def test_a_phone_that_was_found_again_is_not_cleared(officer, supervisor, office):
    stand(supervisor, officer, "lost")
    assert order(officer)
    stand(supervisor, officer, "in_use", why="It was in the van")
    refused = ask(officer, "/api/clearing", nonce=NONCE)
    assert refused.json()["type"] == "/problems/nothing-ordered"
    assert order(officer) == {}
    assert officer.down()["forms"]
    assert "Found again, Kerry B: It was in the van" in page_of(supervisor, officer)
    assert ask(officer, "/api/sync/hand-over").json()["type"] == "/problems/nothing-ordered"


def test_once_it_was_told_that_it_may_clear_itself_there_is_no_way_back(officer, supervisor):
    stand(supervisor, officer, "leaving", why="")
    ask(officer, "/api/clearing", nonce=NONCE)
    refused = stand(supervisor, officer, "in_use")
    assert refused.status_code == 409
    assert "clears itself. Set it up again with a new code." in read(refused)


@pytest.mark.parametrize("standing", ["lost", "stolen"])
def test_lost_and_stolen_want_a_reason(officer, supervisor, standing):
    refused = stand(supervisor, officer, standing, why="  ")
    assert refused.status_code == 422
    assert order(officer) == {}


def test_an_order_in_the_middle_of_a_delivery_loses_nothing(officer, supervisor, office):
    """The desk calls it lost between a record and its photo."""
    photo = a_photo()
    record = a_record(photo)
    first = officer.send(record, photos=())[0]
    assert first["missing"] == [sha256(photo)]
    stand(supervisor, officer, "lost")
    assert officer.check(record).json()["submissions"][0]["missing"] == [sha256(photo)]
    assert officer.send(photos=(photo,))[0]["status"] == "stored"
    again = officer.send(record)[0]
    assert (again["receipt"], again["missing"]) == (first["receipt"], [])
    assert all_of(office, Submission)[0].complete


# Stolen -----------------------------------------------------------------------------------------------------------


def test_a_stolen_phone_is_refused_at_once_and_what_it_sends_is_kept_apart_until_a_person_decides(
    officer, supervisor, office
):
    before, photo = a_record(counter=1), a_photo()
    officer.send(before)
    stand(supervisor, officer, "stolen")
    for answer in (officer.check(), officer.http.get("/api/sync/down", headers=officer.headers)):
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/device-revoked")
        assert answer.json()["order"]["do"] == "clear"
    record = a_record(photo, counter=2)
    answer = officer.deliver(record, a_record(counter=3))
    assert (answer.status_code, answer.json()["kept"], answer.json()["client"]) == (403, "quarantine", "stop")
    assert [one["status"] for one in answer.json()["results"]] == ["refused", "refused", "stored"]
    assert len(all_of(office, Submission)) == 1, "nothing is mixed into the evidence"
    assert [blob.sha256 for blob in all_of(office, Blob)] == [sha256(photo)], "its photo waits with it"
    kept = next(one for one in all_of(office, Quarantine) if one.instance_id == record.instance_id)
    taken = supervisor.submit(f"/desk/kept-aside/{kept.id}", act="take-in")
    assert taken.headers["location"] == f"/desk/records/{record.instance_id}"
    shown = read(supervisor.open(taken.headers["location"]))
    assert "Taken in, though its device is stolen or retired" in shown
    assert "Waiting for" not in shown, "the photo is there"
    assert supervisor.submit(f"/desk/kept-aside/{kept.id}", act="take-in").status_code == 404, "once"
    assert list(verify(office)) == []


def test_a_stolen_phone_can_open_no_patrol_for_tablets_and_gets_no_tasks(enrolled, pupil, supervisor, office):
    import base64

    leader = enrolled(Role.PARKING, "Phone of Sarah")
    point = base64.b64encode(b"\x04" + bytes(range(64))).decode()
    assert ask(leader, "/api/patrols/key", publicKey=point).status_code == 200
    assert len(pupil.down()["patrolKeys"]) == 1
    assert leader.device_id in supervisor.open("/desk/tasks").text
    stand(supervisor, leader, "stolen")
    assert pupil.down()["patrolKeys"] == []
    assert leader.device_id not in supervisor.open("/desk/tasks").text


def test_a_pupils_tablet_that_was_stolen_leaves_nothing_aside(pupil, supervisor, office):
    stand(supervisor, pupil, "stolen")
    answer = pupil.deliver(a_record(form="mock_ticket"))
    assert (answer.status_code, answer.json()["kept"]) == (403, "nothing")
    assert ask(pupil, "/api/sync/hand-over").json()["type"] == "/problems/nothing-ordered"
    assert all_of(office, Quarantine) == []


# Who, and the seal ------------------------------------------------------------------------------------------------


def test_every_change_is_in_the_log_with_who_and_its_why_is_not(officer, supervisor, office):
    for standing in ("locked", "in_use", "leaving", "in_use", "lost", "in_use", "stolen", "in_use"):
        stand(supervisor, officer, standing, why="Mrs Archer of 4 High Street had it")
    stood = [event for event in all_of(office, Event) if event.kind.startswith("device.stands-")]
    assert len(stood) == 8
    assert {event.actor for event in stood} == {f"person:{supervisor.person_id}"}
    assert not [event for event in stood if "Archer" in event.data], "the log holds no content"
    shown = page_of(supervisor, officer)
    assert shown.index("Found again, Kerry B: Mrs Archer") < shown.index("Marked as stolen, Kerry B")
    assert "Unlocked, Kerry B" in shown
    assert "Kept in use, Kerry B" in shown


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE device SET standing = 'in_use'",
        "UPDATE device_step SET why = 'Nothing happened'",
        "UPDATE device_step SET standing = 'leaving'",
        "DELETE FROM device_step",
    ],
)
def test_a_standing_changed_behind_our_back_is_found(officer, supervisor, office, change):
    from sqlalchemy import text

    stand(supervisor, officer, "lost")
    office.database.write(lambda session: session.connection().execute(text(change)))
    assert list(verify(office)) != []
