"""What `corral up` and `corral demo` say while they work: calm lines, a spinner only where somebody watches."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

from corral_cli.clock import monotonic
from corral_cli.text import clean, format_duration


class Talk:
    """Speaks to one console. Texts from outside are neutralised before they get here or by `clean`."""

    def __init__(self, console: Console, problems: Console) -> None:
        self.console = console
        self._problems = problems

    @property
    def live(self) -> bool:
        return self.console.is_terminal

    def say(self, line: str = "", style: str = "") -> None:
        self.console.print(Text(line, style=style), soft_wrap=True)

    @contextmanager
    def step(self, doing: str, done: str) -> Iterator[Callable[[str], None]]:
        """Show that `doing` goes on, then `done` and how long it took. Yields a function that changes the text."""
        began = monotonic()
        if self.live:
            with self.console.status(doing) as status:
                yield lambda text: status.update(clean(text))
        else:
            self.say(f"  {doing} …")
            yield self._changes(doing)
        self.say(f"✓ {done}  ({format_duration(monotonic() - began)})", "green" if self.live else "")

    def excerpt(self, title: str, lines: list[str]) -> None:
        """Show the end of a log."""
        self._problems.print(Text(title), soft_wrap=True)
        for line in lines:
            self._problems.print(Text(f"  │ {clean(line)}", style="dim"), soft_wrap=True)

    def _changes(self, first: str) -> Callable[[str], None]:
        last = first

        def change(text: str) -> None:
            nonlocal last
            if text != last:
                last = text
                self.say(f"  {clean(text)} …")

        return change
