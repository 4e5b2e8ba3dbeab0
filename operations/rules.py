"""Rules: whether somebody may take a post, and in plain words why not; the rule book says what is allowed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import or_, select, union_all
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.accounts import Account
from models.deployments import Deployment
from models.people import Interest, Profile, Service
from models.places import Centre, School, SubCounty
from models.registers import Eligibility
from models.series import Series, Vacancy
from operations import audits, rule_book, school_names
from operations.office import Actor
from operations.refusals import Refusal
from operations.rule_book import RuleBook

MOST_REASON = 200  # characters


@dataclass(frozen=True)
class Person:
    """What the rules ask about a person."""

    kind: str | None = None
    level: str | None = None  # of the school: as the register has it, else as the profile's school has it
    approved: bool = False
    school_id: int | None = None
    workplace: str = ""
    county_code: str | None = None
    sub_county: str | None = None
    subject: str | None = None
    paper: str | None = None
    served: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # centre: years, the newest first
    interests: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Place:
    """What the rules ask about a post: its series and position, and where it is."""

    exam: str
    year: int
    position: str
    station: str
    centre_code: str
    centre_name: str
    county_code: str
    sub_county: str = ""
    school_id: int | None = None
    subject: str | None = None
    paper: str | None = None


def check(db: Session, account_id: int, vacancy: Vacancy, *, now: datetime) -> None:
    """Refuse, with the reason, a vacancy that the rules of its series keep from this person."""
    series, extras = db.get_one(Series, vacancy.series_id), (vacancy.subject, vacancy.paper)
    check_post(db, account_id, series, vacancy.centre_code, vacancy.position, *extras, now=now)


def check_post(
    db: Session,
    account_id: int,
    series: Series,
    centre_code: str,
    position: str,
    subject: str | None = None,
    paper: str | None = None,
    *,
    now: datetime,
) -> None:
    """Refuse, with the reason, a post that the rules of the series keep from this person."""
    place = place_of(db, series, centre_code, position, subject, paper)
    refusal = refusal_of(rule_book.of(db, series), person(db, account_id), place)
    if refusal is not None:
        raise refusal


def refusal_of(book: RuleBook, person: Person, place: Place) -> Refusal | None:
    """Why the rules keep this place from this person, or None; asks the database nothing."""
    return next((refusal for judge in JUDGES if (refusal := judge(book, person, place))), None)


def judge_position(book: RuleBook, person: Person, place: Place) -> Refusal | None:
    """An exam may have no such post at all."""
    post = book.post(place.position)
    return None if post.kinds else Refusal("rule.no_such_post", exam_name=place.exam)


def judge_kind(book: RuleBook, person: Person, place: Place) -> Refusal | None:
    """Each position is for certain kinds of people."""
    kinds = book.post(place.position).kinds
    if not kinds or person.kind in kinds:
        return None
    if person.kind is None:
        return Refusal("rule.kind_unknown")
    people = {"wanted_people": f"@term.people.{kinds[0]}", "own_people": f"@term.people.{person.kind}"}
    return Refusal("rule.kind", **people)


def judge_level(book: RuleBook, person: Person, place: Place) -> Refusal | None:
    """Some posts are for teachers of certain schools; where nobody knows the school the council looks."""
    levels = book.post(place.position).levels
    if not levels or person.level is None or person.level in levels:
        return None
    return Refusal("rule.level", own_teachers=f"@term.teachers.{person.level}", exam_name=place.exam)


def judge_subject(book: RuleBook, person: Person, place: Place) -> Refusal | None:
    """An examiner marks the subject and paper of their training."""
    asked = [(place.subject, person.subject), (place.paper, person.paper)]
    if all(wanted is None or plain(wanted) == plain(own or "") for wanted, own in asked):
        return None
    return Refusal("rule.subject", subject_asked=" ".join(filter(None, (place.subject, place.paper))))


def judge_interest(book: RuleBook, person: Person, place: Place) -> Refusal | None:
    """Nobody serves at a centre in which they declared an interest."""
    return Refusal("rule.interest") if place.centre_code in person.interests else None


def judge_own_school(book: RuleBook, person: Person, place: Place) -> Refusal | None:
    """Nobody serves at the school they teach at, unless the position is its own.

    A school is known by its row, and by its name in their county, in short forms too.
    """
    if book.post(place.position).own_school:
        return None
    same = person.school_id is not None and person.school_id == place.school_id
    area = [place.sub_county] if person.sub_county == place.sub_county else []
    named = school_names.same(person.workplace, place.centre_name, area)
    there = person.county_code in (None, place.county_code)
    return Refusal("rule.own_school") if same or (named and there) else None


def judge_return(book: RuleBook, person: Person, place: Place) -> Refusal | None:
    """Nobody returns to a centre within the years that the series says."""
    if place.station not in book.return_stations:
        return None
    for year in person.served.get(place.centre_code, ()):
        if 1 <= place.year - year <= book.return_years:
            return Refusal("rule.served", served_year=str(year), rest_years=str(book.return_years))
    return None


def judge_approved(book: RuleBook, person: Person, place: Place) -> Refusal | None:
    """Only people whom the council approved serve: registered, practising, and who they say they are."""
    return None if person.approved or not book.approved else Refusal("rule.not_approved")


Judge = Callable[[RuleBook, Person, Place], Refusal | None]
JUDGES: Final[tuple[Judge, ...]] = (
    judge_position,
    judge_kind,
    judge_level,
    judge_subject,
    judge_interest,
    judge_own_school,
    judge_return,
    judge_approved,
)


def plain(text: str) -> str:
    """A subject or paper as it is compared: small letters and digits."""
    return " ".join(school_names.words(text))


def place_of(
    db: Session, series: Series, centre_code: str, position: str, subject: str | None, paper: str | None
) -> Place:
    """What the rules ask about a post at this centre."""
    columns = (
        *(Centre.name, Centre.station, Centre.school_id),
        *(SubCounty.county_code, SubCounty.name.label("sub_county")),
    )
    here = select(*columns).join(SubCounty, SubCounty.id == Centre.sub_county_id)
    found = db.execute(here.where(Centre.code == centre_code)).first()
    if found is None:
        raise Refusal("rule.no_centre")
    return Place(
        exam=series.exam,
        year=series.year,
        position=position,
        station=found.station,
        centre_code=centre_code,
        centre_name=found.name,
        county_code=found.county_code,
        sub_county=found.sub_county,
        school_id=found.school_id,
        subject=subject,
        paper=paper,
    )


def person(db: Session, account_id: int) -> Person:
    """What the rules ask about this person, in three reads."""
    columns = (Account.national_id, Profile, Eligibility, School.level, SubCounty.county_code, SubCounty.name)
    asked = (
        select(*columns)
        .outerjoin(Profile, Profile.account_id == Account.id)
        .outerjoin(Eligibility, Eligibility.account_id == Account.id)
        .outerjoin(School, School.id == Profile.school_id)
        .outerjoin(SubCounty, SubCounty.id == Profile.sub_county_id)
        .where(Account.id == account_id)
    )
    national_id, profile, standing, school_level, county_code, sub_county = db.execute(asked).one()
    profile = profile or Profile()
    return Person(
        kind=standing.kind if standing else profile.kind,
        level=(standing.level if standing else None) or school_level,
        approved=bool(standing and standing.standing == "approved"),
        school_id=profile.school_id,
        workplace=profile.workplace or "",
        county_code=county_code,
        sub_county=sub_county,
        subject=profile.subject,
        paper=profile.paper,
        served=served(db, account_id, national_id),
        interests=interests(db, account_id),
    )


def served(db: Session, account_id: int, national_id: str | None) -> dict[str, tuple[int, ...]]:
    """The years served at each centre, newest first: by national ID before, and as we deployed."""
    deployed = (
        select(Deployment.centre_code, Series.year)
        .join(Series, Series.id == Deployment.series_id)
        .join(Account, Account.id == Deployment.account_id)
        .where(Deployment.state == "accepted")
    )
    if national_id is None:  # equal to nobody else's, not to everybody's who has none either
        asked = union_all(deployed.where(Account.id == account_id))
    else:
        same = or_(Account.id == account_id, Account.national_id == national_id)
        before = select(Service.centre_code, Service.year).where(Service.national_id == national_id)
        asked = union_all(before, deployed.where(same))
    years: dict[str, set[int]] = {}
    for centre_code, year in db.execute(asked):
        years.setdefault(centre_code, set()).add(year)
    return {code: tuple(sorted(seen, reverse=True)) for code, seen in years.items()}


def interests(db: Session, account_id: int) -> frozenset[str]:
    """The centres in which this person declared an interest."""
    return frozenset(db.scalars(select(Interest.centre_code).where(Interest.account_id == account_id)))


def declare_interest(
    db: Session, account_id: int, centre_code: str, reason: str, *, by: Actor, now: datetime
) -> None:
    """Write down that somebody has an interest in a centre: they do not serve there. Twice is as once."""
    why = " ".join(reason.split())[:MOST_REASON]
    if not why:
        raise Refusal("rule.no_reason")
    if db.get(Centre, centre_code) is None:
        raise Refusal("rule.no_centre")
    row = insert(Interest).values(account_id=account_id, centre_code=centre_code, reason=why)
    if db.scalar(row.on_conflict_do_nothing().returning(Interest.centre_code)):
        audits.record(db, "interest.declare", f"account:{account_id}", by=by, centre=centre_code)
