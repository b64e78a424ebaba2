"""What a file is, told by its bytes: rows 27 to 35 of the bad inputs, and the real cameras' files."""

import random
import struct
import time
import tracemalloc
from pathlib import Path

import pictures
import pytest

from beatbook.photos import JPEG, PNG, WEBP, Inspected, inspect
from beatbook.problems import NotAPhoto, NotAStill, PhotoEmpty, TooManyPixels

MOST = 50_000_000  # pixels


@pytest.fixture
def look(tmp_path: Path):
    def look_at(data: bytes) -> Inspected:
        path = tmp_path / "looked-at"
        path.write_bytes(data)
        return inspect(data[:64], path, max_pixels=MOST)

    return look_at


@pytest.mark.parametrize(
    ("kind", "save", "media_type"),
    [
        ("JPEG", {}, JPEG),
        ("JPEG", {"progressive": True}, JPEG),
        ("PNG", {}, PNG),
        ("WEBP", {}, WEBP),
        ("WEBP", {"lossless": True}, WEBP),
        ("WEBP", {"exif": b"Exif\0\0"}, WEBP),  # makes the extended header
    ],
)
def test_the_three_kinds_are_told_with_their_size(look, kind: str, save: dict, media_type: str):
    assert look(pictures.photo(641, 479, kind, **save)) == Inspected(media_type, 641, 479)


@pytest.mark.parametrize(
    ("name", "size"),
    [("nokia-16mp.jpg", (4608, 1976)), ("iphone-8mp-gps.jpg", (3264, 2448)), ("orientation-6.jpg", (450, 600))],
)
def test_the_size_of_a_cameras_file_is_the_pictures_not_its_thumbnails(name: str, size: tuple[int, int]):
    path = pictures.real(name)
    assert inspect(path.read_bytes()[:64], path, max_pixels=MOST) == Inspected(JPEG, *size)


def test_an_iphones_heic_is_not_a_photo_we_take():
    path = pictures.real("iphone-13.heic")
    with pytest.raises(NotAPhoto):
        inspect(path.read_bytes()[:64], path, max_pixels=MOST)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(pictures.photo(kind="GIF"), id="gif"),
        pytest.param(pictures.photo(kind="GIF") + pictures.archive(), id="gifar"),
        pytest.param(pictures.photo(kind="TIFF"), id="tiff"),
        pytest.param(pictures.photo(kind="BMP"), id="bmp"),
        pytest.param(pictures.photo(kind="AVIF"), id="avif"),
        pytest.param(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", id="heic"),
        pytest.param(b"<!doctype html><script>alert(1)</script>", id="html"),
        pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg"/>', id="svg"),
        pytest.param(b"%PDF-1.7\n", id="pdf"),
        pytest.param(b"RIFF\x24\0\0\0WAVEfmt ", id="wav"),
        pytest.param(b"\xff\xd8", id="two bytes of a jpeg"),
        pytest.param(b" " + pictures.photo(), id="a space before a jpeg"),
    ],
)
def test_anything_else_is_refused_whatever_it_is_called(look, data: bytes):
    with pytest.raises(NotAPhoto):
        look(data)


def test_an_empty_file_is_an_empty_photo(look):
    with pytest.raises(PhotoEmpty):
        look(b"")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(pictures.png_start(100_000, 100_000), id="png header of 100,000 x 100,000"),
        pytest.param(pictures.png(9400, 9400, channels=1), id="small png of 9400 x 9400"),
        pytest.param(pictures.png_start(50_000_001, 1), id="one pixel too many"),
        pytest.param(b"\xff\xd8\xff\xc0" + struct.pack(">HBHHB", 17, 8, 60000, 60000, 3), id="jpeg"),
        pytest.param(b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff", id="webp"),
    ],
)
def test_too_many_pixels_are_refused_from_the_header_alone(look, data: bytes):
    with pytest.raises(TooManyPixels):
        look(data)


def test_fifty_million_pixels_are_taken(look):
    assert look(pictures.png_start(10_000, 5_000)).width == 10_000


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_moving_picture_is_refused(look, kind: str):
    with pytest.raises(NotAStill):
        look(pictures.moving(kind))


def test_a_jpeg_cut_half_way_is_kept(look):
    whole = pictures.photo(800, 600)
    assert look(whole[: len(whole) // 2]) == Inspected(JPEG, 800, 600)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_cut_anywhere_after_its_signature_is_kept(look, kind: str):
    whole = pictures.photo(80, 60, kind)
    for length in range(12, len(whole)):
        found = look(whole[:length])
        assert (found.width, found.height) in ((0, 0), (80, 60)), f"cut at {length}"


def test_a_jpeg_without_a_readable_size_is_kept_without_one(look):
    assert look(b"\xff\xd8\xff\xe0\x00\x10JFIF and then nothing sensible") == Inspected(JPEG, 0, 0)


def test_a_tail_behind_a_jpeg_changes_nothing(look):
    assert look(pictures.photo() + pictures.archive()) == Inspected(JPEG, 640, 480)


def test_a_marker_may_be_preceded_by_filling(look):
    jpeg = pictures.photo()
    assert look(jpeg[:2] + b"\xff" * 30 + jpeg[2:]) == Inspected(JPEG, 640, 480)


def test_damaged_headers_never_raise_anything_but_our_problems(look):
    chance = random.Random(6)
    for kind in ("JPEG", "PNG", "WEBP"):
        whole = pictures.photo(80, 60, kind)
        for _ in range(200):
            damaged = bytearray(whole)
            for _ in range(chance.randint(1, 12)):
                damaged[chance.randrange(8, min(len(damaged), 200))] = chance.randrange(256)
            try:
                look(bytes(damaged))
            except (NotAPhoto, NotAStill, TooManyPixels):
                continue


HOSTILE = {
    "12 MiB of empty segments": b"\xff\xd8" + b"\xff\xe1\x00\x02" * (3 << 20),
    "12 MiB of filling": b"\xff\xd8" + b"\xff" * (12 << 20),
    "12 MiB of EXIF": pictures.with_segments(pictures.photo(), *[(0xE1, b"Exif\0\0" + bytes(65000))] * 190),
    "12 MiB of empty chunks": pictures.png_start(20, 20) + pictures.chunk(b"tEXt", b"") * (1 << 20),
    "a text of 200 MB, packed": pictures.text_bomb(),
    "4 MB of EXIF in a PNG": pictures.png(20, 20, before=pictures.chunk(b"eXIf", bytes(4 << 20))),
    "a chunk that claims 4 GB": pictures.png_start(20, 20) + b"\xff\xff\xff\xfftEXt",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_looking_at_a_hostile_file_costs_next_to_nothing(tmp_path: Path, what: str):
    path = tmp_path / "hostile"
    path.write_bytes(HOSTILE[what])
    head = HOSTILE[what][:64]
    began = time.process_time()
    for _ in range(10):
        inspect(head, path, max_pixels=MOST)
    took = (time.process_time() - began) / 10
    tracemalloc.start()
    inspect(head, path, max_pixels=MOST)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(f"{what}: {path.stat().st_size:,} bytes, {took * 1000:.2f} ms, {peak:,} bytes of memory")
    assert peak < 300_000
    assert took < 0.1  # measured under 0.001 everywhere; a parser that walked it all would take seconds
