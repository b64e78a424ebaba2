"""Previews of good photos, and what becomes of files that were made to hurt: rows 31 to 34 of the bad inputs."""

import io
import os
import random
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pictures
import pytest
from PIL import Image
from waiting import wait_until

from beatbook.photos import previews
from beatbook.photos.previews import Failed, Made, Previewer, PreviewMaker

MOST_MEMORY = 64 * 1024 * 1024  # bytes above the idle child
MOST_CPU = 2.0  # seconds
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@pytest.fixture(scope="module")
def maker() -> Iterator[PreviewMaker]:
    maker = PreviewMaker()
    yield maker
    maker.close()


@pytest.fixture
def make(maker: PreviewMaker, tmp_path: Path):
    def make_from(data: bytes) -> Made | Failed:
        path = tmp_path / "photo"
        path.write_bytes(data)
        return maker.make(path)

    return make_from


def opened(jpeg: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(jpeg), formats=["JPEG"])
    image.load()
    return image


def pixel(image: Image.Image, x: float, y: float) -> tuple[int, ...]:
    found = image.getpixel((int(x * image.width), int(y * image.height)))
    assert isinstance(found, tuple)
    return found


def colour_at(image: Image.Image, x: float, y: float) -> str:
    red, _, blue = pixel(image, x, y)
    return "red" if red > blue else "blue"


# Good photos ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_gets_a_preview_of_1600_and_a_thumbnail_of_320_pixels(make, kind: str):
    made = make(pictures.photo(2000, 1500, kind))
    assert (made.width, made.height) == opened(made.preview).size == (1600, 1200)
    assert opened(made.thumbnail).size == (320, 240)


def test_a_small_photo_is_not_blown_up(make):
    made = make(pictures.photo(200, 100))
    assert opened(made.preview).size == opened(made.thumbnail).size == (200, 100)


def test_a_long_thin_photo_keeps_its_shape(make):
    made = make(pictures.photo(9000, 3))
    assert opened(made.preview).size == (1600, 1)


@pytest.mark.parametrize("mode", ["L", "CMYK", "RGB"])
def test_every_kind_of_jpeg_becomes_rgb(make, mode: str):
    image = opened(make(pictures.photo(mode=mode)).preview)
    assert image.mode == "RGB"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_becomes_rgb(make, mode: str):
    if mode in ("PA", "I;16"):
        file = io.BytesIO()
        grey = Image.new("I;16", (64, 48), 30_000)
        (grey if mode == "I;16" else Image.new("P", (64, 48), 3)).save(file, "PNG")
        data = file.getvalue()
    else:
        data = pictures.photo(kind="PNG", mode=mode)
    image = opened(make(data).preview)
    assert image.mode == "RGB"
    if mode == "I;16":
        assert abs(pixel(image, 0.5, 0.5)[0] - 30_000 / 256) < 3  # not clipped to white


def test_what_is_transparent_is_shown_on_white(make):
    file = io.BytesIO()
    Image.new("RGBA", (60, 60), (200, 0, 0, 0)).save(file, "PNG")
    assert pixel(opened(make(file.getvalue()).preview), 0.5, 0.5) == (255, 255, 255)


RED_CORNER = {  # where the top left corner, red, comes to lie when the camera was held so
    1: (0.25, 0.25), 2: (0.75, 0.25), 3: (0.75, 0.75), 4: (0.25, 0.75),
    5: (0.25, 0.25), 6: (0.75, 0.25), 7: (0.75, 0.75), 8: (0.25, 0.75),
}  # fmt: skip


@pytest.mark.parametrize("orientation", RED_CORNER)
def test_a_photo_is_shown_upright_however_the_camera_was_held(make, orientation: int):
    data = pictures.with_segments(pictures.photo(640, 480), (0xE1, pictures.exif(pictures.held_sideways(orientation))))
    made = make(data)
    assert (made.width, made.height) == ((480, 640) if orientation >= 5 else (640, 480))
    for picture in (opened(made.preview), opened(made.thumbnail)):
        for x in (0.25, 0.75):
            for y in (0.25, 0.75):
                assert colour_at(picture, x, y) == ("red" if (x, y) == RED_CORNER[orientation] else "blue")


def test_a_png_is_turned_upright_too(make):
    turned = pictures.exif(pictures.held_sideways(6))[6:]
    made = make(pictures.png(64, 48, before=pictures.chunk(b"eXIf", turned)))
    assert (made.width, made.height) == (48, 64)


@pytest.mark.parametrize(("name", "size"), [("orientation-6.jpg", (600, 450)), ("orientation-8.jpg", (450, 600))])
def test_real_photos_taken_sideways_are_upright(maker: PreviewMaker, name: str, size: tuple[int, int]):
    made = maker.make(pictures.real(name))
    assert isinstance(made, Made)
    assert opened(made.preview).size == size


# Nothing but the picture ----------------------------------------------------------------------------------------

JUST_A_PICTURE = {0xE0, 0xDB, 0xC0, 0xC4}  # JFIF, quantisation, baseline frame, Huffman tables


def test_nothing_of_the_file_but_the_picture_reaches_the_preview(make):
    data = pictures.with_segments(
        pictures.photo(),
        (0xE1, b"Exif\0\0" + b"GPS SECRET" * 9),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>SECRET</x:xmpmeta>"),
        (0xE2, b"ICC_PROFILE\0\x01\x01SECRET"),
        (0xED, b"Photoshop 3.0\0SECRET"),
        (0xFE, b"a comment, SECRET"),
    )
    made = make(data + pictures.archive())
    for jpeg in (made.preview, made.thumbnail):
        assert pictures.markers_of(jpeg) <= JUST_A_PICTURE
        assert b"SECRET" not in jpeg
        assert b"Attack" not in jpeg


@pytest.mark.parametrize("name", ["iphone-8mp-gps.jpg", "gps-tuscany-1.jpg", "gps-tuscany-2.jpg", "jolla-phone.jpg"])
def test_where_a_real_photo_was_taken_does_not_reach_the_preview(maker: PreviewMaker, name: str):
    path = pictures.real(name)
    before = path.read_bytes()
    made = maker.make(path)
    assert isinstance(made, Made)
    assert b"Exif" in before
    for jpeg in (made.preview, made.thumbnail):
        assert pictures.markers_of(jpeg) <= JUST_A_PICTURE
        assert not any(word in jpeg for word in (b"Exif", b"http://ns.adobe.com", b"ICC_PROFILE", b"Apple", b"Jolla"))
    assert path.read_bytes() == before, "the original was touched"


# Files that were made to hurt -----------------------------------------------------------------------------------


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


HOSTILE: dict[str, Callable[[], bytes]] = {
    "an empty file": lambda: b"",
    "a HEIC": lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "a GIF with a ZIP behind it": lambda: pictures.photo(kind="GIF") + pictures.archive(),
    "a JPEG cut half way": lambda: half(pictures.photo(1600, 1200)),
    "a PNG cut half way": lambda: half(pictures.photo(1600, 1200, "PNG")),
    "a WebP cut half way": lambda: half(pictures.photo(1600, 1200, "WEBP")),
    "a PNG that claims 100,000 x 100,000": lambda: pictures.png_start(100_000, 100_000),
    "a PNG of 88 million pixels": lambda: pictures.png(9400, 9400, channels=1),
    "a colour PNG of 49 million pixels": lambda: pictures.png(7000, 7000),
    "a WebP of 49 million pixels": lambda: pictures.photo(7000, 7000, "WEBP", lossless=True, quality=0, method=0),
    "a text of 200 MB": pictures.text_bomb,
    "a colour profile of 200 MB": lambda: pictures.text_bomb(b"iCCP"),
    "a progressive JPEG with 10,000 scans": lambda: pictures.scan_bomb(2500, 10_000),
    "a progressive JPEG of 49 million pixels": lambda: pictures.scan_bomb(7000, 60),
}
HARMLESS: dict[str, Callable[[], bytes]] = {
    "a JPEG with a ZIP behind it": lambda: pictures.photo() + pictures.archive(),
    "EXIF that makes Pillow raise struct.error": lambda: pictures.with_segments(
        pictures.photo(), (0xE1, pictures.exif(pictures.held_sideways(6), (0x0100, 7, 2, b"\xf1\\\x1c\xc7")))
    ),
    "EXIF that points before the file": lambda: pictures.with_segments(
        pictures.photo(), (0xE1, pictures.exif(pictures.held_sideways(6), (0x8825, 9, 1, b"Nw\x13\x98")))
    ),
    "4 MB of EXIF in a PNG": lambda: pictures.png(20, 20, before=pictures.chunk(b"eXIf", bytes(4 << 20))),
    "4 MB of EXIF in a JPEG": lambda: pictures.with_segments(
        pictures.photo(), *[(0xE1, b"Exif\0\0" + bytes(65000))] * 64
    ),
    "a grey PNG of 40 million pixels": lambda: pictures.png(8000, 5000, channels=1),
    "a colour PNG of 12 million pixels": lambda: pictures.png(4000, 3000),
    "a WebP of 3 million pixels": lambda: pictures.photo(2000, 1500, "WEBP", quality=90),
    "a square JPEG that is decoded in full": lambda: pictures.photo(3190, 3190),
    "a JPEG of 48 million pixels": lambda: pictures.photo(8000, 6000),
    "a progressive JPEG of 12 million pixels": lambda: pictures.photo(4000, 3000, progressive=True),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_file_made_to_hurt_only_goes_without_a_preview(tmp_path: Path, what: str):  # 31
    made, used = watched(tmp_path, HOSTILE[what]())
    print(f"{what}: {made}, {used}")
    assert isinstance(made, Failed)
    assert used.cpu <= MOST_CPU + 0.3
    assert used.memory <= MOST_MEMORY


@pytest.mark.parametrize("what", HARMLESS)
def test_an_odd_file_gets_its_preview_within_the_limits(tmp_path: Path, what: str):  # 33, 34
    made, used = watched(tmp_path, HARMLESS[what]())
    print(f"{what}: {used}")
    assert isinstance(made, Made), made
    assert used.cpu <= MOST_CPU
    assert used.memory <= MOST_MEMORY


def test_a_damaged_real_photo_raises_nothing(maker: PreviewMaker):
    assert isinstance(maker.make(pictures.real("corrupted.jpg")), Made | Failed)


def test_a_file_that_is_not_there_goes_without_a_preview(maker: PreviewMaker, tmp_path: Path):
    assert maker.make(tmp_path / "nothing") == Failed("FileNotFoundError")


def test_mutated_photos_raise_nothing(make):
    chance = random.Random(7)
    wholes = [pictures.photo(300, 200, kind) for kind in ("JPEG", "PNG", "WEBP")]
    outcomes = {Made: 0, Failed: 0}
    for number in range(60):
        damaged = bytearray(wholes[number % 3])
        for _ in range(chance.randint(1, 8)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        outcomes[type(make(bytes(damaged)))] += 1
    print(f"{outcomes[Made]} previews made, {outcomes[Failed]} not")
    assert all(outcomes.values())


class Used:
    """What a child took for one photo, above what it held while idle."""

    def __init__(self) -> None:
        self.idle = self.peak = 0
        self.cpu_before = self.cpu_after = 0.0

    @property
    def memory(self) -> int:
        return self.peak - self.idle

    @property
    def cpu(self) -> float:
        return self.cpu_after - self.cpu_before

    def __str__(self) -> str:
        return f"{self.memory / 1024 / 1024:.0f} MB over {self.idle / 1024 / 1024:.0f} MB idle, {self.cpu:.2f} s CPU"


def watched(folder: Path, data: bytes) -> tuple[Made | Failed, Used]:
    """Make previews with a child of its own and see what that takes, looking every millisecond."""
    if sys.platform != "linux":
        pytest.skip("looks into /proc")
    path, warm = folder / "photo", folder / "warm"
    path.write_bytes(data)
    warm.write_bytes(pictures.photo(20, 20))
    maker, used, over = PreviewMaker(), Used(), threading.Event()
    assert isinstance(maker.make(warm), Made)
    assert maker.child is not None
    child = maker.child.pid
    used.idle, _ = resident(child)
    used.cpu_before = cpu(child)

    def watch() -> None:
        while not over.is_set():
            try:
                used.peak, used.cpu_after = resident(child)[1], cpu(child)
            except (OSError, KeyError):  # it has ended
                return
            time.sleep(0.001)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        return maker.make(path), used
    finally:
        over.set()
        watcher.join()
        maker.close()


def resident(pid: int) -> tuple[int, int]:
    """Bytes now and at most."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    found = dict(line.split(":", 1) for line in lines if ":" in line)
    return int(found["VmRSS"].split()[0]) * 1024, int(found["VmHWM"].split()[0]) * 1024


def cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# The child ------------------------------------------------------------------------------------------------------


def test_one_child_makes_many_previews_and_does_not_grow(maker: PreviewMaker, make):
    make(pictures.photo())
    assert maker.child is not None
    child, sizes = maker.child.pid, []
    for _ in range(30):
        make(pictures.photo(1800, 1200))
        sizes.append(resident(child)[0] if sys.platform == "linux" else 0)
    assert maker.child.pid == child
    assert sizes[-1] - sizes[2] < 2_000_000


def test_a_bad_photo_costs_only_itself(make):
    assert isinstance(make(pictures.png(7000, 7000)), Failed)
    assert isinstance(make(pictures.photo()), Made)


def test_a_child_that_is_killed_costs_only_the_photo_in_hand(maker: PreviewMaker, make):
    make(pictures.photo())
    assert maker.child is not None
    maker.child.kill()
    maker.child.wait()
    assert isinstance(make(pictures.photo()), Failed)
    assert isinstance(make(pictures.photo()), Made)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_child_that_hangs_is_killed_after_a_time(tmp_path: Path):
    os.mkfifo(tmp_path / "never")  # opening it waits for a writer for ever
    maker = PreviewMaker(clock_seconds=0.5)
    began = time.monotonic()
    assert isinstance(maker.make(tmp_path / "never"), Failed)
    assert time.monotonic() - began < 5
    maker.close()


def test_a_child_that_works_too_long_is_stopped(tmp_path: Path):
    (tmp_path / "photo").write_bytes(pictures.photo(4000, 3000, "PNG"))
    maker = PreviewMaker(cpu_seconds=0.02)
    assert isinstance(maker.make(tmp_path / "photo"), Failed)
    maker.close()


@linux_only
def test_a_child_holds_no_socket_of_the_server_and_can_write_no_file(maker: PreviewMaker, make):
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.set_inheritable(True)  # as uvicorn does
        maker.close()
        make(pictures.photo())
        assert maker.child is not None
        proc = Path(f"/proc/{maker.child.pid}")
        assert not [fd for fd in (proc / "fd").iterdir() if "socket:" in str(fd.readlink())]
        limits = (proc / "limits").read_text()
        assert [line.split()[3] for line in limits.splitlines() if line.startswith("Max file size")] == ["0"]
        assert os.getpriority(os.PRIO_PROCESS, maker.child.pid) == 15


@linux_only
def test_a_child_does_not_know_our_settings(maker: PreviewMaker, make, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BEATBOOK_DATABASE_URL", "postgresql://someone:secret@db")
    maker.close()
    make(pictures.photo())
    assert maker.child is not None
    assert b"secret" not in Path(f"/proc/{maker.child.pid}/environ").read_bytes()


# The thread -----------------------------------------------------------------------------------------------------


class Shelf:
    """Photos that wait, and what came of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.waiting: list[tuple[str, Path]] = []
        self.saved: dict[str, Made | Failed] = {}
        self.full = threading.Event()

    def add(self, name: str, data: bytes) -> None:
        path = self.folder / name
        path.write_bytes(data)
        self.waiting.append((name, path))

    def next_waiting(self) -> list[tuple[str, Path]]:
        return self.waiting[:2]

    def save(self, name: str, made: Made | Failed) -> None:
        self.saved[name] = made
        self.waiting = [waiting for waiting in self.waiting if waiting[0] != name]
        if not self.waiting:
            self.full.set()


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


@pytest.fixture
def previewer(shelf: Shelf) -> Iterator[Previewer]:
    previewer = Previewer(lambda: shelf.next_waiting(), lambda name, made: shelf.save(name, made))
    yield previewer
    previewer.stop()


def test_photos_left_from_the_last_run_are_taken_up_at_the_start(shelf: Shelf, previewer: Previewer):
    for name in "abc":
        shelf.add(name, pictures.photo())
    shelf.add("bad", b"not a photo")
    previewer.start()
    assert shelf.full.wait(20)
    assert {name: type(made) for name, made in shelf.saved.items()} == {"a": Made, "b": Made, "c": Made, "bad": Failed}


def test_a_photo_that_comes_later_is_made_when_woken(shelf: Shelf, previewer: Previewer):
    previewer.start()
    time.sleep(0.1)
    shelf.add("a", pictures.photo())
    previewer.wake()
    assert shelf.full.wait(20)


def test_the_child_ends_when_there_is_nothing_to_do(
    shelf: Shelf, previewer: Previewer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(previews, "IDLE_SECONDS", 0.1)
    shelf.add("a", pictures.photo())
    previewer.start()
    assert shelf.full.wait(20)
    wait_until(lambda: previewer.maker.child is None, 5)
    shelf.full.clear()
    shelf.add("b", pictures.photo())
    previewer.wake()
    assert shelf.full.wait(20)


def test_a_database_that_cannot_be_written_is_tried_again(
    shelf: Shelf, previewer: Previewer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(previews, "RETRY_SECONDS", 0.05)
    tries = iter([OSError("disk full"), None])
    save = shelf.save

    def save_at_the_second_try(name: str, made: Made | Failed) -> None:
        if error := next(tries, None):
            raise error
        save(name, made)

    monkeypatch.setattr(shelf, "save", save_at_the_second_try)
    shelf.add("a", pictures.photo())
    previewer.start()
    assert shelf.full.wait(20)


def test_stopping_finishes_the_photo_in_hand_and_no_other(shelf: Shelf, previewer: Previewer):
    for number in range(200):
        shelf.add(str(number), pictures.photo(1200, 900))
    previewer.start()
    wait_until(lambda: bool(shelf.saved))
    previewer.stop()
    assert 1 <= len(shelf.saved) < 200
    assert not any(isinstance(made, Failed) for made in shelf.saved.values())
    assert previewer.maker.child is None
