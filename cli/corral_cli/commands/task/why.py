"""task explain: why this machine, why not that one, why is it waiting."""

from collections.abc import Mapping
from typing import Any

import typer

from corral_cli.commands.task.arguments import OwnTask, path_of
from corral_cli.context import Invocation, invocation
from corral_cli.mount import NounGroup
from corral_cli.output import Output
from corral_cli.table import Column
from corral_cli.text import clean, short_id

app = typer.Typer(cls=NounGroup)


@app.command(rich_help_panel="Look")
def explain(context: typer.Context, task: OwnTask = None) -> None:
    """Explain where a task is: every machine, the rules that ruled it out, the parts of its score, what is awaited.

    Examples:
      corral task explain 3f2a
      corral task explain 3f2a --json | jq '.servers[] | select(.eligible)'
    """
    cli = invocation(context)
    print_explanation(cli, cli.client.get(path_of(cli, task, "explain")))


def print_explanation(cli: Invocation, found: Mapping[str, Any]) -> None:
    """Print an Explanation as the hub gives it, also that of a dry run."""
    output = cli.output
    if output.machine or output.quiet:
        output.item({**found, "id": found.get("task_id")} if output.quiet else found, ())
        return
    output.line(clean(_headline(found)))
    for wait in found.get("waiting") or ():
        output.line(clean(f"  waits: {wait.get('code')}  {wait.get('detail') or ''}".rstrip()))
    decision = found.get("decision")
    if decision:
        output.line(
            clean(f"  decided: {_name(found, decision.get('chosen'))} with {_number(decision.get('score'))} points")
        )
    if found.get("recomputed_equal") is False:
        output.line("  warning: the stored decision cannot be recomputed from its stored inputs")
    _print_servers(output, found.get("servers") or ())


def _print_servers(output: Output, servers: Any) -> None:
    columns = [
        Column("server", lambda row: str(row.get("name") or short_id(row.get("server_id")))),
        Column(
            "fits",
            lambda row: "yes" if row.get("eligible") else "no",
            lambda row: "green" if row.get("eligible") else "red",
        ),
        Column("score", lambda row: _number(row.get("score")) if row.get("eligible") else "–"),
        Column("because", _because, wide=True),
    ]
    if not servers:
        output.line("  no server is enrolled: `corral token create` prints the line that adds one")
        return
    output.line("")
    output.rows(servers, columns, envelope={"servers": servers})


def _headline(found: Mapping[str, Any]) -> str:
    reason = found.get("reason") or {}
    why = " ".join(str(reason[key]) for key in ("code", "detail") if reason.get(key))
    return f"{short_id(found.get('task_id'))} is {found.get('status')}" + (f": {why}" if why else "")


def _because(row: Mapping[str, Any]) -> str:
    """Name the hard rules that failed; for a server that fits, each part of its score."""
    parts = row.get("parts") or ()
    if not row.get("eligible"):
        failed = [part for part in parts if part.get("kind") == "hard" and not part.get("passed")]
        return "; ".join(f"{part.get('rule')}: {part.get('detail') or 'not met'}" for part in failed) or "ruled out"
    scored = [part for part in parts if part.get("score")]
    return (
        ", ".join(f"{part.get('rule')} {_number(part.get('score'), sign=True)}" for part in scored) or "all rules met"
    )


def _name(found: Mapping[str, Any], chosen: object) -> str:
    names = {server.get("server_id"): server.get("name") for server in found.get("servers") or ()}
    return str(names.get(chosen) or chosen or "nobody")


def _number(value: object, *, sign: bool = False) -> str:
    if not isinstance(value, (int, float)):
        return "–"
    return f"{value:+g}" if sign else f"{value:g}"
