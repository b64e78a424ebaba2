"""Desk: the pages of supervisors, drawn on the server so that nothing personal is stored in an office browser."""

from pathlib import Path

STATIC = Path(__file__).parent / "static"
