"""Rows ↔ model. No decisions, no I/O."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

import orjson

from corral_hub.db.blocks import Row
from corral_hub.tasks.model import Edge, Intervention, PlanMode, Policy, Task, Unit, UnitState, Why
from corral_hub.tasks.views import why_json
from corral_protocol.codec import decode, encode
from corral_protocol.run import StructuredSpec, read_spec
from corral_protocol.vocabulary import DependencyType, InterventionType, Phase, Priority, Reason, TaskStatus

Record = Mapping[str, Any]
SHORT = 8192
"""Characters of a specification that is worth remembering; thousands of long ones would fill the memory."""


def dump(value: Any) -> str | None:
    """Return JSON text; None stays SQL NULL."""
    return None if value is None else orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


def load(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)


def _machine(text: str) -> StructuredSpec:
    return _short_machine(text) if len(text) <= SHORT else read_spec(orjson.loads(text))


@lru_cache(maxsize=4096)
def _short_machine(text: str) -> StructuredSpec:
    return read_spec(orjson.loads(text))


@lru_cache(maxsize=256)
def _policy_json(policy: Policy) -> str | None:
    return dump(encode(policy))


@lru_cache(maxsize=256)
def _policy(text: str) -> Policy:
    return decode(Policy, orjson.loads(text))


def _why(text: str) -> Why:
    raw = orjson.loads(text)
    return Why(
        code=Reason(raw["code"]),
        detail=raw["detail"],
        since=datetime.fromisoformat(raw["since"]),
        refs=tuple(raw.get("refs", ())),
    )


# Each is called with what is not NULL.
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


def read_task(row: Record) -> Task:
    """Return the Task of a row of `tasks`; jsonb columns are JSON text."""
    values = dict(row)
    values["machine"] = _machine(row["structured_spec"])
    for name, read in TASK_READERS.items():
        if (value := values[name]) is not None:
            values[name] = read(value)
    return Task.of(values)


def writer(
    columns: Sequence[str], converters: Mapping[str, Callable[[Any], Any]], **named: str
) -> Callable[[Any], Row]:
    """Return the function from a model value to its row: `columns` in order, converted where not NULL.

    `named`: the attribute of a column that is called otherwise in the model.
    """
    pick = attrgetter(*(named.get(column, column) for column in columns))
    fixes = [(index, converters[column]) for index, column in enumerate(columns) if column in converters]

    def write(value: Any) -> tuple[Any, ...]:
        row = list(pick(value))
        for index, convert in fixes:
            if row[index] is not None:
                row[index] = convert(row[index])
        return tuple(row)

    return write


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
UNIT_WRITERS: Mapping[str, Callable[[Any], Any]] = {"outcome": dump, "requirements": dump}


def read_edge(row: Record) -> Edge:
    return Edge(
        id=row["id"],
        task_id=row["task_id"],
        upstream=row["depends_on_task_id"],
        kind=DependencyType(row["dependency_type"]),
        contract_key=row["contract_key"],
        resolved=row["resolved"],
        value=load(row["value"]),
    )


def read_unit(row: Record) -> Unit:
    values: dict[str, Any] = dict(row)
    values["phase"], values["state"] = Phase(row["phase"]), UnitState(row["state"])
    values["outcome"], values["requirements"] = load(row["outcome"]), load(row["requirements"])
    return Unit(**values)


def read_intervention(row: Record) -> Intervention:
    values = dict(row)
    kind = InterventionType(values.pop("intervention_type"))
    return Intervention(kind=kind, **values)
