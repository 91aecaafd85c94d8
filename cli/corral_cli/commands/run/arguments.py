"""Arguments of the commands on runs, and the columns people see of them."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from corral_cli import clock
from corral_cli.client import segment
from corral_cli.lookup import node_keys, run_ids, workflow_names
from corral_cli.output import field
from corral_cli.table import Column, Row
from corral_cli.text import clean, format_duration, parse_time, short_id
from corral_cli.views import block, identity, status_style, when
from corral_cli.workflow.picture import NODE_ENDED, reason, short

Run = Annotated[str, typer.Argument(metavar="RUN", help="Id, or its first four characters.", autocompletion=run_ids)]
Node = Annotated[
    str | None, typer.Argument(metavar="[NODE]", help="Id of one node; else all.", autocompletion=node_keys)
]
OfWorkflow = Annotated[
    str | None, typer.Option("--workflow", help="Only of this one.", metavar="NAME|ID", autocompletion=workflow_names)
]
Timeout = Annotated[str | None, typer.Option(help="Give up after this long: 90s, 10m, 1h.", metavar="DURATION")]
Watch = Annotated[bool, typer.Option("--watch", "-w", help="Follow it to its end, and exit as it ended.")]


def path_of(run: str, *rest: str) -> str:
    """Return the route of a run, or of something below it."""
    return "/".join(("/runs", segment(run), *rest))


def name_of(run: Mapping[str, Any]) -> str:
    """Return what people call a run: `3f2a1b2c (release)`."""
    return f"{short_id(run.get('id'))} ({clean(run.get('workflow'))})"


def version_of(run: Mapping[str, Any]) -> str:
    """Return what a run is of: its version's number, or that it tries the draft out."""
    number = run.get("version")
    return "draft" if number is None else str(number)


def _took(row: Row) -> str:
    return _between(row.get("created_at"), row.get("finished_at"))


def _node_took(row: Row) -> str:
    return _between(row.get("begun_at"), row.get("since") if row.get("status") in NODE_ENDED else None)


def _between(start: object, end: object) -> str:
    began = parse_time(start)
    if began is None:
        return ""
    return format_duration(((parse_time(end) or clock.now()) - began).total_seconds())


def _outcome(row: Row) -> str:
    return reason(row) or str(row.get("items") or "") or short(row.get("output"))


RUNS: Sequence[Column] = (
    identity(),
    field("workflow", cut=True),
    Column("version", version_of, spare=3),
    field("status", style=status_style),
    when("created", "created_at", spare=1),
    Column("took", _took),
    field("failed", style=lambda _: "red"),
    field("started by", "started_by", spare=2),
)

FIELDS: Sequence[Column] = (
    field("id"),
    field("workflow"),
    Column("version", lambda row: "test run of the draft" if row.get("version") is None else version_of(row)),
    field("status", style=status_style),
    Column("took", _took),
    Column("failed at", lambda row: str(row.get("failed") or ""), lambda _: "red"),
    field("trigger"),
    field("started by", "started_by"),
    field("part of", "parent_run_id"),
    when("created", "created_at"),
    when("finished", "finished_at"),
)

BLOCKS: Sequence[Column] = (block("Output", "output"),)

NODES: Sequence[Column] = (
    field("node", "key"),
    field("status", style=status_style),
    field("server", spare=1),
    Column("attempt", lambda row: str(row["attempt"]) if (row.get("attempt") or 0) > 1 else "", spare=2),
    Column("took", _node_took),
    when("since", spare=3),
    Column("outcome", _outcome, lambda row: "red" if row.get("error") else "", cut=True),
)

EVENTS: Sequence[Column] = (
    field("number"),
    when("when", "at"),
    field("event", "type"),
    field("node", "key"),
    Column("details", lambda row: short(row.get("details"), 400), cut=True),
)
