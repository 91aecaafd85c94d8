"""Terminal sessions: one file for each thing people come for."""

from collections.abc import Callable

from corral_cli.commands.session import attach, life, read, record, replay, send, start, wait
from corral_cli.mount import noun

app = noun("Terminal sessions on the machines: shells, and agents in their own interface.")
_LOOK, _DRIVE, _LIFE = "Look", "Drive", "Begin and end"
_VERBS: tuple[tuple[str, Callable[..., None], str], ...] = (
    ("list", read.list_sessions, _LOOK),
    ("show", read.show, _LOOK),
    ("read", read.read, _LOOK),
    ("wait", wait.wait, _LOOK),
    ("replay", replay.replay, _LOOK),
    ("record", record.record, _LOOK),
    ("attach", attach.attach, _DRIVE),
    ("send", send.send, _DRIVE),
    ("resize", life.resize, _DRIVE),
    ("start", start.start, _LIFE),
    ("close", life.close, _LIFE),
    ("kill", life.kill, _LIFE),
    ("remove", life.remove, _LIFE),
)
for _name, _verb, _panel in _VERBS:
    app.command(_name, rich_help_panel=_panel)(_verb)
