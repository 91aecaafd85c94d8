"""Workflows: one file for each thing people come for."""

from collections.abc import Callable

from corral_cli.commands.workflow import begin, deploying, files, look, versions
from corral_cli.mount import noun

app = noun("Write down, publish and run graphs of nodes.")
_LOOK, _WRITE, _RUN = "Look", "Write down and publish", "Run"
_VERBS: tuple[tuple[str, Callable[..., None], str], ...] = (
    ("list", look.list_workflows, _LOOK),
    ("show", look.show, _LOOK),
    ("diff", look.diff, _LOOK),
    ("export", files.export, _LOOK),
    ("schema", look.schema, _LOOK),
    ("validate", files.validate, _WRITE),
    ("apply", files.apply, _WRITE),
    ("import", files.import_files, _WRITE),
    ("publish", versions.publish, _WRITE),
    ("rollback", versions.rollback, _WRITE),
    ("remove", versions.remove, _WRITE),
    ("run", begin.run, _RUN),
    ("deploy", deploying.deploy, _RUN),
    ("undeploy", deploying.undeploy, _RUN),
    ("chat", deploying.chat, _RUN),
)
for _name, _verb, _panel in _VERBS:
    app.command(_name, rich_help_panel=_panel)(_verb)
