"""The demo's graph: which tasks there are, what they promise each other, how they run. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

BRANCH = "main"
_PATIENCE = 120
"""Seconds a demo task may take; they need one."""

_PROMPT = """Read what the other tasks promised, then write the release notes.

@input cli
@input docs
@write RELEASE.md <<END
# units 1.0

The first release: conversions of length, mass, temperature, duration and data; a command line; a reference in docs/.
END
@contract release {"version": "1.0", "file": "RELEASE.md"}
@result {"summary": "release notes for 1.0"}
"""
"""The lines with an @ are what the stand-in understands; a real agent would need only the first sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One task. `program` is a file of the demo's `tools/`, or `agent` names an agent CLI with `prompt`.

    `takes` maps an upstream step to the contract it is needed for, or to None if it only has to be done.
    """

    name: str
    title: str
    spec: str
    kind: str = "feature"
    program: str = ""
    agent: str = ""
    prompt: str = ""
    promises: Mapping[str, Mapping[str, Any]]
    takes: tuple[tuple[str, str | None], ...] = ()


def _object(**properties: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


_TEXT = {"type": "string", "minLength": 1}
_COUNT = {"type": "integer", "minimum": 1}
_FUNCTION = _object(
    name={"type": "string", "pattern": "^[a-z_]+$"},
    parameters={"type": "object", "required": ["type", "properties"]},
    returns=_object(type={"const": "number"}),
)

STEPS: tuple[Step, ...] = (
    Step(
        name="module",
        title="Generate the units package",
        spec="Write units/convert.py from spec/units.json and promise its interface.",
        program="generate_module.py",
        promises={"api_schema": _object(module=_TEXT, functions={"type": "array", "minItems": 1, "items": _FUNCTION})},
    ),
    Step(
        name="tests",
        title="Write the test suite",
        spec="Write tests/ from the facts in spec/units.json, without reading the code.",
        program="write_tests.py",
        promises={"test_plan": _object(command=_TEXT, tests=_COUNT, facts={"type": "object"})},
    ),
    Step(
        name="cli",
        title="Build the command line",
        spec="Write units/__main__.py from the contract api_schema alone.",
        program="generate_cli.py",
        promises={"cli": _object(command=_TEXT, units={"type": "array", "items": _TEXT})},
        takes=(("module", "api_schema"),),
    ),
    Step(
        name="docs",
        title="Write the reference",
        spec="Write docs/API.md from the contracts api_schema and test_plan.",
        kind="docs",
        program="write_docs.py",
        promises={"docs": _object(file=_TEXT, functions=_COUNT)},
        takes=(("module", "api_schema"), ("tests", "test_plan")),
    ),
    Step(
        name="notes",
        title="Let an agent write release notes",
        spec="Write RELEASE.md. The agent is echo, a stand-in that ships with Corral and needs no API key.",
        kind="docs",
        agent="echo",
        prompt=_PROMPT,
        promises={"release": _object(version=_TEXT, file=_TEXT)},
        takes=(("cli", "cli"), ("docs", "docs")),
    ),
    Step(
        name="verify",
        title="Verify the merged result",
        spec="Run the whole test suite and check command line and reference against the facts.",
        kind="chore",
        program="verify.py",
        promises={"verification": _object(tests=_COUNT, failures={"const": 0}, passed={"const": True})},
        takes=(("tests", None), ("cli", None), ("docs", None), ("notes", None)),
    ),
)


def task_body(step: Step, ids: Mapping[str, str], *, repo: str, python: str, key: str) -> dict[str, Any]:
    """Return the request that creates a step; `ids` holds those of its upstreams, `python` runs the tools."""
    run = {"directory": "worktree", "merge": True, "timeout": _PATIENCE}
    if step.agent:
        run |= {"kind": "agent", "agent": step.agent, "prompt": step.prompt}
    else:
        run |= {"kind": "command", "argv": [python, f"tools/{step.program}"]}
    contracts = [{"key": name, "schema": schema, "required": True} for name, schema in step.promises.items()]
    return {
        "title": step.title,
        "spec": step.spec,
        "type": step.kind,
        "target_repo": repo,
        "target_branch": BRANCH,
        "structured_spec": {"run": run, "contracts": contracts, "requires": {"repo": repo}},
        "dependencies": [_edge(ids[upstream], contract) for upstream, contract in step.takes],
        "client_key": f"{key}-{step.name}",
    }


def _edge(upstream: str, contract: str | None) -> dict[str, str]:
    kind = {"dependency_type": "input", "contract_key": contract} if contract else {"dependency_type": "blocks"}
    return {"depends_on_task_id": upstream, **kind}
