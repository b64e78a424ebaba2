"""Clocks (H9): the server's clock is 400 days behind, right, and 400 days ahead; records and receipts do not care."""

import itertools
import random
from pathlib import Path
from typing import Any

from .harness import PHOTOS, Outcome, records_of
from .history import History, judge
from .phone import Phone
from .world import Folder, Server, Unavailable, faults_of, read

FINDS = {
    "wrong-clock-refused": "were refused",
}
SHORT, PLANTED, LONG = 2, 1, 12  # starts of the server, each with another clock
LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
CLOCKS = ("-400d", "+400d", "+0d")


def needs() -> None:
    if not LIBRARIES:
        raise Unavailable("libfaketime is not installed (Debian and Ubuntu: apt install faketime)", installable=True)


def run(template: Folder, folder: Path, size: int, fault: str | None = None, seed: int = 1) -> Outcome:
    dice, history, outcome = random.Random(seed), History(), Outcome()
    prepared = template.copy_to(folder / "data")
    old, first = records_of(dice, 2, PHOTOS), dict[str, Any]()
    for clock in itertools.islice(itertools.cycle(CLOCKS), size):
        wrong = {"LD_PRELOAD": str(LIBRARIES[0]), "FAKETIME": clock, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        wrong["PYTHONDONTWRITEBYTECODE"] = "1"  # it would note the wrong times of sources, for others to compile anew
        server = Server(prepared, fault, preload=wrong).start()
        phone = Phone(prepared.phones[0], server.port, history)
        phone.capture(*old, *records_of(dice, 2, PHOTOS))
        if not phone.sync_until_done(5 if fault else 30):
            outcome.wrong.append(f"the phone could not deliver with the clock at {clock}")
        outcome.blame(sum(bool(item.aside) for item in phone.items.values()), f"records were refused at {clock}")
        server.stop()
        history.read(clock, read(prepared.data))
        found = {record.instance_id: phone.receipts.get(record.instance_id) for record in old}
        first = first or found
        outcome.blame(sum(found[one] != first[one] for one in found), "receipts changed with the clock")
    judged = Outcome.of(judge(history.lines), starts=size)
    judged.wrong += outcome.wrong + faults_of(prepared.data)
    return judged
