"""Disputes of a centre or a sub-county: what the tree may name of them. Further blanks are attendance's."""

from menus.functions import disputes
from menus.vocabulary import Action, Blank, Check, Source, Values, Vocabulary

WHO = ("director.not_one", "director.own_phone", "centre.not_yours", "centre.not_enrolled")
SETTLED = (
    *(*WHO, "director.not_yours", "dispute.director_only", "dispute.no_reason"),
    *("attendance.no_deployment", "attendance.no_such_day", "attendance.not_yet", "attendance.closed"),
)
TOLD = (
    *("dispute_reference", "dispute_person", "dispute_post", "dispute_centre", "dispute_day"),
    *("dispute_mark", "dispute_phones"),
)

PART = Vocabulary(
    actions={
        "dispute.look": Action(disputes.look, ("centre", "closed", "director", "gone", "away"), effect=False),
        "dispute.right": Action(disputes.right, ("said",), effect=False, gives=("verdict",)),
        "dispute.wrong": Action(disputes.wrong, ("said",), effect=False, gives=("verdict",)),
        "dispute.reason": Action(disputes.reason, ("said", "other"), effect=False),
        "dispute.settle": Action(
            disputes.settle, ("settled", "before"), gives=("dispute_reference",), refusals=SETTLED
        ),
    },
    sources={
        "dispute.open": Source(disputes.find, longest="16 Sept 20401001 Christopher Wama.."),
        "dispute.reasons": Source(disputes.reasons, longest="Name is in paper register", most=4),
    },
    values={
        "dispute.told": Values(disputes.told, TOLD),
        "dispute.deciding": Values(disputes.deciding, (*TOLD, "dispute_verdict", "dispute_reason")),
    },
    checks={"dispute.reason": Check(disputes.judge_reason, "phone was off", ("director.reason",))},
    blanks={
        "disputed": Blank("12345678"),
        "verdict": Blank("rejected"),
        "dispute_why": Blank("The centre manager found your name in the paper register too"),
        "dispute_verdict": Blank("the mark stands"),
        "dispute_number": Blank("12"),
        "dispute_phones": Blank("0712 345 678, 0712 345 678, 0712 345 678"),
        "chased_count": Blank("999"),
        "chased_all": Blank("999"),
        "chased_centres": Blank("20401001 Bishop Gatimu Ngandu Girls, " * 4 + "+999"),
    },
)
