"""Slow clients (H15): hundreds of connections that never finish, and one person who wants an answer meanwhile."""

import contextlib
import http.client
import select
import socket
import time
from pathlib import Path

from actors import MULTIPART

from .harness import Outcome
from .history import History
from .phone import Phone
from .world import Folder, Server, read

FINDS = {
    "no-header-deadline": "still open",
    "no-body-deadline": "still open",
    "no-address-cap": "of one address",
}
SHORT, PLANTED, LONG = 60, 60, 450  # attackers: a third with half a body, the others with half a header
DEADLINE = {True: 1.0, False: 10.0}  # seconds for headers: hurried in the short form, else the product's own
BODY_DEADLINE = {True: 1.0, False: 20.0}
PROBES = 25
TOO_SLOW = 2000  # ms for the slowest probe but one; on a quiet machine it is under 50
PERSON = "127.0.0.2"  # another address than the attackers'


def run(template: Folder, folder: Path, size: int, fault: str | None = None, seed: int = 1) -> Outcome:
    hurried = size <= SHORT
    settings = {
        "header_seconds": str(DEADLINE[hurried]),
        "body_seconds": str(BODY_DEADLINE[hurried]),
        "connections_per_address": str(size * 5 // 6),
    }
    server = Server(template.copy_to(folder / "data"), fault, settings).start()
    began = time.monotonic()
    attackers = attack(server, size)
    probes = sorted(probe(server) for _ in range(PROBES))
    refused_at_once = size - len(still_open(attackers)) if time.monotonic() - began < DEADLINE[hurried] else 0
    wait = BODY_DEADLINE[hurried] + 2 - (time.monotonic() - began)
    while still_open(attackers) and time.monotonic() - began < BODY_DEADLINE[hurried] * 1.4 + 3:
        time.sleep(min(0.2, max(wait, 0.05)))
    left = len(still_open(attackers))
    for attacker in attackers:
        attacker.close()
    works = Phone(server.folder.phones[0], server.port, History()).sync()
    server.kill()
    outcome = Outcome(
        figures={
            "attackers": size,
            "turned_away_at_once": refused_at_once,
            "health_p99_in_ms": probes[-2],
            "closed_after_seconds": round(time.monotonic() - began),
        }
    )
    outcome.blame(left, "connections of attackers were still open")
    outcome.blame(probes[-2] > TOO_SLOW and probes[-2], "ms was the answer to a person late")
    outcome.blame(size > 50 and most_at_once(server, template, folder, fault), "connections of one address were let in")
    outcome.blame(not works, "phone could not sync afterwards")
    outcome.blame(len(read(server.data)), "records came of nothing")
    return outcome


def attack(server: Server, count: int) -> list[socket.socket]:
    token = server.folder.phones[1].token
    half_body = (
        f"POST /api/sync HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: {MULTIPART}\r\n\r\n--beat"
    ).encode()
    attackers = []
    for number in range(count):
        line = socket.create_connection(("127.0.0.1", server.port), timeout=5)
        with contextlib.suppress(OSError):  # closed at once: too many of one address
            line.sendall(half_body if number % 3 == 0 else b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Half")
        attackers.append(line)
    return attackers


def still_open(lines: list[socket.socket]) -> list[socket.socket]:
    """Those from which neither an end nor an answer has come."""
    poll = select.poll()
    for line in lines:
        poll.register(line, select.POLLIN | select.POLLHUP)
    speaking = {descriptor for descriptor, _ in poll.poll(0)}
    return [line for line in lines if line.fileno() not in speaking]


def probe(server: Server) -> int:
    """How long a person waits for an answer, in milliseconds."""
    began = time.monotonic()
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20, source_address=(PERSON, 0))
    with contextlib.suppress(OSError, http.client.HTTPException):
        line.request("GET", "/healthz")
        assert line.getresponse().read() == b"ok"
    line.close()
    time.sleep(0.01)
    return round((time.monotonic() - began - 0.01) * 1000)


def most_at_once(server: Server, template: Folder, folder: Path, fault: str | None) -> int:
    """How many connections beyond its share one address holds."""
    share = 20
    small = Server(template.copy_to(folder / "capped"), fault, {"connections_per_address": str(share)}).start()
    lines = [socket.create_connection(("127.0.0.1", small.port), timeout=5) for _ in range(share + 15)]
    time.sleep(0.5)
    let_in = len(still_open(lines))
    for line in lines:
        line.close()
    small.kill()
    return max(0, let_in - share)
