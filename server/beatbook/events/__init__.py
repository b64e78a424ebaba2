"""Events: the log of every change and every reading of personal data, and what shows that it is whole.

`log` is the chain itself. `head`, `seal` and `stamps` keep where it stood beside the database, over a stop, and with an
authority outside; `readings` tells from it who looked at what.
"""

from .log import (
    GENESIS,
    Fault,
    append,
    begin_epoch,
    canonical,
    chain_of,
    digest_of,
    fits,
    history_of,
    instant,
    ledger,
    seal_of,
    sealable,
    verify,
    witness,
)

__all__ = [
    "GENESIS",
    "Fault",
    "append",
    "begin_epoch",
    "canonical",
    "chain_of",
    "digest_of",
    "fits",
    "history_of",
    "instant",
    "ledger",
    "seal_of",
    "sealable",
    "verify",
    "witness",
]
