"""Taking in submissions with one photo of 240 kB each, from 16 devices at once."""

import argparse
import asyncio
import multiprocessing
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx2
from actors import MULTIPART, Record, a_photo, a_record, body_of, parts, sha256
from running import RunningServer, free_port

PHOTO = 240_000  # bytes: a camera's photo after it was shrunk on the phone
DEVICES = 16
PATIENCE = 60.0  # seconds for one answer, on a busy machine


@dataclass
class Measured:
    per_second: float
    p50: float  # ms
    p99: float  # ms
    cpu: float  # ms of the server for one submission
    memory: float  # MB at most


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--submissions", type=int, default=320, help="in each round")
    chosen = options.parse_args()
    found: dict[str, list[Measured]] = {name: [] for name in CONTESTANTS}
    with tempfile.TemporaryDirectory(prefix="beatbook-bench-") as folder:
        for round_number in range(chosen.rounds):
            for name, contestant in CONTESTANTS.items():
                found[name].append(contestant(Path(folder) / f"{name}-{round_number}", chosen.submissions))
                print(".", end="", flush=True)
    load_of_all = f"{chosen.submissions} submissions with {PHOTO // 1000} kB each from {DEVICES} devices"
    print(f"\n\n{load_of_all}, {chosen.rounds} rounds")
    print(f"{'':<28}{'a second':>10}{'of drain':>10}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms':>9}{'MB':>7}")
    drain = median(found["reads the body only"], "per_second")
    for name, rounds in found.items():
        rate = median(rounds, "per_second")
        rest = [median(rounds, figure) for figure in ("p50", "p99", "cpu", "memory")]
        print(f"{name:<28}{rate:>10.0f}{rate / drain:>10.2f}" + "".join(f"{value:>9.1f}" for value in rest))


def beatbook(folder: Path, count: int) -> Measured:
    server = RunningServer(folder)
    server.environment = {"BEATBOOK_LOG_LEVEL": "ERROR"}
    server.start()
    try:
        assert server.process is not None
        return load(server.port, server.enrol(), server.process.pid, count)
    finally:
        server.kill()


def stand_in(app: str) -> Callable[[Path, int], Measured]:
    """A server of a few lines, on the same uvicorn."""

    def run(folder: Path, count: int) -> Measured:
        port = free_port()
        command = [sys.executable, "-m", "uvicorn", f"benchmarks.stand_ins:{app}", "--port", str(port)]
        process = subprocess.Popen([*command, "--log-level", "error", "--http", "httptools"], env=os.environ)
        try:
            wait_for(port)
            return load(port, {}, process.pid, count)
        finally:
            process.kill()
            process.wait()

    return run


CONTESTANTS = {
    "reads the body only": stand_in("drain"),
    "parses and hashes": stand_in("digest"),
    "Beatbook, durable": beatbook,
}


def load(port: int, headers: dict[str, str], pid: int, count: int) -> Measured:
    """Send from another process, so that the load does not stand in its own way."""
    before = cpu_of(pid)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        seconds, times = pool.apply(send_all, (port, headers, count))
    spent = cpu_of(pid) - before
    times.sort()
    return Measured(
        per_second=count / seconds,
        p50=1000 * times[len(times) // 2],
        p99=1000 * times[int(len(times) * 0.99)],
        cpu=1000 * spent / count,
        memory=peak_of(pid),
    )


def send_all(port: int, headers: dict[str, str], count: int) -> tuple[float, list[float]]:
    bodies = [body_of(parts(submission())) for _ in range(count)]
    return asyncio.run(send(f"http://127.0.0.1:{port}/api/sync", headers, bodies))


async def send(url: str, headers: dict[str, str], bodies: list[bytes]) -> tuple[float, list[float]]:
    waiting, times = iter(bodies), []

    async def device(client: httpx2.AsyncClient) -> None:
        for body in waiting:
            began = time.perf_counter()
            answer = await client.post(url, content=body, headers={**headers, "content-type": MULTIPART})
            times.append(time.perf_counter() - began)
            assert answer.status_code == 200, answer.text

    began = time.perf_counter()
    async with httpx2.AsyncClient(timeout=PATIENCE) as client:
        devices: list[Awaitable[None]] = [device(client) for _ in range(DEVICES)]
        await asyncio.gather(*devices)
    return time.perf_counter() - began, times


def submission() -> Record:
    photo = a_photo((32, 24))
    photo += secrets.token_bytes(PHOTO - len(photo))  # a tail that no decoder reads; the bytes are what costs
    record = a_record(photo)
    assert sha256(photo).encode() in record.payload
    return record


def cpu_of(pid: int) -> float:
    """Seconds of processor time so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_of(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def median(rounds: list[Measured], figure: str) -> float:
    return statistics.median(getattr(measured, figure) for measured in rounds)


def wait_for(port: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            httpx2.get(f"http://127.0.0.1:{port}/", timeout=1)
        except httpx2.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the server did not start")


if __name__ == "__main__":
    main()
