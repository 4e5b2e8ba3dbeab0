"""Forms that are really left: a session drops in the middle, and what becomes of it ten minutes later (A23)."""

from collections.abc import Callable

import pytest
from sqlalchemy import update

from models.people import Profile
from models.registers import Eligibility
from models.series import Series, Vacancy
from operations import forms, office
from tests.fixtures_season import PASSWORD, PEOPLE, Season
from tests.fixtures_service import Handset
from tests.processes import wait_until
from tests.test_forms import Desk
from ussd_app.service import Service


@pytest.fixture
def desk(service: Service, season: Season) -> Desk:
    return Desk(service, season)


@pytest.fixture
def amina(handset: Callable[[str], Handset]) -> Handset:
    return handset(PEOPLE["amina"][0])


def code(desk: Desk) -> str:
    """The code of a vacancy for which Amina may apply."""
    return desk.season.vacancies["supervisor", "20401001"]


def at_confirmation(desk: Desk, amina: Handset) -> str:
    """Amina has typed the code and sees what she would apply for; then the session drops."""
    amina.dial()
    screen = amina.send(PASSWORD, "3", code(desk))
    assert "Kasarani Girls Secondary School" in screen, screen
    wait_until(lambda: not desk.service.dials.waiting, "the dial told")
    return screen


def reminders(amina: Handset) -> list[str]:
    return [text for text in amina.inbox() if "had not finished" in text]


def test_dropped_and_never_dialled_again(desk: Desk, amina: Handset) -> None:
    at_confirmation(desk, amina)
    desk.wait(11)
    assert desk.do(forms.remind) == 1
    [told] = reminders(amina)
    assert f"APPLY {code(desk)}" in told and "Supervisor" in told
    assert desk.do(forms.remind) == 0


def test_dropped_and_only_dialled(desk: Desk, amina: Handset) -> None:
    """She dials, is asked whether to go on, and hangs up: nothing is sent."""
    at_confirmation(desk, amina)
    desk.wait(5)
    assert "1" in amina.dial()
    wait_until(lambda: desk.do(forms.returned, [amina.phone]) == 0, "the dial told")
    desk.wait(6)
    assert desk.do(forms.remind) == 0 and reminders(amina) == []


def test_finished_by_ussd(desk: Desk, amina: Handset) -> None:
    at_confirmation(desk, amina)
    assert "Thank you for submitting" in amina.send("1")
    desk.wait(11)
    assert desk.do(forms.remind) == 0


def test_finished_by_sms_as_the_reminder_says(desk: Desk, amina: Handset) -> None:
    """The reminder waits for the morning, she sends what another one told her: it is taken back."""
    at_confirmation(desk, amina)
    desk.wait(11)
    assert desk.do(forms.remind) == 1
    amina.text(f"APPLY {code(desk)}")
    digits = amina.inbox()[-1].rsplit("YES ", 1)[1][:4]
    amina.text(f"YES {digits}")
    assert reminders(amina) == []
    assert any("submitting your application" in text or "AP-" in text for text in amina.inbox())


def test_a_profile_left_half_way(desk: Desk, handset: Callable[[str], Handset]) -> None:
    """Baraka has filled nothing yet: what he typed is kept, and he is told how to go on."""
    baraka = handset(PEOPLE["baraka"][0])
    baraka.dial()
    baraka.send(PASSWORD, "1", "1", "1")  # my profile, fill what is missing, teacher
    desk.wait(11)
    assert desk.do(forms.remind) == 1
    assert "your profile is not finished yet" in baraka.inbox()[-1]


# -- whom no reminder would help -----------------------------------------------------------------------


def fill(desk: Desk) -> None:
    """Somebody else takes the last place of that vacancy."""
    with desk.service.stores.transaction() as db:
        row = update(Vacancy).where(Vacancy.code == code(desk))
        db.execute(row.values(filled=Vacancy.capacity))


def test_the_loser_of_the_last_place_is_not_reminded(desk: Desk, amina: Handset) -> None:
    at_confirmation(desk, amina)
    fill(desk)
    assert "Thank you" not in amina.send("1")
    desk.wait(11)
    assert desk.do(forms.remind) == 0 and reminders(amina) == []


@pytest.mark.parametrize("gone", ["closed_at", "apply_until"])
def test_nobody_is_reminded_of_what_is_closed(desk: Desk, amina: Handset, gone: str) -> None:
    at_confirmation(desk, amina)
    with desk.service.stores.transaction() as db:
        past = {gone: office.now(db)}
        if gone == "closed_at":
            db.execute(update(Vacancy).where(Vacancy.code == code(desk)).values(**past))
        else:
            db.execute(update(Series).where(Series.id == desk.season.open).values(**past))
    desk.wait(11)
    assert desk.do(forms.remind) == 0 and reminders(amina) == []


@pytest.mark.parametrize("standing", ["waiting", "rejected", None])
def test_who_is_not_approved_is_not_reminded_of_a_search(
    desk: Desk, amina: Handset, standing: str | None
) -> None:
    account = desk.season.accounts["amina"]
    desk.begin(form=f"search:{account}")
    with desk.service.stores.transaction() as db:
        row = db.get_one(Eligibility, account)
        db.delete(row) if standing is None else setattr(row, "standing", standing)
    desk.wait(11)
    assert desk.do(forms.remind) == 0 and reminders(amina) == []


def test_who_was_told_to_complete_the_profile_first_is_not_reminded(desk: Desk, amina: Handset) -> None:
    account = desk.season.accounts["amina"]
    desk.begin(form=f"search:{account}")
    with desk.service.stores.transaction() as db:
        db.execute(update(Profile).where(Profile.account_id == account).values(bank_branch=None))
    amina.dial()
    assert "before your profile is complete" in amina.send(PASSWORD, "3", code(desk))
    desk.wait(11)
    assert desk.do(forms.remind) == 0 and reminders(amina) == []
