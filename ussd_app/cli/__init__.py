"""The `flask --app wsgi …` commands, a module a group."""

from flask import Flask

from ussd_app.cli import database, doctor, imports, menus, setup


def register(app: Flask) -> None:
    """Every command there is, written out."""
    for command in (database.db, doctor.doctor, imports.imports, menus.menus, setup.setup):
        app.cli.add_command(command)
