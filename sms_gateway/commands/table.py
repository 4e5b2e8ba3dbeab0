"""Every command there is, written out: a module a noun."""

from collections.abc import Mapping
from typing import Final

from sms_gateway.commands import (
    accounts,
    answering,
    applications,
    attendance,
    centres,
    deployments,
    directors,
    documents,
    messages,
    pay,
    profiles,
    returns,
    vacancies,
)
from sms_gateway.commands.calls import Command

COMMANDS: Final[Mapping[str, Command]] = {
    **accounts.COMMANDS,
    **answering.COMMANDS,
    **profiles.COMMANDS,
    **vacancies.COMMANDS,
    **applications.COMMANDS,
    **deployments.COMMANDS,
    **documents.COMMANDS,
    **messages.COMMANDS,
    **pay.COMMANDS,
    **returns.COMMANDS,
    **centres.COMMANDS,
    **directors.COMMANDS,
    **attendance.COMMANDS,
}
