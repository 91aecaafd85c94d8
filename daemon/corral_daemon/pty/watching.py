"""What terminals tell whoever judges what their programs do."""

from collections.abc import Callable
from typing import Protocol

from corral_daemon.pty.session import Session
from corral_protocol.to_hub import ToHub

Say = Callable[[ToHub], None]


class Watcher(Protocol):
    """Nothing here waits, and nothing fails."""

    def open(self, session: Session) -> None:
        """It is there, since now or since an earlier daemon."""
        ...

    def moved(self, session: Session) -> None:
        """There are more bytes in its ring. Called very often."""
        ...

    def ended(self, session: Session) -> None:
        """Say what it came to, before its end is said."""
        ...

    def forget(self, session: Session) -> None: ...

    def attach(self, say: Say) -> None:
        """Say by `say`, from now on until `detach`, what sessions do; say now what is believed so far."""
        ...

    def detach(self) -> None: ...

    async def close(self) -> None: ...


class Nobody:
    """Watches nothing."""

    def open(self, session: Session) -> None: ...

    def moved(self, session: Session) -> None: ...

    def ended(self, session: Session) -> None: ...

    def forget(self, session: Session) -> None: ...

    def attach(self, say: Say) -> None: ...

    def detach(self) -> None: ...

    async def close(self) -> None: ...
