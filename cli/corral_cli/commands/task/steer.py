"""What people decide about a task: assign, approve, revise, cancel, retry."""

from typing import Annotated, Any

import typer

from corral_cli.body import present
from corral_cli.commands.task.arguments import OwnTask, Task, path_of
from corral_cli.commands.task.why import print_explanation
from corral_cli.context import Invocation, invocation
from corral_cli.errors import Conflict, Usage
from corral_cli.lookup import server_names
from corral_cli.mount import NounGroup
from corral_cli.reading import text_or_file
from corral_cli.text import short_id
from corral_protocol.vocabulary import TaskStatus

PANEL = "Steer"
app = typer.Typer(cls=NounGroup)
_JUDGED = {TaskStatus.PLAN_REVIEW.value: "plan", TaskStatus.REVIEW.value: "review"}
"""State → the part of the route that a person's verdict goes to."""


@app.command(rich_help_panel=PANEL)
def assign(
    context: typer.Context,
    task: Task,
    server: Annotated[str | None, typer.Option(help="Machine that shall do it.", autocompletion=server_names)] = None,
    session: Annotated[str | None, typer.Option(help="Session that shall do it.")] = None,
    require_plan: Annotated[bool, typer.Option("--require-plan", help="A plan must be approved first.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only explain what would be decided.")] = False,
) -> None:
    """Give a task to a machine or a session; without either, to the machine that fits best.

    Examples:
      corral task assign 3f2a --dry-run
      corral task assign 3f2a --server build-3
    """
    cli = invocation(context)
    if server and session:
        raise Usage("a task goes to a server or to a session", hint="Give --server or --session, not both.")
    flags = {"require_plan": require_plan or None, "dry_run": dry_run or None}
    answer = cli.client.post(path_of(cli, task, "assign"), present(server=server, session_name=session, **flags))
    if dry_run:
        print_explanation(cli, answer)
        return
    place = answer.get("assigned_server_name") or answer.get("target_session_name") or "nobody yet"
    cli.output.result(answer, f"{short_id(answer['id'])} is {answer['status']}, given to {place}.")


@app.command(rich_help_panel=PANEL)
def approve(context: typer.Context, task: Task) -> None:
    """Approve the plan or the result that a task waits with.

    Example:
      corral task approve 3f2a
    """
    cli = invocation(context)
    part = _judged_part(cli, task)
    found = cli.client.post(path_of(cli, task, part, "approve"), people=True)
    cli.output.result(
        found, f"Approved the {'plan' if part == 'plan' else 'result'}; {short_id(found['id'])} is {found['status']}."
    )


@app.command(rich_help_panel=PANEL)
def revise(
    context: typer.Context,
    task: Task,
    feedback: Annotated[str | None, typer.Option(help="What to do better; `-` is stdin.")] = None,
    file: Annotated[str | None, typer.Option("--file", help="File with the feedback.", metavar="FILE")] = None,
) -> None:
    """Send a plan or a result back, and say what to do better.

    Example:
      corral task revise 3f2a --feedback 'Keep the old endpoint for one release'
    """
    cli = invocation(context)
    text = text_or_file(feedback, file, "the feedback")
    part = _judged_part(cli, task)
    found = cli.client.post(path_of(cli, task, part, "revise"), {"feedback": text}, people=True)
    cli.output.result(found, f"Sent back; {short_id(found['id'])} is {found['status']}.")


@app.command(rich_help_panel=PANEL)
def cancel(
    context: typer.Context,
    task: OwnTask = None,
    reason: Annotated[str | None, typer.Option(help="Why; the one who works on it sees it.")] = None,
) -> None:
    """Cancel a task; what runs for it is stopped with everything it started. Terminal means terminal.

    Example:
      corral task cancel 3f2a --reason 'Superseded'
    """
    cli = invocation(context)
    found = cli.client.delete(path_of(cli, task), reason=reason)
    cli.output.result(found, f"{short_id(found.get('id'))} is {found.get('status')}.")


@app.command(rich_help_panel=PANEL)
def retry(context: typer.Context, task: Task) -> None:
    """Try a failed task again, as a new attempt.

    Example:
      corral task retry 3f2a && corral task wait 3f2a
    """
    cli = invocation(context)
    found: dict[str, Any] = cli.client.post(path_of(cli, task, "retry"), people=True)
    cli.output.result(found, f"{short_id(found['id'])} is {found['status']}, attempt {found.get('attempt')}.")


def _judged_part(cli: Invocation, task: str) -> str:
    found = cli.client.get(path_of(cli, task))
    part = _JUDGED.get(str(found.get("status")))
    if part is None:
        raise Conflict(
            f"{short_id(found['id'])} is {found.get('status')}: it has no plan and no result to judge",
            code="nothing_to_judge",
            hint="`corral status` lists what waits for you; questions are answered with `corral intervention respond`.",
        )
    return part
