"""Applications: who may apply, what holds a place, what gives it back, and what is kept."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from models.applications import Application
from models.forms import Form
from models.messages import Message
from models.people import Interest, Profile, Service
from models.records import Audit
from models.registers import Eligibility
from models.series import Series, Vacancy
from operations import applications, forms, posts
from operations.office import now
from operations.refusals import Refusal
from telephony import references
from tests.fixtures_applications import CHANGAMWE, LAST, MWIKI, OFFICER, Applicants

LONG = "x" * 61


def change(applicants: Applicants, statement: object) -> None:
    """Change the world directly."""
    with applicants.service.stores.transaction() as db:
        db.execute(statement)  # type: ignore[call-overload]


# -- applying ----------------------------------------------------------------------------------------


def test_an_application_takes_a_place_under_a_reference(applicants: Applicants) -> None:
    made = applicants.apply("amina")
    assert (made.state, made.channel) == ("submitted", "ussd")
    assert references.read(made.reference, "AP") == made.reference
    assert applicants.vacancy().filled == 1 and not applicants.balance()
    audit = applicants.all(select(Audit).where(Audit.act == "application.apply"))
    assert [(row.subject, row.actor) for row in audit] == [(f"application:{made.id}", "phone:+254711000001")]


def test_the_same_form_again_answers_the_same_application(applicants: Applicants) -> None:
    first = applicants.apply("amina", form="f1")
    again = applicants.apply("amina", form="f1")
    assert (again.id, again.reference) == (first.id, first.reference)
    assert applicants.vacancy().filled == 1 and applicants.told("amina") == ["application.received"]


def test_a_form_belongs_to_its_person_and_vacancy(applicants: Applicants) -> None:
    """A session that drops at the confirm screen may be resumed by another account: it is another attempt."""
    first = applicants.apply("amina", form="f1")
    assert applicants.apply("fatuma", form="f1").id != first.id
    assert applicants.refused(applicants.apply, "amina", MWIKI, form="f1") == "application.live"


def test_a_repeat_after_a_withdrawal_does_not_apply_again(applicants: Applicants) -> None:
    first = applicants.apply("amina", form="f1")
    applicants.withdraw(first)
    again = applicants.apply("amina", form="f1")
    assert (again.id, again.state) == (first.id, "withdrawn") and applicants.vacancy().filled == 0


def test_one_live_application_a_person_and_exam(applicants: Applicants) -> None:
    made = applicants.apply("amina")
    with pytest.raises(Refusal) as refusal:
        applicants.apply("amina", MWIKI)
    assert refusal.value.code == "application.live"
    assert refusal.value.values == {"applied_reference": made.reference}
    assert applicants.vacancy(MWIKI).filled == 0 and not applicants.balance()


def test_another_exam_is_another_application(applicants: Applicants) -> None:
    applicants.apply("amina")
    with applicants.service.stores.transaction() as db:
        moment = now(db)
        window = {"apply_from": moment - timedelta(1), "apply_until": moment + timedelta(1)}
        db.execute(update(Series).where(Series.id == applicants.season.running).values(**window))
        more = applicants.season.make_vacancy(
            db, "clerk", "distribution", "01101001", 1, series_id=applicants.season.running
        )
        applicants.season.vacancies["clerk", "01101001"] = more.code
    applicants.apply("amina", ("clerk", "01101001"))
    assert len(applicants.live("amina")) == 2 and not applicants.balance()


def test_who_is_deployed_without_an_application_does_not_apply(applicants: Applicants) -> None:
    with applicants.service.stores.transaction() as db:
        season = applicants.season
        season.make_deployment(db, "amina", "01101001", "invigilator", series_id=season.open)
    assert applicants.refused(applicants.apply, "amina") == "application.posted"


BARRED = {
    "eligibility.incomplete": update(Profile).values(kra_pin=None),
    "eligibility.waiting": update(Eligibility).values(standing="waiting"),
    "eligibility.rejected": update(Eligibility).values(standing="rejected"),
    "vacancy.closed": update(Series).values(apply_until=Series.apply_from),
    "vacancy.full": update(Vacancy).values(filled=Vacancy.capacity),
}


@pytest.mark.parametrize("code", BARRED)
def test_who_may_not_apply_takes_no_place(applicants: Applicants, code: str) -> None:
    change(applicants, BARRED[code])
    filled = applicants.vacancy().filled
    assert applicants.refused(applicants.apply, "amina") == code
    assert applicants.vacancy().filled == filled and not applicants.all(select(Application))
    assert applicants.told("amina") == []


def test_the_rules_of_the_series_hold(applicants: Applicants) -> None:
    assert applicants.refused(applicants.apply, "chebet") == "rule.kind"
    interest = {"account_id": applicants.season.accounts["amina"], "centre_code": "20401001"}
    with applicants.service.stores.transaction() as db:
        db.add(Interest(**interest, reason="child"))
    assert applicants.refused(applicants.apply, "amina") == "rule.interest"


def test_nobody_returns_to_a_centre_too_soon(applicants: Applicants) -> None:
    with applicants.service.stores.transaction() as db:
        series = db.get_one(Series, applicants.season.open)
        series.rules = {"return_years": 3}
        national_id = f"2{applicants.season.accounts['amina']:07}"
        served = {"exam": "KCSE", "centre_code": "20401001", "position": "invigilator"}
        db.add(Service(national_id=national_id, year=series.year - 3, **served))
    assert applicants.refused(applicants.apply, "amina") == "rule.served"


def test_the_last_place_is_one(applicants: Applicants) -> None:
    applicants.apply("amina", LAST)
    assert applicants.refused(applicants.apply, "fatuma", LAST) == "vacancy.full"
    assert applicants.vacancy(LAST).filled == 1 and not applicants.balance()


def test_a_refused_one_leaves_no_row_behind(applicants: Applicants) -> None:
    """The place is taken last: whatever was written before it goes when it is gone."""
    with applicants.service.stores.transaction() as db:
        vacancy = db.get_one(Vacancy, applicants.vacancy(LAST).id)
        # Seen free, and filled by the time the place is taken.
        with applicants.service.stores.transaction() as other:
            other.execute(update(Vacancy).where(Vacancy.id == vacancy.id).values(filled=1))
        with pytest.raises(Refusal) as refusal:
            applications.apply(
                db,
                applicants.season.accounts["amina"],
                vacancy.id,
                form_id="f1",
                by=OFFICER,
                now=now(db),
            )
        assert refusal.value.code == "vacancy.full"
        db.rollback()
    assert not applicants.all(select(Application)) and not applicants.all(select(Message))


def test_applying_finishes_the_forms_of_it(applicants: Applicants) -> None:
    with applicants.service.stores.transaction() as db:
        forms.begin(db, "f1", applicants.season.accounts["amina"], "apply", now=now(db))
    applicants.apply("amina", form="f1")
    assert [form.finished_at is not None for form in applicants.all(select(Form))] == [True]


# -- withdrawing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", applications.WITHDRAWALS)
def test_a_withdrawal_gives_the_place_back_and_keeps_the_reason(applicants: Applicants, reason: str) -> None:
    made = applicants.apply("amina", LAST)
    applicants.withdraw(made, reason)
    row = applicants.all(select(Application))[0]
    assert (row.state, row.reason) == ("withdrawn", reason) and row.ended_at is not None
    assert applicants.vacancy(LAST).filled == 0 and not applicants.balance()
    assert applicants.told("amina")[-1] == "application.withdrawn"
    applicants.apply("fatuma", LAST)


def test_withdrawing_twice_changes_nothing(applicants: Applicants) -> None:
    made = applicants.apply("amina")
    applicants.apply("fatuma")
    applicants.withdraw(made, "wrong_position")
    applicants.withdraw(made, "change_of_mind")
    assert applicants.vacancy().filled == 1 and not applicants.balance()
    assert applicants.told("amina").count("application.withdrawn") == 1
    assert applicants.all(select(Application.reason).where(Application.id == made.id)) == ["wrong_position"]


def test_one_may_apply_again_and_the_history_is_kept(applicants: Applicants) -> None:
    first = applicants.apply("amina")
    applicants.withdraw(first)
    second = applicants.apply("amina", MWIKI)
    applicants.withdraw(second)
    third = applicants.apply("amina")
    states = {row.reference: row.state for row in applicants.all(select(Application))}
    assert states == {
        first.reference: "withdrawn",
        second.reference: "withdrawn",
        third.reference: "submitted",
    }
    with applicants.service.stores.sessions() as db:
        listed = posts.mine(db, applicants.season.accounts["amina"])
    assert [each.reference for each in listed] == [third.reference, second.reference, first.reference]


def test_what_is_deployed_is_declined_not_withdrawn(applicants: Applicants) -> None:
    made = applicants.apply("amina")
    with applicants.service.stores.transaction() as db:
        applications.deployed(db, made.id)
    assert applicants.refused(applicants.withdraw, made) == "application.deployed"
    applicants.do(applications.release, made.id, "too_far")
    applicants.do(applications.release, made.id, "too_far")
    assert applicants.vacancy().filled == 0 and not applicants.balance()
    assert applicants.refused(applicants.withdraw, made) == "application.ended"
    applicants.apply("amina", CHANGAMWE)


# -- reviewing ---------------------------------------------------------------------------------------


def test_the_council_approves_and_says_so_once(applicants: Applicants) -> None:
    made = applicants.apply("amina")
    for _ in range(2):
        decided = applicants.review(made, True)
    assert (decided.state, decided.decided_by) == ("approved", "staff:wanjiku")
    assert applicants.told("amina") == ["application.received", "application.approved"]
    audit = applicants.all(select(Audit.actor).where(Audit.act == "application.approve"))
    assert audit == ["staff:wanjiku"] and applicants.vacancy().filled == 1


@pytest.mark.parametrize("approved_before", [False, True])
def test_a_rejection_frees_the_place_and_says_why(applicants: Applicants, approved_before: bool) -> None:
    made = applicants.apply("amina", LAST)
    if approved_before:
        applicants.review(made, True)
    for _ in range(2):
        applicants.review(made, False, "  Your TSC number is\nnot yours. ")
    row = applicants.all(select(Application))[0]
    assert (row.state, row.reason) == ("rejected", "Your TSC number is not yours")
    assert applicants.vacancy(LAST).filled == 0 and not applicants.balance()
    assert applicants.told("amina").count("application.rejected") == 1
    applicants.apply("amina", MWIKI)


@pytest.mark.parametrize("reason", ["", "   ", LONG, "." * 3])
def test_a_rejection_needs_a_reason_that_fits_an_sms(applicants: Applicants, reason: str) -> None:
    made = applicants.apply("amina")
    assert applicants.refused(applicants.review, made, False, reason) == "application.reason"
    assert applicants.live("amina") and applicants.vacancy().filled == 1


@pytest.mark.parametrize("accept", [True, False])
def test_what_was_withdrawn_meanwhile_is_not_decided(applicants: Applicants, accept: bool) -> None:
    made = applicants.apply("amina")
    applicants.withdraw(made)
    assert applicants.refused(applicants.review, made, accept, "late") == "application.ended"
    assert applicants.vacancy().filled == 0 and applicants.told("amina")[-1] == "application.withdrawn"


def test_who_is_deployed_is_not_rejected(applicants: Applicants) -> None:
    made = applicants.apply("amina")
    with applicants.service.stores.transaction() as db:
        applications.deployed(db, made.id)
    assert applicants.refused(applicants.review, made, False, "late") == "application.deployed"


def test_what_has_ended_is_not_deployed(applicants: Applicants) -> None:
    made = applicants.apply("amina")
    applicants.withdraw(made)
    with applicants.service.stores.transaction() as db, pytest.raises(Refusal):
        applications.deployed(db, made.id)


# -- finding -----------------------------------------------------------------------------------------


def test_a_reference_is_forgiven_and_is_its_owners(applicants: Applicants) -> None:
    made = applicants.apply("amina")
    mine, theirs = applicants.season.accounts["amina"], applicants.season.accounts["fatuma"]
    typed = made.reference.removeprefix("AP-").replace("-", " ").lower()
    with applicants.service.stores.sessions() as db:
        assert applications.own(db, mine, typed).id == made.id
        for account, reference in ((theirs, typed), (mine, references.make("AP"))):
            with pytest.raises(Refusal) as refusal:
                applications.own(db, account, reference)
            assert refusal.value.code == "application.unknown"
        with pytest.raises(Refusal) as refusal:
            applications.own(db, mine, "12")
        assert refusal.value.code == "application.unreadable"


def test_a_reference_that_is_taken_is_drawn_again(
    applicants: Applicants, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = applicants.apply("amina")
    drawn = iter([first.reference, first.reference, "AP-222-222-2"])
    monkeypatch.setattr(references, "make", lambda kind: next(drawn))
    assert applicants.apply("fatuma").reference == "AP-222-222-2"
