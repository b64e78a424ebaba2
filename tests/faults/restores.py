"""Restores (H17): the server goes back to an older state, by command or unknown to it, and the phones heal it.

Some records are old enough to be gone from the phones: the backup covers them. Newer ones are still there, and must be
on the server again after one round of the phones.
"""

import random
import shutil
import threading
from pathlib import Path

import httpx2

from .harness import PHOTOS, Outcome, broken_part, records_of
from .history import History, judge
from .phone import Phone
from .world import Folder, Server, Trouble, faults_of, read

FINDS = {
    "restore-keeps-epoch": "lost",
    "safe-seq-at-end": "lost",
    "no-side-note": "did not notice",
    "no-witness": "lost",
    "phone-lets-go-with-the-receipt": "lost",
    "phone-does-not-ask-again-in-a-new-epoch": "lost",
}
SHORT, PLANTED, LONG = 12, 9, 210  # records delivered after the backup, in three restores
SENDERS = 3
# How the server goes back. `database`: somebody copies last week's file into its place. `machine`: the whole machine
# is rolled back, with every note that could tell.
WAYS = ("command", "database", "machine")
SHOWS_IN = {"no-side-note": "database", "no-witness": "machine"}  # the others by command


def run(template: Folder, folder: Path, size: int, fault: str | None = None, seed: int = 1) -> Outcome:
    total, dice = Outcome(), random.Random(seed)
    for way in WAYS if fault is None else [SHOWS_IN.get(fault, "command")]:
        (folder / way).mkdir()
        one = go_back(template, folder / way, way, size // len(WAYS), fault, dice)
        total.wrong += [f"{way}: {wrong}" for wrong in one.wrong]
        for name, count in one.figures.items():
            total.figures[name] = total.figures.get(name, 0) + count
    return total


def go_back(template: Folder, folder: Path, way: str, size: int, fault: str | None, dice: random.Random) -> Outcome:
    server_fault, broken = broken_part(fault)
    history, prepared, backup = History(), template.copy_to(folder / "data"), folder / "backup"
    server = Server(prepared, server_fault).start()
    fleet = [Phone(one, server.port, history, broken) for one in prepared.phones[:SENDERS]]
    deliver(fleet, dice, size)
    back_up_while_they_send(server, backup, fleet, dice, size, history)
    forgotten = sum(line["does"] == "forget" for line in history.lines)
    server.stop()
    shutil.copytree(prepared.data, folder / "as it was")
    epoch = epoch_of(server)
    deliver(fleet, dice, size)
    before = set(read(server.data))
    server.kill()
    {"command": restore, "database": copy_database, "machine": copy_all}[way](server, folder, backup)
    history.read("after going back", read(server.data))
    missing = before - set(read(server.data))
    outcome = Outcome()
    if way == "database" and epoch_of(server) == epoch:
        outcome.wrong.append("the server did not notice by itself")
    server.start()
    for _ in range(3):
        for phone in fleet:
            phone.sync_until_done(10)
    server.stop()
    there = read(server.data)
    history.read("after the phones came", there)
    judged = Outcome.of(
        judge(history.lines), restores=1, let_go_before=forgotten, away_after_it=len(missing), offered_again=0
    )
    judged.figures["offered_again"] = len(missing & set(there))
    judged.wrong += outcome.wrong + faults_of(server.data)
    if not missing:
        raise Trouble("going back took nothing away")
    return judged


def deliver(fleet: list[Phone], dice: random.Random, count: int) -> None:
    for number in range(count):
        fleet[number % len(fleet)].capture(*records_of(dice, 1, PHOTOS))
    for phone in fleet:
        phone.sync_until_done(20)


def back_up_while_they_send(
    server: Server, backup: Path, fleet: list[Phone], dice: random.Random, size: int, history: History
) -> None:
    """More records arrive while the backup is being made; afterwards the phones let go of what it covers."""
    done = threading.Event()

    def keep_sending() -> None:
        for _ in range(200):
            deliver(fleet, dice, 1)
            if done.wait(0.05):
                return

    sender = threading.Thread(target=keep_sending, daemon=True)
    sender.start()
    said = server.run("backup", "--to", str(backup))
    done.set()
    sender.join()
    if "verified" not in said:
        raise Trouble(f"the backup failed: {said}")
    for phone in fleet:
        phone.sync()
        phone.sync()


def epoch_of(server: Server) -> str:
    """As a phone that has never sent anything hears it."""
    server.start()
    newcomer = server.folder.phones[-1]
    answer = httpx2.get(
        f"{server.url}/api/sync/state", headers={"authorization": f"Bearer {newcomer.token}"}, timeout=30
    )
    return answer.json()["epoch"]


def restore(server: Server, folder: Path, backup: Path) -> None:
    said = server.run("restore", "--from", str(backup))
    if "Restored" not in said:
        raise Trouble(f"the restore failed: {said}")


def copy_database(server: Server, folder: Path, backup: Path) -> None:
    for name in ("beatbook.db-wal", "beatbook.db-shm", "beatbook.db.seal"):
        (server.data / name).unlink(missing_ok=True)
    shutil.copy(folder / "as it was" / "beatbook.db", server.data)


def copy_all(server: Server, folder: Path, backup: Path) -> None:
    shutil.rmtree(server.data)
    shutil.copytree(folder / "as it was", server.data)
