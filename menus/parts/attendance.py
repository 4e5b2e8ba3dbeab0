"""Attendance and pay: what the tree may name of them."""

from menus.functions import attendance
from menus.vocabulary import Action, Blank, Source, Values, Vocabulary

LOOKS = ("present", "open", "disputed", "settled", "gone")
TOLD = ("attended_day", "attended_mark", "attended_said", "dispute_reference", "dispute_reason")
GONE = ("attendance.no_deployment", "attendance.no_such_day")
DISPUTED = ("dispute.present", "dispute.settled", "dispute.not_over")
# KCSE from its rehearsal to its last day, every second day marked absent and all but one disputed.
DAYS = (
    "P (ulikuwepo): 16, 20, 22, 26, 28, 30 Sept, 3, 5, 9, 11, 13, 17, 19 Oct. "
    "Ab (hukuwepo): 19, 21, 23, 27, 29 Sept, 2, 4, 6, 10, 12, 16, 18 Oct. Hazijawekwa: 20 Oct. "
    "Umepinga: 19, 21, 23, 27, 29 Sept, 2, 4, 6, 10, 12, 16, 18, 20 Oct."
)

PART = Vocabulary(
    actions={
        "attendance.covered": Action(
            attendance.covered,
            ("registered", "reported", "registered_decided", "reported_decided"),
            effect=False,
            gives=("attended_exam", "pay_decided"),
            refusals=GONE[:1],
        ),
        "attendance.look": Action(attendance.look, LOOKS, effect=False, gives=TOLD),
        "attendance.dispute": Action(
            attendance.dispute, ("raised",), gives=("dispute_reference",), refusals=(*GONE, *DISPUTED)
        ),
        "pay.count": Action(
            attendance.count,
            ("rated", "capped", "unrated"),
            effect=False,
            gives=("pay_days", "pay_most", "pay_rate", "pay_year", "pay_so_far"),
            refusals=GONE[:1],
        ),
    },
    sources={
        "attendance.duties": Source(
            attendance.mine,
            longest="KPSEA 2026, Bishop Gatimu Ngandu..",
            most=attendance.MOST_DUTIES,
        ),
        "attendance.disputable": Source(
            attendance.disputable, longest="16 Sept: not yet marked", most=attendance.MOST_DISPUTED
        ),
    },
    values={
        "attendance.days": Values(attendance.day_by_day, ("attended_days",)),
        "attendance.summary": Values(
            attendance.summary,
            ("attended_exam", "days_present", "days_absent", "days_unmarked", "pay_days", "pay_so_far"),
        ),
    },
    blanks={
        "duty": Blank("12345678"),
        "mark_day": Blank("2026-10-16"),
        "attended_exam": Blank("KPSEA 2026"),
        "attended_days": Blank(DAYS),
        "attended_day": Blank("Jumatano 16 Okt"),
        "attended_mark": Blank("not yet marked"),
        "attended_moment": Blank("Jumatano 16 Okt, 10.30 am"),
        "attended_said": Blank("Marked Jumatano 16 Okt, 10.30 am. Two phones differ about it."),
        "days_present": Blank("35"),
        "days_absent": Blank("35"),
        "days_unmarked": Blank("35"),
        "pay_days": Blank("35"),
        "pay_most": Blank("35"),
        "pay_decided": Blank(
            "siku 35, hazijalipwa: kitambulisho, au nambari ya TSC, leseni au utumishi haipo kwenye wasifu"
        ),
        "pay_rate": Blank("Ksh 1,050"),
        "pay_year": Blank("2026"),
        "pay_so_far": Blank("no rate is set yet"),
        "dispute_reference": Blank("DS-7K4-QX9-2"),
        "dispute_person": Blank("Christopher Wamalwa Wanyonyi Simiyu"),
        "dispute_post": Blank("Mkaguzi (Invigilator)"),
        "dispute_centre": Blank("20401001"),
        "dispute_day": Blank("Jumatano 16 Okt"),
        "dispute_mark": Blank("not yet marked"),
        "dispute_reason": Blank("The centre manager found your name in the paper register too."),
    },
)
