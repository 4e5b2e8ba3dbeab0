"""Delivery reports: posted to the service for every message taken, as planned."""

from simulator.breakage import Plan
from simulator.callbacks import Service
from simulator.subscribers import HOME_NETWORK
from simulator.timetable import Timetable
from simulator.witness import Sending, now_iso

REASONED = frozenset({"Failed", "Rejected"})


class Reports:
    """The network's word on what became of each message."""

    def __init__(self, service: Service, timetable: Timetable, delay: float) -> None:
        self._service = service
        self._timetable = timetable
        self._delay = delay

    def follow(self, sending: Sending, plan: Plan) -> None:
        """Carry out the plan of a message; an early report is posted before this returns."""
        if plan.early:
            self._post_all(sending, plan)
        elif plan.statuses:
            seconds = self._delay if plan.seconds is None else plan.seconds
            self._timetable.after(seconds, lambda: self._post_all(sending, plan))

    def _post_all(self, sending: Sending, plan: Plan) -> None:
        for status in plan.statuses:  # one after the other: their order is what is being tried
            answer = self._service.post("delivery", report_fields(sending, status, plan.reason))
            sending.reports.append({"status": status, "at": now_iso(), "answer": answer.status})


def report_fields(sending: Sending, status: str, reason: str) -> dict[str, str]:
    """Fill the form of one report; a reason stands only where the network gives one, or was told to."""
    fields = {
        "id": sending.id,
        "status": status,
        "phoneNumber": sending.phone,
        "networkCode": HOME_NETWORK,
        "retryCount": "0",
    }
    if reason or status in REASONED:
        fields["failureReason"] = reason or "DeliveryFailure"
    return fields
