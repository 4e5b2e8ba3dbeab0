"""The daily register: what the tree may name of it."""

from menus.functions import registers
from menus.vocabulary import Action, Blank, Check, Source, Values, Vocabulary
from operations import day_registers, late_words, register_lines

STATES = ("not_yet", "open", "earlier", "closed", "no_exam", "none")
NOT_MINE = ("centre.not_yours", "centre.not_enrolled")
NONE = (*NOT_MINE, "register.no_series")
SHUT = (
    *NONE,
    "register.no_exam",
    "attendance.not_yet",
    "attendance.closed",
    "register.unknown_number",
)
MARKED = ("register_exam", "register_day", "register_summary")
# Sixty officers, some of each kind: names for as long as there is room.
SUMMARY = (
    f"P 60, Ab 60: {'m' * register_lines.ROOM}; not marked: ; not marked (not accepted): "
    "; another phone differs, now: "
)
# Very many absent, and read back by name.
READ_BACK = f"P 60, Ab 60: {'Simiyu, ' * (register_lines.READ_ROOM // 8)}"

PART = Vocabulary(
    actions={
        "register.today": Action(registers.today, ("found",), effect=False, gives=("register_on",)),
        "register.look": Action(registers.look, STATES, effect=False, refusals=NOT_MINE),
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
        "register.officers": Source(
            registers.officers, longest="No.12 Christopher Wanyon.. Ab", most=registers.MOST_OFFICERS
        ),
    },
    values={
        "register.standing": Values(registers.standing, ("register_day", "register_so_far")),
        "register.read_back": Values(registers.read_back, ("register_day", "register_readback")),
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
        "register_so_far": Blank("P 12, Ab 3, not marked 1; simu zatofautiana: na. 3, 12, 14 .."),
        "register_readback": Blank(READ_BACK),
        "register_summary": Blank(SUMMARY),
        "register_receipt": Blank("RG-7K4-QX9-2"),
        "register_name": Blank("12 Christopher Wamalwa Wanyonyi Simiyu"),
        "register_post": Blank("Mkaguzi (Invigilator)"),
        "register_mark": Blank("not yet marked"),
        "register_names": Blank("m" * day_registers.MOST_NAMED),
        "late_moment": Blank("Jumatano 16 Okt, 10.30 am"),
        "late_names": Blank("m" * late_words.MOST_NAMED),
        "register_numbers": Blank("12345678, 23456789, 34567890 .."),
        "register_until": Blank("Jumatano 16 Okt, 10.30 am"),
        "register_present": Blank("12"),
        "register_absent": Blank("12"),
        "register_unmarked": Blank("12"),
    },
)
