"""`python3 tests/benchmarks`: how fast the server takes in records, as ratios within one run.

Three servers are loaded one after the other, several rounds interleaved: one that only reads the body (what HTTP itself
costs here), one that also parses and hashes it, and Beatbook, which answers after photo and record are on the disk.

`python3 tests/benchmarks million --data FOLDER`: makes a folder with a million records.
`python3 tests/benchmarks desk --data FOLDER`: how long the desk's pages take over it, beside SQLite's own shell.
`python3 tests/benchmarks table --data FOLDER`: how long all of it as CSV takes, beside SQLite's own shell.
`python3 tests/benchmarks queue`: how fast records are reviewed without a mouse.
`python3 tests/benchmarks taps`: how long a tap in a row of 120 beach huts takes on a slow phone.
`python3 tests/benchmarks start`: how soon the app is usable with no signal and 300 records, on a slow phone.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "server"))

import bootstrap  # noqa: E402  It lies beside the server it starts.

os.chdir(ROOT)
OTHERS = {"queue", "start", "taps"}  # with the front end, for they measure it
ALONE = {"million", "desk", "table"}
named = sys.argv[1:2] and sys.argv[1] in OTHERS | ALONE
which, rest = (sys.argv[1], sys.argv[2:]) if named else ("ingest", sys.argv[1:])
sys.exit(bootstrap.start_beside_tests(f"benchmarks.{which}", rest, with_front_end=which in OTHERS))
