"""`flask --app wsgi import …`: reference data from files."""

import csv
from pathlib import Path

import click
from flask.cli import with_appcontext

from operations import audits, contacts
from ussd_app.cli.desk import open_desk, operator

COLUMNS = ("kind", "area", "name", "phone", "email")


@click.group("import")
def imports() -> None:
    """Load reference data from a file."""


@imports.command("contacts")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", default="operator", help="Whose act this is.")
@click.option("--dry-run", is_flag=True, help="Say what is wrong with the file, change nothing.")
@with_appcontext
def import_contacts(file: Path, by: str, dry_run: bool) -> None:
    """Contacts of the council and the Sub-County Directors (CSV: kind, area, name, phone, email)."""
    with file.open(newline="", encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines))
    faults = [f"line {n}: {fault}" for n, row in enumerate(rows, 2) if (fault := fault_of(row))]
    if faults:
        raise click.ClickException("\n".join(["Nothing was loaded.", *faults]))
    if not dry_run:
        with open_desk().stores.transaction() as db:
            for row in rows:
                contacts.keep(db, *(row[column].strip() for column in COLUMNS))
            audits.record(db, "contacts.import", f"file:{file.name}", by=operator(by), rows=str(len(rows)))
    click.echo(f"{len(rows)} contacts {'are fine' if dry_run else 'loaded'}.")


def fault_of(row: dict[str, str]) -> str:
    """What is wrong with a row, or nothing."""
    missing = [column for column in COLUMNS if row.get(column) is None]
    if missing:
        return f"has no column {', '.join(missing)}"
    if row["kind"].strip() not in ("council", "director"):
        return "kind must be council or director"
    return "" if row["name"].strip() and row["phone"].strip() else "name and phone are needed"
