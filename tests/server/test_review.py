"""Reviewing many records: the queue, many at once, saved filters, comments, corrections, and what comes meanwhile."""

import json
import re
import sqlite3
import threading
from collections.abc import Callable
from html import unescape
from typing import Any

import httpx2
import pytest
from actors import Device, Record, Supervisor, a_photo, a_record, graffiti_answers, read
from classroom import a_tally
from running import RunningServer
from sqlmodel import Session
from waiting import wait_until

from beatbook import events, listings, submissions
from beatbook.models import ReviewState, Role, Submission
from beatbook.office import Office
from beatbook.verification import verify


@pytest.fixture
def tom(office: Office, server: Any) -> Supervisor:
    return Supervisor.join(office, server, "Tom S")


# The queue -------------------------------------------------------------------------------------------------------


def test_the_queue_walks_exactly_the_filter_and_stays_frozen(officer: Device, supervisor: Supervisor):
    records = [sent(officer, at(place)) for place in ("The pier", "The bandstand", "The pier again")]
    sent(officer, a_record(a_photo()), photos=())
    first = supervisor.open("/desk/review?q=pier")
    assert first.headers["location"].startswith(f"/desk/review/{records[2].instance_id}")
    listed = supervisor.open("/desk/review/list?q=pier").json()
    assert listed == {"records": [records[2].instance_id, records[0].instance_id]}
    after = supervisor.submit(
        f"/desk/review/{records[2].instance_id}?q=pier", state="approved", next=records[0].instance_id, after="0"
    )
    assert after.headers["location"] == f"/desk/review/{records[0].instance_id}?q=pier"
    everything = supervisor.open("/desk/review/list").json()["records"]
    assert everything == [records[1].instance_id, records[0].instance_id], "what waits for photos is not there yet"


def test_what_asks_for_no_decision_is_kept_listed_and_exported_and_waits_for_nobody(
    pupil: Device, supervisor: Supervisor, office: Office
):
    tally = sent(pupil, a_tally(at="2026-11-22T09:05:00+00:00"))
    assert supervisor.open("/desk/review/list").json() == {"records": []}
    with office.database.reading() as session:
        assert (listings.waiting(session), submissions.counts(session)[ReviewState.KEPT]) == (0, 1)
    assert "Kept" in read(supervisor.open("/desk/records?form=wow_tally"))
    assert tally.instance_id in supervisor.open("/desk/records.csv?form=wow_tally").text
    decide(supervisor, tally, state="rejected", reason="duplicate", after="0")
    decide(supervisor, tally, act="undo")
    assert state_of(office, tally) is ReviewState.KEPT, "as it came"
    (told,) = pupil.down()["reviews"]
    assert told["reviewState"] == "received", "the words of devices are five"
    assert list(verify(office)) == []
    hidden = sent(pupil, a_tally(year="year4", at="2026-11-22T09:07:00+00:00"))
    office.database.write(lambda session: set_state(session, hidden, ReviewState.APPROVED))
    assert "its state is approved, the log says kept" in [fault.what for fault in verify(office)]


def set_state(session: Session, record: Record, state: ReviewState) -> None:
    submissions.get(session, record.instance_id).review_state = state


def test_an_empty_queue_says_so(supervisor: Supervisor):
    assert "All reviewed" in read(supervisor.open("/desk/review"))


def test_the_first_decision_counts_and_the_other_is_told(officer: Device, supervisor: Supervisor, tom: Supervisor):
    record = sent(officer, a_record())
    address = f"/desk/review/{record.instance_id}"
    assert "Kerry B is looking at this" not in read(supervisor.open(address))
    assert "Kerry B is looking at this" in read(tom.open(address))
    decide(supervisor, record, state="approved", after="0")
    refused = decide(tom, record, state="hasIssues", reason="too_dark", after="0")
    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/already-decided"
    assert state_of(officer.office, record) is ReviewState.APPROVED
    seen = tom.submit(f"{address}/look").json()
    assert decide(tom, record, state="hasIssues", reason="too_dark", after=str(seen["decided"])).status_code == 200


def test_who_goes_on_no_longer_looks(
    officer: Device, supervisor: Supervisor, tom: Supervisor, later: Callable[..., None]
):
    one, other = sent(officer, a_record()), sent(officer, a_record())
    supervisor.submit(f"/desk/review/{one.instance_id}/look")
    assert tom.submit(f"/desk/review/{one.instance_id}/look").json()["others"] == ["Kerry B"]
    supervisor.submit(f"/desk/review/{other.instance_id}/look")
    assert tom.submit(f"/desk/review/{one.instance_id}/still").json()["others"] == []
    later(minutes=2)
    assert tom.submit(f"/desk/review/{other.instance_id}/look").json()["others"] == [], "Kerry went for lunch"


def test_a_record_fetched_ahead_is_logged_as_fetched_and_only_opened_when_shown(
    officer: Device, supervisor: Supervisor, office: Office
):
    record = sent(officer, a_record())
    part = supervisor.open(f"/desk/review/{record.instance_id}?part=")
    assert part.text.count("<html") == 0
    assert kinds_of(office, record)[-1] == "submission.fetched"
    supervisor.submit(f"/desk/review/{record.instance_id}/look")
    assert kinds_of(office, record)[-1] == "submission.viewed"
    supervisor.submit(f"/desk/review/{record.instance_id}/still")
    assert kinds_of(office, record).count("submission.viewed") == 1


def test_what_a_page_does_by_itself_keeps_nobody_signed_in(
    officer: Device, supervisor: Supervisor, later: Callable[..., None]
):
    record = sent(officer, a_record())
    for _ in range(4):
        later(minutes=9)
        supervisor.submit(f"/desk/review/{record.instance_id}/still")
    assert supervisor.open("/desk/records").status_code == 303


def test_a_double_is_not_accepted_and_names_the_other(officer: Device, supervisor: Supervisor, office: Office):
    first, second = sent(officer, a_record()), sent(officer, a_record())
    shown = supervisor.open(f"/desk/review/{second.instance_id}")
    assert f'name="other" value="{first.instance_id}"' in shown.text
    decide(supervisor, second, act="duplicate", other=first.instance_id)
    assert state_of(office, second) is ReviewState.REJECTED
    assert f'href="/desk/records/{first.instance_id}"' in supervisor.open(f"/desk/records/{second.instance_id}").text
    assert decide(supervisor, second, act="duplicate", other=second.instance_id).status_code == 404


def test_a_decision_of_the_queue_is_undone_in_the_order_it_was_made(
    officer: Device, supervisor: Supervisor, tom: Supervisor, office: Office
):
    record = sent(officer, a_record())
    decide(supervisor, record, state="hasIssues", reason="too_dark")
    decide(supervisor, record, state="approved")
    decide(supervisor, record, act="undo")
    assert state_of(office, record) is ReviewState.HAS_ISSUES
    decide(tom, record, state="approved")
    assert decide(supervisor, record, act="undo").status_code == 409, "that was Tom's"
    assert state_of(office, record) is ReviewState.APPROVED


def test_a_refused_decision_of_the_queue_keeps_what_was_written(officer: Device, supervisor: Supervisor):
    record = sent(officer, a_record())
    assert decide(supervisor, record, state="hasIssues").json()["type"] == "/problems/reason-missing"
    shown = supervisor.submit(f"/desk/review/{record.instance_id}", state="hasIssues", reason="other")
    assert shown.status_code == 422
    assert re.search(r'value="other"[^>]*checked', shown.text)


def test_a_penalty_waits_for_three_seconds_and_an_ordinary_record_does_not(
    officer: Device, supervisor: Supervisor, office: Office
):
    penalty = sent(officer, a_record(form="litter", answers={"outcome": "fpn", "litter_kind": "cig"}))
    advice = sent(officer, a_record(form="litter", answers={"outcome": "advice", "litter_kind": "cig"}))
    assert 'data-pause="3000"' in supervisor.open(f"/desk/review/{penalty.instance_id}").text
    assert 'data-pause="700"' in supervisor.open(f"/desk/review/{advice.instance_id}").text


# Many at once ----------------------------------------------------------------------------------------------------


def test_many_are_decided_at_once_and_taken_back_for_ten_minutes(
    officer: Device, supervisor: Supervisor, tom: Supervisor, office: Office, later: Callable[..., None]
):
    records = [sent(officer, a_record()) for _ in range(3)]
    penalty = sent(officer, a_record(form="litter", answers={"outcome": "fpn"}))
    done = bulk(supervisor, *records, penalty, state="approved")
    shown = supervisor.open(done.headers["location"])
    assert "Approved: 3 records. 1 fixed penalty left out: open it." in read(shown)
    assert state_of(office, penalty) is ReviewState.RECEIVED
    tom.send_back(records[0], "too_dark")
    undo = re.search(r'action="(/desk/bulk/[^"]+)"', shown.text)
    assert undo
    assert tom.submit(undo[1]).status_code == 409
    supervisor.submit(undo[1])
    assert [state_of(office, one) for one in records] == [ReviewState.HAS_ISSUES, *[ReviewState.RECEIVED] * 2]
    assert supervisor.submit(undo[1]).status_code == 409, "once"

    again = supervisor.open(bulk(supervisor, records[1], state="approved").headers["location"])
    late = re.search(r'action="(/desk/bulk/[^"]+)"', again.text)
    later(minutes=11)
    assert late and supervisor.submit(late[1]).status_code == 409
    assert list(verify(office)) == []


def test_all_that_match_are_decided_not_only_the_page(
    officer: Device, supervisor: Supervisor, office: Office, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("beatbook.desk.records.ROWS", 2)
    pier = [sent(officer, at("The pier")) for _ in range(5)]
    other = sent(officer, at("The bandstand"))
    assert "all 5 that match, not only this page" in read(supervisor.open("/desk/records?q=pier"))
    supervisor.submit("/desk/records/bulk?q=pier", all="yes", state="rejected", reason="duplicate")
    assert {state_of(office, one) for one in pier} == {ReviewState.REJECTED}
    assert state_of(office, other) is ReviewState.RECEIVED


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"state": "approved"}, "Tick the records first"), ({"all": "yes", "state": "hasIssues"}, "Say why it is sent")],
)
def test_a_bulk_that_lacks_something_changes_nothing(
    fields: dict[str, str], said: str, officer: Device, supervisor: Supervisor, office: Office
):
    record = sent(officer, a_record())
    answer = supervisor.submit("/desk/records/bulk", **fields)
    assert answer.status_code == 422
    assert said in read(answer)
    assert state_of(office, record) is ReviewState.RECEIVED


# The list --------------------------------------------------------------------------------------------------------


def test_every_filter_is_its_address(officer: Device, supervisor: Supervisor):
    sent(officer, at("The pier"))
    shown = supervisor.open("/desk/records?q=pier&state=received&from=2026-11-01&place=pier&sort=captured&photos=whole")
    assert "1 record matches. Newest capture first." in read(shown)
    for words in ("Words: pier", "State: Received", "From: Sun 1 Nov 2026", "Place: pier", "Photos: All here"):
        assert words in read(shown)
    without = address_of(shown, "Words: pier")
    assert "q=" not in without and "state=received" in without and "sort=captured" in without
    for wrong in ("photos=some", "sort=size", "from=yesterday", "after=x"):
        path = "/desk/records/newer" if wrong.startswith("after") else "/desk/records"
        assert supervisor.open(f"{path}?{wrong}").status_code == 404, wrong


def test_a_form_brings_its_own_columns_and_others_can_be_chosen(officer: Device, supervisor: Supervisor):
    sent(officer, a_record())
    assert "Record On what Kind Is it offensive? Size Received" in read(supervisor.open("/desk/records?form=graffiti"))
    chosen = supervisor.open("/desk/records?form=graffiti&column=answer.surface&column=grid")
    assert "Record Surface Grid reference State" in read(chosen)
    assert "Brick TR 1482 5795" in read(chosen)


def test_a_saved_filter_is_shared_pinned_and_removed_by_its_maker(
    officer: Device, supervisor: Supervisor, tom: Supervisor, office: Office
):
    supervisor.submit("/desk/saved?q=pier&sort=captured", name="The pier", pinned="yes")
    supervisor.submit("/desk/saved?state=hasIssues", name="Sent back", shared="yes", pinned="yes")
    assert "Keeping Sent back The pier" in read(supervisor.open("/desk/records"))
    assert "Keeping Sent back" in read(tom.open("/desk/records"))
    shown = supervisor.open("/desk/records")
    end = re.search(r'action="(/desk/saved/[^"]+/end)"', shown.text)
    assert end
    assert tom.submit(end[1]).status_code == 403
    supervisor.submit(end[1])
    assert supervisor.open("/desk/records").text.count("/end") == 1
    assert "Give it a name" in read(supervisor.submit("/desk/saved?q=pier", name=" "))
    assert list(verify(office)) == []


def test_rows_that_came_since_are_sent_by_themselves(officer: Device, supervisor: Supervisor):
    sent(officer, at("The pier"))
    newest = re.search(r'data-arrivals="(\d+)"', supervisor.open("/desk/records?q=pier").text)
    assert newest
    record, _ = sent(officer, at("The pier again")), sent(officer, at("The bandstand"))
    rows = supervisor.open(f"/desk/records/newer?q=pier&after={newest[1]}")
    assert re.findall(r'name="pick" value="([^"]+)"', rows.text) == [record.instance_id]


# One record ------------------------------------------------------------------------------------------------------


def test_a_correction_keeps_both_and_never_touches_the_payload(officer: Device, supervisor: Supervisor, office: Office):
    record = sent(officer, a_record())
    address = f"/desk/records/{record.instance_id}"
    box = supervisor.open(f"{address}/correct?field=surface")
    assert "It says now: Brick" in read(box)
    assert "Say why it is put right" in read(supervisor.submit(f"{address}/correct", field="surface", answer="metal"))
    wrong = supervisor.submit(f"{address}/correct", field="surface", answer="cheese", reason="a guess")
    assert wrong.status_code == 422
    supervisor.submit(f"{address}/correct", field="surface", answer="metal", reason="The officer rang")
    shown = read(supervisor.open(address))
    assert "Surface Metal Put right by Kerry B. The officer wrote: Brick" in shown
    assert "Surface: Brick put right to Metal by Kerry B" in shown
    assert "The officer rang" in shown
    with office.database.reading() as session:
        assert session.get_one(Submission, record.instance_id).payload == record.payload
    assert "1 record matches" in read(supervisor.open("/desk/records?q=metal")), "it is found by what is right"
    assert supervisor.open(f"{address}/correct?field=photo_before").status_code == 404
    assert list(verify(office)) == []


def test_comments_and_flags_stay_and_a_flag_is_settled(officer: Device, supervisor: Supervisor, tom: Supervisor):
    record = sent(officer, a_record())
    address = f"/desk/records/{record.instance_id}"
    assert supervisor.submit(f"{address}/remarks", kind="comment", words=" ").status_code == 422
    supervisor.submit(f"{address}/remarks", kind="comment", words="Third time this week")
    supervisor.submit(f"{address}/remarks", kind="flag", words="Ring the school?")
    shown = read(tom.open(address))
    assert "Kerry B" in shown and "Third time this week" in shown and "For the manager" in shown
    assert "1 record matches" in read(tom.open("/desk/records?flag=manager"))
    tom.submit(f"{address}/remarks", kind="settled")
    assert "No record matches" in read(tom.open("/desk/records?flag=manager"))
    assert "Ring the school?" in read(tom.open(address))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE remark SET words = 'Nothing'",
        "DELETE FROM remark",
        "UPDATE correction SET after = '\"stone\"'",
        "DELETE FROM correction",
        "UPDATE saved_filter SET query = 'state=approved'",
        "UPDATE saved_filter SET ended_at = '2026-01-01 00:00:00'",
    ],
)
def test_what_was_said_at_the_desk_is_sealed(change: str, officer: Device, supervisor: Supervisor, office: Office):
    record = sent(officer, a_record())
    address = f"/desk/records/{record.instance_id}"
    supervisor.submit(f"{address}/remarks", kind="comment", words="Third time this week")
    supervisor.submit(f"{address}/correct", field="surface", answer="metal", reason="The officer rang")
    supervisor.submit("/desk/saved?q=pier", name="The pier")
    assert list(verify(office)) == []
    connection = sqlite3.connect(str(office.settings.database_file))
    connection.execute(change)
    connection.commit()
    connection.close()
    assert list(verify(office)) != []


def test_an_auditor_decides_corrects_and_says_nothing(
    officer: Device, supervisor: Supervisor, office: Office, server: Any
):
    auditor, record = Supervisor.join(office, server, "Ann Audit", Role.AUDITOR), sent(officer, a_record())
    address = f"/desk/records/{record.instance_id}"
    for path in (
        f"{address}/remarks",
        f"{address}/correct",
        "/desk/records/bulk",
        f"/desk/review/{record.instance_id}",
    ):
        assert auditor.submit(path, state="approved", kind="comment", words="x").status_code == 403, path
    assert auditor.open("/desk/review").status_code == 403


# Live ------------------------------------------------------------------------------------------------------------


def test_a_page_hears_of_new_records_and_the_server_stops_all_the_same(running: RunningServer):
    phone = running.start().enrol()
    desk = httpx2.Client(base_url=running.url)
    joined = desk.post(
        running.invite("supervisor", "Kerry B")["url"],
        data={"name": "Kerry B", "email": "kerry@council.example", "password": "a long enough password"},
    )
    assert joined.status_code == 303
    heard: list[dict[str, int]] = []
    came, ended = threading.Event(), threading.Event()

    def listen() -> None:
        with desk.stream("GET", "/desk/live", timeout=30) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            for line in stream.iter_lines():
                if line.startswith("data: "):
                    heard.append(json.loads(line.removeprefix("data: ")))
                    came.set()
        ended.set()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    assert came.wait(10)
    assert heard == [{"newest": 0, "waiting": 0, "emergencies": 0}]
    running.deliver(phone, a_record())
    wait_until(lambda: heard[-1]["waiting"] == 1, 2, "counts are right within two seconds")
    running.stop()
    assert ended.wait(5)
    listener.join()
    desk.close()


def sent(officer: Device, record: Record, photos: tuple[bytes, ...] | None = None) -> Record:
    officer.send(record, photos=photos)
    return record


def at(place: str) -> Record:
    return a_record(answers={**graffiti_answers(), "place_text": place})


def decide(person: Supervisor, record: Record, **fields: str) -> Any:
    """As the queue's script does."""
    headers = {**person.headers(), "accept": "application/json"}
    return person.http.post(f"/desk/review/{record.instance_id}", data=fields, headers=headers)


def bulk(person: Supervisor, *records: Record, **fields: str) -> Any:
    data = {"pick": [record.instance_id for record in records], **fields}
    return person.http.post("/desk/records/bulk", data=data, headers=person.headers())


def state_of(office: Office, record: Record) -> ReviewState:
    with office.database.reading() as session:
        return submissions.get(session, record.instance_id).review_state


def kinds_of(office: Office, record: Record) -> list[str]:
    with office.database.reading() as session:
        return [event.kind for event in events.history_of(session, record.instance_id)]


def address_of(page: Any, words: str) -> str:
    for address, inside in re.findall(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', page.text, flags=re.S):
        if words in " ".join(re.sub(r"<[^>]+>", " ", inside).split()):
            return unescape(address)
    raise AssertionError(f"no link says {words}")
