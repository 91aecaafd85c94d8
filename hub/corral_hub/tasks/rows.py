"""Rows ↔ model. No decisions, no I/O."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from corral_hub.tasks.model import Edge, Intervention, Note, OutputChunk, PlanMode, Policy, Task, Unit, UnitState, Why
from corral_protocol.codec import decode, encode
from corral_protocol.run import StructuredSpec, read_spec
from corral_protocol.vocabulary import DependencyType, InterventionType, Phase, Priority, Reason, TaskStatus

Row = Mapping[str, Any]
TASK_COLUMNS = tuple(name for name in Task.__dataclass_fields__ if name != "machine")
"""Columns of `tasks`, in one order; every one is a field of Task."""


def dump(value: Any) -> str | None:
    """Return JSON text; None stays SQL NULL."""
    return None if value is None else orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


def load(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)


@lru_cache(maxsize=4096)
def _machine(text: str) -> StructuredSpec:
    return read_spec(orjson.loads(text))


@lru_cache(maxsize=256)
def _policy_json(policy: Policy) -> str | None:
    return dump(encode(policy))


@lru_cache(maxsize=256)
def _policy(text: str) -> Policy:
    return decode(Policy, orjson.loads(text))


def _why(text: str | None) -> Why | None:
    if text is None:
        return None
    raw = orjson.loads(text)
    return Why(
        code=Reason(raw["code"]),
        detail=raw["detail"],
        since=datetime.fromisoformat(raw["since"]),
        refs=tuple(raw.get("refs", ())),
    )


def why_json(why: Why | None) -> Mapping[str, Any] | None:
    if why is None:
        return None
    return {"code": why.code.value, "detail": why.detail, "since": why.since.isoformat(), "refs": list(why.refs)}


TASK_READERS: Mapping[str, Callable[[Any], Any]] = {
    "priority": Priority,
    "status": TaskStatus,
    "plan_mode": PlanMode,
    "reason": _why,
    "policy": _policy,
    "structured_spec": load,
    "acceptance_criteria": lambda text: tuple(load(text)),
    "plan": load,
    "feedback": load,
    "result": load,
    "error": load,
    "git_diff_stats": load,
}


def read_task(row: Row) -> Task:
    """Return the Task of a row of `tasks`; jsonb columns are JSON text."""
    values = {name: TASK_READERS[name](value) if name in TASK_READERS else value for name, value in row.items()}
    return Task(machine=_machine(row["structured_spec"]), **values)


TASK_WRITERS: Mapping[str, Callable[[Any], Any]] = {
    "reason": lambda why: dump(why_json(why)),
    "policy": lambda policy: _policy_json(policy),
    "structured_spec": dump,
    "acceptance_criteria": lambda items: dump(list(items)),
    "plan": dump,
    "feedback": dump,
    "result": dump,
    "error": dump,
    "git_diff_stats": dump,
}


def read_edge(row: Row) -> Edge:
    return Edge(
        id=row["id"],
        task_id=row["task_id"],
        upstream=row["depends_on_task_id"],
        kind=DependencyType(row["dependency_type"]),
        contract_key=row["contract_key"],
        resolved=row["resolved"],
        value=load(row["value"]),
    )


def write_edge(edge: Edge) -> Row:
    return {
        "id": edge.id,
        "task_id": edge.task_id,
        "depends_on_task_id": edge.upstream,
        "dependency_type": edge.kind.value,
        "contract_key": edge.contract_key,
        "resolved": edge.resolved,
        "value": dump(edge.value),
    }


def read_unit(row: Row) -> Unit:
    values: dict[str, Any] = dict(row)
    values["phase"], values["state"] = Phase(row["phase"]), UnitState(row["state"])
    values["outcome"], values["requirements"] = load(row["outcome"]), load(row["requirements"])
    return Unit(**values)


def write_unit(unit: Unit) -> Row:
    values = {name: getattr(unit, name) for name in Unit.__dataclass_fields__}
    return {
        **values,
        "phase": unit.phase.value,
        "state": unit.state.value,
        "outcome": dump(unit.outcome),
        "requirements": dump(unit.requirements),
    }


def read_intervention(row: Row) -> Intervention:
    values = dict(row)
    kind = InterventionType(values.pop("intervention_type"))
    return Intervention(kind=kind, **values)


def write_intervention(intervention: Intervention) -> Row:
    values = {name: getattr(intervention, name) for name in Intervention.__dataclass_fields__}
    return {**values, "intervention_type": values.pop("kind").value}


def write_note(note: Note) -> Row:
    return {name: getattr(note, name) for name in Note.__dataclass_fields__}


def write_chunk(chunk: OutputChunk) -> Row:
    values = {name: getattr(chunk, name) for name in OutputChunk.__dataclass_fields__}
    return {**values, "stream_offset": values.pop("offset")}


def write_spool(key: tuple[UUID, str], seq: int) -> Row:
    return {"server_id": key[0], "spool_id": key[1], "acked_seq": seq}
