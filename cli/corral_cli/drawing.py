"""What changes while somebody looks: drawn in place on a terminal; elsewhere nothing is drawn."""

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from corral_cli.context import Invocation
from corral_cli.lazy import lazy

if TYPE_CHECKING:
    import rich.console as rich_console
    import rich.live as rich_live
else:
    rich_live = lazy("rich.live")


class Drawing:
    """Use it in a `with`. `drawing`: whether there is a terminal, and somebody who wants to see it."""

    per_second = 4

    def __init__(self, cli: Invocation) -> None:
        self._cli = cli
        self.drawing = sys.stdout.isatty() and not cli.output.machine and not cli.output.quiet
        self._stack = ExitStack()

    def picture(self, console: "rich_console.Console") -> "rich_console.RenderableType":
        """Return what is to be seen now."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        if self.drawing:
            console = self._cli.output.console()
            live = rich_live.Live(
                get_renderable=lambda: self.picture(console), console=console, refresh_per_second=self.per_second,
                vertical_overflow="crop",
            )  # fmt: skip
            self._stack.enter_context(live)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
