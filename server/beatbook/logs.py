"""Logs: one JSON object a line, ours and the libraries', to standard error; standard output belongs to the commands."""

import logging
import sys
from contextlib import suppress
from typing import Any, TextIO

import structlog

LEVELS = logging.getLevelNamesMapping()


class Forgiving:
    """A stream whose disk may be full or whose reader may be gone: what cannot be said is not said, and work goes on.

    Otherwise the first line about a full disk, on that same disk, would end the thread that writes every record.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError, ValueError):  # ValueError: it was closed
            self.stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self.stream.flush()


def set_up(level: str) -> None:
    """`level` is a name of Python's: DEBUG, INFO, WARNING or ERROR. Errors: KeyError for another."""
    stream: Any = Forgiving(sys.stderr)
    shared = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(file=stream),
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(processor=structlog.processors.JSONRenderer(), foreign_pre_chain=shared)
    )
    logging.basicConfig(handlers=[handler], level=max(LEVELS[level], logging.WARNING), force=True)
