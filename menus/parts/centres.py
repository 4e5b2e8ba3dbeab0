"""A centre's account: what the tree may name of it."""

from menus.functions import centres
from menus.vocabulary import Action, Blank, Check, Source, Values, Vocabulary
from operations.enrolments import MOST_PHONES

NO_MORE = ("centre.not_yours", "centre.not_enrolled")
DETAILS = (
    *("centre_number", "centre_name", "centre_place", "centre_candidates", "centre_depot"),
    *("centre_distance", "centre_hosting", "centre_days"),
)
OFFICER = (
    *("officer_number", "officer_name", "officer_post", "officer_gender", "officer_identity"),
    *("officer_phone", "officer_answer"),
)

PART = Vocabulary(
    actions={
        "centre.save_distance": Action(
            centres.save_distance, ("saved",), repeatable=True, refusals=(*NO_MORE, "centre.distance")
        ),
        "centre.drop_phone": Action(
            centres.drop_phone, ("dropped", "left"), refusals=(*NO_MORE, "centre.last_phone")
        ),
    },
    sources={
        "centre.officers": Source(centres.officers, longest="No.12 Christopher Wamal.., Inv"),
        "centre.phones": Source(centres.phones_listed, longest="+2547*****678 (simu hii)", most=MOST_PHONES),
    },
    values={
        "centre.home": Values(centres.home, ("centre_number",)),
        "centre.details": Values(centres.details, DETAILS),
        "centre.officer": Values(centres.officer, OFFICER),
        "centre.phone": Values(centres.phone, ("phone_masked",)),
    },
    checks={
        "centre.distance": Check(centres.judge_distance, "120 km", ("centre.distance",)),
    },
    blanks={
        "centre_code": Blank("20401001"),
        "centre_number": Blank("20401001"),
        "centre_name": Blank("Bishop Gatimu Ngandu Girls High School Nyeri"),
        "centre_place": Blank("Kianyaga Township, Kirinyaga North/Mwea West, Elgeyo Marakwet"),
        "centre_candidates": Blank("KPSEA 2026: 1200, KJSEA 2026: 1200, KCSE 2026: 1200"),
        "centre_depot": Blank("Bishop Gatimu Ngandu Girls High School Nyeri"),
        "centre_distance": Blank("haijawekwa bado"),
        "centre_km": Blank("500"),
        "centre_hosting": Blank("Kinahudumiwa na Bishop Gatimu Ngandu Girls High School Nyeri (20401001)"),
        "centre_days": Blank(
            "DECTE 2026: 16, 19, 20, 21, 22, 23, 26, 27, 28, 29, 30 Sept, "
            "2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 16, 17, 18, 19, 20 Sept"
        ),
        "centre_phone": Blank("12345678"),
        "host_name": Blank("Bishop Gatimu Ngandu Girls High School Nyeri"),
        "host_number": Blank("20401001"),
        "hosted_numbers": Blank("20401001, 20401002, 20401003 +12"),
        "officer": Blank("12345678"),
        "officer_number": Blank("120"),
        "officer_name": Blank("Christopher Wamalwa Wanyonyi Simiyu"),
        "officer_post": Blank("Mkaguzi (Invigilator)"),
        "officer_gender": Blank("Mwanamke"),
        "officer_identity": Blank("123456789"),
        "officer_phone": Blank("0712 345 678"),
        "officer_answer": Blank("not accepted yet"),
        "phone_masked": Blank("+2547*****678"),
        # A reply to LIST: as many whole lines as leave room for the rest of two segments.
        "officers_said": Blank("m" * 216),
        "officers_exam": Blank("DECTE 2026"),
        "officers_part": Blank("12"),
        "officers_parts": Blank("12"),
        "officers_next": Blank("DECTE 12"),
        "officers_centres": Blank("20401001, 20401002, 20401003 +12"),
    },
)
