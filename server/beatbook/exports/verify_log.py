"""Checks the log of events that it lies beside, and whether it is the one that devices were given receipts of.

    python3 verify.py                    also looks for every receipt in the folder receipts/
    python3 verify.py RECEIPT.json …     and for these

It needs Python 3.9 or newer and nothing else. It reads, and changes nothing. README.txt says what it proves.
"""

import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

GENESIS = "0" * 64  # the chain before the first event


def main(folder: Path, named: Sequence[str]) -> int:
    try:
        wanted = list(receipts([*(folder / "receipts").glob("*.json"), *map(Path, named)]))
        wrong = list(faults(folder, wanted))
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        wanted, wrong = [], [f"It cannot be read: {error!r}"]
    for each in wrong:
        print(each)
    if wrong:
        return 1
    shown = f", and {len(wanted)} receipts are of it" if wanted else "; no receipt was shown, so it is sound in itself"
    print(f"Every event follows from the one before it{shown}.")
    return 0


def faults(folder: Path, wanted: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Each event's chain follows from the one before; the log ends where the ledger says; each receipt is in it."""
    ledger = json.loads((folder / "ledger.json").read_bytes())
    by_number = {receipt["seq"]: receipt for receipt in wanted}
    before, expected = GENESIS, 1
    with (folder / "log.jsonl").open(encoding="utf-8") as log:
        for event in map(json.loads, log):
            if event["seq"] != expected:
                yield f"event {expected}: is missing; the next is {event['seq']}"
            if chain_of(before, event) != event["chain"]:
                yield f"event {event['seq']}: was changed, or one before it was"
            receipt = by_number.pop(event["seq"], None)
            if receipt is not None and not fits(receipt, event, ledger):
                yield (
                    f"event {event['seq']}: is not what the receipt of record {receipt['instanceId']} says. "
                    "The log was rewritten after that receipt was given"
                )
            before, expected = event["chain"], event["seq"] + 1
    if (ledger["seq"], ledger["chain"]) != (expected - 1, before):
        yield f"ledger.json: says event {ledger['seq']}, the log ends at {expected - 1}"
    for number, receipt in sorted(by_number.items()):
        yield f"event {number}: is not here; the receipt of record {receipt['instanceId']} speaks of it"


def fits(receipt: dict[str, Any], event: dict[str, Any], ledger: dict[str, Any]) -> bool:
    """A receipt of an earlier history, from before a restore, can only be held to the event's own words."""
    said = json.loads(event["data"])
    same_words = (event["subject"], said.get("digest")) == (receipt["instanceId"], receipt["digest"])
    return same_words and (receipt["chain"] == event["chain"] or receipt["epoch"] != ledger["epoch"])


def receipts(paths: Sequence[Path]) -> Iterator[dict[str, Any]]:
    for path in paths:
        told = json.loads(path.read_bytes())
        yield from told if isinstance(told, list) else [told]


def chain_of(before: str, event: dict[str, Any]) -> str:
    told = {name: event[name] for name in ("seq", "at", "kind", "actor", "subject", "data")}
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent, sys.argv[1:]))
