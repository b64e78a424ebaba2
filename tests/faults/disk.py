"""Disk (H1): every file operation of the blob store fails in turn, in the process itself, without root or strace.

Five ways to fail: the process dies there (nothing after it happens), EIO, ENOSPC, EDQUOT, EACCES. Then the delivery is
tried again, in the same process or after a restart, and all is audited. It runs in a process of its own
(`python -m faults.disk`), because planted faults change modules.
"""

import errno
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from actors import Record, a_photo, a_record
from sqlmodel import Session, select

from beatbook import attachments, blobs, submissions
from beatbook.models import Device
from beatbook.office import Office, open_office
from beatbook.photos import Inspected
from beatbook.problems import Problem, StorageFault
from beatbook.settings import Settings

from .harness import Outcome
from .history import History, Kind, judge
from .planted import FAULTS
from .world import Folder, Trouble, environment, faults_of, leftovers, read

FINDS = {"temp-leak": "temporary", "fault-forgotten": "after a storage fault", "full-for-good": "for good"}
SHORT, PLANTED, LONG = 40, 60, 100_000  # cases at most
WAYS: dict[str, int | None] = {
    "dies": None,
    "EIO": errno.EIO,
    "ENOSPC": errno.ENOSPC,
    "EDQUOT": errno.EDQUOT,
    "EACCES": errno.EACCES,
}
PHOTO = Inspected("image/jpeg", 80, 60)


class Died(BaseException):
    """The process ended here: nothing may happen after it."""


class Faulty:
    """Counts the operations on files under a folder and fails one of them."""

    def __init__(self, folder: Path, at: int = 0, way: str = "dies") -> None:
        self.folder, self.at, self.way = str(folder), at, way
        self.count = 0
        self.dead = False
        self.failed = ""

    def meet(self, what: str, path: Any) -> None:
        if not str(path).startswith(self.folder):
            return
        if self.dead:
            raise Died
        self.count += 1
        if self.count == self.at:
            self.failed = what
            number = WAYS[self.way]
            if number is None:
                self.dead = True
                raise Died
            raise OSError(number, os.strerror(number))


@contextmanager
def under(faulty: Faulty) -> Generator[None]:
    """Every operation the blob store makes goes through `faulty`."""
    replaced: list[tuple[Any, str, Any]] = []

    def wrap(owner: Any, name: str, path_of: Callable[..., Any] = lambda path, *_: path) -> None:
        real = getattr(owner, name)

        def operation(*given: Any, **more: Any) -> Any:
            faulty.meet(name, path_of(*given))
            return real(*given, **more)

        replaced.append((owner, name, real))
        setattr(owner, name, operation)

    for name in ("open", "replace", "mkdir", "unlink"):
        wrap(Path, name)
    wrap(blobs.os, "fsync", lambda descriptor: os.readlink(f"/proc/self/fd/{descriptor}"))
    wrap(blobs.os, "open")
    wrap(blobs.Incoming, "add", lambda incoming, _: incoming.path)
    try:
        yield
    finally:
        for owner, name, real in replaced:
            setattr(owner, name, real)


def run(template: Folder, folder: Path, size: int, fault: str | None = None, seed: int = 1) -> Outcome:
    """In a process of its own."""
    order = json.dumps([str(template.data), str(folder), size, fault, seed])
    answer = subprocess.run(
        [sys.executable, "-P", "-m", "faults.disk", order], env=environment(), capture_output=True, text=True
    )
    if answer.returncode:
        raise Trouble(answer.stderr[-2000:])
    return Outcome(**json.loads(answer.stdout.splitlines()[-1]))


def run_here(template: Path, folder: Path, size: int, fault: str | None, seed: int) -> Outcome:
    if fault:
        FAULTS[fault].plant()
    record = a_record(a_photo((80, 60)), a_photo((80, 60)))
    counted = Faulty(folder / "count")
    play(template, folder / "count", counted, record)
    cases = [(at, way) for at in range(1, counted.count + 1) for way in WAYS]
    chosen = sorted(random.Random(seed).sample(cases, min(size, len(cases))))
    outcome = Outcome(figures={"operations": counted.count, "cases": len(chosen)})
    for at, way in chosen:
        data = folder / f"{at} {way}"
        faulty = Faulty(data, at, way)
        wrongs = play(template, data, faulty, record)
        outcome.wrong += [f"{faulty.failed}, operation {at}, {way}: {wrong}" for wrong in wrongs]
        shutil.rmtree(data)
        if fault and wrongs:
            break
    return outcome


def play(template: Path, data: Path, faulty: Faulty, record: Record) -> list[str]:
    """Deliver under a fault, then again without, and audit."""
    shutil.copytree(template, data)
    history, wrong, office = History(), [], open_office(Settings(data=data))
    history.add(Kind.INVOKE, "phone", record.instance_id, digest=record.digest)
    with under(faulty):
        try:
            deliver(office, record, history)
        except (OSError, Problem, Died):
            history.add(Kind.INFO, "phone", record.instance_id)
    survived = faulty.failed and not faulty.dead
    if survived and faulty.failed != "unlink" and leftovers(data):
        wrong.append("temporary files were left")
    if survived and faulty.failed == "fsync" and faulty.way not in ("ENOSPC", "EDQUOT"):
        try:
            deliver(office, record, history)
            wrong.append("something was acknowledged after a storage fault, without a restart")
        except (StorageFault, OSError):
            faulty.dead = True  # it wants a restart
    if faulty.way in ("ENOSPC", "EDQUOT") and office.database.writer.faulty:
        wrong.append("a full disk stopped it for good")
    if faulty.dead or (survived and office.database.writer.faulty):
        office.database.close()
        office = open_office(Settings(data=data))
    office.blobs.sweep()
    deliver(office, record, history)
    office.close()
    if leftovers(data):
        wrong.append("temporary files were left in the end")
    history.read("audit", read(data))
    return wrong + Outcome.of(judge(history.lines)).wrong + faults_of(data)


def deliver(office: Office, record: Record, history: History) -> None:
    """What the handler of POST /api/sync does with one record and its photos, one after the other.

    As a phone does, only the photos that are said to be missing are sent again.
    """
    with office.database.reading() as session:
        device = session.exec(select(Device)).first()
        assert device is not None
    now, writer = office.clock(), office.database.writer

    def receive(session: Session) -> list[str]:
        submissions.receive(session, record.payload, device, now=now, forms=office.forms, settings=office.settings)
        return submissions.missing(session, record.instance_id)

    missing = writer.take(receive).result()
    for photo in record.photos:
        if blobs.sha256_of([photo]) in missing:
            hold(office, photo, device)
    missing = writer.take(receive).result()
    history.add(Kind.OK, "phone", record.instance_id, whole=not missing, digest=record.digest)


def hold(office: Office, photo: bytes, device: Device) -> None:
    incoming = office.blobs.receive()
    try:
        incoming.add(photo[:2000])
        incoming.add(photo[2000:])
        office.database.writer.take(
            lambda session: attachments.receive(session, incoming, PHOTO, device, now=office.clock()), [incoming]
        ).result()
    finally:
        incoming.drop()


if __name__ == "__main__":
    template, folder, size, fault, seed = json.loads(sys.argv[1])
    print(json.dumps(asdict(run_here(Path(template), Path(folder), size, fault, seed))))
