"""Checks the folder that it lies in: that nothing of this case was changed since it was taken out of Beatbook.

    python3 verify.py
    python3 verify.py RECEIPT.json …     and whether it is the case that a device was given these receipts of

It needs Python 3.9 or newer and nothing else. It reads, and changes nothing. README.txt says what it proves.
"""

import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

OWN = {"manifest.json"}  # it cannot list itself; its digest is in the office's log


def main(folder: Path, shown: Sequence[str] = ()) -> int:
    try:
        wrong = [*files(folder), *log(folder), *receipts(folder), *rows(folder), *exhibits(folder)]
        wrong += others(folder, [Path(name) for name in shown])
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        wrong = [f"The bundle cannot be read: {error!r}"]
    for each in wrong:
        print(each)
    if wrong:
        return 1
    print("All is as it was taken out: every file, the record as its device signed it off, its receipt, its history.")
    print(f"Manifest {digest_of_file(folder / 'manifest.json')}: the council's log must name the same.")
    return 0


def files(folder: Path) -> Iterator[str]:
    """Every file of the manifest, and no other."""
    listed = {one["file"]: one for one in read(folder, "manifest.json")["files"]}
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - OWN
    for name in sorted(listed.keys() - found):
        yield f"{name}: is missing"
    for name in sorted(found - listed.keys()):
        yield f"{name}: was not part of the bundle"
    for name in sorted(listed.keys() & found):
        is_as_long = (folder / name).stat().st_size == listed[name]["size"]
        if not is_as_long or digest_of_file(folder / name) != listed[name]["sha256"]:
            yield f"{name}: was changed"


def log(folder: Path) -> Iterator[str]:
    """Each event's chain follows from the one before it and from what the event says."""
    last: dict[str, Any] | None = None
    for event in read(folder, "log.json")["events"]:
        if chain_of(event) != event["chain"]:
            yield f"log.json: event {event['seq']} was changed"
        if last and event["seq"] <= last["seq"]:
            yield f"log.json: event {event['seq']} stands in the wrong place"
        if last and event["seq"] == last["seq"] + 1 and event["before"] != last["chain"]:
            yield f"log.json: event {event['seq']} does not follow the one before it"
        last = event


def receipts(folder: Path) -> Iterator[str]:
    """The bytes of each record are those of its receipt, and the log says that they came."""
    events = events_of(folder)
    erased = {
        row["row"]["subject"]: row["row"]["digest"] for row in read(folder, "rows.json") if row["table"] == "redaction"
    }
    for receipt in read(folder, "receipts.json"):
        name, event = f"records/{receipt['instanceId']}.json", events.get(receipt["seq"], {})
        stands = erased.get(receipt["instanceId"], receipt["digest"])
        if digest_of_file(folder / name) != stands:
            yield f"{name}: is not what its receipt speaks of"
        said = json.loads(event.get("data", "{}"))
        if (event.get("kind"), event.get("subject")) != ("submission.received", receipt["instanceId"]):
            yield f"receipts.json: event {receipt['seq']} does not speak of {receipt['instanceId']}"
        elif said.get("digest") != receipt["digest"] or event["chain"] != receipt["chain"]:
            yield f"receipts.json: the receipt of {receipt['instanceId']} is not what the log says"


def others(folder: Path, shown: Sequence[Path]) -> Iterator[str]:
    """A receipt from outside, which nobody with the server's disk could change, is the one in here."""
    ours = {receipt["instanceId"]: receipt for receipt in read(folder, "receipts.json")}
    for path in shown:
        receipt = json.loads(path.read_bytes())
        if ours.get(receipt["instanceId"]) != receipt:
            yield f"{path}: is not the receipt in here. The office's log was rewritten after it was given"


def rows(folder: Path) -> Iterator[str]:
    """Each correction, decision, remark, step of a notice and erasure stands as its event sealed it."""
    events = events_of(folder)
    for row in read(folder, "rows.json"):
        event = events.get(row["seq"], {})
        if json.loads(event.get("data", "{}")).get("row") != hashlib.sha256(canonical(row["row"])).hexdigest():
            yield f"rows.json: the {row['table']} of event {row['seq']} was changed"


def exhibits(folder: Path) -> Iterator[str]:
    """Each photo that a record names is here under its SHA-256, or the list says why not."""
    told = read(folder, "exhibits.json")
    for one in told:
        if one["leftOut"] is None and digest_of_file(folder / one["file"]) != one["sha256"]:
            yield f"{one['file']}: is not the photo that the record names"
    known = {(one["instanceId"], one["sha256"]) for one in told} | {
        (one["instanceId"], one["position"]) for one in told
    }
    for path in sorted((folder / "records").glob("*.json")):
        for position, listed in enumerate(json.loads(path.read_bytes()).get("attachments") or []):
            if not {(path.stem, listed["sha256"]), (path.stem, position)} & known:
                yield f"exhibits.json: photo {listed['sha256']} of {path.stem} is not on the list"


# Helpers ----------------------------------------------------------------------------------------------------------


def events_of(folder: Path) -> dict[int, dict[str, Any]]:
    return {event["seq"]: event for event in read(folder, "log.json")["events"]}


def chain_of(event: dict[str, Any]) -> str:
    told = {name: event[name] for name in ("seq", "at", "kind", "actor", "subject", "data")}
    return hashlib.sha256(event["before"].encode() + b"\n" + canonical(told)).hexdigest()


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def read(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_bytes())


def digest_of_file(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1024 * 1024):
            digest.update(chunk)
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent, sys.argv[1:]))
