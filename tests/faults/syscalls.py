"""System calls (H2): each call that touches the data folder fails once, or is the last one before a kill.

A first run under strace lists the calls of the two threads that touch the folder (the one that receives and the one
that writes). Then the same deliveries are played again and again, each time with one of those calls failing with EIO,
ENOSPC or a kill. Afterwards the server is started anew, the phone finishes, and everything is audited.
"""

import random
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from actors import Record, a_photo, a_record

from .harness import PHOTOS, Outcome
from .history import History, judge
from .order import needs
from .phone import NotOurs, Phone, Refused
from .world import Folder, Server, faults_of, leftovers, read

__all__ = ["FINDS", "LONG", "PLANTED", "SHORT", "needs", "run"]

FINDS = {
    "straight-to-final-name": "incomplete",
    "ack-on-error": "lost",
    "fault-forgotten": "after a storage fault",
    "photo-counted-first": "incomplete",
}
SHORT, PLANTED, LONG = 6, 8, 100_000  # calls at most; there are about 100 and each is met in three ways
CALLS = "openat,write,pwrite64,fsync,fdatasync,rename,mkdir,unlink,ftruncate,close"
WAYS = ("error=EIO", "error=ENOSPC", "signal=KILL")
LINE = re.compile(r"^(?:\d+ +)?(\w+)\((.*)$")
# Where a planted fault shows; the short form would otherwise have to try every call to meet it.
AIM = {
    "straight-to-final-name": ("writer", "write", "signal=KILL"),
    "ack-on-error": ("writer", "pwrite64", "error=EIO"),
    "fault-forgotten": ("writer", "fsync", "error=EIO"),
    "photo-counted-first": ("writer", "fsync", "signal=KILL"),
}


@dataclass(frozen=True)
class Point:
    thread: str  # receiver or writer
    call: str
    number: int  # which of the thread's calls of that name
    way: str

    def __str__(self) -> str:
        return f"{self.call} {self.number} of the {self.thread}: {self.way}"


def run(template: Folder, folder: Path, size: int, fault: str | None = None, seed: int = 1) -> Outcome:
    deliveries = [a_record(a_photo((80, 60)), PHOTOS[0]), a_record(PHOTOS[1]), a_record()]
    points = list_points(template, folder / "recording", fault, deliveries)
    if fault:
        points = [point for point in points if (point.thread, point.call, point.way) == AIM[fault]]
    chosen = sorted(random.Random(seed).sample(points, min(size, len(points))), key=str)
    total = Outcome(figures=Counter(calls_met=len(chosen)))
    for number, point in enumerate(chosen):
        one = meet(template, folder / str(number), point, fault, deliveries)
        total.wrong += [f"{point}: {wrong}" for wrong in one.wrong]
        for name, count in one.figures.items():
            total.figures[name] = total.figures.get(name, 0) + count
        if fault and total.wrong:
            break
    return total


def list_points(template: Folder, folder: Path, fault: str | None, deliveries: list[Record]) -> list[Point]:
    folder.mkdir()
    server = Server(template.copy_to(folder / "data"), fault).start()
    phone = Phone(server.folder.phones[0], server.port, History())
    threads = threads_of(server)
    with (
        hooked(threads["receiver"], "-o", str(folder / "receiver")),
        hooked(threads["writer"], "-o", str(folder / "writer")),
    ):
        for record in deliveries:
            phone.deliver([record])
    server.kill()
    found = []
    for thread in threads:
        numbers = Counter[str]()
        for line in (folder / thread).read_text(errors="replace").splitlines():
            if match := LINE.match(line):
                call, rest = match.groups()
                numbers[call] += 1
                if str(server.data) in rest and "-shm" not in rest and ".head" not in rest:
                    found += [Point(thread, call, numbers[call], way) for way in WAYS]
    return found


def threads_of(server: Server) -> dict[str, int]:
    return {"receiver": server.process, "writer": int(server.writer_note.read_text())}


def meet(template: Folder, folder: Path, point: Point, fault: str | None, deliveries: list[Record]) -> Outcome:
    """Play the deliveries with one call failing, start anew, let the phone finish, audit."""
    folder.mkdir()
    history = History()
    server = Server(template.copy_to(folder / "data"), fault).start()
    phone = Phone(server.folder.phones[0], server.port, history)
    phone.capture(*deliveries)
    wrong = []
    inject = f"inject={point.call}:{point.way}:when={point.number}"
    with hooked(threads_of(server)[point.thread], "-e", inject, "-o", "/dev/null"):
        refused = False
        for record in deliveries:
            try:
                phone.deliver([record])
                if refused:
                    wrong.append("something was acknowledged after a storage fault, without a restart")
            except Refused as answer:
                refused = refused or (answer.status == 503 and "fsync" in f"{point.call} sync".replace("fdata", "f"))
                if answer.status not in (503, 507):
                    wrong.append(f"answered {answer.status}")
            except NotOurs:
                if server.lives() and point.way != "signal=KILL":
                    wrong.append("no answer, though the server lives")
    killed = point.way == "signal=KILL" or not server.lives()
    if not killed and not point.call.startswith("unlink") and (left := leftovers(server.data)):
        wrong.append(f"{left} temporary files were left")
    server.kill()
    server.start()
    if left := leftovers(server.data):
        wrong.append(f"{left} temporary files were left after a start")
    if not phone.sync_until_done(20):
        wrong.append("the phone could not deliver in the end")
    server.stop()
    history.read("audit", read(server.data))
    outcome = Outcome.of(judge(history.lines), kills=int(killed), refusals=len(phone.refusals))
    outcome.wrong += wrong + faults_of(server.data)
    return outcome


@contextmanager
def hooked(thread: int, *more: str) -> Generator[None]:
    """strace on one thread alone, whose calls it numbers."""
    strace = subprocess.Popen(
        ["strace", "-y", "-s", "16", "-e", f"trace={CALLS}", "-e", "signal=none", *more, "-p", str(thread)],
        stderr=subprocess.DEVNULL,
    )
    try:
        await_thread(thread)
        yield
        time.sleep(0.02)
    finally:
        strace.send_signal(signal.SIGINT)
        strace.wait()


def await_thread(thread: int) -> None:
    until = time.monotonic() + 20
    status = Path(f"/proc/{thread}/status")
    while status.exists() and "TracerPid:\t0" in status.read_text() and time.monotonic() < until:
        time.sleep(0.005)
