"""Seal: the digest of the closed database file, so that a change made while no Beatbook had it open is noticed.

Rows are sealed by the log; this covers every other byte of the file. The last one to close the database puts the seal
on; whoever opens it compares. With PostgreSQL there is no file of ours to seal.
"""

from pathlib import Path

from ..blobs import digest_of_file, sync_folder, write_whole

SUFFIX = ".seal"


def is_broken(database: Path) -> bool:
    """Whether the file is another than the one that was sealed. An unsealed one (after a crash) tells nothing."""
    seal = seal_of(database)
    return seal.is_file() and (not database.is_file() or digest_of_file(database) != seal.read_text().strip())


def take_off(database: Path) -> None:
    """Durably, and before the first change: a seal that came back after a power cut would accuse somebody."""
    if seal_of(database).exists():
        seal_of(database).unlink()
        sync_folder(database.parent)


def put_on(database: Path) -> None:
    """Does nothing while others still have the database open: then its write-ahead log is still there."""
    if database.is_file() and not database.with_name(database.name + "-wal").exists():
        write_whole(seal_of(database), digest_of_file(database))


def seal_of(database: Path) -> Path:
    return database.with_name(database.name + SUFFIX)
