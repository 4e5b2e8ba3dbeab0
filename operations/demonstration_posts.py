"""Who serves in the demonstration: the officers of twelve centres and their marks, and who has applied."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models.accounts import Account
from models.applications import LIVE, Application
from models.attendance import MarkEvent
from models.deployments import Declaration, Deployment
from models.series import Series, Vacancy
from operations import applications, declarations, deployments, duties, rule_book
from operations.demonstration_people import PERSONAS, Person
from operations.demonstration_places import keep
from operations.demonstration_season import DAY, STAFF, register_candidates
from operations.deployment_facts import CARRY
from operations.duties import Duty
from operations.office import NAIROBI
from operations.rule_book import RuleBook
from telephony import references

# Where the series under way is shown in full: the centre of the people in docs/demo.md first.
STAFFED: Final = (
    *("47109001", "22108001", "19103001", "01105002", "32106001", "42101001", "37106001", "16104001"),
)
# One more, whose manager was never given a way to sign in: nothing is marked there.
UNISSUED: Final = "47109002"
# The centres of the series that is over.
ENDED: Final = ("47209001", "47209002", "22212001")
# Who serves at each of them, in the order of the roster.
ROSTER: Final = ("centre_manager", "supervisor", *("invigilator",) * 4, *("security_officer",) * 2)
SMALL: Final = ("centre_manager", "supervisor", *("invigilator",) * 2, "security_officer")
# The people of docs/demo.md among them: where, which line of the roster, who.
CAST: Final[Mapping[tuple[str, int], int]] = {
    ("47109001", 1): 7,
    ("47109001", 2): 2,
    ("22108001", 1): 13,
    ("22108001", 2): 15,
    ("47209001", 1): 14,
}
# Of the applications that wait, every third was approved; with what the council told the others.
REJECTED: Final = "Your school hosts candidates of your own"


class Crowd:
    """Everybody approved who has nothing to do yet, each to be taken once; not those of docs/demo.md."""

    def __init__(self, people: Sequence[Person], owners: Mapping[int, int]) -> None:
        self.owners = owners
        extras = people[len(PERSONAS) :]
        self.idle = [each for each in extras if each.standing == "approved"]

    def take(self, book: RuleBook, position: str) -> int | None:
        """The account of the first one whom the rules allow this position."""
        allowed = book.post(position)
        for each in self.idle:
            if each.kind in allowed.kinds and (not allowed.levels or each.level in allowed.levels):
                self.idle.remove(each)
                return self.owners[each.n]
        return None


# -- two series of this year --------------------------------------------------------------------------


def staff(
    db: Session, series: Series, centres: Sequence[str], roster: Sequence[str], crowd: Crowd, *, now: datetime
) -> None:
    """The officers of these centres; all accepted and declared two weeks before the rehearsal."""
    rows, book = [], rule_book.of(db, series)
    for centre in centres:
        for number, position in enumerate(roster, 1):
            cast = CAST.get((centre, number))
            account_id = crowd.owners[cast] if cast else crowd.take(book, position)
            if account_id is not None:
                rows.append(post(series, centre, number, position, account_id))
    keep(db, Deployment, rows)
    made = select(Deployment.id).where(Deployment.series_id == series.id)
    declared = {"version": declarations.VERSION, "channel": "ussd"}
    keep(db, Declaration, [{"deployment_id": each, **declared} for each in db.scalars(made)])
    register_candidates(db, series, centres)


def post(series: Series, centre: str, number: int, position: str, account_id: int) -> dict[str, Any]:
    """A deployment from the rehearsal to the last day."""
    first = series.rehearsal or series.starts
    seven = datetime.combine(first, time(7), NAIROBI)
    return {
        "reference": references.make(deployments.KIND),
        "account_id": account_id,
        "series_id": series.id,
        "centre_code": centre,
        "position": position,
        "roster_no": number,
        "reporting_at": seven,
        "first_day": first,
        "last_day": series.ends,
        "report_to": "Sub-County Director of Education",
        "carry": CARRY,
        "state": "accepted",
        "offered_at": seven - 21 * DAY,
        "answered_at": seven - 14 * DAY,
    }


def mark(db: Session, series: Series, centres: Sequence[str], *, behind: int, now: datetime) -> None:
    """What the manager of each of these centres said of every day before today.

    Every `behind`-th centre, the first one among them, has not marked the last of these days; 0 for none.
    """
    today = now.astimezone(NAIROBI).date()
    phones, rows = managers(db, series), []
    for duty in duties.gather(db, Deployment.series_id == series.id, Deployment.centre_code.in_(centres)):
        past = [day for day in duty.working_days() if day < today]
        late = behind > 0 and centres.index(duty.centre_code) % behind == 0
        marked = past[: len(past) - late]
        rows += [word(duty, n, day, f"phone:{phones[duty.centre_code]}") for n, day in enumerate(marked)]
    keep(db, MarkEvent, rows)


def managers(db: Session, series: Series) -> Mapping[str, str]:
    """The phone of the manager of each centre."""
    rows = select(Deployment.centre_code, Account.phone).join(Account, Account.id == Deployment.account_id)
    here = (Deployment.series_id == series.id, Deployment.position == "centre_manager")
    return {centre: phone for centre, phone in db.execute(rows.where(*here))}  # noqa: C416


def word(duty: Duty, n: int, day: date, actor: str) -> dict[str, Any]:
    """The manager's word about one officer on one day, at four in the afternoon."""
    said = datetime.combine(day, time(16), NAIROBI)
    return {
        "deployment_id": duty.id,
        "day": day,
        "present": n % 5 != duty.roster_no % 7,
        "source": f"demonstration:{duty.centre_code}:{duty.roster_no}:{day}",
        "channel": "ussd",
        "actor": actor,
        "said_at": said,
        "received_at": said,
    }


# -- applications ------------------------------------------------------------------------------------


def apply_all(db: Session, adverts: Sequence[Vacancy], crowd: Crowd, *, now: datetime) -> None:
    """Somebody who may has applied for most of the posts; two in three still wait for the council."""
    rows = []
    books = {one: rule_book.of(db, db.get_one(Series, one)) for one in {each.series_id for each in adverts}}
    for n, vacancy in enumerate(adverts):
        # An examiner's is a matter of subject and paper, too; every third post has had no applicant yet.
        wanted = n % 3 and vacancy.position != "examiner"
        account_id = crowd.take(books[vacancy.series_id], vacancy.position) if wanted else None
        if account_id is not None:
            rows.append(application(n, vacancy, account_id, now))
    keep(db, Application, rows)
    holding = (Application.vacancy_id == Vacancy.id, Application.state.in_(LIVE))
    taken = select(func.count()).select_from(Application).where(*holding).scalar_subquery()
    db.execute(update(Vacancy).values(filled=taken).execution_options(synchronize_session=False))


def application(n: int, vacancy: Vacancy, account_id: int, now: datetime) -> dict[str, Any]:
    """An application of some days ago: waiting, approved, rejected or withdrawn."""
    state = ("submitted", "approved", "submitted", "submitted", "rejected", "withdrawn")[n % 6]
    applied = now - (2 + n % 9) * DAY
    decided = applied + DAY if state in ("approved", "rejected") else None
    return {
        "reference": references.make(applications.KIND),
        "account_id": account_id,
        "series_id": vacancy.series_id,
        "vacancy_id": vacancy.id,
        "form_id": f"demonstration:{n}",
        "state": state,
        "reason": {"rejected": REJECTED, "withdrawn": "change_of_mind"}.get(state),
        "channel": "ussd",
        "applied_at": applied,
        "ended_at": None if state in LIVE else applied + DAY,
        "decided_at": decided,
        "decided_by": STAFF.name if decided else None,
    }
