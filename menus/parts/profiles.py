"""Profiles: what the tree may name of them."""

from menus.functions import profile_answers as answers
from menus.functions import profiles
from menus.vocabulary import Action, Blank, Check, Source, Values, Vocabulary
from operations.profile_fields import FIELDS

OTHERS = ("other_bank", "other_employer", "other_subject", "other_workplace", "other_email")
RESTS = tuple(f"rest_{name}" for name in profiles.NAMES)
FIRST = tuple(f"first_{name}" for name in profiles.NAMES)
# What the day, or the rest of the profile, forbids when a line is saved.
UNTRUE = (
    *("profile.age", "profile.year_ahead", "profile.year_early"),
    *("profile.other_kind", "profile.kin_own", "profile.not_listed"),
)
NAME = ("profile.name_letters", "profile.name_odd", "profile.name_long", "profile.name_two")
WORDS = ("profile.words", "profile.words_odd", "profile.words_long")
PHONE = tuple(
    f"phone.{why}"
    for why in ("empty", "letters", "several", "not_kenyan", "not_mobile", "too_short", "too_long")
)
# Each line that is typed: a long but honest answer, for the estimate of keying time, and why it is refused.
TYPED = {
    "birth_year": ("1985", ("profile.year",)),
    "national_id": ("12345678901234", ("profile.national_id", "profile.example")),
    "kra_pin": ("A012345678K", ("profile.kra_pin", "profile.kra_company", "profile.example")),
    "nssf_no": ("2012345678", ("profile.member_no",)),
    "nhif_no": ("CR1234567890123-4", ("profile.member_no",)),
    "bank": ("Mwalimu Sacco", ("profile.not_listed", *WORDS)),
    "bank_branch": ("Nyahururu Town", WORDS),
    "bank_account": ("01234567890123456789", ("profile.account_no",)),
    "study_place": ("Kenyatta University", WORDS),
    "course": ("B.Ed Mathematics", WORDS),
    "study_period": ("2005-2008", ("profile.period", "profile.period_order", "profile.example")),
    "employer": ("Nyeri Diocese", ("profile.not_listed", *WORDS)),
    "employment_no": ("12345678", ("profile.tsc_no",)),
    "subject": ("Environmental Studies", ("profile.not_listed", *WORDS)),
    "licence_no": ("DLA1234567", ("profile.licence_no",)),
    "service_no": ("12345678", ("profile.service_no",)),
    "workplace": ("Kasarani Girls Sec", WORDS),
    "designation": ("Deputy Principal", WORDS),
    "work_since": ("2010", ("profile.year",)),
    "kin_phone": ("+254712345678", (*PHONE, "profile.example")),
}
# Each list that is chosen from: its longest label, and how many lines it may have.
LISTED = {
    "kind": ("Afisa wa usalama", 4),
    "gender": ("Mwanamke", 2),
    "study_level": ("Stashahada ya juu", 7),
    "employer": ("Ministry of Education", 8),
    "paper": ("Karatasi ya 5", 5),
    "kin_relation": ("Ndugu (kaka, dada)", 6),
    "bank": ("Kenya Women Microfinance Bank", len(FIELDS["bank"].choices) + 1),
    "subject": ("History and Government", len(FIELDS["subject"].choices) + 1),
}
OPEN = ("bank", "employer", "subject")  # what is not on these lists may be typed

PART = Vocabulary(
    actions={
        "profile.open": Action(profiles.open_choice, ("group", "fill", "status"), effect=False),
        "profile.ask": Action(profiles.ask, (*FIELDS, "school", "group", "done"), repeatable=True),
        "profile.skip": Action(profiles.skip, ("next",), effect=False),
        "profile.keep": Action(
            profiles.keep,
            ("next", "complete", "approved", *OTHERS, *RESTS, "email_host"),
            repeatable=True,
            gives=(*FIRST, "email_local"),
            refusals=UNTRUE,
        ),
        # Nobody comes back to the question whether to change: both answers end the way back.
        "profile.change": Action(profiles.change, ("next", "complete"), refusals=UNTRUE),
        "profile.leave": Action(profiles.leave, ("next",)),
        "profile.same_name": Action(
            profiles.same_name, ("next", "complete"), repeatable=True, refusals=("profile.no_name_yet",)
        ),
    },
    sources={
        "profile.groups": Source(profiles.groups, longest="Fill what is missing", most=7),
        "profile.lines": Source(profiles.lines, longest="M" * profiles.LINE_ROOM, most=11),
        "profile.hosts": Source(answers.hosts, longest="@hotmail.com", most=len(answers.HOSTS) + 1),
        "profile.sub_counties": Source(
            answers.sub_counties, longest="Kirinyaga North/Mwea West, Kirinyaga", most=20
        ),
        "profile.schools": Source(
            answers.schools, longest="Bishop Gatimu Ngandu Girls High School Nyeri", most=21
        ),
        **{
            f"profile.{name}": Source(answers.choices(name, other=name in OPEN), longest=longest, most=most)
            for name, (longest, most) in LISTED.items()
        },
    },
    values={
        "profile.meter": Values(profiles.meter, ("profile_filled", "profile_lines", "profile_missing")),
        "profile.group": Values(profiles.group, ("profile_group",)),
        "profile.answered": Values(profiles.answered_line, ("profile_line",)),
    },
    checks={
        **{
            f"profile.{name}": Check(answers.answer(name), example, refusals)
            for name, (example, refusals) in TYPED.items()
        },
        **{
            f"profile.first_{name}": Check(answers.first_name(name), "Christopher", NAME)
            for name in profiles.NAMES
        },
        **{
            f"profile.rest_{name}": Check(answers.other_names(name), "Wanyonyi Simiyu", NAME)
            for name in profiles.NAMES
        },
        "profile.email": Check(answers.email, "wanjiru.otieno", ("profile.email",)),
        "profile.place": Check(answers.place_letters, "kirin", ("profile.letters", "profile.no_place")),
        "profile.school": Check(answers.school_letters, "bishop", ("profile.letters",)),
    },
    blanks={
        "profile_filled": Blank("28"),
        "profile_lines": Blank("28"),
        "profile_missing": Blank("Nambari ya akaunti, Nambari ya SHA/NHIF +24"),
        "profile_group": Blank("Qualifications"),
        "first_full_name": Blank("Christopher"),
        "first_mpesa_name": Blank("Christopher"),
        "first_kin_name": Blank("Christopher"),
        "profile_line": Blank("Nambari ya SHA/NHIF"),
        "profile_said": Blank("Christopher Wamalwa Wanyonyi Simiyu Juma"),
        "profile_places": Blank("Kirinyaga North/Mwea West, Kirinyaga; Kirinyaga East, Kirinyaga"),
        "new_number": Blank("+2547*****678"),
    },
)
