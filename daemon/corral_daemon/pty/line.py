"""What daemon and holder say to each other, and the holder's end of it."""

import selectors
import socket

from corral_daemon.processes.frames import Frame
from corral_daemon.processes.post import Outbox, Receiver

VERSION = 1
"""Of what daemon and holder say to each other. `hello` and `retire` mean the same in every version."""


class Line:
    """The connection of a daemon."""

    def __init__(self, selector: selectors.BaseSelector, connection: socket.socket) -> None:
        self.connection = connection
        self.receiver = Receiver(connection)
        self._selector = selector
        self._outbox = Outbox(connection)
        self._writing = False

    def say(self, word: str, frame: Frame, descriptors: list[int] | None = None) -> None:
        self._outbox.put({"word": word, **frame}, descriptors)
        if not self._writing:
            self.flush()

    def flush(self) -> None:
        """Send what can be sent; a daemon that is gone is noticed when it is listened to."""
        try:
            done = self._outbox.flush()
        except OSError:
            self._outbox.discard()
            done = True
        if done == self._writing:
            self._writing = not done
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._writing else 0)
            self._selector.modify(self.connection, events, self._selector.get_key(self.connection).data)

    def close(self) -> None:
        self._outbox.discard()
        self._selector.unregister(self.connection)
        self.connection.close()
