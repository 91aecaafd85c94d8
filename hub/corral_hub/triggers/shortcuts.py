"""The requests that come by thousands, as they are taken before all routes."""

from starlette.types import ASGIApp

from corral_hub.shortcut import Shortcut
from corral_hub.triggers.doors import knock_at_once
from corral_hub.triggers.hooks import METHODS
from corral_hub.workflows.routes import start_run_at_once


def shortcuts(api: str, rest: ASGIApp) -> list[Shortcut]:
    """`api`: where the API begins. `rest`: all routes."""
    return [
        Shortcut(frozenset(METHODS), "/webhook/", "", knock_at_once, rest),
        Shortcut(frozenset({"POST"}), f"{api}/workflows/", "/runs", start_run_at_once, rest),
    ]
