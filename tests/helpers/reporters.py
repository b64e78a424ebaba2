"""Reporters: reports of anti-social behaviour as an officer's phone sends them."""

from typing import Any

from actors import Record, a_record

REPORTER = {"full_name": "Edith Farrow", "contact_phone": "01227 900 118", "safe_contact": "post"}


def a_report(captured: str = "2026-11-22T10:04:31+00:00", happened: str = "", **answers: Any) -> Record:
    """Somebody who gives her name, unless the answers say otherwise."""
    told = {
        "category": "noise",
        "asb_type": "nuisance",
        "place_text": "Longmarket Row",
        "what": "Music from the yard until 3 am.",
        "reported_to": ["nobody"],
        "anonymous": "no",
        **REPORTER,
        "received_at": captured,
        "happened_at": happened or captured,
        **{
            f"q_{name}": "s0"
            for name in ("freq", "worse", "target", "hate", "violence", "vulnerable", "effect", "support")
        },
    }
    return a_record(form="asb", answers=told | answers, capturedAt=captured)
