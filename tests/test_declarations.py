"""The declaration form: what may be signed, once, with the password, and which words it was."""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from documents import letters
from menus.vocabulary import Show
from models.accounts import Account, GuessCount
from models.deployments import Declaration
from models.forms import Form
from models.records import Audit
from operations import declarations, deployments, grants
from tests.deploying import STAFF, accept, cancel, decline, do, offer, phone, plain_rules, refused
from tests.fixtures_season import PASSWORD, PEOPLE, Season
from tests.fixtures_service import CANARIES, Handset

LAST_PAGE = ["98"] * 5


@pytest.fixture(autouse=True)
def rules(season: Season) -> None:
    """Few people fill many posts."""
    plain_rules(season)


@pytest.fixture
def amina(handset: Callable[[str], Handset]) -> Handset:
    """Amina's phone."""
    return handset(PEOPLE["amina"][0])


def agree(season: Season, number: int) -> Declaration:
    """Agree as her phone does once the password was right."""

    def sign(db: Session, now: datetime) -> Declaration:
        return declarations.agree(db, number, declarations.VERSION, by=phone("amina"), now=now)

    signed: Declaration = do(season, sign)
    return signed


def signed(season: Season) -> list[tuple[int, str, str]]:
    """Every declaration there is."""
    with season.service.stores.sessions() as db:
        rows = db.execute(select(Declaration.deployment_id, Declaration.version, Declaration.channel))
        return [tuple(row) for row in rows]


def open_form(amina: Handset) -> str:
    """Dial, sign in, and read the form to its end."""
    amina.dial()
    return amina.send(PASSWORD, "5", "2", *LAST_PAGE)


# -- the verb ----------------------------------------------------------------------------------------


def test_it_is_kept_with_its_version_channel_and_time(season: Season) -> None:
    number = offer(season, "amina")
    accept(season, number)
    agree(season, number)
    assert signed(season) == [(number, "2026-11", "ussd")]
    with season.service.stores.sessions() as db:
        kept = declarations.of(db, number)
        assert kept is not None and kept.agreed_at is not None
        assert deployments.facts(db, number).declared == "2026-11"
        assert db.scalars(
            select(Audit.act).where(Audit.subject == f"deployment:{number}").order_by(Audit.id)
        ).all()[-1] == ("declaration.agree")


def test_signing_twice_is_the_same_answer(season: Season) -> None:
    number = offer(season, "amina")
    accept(season, number)
    assert agree(season, number).agreed_at == agree(season, number).agreed_at


def test_only_what_was_accepted_is_signed_for(season: Season) -> None:
    def sign(number: int) -> str:
        by = phone("amina")
        return refused(season, lambda db, now: declarations.agree(db, number, "2026-11", by=by, now=now))

    first = offer(season, "amina")
    assert sign(first) == "declaration.accept_first"
    decline(season, first)
    assert sign(first) == "deployment.was_declined"
    second = offer(season, "amina")
    accept(season, second)
    cancel(season, second)
    assert (sign(second), sign(999)) == ("deployment.taken_back", "deployment.none")
    assert signed(season) == []


def test_the_version_names_these_very_words(season: Season) -> None:
    """Whoever changes the words on the phone changes the version too, and then this line."""
    node = season.service.library.live()[1].nodes["declaration.read"]
    assert isinstance(node, Show)
    said = hashlib.sha256(f"{node.en}\n{node.sw}".encode()).hexdigest()[:12]
    assert (declarations.VERSION, said) == ("2026-11", "150b833f85f7")
    printed = letters.clauses(declarations.VERSION)
    assert re.split(r"\n[1-9]\. ", node.en.strip())[1:] == printed


# -- by phone ----------------------------------------------------------------------------------------


def test_the_password_signs(season: Season, amina: Handset) -> None:
    number = offer(season, "amina")
    accept(season, number)
    assert "1. I agree" in open_form(amina)
    assert signed(season) == []
    assert "Your declaration is recorded" in amina.send("1", PASSWORD)
    assert amina.post() == amina.screen and len(signed(season)) == 1


def test_wrong_passwords_count_and_the_fifth_locks(season: Season, amina: Handset) -> None:
    accept(season, offer(season, "amina"))
    open_form(amina)
    amina.send("1")
    for left in (4, 3, 2, 1):
        assert f"Tries left: {left}" in amina.send("mitihani8")
    assert amina.send("mitihani8").startswith("END Too many wrong passwords; nothing was signed")
    with season.service.stores.sessions() as db:
        assert db.scalars(select(GuessCount.scope)).all() == ["pair"]
    assert signed(season) == []
    amina.dial()
    assert "Too many wrong passwords" in amina.send(PASSWORD)


def test_a_one_time_password_signs_nothing(season: Season, amina: Handset) -> None:
    accept(season, offer(season, "amina"))
    open_form(amina)

    def issue(db: Session, now: datetime) -> None:
        account = db.get_one(Account, season.accounts["amina"])
        grants.issue(db, account, "account.one_time_password", by=STAFF, now=now)

    do(season, issue)
    said = amina.send("1", amina.one_time_password())
    assert "nothing was signed. Tries left: 4" in said
    assert signed(season) == []


def test_another_account_on_her_phone_signs_nothing_of_hers(season: Season, amina: Handset) -> None:
    accept(season, offer(season, "amina"))
    open_form(amina)
    amina.dial()
    amina.send("1", "2", PEOPLE["fatuma"][0][1:])
    assert "CP2, my account" in amina.send(PASSWORD)  # her own home, and not his form
    assert "agree" in open_form(amina)  # it is still there for Amina
    assert signed(season) == []


def test_it_may_be_taken_back_while_it_is_read(season: Season, amina: Handset) -> None:
    number = offer(season, "amina")
    accept(season, number)
    open_form(amina)
    cancel(season, number)
    assert "KNEC took this back" in amina.send("1", PASSWORD)
    assert signed(season) == []


def test_who_leaves_it_unfinished_is_reminded(season: Season, amina: Handset) -> None:
    accept(season, offer(season, "amina"))
    open_form(amina)
    with season.service.stores.sessions() as db:
        assert db.execute(select(Form.journey, Form.finished_at)).all() == [("declaration", None)]
    assert "form.declaration" in season.service.library.live()[1].words
    amina.send("1", PASSWORD)
    with season.service.stores.sessions() as db:
        assert db.scalars(select(Form.finished_at)).one() is not None


def test_the_password_is_nowhere_afterwards(season: Season, amina: Handset) -> None:
    """The application fixture searches everything for it when this test is over."""
    accept(season, offer(season, "amina"))
    open_form(amina)
    amina.send("1", "kiboko8888", PASSWORD)
    assert "kiboko8888" in CANARIES and len(signed(season)) == 1
