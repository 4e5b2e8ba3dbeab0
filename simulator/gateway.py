"""The fake SMS API of Africa's Talking."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulator.breakage import KINDS, Plan
from simulator.faults import Faults, Rule
from simulator.inbox import Inbox
from simulator.reports import Reports
from simulator.septets import measure
from simulator.subscribers import addressable
from simulator.wire import Reply, Wire, reply_json
from simulator.witness import Sending, Witness, now_iso

TAKEN = frozenset({100, 101, 102})
CODES = {
    100: "Processed",
    101: "Success",  # the wire says Success where the documentation says Sent
    102: "Queued",
    401: "RiskHold",
    402: "InvalidSenderId",
    403: "InvalidPhoneNumber",
    404: "UnsupportedNumberType",
    405: "InsufficientBalance",
    406: "UserInBlacklist",
    407: "CouldNotRoute",
    409: "DoNotDisturbRejection",
    500: "InternalServerError",
    501: "GatewayError",
    502: "RejectedByGateway",
}
PRICE = 0.8
UNAUTHENTIC = Reply(401, b"The supplied authentication is invalid", "text/plain")


@dataclass(frozen=True)
class Account:
    """What the gateway knows of its customer."""

    username: str
    api_key: str
    senders: frozenset[str]
    blacklist: frozenset[str]

    def knows(self, api_key: str, username: str) -> bool:
        """Say whether this is our customer."""
        return api_key == self.api_key and username == self.username


class Gateway:
    """Takes messages to send, answers as Africa's Talking does, and fails as it was told to."""

    def __init__(
        self, account: Account, faults: Faults, inbox: Inbox, reports: Reports, witness: Witness
    ) -> None:
        self._account = account
        self._faults = faults
        self._inbox = inbox
        self._reports = reports
        self._witness = witness

    def send(self, form: Mapping[str, str], api_key: str, wire: Wire) -> None:
        """Take one request to send and answer it on the wire."""
        sendings = self._receive(form)
        if not self._account.knows(api_key, form.get("username", "")):
            return self._close(sendings, wire, UNAUTHENTIC, None)
        about = ([sending.phone for sending in sendings], form.get("message", ""), form.get("from", ""))
        fault = self._faults.take("answer", *about)
        if self._account.senders and about[2] not in self._account.senders:
            return self._close(sendings, wire, recipients_reply([], "InvalidSenderId"), fault)
        self._judge(sendings, self._faults.take("verdict", *about))
        if fault is None or fault.stores:
            self._store(sendings)
        self._close(sendings, wire, recipients_reply(sendings), fault)

    def refusal(self, api_key: str, username: str) -> Reply | None:
        """Give the answer to a stranger, or nothing to our customer."""
        return None if self._account.knows(api_key, username) else UNAUTHENTIC

    def _receive(self, form: Mapping[str, str]) -> list[Sending]:
        number, at = self._witness.number(), now_iso()
        message, sender = form.get("message", ""), form.get("from", "")
        phones = form["to"].split(",") if form.get("to") else []
        sendings = [Sending(number, phone, message, sender, at) for phone in phones]
        self._witness.receive(sendings)
        return sendings

    def _judge(self, sendings: list[Sending], rule: Rule | None) -> None:
        for sending in sendings:
            sending.code = self._code(sending.phone, rule)
            sending.outcome = CODES.get(sending.code, "Unknown")
            if sending.code in TAKEN:
                sending.id = f"ATXid_{os.urandom(16).hex()}"

    def _code(self, phone: str, rule: Rule | None) -> int:
        code = 101 if addressable(phone) else 403
        if phone in self._account.blacklist:
            code = 406
        verdict = KINDS[rule.kind].verdict if rule else None
        if rule is None or verdict is None or rule.match.get("phone", phone) != phone:
            return code
        return verdict(phone, code, rule.values)

    def _store(self, sendings: list[Sending]) -> None:
        for sending in sendings:
            if sending.code in TAKEN:
                sending.stored = True
                self._inbox.deliver(sending)
                self._reports.follow(sending, self._plan(sending))

    def _plan(self, sending: Sending) -> Plan:
        rule = self._faults.take("report", [sending.phone], sending.text, sending.sender)
        plan = KINDS[rule.kind].plan if rule else None
        return plan(rule.values) if rule and plan else Plan()

    def _close(self, sendings: list[Sending], wire: Wire, reply: Reply, fault: Rule | None) -> None:
        kind = KINDS[fault.kind] if fault else None
        if fault and kind and kind.alter:
            reply = kind.alter(reply, fault.values)
        for sending in sendings:
            sending.answer = f"{reply.status} {fault.kind}" if fault else str(reply.status)
            if not sending.stored:
                sending.outcome = sending.outcome if sending.code not in (None, *TAKEN) else "not stored"
        self._witness.settle(sendings)
        if fault and kind and kind.act:
            kind.act(wire, reply, fault.values)
        else:
            wire.answer(reply)


def recipients_reply(sendings: list[Sending], message: str = "") -> Reply:
    """Answer 201 with what was decided for each number."""
    taken = sum(sending.code in TAKEN for sending in sendings)
    total = sum(cost(sending) for sending in sendings)
    price = f"KES {total:.4f}" if total else "0"
    message = message or f"Sent to {taken}/{len(sendings)} Total Cost: {price}"
    data = {"Message": message, "Recipients": [recipient(sending) for sending in sendings]}
    return reply_json({"SMSMessageData": data}, 201)


def recipient(sending: Sending) -> dict[str, Any]:
    """Write one entry of the answer."""
    return {
        "statusCode": sending.code,
        "number": sending.phone,
        "status": CODES.get(sending.code or 0, "Unknown"),
        "cost": f"KES {cost(sending):.4f}" if cost(sending) else "0",
        "messageId": sending.id or "None",
    }


def cost(sending: Sending) -> float:
    """Price a message: each segment of what was taken."""
    return PRICE * measure(sending.text).segments if sending.code in TAKEN else 0.0
