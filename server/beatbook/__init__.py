"""Beatbook: the pocket book of a council's community safety unit."""

__version__ = "0.1.0"
