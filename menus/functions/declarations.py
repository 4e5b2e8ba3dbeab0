"""The declaration form by phone: read, then agreed to with the password."""

from collections.abc import Mapping

from menus.functions.deployments import chosen
from menus.vocabulary import Call, Result
from models.accounts import Account
from operations import declarations, forms, sign_ins
from operations.office import now
from operations.refusals import Refusal


def begin(call: Call) -> Result:
    """Open the form; whoever leaves it unfinished is reminded once."""
    post = chosen(call)
    if post.declared:
        return Result("agreed")
    if post.state != "accepted":
        raise Refusal("declaration.accept_first")
    forms.begin(call.db, call.form, post.account_id, "declaration", now=now(call.db))
    return Result("ready")


def version(call: Call) -> Mapping[str, str]:
    """Which words these are."""
    return {"declaration_version": declarations.VERSION}


def agree(call: Call) -> Result:
    """Agree with the password: compared with no transaction open, and wrong ones count as wrong guesses."""
    post = chosen(call)
    username = call.db.get_one(Account, post.account_id).username
    challenge = sign_ins.challenge(call.db, username, now=now(call.db))
    call.release()
    answer = sign_ins.compare(call.office, challenge, call.secret("agreeing") or "")
    # A one-time password opens the account only; it signs nothing.
    answer = answer if answer == "right" else "wrong"
    ended = sign_ins.settle(call.db, challenge, answer, by=call.by, now=now(call.db))
    if ended.name != "right":
        facts = {"tries": str(ended.tries), "minutes": str(ended.minutes)}
        return Result("locked" if ended.name == "locked" else "wrong", facts=facts)
    declarations.agree(call.db, post.id, declarations.VERSION, by=call.by, now=now(call.db))
    forms.finish_all(call.db, post.account_id, "declaration", now=now(call.db))
    return Result("agreed")
