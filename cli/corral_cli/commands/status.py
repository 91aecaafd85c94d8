"""status: the hub, its machines, the work, and what needs you."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import typer

from corral_cli import clock
from corral_cli.client import Client
from corral_cli.context import Invocation, invocation
from corral_cli.errors import CliError
from corral_cli.lookup import project_id
from corral_cli.output import Output, field
from corral_cli.table import cut
from corral_cli.text import clean, parse_time, short_id
from corral_cli.tree import MARKS, reason_text
from corral_protocol.vocabulary import RunStatus, TaskStatus

_LIVE = (TaskStatus.PENDING, TaskStatus.ASSIGNED, TaskStatus.PLANNING, TaskStatus.RUNNING)
_ATTENTION = (TaskStatus.NEEDS_HUMAN, TaskStatus.PLAN_REVIEW, TaskStatus.REVIEW)
_PAGE = 500
_SHOWN = 10
_TITLE = 60
LATELY = timedelta(days=1)
"""How long a run that failed is shown."""


def status(context: typer.Context) -> None:
    """Show the hub, its machines, the work by state, and first of all what needs a person.

    Examples:
      corral status
      corral status --json | jq .needs_you
    """
    cli = invocation(context)
    if cli.client.is_agent:
        names = ("server_name", "session_name", "project_name", "task_summary", "tasks")
        cli.output.item(cli.client.get("/status"), [field(name) for name in names])
        return
    found = _collect(cli)
    if cli.output.machine:
        cli.output.json(found)
    elif cli.output.quiet:
        cli.output.lines(clean(task["id"]) for task in found["needs_you"])
    else:
        cli.output.lines(_lines(found, cli.output))


def _collect(cli: Invocation) -> dict[str, Any]:
    client = cli.client
    project = project_id(cli)
    servers = client.get("/servers", people=True)["servers"]
    counts: dict[str, int | str] = {}
    attention: list[Any] = []
    for state in (*_ATTENTION, *_LIVE):
        page = client.get("/tasks", status=state, limit=_PAGE, project_id=project, people=True)
        counts[state.value] = len(page["tasks"]) if not page.get("next_cursor") else f"{_PAGE}+"
        attention.extend(page["tasks"] if state in _ATTENTION else ())
    return {
        "hub": {"url": client.hub_url, "ready": _is_ready(client)},
        "servers": {
            "online": [server["name"] for server in servers if server.get("status") == "online"],
            "offline": [server["name"] for server in servers if server.get("status") != "online"],
        },
        "tasks": counts,
        "needs_you": attention,
        "questions": client.get("/interventions", status="pending", people=True),
        "runs": {
            "questions": _of(project, client.get("/runs/questions", people=True)["questions"]),
            "failed": _of(project, _failed_lately(client)),
        },
    }


def _of(project: str | None, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [row for row in rows if project in (None, row.get("project_id"))]


def _failed_lately(client: Client) -> list[Mapping[str, Any]]:
    """Return the newest runs that failed within a day."""
    since = clock.now() - LATELY
    rows = client.get("/runs", status=RunStatus.FAILED.value, limit=_SHOWN, people=True)["runs"]
    return [row for row in rows if (ended := parse_time(row.get("finished_at"))) is not None and ended >= since]


def _is_ready(client: Client) -> bool:
    try:
        client.send("GET", "/readyz")
    except CliError:
        return False
    return True


def _lines(found: dict[str, Any], output: Output) -> list[str]:
    hub, servers, attention = found["hub"], found["servers"], found["needs_you"]
    ready = output.painted("ready", "green") if hub["ready"] else output.painted("not ready: corral doctor", "bold red")
    online = ", ".join(clean(name) for name in servers["online"]) or "none"
    offline = f"; offline: {', '.join(clean(name) for name in servers['offline'])}" if servers["offline"] else ""
    counts = [f"{count} {state}" for state, count in found["tasks"].items() if count]
    lines = [
        f"hub      {hub['url']}  {ready}",
        f"servers  {len(servers['online'])} online: {online}{offline}",
        f"tasks    {', '.join(counts) or 'nothing to do'}",
        "",
        _headline(len(attention), len(found["runs"]["questions"])),
    ]
    for task in attention[:_SHOWN]:
        lines += _attention_lines(task, found["questions"], output)
    if len(attention) > _SHOWN:
        lines.append(f"  … and {len(attention) - _SHOWN} more: corral task check")
    lines += _run_lines(found["runs"], output)
    if not servers["online"] and not servers["offline"]:
        lines.append("\nNo machine yet. `corral token create` prints the line that adds one.")
    return lines


def _headline(tasks: int, questions: int) -> str:
    counts = [_counted(tasks, "task"), _counted(questions, "run")]
    needing = " and ".join(filter(None, counts))
    return f"{needing} need{'' if tasks + questions > 1 else 's'} you:" if needing else "Nothing needs you."


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' if count > 1 else ''}" if count else ""


def _run_lines(runs: Mapping[str, Sequence[Mapping[str, Any]]], output: Output) -> list[str]:
    """Return what runs ask of a person, and which of them failed lately, with the commands that go on."""
    lines: list[str] = []
    for row in runs["questions"][:_SHOWN]:
        id, (mark, style) = short_id(row["run_id"]), MARKS.get("waiting", ("·", ""))
        head = output.painted(f"{mark} {id}  waiting", style)
        asks = cut(clean(row.get("question")), _TITLE)
        lines.append(f"  {head}  {clean(row['workflow'])}  {clean(row['key'])}: {asks}")
        lines.append(f"      → corral run answer {id} {clean(row['key'])} --approve, or --refuse")
    if len(runs["questions"]) > _SHOWN:
        lines.append(f"  … and {len(runs['questions']) - _SHOWN} more runs that ask")
    if runs["failed"]:
        lines += ["", "Failed within a day:"]
    for row in runs["failed"]:
        id, (mark, style) = short_id(row["id"]), MARKS.get("failed", ("·", ""))
        where = f" at {clean(row['failed'])}" if row.get("failed") else ""
        lines.append(f"  {output.painted(f'{mark} {id}  failed', style)}  {clean(row['workflow'])}{where}")
        lines.append(f"      → corral run show {id}, then corral run retry {id}")
    return lines


def _attention_lines(task: Mapping[str, Any], questions: Sequence[Mapping[str, Any]], output: Output) -> list[str]:
    """Return what a task asks of a person, and the commands that answer it."""
    state, name = clean(task["status"]), short_id(task["id"])
    mark, style = MARKS.get(state, ("·", ""))
    asked = [question for question in questions if question.get("task_id") == task["id"]]
    why = "" if asked else f"  {reason_text(task)}"
    lines = [f"  {output.painted(f'{mark} {name}  {state}', style)}  {cut(clean(task['title']), _TITLE)}{why}".rstrip()]
    for question in asked:
        lines.append(f"      {clean(question.get('question'))}")
        lines.append(f"      → corral intervention respond {short_id(question['id'])} --response '…'")
    if state in (TaskStatus.PLAN_REVIEW, TaskStatus.REVIEW):
        lines.append(
            f"      → corral task show {name}, then corral task approve {name}, or revise {name} --feedback '…'"
        )
    return lines
