"""USSD sessions in Redis: one key a phone, two round trips a hop, and a lease so that hops take turns."""

import contextlib
import hashlib
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import redis

from menus.state import State
from ussd_app.scripts import Script, Scripts

KEPT_SECONDS = 900
# The phone waits 2 s at the most: a hop is over in this time. Its lease outlives it by a little, so two hops
# of a phone never run side by side.
HOP_SECONDS, SPARE_SECONDS = 1.5, 0.5
# For how much of its time a hop waits for another one of the same phone, and how often it looks.
WAIT_SHARE, STEP_SECONDS = 0.7, 0.03
# Session ids whose replies are kept for late repeats; eight ids are remembered as superseded.
REPLIES_KEPT = 3
FOLDER = Path(__file__).parent


class Session(msgspec.Struct, array_like=True):
    """What is kept of a session: the dialogue, and how much of the transcript was seen, never the text."""

    state: State
    seen: int  # characters of the transcript seen
    digest: bytes  # their keyed hash


@dataclass(frozen=True)
class Ticket:
    """A hop's turn at its phone's session."""

    phone: str
    session: str  # short hash of the session id
    field: str  # where this hop's reply is kept
    token: str


@dataclass(frozen=True)
class Found:
    """What the store knew of a hop: `again` with its reply, `superseded`, `busy`, or `go` with a session."""

    verdict: str
    reply: str = ""
    stored: bytes = b""  # the session as it was kept; every try of a hop reads it anew
    current: bool = False  # the session id is the one that was kept last


class SessionStore:
    """The sessions of all phones, in a Redis that may vanish at any time without anything being lost."""

    def __init__(self, client: redis.Redis, key: bytes, *, hop_seconds: float = HOP_SECONDS) -> None:
        self.hop_seconds, self.wait_seconds = hop_seconds, hop_seconds * WAIT_SHARE
        self.lease_ms = round((hop_seconds + SPARE_SECONDS) * 1000)
        self.key = hashlib.blake2b(key, digest_size=32, person=b"ussd-session").digest()
        self.client, self.scripts = client, Scripts(client)
        self.release_script = Script((FOLDER / "release.lua").read_text())
        self.save_script = Script((FOLDER / "save.lua").read_text())
        self.decoder = msgspec.msgpack.Decoder(Session)
        self.encoder = msgspec.msgpack.Encoder()

    def digest(self, *facts: str) -> bytes:
        """A keyed hash of text that must not be stored."""
        text = "\x1f".join(facts).encode("utf-8", "surrogatepass")
        return hashlib.blake2b(text, key=self.key, digest_size=16).digest()

    def ticket(self, phone: str, session_id: str, text: str) -> Ticket:
        """The hop's place in its phone's session; another phone with the same id has its own."""
        session = self.digest(phone, session_id).hex()[:8]
        return Ticket(
            phone, session, f"r{session}{self.digest(session_id, text).hex()}", secrets.token_hex(8)
        )

    def take(self, ticket: Ticket) -> Found:
        """Take the phone's lease and load its session, or say why not; waits a little for a held lease."""
        until = time.monotonic() + self.wait_seconds
        found = self.look(ticket)
        while found.verdict == "busy" and time.monotonic() < until:
            time.sleep(STEP_SECONDS)
            found = self.look(ticket)
        return found

    def look(self, ticket: Ticket) -> Found:
        """Take the lease, then read what it guards: two commands, one round trip.

        What is read under our own lease cannot change; under another's it is a stored reply or nothing.
        """
        _, session, lease = keys(ticket.phone)
        taken, (reply, sids, state) = self.scripts.together(
            ("SET", lease, ticket.token, "NX", "PX", self.lease_ms),
            ("HMGET", session, ticket.field, "sids", "state"),
        )
        at = (sids or b"").find(ticket.session.encode())
        if reply is not None or at > 0:
            if taken:
                self.scripts.run(self.release_script, 1, lease, ticket.token)
            return Found("again", reply=reply.decode()) if reply is not None else Found("superseded")
        return Found("go", stored=state or b"", current=at == 0) if taken else Found("busy")

    def read(self, stored: bytes) -> Session | None:
        """A stored session; one that no longer decodes is as good as none."""
        try:
            return self.decoder.decode(stored) if stored else None
        except msgspec.DecodeError:
            return None

    def write(self, session: Session) -> bytes:
        """A session as it is kept."""
        return self.encoder.encode(session)

    def save(self, ticket: Ticket, state: bytes, reply: str) -> str:
        """Keep the session and the reply, drop the lease; answers what the phone must be told.

        That is this reply, unless the lease had run out: then what another hop stored for it, or nothing.
        """
        args = (ticket.token, ticket.session, ticket.field, reply, state, KEPT_SECONDS, REPLIES_KEPT)
        stored = self.scripts.run(self.save_script, *keys(ticket.phone), *args)
        return reply if stored is None else stored.decode()

    def end(self, phones: Iterable[str]) -> None:
        """Let nobody go on in a dialogue of these phones, nor in a hop of this moment; call after a commit.

        A Redis that is down has no dialogue to go on in.
        """
        names = [name for phone in phones for name in keys(phone)[1:]]
        if names:
            with contextlib.suppress(redis.RedisError):
                self.client.delete(*names)


def keys(phone: str) -> tuple[int, str, str]:
    """The keys of a phone's session and lease, after their number."""
    return 2, f"ussd:{phone}", f"ussd-lease:{phone}"
