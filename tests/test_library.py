"""Published menu versions: SQL keeps them, Redis serves them, a process holds them."""

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec
import pytest
import redis

from menus.library import Library, Unpublished, digest_of, encode
from menus.vocabulary import Action, Do, End, Result, Tree, Vocabulary, to_plain
from operations import menu_versions
from operations.office import Actor
from operations.refusals import Refusal
from runtime.stores import Stores, open_redis

BY = Actor("tester", "command")
NEWER = Vocabulary(actions={"thing.new": Action(lambda call: Result("done"), ("done",))})


def tree(words: str, action: str = "") -> Tree:
    """A tree of one screen; with an action it names that before."""
    end = End(en=words, sw=words)
    if not action:
        return Tree(start="a.end", desk="a.end", guard="a.end", nodes={"a.end": end}, titles={}, words={})
    nodes = {"a.do": Do(action=action, outcomes={"done": "a.end"}), "a.end": end}
    return Tree(start="a.do", desk="a.end", guard="a.end", nodes=nodes, titles={}, words={})


@dataclass
class Clock:
    """A clock that tests set."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def open_library(stores: Stores) -> Callable[..., Library]:
    """Opens a library as a process of its own would."""

    def open_one(vocabulary: Vocabulary | None = None, **given: object) -> Library:
        named = {"redis": stores.redis, "clock": Clock(), **given}
        return Library(sessions=stores.sessions, vocabulary=vocabulary or Vocabulary(), **named)

    return open_one


@pytest.fixture
def dead_redis() -> Iterator[redis.Redis]:
    """A client of a Redis that is not there; nobody else gets its port meanwhile."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield open_redis(f"redis://127.0.0.1:{holder.getsockname()[1]}/0")


def words_of(library: Library) -> str:
    """What the live tree's last screen says."""
    return library.live()[1].nodes["a.end"].en


def test_a_digest_survives_the_database(stores, open_library):
    library = open_library()
    digest, changed = library.publish(tree("One"), by=BY)
    with stores.sessions() as db:
        stored = menu_versions.tree(db, digest)
    assert changed
    assert digest == digest_of(encode(stored)) == digest_of(encode(to_plain(tree("One"))))


def test_what_is_published_is_live_at_once_for_a_new_process(open_library):
    digest, _ = open_library().publish(tree("One"), by=BY)
    assert open_library().live() == (digest, tree("One"))


def test_a_running_process_looks_again_after_a_second_and_not_before(open_library):
    running, publisher = open_library(), open_library()
    publisher.publish(tree("One"), by=BY)
    assert words_of(running) == "One"
    publisher.publish(tree("Two"), by=BY)
    running.clock.now = 0.9
    assert words_of(running) == "One"
    running.clock.now = 1.0
    assert words_of(running) == "Two"


def test_publishing_the_same_tree_twice_is_one_publication(stores, open_library):
    library = open_library()
    assert library.publish(tree("One"), by=BY)[1]
    assert not library.publish(tree("One"), by=BY)[1]
    with stores.sessions() as db:
        assert [row.by for row in menu_versions.history(db)] == ["tester"]


def test_nothing_published_is_said_so(open_library):
    with pytest.raises(Unpublished, match="menus publish"):
        open_library().live()


def test_an_older_version_stays_readable_by_its_digest(open_library):
    library = open_library()
    first, _ = library.publish(tree("One"), by=BY)
    library.publish(tree("Two"), by=BY)
    assert open_library().tree(first) == tree("One")


def test_an_unknown_digest_is_no_tree(open_library):
    assert open_library().tree("0" * 64) is None


def test_a_flushed_redis_is_filled_again_from_sql(stores, open_library):
    digest, _ = open_library().publish(tree("One"), by=BY)
    stores.redis.flushdb()
    assert words_of(open_library()) == "One"
    assert stores.redis.get("menu:live") == digest.encode()
    assert digest_of(stores.redis.get(f"menu:{digest}")) == digest


def test_a_lost_version_is_put_back_under_its_digest(stores, open_library):
    digest, _ = open_library().publish(tree("One"), by=BY)
    stores.redis.delete(f"menu:{digest}")
    assert open_library().tree(digest) == tree("One")
    assert stores.redis.exists(f"menu:{digest}")


def test_bytes_that_are_not_the_version_are_never_run(stores, open_library):
    digest, _ = open_library().publish(tree("One"), by=BY)
    stores.redis.set(f"menu:{digest}", encode(to_plain(tree("Forged"))))
    assert words_of(open_library()) == "One"
    assert digest_of(stores.redis.get(f"menu:{digest}")) == digest


def test_a_pointer_to_nowhere_changes_nothing(stores, open_library):
    library = open_library()
    library.publish(tree("One"), by=BY)
    assert words_of(library) == "One"
    stores.redis.set("menu:live", "f" * 64)
    library.clock.now = 5
    assert words_of(library) == "One"


def test_without_redis_a_process_goes_on_with_the_tree_it_has(open_library, dead_redis):
    library = open_library()
    library.publish(tree("One"), by=BY)
    assert words_of(library) == "One"
    library.redis, library.sessions = dead_redis, None
    library.clock.now = 10
    assert words_of(library) == "One", "and asks nothing of SQL"


def test_without_redis_a_fresh_process_reads_sql(open_library, dead_redis):
    open_library().publish(tree("One"), by=BY)
    assert words_of(open_library(redis=dead_redis)) == "One"


def test_a_publication_that_redis_missed_stands_and_is_proclaimed_later(open_library, dead_redis):
    library = open_library()
    library.publish(tree("One"), by=BY)
    with pytest.raises(redis.RedisError):
        open_library(redis=dead_redis).publish(tree("Two"), by=BY)
    assert words_of(open_library()) == "One"
    library.proclaim()
    assert words_of(open_library()) == "Two"


def test_a_version_with_an_absent_function_is_never_run(open_library):
    told: list[str] = []
    old, new = open_library(refused=told.append), open_library(NEWER)
    old.publish(tree("One"), by=BY)
    assert words_of(old) == "One"
    digest, _ = new.publish(tree("Two", action="thing.new"), by=BY)
    for second in range(1, 5):
        old.clock.now = second
        assert words_of(old) == "One"
    assert words_of(new) == "Two"
    assert old.tree(digest) is None
    assert told == [digest], "said once, not every second"


def test_a_fresh_process_that_cannot_run_the_live_version_takes_the_last_it_can(open_library):
    new = open_library(NEWER)
    new.publish(tree("One"), by=BY)
    new.publish(tree("Two", action="thing.new"), by=BY)
    assert words_of(open_library()) == "One"


def test_an_outcome_without_an_edge_is_an_absent_function_too(open_library):
    open_library(NEWER).publish(tree("Two", action="thing.new"), by=BY)
    forked = Action(lambda call: Result("done"), ("done", "undone"))
    with pytest.raises(Unpublished):
        open_library(Vocabulary(actions={"thing.new": forked})).live()


def test_a_version_in_words_of_a_later_program_is_not_run(stores, open_library):
    library = open_library()
    library.publish(tree("One"), by=BY)
    plain = to_plain(tree("Two")) | {"sidebar": "later"}
    with stores.transaction() as db:
        menu_versions.publish(db, digest_of(encode(plain)), plain, by=BY)
    library.proclaim()
    assert words_of(library) == "One"


def test_rolling_back_makes_the_version_before_live(open_library):
    library = open_library()
    library.publish(tree("One"), by=BY)
    library.publish(tree("Two"), by=BY)
    library.roll_back(by=BY)
    assert words_of(open_library()) == "One"


def test_rolling_back_to_nothing_is_refused(open_library):
    library = open_library()
    library.publish(tree("One"), by=BY)
    with pytest.raises(Refusal, match=r"menu\.no_earlier"):
        library.roll_back(by=BY)


def test_rolling_back_to_what_cannot_be_run_is_refused(open_library):
    open_library(NEWER).publish(tree("One", action="thing.new"), by=BY)
    old = open_library()
    old.publish(tree("Two"), by=BY)
    with pytest.raises(Unpublished):
        old.roll_back(by=BY)
    assert words_of(open_library()) == "Two"


def test_whoever_proclaims_last_the_newest_publication_wins(stores, open_library):
    """Two publishers at once: the pointer ends where SQL's last publication is, in any order of writes."""
    libraries = [open_library() for _ in range(4)]
    start = threading.Barrier(len(libraries))

    def publish(number: int) -> None:
        start.wait()
        for turn in range(5):
            libraries[number].publish(tree(f"{number} {turn}"), by=BY)

    threads = [threading.Thread(target=publish, args=(number,)) for number in range(len(libraries))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with stores.sessions() as db:
        assert stores.redis.get("menu:live") == menu_versions.live(db).encode()


def test_a_publisher_overtaken_before_it_told_redis_tells_the_newer_version(stores, open_library):
    other = open_library()

    class Overtaken(Library):
        """A publisher that another one overtakes between its reading SQL and its writing Redis."""

        def put(self, digest: str, spelled: bytes) -> None:
            if spelled != encode(to_plain(tree("Two"))):
                other.publish(tree("Two"), by=BY)
            super().put(digest, spelled)

    slow = Overtaken(stores.redis, stores.sessions, Vocabulary())
    slow.publish(tree("One"), by=BY)
    assert words_of(open_library()) == "Two"


def test_threads_of_one_process_share_a_library(open_library):
    publisher, shared = open_library(), open_library()
    publisher.publish(tree("0"), by=BY)
    seen: list[str] = []

    def read() -> None:
        seen.extend(words_of(shared) for _ in range(200))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(1, 4):
        publisher.publish(tree(str(number)), by=BY)
        shared.clock.now = number
    for thread in threads:
        thread.join()
    assert len(seen) == 800
    assert set(seen) <= {"0", "1", "2", "3"}


def test_a_process_holds_a_bounded_number_of_versions(open_library):
    library = open_library()
    digests = [library.publish(tree(str(number)), by=BY)[0] for number in range(20)]
    assert all(library.tree(digest) for digest in digests)
    assert len(library.held) == 16
    assert library.tree(digests[0]) == tree("0")


def test_a_version_is_canonical_json(open_library):
    spelled = encode(to_plain(tree("One")))
    backwards = dict(reversed(to_plain(tree("One")).items()))
    assert encode(backwards) == spelled
    assert msgspec.json.decode(spelled) == to_plain(tree("One"))


def test_what_is_known_is_said_without_a_look(open_library: Callable[..., Library]) -> None:
    clock = Clock()
    library, office = open_library(clock=clock), open_library()
    first, _ = office.publish(tree("one"), by=BY)
    assert library.known()[0] == first
    second, _ = office.publish(tree("two"), by=BY)
    clock.now = 60.0
    assert library.known()[0] == first
    assert library.live()[0] == library.known()[0] == second
