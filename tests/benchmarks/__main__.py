"""`python3 tests/benchmarks`: how fast the server takes in records, as ratios within one run.

`python3 tests/benchmarks queue`: how fast records are reviewed without a mouse.

Three servers are loaded one after the other, several rounds interleaved: one that only reads the body (what HTTP itself
costs here), one that also parses and hashes it, and Beatbook, which answers after photo and record are on the disk.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "server"))

import bootstrap  # noqa: E402  It lies beside the server it starts.

os.chdir(ROOT)
os.environ["PYTHONPATH"] = str(ROOT / "tests")
which = sys.argv[1] if sys.argv[1:2] == ["queue"] else "ingest"
rest = sys.argv[2:] if which == "queue" else sys.argv[1:]
sys.exit(bootstrap.start(f"benchmarks.{which}", rest, with_front_end=which == "queue", for_tests=True))
