"""Kills (H5): a real server is killed while phones deliver, started again, and nothing acknowledged may be gone."""

import random
import secrets
import threading
import time
from pathlib import Path

from .harness import PHOTOS, Outcome, records_of
from .history import History, judge
from .phone import Phone
from .world import Folder, Server, faults_of, leftovers, read

FINDS = {
    "answer-before-commit": "incomplete",
    "no-sweep": "temporary files",
}
SHORT, PLANTED, LONG = 6, 6, 1000  # kills
SHORTEST, LONGEST = 0.002, 0.12  # seconds from the start of the deliveries to the kill
SENDERS = 3


def run(template: Folder, folder: Path, size: int, fault: str | None = None, seed: int = 1) -> Outcome:
    dice = random.Random(seed)
    history, prepared = History(), template.copy_to(folder / "data")
    server = Server(prepared, fault)
    fleet = [Phone(enrolment, server.port, history, seed=seed) for enrolment in prepared.phones[:SENDERS]]
    in_flight = 0
    for _ in range(size):
        server.start()
        in_flight += kill_while_they_send(server, fleet, dice)
    server.start()
    left = leftovers(server.data)
    undelivered = sum(not phone.sync_until_done(5 if fault else 60) for phone in fleet)
    server.stop()
    history.read("audit", read(server.data))
    outcome = Outcome.of(judge(history.lines), kills=size, in_flight=in_flight)
    outcome.blame(left, "temporary files were left after a start")
    outcome.blame(undelivered, "phones could not deliver in the end")
    outcome.wrong += faults_of(server.data)
    return outcome


def kill_while_they_send(server: Server, fleet: list[Phone], dice: random.Random) -> int:
    """Returns 1 when the kill met a phone that had not finished."""
    for phone in fleet:
        phone.capture(*records_of(dice, 2, PHOTOS))
    senders = [threading.Thread(target=phone.sync, daemon=True) for phone in fleet]
    for sender in senders:
        sender.start()
    time.sleep(dice.uniform(SHORTEST, LONGEST))
    met = any(sender.is_alive() for sender in senders)
    server.kill()
    (server.data / "blobs" / "incoming" / secrets.token_hex(16)).write_bytes(b"half")  # what an unlucky kill leaves
    for sender in senders:
        sender.join()
    return int(met)
