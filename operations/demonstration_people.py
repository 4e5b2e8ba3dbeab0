"""People of the demonstration: 300 of all kinds, every one invented, and those of `docs/demo.md` among them.

Nothing is drawn by chance: the n-th person is the same in every demonstration.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from operations import registers
from operations.registers import AUTHORITIES, Finding
from telephony import phones

PASSWORD: Final = "mitihani7"  # noqa: S105 - public, in docs/demo.md
ALL: Final = 300
Home = tuple[str, str]  # a county's code and a sub-county

WOMEN: Final = (
    *("Achieng", "Akinyi", "Chebet", "Cherono", "Esther", "Fatuma", "Grace", "Halima", "Jepkosgei", "Kanini"),
    *("Mercy", "Mwikali", "Naliaka", "Nekesa", "Njeri", "Nyaboke", "Rehema", "Wambui", "Wanjiku", "Zainabu"),
)
MEN: Final = (
    *("Abdi", "Barasa", "Brian", "Daudi", "Ekai", "Hassan", "James", "Juma", "Kamau", "Kioko", "Kiprono"),
    *("Lekishon", "Moses", "Mutua", "Mwangi", "Ochieng", "Omondi", "Peter", "Rashid", "Simiyu"),
)
SURNAMES: Final = (
    *("Adan", "Atieno", "Bett", "Chelimo", "Ekidor", "Galgalo", "Gitau", "Hassan", "Kariuki", "Kerubo"),
    *("Kibet", "Kilonzo", "Kimani", "Kinyua", "Lagat", "Lekuton", "Maina", "Makori", "Masinde", "Muli"),
    *("Mutiso", "Mwamburi", "Ndungu", "Ng'ang'a", "Nyongesa", "Odhiambo", "Ombati", "Otieno", "Salim"),
    *("Tanui", "Wafula", "Wekesa"),
)
# What two in three of fifteen people are: kind and the level of a teacher's school.
KINDS: Final[Sequence[tuple[str, str | None]]] = (
    *(("teacher", "primary"), ("teacher", "secondary"), ("security", None), ("teacher", "primary")),
    *(("teacher", "secondary"), ("driver", None), ("teacher", "junior"), ("teacher", "primary")),
    *(("examiner", "secondary"), ("teacher", "secondary"), ("security", None), ("teacher", "primary")),
    *(("teacher", "secondary"), ("teacher", "junior"), ("teacher", "primary")),
)
# How twenty people stand: most are approved; one of each kind of trouble.
STANDINGS: Final = (
    *("incomplete", "waiting", "misnamed", "unlisted", "inactive", "rejected", "other_id"),
    *("approved",) * 13,
)
SUBJECTS: Final = ("Mathematics", "English", "Kiswahili", "Biology", "History and Government")
BANKS: Final = ("KCB Bank", "Equity Bank", "Co-operative Bank", "Family Bank", "Postbank")
REASON: Final = "TSC says that you are on study leave"


@dataclass(frozen=True)
class Person:
    """Somebody of the demonstration; everything else about them follows from their number."""

    n: int
    phone: str
    name: str
    gender: str
    kind: str
    level: str | None
    home: Home
    standing: str = "approved"
    lang: str = "en"
    subject: int = 0

    @property
    def national_id(self) -> str:
        """Eight digits that are nobody's."""
        return f"{21000000 + self.n * 37}"

    @property
    def number(self) -> str:
        """What their authority knows them by: TSC number, licence, or service number."""
        forms = {"driver": f"DL{100000 + self.n * 7}", "security": f"{70000 + self.n * 7}"}
        return forms.get(self.kind, f"{400000 + self.n * 7}")


def persona(n: int, name: str, kind: str, level: str | None, home: Home, **more: Any) -> Person:
    """Somebody of docs/demo.md: their numbers follow each other from 0722 000 111 on."""
    gender = more.pop("gender", "female")
    return Person(n, f"+254722000{110 + n}", name, gender, kind, level, home, **more)


KASARANI, KIKUYU, MVITA = ("047", "Kasarani"), ("022", "Kikuyu"), ("001", "Mvita")
KISUMU, NAKURU, THIKA = ("042", "Kisumu Central"), ("032", "Nakuru East"), ("022", "Thika Town")
PERSONAS: Final = (
    persona(1, "Wanjiku Achieng Mutiso", "teacher", "secondary", KIKUYU),
    persona(2, "Omondi Peter Kilonzo", "teacher", "secondary", ("047", "Westlands"), gender="male"),
    persona(3, "Nekesa Mercy Wafula", "teacher", "primary", ("047", "Embakasi East")),
    persona(4, "Hassan Juma Salim", "driver", None, MVITA, gender="male", lang="sw"),
    persona(5, "Kiprono Moses Lagat", "security", None, KASARANI, gender="male"),
    persona(6, "Grace Nyaboke Ombati", "examiner", "secondary", THIKA),
    persona(7, "Christopher Wamalwa Wanyonyi Simiyu", "teacher", "secondary", KASARANI, gender="male"),
    persona(8, "Halima Rehema Galgalo", "teacher", "primary", KISUMU, standing="incomplete", lang="sw"),
    persona(9, "Kioko James Muli", "teacher", "secondary", NAKURU, gender="male", standing="misnamed"),
    persona(10, "Jepkosgei Esther Tanui", "teacher", "primary", NAKURU, standing="rejected"),
    persona(11, "Zainabu Fatuma Mwamburi", "teacher", "primary", MVITA, lang="sw"),
    persona(12, "Ekai Daudi Ekidor", "security", None, ("023", "Turkana Central"), gender="male"),
    persona(13, "Kamau Ndungu Kinyua", "teacher", "secondary", KIKUYU, gender="male", lang="sw"),
    persona(14, "Akinyi Atieno Odhiambo", "teacher", "primary", KASARANI),
    persona(15, "Naliaka Chebet Masinde", "teacher", "secondary", THIKA),
)


def everyone(homes: Sequence[Home]) -> list[Person]:
    """All 300, those of docs/demo.md first; the others live where there is a centre, in turn."""
    return [*PERSONAS, *(generated(n, homes) for n in range(len(PERSONAS) + 1, ALL + 1))]


def generated(n: int, homes: Sequence[Home]) -> Person:
    """The n-th person."""
    gender, first = ("female", WOMEN) if n % 2 else ("male", MEN)
    father, family = SURNAMES[n * 11 % 32], SURNAMES[(n * 5 + n // 32) % 32]
    names = (first[n * 7 % len(first)], "" if father == family else father, family)
    kind, level = KINDS[n % len(KINDS)]
    return Person(
        n,
        f"+2547000{10000 + n}",
        " ".join(filter(None, names)),
        gender,
        kind,
        level,
        homes[n % len(homes)],
        standing=STANDINGS[n % len(STANDINGS)],
        lang="sw" if n % 3 == 0 else "en",
        subject=n % len(SUBJECTS),
    )


# -- their rows --------------------------------------------------------------------------------------


def accounts(people: Sequence[Person], password_hash: str) -> Iterator[dict[str, Any]]:
    """One account each. All share one hash: making 300 would take seven seconds."""
    for each in people:
        yield {
            "username": phones.username(each.phone),
            "phone": each.phone,
            "password_hash": password_hash,
            "national_id": each.national_id,
        }


def profile(each: Person, account_id: int, sub_county: int, school: tuple[int, str] | None) -> dict[str, Any]:
    """A profile in which nothing is missing; of an incomplete one the bank and the next of kin are."""
    teaches, born = each.level is not None, 1966 + each.n % 33
    full = {
        **personal(each, born),
        "account_id": account_id,
        "kind": each.kind,
        "bank": BANKS[each.n % len(BANKS)],
        "bank_branch": each.home[1],
        "bank_account": f"110{each.n * 7919:08}",
        "study_level": "degree" if teaches else "certificate",
        "study_place": "Kenyatta University" if teaches else "National Youth Service",
        "course": "Education" if teaches else "Security Studies" if each.kind == "security" else "Driving",
        "study_period": f"{born + 20}-{born + 24}",
        **work(each, school),
        "work_since": born + 25,
        "sub_county_id": sub_county,
        "kin_name": f"{SURNAMES[each.n % 31]} {each.name.split()[-1]}",
        "kin_phone": f"+2547000{20000 + each.n}",
        "kin_relation": "spouse" if each.n % 2 else "sibling",
    }
    lacking = ("bank", "bank_branch", "bank_account", "kin_name", "kin_phone", "kin_relation")
    return full | dict.fromkeys(lacking if each.standing == "incomplete" else ())


def personal(each: Person, born: int) -> dict[str, Any]:
    """The personal lines."""
    return {
        "full_name": each.name,
        "mpesa_name": each.name,
        "birth_year": born,
        "gender": each.gender,
        "kra_pin": f"A{each.n * 104729 % 10**9:09}{'KMPQRTWX'[each.n % 8]}",
        "nssf_no": f"{200000000 + each.n * 13}",
        "nhif_no": f"{30000000 + each.n * 17}",
        "email": f"{each.name.split()[0].lower()}{each.n}@example.ke",
    }


def work(each: Person, school: tuple[int, str] | None) -> dict[str, Any]:
    """Where they work, and what their authority knows them by."""
    school_id, name = school if school and each.level else (None, f"{each.home[1]} County Office")
    employers = {"security": "police", "driver": "county"}
    return {
        "employer": employers.get(each.kind, "tsc"),
        "employment_no": each.number if each.level else None,
        "licence_no": each.number if each.kind == "driver" else None,
        "service_no": each.number if each.kind == "security" else None,
        "subject": SUBJECTS[each.subject] if each.kind == "examiner" else None,
        "paper": str(1 + each.n % 2) if each.kind == "examiner" else None,
        "workplace": name,
        "school_id": school_id,
        "designation": {"security": "Constable", "driver": "Driver"}.get(each.kind, "Senior Teacher"),
    }


def entry(each: Person) -> dict[str, Any] | None:
    """Their line in the register of their authority; none for those whom it does not know."""
    if each.standing == "unlisted":
        return None
    return {
        "register": AUTHORITIES[each.kind].register,
        "number": registers.plain(each.number),
        "national_id": f"{29000000 + each.n}" if each.standing == "other_id" else each.national_id,
        "name": "Kilonzo Ruth Adhiambo" if each.standing == "misnamed" else each.name,
        "active": each.standing != "inactive",
        "level": each.level,
    }


def eligibility(each: Person, account_id: int, finding: Finding) -> dict[str, Any] | None:
    """What the register says of them, and the council; nobody asked yet about an incomplete profile."""
    if each.standing == "incomplete":
        return None
    decided = each.standing if each.standing in ("approved", "rejected") else "waiting"
    return {
        "account_id": account_id,
        "kind": each.kind,
        "national_id": registers.plain(each.national_id),
        "number": registers.plain(each.number),
        "name": each.name,
        "match": finding.match,
        "differs": finding.differs,
        "register_name": finding.name,
        "similarity": finding.similarity,
        "level": finding.level,
        "standing": decided,
        "reason": REASON if decided == "rejected" else None,
        "decided_by": None if decided == "waiting" else "staff:demonstration",
    }


def claim(each: Person) -> registers.Claim:
    """What they say of themselves, as far as a register can tell."""
    plain = registers.plain
    return registers.Claim(each.kind, plain(each.number), plain(each.national_id), each.name)


def newcomers(homes: Sequence[Home]) -> list[Person]:
    """People whom the registers know and who have no account yet: docs/demo.md says how to become one."""
    kinds = (("teacher", "primary"), ("driver", None), ("security", None), ("teacher", "secondary"))
    fresh = []
    for n, name in enumerate(NEWCOMERS, ALL + 1):
        kind, level = kinds[n % len(kinds)]
        fresh.append(Person(n, "", name, "female", kind, level, homes[0]))
    return fresh


NEWCOMERS: Final[Sequence[str]] = (
    *("Mwikali Ruth Nzioka", "Barasa Dan Wekesa", "Lekishon Sam Lekuton", "Njeri Faith Gitau"),
    *("Akinyi Rose Otieno", "Rashid Omar Mwinyi", "Chebet Joy Bett", "Kamau Eric Ndungu"),
)
