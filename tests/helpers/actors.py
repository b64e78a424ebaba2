"""Who uses Beatbook in the tests, and what they do. Helpers that hide nothing of the contract."""

import hashlib
import io
import json
import re
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from beatbook import people
from beatbook.models import Role
from beatbook.office import Office


@dataclass
class Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Record:
    """A submission as a device has frozen it."""

    payload: bytes
    photos: tuple[bytes, ...] = ()

    @property
    def instance_id(self) -> str:
        return json.loads(self.payload)["instanceId"]

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.payload).hexdigest()


def a_record(*photos: bytes, form: str = "graffiti", **changes: Any) -> Record:
    """A graffiti record with these photos. `changes` replace members of its envelope; None there means null."""
    envelope = {
        "instanceId": str(uuid.uuid4()),
        "formId": form,
        "formVersion": "1",
        "capturedAt": "2026-11-22T10:04:31+00:00",
        "counter": 1,
        "replaces": None,
        "patrolId": None,
        "location": {
            "latitude": 51.2802,
            "longitude": 1.0789,
            "accuracy": 8.0,
            "source": "gps",
            "fixedAt": "2026-11-22T10:04:20+00:00",
        },
        "answers": graffiti_answers(*photos),
        "attachments": [
            {"field": "photo_before", "sha256": sha256(photo), "size": len(photo), "mediaType": "image/jpeg"}
            for photo in photos
        ],
        "app": "0.1.0",
        **changes,
    }
    return Record(json.dumps(envelope, ensure_ascii=False).encode(), photos)


def graffiti_answers(*photos: bytes) -> dict[str, Any]:
    """Every question that must be answered, answered."""
    return {
        "photo_before": [sha256(photo) for photo in photos],
        "found_at": "2026-11-22T10:04:00+00:00",
        "source": "patrol",
        "place_text": "Westgate Gardens, by the bench",
        "surface": "brick",
        "object": "wall_fence",
        "ownership": "ccc",
        "kind": "tag",
        "size": "a4",
        "offensive": "no",
        "suspect_seen": "no",
    }


def a_photo(size: tuple[int, int] = (64, 48), kind: str = "JPEG") -> bytes:
    """A small photo, different each time."""
    file = io.BytesIO()
    Image.frombytes("RGB", size, secrets.token_bytes(size[0] * size[1] * 3)).save(file, kind)
    return file.getvalue()


def camera_file(name: str) -> Path:
    """A real camera's file, which lies outside the repository."""
    import os

    folder = Path(os.environ.get("BEATBOOK_PHOTOS", Path(__file__).parents[3] / "shared" / "photos"))
    if not (folder / name).is_file():
        pytest.skip(f"the camera file {name} is not in {folder}; set BEATBOOK_PHOTOS")
    return folder / name


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def read(page: Any) -> str:
    """What a person reads on a page: its text in one line."""
    body = re.sub(r"<symbol.*?</symbol>|<title>.*?</title>|<kbd>.*?</kbd>", " ", page.text, flags=re.S)
    text = " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())
    return re.sub(r" ([.,])", r"\1", text)


def parts(*records: Record, photos: tuple[bytes, ...] | None = None) -> list[tuple[str, tuple[str | None, bytes, str]]]:
    """The parts of a delivery: records first, then their photos, or just these."""
    carried = [photo for record in records for photo in record.photos] if photos is None else photos
    return [
        *(("submission", (None, record.payload, "application/json")) for record in records),
        *(("attachment", (sha256(photo), photo, "image/jpeg")) for photo in carried),
    ]


def body_of(delivery: list[tuple[str, tuple[str | None, bytes, str]]], boundary: str = "beat") -> bytes:
    """The parts as the bytes that go over the wire."""
    body = b""
    for name, (filename, content, kind) in delivery:
        where = f'; filename="{filename}"' if filename is not None else ""
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{where}\r\nContent-Type: {kind}\r\n\r\n'
        body += head.encode() + content + b"\r\n"
    return body + f"--{boundary}--\r\n".encode()


MULTIPART = "multipart/form-data; boundary=beat"


@dataclass
class Device:
    office: Office
    http: TestClient
    device_id: str
    token: str
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.headers = {"authorization": f"Bearer {self.token}"}

    @classmethod
    def enrol(cls, office: Office, http: TestClient, role: Role, name: str, school: str | None = None) -> "Device":
        invited = office.database.write(
            lambda session: people.invite(session, role, name, minutes=60, now=office.clock(), school_id=school)
        )
        answer = http.post("/api/enrol", json={"code": invited.code})
        http.cookies.clear()
        assert answer.status_code == 201, answer.text
        return cls(office, http, answer.json()["deviceId"], answer.json()["token"])

    def deliver(self, *records: Record, photos: tuple[bytes, ...] | None = None) -> Any:
        """The whole answer to a delivery."""
        return self.deliver_bytes(body_of(parts(*records, photos=photos)))

    def deliver_bytes(self, body: bytes, content_type: str = MULTIPART) -> Any:
        return self.http.post("/api/sync", content=body, headers={**self.headers, "content-type": content_type})

    def send(self, *records: Record, photos: tuple[bytes, ...] | None = None) -> list[dict[str, Any]]:
        """The results of a delivery that must succeed as a whole."""
        answer = self.deliver(*records, photos=photos)
        assert answer.status_code == 200, answer.text
        return answer.json()["results"]

    def check(
        self, *records: Record, photos: tuple[bytes, ...] = (), last_receipt: Any = None, numbers: Any = None
    ) -> Any:
        asked = {
            "submissions": [{"instanceId": record.instance_id, "digest": record.digest} for record in records],
            "attachments": [sha256(photo) for photo in photos],
            "lastReceipt": last_receipt,
            **({"numbers": numbers} if numbers else {}),
        }
        return self.http.post("/api/sync/check", json=asked, headers=self.headers)

    def show_receipts(self, *receipts: dict[str, Any], still_there: bool = False) -> Any:
        """Asks whether the server still has what it once acknowledged, as after a restore."""
        asked = [
            {
                **{name: receipt[name] for name in ("instanceId", "digest")},
                "receipt": receipt,
                "formId": "graffiti",
                "capturedAt": "2026-11-22T10:04:31+00:00",
                "counter": 1,
                "kept": still_there,
            }
            for receipt in receipts
        ]
        return self.http.post("/api/sync/check", json={"submissions": asked}, headers=self.headers)

    def say(self, **report: Any) -> None:
        """Speaks of itself at a contact, and the server has written it down."""
        self.http.get("/api/sync/state", headers={**self.headers, "beatbook-report": json.dumps(report)})
        self.office.database.write(lambda session: None)

    def down(self, since: str | None = None) -> dict[str, Any]:
        where = f"/api/sync/down?since={since}" if since else "/api/sync/down"
        answer = self.http.get(where, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def state(self) -> dict[str, Any]:
        answer = self.http.get("/api/sync/state", headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()


@dataclass
class Supervisor:
    office: Office
    http: TestClient
    person_id: str
    cookies: dict[str, str]

    @classmethod
    def join(cls, office: Office, http: TestClient, name: str, role: Role = Role.SUPERVISOR) -> "Supervisor":
        def add(session: Any) -> tuple[str, str]:
            person = people.add_person(
                session,
                name,
                role,
                now=office.clock(),
                email=f"{name.split()[0].lower()}@council.example",
                password="a long enough password",
            )
            return person.id, people.start_session(session, person, now=office.clock())

        person_id, token = office.database.write(add)
        return cls(office, http, person_id, {"beatbook_desk": token})

    def open(self, path: str) -> Any:
        return self.http.get(path, headers=self.headers())

    def submit(self, path: str, **fields: str) -> Any:
        return self.http.post(path, data=fields, headers=self.headers())

    def review(self, record: Record, state: str, **fields: str) -> Any:
        return self.submit(f"/desk/records/{record.instance_id}/review", state=state, **fields)

    def approve(self, record: Record) -> Any:
        return self.review(record, "approved")

    def send_back(self, record: Record, reason: str, note: str = "") -> Any:
        return self.review(record, "hasIssues", reason=reason, note=note)

    def headers(self) -> dict[str, str]:
        return {"cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
