"""`flask --app wsgi review …`: the council reviews applications."""

from collections.abc import Sequence
from pathlib import Path

import click
from flask.cli import with_appcontext

from models.series import POSITIONS
from operations import reviews
from operations.imports_files import BadFile, look_through
from operations.office import Actor, now
from operations.refusals import Refusal
from operations.reviews import Decision, Wanted
from ussd_app.cli.desk import by_required, open_desk, operator, said
from ussd_app.service import Service


@click.group("review")
def review() -> None:
    """Applications: list those that wait, approve or reject them."""


@review.command("list")
@click.option("--exam", default="", help="For example KCSE.")
@click.option("--year", type=int)
@click.option("--position", type=click.Choice(POSITIONS), default=None)
@click.option("--county", default="", help="Its name or its code.")
@with_appcontext
def listed(exam: str, year: int | None, position: str | None, county: str) -> None:
    """The applications that wait for review, the oldest first."""
    with open_desk().stores.sessions() as db:
        found = reviews.waiting(db, Wanted(exam, year, position or "", county))
    for each in found:
        post = each.post
        place = f"{post.position}, {post.centre}, {post.county}"
        click.echo(f"{each.reference}  {post.exam}  {place}  {each.name} ({each.kind})")
    click.echo(f"{len(found)} waiting.")


@review.command("accept")
@click.argument("reference")
@by_required
@with_appcontext
def accept(reference: str, by: str) -> None:
    """Approve an application."""
    one(Decision(0, reference, True, ""), by)


@review.command("reject")
@click.argument("reference")
@click.option("--reason", required=True, help="Told to the person, at most 60 characters.")
@by_required
@with_appcontext
def reject(reference: str, reason: str, by: str) -> None:
    """Reject an application; its place is free again."""
    one(Decision(0, reference, False, reason), by)


@review.command("file")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@by_required
@click.option("--dry-run", is_flag=True, help="Say what would be refused, change nothing.")
@with_appcontext
def from_file(file: Path, by: str, dry_run: bool) -> None:
    """Decisions from a CSV file (reference, decision, reason); running it again changes nothing more."""
    try:
        decisions, faults = reviews.read(look_through(file))
    except BadFile as fault:
        raise click.ClickException(str(fault)) from None
    if faults:
        raise click.ClickException("\n".join(["Nothing was changed.", *faults]))
    refused = carry_out(open_desk(), decisions, operator(by), dry_run=dry_run)
    for line in refused:
        click.echo(line, err=True)
    click.echo(
        f"{len(decisions) - len(refused)} {'would be ' if dry_run else ''}decided, {len(refused)} refused."
    )
    if refused:
        raise click.exceptions.Exit(1)


def one(decision: Decision, by: str) -> None:
    """One decision, said as it ended."""
    refusal = attempt(open_desk(), decision, operator(by), dry_run=False)
    if refusal is not None:
        raise click.ClickException(said(refusal))
    click.echo(f"{decision.reference.upper()} is {'approved' if decision.accept else 'rejected'}.")


def carry_out(service: Service, decisions: Sequence[Decision], by: Actor, *, dry_run: bool) -> list[str]:
    """Every decision in a transaction of its own, so that no two people's rows are held at once."""
    refused = []
    for decision in decisions:
        refusal = attempt(service, decision, by, dry_run=dry_run)
        if refusal is not None:
            refused.append(f"line {decision.line}: {said(refusal)}")
    return refused


def attempt(service: Service, decision: Decision, by: Actor, *, dry_run: bool) -> Refusal | None:
    """Carry one decision out, or only try it; answers why it was refused."""
    with service.stores.sessions() as db:
        try:
            reviews.decide(db, decision, by=by, now=now(db))
        except Refusal as refusal:
            return refusal
        if not dry_run:
            db.commit()
            for lane in db.info.pop("rings", ()):
                service.ring(lane)
    return None
