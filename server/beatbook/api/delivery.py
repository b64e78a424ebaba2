"""Delivery: the multipart body of POST /api/sync, taken part by part as it arrives.

A part is given on the moment it is complete, so a body cut short loses only the part in flight. A submission waits in
memory (256 KiB at most), a photo goes to a temporary file; what exceeds its limit is read past and reported. A part
that a phone has sealed (parcels.py) arrives as it is and is opened by who keeps it.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect, Request

from ..blobs import Blobs, Incoming
from ..database import disk_problem
from ..parcels import MEDIA_TYPE, OVERHEAD
from ..problems import BodyMissing, Problem, UnsupportedMedia, UploadIncomplete, UploadShape, UploadTooLarge
from ..settings import Settings

MAX_HEADER = 8 * 1024  # bytes of one part's headers; ours have 200


@dataclass
class SubmissionPart:
    payload: bytes
    too_large: bool = False
    is_sealed: bool = False  # a parcel, to be opened first


@dataclass
class AttachmentPart:
    name: str  # its file name: the SHA-256 it should have
    photo: Incoming
    too_large: bool = False
    is_sealed: bool = False


Part = SubmissionPart | AttachmentPart


async def parts_of(request: Request, blobs: Blobs, settings: Settings) -> AsyncIterator[Part]:
    """The parts of a delivery, each as soon as it is complete.

    Errors: UnsupportedMedia, BodyMissing, UploadShape, UploadTooLarge; UploadIncomplete when the body ends before its
    last boundary, or the connection before the body; ServerFull and StorageFault when a photo cannot be written.
    """
    reader = Reader(boundary_of(request), blobs, settings)
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > settings.max_body:
                raise UploadTooLarge
            for part in reader.read(chunk):
                yield part
            if reader.problem:
                raise reader.problem
        if size == 0:
            raise BodyMissing
        if not reader.ended:
            raise UploadIncomplete
    except ClientDisconnect as error:
        raise UploadIncomplete from error
    finally:
        reader.drop()


def boundary_of(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data":
        if request.headers.get("content-length") == "0":
            raise BodyMissing
        raise UnsupportedMedia
    boundary = options.get(b"boundary", b"")
    if not 1 <= len(boundary) <= 70:  # RFC 2046 5.1.1
        raise UploadShape
    return boundary


class Reader:
    """Listens to python-multipart and gathers parts."""

    def __init__(self, boundary: bytes, blobs: Blobs, settings: Settings) -> None:
        self.blobs = blobs
        self.settings = settings
        self.parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self.on_part_begin,
                "on_header_field": self.on_header_field,
                "on_header_value": self.on_header_value,
                "on_header_end": self.on_header_end,
                "on_headers_finished": self.on_headers_finished,
                "on_part_data": self.on_part_data,
                "on_part_end": self.on_part_end,
                "on_end": self.on_end,
            },
        )
        self.complete: list[Part] = []
        self.problem: Problem | None = None
        self.count = 0
        self.ended = False
        self.buffer = bytearray()
        self.photo: Incoming | None = None
        self.on_part_begin()

    def read(self, chunk: bytes) -> list[Part]:
        """Parts that this piece of the body completes, also those before what makes it a `problem`."""
        try:
            self.parser.write(chunk)
        except FormParserError:
            self.problem = UploadShape()
        except Problem as problem:
            self.problem = problem
        except OSError as error:
            self.problem = disk_problem(error)
        complete, self.complete = self.complete, []
        return complete

    def drop(self) -> None:
        """Forget the part in flight and whatever was not taken."""
        for photo in [self.photo, *(part.photo for part in self.complete if isinstance(part, AttachmentPart))]:
            if photo is not None:
                photo.drop()
        self.photo = None

    # What python-multipart calls

    def on_part_begin(self) -> None:
        self.headers: dict[bytes, bytes] = {}
        self.header_name = b""
        self.header_value = b""
        self.header_size = 0
        self.too_large = self.is_sealed = False
        self.buffer = bytearray()

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self.header_name += data[start:end]
        self.measure_header(end - start)

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self.header_value += data[start:end]
        self.measure_header(end - start)

    def measure_header(self, size: int) -> None:
        self.header_size += size
        if self.header_size > MAX_HEADER:
            raise UploadShape

    def on_header_end(self) -> None:
        self.headers[self.header_name.lower()] = self.header_value
        self.header_name = self.header_value = b""

    def on_headers_finished(self) -> None:
        self.count += 1
        if self.count > self.settings.max_parts:
            raise UploadTooLarge
        _, options = parse_options_header(self.headers.get(b"content-disposition"))
        self.name = options.get(b"name", b"").decode("utf-8", "replace")
        self.filename = options.get(b"filename", b"").decode("utf-8", "replace")
        kind, _ = parse_options_header(self.headers.get(b"content-type"))
        self.is_sealed = kind == MEDIA_TYPE.encode()
        if self.name == "attachment":
            self.photo = self.blobs.receive()
        elif self.name != "submission":
            raise UploadShape

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        more = OVERHEAD if self.is_sealed else 0
        if self.photo is not None:
            self.too_large = self.too_large or self.photo.size + end - start > self.settings.max_attachment + more
            if not self.too_large:
                self.photo.add(memoryview(data)[start:end])
        else:
            self.too_large = self.too_large or len(self.buffer) + end - start > self.settings.max_submission + more
            if not self.too_large:
                self.buffer += data[start:end]

    def on_part_end(self) -> None:
        if self.photo is None:
            self.complete.append(SubmissionPart(bytes(self.buffer), self.too_large, self.is_sealed))
        else:
            self.complete.append(AttachmentPart(self.filename, self.photo, self.too_large, self.is_sealed))
        self.photo = None
        self.buffer = bytearray()

    def on_end(self) -> None:
        self.ended = True
