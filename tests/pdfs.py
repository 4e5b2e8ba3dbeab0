"""Reading our own PDFs: enough of the format to get back the text that Typst wrote, page by page."""

import re
import zlib

OBJECT = re.compile(rb"(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
# A string may hold brackets in pairs, as codes of letters.
PLAIN = rb"\\.|[^\\()]"
INNER = rb"\((?:" + PLAIN + rb"|\((?:" + PLAIN + rb")*\))*\)"
TOKEN = re.compile(rb"/(f\d+) [\d.]+ Tf|(\((?:" + PLAIN + rb"|" + INNER + rb")*\))|\b(BT|ET)\b", re.DOTALL)
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def text(pdf: bytes) -> str:
    """Everything that is written in it, words and lines joined by single blanks."""
    return " ".join(" ".join(pages(pdf)).split())


def pages(pdf: bytes) -> list[str]:
    """The text of each page."""
    assert pdf.startswith(b"%PDF-")
    objects = {int(number): body for number, body in OBJECT.findall(pdf)}
    return [page(objects, body) for body in objects.values() if b"/Type/Page/" in body]


def page(objects: dict[int, bytes], body: bytes) -> str:
    """The text of one page: the codes of each font, looked up in what the font says of them."""
    resources = objects[pointer(body, b"Resources")]
    fonts = {name: cmap(objects, int(n)) for name, n in re.findall(rb"/(f\d+) (\d+) 0 R", resources)}
    written, font, inside = "", {}, False
    for name, string, mark in TOKEN.findall(stream(objects[pointer(body, b"Contents")])):
        if name:
            font = fonts[name]
        elif mark:
            written, inside = written + "\n", mark == b"BT"
        elif inside:
            codes = literal(string[1:-1])
            written += "".join(font.get(codes[n : n + 2], "?") for n in range(0, len(codes), 2))
    return written


def cmap(objects: dict[int, bytes], number: int) -> dict[bytes, str]:
    """What each code of a font means."""
    table = stream(objects[pointer(objects[number], b"ToUnicode")])
    pairs = re.findall(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>\n", table)
    return {bytes.fromhex(a.decode()): bytes.fromhex(b.decode()).decode("utf-16-be") for a, b in pairs}


def pointer(body: bytes, name: bytes) -> int:
    """The number of the object that this entry names."""
    found = re.search(rb"/" + name + rb" (\d+) 0 R", body)
    assert found, name
    return int(found[1])


def stream(body: bytes) -> bytes:
    """The contents of a stream."""
    packed = body[body.index(b"stream\n") + 7 :]
    return zlib.decompressobj().decompress(packed)


def literal(string: bytes) -> bytes:
    """A string as PDF spells it, without its escapes."""
    return re.sub(rb"\\(?:([0-7]{1,3})|(.))", unescaped, string, flags=re.DOTALL)


def unescaped(escape: re.Match[bytes]) -> bytes:
    """What one escape stands for."""
    return bytes([int(escape[1], 8)]) if escape[1] else ESCAPES.get(escape[2], escape[2])
