"""What a command works with: the open service, or a clear word why there is none."""

import click
from flask import current_app

from operations.office import Actor
from ussd_app.service import Service


def open_desk() -> Service:
    """The service of this command; ends the command where the embedded servers do not run."""
    service = current_app.extensions.get("cp2")
    if not isinstance(service, Service):
        raise click.ClickException("The embedded servers are not running. Start them with: make run")
    return service


def operator(name: str) -> Actor:
    """Somebody at a terminal."""
    return Actor(f"staff:{name}", "command")
