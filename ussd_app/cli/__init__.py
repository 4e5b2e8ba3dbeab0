"""The `flask --app wsgi …` commands, a module a group."""

from functools import partial
from typing import Any

import click
import redis
from flask import Flask
from sqlalchemy.exc import OperationalError

from ussd_app.cli import (
    advertise,
    approve,
    database,
    deploy,
    doctor,
    imports,
    menus,
    notify,
    pay,
    people,
    review,
    series,
    setup,
    staff,
)

ADVICE = "What is wrong, and how to mend it: flask --app wsgi doctor"


def register(app: Flask) -> None:
    """Every command there is, written out."""
    for command in (
        advertise.advertise,
        approve.approve,
        database.db,
        deploy.deploy,
        doctor.doctor,
        imports.imports,
        menus.menus,
        notify.notify,
        pay.pay,
        people.people,
        review.review,
        series.series,
        setup.setup,
        staff.staff,
    ):
        command.invoke = partial(in_words, type(command), command)  # type: ignore[method-assign]
        app.cli.add_command(command)


def in_words(kind: type[click.Command], command: click.Command, context: click.Context) -> Any:
    """Run a command; a server that does not answer ends it in one line and not in a driver's own words."""
    try:
        return kind.invoke(command, context)
    except OperationalError as error:
        raise click.ClickException(f"The database fails: {first_line(error.orig)}. {ADVICE}") from None
    except redis.RedisError as error:
        raise click.ClickException(f"Redis or Valkey fails: {first_line(error)}. {ADVICE}") from None


def first_line(error: BaseException | None) -> str:
    """What an error says first, without its full stop."""
    return (str(error).splitlines() or [""])[0].strip().rstrip(".:")
