"""Power cuts (H4): the server runs on a file system that forgets, in a cut, whatever was not fsynced."""

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from .harness import PHOTOS, Outcome, needs_program, records_of
from .history import History, judge
from .phone import NotOurs, Phone, Refused
from .world import Folder, Server, Trouble, Unavailable, environment, faults_of, read

FINDS = {
    "synchronous-normal": "lost",
    "no-file-fsync": "incomplete",
    "no-folder-fsync": "incomplete",
    "no-parent-fsync": "incomplete",
}
SHORT, PLANTED, LONG = 3, 1, 200  # cuts
DELIVERIES = 6  # before each cut, one of them cut short by it


def needs() -> None:
    needs_program("fusermount3", "fuse3")
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        raise Unavailable("/dev/fuse may not be used here")
    try:
        import mfusepy  # noqa: F401
    except (ImportError, OSError) as error:
        raise Unavailable(f"mfusepy: {error}", installable=True) from error


def run(template: Folder, folder: Path, size: int, fault: str | None = None, seed: int = 1) -> Outcome:
    dice, history = random.Random(seed), History()
    with lossy(folder / "disk") as disk:
        shutil.copytree(template.data, disk / "data")
        prepared = Folder(disk / "data", template.phones, template.codes)
        sync_all(disk)
        server = Server(prepared, fault)
        phone = Phone(prepared.phones[0], server.port, history)
        lost_databases = 0
        for _ in range(size):
            try:
                server.start()
            except Trouble:
                lost_databases += 1
                break
            deliver_and_cut(server, phone, dice, disk)
            history.read("after the cut", {} if lost_databases else read(prepared.data))
        outcome = Outcome.of(judge(history.lines), power_cuts=size)
        outcome.blame(lost_databases, "servers could not start after a cut")
        if not outcome.wrong:
            server.start()
            outcome.blame(not phone.sync_until_done(30), "phone could not deliver in the end")
            server.stop()
            outcome.wrong += faults_of(prepared.data)
    return outcome


def deliver_and_cut(server: Server, phone: Phone, dice: random.Random, disk: Path) -> None:
    """Some deliveries that are answered, then a cut; the kill first, for a machine without power runs nothing."""
    for _ in range(DELIVERIES):
        try:
            phone.deliver(records_of(dice, 1, PHOTOS))
        except (NotOurs, Refused) as problem:
            raise Trouble(f"a delivery failed: {problem}; {server.said()}") from problem
    phone.capture(*records_of(dice, 1, PHOTOS))
    server.kill()
    os.setxattr(disk, "user.powercut", b"now")


@contextmanager
def lossy(folder: Path) -> Generator[Path]:
    folder.mkdir()
    daemon = subprocess.Popen([sys.executable, "-P", "-m", "faults.lossy", str(folder)], env=environment())
    try:
        until = time.monotonic() + 20
        while not os.path.ismount(folder):
            if daemon.poll() is not None or time.monotonic() > until:
                raise Unavailable("the file system could not be mounted")
            time.sleep(0.02)
        yield folder
    finally:
        subprocess.run(["fusermount3", "-u", "-z", str(folder)], check=False)
        daemon.wait(timeout=20)


def sync_all(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
