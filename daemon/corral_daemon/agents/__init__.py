"""Agent CLIs. One file each, with an adapter in `ADAPTER`; adding one touches nothing else."""

import importlib
import logging
import pkgutil
from collections.abc import Mapping
from functools import cache

from corral_daemon.agents.adapter import Adapter

log = logging.getLogger(__name__)


@cache
def registry() -> Mapping[str, Adapter]:
    """Return every adapter of this folder by name. A file that cannot be imported is logged and left out."""
    found: dict[str, Adapter] = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda info: info.name):
        name = f"{__name__}.{module.name}"
        try:
            adapter = getattr(importlib.import_module(name), "ADAPTER", None)
        except Exception:  # a stranger's file must not take the daemon down; it is reported
            log.exception("event=adapter_not_loaded file=%s", name)
            continue
        if adapter is not None:
            found[adapter.name] = adapter
    return found
