"""What a command works with: the open service, one transaction, and refusals in words."""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import current_app
from sqlalchemy.orm import Session

from menus.wording import Wording
from models.accounts import Account
from operations import accounts
from operations.office import Actor
from operations.refusals import Refusal
from telephony import phones
from ussd_app.service import Service


def whoever() -> str:
    """Who sits at this terminal, by their user name; by its number where the machine knows no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid-{os.getuid()}"


by_option = click.option(
    "--by", default=whoever, help="Whose act this is, for the audit trail (your user name)."
)
by_required = click.option("--by", required=True, help="Whose act this is, for the audit trail.")


def open_desk() -> Service:
    """The service of this command; ends the command where the embedded servers do not run."""
    service = current_app.extensions.get("cp2")
    if not isinstance(service, Service):
        raise click.ClickException("The embedded servers are not running. Start them with: make run")
    return service


def operator(name: str) -> Actor:
    """Somebody at a terminal, by one spelling of the name; ends the command where there is none."""
    plain = " ".join(name.split())
    if not plain:
        raise click.ClickException("Say whose act this is: --by and a name.")
    return Actor(f"staff:{plain}", "command")


@contextmanager
def changing() -> Iterator[Session]:
    """One transaction of a command; a refusal ends the command in words, and nothing was changed."""
    service = open_desk()
    try:
        with service.stores.transaction() as db:
            yield db
            rings, ended = set(db.info.pop("rings", ())), set(db.info.pop("ended", ()))
    except Refusal as refusal:
        raise click.ClickException(said(refusal)) from None
    service.sessions.end(ended)
    for lane in rings:
        service.ring(lane)


def said(refusal: Refusal) -> str:
    """A refusal in English."""
    service = open_desk()
    wording = Wording(service.library.live()[1].words, service.office)
    return wording.sms(refusal.code, "en", refusal.values)


def number(typed: str) -> str:
    """A Kenyan mobile number, in whatever form; ends the command where it is none."""
    try:
        return phones.read(typed)
    except phones.BadPhone:
        raise click.ClickException(f"{typed} is not a Kenyan mobile number.") from None


def account_of(db: Session, typed: str) -> Account:
    """The account of the person with this number; ends the command where there is none."""
    account = accounts.by_phone(db, number(typed))
    if account is None:
        raise click.ClickException("No account has that number.")
    return account
