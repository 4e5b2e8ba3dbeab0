"""Vacancies: places advertised at a duty station, taken one by one and never more than there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Update, func, select, update
from sqlalchemy.orm import Session

from models.places import Centre
from models.series import ACTIVITIES, POSITIONS, Series, Vacancy
from operations import audits
from operations.office import Actor
from operations.refusals import Refusal
from operations.series import is_open
from telephony import references

# What somebody in a position does, where the advert does not say it otherwise.
ACTIVITY_OF: Final = {
    "centre_manager": "management",
    "supervisor": "supervision",
    "invigilator": "invigilation",
    "clerk": "distribution",
    "security_officer": "security",
    "driver": "transport",
    "examiner": "marking",
}
# The first vacancy's code is 1001 and its check digit: no code begins with a zero that somebody drops.
CODES_FROM: Final = 1000
MOST_PLACES: Final = 5000
SEQUENCE: Final = "vacancy_id_seq"
Post = tuple[str, str, str, str | None, str | None]


@dataclass(frozen=True)
class Advert:
    """What an officer advertises: so many places in a position at a centre; examiners by subject."""

    centre_code: str
    position: str
    places: int
    activity: str = ""
    subject: str | None = None
    paper: str | None = None

    @property
    def post(self) -> Post:
        """What makes it the same post as another advert."""
        return self.centre_code, self.position, self.doing, self.subject, self.paper

    @property
    def doing(self) -> str:
        """Its activity."""
        return self.activity or ACTIVITY_OF.get(self.position, "")


# -- codes -------------------------------------------------------------------------------------------


def by_code(db: Session, code: str) -> Vacancy:
    """The vacancy of a typed code, whatever separates its digits; a refusal where it is no vacancy's."""
    try:
        digits = references.read_digits(code)
    except references.BadReference:
        raise Refusal("vacancy.no_such_code") from None
    if not references.digits_right(digits):
        raise Refusal("vacancy.wrong_digit")
    vacancy = db.scalars(select(Vacancy).where(Vacancy.code == digits)).first()
    if vacancy is None:
        raise Refusal("vacancy.no_such_code")
    return vacancy


def require_open(db: Session, vacancy: Vacancy, *, now: datetime) -> None:
    """Refuse a vacancy for which nobody may apply now: closed, its series not open, or full."""
    series_open = db.scalar(select(is_open(now)).where(Series.id == vacancy.series_id))
    if vacancy.closed_at is not None or not series_open:
        raise Refusal("vacancy.closed")
    if vacancy.filled >= vacancy.capacity:
        raise Refusal("vacancy.full")


# -- places ------------------------------------------------------------------------------------------


def take_place(db: Session, vacancy_id: int) -> bool:
    """Take one of the places, if one is left and one may still apply; of two for the last, one gets it."""
    series_open = select(Series.id).where(Series.id == Vacancy.series_id, is_open()).exists()
    row = update(Vacancy).where(Vacancy.id == vacancy_id, Vacancy.closed_at.is_(None), series_open)
    left = row.where(Vacancy.filled < Vacancy.capacity)
    return changed(db, left.values(filled=Vacancy.filled + 1))


def free_place(db: Session, vacancy_id: int) -> bool:
    """Give a place back; False where none was taken."""
    row = update(Vacancy).where(Vacancy.id == vacancy_id, Vacancy.filled > 0)
    return changed(db, row.values(filled=Vacancy.filled - 1))


def changed(db: Session, row: Update) -> bool:
    """Whether an update found its vacancy; one that was read before is seen as it now is."""
    found = row.returning(Vacancy.id).execution_options(synchronize_session="fetch")
    return db.scalar(found) is not None


# -- adverts -----------------------------------------------------------------------------------------


def advertise(db: Session, series: Series, advert: Advert, *, by: Actor, now: datetime) -> Vacancy:
    """Advertise a post. The same post again corrects its number of places, and its code stays."""
    vacancy = advertise_all(db, series, [advert], by=by, now=now)[0]
    audits.record(
        db, "vacancy.advertise", f"vacancy:{vacancy.id}", by=by, code=vacancy.code, places=str(advert.places)
    )
    return vacancy


def advertise_all(
    db: Session, series: Series, adverts: Sequence[Advert], *, by: Actor, now: datetime
) -> list[Vacancy]:
    """Advertise many posts, with a few statements whatever their number. The caller writes the audit row."""
    # Two officers at once take turns; people who apply wait only for a post whose places are corrected.
    db.execute(select(Series.id).where(Series.id == series.id).with_for_update(key_share=True))
    stations, known = stations_of(db, adverts), open_at(db, series, adverts)
    hold(db, [known[each.post].id for each in adverts if corrects(each, known.get(each.post))])
    for refusal in judge_all(series, adverts, stations, known):
        if refusal is not None:
            raise refusal
    fresh = {advert.post: advert for advert in adverts if advert.post not in known}
    for number, advert in zip(numbers(db, len(fresh)), fresh.values(), strict=True):
        known[advert.post] = made(series, advert, stations[advert.centre_code], number)
        db.add(known[advert.post])
    for advert in adverts:
        known[advert.post].capacity = advert.places
    db.flush()
    return [known[advert.post] for advert in adverts]


def refusals(db: Session, series: Series, adverts: Sequence[Advert]) -> list[Refusal | None]:
    """For each advert why it would be refused, or None; changes nothing."""
    return judge_all(series, adverts, stations_of(db, adverts), open_at(db, series, adverts))


def judge_all(
    series: Series, adverts: Sequence[Advert], stations: Mapping[str, str], known: Mapping[Post, Vacancy]
) -> list[Refusal | None]:
    """For each advert why it is refused, or None."""
    if series.closed_at is not None:
        return [Refusal("series.closed", series_name=f"{series.exam} {series.year}") for _ in adverts]
    return [judge(advert, stations, known.get(advert.post)) for advert in adverts]


def stations_of(db: Session, adverts: Sequence[Advert]) -> dict[str, str]:
    """The station of each centre that is named and known."""
    codes = {advert.centre_code for advert in adverts}
    rows = db.execute(select(Centre.code, Centre.station).where(Centre.code.in_(codes)))
    return {row.code: row.station for row in rows}


def open_at(db: Session, series: Series, adverts: Sequence[Advert]) -> dict[Post, Vacancy]:
    """What is advertised at the centres of these adverts already."""
    centres = {advert.centre_code for advert in adverts}
    here = (Vacancy.series_id == series.id, Vacancy.centre_code.in_(centres), Vacancy.closed_at.is_(None))
    return {post_of(vacancy): vacancy for vacancy in db.scalars(select(Vacancy).where(*here))}


def corrects(advert: Advert, known: Vacancy | None) -> bool:
    """Whether an advert changes the number of places of what is known."""
    return known is not None and known.capacity != advert.places


def hold(db: Session, ids: Sequence[int]) -> None:
    """See these vacancies as they are once nobody else can take their places."""
    rows = select(Vacancy).where(Vacancy.id.in_(ids)).order_by(Vacancy.id).with_for_update(key_share=True)
    if ids:
        db.scalars(rows.execution_options(populate_existing=True)).all()


def post_of(vacancy: Vacancy) -> Post:
    """What makes it the same post as another vacancy."""
    return vacancy.centre_code, vacancy.position, vacancy.activity, vacancy.subject, vacancy.paper


def judge(advert: Advert, stations: Mapping[str, str], known: Vacancy | None) -> Refusal | None:
    """Why an advert cannot be right, or None."""
    if advert.position not in POSITIONS:
        return Refusal("vacancy.no_position", position_typed=advert.position[:20])
    if advert.doing not in ACTIVITIES:
        return Refusal("vacancy.no_activity", activity_typed=advert.activity[:20])
    if advert.centre_code not in stations:
        return Refusal("vacancy.no_centre", centre_typed=advert.centre_code[:8])
    if not 1 <= advert.places <= MOST_PLACES:
        return Refusal("vacancy.places", most_places=str(MOST_PLACES))
    if known is not None and advert.places < known.filled:
        return Refusal("vacancy.taken_already", places_taken=str(known.filled))
    if (advert.position == "examiner") != (advert.subject is not None):
        return Refusal("vacancy.subject")
    return None


def numbers(db: Session, count: int) -> list[int]:
    """So many new ids whose codes are free: a code is made of its id, so no two that draw get the same."""
    free: list[int] = []
    while len(free) < count:
        wanted = func.generate_series(1, count - len(free)).table_valued("n")
        drawn = {
            code_of(number): number
            for number in db.scalars(select(func.nextval(SEQUENCE)).select_from(wanted))
        }
        taken = set(db.scalars(select(Vacancy.code).where(Vacancy.code.in_(drawn))))
        free += (number for code, number in drawn.items() if code not in taken)
    return free


def code_of(number: int) -> str:
    """The code of a vacancy's id."""
    root = str(CODES_FROM + number)
    return root + references.check_digit(root)


def made(series: Series, advert: Advert, station: str, number: int) -> Vacancy:
    """A new vacancy."""
    return Vacancy(
        id=number,
        code=code_of(number),
        series_id=series.id,
        activity=advert.doing,
        station=station,
        position=advert.position,
        centre_code=advert.centre_code,
        subject=advert.subject,
        paper=advert.paper,
        capacity=advert.places,
    )


def close(db: Session, vacancy: Vacancy, *, by: Actor, now: datetime) -> None:
    """Nobody applies for it any more; who has applied is not touched. Closing twice changes nothing."""
    if vacancy.closed_at is None:
        vacancy.closed_at = now
        audits.record(db, "vacancy.close", f"vacancy:{vacancy.id}", by=by, code=vacancy.code)
