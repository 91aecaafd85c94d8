"""task wait, task tree."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corral_cli import clock, follow
from corral_cli.body import seconds
from corral_cli.client import segment
from corral_cli.commands.task.arguments import Timeout
from corral_cli.context import Invocation, invocation
from corral_cli.errors import Failed, NeedsHuman, Usage
from corral_cli.lazy import lazy
from corral_cli.lookup import task_ids
from corral_cli.mount import NounGroup
from corral_cli.output import talk
from corral_cli.text import clean, short_id
from corral_cli.tree import describe, reason_text, render
from corral_cli.views import TASKS
from corral_cli.waiting import ENDED_WORD, Verdict, expand, judge, judge_all
from corral_protocol.vocabulary import TaskStatus

if TYPE_CHECKING:
    import rich.live as rich_live
else:
    rich_live = lazy("rich.live")

app = typer.Typer(cls=NounGroup)
_STATES = ", ".join([*TaskStatus, ENDED_WORD])


@app.command(rich_help_panel="Look")
def wait(
    context: typer.Context,
    tasks: Annotated[
        list[str] | None, typer.Argument(metavar="[TASK]...", help="One or more ids.", autocompletion=task_ids)
    ] = None,
    until: Annotated[
        list[str] | None, typer.Option(metavar="STATE", help=f"State to wait for; several: any of them. {_STATES}")
    ] = None,
    timeout: Timeout = None,
    patient: Annotated[bool, typer.Option("--patient", help="Wait also while a person has to answer.")] = False,
    tree: Annotated[bool, typer.Option("--tree", help="Show the tasks as a tree while waiting.")] = False,
) -> None:
    """Wait until tasks reach a state (done, unless --until says otherwise), and tell by the exit code how it went.

    0 reached · 1 ended otherwise · 6 a person has to approve or answer first · 124 the timeout is over.

    Examples:
      corral task wait 3f2a --timeout 10m
      corral task wait 3f2a --until review --until done
      corral task wait $(corral task create --title t --shell 'make' -q) && echo built
    """
    cli = invocation(context)
    wanted = read_states(until or [])
    names = follow.full_ids(cli.client, tasks or [cli.own_task(None)])
    shown = [short_id(name) for name in names]
    missing = f"{', '.join(shown)} {'are not all' if len(shown) > 1 else 'is not'} {' or '.join(sorted(wanted))}"
    hint = f"`corral task explain {shown[0]}` says what it waits for; or wait again with a longer --timeout."
    limit = seconds(timeout) if timeout else None
    with _Watch(cli, names, tree) as watch:

        def look() -> tuple[Verdict, list[dict[str, Any]]] | None:
            found = watch.look()
            verdict = judge_all(found, wanted, patient=patient)
            return None if verdict is Verdict.WAITING else (verdict, found)

        verdict, found = follow.until(cli.client, names, look, timeout=limit, missing=missing, hint=hint)
    _finish(cli, verdict, found, wanted)


def read_states(words: list[str]) -> frozenset[str]:
    """Return the states named; commas separate too. Raises Usage."""
    try:
        return expand([part for word in words for part in word.split(",") if part])
    except ValueError as error:
        raise Usage(f"{error}".replace("TaskStatus", "state"), hint=f"States: {_STATES}.") from error


class _Watch:
    """Reads the tasks and shows what changed: a line for each change, or a tree that redraws itself."""

    def __init__(self, cli: Invocation, names: list[str], tree: bool) -> None:
        self._cli = cli
        self._paths = [f"/tasks/{segment(name)}" for name in names]
        self._seen: dict[str, str] = {}
        show_tree = tree and sys.stderr.isatty() and not cli.output.machine
        self._tree = rich_live.Live(console=_stderr_console(cli), auto_refresh=False) if show_tree else None

    def __enter__(self) -> "_Watch":
        if self._tree:
            self._tree.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._tree:
            self._tree.stop()

    def look(self) -> list[dict[str, Any]]:
        found = follow.read_tasks(self._cli.client, self._paths)
        if self._tree:
            self._tree.update(render(found, clock.now(), width=self._tree.console.width), refresh=True)
        else:
            self._tell_changes(found)
        return found

    def _tell_changes(self, found: list[dict[str, Any]]) -> None:
        for task in found:
            state = str(task.get("status"))
            if self._seen.get(str(task["id"])) == state:
                continue
            self._seen[str(task["id"])] = state
            if self._cli.output.machine:
                continue
            details = describe(task, clock.now())
            talk(clean(f"{short_id(task['id'])}  {state:<11}  {task.get('title')}  {details}".rstrip()))


def _stderr_console(cli: Invocation) -> Any:
    console = cli.output.console()
    console.stderr = True
    return console


def _finish(cli: Invocation, verdict: Verdict, found: list[dict[str, Any]], wanted: frozenset[str]) -> None:
    if verdict is Verdict.REACHED:
        if cli.output.machine or cli.output.quiet:
            shown = found[0] if len(found) == 1 else {"tasks": found}
            cli.output.rows(found, TASKS, envelope=shown)
        return
    guilty = next(task for task in found if judge(str(task.get("status")), wanted) is verdict)
    name = f"{short_id(guilty['id'])} ({guilty.get('title')})"
    details = {"task_id": guilty["id"], "status": guilty.get("status"), "reason": guilty.get("reason")}
    why = _why(guilty)
    if verdict is Verdict.ASKS:
        raise NeedsHuman(
            f"{name} is in {guilty.get('status')} and waits for a person{why}",
            hint=f"`corral task show {short_id(guilty['id'])}`, then approve or revise it, or answer its question.",
            details=details,
        )
    raise Failed(
        f"{name} ended {guilty.get('status')}{why}",
        code=f"task_{guilty.get('status')}",
        hint=f"`corral task logs {short_id(guilty['id'])}` shows what it printed; `corral task retry` tries again.",
        details=details,
    )


def _why(task: dict[str, Any]) -> str:
    error = task.get("error")
    if isinstance(error, dict) and error.get("message"):
        return f": {error.get('class')}: {error['message']}"
    return f": {reason_text(task)}" if reason_text(task) else ""
