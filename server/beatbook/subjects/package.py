"""Package: the file that a person is handed: a page to read, the same as data, and their photos.

The page needs no program but a browser and asks nothing of any server; the data (JSON) is for other programs. Both say
what was left out and why, by kind and number, so that the person can ask about it.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from ..blobs import CHUNK, Blobs
from ..events import instant
from ..exports.marking import SENSITIVE
from ..exports.zips import Entry, chunks
from ..forms import Forms
from ..models import Blob, PreviewState, SubjectFind, SubjectRequest
from . import places, requests
from .places import RECORD, Passage, Place
from .sought import Sought

ENDING = ".jpg"  # previews are always JPEG, and carry no EXIF


@dataclass(frozen=True)
class Handed:
    """One place as it is handed over."""

    place: Place
    passages: list[Passage]
    log: list[dict[str, str]]


@dataclass(frozen=True)
class Package:
    request: SubjectRequest
    handed: list[Handed]
    left_out: list[tuple[str, int]]  # why, and how often
    photos: dict[str, str]  # the previews that go with it, by their names in the package

    @property
    def records(self) -> list[str]:
        return [one.place.where.partition("/")[2] for one in self.handed if one.place.where.startswith(f"{RECORD}/")]


def package_of(session: Session, forms: Forms, request_id: str) -> Package:
    """What is handed over, as it was decided. Errors: NotFound."""
    row = requests.get(session, request_id)
    handed, left, photos = [], Counter[str](), {}
    for find in requests.finds(session, request_id):
        place = places.place_of(session, forms, find.where, Sought(row.sought))
        if place is None:
            left["Gone since it was found: its time was over"] += 1
        elif find.verdict != requests.GOES:
            left[requests.WHY.get(find.why or "", "Nobody has decided yet")] += 1
        else:
            handed.append(
                Handed(place, list(going(session, find, place, left, photos)), places.log_of(session, find.where))
            )
    return Package(row, [titled(one) for one in handed], sorted(left.items()), photos)


def going(
    session: Session, find: SubjectFind, place: Place, left: Counter[str], photos: dict[str, str]
) -> Iterator[Passage]:
    """The passages that leave. Of a photo the preview: a working copy, covered and without what a camera adds."""
    for passage in place.passages:
        if not requests.leaves(find, passage):
            left["Part of a record that is about somebody else"] += 1
            continue
        if passage.photo:
            blob = session.get(Blob, passage.photo)
            if blob is None or blob.preview is not PreviewState.MADE or blob.preview_sha256 is None:
                left["A photo of which there is no copy to hand over"] += 1
                continue
            photos[name_of(passage)] = blob.preview_sha256
        words = requests.covered(find, passage.words)
        if hidden := words.count(requests.COVER):
            left["Words about somebody else"] += hidden
        yield replace(passage, words=words)


def titled(one: Handed) -> Handed:
    """The title of a place repeats some of its answers, so it goes only where all of them do."""
    whole = [passage.words for passage in one.passages] == [passage.words for passage in one.place.passages]
    return one if whole else replace(one, place=replace(one.place, title=one.place.kind))


def data_of(package: Package, council: str, at: datetime) -> bytes:
    told = {
        "marking": SENSITIVE,
        "council": council,
        "madeAt": instant(at),
        "askedAt": instant(package.request.opened_at),
        "lookedFor": package.request.sought,
        "places": [
            {
                "kind": one.place.kind,
                "title": one.place.title,
                "reference": one.place.where.partition("/")[2],
                "said": [said(passage) for passage in one.passages],
                "log": one.log,
            }
            for one in package.handed
        ],
        "leftOut": [{"why": why, "times": times} for why, times in package.left_out],
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def said(passage: Passage) -> Mapping[str, Any]:
    told = {"question": passage.label, "answer": passage.words}
    return told | ({"file": name_of(passage)} if passage.photo else {})


def name_of(passage: Passage) -> str:
    return f"photos/{(passage.photo or '')[:16]}{ENDING}"


def stream(package: Package, page: str, data: bytes, blobs: Blobs, at: datetime) -> Iterator[bytes]:

    def entries() -> Iterator[Entry]:
        yield Entry("about-you.html", [page.encode()], packed=True)
        yield Entry("data.json", [data], packed=True)
        for name, sha256 in package.photos.items():
            with blobs.open(sha256) as file:
                yield Entry(name, iter(lambda file=file: file.read(CHUNK), b""))

    return chunks(entries(), at)


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
