"""The TypeScript tests, run by Node, so that `python3 tests` is the whole list."""

import subprocess
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
    done = subprocess.run(command, cwd=bootstrap.ROOT, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    assert "tests 0" not in done.stdout
