"""`flask --app wsgi approve …`: who waits for the council, and its decision, one by one or many at once."""

import click
from flask.cli import with_appcontext

from models.people import KINDS
from models.registers import STANDINGS, Eligibility
from operations import approvals, duties, eligibility
from operations.office import now
from telephony import phones
from ussd_app.cli.desk import changing, open_desk, operator

# What a register can have said; `unchecked` is nobody's to approve in bulk.
FOUND = ("verified", "mismatch", "not_found")

by_whom = click.option("--by", required=True, help="Whose decision this is.")


@click.group("approve")
def approve() -> None:
    """Approve people as contracted professionals, or not."""


@approve.command("list")
@click.option("--kind", type=click.Choice(KINDS), default=None)
@click.option("--match", type=click.Choice(FOUND), default=None, help="What the register says.")
@click.option("--standing", type=click.Choice(STANDINGS), default="waiting")
@click.option("--most", type=click.IntRange(1, 1000), default=50, help="So many lines.")
@with_appcontext
def listed(kind: str | None, match: str | None, standing: str, most: int) -> None:
    """Who waits longest, with the register's name and how like it theirs is; numbers are masked."""
    chosen = {"standing": standing, "kind": kind or "", "match": match or ""}
    with open_desk().stores.sessions() as db:
        people, count = approvals.listed(db, **chosen, most=most), approvals.counted(db, **chosen)
    for row, phone in people:
        click.echo(line(row, phone))
    click.echo(f"{len(people)} of {count} {standing}.")


def line(row: Eligibility, phone: str) -> str:
    """One person on one line."""
    said = row.match + (f" ({row.differs})" if row.differs else "")
    theirs = f" = {row.register_name} ({row.similarity}%)" if row.register_name else ""
    head = f"account:{row.account_id}  {phones.mask(phone)}  ID ***{row.national_id[-3:]}"
    return f"{head}  {row.kind}  {said}  {row.name}{theirs}  since {duties.local(row.asked_at)}"


@approve.command("person")
@click.argument("who")
@by_whom
@with_appcontext
def person(who: str, by: str) -> None:
    """Approve one: by phone, username, or `account:12` as the list shows it."""
    with changing() as db:
        row = eligibility.approve(db, approvals.whom(db, who), by=operator(by), now=now(db))
    click.echo(f"account:{row.account_id} is approved as {row.kind}.")


@approve.command("reject")
@click.argument("who")
@click.option("--reason", required=True, help="Why, in the SMS to them: at most 60 letters.")
@by_whom
@with_appcontext
def reject(who: str, reason: str, by: str) -> None:
    """Reject one, with the reason that they are told."""
    with changing() as db:
        row = eligibility.reject(db, approvals.whom(db, who), reason, by=operator(by), now=now(db))
    click.echo(f"account:{row.account_id} is rejected: {row.reason}")


@approve.command("all")
@click.option("--kind", type=click.Choice(KINDS), required=True)
@click.option("--match", type=click.Choice(FOUND), default="verified", help="What the register says.")
@by_whom
@with_appcontext
def everybody(kind: str, match: str, by: str) -> None:
    """Approve all who wait, of a kind and match; those who share a national ID are left to be looked at."""
    count, done = 0, 1
    while done:
        with changing() as db:
            done = approvals.approve_all(db, kind, match, by=operator(by), now=now(db))
        count += done
    with open_desk().stores.sessions() as db:
        left = approvals.counted(db, kind=kind, match=match)
    click.echo(f"{count} approved." + (f" {left} left: their national ID is claimed twice." if left else ""))
