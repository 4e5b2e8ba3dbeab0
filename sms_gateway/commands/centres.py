"""A centre by SMS: its officers, as many whole lines in a reply as two segments hold."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from models.series import Series
from operations import centres, enrolments, rosters
from operations.rosters import Officer
from sms_gateway.commands.calls import Command, SmsCall
from telephony import gsm7, phones
from telephony.shortening import few

ROOM: Final = 216  # septets of lines; the rest of two segments says what they are
LONGEST_NAME: Final = 35
# What a line holds beside its number and name, at its longest in either language:
# ", Afisa wa usalama, Ke, ID *****789, 0712345678, not accepted yet; "
REST: Final = len(", Afisa wa usalama, Ke, ID *****789, 0712345678, not accepted yet; ")
SHOWN_OF_ID: Final = 3  # digits
MOST_CENTRES: Final = 3


def officers(call: SmsCall) -> None:
    """Say a part of the officers' list: `LIST 2` the second; a code names one of several centres.

    Where two exams run there, the second one's officers follow the first one's, in parts of their own.
    """
    mine = enrolments.centre_of(call.db, call.phone)
    if not mine:
        return call.reply("sms.list_not_enrolled")
    named = [code for code in mine if code in call.words]
    another = any(map(centres.CODE.fullmatch, call.words))
    if not named and (another or len(mine) > 1):
        return call.reply("sms.list_which", officers_centres=few(mine, MOST_CENTRES))
    centre = (named or mine)[0]
    every = [
        (f"{series.exam} {series.year}", part)
        for series in seasons(call, centre)
        for part in parts(rosters.officers(call.db, centre, series.id))
        if part
    ]
    if not every:
        return call.reply("sms.list_none", centre_code=centre)
    tell(call, centre, every)


def seasons(call: SmsCall, centre: str) -> list[Series]:
    """The series of this centre; of several only the one that is named: `LIST KJSEA`."""
    known = rosters.seasons(call.db, centre, now=call.now)
    return [series for series in known if series.exam.lower() in call.words] or known


def tell(call: SmsCall, centre: str, every: Sequence[tuple[str, Sequence[Officer]]]) -> None:
    """Reply with the part that was asked for, or the last one where there are not so many."""
    part = min(max(1, wanted(call.words)), len(every))
    exam, said_now = every[part - 1]
    said = {
        "centre_code": centre,
        "officers_exam": exam,
        "officers_part": str(part),
        "officers_parts": str(len(every)),
        "officers_said": spoken(said_now),
    }
    if part < len(every):
        named = f"{exam.split()[0]} " if exam.split()[0].lower() in call.words else ""
        return call.reply("sms.list_part", officers_next=f"{named}{part + 1}", **said)
    call.reply("sms.list_last", **said)


def wanted(words: Sequence[str]) -> int:
    """The part that is asked for; the first, where none is named."""
    return next((int(word) for word in words if word.isdecimal() and len(word) < 3), 1)


def parts(known: Sequence[Officer]) -> Iterator[list[Officer]]:
    """The officers in parts that fit, by roster number."""
    part: list[Officer] = []
    left = ROOM
    for officer in known:
        room = gsm7.septets(begun(officer)) + REST
        if part and room > left:
            yield part
            part, left = [], ROOM
        part.append(officer)
        left -= room
    yield part


def begun(officer: Officer) -> str:
    """How the line of an officer begins: the roster number and the name."""
    name = gsm7.fold(officer.name or "-").text
    return f"{officer.roster_no} {gsm7.clip(name, LONGEST_NAME)}"


def spoken(part: Sequence[Officer]) -> list[str]:
    """The lines of a part, in pieces that are spelled when it is sent."""
    pieces: list[str] = []
    for officer in part:
        pieces += ["; "] if pieces else []
        pieces += [f"{begun(officer)}, ", f"@term.post.{officer.position}"]
        pieces += [", ", f"@term.sex.{officer.gender}"] if officer.gender else []
        number = phones.local(officer.phone).replace(" ", "")
        pieces += [f", ID {masked(officer.national_id)}, {number}, ", f"@term.answered.{officer.state}"]
    return pieces


def masked(national_id: str) -> str:
    """The last digits of a national ID: an SMS is read by whoever holds the phone."""
    return f"*****{national_id[-SHOWN_OF_ID:]}" if national_id else "-"


COMMANDS: Final[Mapping[str, Command]] = {"LIST": Command(officers)}
