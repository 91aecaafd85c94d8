"""Open the spool whatever happened to its file. A daemon that cannot start helps nobody."""

import logging
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from corral_daemon import clock
from corral_daemon.spool.file import SpoolFile, is_damage, open_file

log = logging.getLogger(__name__)

NAME = "spool.sqlite"
Item = TypeVar("Item")


def open_or_repair(directory: Path) -> SpoolFile:
    """Open the spool in `directory`; a damaged file is moved aside and what can be read of it is carried over."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = directory / NAME
    try:
        return open_file(path)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        reason = str(error)
    aside = _move_aside(path, clock.unix())
    fresh = open_file(path)
    carried = _carry_over(aside, fresh)
    log.error(
        "event=spool_corrupt reason=%r moved_to=%s carried_over=%d hint=%r",
        reason,
        aside,
        carried,
        "the disk or the file was damaged; records that could be read are sent again, the rest stays in that file",
    )
    return fresh


def _move_aside(path: Path, now: float) -> Path:
    """Rename the file and its write-ahead log; return the new name."""
    stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(now))
    count = 0
    while (aside := path.with_name(f"spool.corrupt-{stamp}{f'-{count}' if count else ''}")).exists():
        count += 1
    path.replace(aside)
    log_of = path.with_name(path.name + "-wal")
    if log_of.exists():
        log_of.replace(aside.with_name(aside.name + "-wal"))
    path.with_name(path.name + "-shm").unlink(missing_ok=True)
    return aside


def _carry_over(aside: Path, fresh: SpoolFile) -> int:
    """Copy the readable records and units of the damaged file; return how many records.

    They get new numbers in a spool with a new name: what the old numbers meant to the hub cannot be trusted any more.
    """
    source = sqlite3.connect(aside)
    try:
        bodies = _read_until_damage(source, "SELECT body FROM record ORDER BY seq", lambda row: str(row[0]))
        units = _read_until_damage(source, "SELECT * FROM unit", tuple)
    finally:
        source.close()
    fresh.reserve(len(bodies))
    with fresh.transaction(durable=True) as connection:
        for body in bodies:
            fresh.insert(body)
        connection.executemany("INSERT OR IGNORE INTO unit VALUES (?, ?, ?, ?, ?, ?, ?, ?)", units)
    return len(bodies)


def _read_until_damage(
    source: sqlite3.Connection, query: str, shape: Callable[[tuple[object, ...]], Item]
) -> list[Item]:
    found: list[Item] = []
    try:
        found.extend(shape(row) for row in source.execute(query))
    except sqlite3.Error as error:
        log.warning("event=spool_salvage_stopped query=%r after=%d reason=%r", query, len(found), str(error))
    return found
