"""Tables: nothing wider than the window, one row a line, and whole where nobody looks at a window."""

import re

import hypothesis.strategies as st
import pytest
from hypothesis import given

from corral_cli.table import Column, cells_of, cut, fitted_table, plain_table
from corral_cli.views import TASKS

TEXTS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=60)
ROW = st.fixed_dictionaries({"id": st.sampled_from(["3f2a0000", "77c10000"]), "title": TEXTS, "why": TEXTS})
ROWS = st.lists(ROW, min_size=1)
CODES = re.compile(r"\x1b\[[0-9;]*m")


def columns(*, wide: bool) -> list[Column]:
    return [
        Column("id", lambda row: row["id"], lambda _: "bold red"),
        Column("title", lambda row: row["title"], cut=True),
        Column("why", lambda row: row["why"], wide=wide, cut=not wide),
    ]


def bare(lines: list[str]) -> list[str]:
    return [CODES.sub("", line) for line in lines]


@given(ROWS, st.integers(40, 200), st.booleans())
def test_nothing_is_wider_than_the_window(rows: list[dict[str, str]], width: int, wide: bool) -> None:
    lines = bare(fitted_table(rows, columns(wide=wide), width, headers=True))
    assert all(cells_of(line) <= width for line in lines)
    assert wide or len(lines) == len(rows) + 1


@given(ROWS, st.integers(40, 200))
def test_a_folded_column_loses_no_letter(rows: list[dict[str, str]], width: int) -> None:
    lines = bare(fitted_table(rows, columns(wide=True), width, headers=False))
    shown = "".join("".join(lines).split())
    for row in rows:
        for letter in "".join(row["why"].split()):
            assert letter in shown


def test_columns_hold_and_a_title_is_cut_at_the_window() -> None:
    rows = [{"id": "3f2a0000", "title": "short", "why": "x"}, {"id": "77c10000", "title": "long " * 50, "why": "y" * 9}]
    lines = bare(fitted_table(rows, columns(wide=False), 60, headers=True))
    assert lines[0].split() == ["ID", "TITLE", "WHY"]
    assert lines[1].index("x") == lines[2].index("yyy") == lines[0].index("WHY")
    assert lines[2].count("…") == 1 and len(lines[2]) == 60


def test_wide_letters_take_the_room_they_take() -> None:
    rows = [{"id": "3f2a0000", "title": "日本語のタイトル", "why": "!"}, {"id": "3f2a0000", "title": "x", "why": "?"}]
    first, second = bare(fitted_table(rows, columns(wide=False), 60, headers=False))
    assert cells_of(first.partition("!")[0]) == second.index("?")
    assert cut("日本語", 4) == "日…"
    assert cells_of(cut("日本語", 5)) == 5


def test_what_is_empty_or_dispensable_is_left_out_of_a_narrow_window() -> None:
    task = {"id": "3f2a0000-x", "status": "pending", "priority": "normal", "title": "t" * 80, "reason": "r" * 80}
    wide, narrow = (bare(fitted_table([task], TASKS, width, headers=True)) for width in (120, 60))
    assert wide[0].split() == ["ID", "STATUS", "PRIORITY", "TITLE", "REASON"]
    assert narrow[0].split() == ["ID", "STATUS", "TITLE", "REASON"]
    assert max(map(len, narrow)) == 60


@pytest.mark.parametrize("headers", [True, False])
def test_a_pipe_gets_everything(headers: bool) -> None:
    rows = [{"id": "3f2a0000", "title": "long " * 50 + "end", "why": ""}]
    lines = plain_table(rows, columns(wide=False), headers=headers)
    assert len(lines) == 1 + headers
    assert lines[-1].endswith("long end") and "\x1b" not in lines[-1]
