"""Attendance and pay by SMS."""

from collections.abc import Mapping, Sequence
from typing import Final

from models.payrolls import PayLine
from operations import accounts, duties, pay, payrolls
from operations.duties import Duty
from sms_gateway.commands.calls import Command, SmsCall


def so_far(call: SmsCall) -> None:
    """Say the days of the latest post, or of the exam that was named, and what they come to.

    Once its pay schedule is closed, say what was decided instead: nothing else is promised any more.
    """
    account = accounts.by_phone(call.db, call.phone)
    if account is None:
        return call.reply("sms.no_account")
    own = duties.mine(call.db, account.id)
    if not own:
        return call.reply("sms.pay_none")
    duty = meant(call, own)
    line = payrolls.decided(call.db, duty.id)
    if line is not None:
        return decided(call, line, duty.exam)
    sums = pay.so_far(call.db, duty.id, call.now)
    if not sums.registered:
        return call.reply("sms.pay_reported", attended_exam=duty.exam, **pay.said(sums))
    days = {
        "attended_exam": duty.exam,
        "days_present": str(sums.days_present),
        "days_absent": str(sums.days_absent),
        "days_unmarked": str(sums.unmarked),
    }
    if sums.ksh is None:
        return call.reply("sms.pay_no_rate", **days)
    call.reply("sms.pay", **pay.said(sums), **days)


def meant(call: SmsCall, own: Sequence[Duty]) -> Duty:
    """The post that is asked for; they come newest first."""
    today = duties.local(call.now)
    named = [duty for duty in own if duty.series.exam.casefold() in call.words]
    begun = [duty for duty in own if duty.first_day <= today]
    return (named or begun or own)[0]


def decided(call: SmsCall, line: PayLine, exam: str) -> None:
    """What a closed schedule says of one post: what it comes to, or why it is not paid."""
    call.reply(payrolls.worded(line), attended_exam=exam, **payrolls.said(line))


COMMANDS: Final[Mapping[str, Command]] = {"PAY": Command(so_far)}
