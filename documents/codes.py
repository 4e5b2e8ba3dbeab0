"""The QR code that leads to a document's own page of truth."""

import io

import segno


def qr(address: str) -> str:
    """This web address as an SVG drawing; as coarse as it may be, so that a cheap camera reads it."""
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(drawn, kind="svg", xmldecl=False, border=0)
    return drawn.getvalue().decode()
