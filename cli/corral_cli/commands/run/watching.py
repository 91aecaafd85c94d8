"""Follow a run to its end: drawn in place on a terminal, a line for each change elsewhere; the exit code tells how."""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Self

from corral_cli import clock, follow
from corral_cli.body import seconds
from corral_cli.client import segment
from corral_cli.commands.run.arguments import name_of, path_of
from corral_cli.context import Invocation
from corral_cli.drawing import Drawing
from corral_cli.errors import Failed, NeedsHuman, NotFound
from corral_cli.lazy import lazy
from corral_cli.output import Format
from corral_cli.progress import spinning
from corral_cli.pulse import Pulse
from corral_cli.text import clean, format_duration, parse_time, short_id
from corral_cli.tree import MARKS, render
from corral_cli.workflow.picture import (
    RUN_ENDED,
    asked,
    counts,
    drawn,
    focused,
    is_item,
    only_a_person_helps,
    reason,
)

if TYPE_CHECKING:
    import rich.console as rich_console
    import rich.text as rich_text
else:
    rich_console = lazy("rich.console")
    rich_text = lazy("rich.text")

Json = dict[str, Any]
_MOST_ASKED = 2
_AROUND = 3 + _MOST_ASKED
"""Lines of a window that are not for nodes."""


def watch_run(cli: Invocation, run: str, *, timeout: str | None) -> None:
    """Show a run until it has ended, and leave as it ended. With --json the ended run is all that is printed."""
    whole = cli.output.format is Format.JSON
    found = follow_run(cli, run, timeout=timeout, seen=not whole)
    finish(cli, found, tell=whole or cli.output.quiet)


def follow_run(cli: Invocation, run: str, *, timeout: str | None, seen: bool, patient: bool = True) -> Json:
    """Return the run once it has ended, shown meanwhile if `seen`. Raises TimedOut.

    Without patience it also returns once nothing but a person's answer can move it on.
    """
    limit = seconds(timeout) if timeout else None
    found = cli.client.get(path_of(run))
    path, pulse = path_of(str(found["id"])), Pulse(cli.client, str(found["id"]))
    with _Show(cli, found) if seen else _Silence(found) as show:

        def look() -> Json | None:
            run = cli.client.get(path)
            if show.take(run):
                pulse.noticed()
            return run if run["status"] in RUN_ENDED or not (patient or not only_a_person_helps(run)) else None

        hint = f"`corral run watch {short_id(found['id'])}` goes on watching."
        missing = f"run {name_of(found)} has not ended"
        return follow.until(cli.client, [], look, timeout=limit, missing=missing, hint=hint, news=pulse)


def finish(cli: Invocation, run: Json, *, tell: bool = True) -> None:
    """Print how the run ended, if it ended well. Raises Failed, NeedsHuman."""
    if run["status"] == "completed":
        if tell:
            cli.output.result(run, f"Run {name_of(run)} is completed.")
        return
    id = short_id(run["id"])
    details = {"run_id": run["id"], "status": run["status"], "failed": run.get("failed")}
    if run["status"] not in RUN_ENDED:
        rows = asked(run)
        words = "; ".join(f"{row['key']} {reason(row)}" for row in rows)
        hint = f"`corral run answer {id} --approve` or --refuse."
        raise NeedsHuman(f"run {name_of(run)} waits for a person: {words}", hint=hint, details=details)
    why = _why(run)
    raise Failed(
        f"run {name_of(run)} is {run['status']}" + (f": {why}" if why else ""),
        code=f"run_{run['status']}",
        hint=f"`corral run show {id}` and `corral run logs {id}` tell more; `corral run retry {id}` goes on there.",
        details=details,
    )


def definition_of(cli: Invocation, run: Mapping[str, Any]) -> Json:
    """Return the definition a run is bound to; an empty one where its workflow was taken away."""
    path = f"/workflows/{segment(str(run['workflow_id']))}/versions/{run['version']}"
    if run["version"] is None:
        path = f"/runs/{segment(str(run['id']))}/definition"
    try:
        return cli.client.get(path)["definition"]
    except NotFound:
        return {}


def answer_hint(run: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    """Return what a person types whom this node asks."""
    return f"next: corral run answer {short_id(run['id'])} {clean(row['key'])} --approve, or --refuse"


def _why(run: Json) -> str:
    failed = next((row for row in run.get("nodes") or () if row.get("key") == run.get("failed")), None)
    return f"{failed['key']}: {reason(failed)}" if failed else ""


class _Silence:
    """Shows nothing but a sign of life."""

    def __init__(self, run: Json) -> None:
        self._name = name_of(run)
        self._stack = ExitStack()
        self._seen: Any = None

    def __enter__(self) -> Self:
        self._stack.enter_context(spinning(f"waiting for run {self._name}"))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def take(self, run: Json) -> bool:
        """Return whether something has changed."""
        before, self._seen = self._seen, {row["key"]: (row["status"], row.get("attempt")) for row in run["nodes"]}
        return before != self._seen


class _Show(Drawing):
    """Draws the graph in place on a terminal; elsewhere it prints a line for each change of a node."""

    def __init__(self, cli: Invocation, run: Json) -> None:
        super().__init__(cli)
        self._run = run
        self._definition = definition_of(cli, run)
        self._seen: dict[str, Any] = {}

    def take(self, run: Json) -> bool:
        """Return whether something has changed; where nothing is drawn, print it."""
        self._run = run
        changed = False
        for row in run["nodes"]:
            now = row["status"], row.get("attempt"), row.get("why")
            if self._seen.get(row["key"]) != now:
                self._seen[row["key"]] = now
                changed = True
                self._tell(row)
        if self._seen.get("") != run["status"]:
            self._seen[""] = run["status"]
            changed = True
            self._tell_run(run)
        return changed

    def _tell(self, row: Json) -> None:
        if self.drawing or self._cli.output.quiet or (is_item(row) and not row.get("error")):
            return
        event = {"run_id": self._run["id"], "node": row["key"], **{name: row.get(name) for name in _TOLD}}
        words = [f"{row['key']:<20}  {row['status']:<9}", str(row.get("server") or ""), reason(row)]
        self._cli.output.event(event, "  ".join(filter(None, words)).rstrip())

    def _tell_run(self, run: Json) -> None:
        if self.drawing or self._cli.output.quiet:
            return
        event = {"run_id": run["id"], "node": None, "status": run["status"], "output": run.get("output")}
        self._cli.output.event(event, f"run {name_of(run)} is {run['status']}")

    def picture(self, console: "rich_console.Console") -> "rich_console.RenderableType":
        tasks = drawn(self._run, self._definition)
        status = str(self._run["status"])
        mark, style = MARKS.get(status, ("·", ""))
        head = rich_text.Text.assemble((f"{mark} ", style), (name_of(self._run), "bold"), f"  {clean(status)}")
        head.append(f"  {self._took()}  {counts(tasks)}", style="dim")
        shown = focused(tasks, console.height - _AROUND)
        parts: list[Any] = [head, render(shown, clock.now(), width=console.width, ids=False)] if shown else [head]
        if len(shown) < len(tasks):
            parts.append(rich_text.Text(f"  … {len(tasks) - len(shown)} more nodes", style="dim"))
        parts += [rich_text.Text(answer_hint(self._run, row), style="yellow") for row in asked(self._run)[:_MOST_ASKED]]
        return rich_console.Group(*parts)

    def _took(self) -> str:
        start = parse_time(self._run.get("created_at"))
        end = parse_time(self._run.get("finished_at")) or clock.now()
        return format_duration((end - start).total_seconds()) if start else ""


_TOLD = ("status", "attempt", "server", "why", "error", "since")
