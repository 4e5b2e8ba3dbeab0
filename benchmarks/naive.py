"""The naive way to send: one RQ job a message, each a call of the stock SDK, in RQ's own workers."""

import os


def send(phone: str, text: str) -> None:
    """Send one message."""
    from africastalking.SMS import SMSService  # the job's process pays for it, as it does in the naive way

    sms = SMSService("sandbox", "a key that nobody checks")
    sms._baseUrl = f"{os.environ['GATEWAY']}/version1"
    sms.send(text, [phone], "22262")
