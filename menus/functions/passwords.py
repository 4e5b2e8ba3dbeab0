"""Signing in and choosing passwords, behind a slow hash that never runs inside a transaction."""

from dataclasses import replace

from menus.vocabulary import Call, Result
from operations import accounts, passwords, sign_ins
from operations.guesses import CENTRE_DIGITS
from operations.office import now
from operations.refusals import Refusal
from operations.sign_ins import Outcome
from telephony import phones

OWN = "SELECT username FROM account WHERE id = %(account)s"
CENTRE = "SELECT 1 FROM centre WHERE code = %(code)s"


def whose(call: Call) -> Result:
    """Whose password is asked: one's own, or the centre's that had signed in before the session dropped."""
    row = call.read(OWN, {"account": call.left}) if call.left else None
    return Result("centre", facts={"username": row[0]}) if row and is_centre(row[0]) else Result("own")


def sign_in(call: Call) -> Result:
    """Sign in to the account of the phone that dials."""
    return attempt(call, phones.username(call.phone))


def sign_in_other(call: Call) -> Result:
    """Sign in to the account whose username was typed."""
    username = call.facts["username"]
    ended = attempt(call, username)
    locked = ended.outcome == "locked" and is_centre(username)
    return replace(ended, outcome="centre_locked") if locked else ended


def attempt(call: Call, username: str) -> Result:
    """Read, compare with no transaction open, then write how it ended."""
    challenge = sign_ins.challenge(call.db, username, now=now(call.db))
    call.release()
    answer = sign_ins.compare(call.office, challenge, call.secret("password") or "")
    ended = sign_ins.settle(call.db, challenge, answer, by=call.by, now=now(call.db))
    return result(ended, username)


def result(ended: Outcome, username: str) -> Result:
    """The outcome as the tree sees it; only the right password opens the account yet."""
    facts = {"opening": username, "tries": str(ended.tries), "minutes": str(ended.minutes)}
    return Result(ended.name, facts=facts, account=ended.account_id if ended.name == "right" else None)


def is_centre(username: str) -> bool:
    """Whether this is the username of a centre, be there such an account or not."""
    return len(username) == CENTRE_DIGITS


def prove_identity(call: Call) -> Result:
    """The last 4 of the national ID, after a one-time password."""
    account = accounts.by_username(call.db, call.facts["opening"])
    if account is None:
        return Result("locked")
    digits = call.secret("id_digits") or ""
    ended = sign_ins.prove_identity(call.db, account.id, digits, by=call.by, now=now(call.db))
    return result(ended, account.username)


def choose_first(call: Call) -> Result:
    """The first password of one's own; what was typed to get here is checked once more."""
    new = call.secret("new_password") or ""
    hashed = passwords.hashed(call.office, new)
    opened = sign_ins.reopen(
        call.db,
        call.office,
        call.facts["opening"],
        call.secret("password") or "",
        call.secret("id_digits") or "",
        by=call.by,
        now=now(call.db),
    )
    if opened is None:
        return Result("centre_expired" if is_centre(call.facts["opening"]) else "expired")
    sign_ins.choose_password(call.db, opened, hashed, by=call.by, now=now(call.db))
    return Result("chosen", account=opened)


def change(call: Call) -> Result:
    """Another password for the account that is signed in."""
    hashed = passwords.hashed(call.office, call.secret("new_password") or "")
    if call.account is None:
        raise Refusal("password.sign_in_first")
    sign_ins.choose_password(call.db, call.account, hashed, by=call.by, now=now(call.db))
    return Result("changed")


def sign_out(call: Call) -> Result:
    """Nothing of the account is shown until the next sign-in."""
    return Result("out")


def recover_own(call: Call) -> Result:
    """New credentials for the account of the phone that dials, which may know that it asked too often."""
    sent = sign_ins.recover(call.db, phones.username(call.phone), by=call.by, now=now(call.db))
    return Result("sent" if sent else "too_many")


def recover_other(call: Call) -> Result:
    """New credentials for the username typed, to that account's own phone.

    Always the same outcome: whether there is such an account is nobody's business.
    """
    username = call.facts["username"]
    sign_ins.recover(call.db, username, by=call.by, now=now(call.db))
    return Result("centre" if is_centre(username) else "sent")


def judge_typed(typed: str, call: Call) -> str:
    """A password as it might be: one that is too short to be any is not counted as a guess."""
    if len(typed.replace(" ", "")) < passwords.LEAST:
        raise Refusal("password.too_short_to_be")
    return typed


def judge_new(typed: str, call: Call) -> str:
    """A new password must be typable, long enough and not trivial: no number of this phone or account."""
    passwords.judge(typed, call.phone, username_of(call))
    return typed


def username_of(call: Call) -> str:
    """The username of the account that is signed in, or that is being opened."""
    row = call.read(OWN, {"account": call.account}) if call.account else None
    return row[0] if row else call.facts.get("opening", "")


def judge_again(typed: str, call: Call) -> str:
    """The same again, compared with what stands in the transcript."""
    if typed != call.secret("new_password"):
        raise Refusal("password.differs")
    return typed


def judge_username(typed: str, call: Call) -> str:
    """A username is a Kenyan mobile number, in whatever form it is typed, or the 8 digits of a centre.

    Other 8 digits may be a one-time password typed too early: a username is shown and kept, so they are none.
    The list of centres is public; whether one has an account stays untold.
    """
    bare = "".join(typed.split())
    like_a_code = len(bare) == CENTRE_DIGITS and bare.isascii() and bare.isdecimal()
    if like_a_code and call.read(CENTRE, {"code": bare}):
        return bare
    try:
        return phones.username(phones.read(typed))
    except phones.BadPhone:
        raise Refusal("username.not_a_number") from None


def judge_id_digits(typed: str, call: Call) -> str:
    """Four digits."""
    if len(typed) != 4 or not typed.isascii() or not typed.isdecimal():
        raise Refusal("identity.four_digits")
    return typed
