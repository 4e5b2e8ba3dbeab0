"""Postings: what must hold before somebody is offered a post, and what the offer says."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from models.deployments import Deployment
from models.places import Centre, SubCounty
from models.series import POSITIONS, Series, Vacancy
from operations import applications, contacts, rules, vacancies
from operations.deployment_facts import CARRY, REPORT_AT, day_of
from operations.office import Actor
from operations.refusals import Refusal
from telephony import gsm7

# The longest that an SMS and a screen have room for.
MOST_WHOM: Final = 62
MOST_CARRY: Final = 60
# One lock a centre and series: its roster numbers are given out one after the other.
TAKE_TURNS: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:roster, 2202))")


@dataclass(frozen=True)
class Terms:
    """What an officer says of a post; what is empty follows from the series and the centre."""

    account_id: int
    series_id: int
    centre_code: str
    position: str
    reporting_at: datetime | None = None
    report_to: str = ""
    carry: str = CARRY


def again(post: Deployment, account_id: int, *, now: datetime) -> Terms:
    """The terms of this post for somebody else, who reports at the same time where it is still to come."""
    reporting = post.reporting_at if post.reporting_at > now else None
    return Terms(
        account_id, post.series_id, post.centre_code, post.position, reporting, post.report_to, post.carry
    )


def settle(db: Session, terms: Terms, *, now: datetime) -> dict[str, Any]:
    """The columns of a deployment on these terms; raises a Refusal where a rule forbids it.

    From here to the commit nobody else is given a number of this roster.
    """
    series, centre = standing(db, terms.series_id), db.get(Centre, terms.centre_code)
    if series is None or series.closed_at is not None:
        raise Refusal("deployment.over")
    if centre is None:
        raise Refusal("deployment.no_centre")
    if terms.position not in POSITIONS:
        raise Refusal("deployment.no_position")
    refuse_wordy(terms)
    rules.check_post(db, terms.account_id, series, centre.code, terms.position, now=now)
    reporting = reporting_time(series, terms.reporting_at, now=now)
    return {
        "account_id": terms.account_id,
        "series_id": series.id,
        "centre_code": centre.code,
        "position": terms.position,
        "roster_no": next_number(db, series.id, centre.code),
        "reporting_at": reporting,
        "first_day": max(series.rehearsal or series.starts, day_of(reporting)),
        "last_day": series.ends,
        "report_to": terms.report_to or whom(db, centre),
        "carry": terms.carry,
    }


def standing(db: Session, series_id: int) -> Series | None:
    """A series whose days nobody changes before the commit: else this post would keep the days it had."""
    return db.get(Series, series_id, with_for_update={"read": True}, populate_existing=True)


def refuse_wordy(terms: Terms) -> None:
    """Whom to report to and what to carry stand in an SMS and on a screen: plain letters, not too many."""
    for words, most in ((terms.report_to, MOST_WHOM), (terms.carry, MOST_CARRY)):
        if not gsm7.is_gsm7(words) or gsm7.septets(words) > most:
            raise Refusal("deployment.wordy", duty_most=str(most))


def reporting_time(series: Series, asked: datetime | None, *, now: datetime) -> datetime:
    """When to report: as asked, else at seven on the first day, or on the next one where that is past."""
    first = datetime.combine(series.rehearsal or series.starts, REPORT_AT)
    tomorrow = datetime.combine(day_of(now) + timedelta(days=1), REPORT_AT)
    reporting = asked or (first if first > now else tomorrow)
    if day_of(reporting) > series.ends:
        raise Refusal("deployment.over")
    if reporting <= now:
        raise Refusal("deployment.report_past")
    return reporting


def whom(db: Session, centre: Centre) -> str:
    """Whom one reports to: the Sub-County Director of Education, by name and phone where they are known."""
    area = db.get_one(SubCounty, centre.sub_county_id).name
    director = contacts.director(db, area)
    said = gsm7.fold(f"{director.name}, {director.phone}").text if director else ""
    return said if said and gsm7.septets(said) <= MOST_WHOM else f"SCDE {area}"


def claim(
    db: Session,
    terms: Terms,
    application_id: int | None,
    *,
    vacancy_id: int | None = None,
    by: Actor,
    now: datetime,
) -> dict[str, Any]:
    """The application and the vacancy whose place this post fills.

    An application for another post is let go: its place is free for others. `vacancy_id` is a vacancy that
    has just lost the person who is replaced, and is refilled even if nobody may apply for it any more.
    """
    applied = applications.live(db, terms.account_id, terms.series_id)
    if application_id is not None and (applied is None or applied.id != application_id):
        raise Refusal("deployment.no_application")
    if applied is not None:
        vacancy = db.get_one(Vacancy, applied.vacancy_id)
        if (vacancy.centre_code, vacancy.position) == (terms.centre_code, terms.position):
            applications.deployed(db, applied.id)
            return {"application_id": applied.id, "vacancy_id": vacancy.id}
        applications.release(db, applied.id, "deployed_elsewhere", by=by, now=now)
    if vacancy_id is not None and take(db, vacancy_id):
        return {"vacancy_id": vacancy_id}
    return {"vacancy_id": advertised(db, terms)}


def advertised(db: Session, terms: Terms) -> int | None:
    """A vacancy for this very post, one place taken; None where it was never advertised."""
    mine = (Vacancy.series_id == terms.series_id, Vacancy.centre_code == terms.centre_code)
    post = select(Vacancy.id).where(*mine, Vacancy.position == terms.position)
    found = db.scalars(post.order_by(Vacancy.closed_at.is_not(None), Vacancy.id)).all()
    taken = next((vacancy for vacancy in found if take(db, vacancy)), None)
    if found and taken is None:
        raise Refusal("deployment.full")
    return taken


def take(db: Session, vacancy_id: int) -> bool:
    """Take a place, if one is left; officers fill posts after the time of applying too."""
    left = update(Vacancy).where(Vacancy.id == vacancy_id, Vacancy.filled < Vacancy.capacity)
    return vacancies.changed(db, left.values(filled=Vacancy.filled + 1))


def next_number(db: Session, series_id: int, centre_code: str) -> int:
    """A number that was never given in this centre's roster; whoever left it keeps theirs."""
    db.execute(TAKE_TURNS, {"roster": f"{series_id}:{centre_code}"})
    here = (Deployment.series_id == series_id, Deployment.centre_code == centre_code)
    return (db.scalar(select(func.max(Deployment.roster_no)).where(*here)) or 0) + 1
