"""The USSD side of the network: dialling, answering, hanging up, and the end event."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from simulator.callbacks import Answer, Service
from simulator.session import Hop, Limits, Session
from simulator.subscribers import HOME_NETWORK, canonical
from simulator.timetable import Timetable

AGENT = {"User-Agent": "at-ussd-api/1.0"}
STATUSES = {"CON ": "", "END ": "Success"}
BAD_ANSWER = "Response should start with a CON or an END"


class NoSession(Exception):
    """There is no such session, it has ended, or it is waiting for the service."""


class BadCode(Exception):
    """The code leads nowhere on this network."""


class Exchange:
    """All USSD sessions of all phones."""

    def __init__(self, service: Service, timetable: Timetable, service_code: str, limits: Limits) -> None:
        self._service = service
        self._timetable = timetable
        self._service_code = service_code
        self._limits = limits
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}
        self._latest: dict[str, Session] = {}

    def dial(self, phone: str, code: str = "", network: str = "", *, twice: bool = False) -> dict[str, Any]:
        """Begin a session and make its first hop; one that the phone still had is left incomplete."""
        text = self._tail(code or self._service_code)
        session = Session(phone, self._service_code, network or HOME_NETWORK, text, self._limits, busy=True)
        with self._lock:
            previous = self._latest.get(canonical(phone))
            self._sessions[session.id] = self._latest[canonical(phone)] = session
        if previous:
            self._finish(previous, "Incomplete")
        self._timetable.after(self._limits.session, lambda: self._check(session))
        return self._hop(session, twice)

    def answer(self, session_id: str, typed: str, *, twice: bool = False) -> dict[str, Any]:
        """Send what was typed; the service gets all input so far, joined by `*`."""
        session = self._find(session_id)
        self._check(session)
        with self._lock:
            if session.busy or not session.open:
                raise NoSession("the session has ended" if not session.open else "the service is being asked")
            session.busy = True
            session.text = f"{session.text}*{typed}" if keyed(session) else typed
        return self._hop(session, twice)

    def hang_up(self, session_id: str) -> dict[str, Any]:
        """End the session from the phone."""
        session = self._find(session_id)
        self._finish(session, "Incomplete")
        return session.plain()

    def show(self, session_id: str) -> dict[str, Any]:
        """Give a session as it stands."""
        return self._find(session_id).plain()

    def latest(self, phone: str) -> dict[str, Any] | None:
        """Give the last session of a phone."""
        session = self._latest.get(canonical(phone))
        return session.plain() if session else None

    def clear(self) -> None:
        """Forget every session without a word to the service."""
        with self._lock:
            self._sessions.clear()
            self._latest.clear()

    def _tail(self, code: str) -> str:
        root = self._service_code.removesuffix("#")
        if code == self._service_code:
            return ""
        if not code.startswith(f"{root}*") or not code.endswith("#"):
            raise BadCode(f"{code} leads nowhere on this network: dial {self._service_code}")
        return code[len(root) + 1 : -1]

    def _find(self, session_id: str) -> Session:
        session = self._sessions.get(session_id)
        if session is None:
            raise NoSession("no such session")
        return session

    def _hop(self, session: Session, twice: bool) -> dict[str, Any]:
        hop = Hop(session.text)
        session.hops.append(hop)
        form, labels = session.form(), session.labels
        headers = AGENT | ({"at-ussd-hop-metadata": labels[-1]} if labels and labels[-1] else {})
        first, *others = together(lambda: self._service.post("ussd", form, headers), 2 if twice else 1)
        session.labels.append(first.labels)
        self._settle(session, hop, first)
        if others:
            same = (others[0].status, others[0].body) == (first.status, first.body)
            hop.twin = "the same answer" if same else f"another answer: {others[0].body or others[0].error}"
        return session.plain()

    def _settle(self, session: Session, hop: Hop, answer: Answer) -> None:
        status = STATUSES.get(answer.body[:4]) if answer.status == 200 else None
        hop.status, hop.ms, hop.error = answer.status, answer.ms, answer.error
        if status is None:
            hop.error = answer.error or (BAD_ANSWER if answer.status == 200 else f"HTTP {answer.status}")
        else:
            hop.reply = answer.body
        with self._lock:
            session.busy = False
            session.touch()
        if status is None:
            self._finish(session, "Failed", hop.error)
        elif status:
            self._finish(session, status)
        else:
            self._timetable.after(self._limits.idle, lambda: self._check(session))
            self._check(session)

    def _check(self, session: Session) -> None:
        reason = session.overdue()
        if reason and not session.busy:
            self._finish(session, "Incomplete", reason)

    def _finish(self, session: Session, status: str, error: str = "") -> None:
        with self._lock:
            if not session.open:
                return
            session.end(status, error)
        self._timetable.after(0, lambda: self._announce(session))

    def _announce(self, session: Session) -> None:
        hop = session.hops[-1] if session.hops else Hop("")
        event = {
            "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}",
            "sessionId": session.id,
            "serviceCode": session.service_code,
            "networkCode": session.network,
            "phoneNumber": session.phone,
            "status": session.status,
            "cost": "0.00",
            "durationInMillis": str(round(session.elapsed() * 1000)),
            "hopsCount": str(len(session.hops)),
            "hopsMetadata": "|".join(label for label in session.labels if label),
            "input": session.text,
            "lastAppResponse": hop.reply,
            "errorMessage": session.error if session.status == "Failed" else "",
        }
        self._service.post("ussd-end", event)


def keyed(session: Session) -> bool:
    """Say whether anything was keyed yet; after the first hop an empty answer is a segment too."""
    return len(session.hops) > 1 or session.text != ""


def together(post: Callable[[], Answer], count: int) -> list[Answer]:
    """Do the same post so many times at once."""
    if count == 1:
        return [post()]
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda _: post(), range(count)))
