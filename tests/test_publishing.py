"""A menu published while people dial: sessions end on the version they began with."""

from dataclasses import replace

import msgspec
from flask import Flask

from menus import authoring
from menus.table import VOCABULARY
from menus.vocabulary import Menu, Tree
from operations.office import Actor
from tests.fixtures_service import MENUS, Handset, service_of
from workers import clock
from workers.periodic import TABLE

BY = Actor("staff:test", "command")


def tree() -> Tree:
    """The tree of the files."""
    return authoring.draft(MENUS, VOCABULARY.blanks).tree


def with_menu(name: str, **changes: object) -> Tree:
    """The tree with one menu changed."""
    whole = tree()
    node = whole.nodes[name]
    assert isinstance(node, Menu)
    return msgspec.structs.replace(
        whole, nodes={**whole.nodes, name: msgspec.structs.replace(node, **changes)}
    )


def publish(app: Flask, changed: Tree) -> None:
    """Publish and let this process look at the pointer at once, as it would within a second."""
    library = service_of(app).library
    library.publish(changed, by=BY)
    library.look_at = 0.0


def test_a_session_ends_on_the_version_it_began_with(app: Flask, mary: Handset, wanja: Handset) -> None:
    """A6: mid-form nothing changes; the next dial has the new words, with no restart."""
    mary.dial()
    mary.send("1")
    publish(app, with_menu("account.consent", en="Do you agree to the new words?"))
    assert "Data Protection Act" in mary.send("1")
    assert mary.send("1").startswith("END Your account is ready")
    wanja.dial()
    assert "Do you agree to the new words?" in wanja.send("1", "1")


def test_a_dropped_session_goes_on_in_the_new_version(app: Flask, mary: Handset) -> None:
    mary.dial()
    mary.send("1", "1")
    publish(app, with_menu("account.consent", en="Do you agree to the new words?"))
    assert "not finished" in mary.dial()
    assert "Do you agree to the new words?" in mary.send("1")


def test_a_dropped_session_at_a_screen_that_is_gone_lands_safely(app: Flask, mary: Handset) -> None:
    """A6: home, with a word why; and so for a screen whose blanks are others."""
    mary.dial()
    mary.send("1")
    publish(app, with_menu("account.confirm", en="Other blanks now: {service_code}", values="office.codes"))
    screen = mary.dial()
    assert screen.startswith("CON Our menu has changed.")
    assert "1. Create account" in screen


def test_rolling_back(app: Flask, mary: Handset) -> None:
    publish(app, with_menu("caller.welcome", en="A new welcome"))
    assert "A new welcome" in mary.dial()
    library = service_of(app).library
    library.roll_back(by=BY)
    library.look_at = 0.0
    assert "KNEC Contracted Professionals" in mary.dial()


def test_a_version_that_names_an_absent_function_is_never_run(app: Flask, mary: Handset) -> None:
    """A process that is one release behind keeps the version it can run."""
    publish(app, with_menu("about.menu", values="not.there.yet"))
    mary.dial()
    assert mary.send("3").startswith("CON About CP2")


def test_redis_is_rebuilt_from_sql(app: Flask, mary: Handset) -> None:
    service = service_of(app)
    service.stores.redis.flushdb()
    fresh = replace(service.library, current=None, look_at=0.0, held={})
    assert fresh.live()[0] == service.library.live()[0]
    assert service.stores.redis.get("menu:live") is not None


def test_the_clock_tells_redis_what_it_missed(app: Flask, mary: Handset) -> None:
    """Published while Redis was away: within a minute of its return, callers see it."""
    service = service_of(app)
    was = service.stores.redis.get("menu:live")
    publish(app, with_menu("caller.welcome", en="A new welcome"))
    service.stores.redis.set("menu:live", was or b"")
    assert "KNEC Contracted" in fresh_dial(app, mary)
    clock.tick(service.stores, TABLE, {})
    assert "A new welcome" in fresh_dial(app, mary)


def fresh_dial(app: Flask, phone: Handset) -> str:
    """Dial once the process has looked at the pointer."""
    service_of(app).library.look_at = 0.0
    return phone.dial()
