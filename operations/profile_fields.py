"""The lines of a profile: its five groups, what each line must look like, and whom it is asked of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from models.people import KINDS
from operations import profile_formats as formats
from operations.profile_formats import Judge
from operations.refusals import Refusal

GROUPS: Final = ("personal", "bank", "studies", "work", "kin")

# Lists: the code that is kept, and other words that mean it by SMS. Proper names are their own code.
KIND_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "teacher": ("mwalimu",),
    "examiner": ("msahihishaji",),
    "driver": ("dereva",),
    "security": ("security officer", "police", "polisi", "askari", "afisa wa usalama"),
}
GENDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "male": ("m", "man", "mwanaume", "mume"),
    "female": ("f", "woman", "mwanamke", "mke"),
}
LEVELS: Final[Mapping[str, tuple[str, ...]]] = {
    "certificate": ("cert", "p1", "cheti"),
    "diploma": ("stashahada",),
    "higher_diploma": ("higher diploma", "stashahada ya juu"),
    "degree": ("bachelor", "bachelors", "shahada"),
    "masters": ("master", "uzamili"),
    "doctorate": ("phd", "uzamivu"),
    "secondary": ("kcse", "form four", "kidato cha nne"),
}
EMPLOYERS: Final[Mapping[str, tuple[str, ...]]] = {
    "tsc": ("teachers service commission",),
    "board": ("bom", "board of management", "bodi ya shule"),
    "private_school": ("private school", "private", "shule ya binafsi"),
    "police": ("nps", "national police service", "polisi"),
    "county": ("county government", "serikali ya kaunti"),
    "ministry": ("ministry of education", "moe", "wizara ya elimu"),
    "knec": ("kenya national examinations council",),
}
RELATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "spouse": ("husband", "wife", "mume", "mke"),
    "parent": ("mother", "father", "mama", "baba", "mzazi"),
    "child": ("son", "daughter", "mtoto"),
    "sibling": ("brother", "sister", "kaka", "dada", "ndugu"),
    "relative": ("uncle", "aunt", "cousin", "jamaa"),
    "friend": ("rafiki",),
}
# The subjects of the KCSE, as they are printed on its papers in both languages.
SUBJECTS: Final[Mapping[str, tuple[str, ...]]] = {
    "English": ("kiingereza",),
    "Kiswahili": ("swahili",),
    "Mathematics": ("maths", "math", "hisabati"),
    "Biology": ("biolojia",),
    "Physics": ("fizikia",),
    "Chemistry": ("kemia",),
    "General Science": ("science", "sayansi"),
    "History and Government": ("history", "historia"),
    "Geography": ("jiografia",),
    "CRE": ("christian religious education",),
    "IRE": ("islamic religious education",),
    "HRE": ("hindu religious education",),
    "Agriculture": ("kilimo",),
    "Business Studies": ("business", "biashara"),
    "Computer Studies": ("computer", "kompyuta"),
    "Home Science": (),
    "Art and Design": ("art", "sanaa"),
    "Music": ("muziki",),
    "French": ("kifaransa",),
    "German": ("kijerumani",),
    "Arabic": ("kiarabu",),
    "Kenyan Sign Language": ("ksl", "sign language"),
    "Aviation Technology": ("aviation",),
    "Building Construction": ("building",),
    "Drawing and Design": ("drawing",),
    "Electricity": ("umeme",),
    "Metalwork": (),
    "Power Mechanics": ("mechanics",),
    "Woodwork": (),
}
PAPERS: Final[Mapping[str, tuple[str, ...]]] = {str(n): (f"paper {n}", f"karatasi {n}") for n in range(1, 6)}
BANKS: Final[Mapping[str, tuple[str, ...]]] = {
    "Absa Bank": ("absa", "barclays"),
    "Access Bank": ("access",),
    "African Banking Corporation": ("abc bank", "abc"),
    "Bank of Africa": ("boa",),
    "Bank of Baroda": ("baroda",),
    "Bank of India": (),
    "Caritas Microfinance Bank": ("caritas",),
    "Citibank": ("citi",),
    "Consolidated Bank": ("consolidated",),
    "Co-operative Bank": ("coop", "co-op", "coop bank", "co-op bank", "cooperative bank"),
    "Credit Bank": (),
    "Development Bank of Kenya": ("dbk",),
    "Diamond Trust Bank": ("dtb",),
    "DIB Bank": ("dib",),
    "Ecobank": (),
    "Equity Bank": ("equity",),
    "Family Bank": ("family",),
    "Faulu Microfinance Bank": ("faulu",),
    "First Community Bank": ("fcb", "premier bank"),
    "Guaranty Trust Bank": ("gtb", "gtbank"),
    "Guardian Bank": ("guardian",),
    "Gulf African Bank": ("gab", "gulf"),
    "Habib Bank": ("habib",),
    "Housing Finance (HFC)": ("hfc", "hf", "housing finance"),
    "I&M Bank": ("i&m", "im bank", "i and m"),
    "KCB Bank": ("kcb",),
    "Kenya Women Microfinance Bank": ("kwft",),
    "Kingdom Bank": ("kingdom",),
    "Mayfair CIB Bank": ("mayfair",),
    "Middle East Bank": ("meb",),
    "M-Oriental Bank": ("oriental",),
    "National Bank": ("nbk", "national"),
    "NCBA Bank": ("ncba", "cba", "nic"),
    "Paramount Bank": ("paramount",),
    "Postbank": ("post bank", "kenya post office savings bank"),
    "Prime Bank": ("prime",),
    "SBM Bank": ("sbm",),
    "Sidian Bank": ("sidian",),
    "SMEP Microfinance Bank": ("smep",),
    "Spire Bank": ("spire",),
    "Stanbic Bank": ("stanbic", "cfc"),
    "Standard Chartered Bank": ("stanchart", "standard chartered"),
    "UBA Bank": ("uba",),
    "Victoria Commercial Bank": ("victoria",),
}
TEACHING, EXAMINING, DRIVING, GUARDING = ("teacher", "examiner"), ("examiner",), ("driver",), ("security",)


def picked(typed: str) -> str:
    """The number of a row, as a list on a screen picked it."""
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 10 and int(typed)):
        raise Refusal("profile.not_listed")
    return str(int(typed))


@dataclass(frozen=True)
class Field:
    """One line of a profile, and the kinds of people it is asked of.

    `example` is what its screen shows: typing that back is no answer.
    """

    name: str
    group: str
    judge: Judge
    kinds: tuple[str, ...] = KINDS
    example: str = ""
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


FIELDS: Final[Mapping[str, Field]] = {
    line.name: line
    for line in (
        Field("kind", "personal", formats.listed(KIND_WORDS), choices=KIND_WORDS),
        Field("full_name", "personal", formats.full_name),
        Field("mpesa_name", "personal", formats.full_name),
        Field("birth_year", "personal", formats.year),
        Field("gender", "personal", formats.listed(GENDERS), choices=GENDERS),
        Field("national_id", "personal", formats.digits("profile.national_id", 7, 8, 14), example="01234567"),
        Field("kra_pin", "personal", formats.kra_pin, example="A000000000X"),
        Field("nssf_no", "personal", formats.pattern("profile.member_no", formats.MEMBER)),
        Field("nhif_no", "personal", formats.pattern("profile.member_no", formats.MEMBER)),
        Field("email", "personal", formats.email),
        Field("bank", "bank", formats.listed(BANKS, other=formats.words), choices=BANKS),
        Field("bank_branch", "bank", formats.words),
        Field("bank_account", "bank", formats.digits("profile.account_no", *range(6, 21))),
        Field("study_level", "studies", formats.listed(LEVELS), choices=LEVELS),
        Field("study_place", "studies", formats.words),
        Field("course", "studies", formats.words),
        Field("study_period", "studies", formats.period, example="1901-1904"),
        Field("employer", "work", formats.listed(EMPLOYERS, other=formats.words), choices=EMPLOYERS),
        Field("employment_no", "work", formats.tsc_number, TEACHING),
        Field(
            "subject",
            "work",
            formats.listed(SUBJECTS, other=formats.words),
            EXAMINING,
            choices=SUBJECTS,
        ),
        Field("paper", "work", formats.listed(PAPERS), EXAMINING, choices=PAPERS),
        Field("licence_no", "work", formats.pattern("profile.licence_no", formats.LICENCE), DRIVING),
        Field("service_no", "work", formats.digits("profile.service_no", *range(4, 9)), GUARDING),
        Field("sub_county", "work", picked),
        Field("workplace", "work", formats.words),
        Field("designation", "work", formats.words),
        Field("work_since", "work", formats.year),
        Field("kin_name", "kin", formats.full_name),
        Field("kin_phone", "kin", formats.phone, example="0700 000 000"),
        Field("kin_relation", "kin", formats.listed(RELATIONS), choices=RELATIONS),
    )
}
# Lists of proper names, which are the same in every language.
PROPER: Final = frozenset({"bank", "subject"})


def of_kind(kind: str | None) -> list[Field]:
    """The lines that somebody of this kind fills in; of no kind yet, those of everybody."""
    return [line for line in FIELDS.values() if line.kinds == KINDS or kind in line.kinds]


def read(name: str, kept: str) -> str:
    """An answer as it is to be read: of a list of common words a token, spelled in the reader's language."""
    return f"@term.{name}.{kept}" if name not in PROPER and kept in FIELDS[name].choices else kept


def judge(name: str, typed: str) -> str:
    """What is kept of an answer to this line; raises the Refusal that says what is wrong with it."""
    line = FIELDS[name]
    kept = line.judge(typed)
    if line.example and kept == line.judge(line.example):
        raise Refusal("profile.example")
    return kept
