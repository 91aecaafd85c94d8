"""The pages of docs/reference about what tasks and projects may say: prose here, tables from the dataclasses."""

import dataclasses
import inspect
import types
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

from corral_hub.projects.model import ProjectSettings
from corral_protocol.run import Contract, Requirements, Retry, Run, StructuredSpec

TASKS = """# What a task may say

`POST /api/v1/tasks` (people) and `POST /api/v1/server/tasks` (agents) take the same body; `corral task create` fills
it from options, `--file` takes it whole. A task has a `title`, a `spec` (prose for whoever does it), a `type`, a
`priority`, a `target_repo` and `target_branch`, `acceptance_criteria`, `dependencies` — and a `structured_spec`, of
which Corral reads the fields below and hands everything else to the agent as it came.

    {"title": "Generate the client", "target_repo": "shop",
     "dependencies": [{"depends_on_task_id": "3f2a", "dependency_type": "input", "contract_key": "api"}],
     "structured_spec": {
       "run": {"kind": "command", "shell": "./generate < $CORRAL_INPUTS", "directory": "worktree", "merge": true},
       "contracts": [{"key": "client", "schema": {"type": "object"}}],
       "retry": {"max_attempts": 3, "on": ["timeout", "lost_host"]}}}

A value that is wrong is answered with 422 and its JSON pointer. `run` may also stand beside `title`.
"""

FILES = """## What the process finds in its environment

| variable | |
|---|---|
| `CORRAL_RESULT` | the file to write the result to: JSON, an object with `contracts` by key where some are promised |
| `CORRAL_INPUTS` | a file with the contracts that dependencies delivered, by key; only where there are some |
| `CORRAL_FEEDBACK` | a file with what a reviewer, a person or the contract check said about the round before |
| `CORRAL_PLAN` | a file with the approved plan |
| `CORRAL_TASK_ID`, `CORRAL_PROJECT_ID`, `CORRAL_ATTEMPT`, `CORRAL_EPOCH`, `CORRAL_PHASE` | which work this is |
| `CORRAL_HUB_URL`, `CORRAL_API_KEY` | the hub, and a token for this task alone that expires; `corral` uses them |

Exit code 0 means done, unless a required contract is missing or does not fit its schema: then the task gets the
problems as feedback and another round; after three rounds it asks a person. Where it writes no file, the last line it
printed is the `summary` of its result.
"""

DEPENDENCIES = """## Dependencies

| `dependency_type` | |
|---|---|
| `blocks` | waits until the upstream task is done |
| `input` | waits too, and gets the contract `contract_key` of the upstream task as it stood then |
| `related` | never waits |
"""

PROJECTS = """# What a project may say

Settings are defaults for the tasks of a project, taken when a task is made; the task's own `structured_spec` wins.
`corral project set NAME` changes them, `corral project show NAME` shows them.
"""


def tasks(named: Callable[[Any], str]) -> str:
    """Return the page about tasks. `named` names a type as a reader of JSON would."""
    shapes = (StructuredSpec, Run, Contract, Requirements, Retry)
    return "\n".join([TASKS, *(line for cls in shapes for line in table(cls, named)), FILES, DEPENDENCIES])


def projects(named: Callable[[Any], str]) -> str:
    """Return the page about projects."""
    return "\n".join([PROJECTS, *table(ProjectSettings, named), *table(Retry, named)])


def table(cls: type[Any], named: Callable[[Any], str]) -> Iterator[str]:
    """Yield what the class says of itself, and a table of its fields."""
    hints = get_type_hints(cls)
    yield f"## {cls.__name__}\n"
    yield f"{inspect.cleandoc(cls.__doc__ or '')}\n"
    yield "| field | type | default |"
    yield "|---|---|---|"
    for field in dataclasses.fields(cls):
        yield f"| `{field.name}` | {_type(hints[field.name], named)} | {_default(field)} |"
    yield ""


def _type(kind: Any, named: Callable[[Any], str]) -> str:
    """Words are listed here and now; everything else is named as in the other pages."""
    if get_origin(kind) in (Union, types.UnionType):
        return " or ".join("null" if part is type(None) else _type(part, named) for part in get_args(kind))
    if get_origin(kind) is tuple:
        return f"array of {_type(get_args(kind)[0], named)}"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(f"`{word.value}`" for word in kind)
    return named(kind)


def _default(field: Any) -> str:
    if field.default is field.default_factory is dataclasses.MISSING:
        return "required"
    value = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
    if dataclasses.is_dataclass(value):
        return "all its defaults"
    if isinstance(value, Enum):
        return f"`{value.value}`"
    known = {None: "", True: "`true`", False: "`false`"}
    return known[value] if value is None or isinstance(value, bool) else "" if value in ((), {}, "") else f"`{value}`"
