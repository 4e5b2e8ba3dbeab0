"""Vacancies: their codes, their places, and the adverts that make them."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from models.places import Centre
from models.records import Audit
from models.series import Series, Vacancy
from operations import office, vacancies
from operations.office import Actor
from operations.refusals import Refusal
from operations.vacancies import Advert
from telephony import references
from tests.fixtures_season import Season

BY = Actor("staff:wanjiku", "command")
POST = ("invigilator", "20401001")


def vacancy_of(db: Any, season: Season, post: tuple[str, str] = POST) -> Vacancy:
    """A vacancy of the small season."""
    found: Vacancy = db.scalars(select(Vacancy).where(Vacancy.code == season.vacancies[post])).one()
    return found


def refused(act: Callable[[], object]) -> str:
    """The code of the refusal that this raises; empty where it raises none."""
    try:
        act()
    except Refusal as refusal:
        return refusal.code
    return ""


# -- codes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dress", ["{}", " {} ", "{0[0]}-{0[1]}{0[2]} {0[3]}.{0[4]}", "{}"])
def test_a_code_is_read_however_it_is_typed(season: Season, dress: str) -> None:
    code = season.vacancies[POST]
    with season.service.stores.transaction() as db:
        assert vacancies.by_code(db, dress.format(code)).code == code
        assert vacancies.by_code(db, code.replace("0", "O")).code == code


def test_a_code_of_no_vacancy_and_one_with_a_slip_are_told_apart(season: Season) -> None:
    code = season.vacancies[POST]
    slip = code[:-1] + str((int(code[-1]) + 1) % 10)
    none = "7777" + references.check_digit("7777")
    with season.service.stores.transaction() as db:
        for typed in ("", "kasarani", "12 a", none):
            assert refused(lambda typed=typed: vacancies.by_code(db, typed)) == "vacancy.no_such_code"
        assert refused(lambda: vacancies.by_code(db, slip)) == "vacancy.wrong_digit"


def test_a_vacancy_is_open_until_it_is_closed_full_or_out_of_its_time(season: Season) -> None:
    with season.service.stores.transaction() as db:
        vacancy, now = vacancy_of(db, season), office.now(db)
        require = lambda at=now: refused(lambda: vacancies.require_open(db, vacancy, now=at))  # noqa: E731
        assert require() == ""
        assert require(now + timedelta(weeks=7)) == require(now - timedelta(weeks=2)) == "vacancy.closed"
        vacancy.filled = vacancy.capacity
        assert require() == "vacancy.full"
        vacancies.close(db, vacancy, by=BY, now=now)
        vacancies.close(db, vacancy, by=BY, now=now)
        assert require() == "vacancy.closed"
        db.flush()
        assert db.scalar(select(func.count()).where(Audit.act == "vacancy.close")) == 1


# -- places ------------------------------------------------------------------------------------------


def test_places_are_taken_up_to_the_last_and_given_back(season: Season) -> None:
    with season.service.stores.transaction() as db:
        vacancy = vacancy_of(db, season)
        assert [vacancies.take_place(db, vacancy.id) for _ in range(4)] == [True, True, True, False]
        assert vacancy.filled == 3
        assert [vacancies.free_place(db, vacancy.id) for _ in range(4)] == [True, True, True, False]
        assert vacancy.filled == 0


@pytest.mark.parametrize("how", ["closed", "over", "late", "early"])
def test_no_place_is_taken_where_nobody_may_apply(season: Season, how: str) -> None:
    with season.service.stores.transaction() as db:
        vacancy, now = vacancy_of(db, season), office.now(db)
        values: dict[str, dict[str, Any]] = {
            "over": {"closed_at": now},
            "late": {"apply_until": now},
            "early": {"apply_from": now + timedelta(days=1)},
        }
        if how == "closed":
            vacancy.closed_at = now
            db.flush()
        else:
            db.execute(update(Series).where(Series.id == season.open).values(**values[how]))
        assert vacancies.take_place(db, vacancy.id) is False and vacancy.filled == 0


def test_of_many_at_once_exactly_as_many_as_there_are_get_a_place(season: Season) -> None:
    with season.service.stores.transaction() as db:
        vacancy_id = vacancy_of(db, season).id
    won: list[bool] = []
    ready = threading.Barrier(8)

    def take() -> None:
        ready.wait()
        for _ in range(3):
            with season.service.stores.transaction() as db:
                won.append(vacancies.take_place(db, vacancy_id))

    people = [threading.Thread(target=take) for _ in range(8)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert won.count(True) == 3 and won.count(False) == 21
    with season.service.stores.transaction() as db:
        assert db.get_one(Vacancy, vacancy_id).filled == 3


# -- adverts -----------------------------------------------------------------------------------------


def test_an_advert_becomes_a_vacancy_with_a_code_of_its_own(season: Season) -> None:
    with season.service.stores.transaction() as db:
        series, now = db.get_one(Series, season.open), office.now(db)
        made = vacancies.advertise(db, series, Advert("20402001", "supervisor", 2), by=BY, now=now)
        assert (made.activity, made.station, made.capacity, made.filled) == (
            "supervision",
            "examination",
            2,
            0,
        )
        assert references.digits_right(made.code) and 5 <= len(made.code) <= 6 and made.code[0] != "0"
        assert vacancies.by_code(db, made.code) is made
        audit = db.scalars(select(Audit).where(Audit.act == "vacancy.advertise")).one()
    assert (audit.actor, audit.subject) == ("staff:wanjiku", f"vacancy:{made.id}")


def test_the_same_post_again_corrects_its_places_and_keeps_its_code(season: Season) -> None:
    with season.service.stores.transaction() as db:
        series, now = db.get_one(Series, season.open), office.now(db)
        old = vacancy_of(db, season)
        code, vacancies_before = old.code, db.scalar(select(func.count()).select_from(Vacancy))
        vacancies.take_place(db, old.id)
        vacancies.take_place(db, old.id)
        again = vacancies.advertise(db, series, Advert("20401001", "invigilator", 9), by=BY, now=now)
        assert (again.code, again.capacity, again.filled) == (code, 9, 2)
        fewer = Advert("20401001", "invigilator", 1)
        assert (
            refused(lambda: vacancies.advertise(db, series, fewer, by=BY, now=now)) == "vacancy.taken_already"
        )
        assert db.scalar(select(func.count()).select_from(Vacancy)) == vacancies_before
        vacancies.close(db, again, by=BY, now=now)
        new = vacancies.advertise(db, series, Advert("20401001", "invigilator", 1), by=BY, now=now)
        assert new.code != code


def test_the_station_is_the_centres_and_an_examiner_has_a_subject(season: Season) -> None:
    with season.service.stores.transaction() as db:
        db.execute(update(Centre).where(Centre.code == "20402001").values(station="marking"))
        series, now = db.get_one(Series, season.open), office.now(db)
        papers = [
            Advert("20402001", "examiner", 5, subject="Mathematics", paper=paper) for paper in ("1", "2")
        ]
        made = vacancies.advertise_all(db, series, papers, by=BY, now=now)
        assert [(each.station, each.paper) for each in made] == [("marking", "1"), ("marking", "2")]
        assert len({each.code for each in made}) == 2


def test_two_officers_who_advertise_one_post_at_once_make_one_vacancy(season: Season) -> None:
    ready, codes = threading.Barrier(2), list[str]()

    def advertise() -> None:
        ready.wait()
        with season.service.stores.transaction() as db:
            series, now = db.get_one(Series, season.open), office.now(db)
            codes.append(vacancies.advertise(db, series, Advert("20402001", "clerk", 2), by=BY, now=now).code)

    officers = [threading.Thread(target=advertise) for _ in range(2)]
    for officer in officers:
        officer.start()
    for officer in officers:
        officer.join()
    assert len(codes) == 2 and len(set(codes)) == 1


def test_places_are_not_corrected_below_what_is_taken_meanwhile(season: Season) -> None:
    """Somebody takes a place between the officer's look and the officer's change."""
    with season.service.stores.transaction() as db:
        vacancy_id = vacancy_of(db, season).id
    with season.service.stores.sessions() as taker, season.service.stores.sessions() as db:
        assert all(vacancies.take_place(taker, vacancy_id) for _ in range(2))
        outcome: list[str] = []
        series, now = db.get_one(Series, season.open), office.now(db)
        one = Advert("20401001", "invigilator", 1)
        officer = threading.Thread(
            target=lambda: outcome.append(
                refused(lambda: vacancies.advertise(db, series, one, by=BY, now=now))
            )
        )
        officer.start()
        officer.join(0.5)
        assert officer.is_alive()  # the row is the taker's
        taker.commit()
        officer.join()
    assert outcome == ["vacancy.taken_already"]


@pytest.mark.parametrize(
    ("advert", "code"),
    [
        (Advert("20401001", "teacher", 1), "vacancy.no_position"),
        (Advert("20401001", "driver", 1, "driving"), "vacancy.no_activity"),
        (Advert("99999999", "driver", 1), "vacancy.no_centre"),
        (Advert("20401001", "driver", 0), "vacancy.places"),
        (Advert("20401001", "driver", 5001), "vacancy.places"),
        (Advert("20401001", "examiner", 1), "vacancy.subject"),
        (Advert("20401001", "driver", 1, subject="Mathematics"), "vacancy.subject"),
    ],
)
def test_what_cannot_be_advertised(season: Season, advert: Advert, code: str) -> None:
    with season.service.stores.transaction() as db:
        series, now = db.get_one(Series, season.open), office.now(db)
        assert refused(lambda: vacancies.advertise(db, series, advert, by=BY, now=now)) == code
        assert [why.code for why in vacancies.refusals(db, series, [advert]) if why] == [code]


def test_nothing_is_advertised_in_a_series_that_is_over(season: Season) -> None:
    with season.service.stores.transaction() as db:
        series, now = db.get_one(Series, season.open), office.now(db)
        series.closed_at = now
        advert = Advert("20401001", "driver", 1)
        assert refused(lambda: vacancies.advertise(db, series, advert, by=BY, now=now)) == "series.closed"


def test_a_code_that_is_taken_is_passed_over(season: Season) -> None:
    with season.service.stores.transaction() as db:
        series, now = db.get_one(Series, season.open), office.now(db)
        newest = db.scalar(select(func.max(Vacancy.id))) or 0
        old = vacancy_of(db, season)
        old.code = vacancies.code_of(newest + 2)
        db.flush()
        posts = [Advert("20402001", position, 1) for position in ("supervisor", "clerk", "driver")]
        made = vacancies.advertise_all(db, series, posts, by=BY, now=now)
        assert len({old.code, *(each.code for each in made)}) == 4
