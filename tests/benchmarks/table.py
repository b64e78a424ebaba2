"""Every record of a folder of `million` as CSV over HTTP, beside SQLite's own shell that makes CSV of them.

The shell does it twice: with the very statement by which Beatbook reads, and with one that asks for the same columns as
somebody would who has the shell, the device by its name. Either is easier for it than the table is for Beatbook, which
also puts titles for forms, flags and checks in words, dates as ISO 8601 and the marking, guards cells against being run
by a spreadsheet, and sends it all over HTTP. Rounds take turns and the best of each counts. What the disk has to read
is read by all three; the first round may have to wait for it, and a busy machine makes only processor time comparable.
"""

import argparse
import csv
import io
import shutil
import subprocess
import time
from pathlib import Path
from threading import Event, Thread

import httpx2
from starlette.testclient import TestClient

from beatbook.app import create_app
from beatbook.exports import lines
from beatbook.listings import Wanted
from beatbook.office import open_office
from beatbook.settings import Settings

from .desk import join, serve
from .ingest import cpu_of

MOST = 2.0  # times as long as the shell
OWN = """
SELECT s.instance_id, s.form_id, s.form_version, s.title, s.review_state, s.captured_at, s.received_at, d.name, s.place,
  s.latitude, s.longitude, s.accuracy, s.flags, s.warnings, '', '', ''
FROM listing AS l JOIN submission AS s ON s.seq = l.seq JOIN device AS d ON d.id = s.device_id ORDER BY l.seq DESC
"""


def main() -> None:
    asked = argparse.ArgumentParser(prog="python3 tests/benchmarks table", description=__doc__)
    asked.add_argument("--data", type=Path, required=True, help="a folder that `million` made")
    asked.add_argument("--rounds", type=int, default=3)
    chosen = asked.parse_args()
    settings = Settings(data=chosen.data, log_level="ERROR")
    program = shutil.which("sqlite3")
    if program is None:
        raise SystemExit("The program sqlite3 is not installed, and there is nothing to compare with.")
    server = serve(chosen.data)
    assert server.process is not None
    pid, office = server.process.pid, open_office(settings)
    try:
        headers = join(office, TestClient(create_app(office), base_url=server.url)).headers()
        with office.database.reading() as session:
            made = lines.query(session, Wanted(), None, 10**9).compile(
                dialect=session.get_bind().dialect, compile_kwargs={"literal_binds": True}
            )
        ours, same, own = [], [], []
        for _ in range(chosen.rounds):
            own.append(shell(program, settings.database_file, "-csv", OWN))
            same.append(shell(program, settings.database_file, "-csv", str(made)))
            ours.append(taken(f"{server.url}/desk/records.csv", headers, pid))
            seconds, cpu, first, rows, idle, peak = ours[-1]
            print(f"{rows:,} rows in {seconds:.1f} s ({cpu:.1f} s of processor), the first after", end=" ")
            print(f"{1000 * first:.0f} ms; memory {idle:.0f} MB before, {peak:.0f} MB at most;", end=" ")
            print(
                "shell " + ", its own ".join(f"{one[-1][0]:.1f} s ({one[-1][1]:.1f})" for one in (same, own)),
                flush=True,
            )
        for name, shells in ((f"the same statement (at most {MOST})", same), ("the same columns", own)):
            wall, cpu = (min(one[at] for one in ours) / min(one[at] for one in shells) for at in (0, 1))
            print(f"{wall:.2f} times the shell's time, {cpu:.2f} times its processor time: {name}")
    finally:
        office.close()
        server.kill()


def taken(url: str, headers: dict[str, str], pid: int) -> tuple[float, float, float, int, float, float]:
    """Seconds, of processor and until the first byte, rows, and memory before and at most in MB."""
    idle, peaks, done = memory_of(pid), [0.0], Event()

    def watch() -> None:
        while not done.wait(0.05):
            peaks.append(memory_of(pid))

    watching = Thread(target=watch)
    watching.start()
    before, began, first, rows, tail = cpu_of(pid), time.perf_counter(), 0.0, 0, b""
    with httpx2.stream("GET", url, headers=headers, timeout=600) as answer:
        for piece in answer.iter_bytes():
            first = first or time.perf_counter() - began
            rows += piece.count(b"\n")
            tail = (tail + piece)[-4000:]
    seconds, cpu = time.perf_counter() - began, cpu_of(pid) - before
    done.set()
    watching.join()
    last = list(csv.reader(io.StringIO(tail.decode(errors="replace"))))[-1]
    assert len(last) == 17, last
    return seconds, cpu, first, rows - 1, idle, max(peaks)


def shell(program: str, database: Path | None, how: str, statement: str) -> tuple[float, float]:
    """Seconds, and of processor."""
    began, before = time.perf_counter(), children()
    command = [program, "-readonly", "-header", how, str(database), statement]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    while process.stdout.read(1 << 20):
        pass
    assert process.wait() == 0
    return time.perf_counter() - began, children() - before


def children() -> float:
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def memory_of(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


if __name__ == "__main__":
    main()
