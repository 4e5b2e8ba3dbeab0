"""The whole imitation network, put together."""

from simulator.callbacks import Service
from simulator.dialling import Exchange
from simulator.faults import Faults
from simulator.gateway import Account, Gateway
from simulator.inbox import Inbox
from simulator.reports import Reports
from simulator.session import Limits
from simulator.settings import Settings, names
from simulator.texting import Postbox
from simulator.timetable import Timetable
from simulator.witness import Witness


class Network:
    """Phones, an exchange, a gateway, and a witness of all they do."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.witness = Witness(settings.log)
        self.faults = Faults()
        self.inbox = Inbox()
        self.timetable = Timetable()
        self.service = Service(settings.app, self.witness, settings.answer_seconds)
        reports = Reports(self.service, self.timetable, settings.report_seconds)
        account = Account(
            settings.username, settings.api_key, names(settings.senders), names(settings.blacklist)
        )
        self.gateway = Gateway(account, self.faults, self.inbox, reports, self.witness)
        limits = Limits(settings.session_seconds, settings.idle_seconds)
        self.exchange = Exchange(self.service, self.timetable, settings.service_code, limits)
        self.postbox = Postbox(self.service, self.timetable, settings.shortcode, settings.repost_seconds)

    def reset(self) -> None:
        """Begin anew: empty phones, no rules, nothing under way."""
        self.timetable.clear()
        for part in (self.faults, self.exchange, self.postbox, self.inbox, self.witness):
            part.clear()
        self.witness.record("reset")
