"""Eligibility: what the tree may name of it."""

from menus.functions import eligibility
from menus.vocabulary import Action, Blank, Values, Vocabulary

STAGES = (
    *("incomplete", "verified", "national_id", "number", "name", "inactive", "not_found"),
    *("taken", "approved", "rejected"),
)

# Lines of a profile with long names.
LONG = ("Nambari ya akaunti", "Kiwango cha elimu", "Jamaa wa karibu")

PART = Vocabulary(
    actions={
        # It asks the register where nobody has yet: looking again changes nothing.
        "eligibility.look": Action(
            eligibility.look, STAGES, repeatable=True, refusals=("eligibility.incomplete",)
        ),
    },
    values={
        "eligibility.lacking": Values(eligibility.lacking, ("lacking_lines",)),
        "eligibility.facts": Values(
            eligibility.facts,
            ("register_of", "number_of", "papers", "own_number", "kind_of", "why_not"),
        ),
    },
    blanks={
        "lacking": Blank("25"),
        "missing": Blank("Nambari ya SHA/NHIF"),
        "lacking_lines": Blank(", ".join((*LONG, *LONG)) + " +19"),
        "register_of": Blank("the Police Service"),
        "number_of": Blank("driving licence number"),
        "papers": Blank("letter of appointment"),
        "own_number": Blank("DL12345678901"),
        "kind_of": Blank("Security officer"),
        "why_not": Blank("Your TSC certificate is needed; see the Sub-County Director"),
        "most_letters": Blank("60"),
    },
)
