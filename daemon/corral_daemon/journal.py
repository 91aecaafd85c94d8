"""Which units this machine has taken in hand, in the spool's file and in the spool's transactions.

A unit that is open in the journal when a daemon starts belonged to a daemon that died.
"""

import sqlite3
from dataclasses import dataclass

from corral_daemon.ports import Unit
from corral_protocol.vocabulary import Phase

SCHEMA = """
CREATE TABLE IF NOT EXISTS unit (
    task_id TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    phase TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('accepted', 'started', 'ended')),
    pid INTEGER,
    cookie TEXT NOT NULL,
    accepted_at REAL NOT NULL,
    PRIMARY KEY (task_id, epoch)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS unit_open ON unit (accepted_at) WHERE state <> 'ended';
"""

ENDED_KEPT = 10_000
"""Ended units remembered, so that a repeated task_assigned for one of them is known as old."""


@dataclass(frozen=True, slots=True)
class Accepted:
    unit: Unit
    cookie: str
    at: float


@dataclass(frozen=True, slots=True)
class Started:
    unit: Unit
    pid: int | None


@dataclass(frozen=True, slots=True)
class Ended:
    """`at` is Unix time; it orders the units by age where a unit was declined before it was journalled."""

    unit: Unit
    at: float


Change = Accepted | Started | Ended


@dataclass(frozen=True, slots=True)
class OpenUnit:
    unit: Unit
    pid: int | None
    cookie: str
    accepted_at: float


def apply(connection: sqlite3.Connection, change: Change) -> None:
    """Write one change inside the caller's transaction."""
    unit = change.unit
    match change:
        case Accepted(cookie=cookie, at=at):
            connection.execute(
                "INSERT OR REPLACE INTO unit VALUES (?, ?, ?, ?, 'accepted', NULL, ?, ?)",
                (unit.task_id, unit.epoch, unit.attempt, unit.phase.value, cookie, at),
            )
        case Started(pid=pid):
            connection.execute(
                "UPDATE unit SET state = 'started', pid = ? WHERE task_id = ? AND epoch = ? AND state = 'accepted'",
                (pid, unit.task_id, unit.epoch),
            )
        case Ended(at=at):
            connection.execute(
                "INSERT INTO unit VALUES (?, ?, ?, ?, 'ended', NULL, '', ?)"
                " ON CONFLICT (task_id, epoch) DO UPDATE SET state = 'ended'",
                (unit.task_id, unit.epoch, unit.attempt, unit.phase.value, at),
            )


def open_units(connection: sqlite3.Connection) -> tuple[OpenUnit, ...]:
    """Return the units that have not ended, oldest first."""
    rows = connection.execute(
        "SELECT task_id, epoch, attempt, phase, pid, cookie, accepted_at FROM unit"
        " WHERE state <> 'ended' ORDER BY accepted_at"
    )
    return tuple(
        OpenUnit(Unit(task_id=task_id, epoch=epoch, attempt=attempt, phase=Phase(phase)), pid, cookie, at)
        for task_id, epoch, attempt, phase, pid, cookie, at in rows
    )


def ended_keys(connection: sqlite3.Connection) -> tuple[tuple[str, int], ...]:
    """Return the (task_id, epoch) of the units that ended, the newest ENDED_KEPT of them, oldest first."""
    rows = connection.execute(
        "SELECT task_id, epoch FROM unit WHERE state = 'ended' ORDER BY accepted_at DESC LIMIT ?", (ENDED_KEPT,)
    )
    return tuple(reversed([(task_id, epoch) for task_id, epoch in rows]))


def prune(connection: sqlite3.Connection) -> None:
    """Forget ended units beyond the newest ENDED_KEPT."""
    connection.execute(
        "DELETE FROM unit WHERE state = 'ended' AND (task_id, epoch) NOT IN"
        " (SELECT task_id, epoch FROM unit WHERE state = 'ended' ORDER BY accepted_at DESC LIMIT ?)",
        (ENDED_KEPT,),
    )
