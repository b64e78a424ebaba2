"""Zips: an archive made while it is sent, of any size (zip64), from files that are read piece by piece."""

import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Entry:
    name: str
    chunks: Iterable[bytes]
    packed: bool = False  # worth it for texts; a photo is packed already


def chunks(entries: Iterable[Entry], at: datetime) -> Iterator[bytes]:
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w") as archive:
        for entry in entries:
            info = zipfile.ZipInfo(entry.name, at.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED if entry.packed else zipfile.ZIP_STORED
            info.external_attr = 0o644 << 16
            with archive.open(info, "w", force_zip64=True) as file:
                for chunk in entry.chunks:
                    file.write(chunk)
                    yield pipe.take()
            yield pipe.take()
    yield pipe.take()


class Pipe:
    """What `zipfile` writes into: it can be neither sought nor read, so sizes follow each file."""

    def __init__(self) -> None:
        self.written = bytearray()

    def write(self, data: Any, /) -> int:
        self.written += data
        return len(data)

    def flush(self) -> None:
        """It is taken, never flushed."""

    def close(self) -> None:
        """Nothing is held open."""

    def take(self) -> bytes:
        taken, self.written = bytes(self.written), bytearray()
        return taken
