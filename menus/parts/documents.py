"""Documents: the blanks of the SMS that carry their links, and of those that say whether one is genuine."""

from menus.vocabulary import Blank, Vocabulary

PART = Vocabulary(
    blanks={
        "letter_link": Blank("https://cp2phone.knec.ac.ke/d/0123456789abcdef"),
        "letter_until": Blank("23 Sept 2026"),
        "checked_no": Blank("DC-7K4-QX9-2"),
        "checked_kind": Blank("appointment letter"),
        "checked_initials": Blank("C.W.W.S."),
        "checked_position": Blank("Mkaguzi (Invigilator)"),
        "checked_centre": Blank("20401001 Bishop Gatimu Ngandu Girls High School Nyeri"),
        "checked_exam": Blank("KPSEA 2026"),
        "checks_a_day": Blank("10"),
    }
)
