"""The program that decodes photos, alone in a process that may take little memory and time and can write no file.

It reads one JSON line for each photo, its path, and answers with one JSON line and the bytes of two JPEGs. It imports
nothing of ours, so that it starts in a tenth of a second and is small while it waits. See `previews.py` for the limits.
"""

import io
import json
import math
import os
import signal
import sys
import warnings
from contextlib import closing, suppress
from pathlib import Path
from typing import BinaryIO

from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin  # all of it before memory is limited

READERS = (JpegImagePlugin.JpegImageFile, PngImagePlugin.PngImageFile, WebPImagePlugin.WebPImageFile)
FORMATS = [str(reader.format) for reader in READERS]
PREVIEW, THUMBNAIL = 1600, 320  # pixels of the longer side
QUALITY = 80
BAND = 32  # rows of a preview that are worked on at a time, so that no conversion doubles the memory
LANCZOS_REACH = 4  # rows of a preview to either side; the filter looks at 3
ORIENTATION = 0x0112  # the EXIF tag
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def main(questions: BinaryIO, answers: BinaryIO, *, memory: int, seconds: float, pixels: int) -> None:
    Image.MAX_IMAGE_PIXELS = pixels
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    limit_process(memory)
    for question in questions:
        limit_cpu(seconds)
        try:
            answer, *parts = pictures_of(json.loads(question))
        except Exception as error:  # noqa: BLE001  a hostile file may raise anything; Pillow's EXIF reader raises struct.error
            answer, parts = {"failed": type(error).__name__}, []
        answers.write(json.dumps(answer | {"sizes": [len(part) for part in parts]}).encode() + b"\n")
        answers.writelines(parts)
        answers.flush()


def pictures_of(path: str) -> tuple[dict[str, int], bytes, bytes]:
    with closing(Image.open(path, formats=FORMATS)) as image:
        image.draft("RGB", fit(image.size, PREVIEW))  # a JPEG is decoded at half, a quarter or an eighth of its size
        turn = UPRIGHT.get(orientation_of(image))
        preview = shrunk(image, fit(image.size, PREVIEW))
    if turn is not None:
        preview = preview.transpose(turn)
    thumbnail = shrunk(preview, fit(preview.size, THUMBNAIL))
    return {"width": preview.width, "height": preview.height}, jpeg(preview), jpeg(thumbnail)


def orientation_of(image: Image.Image) -> int:
    """How the camera was held. Read by itself: transposing with Pillow would also rewrite all EXIF, which may fail."""
    with suppress(Exception):  # EXIF that cannot be read is no reason to show nothing
        return int(image.getexif().get(ORIENTATION, 1))
    return 1


def shrunk(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The picture painted band by band on a fresh canvas of `size`, so that nothing but pixels survives.

    A band reaches over its edges by what the filter looks at, so that no seam shows.
    """
    canvas = Image.new("RGB", size)
    scale = image.height / canvas.height
    for top in range(0, canvas.height, BAND):
        bottom = min(top + BAND, canvas.height)
        first = max(0, math.floor((top - LANCZOS_REACH) * scale))
        last = min(image.height, math.ceil((bottom + LANCZOS_REACH) * scale))
        rows = opaque(image.crop((0, first, image.width, last)))
        box = (0, top * scale - first, image.width, min(bottom * scale, image.height) - first)
        band = rows.resize((canvas.width, bottom - top), Image.Resampling.LANCZOS, box=box, reducing_gap=2.0)
        canvas.paste(band, (0, top))
    return canvas


def opaque(band: Image.Image) -> Image.Image:
    """In RGB, over white where it is transparent."""
    if band.mode.startswith("I"):  # 16 bits of grey; converting would clip them
        band = band.convert("I").point(lambda value: value / 256).convert("L")
    if not band.has_transparency_data:
        return band.convert("RGB")
    band = band.convert("RGBA")
    paper = Image.new("RGB", band.size, "white")
    paper.paste(band, mask=band)
    return paper


def fit(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """`size` made smaller so that its longer side is `longest`. A small picture stays as it is."""
    scale = min(1.0, longest / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def jpeg(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


# Limits ---------------------------------------------------------------------------------------------------------


def limit_process(memory: int) -> None:
    """Never to be lifted again. What is imported by now does not count towards `memory`."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # meant for the server, which lets us finish or kills us
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(15)
    try:
        import resource
    except ImportError:  # Windows
        return
    limits = {resource.RLIMIT_FSIZE: 0, resource.RLIMIT_CORE: 0}
    if sys.platform == "linux":  # macOS takes a limit on memory but does not keep it
        limits[resource.RLIMIT_AS] = address_space() + memory
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value))


def address_space() -> int:
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def limit_cpu(seconds: float) -> None:
    """Die after so much processor time from now on. RLIMIT_CPU knows only whole seconds of the process's life."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


if __name__ == "__main__":
    main(
        sys.stdin.buffer,
        sys.stdout.buffer,
        memory=int(sys.argv[1]),
        seconds=float(sys.argv[2]),
        pixels=int(sys.argv[3]),
    )
