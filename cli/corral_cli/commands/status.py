"""status: the hub, its machines, the work, and what needs you."""

from collections.abc import Mapping
from typing import Any

import typer

from corral_cli.client import Client
from corral_cli.context import Invocation, invocation
from corral_cli.errors import CliError
from corral_cli.lookup import project_id
from corral_cli.output import field
from corral_cli.text import clean, short_id
from corral_cli.tree import MARKS, reason_text
from corral_protocol.vocabulary import TaskStatus

_LIVE = (TaskStatus.PENDING, TaskStatus.ASSIGNED, TaskStatus.PLANNING, TaskStatus.RUNNING)
_ATTENTION = (TaskStatus.NEEDS_HUMAN, TaskStatus.PLAN_REVIEW, TaskStatus.REVIEW)
_PAGE = 500
_SHOWN = 10


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
        cli.output.lines(_lines(found))


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
    }


def _is_ready(client: Client) -> bool:
    try:
        client.send("GET", "/readyz")
    except CliError:
        return False
    return True


def _lines(found: dict[str, Any]) -> list[str]:
    hub, servers = found["hub"], found["servers"]
    attention, questions = found["needs_you"], found["questions"]
    online = ", ".join(clean(name) for name in servers["online"]) or "none"
    offline = f"; offline: {', '.join(clean(name) for name in servers['offline'])}" if servers["offline"] else ""
    counts = [f"{count} {state}" for state, count in found["tasks"].items() if count]
    lines = [
        f"hub      {hub['url']}  {'ready' if hub['ready'] else 'not ready: corral doctor'}",
        f"servers  {len(servers['online'])} online: {online}{offline}",
        f"tasks    {', '.join(counts) or 'nothing to do'}",
        "",
        f"{len(attention)} need you" if attention else "Nothing needs you.",
    ]
    lines += [_attention_line(task) for task in attention[:_SHOWN]]
    lines += [_question_line(question) for question in questions[:_SHOWN]]
    if not servers["online"] and not servers["offline"]:
        lines.append("\nNo machine yet. `corral token create` prints the line that adds one.")
    return lines


def _attention_line(task: Mapping[str, Any]) -> str:
    state = clean(task["status"])
    mark = MARKS.get(state, ("·", ""))[0]
    return f"  {mark} {short_id(task['id'])}  {state}  {clean(task['title'])}  {reason_text(task)}".rstrip()


def _question_line(question: Mapping[str, Any]) -> str:
    task = short_id(question.get("task_id"))
    return f"  ? {clean(question['id'])}  task {task}: {clean(question.get('question'))}"
