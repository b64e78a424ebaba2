"""Columns: how secrets, names and schools are written in the tables of people."""

import hashlib

from ..problems import BadRequest


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def clean_name(name: str) -> str:
    """Errors: BadRequest for an empty or endless name."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= 80:
        raise BadRequest
    return name


def school_of(school_id: str | None) -> dict[str, str]:
    """Sealed only where there is one, so that what was sealed before schools were noted still verifies."""
    return {"school": school_id} if school_id is not None else {}
