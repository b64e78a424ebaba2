"""`python3 tests faults [--long] [NAME…]`: run the harnesses and print the figures, then what was planted and found."""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType

from .harnesses import HARNESSES
from .world import NURSERY, Folder, Unavailable, prepare


def main(given: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python3 tests faults", description=__doc__)
    parser.add_argument("--long", action="store_true", help="the sizes of the published figures; more than an hour")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(HARNESSES))
    arguments = parser.parse_args(given)
    folder = Path(tempfile.mkdtemp(prefix="beatbook-faults-"))
    try:
        template = prepare(folder / "template")
        chosen = {name: HARNESSES[name] for name in arguments.names or HARNESSES}
        wrong = sum(not show(name, one, template, folder, long=arguments.long) for name, one in chosen.items())
        print()
        wrong += sum(not search(name, one, template, folder) for name, one in chosen.items())
    finally:
        NURSERY.close()
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if wrong else 0


def show(name: str, harness: ModuleType, template: Folder, folder: Path, *, long: bool) -> bool:
    """Run a harness against the product as it is. Returns whether nothing was wrong."""
    began = time.monotonic()
    try:
        getattr(harness, "needs", lambda: None)()
        place = folder / name
        place.mkdir()
        outcome = harness.run(template, place, harness.LONG if long else harness.SHORT)
        shutil.rmtree(place, ignore_errors=True)
    except Unavailable as why:
        print(f"{name:<10} NOT TRIED: {why}", flush=True)
        return True
    print(f"{name:<10} {outcome}  [{time.monotonic() - began:.0f} s]", flush=True)
    return not outcome.wrong


def search(name: str, harness: ModuleType, template: Folder, folder: Path) -> bool:
    """Look for each planted fault. Returns whether all were found."""
    missed = []
    for fault, sign in harness.FINDS.items():
        place = folder / f"{name} {fault}"
        place.mkdir()
        try:
            getattr(harness, "needs", lambda: None)()
            outcome = harness.run(template, place, harness.PLANTED, fault)
        except Unavailable:
            return True
        signs = [wrong for wrong in outcome.wrong if sign in wrong]
        print(f"{name:<10} {fault:<42} {'found: ' + signs[0] if signs else 'MISSED'}", flush=True)
        shutil.rmtree(place, ignore_errors=True)
        if not signs:
            missed.append(fault)
    return not missed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
