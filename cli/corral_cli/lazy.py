"""Import at first use: keeps `corral --help` and completion fast while imports stay at the top of the file.

Not importlib's LazyLoader: it puts half-loaded modules where other imports find them, and CPython forgets a Ctrl-C that
arrives while such an import looks at them.
"""

import importlib
import sys
from typing import Any


class _Lazy:
    def __init__(self, name: str, unwanted: str) -> None:
        self._name = name
        self._unwanted = unwanted

    def __getattr__(self, attribute: str) -> Any:
        if self._unwanted and self._name not in sys.modules:
            return getattr(_import_without(self._name, self._unwanted), attribute)
        return getattr(importlib.import_module(self._name), attribute)


def lazy(name: str, *, without: str = "") -> Any:
    """Return something that stands for the module `name` and imports it when an attribute is asked for.

    `without` names a module that the import tries and can do without.
    """
    return _Lazy(name, without)


def _import_without(name: str, unwanted: str) -> Any:
    sys.modules[unwanted] = None  # type: ignore[assignment]  # documented: makes importing it fail
    try:
        return importlib.import_module(name)
    finally:
        del sys.modules[unwanted]
