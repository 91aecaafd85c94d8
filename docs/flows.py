"""The page of docs/reference about what a workflow may say: prose here, tables from the dataclasses that read it."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from corral_hub.workflows.condition import OPERATORS, UNARY, Group, Question
from corral_hub.workflows.model import Cache, Definition, Each, Edge, Join, Node, OnError, OnFailure, Position
from corral_protocol.run import Requirements, Retry
from corral_protocol.vocabulary import NodeStatus, RunStatus
from docs.specification import table

WORKFLOWS: Final = """# What a workflow may say

A workflow is a graph of typed nodes, written as YAML or JSON. `corral workflow apply FILE` keeps it under its name,
`corral workflow validate FILE` names everything that is wrong with it, with lines. `corral workflow schema` (or
`GET /api/v1/workflows/schema`) is the JSON Schema of all below; an editor that is given it completes and checks.

    name: release
    inputs: {type: object, required: [branch]}
    nodes:
      - {id: begin, type: start}
      - id: build
        type: shell
        label: Build
        parameters: {command: "git checkout {{inputs.branch}} && make"}
        requires: {tags: [linux]}
        retry: {max_attempts: 3, backoff: 5}
        timeout: 1800
      - id: ask
        type: approval
        parameters: {question: "Ship {{inputs.branch}}?"}
      - id: ship
        type: shell
        parameters: {command: ./ship}
      - {id: tell, type: console}
    edges:
      - {source: begin, target: build}
      - {source: build, target: ask, condition: {field: exit_code, operator: eq, value: 0}}
      - {source: build, target: tell, otherwise: true}
      - {source: ask, source_handle: approved, target: ship}

YAML is read as YAML 1.2 reads it: `on`, `no` and dates are texts. Anchors are allowed, tags and merge keys are not.
Unknown node types are those that no machine has: `corral node list` shows what there is, `corral node show TYPE` what
each takes, [nodes.md](nodes.md) those that come along. A new one is one file: `corral node new TYPE` writes it.
"""

CONDITIONS: Final = """## Conditions

`{field, operator, value}` asks the source's output: `field` is a path with dots into it, where digits index lists;
without one the output itself is asked, without an `operator` it is `eq`. `{all: […]}` and `{any: […]}` hold several.
A condition that cannot be asked of a value is false, never an error.
"""

TEMPLATES: Final = """## Templates

In texts of `parameters` and in `each.items`, `{{name.path}}` stands for what the node of that name has put out. A
node's name is its label, or else its type or its id. Also: `inputs`, `variables`, `run`, and in a node with `each`:
`item` and `index`. A text that is nothing but one template becomes the value itself, with its type. A node waits for
every node that its templates name.
"""

VERSIONS: Final = """## Versions and runs

What `apply` changes is the draft. `corral workflow publish` (or `apply --publish`) makes it the next version, which
never changes again; a run stays with the version it began with. `corral workflow diff` shows what changed,
`corral workflow rollback` publishes an old version once more.

`corral workflow run --draft` tries the draft out as it is now: the run stays with it, nothing is published, and what
fails is no dead letter. With `--only NODE` that node alone is run; the others give what is pinned, or what they put out
in the last run.

`corral workflow run` begins a run, `corral run watch` follows it to its end. A node that failed for good fails its
run, unless its `on_error` says otherwise; `on_failure` says what becomes of the other nodes. `corral run retry` goes on
from there, as a new run that takes over what went well. What failed for good and was not caught lies among the dead
letters with its input: `corral dlq list` and `show`, `replay` once the cause is gone, `remove` or `purge`.

A node that is tried again waits as its `retry` says, and at least for as long as the server that it asked wanted to be
left alone (`Retry-After`; an hour at most).

A run is {runs}.

A node of it is {nodes}.
One that ends within 50 ms goes from `scheduled` to its end: that it ran in between is neither said nor written.
"""

IMPORT: Final = """## From elsewhere

`corral workflow import FILE` reads exports of MachinaOs (their templates keep their meaning: `dialect: machina`) and
AutomateOS' `{steps: […]}`. What could not be kept is told. Node types that no machine has stay in the workflow and
keep it from being published.

Two things differ on purpose. Deploying begins no run at a `start` node, as it does in MachinaOs: here one may deploy
again at any time, to swap the version, and that must not do anything twice; `corral workflow run` begins one. And a
`webhookResponse` does answer who called; its `{{input.key}}` and `{{<node type>.key}}` get the name of the node meant.
"""


def page(named: Callable[[Any], str]) -> str:
    """Return the page. `named` names a type as a reader of JSON would."""
    shapes = (Definition, Node, Edge, Each, Cache, Position, Requirements, Retry)
    tables = (line for cls in shapes for line in table(cls, lambda kind: _condition(kind) or named(kind)))
    versions = VERSIONS.format(runs=_listed(RunStatus), nodes=_listed(NodeStatus))
    return "\n".join([WORKFLOWS, *tables, *_conditions(), *_words(), TEMPLATES, versions, IMPORT])


def _condition(kind: Any) -> str:
    """Return how a reader calls both classes that a condition is read into."""
    return {Question: "[condition](#conditions)", Group: "a group of them"}.get(kind, "")


def _conditions() -> Iterator[str]:
    yield CONDITIONS
    yield f"With a `value`: {_quoted(name for name in OPERATORS if name not in UNARY)}.\n"
    yield f"Without one: {_quoted(name for name in OPERATORS if name in UNARY)}.\n"


def _words() -> Iterator[str]:
    """What the words of a definition mean: enums say it beneath their members."""
    for title, cls, meanings in (
        ("join", Join, _JOIN),
        ("on_error", OnError, _ON_ERROR),
        ("on_failure", OnFailure, _ON_FAILURE),
    ):
        yield f"## `{title}`\n"
        yield "| word | |"
        yield "|---|---|"
        yield from (f"| `{word.value}` | {meanings[word]} |" for word in cls)
        yield ""


_JOIN: Final = {
    Join.ALL: "begins once every edge into it is decided, if one of them is live",
    Join.ANY: "begins at the first live edge",
}
_ON_ERROR: Final = {
    OnError.FAIL: "the run fails",
    OnError.CONTINUE: "its edges are live; what follows gets `{error: {kind, message}}`",
    OnError.BRANCH: "only its edges from the handle `error` are live",
}
_ON_FAILURE: Final = {
    OnFailure.STOP: "what runs is cancelled",
    OnFailure.FINISH: "branches that do not depend on what failed go on to their end",
}


def _quoted(words: Iterator[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _listed(cls: Any) -> str:
    *most, last = (f"`{word.value}`" for word in cls)
    return f"{', '.join(most)} or {last}"
