"""A patrol and its tickets as phones and tablets freeze them."""

import hashlib
import json
import uuid
from typing import Any

from actors import Record

from beatbook import patrols

OPENED = "2026-11-22T10:00:00+00:00"
DURING = "2026-11-22T10:10:00+00:00"
ENDS = "2026-11-22T10:40:00+00:00"
SALT = "c2FsdHNhbHRzYWx0"


def an_opening(*, at: str = OPENED, patrol_id: str | None = None, **changes: Any) -> Record:
    answers = {
        "school": "northbrook",
        "window": "am_drop",
        "spots": ["northbrook_gate", "northbrook_corner"],
        "teams": ["fox", "owl"],
        "year_groups": ["y5", "y6"],
        "adults": 2,
        "pupils": 6,
        "school_adult": "teacher",
        "permission_confirmed": "yes",
        "risk_checked": "yes",
        "hi_vis": "yes",
        "briefing_read": "yes",
        "briefed_at": OPENED,
        "ends_at": ENDS,
        "photos": "off",
        "join_code": "FGHJKM",
        "pin_salt": SALT,
        "pin_check": patrols.pin_check_of("4271", SALT),
        **changes,
    }
    return frozen("pupil_patrol", answers, at=at, instance_id=patrol_id)


def a_step(patrol: Record, act: str, *, at: str = DURING, **answers: Any) -> Record:
    return frozen("pupil_patrol_step", {"act": act, **answers}, at=at, patrol_id=patrol.instance_id)


def a_ticket(
    patrol: Record | None, *photos: bytes, at: str = DURING, envelope: dict[str, Any] | None = None, **answers: Any
) -> Record:
    """A red ticket; `answers` change it, and None takes an answer away."""
    given = {
        "team": "fox",
        "ticket_number": 7,
        "ticket_no": "FOX-07",
        "result": "red",
        "reasons": ["ZIGZAG"],
        "spot": "northbrook_gate",
        "driver_there": "yes",
        "message": "m8",
        "design": "plain",
        "given_how": "windscreen",
        "next": "moved",
        **({"photo": [hashlib.sha256(photo).hexdigest() for photo in photos], "adult_ok": "yes"} if photos else {}),
        **answers,
    }
    kept = {name: answer for name, answer in given.items() if answer is not None}
    patrol_id = patrol.instance_id if patrol else None
    return frozen("mock_ticket", kept, at=at, patrol_id=patrol_id, photos=photos, envelope=envelope)


def frozen(
    form: str,
    answers: dict[str, Any],
    *,
    at: str,
    patrol_id: str | None = None,
    instance_id: str | None = None,
    photos: tuple[bytes, ...] = (),
    envelope: dict[str, Any] | None = None,
) -> Record:
    told = {
        "instanceId": instance_id or str(uuid.uuid4()),
        "formId": form,
        "formVersion": "1",
        "capturedAt": at,
        "counter": 1,
        "replaces": None,
        "patrolId": patrol_id,
        "location": None,
        "answers": answers,
        "attachments": [
            {
                "field": "photo",
                "sha256": hashlib.sha256(photo).hexdigest(),
                "size": len(photo),
                "mediaType": "image/jpeg",
            }
            for photo in photos
        ],
        "app": "0.1.0",
        **(envelope or {}),
    }
    return Record(json.dumps(told, ensure_ascii=False).encode(), photos)
