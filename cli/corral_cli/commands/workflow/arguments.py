"""Arguments of the commands on workflows, and the columns people see of them."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from corral_cli.client import segment
from corral_cli.lookup import workflow_names
from corral_cli.output import field
from corral_cli.table import Column, Row
from corral_cli.text import clean
from corral_cli.views import when

Workflow = Annotated[str, typer.Argument(metavar="WORKFLOW", help="Name or id.", autocompletion=workflow_names)]
File = Annotated[str, typer.Argument(metavar="FILE", help="YAML or JSON; `-` is stdin.")]
Note = Annotated[str, typer.Option(help="What is new in this version.", metavar="TEXT")]


def path_of(workflow: str, *rest: str) -> str:
    """Return the route of a workflow, or of something below it."""
    return "/".join(("/workflows", segment(workflow), *rest))


def name_of(workflow: Mapping[str, Any]) -> str:
    """Return what people call a workflow: `release (4)`."""
    return f"{clean(workflow.get('name'))} ({workflow.get('id')})"


def node_line(node: Row, sources: Sequence[str]) -> str:
    """Return `build  shell  Build it  after: checkout`."""
    words = [str(node.get("id")), str(node.get("type")), str(node.get("label") or "")]
    behind = [f"after {', '.join(sources)}"] if sources else []
    extra = [word for word in ("disabled", "each", "retry", "cache") if node.get(word)]
    return "  ".join(filter(None, [*words, *behind, f"[{', '.join(extra)}]" if extra else ""]))


def _nodes(row: Row) -> str:
    definition = row.get("definition")
    if not isinstance(definition, Mapping):
        return ""
    sources: dict[str, list[str]] = {}
    for edge in definition.get("edges") or ():
        handle = edge.get("source_handle", "main")
        source = str(edge.get("source")) + ("" if handle == "main" else f":{handle}")
        sources.setdefault(str(edge.get("target")), []).append(source)
    return "\n".join(node_line(node, sources.get(str(node.get("id")), ())) for node in definition.get("nodes") or ())


def problem_line(problem: Row) -> str:
    word = "warning: " if problem.get("warning") else ""
    return f"{problem.get('path') or '/'}: {word}{problem.get('problem')} [{problem.get('code')}]"


def _problems(row: Row) -> str:
    return "\n".join(map(problem_line, row.get("problems") or ()))


def _versions(row: Row) -> str:
    return "\n".join(
        f"{entry.get('number')}  {entry.get('created_at')}  {entry.get('created_by')}  {entry.get('note', '')}".rstrip()
        for entry in row.get("published") or ()
    )


WORKFLOWS: Sequence[Column] = (
    field("id"),
    field("name", cut=True),
    Column("version", lambda row: str(row.get("version") or "draft")),
    field("description", cut=True, spare=2),
    when("updated", "updated_at", spare=1),
)

FIELDS: Sequence[Column] = (
    field("id"),
    field("name"),
    field("description"),
    Column("version", lambda row: str(row.get("version") or "nothing is published")),
    field("project", "project_id"),
    field("created by", "created_by"),
    when("created", "created_at"),
    when("updated", "updated_at"),
)

BLOCKS: Sequence[Column] = (
    Column("Nodes", _nodes),
    Column("Problems of the draft", _problems),
    Column("Versions", _versions),
)
