"""What a daemon says about itself in its state directory, and what can be read there without asking it."""

import json
import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from corral_daemon import clock, journal, lock
from corral_daemon.files import write_atomically
from corral_daemon.link.socket import Link
from corral_daemon.settings import Place, Settings
from corral_daemon.spool.repair import NAME as SPOOL

NAME = "status.json"


def publish(state: Path, link: Link) -> None:
    """Write down whether we are connected. Blocks for a disk write."""
    said = {
        "pid": os.getpid(),
        "connected": link.connected.is_set(),
        "since": clock.unix(),
        "problem": link.problem,
    }
    write_atomically(state / NAME, json.dumps(said) + "\n")


def read(where: Place, settings: Settings | None) -> Mapping[str, Any]:
    """Return everything `corral daemon status` shows; missing parts are null."""
    pid = lock.owner(where.state)
    said = _said(where.state) if pid else {}
    ours = said.get("pid") == pid
    return {
        "running": pid is not None,
        "pid": pid,
        "connected": bool(ours and said.get("connected")),
        "since": said.get("since") if ours else None,
        "problem": said.get("problem") if ours else None,
        "hub_url": settings.hub_url if settings else None,
        "server_name": settings.server_name if settings else None,
        "max_concurrent": settings.max_concurrent if settings else None,
        "config": str(where.config),
        "state": str(where.state),
        **_spool(where.state / SPOOL),
    }


def _said(state: Path) -> Mapping[str, Any]:
    try:
        value = json.loads((state / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _spool(path: Path) -> Mapping[str, Any]:
    if not path.exists():
        return {"spooled": 0, "units": []}
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=2.0)) as connection:
            spooled = connection.execute("SELECT count(*) FROM record").fetchone()[0]
            units = journal.open_units(connection)
    except sqlite3.Error:
        return {"spooled": None, "units": None}
    return {
        "spooled": spooled,
        "units": [
            {
                "task_id": held.unit.task_id,
                "attempt": held.unit.attempt,
                "epoch": held.unit.epoch,
                "phase": held.unit.phase.value,
                "pid": held.pid,
                "accepted_at": held.accepted_at,
            }
            for held in units
        ],
    }
