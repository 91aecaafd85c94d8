"""Many rows in one statement: blocks of `insert … select from unnest(…)`, joined by data-modifying CTEs.

A batch is one round trip and, without an open transaction, one implicit transaction. Blocks are made from the table
metadata; the text depends only on which blocks take part, so that PostgreSQL's prepared statements are reused.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Integer, LargeBinary, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

Row = tuple[Any, ...]
"""Values in the order of the block's columns."""

# BigInteger before Integer: it is a subclass.
ARRAYS: tuple[tuple[type, str], ...] = (
    (Uuid, "uuid"),
    (JSONB, "jsonb"),
    (DateTime, "timestamptz"),
    (Date, "date"),
    (BigInteger, "bigint"),
    (Integer, "int"),
    (Boolean, "bool"),
    (LargeBinary, "bytea"),
    (Text, "text"),
)


@dataclass(frozen=True, slots=True)
class Block:
    """SQL with `{0}`, `{1}` … where its array parameters go, one for each of `columns`."""

    name: str
    sql: str
    columns: tuple[str, ...]

    def arguments(self, rows: Iterable[Row]) -> list[list[Any]]:
        """Return one list a column."""
        return [list(column) for column in zip(*rows, strict=True)]


def insert(table: Table, columns: Sequence[str], name: str | None = None, on_conflict: str = "") -> Block:
    """Return the block that inserts rows with these columns."""
    listed = ", ".join(columns)
    rows = f"select {_values(table, columns)} from {_unnest(table, columns)}"  # noqa: S608 - names of our own tables
    sql = f"insert into {table.name} ({listed}) {rows} {on_conflict}"
    return Block(name or f"new_{table.name}", sql, tuple(columns))


def update(table: Table, keys: Sequence[str], columns: Sequence[str], name: str) -> Block:
    """Return the block that sets `columns` of the rows found by `keys`."""
    every = (*keys, *columns)
    assignments = ", ".join(f"{column} = {_value(table.c[column])}" for column in columns)
    match = " and ".join(f"t.{key} = x.{key}" for key in keys)
    return Block(name, f"update {table.name} t set {assignments} from {_unnest(table, every)} where {match}", every)  # noqa: S608


def combine(blocks: Iterable[Block]) -> str:
    """Return one statement that executes all the blocks."""
    return _combined(tuple(blocks))


@lru_cache(maxsize=512)
def _combined(blocks: tuple[Block, ...]) -> str:
    parts, start = [], 1
    for block in blocks:
        numbers = [f"${start + index}" for index in range(len(block.columns))]
        parts.append(f"{block.name}_block as ({block.sql.format(*numbers)})")
        start += len(block.columns)
    return f"with {', '.join(parts)} select 1"


def _values(table: Table, columns: Sequence[str]) -> str:
    return ", ".join(_value(table.c[column]) for column in columns)


def _value(column: Column[Any]) -> str:
    # jsonb travels as text: asyncpg encodes text arrays fastest, and the row code has the text at hand
    return f"x.{column.name}::jsonb" if _array(column) == "jsonb" else f"x.{column.name}"


def _unnest(table: Table, columns: Sequence[str]) -> str:
    types = [_array(table.c[column]) for column in columns]
    arrays = ", ".join(f"{{{index}}}::{'text' if kind == 'jsonb' else kind}[]" for index, kind in enumerate(types))
    return f"unnest({arrays}) x({', '.join(columns)})"


def _array(column: Column[Any]) -> str:
    return next(name for kind, name in ARRAYS if isinstance(column.type, kind))
