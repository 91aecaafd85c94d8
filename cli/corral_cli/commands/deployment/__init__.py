"""What is deployed: which triggers are armed, and when they fire."""

from collections.abc import Callable

from corral_cli.commands.deployment import look
from corral_cli.mount import noun

app = noun("Workflows whose triggers are armed.")
_VERBS: tuple[tuple[str, Callable[..., None]], ...] = (
    ("list", look.list_deployments),
    ("show", look.show),
    ("next", look.next_runs),
)
for _name, _verb in _VERBS:
    app.command(_name)(_verb)
