"""Seal: the digest of the closed database file, so that a change made while no Beatbook had it open is noticed.

Rows are sealed by the log; this covers every other byte of the file. The last one to close the database puts the seal
on; whoever opens it compares. With PostgreSQL there is no file of ours to seal.
"""

from pathlib import Path

from ..blobs import digest_of_file

SUFFIX = ".seal"


def is_broken(database: Path) -> bool:
    """Whether the file is another than the one that was sealed. An unsealed one (after a crash) tells nothing."""
    seal = seal_of(database)
    return seal.is_file() and (not database.is_file() or digest_of_file(database) != seal.read_text().strip())


def take_off(database: Path) -> None:
    seal_of(database).unlink(missing_ok=True)


def put_on(database: Path) -> None:
    """Does nothing while others still have the database open: then its write-ahead log is still there."""
    if database.is_file() and not database.with_name(database.name + "-wal").exists():
        seal_of(database).write_text(digest_of_file(database))


def seal_of(database: Path) -> Path:
    return database.with_name(database.name + SUFFIX)
