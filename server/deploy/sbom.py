"""Prints the software bill of materials (CycloneDX 1.6, JSON): all that a running Beatbook is made of.

    .venv/bin/python server/deploy/sbom.py > beatbook.cdx.json

It is made from the lock files, so that two people who have the same commit get the same: name, version, address and
digest of each file that may be installed, and who needs whom. What only builds or tests is left out. Licences of Python
packages are read from what is installed, if it is.
"""

import base64
import json
import re
import sys
import tomllib
import uuid
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
NAMESPACE = uuid.UUID("b1d0f2a4-6c0e-5b7d-9a53-0b8e1f7c2d11")  # ours, so that the number follows from the content
OURS = "beatbook"
SHA512 = "sha512-"


def bill(root: Path = ROOT) -> dict[str, Any]:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = {package["name"]: package for package in python_lock(root)}
    names = python_names(root)
    python = [python_component(locked[name]) for name in names]
    browser = [browser_component(name, package) for name, package in browser_packages(root)]
    needs = python_needs(locked, names, project["name"]) | {one["bom-ref"]: [] for one in browser}
    needs[OURS] = sorted({*needs[OURS], *(one["bom-ref"] for one in browser)})
    about = {
        "type": "application",
        "bom-ref": OURS,
        "name": project["name"],
        "version": version_of(root),
        "description": project["description"],
        "licenses": [{"license": {"id": project["license"]}}],
    }
    made = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": about},
        "components": sorted([*python, *browser], key=lambda one: one["bom-ref"]),
        "dependencies": [{"ref": ref, "dependsOn": sorted(needs[ref])} for ref in sorted(needs)],
    }
    number = uuid.uuid5(NAMESPACE, json.dumps(made, sort_keys=True))
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": f"urn:uuid:{number}"} | made


def python_lock(root: Path) -> list[dict[str, Any]]:
    return tomllib.loads((root / "uv.lock").read_text(encoding="utf-8"))["package"]


def python_names(root: Path) -> list[str]:
    """What `python3 server` installs to run, as server/deploy/lock exported it."""
    listed = (root / "server" / "deploy" / "requirements.lock").read_text(encoding="utf-8")
    return sorted(set(re.findall(r"^([\w.-]+)==", listed, re.MULTILINE)))


def browser_packages(root: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """What ends in the app for phones and in the desk's scripts."""
    packages = json.loads((root / "pwa" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for path, package in packages.items():
        if path and not package.get("dev"):
            yield path.rpartition("node_modules/")[2], package


def python_component(package: Mapping[str, Any]) -> dict[str, Any]:
    files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
    return {
        "type": "library",
        "bom-ref": python_ref(package),
        "name": package["name"],
        "version": package["version"],
        "purl": python_ref(package),
        **license_of(package["name"]),
        "externalReferences": [
            {
                "type": "source-distribution" if file is package.get("sdist") else "distribution",
                "url": file["url"],
                "hashes": [{"alg": "SHA-256", "content": file["hash"].removeprefix("sha256:")}],
            }
            for file in files
        ],
    }


def python_ref(package: Mapping[str, Any]) -> str:
    return f"pkg:pypi/{package['name']}@{package['version']}"


def license_of(name: str) -> dict[str, Any]:
    try:
        said = metadata(name)
    except PackageNotFoundError:
        return {}
    if "License-Expression" in said:
        return {"licenses": [{"expression": said["License-Expression"]}]}
    if "License" in said:
        return {"licenses": [{"license": {"name": said["License"].partition("\n")[0]}}]}
    return {}


def browser_component(name: str, package: Mapping[str, Any]) -> dict[str, Any]:
    assert package["integrity"].startswith(SHA512), name
    digest = base64.b64decode(package["integrity"].removeprefix(SHA512)).hex()
    ref = f"pkg:npm/{name.replace('@', '%40')}@{package['version']}"
    file = f"{name.rpartition('/')[2]}-{package['version']}.tgz"
    return {
        "type": "library",
        "bom-ref": ref,
        "name": name,
        "version": package["version"],
        "purl": ref,
        "licenses": [{"expression": package["license"]}],
        "externalReferences": [
            {
                "type": "distribution",
                "url": f"https://registry.npmjs.org/{name}/-/{file}",
                "hashes": [{"alg": "SHA-512", "content": digest}],
            }
        ],
    }


def python_needs(locked: Mapping[str, Any], names: list[str], ours: str) -> dict[str, list[str]]:
    """Of each package the ones that it asks for, extras included; those of another platform are not installed."""
    needs: dict[str, list[str]] = {}
    for name in [*names, ours]:
        package = locked[name]
        extras = [one for each in package.get("optional-dependencies", {}).values() for one in each]
        asked = {one["name"] for one in [*package.get("dependencies", []), *(extras if name != ours else [])]}
        ref = OURS if name == ours else python_ref(package)
        needs[ref] = [python_ref(locked[one]) for one in sorted(asked & set(names))]
    return needs


def version_of(root: Path) -> str:
    text = (root / "server" / "beatbook" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'__version__ = "([^"]+)"', text)
    assert found
    return found[1]


if __name__ == "__main__":
    json.dump(bill(), sys.stdout, indent=1)
    sys.stdout.write("\n")
