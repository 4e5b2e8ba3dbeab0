"""A small season: people of every kind, a few centres in three counties, open vacancies, one series in progress."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

import pytest
from argon2 import PasswordHasher
from argon2.low_level import Type
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.accounts import Account, Consent, Subscriber
from models.deployments import Deployment
from models.people import Profile
from models.places import Centre, SubCounty
from models.registers import Eligibility
from models.series import Series, Vacancy
from operations import accounts, office, passwords
from operations.office import NAIROBI
from telephony import phones, references
from ussd_app.service import Service

PASSWORD = "mitihani7"
Row = TypeVar("Row")
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1, type=Type.ID)
SUB_COUNTIES: dict[str, int] = {}

# Who is in the small season: phone, name, kind, standing (None: nothing asked yet), county and sub-county.
PEOPLE: dict[str, tuple[str, str, str, str | None, str]] = {
    "amina": ("+254711000001", "Amina Wanjiru Otieno", "teacher", "approved", "Kasarani"),
    "baraka": ("+254711000002", "Baraka Mwangi", "", None, ""),
    "chebet": ("+254711000003", "Chebet Rono", "driver", "approved", "Kasarani"),
    "daudi": ("+254711000004", "Daudi Ochieng", "security", "approved", "Changamwe"),
    "esther": ("+254711000005", "Esther Njeri", "teacher", "waiting", "Likoni"),
    "fatuma": ("+254711000006", "Fatuma Hassan Ali", "teacher", "approved", "Changamwe"),
}
CENTRES: dict[str, tuple[str, str]] = {
    "20401001": ("Kasarani Girls Secondary School", "Kasarani"),
    "20401002": ("Mwiki Boys High School", "Kasarani"),
    "20402001": ("Westlands Academy", "Westlands"),
    "01101001": ("Changamwe Secondary School", "Changamwe"),
    "01102001": ("Likoni School for the Blind", "Likoni"),
    "42101001": ("Kisumu Day Secondary School", "Kisumu Central"),
}
# Position, activity, centre, places
POSTS = (
    ("supervisor", "supervision", "20401001", 1),
    ("invigilator", "invigilation", "20401001", 3),
    ("invigilator", "invigilation", "20401002", 2),
    ("invigilator", "invigilation", "01101001", 4),
    ("centre_manager", "management", "01102001", 1),
    ("security_officer", "security", "01101001", 2),
    ("driver", "transport", "42101001", 1),
)


@dataclass
class Season:
    """Makes rows directly, so that a test of one noun needs no verb of another."""

    service: Service
    accounts: dict[str, int] = field(default_factory=dict)
    vacancies: dict[tuple[str, str], str] = field(default_factory=dict)  # (position, centre): its code
    open: int = 0  # the series one may apply in: KCSE of next year
    running: int = 0  # the series in progress
    # Of its vacancies' codes: counted anew, so that a test's codes are the same in any order of the tests.
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def today(self, db: Session) -> date:
        """The day in Nairobi, by the database's clock."""
        return office.now(db).astimezone(NAIROBI).date()

    def build(self) -> "Season":
        """Make the whole small season, a table at a time: two thousand tests begin with it."""
        with self.service.stores.transaction() as db:
            self.make_series(db)
            add(db, [centre_of(db, code, *rest) for code, rest in CENTRES.items()])
            for vacancy in add(db, [self.vacancy_of(*post) for post in POSTS]):
                self.vacancies[vacancy.position, vacancy.centre_code] = vacancy.code
            self.make_people(db)
        return self

    def make_series(self, db: Session) -> None:
        """One that is open for applications, and one in progress since two days."""
        today, now = self.today(db), office.now(db)
        weeks = timedelta(weeks=1)
        opened = Series(
            exam="KCSE",
            year=today.year + 1,
            rehearsal=today + 9 * weeks,
            starts=today + 9 * weeks + timedelta(days=3),
            ends=today + 13 * weeks,
            apply_from=now - weeks,
            apply_until=now + 6 * weeks,
            rules={"return_years": 3},  # its own: teachers of any school
        )
        running = Series(
            exam="KPSEA",
            year=today.year + 1,
            rehearsal=today - timedelta(days=3),
            starts=today - timedelta(days=2),
            ends=today + timedelta(days=4),
        )
        db.add_all([opened, running])
        db.flush()
        self.open, self.running = opened.id, running.id

    def make_centre(self, db: Session, code: str, name: str, place: str, **more: Any) -> Centre:
        """A centre in this sub-county."""
        return add(db, [centre_of(db, code, name, place, **more)])[0]

    def make_vacancy(
        self, db: Session, position: str, activity: str, centre: str, places: int, **more: Any
    ) -> Vacancy:
        """A vacancy in the open series."""
        return add(db, [self.vacancy_of(position, activity, centre, places, **more)])[0]

    def vacancy_of(self, position: str, activity: str, centre: str, places: int, **more: Any) -> Vacancy:
        """A vacancy that is in no table yet."""
        root = f"{next(self.numbers):04}"
        return Vacancy(
            code=root + references.check_digit(root),
            series_id=more.pop("series_id", self.open),
            activity=activity,
            station=more.pop("station", "examination"),
            position=position,
            centre_code=centre,
            capacity=places,
            **more,
        )

    def make_people(self, db: Session) -> None:
        """Everybody of the table, with the password `mitihani7`."""
        now = office.now(db)
        made = self.make_accounts(db, [phone for phone, *_ in PEOPLE.values()])
        for account, (name, (_, full_name, kind, standing, place)) in zip(made, PEOPLE.items(), strict=True):
            self.accounts[name] = account.id
            if kind:
                account.national_id = f"2{account.id:07}"
                db.add(complete_profile(db, account, full_name, kind, place))
            if standing:
                db.add(eligibility(account, full_name, kind, standing, now))
        db.flush()

    def make_account(self, db: Session, phone: str) -> Account:
        """An account with the password `mitihani7`."""
        return self.make_accounts(db, [phone])[0]

    def make_accounts(self, db: Session, lines: list[str]) -> list[Account]:
        """Accounts of these phones, with the password `mitihani7`."""
        add(db, [Subscriber(phone=phone, lang="en") for phone in lines])
        secret = {"password_hash": hashed(self.service), "password_set_at": office.now(db)}
        rows = [Account(username=phones.username(phone), phone=phone, **secret) for phone in lines]
        made = add(db, rows)
        said = {"version": accounts.CONSENT_VERSION, "channel": "ussd"}
        db.add_all(Consent(account_id=account.id, **said) for account in made)
        return made

    def make_deployment(self, db: Session, name: str, centre: str, position: str, **more: Any) -> Deployment:
        """Somebody's post in the running series, accepted unless `state` says otherwise."""
        series = db.get_one(Series, more.pop("series_id", self.running))
        used = db.scalars(
            select(Deployment.roster_no).where(
                Deployment.series_id == series.id, Deployment.centre_code == centre
            )
        ).all()
        day = series.rehearsal or series.starts
        values: dict[str, Any] = {
            "reference": references.make("DP"),
            "account_id": self.accounts[name],
            "series_id": series.id,
            "centre_code": centre,
            "position": position,
            "roster_no": max(used, default=0) + 1,
            "reporting_at": datetime(day.year, day.month, day.day, 7, tzinfo=NAIROBI),
            "first_day": day,
            "last_day": series.ends,
            "report_to": "Sub-County Director, Kasarani, 0700 000 001",
            "carry": "National ID, appointment letter",
            "state": "accepted",
        }
        row = Deployment(**(values | more))
        db.add(row)
        db.flush()
        return row

    def speak(self, name: str, lang: str) -> None:
        """Let somebody's line speak this language."""
        with self.service.stores.transaction() as db:
            db.execute(update(Subscriber).where(Subscriber.phone == PEOPLE[name][0]).values(lang=lang))


def add(db: Session, rows: list[Row]) -> list[Row]:
    """Put these rows into their table."""
    db.add_all(rows)
    db.flush()
    return rows


def hashed(service: Service) -> str:
    """The hash of `mitihani7`, made quickly: the product's way takes 25 ms at each sign-in, on purpose."""
    return QUICK.hash(passwords.peppered(service.office, PASSWORD))


def centre_of(db: Session, code: str, name: str, place: str, **more: Any) -> Centre:
    """A centre that is in no table yet."""
    return Centre(code=code, name=name, sub_county_id=sub_county(db, place), level="secondary", **more)


def sub_county(db: Session, name: str) -> int:
    """The id of a sub-county of the reference data, which the migrations load alike everywhere."""
    if name not in SUB_COUNTIES:
        wanted = select(SubCounty.id).where(SubCounty.name == name).order_by(SubCounty.id)
        SUB_COUNTIES[name] = db.scalars(wanted).first() or 0
    return SUB_COUNTIES[name]


def complete_profile(db: Session, account: Account, name: str, kind: str, place: str) -> Profile:
    """A profile in which nothing is missing."""
    return Profile(
        account_id=account.id,
        kind=kind,
        full_name=name,
        mpesa_name=name.upper(),
        birth_year=1985,
        gender="female",
        kra_pin=f"A{account.id:09}K",
        nssf_no=f"{account.id:09}",
        nhif_no=f"{account.id:08}",
        email=f"person{account.id}@example.ke",
        bank="KCB Bank",
        bank_branch="Moi Avenue",
        bank_account=f"110{account.id:07}",
        study_level="Diploma",
        study_place="Kenyatta University",
        course="Education",
        study_period="2005-2008",
        employer="TSC",
        employment_no=f"{500000 + account.id}",
        workplace="Kasarani Primary School",
        designation="Teacher",
        work_since=2010,
        sub_county_id=sub_county(db, place),
        kin_name="Otieno Kin",
        kin_phone="+254720000001",
        kin_relation="Spouse",
        licence_no=f"DL{account.id:06}" if kind == "driver" else None,
        service_no=f"{90000 + account.id}" if kind == "security" else None,
        subject="Mathematics" if kind == "examiner" else None,
        paper="1" if kind == "examiner" else None,
    )


def eligibility(account: Account, name: str, kind: str, standing: str, now: datetime) -> Eligibility:
    """What the council says of somebody."""
    return Eligibility(
        account_id=account.id,
        kind=kind,
        national_id=account.national_id or "",
        number=f"{500000 + account.id}",
        name=name,
        match="verified" if standing == "approved" else "unchecked",
        register_name=name if standing == "approved" else None,
        similarity=100 if standing == "approved" else None,
        level="secondary" if kind in ("teacher", "examiner") else None,
        standing=standing,
        decided_at=now if standing == "approved" else None,
        decided_by="staff:test" if standing == "approved" else None,
    )


@pytest.fixture
def season(service: Service) -> Season:
    """The small season on this test's database."""
    return Season(service).build()
