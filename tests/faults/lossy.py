"""Lossy: a file system in memory that loses in a power cut exactly what POSIX does not promise.

Bytes are durable after an fsync of their file, names after an fsync of their folder. Setting the extended attribute
`user.powercut` on its root takes everything back to that. `python -m faults.lossy FOLDER` mounts it, needs /dev/fuse.
"""

import errno
import os
import stat
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import mfusepy

CUT = "user.powercut"


@dataclass
class File:
    data: bytearray = field(default_factory=bytearray)
    durable: bytes = b""
    changed: float = field(default_factory=time.time)

    def cut(self) -> None:
        self.data = bytearray(self.durable)


@dataclass
class Folder:
    names: dict[str, "File | Folder"] = field(default_factory=dict)
    durable: dict[str, "File | Folder"] = field(default_factory=dict)
    changed: float = field(default_factory=time.time)

    def cut(self) -> None:
        self.names = dict(self.durable)
        for one in self.names.values():
            one.cut()


class Lossy(mfusepy.Operations):
    use_ns = True

    def __init__(self) -> None:
        self.root = Folder()
        self.open_files: dict[int, File] = {}
        self.next = 0
        self.turn = threading.RLock()

    # Names

    def find(self, path: str) -> "File | Folder":
        one: File | Folder = self.root
        for name in path.split("/"):
            if name:
                if not isinstance(one, Folder) or name not in one.names:
                    raise mfusepy.FuseOSError(errno.ENOENT)
                one = one.names[name]
        return one

    def folder_of(self, path: str) -> tuple[Folder, str]:
        above, _, name = path.rpartition("/")
        folder = self.find(above)
        if not isinstance(folder, Folder):
            raise mfusepy.FuseOSError(errno.ENOTDIR)
        folder.changed = time.time()
        return folder, name

    def file(self, path: str, handle: int | None) -> File:
        one = self.open_files.get(handle or 0) or self.find(path)
        if not isinstance(one, File):
            raise mfusepy.FuseOSError(errno.EISDIR)
        return one

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        one = self.open_files.get(fh or 0) or self.find(path)
        kind, size, links = (stat.S_IFDIR | 0o700, 0, 2) if isinstance(one, Folder) else (stat.S_IFREG | 0o600, 0, 1)
        if isinstance(one, File):
            size = len(one.data)
        moment = int(one.changed * 1e9)
        times = {"st_mtime": moment, "st_ctime": moment, "st_atime": moment}
        return {
            "st_mode": kind,
            "st_nlink": links,
            "st_size": size,
            "st_uid": os.getuid(),
            "st_gid": os.getgid(),
            **times,
        }

    def readdir(self, path: str, fh: int) -> Any:
        folder = self.find(path)
        assert isinstance(folder, Folder)
        return [".", "..", *folder.names]

    def mkdir(self, path: str, mode: int) -> int:
        folder, name = self.folder_of(path)
        folder.names[name] = Folder()
        return 0

    def rmdir(self, path: str) -> int:
        folder, name = self.folder_of(path)
        del folder.names[name]
        return 0

    def unlink(self, path: str) -> int:
        folder, name = self.folder_of(path)
        del folder.names[name]
        return 0

    def rename(self, old: str, new: str, flags: int = 0) -> int:
        with self.turn:
            source, name = self.folder_of(old)
            target, new_name = self.folder_of(new)
            target.names[new_name] = source.names.pop(name)
        return 0

    def chmod(self, path: str, mode: int) -> int:
        return 0

    def chown(self, path: str, uid: int, gid: int) -> int:
        return 0

    def utimens(self, path: str, times: Any = None) -> int:
        return 0

    def statfs(self, path: str) -> dict[str, int]:
        plenty = 1 << 22
        return {
            "f_bsize": 4096,
            "f_frsize": 4096,
            "f_blocks": plenty,
            "f_bfree": plenty,
            "f_bavail": plenty,
            "f_namemax": 255,
        }

    # Bytes

    def create(self, path: str, mode: int, fi: Any = None) -> int:
        folder, name = self.folder_of(path)
        folder.names[name] = File()
        return self.open(path, 0)

    def open(self, path: str, flags: int) -> int:
        with self.turn:
            self.next += 1
            self.open_files[self.next] = self.file(path, None)
            return self.next

    def release(self, path: str, fh: int) -> int:
        self.open_files.pop(fh, None)
        return 0

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        return bytes(self.file(path, fh).data[offset : offset + size])

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        file = self.file(path, fh)
        if offset > len(file.data):
            file.data.extend(bytes(offset - len(file.data)))
        file.data[offset : offset + len(data)] = data
        file.changed = time.time()
        return len(data)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        file = self.file(path, fh)
        file.data = file.data[:length].ljust(length, b"\0")
        return 0

    # What lasts

    def flush(self, path: str, fh: int) -> int:
        return 0

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        file = self.file(path, fh)
        file.durable = bytes(file.data)
        return 0

    def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
        folder = self.find(path)
        assert isinstance(folder, Folder)
        folder.durable = dict(folder.names)
        return 0

    def opendir(self, path: str) -> int:
        return 0

    def setxattr(self, path: str, name: str, value: bytes, options: int, position: int = 0) -> int:
        if name != CUT:
            raise mfusepy.FuseOSError(errno.ENOTSUP)
        with self.turn:
            self.root.cut()
        return 0

    def getxattr(self, path: str, name: str, position: int = 0) -> bytes:
        raise mfusepy.FuseOSError(errno.ENODATA)

    def listxattr(self, path: str) -> list[str]:
        return []


if __name__ == "__main__":
    # Nothing may be remembered by the kernel: after a cut everything may be different.
    mfusepy.FUSE(
        Lossy(), sys.argv[1], foreground=True, nothreads=True, attr_timeout=0, entry_timeout=0, negative_timeout=0
    )
