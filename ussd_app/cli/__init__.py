"""The `flask --app wsgi …` commands, a module a group."""

from flask import Flask

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
        app.cli.add_command(command)
