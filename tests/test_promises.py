"""What the repository promises about itself, beyond what any one test of behaviour shows."""

import ast
import gzip
import importlib
import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest
from options import absent
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import beatbook
import bootstrap

ROOT = bootstrap.ROOT
PACKAGE = ROOT / "server" / "beatbook"
PWA = ROOT / "pwa"

# From the ground up: a module may use what stands in lower rows, and its own row without going in a circle.
LAYERS = [
    {"beatbook", "settings", "problems", "web_app", "logs"},
    {
        "basemap",
        "cells",
        "envelope",
        "grid",
        "blobs",
        "parcels",
        "quota",
        "presence",
        "photos",
        "prepared",
        "housekeeping",
    },
    {"database"},
    {"models", "migrations"},
    {"forms", "events"},
    {
        "agencies",
        "attachments",
        "authorisations",
        "clocks",
        "designs",
        "gathered",
        "gone",
        "keeping",
        "listings",
        "notices",
        "numbers",
        "patrols",
        "people",
        "redactions",
        "reference",
        "reports",
        "saved",
        "schools",
        "sequences",
        "shares",
        "huts",
        "submissions",
        "tasking",
        "tasks",
        "wow",
    },
    {
        "advice",
        "beside",
        "cases",
        "downloads",
        "exhibits",
        "erased",
        "exports",
        "hotspots",
        "live",
        "meetings",
        "offered",
        "papers",
        "retention",
        "subjects",
        "unlisted",
        "unopened",
    },
    {"office"},
    {"verification", "backups", "demo", "rescue"},
    {"api", "desk", "phone"},
    {"gates"},
    {"app"},
    {"serving", "rehearsal"},
    {"cli"},
    {"__main__"},
]
STRANGERS = [{"api", "desk", "phone"}]  # of one row, yet neither may know the other
KNOW_HTTP = {"api", "desk", "phone", "gates", "app", "serving", "rehearsal", "cli"}
HTTP = {"starlette", "uvicorn", "python_multipart"}

# The oldest releases whose known holes are closed.
FLOORS = {
    "starlette": "1.3.1",
    "python-multipart": "0.0.32",
    "pillow": "12.3.0",
    "argon2-cffi": "25.1",
    "webauthn": "3",
    "cryptography": "49",
}

FIRST_LOAD = 90_000  # gzipped bytes of script and style: about 2 s on the slowest 3G still found at a school gate


def test_imports_point_one_way() -> None:
    rows = {module: row for row, layer in enumerate(LAYERS) for module in layer}
    imports = imports_between_our_modules()
    homeless = imports.keys() - rows.keys()
    assert not homeless, f"give these a row in LAYERS: {sorted(homeless)}"
    upwards = {
        f"{module} imports {used}" for module, uses in imports.items() for used in uses if rows[used] > rows[module]
    }
    assert not upwards
    for strangers in STRANGERS:
        assert not {
            f"{one} imports {other}" for one in strangers for other in imports.get(one, set()) & strangers - {one}
        }


def test_no_modules_import_each_other() -> None:
    try:
        TopologicalSorter(imports_between_our_modules()).prepare()
    except CycleError as circle:
        pytest.fail(" -> ".join(circle.args[1]))


def test_only_the_outer_modules_know_http() -> None:
    knowing = {
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in PACKAGE.rglob("*.py")
        for name in imported_names(path)
        if name.split(".")[0] in HTTP and noun_of(path) not in KNOW_HTTP
    }
    assert not knowing


def test_what_few_need_is_not_loaded_by_every_start() -> None:
    heavy = {"authlib", "joserfc", "httpx2", "rfc3161_client", "webauthn"}
    at_once = {
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in PACKAGE.rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names])
        if name.split(".")[0] in heavy
    }
    assert not at_once


def test_every_setting_stands_in_readme_with_its_default() -> None:
    from beatbook.settings import Settings

    in_readme = {
        row[0].strip("`"): row[1] for row in rows_of(ROOT / "README.md") if row[0].startswith("`BEATBOOK_") and row[2:]
    }
    prefix = Settings.model_config.get("env_prefix", "")
    fields = {f"{prefix}{name}".upper(): field for name, field in Settings.model_fields.items()}
    undescribed = [name for name, field in fields.items() if not field.description]
    assert not undescribed
    table = "\n".join(f"| `{name}` | {shown(field.default)} | {field.description} |" for name, field in fields.items())
    assert in_readme == {name: shown(field.default) for name, field in fields.items()}, f"the table would be\n{table}"


def test_every_dependency_has_its_reason_in_readme() -> None:
    project = pyproject()["project"]
    optional = [line for lines in project["optional-dependencies"].values() for line in lines]
    in_browser = json.loads((PWA / "package.json").read_text(encoding="utf-8"))["dependencies"]
    needed = {canonicalize_name(Requirement(line).name) for line in [*project["dependencies"], *optional]}
    given = {re.sub(r"[`\[].*|`", "", row[0].lstrip("[`")): row[-1] for row in rows_of(ROOT / "README.md") if row[1:]}
    assert not [name for name in sorted({*needed, *in_browser}) if not given.get(name)]


def test_no_package_is_older_than_its_closed_holes() -> None:
    asked = {Requirement(line).name: Requirement(line).specifier for line in pyproject()["project"]["dependencies"]}
    for name, floor in FLOORS.items():
        if name in asked:
            at_least = [Version(each.version) for each in asked[name] if each.operator == ">="]
            assert at_least, f"{name} has no floor in pyproject.toml"
            assert at_least[0] >= Version(floor), name
        with suppress(PackageNotFoundError):
            assert Version(version(name)) >= Version(floor), name
    locked = {package["name"]: package.get("version", "0") for package in uv_lock()}
    older = [name for name, floor in FLOORS.items() if Version(locked[name]) < Version(floor)]
    assert not older, "uv.lock names what has known holes"


def test_the_bill_of_materials_names_all_that_is_installed_and_shipped() -> None:
    """Made by a command from the lock files: nothing that runs is missing, nothing that only tests is in it."""
    sys.path.insert(0, str(ROOT / "server" / "deploy"))
    try:
        sbom = importlib.import_module("sbom")
    finally:
        sys.path.pop(0)
    made = sbom.bill()
    assert made == sbom.bill(), "two runs give the same bytes"
    runs = bootstrap.lock("requirements").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    shipped = json.loads((PWA / "package.json").read_text(encoding="utf-8"))["dependencies"]
    named = {(one["name"], one["version"]) for one in made["components"]}
    assert {tuple(line.split()[0].split("==")) for line in runs} <= named
    assert set(shipped.items()) <= named
    names = {name for name, _ in named}
    assert not names & {"pytest", "ruff", "vite", "typescript", "hatchling"}
    refs = {one["bom-ref"] for one in made["components"]}
    assert all(one["externalReferences"][0]["hashes"] for one in made["components"])
    assert {one["ref"] for one in made["dependencies"]} == refs | {"beatbook"}
    assert {need for one in made["dependencies"] for need in one["dependsOn"]} <= refs
    unneeded = refs - {need for one in made["dependencies"] for need in one["dependsOn"]}
    assert not unneeded, "everything is there because something asks for it"


def test_python_code_is_clean_and_formatted() -> None:
    assert_quiet(sys.executable, "-m", "ruff", "check", "--quiet", ".")
    assert_quiet(sys.executable, "-m", "ruff", "format", "--check", "--quiet", ".")


def test_python_types_hold() -> None:
    assert_quiet(sys.executable, "-m", "ty", "check", "--python", sys.prefix, "--output-format", "concise")


def test_typescript_types_hold(node: Any) -> None:
    if not (PWA / "node_modules").is_dir():
        absent(f"The front end was not built here. {bootstrap.front_end().why_not_built()}")
    assert_quiet(*node.npm, "run", "check", "--silent", cwd=PWA, env=node.environment())


def test_the_lock_says_what_pyproject_asks() -> None:
    project, groups = pyproject()["project"], pyproject()["dependency-groups"]
    locked = next(package for package in uv_lock() if package["name"] == project["name"])["metadata"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    in_groups = [line for lines in groups.values() for line in lines if isinstance(line, str)]
    in_lock = [entry for group in locked["requires-dev"].values() for entry in group]
    assert asked_for([*project["dependencies"], *extras]) == asked_for_in_lock(locked["requires-dist"])
    assert asked_for(in_groups) == asked_for_in_lock(in_lock)


@pytest.mark.parametrize("name", ["requirements", "requirements-build", "requirements-node", "requirements-test"])
def test_the_installed_lists_are_the_lock(name: str) -> None:
    locked = {
        (package["name"], package["version"]): hashes_of(package) for package in uv_lock() if "version" in package
    }
    listed = bootstrap.lock(name).read_text(encoding="utf-8").replace("\\\n", " ")
    for line in listed.splitlines():
        found = re.match(r"(?P<name>[\w.-]+)==(?P<version>\S+)", line)
        assert found, line
        hashes = set(re.findall(r"--hash=(\S+)", line))
        assert hashes, line
        assert hashes == locked[found["name"], found["version"]], f"{line.split()[0]}: run server/deploy/lock"


def test_npm_can_install_on_every_platform() -> None:
    """npm leaves out what its registry lacked that day, says nothing, and `npm ci` fails for someone else."""
    packages = json.loads((PWA / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    present = {path.rpartition("node_modules/")[2] for path in packages}
    missing = {
        f"{path} wants {name}"
        for path, package in packages.items()
        for name in package.get("optionalDependencies", {})
        if name not in present
    }
    assert not missing
    assert not [path for path, package in packages.items() if path and "integrity" not in package]


def test_the_first_load_is_small() -> None:
    dist = bootstrap.front_end().DIST
    if not (dist / "index.html").is_file():
        absent(f"The front end was not built here. {bootstrap.front_end().why_not_built()}")
    weights = {path.name: len(gzip.compress(path.read_bytes())) for path in first_load(dist)}
    assert weights, "index.html names no script"
    assert sum(weights.values()) <= FIRST_LOAD, weights


def test_no_file_speaks_of_one_machine_or_of_unfinished_work() -> None:
    machine = re.compile(r"(?<![\w.$}*-])/(?:work|root|home|Users|tmp)/")
    unfinished = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path, text in our_texts()
        if path != Path(__file__)
        for number, line in enumerate(text.splitlines(), 1)
        if machine.search(line) or unfinished.search(line)
    ]
    assert not found


def test_the_changelog_begins_with_this_version() -> None:
    newest = re.search(r"^## \[?(\d[\w.]*)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest
    assert newest[1] == beatbook.__version__


def imports_between_our_modules() -> dict[str, set[str]]:
    """Noun by noun: a package such as forms/ or desk/ counts as one."""
    imports: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        noun = noun_of(path)
        ours = {name.split(".")[1] for name in imported_names(path) if name.startswith("beatbook.")}
        imports.setdefault(noun, set()).update(ours - {noun, "__version__"})
    return imports


def noun_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "beatbook" if first == "__init__" else first


def imported_names(path: Path) -> Iterator[str]:
    """Every name imported anywhere in the file, in full; `from . import events` becomes beatbook.events."""
    package = ["beatbook", *path.relative_to(PACKAGE).parent.parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{name.name}" for name in node.names)


def rows_of(path: Path) -> list[list[str]]:
    """The cells of every row of every table in a Markdown file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.strip().strip("|").split(" | ")] for line in lines if line.startswith("| ")]


def shown(default: object) -> str:
    """A default as README shows it: code, or a dash for none; a folder of ours without the way to it."""
    if isinstance(default, Path) and default.is_absolute():
        default = default.relative_to(PACKAGE.parent).as_posix()
    return "–" if default in (None, "") else f"`{default}`"


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def uv_lock() -> list[dict[str, Any]]:
    return tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]


def asked_for(lines: list[str]) -> set[tuple[str, str]]:
    return {(canonicalize_name(asked.name), str(asked.specifier)) for asked in map(Requirement, lines)}


def asked_for_in_lock(entries: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return asked_for([f"{entry['name']}{entry.get('specifier', '')}" for entry in entries])


def hashes_of(package: dict[str, Any]) -> set[str]:
    files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
    return {file["hash"] for file in files}


def first_load(dist: Path) -> set[Path]:
    """The scripts and styles a browser must fetch before the first screen, with what they import at once."""
    page = (dist / "index.html").read_text(encoding="utf-8")
    waiting = [dist / name.lstrip("/") for name in re.findall(r'(?:src|href)="([^"]+\.(?:js|css))"', page)]
    met: set[Path] = set()
    while waiting:
        path = waiting.pop().resolve()
        if path in met:
            continue
        met.add(path)
        if path.suffix == ".js":
            static = re.findall(r'(?:import|from)\s*"(\.[^"]+\.js)"', path.read_text(encoding="utf-8"))
            waiting += [path.parent / name for name in static]
    return met


def our_texts() -> Iterator[tuple[Path, str]]:
    """What Git keeps, or would keep, except pictures; where there is no Git, all that was not made here."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    asked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True) if shutil.which("git") else None
    if asked and asked.returncode == 0:
        paths = [ROOT / name for name in asked.stdout.splitlines()]
    else:
        paths = [path for path in ROOT.rglob("*") if not is_made_here(path.relative_to(ROOT))]
    for path in paths:
        if path.is_file() and path.name != "uv.lock":
            try:
                yield path, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def is_made_here(path: Path) -> bool:
    made = {"node_modules", "dist", "data", "__pycache__"}
    return any(part in made or (part.startswith(".") and part not in (".ci", ".npmrc")) for part in path.parts)


def assert_quiet(*command: str, cwd: Path = ROOT, env: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
