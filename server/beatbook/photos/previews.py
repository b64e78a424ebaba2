"""Previews: a picture of 1600 pixels and a thumbnail of 320 for each photo, made afterwards and elsewhere.

Decoding a stranger's file is the most dangerous thing this server does, so a child process does it, one photo at a
time. What the child may take, and why:

- 64 MiB of memory above what it holds while idle (21 MB). That is enough for every JPEG of a camera up to 50 million
  pixels (decoded at a fraction of its size), a PNG of 13 million in colour or 40 in grey, and a WebP of 4 million.
  A larger one is kept without a preview. Pillow without limits took 1,243 MB for a WebP of 143 KB.
- 2 seconds of processor time; an ordinary photo takes 0.05 to 0.15.
- 60 seconds by the clock, because it runs at nice 15 and waits behind everybody else when the server is busy.
- No file can be written; its answer comes through a pipe. Sockets and the database are not handed down to it.

Whatever happens in there, `PreviewMaker.make` answers: the worst is a photo without a preview.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

log = structlog.get_logger()

CHILD = Path(__file__).with_name("preview_child.py")
MEMORY = 64 * 1024 * 1024  # bytes
CPU_SECONDS = 2.0
CLOCK_SECONDS = 60.0
MAX_PIXELS = 50_000_000  # as in settings.max_pixels, which refuses earlier; here it guards what the header hid
MAX_ANSWER = 4 * 1024 * 1024  # bytes of one picture; 1600 x 1600 pixels of noise are 1.7 MB
PHOTOS_PER_CHILD = 200  # then a new one begins, whatever the old one may have gathered
IDLE_SECONDS = 30.0  # without work for so long, the child ends and its memory is free
RETRY_SECONDS = 10.0  # after the database could not be read or written


@dataclass(frozen=True)
class Made:
    preview: bytes = field(repr=False)  # JPEG, upright, the longer side at most 1600
    thumbnail: bytes = field(repr=False)  # JPEG, the longer side at most 320
    width: int  # of the preview
    height: int


@dataclass(frozen=True)
class Failed:
    reason: str


class PreviewMaker:
    """Keeps one child and gives it one photo at a time."""

    def __init__(
        self,
        *,
        memory: int = MEMORY,
        cpu_seconds: float = CPU_SECONDS,
        clock_seconds: float = CLOCK_SECONDS,
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        self.limits = (str(memory), str(cpu_seconds), str(max_pixels))
        self.clock_seconds = clock_seconds
        self.child: subprocess.Popen[bytes] | None = None
        self.made = 0
        self.turn = threading.Lock()

    def make(self, path: Path) -> Made | Failed:
        """Never raises."""
        with self.turn:
            try:
                answer = self.ask(path)
            except (OSError, ValueError, KeyError, TypeError) as error:  # it died, or what it said makes no sense
                answer = Failed(f"decoder stopped: {error}")
            self.made += 1
            if isinstance(answer, Failed) or self.made >= PHOTOS_PER_CHILD:
                self.end_child()  # a bad file may have left it in any state
            return answer

    def close(self) -> None:
        with self.turn:
            self.end_child()

    def ask(self, path: Path) -> Made | Failed:
        child = self.child = self.child or start_child(self.limits)
        assert child.stdin is not None
        assert child.stdout is not None
        alarm = threading.Timer(self.clock_seconds, child.kill)  # then reading below meets the end of the pipe
        alarm.start()
        try:
            child.stdin.write(json.dumps(str(path.resolve())).encode() + b"\n")
            child.stdin.flush()
            line = child.stdout.readline(1024)
            if not line:
                raise ValueError("it ended without an answer")
            answer = json.loads(line)
            if "failed" in answer:
                return Failed(str(answer["failed"]))
            if any(size > MAX_ANSWER for size in answer["sizes"]):
                raise ValueError("its answer is too large")
            preview, thumbnail = [child.stdout.read(size) for size in answer["sizes"]]
            if [len(preview), len(thumbnail)] != answer["sizes"]:
                raise ValueError("its answer is incomplete")
            return Made(preview, thumbnail, int(answer["width"]), int(answer["height"]))
        finally:
            alarm.cancel()

    def end_child(self) -> None:
        child, self.child, self.made = self.child, None, 0
        if child is not None:
            child.kill()
            child.communicate()  # closes the pipes and waits for its end


def start_child(limits: Sequence[str]) -> subprocess.Popen[bytes]:
    """A fresh interpreter, not a fork: a fork would hold the server's sockets open after the server is gone."""
    return subprocess.Popen(
        [sys.executable, "-I", str(CHILD), *limits],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=child_environment(),
        close_fds=True,
    )


def child_environment() -> dict[str, str]:
    """Without our settings, which may hold a database password; freed memory goes back to the system at once."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BEATBOOK_")}
    return inherited | {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "131072"}


class Previewer:
    """The thread that works through the photos that wait, newest needs first as `next_waiting` gives them."""

    def __init__(
        self,
        next_waiting: Callable[[], Sequence[tuple[str, Path]]],
        save: Callable[[str, Made | Failed], None],
        maker: PreviewMaker | None = None,
    ) -> None:
        self.next_waiting = next_waiting
        self.save = save
        self.maker = maker or PreviewMaker()
        self.news = threading.Event()
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, name="previews", daemon=True)

    def start(self) -> None:
        self.news.set()  # photos of the last run may still be waiting
        self.thread.start()

    def wake(self) -> None:
        """Something waits. Costs nothing, from any thread."""
        self.news.set()

    def stop(self) -> None:
        """Finish the photo in hand and no other."""
        self.stopping.set()
        self.news.set()
        if self.thread.is_alive():
            self.thread.join()
        self.maker.close()

    def run(self) -> None:
        while not self.stopping.is_set():
            if not self.news.wait(IDLE_SECONDS):
                self.maker.close()
                self.news.wait()
            self.news.clear()
            try:
                self.work()
            except Exception:
                log.exception("previews paused")
                self.stopping.wait(RETRY_SECONDS)
                self.news.set()

    def work(self) -> None:
        """Until nothing waits any more."""
        while waiting := self.next_waiting():
            for sha256, path in waiting:
                if self.stopping.is_set():
                    return
                made = self.maker.make(path)
                if isinstance(made, Failed):
                    log.info("no preview", sha256=sha256, reason=made.reason)
                self.save(sha256, made)
