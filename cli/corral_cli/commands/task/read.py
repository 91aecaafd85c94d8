"""task list, show, check, status, notes, activity."""

from typing import Annotated, Any

import typer

from corral_cli import clock
from corral_cli.commands.task.arguments import OwnTask, Task, path_of
from corral_cli.context import Invocation, invocation
from corral_cli.lookup import project_id
from corral_cli.mount import NounGroup
from corral_cli.output import field, talk
from corral_cli.table import Column
from corral_cli.text import relative
from corral_cli.tree import describe
from corral_cli.views import TASK_BLOCKS, TASK_FIELDS, TASKS, note_line, warning_lines, when
from corral_protocol.vocabulary import TaskStatus

PANEL = "Look"
app = typer.Typer(cls=NounGroup)

_NOTES = (when("when", "created_at"), field("author"), field("urgent"), field("content", wide=True))
_EVENTS = (when("when", "created_at"), field("actor"), field("event", "event_type"), field("details", wide=True))
_ATTENTION = (TaskStatus.NEEDS_HUMAN, TaskStatus.PLAN_REVIEW, TaskStatus.REVIEW)


@app.command("list", rich_help_panel=PANEL)
def list_tasks(
    context: typer.Context,
    status: Annotated[TaskStatus | None, typer.Option(help="Only tasks in this state.")] = None,
    ready: Annotated[bool, typer.Option("--ready", help="Only tasks that could run now.")] = False,
    limit: Annotated[int, typer.Option(min=0, help="How many; 0 for all.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where an earlier list ended.")] = None,
) -> None:
    """List tasks, newest first, each with the reason why it is where it is.

    Examples:
      corral task list --status needs_human
      corral task list --limit 0 -q | xargs -n1 corral task show
      corral task list --columns id,status,title,created_at --no-headers
    """
    cli = invocation(context)
    query = {"status": status, "ready": ready or None, "project_id": project_id(cli), "cursor": cursor}
    tasks: list[Any] = []
    following: str | None = None
    for page, next_cursor in cli.client.pages("/tasks", "tasks", limit, **query):
        tasks.extend(page)
        following = next_cursor
    empty = "No tasks. Create one: corral task create --title 'Say hello' --shell 'echo hello'"
    cli.output.rows(tasks, TASKS, envelope={"tasks": tasks, "next_cursor": following}, empty=empty)
    if following and not cli.output.machine and not cli.output.quiet:
        talk(f"more: add --limit 0, or --cursor {following}")


@app.command(rich_help_panel=PANEL)
def show(context: typer.Context, task: OwnTask = None) -> None:
    """Show everything about a task: specification, inputs, plan, result, notes, open questions.

    Examples:
      corral task show 3f2a
      corral task show 3f2a --json | jq .result
    """
    cli = invocation(context)
    found = cli.client.get(path_of(cli, task))
    cli.output.item(found, TASK_FIELDS, TASK_BLOCKS)
    if not cli.output.machine:
        for line in warning_lines(found):
            talk(line)


@app.command(rich_help_panel=PANEL)
def status(context: typer.Context, task: OwnTask = None) -> None:
    """Show in one line where a task stands.

    Example:
      corral task status 3f2a
    """
    cli = invocation(context)
    found = cli.client.get(path_of(cli, task))
    sentence = f"{found.get('status')}  {found.get('title')}  {describe(found, clock.now())}"
    cli.output.result(found, sentence.rstrip())


@app.command(rich_help_panel=PANEL)
def check(context: typer.Context) -> None:
    """Show what is assigned to you: as an agent your tasks, as a person the tasks that wait for one.

    Example:
      corral task check --json
    """
    cli = invocation(context)
    found = cli.client.get("/tasks/check") if cli.client.is_agent else _inbox(cli)
    if cli.output.machine or cli.output.quiet:
        cli.output.rows(found["tasks"], TASKS, envelope=found)
        return
    for task in found["tasks"]:
        cli.output.item(task, TASK_FIELDS, TASK_BLOCKS)
        cli.output.line("")
    talk(f"{found['count']} for you" if found["tasks"] else "Nothing is waiting for you.")


@app.command(rich_help_panel=PANEL)
def notes(context: typer.Context, task: OwnTask = None) -> None:
    """Show the notes on a task, oldest first.

    Example:
      corral task notes 3f2a
    """
    cli = invocation(context)
    found = cli.client.get(path_of(cli, task, "notes"))
    entries = found.get("notes", []) if isinstance(found, dict) else found
    if cli.output.machine or cli.output.columns:
        cli.output.rows(entries, _NOTES, envelope=found)
        return
    cli.output.rows(entries, [Column("note", note_line, wide=True)], envelope=found, empty="No notes.")


@app.command(rich_help_panel=PANEL)
def activity(
    context: typer.Context,
    task: Task,
    after: Annotated[int | None, typer.Option(help="Only events after this one.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="How many; 0 for all.")] = 100,
) -> None:
    """Show every change of a task and who made it.

    Examples:
      corral task activity 3f2a
      corral task activity 3f2a -o ndjson
    """
    cli = invocation(context)
    events: list[Any] = []
    while True:
        size = min(limit - len(events), 500) if limit else 500
        page = cli.client.get(path_of(cli, task, "activity"), after=after, limit=size)
        events.extend(page["events"])
        after = page.get("next")
        if not after or not page["events"] or (limit and len(events) >= limit):
            break
    cli.output.rows(events, _EVENTS, envelope={"events": events, "next": after}, empty="Nothing has happened yet.")


@app.command(rich_help_panel=PANEL)
def assignments(context: typer.Context, task: Task) -> None:
    """Show every attempt at a task: on which machine, in which phase, and how it ended.

    Example:
      corral task assignments 3f2a
    """
    cli = invocation(context)
    found = cli.client.get(path_of(cli, task, "assignments"))
    columns = [field(name) for name in ("epoch", "attempt", "phase")] + [field("server", "server_name"), field("state")]
    columns.append(Column("offered", lambda row: relative(row.get("offered_at"), clock.now())))
    columns.append(field("outcome", wide=True))
    cli.output.rows(found["assignments"], columns, envelope=found, empty="It has not been given to a machine yet.")


def _inbox(cli: Invocation) -> dict[str, Any]:
    project = project_id(cli)
    tasks: list[Any] = []
    for state in _ATTENTION:
        for page, _ in cli.client.pages("/tasks", "tasks", 0, status=state, project_id=project):
            tasks.extend(page)
    return {"count": len(tasks), "tasks": tasks}
