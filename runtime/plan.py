"""What runs on one machine, as a table: each child's name, command and environment."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from runtime.folder import PORTS, free_port
from runtime.settings import ADDRESS_FILES, Settings

ROOT = Path(__file__).parent.parent
FACTORY = "ussd_app.factory"
WEB_THREADS = 2  # a web process; see docs/decisions.md
WORKERS = ("urgent", "bulk", "office", "clock")
EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - to be recognised, not to be bound


@dataclass(frozen=True)
class Child:
    """A program that the supervisor keeps running."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict, repr=False)  # beside our own
    stranger: bool = False  # sees none of our CP2_ variables
    grace: float = 10.0  # seconds it has to end when asked
    needed: str = "runtime"  # the module worth importing while it waits for its turn


@dataclass(frozen=True)
class Plan:
    """All that runs for one service. The database and Redis come first, and go last."""

    setup: Child | None  # runs to its end before the web and the workers start
    simulator: Child | None
    web: Child
    workers: tuple[Child, ...]
    ready: str  # the path that answers 200 when the web can serve


def plan(settings: Settings, variables: Mapping[str, str]) -> Plan:
    """What runs for these settings. With a given database it is the web and the workers only."""
    simulated = settings.embedded and not variables.get("CP2_AT_BASE_URL", "").strip()
    return Plan(
        setup=setup() if settings.embedded else None,
        simulator=simulator(settings) if simulated else None,
        web=web(settings),
        workers=tuple(python(name, "-m", "workers", name) for name in WORKERS),
        ready="/readyz",
    )


def python(name: str, *arguments: str) -> Child:
    """A child that is a Python program of ours."""
    return Child(name, (sys.executable, *arguments))


def setup() -> Child:
    """Brings the tables and the menus up to date, and loads the demonstration."""
    return Child("setup", (sys.executable, "-m", "flask", "--app", "wsgi", "setup"), needed=FACTORY)


def warmed(child: Child, turn: Path) -> Child:
    """The child, started early: it imports what it needs, and begins when the file `turn` is there."""
    program = ("-m", "runtime.warm", str(turn), child.needed, *child.argv[2:])
    return replace(child, argv=(child.argv[0], *program))


def web(settings: Settings, target: str = "wsgi:app") -> Child:
    """The web server; it replaces its own workers when they die."""
    return Child(
        "web",
        (
            *(sys.executable, "-m", "granian", target, "--interface", "wsgi", "--http", "1", "--no-ws"),
            *("--host", settings.host, "--port", str(settings.port)),
            *("--no-access-log", "--log-level", "error"),
            *("--workers", str(web_workers()), "--blocking-threads", str(WEB_THREADS)),
            *("--respawn-failed-workers", "--workers-kill-timeout", "3"),
        ),
        env={"RUST_BACKTRACE": "0"},  # its last words then say why it ended, and not from where
        grace=6.0,
        needed=FACTORY,
    )


def web_workers() -> int:
    """How many processes serve: one more than the cores, for some of them always wait for a store."""
    return (os.cpu_count() or 1) + 1


def simulator(settings: Settings) -> Child:
    """The simulator, told where our webhooks are. Its port is chosen here, so that a restart keeps it."""
    address_file = settings.data_dir / "run" / ADDRESS_FILES["at_base_url"]
    log = settings.data_dir / "log" / "simulator.jsonl"
    port = free_port([free for free in PORTS if free != settings.port])
    return Child(
        "simulator",
        (
            *(sys.executable, "-m", "simulator", "serve", "--port", str(port)),
            *("--address-file", str(address_file), "--log", str(log)),
        ),
        env={
            "SIM_APP": f"{local(settings)}/at/{settings.webhook_secrets[0]}",
            "SIM_API_KEY": settings.at_api_key,
            "SIM_USERNAME": settings.at_username,
            "SIM_SHORTCODE": settings.shortcode,
            "SIM_SERVICE_CODE": settings.service_code,
        },
        stranger=True,
    )


def local(settings: Settings) -> str:
    """The address of our web server as this machine reaches it."""
    host = "127.0.0.1" if settings.host in EVERYWHERE else settings.host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
