"""The profile on a phone: schools by a few letters, the form that is begun, repeats, and whatever may be typed."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from models.accounts import Account
from models.forms import Form
from models.people import Profile
from models.places import School
from models.records import Audit
from models.registers import Eligibility
from operations import profiles
from tests.fixtures_season import PEOPLE, Season
from tests.fixtures_service import Handset

Phone = Callable[[str], Handset]
SCHOOLS = ("Kasarani Girls Secondary School", "Kasarani Primary School", "Mwiki Boys High School")


def at_profile(handset: Phone, who: str) -> Handset:
    """Somebody signed in who looks at their profile."""
    phone = handset(PEOPLE[who][0])
    if "not finished" in phone.dial():
        phone.send("2")
    assert phone.send("mitihani7", "1").startswith(("CON Profile: ", "CON Wasifu: "))
    return phone


def number_of(screen: str, words: str) -> str:
    """The number before this line of a list."""
    return next(
        line.partition(".")[0] for line in screen.splitlines() if line.partition(". ")[2].startswith(words)
    )


def to_line(phone: Handset, group: str, letters: str) -> str:
    """Open a line of a group by letters of its name."""
    while group not in phone.screen:
        phone.send("98")
    phone.send(number_of(phone.screen, group))
    phone.send(letters)
    return phone.send("1")


def test_a_school_is_found_by_some_letters_and_kept_with_its_row(season: Season, handset: Phone) -> None:
    with season.service.stores.transaction() as db:
        db.add_all(School(name=name, level="secondary", county_code="047", area="") for name in SCHOOLS)
        db.add(School(name="Kasarani Academy", level="primary", county_code="001", area=""))
    amina = at_profile(handset, "amina")
    assert "Your school: type some letters" in to_line(amina, "Work station", "place")
    found = amina.send("kasarny")
    assert "1. Kasarani Girls Secondary School" in found and "Mwiki" not in found
    assert "1. Mwiki Boys High School" in amina.send("mwik")
    assert "Work station: what" in amina.send("1")
    with season.service.stores.sessions() as db:
        profile = db.get_one(Profile, season.accounts["amina"])
        assert profile.workplace == "Mwiki Boys High School"
        assert db.get_one(School, profile.school_id).name == "Mwiki Boys High School"


def test_a_school_that_is_not_listed_is_typed(season: Season, handset: Phone) -> None:
    with season.service.stores.transaction() as db:
        db.add(School(name=SCHOOLS[0], level="secondary", county_code="047", area=""))
    amina = at_profile(handset, "amina")
    to_line(amina, "Work station", "place")
    assert "2. Not here. Type it" in amina.send("kasarani")
    assert "The name of the school" in amina.send("2")
    assert "Work station: what" in amina.send("Kasarani Hill School")
    with season.service.stores.sessions() as db:
        assert db.get_one(Profile, season.accounts["amina"]).workplace == "Kasarani Hill School"


def test_a_driver_types_where_they_work(season: Season, handset: Phone) -> None:
    chebet = at_profile(handset, "chebet")
    assert "school or station" in to_line(chebet, "Work station", "place")


def test_a_teacher_without_a_sub_county_is_asked_that_first(season: Season, handset: Phone) -> None:
    with season.service.stores.transaction() as db:
        db.get_one(Profile, season.accounts["amina"]).sub_county_id = None
    assert "Where do you work?" in to_line(at_profile(handset, "amina"), "Work station", "place")


def test_a_bank_that_is_not_listed_is_typed(season: Season, handset: Phone) -> None:
    amina = at_profile(handset, "amina")
    assert "Your bank: choose" in to_line(amina, "Bank", "bank")
    assert "1. Co-operative Bank" in amina.send("coop")
    assert amina.send("zzzz").splitlines()[-2] == "1. Another one"
    assert "Type the name of your bank" in amina.send("1")
    assert "Bank: what" in amina.send("Mwalimu National Sacco")
    with season.service.stores.sessions() as db:
        assert db.get_one(Profile, season.accounts["amina"]).bank == "Mwalimu National Sacco"


def test_whoever_is_asked_has_begun_a_form_and_the_last_line_ends_it(season: Season, handset: Phone) -> None:
    with season.service.stores.transaction() as db:
        db.get_one(Profile, season.accounts["amina"]).course = None
    amina = at_profile(handset, "amina")
    with season.service.stores.sessions() as db:
        assert db.scalar(select(func.count()).select_from(Form)) == 0
    assert "Which course?" in amina.send("1")
    with season.service.stores.sessions() as db:
        form = db.scalars(select(Form)).one()
        assert (form.journey, form.account_id, form.finished_at) == (
            "profile",
            season.accounts["amina"],
            None,
        )
    assert "Your profile is complete." in amina.send("Education")
    with season.service.stores.sessions() as db:
        assert db.scalars(select(Form)).one().finished_at is not None


def test_looking_at_a_complete_profile_begins_nothing(season: Season, handset: Phone) -> None:
    amina = at_profile(handset, "amina")
    assert "26 of 26. Missing: nothing" in amina.screen
    to_line(amina, "Personal", "email")
    with season.service.stores.sessions() as db:
        assert db.scalar(select(func.count()).select_from(Form)) == 0


def test_a_form_is_one_a_day_however_often_one_comes_back(season: Season, handset: Phone) -> None:
    for _ in range(2):
        baraka = at_profile(handset, "baraka")
        baraka.send("1", "1", "00", "1", "1")
    with season.service.stores.sessions() as db:
        assert db.scalar(select(func.count()).select_from(Form)) == 1


def test_only_who_was_filling_something_is_asked_to_go_on(season: Season, handset: Phone) -> None:
    baraka = at_profile(handset, "baraka")
    baraka.send("2")
    assert "Enter your password" in baraka.dial()
    baraka = at_profile(handset, "baraka")
    baraka.send("1")
    assert "You had not finished your profile." in baraka.dial()


def test_a_repeated_hop_saves_once_and_gets_the_same_screen(season: Season, handset: Phone) -> None:
    amina = at_profile(handset, "amina")
    to_line(amina, "Personal", "email")
    first = amina.send("amina.otieno@x.ke")
    assert amina.post() == first
    season.service.stores.redis.flushdb()
    assert amina.post() == first
    with season.service.stores.sessions() as db:
        saved = select(func.count()).select_from(Audit).where(Audit.act == "profile.keep")
        assert db.scalar(saved) == 1


def standing(season: Season, name: str) -> str:
    """What the council says of somebody now."""
    with season.service.stores.sessions() as db:
        return db.get_one(Eligibility, season.accounts[name]).standing


@pytest.mark.parametrize(
    ("line", "typed"),
    [("full", ["Amina", "Mwangi Juma"]), ("national", ["31415926"]), ("kind", ["driver"])],
)
def test_nobody_loses_their_approval_unasked(
    season: Season, handset: Phone, line: str, typed: list[str]
) -> None:
    """What the council approved somebody by is changed only after they were told what follows."""
    amina = at_profile(handset, "amina")
    to_line(amina, "Personal", line)
    choices = {"driver": "Driver"}

    def answered() -> str:
        return amina.send(*(number_of(amina.screen, choices[a]) if a in choices else a for a in typed))

    assert "you cannot apply until it approves you again" in answered()
    assert "Personal" in amina.send("2") and standing(season, "amina") == "approved"
    amina.send(line, "1")
    answered()
    amina.send("1")
    assert standing(season, "amina") == "waiting"


@pytest.mark.parametrize("key", ["1", "2"])
def test_nobody_comes_back_to_the_question_about_their_approval(
    season: Season, handset: Phone, key: str
) -> None:
    """Else an answer that was let go would be saved under the name of another line."""
    amina = at_profile(handset, "amina")
    to_line(amina, "Personal", "national")
    amina.send("31415926", key)
    now_is = standing(season, "amina")
    amina.send("kra", "1")
    for _ in range(6):
        assert "approved you by it" not in amina.send("0")
    assert standing(season, "amina") == now_is == {"1": "waiting", "2": "approved"}[key]


@pytest.mark.parametrize(("line", "typed"), [("national", "31415926"), ("full", "Amina")])
def test_nobody_goes_on_with_what_another_one_typed(
    season: Season, handset: Phone, line: str, typed: str
) -> None:
    """Amina borrows Baraka's phone, and her session drops; he is let in by his own password."""
    phone = handset(PEOPLE["baraka"][0])
    phone.dial()
    phone.send("2", PEOPLE["amina"][0], "mitihani7", "1")
    to_line(phone, "Personal", line)
    left = phone.send(typed)
    assert "You had not finished your profile." in phone.dial()
    assert "Welcome back" in phone.send("1")
    home = phone.send("mitihani7")
    assert home != left and "Amina" not in home and "1. My profile" in home
    phone.dial()
    phone.send("2", PEOPLE["amina"][0], "mitihani7", "1")
    to_line(phone, "Personal", line)
    left = phone.send(typed)
    phone.dial()
    again = phone.send("1", "2", PEOPLE["amina"][0], "mitihani7")
    assert again.startswith(left.rpartition("\n")[0])


def test_what_changes_no_approval_is_saved_at_once(season: Season, handset: Phone) -> None:
    amina = at_profile(handset, "amina")
    to_line(amina, "Personal", "full")
    assert "Personal" in amina.send("Otieno", "Amina Wanjiru")
    assert standing(season, "amina") == "approved"


def test_every_line_of_the_longest_profile_fits(season: Season, handset: Phone) -> None:
    """The handset refuses a screen of more than 160; names, e-mails and schools here are as long as may be."""
    longest = {
        "full_name": "Christopher Wamalwa Wanyonyi Simiyu Barasa Nang'ole Makokha",
        "email": "christopher.wamalwa.wanyonyi.simiyu@highschool.education.ke",
        "workplace": "Bishop Gatimu Ngandu Girls High School Nyeri Annex Boarding",
        "course": "W" * 60,
    }
    with season.service.stores.transaction() as db:
        profile = db.get_one(Profile, season.accounts["amina"])
        for name, value in longest.items():
            setattr(profile, name, value)
    for lang in ("en", "sw"):
        season.speak("amina", lang)
        for group in range(1, 6):
            amina = at_profile(handset, "amina")
            for key in ("98",) * (group > 3) + (str(group),) + ("98",) * 5:
                amina.send(key)
            assert amina.screen.startswith("CON ")


TYPED = st.one_of(
    st.sampled_from(["0", "00", "98", "1", "2", "3", "7", "99", "01", " 1", "+1", "1.0", "-1", "１", "١"]),
    st.sampled_from(
        ["", "*", "**", "1*2", "#", "\x00", "\ufeff\u202e\u200d", "’", "😀", "END x", "1. Approve"]
    ),
    st.sampled_from(
        ["kasa", "kcb", "juma", "jane¡x.ke", "23456789", "2005-2008", "{x}", "' OR 1=1--", "%", "x" * 200]
    ),
)


def test_whatever_is_typed_is_answered_and_stays_ones_own(season: Season, handset: Phone) -> None:
    """The handset asserts 200, CON or END, and 160; nobody else's name or profile is ever touched."""
    stores, amina = season.service.stores, season.accounts["amina"]
    with stores.sessions() as db:
        before = profiles.held(db, amina)

    @settings(max_examples=30, deadline=None)
    @given(st.lists(TYPED, max_size=12), st.booleans())
    def play(inputs: list[str], drops: bool) -> None:
        baraka = at_profile(handset, "baraka")
        for typed in inputs:
            screen = baraka.send(typed)
            assert "Amina" not in screen and "Fault" not in screen
        if drops:
            baraka.dial()
        with stores.sessions() as db:
            assert profiles.held(db, amina) == before
            assert db.scalar(select(func.count()).select_from(Account)) == len(PEOPLE)

    play()


@pytest.mark.parametrize("lang", ["en", "sw"])
def test_the_profile_speaks_the_persons_language(season: Season, handset: Phone, lang: str) -> None:
    season.speak("amina", lang)
    said = {"en": "Kind of work: Teacher", "sw": "Aina ya kazi: Mwalimu"}[lang]
    phone = handset(PEOPLE["amina"][0])
    phone.dial()
    assert said in phone.send("mitihani7", "1", "1")
