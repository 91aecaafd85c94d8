"""Dead letters: nodes that have failed for good, with their input, until somebody has seen to them."""

from collections.abc import Callable

from corral_cli.commands.dlq import look, settle
from corral_cli.mount import noun

app = noun("Nodes that have failed for good, kept with their input until somebody has seen to them.")
_LOOK, _SETTLE = "Look", "See to them"
_VERBS: tuple[tuple[str, Callable[..., None], str], ...] = (
    ("list", look.list_letters, _LOOK),
    ("stats", look.stats, _LOOK),
    ("show", look.show, _LOOK),
    ("replay", settle.replay, _SETTLE),
    ("remove", settle.remove, _SETTLE),
    ("purge", settle.purge, _SETTLE),
)
for _name, _verb, _panel in _VERBS:
    app.command(_name, rich_help_panel=_panel)(_verb)
