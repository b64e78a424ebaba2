"""A phone: the contract's rules for a client in their shortest form, as the app follows them in TypeScript.

It sends records, then what the receipts say is missing; believes an answer only from its own server, about this very
id and digest; drops nothing on any refusal; asks again in a new epoch; and lets go of a payload only when a verified
backup covers it. Each rule can be broken on purpose (`breaks`), to see that the harnesses notice.
"""

import http.client
import json
import random
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from actors import MULTIPART, Record, body_of, parts, sha256

from .history import History, Kind
from .world import Enrolment

PATIENCE = 30.0  # seconds for one answer


class Broken(StrEnum):
    """Rules that a phone may break."""

    ANY_200 = "phone-takes-any-200-for-a-receipt"
    FORGETS_EARLY = "phone-lets-go-with-the-receipt"
    DROPS_REFUSED = "phone-drops-what-is-refused"
    BLIND_TO_EPOCH = "phone-does-not-ask-again-in-a-new-epoch"
    IGNORES_MISSING = "phone-does-not-send-what-is-missing"


@dataclass
class Item:
    """A record on the phone."""

    record: Record
    receipt: dict[str, Any] | None = None
    missing: list[str] = field(default_factory=list)
    epoch: str = ""  # in which the server last vouched for it
    aside: str = ""  # why a person must look; the record is still here

    @property
    def is_delivered(self) -> bool:
        return self.receipt is not None and not self.missing


class NotOurs(Exception):
    """No answer, or one of somebody else. It counts for nothing."""


@dataclass
class Phone:
    enrolment: Enrolment
    port: int
    history: History
    breaks: Broken | None = None
    seed: int = 0
    host: str = "127.0.0.1"
    items: dict[str, Item] = field(default_factory=dict)
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)  # kept after the payload is gone
    epoch: str = ""
    safe_seq: int = 0
    answers: int = 0
    refusals: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = random.Random(f"{self.seed} {self.enrolment.name}")

    # What its owner does

    def capture(self, *records: Record) -> None:
        for record in records:
            self.items[record.instance_id] = Item(record)

    # What it does by itself

    def sync(self) -> bool:
        """One round. Returns whether all was taken; False too when the network or the server failed on the way."""
        try:
            self.confirm()
            self.send_records()
            self.send_photos()
            self.let_go()
        except (NotOurs, Refused):
            return False
        return all(item.is_delivered or item.aside for item in self.items.values())

    def sync_until_done(self, seconds: float, pause: float = 0.02) -> bool:
        until = time.monotonic() + seconds
        while not self.sync():
            if time.monotonic() > until:
                return False
            time.sleep(self.dice.uniform(0, pause))
        return True

    def send_records(self) -> None:
        """Some alone, some with all their photos, as batches do."""
        waiting = [item for item in self.items.values() if item.receipt is None and not item.aside]
        while waiting:
            batch, waiting = waiting[:4], waiting[4:]
            records = [item.record for item in batch]
            self.deliver(records, () if self.dice.random() < 0.5 else [one for each in records for one in each.photos])

    def send_photos(self) -> None:
        for item in list(self.items.values()):
            if item.receipt is not None and item.missing and not item.aside:
                wanted = [photo for photo in item.record.photos if sha256(photo) in item.missing]
                self.deliver([item.record] if self.dice.random() < 0.3 else [], wanted)
                self.confirm_items([item])

    def confirm(self) -> None:
        """Ask about all that the server has not vouched for in its present epoch."""
        self.ask("/api/sync/check", {"submissions": [], "attachments": [], "lastReceipt": self.last_receipt()})
        if self.breaks is not Broken.BLIND_TO_EPOCH:
            self.confirm_items([one for one in self.items.values() if one.receipt and one.epoch != self.epoch])

    def confirm_items(self, items: list[Item]) -> None:
        for start in range(0, len(items), 500):
            some = {item.record.instance_id: item for item in items[start : start + 500]}
            asked = [{"instanceId": one, "digest": item.record.digest} for one, item in some.items()]
            answer = self.ask("/api/sync/check", {"submissions": asked, "attachments": [], "lastReceipt": None})
            for found in answer["submissions"]:
                self.take_comparison(some[found["instanceId"]], found)

    def take_comparison(self, item: Item, found: dict[str, Any]) -> None:
        item.epoch = self.epoch
        if found["status"] == "missing":
            item.receipt, item.missing = None, []
        elif found["status"] == "same":
            item.missing = [] if self.breaks is Broken.IGNORES_MISSING else found["missing"]

    def let_go(self) -> None:
        """Promise 6: a receipt of this epoch, nothing missing, and a verified backup that covers it."""
        for instance_id, item in list(self.items.items()):
            seq = item.receipt["seq"] if item.receipt else 0
            safe = item.is_delivered and item.epoch == self.epoch and seq <= self.safe_seq
            if safe or (self.breaks is Broken.FORGETS_EARLY and item.is_delivered):
                del self.items[instance_id]
                self.history.forget(self.enrolment.name, instance_id)

    def last_receipt(self) -> dict[str, Any] | None:
        return max(self.receipts.values(), key=lambda one: (one["epoch"] == self.epoch, one["seq"]), default=None)

    # One delivery

    def deliver(self, records: Iterable[Record], photos: Iterable[bytes] | None = None) -> list[dict[str, Any]]:
        """Send these and take in what the answer says. Errors: NotOurs, Refused."""
        records = list(records)
        body = body_of(parts(*records, photos=None if photos is None else tuple(photos)))
        for record in records:
            self.history.add(Kind.INVOKE, self.enrolment.name, record.instance_id, digest=record.digest)
        try:
            answer = self.post("/api/sync", body, MULTIPART)
        except (NotOurs, Refused):
            for record in records:
                self.history.add(Kind.INFO, self.enrolment.name, record.instance_id)
            raise
        self.stand(answer)
        for result in answer.get("results", []):
            self.take_result({record.instance_id: record for record in records}, result)
        if self.breaks is Broken.ANY_200:
            for record in records:
                self.believe(record, {"seq": 0, "epoch": self.epoch}, [])
        return answer.get("results", [])

    def take_result(self, records: dict[str, Record], result: dict[str, Any]) -> None:
        record = records.get(result.get("instanceId") or "")
        receipt = result.get("receipt")
        if record is None:
            return
        if receipt is not None and (receipt["instanceId"], receipt["digest"]) == (record.instance_id, record.digest):
            self.believe(record, receipt, result["missing"])
        elif result["status"] == "refused":
            self.refuse(record, result["problem"])

    def believe(self, record: Record, receipt: dict[str, Any], missing: list[str]) -> None:
        missing = [] if self.breaks is Broken.IGNORES_MISSING else missing
        item = self.items.setdefault(record.instance_id, Item(record))
        item.receipt, item.missing, item.epoch = receipt, missing, self.epoch
        if "chain" in receipt:
            known = self.receipts.setdefault(record.instance_id, receipt)
            if known != receipt and known["epoch"] == receipt["epoch"]:
                self.history.note(Kind.INFO, "receipt-changed", self.enrolment.name, id=record.instance_id)
            self.receipts[record.instance_id] = receipt
        self.history.add(
            Kind.OK,
            self.enrolment.name,
            record.instance_id,
            whole=not missing,
            digest=record.digest,
            seq=receipt["seq"],
        )

    def refuse(self, record: Record, problem: dict[str, Any]) -> None:
        self.history.add(Kind.FAIL, self.enrolment.name, record.instance_id, slug=problem["type"])
        if self.breaks is Broken.DROPS_REFUSED:
            self.items.pop(record.instance_id, None)
        elif problem["client"] == "attention" and record.instance_id in self.items:
            self.items[record.instance_id].aside = problem["type"]

    def ask(self, path: str, asked: dict[str, Any]) -> dict[str, Any]:
        answer = self.post(path, json.dumps(asked).encode(), "application/json")
        self.stand(answer)
        return answer

    def stand(self, answer: dict[str, Any]) -> None:
        self.epoch = answer.get("epoch", self.epoch)
        self.safe_seq = answer.get("safeSeq", self.safe_seq)

    def post(self, path: str, body: bytes, content_type: str) -> dict[str, Any]:
        """Errors: NotOurs, Refused."""
        headers = {
            "Authorization": f"Bearer {self.enrolment.token}",
            "Content-Type": content_type,
            "Connection": "close",
        }
        line = http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)
        try:
            line.request("POST", path, body, headers)
            answer = line.getresponse()
            status, name, content = answer.status, answer.headers.get("Beatbook-Server"), answer.read()
            found = json.loads(content)
        except ValueError as error:
            if self.breaks is Broken.ANY_200 and status == 200:
                return {"results": [], "epoch": self.epoch, "safeSeq": 0, "submissions": []}
            raise NotOurs("not JSON") from error
        except (OSError, http.client.HTTPException) as error:
            raise NotOurs(str(error)) from error
        finally:
            line.close()
        if name != self.enrolment.server_id:
            raise NotOurs(f"answered by {name}")
        self.answers += 1
        if status >= 400:
            self.refusals.append((status, found.get("type", "")))
            if self.breaks is Broken.DROPS_REFUSED and path == "/api/sync":
                self.items.clear()
            raise Refused(status, found)
        return found


class Refused(Exception):
    """Our server refused a request as a whole."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        self.status = status
        self.problem = problem
        super().__init__(f"{status} {problem.get('type')}")
