"""Returns: a centre hands its register in at the end of a series, and the countersigned copy comes back."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import case, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.accounts import Account
from models.centres import Return
from models.deployments import Deployment
from models.places import Centre
from models.series import Series
from operations import (
    audits,
    calendars,
    centre_accounts,
    documents,
    duties,
    enrolments,
    links,
    return_seals,
    return_sheets,
)
from operations.links import Issued
from operations.office import Actor, Office
from operations.refusals import Refusal
from operations.register_reading import REGISTERED
from operations.return_sheets import Sheet
from telephony import references

# A link to the register lives so long, for printing and countersigning.
LINK_LIVES: Final = timedelta(days=14)


@dataclass(frozen=True)
class Standing:
    """How a centre's return stands: `none`, `soon`, `due`, `changed`, `submitted` or `received`.

    One that is `changed` is due again: it was handed in, and is the register no more.
    """

    name: str
    series: Series | None = None
    returned: Return | None = None
    ends: date | None = None  # from this day on it can be submitted

    @property
    def exam(self) -> str:
        """The exam in its year; empty where there is none."""
        return f"{self.series.exam} {self.series.year}" if self.series else ""


@dataclass(frozen=True)
class Missing:
    """A centre whose register of a series that is over has not come back."""

    centre_code: str
    centre: str
    sub_county_id: int
    series_id: int
    exam: str
    handed: str  # `in`: only its countersigned copy is missing; `before`: it has changed since; or `never`


# -- how it stands -------------------------------------------------------------------------------------


def standing(db: Session, centre_code: str, *, now: datetime) -> Standing:
    """The return that concerns a centre now: what is due first, then what is on its way, then what comes."""
    found = [stands(db, *each, now=now) for each in listed(db, centre_code)]
    return min(found, key=lambda each: ORDER.index(each.name), default=Standing("none"))


ORDER: Final = ("due", "changed", "submitted", "soon", "received", "none")


def listed(db: Session, centre_code: str) -> list[tuple[Series, Return | None]]:
    """The series in which this centre has a register, and their returns; the one that ended last first."""
    posts = (Deployment.series_id == Series.id, Deployment.centre_code == centre_code)
    here = select(Deployment.id).where(*posts, Deployment.position.in_(REGISTERED)).exists()
    own = (Return.series_id == Series.id) & (Return.centre_code == centre_code)
    rows = select(Series, Return).outerjoin(Return, own).where(here).order_by(Series.ends.desc(), Series.id)
    return [(series, row) for series, row in db.execute(rows)]


def stands(db: Session, series: Series, returned: Return | None, *, now: datetime) -> Standing:
    """How one of them stands."""
    last = last_day(series)
    if returned is not None and holds(db, series, returned, now=now):
        return Standing("received" if returned.received_at else "submitted", series, returned, last)
    if duties.local(now) < last:
        return Standing("soon", series, None, last)
    return Standing("changed" if returned else "due", series, returned, last)


def holds(db: Session, series: Series, returned: Return, *, now: datetime) -> bool:
    """Whether the paper that was handed in still says what the register says, or its series is closed."""
    if series.closed_at is not None:
        return True
    return return_sheets.of(db, returned.centre_code, series, now=now).digest == returned.digest


def last_day(series: Series) -> date:
    """The last day on which something is examined; from then on the register is returned."""
    return max(calendars.exam_days(series), default=series.ends)


def reading(db: Session, number: str, *, now: datetime) -> tuple[Return, Sheet] | None:
    """The return with this number, and its register as it stands now; None where there is none."""
    row = db.scalars(select(Return).where(Return.reference == number)).first()
    if row is None:
        return None
    return row, return_sheets.of(db, row.centre_code, db.get_one(Series, row.series_id), now=now)


def missing(db: Session, sub_county_ids: Collection[int], *, now: datetime) -> list[Missing]:
    """The centres of these sub-counties whose register of an ended series is still out, or has changed.

    Two queries, and one a series.
    """
    ended = [each for each in db.scalars(select(Series).where(Series.closed_at.is_(None))) if over(each, now)]
    names = {each.id: f"{each.exam} {each.year}" for each in ended}
    seals = {each.id: return_seals.unchanged(db, each) for each in ended}
    own = (Return.series_id == Deployment.series_id) & (Return.centre_code == Deployment.centre_code)
    rows = (
        select(
            *(Centre.code, Centre.name, Centre.sub_county_id, Deployment.series_id),
            Return.reference,
        )
        .distinct()
        .join(Deployment, Deployment.centre_code == Centre.code)
        .outerjoin(Return, own)
        .where(
            duties.among(Centre.sub_county_id, sub_county_ids),
            duties.among(Deployment.series_id, names),
            *(Deployment.state == "accepted", Deployment.position.in_(REGISTERED)),
        )
        .order_by(Centre.code, Deployment.series_id)
    )
    return [
        Missing(code, name, place, number, names[number], handed(code, returned, seals[number]))
        for code, name, place, number, returned in db.execute(rows)
        if seals[number].get(code) is None
    ]


def handed(centre_code: str, reference: str | None, seals: Mapping[str, datetime | None]) -> str:
    """Whether a register was handed `in` as it stands, `before` it changed, or `never`."""
    if centre_code in seals:
        return "in"
    return "before" if reference else "never"


def over(series: Series, now: datetime) -> bool:
    """Whether the last day of a series is past."""
    return last_day(series) < duties.local(now)


# -- submitting and receiving --------------------------------------------------------------------------


def submit(
    db: Session,
    centre_code: str,
    *,
    by: Actor,
    now: datetime,
    series_id: int | None = None,
    confirmed: int = 0,
) -> Return:
    """Hand in the register of the series that is due; twice gives the same answer.

    One that has changed since is handed in again under its number, and its signed copy is awaited again.

    So many missing marks were `confirmed`. Raises Refusal `centre.not_enrolled`, `return.none`,
    `return.too_soon`, or `return.missing` where more are missing than that.
    """
    if by.phone is not None and by.phone not in enrolments.enrolled(db, centre_code):
        raise Refusal("centre.not_enrolled")
    found = meant(db, centre_code, series_id, now=now)
    if found.returned is not None and found.name != "changed":
        return found.returned
    if found.series is None:
        raise Refusal("return.none")
    if found.name == "soon":
        raise Refusal("return.too_soon", return_from=f"@date:{found.ends}")
    sheet = return_sheets.of(db, centre_code, found.series, now=now)
    lacking = sum(sheet.missing.values())
    if lacking > confirmed:
        raise Refusal("return.missing", marks_missing=str(lacking))
    return keep(db, sheet, by=by, now=now)


def meant(db: Session, centre_code: str, series_id: int | None, *, now: datetime) -> Standing:
    """The return of the series that is named, else the one that concerns the centre now."""
    if series_id is None:
        return standing(db, centre_code, now=now)
    known = [each for each in listed(db, centre_code) if each[0].id == series_id]
    return stands(db, *known[0], now=now) if known else Standing("none")


def keep(db: Session, sheet: Sheet, *, by: Actor, now: datetime) -> Return:
    """Write the return down; of two at once, the first one's is answered to both."""
    key = {"series_id": sheet.series.id, "centre_code": sheet.centre_code}
    known = db.get(Return, tuple(key.values()))
    number = known.reference if known else numbered(db, sheet)
    handed = {"digest": sheet.digest, "submitted_at": now, "submitted_by": by.name}
    row = insert(Return).values(**key, reference=number, **handed)
    anew = row.on_conflict_do_update(
        index_elements=[Return.series_id, Return.centre_code],
        set_={**handed, "received_at": None, "received_by": None},
        where=Return.digest != row.excluded.digest,
    )
    if db.scalars(anew.returning(Return.series_id)).first() is not None:
        person = enrolments.person(db, by)
        lacking = str(sum(sheet.missing.values()))
        subject = f"return:{sheet.centre_code}:{sheet.series.id}"
        audits.record(db, "return.submit", subject, by=by, reference=number, missing=lacking, **person)
    return db.get_one(Return, tuple(key.values()), populate_existing=True)


def numbered(db: Session, sheet: Sheet) -> str:
    """The number of a register that is handed in first: a document's, where somebody can open it."""
    holder = signatory(db, sheet.centre_code, sheet.series.id)
    filed = documents.file(db, holder.id, "return") if holder else None
    return filed.reference if filed else references.make(documents.PREFIX)


def receive(db: Session, centre_code: str, series_id: int, *, by: Actor, now: datetime) -> Return:
    """Record that the countersigned copy came in; twice gives the same answer.

    Raises Refusal `centre.unknown`, `director.not_yours`, `return.not_submitted`, or `return.changed` where
    the paper says what the register says no more: nobody is paid by it.
    """
    centre = db.get(Centre, centre_code)
    if centre is None:
        raise Refusal("centre.unknown", centre_code=centre_code)
    centre_accounts.require_charge(db, centre, by=by)
    row = db.get(Return, (series_id, centre_code), with_for_update=True, populate_existing=True)
    if row is None:
        raise Refusal("return.not_submitted", centre_code=centre_code)
    if not holds(db, db.get_one(Series, series_id), row, now=now):
        raise Refusal("return.changed", centre_code=centre_code)
    if row.received_at is None:
        row.received_at, row.received_by = now, by.name
        db.flush()
        audits.record(
            db, "return.receive", f"return:{centre_code}:{series_id}", by=by, reference=row.reference
        )
    return row


# -- the link for printing -----------------------------------------------------------------------------


def signatory(db: Session, centre_code: str, series_id: int) -> Deployment | None:
    """Whose national ID opens the register: the centre manager's, else a supervisor's, else an officer's."""
    first = case(
        (Deployment.position == "centre_manager", 0), (Deployment.position == "supervisor", 1), else_=2
    )
    here = (Deployment.centre_code == centre_code, Deployment.series_id == series_id)
    signs = (Deployment.state == "accepted", Deployment.position.in_(REGISTERED))
    named = select(Deployment).join(Account, Account.id == Deployment.account_id)
    known = named.where(*here, *signs, Account.national_id.is_not(None))
    return db.scalars(known.order_by(first, Deployment.roster_no).limit(1)).first()


def link(db: Session, office: Office, returned: Return, *, now: datetime, lang: str) -> tuple[Issued, str]:
    """A link to the register for printing, and the position of the officer whose national ID opens it.

    Raises Refusal `return.nobody_signs` where no officer there has one, or `document.too_many_links`.
    """
    holder = signatory(db, returned.centre_code, returned.series_id)
    if holder is None:
        raise Refusal("return.nobody_signs")
    document = documents.refile(db, returned.reference, holder.id)
    made = links.lend(db, office, document, lang, now + LINK_LIVES, now=now)
    return made, holder.position
