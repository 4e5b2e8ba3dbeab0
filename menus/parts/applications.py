"""Applications: what the tree may name of them."""

from menus.functions import applications
from menus.vocabulary import Action, Blank, Check, Source, Values, Vocabulary

POST = ("applied_position", "applied_exam", "applied_centre", "applied_county")
STANDING = (*POST, "applied_reference", "applied_state", "applied_reason")
STATES = (
    *("submitted", "approved", "deployed", "withdrawn", "rejected", "released"),
    *("again", "refused", "elsewhere"),
)
# Why somebody may not apply for this vacancy; what can be mended at once has a screen of its own instead.
BARRED = (
    *("eligibility.not_asked", "eligibility.waiting", "eligibility.rejected", "eligibility.incomplete"),
    *("rule.no_such_post", "rule.kind", "rule.kind_unknown", "rule.level", "rule.subject"),
    *("rule.interest", "rule.own_school", "rule.served", "rule.not_approved"),
    *("vacancy.no_such_code", "vacancy.wrong_digit", "vacancy.closed", "vacancy.full"),
    *("application.live", "application.posted"),
)
# Every line that an examiner's profile may lack, in the longer language.
LINES = (
    *("Jina kamili", "Jina la M-Pesa", "Mwaka wa kuzaliwa", "Jinsia", "Kitambulisho", "PIN ya KRA"),
    *("Nambari ya NSSF", "Nambari ya SHA/NHIF", "Barua pepe", "Benki", "Tawi la benki"),
    *("Nambari ya akaunti", "Kiwango cha elimu", "Chuo", "Kozi", "Miaka ya masomo", "Mwajiri"),
    *("Nambari ya TSC", "Somo", "Karatasi", "Kaunti ndogo", "Mahali pa kazi", "Cheo", "Tangu mwaka"),
    *("Jamaa wa karibu", "Simu ya jamaa", "Uhusiano"),
)

PART = Vocabulary(
    actions={
        "apply.check": Action(
            applications.check,
            ("ready", "incomplete", "live"),
            repeatable=True,
            gives=("application", "attempt"),
            refusals=BARRED,
        ),
        "apply.submit": Action(
            applications.submit,
            ("done",),
            gives=("applied_reference",),
            refusals=(*BARRED, "application.ended"),
        ),
        "apply.declare": Action(
            applications.declare, ("declared",), gives=("attempt",), refusals=("vacancy.no_such_code",)
        ),
        "application.look": Action(applications.look, STATES, effect=False, refusals=("application.none",)),
        "application.withdraw": Action(
            applications.withdraw,
            ("withdrawn",),
            refusals=("application.none", "application.ended", "application.deployed"),
        ),
    },
    sources={
        "application.mine": Source(
            applications.mine,
            longest="KPSEA 2026 Mkaguzi (Invigilator): halikukubaliwa",
            most=applications.MOST_LISTED,
        ),
        "application.reasons": Source(applications.reasons, longest="Nafasi isiyo sahihi", most=3),
        "apply.interests": Source(applications.interests, longest="My child sits there", most=4),
    },
    values={
        "apply.post": Values(applications.post, POST),
        "apply.missing": Values(applications.missing, ("applied_missing",)),
        "application.standing": Values(applications.standing, STANDING),
    },
    checks={
        "apply.code": Check(
            applications.judge_code, "1234567", ("vacancy.no_such_code", "vacancy.wrong_digit")
        ),
    },
    blanks={
        "applied_position": Blank("Mkaguzi (Invigilator)"),
        "applied_exam": Blank("KPSEA 2026"),
        "applied_centre": Blank("Bishop Gatimu Ngandu Girls High School Nyeri"),
        "applied_county": Blank("Elgeyo Marakwet"),
        "applied_reference": Blank("AP-WWW-WWW-W"),
        "applied_state": Blank("waiting for review"),
        "applied_reason": Blank("This centre is too far from the station where you teach now."),
        "applied_missing": Blank(", ".join(LINES)),
        "applied_lines": Blank("; ".join(["AP-WWW-WWW-W KPSEA 2026 waiting for review"] * 3)),
        "applied_numbers": Blank(", ".join(["AP-WWW-WWW-W"] * 3)),
        "applied_least": Blank("Nambari ya SHA/NHIF, Nambari ya akaunti, Nambari ya huduma +22"),
    },
)
