"""README and the papers in docs/: whatever they name is there, and no line of a standard is left out."""

import ast
import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from bootstrap import ROOT

DOCS = ROOT / "docs"
TEST = re.compile(r"tests/[\w/.-]+?\.(?:py|ts)(?:::(?:test_\w+|\*|[^`|]+))?")
ASVS = Counter({"1": 70, "2": 183})  # requirements of ASVS 5.0.0 at these levels
VERDICTS = {"met", "does not apply", "deviation"}
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
PLACE = re.compile(r"`((?:[\w-]+/)*[\w-]+\.(?:py|tsx?|toml|csv|json|jsonl|md)|(?:[\w-]+/)+)`")
MADE_LATER = {"server/beatbook/forms/bench.toml", "erased.jsonl"}  # by who follows an example, by a server that erases


@cache
def named_in(path: Path) -> set[str]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ts":
        return set(re.findall(r"\btest\('((?:[^'\\]|\\.)*)'", text))
    return {node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)}


def missing_in(text: str) -> list[str]:
    """The tests that a text cites and that are not there."""
    found = []
    for cited in TEST.findall(text):
        file, _, name = cited.partition("::")
        path = ROOT / file
        if not path.is_file() or (name and name != "*" and name.strip() not in named_in(path)):
            found.append(cited)
    return found


def rows() -> list[dict[str, str]]:
    with (DOCS / "asvs.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("path", [*PAGES, DOCS / "asvs.csv"], ids=lambda path: path.name)
def test_every_test_that_a_paper_cites_is_there(path: Path) -> None:
    assert missing_in(path.read_text(encoding="utf-8")) == []
    assert missing_in("see `tests/server/test_roles.py::test_that_nobody_wrote`"), "the search itself finds nothing"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_or_shows_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", text) if not link.startswith("https://")]
    assert not [link for link in links if not (page.parent / link).exists()]
    ours = "".join(f"/{path.relative_to(ROOT).as_posix()}\n" for path in files())
    wanted = [place for place in PLACE.findall(text) if place not in MADE_LATER]
    assert not [place for place in wanted if f"/{place}" + ("" if place.endswith("/") else "\n") not in ours]


@cache
def files() -> list[Path]:
    folders = [ROOT / name for name in ("server", "pwa/src", "tests", "docs")]
    return [*ROOT.glob("pwa/*.json"), *(path for folder in folders for path in folder.rglob("*") if path.is_file())]


def test_every_requirement_of_asvs_has_a_verdict_with_its_reason() -> None:
    found = rows()
    assert Counter(row["level"] for row in found) == ASVS
    assert len({row["requirement"] for row in found}) == len(found)
    assert {row["verdict"] for row in found} == VERDICTS
    unfounded = [
        row["requirement"]
        for row in found
        if not (row["how, or why not"] or (row["verdict"] == "met" and row["tests"])) or not row["what it asks"]
    ]
    assert not unfounded, "a deviation and what does not apply say why; what is met says how, or by which test it shows"


def test_every_threat_has_its_measure_and_a_test_or_a_named_gap() -> None:
    lines = (DOCS / "threats.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if re.match(r"\| T\d", line)]
    assert [cell[0] for cell in cells] == [f"T{number}" for number in range(1, 31)]
    assert not [cell[0] for cell in cells if not (cell[2] and (TEST.search(cell[3]) or cell[3].startswith("Gap:")))]


def test_the_fifteen_standards_of_the_childrens_code_are_all_answered() -> None:
    text = (DOCS / "children.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (\d+)\. ", text, re.MULTILINE) == [str(number) for number in range(1, 16)]


def test_every_rule_of_data_protection_and_evidence_is_a_test_by_its_name() -> None:
    """DP1 to DP12 and EV1 to EV10: each is the name of a test, in Python or in TypeScript."""
    named = set()
    for path in (ROOT / "tests").rglob("*"):
        if path.suffix in (".py", ".ts") and path.is_file():
            for name in named_in(path):
                named |= set(re.findall(r"(?:^test_|_|\b)(dp\d+|ev\d+)(?=_|\b)", name.lower()))
    wanted = {f"dp{number}" for number in range(1, 13)} | {f"ev{number}" for number in range(1, 11)}
    assert wanted - named == set()
