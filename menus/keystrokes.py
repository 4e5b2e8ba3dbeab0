"""Keystrokes: how long a screen takes to read and to answer on a 12-key pad.

A keystroke-level model (Card, Moran & Newell, "The keystroke-level model for user performance time", CACM 23,
1980) with the pad's own times after Silfverberg, MacKenzie & Korhonen, "Predicting text entry speed on mobile
phones" (CHI 2000): letters by multi-tap, each pressed as often as it stands on its key, with a wait where two
letters in a row share a key. Their figures are an expert's; ours are slower, for people who text in Kiswahili
and English by turns. Reading is two thirds of the silent reading of prose (Brysbaert, 2019: 238 words of 5.6
characters a minute make 22 characters a second).
"""

from typing import Final

THINK: Final = 1.35  # Card, Moran & Newell's M: to make up one's mind
READ: Final = 1 / 15  # seconds a character
PRESS: Final = 0.45  # to find a key and press it
AGAIN: Final = 0.2  # to press the same key once more
WAIT: Final = 1.5  # until the phone takes the next press for a new letter
NETWORK: Final = 2.0  # a hop there and back

PAD: Final = (" 0", ".,?!'-1@/:", "abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz")
LETTERS: Final = {
    letter: (key, presses) for key, row in enumerate(PAD) for presses, letter in enumerate(row, 1)
}
# What no key of the pad has is picked from a table of symbols.
SYMBOL: Final = (1, 12)


def reading(text: str) -> float:
    """Seconds to read this."""
    return len(text) * READ


def keying(typed: str) -> float:
    """Seconds to type this; digits are one press each, letters as many as their place on the key."""
    seconds, last, letters = 0.0, -1, False
    for character in typed.lower():
        if character.isdecimal() == letters:  # the pad begins with digits, and # turns it to letters and back
            letters = not letters
            seconds += PRESS
            last = -1
        key, presses = LETTERS.get(character, SYMBOL) if letters else (-1, 1)
        seconds += PRESS + (presses - 1) * AGAIN + (WAIT if letters and key == last else 0)
        last = key
    return seconds


def answering(text: str, typed: str) -> float:
    """Seconds from a screen's coming up to its answer's going out: read, decide, reply, type, send."""
    return reading(text) + THINK + PRESS + keying(typed) + PRESS
