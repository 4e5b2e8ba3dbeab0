"""Deployments and declarations: what the tree may name of them."""

from menus.functions import declarations, deployments
from menus.vocabulary import Action, Blank, Source, Values, Vocabulary

TOO_LATE = ("deployment.none", "deployment.was_declined", "deployment.taken_back", "deployment.over")
SAID = (
    *("duty_exam", "duty_position", "duty_post", "duty_centre", "duty_centre_code", "duty_reporting"),
    *("duty_day", "duty_time", "duty_whom", "duty_first", "duty_last", "duty_distance", "duty_carry"),
    *("duty_standing", "duty_declared", "duty_reference"),
)

PART = Vocabulary(
    actions={
        "deployment.state": Action(
            deployments.state,
            ("offered", "accepted", "ended"),
            effect=False,
            refusals=("deployment.none",),
        ),
        "deployment.accept": Action(deployments.accept, ("accepted",), refusals=TOO_LATE),
        "deployment.decline": Action(
            deployments.decline, ("declined",), refusals=(*TOO_LATE, "deployment.see_director")
        ),
        "deployment.letter": Action(
            deployments.letter,
            ("sent",),
            refusals=(
                *("deployment.none", "deployment.no_id"),
                *("document.revoked", "document.too_late", "document.too_many_links"),
            ),
        ),
        "declaration.open": Action(
            declarations.begin,
            ("ready", "agreed"),
            repeatable=True,
            refusals=(*TOO_LATE, "declaration.accept_first"),
        ),
        "declaration.agree": Action(
            declarations.agree,
            ("agreed", "wrong", "locked"),
            gives=("tries", "minutes"),
            secrets=("agreeing",),
            refusals=(*TOO_LATE, "declaration.accept_first"),
        ),
    },
    sources={
        "deployment.mine": Source(
            deployments.listed,
            longest="DECTE 2026: Amepewa mwingine",
            most=deployments.MOST,
        ),
        "deployment.reasons": Source(
            deployments.reasons, longest="Mtoto wangu anafanya mtihani hapo", most=len(deployments.REASONS)
        ),
    },
    values={
        "deployment.facts": Values(deployments.facts, SAID),
        "declaration.version": Values(declarations.version, ("declaration_version",)),
    },
    blanks={
        "duty_exam": Blank("DECTE 2026"),
        "duty_position": Blank("Mkaguzi (Invigilator)"),
        "duty_post": Blank("Afisa wa usalama"),
        "duty_centre": Blank("Bishop Gatimu Ngandu Girls High School Nyeri"),
        "duty_centre_code": Blank("20401001"),
        "duty_reporting": Blank("Jumatano 14 Okt, 10.00 am"),
        "duty_day": Blank("14 Sept 2026"),
        "duty_time": Blank("10.00 am"),
        "duty_whom": Blank("Director of Education, Kirinyaga North/Mwea West, 0720 741 001"),
        "duty_first": Blank("14 Sept 2026"),
        "duty_last": Blank("14 Sept 2026"),
        "duty_distance": Blank("haijulikani"),
        "duty_carry": Blank("National ID, TSC card, letter, calculator, pens and timetable"[:60]),
        "duty_standing": Blank("Amepewa mwingine"),
        "duty_declared": Blank("Hapana"),
        "duty_reference": Blank("DP-7K4-QX9-2"),
        "duty_most": Blank("62"),
        "declaration_version": Blank("2026-11"),
        # As much as two segments hold behind the name of the office.
        "text": Blank("m" * 300),
    },
)
