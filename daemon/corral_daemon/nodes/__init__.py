"""Node types. One file each, declared with `@node`; adding one touches nothing else.

Files come from this folder, from modules named by entry points in `corral.nodes`, and from a folder of the machine's
owner, who may replace any of them by a file of the same type there.
"""

import importlib
import importlib.util
import logging
import os
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

from corral_daemon.nodes.node import NodeType

log = logging.getLogger(__name__)
GROUP = "corral.nodes"


class Catalogue:
    """`folder`: where the owner's files are; what changes there is seen at the next `read`."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._loaded: dict[str, tuple[int, tuple[NodeType, ...]]] = {}
        self._seen: dict[str, int] = {}
        self._types: Mapping[str, NodeType] = {}

    def read(self) -> Mapping[str, NodeType]:
        """Return every node type by name, aliases included. A file that cannot be imported is logged and left out."""
        seen = self._look()
        if not self._types or seen != self._seen:
            self._seen, self._types = seen, self._named(seen)
        return self._types

    def _named(self, files: Mapping[str, int]) -> Mapping[str, NodeType]:
        found: dict[str, NodeType] = {}
        for kind in (*shipped(), *_installed(), *self._own(files)):
            for name in (kind.manifest.type, *kind.manifest.aliases):
                found[name] = kind
        return found

    def _look(self) -> dict[str, int]:
        """Return the owner's files and when each was changed. Asked for each node: it costs no more than that."""
        if self._folder is None:
            return {}
        try:
            with os.scandir(self._folder) as entries:
                return {entry.name: _changed(entry) for entry in entries if entry.name.endswith(".py")}
        except OSError:  # there is no such folder
            return {}

    def _own(self, files: Mapping[str, int]) -> Iterator[NodeType]:
        for name in sorted(files):
            known = self._loaded.get(name)
            if self._folder is not None and (known is None or known[0] != files[name]):
                known = self._loaded[name] = (files[name], _load(self._folder / name))
            yield from known[1] if known is not None else ()


def _changed(entry: os.DirEntry[str]) -> int:
    """Return when the file was changed; 0 for one that was taken away while it was looked at."""
    try:
        return entry.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


@cache
def shipped() -> tuple[NodeType, ...]:
    """Return the node types of this folder."""
    found: list[NodeType] = []
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda info: info.name):
        name = f"{__name__}.{info.name}"
        try:
            found += declared(importlib.import_module(name))
        except Exception:  # a stranger's file must not take the daemon down; it is reported
            log.exception("event=node_not_loaded file=%s", name)
    return tuple(found)


def declared(module: ModuleType) -> list[NodeType]:
    return [value for value in vars(module).values() if isinstance(value, NodeType)]


@cache
def _installed() -> tuple[NodeType, ...]:
    found: list[NodeType] = []
    for point in entry_points(group=GROUP):
        try:
            loaded = point.load()
        except Exception:  # as above
            log.exception("event=node_not_loaded entry_point=%s", point.name)
            continue
        found += declared(loaded) if isinstance(loaded, ModuleType) else []
    return tuple(found)


def _load(path: Path) -> tuple[NodeType, ...]:
    name = f"corral_own_nodes.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        return ()
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their own module up
    try:
        spec.loader.exec_module(module)
    except Exception:  # as above
        log.exception("event=node_not_loaded file=%s", path)
        return ()
    return tuple(declared(module))
