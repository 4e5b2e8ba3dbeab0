"""Logs: JSON lines with masked numbers, no input, and no secret of a path."""

import logging
import re
import sys
import threading
import time
from collections.abc import Iterable, MutableMapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog

from telephony import phones

PHONE = re.compile(r"(?<![\d.])(?:\+?254|0)[17]\d{8}(?!\d)")
CALLBACK = re.compile(r"(/at/)[^/\s\"]+")
# Never worth a log line: what somebody typed, wrote or was told.
UNSPEAKABLE = frozenset({"text", "input", "lastAppResponse", "password", "reply", "message", "body", "query"})


class Scrubber:
    """Takes numbers and secrets out of every line that is logged, whatever they were part of."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self.secrets = [secret for secret in secrets if secret]

    def __call__(self, logger: Any, method: str, line: Any) -> str:
        text: str = line
        for secret in self.secrets:
            text = text.replace(secret, "***")
        if "/at/" in text:
            text = CALLBACK.sub(r"\1***", text)
        return PHONE.sub(mask, text)


def speakable(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The event without what somebody typed, wrote or was told."""
    for key in UNSPEAKABLE.intersection(event):
        del event[key]
    return event


def mask(found: re.Match[str]) -> str:
    """A number of any spelling, masked."""
    return phones.mask("+254" + found[0][-9:])


class Stderr:
    """Writes a line to whatever standard error is at that moment."""

    def __init__(self, *_: object) -> None:
        pass

    def msg(self, line: str) -> None:
        """Write one line at once."""
        sys.stderr.write(line + "\n")
        sys.stderr.flush()

    debug = info = warning = error = critical = msg


def encode(event: dict[str, Any], **_: Any) -> str:
    """One line of JSON; what JSON has no form for is written as Python shows it."""
    return msgspec.json.encode(event, enc_hook=repr).decode()


def configure(secrets: Iterable[str] = ()) -> None:
    """Send every log of this process, ours and the libraries', to standard error as JSON lines."""
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    shared: list[Any] = [structlog.processors.add_log_level, stamp, structlog.processors.format_exc_info]
    ending: list[Any] = [speakable, structlog.processors.JSONRenderer(serializer=encode), Scrubber(secrets)]
    structlog.configure(
        processors=[*shared, *ending],
        logger_factory=Stderr,
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers, root.level = [handler], logging.WARNING


def tell_of_threads() -> None:
    """Log what ends a thread, a library's too, as any other line; for the start of a process of ours."""
    threading.excepthook = tell_of_thread


def tell_of_thread(end: threading.ExceptHookArgs) -> None:
    """A thread ended with an exception that nobody caught."""
    name = end.thread.name if end.thread else ""
    structlog.get_logger().error("thread died", thread=name, exc_info=end.exc_value)


def stamp() -> float:
    """Now, for a log line and nothing else."""
    return time.time()


def moment(seconds: float) -> str:
    """A stamp as log lines have it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def write(events: list[dict[str, Any]]) -> None:
    """Write many finished events at once; they hold nothing that needs scrubbing."""
    sys.stderr.write("".join(f"{encode(event)}\n" for event in events))
    sys.stderr.flush()
