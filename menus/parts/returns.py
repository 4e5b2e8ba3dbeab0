"""The return of the register, and pay schedules: what the tree and the words may name of them."""

from menus.functions import returns
from menus.vocabulary import Action, Blank, Vocabulary

NO_MORE = ("centre.not_yours", "centre.not_enrolled")
REFUSED = (*NO_MORE, "return.none", "return.too_soon", "return.missing")
NUMBER = ("return_number", "return_handed", "return_received")
STANDINGS = ("gone", "none", "soon", "ready", "lacking", "submitted", "received")
SUMS = ("return_officers", "return_present", "return_absent", "marks_missing", "days_missing")

PART = Vocabulary(
    actions={
        "return.look": Action(
            returns.look,
            (*STANDINGS, "changed"),
            effect=False,
            gives=("return_exam", "return_series", "return_from", *NUMBER, *SUMS),
        ),
        "return.again": Action(
            returns.again,
            STANDINGS,
            effect=False,
            gives=("return_exam", "return_series", "return_from", *NUMBER, *SUMS),
        ),
        "return.submit": Action(
            returns.submit, ("submitted",), repeatable=True, gives=NUMBER, refusals=REFUSED
        ),
        "return.link": Action(
            returns.link,
            ("sent",),
            repeatable=True,
            gives=("return_holder",),
            refusals=(
                *NO_MORE,
                "return.none",
                "return.changed",
                "return.nobody_signs",
                "document.too_many_links",
            ),
        ),
    },
    blanks={
        "return_exam": Blank("KPSEA 2026"),
        "return_series": Blank("12345678"),
        "return_from": Blank("23 Sept 2026"),
        "return_officers": Blank("120"),
        "return_present": Blank("3000"),
        "return_absent": Blank("3000"),
        "return_number": Blank("DC-7K4-QX9-2"),
        "return_handed": Blank("23 Sept 2026"),
        "return_received": Blank("Jumatano 16 Sept, 10.30 am"),
        "return_holder": Blank("Mkaguzi (Invigilator)"),
        "marks_missing": Blank("3000"),
        "days_missing": Blank("16 Sept (12), 19 Sept (12), 20 Sept (12) +22"),
        "checked_hash": Blank("a3f9a3f9a3f9"),
        "pay_changed": Blank("DP-7K4-QX9-2, DP-7K4-QX9-2, DP-7K4-QX9-2, DP-7K4-QX9-2, DP-7K4-QX9-2 +286000"),
        "pay_from": Blank("Jumatano 16 Sept, 10.30 am"),
        "pay_reason": Blank("hakuna kitambulisho au nambari ya TSC, leseni au utumishi: jaza wasifu wako"),
    },
)
