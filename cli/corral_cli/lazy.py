"""Import at first use: keeps `corral --help` and completion fast while imports stay at the top of the file.

Not importlib's LazyLoader: it puts half-loaded modules where other imports find them, and CPython forgets a Ctrl-C that
arrives while such an import looks at them.
"""

import importlib
from typing import Any


class _Lazy:
    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self._name), attribute)


def lazy(name: str) -> Any:
    """Return something that stands for the module `name` and imports it when an attribute is asked for."""
    return _Lazy(name)
