"""Documents by SMS: the letter, the manual, and whether a number is genuine."""

from collections.abc import Mapping
from typing import Final

from sms_gateway.commands.calls import Command

COMMANDS: Final[Mapping[str, Command]] = {}
