"""From what was asked for to a task that can be stored. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from corral_hub.errors import Unprocessable
from corral_hub.tasks import contracts
from corral_hub.tasks.model import AGENTS, PlanMode, Policy, Task
from corral_protocol.codec import Json, Malformed
from corral_protocol.run import Requirements, Run, StructuredSpec, read_spec
from corral_protocol.vocabulary import Priority, TaskStatus

KINDS = ("command", "agent", "session", "manual")
DIRECTORIES = ("repo", "worktree", "scratch")
LONGEST_REQUIREMENTS = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A request to create a task, its shape already checked."""

    title: str
    project_id: UUID
    spec: str = ""
    type: str = "feature"
    priority: Priority = Priority.NORMAL
    structured_spec: Mapping[str, Any] = field(default_factory=dict)
    target_repo: str | None = None
    target_branch: str | None = None
    acceptance_criteria: tuple[str, ...] = ()
    run: Json = None
    client_key: str | None = None
    source_session_name: str | None = None


def build(draft: Draft, policy: Policy, id: UUID, created_by: str, now: datetime, asked: Json) -> Task:
    """Return the pending task. `asked`: the whole request, for telling repeated keys apart. Raises Unprocessable."""
    raw = dict(draft.structured_spec)
    if draft.run is not None:
        raw["run"] = draft.run
    machine = read_machine(raw)
    require_plan = policy.require_plan_approval if machine.require_plan is None else machine.require_plan
    return Task(
        id=id,
        project_id=draft.project_id,
        title=draft.title,
        spec=draft.spec,
        type=draft.type,
        priority=draft.priority,
        status=TaskStatus.PENDING,
        machine=machine,
        structured_spec=raw,
        target_repo=draft.target_repo,
        target_branch=draft.target_branch,
        acceptance_criteria=draft.acceptance_criteria,
        policy=policy,
        plan_mode=PlanMode.REQUIRED if require_plan else PlanMode.OFF,
        auto=machine.run.kind != "manual",
        client_key=draft.client_key,
        request_hash=fingerprint(asked) if draft.client_key else None,
        source_session_name=draft.source_session_name,
        created_by=created_by,
        created_at=now,
        updated_at=now,
    )


def read_machine(raw: Mapping[str, Any]) -> StructuredSpec:
    """Return the part of structured_spec that Corral acts on. Raises Unprocessable naming every problem found."""
    try:
        machine = read_spec(raw)
    except Malformed as error:
        raise _bad_spec([{"pointer": f"/structured_spec{error.pointer}", "problem": error.problem}]) from error
    problems = [
        *_run_problems(machine.run),
        *_prose_problems(raw.get("requirements")),
        *contracts.check_declarations(machine.contracts),
    ]
    retry = machine.retry
    if retry is not None and (not 1 <= retry.max_attempts <= 1000 or retry.backoff < 0 or retry.factor < 1):
        text = "max_attempts 1–1000, backoff >= 0 and factor >= 1 are needed"
        problems.append({"pointer": "/structured_spec/retry", "problem": text})
    if _length(machine.requires) > LONGEST_REQUIREMENTS:
        text = f"names more than {LONGEST_REQUIREMENTS} characters' worth; every machine is held against all of it"
        problems.append({"pointer": "/structured_spec/requires", "problem": text})
    if problems:
        raise _bad_spec([dict(problem) for problem in problems])
    return machine


def _length(requires: Requirements) -> int:
    lists = (requires.languages, requires.environments, requires.tools, requires.tags, requires.nodes)
    single = (requires.repo, requires.prefer_server, requires.server, requires.agent)
    return sum(len(name) + 1 for names in lists for name in names) + sum(len(name or "") for name in single)


def _run_problems(run: Run) -> list[Mapping[str, str]]:
    base = "/structured_spec/run"
    rules = (
        (run.kind not in KINDS, "kind", f"must be one of {', '.join(KINDS)}"),
        (run.directory not in DIRECTORIES, "directory", f"must be one of {', '.join(DIRECTORIES)}"),
        (run.kind == "command" and (run.argv is None) == (run.shell is None), "argv", "give either argv or shell"),
        (run.argv is not None and not run.argv, "argv", "must not be empty"),
        (run.kind in AGENTS and not run.agent, "agent", "name the agent adapter, e.g. claude_code or echo"),
        (run.timeout is not None and run.timeout <= 0, "timeout", "must be more than 0 seconds"),
        (run.merge and run.directory != "worktree", "merge", 'needs directory "worktree"'),
        (run.merge and run.kind == "session", "merge", "an agent in a session merges, or a person does; leave it out"),
    )
    return [{"pointer": f"{base}/{name}", "problem": text} for broken, name, text in rules if broken]


def _prose_problems(requirements: Json) -> list[Mapping[str, str]]:
    """Hold the vendor's list of prose requirements to its shape: its CLI prints it, and breaks on anything else."""
    base = "/structured_spec/requirements"
    if requirements is None:
        return []
    if not isinstance(requirements, list):
        text = "must be a list of {description, priority}; what a server must have goes into requires"
        return [{"pointer": base, "problem": text}]
    listed: list[Any] = requirements
    text = "must be an object: {description, priority}"
    return [{"pointer": f"{base}/{n}", "problem": text} for n, item in enumerate(listed) if not isinstance(item, dict)]


def _bad_spec(problems: list[dict[str, str]]) -> Unprocessable:
    first = problems[0]
    return Unprocessable(
        "invalid_spec",
        f"{first['pointer']}: {first['problem']}",
        "see docs/reference/tasks.md for what structured_spec may hold",
        problems=problems,
    )


def fingerprint(asked: Json) -> bytes:
    """Return a hash of the request, the same for the same JSON whatever the order of its keys."""
    return hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)).digest()
