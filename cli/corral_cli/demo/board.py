"""The demo's graph while it runs: a tree that lives on a terminal, one line per change anywhere else."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console, RenderableType
from rich.live import Live

from corral_cli.clock import now
from corral_cli.text import clean
from corral_cli.tree import describe, render

Task = Mapping[str, Any]
_WIDE = 200
"""Columns of a file or a pipe: nothing is folded there."""
_MOVE = len("assigned → running")


class Board:
    def __init__(self, console: Console, title: str, *, silent: bool = False) -> None:
        self._console = console
        self._title = title
        self._silent = silent
        self._tasks: Sequence[Task] = ()
        self._states: dict[str, str] = {}

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Draw until the block ends; the last drawing stays."""
        if self._silent:
            yield
        elif self._console.is_terminal:
            with Live(get_renderable=self._draw, console=self._console, refresh_per_second=8):
                yield
        else:
            yield
            self._console.width = _WIDE
            self._console.print(self._draw())

    def update(self, tasks: Sequence[Task]) -> None:
        self._tasks = tasks
        if not self._silent and not self._console.is_terminal:
            width = max((len(clean(task["title"])) for task in tasks), default=0)
            for task in tasks:
                self._note(task, width)

    def _draw(self) -> RenderableType:
        width = self._console.width if self._console.is_terminal else None
        return render(self._tasks, now(), self._title, width=width, ids=False)

    def _note(self, task: Task, width: int) -> None:
        name, status = str(task["id"]), str(task["status"])
        before = self._states.get(name)
        if before == status:
            return
        self._states[name] = status
        moved = f"{before} → {status}" if before else status
        line = f"{now():%H:%M:%S}  {clean(task['title']):<{width}}  {moved:<{_MOVE}}  {describe(task, now())}"
        sys.stdout.write(line.rstrip() + "\n")
        sys.stdout.flush()
