"""Africa's Talking: sends one SMS and says what became of it.

What its answers mean stands in two tables: codes of a recipient, and statuses of a whole call. What is in
neither is `unknown`: the message may have gone out, so nothing sends it again by itself.
"""

import json
import re
from dataclasses import replace
from typing import Any

from africastalking.SMS import SMSService

from runtime.settings import Settings
from sms_gateway.providers import wire
from sms_gateway.providers.answers import Answer, Outcome
from sms_gateway.providers.wire import NoReply, Reply

NUMBER = re.compile(r"\+[1-9][0-9]{7,14}")
TALLY = re.compile(r"Sent to ([0-9]+)/[0-9]+\b")


# What a recipient's own code means (`statusCode` in the answer).
RECIPIENT: dict[int, Answer] = {
    100: Answer("accepted", "100"),
    101: Answer("accepted", "101"),
    102: Answer("accepted", "102"),
    401: Answer("unknown", "401"),  # RiskHold: theirs to decide, perhaps later
    402: Answer("not_sent", "402", halt="sender"),  # InvalidSenderId: ours to mend, not this message's fault
    403: Answer("rejected", "403"),  # InvalidPhoneNumber
    404: Answer("rejected", "404"),  # UnsupportedNumberType
    405: Answer("not_sent", "405", halt="balance"),  # InsufficientBalance
    406: Answer("rejected", "406", blocked=True),  # UserInBlacklist
    407: Answer("not_sent", "407"),  # CouldNotRoute
    409: Answer("rejected", "409"),  # DoNotDisturbRejection
    500: Answer("not_sent", "500"),  # InternalServerError, for this recipient
    501: Answer("not_sent", "501"),  # GatewayError
    502: Answer("not_sent", "502"),  # RejectedByGateway
}

# What the status of a whole call means, where no recipient is named.
CALL: dict[int, Answer] = {
    400: Answer("not_sent", "http.400", halt="request"),
    401: Answer("not_sent", "http.401", halt="key"),
    403: Answer("not_sent", "http.403", halt="key"),
    404: Answer("not_sent", "http.404", halt="address"),
    405: Answer("not_sent", "http.405", halt="address"),
    429: Answer("not_sent", "http.429", slow_down=True),
}

# A call may be refused by the name of a code, in `Message`, with no recipient at all.
NAMED = {
    "InvalidSenderId": 402,
    "InvalidPhoneNumber": 403,
    "UnsupportedNumberType": 404,
    "InsufficientBalance": 405,
    "UserInBlacklist": 406,
    "DoNotDisturbRejection": 409,
}
REFUSED = Answer("not_sent", "no_recipients", halt="refusal")
BAD_NUMBER = Answer("rejected", "bad_number")


class GatewaySMS(SMSService):  # type: ignore[misc]
    """The SDK's service, with kept connections, the HTTP status, a wall deadline and a size cap."""

    def __init__(
        self,
        username: str,
        api_key: str,
        base_url: str | None = None,
        *,
        seconds: float = 12.0,
        threads: int = 1,
    ) -> None:
        self._override = base_url  # read by _init_service, which super().__init__ calls
        self._seconds = seconds
        self._pool = wire.open_pool(threads)
        super().__init__(username, api_key)

    def _init_service(self) -> None:
        super()._init_service()
        if self._override:
            self._baseUrl = self._contentUrl = self._override.rstrip("/") + "/version1"

    def _make_request(
        self,
        url: str,
        method: str,
        headers: Any,
        data: Any,
        params: Any,
        callback: Any = None,
        timeout: Any = None,
    ) -> Reply:
        """Make the SDK's one request; whatever answers comes back as it is. Raises NoReply."""
        if callback is not None or params is not None:
            raise NotImplementedError("only plain sending goes this way")
        return wire.exchange(self._pool, method.upper(), url, headers, data, self._seconds)


class AfricasTalking:
    """The provider, for any number of threads; make it after the process has forked."""

    name = "africastalking"

    def __init__(self, settings: Settings, *, seconds: float = 12.0, threads: int = 1) -> None:
        account = (settings.at_username, settings.at_api_key, settings.at_base_url)
        self._sms = GatewaySMS(*account, seconds=seconds, threads=threads)

    def send(self, phone: str, text: str, sender: str) -> Answer:
        """Send one message to one phone. Never raises: whatever happened is in the answer."""
        if not NUMBER.fullmatch(phone):  # the SDK's own check lets a line feed pass
            return BAD_NUMBER
        try:
            return read(self._sms.send(text, [phone], sender), phone)
        except NoReply as lost:
            outcome: Outcome = "unknown" if lost.departed else "not_sent"
            return Answer(outcome, f"no_reply.{lost.reason}", lost.status)


def read(reply: Reply, phone: str) -> Answer:
    """Say what an answer means for this phone."""
    data = sms_data(reply)
    entry, good = recipient(data, phone), 200 <= reply.status < 300
    # A recipient's refusal may be the status of the whole call too (409 is); any other bad status wins.
    if entry is not None and (good or mirrors(entry, reply.status)):
        answer = read_recipient(entry)
    elif good:
        answer = read_no_recipient(data)
    else:
        answer = CALL.get(reply.status, Answer("unknown", f"http.{reply.status}"))
    return replace(answer, http_status=reply.status, retry_after=reply.retry_after)


def sms_data(reply: Reply) -> dict[str, Any] | None:
    """Find the one object that matters, if the answer is JSON under any JSON media type."""
    if reply.media != "application/json" and not reply.media.endswith("+json"):
        return None
    try:
        data = json.loads(reply.body)["SMSMessageData"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def recipient(data: dict[str, Any] | None, phone: str) -> dict[str, Any] | None:
    """Find this phone's own entry; what is said about others says nothing about it."""
    listed = data.get("Recipients") if data else None
    entries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    return next((entry for entry in entries if digits(entry.get("number")) == digits(phone)), None)


def mirrors(entry: dict[str, Any], status: int) -> bool:
    """Whether the call's status only repeats the recipient's own code."""
    return status < 500 and str(entry.get("statusCode")) == str(status)


def digits(number: Any) -> str:
    """A number's digits, however it is spelled."""
    return re.sub(r"[^0-9]", "", str(number))


def read_recipient(entry: dict[str, Any]) -> Answer:
    """Read the recipient's own code. Accepted without an id, or not sent but with one, is neither."""
    number = printable(entry.get("statusCode"), 4) or "no_code"
    answer = RECIPIENT.get(int(number) if number.isdigit() else 0, Answer("unknown", number))
    message_id = printable(entry.get("messageId"), 200)
    if message_id in (None, "None"):
        return Answer("unknown", number) if answer.outcome == "accepted" else answer
    if answer.outcome == "not_sent":
        answer = Answer("unknown", number)
    return replace(answer, provider_id=message_id, cost=printable(entry.get("cost"), 40))


def printable(value: Any, most: int) -> str | None:
    """A short value as plain text; what a database column or a log could not hold is no value."""
    text = str(value) if isinstance(value, str | int | float) else ""
    return text if 0 < len(text) <= most and text.isascii() and text.isprintable() else None


def read_no_recipient(data: dict[str, Any] | None) -> Answer:
    """Read a good status without this phone: a clear refusal of the whole call, or nothing sure."""
    message = str(data.get("Message") or "").strip() if data else ""
    if not data or data.get("Recipients") != [] or not message:
        return Answer("unknown", "not_understood")
    if tally := TALLY.match(message):
        return Answer("unknown" if int(tally[1]) else "not_sent", "recipient_missing")
    return RECIPIENT[NAMED[message]] if message in NAMED else REFUSED
