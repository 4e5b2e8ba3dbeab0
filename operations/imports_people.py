"""People whom the council nominated, as an import: an account and what is known of the profile, for each.

Nothing is consented to for them: they ask for their password themselves, and are asked then.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ARRAY, Row, Text, any_, cast, or_, select, update
from sqlalchemy.orm import Session

from models.accounts import LANGUAGES, Account, Subscriber
from models.people import KINDS, Profile
from operations import audits, bulk, notices, profile_fields
from operations.imports_areas import Areas
from operations.imports_cells import line as profile_line
from operations.imports_cells import one_of, phone, text
from operations.imports_kinds import Column, Fault, Kind, Line
from operations.office import Actor
from operations.refusals import Refusal
from operations.registers import AUTHORITIES
from telephony import phones

KNOWN: Final = ("kind", "full_name", "sub_county_id", "workplace", "subject", "paper")
NUMBERS: Final = {
    "employment_no": "TSC number",
    "licence_no": "driving licence number",
    "service_no": "service number",
}


class People(Kind):
    """Nominated people: phone, national_id, full_name, kind and number, and where they work."""

    name = "people"
    columns = (
        Column("phone", phone),
        Column("national_id", profile_line("national_id", "has not 7, 8 or 14 digits")),
        Column("full_name", profile_line("full_name", "is not at least two names in letters")),
        Column("kind", one_of(*KINDS)),
        Column("number", text(20)),
        Column("county", text(40)),
        Column("sub_county", text(40)),
        Column("workplace", profile_line("workplace", "is not a name of at most 60 letters"), absent=True),
        Column("subject", profile_line("subject", "is not a subject's name"), absent=True),
        Column("paper", profile_line("paper", "is not 1 to 5"), absent=True),
        Column("language", one_of(*LANGUAGES), absent=True),
    )

    def __init__(self) -> None:
        self.areas = Areas()

    def prepare(self, db: Session, header: Sequence[str]) -> None:
        """Read the counties and sub-counties."""
        self.areas.prepare(db)

    def judge(self, values: dict[str, Any], line: int) -> list[str]:
        """The place must exist, and the number be one of the kind's authority."""
        values["sub_county_id"], fault = self.areas.sub_county(values["county"], values["sub_county"])
        faults = [fault] if fault else []
        field = AUTHORITIES[values["kind"]].field
        values |= dict.fromkeys((*KNOWN, *NUMBERS), None) | values
        try:
            values[field] = profile_fields.judge(field, values["number"])
        except Refusal:
            faults.append(f"number is no {NUMBERS[field]}")
        return faults

    def keep(self, db: Session, batch: Sequence[Line], *, by: Actor, now: datetime) -> list[Fault]:
        """Make the accounts that are missing and fill what is empty; nothing anybody said is overwritten."""
        faults, right = sorted_out(batch, owners(db, batch))
        rows = {line.values["phone"]: line.values for line in right}
        fresh = open_accounts(db, rows, by=by)
        accounts = dict(fill_accounts(db, rows))
        profiles = [{**row, "account_id": accounts[number]} for number, row in rows.items()]
        names = ("account_id", *KNOWN, *NUMBERS)
        bulk.upsert(db, Profile, profiles, key=("account_id",), names=names, fill=True)
        notices.queue_each(db, "notice", "account.opened", [(*each, {}) for each in fresh], now=now)
        return faults


def owners(db: Session, batch: Sequence[Line]) -> Sequence[Row[str, str | None]]:
    """Every account with a phone or a national ID of this batch."""
    numbers, ids = ([line.values[name] for line in batch] for name in ("phone", "national_id"))
    mine = or_(
        Account.phone == any_(cast(numbers, ARRAY(Text))), Account.national_id == any_(cast(ids, ARRAY(Text)))
    )
    people = select(Account.phone, Account.national_id).where(Account.centre_code.is_(None))
    return db.execute(people.where(mine)).all()


def sorted_out(
    batch: Sequence[Line], known: Sequence[Row[str, str | None]]
) -> tuple[list[Fault], list[Line]]:
    """The rows that agree with the accounts there are and with each other, and those that do not."""
    ids = {number: national_id for number, national_id in known if national_id}
    held = {national_id: number for number, national_id in ids.items()}
    faults, right = [], []
    for line in batch:
        number, national_id = line.values["phone"], line.values["national_id"]
        other = held.get(national_id, number)
        if ids.get(number, national_id) != national_id:
            faults.append(Fault(line.number, "phone has an account with another national_id", line.cells))
        elif other != number:
            text = f"national_id has an account on another phone, {phones.mask(other)}"
            faults.append(Fault(line.number, text, line.cells))
        else:
            ids[number], held[national_id] = national_id, number
            right.append(line)
    return faults, right


def open_accounts(db: Session, rows: Mapping[str, Mapping[str, Any]], *, by: Actor) -> list[tuple[int, str]]:
    """Make the accounts that are missing; answers them with their phones."""
    if not rows:
        return []
    lines = [{"phone": number, "lang": row.get("language") or "en"} for number, row in rows.items()]
    bulk.add(db, Subscriber, lines, names=("phone", "lang"))
    made = [{**row, "username": phones.username(number)} for number, row in rows.items()]
    opened = bulk.add(db, Account, made, names=("username", "phone", "national_id"))
    for account in opened:
        audits.record(db, "account.create", f"account:{account.id}", by=by, source="people.import")
    return [(account.id, account.phone) for account in opened]


def fill_accounts(db: Session, rows: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, int]]:
    """Give the accounts that have none yet their national ID; answers every account by its phone."""
    if not rows:
        return []
    given = bulk.rows_of(Account, ("phone", "national_id"), list(rows.values()))
    person = Account.centre_code.is_(None)
    empty = (Account.phone == given.c.phone, Account.national_id.is_(None))
    filled = update(Account).where(person, *empty).values(national_id=given.c.national_id)
    db.execute(filled.execution_options(synchronize_session=False))
    mine = Account.phone == any_(cast(list(rows), ARRAY(Text)))
    found = db.execute(select(Account.phone, Account.id).where(person, mine))
    return [(number, account_id) for number, account_id in found]
