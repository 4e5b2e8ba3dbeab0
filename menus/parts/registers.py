"""The daily register: what the tree may name of it."""

from menus.functions import registers
from menus.vocabulary import Action, Blank, Check, Source, Values, Vocabulary

STATES = ("not_yet", "open", "closed", "reopened", "no_exam")
NONE = ("centre.not_yours", "register.no_series")
SHUT = (*NONE, "register.no_exam", "attendance.not_yet", "attendance.closed", "register.unknown_number")
MARKED = ("register_day", "register_summary")
# Twelve officers, five absent, two about whom phones differ.
SUMMARY = (
    "P 7, Ab 5: 3 Christopher Simiyu, 4 Christopher Simiyu, 5 Christopher Simiyu, 6, 7. "
    "Bado: 8, 9, 10. Simu nyingine inatofautiana, sasa: 3 Ab, 4 Ab"
)

PART = Vocabulary(
    actions={
        "register.today": Action(registers.today, ("found",), effect=False, gives=("register_on",)),
        "register.look": Action(registers.look, (*STATES, "none"), effect=False),
        "register.all_present": Action(
            registers.all_present, ("drafted",), effect=False, gives=("register_away", "register_receipt")
        ),
        "register.some_absent": Action(
            registers.some_absent, ("drafted",), effect=False, gives=("register_receipt",)
        ),
        "register.save": Action(registers.save, ("marked",), gives=MARKED, refusals=SHUT),
        "register.one_present": Action(
            registers.one_present, ("marked",), gives=(*MARKED, "register_receipt"), refusals=SHUT
        ),
        "register.one_absent": Action(
            registers.one_absent, ("marked",), gives=(*MARKED, "register_receipt"), refusals=SHUT
        ),
        "register.renew": Action(registers.renew, ("sent",), refusals=SHUT),
    },
    sources={
        "register.series": Source(registers.series, longest="KPSEA 2026", most=registers.MOST_SERIES),
        "register.days": Source(registers.days, longest="Jumatano 16 Okt", most=registers.MOST_DAYS),
    },
    values={
        "register.standing": Values(registers.standing, ("register_day", "register_so_far")),
        "register.read_back": Values(registers.read_back, ("register_day", "register_readback")),
        "register.list": Values(registers.listed, ("register_list",)),
        "register.one": Values(registers.one, ("register_name", "register_post", "register_mark")),
    },
    checks={
        "register.numbers": Check(
            registers.numbers,
            example="3 7 12",
            refusals=(*NONE, "register.no_numbers", "register.unknown_number"),
        ),
        "register.number": Check(
            registers.number,
            example="12",
            refusals=(*NONE, "register.no_numbers", "register.unknown_number", "register.one_number"),
        ),
    },
    blanks={
        "register_series": Blank("12345678"),
        "register_on": Blank("2026-10-16"),
        "register_away": Blank("3 7 12"),
        "register_officer": Blank("12"),
        "register_day": Blank("Jumatano 16 Okt"),
        "register_exam": Blank("KPSEA 2026"),
        "register_list": Blank(", ".join(f"{n} Christopher Simiyu Ab" for n in range(1, 25))),
        "register_so_far": Blank("P 12, Ab 3, not marked 1. Phones differ: 3, 12, 14 .."),
        "register_readback": Blank(SUMMARY),
        "register_summary": Blank(SUMMARY),
        "register_receipt": Blank("RG-7K4-QX9-2"),
        "register_name": Blank("12 Christopher Wamalwa Wanyonyi Simiyu"),
        "register_post": Blank("Mkaguzi (Invigilator)"),
        "register_mark": Blank("not yet marked"),
        "register_names": Blank("3 Baraka Mwangi Ab, 7 Chebet Rono Ab"),
        "register_numbers": Blank("12, 13, 14 .."),
        "register_until": Blank("Jumatano 16 Okt, 10.30 am"),
        "register_present": Blank("12"),
        "register_absent": Blank("12"),
        "register_unmarked": Blank("12"),
    },
)
