"""What happened to the people of `docs/demo.md`, by the verbs that everybody uses, and what all were told."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from models.messages import Message
from models.people import Service
from models.series import Series, Vacancy
from operations import applications, deployments
from operations.demonstration_people import Person
from operations.demonstration_places import keep
from operations.demonstration_posts import STAFFED
from operations.demonstration_season import STAFF
from operations.office import NAIROBI, caller
from operations.refusals import Refusal

TOLD: Final = timedelta(days=12)  # ago
LIMURU, THIKA_MARKING = "22110002", "22912001"
# Where the others served: nobody is deployed there by us, and nothing is advertised.
SERVED_AT: Final = {"secondary": "13101001", "primary": "14201001", "junior": "14201001"}


def remember(db: Session, people: Sequence[Person], owners: Mapping[int, int], *, now: datetime) -> None:
    """Notices of two weeks ago, long delivered, and where teachers served in the last two years."""
    approved = [each for each in people if each.standing == "approved"]
    keep(db, Message, [notice(each, owners[each.n], now) for each in approved])
    served = [each for each in approved if each.level and each.n % 4 == 1]
    keep(db, Service, [service(each, 1 + each.n % 2, now) for each in served])


def notice(each: Person, account_id: int, now: datetime) -> dict[str, Any]:
    """That they were approved."""
    told = now - TOLD
    return {
        "lane": "bulk",
        "class": "notice",
        "words": "approval.given",
        "details": {"kind_of": f"@term.kind.{each.kind}"},
        "natural_key": f"demonstration:approved:{each.n}",
        "phone": each.phone,
        "account_id": account_id,
        "queued_at": told,
        "next_attempt_at": told,
        "not_after": told + timedelta(hours=48),
        "state": "delivered",
        "settled_at": told,
    }


def service(each: Person, ago: int, now: datetime) -> dict[str, Any]:
    """A season served before; by 0722 000 111 at a centre that now wants a supervisor."""
    return {
        "national_id": each.national_id,
        "year": now.astimezone(NAIROBI).year - ago,
        "exam": "KCSE",
        "centre_code": LIMURU if each.n == 1 else SERVED_AT[each.level or "primary"],
        "position": "supervisor" if each.level == "secondary" else "invigilator",
    }


def act(
    db: Session,
    people: Sequence[Person],
    owners: Mapping[int, int],
    running: Series,
    adverts: Sequence[Vacancy],
    *,
    now: datetime,
) -> None:
    """Play each story; one that the data of an older demonstration forbid is left out, whole."""
    for n, story in STORIES.items():
        try:
            with db.begin_nested():
                story(Scene(db, people[n - 1], owners[n], running, adverts, now))
        except Refusal:
            continue


class Scene:
    """One person's story: what they, or the council, did with the verbs of the office."""

    def __init__(
        self,
        db: Session,
        person: Person,
        account_id: int,
        running: Series,
        adverts: Sequence[Vacancy],
        now: datetime,
    ) -> None:
        self.db, self.person, self.account_id = db, person, account_id
        self.running, self.adverts, self.now = running, adverts, now
        self.by = caller(person.phone, "ussd")

    def apply(self, position: str, exam: int = 0) -> int:
        """They applied for the first vacancy of this position: in KCSE, or in the exam after it."""
        series = sorted({vacancy.series_id for vacancy in self.adverts})[exam]
        wanted = next(v for v in self.adverts if v.position == position and v.series_id == series)
        form = f"demonstration:{self.person.n}"
        made = applications.apply(self.db, self.account_id, wanted.id, form_id=form, by=self.by, now=self.now)
        return made.id

    def offer(self, centre: str, position: str) -> int:
        """The council offered them a post in the series under way."""
        made = deployments.offer(
            self.db, self.account_id, self.running.id, centre, position, by=STAFF, now=self.now
        )
        return made.id

    def accept(self, deployment_id: int) -> None:
        """They accepted it."""
        deployments.accept(self.db, deployment_id, by=self.by, now=self.now)

    def approved(self, application_id: int) -> None:
        """The council approved their application."""
        applications.review(self.db, application_id, True, by=STAFF, now=self.now)


# By number: an offer that waits for its answer, applications that wait or are approved, posts accepted.
STORIES: Final[Mapping[int, Callable[[Scene], object]]] = {
    3: lambda scene: scene.offer(STAFFED[0], "invigilator"),
    5: lambda scene: scene.apply("security_officer"),
    6: lambda scene: scene.accept(scene.offer(THIKA_MARKING, "examiner")),
    11: lambda scene: scene.approved(scene.apply("invigilator", exam=1)),
    12: lambda scene: scene.accept(scene.offer(STAFFED[1], "security_officer")),
}
