"""The desk: what supervisors see, and what they may do there."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from actors import Clock, Device, Record, Supervisor, a_photo, a_record, graffiti_answers, read, sha256
from pydantic import ValidationError
from starlette.testclient import TestClient

from beatbook import events, grid, people
from beatbook.desk import words
from beatbook.desk.session import safe_target
from beatbook.models import Event, Person, Purpose, ReviewState, Role
from beatbook.office import Office
from beatbook.people import Invited
from beatbook.photos.previews import Made
from beatbook.serving import administrator_link
from beatbook.settings import Settings


@pytest.fixture
def auditor(office: Office, server: TestClient) -> Supervisor:
    return Supervisor.join(office, server, "Ann Audit", Role.AUDITOR)


@pytest.fixture
def administrator(office: Office, server: TestClient) -> Supervisor:
    return Supervisor.join(office, server, "Tom Admin", Role.ADMIN)


# The list --------------------------------------------------------------------------------------------------------


def test_the_list_shows_the_newest_record_first(officer: Device, supervisor: Supervisor):
    first, second = sent(officer, at("The pier")), sent(officer, at("The bandstand"))
    shown = supervisor.open("/desk/records")
    assert listed(shown) == [second.instance_id, first.instance_id]
    assert "The bandstand" in read(shown)


def test_the_list_says_when_in_the_time_of_the_town(officer: Device, supervisor: Supervisor, clock: Clock):
    clock.now = clock.now.replace(month=7)
    sent(officer, a_record(capturedAt="2026-07-22T10:04:31+00:00"))
    assert "Wed 22 Jul 2026 11:04" in read(supervisor.open("/desk/records"))


def test_the_list_is_filtered_by_state_and_form(officer: Device, supervisor: Supervisor):
    waiting, approved = sent(officer, a_record()), sent(officer, a_record())
    other = sent(officer, a_record(form="unheard"))
    supervisor.approve(approved)
    assert listed(supervisor.open("/desk/records?state=approved")) == [approved.instance_id]
    assert listed(supervisor.open("/desk/records?form=unheard")) == [other.instance_id]
    assert listed(supervisor.open("/desk/records?form=graffiti&state=received")) == [waiting.instance_id]


def test_each_filter_says_how_many_it_would_show(officer: Device, supervisor: Supervisor):
    sent(officer, a_record()), sent(officer, a_record())
    supervisor.approve(sent(officer, a_record()))
    shown = read(supervisor.open("/desk/records"))
    assert "State Received 2 Sent back 0 Approved 1 Not accepted 0 Mended 0 Kept 0" in shown


def test_a_state_that_there_is_not_is_not_found(supervisor: Supervisor):
    assert supervisor.open("/desk/records?state=nonsense").status_code == 404
    assert supervisor.open("/desk/records?before=nonsense").status_code == 404
    assert supervisor.open(f"/desk/records?before={'9' * 50}").status_code == 404


def test_pages_hold_every_record_once_although_new_ones_arrive(
    officer: Device, supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("beatbook.desk.records.ROWS", 2)
    expected = [sent(officer, a_record()).instance_id for _ in range(5)][::-1]
    address, seen = "/desk/records", []
    for _ in range(4):  # one more than it takes
        page = supervisor.open(address)
        seen += listed(page)
        sent(officer, a_record())
        address = link(page, "Older")
        if address is None:
            break
    assert seen == expected


def test_an_empty_desk_says_what_will_appear(supervisor: Supervisor):
    assert "No records yet" in read(supervisor.open("/desk/records"))


def test_the_list_says_what_is_missing(officer: Device, supervisor: Supervisor):
    sent(officer, a_record(a_photo(), a_photo()), photos=())
    assert "Waiting for 2 photos" in read(supervisor.open("/desk/records"))


def test_the_list_says_that_a_form_is_not_known(officer: Device, supervisor: Supervisor):
    sent(officer, a_record(form="unheard"))
    assert "Held: form not known yet" in read(supervisor.open("/desk/records"))


def test_the_list_says_that_there_are_warnings(officer: Device, supervisor: Supervisor):
    sent(officer, a_record(a_photo(), capturedAt="2031-01-01T00:00:00+00:00"))
    assert "1 warning" in read(supervisor.open("/desk/records"))


# One record ------------------------------------------------------------------------------------------------------


def test_a_record_shows_its_facts_in_the_words_of_its_form(officer: Device, supervisor: Supervisor):
    shown = read(opened(supervisor, sent(officer, a_record())))
    assert "Is it offensive? No" in shown
    assert "Size Up to A4" in shown
    assert "Where exactly? Westgate Gardens, by the bench" in shown


def test_a_record_without_a_known_form_shows_what_the_device_sent(officer: Device, supervisor: Supervisor):
    shown = read(opened(supervisor, sent(officer, a_record(form="unheard", answers={"huts": [41, 42], "row": "B"}))))
    assert "huts [41, 42]" in shown
    assert "row B" in shown
    assert "Approve" not in shown


def test_a_record_shows_where_and_when(officer: Device, supervisor: Supervisor):
    shown = read(opened(supervisor, sent(officer, a_record())))
    assert "TR 1482 5795, about 8 m" in shown
    assert "51.28020, 1.07890 from GPS" in shown
    assert "Captured Sun 22 Nov 2026 10:04" in shown
    assert "Received 25 minutes after it was captured" in shown
    assert "Phone 7, officer" in shown


def test_a_record_shows_its_receipt(officer: Device, supervisor: Supervisor):
    record = a_record()
    receipt = officer.send(record)[0]["receipt"]
    shown = read(opened(supervisor, record))
    assert all(str(value) in shown for value in (receipt["seq"], receipt["digest"], receipt["chain"], receipt["epoch"]))


def test_a_record_says_what_there_is_to_check(officer: Device, supervisor: Supervisor):
    answers = {**graffiti_answers(), "offensive": "race"}
    shown = read(opened(supervisor, sent(officer, a_record(answers=answers))))
    assert "Police reference" in shown.split("What was recorded")[0]


def test_the_history_says_what_happened_and_who_looked(
    officer: Device, supervisor: Supervisor, administrator: Supervisor
):
    record = sent(officer, a_record())
    opened(administrator, record)
    supervisor.send_back(record, "too_dark", "Could you take it from the left?")
    history = read(opened(supervisor, record)).split("History")[1].split("Receipt")[0]
    assert "Received from Phone 7" in history
    assert "Opened by Tom Admin" in history
    assert "Sent back by Kerry B" in history
    assert "The photo is too dark or blurred" in history
    assert "Could you take it from the left?" in history


def test_opening_a_record_is_logged_once_for_each_opening(officer: Device, supervisor: Supervisor, office: Office):
    record = sent(officer, a_record())
    for times in (1, 2):
        page = opened(supervisor, record)
        assert [event.actor for event in logged(office, record.instance_id, "submission.viewed")] == [
            f"person:{supervisor.person_id}"
        ] * times
    assert "Opening this record is logged" in read(page)


def test_a_record_that_is_not_there_is_not_found_and_leaves_no_event(supervisor: Supervisor, office: Office):
    assert supervisor.open("/desk/records/0193b1f0-0000-7000-8000-000000000000").status_code == 404
    assert not logged(office, "0193b1f0-0000-7000-8000-000000000000", "submission.viewed")


def test_newer_and_older_stay_within_the_filter(officer: Device, supervisor: Supervisor):
    oldest, between, newest = (sent(officer, a_record()) for _ in range(3))
    supervisor.approve(between)
    shown = supervisor.open(f"/desk/records/{oldest.instance_id}?state=received")
    assert link(shown, "Newer") == f"/desk/records/{newest.instance_id}?state=received"
    assert link(shown, "Older") is None


def test_a_mended_record_leads_to_the_one_that_counts(officer: Device, supervisor: Supervisor):
    first = sent(officer, a_record())
    second = sent(officer, a_record(replaces=first.instance_id))
    shown = opened(supervisor, first)
    assert f"/desk/records/{second.instance_id}" in shown.text
    assert "Approve" not in read(shown)


# Decisions -------------------------------------------------------------------------------------------------------


def test_approving_goes_on_to_the_next_that_waits(officer: Device, supervisor: Supervisor):
    oldest, decided, _ = (sent(officer, a_record()) for _ in range(3))
    following = hidden(opened(supervisor, decided), "next")
    assert following == oldest.instance_id
    answer = supervisor.review(decided, "approved", next=following)
    assert (answer.status_code, path_of(answer)) == (303, f"/desk/records/{oldest.instance_id}")
    after = read(supervisor.open(answer.headers["location"]))
    assert "Approved. Graffiti" in after
    assert "Undo" in after
    assert "Approved" in read(opened(supervisor, decided))


def test_the_next_is_another_one_when_somebody_was_faster(officer: Device, supervisor: Supervisor):
    other, taken, decided = (sent(officer, a_record()) for _ in range(3))
    following = hidden(opened(supervisor, decided), "next")
    assert following == taken.instance_id
    supervisor.approve(taken)
    assert path_of(supervisor.review(decided, "approved", next=following)) == f"/desk/records/{other.instance_id}"


def test_the_next_has_the_form_of_the_filter(officer: Device, supervisor: Supervisor):
    litter = sent(officer, a_record(form="litter", answers={"litter_kind": "cig"}))
    decided, graffiti = sent(officer, a_record()), sent(officer, a_record())
    within = supervisor.open(f"/desk/records/{decided.instance_id}?form=graffiti")
    without = supervisor.open(f"/desk/records/{decided.instance_id}")
    assert hidden(within, "next") == graffiti.instance_id
    assert hidden(without, "next") == litter.instance_id


def test_what_is_not_whole_is_passed_over(officer: Device, supervisor: Supervisor):
    whole = sent(officer, a_record())
    sent(officer, a_record(a_photo()), photos=())
    sent(officer, a_record(form="unheard"))
    assert hidden(opened(supervisor, sent(officer, a_record())), "next") == whole.instance_id


def test_after_the_last_decision_comes_the_list(officer: Device, supervisor: Supervisor):
    answer = supervisor.approve(sent(officer, a_record()))
    assert path_of(answer) == "/desk/records"
    after = read(supervisor.open(answer.headers["location"]))
    assert "Approved. Graffiti" in after
    assert "Nothing is waiting for a decision" in after


def test_a_decision_can_be_undone(officer: Device, supervisor: Supervisor):
    record = sent(officer, a_record())
    after = supervisor.open(supervisor.send_back(record, "too_dark").headers["location"])
    undone = supervisor.submit(action(after, "Undo"), **hidden_of(after, "Undo"))
    assert path_of(undone) == f"/desk/records/{record.instance_id}"
    assert "Undone." in read(supervisor.open(undone.headers["location"]))
    assert state_of(supervisor, record) == "Received"


def test_undoing_goes_back_to_the_decision_before(officer: Device, supervisor: Supervisor):
    record = sent(officer, a_record())
    supervisor.send_back(record, "other", "Take it from the left")
    after = supervisor.open(supervisor.approve(record).headers["location"])
    supervisor.submit(action(after, "Undo"), **hidden_of(after, "Undo"))
    assert state_of(supervisor, record) == "Sent back"


def test_an_old_decision_or_that_of_another_is_not_offered_to_be_undone(
    officer: Device, supervisor: Supervisor, administrator: Supervisor, later: Callable[..., None]
):
    address = supervisor.approve(sent(officer, a_record())).headers["location"]
    assert "Undo " not in read(administrator.open(address)).split("Keyboard shortcuts")[0]
    assert "Undo " in read(supervisor.open(address)).split("Keyboard shortcuts")[0]
    later(minutes=11)
    assert "Undo " not in read(supervisor.open(address)).split("Keyboard shortcuts")[0]


def test_sending_back_needs_a_reason_and_keeps_what_was_written(officer: Device, supervisor: Supervisor):
    record = sent(officer, a_record())
    answer = supervisor.review(record, "hasIssues", reason="other")
    assert answer.status_code == 422
    assert "Say why it is sent back" in read(answer)
    assert state_of(supervisor, record) == "Received"
    assert 'value="other" data-key="9" checked' in answer.text


def test_not_accepting_needs_a_reason_too(officer: Device, supervisor: Supervisor):
    record = sent(officer, a_record())
    assert supervisor.review(record, "rejected").status_code == 422
    assert supervisor.review(record, "rejected", reason="duplicate").status_code == 303
    assert state_of(supervisor, record) == "Not accepted"


@pytest.mark.parametrize("state", ["edited", "nonsense", ""])
def test_a_person_cannot_give_a_record_any_other_state(state: str, officer: Device, supervisor: Supervisor):
    record = sent(officer, a_record())
    assert supervisor.review(record, state).status_code == 400
    assert state_of(supervisor, record) == "Received"


def test_an_incomplete_record_is_approved_knowingly(officer: Device, supervisor: Supervisor):
    shown = read(opened(supervisor, sent(officer, a_record(a_photo(), a_photo()), photos=())))
    assert "Approve without 2 photos" in shown
    assert "This photo has not arrived yet" in shown


def test_an_auditor_neither_reads_nor_reviews(officer: Device, auditor: Supervisor, supervisor: Supervisor):
    record = sent(officer, a_record())
    assert auditor.open(f"/desk/records/{record.instance_id}").status_code == 303
    assert auditor.open("/desk/records").headers["location"] == "/desk/audit"
    assert auditor.approve(record).status_code == 403
    assert state_of(supervisor, record) == "Received"


# Hostile text ----------------------------------------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'onmouseover='alert(1)",
    "{{ 7 * 7 }}{% include 'x' %}",
    "javascript:alert(1)",
    "]]>--><svg/onload=alert(1)>",
    "\u202egnp.exe",
    "\u0000\u0007\u001b[31m",
    "Z" + "\u0301" * 200,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_and_never_run(text: str, officer: Device, supervisor: Supervisor):
    answers = {**graffiti_answers(), "place_text": text, "text_seen": text, text: text}
    record = sent(officer, a_record(answers=answers))
    for page in (supervisor.open("/desk/records"), opened(supervisor, record)):
        assert page.status_code == 200
        tags = re.findall(r"<[a-zA-Z/!][^>]*>", page.text)
        assert not [tag for tag in tags if re.search(r"alert|onerror|onload|onmouse|\bstyle=", tag)]
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u0000\u0007\u001b]", page.text)
    assert " ".join(words.visible(text).split()) in read(page)


def test_a_note_of_a_person_is_shown_and_never_run(officer: Device, supervisor: Supervisor):
    record = sent(officer, a_record())
    supervisor.send_back(record, "other", "<script>alert(1)</script>")
    assert "<script>alert" not in opened(supervisor, record).text


def test_a_hundred_thousand_characters_are_folded_away(officer: Device, supervisor: Supervisor):
    answers = {**graffiti_answers(), "text_seen": "word " * 20_000}
    page = opened(supervisor, sent(officer, a_record(answers=answers)))
    assert "Show all" in read(page)
    assert len(supervisor.open("/desk/records").text) < 60_000


# Photos ----------------------------------------------------------------------------------------------------------


def test_a_thumbnail_may_be_kept_by_the_browser_of_the_person(officer: Device, supervisor: Supervisor, office: Office):
    photo = a_photo()
    sent(officer, a_record(photo))
    with_preview(office, photo)
    for size, content in (("thumbnail", b"small"), ("preview", b"large")):
        answer = supervisor.open(f"/desk/photos/{sha256(photo)}/{size}")
        assert answer.content == content
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_an_original_is_a_file_to_save_and_its_taking_is_logged(
    officer: Device, supervisor: Supervisor, office: Office
):
    photo = a_photo()
    record = sent(officer, a_record(photo))
    answer = supervisor.open(f"/desk/photos/{sha256(photo)}/original?of={record.instance_id}")
    assert answer.content == photo
    assert answer.headers["content-disposition"].startswith('attachment; filename="beatbook-')
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "no-store" in answer.headers["cache-control"]
    assert len(logged(office, record.instance_id, "attachment.opened")) == 1
    assert "Original photo downloaded by Kerry B" in read(opened(supervisor, record))


def test_an_original_that_the_named_record_does_not_list_is_logged_under_its_own_name(
    officer: Device, supervisor: Supervisor, office: Office
):
    photo, other = a_photo(), a_record()
    sent(officer, a_record(photo), other)
    supervisor.open(f"/desk/photos/{sha256(photo)}/original?of={other.instance_id}")
    assert not logged(office, other.instance_id, "attachment.opened")
    assert len(logged(office, sha256(photo), "attachment.opened")) == 1


def test_a_photo_that_is_not_here_is_not_found(officer: Device, supervisor: Supervisor):
    photo = a_photo()
    sent(officer, a_record(photo))
    for path in (f"{'0' * 64}/original", "../../etc/passwd/original", f"{sha256(photo)}/enormous"):
        assert supervisor.open(f"/desk/photos/{path}").status_code == 404


# Signing in ------------------------------------------------------------------------------------------------------

PAGES = ["/desk/records", "/desk/records/x", "/desk/devices", f"/desk/photos/{'0' * 64}/original"]


@pytest.mark.parametrize("path", PAGES)
def test_who_is_signed_out_is_asked_to_sign_in_and_comes_back(path: str, server: TestClient):
    answer = server.get(f"{path}?state=received")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/desk/sign-in?to={path.replace('/', '%2F')}%3Fstate%3Dreceived"


def test_who_is_signed_out_decides_nothing(server: TestClient, officer: Device, supervisor: Supervisor):
    record = sent(officer, a_record())
    answer = server.post(f"/desk/records/{record.instance_id}/review", data={"state": "approved"})
    assert answer.headers["location"] == "/desk/sign-in"
    assert state_of(supervisor, record) == "Received"


def test_a_password_opens_the_desk_with_a_cookie_that_stays_here(supervisor: Supervisor, server: TestClient):
    answer = sign_in(server, "Kerry@council.example ", "a long enough password", to="/desk/devices")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/devices")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_a_wrong_password_says_no_more_than_that(supervisor: Supervisor, server: TestClient):
    known = sign_in(server, "kerry@council.example", "a wrong long password")
    unknown = sign_in(server, "nobody@council.example", "a wrong long password")
    assert known.status_code == unknown.status_code == 401
    assert read(known) == read(unknown)
    assert "a wrong long password" not in known.text


def test_too_many_wrong_passwords_must_wait(supervisor: Supervisor, server: TestClient, later: Callable[..., None]):
    for _ in range(30):
        sign_in(server, "kerry@council.example", "a wrong long password")
    assert sign_in(server, "kerry@council.example", "a long enough password").status_code == 429
    later(minutes=2)
    assert sign_in(server, "kerry@council.example", "a long enough password").status_code == 303


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example", "/desk/\\evil", "/desk/x\r\nSet-Cookie: a=b", "/api/x", "", None],
)
def test_signing_in_leads_nowhere_but_to_the_desk(target: str | None):
    assert safe_target(target) == "/desk/records"


def test_signing_out_ends_the_session_on_the_server_too(supervisor: Supervisor):
    answer = supervisor.submit("/desk/sign-out")
    assert answer.status_code == 303
    assert answer.headers["clear-site-data"] == '"cache"'
    assert supervisor.open("/desk/records").status_code == 303


def test_a_session_ends_when_nobody_has_been_there(supervisor: Supervisor, later: Callable[..., None]):
    later(minutes=20)
    assert supervisor.open("/desk/records").status_code == 200
    later(minutes=20)
    assert supervisor.open("/desk/records").status_code == 200
    later(minutes=31)
    assert supervisor.open("/desk/records").status_code == 303


# Joining ---------------------------------------------------------------------------------------------------------

ANSWERS = {"name": "Sam Okafor", "email": "sam@council.example", "password": "three words and more"}


def test_the_first_administrator_is_told_what_this_is_and_signs_in(office: Office, server: TestClient):
    link = invitation(office, Role.ADMIN, purpose=Purpose.ADMINISTRATOR)
    shown = read(server.get(link))
    assert "Set up Beatbook" in shown
    assert "At least 12 characters" in shown
    answer = server.post(link, data=ANSWERS)
    assert answer.headers["location"] == "/desk/records"
    assert "Sam Okafor Administrator" in read(server.get("/desk/records"))
    assert server.get(link).status_code == 410


def test_a_link_for_the_first_administrator_ends_and_makes_no_second_one(
    office: Office, server: TestClient, later: Callable[..., None]
):
    links = [invitation(office, Role.ADMIN, purpose=Purpose.ADMINISTRATOR) for _ in range(3)]
    assert server.post(links[0], data=ANSWERS).status_code == 303
    server.cookies.clear()
    other = {**ANSWERS, "email": "another@council.example"}
    for link in links[:2]:  # used, and printed by an earlier start that nobody followed
        assert server.post(link, data=other).status_code == 410
    later(days=1, minutes=1)
    assert server.post(links[2], data=other).status_code == 410
    assert server.get("/desk/records").status_code == 303


def test_a_link_for_the_first_administrator_that_nobody_followed_is_too_old_the_next_day(
    office: Office, server: TestClient, later: Callable[..., None]
):
    printed = administrator_link(office)[0][1]
    path = "/desk" + printed.split("/desk", 1)[1].split()[0]
    later(days=1, minutes=1)
    assert server.post(path, data=ANSWERS).status_code == 410
    assert administrator_link(office), "and a restart prints another"


def test_looking_at_a_link_does_not_use_it_up(office: Office, server: TestClient):
    link = invitation(office, Role.SUPERVISOR)
    assert "You are invited" in read(server.get(link))
    assert server.get(link).status_code == 200
    assert server.post(link, data=ANSWERS).status_code == 303


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "  ", "Enter your name"),
        ("email", "not an address", "Enter your email address"),
        ("email", "KERRY@council.example", "Somebody uses that email address"),
        ("password", "too short", "Choose a password of at least 12"),
    ],
)
def test_what_is_wrong_with_an_answer_is_said_beside_it(
    field: str, value: str, sentence: str, office: Office, server: TestClient, supervisor: Supervisor
):
    link = invitation(office, Role.SUPERVISOR)
    answer = server.post(link, data={**ANSWERS, field: value})
    assert answer.status_code == 422
    assert sentence in read(answer)
    assert ANSWERS["password"] not in answer.text
    assert server.post(link, data=ANSWERS).status_code == 303


def test_a_link_for_somebody_known_signs_in_without_questions(
    office: Office, server: TestClient, supervisor: Supervisor
):
    link = invitation(office, Role.SUPERVISOR, known=supervisor.person_id)
    shown = read(server.get(link))
    assert "Sign in as Kerry B" in shown
    assert "Password" not in shown
    assert server.post(link).headers["location"] == "/desk/records"


def test_the_code_of_a_phone_does_not_open_the_desk(office: Office, server: TestClient):
    link = invitation(office, Role.OFFICER)
    assert server.get(link).status_code == 404
    assert server.post(link, data=ANSWERS).status_code == 404


# Devices ---------------------------------------------------------------------------------------------------------


def test_devices_are_listed_with_what_they_said_of_themselves(officer: Device, supervisor: Supervisor, office: Office):
    report(office, officer, unsent=3, app="0.4.0", storageUsed=340_000_000, storageQuota=2_100_000_000)
    shown = read(supervisor.open("/desk/devices"))
    assert "Phone 7 Officer Sun 22 Nov 2026 10:30 just now 3 unsent 340.0 MB of 2.1 GB 0.4.0" in shown


@pytest.mark.parametrize("unsent", [True, -1, "many", None, {}])
def test_what_a_device_says_is_shown_only_when_it_makes_sense(
    unsent: Any, officer: Device, supervisor: Supervisor, office: Office
):
    report(office, officer, unsent=unsent, app=["x"], oldestUnsentAt=unsent, storageUsed=unsent, storageQuota=0)
    assert "Not said Not said Not said" in read(supervisor.open("/desk/devices"))
    assert "Not said" in read(supervisor.open(f"/desk/devices/{officer.device_id}"))


def test_an_invitation_is_a_code_in_two_groups_with_a_square_to_scan(supervisor: Supervisor, server: TestClient):
    answer = supervisor.submit("/desk/invitations", name="Phone 8", role="officer")
    code = re.search(r"Code ([A-Z0-9]{4}) ([A-Z0-9]{4})", read(answer))
    assert code is not None
    assert "<svg" in answer.text.split('class="qr-frame"')[1]
    assert "Shown once" in read(answer)
    enrolled = server.post("/api/enrol", json={"code": code[1] + code[2]})
    assert enrolled.json()["name"] == "Phone 8"


def test_an_invitation_needs_a_name(supervisor: Supervisor):
    answer = supervisor.submit("/desk/invitations", name=" ", role="officer")
    assert answer.status_code == 422
    assert "Enter a name" in read(answer)


def test_only_an_administrator_invites_people_to_the_desk(supervisor: Supervisor, administrator: Supervisor):
    assert supervisor.submit("/desk/invitations", name="Sam", role="supervisor").status_code == 400
    assert "/desk/join/" in administrator.submit("/desk/invitations", name="Sam", role="supervisor").text


def test_an_auditor_adds_no_devices(auditor: Supervisor):
    assert auditor.open("/desk/devices").status_code == 403
    assert auditor.submit("/desk/invitations", name="Phone 8", role="officer").status_code == 403


# Every page ------------------------------------------------------------------------------------------------------


def test_every_page_has_one_heading_a_title_and_nothing_inline(
    officer: Device, administrator: Supervisor, server: TestClient, office: Office
):
    record = sent(officer, a_record(a_photo()))
    pages = [
        server.get("/desk/sign-in"),
        server.get(invitation(office, Role.SUPERVISOR)),
        administrator.open("/desk/records"),
        opened(administrator, record),
        administrator.open("/desk/devices"),
        administrator.open(f"/desk/devices/{officer.device_id}"),
        administrator.open("/desk/bring-in"),
        administrator.open("/desk/kept-aside"),
        administrator.open("/desk/gone"),
        administrator.submit("/desk/invitations", name="Phone 8", role="officer"),
        administrator.open("/desk/nothing"),
    ]
    for page in pages:
        assert page.text.count("<h1") == 1
        assert re.search(r"<title>[^<]+ – Beatbook</title>", page.text)
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", page.text)
        names = re.findall(r'\sid="([^"]+)"', page.text)
        assert len(names) == len(set(names))


def test_a_problem_is_a_page_with_a_way_on(supervisor: Supervisor):
    answer = supervisor.open("/desk/records/nothing")
    assert answer.status_code == 404
    assert "Page not found" in read(answer)
    assert link(answer, "Go to the records") == "/desk/"


# Words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("latitude", "longitude", "expected"),
    [
        (51.27982, 1.08279, "TR 1509 5792"),  # Canterbury Cathedral
        (52.65798, 1.71605, "TG 5140 1317"),  # the water tower of the Ordnance Survey's own worked example
        (48.85, 2.35, None),
    ],
)
def test_a_position_has_a_grid_reference(latitude: float, longitude: float, expected: str | None):
    assert grid.reference(latitude, longitude) == expected


def test_every_state_role_and_decision_has_words():
    assert set(words.STATES) == set(ReviewState)
    assert set(words.ROLES) == set(Role)


# Helpers ---------------------------------------------------------------------------------------------------------


def sent(officer: Device, *records: Record, photos: tuple[bytes, ...] | None = None) -> Record:
    officer.send(*records, photos=photos)
    return records[0]


def at(place: str) -> Record:
    return a_record(answers={**graffiti_answers(), "place_text": place})


def opened(person: Supervisor, record: Record) -> Any:
    return person.open(f"/desk/records/{record.instance_id}")


def sign_in(server: TestClient, email: str, password: str, to: str = "") -> Any:
    return server.post("/desk/sign-in", data={"email": email, "password": password, "to": to})


def invitation(office: Office, role: Role, *, purpose: Purpose | None = None, known: str | None = None) -> str:
    """The path of a link to the desk."""

    def make(session: Any) -> Invited:
        person = session.get(Person, known) if known else None
        return people.invite(session, role, "New here", minutes=60, now=office.clock(), purpose=purpose, person=person)

    return f"/desk/join/{office.database.write(make).code}"


def report(office: Office, device: Device, **said: Any) -> None:
    office.database.write(lambda session: people.note_contact(session, device.device_id, said, now=office.clock()))


def with_preview(office: Office, photo: bytes) -> None:
    office.previews.stop()
    office.save_previews(sha256(photo), Made(b"large", b"small", 1600, 1200))


def logged(office: Office, subject: str, kind: str) -> list[Event]:
    with office.database.reading() as session:
        return [event for event in events.history_of(session, subject) if event.kind == kind]


def listed(page: Any) -> list[str]:
    """The records of a list, from its top."""
    return re.findall(r'class="record-link" href="/desk/records/([^"?]+)', page.text)


def link(page: Any, words: str) -> str | None:
    """Where the link with these words leads."""
    for address, inside in re.findall(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', page.text, flags=re.S):
        if words in re.sub(r"<[^>]+>", " ", inside):
            return unescape(address)
    return None


def hidden(page: Any, name: str) -> str:
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page.text)
    assert found is not None
    return found[1]


def form_of(page: Any, words: str) -> str:
    """The form that the button with these words sends."""
    return next(form for form in re.findall(r"<form .*?</form>", page.text, flags=re.S) if words in form)


def action(page: Any, words: str) -> str:
    return unescape(re.findall(r'action="([^"]+)"', form_of(page, words))[0])


def hidden_of(page: Any, words: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form_of(page, words))
    return {name: unescape(value) for name, value in found}


def path_of(answer: Any) -> str:
    return answer.headers["location"].partition("?")[0]


def state_of(person: Supervisor, record: Record) -> str:
    standing = re.search(r'class="standing">(.*?)</p>', opened(person, record).text, flags=re.S)
    assert standing is not None
    return re.sub(r"<[^>]+>", " ", standing[1]).strip()


# The shell -------------------------------------------------------------------------------------------------------


def test_the_navigation_says_where_one_is_and_what_waits(officer: Device, supervisor: Supervisor):
    sent(officer, a_record())
    shown = supervisor.open("/desk/devices")
    assert "Review 1 waiting Records Map Patrols Notices" in read(shown)
    assert re.search(r'href="/desk/devices"[^>]* aria-current="page"', shown.text)


def test_the_council_gives_its_colour(server: TestClient, supervisor: Supervisor, settings: Settings):
    address = re.search(r'"(/desk/static/council.css[^"]*)"', supervisor.open("/desk/records").text)
    assert address
    assert f"--primary: {settings.colour};" in server.get(address[1]).text


@pytest.mark.parametrize("colour", ["#ffdd00", "green", "#004d2", "#004d2c; } body { display: none"])
def test_a_colour_that_nobody_could_read_is_refused_at_the_start(colour: str):
    with pytest.raises(ValidationError):
        Settings(colour=colour)


def test_a_style_keeps_its_address_until_it_changes(supervisor: Supervisor, server: TestClient):
    address = re.search(r'"(/desk/static/desk.css[^"]*)"', supervisor.open("/desk/records").text)
    assert address
    found = server.get(address[1])
    assert found.headers["cache-control"].endswith("immutable")
    assert server.get("/desk/static/..%2Fpages.py").status_code == 404
    assert server.get("/desk/static/.env").status_code == 404
