"""Centres at work in the demonstration: accounts, phones, directors, and what goes on there."""

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, time
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Account, Consent, Subscriber
from models.centres import CentrePhone, Director
from models.deployments import Deployment
from models.series import Series
from operations import accounts, attendance, day_registers, disputes, duties, rates, returns
from operations import office as offices
from operations.demonstration_people import PERSONAS
from operations.demonstration_places import directors, keep
from operations.demonstration_posts import ENDED, STAFFED, managers
from operations.demonstration_season import DAY, STAFF
from operations.office import NAIROBI
from operations.refusals import Refusal
from telephony import phones

# The centre with two phones, and whose the second one is: its supervisor's.
TWO_PHONES: Final = "22108001"
SECOND: Final = PERSONAS[14].phone
# Directors whose line speaks Kiswahili.
SWAHILI: Final = ("Kikuyu",)
# Who disputes a day at the centre of docs/demo.md, and whom two phones disagree about: lines of the roster.
DISPUTING, DIFFERING = 3, 5
# What the council pays a day in the series that is over; for security officers it has not said yet.
RATES: Final[Mapping[str, int]] = {"centre_manager": 550, "supervisor": 680, "invigilator": 550}


# -- who may sign in ----------------------------------------------------------------------------------


def appoint(
    db: Session,
    places: Iterable[Mapping[str, str]],
    sub_counties: Mapping[tuple[str, str], int],
    hashed: str,
    *,
    now: datetime,
) -> None:
    """A director for each sub-county with a centre, with an account on the phone that Help shows."""
    areas = {row["sub_county"]: sub_counties[row["county"], row["sub_county"]] for row in places}
    lines = {
        area: f"+254700000{n:03}" for area, n in directors([{"sub_county": area} for area in areas]).items()
    }
    said = [{"phone": phone, "lang": "sw" if area in SWAHILI else "en"} for area, phone in lines.items()]
    keep(db, Subscriber, said)
    keep(
        db,
        Account,
        [
            {
                "username": phones.username(each),
                "phone": each,
                "password_hash": hashed,
                "password_set_at": now,
            }
            for each in lines.values()
        ],
    )
    made = select(Account.id).where(Account.phone.in_(lines.values()), Account.centre_code.is_(None))
    agreed = {"version": accounts.CONSENT_VERSION, "channel": "command"}
    keep(db, Consent, [{"account_id": each, **agreed} for each in db.scalars(made)])
    rows = [
        {"sub_county_id": areas[area], "phone": phone, "name": f"SCDE {area}", "added_by": STAFF.name}
        for area, phone in lines.items()
    ]
    keep(db, Director, rows)


def open_centres(db: Session, series: Series, hashed: str) -> None:
    """The account of each centre of a series that was issued one, and the phones that may act for it."""
    issued = {code: phone for code, phone in managers(db, series).items() if code in (*STAFFED, *ENDED)}
    first = datetime.combine(series.rehearsal or series.starts, time(9), NAIROBI) - 7 * DAY
    made: list[dict[str, Any]] = [
        {
            "username": code,
            "phone": phone,
            "centre_code": code,
            "password_hash": hashed,
            "password_set_at": first,
        }
        for code, phone in issued.items()
    ]
    keep(db, Account, made)
    acting = [*issued.items(), *([(TWO_PHONES, SECOND)] if TWO_PHONES in issued else [])]
    keep(
        db,
        CentrePhone,
        [
            {"centre_code": code, "phone": phone, "enrolled_by": f"phone:{phone}", "enrolled_at": first}
            for code, phone in acting
        ],
    )


# -- what goes on -------------------------------------------------------------------------------------


def happen(db: Session, running: Series, ended: Series, *, now: datetime) -> None:
    """Let each of these happen; one that the data of an older demonstration forbid is left out, whole."""
    acts: Sequence[Callable[[], None]] = (
        lambda: differ(db, running, now=now),
        lambda: dispute(db, running, now=now),
        lambda: hand_in(db, ended, now=now),
    )
    for act in acts:
        with contextlib.suppress(Refusal), db.begin_nested():
            act()


def differ(db: Session, running: Series, *, now: datetime) -> None:
    """The manager marked everybody present today; then the second phone marked one of them absent."""
    manager = managers(db, running)[TWO_PHONES]
    today = duties.local(now)
    register = day_registers.hold(db, TWO_PHONES, today, now=now, series_id=running.id)
    words = ((manager, register.everyone()), (SECOND, {DIFFERING: False}))
    for n, (phone, said) in enumerate(words):
        day_registers.mark(
            db,
            register,
            said,
            source=f"demonstration:{TWO_PHONES}:{today}:{n}",
            channel="ussd",
            said_at=now,
            by=offices.caller(phone, "ussd"),
            now=now,
        )


def dispute(db: Session, running: Series, *, now: datetime) -> None:
    """Somebody at the centre of docs/demo.md disputes the last day on which they were marked absent."""
    here = (Deployment.series_id == running.id, Deployment.centre_code == STAFFED[0])
    who = select(Deployment.id, Account.id, Account.phone).join(Account, Account.id == Deployment.account_id)
    found = db.execute(who.where(*here, Deployment.roster_no == DISPUTING)).first()
    if found is None:
        return
    days = [day.day for day in attendance.days(db, found[0], now=now) if day.state == "absent"]
    if days:
        disputes.raise_(db, found[1], found[0], days[-1], by=offices.caller(found[2], "ussd"), now=now)


def hand_in(db: Session, ended: Series, *, now: datetime) -> None:
    """Of the series that is over one register is still out, one was submitted, one came back signed."""
    lines = managers(db, ended)
    for n, centre in enumerate(ENDED[1:], 1):
        then = datetime.combine(ended.ends, time(15), NAIROBI) + n * DAY
        returns.submit(db, centre, by=offices.caller(lines[centre], "ussd"), now=then, series_id=ended.id)
    returns.receive(db, ENDED[2], ended.id, by=STAFF, now=now)
    for position, sum_a_day in RATES.items():
        rates.keep(db, ended.exam, ended.year, position, rates.ALL, sum_a_day, by=STAFF, now=now)
