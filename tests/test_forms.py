"""Unfinished forms: one SMS a form after a drop, and none for whoever has come back (lessons A23)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from models.forms import Form
from models.messages import Message
from operations import forms, notices, office
from operations.office import NAIROBI
from tests.fixtures_season import PEOPLE, Season
from tests.fixtures_service import Handset
from tests.processes import wait_until
from ussd_app.service import Service
from workers import clock
from workers.periodic import TABLE

MINUTE = timedelta(minutes=1)
POST = {"post": "@term.position.driver", "code": "48213"}
PHONE = PEOPLE["amina"][0]


class Desk:
    """Amina's unfinished forms, and a sweeper that comes when it is told to."""

    def __init__(self, service: Service, season: Season) -> None:
        self.service, self.season = service, season

    def do(self, verb: Callable[..., Any], *args: Any, at: datetime | None = None, **more: Any) -> Any:
        """Do something in a transaction of its own."""
        with self.service.stores.transaction() as db:
            return verb(db, *args, now=at or office.now(db), **more)

    def begin(self, form: str = "f1", journey: str = "apply", name: str = "amina", **details: str) -> None:
        """Somebody is at a form."""
        self.do(forms.begin, form, self.season.accounts[name], journey, **details)

    def wait(self, minutes: float) -> None:
        """So many minutes pass for every form."""
        with self.service.stores.transaction() as db:
            later = minutes * MINUTE
            db.execute(update(Form).values(touched_at=Form.touched_at - later))

    def form(self, form: str = "f1") -> Form:
        """A form as it stands."""
        with self.service.stores.transaction() as db:
            return db.get_one(Form, form)

    def dial(self, phone: Handset) -> None:
        """A dial, and nothing but a dial; answers once the office has heard of it."""
        phone.dial()
        wait_until(lambda: self.form().returned_at is not None, "the form marked")


@pytest.fixture
def desk(service: Service, season: Season) -> Desk:
    return Desk(service, season)


@pytest.fixture
def amina(handset: Callable[[str], Handset]) -> Handset:
    return handset(PHONE)


def test_a_dropped_form_is_told_of_once(desk: Desk, amina: Handset) -> None:
    desk.begin(**POST)
    desk.wait(9.5)
    assert desk.do(forms.remind) == 0 and amina.inbox() == []
    desk.wait(0.6)
    assert [desk.do(forms.remind), desk.do(forms.remind)] == [1, 0]
    [told] = amina.inbox()
    assert told.endswith("application for Driver. Dial *384*22262# or send APPLY 48213 to 22262.")
    desk.begin(**POST)
    desk.wait(11)
    assert desk.do(forms.remind) == 0, "once a form ever, though it was dropped again"


@pytest.mark.parametrize(
    "journey, details, words",
    [
        ("profile", {}, "wasifu wako haujakamilika"),
        ("apply", {}, "hukumaliza ombi lako, na halijatumwa"),
        ("apply", POST, "ombi lako la Dereva. Piga *384*22262# au tuma OMBA 48213 kwa 22262."),
    ],
)
def test_each_journey_has_its_words(
    desk: Desk, amina: Handset, journey: str, details: dict[str, str], words: str
) -> None:
    desk.season.speak("amina", "sw")
    desk.begin(journey=journey, **details)
    desk.wait(11)
    desk.do(forms.remind)
    assert len(amina.inbox()) == 1 and words in amina.inbox()[0]


def test_who_only_dialled_again_is_not_told(desk: Desk, amina: Handset) -> None:
    """A23, with no sign-in: the sweeper fires after the redial, and does nothing."""
    desk.begin(**POST)
    desk.wait(5)
    desk.dial(amina)
    desk.wait(6)
    assert desk.do(forms.remind) == 0 and amina.inbox() == []


def test_who_resumed_and_dropped_again_is_told(desk: Desk, amina: Handset) -> None:
    desk.begin(**POST)
    desk.wait(5)
    desk.dial(amina)
    desk.begin(**POST)
    desk.wait(11)
    assert desk.do(forms.remind) == 1


def test_a_form_of_the_new_session_is_not_taken_for_an_old_one(desk: Desk, amina: Handset) -> None:
    """The office hears of the dial after the form was begun in that very session."""
    amina.dial()
    desk.begin(**POST)
    wait_until(lambda: not desk.service.dials.waiting, "the dial told")
    assert desk.form().returned_at is None
    desk.wait(11)
    assert desk.do(forms.remind) == 1


def held(desk: Desk) -> datetime:
    """A reminder queued at ten o'clock last night; answers when that was."""
    with desk.service.stores.transaction() as db:
        now = office.now(db).astimezone(NAIROBI)
    night = now.replace(hour=22, minute=0)
    night -= timedelta(days=int(night > now))
    desk.begin(**POST)
    with desk.service.stores.transaction() as db:
        db.execute(update(Form).values(touched_at=night - 11 * MINUTE))
    assert desk.do(forms.remind, at=night) == 1
    return night


def test_at_night_a_reminder_is_held_until_six(desk: Desk) -> None:
    night = held(desk)
    with desk.service.stores.transaction() as db:
        message = db.scalars(select(Message)).one()
    assert message.klass == "chase" and message.account_id == desk.season.accounts["amina"]
    assert "chase" not in notices.open_classes(night)
    assert "chase" in notices.open_classes(night + timedelta(hours=8))
    assert message.not_after > night + timedelta(hours=8)


def test_finished_while_it_was_held(desk: Desk, amina: Handset) -> None:
    held(desk)
    desk.do(forms.finish, "f1")
    assert amina.inbox() == []


def test_finished_by_sms_while_it_was_held(desk: Desk, amina: Handset) -> None:
    held(desk)
    desk.do(forms.finish_all, desk.season.accounts["amina"], "profile")
    assert len(amina.inbox()) == 1
    desk.do(forms.finish_all, desk.season.accounts["amina"], "apply")
    assert amina.inbox() == []


def test_redialled_while_it_was_held(desk: Desk, amina: Handset) -> None:
    """The reminder is taken back; as nobody heard it, the form may still be told of once."""
    held(desk)
    desk.dial(amina)
    assert amina.inbox() == []
    assert desk.do(forms.remind) == 0
    desk.begin(**POST)
    desk.wait(11)
    assert desk.do(forms.remind) == 1


def test_what_is_being_sent_is_not_taken_back(desk: Desk, amina: Handset) -> None:
    held(desk)
    with desk.service.stores.transaction() as db:
        db.execute(update(Message).values(state="posting"))
    desk.dial(amina)
    assert len(amina.inbox()) == 1 and desk.form().reminded_at is not None


def test_finished_forms_stay_finished(desk: Desk, amina: Handset) -> None:
    desk.begin(**POST)
    for _ in range(2):
        desk.do(forms.finish, "f1")
    desk.do(forms.finish, "never begun")
    done = desk.form().finished_at
    desk.begin(post=POST["post"], code="99999")
    desk.wait(11)
    assert desk.form().finished_at == done and desk.form().details == POST
    assert desk.do(forms.remind) == 0


def test_a_form_of_yesterday_is_let_be(desk: Desk) -> None:
    desk.begin(**POST)
    desk.wait(24 * 60)
    assert desk.do(forms.remind) == 0


def test_nobody_touches_anothers_form(desk: Desk) -> None:
    desk.begin(**POST)
    desk.wait(11)
    desk.begin(name="chebet", code="99999")
    assert desk.form().details == POST
    assert desk.do(forms.remind) == 1


def test_later_details_are_added(desk: Desk) -> None:
    desk.begin(post=POST["post"])
    desk.begin(code=POST["code"])
    assert desk.form().details == POST


def test_a_dial_of_another_phone_is_no_return(desk: Desk, handset: Callable[[str], Handset]) -> None:
    desk.begin(**POST)
    desk.wait(1)
    handset(PEOPLE["chebet"][0]).dial()
    wait_until(lambda: not desk.service.dials.waiting, "the dial told")
    assert desk.do(forms.returned, [PEOPLE["chebet"][0], "+254799999999"]) == 0
    assert desk.form().returned_at is None


def test_two_sweepers_and_a_finish_at_once(desk: Desk) -> None:
    """However they race: no form is told of twice, and none that was finished first."""
    for n in range(40):
        desk.begin(f"f{n}", **POST)
    desk.wait(11)
    with ThreadPoolExecutor(4) as pool:
        done = pool.submit(lambda: [desk.do(forms.finish, f"f{n}") for n in range(0, 40, 2)])
        told = [pool.submit(desk.do, forms.remind) for _ in range(3)]
        assert done.result()
    desk.do(forms.remind)
    assert sum(each.result() for each in told) <= 40
    with desk.service.stores.transaction() as db:
        keys = set(db.scalars(select(Message.natural_key)))
    assert keys == {f"form:f{n}" for n in range(1, 40, 2)}


def test_what_is_being_written_is_stepped_over(desk: Desk) -> None:
    """A sweeper waits for nobody: the form that is in somebody's hands is found by the next run."""
    desk.begin("f1", **POST)
    desk.begin("f2", name="chebet", **POST)
    desk.wait(11)
    with desk.service.stores.transaction() as db:
        forms.finish(db, "f1", now=office.now(db))
        assert desk.do(forms.remind) == 1
    assert desk.do(forms.remind) == 0


def test_batches_of_five_hundred(desk: Desk) -> None:
    with desk.service.stores.transaction() as db:
        many = text(
            "INSERT INTO form (id, account_id, journey, details, touched_at)"
            " SELECT 'm' || n, :who, 'profile', '{}', now() - interval '11 minutes'"
            " FROM generate_series(1, 620) AS n"
        )
        db.execute(many, {"who": desk.season.accounts["amina"]})
    assert [desk.do(forms.remind) for _ in range(3)] == [500, 120, 0]


def test_the_clock_reminds(desk: Desk, amina: Handset) -> None:
    desk.begin(**POST)
    desk.wait(11)
    [job] = [job for job in TABLE if job.name == "forms"]
    assert clock.take(desk.service.stores, job) and job.seconds == 60
    assert len(amina.inbox()) == 1


def test_a_dial_that_could_not_be_told_costs_nothing_else(desk: Desk, amina: Handset) -> None:
    """The first screen comes whatever becomes of telling it, and it is told again until it is."""
    desk.begin(**POST)
    desk.wait(1)
    with desk.service.stores.transaction() as db:
        db.execute(text("ALTER TABLE form RENAME TO form_away"))
    try:
        assert amina.dial().startswith("CON ")
        with pytest.raises(DBAPIError):
            desk.service.dials.work()
    finally:
        with desk.service.stores.transaction() as db:
            db.execute(text("ALTER TABLE form_away RENAME TO form"))
    wait_until(lambda: desk.form().returned_at is not None, "the form marked")
