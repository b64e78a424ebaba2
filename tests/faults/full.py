"""Full disk (H10): the server runs on a small disk that fills up while phones deliver, and is given room again."""

import os
import random
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from actors import a_photo

from .harness import Outcome, broken_part, needs_root, records_of
from .history import History, judge
from .phone import NotOurs, Phone, Refused
from .world import Folder, Server, Unavailable, faults_of, leftovers, read

FINDS = {
    "temp-leak": "temporary files",
    "full-is-500": "was not answered",
    "full-for-good": "without a restart",
    "phone-drops-what-is-refused": "nowhere",
}
SHORT, PLANTED, LONG = 1, 1, 20  # times that the disk is filled
DISK = 8  # MiB for the folder as it begins; what each time adds for good comes on top
EACH_TIME = 1  # MiB
PHOTO = (200, 150)  # pixels of noise: 20 KB


def needs() -> None:
    needs_root()
    tried = subprocess.run(["unshare", "--mount", "true"], capture_output=True)
    if tried.returncode:
        raise Unavailable("file systems may not be mounted here")


def run(template: Folder, folder: Path, size: int, fault: str | None = None, seed: int = 1) -> Outcome:
    server_fault, broken = broken_part(fault)
    dice, history = random.Random(seed), History()
    with small_disk(folder / "disk", DISK + size * EACH_TIME) as disk:
        shutil.copytree(template.data, disk / "data")
        prepared = Folder(disk / "data", template.phones, template.codes)
        no_floor = {"min_free_bytes": "0", "min_free_bytes_photos": "0"}
        server = Server(prepared, server_fault, no_floor).start()
        phone = Phone(prepared.phones[0], server.port, history, broken)
        outcome, captured = Outcome(), 0
        for _ in range(size):
            leave_free(disk, 300_000 + dice.randrange(100_000))
            captured += fill(phone, dice, outcome)
            outcome.blame(leftovers(server.data), "temporary files were left on the full disk")
            (disk / "ballast").unlink()
            if not phone.sync_until_done(2 if fault else 20):
                outcome.wrong.append("with room again, the phone could not deliver without a restart")
                break
        server.stop()
        history.read("audit", read(prepared.data))
        judged = Outcome.of(judge(history.lines), times_full=size, refused_with_507=len(phone.refusals))
        judged.wrong += outcome.wrong
        there = len(read(prepared.data))
        judged.blame(captured - there - sum(not item.receipt for item in phone.items.values()), "records are nowhere")
        judged.wrong += faults_of(prepared.data)
    return judged


def fill(phone: Phone, dice: random.Random, outcome: Outcome) -> int:
    """Deliver until the disk is full, and some more. Returns how many records were captured."""
    refused = captured = 0
    while refused < 3 and captured < 100:
        records = records_of(dice, 1, [a_photo(PHOTO)] * 2)
        phone.capture(*records)
        captured += 1
        try:
            phone.deliver(records)
        except Refused as answer:
            refused += 1
            if answer.status != 507:
                outcome.wrong.append(f"a full disk was answered with {answer.status}")
        except NotOurs:
            refused += 1
            outcome.wrong.append("a full disk was not answered")
    outcome.blame(refused == 0, "disk never became full")
    return captured


def leave_free(disk: Path, room: int) -> None:
    there = os.statvfs(disk)
    with (disk / "ballast").open("wb") as file:
        file.write(bytes(max(0, there.f_bavail * there.f_frsize - room)))


@contextmanager
def small_disk(folder: Path, size: int) -> Generator[Path]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)
