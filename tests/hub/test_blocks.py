"""Blocks: many rows of many tables in one statement, whatever is in them."""

from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Boolean, Column, DateTime, Integer, LargeBinary, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from corral_hub.db.blocks import ARRAYS, Block, combine, insert, update
from corral_hub.db.database import Database
from corral_hub.schema import metadata
from tests.hub.samples import new_id

THINGS = Table(
    "things",
    MetaData(),
    Column("id", Uuid),
    Column("words", Text),
    Column("document", JSONB),
    Column("at", DateTime(timezone=True)),
    Column("big", BigInteger),
    Column("small", Integer),
    Column("yes", Boolean),
    Column("raw", LargeBinary),
)
COLUMNS = tuple(column.name for column in THINGS.columns)
CREATE = """
    create temporary table things (id uuid primary key, words text, document jsonb, at timestamptz, big bigint,
        small int, yes bool, raw bytea)"""
FULL = (
    new_id(),
    "naïve 'quoted' {0} $1 \\",
    '{"a": [1, null]}',
    datetime(2030, 1, 1, tzinfo=UTC),
    2**62,
    -5,
    False,
    b"\x00\xff",
)


@pytest.mark.parametrize("row", [FULL, (new_id(), *[None] * 7)], ids=["full", "empty"])
async def test_every_type_comes_back_as_it_went(database: Database, row: tuple[Any, ...]) -> None:
    connection = await database.connect_raw()
    try:
        await connection.execute(CREATE)
        block = insert(THINGS, COLUMNS)
        await connection.execute(combine([block]), *block.arguments([row]))
        assert tuple(await connection.fetchrow("select * from things")) == row
    finally:
        await connection.close()


async def test_one_statement_is_all_or_nothing(database: Database) -> None:
    connection = await database.connect_raw()
    try:
        await connection.execute(CREATE)
        known, fresh, gone = new_id(), new_id(), new_id()
        await connection.executemany("insert into things (id, small) values ($1, 1)", [(known,), (gone,)])
        blocks = [
            insert(THINGS, ("id", "small"), "new"),
            update(THINGS, ("id",), ("small", "words"), "changed"),
            Block("gone", "delete from things where id = any({0}::uuid[])", ("id",)),
        ]
        rows: list[list[tuple[Any, ...]]] = [[(fresh, 3)], [(known, 2, "two")], [(gone,)]]
        arguments = [column for block, mine in zip(blocks, rows, strict=True) for column in block.arguments(mine)]
        await connection.execute(combine(blocks), *arguments)
        stored = await connection.fetch("select id, small, words from things order by small")
        assert [tuple(row) for row in stored] == [(known, 2, "two"), (fresh, 3, None)]
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute(combine(blocks), [fresh], [4], [known], [9], ["nine"], [gone])
        assert await connection.fetchval("select small from things where id = $1", known) == 2
    finally:
        await connection.close()


@given(st.lists(st.lists(st.sampled_from(COLUMNS), min_size=1, unique=True), min_size=1, max_size=5))
def test_parameters_are_numbered_through(choices: list[list[str]]) -> None:
    blocks = [insert(THINGS, columns, f"b{number}") for number, columns in enumerate(choices)]
    text = combine(blocks)
    total = sum(len(block.columns) for block in blocks)
    for number in range(1, total + 1):
        assert text.count(f"${number}::") == 1
    assert f"${total + 1}" not in text


def test_every_column_of_ours_has_an_array_type() -> None:
    for table in metadata.tables.values():
        for column in table.columns:
            assert any(isinstance(column.type, kind) for kind, _ in ARRAYS), f"{table.name}.{column.name}"
