"""The session store: leases that run out, and who may save."""

from redis import Redis

from menus.state import State
from runtime.stores import Stores
from ussd_app.sessions import Session, SessionStore, keys

PHONE = "+254712345678"


def store_on(stores: Stores) -> SessionStore:
    return SessionStore(stores.redis, b"key-of-the-test")


def lose_lease(client: Redis) -> None:
    client.delete(keys(PHONE)[2])


def test_a_hop_that_lost_its_lease_saves_nothing_and_is_told_so(stores: Stores) -> None:
    store = store_on(stores)
    ticket = store.ticket(PHONE, "s1", "1")
    assert store.take(ticket).verdict == "go"
    lose_lease(stores.redis)
    state = store.write(Session(State(tree="t", node="n"), 1, b"x"))
    assert store.save(ticket, state, "CON late") == ""
    assert store.look(store.ticket(PHONE, "s1", "1")).stored == b""


def test_a_hop_that_lost_its_lease_tells_what_the_other_stored(stores: Stores) -> None:
    store = store_on(stores)
    slow, quick = store.ticket(PHONE, "s1", "1"), store.ticket(PHONE, "s1", "1")
    store.take(slow)
    lose_lease(stores.redis)
    store.take(quick)
    assert store.save(quick, b"", "CON first") == "CON first"
    assert store.save(slow, b"", "CON second") == "CON first"


def test_a_session_that_is_ended_does_not_come_back_with_the_hop_of_that_moment(stores: Stores) -> None:
    store, other = store_on(stores), "+254712345679"
    first, there = store.ticket(PHONE, "s1", ""), store.ticket(other, "s2", "")
    state = store.write(Session(State(tree="t", node="n", account=7), 1, b"x"))
    for ticket in (first, there):
        store.take(ticket)
        assert store.save(ticket, state, "CON home") == "CON home"
    hop = store.ticket(PHONE, "s1", "8")
    assert store.take(hop).stored == state
    store.end([PHONE])
    assert store.save(hop, state, "CON settings") == ""
    assert store.take(store.ticket(PHONE, "s1", "8*1")).stored == b""
    assert store.take(store.ticket(other, "s2", "8")).stored == state
    store.end([])


def test_a_repeat_holds_no_lease(stores: Stores) -> None:
    store = store_on(stores)
    ticket = store.ticket(PHONE, "s1", "")
    store.take(ticket)
    store.save(ticket, b"", "CON hello")
    assert store.take(store.ticket(PHONE, "s1", "")).reply == "CON hello"
    assert not stores.redis.exists(keys(PHONE)[2])


def test_only_the_last_three_sessions_keep_their_replies(stores: Stores) -> None:
    store = store_on(stores)
    for n in range(5):
        ticket = store.ticket(PHONE, f"s{n}", "")
        store.take(ticket)
        store.save(ticket, b"", f"CON {n}")
    verdicts = [store.look(store.ticket(PHONE, f"s{n}", "")).verdict for n in range(5)]
    assert verdicts == ["superseded", "superseded", "again", "again", "again"]
