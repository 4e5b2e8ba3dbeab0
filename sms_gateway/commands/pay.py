"""Attendance and pay by SMS."""

from collections.abc import Mapping
from typing import Final

from sms_gateway.commands.calls import Command

COMMANDS: Final[Mapping[str, Command]] = {}
