"""Deployments: a post is offered, accepted or declined, and may be replaced or cancelled.

Locks are taken in one order: the people first (as for applications), then the centre's roster, the
application, the vacancy last. So two answers to one offer take turns: one holds, and the other is told.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.accounts import Account
from models.deployments import DEPLOYED, Deployment
from operations import applications, audits, confirmations, documents, notices, postings, rules, vacancies
from operations.deployment_facts import CARRY as CARRY
from operations.deployment_facts import DeploymentFacts as DeploymentFacts
from operations.deployment_facts import day_of, gather
from operations.deployment_facts import facts as facts
from operations.office import Actor
from operations.office import now as office_now
from operations.postings import Terms
from operations.refusals import Refusal
from telephony import references

KIND: Final = "DP"
# What a decline asks; the first letters of an SMS may say the same.
REASONS: Final = ("too_far", "sick", "own_child", "other")
# Why an answer comes too late, by the state that holds.
HELD: Final = {
    "declined": "deployment.was_declined",
    "replaced": "deployment.taken_back",
    "cancelled": "deployment.taken_back",
}


def offer(
    db: Session,
    account_id: int,
    series_id: int,
    centre_code: str,
    position: str,
    *,
    application_id: int | None = None,
    reporting_at: datetime | None = None,
    report_to: str = "",
    carry: str = CARRY,
    by: Actor,
    now: datetime,
) -> Deployment:
    """Offer somebody a post and tell them; the same post again is the offer that stands, told once.

    It fills their application's place where that fits, else a place advertised for it, if there is any.
    """
    applications.take_turns(db, account_id)
    standing = live(db, account_id, series_id)
    if standing is not None:
        return same_post(db, standing, centre_code, position)
    terms = Terms(account_id, series_id, centre_code, position, reporting_at, report_to, carry)
    values = postings.settle(db, terms, now=now)
    values |= postings.claim(db, terms, application_id, by=by, now=now)
    return enter(db, values, by=by, now=now)


def same_post(db: Session, standing: Deployment, centre_code: str, position: str) -> Deployment:
    """The deployment that stands, where it is this very post; any other one is refused."""
    if (standing.centre_code, standing.position) == (centre_code, position):
        return standing
    post = facts(db, standing.id)
    raise Refusal("deployment.elsewhere", duty_exam=post.series, duty_reference=post.reference)


def enter(db: Session, values: dict[str, object], *, by: Actor, now: datetime) -> Deployment:
    """Write the offer down, and tell the person how to answer."""
    made = None
    while made is None:  # a reference that is taken is drawn again
        row = insert(Deployment).values(reference=references.make(KIND), **values)
        unique = row.on_conflict_do_nothing(index_elements=["reference"])
        made = db.scalars(unique.returning(Deployment)).first()
    audits.record(db, "deployment.offer", subject(made.id), by=by, roster_no=str(made.roster_no))
    tell(db, made, "deployment.offered", now=now, confirmation=str(code_for(db, made, now=now)))
    return made


def code_for(db: Session, post: Deployment, *, now: datetime) -> int:
    """The confirmation by which this phone may answer its offer at once, until it is time to report."""
    phone = db.get_one(Account, post.account_id).phone
    life = max(post.reporting_at - now, confirmations.LIFE)
    return confirmations.ask(db, phone, "accept", now=now, life=life, deployment=str(post.id)).id


def accept(db: Session, deployment_id: int, *, by: Actor, now: datetime) -> Deployment:
    """Accept the offer; accepting twice is the same answer."""
    post = hold(db, deployment_id)
    if post.state == "accepted":
        return post
    refuse_ended(post)
    if post.last_day < day_of(now):
        raise Refusal("deployment.over")
    post.state, post.answered_at = "accepted", now
    audits.record(db, "deployment.accept", subject(post.id), by=by)
    return post


def decline(db: Session, deployment_id: int, reason: str, *, by: Actor, now: datetime) -> Deployment:
    """Decline the offer and free its place; declining twice is the same answer, and may add the reason.

    What was accepted is declined through the director only, and before its first day.
    """
    post = hold(db, deployment_id)
    if post.state == "declined":
        post.reason = post.reason or reason or None
        return post
    refuse_ended(post)
    if post.state == "accepted" and by.phone:
        raise Refusal("deployment.see_director")
    if post.state == "accepted" and post.first_day <= day_of(now):
        raise Refusal("deployment.begun")
    post.state, post.answered_at = "declined", now
    undo(db, post, reason, by=by, now=now)
    if by.phone is None:
        tell(db, post, "deployment.declined_for_you", now=now)
    return post


def replace(
    db: Session, deployment_id: int, account_id: int, reason: str, *, by: Actor, now: datetime
) -> Deployment:
    """Take the post from one person, who is told, and offer it to another under a new roster number."""
    before = db.get_one(Deployment, deployment_id)
    for person in sorted({before.account_id, account_id}):
        applications.take_turns(db, person)
    after = select(Deployment).where(
        Deployment.replaces_id == deployment_id, Deployment.account_id == account_id
    )
    done = db.scalars(after).first()
    if done is not None:
        return done
    if before.account_id == account_id:
        raise Refusal("deployment.same_person")
    if live(db, account_id, before.series_id):
        raise Refusal("deployment.busy")
    post = hold(db, deployment_id)
    refuse_ended(post)
    terms = postings.again(post, account_id, now=now)
    values = postings.settle(db, terms, now=now)
    post.state = "replaced"
    undo(db, post, reason, by=by, now=now)
    tell(db, post, "deployment.replaced", now=now)
    values |= postings.claim(db, terms, None, vacancy_id=post.vacancy_id, by=by, now=now)
    return enter(db, values | {"replaces_id": post.id}, by=by, now=now)


def cancel(db: Session, deployment_id: int, reason: str, *, by: Actor, now: datetime) -> Deployment:
    """Take the deployment back without another; the person is told. Cancelling twice changes nothing."""
    post = hold(db, deployment_id)
    if post.state == "cancelled":
        return post
    refuse_ended(post)
    post.state = "cancelled"
    undo(db, post, reason, by=by, now=now)
    tell(db, post, "deployment.cancelled", now=now)
    return post


# -- what a person has -------------------------------------------------------------------------------


def mine(db: Session, account_id: int) -> list[DeploymentFacts]:
    """Every deployment of a person: live ones first, then the newest."""
    return gather(db, Deployment.account_id == account_id)


def own(db: Session, account_id: int | None, deployment_id: int) -> DeploymentFacts:
    """This deployment, if it is this person's; a Refusal `deployment.none` for any other."""
    found = gather(db, Deployment.account_id == account_id, Deployment.id == deployment_id)
    if not found:
        raise Refusal("deployment.none")
    return found[0]


def by_reference(db: Session, typed: str) -> Deployment:
    """The deployment of a typed reference; a Refusal `deployment.none` where there is none."""
    try:
        reference = references.read(typed, KIND)
    except references.BadReference:
        raise Refusal("deployment.none") from None
    found = db.scalars(select(Deployment).where(Deployment.reference == reference)).first()
    if found is None:
        raise Refusal("deployment.none")
    return found


def live(db: Session, account_id: int, series_id: int) -> Deployment | None:
    """The person's live deployment in this series."""
    mine_here = (Deployment.account_id == account_id, Deployment.series_id == series_id)
    return db.scalars(select(Deployment).where(*mine_here, Deployment.state.in_(DEPLOYED))).first()


def current(db: Session, account_id: int) -> Deployment | None:
    """The live deployment that matters now: the next to begin or under way, else the last that was served."""
    rows = select(Deployment).where(Deployment.account_id == account_id, Deployment.state.in_(DEPLOYED))
    today = day_of(office_now(db))
    posts = sorted(db.scalars(rows), key=lambda post: (post.first_day, post.id))
    ahead = [post for post in posts if post.last_day >= today]
    return ahead[0] if ahead else posts[-1] if posts else None


# -- the pieces that the verbs are made of -----------------------------------------------------------


def hold(db: Session, deployment_id: int) -> Deployment:
    """The deployment as it is once nobody else can change it: whoever does takes the person's turn first."""
    account_id = db.scalar(select(Deployment.account_id).where(Deployment.id == deployment_id))
    if account_id is None:
        raise Refusal("deployment.none")
    applications.take_turns(db, account_id)
    return db.get_one(Deployment, deployment_id, populate_existing=True)


def refuse_ended(post: Deployment) -> None:
    """What has ended stays as it ended."""
    if post.state not in DEPLOYED:
        raise Refusal(HELD[post.state])


def undo(db: Session, post: Deployment, reason: str, *, by: Actor, now: datetime) -> None:
    """After the state has changed: keep the reason, free the place, and let its documents speak no more."""
    post.reason, post.ended_at = reason or None, now
    audits.record(db, f"deployment.{post.state}", subject(post.id), by=by, reason=reason)
    documents.revoke(db, post.id, by=by, now=now)
    if reason == "own_child":
        rules.declare_interest(db, post.account_id, post.centre_code, reason, by=by, now=now)
    if post.application_id is not None:
        applications.release(db, post.application_id, post.state, by=by, now=now)
    elif post.vacancy_id is not None:
        vacancies.free_place(db, post.vacancy_id)


def tell(db: Session, post: Deployment, words: str, *, now: datetime, **more: str) -> None:
    """Tell the person, once a deployment and words."""
    told = gather(db, Deployment.id == post.id)[0]
    values = {**told.said(), **more}
    key = f"{words}:{post.id}"
    notices.queue(db, "notice", words, told.phone, now=now, account_id=told.account_id, key=key, **values)


def subject(deployment_id: int) -> str:
    """What the audit trail calls it."""
    return f"deployment:{deployment_id}"
