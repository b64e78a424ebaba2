"""Order (H3): under strace, no answer may leave while anything it vouches for is not yet fsynced.

The system calls of a real server are followed: a file is dirty from a write to an fsync that began after it, a name
from its creation or renaming to the fsync of its folder. When the bytes of a 200 go into the socket, nothing may be.
"""

import json
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .harness import PHOTOS, Outcome, needs_program, records_of
from .history import History, judge
from .phone import Phone
from .world import Folder, Server, Trouble, Unavailable, environment, read

FINDS = {
    "synchronous-normal": "beatbook.db-wal",
    "no-file-fsync": "a photo was",
    "no-folder-fsync": "a photo",
    "no-parent-fsync": "a photo's folder",
    "backup-not-synced": "of a backup",
}
SHORT, PLANTED, LONG = 20, 5, 20_000  # answers
CALLS = (
    "openat,open,creat,write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,fsync,fdatasync,rename,renameat,renameat2,"
    "unlink,unlinkat,mkdir,mkdirat,ftruncate,link,linkat"
)
LINE = re.compile(r"^(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\()(.*)$")
FD = re.compile(r"^\d+<([^>]*)>")
QUOTED = re.compile(r'"([^"]*)"')
# Notes of which nothing depends: read at a start if they are there and make sense, believed only as a warning.
NOT_VOUCHED_FOR = (".head", ".address", ".held", "beatbook.db-shm")


def needs() -> None:
    needs_program("strace", "strace")
    tried = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, text=True)
    if tried.returncode:
        raise Unavailable(f"strace may not trace here: {tried.stderr.strip().splitlines()[-1]}")


def run(template: Folder, folder: Path, size: int, fault: str | None = None, seed: int = 1) -> Outcome:
    if fault == "backup-not-synced":
        return follow_backup(template, folder, fault)
    history, prepared, dice = History(), template.copy_to(folder / "data"), random.Random(seed)
    server = Server(prepared, fault).start()
    phone = Phone(prepared.phones[0], server.port, history)
    known = {str(path) for path in prepared.data.rglob("*")}
    with traced(server.process, folder / "strace"):
        for _ in range(size):
            phone.deliver(records_of(dice, dice.choice((1, 1, 3)), PHOTOS))
    server.kill()
    with (folder / "strace").open(errors="replace") as lines:
        watch = Watch(prepared.data, known)
        answers = watch.follow(lines)
    history.read("audit", read(prepared.data))
    outcome = Outcome.of(judge(history.lines), answers_followed=answers)
    outcome.blame(sum(watch.early.values()), f"answers left before {', '.join(sorted(watch.early)[:4])} was durable")
    if answers < size:
        raise Trouble(f"only {answers} of {size} answers were seen by strace")
    if not fault:
        outcome.wrong += follow_backup(template, folder, None).wrong
    return outcome


def follow_backup(template: Folder, folder: Path, fault: str | None) -> Outcome:
    """A backup may count only when it is on the disk: nothing of it is dirty at the last write to the database."""
    prepared, to = template.copy_to(folder / "with backup"), folder / "backup"
    server = Server(prepared, fault).start()
    Phone(prepared.phones[0], server.port, History()).deliver(records_of(random.Random(1), 3, PHOTOS))
    order = {
        "arguments": ["--data", str(prepared.data), "backup", "--to", str(to)],
        "environment": {},
        "fault": fault,
        "previews": False,
        "log": str(folder / "backup.log"),
        "note": str(folder / "backup.writer"),
    }
    command = [sys.executable, "-P", "-m", "faults.planted", "one", json.dumps(order)]
    trace = folder / "strace-backup"
    subprocess.run(["strace", *options(trace), *command], env=environment(), timeout=100, check=True)
    server.kill()
    with trace.open(errors="replace") as lines:
        watch = Watch(to, set(), ledger=f"{prepared.data}/beatbook.db-wal")
        published = watch.follow(lines)
    outcome = Outcome(figures={"backups_followed": 1})
    outcome.blame(len(watch.dirty_then), f"files of a backup were not durable when it counted: {watch.dirty_then[:4]}")
    if not published:
        raise Trouble("the backup published nothing")
    return outcome


@contextmanager
def traced(process: int, trace: Path) -> Generator[None]:
    strace = subprocess.Popen(["strace", *options(trace), "-p", str(process)], stderr=subprocess.DEVNULL)
    try:
        await_tracer(process)
        yield
        time.sleep(0.1)
    finally:
        strace.send_signal(signal.SIGINT)
        strace.wait()


def options(trace: Path) -> list[str]:
    return ["-f", "-y", "-s", "48", "-e", f"trace={CALLS}", "-e", "signal=none", "-o", str(trace)]


def await_tracer(process: int) -> None:
    """Until every thread of a process is followed."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        tasks = Path(f"/proc/{process}/task").iterdir()
        if all("TracerPid:\t0" not in (task / "status").read_text() for task in tasks):
            return
        time.sleep(0.01)
    raise Trouble("strace did not attach")


@dataclass
class Watch:
    """Follows the lines of strace and knows what is dirty."""

    folder: Path
    known: set[str]  # names that were durable at the start
    ledger: str = ""  # instead of answers, writes to this file are looked for
    written: Counter[str] = field(default_factory=Counter)
    synced: Counter[str] = field(default_factory=Counter)
    unnamed: set[str] = field(default_factory=set)  # names that a power cut could take
    early: Counter[str] = field(default_factory=Counter)
    dirty_then: list[str] = field(default_factory=list)
    pending: dict[str, str] = field(default_factory=dict)  # thread -> the beginning of its unfinished call
    began: dict[str, int] = field(default_factory=dict)  # thread -> how much was written when its fsync began

    def follow(self, lines: Iterable[str]) -> int:
        """How many answers (or writes to the ledger) were seen."""
        seen = 0
        for line in lines:
            if match := LINE.match(line):
                thread, resumed, call, rest = match.groups()
                if resumed:
                    self.end(thread, resumed, self.pending.pop(thread, "") + rest)
                    continue
                seen += self.begin(thread, call, rest)
                if rest.rstrip().endswith("<unfinished ...>"):
                    self.pending[thread] = rest.rstrip().removesuffix("<unfinished ...>")
                else:
                    self.end(thread, call, rest)
        return seen

    def begin(self, thread: str, call: str, rest: str) -> int:
        """What counts from the moment a call begins. Returns 1 for an answer."""
        path = self.path_of(rest)
        if call in ("write", "writev", "sendto", "sendmsg") and "HTTP/1.1 200" in rest and not self.ledger:
            self.early.update(self.dirty())
            return 1
        if call in ("write", "writev", "pwrite64", "pwritev", "pwritev2", "ftruncate"):
            if self.ledger and path == self.ledger:
                self.dirty_then = self.dirty()
                return 1
            self.written[path] += 1
        elif call in ("fsync", "fdatasync"):
            self.began[thread] = self.written[path]
            if path and path not in self.written:
                self.began[thread] = 0
        return 0

    def end(self, thread: str, call: str, rest: str) -> None:
        if re.search(r"\) += -1 ", rest):
            return
        if call in ("fsync", "fdatasync"):
            path = self.path_of(rest)
            self.synced[path] = max(self.synced[path], self.began.pop(thread, 0))
            self.unnamed = {name for name in self.unnamed if str(Path(name).parent) != path}
        elif call in ("rename", "renameat", "renameat2", "link", "linkat"):
            self.move(*QUOTED.findall(rest)[:2])
        elif call in ("mkdir", "mkdirat") or (call in ("open", "openat", "creat") and "O_CREAT" in rest):
            self.name(QUOTED.findall(rest)[0])
        elif call in ("unlink", "unlinkat"):
            self.take_away(QUOTED.findall(rest)[0])

    def path_of(self, rest: str) -> str:
        match = FD.match(rest)
        return match.group(1).removesuffix(" (deleted)") if match else ""

    def name(self, path: str) -> None:
        if path not in self.known:
            self.known.add(path)
            self.unnamed.add(path)

    def move(self, old: str, new: str) -> None:
        self.written[new], self.synced[new] = self.written.pop(old, 0), self.synced.pop(old, 0)
        self.unnamed.discard(old)
        self.unnamed.add(new)
        self.known.add(new)

    def take_away(self, path: str) -> None:
        self.unnamed.discard(path)
        self.known.discard(path)
        self.written.pop(path, None)
        self.synced.pop(path, None)

    def dirty(self) -> list[str]:
        found = {path for path, count in self.written.items() if count > self.synced[path]} | self.unnamed
        inside = [path for path in found if path.startswith(f"{self.folder}/") or path == str(self.folder)]
        return sorted(
            self.kind_of(path) for path in inside if not path.endswith(NOT_VOUCHED_FOR) and "/incoming/" not in path
        )

    def kind_of(self, path: str) -> str:
        """The same word for all photos and for all their folders, so that they can be counted."""
        inside = Path(path).relative_to(self.folder)
        if inside.parts[:1] == ("blobs",):
            return ("blobs", "blobs", "a photo's folder", "a photo")[len(inside.parts)]
        return str(inside)
