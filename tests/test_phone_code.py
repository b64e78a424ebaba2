"""The TypeScript tests, run by Node, so that `python3 tests` is the whole list."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from options import absent

import bootstrap

FOLDER = Path(__file__).parent / "browser"
FILES = {path.relative_to(FOLDER).as_posix().removesuffix(".test.ts"): path for path in FOLDER.rglob("*.test.ts")}


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_code_of_the_phone(name: str, node: Any) -> None:
    if not (bootstrap.ROOT / "pwa" / "node_modules").is_dir():
        absent(f"The phone's packages were not installed here. {bootstrap.front_end().why_not_built()}")
    command = [str(node.program), "--test", "--test-reporter=spec", str(FILES[name])]
    given = {**os.environ, "BEATBOOK_TEST_PYTHON": sys.executable}  # another program to open our files with
    done = subprocess.run(command, cwd=bootstrap.ROOT, capture_output=True, text=True, encoding="utf-8", env=given)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    assert "tests 0" not in done.stdout
