"""Runs of workflows: one file for each thing people come for."""

from collections.abc import Callable

from corral_cli.commands.run import look, steer, watch
from corral_cli.mount import noun

app = noun("Runs of workflows: follow, steer, look back.")
_LOOK, _STEER = "Look", "Steer"
_VERBS: tuple[tuple[str, Callable[..., None], str], ...] = (
    ("list", look.list_runs, _LOOK),
    ("show", look.show, _LOOK),
    ("watch", watch.watch, _LOOK),
    ("logs", look.logs, _LOOK),
    ("history", look.history, _LOOK),
    ("cancel", steer.cancel, _STEER),
    ("pause", steer.pause, _STEER),
    ("resume", steer.resume, _STEER),
    ("retry", steer.retry, _STEER),
    ("answer", steer.answer, _STEER),
)
for _name, _verb, _panel in _VERBS:
    app.command(_name, rich_help_panel=_panel)(_verb)
