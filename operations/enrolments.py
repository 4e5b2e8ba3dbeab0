"""Enrolments: the phones that may act for a centre, at most three, and how another one is added.

The first is enrolled by the director's one-time password, on the phone it was sent to. Each later one needs
the centre's password and a code that goes to the phones already enrolled, so none is added behind their back.
"""

import hmac
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models.accounts import Account
from models.centres import CentrePhone, Enrolment
from operations import audits, grants, notices, subscribers
from operations.office import Actor, Office
from operations.refusals import Refusal
from telephony import phones, references

MOST_PHONES = 3
LIFE = timedelta(minutes=15)
MOST_WRONG = 5
DAY = timedelta(days=1)
MOST_A_DAY = 3
DIGITS: Final = 6


def code(office: Office, enrolment_id: int | str) -> str:
    """The 6 digits of an enrolment."""
    return office.digits(DIGITS, "enrolment", enrolment_id)


def read_code(typed: str) -> str:
    """The 6 digits as somebody types them, `656 365` or `656-365`; raises Refusal `centre.six_digits`."""
    try:
        digits = references.read_digits(typed)
    except references.BadReference:
        digits = ""
    if len(digits) != DIGITS:
        raise Refusal("centre.six_digits")
    return digits


def enrolled(db: Session, centre_code: str) -> list[str]:
    """The phones that may act for this centre, the longest enrolled first."""
    mine = (CentrePhone.centre_code == centre_code, CentrePhone.removed_at.is_(None))
    return list(db.scalars(select(CentrePhone.phone).where(*mine).order_by(CentrePhone.id)))


def rows(db: Session, centre_code: str) -> list[CentrePhone]:
    """The same with their rows, as a list shows them."""
    mine = (CentrePhone.centre_code == centre_code, CentrePhone.removed_at.is_(None))
    return list(db.scalars(select(CentrePhone).where(*mine).order_by(CentrePhone.id)))


def person(db: Session, by: Actor) -> dict[str, str]:
    """Whose phone acts, as the audit trail names them, where its owner has an account of their own."""
    own = select(Account.id).where(Account.phone == by.phone, Account.centre_code.is_(None))
    found = db.scalar(own) if by.phone else None
    return {"person": f"account:{found}"} if found else {}


def centre_of(db: Session, phone: str) -> list[str]:
    """The centres that this phone may act for."""
    mine = (CentrePhone.phone == phone, CentrePhone.removed_at.is_(None))
    return list(db.scalars(select(CentrePhone.centre_code).where(*mine).order_by(CentrePhone.centre_code)))


def ask(db: Session, account: Account, phone: str, *, now: datetime) -> Enrolment:
    """Let this phone wait for a code, and send that to every enrolled phone; asked again, the same code.

    Raises a Refusal where the centre has no phone yet, or three, or was asked too often today.
    """
    centre = account.centre_code or ""
    known = enrolled(db, centre)
    if not known:
        raise Refusal("centre.no_phone_yet")
    if len(known) >= MOST_PHONES:
        raise Refusal("centre.three_phones")
    waiting = live(db, centre, phone, now=now)
    if waiting is None:
        refuse_many(db, centre, phone, now=now)
        waiting = Enrolment(centre_code=centre, phone=phone, expires_at=now + LIFE)
        db.add(waiting)
        db.flush()
    for other in known:
        facts = {"enrolment": str(waiting.id), "new_phone": phones.mask(phone), "centre_code": centre}
        key = f"enrolment:{waiting.id}:{other}"
        notices.queue(
            db, "code", "centre.enrolment_code", other, now=now, key=key, account_id=account.id, **facts
        )
    return waiting


def live(db: Session, centre: str, phone: str, *, now: datetime) -> Enrolment | None:
    """The enrolment that this phone may still complete."""
    mine = (Enrolment.centre_code == centre, Enrolment.phone == phone, Enrolment.used_at.is_(None))
    alive = (Enrolment.expires_at > now, Enrolment.wrong < MOST_WRONG)
    newest = select(Enrolment).where(*mine, *alive).order_by(Enrolment.id.desc()).limit(1)
    return db.scalars(newest.execution_options(populate_existing=True)).first()


def tries_left(db: Session, account: Account, phone: str, *, now: datetime) -> int:
    """How many more wrong codes this phone may type before its enrolment ends."""
    waiting = live(db, account.centre_code or "", phone, now=now)
    return MOST_WRONG - waiting.wrong if waiting else 0


def refuse_many(db: Session, centre: str, phone: str, *, now: datetime) -> None:
    """Refuse a phone that asked for too many codes within a day."""
    recent = (Enrolment.centre_code == centre, Enrolment.phone == phone)
    day = Enrolment.created_at > now - DAY
    asked = db.scalar(select(func.count()).select_from(Enrolment).where(*recent, day)) or 0
    if asked >= MOST_A_DAY:
        raise Refusal("centre.too_many_codes")


def answer(db: Session, office: Office, account: Account, typed: str, *, by: Actor, now: datetime) -> str:
    """What this code does for the phone that acts: `enrolled`, `wrong` or `ended`. No guess raises.

    Answers for one centre take turns: the wrong ones are all counted, and a fourth phone is never let in.
    """
    centre = account.centre_code or ""
    db.execute(select(Account.id).where(Account.id == account.id).with_for_update())
    waiting = live(db, centre, by.phone or "", now=now)
    if waiting is None or len(enrolled(db, centre)) >= MOST_PHONES:
        return "ended"
    if not hmac.compare_digest(code(office, waiting.id).encode(), typed.encode()):
        waiting.wrong += 1
        return "wrong" if waiting.wrong < MOST_WRONG else "ended"
    waiting.used_at = now
    enrol(db, account, waiting.phone, by=by, now=now)
    return "enrolled"


def enrol(db: Session, account: Account, phone: str, *, by: Actor, now: datetime) -> None:
    """Let this phone act for the centre and tell all its phones; where there are three, the oldest goes.

    Only the director's one-time password comes here with three enrolled. Enrolling twice changes nothing.
    """
    centre = account.centre_code or ""
    db.execute(select(Account.id).where(Account.id == account.id).with_for_update())
    known = enrolled(db, centre)
    if phone in known:
        return
    if len(known) >= MOST_PHONES:
        remove(db, centre, known[0], by=by, now=now)
    db.add(CentrePhone(centre_code=centre, phone=phone, enrolled_by=by.name))
    subscribers.meet(db, phone, "en")
    whose = person(db, by)
    audits.record(db, "centre.enrol", f"centre:{centre}", by=by, phone=phones.mask(phone), **whose)
    db.flush()
    for other in enrolled(db, centre):
        said = {"new_phone": phones.mask(phone), "centre_code": centre}
        notices.queue(db, "code", "centre.phone_enrolled", other, now=now, account_id=account.id, **said)


def remove(db: Session, centre: str, phone: str, *, by: Actor, now: datetime) -> bool:
    """This phone may no longer act for the centre; it is told. False where it could not before."""
    mine = (CentrePhone.centre_code == centre, CentrePhone.phone == phone, CentrePhone.removed_at.is_(None))
    gone = db.scalars(update(CentrePhone).where(*mine).values(removed_at=now).returning(CentrePhone.id)).all()
    if gone:
        end_waiting(db, centre, now=now)
        whose = person(db, by)
        audits.record(db, "centre.remove_phone", f"centre:{centre}", by=by, phone=phones.mask(phone), **whose)
        notices.queue(db, "code", "centre.phone_removed", phone, now=now, centre_code=centre)
        if phone != by.phone:  # the edge ends its USSD session once this is committed
            db.info.setdefault("ended", set()).add(phone)
    return bool(gone)


def end_waiting(db: Session, centre: str, *, now: datetime) -> None:
    """No code that was sent before opens anything: who may act for the centre has changed."""
    waiting = update(Enrolment).where(Enrolment.centre_code == centre, Enrolment.used_at.is_(None))
    db.execute(waiting.values(used_at=now))


def drop(db: Session, account_id: int, phone: str, *, by: Actor, now: datetime) -> None:
    """The centre itself takes a phone off its list; all its phones are told. Twice changes nothing.

    Raises Refusal `centre.last_phone`: the last one stays. Credentials that went to the phone that goes are
    spent, and the next ones go to the phone that was enrolled longest.
    """
    locked = select(Account).where(Account.id == account_id).with_for_update()
    account = db.scalars(locked.execution_options(populate_existing=True)).one()
    centre = account.centre_code or ""
    stay = [other for other in enrolled(db, centre) if other != phone]
    if not stay:
        raise Refusal("centre.last_phone")
    let_go(db, account, phone, stay[0], by=by, now=now)


def let_go(db: Session, account: Account, phone: str, heir: str, *, by: Actor, now: datetime) -> None:
    """Take a phone off and tell the others; what was sent to it opens nothing, later ones go to `heir`."""
    centre = account.centre_code or ""
    gone = remove(db, centre, phone, by=by, now=now)
    if account.phone == phone:
        grants.spend(db, account.id, now=now)
        account.phone = heir
    for other in enrolled(db, centre) if gone else ():
        said = {"new_phone": phones.mask(phone), "centre_code": centre}
        notices.queue(db, "code", "centre.phone_gone", other, now=now, account_id=account.id, **said)


def of_phone(db: Session, phone: str) -> list[str]:
    """The centres that this phone acts for, or whose credentials were sent to it."""
    mine = select(Account.centre_code).where(Account.phone == phone, Account.centre_code.is_not(None))
    return sorted({*centre_of(db, phone), *(code for code in db.scalars(mine) if code)})


def quit_all(db: Session, phone: str, moved_to: str, *, by: Actor, now: datetime) -> list[str]:
    """Take a phone that may be in a stranger's hands off every centre, a last one too; answers their codes.

    It enrols nothing that it waits for. A centre without another phone is the director's to issue anew.
    """
    centres = of_phone(db, phone)
    for code in centres:
        locked = select(Account).where(Account.centre_code == code).with_for_update()
        account = db.scalars(locked.execution_options(populate_existing=True)).one()
        stay = [other for other in enrolled(db, code) if other != phone]
        let_go(db, account, phone, stay[0] if stay else moved_to, by=by, now=now)
    waiting = update(Enrolment).where(Enrolment.phone == phone, Enrolment.used_at.is_(None))
    db.execute(waiting.values(used_at=now))
    return centres
