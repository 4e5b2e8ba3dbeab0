"""Accounts, passwords and contacts: what the tree may name of them."""

from menus.functions import accounts, centre_accounts, contacts, passwords
from menus.vocabulary import Action, Blank, Check, Source, Values, Vocabulary

SIGN_IN = ("right", "one_time", "one_time_id", "wrong", "locked")
OTHER = (*SIGN_IN, "new_phone", "elsewhere", "centre_locked")
OPENING = ("opening", "tries", "minutes")

PART = Vocabulary(
    actions={
        "caller.who": Action(accounts.who, ("known", "unknown"), effect=False),
        "account.create": Action(accounts.create, ("created", "exists")),
        "account.agree": Action(accounts.agree, ("agreed",)),
        "language.switch": Action(accounts.switch_language, ("signed", "start")),
        "sign_in.whose": Action(passwords.whose, ("own", "centre"), effect=False, gives=("username",)),
        "sign_in.own": Action(passwords.sign_in, SIGN_IN, gives=OPENING, secrets=("password",)),
        "sign_in.other": Action(passwords.sign_in_other, OTHER, gives=OPENING, secrets=("password",)),
        "sign_in.identity": Action(
            passwords.prove_identity, ("one_time", "wrong", "locked"), gives=OPENING, secrets=("id_digits",)
        ),
        "sign_in.ask_code": Action(
            centre_accounts.ask_code,
            ("sent",),
            refusals=("centre.no_phone_yet", "centre.three_phones", "centre.too_many_codes"),
        ),
        "sign_in.enrol": Action(
            centre_accounts.enrol,
            ("enrolled", "wrong", "ended"),
            gives=("tries",),
            secrets=("enrolment_code",),
            refusals=("centre.six_digits",),
        ),
        "desk.whose": Action(
            centre_accounts.desk, ("person", "centre", "director", "newcomer"), effect=False
        ),
        "sign_in.out": Action(passwords.sign_out, ("out",), effect=False, ends_sign_in=True),
        "password.first": Action(
            passwords.choose_first,
            ("chosen", "expired", "centre_expired"),
            secrets=("password", "new_password"),
        ),
        "password.change": Action(
            passwords.change, ("changed",), secrets=("new_password",), refusals=("password.sign_in_first",)
        ),
        "password.recover_own": Action(passwords.recover_own, ("sent", "too_many")),
        "password.recover_other": Action(passwords.recover_other, ("sent", "centre")),
    },
    sources={
        "contacts.sub_counties": Source(contacts.directors, longest="Kirinyaga North/Mwea West"),
    },
    values={
        "caller.number": Values(accounts.caller, ("number",)),
        "caller.codes": Values(accounts.caller_and_codes, ("number", "service_code", "short_code")),
        "office.codes": Values(accounts.codes, ("service_code", "short_code")),
        "contacts.council": Values(contacts.council, ("desk_name", "desk_phone", "desk_email")),
        "contacts.director": Values(contacts.director, ("director_name", "director_phone", "director_email")),
    },
    checks={
        "password.typed": Check(passwords.judge_typed, "12345678", ("password.too_short_to_be",)),
        "password.new": Check(
            passwords.judge_new,
            "mwangi2026",
            ("password.short", "password.long", "password.characters", "password.easy"),
        ),
        "password.again": Check(passwords.judge_again, "mwangi2026", ("password.differs",)),
        "username": Check(passwords.judge_username, "254712345678", ("username.not_a_number",)),
        "centre.code": Check(centre_accounts.judge_code, "123456", ("centre.six_digits",)),
        "identity.digits": Check(passwords.judge_id_digits, "1234", ("identity.four_digits",)),
    },
    blanks={
        "number": Blank("254712345678"),
        "username": Blank("254712345678"),
        "opening": Blank("254712345678"),
        "tries": Blank("5"),
        "minutes": Blank("60"),
        "service_code": Blank("*384*22262222#"),
        "short_code": Blank("22262262"),
        "journey": Blank("changing your password"),
        "sub_county": Blank("Kirinyaga North/Mwea West"),
        "desk_name": Blank("KNEC, New Mitihani House, Nairobi"),
        "desk_phone": Blank("0720 741 001, 0732 333 860"),
        "desk_email": Blank("info@knec.ac.ke"),
        "director_name": Blank("Director of Education, Kirinyaga North/Mwea West"),
        "director_phone": Blank("0720 741 001"),
        "director_email": Blank("scde.kirinyaganorth@education.go.ke"),
    },
)
