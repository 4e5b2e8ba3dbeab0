"""Consent: somebody whose account the council made from a list is asked before anything else."""

from collections.abc import Callable

from sqlalchemy import delete, select

from models.accounts import Consent
from tests.fixtures_season import PASSWORD, PEOPLE, Season
from tests.fixtures_service import Handset


def newcomer(season: Season, handset: Callable[[str], Handset]) -> Handset:
    """Amina, as if her account had come from a list."""
    with season.service.stores.transaction() as db:
        db.execute(delete(Consent).where(Consent.account_id == season.accounts["amina"]))
    amina = handset(PEOPLE["amina"][0])
    amina.dial()
    assert "KNEC opened this account for you" in amina.send(PASSWORD)
    return amina


def test_a_newcomer_agrees_once(season: Season, handset: Callable[[str], Handset]) -> None:
    amina = newcomer(season, handset)
    assert "1. My profile" in amina.send("1")
    with season.service.stores.transaction() as db:
        given = db.scalars(select(Consent).where(Consent.account_id == season.accounts["amina"])).all()
        assert [consent.channel for consent in given] == ["ussd"]
    amina.dial()
    assert "1. My profile" in amina.send(PASSWORD)


def test_who_does_not_agree_is_signed_out(season: Season, handset: Callable[[str], Handset]) -> None:
    amina = newcomer(season, handset)
    assert amina.send("2").startswith("END You have signed out.")
    amina.dial()
    assert "KNEC opened this account for you" in amina.send(PASSWORD)
