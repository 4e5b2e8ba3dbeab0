"""Days of posts without a daily register as an import: one deployment a row, and the paper that says so."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ARRAY, Text, any_, cast, or_, select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.deployments import Deployment
from operations import day_reports, deployments, duties, payrolls, series
from operations.imports_cells import BadCell, digits, number, text
from operations.imports_cells import line as profile_line
from operations.imports_files import BadFile
from operations.imports_kinds import Column, Fault, Kind, Line
from operations.office import Actor
from operations.refusals import Refusal
from operations.register_reading import REGISTERED
from telephony import references

CENTRE_DIGITS: Final = 8
MOST_DAYS: Final = 366
LONGEST_DOCUMENT: Final = 40
WRONG_ID: Final = "has not 7, 8 or 14 digits"


class Post(NamedTuple):
    """A deployment that a row may mean, and whose it is."""

    row: Deployment
    national_id: str | None

    @property
    def served(self) -> bool:
        """Whether it was accepted."""
        return self.row.state == "accepted" or (
            self.row.state in duties.SERVED and bool(self.row.answered_at)
        )


def deployment(typed: str) -> str:
    """The reference of a deployment."""
    try:
        return references.read(typed, deployments.KIND)
    except references.BadReference:
        raise BadCell("is no reference of a deployment") from None


class Days(Kind):
    """How many days each of these worked, by deployment, or by centre and national ID."""

    name = "days"
    columns = (
        Column("deployment", deployment, empty=True, absent=True),
        Column("centre", digits(CENTRE_DIGITS), empty=True, absent=True),
        Column("national_id", profile_line("national_id", WRONG_ID), empty=True, absent=True),
        Column("days", number(MOST_DAYS)),
        Column("document", text(LONGEST_DOCUMENT)),
    )

    def __init__(self, exam: str, year: int) -> None:
        self.exam, self.year = exam.strip().upper(), year
        self.series_id = 0

    @property
    def scope(self) -> str:
        """One file once a series."""
        return f"{self.name}.{self.exam}.{self.year}"

    def prepare(self, db: Session, header: Sequence[str]) -> None:
        """Find the series, and how deployments are named."""
        found = series.by_name(db, self.exam, self.year)
        if found is None:
            raise BadFile(f"There is no series {self.exam} {self.year}.")
        if "deployment" not in header and not {"centre", "national_id"} <= set(header):
            raise BadFile("A column deployment, or centre and national_id, must say who worked.")
        self.series_id = found.id

    def judge(self, values: dict[str, Any], line: int) -> list[str]:
        """Somebody must be named."""
        named = values.get("deployment") or (values.get("centre") and values.get("national_id"))
        return [] if named else ["neither deployment nor centre and national_id say who"]

    def keep(self, db: Session, batch: Sequence[Line], *, by: Actor, now: datetime) -> list[Fault]:
        """Keep the days of these rows; nobody prepares or closes the schedule meanwhile."""
        self.require_open(db, by)
        posts = self.posts(db, batch)
        known = day_reports.of(db, [post.row.id for post in posts])
        said = {id_: each[:2] for id_, each in known.items() if each.reported_at >= self.since}
        taken, faults = dict[int, tuple[int, str]](), list[Fault]()
        for line in batch:
            report = (line.values["days"], line.values["document"])
            post, why = chosen(posts, line.values)
            why = why or (refused(post, report[0], now) if post else "")
            if post and not why and said.setdefault(post.row.id, report) != report:
                why = "this deployment stands in this file already, with other days or another document"
            if why or post is None:
                faults.append(Fault(line.number, why, line.cells))
            else:
                taken[post.row.id] = report
        day_reports.keep(db, taken, by=by, now=now)
        return faults

    def require_open(self, db: Session, by: Actor) -> None:
        """Raise BadFile where the pay schedule of the series is closed."""
        try:
            payrolls.to_change(db, self.series_id, by)
        except Refusal:
            raise BadFile("Only the council's staff reports days.") from None
        if payrolls.closed(db, self.series_id) is not None:
            raise BadFile(f"The pay schedule of {self.exam} {self.year} is closed: its days are not changed.")

    def posts(self, db: Session, batch: Sequence[Line]) -> list[Post]:
        """Every deployment of the series that these rows may mean, in one query."""
        asked = {name: [line.values.get(name) for line in batch] for name in ("deployment", "national_id")}
        named = or_(
            Deployment.reference == any_(cast(asked["deployment"], ARRAY(Text))),
            Account.national_id == any_(cast(asked["national_id"], ARRAY(Text))),
        )
        rows = select(Deployment, Account.national_id).join(Account, Account.id == Deployment.account_id)
        here = rows.where(Deployment.series_id == self.series_id, named).order_by(Deployment.id)
        return [Post(*row) for row in db.execute(here)]


def chosen(posts: Sequence[Post], values: Mapping[str, Any]) -> tuple[Post | None, str]:
    """The deployment that a row means, or why none; what it says beside the reference must fit."""
    reference, centre, national_id = (values.get(name) for name in ("deployment", "centre", "national_id"))
    if reference:
        meant = [post for post in posts if post.row.reference == reference]
    else:
        meant = [post for post in posts if post.served]
        meant = [post for post in meant if (post.row.centre_code, post.national_id) == (centre, national_id)]
    if not meant:
        return None, "there is no such deployment in this series"
    if len(meant) > 1:
        return None, "there are several such deployments: name the one by its reference"
    post = meant[0]
    if centre not in (None, post.row.centre_code) or national_id not in (None, post.national_id):
        return None, "the deployment is of another centre or person than the row says"
    return post, ""


def refused(post: Post, days: int, now: datetime) -> str:
    """Why these days of a deployment are not kept, or nothing."""
    most = day_reports.most(post.row, now)
    if post.row.position in REGISTERED:
        return f"the days of a {post.row.position} come from the centre's daily register"
    if not post.served:
        return "the post was never accepted"
    return f"days is more than the {most} of the deployment until today" if days > most else ""
