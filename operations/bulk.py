"""Many rows at once: one statement a batch, however many rows it has."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, Row, TableValuedAlias, cast, column, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.base import Base


def rows_of(model: type[Base], names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> TableValuedAlias:
    """The rows as something to select from: an array a column, so the statement is always the same."""
    table = model.__table__
    arrays = [cast([row[name] for row in rows], ARRAY(table.c[name].type)) for name in names]
    shape = [column(name, table.c[name].type) for name in names]
    return func.unnest(*arrays).table_valued(*shape).render_derived()


def add(
    db: Session, model: type[Base], rows: Sequence[Mapping[str, Any]], *, names: Sequence[str]
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Add the rows that are not there yet, in one statement; answers them, every column."""
    if not rows:
        return []
    given = rows_of(model, names, rows)
    made = insert(model).from_select(list(names), select(*given.c))
    return db.execute(made.on_conflict_do_nothing().returning(*model.__table__.c)).all()


def upsert(
    db: Session,
    model: type[Base],
    rows: Sequence[Mapping[str, Any]],
    *,
    key: Sequence[str],
    names: Sequence[str],
    fill: bool = False,
    **also: Any,
) -> None:
    """Add these rows or correct those that are there, in one statement; of rows with one key the last counts.

    `names` are the columns that the rows fill, the key's among them; `also` are values that all of them get.
    With `fill`, what a row has already stays, and only its empty columns are filled.
    """
    if not rows:
        return
    table = model.__table__
    last = {tuple(row[part] for part in key if part in names): row for row in rows}
    given = rows_of(model, names, list(last.values()))
    filled = select(*given.c, *(cast(value, table.c[name].type) for name, value in also.items()))
    made = insert(model).from_select([*names, *also], filled)
    corrected: dict[str, Any] = {name: made.excluded[name] for name in (*names, *also) if name not in key}
    if fill:
        corrected = {name: func.coalesce(table.c[name], value) for name, value in corrected.items()}
    db.execute(made.on_conflict_do_update(index_elements=key, set_=corrected))
