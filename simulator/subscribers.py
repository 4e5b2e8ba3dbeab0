"""Telephone numbers as the network writes them."""

import re

KENYAN = re.compile(r"(?:(?:\+|000|00)?254(?:0|\(0\))?|0)?([17]\d{8})")
ADDRESSABLE = re.compile(r"\+(?:254[17]\d{8}|(?!254)[1-9]\d{7,14})")
SPACING = re.compile(r"[ .\-]")

NETWORKS = {
    "63902": "Safaricom",
    "63903": "Airtel",
    "63907": "Telkom",
    "63999": "Equitel",
    "99999": "Sandbox",
}
HOME_NETWORK = "63902"


def canonical(number: str) -> str:
    """Write a Kenyan number as +254...; anything else stays as it is (short codes, names)."""
    found = KENYAN.fullmatch(SPACING.sub("", number))
    return f"+254{found[1]}" if found else number


def addressable(number: str) -> bool:
    """Say whether the gateway would take this number as a recipient."""
    return ADDRESSABLE.fullmatch(number) is not None
