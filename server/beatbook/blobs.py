"""Blobs: bytes under the name of their SHA-256, durable before anybody is told that they are held.

A blob is written to a temporary file as it arrives, then fsynced, renamed to its name and its folder fsynced. All of a
group is fsynced before the first is renamed, so that many share the disk's work.
"""

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

import structlog

log = structlog.get_logger()

CHUNK = 1024 * 1024  # read a blob in pieces of this size


class Incoming:
    """A blob on its way in: bytes are added, hashed, and wait in a temporary file for `put_many`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self.head = b""  # the first bytes, enough to tell what kind of file it is
        self.hash = hashlib.sha256()
        self.file: BinaryIO | None = path.open("xb", buffering=0)

    def add(self, data: bytes | memoryview) -> None:
        assert self.file is not None
        if len(self.head) < HEAD:
            self.head += bytes(data[: HEAD - len(self.head)])
        self.hash.update(data)
        view = memoryview(data)
        while view:
            view = view[self.file.write(view) :]
        self.size += len(data)

    @property
    def sha256(self) -> str:
        return self.hash.hexdigest()

    def drop(self) -> None:
        """Forget it. Doing so after `put_many`, or twice, changes nothing. What cannot be removed waits for `sweep`."""
        try:
            self.close()
            self.path.unlink(missing_ok=True)
        except OSError as error:  # nothing depends on it: an answer that is due goes out all the same
            log.warning("a temporary file could not be removed", file=self.path.name, error=str(error))

    def close(self) -> None:
        if self.file is not None:
            self.file.close()
            self.file = None


HEAD = 64  # bytes; the signatures of all the kinds we look for lie in the first 32


class Blobs(Protocol):
    def receive(self) -> Incoming: ...
    def put_many(self, incoming: Sequence[Incoming]) -> None:
        """Make every one durable under its name. One that is held already is dropped."""
        ...

    def has(self, sha256: str) -> bool: ...
    def open(self, sha256: str) -> BinaryIO: ...
    def names(self) -> Iterator[str]: ...
    def path(self, sha256: str) -> Path: ...
    def remove(self, sha256: str) -> bool: ...


class FileBlobs:
    """A folder: `ab/abcdef…`, and `incoming/` for what is on its way."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.incoming = folder / "incoming"
        make_folders(self.incoming)
        sync_folder(folder)  # also names that a killed server made but did not sync
        self.named: set[Path] = {path for path in folder.iterdir() if path.is_dir()}  # whose names are durable

    def receive(self) -> Incoming:
        return Incoming(self.incoming / secrets.token_hex(16))

    def put_many(self, incoming: Sequence[Incoming]) -> None:
        for blob in incoming:
            if blob.file is not None:
                os.fsync(blob.file.fileno())
        folders: set[Path] = set()
        for blob in incoming:
            blob.close()
            target = self.path(blob.sha256)
            if blob.path.exists():
                target.parent.mkdir(exist_ok=True)
                blob.path.replace(target)  # same name means same bytes: replacing changes nothing
                folders.add(target.parent)
        for folder in folders:
            sync_folder(folder)
        if new := folders - self.named:  # also one that an attempt made which then failed
            sync_folder(self.folder)
            self.named |= new

    def has(self, sha256: str) -> bool:
        return self.path(sha256).is_file()

    def open(self, sha256: str) -> BinaryIO:
        return self.path(sha256).open("rb")

    def names(self) -> Iterator[str]:
        for folder in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            yield from sorted(path.name for path in folder.iterdir())

    def path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def remove(self, sha256: str) -> bool:
        """Erase one for good. Returns whether it was there."""
        path = self.path(sha256)
        if not path.is_file():
            return False
        path.unlink()
        sync_folder(path.parent)
        return True

    def sweep(self) -> int:
        """Drop what a stopped server left half received. Only while nothing is being received."""
        leftovers = list(self.incoming.iterdir())
        for path in leftovers:
            path.unlink()
        return len(leftovers)


def make_folders(folder: Path) -> None:
    """Make a folder and those above it that are missing, all of their names durable."""
    if not folder.is_dir():
        make_folders(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def sync_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """fsync a folder, so that the names in it survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(path: Path, text: str) -> None:
    """Replace a small file at once and durably: whatever happens it says what it said before, or all of the new."""
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    sync_folder(path.parent)


def sha256_of(chunks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def digest_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return sha256_of(iter(lambda: file.read(CHUNK), b""))
