"""One visit to a session: everything that is set up for it and taken down again, on every way out."""

import contextlib
import os
import signal
import sys
from collections.abc import Callable
from functools import partial

from corral_cli.terminal.attachment import Attachment
from corral_cli.terminal.display import Display, ScreenGone
from corral_cli.terminal.endings import Ended, Ending, Left
from corral_cli.terminal.face import Face
from corral_cli.terminal.guard import Guard
from corral_cli.terminal.link import Link
from corral_cli.terminal.resume import Position
from corral_cli.terminal.signals import listening
from corral_cli.terminal.tty import Outlet, Raw, window_size
from corral_cli.terminal.wire import Wire
from corral_cli.terminal.wish import Wish

KEYBOARD, SCREEN = 0, 1
_SIGNALS = (
    signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGWINCH, signal.SIGTSTP, signal.SIGCONT,
)  # fmt: skip


def attach(wish: Wish, dial: Callable[[], Wire]) -> Ending:
    """Show the session here until it ends or the person leaves. Raises CliError."""
    sys.stdout.flush()
    link = Link(dial)
    outlet = Outlet(SCREEN)
    try:
        return _visit(wish, link, outlet)
    finally:
        outlet.close()
        link.close()


def _visit(wish: Wish, link: Link, outlet: Outlet) -> Ending:
    piped = not outlet.is_terminal
    display = Display(outlet, Position(wish.offset), None if piped else Guard(wish.allowed))
    face = Face(wish, display, partial(window_size, SCREEN), piped=piped)
    gone = Left(signal.SIGPIPE if piped else signal.SIGHUP)
    ending: Ending = gone
    with listening(_SIGNALS) as signals, contextlib.ExitStack() as stack:
        typing = os.isatty(KEYBOARD) and not piped
        terminal = stack.enter_context(Raw(KEYBOARD)) if typing else None
        try:
            ending = Attachment(wish, link, display, face, terminal, signals).run()
            display.leave(face.last_words(isinstance(ending, Ended)))
        except ScreenGone:
            return gone if ending is gone else ending
        except BaseException:
            with contextlib.suppress(ScreenGone):  # what went wrong is worse than a screen we cannot tidy up
                display.leave(face.last_words(ended=False))
            raise
    return ending
