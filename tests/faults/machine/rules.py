"""Rules: what may happen next, and what must be true whatever has happened.

The books are kept here, apart from phones and server: what was finished, with which bytes, and which record a restore
has taken from a server after its phone was allowed to let go of it. `Violation` says which promise was broken.
"""

import asyncio
import base64
import hashlib
import json
import shutil
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from beatbook import verification
from beatbook.models import ReviewState

from .network import OFFLINE, OK, OUTCOMES, PROBLEMS, Network
from .phones import Phones
from .server import Kept, Server, days

GRACE = days(14)  # promise 6: the phone may let go after it, backup or not
HALF_A_WEEK, MOST_DAYS = 3.5, 10  # with the grace period it ends before the 30 days after which lists are tidied
MOST_BACKUPS, MOST_COPIES, MOST_MOVES = 4, 3, 5  # in one play, for they take the most time
PHONES = 2


class Violation(AssertionError):
    """A promise was broken."""


@dataclass(frozen=True)
class Finished:
    """A record as its phone signed it off."""

    phone: int
    digest: str
    payload: bytes
    photos: tuple[str, ...]


@dataclass
class World:
    """What all plays of a run share."""

    phones: Phones
    template: Path
    folder: Path
    loop: asyncio.AbstractEventLoop
    counts: Counter[str] = field(default_factory=Counter)
    broken: bool = False  # a promise, in one of the plays so far

    def fresh(self) -> Server:
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.template, self.folder)
        server = Server(self.folder, self.loop)
        server.open()
        return server


numbers = st.integers(0, PHONES - 1)
# The first request of a round asks, the second sends records, the next ones photos; then it fetches and asks again.
troubles = st.one_of(st.sampled_from(OUTCOMES[1:]), st.sampled_from(tuple(PROBLEMS)))
plans = st.one_of(
    st.just([]),
    st.just(OFFLINE),
    st.builds(lambda good, bad: [OK] * good + bad, st.integers(0, 5), st.lists(troubles, min_size=1, max_size=2)),
)
photo_counts = st.sampled_from((0, 0, 1, 1, 2))
picks = st.integers(0, 30)
nuisances = st.sampled_from(
    (
        "the tab is closed",
        "the clock jumps",
        "the sign-in is lost",
        "the device is retired",
        "the form is withdrawn",
    )
)
deaths = st.one_of(st.none(), st.none(), st.none(), st.integers(0, 8))  # writes after which the tab dies


class Machine(RuleBasedStateMachine):
    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.server = self.world.fresh()
        self.network = Network(self.server, [None] * PHONES)
        self.finished: dict[str, Finished] = {}
        self.drafts: list[tuple[int, str]] = []
        self.seen: list[dict[str, Any]] = [{}] * PHONES
        self.gone: set[str] = set()  # let go of by their phones, as promise 6 allows
        self.taken: set[str] = set()  # of those, what a restore has taken from the server
        self.photos_taken: set[str] = set()  # whose photos an unannounced restore may have taken
        self.photos: list[str] = []
        self.enrolled: list[str] = [""] * PHONES
        self.retired: set[int] = set()
        self.outdated: set[int] = set()  # phones that wait for an answer from before the history moved
        self.withdrawn = False
        self.unhurt = True
        self.moves = 0
        self.first_epoch = self.server.epoch
        self.made = 0

    # Phones ---------------------------------------------------------------------------------------------------

    @initialize(seed=st.integers(1, 2**31), lock=st.booleans())
    def begin(self, seed: int, lock: bool = False) -> None:
        self.server.lock_phones(lock)
        self.world.phones.ask(self.network.carry, do="reset", seed=seed, phones=PHONES, phone=0, now=self.now_ms)
        for phone in range(PHONES):
            self.ask(phone, "open", OFFLINE)
            self.enrol(phone)
            self.use(phone, "settle", ())  # a phone that locks fetches its forms when it has its PIN

    @rule(phone=numbers, photos=photo_counts, again=st.booleans(), plan=plans)
    def capture(self, phone: int, photos: int, again: bool, plan: Any) -> None:
        self.sign_off(phone, "capture", plan, text=self.words(), photos=self.take(photos, again))

    @rule(phone=numbers, photos=photo_counts)
    def begin_a_record(self, phone: int, photos: int) -> None:
        told = self.use(phone, "begin", OFFLINE, text=self.words(), photos=self.take(photos, False))
        if told:
            self.drafts.append((phone, told))
        self.compare("begin a record")

    @precondition(lambda self: self.drafts)
    @rule(pick=picks, plan=plans, writes=deaths)
    def finish_a_record(self, pick: int, plan: Any, writes: int | None) -> None:
        phone, number = self.drafts[pick % len(self.drafts)]
        self.sign_off(phone, "finish", plan, id=number, writes=writes)

    @rule(phone=numbers, plan=plans, writes=deaths)
    def send(self, phone: int, plan: Any, writes: int | None) -> None:
        self.use(phone, "sync", plan, writes=writes)
        self.compare("send", sent=phone if writes is None else None)

    @rule(phone=numbers)
    def send_over_a_good_network(self, phone: int) -> None:
        self.use(phone, "sync", ())
        self.compare("send", sent=phone)
        self.outdated -= {phone}

    @precondition(lambda self: self.network.held)
    @rule(plan=plans)
    def an_answer_comes_late(self, plan: Any) -> None:
        phone = min(self.network.held)
        self.use(phone, "deliver", plan, answer=self.network.deliver(phone))
        self.compare("a late answer")

    @precondition(lambda self: self.network.late)
    @rule()
    def a_request_arrives_late(self) -> None:
        self.network.arrive()
        self.compare("a late request")

    @rule(phone=numbers, plan=plans)
    def restart_the_app(self, phone: int, plan: Any) -> None:
        self.ask(phone, "open", plan)
        self.compare("restart")

    @precondition(lambda self: self.waiting())
    @rule(pick=picks)
    def pull_back(self, pick: int) -> None:
        waiting = self.waiting()
        number = waiting[pick % len(waiting)]
        phone = self.finished[number].phone
        if self.use(phone, "pullBack", OFFLINE, id=number):
            del self.finished[number]
            self.drafts.append((phone, number))
        self.compare("pull back")

    @precondition(lambda self: self.sent_back())
    @rule(pick=picks, photos=photo_counts, plan=plans)
    def mend(self, pick: int, photos: int, plan: Any) -> None:
        waiting = self.sent_back()
        number = waiting[pick % len(waiting)]
        phone = self.finished[number].phone
        self.sign_off(phone, "capture", plan, text=self.words(), photos=self.take(photos, False), replaces=number)

    @precondition(lambda self: self.refused())
    @rule(pick=picks, plan=plans)
    def try_again(self, pick: int, plan: Any) -> None:
        refused = self.refused()
        phone, number = refused[pick % len(refused)]
        self.use(phone, "tryAgain", plan, id=number)
        self.compare("try again")

    @rule(phone=numbers, what=nuisances, minutes=st.sampled_from((-60, 60, -60 * 24 * 400, 60 * 24 * 400, 0)))
    def something_odd_happens(self, phone: int, what: str, minutes: int) -> None:
        match what:
            case "the tab is closed":
                self.ask(phone, "close", OFFLINE)
            case "the clock jumps":
                self.ask(phone, "clock", OFFLINE, off=minutes * 60_000)
            case "the sign-in is lost":
                self.network.tokens[phone] = None
            case "the device is retired":
                self.retired.add(phone)
                self.server.retire(self.enrolled[phone])
            case "the form is withdrawn":
                self.withdrawn = True
                self.server.withdraw_form(True)
        self.compare(what)

    @precondition(lambda self: self.retired or self.withdrawn or not all(self.network.tokens))
    @rule()
    def the_office_puts_things_right(self) -> None:
        self.put_right()
        self.compare("put right")

    # The office -----------------------------------------------------------------------------------------------

    @rule(hours=st.sampled_from((1, 24, 24 * HALF_A_WEEK)))
    def time_goes_by(self, hours: float) -> None:
        if (self.server.now - self.began).days < MOST_DAYS:
            self.server.now += timedelta(hours=hours)
        self.compare("time")

    @precondition(lambda self: self.kept)
    @rule(pick=picks, state=st.sampled_from((ReviewState.APPROVED, ReviewState.APPROVED, ReviewState.HAS_ISSUES)))
    def review(self, pick: int, state: ReviewState) -> None:
        numbers = sorted(self.kept)
        self.server.now += timedelta(seconds=1)
        self.server.review(numbers[pick % len(numbers)], state)
        self.compare("review")

    @precondition(lambda self: self.kept)
    @rule()
    def review_everything(self) -> None:
        self.server.now += timedelta(seconds=1)
        for number, kept in sorted(self.kept.items()):
            if not kept.reviews:
                self.server.review(number, ReviewState.APPROVED)
        self.compare("review")

    # Backups and what comes of them ---------------------------------------------------------------------------

    @precondition(lambda self: len(self.server.backups) < MOST_BACKUPS)
    @rule(phone=st.one_of(st.none(), numbers))
    def back_up(self, phone: int | None) -> None:
        """Perhaps while a phone delivers."""
        if phone is not None and self.seen[phone]["open"] and not self.seen[phone]["held"]:
            self.server.back_up(partial(self.use, phone, "sync", ()))
        else:
            self.server.back_up(lambda: None)
        self.compare("back up")

    @precondition(lambda self: self.server.backups and self.moves < MOST_MOVES)
    @rule(pick=picks)
    def restore(self, pick: int) -> None:
        self.server.restore(self.server.backups[pick % len(self.server.backups)])
        if self.server.epochs[-1] in self.server.epochs[:-1]:
            raise Violation("promise 7: a restore did not begin a new epoch")
        self.history_moved("restore", silently=False)

    @precondition(lambda self: len(self.server.copies) < MOST_COPIES)
    @rule()
    def copy_the_machine(self) -> None:
        self.server.copy()
        self.compare("copy")

    @precondition(lambda self: self.server.copies and self.moves < MOST_MOVES)
    @rule(pick=picks)
    def swap_the_files(self, pick: int) -> None:
        self.server.swap(self.server.copies[pick % len(self.server.copies)])
        self.history_moved("swap", silently=True)

    def history_moved(self, what: str, *, silently: bool) -> None:
        self.moves += 1
        before, self.kept = self.kept, self.server.kept()
        self.outdated |= self.network.held.keys()
        for number in self.finished:
            whole_now = number in self.kept and self.kept[number].whole
            if number in self.gone and not whole_now:
                self.taken.add(number)
            if silently and number in before and number in self.kept and not whole_now:
                self.photos_taken.add(number)
        self.compare(what)

    # The books ------------------------------------------------------------------------------------------------

    kept: dict[str, Kept] = {}

    def compare(self, step: str, *, sent: int | None = None) -> None:
        """After every step: nothing lost, nothing double, nothing changed, nothing untrue on a screen."""
        self.world.counts["steps"] += 1
        self.world.counts[f"step: {step}"] += 1
        try:
            self.kept = self.server.kept()
            self.nothing_is_double()
            self.nothing_is_lost()
            self.receipts_are_ours()
            self.an_epoch_has_a_reason()
            self.counts_are_true()
            if sent is not None:
                self.what_is_sent_is_there(sent)
        except AssertionError as error:
            self.unhurt = False
            raise Violation(f"after “{step}”: {error}") from error

    def an_epoch_has_a_reason(self) -> None:
        """What a phone wrongly takes for a receipt begins one, which heals what it spoilt: nothing else tells."""
        assert self.moves or self.server.epoch == self.first_epoch, "a new epoch began, and nobody had gone back"

    def nothing_is_double(self) -> None:
        for number, kept in self.kept.items():
            finished = self.finished.get(number)
            assert finished, f"promise 2: the server has a record {number} that no phone has finished"
            assert kept.payload == finished.payload, f"promise 2: {number} has other bytes on the server"
            assert kept.digest == hashlib.sha256(kept.payload).hexdigest(), f"{number} has another digest"
            assert not kept.complete or kept.whole, f"promise 3: {number} counts as complete and is not"

    def nothing_is_lost(self) -> None:
        for number, finished in self.finished.items():
            row = self.row(number)
            here = self.is_here(number)
            if row and row["bytes"]:
                assert row["bytes"] == finished.digest, f"the bytes of {number} have changed on the phone"
            if number in self.gone:
                assert not here or row
            elif not here:
                self.may_be_let_go(number)
                self.gone.add(number)
                if finished.phone in self.outdated:
                    self.taken.add(number)
            whole = number in self.kept and self.kept[number].whole
            if whole:
                self.taken.discard(number)
                self.photos_taken.discard(number)
            assert here or whole or number in self.taken, f"{number} is lost: on no phone, and not on the server"

    def may_be_let_go(self, number: str) -> None:
        """Promise 6, by what is truly in the backups and not by what anybody says of them."""
        row = self.row(number)
        assert row, f"promise 6: the phone has forgotten {number} altogether"
        receipt = row["receipt"]
        assert receipt, f"promise 6: the phone has let go of {number} without a receipt"
        covered = any(number in backup.whole for backup in self.server.backups)
        over = self.server.now - datetime.fromisoformat(receipt["receivedAt"]) > GRACE
        assert covered or over, f"promise 6: the phone has let go of {number}, which is in no backup"

    def receipts_are_ours(self) -> None:
        for seen in self.seen:
            for row in seen.get("rows", ()):
                receipt = row["receipt"]
                issued = self.network.issued.get(row["instanceId"], [])
                assert not receipt or receipt in issued, (
                    f"{row['instanceId']} has a receipt that nobody gave: {receipt}"
                )

    def counts_are_true(self) -> None:
        for phone, seen in enumerate(self.seen):
            if not seen.get("status"):
                continue
            mine = {number for number, finished in self.finished.items() if finished.phone == phone}
            odd = set(seen["shown"]) ^ mine
            assert not odd, f"phone {phone} shows other records than it has finished: {odd}"
            waiting = [row["instanceId"] for row in seen["rows"] if is_waiting(row)]
            assert seen["status"]["waiting"] == len(waiting), f"phone {phone} shows {seen['status']}, {waiting} wait"

    def what_is_sent_is_there(self, phone: int) -> None:
        """After a round in which all went well: what the phone no longer sends is there, and it says so."""
        seen = self.seen[phone]
        if self.network.trouble or seen["held"] or not self.network.statuses or set(self.network.statuses) != {200}:
            return
        self.world.counts["rounds in which all went well"] += 1
        for row in seen["rows"]:
            number = row["instanceId"]
            if row["refusal"]:
                continue
            assert not is_waiting(row), f"{number} still waits after a round in which all went well"
            whole = number in self.kept and self.kept[number].whole
            unnoticed = number in self.photos_taken and number in self.kept
            if row["state"] == "lost":
                assert not whole, f"the phone shows {number} as lost, and the server has it"
                assert number in self.network.listed, f"{number} is gone, and the server has not said so"
            else:
                assert whole or unnoticed, f"the phone shows {number} as sent, and the server lacks it or its photos"

    # The end --------------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        try:
            if self.unhurt and self.enrolled[-1]:
                self.heal()
        finally:
            self.world.broken = self.world.broken or isinstance(sys.exc_info()[1], AssertionError)
            self.server.close()
            self.world.counts["plays"] += 1
            self.world.counts["requests"] += self.network.requests

    def heal(self) -> None:
        """The network is good, everybody is signed in, whatever was under way arrives: then all must be well."""
        while self.network.late:
            self.a_request_arrives_late()
        for phone in list(self.network.held):
            self.use(phone, "deliver", (), answer=self.network.deliver(phone))
        self.put_right()
        for phone in range(PHONES):
            self.ask(phone, "open", ())
            if {401, 403} & set(self.network.statuses):
                self.enrol(phone)
        for _ in range(2):
            for phone, number in self.refused():
                self.use(phone, "tryAgain", (), id=number)
            for phone in range(PHONES):
                self.send_over_a_good_network(phone)
        self.all_is_well()
        self.server.now += GRACE + days(1)
        for _ in range(2):
            for phone in range(PHONES):
                self.send_over_a_good_network(phone)
        never = self.photos_taken - self.gone
        assert not never, f"the server never got the photos of {never} again"
        self.all_is_well()
        faults = [str(fault) for fault in verification.verify(self.server.office)]
        if faults:
            raise Violation(f"verify: {faults}")

    def all_is_well(self) -> None:
        for phone, seen in enumerate(self.seen):
            if set(self.network.statuses) != {200} or seen["status"]["waiting"] or seen["status"]["words"] == "":
                raise Violation(f"phone {phone} does not come to rest: {seen['status']}, {self.network.statuses}")
        for number in self.finished:
            row = self.row(number)
            if row is None:
                raise Violation(f"{number} is not on its phone’s list")
            if row["refusal"]:
                raise Violation(f"promise 4: {number} was not accepted: {row['refusal']}")
            if number not in self.kept and number not in self.taken:
                raise Violation(f"{number} never reached the server")
            self.outcome_is_known(number, row)

    def outcome_is_known(self, number: str, row: dict[str, Any]) -> None:
        kept = self.kept.get(number)
        if not kept or not kept.reviews or row["review"] is None:
            return
        if row["review"]["reviewState"] != kept.reviews[-1] and number not in self.sent_by_earlier_enrolment():
            raise Violation(f"{number} was {kept.reviews[-1]} at the desk, its phone shows {row['review']}")

    # Doing it -------------------------------------------------------------------------------------------------

    @property
    def began(self) -> datetime:
        return datetime(2026, 11, 22, 10, 30, tzinfo=self.server.now.tzinfo)

    @property
    def now_ms(self) -> int:
        return int(self.server.now.timestamp() * 1000)

    def ask(self, phone: int, what: str, plan: Any, **more: Any) -> Any:
        self.network.follow(plan)
        if what in ("open", "close"):
            self.network.held.pop(phone, None)
        try:
            done = self.world.phones.ask(self.network.carry, do=what, phone=phone, now=self.now_ms, **more)
        except BaseException:
            self.unhurt = False
            raise
        self.seen[phone] = done
        if not done["held"]:
            self.network.held.pop(phone, None)
        return done["told"]

    def use(self, phone: int, what: str, plan: Any, **more: Any) -> Any:
        """Through the app, which is opened if it is not."""
        if not self.seen[phone]["open"]:
            self.ask(phone, "open", OFFLINE)
        return self.ask(phone, what, plan, **more)

    def put_right(self) -> None:
        if self.withdrawn:
            self.withdrawn = False
            self.server.withdraw_form(False)
        for phone in range(PHONES):
            if phone in self.retired or not self.network.tokens[phone]:
                self.enrol(phone)

    def enrol(self, phone: int) -> None:
        code = self.server.invite(f"Phone {phone}")
        told = self.use(phone, "enrol", (), code=code)
        assert told is None, told
        self.enrolled[phone] = self.server.office.database.write(latest_device)
        self.retired.discard(phone)

    def sign_off(self, phone: int, what: str, plan: Any, **more: Any) -> None:
        told = self.use(phone, what, plan, **more)
        if told is None and more.get("id"):
            told = self.finished_unheard(phone, more["id"])
        if told:
            payload = base64.b64decode(told["payload"])
            assert told["id"] not in self.finished, f"promise 2: two records have the number {told['id']}"
            assert hashlib.sha256(payload).hexdigest() == told["digest"]
            photos = tuple(listed["sha256"] for listed in json.loads(payload)["attachments"])
            self.finished[told["id"]] = Finished(phone, told["digest"], payload, photos)
            self.drafts = [draft for draft in self.drafts if draft[1] != told["id"]]
        self.compare(what)

    def finished_unheard(self, phone: int, number: str) -> dict[str, Any] | None:
        """The tab died before it could say that the record is finished."""
        row = next((row for row in self.seen[phone]["rows"] if row["instanceId"] == number), None)
        return row and {"id": number, "digest": row["digest"], "payload": row["payload"]}

    def take(self, count: int, again: bool) -> list[str]:
        """Photos, different each time, or one that was taken before."""
        taken = [photo(f"{self.made}-{place}") for place in range(count)]
        if again and count and self.photos:
            taken[0] = self.photos[-1]
        self.photos += taken
        self.made += 1
        return taken

    def words(self) -> str:
        return f"find {self.made}"

    def row(self, number: str) -> dict[str, Any] | None:
        rows = self.seen[self.finished[number].phone].get("rows", ())
        return next((row for row in rows if row["instanceId"] == number), None)

    def is_here(self, number: str) -> bool:
        """Whether the phone still holds all of it."""
        row, finished = self.row(number), self.finished[number]
        return bool(row and row["bytes"] == finished.digest and set(finished.photos) <= set(row["photos"]))

    def waiting(self) -> list[str]:
        return [number for number in self.finished if (row := self.row(number)) and row["receipt"] is None]

    def sent_back(self) -> list[str]:
        rows = [row for seen in self.seen for row in seen.get("rows", ())]
        return [
            row["instanceId"]
            for row in rows
            if row["review"] and row["review"]["reviewState"] == "hasIssues" and not row["replacedBy"]
        ]

    def refused(self) -> list[tuple[int, str]]:
        return [
            (phone, row["instanceId"])
            for phone, seen in enumerate(self.seen)
            for row in seen.get("rows", ())
            if row["refusal"]
        ]

    def sent_by_earlier_enrolment(self) -> set[str]:
        """Outcomes go to the device that delivered; a phone enrolled again is another one to the server."""
        with self.server.office.database.reading() as session:
            return {row.instance_id for row in session.exec(all_submissions()) if row.device_id not in self.enrolled}


def is_waiting(row: dict[str, Any]) -> bool:
    if row["state"] in ("redacted", "lost") or row["bytes"] is None:
        return False
    if row["receipt"] is None:
        return row["refusal"] is None
    listed = {attachment["sha256"] for attachment in row["attachments"]}
    return bool(listed & set(row["missing"]) - set(row["setAside"]))


def photo(name: str) -> str:
    """A JPEG by its first bytes, different by its last; the server decodes nothing while it receives."""
    return base64.b64encode(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + name.encode() + b"\xff\xd9").decode()


def latest_device(session: Any) -> str:
    from sqlmodel import col, select

    from beatbook.models import Event

    newest = select(Event).where(Event.kind == "device.enrolled").order_by(col(Event.seq).desc())
    return session.exec(newest).first().subject


def all_submissions() -> Any:
    from sqlmodel import select

    from beatbook.models import Submission

    return select(Submission)
