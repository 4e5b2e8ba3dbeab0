"""The terms of a document: what it says beyond the facts of its deployment."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.deployments import Declaration, Deployment
from models.documents import Document
from models.people import Profile
from models.places import Centre, County, SubCounty
from models.series import Series, Vacancy
from operations import registers, rule_book


@dataclass(frozen=True)
class Terms:
    """What a document says beyond the facts of its deployment; what is not known is empty or None."""

    kind: str
    reference: str
    deployment_id: int
    issued_at: datetime
    accepted_at: datetime | None
    station: str
    number: str = field(repr=False)  # TSC, licence or service number, by what the person is
    subject: str
    paper: str
    home: str  # the sub-county where the person works, and its county
    home_county: str
    rest_years: int  # nobody returns to a centre within so many years; 0 where no rule says so
    declared: str  # the version of the declaration that was agreed to
    agreed_at: datetime | None


def of(db: Session, document_id: int) -> Terms:
    """Everything that this document says beyond its deployment's facts."""
    document, deployment, series, station, profile, home, county, declaration, vacancy = db.execute(
        select(
            *(Document, Deployment, Series, Centre.station, Profile, SubCounty.name, County.name),
            *(Declaration, Vacancy),
        )
        .join(Deployment, Deployment.id == Document.deployment_id)
        .join(Series, Series.id == Deployment.series_id)
        .join(Centre, Centre.code == Deployment.centre_code)
        .outerjoin(Profile, Profile.account_id == Deployment.account_id)
        .outerjoin(SubCounty, SubCounty.id == Profile.sub_county_id)
        .outerjoin(County, County.code == SubCounty.county_code)
        .outerjoin(Declaration, Declaration.deployment_id == Deployment.id)
        .outerjoin(Vacancy, Vacancy.id == Deployment.vacancy_id)
        .where(Document.id == document_id)
    ).one()
    holder = profile or Profile()
    return Terms(
        kind=document.kind,
        reference=document.reference,
        deployment_id=deployment.id,
        issued_at=document.issued_at,
        accepted_at=deployment.answered_at if deployment.state == "accepted" else None,
        station=station,
        number=getattr(holder, registers.number_field(holder.kind)) or "",
        subject=(vacancy and vacancy.subject) or holder.subject or "",
        paper=(vacancy and vacancy.paper) or holder.paper or "",
        home=home or "",
        home_county=county or "",
        rest_years=rule_book.of(db, series).return_years,
        declared=declaration.version if declaration else "",
        agreed_at=declaration.agreed_at if declaration else None,
    )
