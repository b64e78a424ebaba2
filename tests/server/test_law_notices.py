"""Notices at the office: each test is called by the rule of domain.md that it proves."""

import json
import sqlite3
from datetime import UTC, date, datetime, timedelta

import pytest
from actors import Device, Record, Supervisor, a_record, graffiti_answers, read
from notices import a_notice, authorise, litter

from beatbook import notices
from beatbook.events import seal
from beatbook.models import Authorisation, Holder, Notice, NoticeStep, StepKind
from beatbook.notices import State
from beatbook.problems import NoticeIncomplete
from beatbook.verification import verify_folder

TODAY = date(2026, 11, 22)


@pytest.fixture
def ready(officer, supervisor):
    authorise(supervisor, officer, "LIT", "LITC")
    return officer


def changed(record: Record, **members) -> Record:
    return Record(json.dumps({**json.loads(record.payload), **members}).encode(), record.photos)


def codes(result) -> list[str]:
    return [warning["code"] for warning in result["warnings"]]


# Giving -----------------------------------------------------------------------------------------------------------


def test_a_sound_notice_arrives_without_a_warning(ready, clock, office):
    (result, *_) = ready.send(a_notice(clock))
    assert (result["status"], result["warnings"]) == ("stored", [])
    with office.database.reading() as session:
        notice = session.get(Notice, result["instanceId"])
    assert notice and (notice.number, notice.offence) == ("L-26-04-0117", "LITC")
    assert (notice.amount, notice.discount_amount) == (20_000, 10_000)
    assert (notice.given_on, notice.no_proceedings_until) == (TODAY, TODAY + timedelta(days=14))


def test_fn1_a_notice_without_authority_is_kept_and_flagged(officer, supervisor, clock):
    assert "constraint" in codes(officer.send(a_notice(clock))[0]), "nobody was authorised"
    authorise(supervisor, officer, "LITC", until=date(2026, 11, 21))
    assert "constraint" in codes(officer.send(a_notice(clock))[0]), "it ended yesterday"
    authorise(supervisor, officer, "LITC", until=date(2026, 11, 22))
    allowed = a_notice(clock, place_text="by the pier", notice_no="L-26-04-0118")
    assert codes(officer.send(allowed)[0]) == []
    assert "Penalty given against a stop" in read(supervisor.open("/desk/records?flag=not_allowed"))


def test_fn1_the_phone_is_told_who_carries_it_and_what_they_may_do(ready, supervisor, enrolled):
    told = {(row["name"], row["from"]): row["value"] for row in ready.down()["settings"]}
    assert told["officer.name", "2026-11-22"] == "Sarah Finch"
    assert told["authorised.LITC", "2026-01-01"] == "KB/26/3"
    assert told["authorised.LITC", "2027-07-01"] == "", "the day after it ends"
    assert told["council.name", ""] == "Example District Council"
    other = enrolled(name="Phone 8").down()["settings"]
    assert not [row for row in other if row["name"].startswith("authorised.")]


def test_fn1_another_officer_starts_without_authority(ready, supervisor):
    page = f"/desk/devices/{ready.device_id}"
    supervisor.submit(f"{page}/holder", holder_name="Daniel Okoro", holder_number="E14")
    told = [row for row in ready.down()["settings"] if row["name"] == "authorised.LITC"]
    assert [row["value"] for row in told if row["from"] <= "2026-11-22"][-1] == ""
    shown = read(supervisor.open(page))
    assert "Carried by Daniel Okoro" in shown and "Over" in shown


def test_fn1_a_paper_needs_a_reference_and_an_end(officer, supervisor):
    page = f"/desk/devices/{officer.device_id}"
    nobody = supervisor.submit(f"{page}/authorisations", offence="LIT", reference="KB/1")
    assert nobody.status_code == 422, "nobody carries it yet"
    supervisor.submit(f"{page}/holder", holder_name="Sarah Finch", holder_number="E12")
    for wrong in ({"reference": ""}, {"offence": "PCN"}, {"ends_on": "2035-01-01"}, {"ends_on": "2025-01-01"}):
        given = {"offence": "LIT", "reference": "KB/1", "starts_on": "2026-11-01", **wrong}
        assert supervisor.submit(f"{page}/authorisations", **given).status_code == 422, wrong


def test_fn3_a_notice_is_not_shown_without_what_the_law_wants(ready, supervisor, clock, office):
    whole, holed = a_notice(clock), a_notice(clock, place_text="by the pier", notice_no="L-26-04-0118")
    envelope = json.loads(holed.payload)
    del envelope["answers"]["payee_address"]
    holed = type(holed)(json.dumps(envelope).encode(), holed.photos)
    assert "notice-incomplete" in codes(ready.send(whole, holed)[1])
    shown = supervisor.open(f"/desk/records/{holed.instance_id}/notice")
    assert shown.status_code == NoticeIncomplete.status
    assert "The law wants: Payable at" in read(supervisor.open(f"/desk/records/{holed.instance_id}"))
    paper = read(supervisor.open(f"/desk/records/{whole.instance_id}/notice"))
    for said in (
        "Notice number L-26-04-0117",
        "Ann Smith, 4 Kiln St, CT1 2AB",
        "an offence under section 87",
        "Penalty: £200 . If you pay by Sun 6 Dec 2026: £100",
        "No court proceedings will be taken before the end of Sun 6 Dec 2026",
        "in a pre-paid letter",
        "Never give money to an officer",
        "Signed Sarah Finch, E12",
    ):
        assert said.replace(" .", ".") in paper.replace(" .", ".").replace(" :", ":"), said


def test_fn3_every_thing_the_law_wants_is_missed_when_it_is_empty(office):
    form = office.forms.newest("litter")
    whole = dict.fromkeys(form.issue.must, "x")
    for name in form.issue.must:
        assert name in notices.missing(form, {**whole, name: " "}, {})
    for slot in ("particulars", "place_text", "offence_at", "no_proceedings_until", "amount", "payee_name"):
        assert slot in form.issue.must and any(f"{{{slot}}}" in paragraph for paragraph in form.issue.notice)


def test_fn5_a_sum_that_is_not_the_schedules_is_flagged(ready, clock):
    record = a_notice(clock)
    envelope = json.loads(record.payload)
    envelope["answers"]["amount"] = 150
    changed = type(record)(json.dumps(envelope).encode(), record.photos)
    (result, *_) = ready.send(changed)
    assert [w["detail"] for w in result["warnings"]] == ["The notice says £150, the schedule says £200."]


def test_a_step_to_another_answer_is_no_fact_at_the_desk_and_leaves_with_the_rest(ready, clock, supervisor):
    record = a_notice(clock)
    ready.send(record)
    page = read(supervisor.open(f"/desk/records/{record.instance_id}"))
    offered = read(supervisor.open("/desk/records?form=litter"))
    csv = supervisor.open("/desk/records.csv?form=litter").text
    for step in ("Schedule of penalties", "Payable at", "Most a court may fine"):
        assert step not in page and step not in offered, step
        assert step in csv, step
    for fact in ("Penalty", "£200", "Authorisation", "KB/26/3"):
        assert fact in page, fact


def test_fn8_numbers_come_from_a_code_that_no_other_device_has(ready, enrolled):
    def code(device: Device, pad: str) -> str:
        answer = device.http.get(f"/api/sync/down?pad={pad}", headers=device.headers)
        return answer.json()["device"]["code"]

    other = enrolled(name="Phone 8")
    mine, theirs = code(ready, ""), code(other, "")
    assert mine != theirs
    assert code(ready, mine) == mine, "it keeps its own"
    after_loss = code(ready, "")
    assert after_loss not in (mine, theirs), "a phone that forgot its code forgot its numbers too"
    assert code(other, mine) not in (mine, after_loss, theirs), "and nobody gets another's by claiming it"
    assert "code" not in ready.down()["device"], "an older app asks for none"


def test_fn8_a_number_used_twice_is_kept_twice_and_never_renumbered(ready, clock, office):
    first, second = a_notice(clock), a_notice(clock, full_name="Bob Jones", place_text="by the pier")
    assert [codes(result) for result in ready.send(first, second)[:2]] == [[], ["duplicate-number"]]
    with office.database.reading() as session:
        assert {notices.get(session, one.instance_id).number for one in (first, second)} == {"L-26-04-0117"}


def test_fn9_a_notice_is_neither_sent_back_nor_mended(ready, supervisor, clock, office):
    record = a_notice(clock)
    ready.send(record)
    assert supervisor.send_back(record, "not_clear").status_code == 409
    assert supervisor.review(record, "rejected", reason="duplicate").status_code == 409
    assert "A notice that was given is not sent back" in read(supervisor.open(f"/desk/records/{record.instance_id}"))
    ready.send(a_record(form="litter", formVersion="2", replaces=record.instance_id, answers=litter(notice_no=None)))
    with office.database.reading() as session:
        kept = notices.get(session, record.instance_id)
        assert notices.standing(kept, [], TODAY).is_open
    assert "Mended" not in read(supervisor.open(f"/desk/records/{record.instance_id}"))
    assert supervisor.approve(record).status_code == 303


def test_fn12_the_same_person_offence_and_place_within_two_hours_is_flagged(ready, office, server, clock, later):
    ready.send(a_notice(clock))
    later(minutes=90)
    twin = a_notice(clock, notice_no="L-26-04-0118", full_name="ann  SMITH", place_text="Outside no. 14")
    assert codes(ready.send(twin)[0]) == ["same-occasion"]
    flagged = read(Supervisor.join(office, server, "Tom H").open("/desk/records?flag=same-occasion"))
    assert "L-26-04-0118" in flagged and "L-26-04-0117" not in flagged
    others = [{"full_name": "Ann Smyth"}, {"place_text": "by the pier"}, {"litter_kind": "gum"}]
    for number, other in enumerate(others, start=200):
        assert codes(ready.send(a_notice(clock, notice_no=f"L-26-04-0{number}", **other))[0]) == [], other
    later(hours=4)
    assert codes(ready.send(a_notice(clock, notice_no="L-26-04-0120"))[0]) == []


def test_fn19_a_protection_notice_that_names_no_known_warning_is_flagged(ready, clock):
    warning = {"recipient_kind": "person", "offence": "CPW", "notice_no": "W-26-04-0012", "full_name": "Vic Stone"}
    notice = {"recipient_kind": "person", "offence": "CPN", "notice_no": "C-26-04-0013", "full_name": "Vic Stone"}
    first = a_record(form="cpw", formVersion="1", answers=warning)
    unknown = a_record(form="cpn", formVersion="1", answers={**notice, "warning_ref": "W-26-04-0099"})
    known = a_record(form="cpn", formVersion="1", answers={**notice, "warning_ref": "w 26 04 0012"})
    _, one, other = ready.send(first, unknown, known)
    assert "warning-unknown" in codes(one) and "warning-unknown" not in codes(other)


def test_ch2_a_change_of_the_age_policy_names_who_signed_it_off(ready, supervisor, clock, later, office):
    change = {"name": "age.policy", "value": "from_16", "from": "2026-11-23"}
    assert supervisor.submit("/desk/settings", **change, source="Meeting").status_code == 422, "nobody signed it off"
    signed = {"name": "age.policy.legal_reference", "value": "Memo 14 of 2026", "from": "2026-11-23"}
    assert supervisor.submit("/desk/settings", **signed, source="Legal").status_code == 303
    assert supervisor.submit("/desk/settings", **change, source="Legal").status_code == 303
    young = {"date_of_birth": "2009-06-01", "parent_name": "Kay Smith", "parent_address": "4 Kiln St"}
    young |= {"exceptional_reason": "Third time this month, warned with his mother there."}
    assert "constraint" in codes(ready.send(a_notice(clock, "from_16", **young))[0]), "today the old policy counts"
    later(days=1)
    assert codes(ready.send(a_notice(clock, "from_16", **young, notice_no="L-26-04-0118"))[0]) == []


def test_dp1_graffiti_with_a_suspect_is_law_enforcement_and_without_one_is_not(officer, supervisor):
    plain, seen = a_record(), a_record(answers={**graffiti_answers(), "suspect_seen": "yes", "outcome": "none"})
    plain, seen = (changed(record, formVersion="2") for record in (plain, seen))
    officer.send(plain, seen)
    assert "Kept under UK GDPR" in read(supervisor.open(f"/desk/records/{plain.instance_id}"))
    assert "Kept under Law enforcement" in read(supervisor.open(f"/desk/records/{seen.instance_id}"))


def test_ev7_a_statement_begins_with_its_witness_and_ends_with_the_declaration(ready, supervisor, clock):
    record = a_notice(clock)
    ready.send(record)
    stated = read(supervisor.open(f"/desk/records/{record.instance_id}/statement"))
    assert stated.index("Statement of Sarah Finch, officer E12") < stated.index("from about 8 m")
    assert "They said: not recorded" in stated, "nothing was asked after a caution"
    assert stated.index("it is an offence to have wilfully said in it anything I know is false") < stated.index(
        "Signed"
    )
    assert "Statement shown" in read(supervisor.open(f"/desk/records/{record.instance_id}"))


# Afterwards -------------------------------------------------------------------------------------------------------

GIVEN_AT = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
GIVEN = Notice(
    instance_id="n",
    seq=1,
    number="L-26-04-0117",
    offence="LIT",
    given_at=GIVEN_AT,
    given_on=date(2026, 5, 1),
    amount=20_000,
    discount_amount=10_000,
    discount_until=date(2026, 5, 15),
    no_proceedings_until=date(2026, 5, 15),
    pay_by=date(2026, 5, 29),
    whom="",
    place="",
)


def a_step(kind: StepKind, day: str, **more) -> NoticeStep:
    return NoticeStep(seq=0, instance_id="n", kind=kind, on=date.fromisoformat(day), person_id="p", at=GIVEN_AT, **more)


def state(day: str, *steps: NoticeStep) -> State:
    return notices.standing(GIVEN, steps, date.fromisoformat(day)).state


def test_fn4_nothing_goes_to_legal_before_the_day_after():
    standing = notices.standing(GIVEN, [], date(2026, 5, 20))
    assert standing.legal_from == date(2026, 5, 16)
    for day, refused in (("2026-05-15", True), ("2026-05-16", False)):
        try:
            notices.check_order(StepKind.LEGAL, standing, date.fromisoformat(day))
        except notices.TooEarlyForCourt:
            assert refused
        else:
            assert not refused


def test_fn4_the_desk_refuses_it_too(ready, office, server, clock, later):
    record = a_notice(clock)
    ready.send(record)
    legal = f"/desk/records/{record.instance_id}/notice"
    later(days=14)
    assert Supervisor.join(office, server, "Tom H").submit(legal, kind="legal").status_code == 409
    later(days=1)
    next_day = Supervisor.join(office, server, "Ruth A")
    assert next_day.submit(legal, kind="legal").headers["location"].endswith("#notice")
    assert "With legal" in read(next_day.open("/desk/notices"))


def test_a_notice_walks_through_its_days():
    reminder = a_step(StepKind.REMINDER, "2026-06-01")
    assert state("2026-05-15") is State.DISCOUNT_OPEN
    assert state("2026-05-16") is State.FULL_OPEN
    assert state("2026-05-30") is State.REMINDER_DUE
    assert state("2026-06-15", reminder) is State.REMINDER_SENT
    assert state("2026-06-16", reminder) is State.OVERDUE


@pytest.mark.parametrize(
    ("day", "pence", "expected"),
    [
        ("2026-05-15", 10_000, State.PAID_DISCOUNT),
        ("2026-05-16", 10_000, State.FULL_OPEN),
        ("2026-05-20", 20_000, State.PAID_FULL),
        ("2026-05-10", 9_999, State.FULL_OPEN),
    ],
)
def test_fn11_paid_in_time_it_is_over_and_nobody_is_convicted(day, pence, expected):
    paid = a_step(StepKind.PAYMENT, day, amount=pence, reference="FIN/1")
    standing = notices.standing(GIVEN, [paid], date(2026, 5, 20))
    assert standing.state is expected
    assert bool(standing.odd) is (expected is State.FULL_OPEN), "a part, or the early amount late, is flagged"
    if not standing.is_open:
        with pytest.raises(notices.NoticeClosed):
            notices.check_order(StepKind.LEGAL, standing, date(2026, 6, 20))


def test_fn18_a_representation_stops_the_clocks_until_it_is_answered():
    asked = a_step(StepKind.REPRESENTATION, "2026-05-10", reason="accident")
    answered = a_step(StepKind.DECISION, "2026-05-20", reason="refused")
    waiting = notices.standing(GIVEN, [asked], date(2026, 6, 30))
    assert waiting.state is State.REPRESENTATION
    for kind in (StepKind.REMINDER, StepKind.LEGAL):
        with pytest.raises(notices.ClocksStopped):
            notices.check_order(kind, waiting, date(2026, 6, 30))
    after = notices.standing(GIVEN, [asked, answered], date(2026, 5, 25))
    assert (after.stopped, after.pay_by, after.legal_from) == (10, date(2026, 6, 8), date(2026, 5, 26))
    assert after.state is State.DISCOUNT_OPEN, "the early days went on where they stood"
    upheld = a_step(StepKind.DECISION, "2026-05-20", reason="upheld")
    assert state("2026-05-21", asked, upheld) is State.CANCELLED


def test_the_desk_takes_payments_representations_and_cancels(ready, supervisor, server, office, clock):
    record = a_notice(clock)
    ready.send(record)
    step = f"/desk/records/{record.instance_id}/notice"
    assert supervisor.submit(step, kind="payment", amount="£50", reference="").status_code == 422
    assert supervisor.submit(step, kind="payment", amount="£50", reference="FIN/1").status_code == 303
    assert supervisor.submit(step, kind="decision", reason="upheld").status_code == 409, "nothing to decide"
    assert supervisor.submit(step, kind="representation", reason="accident", note="It blew away").status_code == 303
    assert supervisor.submit(step, kind="reminder").status_code == 409
    own = Supervisor.join(office, server, "Sarah Finch")
    assert own.submit(step, kind="decision", reason="refused").status_code == 403, "she gave the notice herself"
    assert supervisor.submit(step, kind="decision", reason="refused").status_code == 303
    assert supervisor.submit(step, kind="cancel", reason="boredom").status_code == 422
    assert supervisor.submit(step, kind="cancel", reason="wrong_person").status_code == 303
    assert supervisor.submit(step, kind="payment", amount="150", reference="FIN/2").status_code == 409, "it is closed"
    shown = read(supervisor.open(f"/desk/records/{record.instance_id}"))
    for said in ("Cancelled : Wrong person", "Payment £50", "FIN/1", "It blew away", "Refused"):
        assert said in shown, said
    assert "Cancelled 1" in read(supervisor.open("/desk/notices"))
    assert "L-26-04-0117" not in read(supervisor.open("/desk/notices?state=open"))


def test_fn17_no_page_counts_notices_by_officer(ready, supervisor, clock):
    ready.send(a_notice(clock))
    shown = read(supervisor.open("/desk/notices"))
    assert "Sarah Finch" not in shown and "Phone 7" not in shown and "Ann Smith" not in shown
    columns = {name for table in (Notice, NoticeStep, Holder, Authorisation) for name in table.model_fields}
    assert not [name for name in columns if "target" in name or "quota" in name]


# Proof ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE notice SET amount = 100", "its row was changed"),
        ("UPDATE notice_step SET amount = 100", "its row was changed"),
        ("UPDATE holder SET name = 'Nobody'", "its row was changed"),
        ("UPDATE authorisation SET ends_on = '2030-01-01'", "its row was changed"),
        ("UPDATE pad SET code = 9", "its row was changed"),
        ("DELETE FROM notice_step", "a row is missing"),
    ],
)
def test_verify_finds_a_changed_notice(ready, supervisor, office, clock, change, said):
    record = a_notice(clock)
    ready.send(record)
    ready.http.get("/api/sync/down?pad=", headers=ready.headers)
    paid = {"kind": "payment", "amount": "50", "reference": "FIN/1"}
    supervisor.submit(f"/desk/records/{record.instance_id}/notice", **paid)
    office.close()
    assert list(verify_folder(office.settings)) == []
    file = office.settings.data / "beatbook.db"
    seal.take_off(file)
    with sqlite3.connect(file) as connection:
        connection.execute(change)
    assert any(said in str(fault) for fault in verify_folder(office.settings))
