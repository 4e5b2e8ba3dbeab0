"""The declaration form: agreed on the phone, once a deployment, to words of a known version."""

from datetime import datetime
from typing import Final

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.deployments import Declaration
from operations import audits, deployments
from operations.office import Actor
from operations.refusals import Refusal

# The version of the words of menus/tree/declaration.yaml and of the printed form; change both together.
VERSION: Final = "2026-11"


def agree(db: Session, deployment_id: int, version: str, *, by: Actor, now: datetime) -> Declaration:
    """Write down that the person agreed to these words; agreeing twice is the same answer.

    The caller has seen the person's password. Only what was accepted is declared for.
    """
    post = deployments.hold(db, deployment_id)
    known = of(db, deployment_id)
    if known is not None:
        return known
    deployments.refuse_ended(post)
    if post.state != "accepted":
        raise Refusal("declaration.accept_first")
    row = insert(Declaration).values(
        deployment_id=deployment_id, version=version, channel=by.channel, agreed_at=now
    )
    audits.record(db, "declaration.agree", deployments.subject(deployment_id), by=by, version=version)
    return db.scalars(row.returning(Declaration)).one()


def of(db: Session, deployment_id: int) -> Declaration | None:
    """What was agreed to, if it was."""
    return db.get(Declaration, deployment_id)
