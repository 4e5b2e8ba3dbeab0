"""`flask --app wsgi deploy …`: who serves where; each command is a thin call of the operations."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from models.accounts import Account
from models.deployments import DEPLOYED, UNDONE, Deployment
from models.series import POSITIONS
from operations import accounts, applications, deployment_facts, deployments, series
from operations.deployment_facts import DeploymentFacts, day_of
from operations.imports_cells import BadCell
from operations.imports_deployments import Deployments, moment
from operations.office import Actor, now
from operations.refusals import Refusal
from telephony import phones
from ussd_app.cli.desk import by_required, changing, open_desk, operator, said
from ussd_app.cli.imports import options, read_in

Act = Callable[[Session, Actor, datetime], Deployment]

why = click.option("--reason", required=True, help="Why; kept with the deployment.")


@click.group("deploy")
def deploy() -> None:
    """Deployments: offer posts, replace, decline on somebody's behalf, cancel, list."""


@deploy.command("person")
@click.argument("phone")
@click.option("--centre", required=True, help="The centre's 8 digits.")
@click.option("--position", required=True, type=click.Choice(POSITIONS))
@click.option("--exam", required=True, help="For example KCSE.")
@click.option("--year", required=True, type=int)
@click.option("--report", default="", help="When to report: 2026-10-16T07:00 (seven on the first day).")
@click.option("--report-to", default="", help="To whom (the Sub-County Director).")
@click.option("--carry", default=deployments.CARRY, help="What to carry.")
@click.option("--application", default="", help="The application this answers, AP-…")
@by_required
@with_appcontext
def person(
    phone: str, centre: str, position: str, exam: str, year: int, report: str, by: str, **more: Any
) -> None:
    """Offer a post to the account of this phone."""

    def act(db: Session, actor: Actor, moment: datetime) -> Deployment:
        asked = more.pop("application")
        return deployments.offer(
            *(db, whose(db, phone), series.named(db, exam, year).id, centre, position),
            application_id=applications.by_reference(db, asked).id if asked else None,
            reporting_at=when(report),
            by=actor,
            now=moment,
            **more,
        )

    carried_out(act, by)


@deploy.command("file")
@options
@click.option("--exam", required=True, help="For example KCSE.")
@click.option("--year", required=True, type=int)
@with_appcontext
def from_file(exam: str, year: int, **given: Any) -> None:
    """Offer many posts (phone or reference, centre, position; reporting, report_to, carry).

    A row that stands already changes nothing, so a file that was stopped is started again.
    """
    read_in(Deployments(exam, year, said), **given)


@deploy.command("replace")
@click.argument("reference")
@click.argument("phone")
@why
@by_required
@with_appcontext
def replace(reference: str, phone: str, reason: str, by: str) -> None:
    """Take the post from whoever has it, who is told, and offer it to the account of this phone."""

    def act(db: Session, actor: Actor, moment: datetime) -> Deployment:
        before, after = deployments.by_reference(db, reference).id, whose(db, phone)
        return deployments.replace(db, before, after, told(reason), by=actor, now=moment)

    carried_out(act, by)


@deploy.command("cancel")
@click.argument("reference")
@why
@by_required
@with_appcontext
def cancel(reference: str, reason: str, by: str) -> None:
    """Take a deployment back; the person is told not to report."""
    end(deployments.cancel, reference, reason, by)


@deploy.command("decline")
@click.argument("reference")
@why
@by_required
@with_appcontext
def decline(reference: str, reason: str, by: str) -> None:
    """Decline for somebody who came to the director, also after accepting, before the first day."""
    end(deployments.decline, reference, reason, by)


@deploy.command("list")
@click.option("--exam", default="")
@click.option("--year", type=int)
@click.option("--centre", default="", help="The centre's 8 digits.")
@click.option("--position", type=click.Choice(POSITIONS), default=None)
@click.option("--state", type=click.Choice((*DEPLOYED, *UNDONE)), default=None)
@click.option("--most", type=click.IntRange(1, 5000), default=200, help="So many lines.")
@with_appcontext
def listed(position: str | None, state: str | None, **asked: Any) -> None:
    """Who is deployed where, live ones first; numbers are masked."""
    with open_desk().stores.sessions() as db:
        found = deployment_facts.listed(db, position=position or "", state=state or "", **asked)
    for post in found:
        click.echo(line(post))
    click.echo(f"{len(found)} deployments.")


def line(post: DeploymentFacts) -> str:
    """One deployment on one line."""
    place = f"{post.centre_code} {post.centre} no. {post.roster_no}"
    why = f" ({post.reason})" if post.reason else ""
    who = f"{post.name or '-'} {phones.mask(post.phone)}"
    form = "  declared" if post.declared else ""
    reporting = day_of(post.reporting_at)
    state = f"{post.state}{why}{form}"
    return f"{post.reference}  {post.series} {post.position}  {place}  {who}  {reporting}  {state}"


# -- what the commands share -------------------------------------------------------------------------


def carried_out(act: Act, by: str) -> None:
    """Do it in one transaction and say what stands; what is refused ends the command in its own words."""
    with changing() as db:
        post = act(db, operator(by), now(db))
        facts = deployment_facts.facts(db, post.id)
    click.echo(line(facts))


def end(verb: Callable[..., Deployment], reference: str, reason: str, by: str) -> None:
    """Cancel or decline the deployment of this reference, with the reason."""

    def act(db: Session, actor: Actor, moment: datetime) -> Deployment:
        number = deployments.by_reference(db, reference).id
        return verb(db, number, told(reason), by=actor, now=moment)

    carried_out(act, by)


def whose(db: Session, typed: str) -> int:
    """The account of a phone."""
    try:
        account: Account | None = accounts.by_phone(db, phones.read(typed))
    except phones.BadPhone as bad:
        raise Refusal(bad.code) from None
    if account is None:
        raise Refusal("deployment.no_account")
    return account.id


def when(typed: str) -> datetime | None:
    """A reporting time, in Nairobi unless it says otherwise."""
    try:
        return moment(typed) if typed else None
    except BadCell as fault:
        raise click.BadParameter(str(fault), param_hint="--report") from None


def told(reason: str) -> str:
    """A reason that says something."""
    plain = " ".join(reason.split())
    if not plain:
        raise Refusal("deployment.no_reason")
    return plain
