"""Applications: asked for, withdrawn, reviewed and released; each live one holds a place of its vacancy.

Locks are taken in one order, so that no two acts wait for each other: the person's account first, so that
the acts of one person take turns, whatever phones they come from; then their application; the vacancy last,
for many want that row and it is held until the commit. Whoever decides on many people commits one by one.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.accounts import Account
from models.applications import LIVE, Application
from models.deployments import DEPLOYED, Deployment
from models.series import Vacancy
from operations import audits, eligibility, forms, notices, posts, rules, vacancies
from operations.office import Actor
from operations.refusals import Refusal
from telephony import gsm7, references

KIND = "AP"
# What the person may give as the reason of a withdrawal.
WITHDRAWALS = ("wrong_position", "change_of_mind", "other")
# A rejection's reason stands in one SMS with the rest of it.
LONGEST_REASON = 60
DRAWS = 5


def apply(
    db: Session, account_id: int, vacancy_id: int, *, form_id: str, by: Actor, now: datetime
) -> Application:
    """Apply for the vacancy and take one of its places; the same form again answers what it made.

    Raises a Refusal where a rule forbids it, or the last place is gone: then the caller rolls back.
    """
    take_turns(db, account_id)
    attempt = f"{form_id}:{account_id}:{vacancy_id}"
    mine = select(Application).where(Application.form_id == attempt)
    made = db.scalars(mine.execution_options(populate_existing=True)).first()
    if made is not None:
        return made
    vacancy = db.get_one(Vacancy, vacancy_id)
    check(db, account_id, vacancy, now=now)
    application = enter(db, account_id, vacancy, attempt, by=by, now=now)
    forms.finish_all(db, account_id, "apply", now=now)
    audits.record(db, "application.apply", subject(application), by=by, vacancy=vacancy.code)
    tell(db, application, "application.received", by=by, now=now)
    if not vacancies.take_place(db, vacancy_id):
        raise Refusal("vacancy.full")
    db.refresh(application)
    return application


def check(db: Session, account_id: int, vacancy: Vacancy, *, now: datetime) -> None:
    """Raise the Refusal that says why this person may not apply for this vacancy; changes nothing."""
    eligibility.require_approved(db, account_id, now=now)
    refuse_second(db, account_id, vacancy.series_id)
    rules.check(db, account_id, vacancy, now=now)
    vacancies.require_open(db, vacancy, now=now)


def refuse_second(db: Session, account_id: int, series_id: int) -> None:
    """One live application a person and series, and none beside a deployment that came without one."""
    known = live(db, account_id, series_id)
    if known is not None:
        raise Refusal("application.live", applied_reference=known.reference)
    mine = (Deployment.account_id == account_id, Deployment.series_id == series_id)
    if db.scalar(select(Deployment.id).where(*mine, Deployment.state.in_(DEPLOYED))):
        raise Refusal("application.posted")


def enter(
    db: Session, account_id: int, vacancy: Vacancy, attempt: str, *, by: Actor, now: datetime
) -> Application:
    """Write the application down under a reference of its own; a live one that came between is refused."""
    values = {
        "account_id": account_id,
        "series_id": vacancy.series_id,
        "vacancy_id": vacancy.id,
        "form_id": attempt,
        "channel": by.channel,
        "applied_at": now,
    }
    for _ in range(DRAWS):
        row = insert(Application).values(reference=references.make(KIND), **values)
        entered = db.scalars(row.on_conflict_do_nothing().returning(Application)).first()
        if entered is not None:
            return entered
        refuse_second(db, account_id, vacancy.series_id)
    raise RuntimeError("no reference is free")


def withdraw(db: Session, application_id: int, reason: str, *, by: Actor, now: datetime) -> Application:
    """Take the application back and give its place to others; withdrawing twice changes nothing."""
    application = hold(db, application_id)
    if application.state == "withdrawn":
        return application
    refuse_held(application.state, application.reference)
    end(application, "withdrawn", reason if reason in WITHDRAWALS else "other", now=now)
    audits.record(db, "application.withdraw", subject(application), by=by, reason=application.reason or "")
    tell(db, application, "application.withdrawn", by=by, now=now)
    vacancies.free_place(db, application.vacancy_id)
    return application


def review(
    db: Session, application_id: int, accept: bool, reason: str = "", *, by: Actor, now: datetime
) -> Application:
    """The council approves or rejects; again changes nothing, and a rejection frees the place."""
    application = hold(db, application_id)
    decided = "approved" if accept else "rejected"
    if application.state == decided:
        return application
    refuse_held(application.state, application.reference)
    application.decided_at, application.decided_by = now, by.name
    if accept:
        application.state = decided
    else:
        end(application, decided, sound_reason(reason), now=now)
    audits.record(db, f"application.{'approve' if accept else 'reject'}", subject(application), by=by)
    tell(db, application, f"application.{decided}", by=by, now=now)
    if not accept:
        vacancies.free_place(db, application.vacancy_id)
    return application


def deployed(db: Session, application_id: int) -> Application:
    """The person is deployed on this application: from now on it is declined, not withdrawn."""
    application = hold(db, application_id)
    refuse_ended(application.state, application.reference)
    application.state = "deployed"
    return application


def release(db: Session, application_id: int, reason: str, *, by: Actor, now: datetime) -> Application:
    """A deployment that was declined or replaced lets its application go and frees the place, once."""
    application = hold(db, application_id)
    if application.state in LIVE:
        end(application, "released", reason, now=now)
        audits.record(db, "application.release", subject(application), by=by)
        vacancies.free_place(db, application.vacancy_id)
    return application


def live(db: Session, account_id: int, series_id: int) -> Application | None:
    """The person's live application in this series."""
    mine = (Application.account_id == account_id, Application.series_id == series_id)
    return db.scalars(select(Application).where(*mine, Application.state.in_(LIVE))).first()


def mine(db: Session, account_id: int) -> list[posts.Standing]:
    """Every application of the person with what is said of it: live ones first, then the newest ended."""
    return posts.mine(db, account_id)


def by_reference(db: Session, typed: str) -> posts.Standing:
    """The application of a typed reference, however it is spaced; raises a Refusal where there is none."""
    try:
        reference = references.read(typed, KIND)
    except references.BadReference as fault:
        mistyped = fault.code == "reference.check"
        raise Refusal("application.mistyped" if mistyped else "application.unreadable") from None
    found = db.scalars(select(Application.id).where(Application.reference == reference)).first()
    if found is None:
        raise Refusal("application.unknown", applied_reference=reference)
    return posts.standing_of(db, found)


def own(db: Session, account_id: int, typed: str) -> posts.Standing:
    """The same for its owner; somebody else's is as unknown as none."""
    standing = by_reference(db, typed)
    if standing.account_id != account_id:
        raise Refusal("application.unknown", applied_reference=standing.reference)
    return standing


# -- the pieces that the verbs are made of -----------------------------------------------------------


def take_turns(db: Session, account_id: int) -> None:
    """Hold the account until the commit, so that the acts of one person follow one another.

    It is the lock of an UPDATE that changes no key: rows that refer to the account are added meanwhile.
    """
    db.execute(select(Account.id).where(Account.id == account_id).with_for_update(key_share=True))


def hold(db: Session, application_id: int) -> Application:
    """The application as it is once nobody else can change it."""
    take_turns(db, db.scalars(select(Application.account_id).where(Application.id == application_id)).one())
    row = select(Application).where(Application.id == application_id).with_for_update(key_share=True)
    return db.scalars(row.execution_options(populate_existing=True)).one()


def refuse_ended(state: str, reference: str) -> None:
    """What has ended stays as it ended."""
    if state not in LIVE:
        words = f"@term.application.{state}"
        raise Refusal("application.ended", applied_reference=reference, applied_state=words)


def refuse_held(state: str, reference: str) -> None:
    """Only what waits or is approved may be withdrawn or decided: who is deployed declines the deployment."""
    refuse_ended(state, reference)
    if state == "deployed":
        raise Refusal("application.deployed", applied_reference=reference)


def end(application: Application, state: str, reason: str, *, now: datetime) -> None:
    """Close the application; the row stays, for its history."""
    application.state, application.reason, application.ended_at = state, reason, now


def sound_reason(reason: str) -> str:
    """A rejection's reason as it will be told: some words, not too many; raises a Refusal."""
    plain = " ".join(gsm7.fold(reason).text.split()).rstrip(".")
    if not plain or gsm7.septets(plain) > LONGEST_REASON:
        raise Refusal("application.reason")
    return plain


def tell(db: Session, application: Application, words: str, *, by: Actor, now: datetime) -> None:
    """Tell the person's phone and message list; who acts by SMS from that phone is answered there."""
    account = db.get_one(Account, application.account_id)
    if by.channel == "sms" and by.phone == account.phone:
        return
    values = {**posts.of(db, application.vacancy_id).values(), "applied_reference": application.reference}
    if application.state == "rejected":
        values["applied_reason"] = application.reason or ""
    key = f"{words}:{application.id}"
    notices.queue(db, "notice", words, account.phone, now=now, account_id=account.id, key=key, **values)


def subject(application: Application) -> str:
    """What the audit trail calls it."""
    return f"application:{application.id}"
