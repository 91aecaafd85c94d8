"""Tasks as a board shows them: narrowed, ordered, page by page, and counted. What it asks of the database. Pure.

What an index finds is found by an index. Everything else (text, type, server) is looked for among the newest tasks that
are left, at most WALK of them a request: a page may be short, and there is more as long as there is a cursor.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from corral_hub import paging
from corral_hub.errors import Unprocessable
from corral_hub.tasks.model import TASK_COLUMNS, Task
from corral_protocol.vocabulary import ENDED, LIVE, Priority, TaskStatus

WALK = 10_000
COUNTED = 25_000
"""So many of the newest ended tasks are counted; live ones all."""
RANKED = tuple(priority.value for priority in reversed(Priority))
IS_LIVE = "status not in ('done', 'failed', 'cancelled')"
RANK = f"array_position(array{list(RANKED)}, priority)"
BLANK = {"spec": "''", **dict.fromkeys(("plan", "feedback", "result", "error", "git_diff_stats"), "null")}
"""Columns that a card does without: some hold megabytes."""

PAGE = """
    select {columns}, s.name as server_name from ({inner}) t
    left join servers s on s.id = t.assigned_server_id order by {order}"""
TIGHT = "select * from tasks where {where} order by {order} limit {limit}"
LOOSE = "select * from ({inner}) w where {where} order by {order} limit {limit}"
WALKED = """
    select created_at, updated_at, id, {rank} as rank from tasks where {where}
    order by {order} offset {most} - 1 limit 1"""
LIVE_COUNT = "select status, count(*) as n from tasks where {where} group by 1"
ENDED_COUNT = """
    select status, count(*) filter (where {loose}) as n, count(*) as walked from ({inner}) w group by 1"""


class Sort(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    PRIORITY = "priority"


ORDERS = {
    Sort.CREATED: ("created_at", "desc"),
    Sort.UPDATED: ("updated_at", "desc"),
    Sort.PRIORITY: ("created_at", "asc"),  # of equal importance, the one that waits longest
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    project_id: UUID | None = None
    statuses: tuple[str, ...] = ()
    text: str | None = None
    type: str | None = None
    server_id: UUID | None = None
    priorities: tuple[str, ...] = ()
    updated_since: datetime | None = None
    sort: Sort = Sort.CREATED
    cursor: str | None = None
    limit: int = 50
    cards: bool = False


class Arguments(list[Any]):
    def place(self, value: Any) -> str:
        """Add an argument and return how the query names it."""
        self.append(value)
        return f"${len(self)}"


def list_query(wanted: Filter) -> tuple[str, list[Any]]:
    """Return the query of a page and its arguments. Raises Unprocessable for an order that has no index."""
    _check_sort(wanted)
    found = Arguments()
    tight, loose = _tight(wanted, found), _loose(wanted, found)
    if wanted.cursor is not None:
        tight.append(_after(wanted, found))
    order, limit = _order(wanted.sort), found.place(wanted.limit + 1)
    inner = TIGHT.format(where=_all(tight), order=order, limit=WALK if loose else limit)
    if loose:
        inner = LOOSE.format(inner=inner, where=_all(loose), order=order, limit=limit)
    query = PAGE.format(columns=_columns(wanted.cards), inner=inner, order=_order(wanted.sort, "t."))
    return query, list(found)


def walked_query(wanted: Filter) -> tuple[str, list[Any]] | None:
    """Return the query for where the walk of `list_query` ended, if it may have ended before the tasks did."""
    found = Arguments()
    if not _loose(wanted, Arguments()):
        return None
    tight = _tight(wanted, found)
    if wanted.cursor is not None:
        tight.append(_after(wanted, found))
    return WALKED.format(rank=RANK, where=_all(tight), order=_order(wanted.sort), most=WALK), list(found)


def live_query(wanted: Filter) -> tuple[str, list[Any]]:
    """Return the query that counts live tasks by status: all of them."""
    found = Arguments()
    where = [IS_LIVE, *_tight(wanted, found), *_loose(wanted, found)]
    return LIVE_COUNT.format(where=_all(where)), list(found)


def ended_query(wanted: Filter) -> tuple[str, list[Any]]:
    """Return the query that counts ended tasks by status, among the newest of them; `walked` tells how many."""
    found = Arguments()
    tight, loose = [f"not ({IS_LIVE})", *_tight(wanted, found)], _loose(wanted, found)
    inner = TIGHT.format(where=_all(tight), order=_order(Sort.CREATED), limit=COUNTED)
    return ENDED_COUNT.format(loose=_all(loose), inner=inner), list(found)


def card_columns() -> str:
    return _columns(cards=True)


def cursor_of(sort: Sort, created_at: datetime, updated_at: datetime, id: UUID, rank: int) -> str:
    if sort is Sort.PRIORITY:
        return f"{rank}.{paging.cursor(created_at, id)}"
    return paging.cursor(updated_at if sort is Sort.UPDATED else created_at, id)


def cursor_after(sort: Sort, task: Task) -> str:
    return cursor_of(sort, task.created_at, task.updated_at, task.id, RANKED.index(task.priority.value) + 1)


def _check_sort(wanted: Filter) -> None:
    if wanted.sort is Sort.PRIORITY and ENDED & {TaskStatus(status) for status in wanted.statuses}:
        raise Unprocessable(
            "sort_needs_live",
            "what has ended is not ordered by priority: there may be any number of it",
            f"sort by created or updated, or ask for {', '.join(sorted(LIVE))} only",
        )


def _tight(wanted: Filter, found: Arguments) -> list[str]:
    """Return the conditions that an index answers."""
    where: list[str] = []
    if wanted.project_id is not None:
        where.append(f"project_id = {found.place(wanted.project_id)}")
    if len(wanted.statuses) == 1:
        where.append(f"status = {found.place(wanted.statuses[0])}")
    elif wanted.statuses:
        where.append(f"status = any({found.place(list(wanted.statuses))}::text[])")
    if wanted.statuses and TaskStatus.DONE not in wanted.statuses:
        where.append("status <> 'done'")  # names the partial index to the planner, whatever the parameter holds
    if wanted.updated_since is not None:
        where.append(f"updated_at >= {found.place(wanted.updated_since)}")
    if wanted.sort is Sort.PRIORITY:
        where.append(IS_LIVE)
    return where


def _loose(wanted: Filter, found: Arguments) -> list[str]:
    """Return the conditions that each task is asked for."""
    where: list[str] = []
    if wanted.type is not None:
        where.append(f"type = {found.place(wanted.type)}")
    if wanted.server_id is not None:
        where.append(f"assigned_server_id = {found.place(wanted.server_id)}")
    if wanted.priorities:
        where.append(f"priority = any({found.place(list(wanted.priorities))}::text[])")
    for word in (wanted.text or "").split():
        pattern = found.place(f"%{_literally(word)}%")
        where.append(f"(title ilike {pattern} or id::text like {found.place(_literally(word.lower()) + '%')})")
    return where


def _literally(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _after(wanted: Filter, found: Arguments) -> str:
    rank, dot, text = (wanted.cursor or "").rpartition(".")
    moment, id = paging.read_cursor(text)
    column, direction = ORDERS[wanted.sort]
    if wanted.sort is not Sort.PRIORITY and not dot:
        return f"({column}, id) < ({found.place(moment)}, {found.place(id)})"
    if wanted.sort is not Sort.PRIORITY or rank not in {str(n) for n in range(1, len(RANKED) + 1)}:
        raise Unprocessable("bad_cursor", "the cursor is of another order", "pass next_cursor as you got it")
    assert direction == "asc"
    return f"({RANK}, {column}, id) > ({found.place(int(rank))}, {found.place(moment)}, {found.place(id)})"


def _order(sort: Sort, table: str = "") -> str:
    column, direction = ORDERS[sort]
    keys = [f"{table}{column} {direction}", f"{table}id {direction}"]
    return ", ".join([RANK.replace("priority", f"{table}priority"), *keys] if sort is Sort.PRIORITY else keys)


def _columns(cards: bool) -> str:
    blank = BLANK if cards else {}
    return ", ".join(f"{blank[name]} as {name}" if name in blank else f"t.{name}" for name in TASK_COLUMNS)


def _all(where: Sequence[str]) -> str:
    return " and ".join(where) or "true"
