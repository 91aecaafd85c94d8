"""run list, show, history, logs."""

from typing import Annotated, Any

import typer

from corral_cli import follow
from corral_cli.body import seconds
from corral_cli.client import segment
from corral_cli.commands.run.arguments import (
    BLOCKS,
    EVENTS,
    FIELDS,
    NODES,
    RUNS,
    Node,
    OfWorkflow,
    Run,
    Timeout,
    path_of,
)
from corral_cli.commands.run.watching import answer_hint
from corral_cli.context import Invocation, invocation
from corral_cli.errors import NotFound
from corral_cli.output import talk
from corral_cli.pulse import Pulse
from corral_cli.text import clean, clean_output, to_json
from corral_cli.workflow.picture import RUN_ENDED, asked, in_order, node_id, reason, without_dull_items
from corral_protocol.vocabulary import RunStatus

_DEFAULT_LIMIT = 50
_LARGEST = 200
"""The largest page of runs that the hub hands out."""
_PAGE = 500
_PIECES = 100


def list_runs(
    context: typer.Context,
    workflow: OfWorkflow = None,
    status: Annotated[RunStatus | None, typer.Option(help="Only in this state.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="How many of the newest; 0 for all.")] = _DEFAULT_LIMIT,
    cursor: Annotated[str | None, typer.Option(help="Go on where an earlier list ended.")] = None,
) -> None:
    """List runs, the newest first.

    Examples:
      corral run list --status running
      corral run list --workflow release --limit 5
      corral run list --status failed -q | xargs -n1 corral run retry
    """
    cli = invocation(context)
    path = f"/workflows/{segment(workflow)}/runs" if workflow else "/runs"
    runs: list[Any] = []
    following: str | None = None
    wanted = status.value if status else None
    while True:
        size = min(limit - len(runs), _LARGEST) if limit else _LARGEST
        answer = cli.client.get(path, limit=size, status=wanted, cursor=cursor)
        runs.extend(answer["runs"])
        following = cursor = answer.get("next_cursor")
        if not following or (limit and len(runs) >= limit):
            break
    empty = "No runs. `corral workflow run NAME` begins one."
    cli.output.rows(runs, RUNS, envelope={"runs": runs, "next_cursor": following}, empty=empty)
    if following and not cli.output.machine and not cli.output.quiet:
        talk(f"more: add --limit 0, or --cursor {following}")


def show(context: typer.Context, run: Run) -> None:
    """Show a run and its nodes: where each stands and why, on which machine, what it put out or what went wrong.

    Examples:
      corral run show 3f2a
      corral run show 3f2a --json | jq '.nodes[] | select(.status == "failed")'
    """
    cli = invocation(context)
    found: dict[str, Any] = cli.client.get(path_of(run))
    cli.output.item(found, FIELDS, BLOCKS)
    if cli.output.machine or cli.output.quiet or cli.output.columns:
        return
    if found["nodes"]:
        cli.output.line("")
        cli.output.rows(without_dull_items(in_order(found["nodes"])), NODES, envelope=found)
    for row in asked(found):
        talk(f"\n{row['key']} {reason(row)}")
        talk(answer_hint(found, row))


def history(
    context: typer.Context,
    run: Run,
    after: Annotated[int | None, typer.Option(help="Only events after this number.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="How many; 0 for all.")] = 0,
) -> None:
    """Show everything that happened in a run, in the order in which it was decided.

    Examples:
      corral run history 3f2a
      corral run history 3f2a -o ndjson | jq 'select(.type == "node_failed")'
    """
    cli = invocation(context)
    events: list[Any] = []
    while True:
        page = cli.client.get(
            path_of(run, "history"), after=after, limit=min(limit - len(events), _PAGE) if limit else _PAGE
        )
        events.extend(page["events"])
        after = page["next"]
        if len(page["events"]) < _PAGE or (limit and len(events) >= limit):
            break
    rows = [{**event, "details": _details(event)} for event in events] if not cli.output.machine else events
    cli.output.rows(rows, EVENTS, envelope={"events": events, "next": after}, empty="Nothing has happened yet.")


def logs(
    context: typer.Context,
    run: Run,
    node: Node = None,
    following: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the run has ended.")] = False,
    timeout: Timeout = None,
) -> None:
    """Print what the nodes of a run have logged, each line behind its node; of one node, the lines alone.

    With --follow lines come while the nodes run. Of a node that floods, the hub keeps the newest and says how many
    lines were dropped.

    Examples:
      corral run logs 3f2a
      corral run logs 3f2a build
      corral run logs 3f2a -f -o ndjson
    """
    cli = invocation(context)
    reader = _Reader(cli, run, node)
    found = reader.read()
    if following and found["status"] not in RUN_ENDED:
        limit = seconds(timeout) if timeout else None
        news = Pulse(cli.client, str(found["id"]))
        follow.until(cli.client, [], reader.read_to_the_end, timeout=limit, missing="the run has not ended", news=news)


class _Reader:
    """Remembers how far the log is printed."""

    def __init__(self, cli: Invocation, run: str, node: str | None) -> None:
        self._cli = cli
        self._path = path_of(run)
        self._node = node
        self._after = 0

    def read_to_the_end(self) -> dict[str, Any] | None:
        run = self.read()
        return run if run["status"] in RUN_ENDED else None

    def read(self) -> dict[str, Any]:
        """Print what is new; return the run. Raises NotFound for a node that it does not have."""
        run: dict[str, Any] = self._cli.client.get(self._path)
        rows = [row for row in run["nodes"] if self._node in (None, row["key"], node_id(row["key"]))]
        if not rows and self._node is not None and (run["status"] in RUN_ENDED or run["nodes"]):
            known = ", ".join(sorted({node_id(row["key"]) for row in run["nodes"]})[:20])
            raise NotFound(
                f"this run has no node {self._node!r}", code="node_not_found", hint=f"It has: {known or 'none yet'}."
            )
        width = max((len(clean(row["key"])) for row in rows), default=0)
        while pieces := self._next():
            for piece in pieces:
                self._print(piece, width)
        return run

    def _next(self) -> list[dict[str, Any]]:
        """Return what has been logged since the last time, a page of it."""
        path = f"{self._path}/logs" if self._node is None else f"{self._path}/nodes/{segment(self._node)}/logs"
        page = self._cli.client.get(path, after=self._after, limit=_PIECES)
        self._after = page["next"]
        return page["logs"]

    def _print(self, piece: dict[str, Any], width: int) -> None:
        key = clean(piece["key"])
        head = "" if self._node == piece["key"] else self._cli.output.painted(f"{key:<{width}} | ", "dim")
        if piece["dropped"]:
            self._tell(piece, head, f"… {piece['dropped']} lines dropped")
        for line in piece["lines"]:
            self._tell(piece, head, str(line))

    def _tell(self, piece: dict[str, Any], head: str, line: str) -> None:
        if self._cli.output.machine:
            self._cli.output.line(to_json({"node": piece["key"], "attempt": piece["attempt"], "text": line}, None))
        else:
            self._cli.output.line(head + clean_output(line, self._cli.output.painting))


def _details(event: dict[str, Any]) -> Any:
    """Return what an event says besides its node."""
    return {name: value for name, value in event["fact"].items() if name not in ("key", "chance") and value != {}}
