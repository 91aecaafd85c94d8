"""Node types: what the machines offer, and how to add one."""

from collections.abc import Callable

from corral_cli.commands.node import look, new
from corral_cli.mount import noun

app = noun("The node types that your machines offer.")
_VERBS: tuple[tuple[str, Callable[..., None], str], ...] = (
    ("list", look.list_types, "Look"),
    ("show", look.show, "Look"),
    ("new", new.new, "Add"),
)
for _name, _verb, _panel in _VERBS:
    app.command(_name, rich_help_panel=_panel)(_verb)
