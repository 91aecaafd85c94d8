"""The noun everything turns around: tasks. One file for each thing people come for."""

from corral_cli.commands.task import create, edges, logs, overview, read, steer, wait, why, work
from corral_cli.mount import noun

app = noun("Create, follow, work on and steer tasks. An id may be cut to its first four characters.")
for part in (create, read, why, logs, wait, overview, work, steer, edges):
    app.add_typer(part.app)
app.add_typer(edges.deps, name="deps", rich_help_panel=edges.PANEL)
