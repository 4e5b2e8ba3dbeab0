"""Seals of returns: which registers that were handed in are still what the centre's words say.

A word said after a register was handed in is not on the paper that was signed. So the hash of the words is
worked out again where they are kept, centre by centre; a test holds it against `return_sheets.digest`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.series import Series
from operations import calendars
from operations.marks import OVERRULING
from operations.register_reading import REGISTERED

# LATERAL: a few look-ups by index a centre, whatever the season's size, and no sorting of all its words.
UNCHANGED: Final = text("""
SELECT handed.centre_code, handed.received_at
FROM register_return AS handed
CROSS JOIN LATERAL (
    SELECT string_agg(concat_ws(E'\\x1f', said.id, said.deployment_id, to_char(said.day, 'YYYY-MM-DD'),
        CASE WHEN said.present THEN 'True' ELSE 'False' END, said.actor,
        trim_scale(moment) || CASE WHEN moment = trunc(moment) THEN '.0' ELSE '' END) || E'\\n', ''
        ORDER BY said.id) AS words
    FROM deployment AS post
    JOIN mark_event AS said ON said.deployment_id = post.id
    CROSS JOIN LATERAL extract(epoch FROM said.said_at) AS moment
    LEFT JOIN register_day AS opened ON opened.series_id = post.series_id
        AND opened.centre_code = post.centre_code AND opened.day = said.day
    WHERE post.series_id = handed.series_id AND post.centre_code = handed.centre_code
        AND post.position = ANY(CAST(:registered AS text[]))
        AND (said.said_at < greatest(
                (said.day + 1 + CAST(:closes AS time)) AT TIME ZONE 'Africa/Nairobi', opened.reopened_until)
            OR (said.reason <> '' AND said.actor LIKE ANY(CAST(:overruling AS text[]))))
) AS register
WHERE handed.series_id = :series
    AND handed.digest = encode(sha256(convert_to(
        concat(handed.centre_code, ' ', handed.series_id, E'\\n', register.words), 'UTF8')), 'hex')
""")


def unchanged(db: Session, series: Series) -> Mapping[str, datetime | None]:
    """The centres whose return is their register still, and when the signed copy came in: one query."""
    known = {
        "series": series.id,
        "registered": list(REGISTERED),
        "closes": calendars.of(series).register_closes,
        "overruling": [f"{name}%" for name in OVERRULING],
    }
    return {row.centre_code: row.received_at for row in db.execute(UNCHANGED, known)}


def sealed(db: Session, series: Series) -> Mapping[str, datetime]:
    """Those whose signed copy came in: by their registers people are paid."""
    return {centre: came_in for centre, came_in in unchanged(db, series).items() if came_in is not None}
