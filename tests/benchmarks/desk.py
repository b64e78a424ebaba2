"""The desk's pages over a folder of `million`: each asked over HTTP, beside the same queries in SQLite's own shell.

A server of its own is started on the folder. For each page it prints how long the answer took at half and at 95 of 100
requests, the server's processor time for one, and how long the very statements that made the page take in the program
`sqlite3`, on the same file; then the server's memory. The folder is changed a little: a supervisor joins for the day.
"""

import argparse
import secrets
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
from actors import Supervisor
from running import RunningServer
from sqlalchemy import event
from starlette.testclient import TestClient

from beatbook import grid
from beatbook.app import create_app
from beatbook.office import Office, open_office
from beatbook.settings import Settings

from .ingest import cpu_of, peak_of
from .million import LONDON, vocabulary

MOST_MS = 50  # p95 of lists, facets, map and full text at the server
WARM = 3  # requests before those that count
PATIENCE = 600.0  # seconds until the server answers
AGAIN = 11  # times that the shell asks everything, so that its start weighs little
Statement = tuple[str, Any]


def main() -> None:
    asked = argparse.ArgumentParser(prog="python3 tests/benchmarks desk", description=__doc__)
    asked.add_argument("--data", type=Path, required=True, help="a folder that `million` made")
    asked.add_argument("--requests", type=int, default=100, help="of each page")
    asked.add_argument("--only", default="", help="pages whose name holds this")
    chosen = asked.parse_args()
    settings = Settings(data=chosen.data, log_level="ERROR")
    assert settings.database_file is not None
    server = serve(chosen.data)
    assert server.process is not None
    pid, office = server.process.pid, open_office(settings)
    try:
        app = TestClient(create_app(office), base_url=server.url)
        supervisor = join(office, app)
        known = Known(settings.database_file)
        shell = Shell(settings.database_file)
        print(f"{known.records:,} records; beside them the same statements in {shell.name}\n")
        print(f"{'':<44}{'p50 ms':>8}{'p95 ms':>8}{'CPU ms':>8}{'shell ms':>10}{'ratio':>7}")
        slow = []
        with httpx2.Client(base_url=server.url, headers=supervisor.headers(), timeout=60) as http:
            for name, address in pages(known):
                if chosen.only not in name:
                    continue
                p50, p95, cpu = ask(http, address, pid, chosen.requests)
                beside = shell.time(heard(office, lambda address=address: supervisor.open(address)))
                ratio = f"{p50 / beside:>7.1f}" if beside >= 0.05 else f"{'-':>7}"
                print(f"{name:<44}{p50:>8.1f}{p95:>8.1f}{cpu:>8.1f}{beside:>10.1f}{ratio}", flush=True)
                slow += [name] if p95 > MOST_MS else []
        print(f"\nMemory of the server at most: {peak_of(pid):.0f} MB")
        print(f"Pages over {MOST_MS} ms at 95 of 100: {', '.join(slow) or 'none'}")
    finally:
        office.close()
        server.kill()


def serve(data: Path) -> RunningServer:
    """The real server, once it answers; a large file takes a while to be compared with its seal."""
    server = RunningServer(data, environment={"BEATBOOK_LOG_LEVEL": "ERROR"})
    return server.start(within=PATIENCE)


def join(office: Office, app: TestClient) -> Supervisor:
    return Supervisor.join(office, app, f"bench{secrets.token_hex(4)} Supervisor")


def ask(http: httpx2.Client, address: str, pid: int, requests: int) -> tuple[float, float, float]:
    """Milliseconds at half and at 95 of 100, and of processor time for each."""
    for _ in range(WARM):
        assert http.get(address).status_code == 200, address
    times, before = [], cpu_of(pid)
    for _ in range(requests):
        began = time.perf_counter()
        http.get(address)
        times.append(1000 * (time.perf_counter() - began))
    spent = 1000 * (cpu_of(pid) - before) / requests
    return statistics.median(times), sorted(times)[int(len(times) * 0.95) - 1], spent


# What is asked ----------------------------------------------------------------------------------------------------


class Known:
    """What is in the folder: something common and something rare of everything that can be filtered by."""

    def __init__(self, database: Path) -> None:
        self.connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        self.records = self.one("SELECT count(*) FROM listing")
        self.device = self.one("SELECT device_id FROM listing GROUP BY 1 ORDER BY count(*) LIMIT 1")
        self.person = self.one("SELECT person_id FROM listing WHERE person_id IS NOT NULL LIMIT 1")
        self.today = date.fromisoformat(self.one("SELECT max(day) FROM listing"))
        self.cell = self.one(
            "SELECT cell FROM listing WHERE cell IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
        )
        self.middle = self.one("SELECT seq FROM listing ORDER BY seq LIMIT 1 OFFSET ?", self.records // 2)
        self.record = self.one("SELECT instance_id FROM listing WHERE seq <= ? ORDER BY seq DESC LIMIT 1", self.middle)
        where = "SELECT place FROM submission WHERE place IS NOT NULL AND seq > ? LIMIT 1"
        self.place = self.one(where, self.middle)

    def one(self, statement: str, *given: Any) -> Any:
        return self.connection.execute(statement, given).fetchone()[0]

    def square(self, side: int) -> str:
        return str(grid.around(grid.square_numbered(self.cell, grid.CELL), side))

    def days(self, days: int) -> dict[str, str]:
        return {"from": str(self.today - timedelta(days=days - 1)), "to": str(self.today)}


COMMON, MIDDLING, RARE = (vocabulary()[rank] for rank in (0, 20, 3000))  # in about 2000, 300 and 3 of 10,000 records


def pages(known: Known) -> Iterator[tuple[str, str]]:
    """Name and address of each."""
    filters = {
        "form": {"form": "graffiti"},
        "rare form": {"form": "draw_contact"},
        "state": {"state": "approved"},
        "rare state": {"state": "hasIssues"},
        "photos": {"photos": "waiting"},
        "flag": {"flag": "warning"},
        "days": {"from": str(known.today - timedelta(days=400)), "to": str(known.today - timedelta(days=330))},
        "place": {"place": known.place},
        "device": {"device": known.device},
        "person": {"person": known.person},
        "square": {"square": known.square(500)},
        "word": {"q": COMMON},
        "middling word": {"q": MIDDLING},
        "rare word": {"q": RARE},
    }
    yield "list", listed()
    yield "list, next page half way down", listed(before=known.middle)
    yield "list, by capture", listed(sort="captured")
    yield "list, by capture, half way down", listed(sort="captured", before=known.middle)
    for name, filter in filters.items():
        yield f"list: {name}", listed(**filter)
    yield "list: two words", listed(q=f"{COMMON} {MIDDLING}")
    yield "list: beginning of a word", listed(q=RARE[:-2])
    yield "list: word, half way down", listed(q=COMMON, before=known.middle)
    for name, filter in filters.items():
        yield f"list by capture: {name}", listed(sort="captured", **filter)
    for one, other in combinations(filters, 2):
        if not filters[one].keys() & filters[other].keys():
            yield f"list: {one} + {other}", listed(**filters[one], **filters[other])
    for name, days in (("28 days", 28), ("12 weeks", 84), ("a year", 365)):
        yield f"map: {name}", mapped(**known.days(days))
    yield "map: all", mapped(size="100")
    yield "map: 28 days + form", mapped(form="litter", **known.days(28))
    yield "map: all + word", mapped(q=COMMON)
    for side in (5000, 1000, 500):
        yield f"map: 28 days in {side} m", mapped(square=known.square(side), **known.days(28))
        yield f"map: all in {side} m", mapped(square=known.square(side))
    yield "dashboard", "/desk/dashboard"
    yield "briefing, with the hotspots", "/desk/briefing"
    yield "review: the list of a queue", "/desk/review/list"
    yield "review: one record", f"/desk/review/{known.record}"
    yield "record", f"/desk/records/{known.record}"
    yield "record, in a list of a word", f"/desk/records/{known.record}?{urlencode({'q': COMMON})}"
    yield "take out", "/desk/take-out"


def listed(**query: Any) -> str:
    return f"/desk/records?{urlencode(query)}"


def mapped(**query: Any) -> str:
    return f"/desk/map?{urlencode(query)}"


# SQLite's own shell -----------------------------------------------------------------------------------------------


def heard(office: Office, do: Callable[[], Any]) -> list[Statement]:
    """The statements that read the database while something is done in this process."""
    found: list[Statement] = []

    def hear(connection: Any, cursor: Any, statement: str, given: Any, context: Any, many: bool) -> None:
        found.extend([(statement, given)] if statement.lstrip().startswith("SELECT") else [])

    do()
    event.listen(office.database.read_engine, "before_cursor_execute", hear)
    try:
        do()
    finally:
        event.remove(office.database.read_engine, "before_cursor_execute", hear)
    return found


class Shell:
    """The program `sqlite3`; where there is none, Python's module of that name in a process of its own."""

    def __init__(self, database: Path) -> None:
        self.database = database
        self.program = shutil.which("sqlite3")
        self.name = "the sqlite3 shell" if self.program else "Python's sqlite3"

    def time(self, statements: list[Statement]) -> float:
        """Milliseconds for all of them once."""
        script = ";\n".join(literal(statement, given) for statement, given in statements) + ";\n"
        return (self.run(script * AGAIN) - self.run(script)) / (AGAIN - 1)

    def run(self, script: str) -> float:
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
            file.write(script)
            file.flush()
            here = str(self.database)
            in_python = [sys.executable, "-c", IN_PYTHON, here, file.name]
            command = [self.program, "-readonly", here, f".read {file.name}"] if self.program else in_python
            began = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            return 1000 * (time.perf_counter() - began)


IN_PYTHON = """
import sqlite3, sys
connection = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
for statement in open(sys.argv[2]).read().split(";\\n"):
    connection.execute(statement).fetchall()
"""


def literal(statement: str, given: Any) -> str:
    """A statement with its values written out."""
    values = given if isinstance(given, tuple) else tuple(given or ())
    pieces = statement.split("?")
    assert len(pieces) == len(values) + 1, statement
    return "".join(piece + (quoted(values[at]) if at < len(values) else "") for at, piece in enumerate(pieces))


def quoted(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, (bool, int, float)):
        return repr(int(value) if isinstance(value, bool) else value)
    if isinstance(value, datetime):
        return f"'{value.astimezone(LONDON)}'"
    return "'" + str(value).replace("'", "''") + "'"


if __name__ == "__main__":
    main()
