"""Races (H14): the same record delivered by twenty at once is one record, and one code enrols one device."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
from actors import Record, a_record

from .harness import PHOTOS, Outcome
from .history import History, judge
from .phone import NotOurs, Phone, Refused
from .world import Folder, Server, faults_of, read

FINDS = {
    "no-unique-check": "duplicated",
    "second-replaces-first": "torn",
    "receipt-changes": "more than one receipt",
    "code-works-twice": "codes enrolled",
}
SHORT, PLANTED, LONG = 6, 4, 200  # records
AT_ONCE = 20
CLONES = 4  # every so many records, half of the twenty send other bytes under the same number
NO_LIMIT = {"tries_per_minute": "100000"}  # nineteen of twenty that race for a code are wrong tries
RACES = 5  # for an enrolment code


def run(template: Folder, folder: Path, size: int, fault: str | None = None, seed: int = 1) -> Outcome:
    history = History()
    server = Server(template.copy_to(folder / "data"), fault, NO_LIMIT).start()
    senders = [Phone(one, server.port, history, seed=seed) for one in server.folder.phones]
    receipts: dict[tuple[str, str], set[str]] = {}
    turn = threading.Lock()
    for number in range(size):
        record = a_record(PHOTOS[number % len(PHOTOS)])
        clone = Record(record.payload.replace(b"Westgate", b"Eastgate"), record.photos)

        def deliver(rank: int, record: Record = record, clone: Record = clone, number: int = number) -> None:
            phone = replace(senders[rank % len(senders)], items={}, receipts={})
            mine = clone if number % CLONES == 0 and rank % 2 else record
            result = patiently(phone, mine)
            with turn:
                receipts.setdefault((mine.instance_id, mine.digest), set()).add(result)

        at_once(deliver)
    enrolled = [race_for(code, server) for code in server.folder.codes[:RACES]]
    server.stop()
    history.read("audit", read(server.data))
    outcome = Outcome.of(judge(history.lines), records=size, deliveries=size * AT_ONCE, races_for_a_code=len(enrolled))
    outcome.blame(sum(len(found) > 1 for found in receipts.values()), "records got more than one receipt")
    outcome.blame(sum(count != 1 for count in enrolled), "codes enrolled another number of devices than one")
    outcome.wrong += faults_of(server.data)
    return outcome


def patiently(phone: Phone, record: Record) -> str:
    """The receipt, or that it was refused, as text."""
    for _ in range(20):
        try:
            result = phone.deliver([record])[0]
            return json.dumps(result.get("receipt") or result["problem"]["type"])
        except (NotOurs, Refused):
            time.sleep(0.05)
    return "no answer"


def race_for(code: str, server: Server) -> int:
    """How many devices a code enrolled when twenty tried it at once."""
    answers: Counter[int] = Counter()

    def enrol(rank: int) -> None:
        answers[httpx2.post(f"{server.url}/api/enrol", json={"code": code}, timeout=30).status_code] += 1

    at_once(enrol)
    return answers[201]


def at_once(do: Callable[[int], Any]) -> None:
    barrier = threading.Barrier(AT_ONCE)

    def wait_and_do(rank: int) -> None:
        barrier.wait()
        do(rank)

    threads = [threading.Thread(target=wait_and_do, args=(rank,), daemon=True) for rank in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
