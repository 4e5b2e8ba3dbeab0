"""The nearest GSM-7 spelling of characters for which Unicode's decomposition (NFKD) has none, or a wrong one.

NFKD makes a space of an acute accent and "=" of "not equal". The strangers are written as escapes, because
most of them look like something else or cannot be seen.
"""

from typing import Final

_SPELLINGS: Final = {
    "'": "`\u00b4\u02b9\u02bb\u02bc\u02c8\u2018\u2019\u201a\u201b\u2032\u2035\u2039\u203a\ua78c",
    '"': "\u00a8\u00ab\u00bb\u201c\u201d\u201e\u201f\u2033\u2036\u301d\u301e",
    "-": "\u00af\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2022\u2023\u25aa\u25cf\u25e6",
    " ": "\t\u1680",
    "\n": "\v\u0085\u2028\u2029",
    ".": "\u00b7\u2219",
    ",": "\u00b8",
    "/": "\u00f7\u2044\u2215",
    "~": "\u02dc\u223c",
    "|": "\u00a6",
    "x": "\u00d7",
    "u": "\u00b5\u0289",
    "U": "\u0244",
    "c": "\u00a2",
    "(c)": "\u00a9",
    "(r)": "\u00ae",
    "+/-": "\u00b1",
    "->": "\u2192",
    "<-": "\u2190",
    "!=": "\u2260",
    "<=": "\u2264\u226f",
    ">=": "\u2265\u226e",
    # letters with a stroke or a hook, those of Kenyan languages among them
    "b": "\u0253",
    "B": "\u0181",
    "d": "\u00f0\u0111\u0257",
    "D": "\u00d0\u0110\u018a",
    "e": "\u025b",
    "E": "\u0190",
    "h": "\u0127",
    "H": "\u0126",
    "i": "\u0131\u0268",
    "I": "\u0197",
    "k": "\u0199",
    "K": "\u0198",
    "l": "\u0142",
    "L": "\u0141",
    "ng": "\u014b",
    "NG": "\u014a",
    "o": "\u0254",
    "O": "\u0186",
    "oe": "\u0153",
    "OE": "\u0152",
    "t": "\u0167",
    "T": "\u0166",
    "th": "\u00fe",
    "TH": "\u00de",
}
NEAREST: Final = {stranger: near for near, strangers in _SPELLINGS.items() for stranger in strangers}
