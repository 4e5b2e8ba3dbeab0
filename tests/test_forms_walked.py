"""Forms that are really left: a session drops in the middle, and what becomes of it ten minutes later (A23)."""

from collections.abc import Callable

import pytest

from operations import forms
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
