"""Logs: JSON lines with masked numbers, no input, and no secret of a path."""

import logging
import re
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any

import msgspec
import structlog

from telephony import phones

PHONE = re.compile(r"(?<![\d.])(?:\+?254|0)[17]\d{8}(?!\d)")
CALLBACK = re.compile(r"(/at/)[^/\s\"]+")
# Never worth a log line: what somebody typed, wrote or was told.
UNSPEAKABLE = frozenset({"text", "input", "lastAppResponse", "password", "reply", "message", "body", "query"})


class Scrubber:
    """Takes numbers and secrets out of everything that is logged."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self.secrets = [secret for secret in secrets if secret]

    def __call__(self, logger: Any, method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
        return {key: self.clean(value) for key, value in event.items() if key not in UNSPEAKABLE}

    def clean(self, value: Any) -> Any:
        """A value as it may be written down."""
        if isinstance(value, int | float | bool | None):
            return value
        text = value if isinstance(value, str) else repr(value)
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return PHONE.sub(mask, CALLBACK.sub(r"\1***", text))


def mask(found: re.Match[str]) -> str:
    """A number of any spelling, masked."""
    return phones.mask("+254" + found[0][-9:])


def encode(event: dict[str, Any], **_: Any) -> bytes:
    """One line of JSON."""
    return msgspec.json.encode(event)


def configure(secrets: Iterable[str] = ()) -> None:
    """Send every log of this process, ours and the libraries', to standard error as JSON lines."""
    scrub = Scrubber(secrets)
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    shared: list[Any] = [structlog.processors.add_log_level, stamp, structlog.processors.format_exc_info]
    structlog.configure(
        processors=[*shared, scrub, structlog.processors.JSONRenderer(serializer=encode)],
        logger_factory=structlog.BytesLoggerFactory(file=sys.stderr.buffer),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            scrub,
            structlog.processors.JSONRenderer(),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers, root.level = [handler], logging.WARNING
