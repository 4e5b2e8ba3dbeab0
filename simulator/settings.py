"""What the simulator is told when it starts: flags, or environment variables."""

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """The settings of `serve`."""

    port: int = 0
    app: str = ""
    shortcode: str = "22262"
    service_code: str = "*384*22262#"
    api_key: str = "simulator"
    username: str = "sandbox"
    senders: str = ""
    blacklist: str = ""
    log: Path | None = None
    address_file: Path | None = None
    report_seconds: float = 0.5
    repost_seconds: float = 60.0
    session_seconds: float = 180.0
    idle_seconds: float = 30.0
    answer_seconds: float = 10.0


HELP = {
    "port": "where to listen on 127.0.0.1; 0 is any free port",
    "app": "base address of the service's callbacks; better as SIM_APP, for it holds a secret",
    "shortcode": "the short code that people text",
    "service_code": "the code that people dial",
    "api_key": "the key a sender must show",
    "username": "the account a sender must name",
    "senders": "the sender IDs of the account, comma-separated; none is any",
    "blacklist": "numbers that have opted out, comma-separated",
    "log": "file for the witness log, a line of JSON for each event",
    "address_file": "file to write the address into",
    "report_seconds": "delay of a delivery report",
    "repost_seconds": "time between posts of a text that was not taken",
    "session_seconds": "life of a USSD session",
    "idle_seconds": "time a person has for one screen",
    "answer_seconds": "time the service has for one answer",
}
KINDS = {"port": int, "log": Path, "address_file": Path}


def add_flags(parser: argparse.ArgumentParser, environment: Mapping[str, str] = os.environ) -> None:
    """Add a flag for each setting; SIM_<NAME> in the environment stands in for a flag that is not given."""
    for field in fields(Settings):
        read = KINDS.get(field.name, float if field.name.endswith("_seconds") else str)
        default = environment.get(f"SIM_{field.name.upper()}") or field.default
        flag = f"--{field.name.replace('_', '-')}"
        parser.add_argument(flag, type=read, default=default, help=HELP[field.name])


def read_settings(given: argparse.Namespace) -> Settings:
    """Take the settings out of the parsed command line."""
    return Settings(**{field.name: getattr(given, field.name) for field in fields(Settings)})


def names(listed: str) -> frozenset[str]:
    """Split a comma-separated list."""
    return frozenset(name.strip() for name in listed.split(",") if name.strip())
