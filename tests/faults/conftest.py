"""One prepared data folder for all harnesses of a worker, and one nursery for their servers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from faults.world import NURSERY, Folder, prepare


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folder]:
    yield prepare(tmp_path_factory.mktemp("template") / "data")
    NURSERY.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
