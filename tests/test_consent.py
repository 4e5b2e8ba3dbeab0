"""Consent: somebody whose account the council made from a list is asked before anything else."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import pytest
from sqlalchemy import delete, func, select, text

from menus.checks.rehearsal import Stage, at_worst
from menus.table import VOCABULARY
from menus.vocabulary import Menu
from models.accounts import Consent
from models.records import Audit
from operations import accounts, office
from operations.office import Actor
from tests.fixtures_season import PASSWORD, PEOPLE, Season
from tests.fixtures_service import Handset, real_tree
from tests.processes import blocked, wait_until


def newcomer(season: Season, handset: Callable[[str], Handset]) -> Handset:
    """Amina, as if her account had come from a list."""
    with season.service.stores.transaction() as db:
        db.execute(delete(Consent).where(Consent.account_id == season.accounts["amina"]))
    amina = handset(PEOPLE["amina"][0])
    amina.dial()
    assert "KNEC made this account" in amina.send(PASSWORD)
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
    assert "KNEC made this account" in amina.send(PASSWORD)


@pytest.mark.parametrize("lang", ["en", "sw"])
@pytest.mark.parametrize("name", ["account.consent", "desk.consent"])
def test_a_wrong_key_leaves_the_question_on_the_screen(name: str, lang: str) -> None:
    """Nobody is left with `1. I agree` and not to what."""
    stage = Stage(real_tree(), at_worst(VOCABULARY))
    node, painter = stage.tree.nodes[name], stage.painter()
    assert isinstance(node, Menu)
    note = painter.say(lang, "screen.choose")
    drawn = painter.draw(stage.state(name, lang), node, note)
    assert drawn.startswith(f"{note}\n{node.say(lang).strip()}\n1. ")


def test_agreeing_on_two_screens_at_once_is_agreeing_once(season: Season) -> None:
    amina, by = season.accounts["amina"], Actor("phone:+254711000001", "ussd")

    def agree() -> None:
        with season.service.stores.transaction() as db:
            accounts.agree(db, amina, by=by, now=office.now(db))

    with season.service.stores.transaction() as db:
        db.execute(delete(Consent).where(Consent.account_id == amina))
    with ThreadPoolExecutor(1) as pool:
        with season.service.stores.transaction() as db:
            accounts.agree(db, amina, by=by, now=office.now(db))
            db.flush()
            second = pool.submit(agree)
            wait_until(lambda: second.done() or blocked(season.service.stores), "the second one waiting")
        second.result(60)
    with season.service.stores.sessions() as db:
        assert db.scalar(select(func.count()).where(Consent.account_id == amina)) == 1
        assert db.scalar(select(func.count()).where(Audit.act == "account.consent")) == 1


def test_the_migration_keeps_the_first_of_each_consent(season: Season) -> None:
    migration = import_module("models.migrations.versions.0005_once_and_found")
    with season.service.stores.sessions() as db:
        db.execute(text("ALTER TABLE consent DROP CONSTRAINT uq_consent_account_id_version"))
        before = db.execute(select(Consent.id).order_by(Consent.id)).all()
        db.execute(
            text(
                "INSERT INTO consent (account_id, version, channel)"
                " SELECT account_id, version, 'sms' FROM consent, generate_series(1, 2)"
            )
        )
        assert db.scalar(select(func.count()).select_from(Consent)) == 3 * len(before) > 0
        db.execute(text(migration.TWICE))
        assert db.execute(select(Consent.id).order_by(Consent.id)).all() == before
        db.rollback()
