"""inbox: what needs a person."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from corral_cli import follow
from corral_cli.context import Invocation, invocation
from corral_cli.drawing import Drawing
from corral_cli.lazy import lazy
from corral_cli.live import News
from corral_cli.lookup import project_id
from corral_cli.output import talk
from corral_cli.standing import Change, Turn, applied, changes
from corral_cli.table import Column, Row, fitted_table
from corral_cli.text import short_id
from corral_cli.views import when

if TYPE_CHECKING:
    import rich.console as rich_console
    import rich.text as rich_text
else:
    rich_text = lazy("rich.text")

COMMANDS = {
    "plan_review": "corral task approve {task}",
    "review": "corral task approve {task}",
    "intervention": "corral intervention respond {id}",
    "needs_human": "corral task show {task}",
    "failed": "corral task retry {task}",
    "approval": "corral run answer {run} {node}",
    "dead_letter": "corral run show {run}",
    "host_lost": "corral server show {title}",
}
"""What to say next, by kind."""


def _next(row: Row) -> str:
    ids = {"task": row.get("task_id"), "run": row.get("run_id"), "id": row.get("id")}
    shown = {name: short_id(value or "") for name, value in ids.items()}
    return COMMANDS.get(str(row.get("kind")), "").format(**shown, title=row.get("title", ""), node=row.get("node"))


ITEMS = (
    Column("kind", lambda row: str(row.get("kind", "")).replace("_", " ")),
    Column("title", lambda row: str(row.get("title", "")), cut=True),
    Column("why", lambda row: str((row.get("why") or {}).get("detail") or ""), cut=True),
    when("since"),
    Column("next", _next),
)


def inbox(
    context: typer.Context,
    limit: Annotated[int, typer.Option(help="How many, newest first.", min=1, max=200)] = 50,
    watch: Annotated[bool, typer.Option("--watch", help="Keep it current until Ctrl-C.")] = False,
) -> None:
    """Show what stands still until a person looks, newest first: why, since when, and what to say next.

    Plans and results to review, questions, failed tasks that nobody has seen, nodes that ask for approval, dead
    letters, machines that were lost.

    With --watch the list stays on the screen and changes as things happen; into a pipe it prints a line for what comes
    (+) and for what has been seen to (-), and --json a JSON object a line. A hub that is away is waited for.

    Examples:
      corral inbox
      corral inbox --watch
      corral inbox --watch | grep --line-buffered '^+'
      corral inbox --json | jq .counts
    """
    cli = invocation(context)
    if watch:
        keep_current(cli, project_id(cli), limit)
    found = read(cli, project_id(cli), limit)
    cli.output.rows(found["items"], ITEMS, envelope=found, empty="Nothing needs you.")
    left = found["total"] - len(found["items"])
    if left > 0 and not cli.output.machine and not cli.output.quiet:
        talk(f"And {left} more: --limit shows more of it.")


def read(cli: Invocation, project: str | None, limit: int) -> Row:
    return cli.client.get("/inbox", people=True, project_id=project, limit=limit)


class _Facts(News):
    """Whatever happens may be about the inbox; what happens together is one reason to look."""

    gather = 0.5


def keep_current(cli: Invocation, project: str | None, limit: int) -> None:
    """Show the inbox as it is until somebody says stop. A credential that ends, ends it, too."""
    with _Screen(cli) as screen:

        def look() -> None:
            screen.take(read(cli, project, limit))

        follow.until(cli.client, [], look, timeout=None, missing="the inbox has no end", news=_Facts(cli.client))


class _Screen(Drawing):
    """The list, drawn in place on a terminal; elsewhere a line for each change."""

    per_second = 2

    def __init__(self, cli: Invocation) -> None:
        super().__init__(cli)
        self._found: Row = {"items": [], "total": 0}
        self._known: dict[str, Row] = {}
        self._first = True

    def take(self, found: Row) -> None:
        self._found = found
        if not self.drawing:
            told = changes(self._known, found["items"], whole=found["total"] <= len(found["items"]))
            self._known = applied(self._known, told)
            for change in told:
                self._tell(change)
        if self._first and not self.drawing and not found["items"]:
            talk("Nothing needs you yet.")
        self._first = False

    def _tell(self, change: Change) -> None:
        if self._cli.output.quiet:
            self._cli.output.rows([change.item] if change.turn is Turn.CAME else [], ITEMS, envelope={})
            return
        cells = [column.read(change.item) for column in ITEMS if column.name != "since"]
        words = f"{'+' if change.turn is Turn.CAME else '-'} {'  '.join(filter(None, cells))}"
        self._cli.output.event({"event": change.turn.value, "item": change.item}, words)

    def picture(self, console: "rich_console.Console") -> "rich_text.Text":
        """Return as many rows as there is room for; below them, how many more there are."""
        items, total = self._found["items"], int(self._found["total"])
        if not items:
            return rich_text.Text("Nothing needs you.", style="dim")
        shown = items[: max(1, console.height - 3)]
        lines: list[Any] = fitted_table(shown, ITEMS, console.width, headers=self._cli.output.headers)
        more = [f"… and {total - len(shown)} more"] if total > len(shown) else []
        return rich_text.Text.from_ansi("\n".join([*lines, *more]))
