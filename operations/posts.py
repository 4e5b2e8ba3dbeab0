"""Posts: what a screen, an SMS or a list says of a vacancy and of the applications for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, case, select
from sqlalchemy.orm import Session

from models.applications import LIVE, Application
from models.deployments import DEPLOYED, Deployment
from models.places import Centre, County, SubCounty
from models.registers import Eligibility
from models.series import Series, Vacancy
from telephony.shortening import shorten

# A centre's name in an SMS with all the rest of it: the longest real one is whole.
LONGEST_NAME: Final = 44


@dataclass(frozen=True)
class Post:
    """A vacancy in words: the position, the exam with its year, and the place."""

    position: str
    exam: str
    centre: str
    county: str

    def values(self) -> dict[str, str]:
        """The blanks that say it, the position as a token."""
        return {
            "applied_position": f"@term.position.{self.position}",
            "applied_exam": self.exam,
            "applied_centre": short(self.centre),
            "applied_county": self.county,
        }


def short(name: str) -> str:
    """A centre's name, clipped where it is longer than there is room for."""
    return shorten(name, LONGEST_NAME)


@dataclass(frozen=True)
class Standing:
    """An application as its owner sees it."""

    id: int
    account_id: int
    reference: str
    state: str
    reason: str | None
    approval: str | None  # of the person, by the council: waiting, approved, rejected
    posted: bool  # whether they have a deployment in that series
    post: Post

    @property
    def live(self) -> bool:
        """Whether it still holds a place."""
        return self.state in LIVE

    @property
    def said(self) -> str:
        """What its owner hears of it: its state; `again` or `refused` where their approval is lost.

        An application that ended with a deployment is `elsewhere` where they have another one.
        """
        if self.state in UNDECIDED and self.approval != "approved":
            return "refused" if self.approval == "rejected" else "again"
        return "elsewhere" if self.state == "released" and self.posted else self.state

    def values(self) -> dict[str, str]:
        """The blanks that say where it stands."""
        return {
            **self.post.values(),
            "applied_reference": self.reference,
            "applied_state": f"@term.application.{self.state}",
            "applied_reason": self.reason or "",
        }


# Nobody is deployed on these unless the council approves the person.
UNDECIDED: Final = ("submitted", "approved")
APPROVAL: Final = select(Eligibility.standing).where(Eligibility.account_id == Application.account_id)
POSTED: Final = select(Deployment.id).where(
    Deployment.account_id == Application.account_id,
    Deployment.series_id == Application.series_id,
    Deployment.state.in_(DEPLOYED),
)
OWN: Final[tuple[Any, ...]] = (
    *(Application.id, Application.account_id, Application.reference),
    *(Application.state, Application.reason),
    *(APPROVAL.correlate(Application).scalar_subquery(), POSTED.correlate(Application).exists()),
)
PLACE: Final[tuple[Any, ...]] = (Vacancy.position, Series.exam, Series.year, Centre.name, County.name)


def of(db: Session, vacancy_id: int) -> Post:
    """What is said of this vacancy."""
    query = located(select(*PLACE).select_from(Vacancy)).where(Vacancy.id == vacancy_id)
    return post(db.execute(query).one())


def mine(db: Session, account_id: int) -> list[Standing]:
    """Every application of a person: the live ones first, then the newest that ended."""
    order = (case((Application.state.in_(LIVE), 0), else_=1), Application.id.desc())
    query = applied(*OWN).where(Application.account_id == account_id).order_by(*order)
    return [standing(row) for row in db.execute(query)]


def standing_of(db: Session, application_id: int) -> Standing:
    """One application."""
    return standing(db.execute(applied(*OWN).where(Application.id == application_id)).one())


def applied(*columns: Any) -> Select[Any]:
    """The query of these columns of applications, and of what each is for."""
    rows = select(*columns, *PLACE).select_from(Application)
    return located(rows.join(Vacancy, Vacancy.id == Application.vacancy_id))


def located(query: Select[Any]) -> Select[Any]:
    """The query of a vacancy, with its series and its place."""
    return (
        query.join(Series, Series.id == Vacancy.series_id)
        .join(Centre, Centre.code == Vacancy.centre_code)
        .join(SubCounty, SubCounty.id == Centre.sub_county_id)
        .join(County, County.code == SubCounty.county_code)
    )


def post(row: Sequence[Any]) -> Post:
    """A post of the columns of `PLACE`."""
    position, exam, year, centre, county = row
    return Post(position, f"{exam} {year}", centre, county)


def standing(row: Sequence[Any]) -> Standing:
    """An application of the columns of `OWN` and `PLACE`."""
    number, account, reference, state, reason, approval, posted = row[: len(OWN)]
    where = post(row[len(OWN) :])
    return Standing(number, account, reference, state, reason, approval, posted, where)
