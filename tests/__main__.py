"""`python3 tests`: runs every test, or those that the arguments name, after making .venv if need be.

`python3 tests faults --long` makes the figures of docs/reliability.md.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "server"))

import bootstrap  # noqa: E402  It lies beside the server it starts.


def arguments_for_pytest(given: list[str]) -> list[str]:
    """All tests share the cores; a few named ones start quicker and stop better in a debugger without."""
    names_some = any(not argument.startswith("-") or argument[:2] in ("-k", "-m", "-n", "-p") for argument in given)
    wants_one_process = any(argument in ("--pdb", "-s", "--lf", "--ff", "-x") for argument in given)
    return given if names_some or wants_one_process else ["-n", "auto", "--dist", "loadgroup", *given]


os.chdir(ROOT)
if sys.argv[1:2] == ["faults"]:  # not a file: the harnesses with their figures, as docs/reliability.md tells
    sys.exit(bootstrap.start_beside_tests("faults", sys.argv[2:], with_front_end=False))
sys.exit(bootstrap.start("pytest", arguments_for_pytest(sys.argv[1:]), with_front_end=True, for_tests=True))
