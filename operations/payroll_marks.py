"""Marks as pay counts them: the same rule as `operations.marks`, worked out where the words are kept.

A season has millions of words and pay needs two facts of each deployment, so the database reduces them; a
test holds this against `marks.holding` over every kind of word.
"""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.series import Series
from operations import calendars
from operations.marks import OVERRULING

# The last word of each day that counts: said before it closed, or by whoever may overrule, with a reason.
DECIDED: Final = text("""
SELECT deployment_id, array_agg(day), coalesce(array_agg(day) FILTER (WHERE NOT present), '{}')
FROM (
    SELECT DISTINCT ON (said.deployment_id, said.day) said.deployment_id, said.day, said.present
    FROM mark_event AS said
    JOIN deployment AS post ON post.id = said.deployment_id
    JOIN unnest(CAST(:days AS date[]), CAST(:closes AS timestamptz[])) AS usual (day, closes)
        ON usual.day = said.day
    LEFT JOIN register_day AS opened ON opened.series_id = post.series_id
        AND opened.centre_code = post.centre_code AND opened.day = said.day
    WHERE said.deployment_id = ANY(CAST(:ids AS bigint[]))
        AND (said.said_at < greatest(usual.closes, opened.reopened_until)
            OR (said.reason <> '' AND said.actor LIKE ANY(CAST(:overruling AS text[]))))
    ORDER BY said.deployment_id, said.day, said.said_at DESC, said.id DESC
) AS decided
GROUP BY deployment_id
""")


class Marked(NamedTuple):
    """What was decided of one deployment: every day that has a mark, and those of them that are Ab."""

    days: frozenset[date]
    absent: frozenset[date]
    elsewhere: frozenset[date] = frozenset()  # days that were decided at another post of the same person

    @property
    def present(self) -> frozenset[date]:
        """The days P."""
        return self.days - self.absent if self.absent else self.days


NOTHING: Final = Marked(frozenset(), frozenset())


def of(db: Session, series: Series, ids: Collection[int]) -> Mapping[int, Marked]:
    """What holds of these deployments of one series, in one query."""
    first = calendars.begins(series)
    days = [first + timedelta(days=n) for n in range((series.ends - first).days + 1)]
    known = {
        "ids": list(ids),
        "days": days,
        "closes": [calendars.closes(series, day) for day in days],
        "overruling": [f"{name}%" for name in OVERRULING],
    }
    rows = db.execute(DECIDED, known)
    return {number: Marked(frozenset(days), frozenset(absent)) for number, days, absent in rows}
