"""One phone, slowly: plays a dialogue hop by hop over HTTP, to learn its screens and to prove its effects."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

import urllib3

from benchmarks.figure import Wrong

SERVICE_CODE = "*384*22262#"
# What is compared of a screen: enough to know it, before anything that differs from phone to phone.
LEAST, MOST = 8, 48
serials = itertools.count(1)


@dataclass(frozen=True)
class Dialogue:
    """What a person types after the dial, and how each answer must begin."""

    inputs: tuple[str, ...]
    verdicts: tuple[str, ...]  # CON or END, for the dial and each input

    @property
    def texts(self) -> list[str]:
        """The transcript of each hop, as the gateway repeats it."""
        return ["*".join(self.inputs[:n]) for n in range(len(self.inputs) + 1)]


@dataclass
class Handset:
    """A phone that dials an address."""

    address: str
    phone: str
    http: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(timeout=10))

    def play(self, dialogue: Dialogue) -> list[str]:
        """Play a dialogue to its end; answers its screens. Raises Wrong where one begins wrongly."""
        session = f"ATUid_{next(serials):032x}"
        screens = [self.post(session, typed) for typed in dialogue.texts]
        if [screen[:4] for screen in screens] != [f"{verdict} " for verdict in dialogue.verdicts]:
            raise Wrong(f"the dialogue {dialogue.inputs} went astray: {screens}")
        return screens

    def post(self, session: str, typed: str) -> str:
        """Post one hop as Africa's Talking does; answers the whole body."""
        fields = {"phoneNumber": self.phone, "networkCode": "63902", "serviceCode": SERVICE_CODE}
        form = urlencode({"sessionId": session, **fields, "text": typed})
        head = {"Content-Type": "application/x-www-form-urlencoded"}
        reply = self.http.request("POST", self.address, body=form, headers=head)
        if reply.status != 200:
            raise Wrong(f"a hop was answered {reply.status}")
        return reply.data.decode()


def learn(address: str, dialogue: Dialogue, phones: Sequence[str]) -> tuple[str, ...]:
    """How each screen of a dialogue begins, whoever dials."""
    played = [Handset(address, phone).play(dialogue) for phone in phones]
    screens = tuple(beginning(same)[:MOST] for same in zip(*played, strict=True))
    if any(len(screen) < LEAST for screen in screens):
        raise Wrong(f"two phones saw different screens: {played}")
    return screens


def beginning(texts: Sequence[str]) -> str:
    """What all of these texts begin with."""
    same = itertools.takewhile(lambda letters: len(set(letters)) == 1, zip(*texts, strict=False))
    return "".join(letters[0] for letters in same)
