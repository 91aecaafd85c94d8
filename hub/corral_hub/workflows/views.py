"""Workflows and runs as the API shows them. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from corral_hub.workflows.reading import Problem

Row = Mapping[str, Any]
View = dict[str, Any]


def stamp(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def workflow(row: Row, *, full: bool = False) -> View:
    shown: View = {
        "id": row["id"], "name": row["name"], "description": row["description"], "version": row["version"],
        "versions": row["versions"], "project_id": str(row["project_id"]), "created_by": row["created_by"],
        "user_id": row["created_by"], "created_at": stamp(row["created_at"]), "updated_at": stamp(row["updated_at"]),
    }  # fmt: skip
    return {**shown, "definition": orjson.loads(row["draft"])} if full else shown


def version(row: Row) -> View:
    shown: View = {
        "workflow_id": row["workflow_id"], "number": row["number"], "note": row["note"],
        "created_by": row["created_by"], "created_at": stamp(row["created_at"]),
    }  # fmt: skip
    return {**shown, "definition": orjson.loads(row["definition"])} if "definition" in row else shown


def run(row: Row) -> View:
    parent = str(row["parent_run_id"]) if row["parent_run_id"] else None
    return {
        "id": str(row["id"]), "workflow_id": row["workflow_id"], "workflow": row["workflow"],
        "version": row["version"], "status": row["status"], "trigger": row["trigger"],
        "number": row["number"],
        "started_by": row["started_by"], "failed": row["failed"], "parent_run_id": parent,
        "output": orjson.loads(row["output"]) if row["output"] else None, "project_id": str(row["project_id"]),
        "created_at": stamp(row["created_at"]), "finished_at": stamp(row["ended_at"]),
    }  # fmt: skip


def node(row: Row) -> View:
    return {
        "key": row["key"], "status": row["status"], "attempt": row["attempt"], "why": row["why"],
        "server": row["server"], "server_id": str(row["server_id"]) if row["server_id"] else None,
        "since": stamp(row["since"]), "begun_at": stamp(row["begun_at"]),
        **{name: orjson.loads(row[name]) if row[name] else None for name in ("parameters", "output", "error", "logs")},
    }  # fmt: skip


def question(row: Row) -> View:
    return {
        "run_id": str(row["run_id"]), "workflow_id": row["workflow_id"], "workflow": row["workflow"],
        "project_id": str(row["project_id"]), "key": row["key"], "question": row["question"],
        "since": stamp(row["since"]),
    }  # fmt: skip


def lines(row: Row) -> View:
    return {
        "id": row["id"], "key": row["key"], "attempt": row["attempt"], "first": row["first"],
        "dropped": row["dropped"], "lines": orjson.loads(row["lines"]), "at": stamp(row["at"]),
    }  # fmt: skip


def entry(row: Row) -> View:
    fact = orjson.loads(row["fact"])
    fact.pop("type", None)
    return {"number": row["number"], "type": row["type"], "key": row["key"], "at": stamp(row["at"]), "fact": fact}


def problem(found: Problem) -> View:
    return {
        "path": found.path, "code": found.code, "problem": found.problem, "hint": found.hint, "warning": found.warning,
    }  # fmt: skip
