"""Contracts: what a task promised, held against what it delivered (seed: "Dependency & Contract System"). Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from corral_hub.tasks import schemas
from corral_hub.tasks.schemas import Meter, Unjudged
from corral_protocol.codec import Json
from corral_protocol.run import Contract

MAX_PROBLEMS = 50
Problem = Mapping[str, str]
"""{key, pointer, problem}; `pointer` is a JSON pointer into the completion's result."""


def check_declarations(contracts: Iterable[Contract]) -> list[Problem]:
    """Return what is wrong with the declarations themselves: keys given twice, schemas that are none."""
    problems: list[Problem] = []
    seen: set[str] = set()
    meter = Meter(schemas.DECLARING)
    for index, contract in enumerate(contracts):
        where = f"/structured_spec/contracts/{index}"
        if not contract.key or contract.key in seen:
            text = "is declared twice" if contract.key else "must not be empty"
            problems.append({"key": contract.key, "pointer": f"{where}/key", "problem": text})
        seen.add(contract.key)
        if contract.schema is not None:
            problem = schemas.find_problem(contract.schema, meter)
            if problem:
                problems.append({"key": contract.key, "pointer": f"{where}/schema", "problem": problem})
    return problems[:MAX_PROBLEMS]


def check(contracts: Iterable[Contract], demanded: Iterable[str], result: Json) -> list[Problem]:
    """Return every problem of `result["contracts"]`: what is missing, and what does not validate.

    `demanded`: keys that waiting tasks take as input; they are required whether declared so or not.
    """
    given = _contracts_of(result)
    if given is None:
        return [{"key": "", "pointer": "/result/contracts", "problem": "must be an object keyed by contract"}]
    declared = {contract.key: contract for contract in contracts}
    required = {key for key, contract in declared.items() if contract.required} | set(demanded)
    problems: list[Problem] = [
        {"key": key, "pointer": f"/result/contracts/{_escape(key)}", "problem": "is required but missing"}
        for key in sorted(required - given.keys())
    ]
    meter = Meter(schemas.STEPS)
    for key, contract in declared.items():
        if key in given and contract.schema is not None and len(problems) < MAX_PROBLEMS:
            problems += _validate(contract, given[key], meter)
    return problems[:MAX_PROBLEMS]


def published(result: Json) -> Mapping[str, Json]:
    """Return the contracts a result carries."""
    return _contracts_of(result) or {}


def _contracts_of(result: Json) -> Mapping[str, Json] | None:
    if not isinstance(result, Mapping) or result.get("contracts") is None:
        return {}
    given: Any = result["contracts"]
    return given if isinstance(given, Mapping) else None


def _validate(contract: Contract, value: Json, meter: Meter) -> list[Problem]:
    base = f"/result/contracts/{_escape(contract.key)}"
    try:
        return [
            {
                "key": contract.key,
                "pointer": base + "".join(f"/{_escape(str(part))}" for part in error.absolute_path),
                "problem": error.message[:300],
            }
            for error in schemas.find_errors(contract.schema, value, meter, MAX_PROBLEMS)
        ]
    except Unjudged as error:
        return [{"key": contract.key, "pointer": base, "problem": f"the schema cannot be evaluated: {error}"}]


def _escape(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")
