"""Days as pay counts them: a person's day is paid once a series, however many posts it was marked in."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import NamedTuple


class Work(NamedTuple):
    """What one deployment comes to by itself."""

    deployment_id: int
    days: int  # marked P, or reported
    present: frozenset[date]  # which days those are; none of them is known where an office reported them
    most: int | None  # that the rate pays for
    refused: bool


class Counted(NamedTuple):
    """What counts of a deployment's days, and how many of them count on another line of this person."""

    days: int
    elsewhere: int


def once(works: Collection[Work]) -> Mapping[int, Counted]:
    """What counts of each of one person's deployments in a series.

    A day that is marked P in two counts where it is paid, and of two in the earlier one: the other line would
    pay it again. All lines together come to no more days than a line's rate pays for.
    """
    taken, spent, found = set[date](), 0, dict[int, Counted]()
    for work in sorted(works, key=lambda each: (each.refused, each.deployment_id)):
        elsewhere = len(work.present & taken)
        days = work.days - elsewhere
        if work.most:
            days = min(days, max(0, work.most - spent))
        found[work.deployment_id] = Counted(days, elsewhere)
        taken |= work.present
        spent += days
    return found
