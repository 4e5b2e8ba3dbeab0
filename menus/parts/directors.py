"""Sub-County Directors: what the tree may name of them."""

from menus.functions import directors
from menus.vocabulary import Action, Blank, Check, Source, Values, Vocabulary

WHO = ("director.not_one", "director.own_phone")
CENTRE = (*WHO, "centre.eight_digits", "centre.unknown", "director.not_yours")
PHONE = (
    *("phone.empty", "phone.letters", "phone.several", "phone.not_kenyan", "phone.not_mobile"),
    *("phone.too_short", "phone.too_long"),
)
PERSON = (*PHONE, "director.no_such_person", "director.not_your_person", "director.no_id")
MOVED = (
    *(*WHO, *PERSON, "profile.national_id", "number.taken", "number.same", "number.other_id"),
    "number.centre",
)
REOPENED = (
    *(*CENTRE, "director.reason", "register.no_reason", "register.no_series", "register.no_exam"),
    *("register.still_open", "attendance.not_yet"),
)
RETURNED = (*CENTRE, "return.not_submitted", "return.changed", "return.came_in")
COUNTS = (*("their_place", "their_day", "their_centres", "their_marked", "their_partly", "their_unmarked"),)
TOLD = ("their_code", "their_school", "their_number")

PART = Vocabulary(
    actions={
        "director.issue": Action(
            directors.issue, ("issued",), refusals=(*CENTRE, "centre.too_many_passwords")
        ),
        "director.move": Action(directors.move, ("moved", "left"), gives=("left_centres",), refusals=MOVED),
        "director.reason": Action(directors.reason, ("said", "other"), effect=False),
        "director.reopen": Action(directors.reopen, ("reopened",), gives=("their_exams",), refusals=REOPENED),
        "director.receive": Action(directors.receive, ("received",), refusals=RETURNED),
    },
    sources={
        "director.wanting": Source(directors.wanting, longest="12/12 Bishop Gatimu Ngandu Gi.."),
        "director.reasons": Source(
            directors.reasons, longest="Manager was sick or away", most=len(directors.REASONS) + 1
        ),
        "director.returns": Source(directors.returns, longest="DECTE 2026", most=directors.MOST_RETURNS),
    },
    values={
        "director.counts": Values(directors.counts, COUNTS),
        "director.wanted": Values(
            directors.wanted, ("their_code", "their_school", "their_counts", "their_phones")
        ),
        "director.told": Values(directors.told, TOLD),
        "director.moving": Values(directors.moving, ("old_number", "their_number")),
        "director.opening": Values(directors.opening, (*TOLD, "their_day")),
        "director.returned": Values(directors.returned, (*TOLD, "their_series")),
    },
    checks={
        "director.centre": Check(directors.judge_centre, "20401001", CENTRE),
        "director.phone": Check(directors.judge_phone, "0712345678", PHONE),
        "director.person": Check(directors.judge_person, "0712345678", (*WHO, *PERSON)),
        "director.identity": Check(
            directors.judge_identity,
            "123456789",
            (*WHO, *PERSON, "profile.national_id", "profile.example", "number.other_id"),
        ),
        "director.day": Check(
            directors.judge_day, "1610", (*CENTRE, "director.which_day", "director.no_such_day")
        ),
        "director.reason": Check(directors.judge_reason, "phone stolen", ("director.reason",)),
        "director.returned": Check(directors.judge_returned, "20401001", RETURNED),
    },
    blanks={
        "their_place": Blank("Kirinyaga North/Mwea West"),
        "their_date": Blank("2026-10-16"),
        "their_day": Blank("Jumatano 16 Sept"),
        "their_centres": Blank("999"),
        "their_marked": Blank("999"),
        "their_partly": Blank("999"),
        "their_unmarked": Blank("999"),
        "their_centre": Blank("20401001"),
        "their_code": Blank("20401001"),
        "their_school": Blank("Bishop Gatimu Ngandu Girls High School Nyeri"),
        "their_counts": Blank("DECTE 0/120"),
        "their_phones": Blank("0712 345 678, 0712 345 678, 0712 345 678"),
        "their_phone": Blank("+254712345678"),
        "their_number": Blank("0712 345 678"),
        "old_phone": Blank("+254712345678"),
        "old_number": Blank("0712 345 678"),
        "left_centres": Blank("20401001, 20401002 +1"),
        "shown_id": Blank("123456789"),
        "their_reason": Blank("The network was down all day and the phone had no charge left"[:60]),
        "their_series": Blank("DECTE 2026"),
        "their_return": Blank("RR-7K4-QX9-2"),
        "their_exams": Blank("DECTE 2026, DECTE 2027"),
        # A reply to TODAY: as many codes as leave room for the rest of two segments.
        "their_codes": Blank(", ".join(["20401001 (12/12)"] * 9)),
        "their_next": Blank("12"),
    },
)
