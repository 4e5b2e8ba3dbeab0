"""The library: published versions of the tree, kept in SQL, served from Redis, held in memory by digest."""

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import redis
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from menus.linking import absent
from menus.vocabulary import Tree, Vocabulary, from_plain, to_plain
from operations import menu_versions
from operations.office import Actor

LIVE, VERSION = "menu:live", "menu:{}"
# A process looks at the pointer this often, and holds this many versions: sessions end on the one they began.
LOOK_EVERY = 1.0
MOST_HELD = 16
log = structlog.get_logger()


class Unpublished(Exception):
    """No version was ever published that this program can run."""


def encode(plain: dict[str, Any]) -> bytes:
    """A version's one and only spelling; its digest is taken over it."""
    return msgspec.json.encode(plain, order="sorted")


def digest_of(spelled: bytes) -> str:
    """The name of a version."""
    return hashlib.sha256(spelled).hexdigest()


@dataclass
class Library:
    """The versions of the tree as one process sees them; shared by its threads."""

    redis: redis.Redis
    sessions: sessionmaker[Session]
    vocabulary: Vocabulary
    refused: Callable[[str], None] = lambda digest: None  # told of a version that cannot be run here
    clock: Callable[[], float] = time.monotonic
    current: tuple[str, Tree] | None = None
    look_at: float = 0.0
    held: dict[str, Tree | None] = field(default_factory=dict)
    looking: threading.Lock = field(default_factory=threading.Lock)

    # -- publishing ----------------------------------------------------------------------------------

    def publish(self, tree: Tree, *, by: Actor) -> tuple[str, bool]:
        """Make this tree live: its digest, and whether it is a change. Redis is told after the commit.

        The caller has compiled it. Raises redis.RedisError where Redis could not be told: the publication
        stands, and the next `proclaim` tells it.
        """
        plain = to_plain(tree)
        digest = digest_of(encode(plain))
        with self.sessions.begin() as db:
            changed = menu_versions.publish(db, digest, plain, by=by)
        self.proclaim()
        return digest, changed

    def roll_back(self, to: str = "", *, by: Actor) -> str:
        """Make the version live that was before, or the one whose digest begins so: its digest.

        Raises Refusal `menu.no_earlier` where there is none, and Unpublished where it cannot be run here.
        """
        with self.sessions.begin() as db:
            digest = menu_versions.named(db, to) if to else menu_versions.previous(db)
            if digest is None:
                raise Unpublished(f"there is no version {to}")
            plain = menu_versions.tree(db, digest)
            if plain is None or self.runnable(digest, encode(plain)) is None:
                raise Unpublished(f"this program cannot run version {digest[:12]}")
            menu_versions.publish(db, digest, plain, by=by)
        self.proclaim()
        return digest

    def proclaim(self) -> None:
        """Tell Redis which version is live, as SQL says.

        Reading SQL again after the write settles a race of two publishers: whoever wrote an older version
        sees the newer one, or its publisher has yet to write. Safe to run at any time, by anyone.
        """
        told = None
        while (digest := self.live_in_sql()) != told and digest is not None:
            self.put(digest, self.spelled_in_sql(digest) or b"")
            self.redis.set(LIVE, digest)
            told = digest

    # -- reading -------------------------------------------------------------------------------------

    def live(self) -> tuple[str, Tree]:
        """The live version; raises Unpublished where there is none to run.

        One thread looks at the pointer at most once a second; the others go on with what is known.
        """
        if (self.current is None or self.clock() >= self.look_at) and self.looking.acquire(
            blocking=self.current is None
        ):
            try:
                if self.current is None or self.clock() >= self.look_at:
                    self.look()
            finally:
                self.looking.release()
        if self.current is None:
            raise Unpublished("no menu is published: flask --app wsgi menus publish")
        return self.current

    def known(self) -> tuple[str, Tree]:
        """The version that was live when last looked at: for words of apology, while Redis may be silent."""
        return self.current or self.live()

    def tree(self, digest: str) -> Tree | None:
        """The version of this digest; None where it is gone, or cannot be run here."""
        if digest not in self.held:
            spelled = self.spelled_in_redis(digest) or self.restored(digest)
            if spelled is None:
                return None
            self.hold(digest, self.runnable(digest, spelled))
        return self.held[digest]

    def look(self) -> None:
        """Follow the pointer; whatever is broken, the last good version stays."""
        self.look_at = self.clock() + LOOK_EVERY
        try:
            digest = self.live_in_redis()
            tree = self.tree(digest) if digest else None
            if digest and tree:
                self.current = digest, tree
            elif self.current is None:
                self.current = self.last_good()
        except SQLAlchemyError:
            if self.current is None:
                raise
            log.warning("menu pointer not followed, the database does not answer")

    def live_in_redis(self) -> str | None:
        """The pointer; put back from SQL where Redis has lost it. None while Redis is down."""
        try:
            pointer = self.redis.get(LIVE)
            if pointer is None:
                self.proclaim()
                pointer = self.redis.get(LIVE)
        except redis.RedisError:
            return None
        return text_of(pointer)

    def last_good(self) -> tuple[str, Tree] | None:
        """The newest publication that this program can run: where it starts without Redis, or too old."""
        with self.sessions() as db:
            digests = [publication.digest for publication in menu_versions.history(db)]
        for digest in digests:
            if tree := self.tree(digest):
                return digest, tree
        return None

    # -- spelling ------------------------------------------------------------------------------------

    def runnable(self, digest: str, spelled: bytes) -> Tree | None:
        """The tree of these bytes, if this program has every function it names."""
        try:
            tree = from_plain(msgspec.json.decode(spelled))
            missing = [f"{node}: {text}" for node, text in absent(tree, self.vocabulary)]
        except msgspec.MsgspecError as error:
            missing = [str(error)]
        if not missing:
            return tree
        log.error("menu version cannot be run here", digest=digest[:12], missing=missing[:5])
        self.refused(digest)
        return None

    def hold(self, digest: str, tree: Tree | None) -> None:
        """Keep a version in memory, and let the oldest go. A new dict: other threads may be reading."""
        newest = [*self.held.items()][1 - MOST_HELD :]
        self.held = {**dict(newest), digest: tree}

    def spelled_in_redis(self, digest: str) -> bytes | None:
        """A version's bytes from Redis, if they are whole."""
        try:
            spelled = self.redis.get(VERSION.format(digest))
        except redis.RedisError:
            return None
        return spelled if isinstance(spelled, bytes) and digest_of(spelled) == digest else None

    def spelled_in_sql(self, digest: str) -> bytes | None:
        """A version's bytes from SQL."""
        with self.sessions() as db:
            plain = menu_versions.tree(db, digest)
        return None if plain is None else encode(plain)

    def live_in_sql(self) -> str | None:
        """The digest that SQL says is live."""
        with self.sessions() as db:
            return menu_versions.live(db)

    def restored(self, digest: str) -> bytes | None:
        """A version's bytes from SQL, put back into Redis."""
        spelled = self.spelled_in_sql(digest)
        if spelled is not None:
            try:
                self.put(digest, spelled)
            except redis.RedisError:
                log.warning("menu version not put back into Redis", digest=digest[:12])
        return spelled

    def put(self, digest: str, spelled: bytes) -> None:
        """Write a version into Redis; it never changes."""
        self.redis.set(VERSION.format(digest), spelled)


def text_of(answer: object) -> str | None:
    """What Redis answered, as text."""
    return answer.decode() if isinstance(answer, bytes) else None
