"""Two exams at one centre: each has a register, a list of officers and codes of its own."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from models.attendance import MarkEvent
from models.deployments import Deployment
from models.messages import Message
from models.series import Series
from operations import attendance_codes, chases
from operations.office import now
from operations.register_states import CentreState, states
from tests.fixtures_attendance import at
from tests.fixtures_directors import CENTRE, MANAGER, second_series, staffed
from tests.fixtures_registers import opened
from tests.fixtures_season import PASSWORD, Season, sub_county
from tests.fixtures_service import Handset, service_of
from tests.test_centres_sms import answer, enrol
from tests.test_directors import home
from tests.test_directors_sms import answer as told
from tests.test_directors_sms import staff

Phones = Callable[[str], Handset]


def mark_all(season: Season, series_id: int, day: date) -> None:
    """Everybody of Kasarani Girls in this series is marked P."""
    with season.service.stores.transaction() as db:
        here = (Deployment.series_id == series_id, Deployment.centre_code == CENTRE)
        for post in db.scalars(select(Deployment.id).where(*here)).all():
            said = {"present": True, "channel": "ussd", "actor": f"phone:{MANAGER}", "source": f"two:{post}"}
            db.add(MarkEvent(deployment_id=post, day=day, said_at=now(db), **said))


def state_of(season: Season, day: date) -> CentreState:
    with season.service.stores.transaction() as db:
        found = states(db, [sub_county(db, "Kasarani")], day, now=now(db))
    return next(each for each in found if each.centre_code == CENTRE)


def test_one_register_that_is_done_hides_no_other(season: Season, njeri: Handset, examined: date) -> None:
    staffed(season, examined)
    other = second_series(season, examined)
    mark_all(season, season.running, examined)
    state = state_of(season, examined)
    assert (state.unmarked, state.lacking, state.counts) == (True, "KJSEA", "KJSEA 0/2")
    assert f"{CENTRE} KJSEA" in told(njeri, "TODAY")
    home(njeri)
    assert "1. KJSEA 0/2 Kasarani" in njeri.send("1", "1")
    assert "Marked: KJSEA 0/2" in njeri.send("1")
    mark_all(season, other, examined)
    assert state_of(season, examined).done


def test_the_list_of_ten_names_the_exam_that_nobody_marked(
    season: Season, njeri: Handset, examined: date
) -> None:
    staffed(season, examined)
    second_series(season, examined)
    mark_all(season, season.running, examined)
    with season.service.stores.transaction() as db:
        assert chases.list_unmarked(db, now=at(examined, 10)) == 1
        details = db.scalars(select(Message.details).where(Message.words == "chase.unmarked")).one()
    assert details["chased_centres"].startswith(f"{CENTRE} KJSEA Kasarani")


# -- the officers ----------------------------------------------------------------------------------------


@pytest.fixture
def manager(season: Season, examined: date, handset: Phones) -> Handset:
    """A phone of the centre in which both exams have officers."""
    staffed(season, examined)
    second_series(season, examined)
    enrol(season, MANAGER, CENTRE)
    return handset(MANAGER)


def test_the_list_has_the_officers_of_both(season: Season, manager: Handset) -> None:
    first, second = answer(manager, "LIST"), answer(manager, "LIST 2")
    assert "KPSEA" in first and "1 Amina" in first and "officers 1/2" in first
    assert "KJSEA" in second and "1 Chebet" in second and "2 Esther" in second
    assert answer(manager, "list kjsea") == second.replace("2/2", "1/1")
    assert "KJSEA" in answer(manager, "ORODHA KJSEA")


def test_on_the_screen_too(season: Season, manager: Handset, handset: Phones) -> None:
    with season.service.stores.transaction() as db:
        db.add(opened(season, CENTRE, MANAGER, now(db)))
    manager.dial()
    manager.send("2", CENTRE, PASSWORD)
    listed = manager.send("3")
    assert "KPSEA 1 Amina" in listed and "KJSEA 1 Chebet" in listed
    assert "KJSEA 1 Chebet" in manager.send("kjsea")
    assert "Chebet Rono" in manager.send("1")


def test_the_codes_of_both_are_printed(season: Season, manager: Handset, app: Flask, examined: date) -> None:
    printed = staff(app, "codes", CENTRE).output.strip().splitlines()
    with season.service.stores.transaction() as db:
        ids = {each.exam: each.id for each in db.scalars(select(Series).order_by(Series.id))}
    for exam in ("KPSEA", "KJSEA"):
        code = attendance_codes.code(service_of(app).office, ids[exam], CENTRE, examined)
        said = [line for line in printed if line.endswith(f"{code[:3]} {code[3:]}")]
        assert len(said) == 1 and said[0].startswith(exam), printed
