"""`python3 tests/screenshots`: takes the pictures of docs/screenshots again, after making .venv if need be."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "server"))

import bootstrap  # noqa: E402  It lies beside the server it starts.

os.chdir(ROOT)
sys.exit(bootstrap.start_beside_tests("screenshots.take", sys.argv[1:], with_front_end=True))
