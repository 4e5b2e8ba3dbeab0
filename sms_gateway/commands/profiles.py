"""The profile by SMS: how complete it is, and one line at a time.

A line that is empty is filled at once. One that says something already is changed only with a YES, because a
sender can be forged; so is the national ID given, which opens letters and new passwords, and whatever stands
behind a keyword that was only guessed at.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from models.accounts import Account, Confirmation
from operations import accounts, confirmations, eligibility, places, profile_edits, profile_fields, profiles
from operations.refusals import Refusal
from sms_gateway.commands.calls import Command, SmsCall
from telephony import gsm7
from telephony.shortening import pieces

# The words that name a line; several words are written as one.
WORDS: Final[Mapping[str, str]] = {
    "kind": "kind work kindofwork kazi ainayakazi",
    "full_name": "name names fullname jina majina jinakamili",
    "mpesa_name": "mpesa mpesaname jinalampesa jinampesa",
    "birth_year": "born birth year yearofbirth birthyear kuzaliwa mwaka mwakawakuzaliwa",
    "gender": "gender sex jinsia",
    "national_id": "id idnumber nationalid nationalidnumber kitambulisho nambariyakitambulisho maisha",
    "kra_pin": "kra pin krapin pinyakra nambariyakra",
    "nssf_no": "nssf nssfnumber nambariyanssf",
    "nhif_no": "sha nhif shanhif shanumber nhifnumber shanhifnumber nambariyasha nambariyashanhif",
    "email": "email mail emailaddress baruapepe barua anwaniyabaruapepe",
    "bank": "bank benki",
    "bank_branch": "branch bankbranch tawi tawilabenki",
    "bank_account": "account accountnumber bankaccount akaunti nambariyaakaunti akauntiyabenki",
    "study_level": "level study levelofstudy elimu kiwango kiwangochaelimu",
    "study_place": "college university chuo",
    "course": "course kozi",
    "study_period": "period years yearsofstudy miaka miakayamasomo",
    "employer": "employer mwajiri",
    "employment_no": "tsc tscnumber tscno nambariyatsc",
    "subject": "subject somo",
    "paper": "paper karatasi",
    "licence_no": "licence license drivinglicence drivinglicense leseni leseniyaudereva",
    "service_no": "service servicenumber huduma nambariyahuduma",
    "sub_county": "subcounty kaunti kauntindogo",
    "workplace": "school workplace placeofwork workstation station shule kituo mahalipakazi kituochakazi",
    "designation": "title jobtitle job cheo",
    "work_since": "since theresince tangu tangumwaka",
    "kin_name": "kin nextofkin kinname nextofkinname jamaa jamaawakaribu jinalajamaa",
    "kin_phone": "kinphone kinsphone nextofkinphone simuyajamaa simu",
    "kin_relation": "relationship relation kinrelation uhusiano",
}
LINES: Final = {word: name for name, words in WORDS.items() for word in words.split()}
OPENING: Final = "national_id"
MOST_WORDS: Final = 4
MOST_NAMED, MOST_PLACES = 2, 2
# What an SMS says of an answer takes no more room than this.
SAID_ROOM: Final = 40


def profile(call: SmsCall) -> None:
    """How complete it is; or with a line and an answer, save that."""
    account = accounts.by_phone(call.db, call.phone)
    if account is None:
        return call.reply("sms.no_account")
    if not call.words:
        return tell(call, account, "sms.profile")
    name, typed = split_line(call.words, call.text)
    if not name or not typed:
        return call.reply("sms.profile_lines")
    save(call, account, name, typed)


def split_line(words: Sequence[str], text: str) -> tuple[str, str]:
    """The line that the first words name, the longest name first, and what was typed behind it, as typed."""
    for count in range(min(MOST_WORDS, len(words)), 0, -1):
        name = LINES.get("".join(words[:count]))
        if name:
            spelled = r"[\W_]*".join(map(re.escape, words[:count]))
            behind = re.search(rf"(?<![a-z]){spelled}(?![a-z])[\s:=,]*(.*)", plain(text), re.DOTALL | re.I)
            return name, behind[1].strip() if behind else " ".join(words[count:])
    return "", ""


def plain(text: str) -> str:
    """A text in GSM-7, in which the words can be found again."""
    return gsm7.fold(text).text


def save(call: SmsCall, account: Account, name: str, typed: str) -> None:
    """Fill an empty line; ask for a YES before one that says something is changed, or the ID is given."""
    value = sub_county(call, typed) if name == "sub_county" else typed
    kept = profile_edits.judged(call.db, account.id, name, value, now=call.now)
    before = profiles.held(call.db, account.id).get(name)
    if before == kept or (before is None and name != OPENING and not call.guessed):
        return keep(call, account, name, kept)
    ask(call, account, name, kept)


def ask(call: SmsCall, account: Account, name: str, kept: str) -> None:
    """Ask for a YES, and say so where the council's approval would end with it."""
    words = "sms.profile_confirm"
    if eligibility.would_end(call.db, account.id, name, kept):
        words = "sms.profile_confirm_approved"
    asked = confirmations.ask(
        call.db, call.phone, "profile", now=call.now, line=name, answer=kept, words=words
    )
    call.reply(words, confirmation=str(asked.id), **said(call, name, kept))


def confirmed(call: SmsCall, asked: Confirmation, fresh: bool) -> None:
    """Change the line as it was asked; a repeat changes nothing and is told the same.

    Whoever was approved since they were asked is asked anew: they did not know what they would lose.
    """
    account = accounts.by_phone(call.db, call.phone)
    if account is None:
        return call.reply("sms.no_account")
    name, kept = asked.details["line"], asked.details["answer"]
    unwarned = asked.details.get("words") == "sms.profile_confirm"
    if unwarned and eligibility.would_end(call.db, account.id, name, kept):
        return ask(call, account, name, kept)
    if fresh:
        return keep(call, account, name, kept)
    tell(call, account, "sms.profile_saved", **said(call, name, kept))


def keep(call: SmsCall, account: Account, name: str, kept: str) -> None:
    """Save the line and say so."""
    profile_edits.keep(call.db, account.id, name, kept, by=call.by, now=call.now)
    tell(call, account, "sms.profile_saved", **said(call, name, kept))


def tell(call: SmsCall, account: Account, words: str, **values: str) -> None:
    """How full the profile is, after these words; a full one has words of its own."""
    gauge = profiles.meter(call.db, account.id)
    missing = pieces([f"@term.field.{name}" for name in gauge.missing], MOST_NAMED)
    values |= {"profile_filled": str(gauge.filled), "profile_lines": str(gauge.lines)}
    if not missing:
        return call.reply(f"{words}_full", **values)
    call.reply(words, profile_missing=missing, **values)


def said(call: SmsCall, name: str, kept: str) -> dict[str, str]:
    """The line and the answer as an SMS says them."""
    place = places.sub_county(call.db, int(kept)) if name == "sub_county" else None
    answer = place.label if place else profile_fields.read(name, kept)
    short = answer if len(answer) <= SAID_ROOM else answer[: SAID_ROOM - 2] + ".."
    return {"profile_line": f"@term.field.{name}", "profile_said": short}


def sub_county(call: SmsCall, typed: str) -> str:
    """The sub-county that was meant; raises a Refusal that names those it might be."""
    found = places.find_sub_counties(call.db, typed)
    meant = [place for place in found if places.plain(typed) in map(places.plain, (place.name, place.label))]
    if not found:
        raise Refusal("profile.no_place")
    if len(found) == 1 or len(meant) == 1:
        return str((meant or found)[0].id)
    names = "; ".join(place.label for place in found[:MOST_PLACES])
    raise Refusal("profile.places", profile_places=names)


COMMANDS: Final[Mapping[str, Command]] = {"PROFILE": Command(profile, confirmed=confirmed)}
