"""Logs: one JSON object a line, ours and the libraries', to standard error; standard output belongs to the commands.

No line holds what somebody wrote, a token or a code. So of an error its kind and where it arose are told, and never its
message: a database repeats in it what it could not store, and Python the key that it did not find.
"""

import logging
import sys
import traceback
from collections.abc import Iterator, MutableMapping
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


def traced(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The error of a line and what led to it, each by its kind and the places it came through."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["exception"] = [where for each in led_to(error) for where in places(each)]
    return event


def led_to(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def places(error: BaseException) -> Iterator[str]:
    yield f"{type(error).__module__}.{type(error).__qualname__}"
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"{frame.filename}:{frame.lineno} in {frame.name}"


def set_up(level: str) -> None:
    """`level` is a name of Python's: DEBUG, INFO, WARNING or ERROR. Errors: KeyError for another."""
    stream: Any = Forgiving(sys.stderr)
    shared = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, traced, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(file=stream),
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processor=structlog.processors.JSONRenderer(), foreign_pre_chain=[*shared, traced]
        )
    )
    logging.basicConfig(handlers=[handler], level=max(LEVELS[level], logging.WARNING), force=True)
